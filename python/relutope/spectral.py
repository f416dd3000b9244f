"""Fiedler vectors: the second eigenvector of a graph Laplacian and the partition it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse import csr_array, diags_array, issparse
from scipy.sparse.csgraph import connected_components

from .graph import Weight, dual_graph
from .multigrid import Multigrid

if TYPE_CHECKING:
    from .complex import Complex

__all__ = ["FiedlerResult", "fiedler"]

FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]

_DENSE = 500  # nodes up to which all eigenvalues are computed densely (30 ms)
_BLOCK = 4  # eigenpairs iterated on: value, a few copies of it, and the next one
_SAME = 1e-9  # relative difference below which eigenvalues count as one
_FLOOR = 1e-14  # relative to the largest diagonal entry: what double precision can resolve
_MAX_STEPS = 500
_PATIENCE = 30  # steps without halving a residual before the iteration stops


@dataclass(frozen=True, eq=False)
class FiedlerResult:
    """Second-smallest eigenpair of a graph Laplacian, the partition, and what to think of it.

    Attributes
    ----------
    value : float
        The algebraic connectivity: second-smallest eigenvalue, counted with multiplicity. Exactly
        0.0 for a disconnected graph, NaN for a graph of one node.
    vector : ndarray, shape (n,), float64
        A unit eigenvector; the first entry that is not zero in the sense of `partition` is
        positive.
        All NaN where no vector is determined (one node, or more than two components).
    partition : ndarray, shape (n,), bool
        True where the vector is positive, or zero to 1e-6 of its largest entry (to the error
        bound, if that is smaller). All False where the vector is NaN.
    residual : float
        ``||L v - value v||_2``, in the units of the weights. The error of `value` is at most this.
    gap : float
        Distance from `value` to the next eigenvalue that differs; NaN if not known. The vector's
        distance to the nearest exact eigenvector is at most ``sqrt(2) * residual / gap``
        (Davis and Kahan).
    multiplicity : int
        Number of eigenvalues that agree with `value` to 1e-9 relative: a numerical estimate, and
        for graphs of more than 500 nodes a lower bound of at most 4.
    n_components : int
        Number of connected components, over the edges of positive weight.
    n_undecided : int
        Number of entries of the vector that are within the error bound of zero (if `gap` is not
        known, zero to 1e-6 of the largest).
    statement : str
        What the numbers above mean for the vector: "Unique ...", "Not unique ...",
        "Not resolved ...", "The graph has two components ..." or "No partition ...".
    """

    value: float
    vector: FloatArray
    partition: BoolArray
    residual: float
    gap: float
    multiplicity: int
    n_components: int
    n_undecided: int
    statement: str


def fiedler(
    complex_or_graph: Complex | Any,
    weight: Weight = "unit",
    normalized: bool = False,
    seed: int = 0,
) -> FiedlerResult:
    """Compute a Fiedler vector of a dual graph, or of any weighted graph.

    Parameters
    ----------
    complex_or_graph : Complex, sparse array or array_like of shape (n, n)
        A complex, or a symmetric adjacency matrix with finite, nonnegative weights. The diagonal
        is ignored.
    weight : str
        Edge weight as for `dual_graph`; only with a complex.
    normalized : bool
        Use ``I - D^-1/2 W D^-1/2`` instead of ``D - W`` (D: sums of the rows of W).
    seed : int
        Seed of the iteration's start; the result is a function of the input and the seed.

    Returns
    -------
    FiedlerResult
        With `statement` saying whether the partition is unique.

    Raises
    ------
    ValueError
        If the matrix is not square, empty, asymmetric, or has a negative or non-finite weight, or
        `weight` is given together with a matrix.

    Notes
    -----
    A weight is a *coupling*: the larger, the harder to cut. The weights ``distance``, ``bend``,
    ``hamming`` and ``output`` of `dual_graph` are used as they are, so with them the partition
    cuts where neighbouring cells are *alike*; to cut where they differ, pass a decreasing function
    of them, see the example. An edge of weight 0 couples nothing: it counts neither for the
    Laplacian nor for `n_components`, and the statement says so when that disconnects the graph.

    Up to 500 nodes the matrix is diagonalised. Above, LOBPCG [2]_ with an algebraic multigrid
    preconditioner. Cost is nearly linear in the number of edges, whatever the dimension of the
    complex; a sparse LU factorisation is faster in 2-D, but hundreds of times slower in 3-D.

    References
    ----------
    .. [1] M. Fiedler, "Algebraic connectivity of graphs", Czechoslovak Math. J. 23 (1973).
    .. [2] A. V. Knyazev, "Toward the optimal preconditioned eigensolver", SIAM J. Sci. Comput. 23
       (2001).

    Examples
    --------
    A path of four cells is cut in the middle.

    >>> import numpy as np, relutope as rt
    >>> path = np.diag([1.0, 1.0, 1.0], 1) + np.diag([1.0, 1.0, 1.0], -1)
    >>> result = rt.fiedler(path)
    >>> round(result.value, 6), result.partition.tolist()
    (0.585786, [True, True, False, False])

    To cut where the map bends most, turn the bend into a coupling:

    >>> net = rt.Network.from_arrays([([[1.0], [1.0]], [0.0, -1.0]), ([[1.0, 2.0]], [0.0])])
    >>> graph = rt.dual_graph(rt.decompose(net, rt.Box(-1, 2)), weight="bend")
    >>> graph.data = np.exp(-graph.data)
    >>> rt.fiedler(graph).partition.tolist()
    [True, True, False]
    """
    graph, dropped = _adjacency(complex_or_graph, weight)
    n_components, component = connected_components(graph, directed=False)
    if graph.shape[0] == 1 or n_components > 1:
        return _degenerate(graph, component, normalized, dropped)
    laplacian, null = _laplacian(graph, normalized)
    values, vectors = _lowest_modes(laplacian, null, seed)
    return _connected(laplacian, values, vectors, dropped)


def _adjacency(complex_or_graph: Complex | Any, weight: Weight) -> tuple[csr_array, int]:
    """The positive weights off the diagonal, and how many edges of weight 0 were left out."""
    if hasattr(complex_or_graph, "facet_neurons"):
        graph = dual_graph(complex_or_graph, weight)
    elif weight != "unit":
        raise ValueError(f"`weight` is {weight!r}; leave it out, a matrix has its own weights")
    else:
        sparse = issparse(complex_or_graph)
        given: Any = complex_or_graph if sparse else np.atleast_2d(np.asarray(complex_or_graph))
        graph = csr_array(given, dtype=np.float64)
    if graph.shape[0] != graph.shape[1] or graph.shape[0] == 0:
        raise ValueError(f"`complex_or_graph` has shape {graph.shape}; give a square matrix")
    if not np.isfinite(graph.data).all() or (graph.data < 0).any():
        raise ValueError(
            "`complex_or_graph` has a weight that is not finite or < 0; give weights >= 0"
        )
    if (graph - graph.T).count_nonzero():
        raise ValueError("`complex_or_graph` is not symmetric; give an undirected graph")
    row = np.repeat(np.arange(graph.shape[0]), np.diff(graph.indptr))
    edge = row != graph.indices
    keep = edge & (graph.data > 0)
    positive = csr_array((graph.data[keep], (row[keep], graph.indices[keep])), shape=graph.shape)
    return positive, int(np.count_nonzero(edge & ~keep)) // 2


def _laplacian(graph: csr_array, normalized: bool) -> tuple[csr_array, FloatArray]:
    """The Laplacian of a connected graph and its unit null vector."""
    degree = np.asarray(graph.sum(axis=1))
    if normalized:
        root = np.sqrt(degree)
        scale = diags_array(1 / root, format="csr")
        laplacian = diags_array(np.ones_like(root), format="csr") - scale @ graph @ scale
        return csr_array(laplacian), root / np.linalg.norm(root)
    laplacian = diags_array(degree, format="csr") - graph
    return csr_array(laplacian), np.full(degree.size, degree.size**-0.5)


def _lowest_modes(
    laplacian: csr_array, null: FloatArray, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Eigenvalues (k,) ascending and vectors (n, k) of the lowest modes orthogonal to `null`.

    All of them (k = n - 1) up to _DENSE nodes, else k = _BLOCK, of which the first is converged.
    """
    n = laplacian.shape[0]
    scale = laplacian.diagonal().max()
    if n <= _DENSE:
        # Moving the null vector to the top keeps it apart from a second eigenvalue near 0.
        values, vectors = eigh(laplacian.toarray() + 3 * scale * np.outer(null, null))
        return values[:-1], vectors[:, :-1]
    rng = np.random.default_rng(seed)
    matrix = csr_array(laplacian / scale)
    multigrid = Multigrid(matrix, null, rng)
    noise = rng.standard_normal((n, _BLOCK))
    start = multigrid.low_modes(_BLOCK)
    noise[:, : start.shape[1]] *= 1e-4
    noise[:, : start.shape[1]] += start * (np.sqrt(n) / np.linalg.norm(start, axis=0))
    values, vectors = _lobpcg(matrix, null[:, None], noise, multigrid)
    return values * scale, vectors


def _lobpcg(
    matrix: csr_array, null: FloatArray, start: FloatArray, multigrid: Multigrid
) -> tuple[FloatArray, FloatArray]:
    """Lowest eigenpairs orthogonal to `null` (n, 1), from a start (n, k).

    LOBPCG with an orthonormal basis (Knyazev 2001; Hetmaniuk and Lehoucq 2006): unlike a plain
    Gram matrix it loses no vector of the block when the basis becomes nearly dependent.
    """
    x = _orthonormal(start, null)
    values, rotation = eigh(x.T @ (matrix @ x))
    x, direction = x @ rotation, x[:, :0]
    best, since = np.inf, 0
    for _ in range(_MAX_STEPS):
        residuals = matrix @ x - x * values
        norms = np.linalg.norm(residuals, axis=0)
        excess = _excess(values, norms)
        best, since = (excess, 0) if excess < best / 2 else (best, since + 1)
        if excess <= 1 or since == _PATIENCE:
            break
        basis = np.hstack([null, x])
        basis = np.hstack([basis, _orthonormal(multigrid.solve(residuals), basis)])
        basis = np.hstack([basis, _orthonormal(direction, basis)])[:, 1:]
        values, rotation = eigh(basis.T @ (matrix @ basis))
        values, rotation = values[: x.shape[1]], rotation[:, : x.shape[1]]
        direction = basis[:, x.shape[1] :] @ rotation[x.shape[1] :]
        x = basis @ rotation
    return values, x


def _excess(values: FloatArray, residuals: FloatArray) -> float:
    """Factor by which the residuals exceed what a trustworthy first vector needs; done at 1.

    The first vector's error is its residual over the gap. Copies of the first value must be
    accurate enough to be recognised, the first other value only to bound the gap.
    """
    distance = values - values[0]
    near = distance <= 1e-3 * values[0]
    gap = values[0] if near.all() else distance[~near][0]
    apart = distance[near & (distance > _SAME * values[0])]
    wanted = np.full(values.size, np.inf)
    wanted[near] = min(1e-10, 1e-5 * values[0])
    wanted[0] = min(1e-10, 1e-6 * (apart[0] if apart.size else gap))
    if not near.all():
        wanted[np.argmin(near)] = 0.1 * gap
    return float(np.max(residuals / np.maximum(_FLOOR, wanted)))


def _orthonormal(block: FloatArray, against: FloatArray) -> FloatArray:
    """An orthonormal basis (n, <=k) of the block's part orthogonal to `against`."""
    for _ in range(2):  # once leaves an error of the block's condition, twice is enough
        block = block - against @ (against.T @ block)
        norms = np.linalg.norm(block, axis=0)
        block = block[:, norms > 0] / norms[norms > 0]
        weights, rotation = eigh(block.T @ block) if block.shape[1] else (norms[:0], block[:0])
        keep = weights > 1e-12 * block.shape[1]
        block = block @ (rotation[:, keep] / np.sqrt(weights[keep]))
    return block


def _connected(
    laplacian: csr_array, values: FloatArray, vectors: FloatArray, dropped: int
) -> FiedlerResult:
    """Result for a connected graph of at least two nodes from its lowest modes."""
    n = laplacian.shape[0]
    value, vector = float(values[0]), vectors[:, 0] / np.linalg.norm(vectors[:, 0])
    residual = float(np.linalg.norm(laplacian @ vector - value * vector))
    rounding = 1e-15 * float(laplacian.diagonal().max())
    same = values - value <= _SAME * value + rounding
    multiplicity = int(np.count_nonzero(same))
    complete = values.size == n - 1
    beyond = np.inf if complete else np.nan
    gap = beyond if same.all() else float(values[multiplicity] - value)
    largest = float(np.abs(vector).max())
    error = np.sqrt(2) * (residual + rounding) / max(gap, rounding)
    bound = 1e-6 * largest if np.isnan(gap) else float(error)
    tolerance = min(bound, 1e-6 * largest)
    first = int(np.argmax(np.abs(vector) > tolerance))
    vector = np.copysign(1.0, vector[first]) * vector
    n_undecided = int(np.count_nonzero(np.abs(vector) <= bound))
    return FiedlerResult(
        value=value,
        vector=vector,
        partition=vector >= -tolerance,
        residual=residual,
        gap=gap,
        multiplicity=multiplicity,
        n_components=1,
        n_undecided=n_undecided,
        statement=_statement(value, gap, multiplicity, complete, bound, n_undecided, dropped),
    )


def _statement(
    value: float,
    gap: float,
    multiplicity: int,
    complete: bool,
    bound: float,
    n_undecided: int,
    dropped: int,
) -> str:
    if bound >= 0.5:
        text = (
            f"Not resolved: the eigenvalue {value:.6g} and the gap {gap:.6g} after it are too "
            "small beside the largest weights for double precision, the graph hangs together by "
            "very small weights only; drop these, or try the other setting of `normalized`."
        )
    elif multiplicity > 1:
        text = (
            f"Not unique: the eigenvalue {value:.6g} is repeated ({'' if complete else 'at least '}"
            f"{multiplicity} copies agree to {_SAME:g} relative), every vector of its eigenspace "
            "is a Fiedler vector, and this partition is one choice among many."
        )
    else:
        text = (
            f"Unique up to its sign: the eigenvalue {value:.6g} is simple, the next one is larger "
            f"by {gap:.6g}."
        )
    if n_undecided:
        text += (
            f" {n_undecided} entries of the vector are within the error bound {bound:.3g} of zero, "
            "so their side is not certain."
        )
    return text + _dropped_edges(dropped)


def _dropped_edges(dropped: int) -> str:
    return f" {dropped} edges of weight 0 couple nothing and were left out." if dropped else ""


def _degenerate(
    graph: csr_array, component: NDArray[np.int32], normalized: bool, dropped: int
) -> FiedlerResult:
    """Result for a graph of one node or of several components."""
    n, n_components = component.size, int(component.max()) + 1
    vector = np.full(n, np.nan)
    partition = np.zeros(n, dtype=np.bool_)
    if n_components == 2:
        partition = component == component[0]
        vector = _indicator(graph, partition, normalized)
        text = "The graph has two components: the value is 0 and the partition is these two."
    elif n_components > 2:
        text = (
            f"No partition: the graph has {n_components} components, so the eigenvalue 0 is "
            f"repeated and every grouping of components is optimal; take the components "
            "themselves (scipy.sparse.csgraph.connected_components), or one of them."
        )
    else:
        text = "No partition: a graph of one node has no second eigenvalue."
    return FiedlerResult(
        value=0.0 if n > 1 else np.nan,
        vector=vector,
        partition=partition,
        residual=0.0 if n_components == 2 else np.nan,
        gap=np.nan,
        multiplicity=n_components - 1,
        n_components=n_components,
        n_undecided=0,
        statement=text + _dropped_edges(dropped),
    )


def _indicator(graph: csr_array, side: BoolArray, normalized: bool) -> FloatArray:
    """Unit vector of the null space that tells two components apart, positive on `side`."""
    degree = np.asarray(graph.sum(axis=1))
    null = np.sqrt(np.where(degree > 0, degree, 1.0)) if normalized else np.ones(side.size)
    vector = np.where(side, null / (null[side] @ null[side]), -null / (null[~side] @ null[~side]))
    return np.asarray(vector / np.linalg.norm(vector))
