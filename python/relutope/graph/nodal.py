"""Nodal domains: where an eigenvector keeps its sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import ReadOnlyArrays
from ..complex.cells import Cells
from .dual import Weight
from .laplacian import positive_graph

__all__ = ["NodalDomains", "nodal_domains"]

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class NodalDomains(ReadOnlyArrays):
    """Nodal domains of a vector on a graph; see `nodal_domains`.

    Attributes
    ----------
    strong : ndarray, shape (n,), int64
        The strong domain of each node, numbered by first nodes; -1 where the vector is 0.
    weak_positive, weak_negative : ndarray, shape (n,), int64
        The weak domain of each node among those with entries >= 0, and among those with entries
        <= 0; -1 elsewhere. A node where the vector is 0 can be in a domain of each kind.
    n_strong, n_weak : int
        Numbers of domains, of both signs together.
    n_zero : int
        Number of entries taken for 0.
    """

    strong: IntArray
    weak_positive: IntArray
    weak_negative: IntArray
    n_strong: int
    n_weak: int
    n_zero: int

    def __repr__(self) -> str:
        return (
            f"NodalDomains({self.n_strong} strong, {self.n_weak} weak, {self.n_zero} zeros; "
            f"{len(self.strong)} nodes)"
        )


@ieee_arithmetic
def nodal_domains(
    complex_or_graph: Cells | Any,
    vector: ArrayLike,
    weight: Weight = "unit",
    *,
    zero: float | None = None,
) -> NodalDomains:
    """Connected sets of nodes on which a vector keeps its sign.

    A *strong* domain is a maximal connected set of nodes on which the vector is positive, or
    negative. A *weak* one is a maximal connected set on which it is >= 0, or <= 0, and not 0 as a
    whole.

    Parameters
    ----------
    complex_or_graph : Complex, Exploration, Slice, networkx.Graph, sparse array or array_like
        Edges of weight 0 and the diagonal are ignored; other weights make no difference.
    vector : array_like, shape (n,)
        Finite; for instance ``fiedler(cx).vector`` or a column of ``spectrum(cx).vectors``.
    weight : str
        Edge weight as for `fiedler`, only with cells: which edges have weight 0.
    zero : float, optional
        Entries of at most this size count as 0; without it 1e-6 of the largest, which is about what
        a computed eigenvector is good for. Take the error bound ``sqrt(2) * residual / gap`` where
        the vector is known better and decays so far that it matters.

    Returns
    -------
    NodalDomains

    Raises
    ------
    ValueError
        If the matrix is not a graph, see `spectrum`, the vector does not fit, or `zero` is not a
        number >= 0.

    See Also
    --------
    spectrum, fiedler

    Notes
    -----
    Of a connected graph with eigenvalues ``lambda_1 <= lambda_2 <= ...``, an eigenvector of
    lambda_k = ... = lambda_(k+r-1), of multiplicity r and with lambda_(k-1) < lambda_k, has at most
    k weak and at most k + r - 1 strong nodal domains [1]_: Courant's theorem for graphs.

    References
    ----------
    .. [1] E. B. Davies, G. M. L. Gladwell, J. Leydold, P. F. Stadler, "Discrete nodal domain
       theorems", Linear Algebra Appl. 336 (2001).

    Examples
    --------
    On a path of five nodes, with a zero in the middle:

    >>> import numpy as np
    >>> path = np.diag(np.ones(4), 1) + np.diag(np.ones(4), -1)
    >>> found = nodal_domains(path, [2.0, 1.0, 0.0, -1.0, -2.0])
    >>> found.n_strong, found.strong.tolist()
    (2, [0, 0, -1, 1, 1])
    >>> found.n_weak, found.weak_positive.tolist(), found.weak_negative.tolist()
    (2, [0, 0, 0, -1, -1], [-1, -1, 0, 0, 0])
    """
    graph, _ = positive_graph(complex_or_graph, weight)
    x = np.asarray(vector, dtype=np.float64)
    n = graph.shape[0]
    if x.shape != (n,) or not np.isfinite(x).all():
        raise ValueError(f"`vector` has shape {x.shape}; give {n} finite numbers, one per node")
    if zero is None:
        zero = 1e-6 * float(np.abs(x).max())
    if not zero >= 0:
        raise ValueError(f"`zero` is {zero}; give a number >= 0")
    sign = np.where(np.abs(x) <= zero, 0, np.sign(x)).astype(np.int64)
    strong = _domains(graph, sign, sign != 0)
    positive = _domains(graph, (sign >= 0).astype(np.int64), sign >= 0, sign > 0)
    negative = _domains(graph, (sign <= 0).astype(np.int64), sign <= 0, sign < 0)
    weak = int(positive.max(initial=-1) + negative.max(initial=-1)) + 2
    zeros = int(np.count_nonzero(sign == 0))
    return NodalDomains(strong, positive, negative, int(strong.max(initial=-1)) + 1, weak, zeros)


def _domains(
    graph: csr_array, sign: IntArray, inside: BoolArray, nonzero: BoolArray | None = None
) -> IntArray:
    """Components of the nodes `inside` over edges of equal sign; those with a node of `nonzero`."""
    row = np.repeat(np.arange(sign.size), np.diff(graph.indptr))
    keep = inside[row] & (sign[row] == sign[graph.indices])
    ones = np.ones(np.count_nonzero(keep), dtype=np.int8)
    equal = csr_array((ones, (row[keep], graph.indices[keep])), shape=graph.shape)
    _, component = connected_components(equal, directed=False)
    counted = inside if nonzero is None else nonzero
    chosen, first = np.unique(component[counted], return_index=True)
    number = np.full(sign.size, -1, dtype=np.int64)  # by component
    number[chosen[np.argsort(first)]] = np.arange(chosen.size)
    return np.where(inside, number[component], -1)
