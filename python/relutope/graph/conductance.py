"""How well a graph can be cut in two: Cheeger's inequality, and the cut that proves half of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import ReadOnlyArrays
from ..complex.cells import Cells
from .dual import Weight
from .fiedler_vector import fiedler
from .laplacian import components, dropped_edges, positive_graph

__all__ = ["CheegerBounds", "cheeger", "conductance", "sweep_cut"]

FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]

_ROUNDING = 1e-14  # of the eigenvalues of a normalised Laplacian, which are at most 2


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class CheegerBounds(ReadOnlyArrays):
    """Bounds on the conductance h of a graph, and a cut that is at least as good as the upper one.

    The conductance of a set S of nodes is the weight of the edges that leave it over the smaller of
    the volumes of S and its complement; the volume is the sum of the nodes' degrees, the degree of
    a node that of the weights of its edges. h is the least conductance of all cuts.

    Attributes
    ----------
    value : float
        The second-smallest eigenvalue of the normalised Laplacian, lambda_2.
    lower, upper : float
        ``(lambda_2 - e) / 2`` (0 if that is negative) and ``sqrt(2 (lambda_2 + e))``, where e is
        the residual and 1e-14 for rounding.
    conductance : float
        Of the cut; h is at most this, and this is at most `upper`. Sums are rounded once.
    partition : ndarray, shape (n,), bool
        The cut; True for the first node. All False if there is only one node.
    residual : float
        Of the eigenpair. `lower` holds if no eigenvalue below `value` was missed, see `spectrum`;
        `conductance` needs no such proviso.
    n_components : int
        Number of connected components. If there are several, everything is 0 and the cut separates
        the first component.
    statement : str
        In words.
    """

    value: float
    lower: float
    upper: float
    conductance: float
    partition: BoolArray
    residual: float
    n_components: int
    statement: str

    def __repr__(self) -> str:
        best = min(self.conductance, self.upper)
        return f"CheegerBounds({self.lower:.6g} <= h <= {best:.6g}, {len(self.partition)} nodes)"


def conductance(graph: Any, partition: ArrayLike) -> float:
    """Weight of the edges between two parts over the smaller of their volumes.

    Parameters
    ----------
    graph : sparse array or array_like, shape (n, n)
        Symmetric, nonnegative weights; the diagonal is ignored.
    partition : array_like of bool, shape (n,)

    Returns
    -------
    float
        The two sums are exact and rounded once. 0 where no edge is cut though a part has volume 0,
        NaN where a part has no node.

    Raises
    ------
    ValueError
        If the matrix is not a graph, see `spectrum`, or the partition does not fit.

    Examples
    --------
    A path of four nodes, cut in the middle: one edge of a volume of 3.

    >>> import numpy as np
    >>> path = np.diag([1.0, 1.0, 1.0], 1) + np.diag([1.0, 1.0, 1.0], -1)
    >>> conductance(path, [True, True, False, False])
    0.3333333333333333
    """
    matrix, _ = positive_graph(graph, "unit")
    side = np.asarray(partition)
    if side.shape != (matrix.shape[0],) or side.dtype != np.bool_:
        raise ValueError(
            f"`partition` has shape {side.shape} and dtype {side.dtype}; give "
            f"{matrix.shape[0]} bools, one per node"
        )
    return _conductance(matrix, side)


def sweep_cut(graph: Any, vector: ArrayLike) -> tuple[BoolArray, float]:
    """The best of the n - 1 cuts that separate small entries of a vector from large ones.

    Parameters
    ----------
    graph : sparse array or array_like, shape (n, n)
        Symmetric, nonnegative weights; the diagonal is ignored.
    vector : array_like, shape (n,)
        Finite. Equal entries are ordered by their nodes.

    Returns
    -------
    partition : ndarray, shape (n,), bool
        True for the first node.
    conductance : float
        As by `conductance`.

    Raises
    ------
    ValueError
        If the matrix is not a graph, see `spectrum`, it has fewer than two nodes, or the vector
        does not fit.

    Notes
    -----
    For every vector x with ``sum(degree * x) == 0`` the conductance is at most ``sqrt(2 R)``,
    R = ``sum(w_ij (x_i - x_j)^2) / sum(degree * x^2)`` (M. Mihail, FOCS 1989).

    Examples
    --------
    >>> import numpy as np
    >>> path = np.diag([1.0, 1.0, 1.0], 1) + np.diag([1.0, 1.0, 1.0], -1)
    >>> side, value = sweep_cut(path, [3.0, 2.0, -1.0, -4.0])
    >>> side.tolist(), round(value, 4)
    ([True, True, False, False], 0.3333)
    """
    matrix, _ = positive_graph(graph, "unit")
    x = np.asarray(vector, dtype=np.float64)
    n = matrix.shape[0]
    if n < 2:
        raise ValueError("`graph` has one node; a cut needs two")
    if x.shape != (n,) or not np.isfinite(x).all():
        raise ValueError(f"`vector` has shape {x.shape}; give {n} finite numbers, one per node")
    return _sweep(matrix, x)


@ieee_arithmetic
def cheeger(
    complex_or_graph: Cells | Any, weight: Weight = "unit", *, seed: int = 0
) -> CheegerBounds:
    """Bounds on the conductance of a dual graph, or of any weighted graph.

    Parameters
    ----------
    complex_or_graph : Complex, Exploration, Slice, networkx.Graph, sparse array or array_like
        Cells; or a graph, by networkx or as a symmetric matrix of shape (n, n), with finite,
        nonnegative weights. The diagonal is ignored.
    weight : str
        Edge weight as for `fiedler`; only with cells.
    seed : int
        Seed of the iteration's start.

    Returns
    -------
    CheegerBounds

    Raises
    ------
    ValueError
        As `fiedler`.

    See Also
    --------
    fiedler, spectrum, relutope.graph.sweep_cut

    Notes
    -----
    ``lambda_2 / 2 <= h <= sqrt(2 lambda_2)``, for Riemannian manifolds by Cheeger [1]_, for graphs
    by Alon and Milman [2]_, in this form by Chung [3]_, chapter 2. The cut is the `sweep_cut` of
    the eigenvector, divided by the roots of the degrees.

    References
    ----------
    .. [1] J. Cheeger, "A lower bound for the smallest eigenvalue of the Laplacian", Problems in
       Analysis, Princeton (1970).
    .. [2] N. Alon, V. D. Milman, "lambda_1, isoperimetric inequalities for graphs, and
       superconcentrators", J. Combin. Theory B 38 (1985).
    .. [3] F. R. K. Chung, "Spectral Graph Theory", AMS (1997).

    Examples
    --------
    Two triangles with one edge between them: one of 14 edge ends is cut, on either side.

    >>> import numpy as np
    >>> graph = np.kron(np.eye(2), np.ones((3, 3)))
    >>> graph[2, 3] = graph[3, 2] = 1
    >>> found = cheeger(graph)
    >>> found.partition.tolist(), round(found.conductance, 4)
    ([True, True, True, False, False, False], 0.1429)
    >>> bool(found.lower <= found.conductance <= found.upper)
    True
    """
    graph, dropped = positive_graph(complex_or_graph, weight)
    count, component = components(graph)
    if graph.shape[0] == 1 or count > 1:
        return _degenerate(component == 0, count, dropped)
    found = fiedler(graph, normalized=True, seed=seed)
    root = np.sqrt(np.asarray(graph.sum(axis=1)))
    partition, best = _sweep(graph, found.vector / root)
    error = found.residual + _ROUNDING
    lower = max(0.0, (found.value - error) / 2)
    upper = math.sqrt(2 * max(0.0, found.value + error))
    text = (
        f"The conductance is between {lower:.6g} and {min(best, upper):.6g}; the cut has {best:.6g}"
        f", Cheeger's inequality promises {upper:.6g}."
    )
    if found.statement.startswith("Not resolved"):
        text += f" {found.statement}"
    text += dropped_edges(dropped)
    return CheegerBounds(found.value, lower, upper, best, partition, found.residual, 1, text)


def _degenerate(first: BoolArray, count: int, dropped: int) -> CheegerBounds:
    """For one node, or several components."""
    if count == 1:
        text = "No bounds: a graph of one node cannot be cut."
        value, side = float("nan"), ~first
    else:
        text = f"The graph has {count} components: the conductance is 0, and so are the bounds."
        value, side = 0.0, first
    residual = 0.0 if count > 1 else value
    text += dropped_edges(dropped)
    return CheegerBounds(value, value, value, value, side, residual, count, text)


def _sweep(graph: csr_array, x: FloatArray) -> tuple[BoolArray, float]:
    n = x.size
    rank = np.empty(n, dtype=np.int64)
    rank[np.argsort(x, kind="stable")] = np.arange(n)
    row = np.repeat(rank, np.diff(graph.indptr))
    column = rank[graph.indices]
    up = row < column
    # An edge between the ranks p < q is cut by the prefixes of p + 1 to q nodes.
    weights = graph.data[up]
    change = np.bincount(row[up], weights, n) - np.bincount(column[up], weights, n)
    cut = np.cumsum(change)[:-1]
    volume = np.cumsum(np.bincount(row, graph.data, n))
    smaller = np.minimum(volume[:-1], volume[-1] - volume[:-1])
    ratio = np.divide(cut, smaller, out=np.full(n - 1, np.inf), where=smaller > 0)
    side = rank <= int(np.argmin(ratio))
    side = side if side[0] else ~side
    return side, _conductance(graph, side)


def _conductance(graph: csr_array, side: BoolArray) -> float:
    row = np.repeat(side, np.diff(graph.indptr))
    if side.all() or not side.any():
        return float("nan")
    across = math.fsum(graph.data[row & ~side[graph.indices]].tolist())
    volume = min(math.fsum(graph.data[row].tolist()), math.fsum(graph.data[~row].tolist()))
    return across / volume if across else 0.0
