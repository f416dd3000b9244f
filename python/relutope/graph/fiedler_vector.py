"""Fiedler vectors: the second eigenvector of a graph Laplacian and the partition it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ..common.arguments import checked_seed
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import ReadOnlyArrays
from ..complex.cells import Cells
from .dual import Weight
from .eigensolver import SAME, lowest_modes
from .laplacian import components, dropped_edges, laplacian, positive_graph

__all__ = ["FiedlerResult", "fiedler"]

FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class FiedlerResult(ReadOnlyArrays):
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

    def __repr__(self) -> str:
        return (
            f"FiedlerResult(value={self.value:.6g}, {len(self.vector)} nodes, "
            f"{int(self.partition.sum())} on the positive side; {self.statement.split(':')[0]})"
        )


@ieee_arithmetic
def fiedler(
    complex_or_graph: Cells | Any,
    weight: Weight = "unit",
    *,
    normalized: bool = False,
    seed: int = 0,
) -> FiedlerResult:
    """Compute a Fiedler vector of a dual graph, or of any weighted graph.

    Parameters
    ----------
    complex_or_graph : Complex, Exploration, Slice, networkx.Graph, sparse array or array_like
        Cells; or a graph, by networkx or as a symmetric matrix of shape (n, n), with finite,
        nonnegative weights. The diagonal is ignored.
    weight : str
        Edge weight as for `dual_graph`; only with cells.
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
        the largest weight or their sum is not between 1e-120 and 1e120; or `weight` is unknown, or
        given together with a matrix.

    See Also
    --------
    spectrum, spectral_clustering, dual_graph, cut_distance

    Notes
    -----
    A weight is a *coupling*: the larger, the harder to cut. The weights ``distance``, ``bend``,
    ``hamming`` and ``output`` of `dual_graph` are used as they are, so with them the partition
    cuts where neighbouring cells are *alike*; to cut where they differ, take ``inverse-distance``
    and so on, which are ``m / (m + d)`` for the difference d and the median m of the positive
    differences, or pass another decreasing function, see the example. An edge of weight 0 couples
    nothing: it counts neither for the Laplacian nor for `n_components`, and the statement says so
    when that disconnects the graph.

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
    seed = checked_seed(seed)
    graph, dropped = positive_graph(complex_or_graph, weight)
    n_components, component = components(graph)
    matrix, null = laplacian(graph, normalized)
    if graph.shape[0] == 1 or n_components > 1:
        return _degenerate(null, component, dropped)
    del graph  # as large as the Laplacian
    values, vectors = lowest_modes(matrix, null, 1, seed)
    return _connected(matrix, values, vectors, dropped)


def _connected(
    matrix: csr_array, values: FloatArray, vectors: FloatArray, dropped: int
) -> FiedlerResult:
    """Result for a connected graph of at least two nodes from its lowest modes."""
    n = matrix.shape[0]
    value, vector = float(values[0]), vectors[:, 0] / np.linalg.norm(vectors[:, 0])
    residual = float(np.linalg.norm(matrix @ vector - value * vector))
    rounding = 1e-15 * float(matrix.diagonal().max())
    same = values - value <= SAME * value + rounding
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
        statement=_statement(
            value, gap, rounding, multiplicity, complete, bound, n_undecided, dropped
        ),
    )


def _statement(
    value: float,
    gap: float,
    rounding: float,
    multiplicity: int,
    complete: bool,
    bound: float,
    n_undecided: int,
    dropped: int,
) -> str:
    if bound >= 0.5 or value <= 10 * rounding:
        text = (
            f"Not resolved: the eigenvalue {value:.6g} and the gap {gap:.6g} after it are too "
            "small beside the largest weights for double precision, the graph hangs together by "
            "very small weights only; drop these, or try the other setting of `normalized`."
        )
    elif multiplicity > 1:
        text = (
            f"Not unique: the eigenvalue {value:.6g} is repeated ({'' if complete else 'at least '}"
            f"{multiplicity} copies agree to {SAME:g} relative), every vector of its eigenspace "
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
    return text + dropped_edges(dropped)


def _degenerate(null: FloatArray, component: NDArray[np.int64], dropped: int) -> FiedlerResult:
    """Result for a graph of one node or of several components."""
    n, n_components = component.size, int(component.max()) + 1
    vector = np.full(n, np.nan)
    partition = np.zeros(n, dtype=np.bool_)
    if n_components == 2:
        partition = component == component[0]
        vector = _indicator(null, partition)
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
        statement=text + dropped_edges(dropped),
    )


def _indicator(null: FloatArray, side: BoolArray) -> FloatArray:
    """Unit vector of the null space that tells two components apart, positive on `side`."""
    vector = np.where(side, null / (null[side] @ null[side]), -null / (null[~side] @ null[~side]))
    return np.asarray(vector / np.linalg.norm(vector))
