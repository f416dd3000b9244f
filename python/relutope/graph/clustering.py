"""Partitions into many parts: spectral clustering and recursive bisection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ..common.arguments import checked_count, checked_seed
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import ReadOnlyArrays
from ..complex.cells import Cells
from .conductance import sweep_cut
from .dual import Weight
from .eigenpairs import spectrum
from .eigensolver import SAME
from .fiedler_vector import FiedlerResult, fiedler
from .kmeans import kmeans
from .laplacian import components, positive_graph

__all__ = ["Clustering", "recursive_bisection", "spectral_clustering"]

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]
Rule: TypeAlias = Literal["sign", "median", "sweep"]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class Clustering(ReadOnlyArrays):
    """A partition of the nodes of a graph into parts.

    Attributes
    ----------
    labels : ndarray, shape (n,), int64
        The part of each node; parts are numbered by their first nodes.
    sizes : ndarray, shape (parts,), int64
        Nodes of each part.
    cut : ndarray, shape (parts,), float64
        Weight of the edges that leave each part.
    volume : ndarray, shape (parts,), float64
        Sum of the degrees of each part's nodes.
    statement : str
        What the partition rests on, and what is arbitrary in it.
    """

    labels: IntArray
    sizes: IntArray
    cut: FloatArray
    volume: FloatArray
    statement: str

    @property
    def n_parts(self) -> int:
        """Number of parts."""
        return len(self.sizes)

    @property
    def normalized_cut(self) -> float:
        """Sum over the parts of cut / volume, 0 for a part of volume 0 (Shi and Malik 2000)."""
        return float(
            np.divide(self.cut, self.volume, out=np.zeros(self.n_parts), where=self.cut > 0).sum()
        )

    def __repr__(self) -> str:
        return (
            f"Clustering({self.n_parts} parts of {len(self.labels)} nodes, "
            f"normalized cut {self.normalized_cut:.4g})"
        )


@ieee_arithmetic
def spectral_clustering(
    complex_or_graph: Cells | Any, n_parts: int, weight: Weight = "unit", *, seed: int = 0
) -> Clustering:
    """Cluster the cells of a complex, or the nodes of a graph, by normalised spectral clustering.

    The nodes are embedded by the eigenvectors of the `n_parts` smallest eigenvalues of the
    normalised Laplacian, scaled to length 1, and clustered by k-means [1]_.

    Parameters
    ----------
    complex_or_graph : Complex, Exploration, Slice, networkx.Graph, sparse array or array_like
        Cells; or a graph, by networkx or as a symmetric matrix of shape (n, n), with finite,
        nonnegative weights. The diagonal is ignored.
    n_parts : int
        From 1 to the number of nodes.
    weight : str
        Edge weight as for `fiedler`: a coupling; only with cells.
    seed : int
        Seed of the eigensolver and of k-means; the result is a function of the input and the seed.

    Returns
    -------
    Clustering
        With fewer parts than asked for only if fewer different points are embedded.

    Raises
    ------
    ValueError
        If `n_parts` is not between 1 and n, or as `spectrum`.

    See Also
    --------
    recursive_bisection, fiedler, spectrum

    Notes
    -----
    The embedding is only determined if the last eigenvalue used differs from the next one;
    `statement` says when it does not. If the graph has more components than `n_parts`, whole
    components are put together, the largest of them apart from each other.

    References
    ----------
    .. [1] A. Y. Ng, M. I. Jordan, Y. Weiss, "On spectral clustering: analysis and an algorithm",
       NIPS 14 (2001).

    Examples
    --------
    Three triangles in a row, with one edge between neighbours:

    >>> import numpy as np
    >>> graph = np.kron(np.eye(3), np.ones((3, 3)))
    >>> graph[2, 3] = graph[3, 2] = graph[5, 6] = graph[6, 5] = 1
    >>> found = spectral_clustering(graph, 3)
    >>> found.labels.tolist(), found.cut.tolist()
    ([0, 0, 0, 1, 1, 1, 2, 2, 2], [1.0, 2.0, 1.0])
    """
    graph, _ = positive_graph(complex_or_graph, weight)
    _check_parts(n_parts, graph.shape[0])
    modes = spectrum(graph, n_parts, normalized=True, seed=checked_seed(seed))
    length = np.linalg.norm(modes.vectors, axis=1, keepdims=True)
    points = np.divide(modes.vectors, length, out=np.zeros_like(modes.vectors), where=length > 0)
    labels = kmeans(points, n_parts, np.random.default_rng(seed))
    text = modes.statement
    agreeing = int(modes.multiplicity[-1])
    agree = modes.values[-1] - modes.values <= SAME * modes.values[-1] + 1e-14
    if modes.open or np.count_nonzero(agree) < agreeing:
        text += (
            f" The eigenvalue {modes.values[-1]:.6g}, the last of the embedding, is repeated "
            "beyond it: this clustering is one choice among many."
        )
    return _clustering(graph, labels, text)


@ieee_arithmetic
def recursive_bisection(
    complex_or_graph: Cells | Any,
    n_parts: int,
    weight: Weight = "unit",
    *,
    normalized: bool = False,
    rule: Rule = "sign",
    seed: int = 0,
) -> Clustering:
    """Cut a graph by its Fiedler vector, then its part of most nodes, until there are enough.

    Parameters
    ----------
    complex_or_graph : Complex, Exploration, Slice, networkx.Graph, sparse array or array_like
        Cells; or a graph, by networkx or as a symmetric matrix of shape (n, n), with finite,
        nonnegative weights. The diagonal is ignored.
    n_parts : int
        From 1 to the number of nodes; exactly that many are made.
    weight : str
        Edge weight as for `fiedler`: a coupling; only with cells.
    normalized : bool
        Use the normalised Laplacian of each part.
    rule : {"sign", "median", "sweep"}
        Where a part is cut: at the sign of its Fiedler vector; into halves of equally many nodes
        [1]_ (of several at the median the first ones); or at the threshold of least conductance
        within the part [2]_. A part of several components is split into its largest component and
        the rest; for "median" into halves of whole components, largest first, but one.
    seed : int
        Seed of the eigensolver.

    Returns
    -------
    Clustering

    Raises
    ------
    ValueError
        If `n_parts` is not between 1 and n, `rule` is unknown, or as `fiedler`.

    See Also
    --------
    spectral_clustering, fiedler

    References
    ----------
    .. [1] A. Pothen, H. D. Simon, K.-P. Liou, "Partitioning sparse matrices with eigenvectors of
       graphs", SIAM J. Matrix Anal. Appl. 11 (1990).
    .. [2] J. Shi, J. Malik, "Normalized cuts and image segmentation", IEEE Trans. Pattern Anal.
       Mach. Intell. 22 (2000).

    Examples
    --------
    >>> import numpy as np
    >>> path = np.diag(np.ones(7), 1) + np.diag(np.ones(7), -1)
    >>> recursive_bisection(path, 4).labels.tolist()
    [0, 0, 1, 1, 2, 2, 3, 3]
    """
    seed = checked_seed(seed)
    graph, _ = positive_graph(complex_or_graph, weight)
    _check_parts(n_parts, graph.shape[0])
    if rule not in get_args(Rule):
        raise ValueError(f"`rule` is {rule!r}; use one of {', '.join(get_args(Rule))}")
    nodes = [np.arange(graph.shape[0])]
    unsure = 0
    while len(nodes) < n_parts:
        largest = int(np.argmax([len(part) for part in nodes]))
        part = nodes.pop(largest)
        side, sure = _cut(csr_array(graph[part][:, part]), normalized, rule, seed)
        unsure += not sure
        nodes += [part[side], part[~side]]
    labels = np.empty(graph.shape[0], dtype=np.int64)
    for number, part in enumerate(nodes):
        labels[part] = number
    text = "Every cut is determined by the graph."
    if unsure:
        text = (
            f"{unsure} of {n_parts - 1} cuts are one choice among many: a repeated or unresolved "
            "eigenvalue, or entries that are 0 within the error bound."
        )
    return _clustering(graph, labels, text)


def _check_parts(n_parts: int, n: int) -> None:
    if not 1 <= checked_count("n_parts", n_parts) <= n:
        raise ValueError(
            f"`n_parts` is {n_parts}; the graph has {n} nodes, give a number from 1 to {n}"
        )


def _cut(graph: csr_array, normalized: bool, rule: Rule, seed: int) -> tuple[BoolArray, bool]:
    """One side, neither empty nor everything, and whether the graph alone determines it."""
    count, component = components(graph)
    if rule == "median":
        return _halves(graph, component, normalized, seed)
    if count > 1:
        sizes = np.bincount(component)
        two = np.sort(sizes)[-2:]
        return component == np.argmax(sizes), bool(two[0] < two[1])
    x, found = _ordered(graph, normalized, seed)
    sure = _sure(found)
    if rule == "sweep":
        return sweep_cut(graph, x)[0], sure
    # One large entry can outweigh others that all count as 0: cut off the least of these.
    return x > x.min() if found.partition.all() else found.partition, sure


def _halves(
    graph: csr_array, component: IntArray, normalized: bool, seed: int
) -> tuple[BoolArray, bool]:
    """The first half of the nodes: whole components, largest first, and the top of one."""
    sizes = np.bincount(component)
    order = np.argsort(-sizes, kind="stable")
    half = (component.size + 1) // 2
    split = order[np.searchsorted(np.cumsum(sizes[order]), half)]
    inside = np.flatnonzero(component == split)
    low, sure = np.zeros(component.size), True
    if inside.size > 1:
        x, found = _ordered(csr_array(graph[inside][:, inside]), normalized, seed)
        low[inside], sure = -x, _sure(found)
    side = np.zeros(component.size, dtype=np.bool_)
    side[np.lexsort((low, np.argsort(order)[component]))[:half]] = True
    return side, sure and np.unique(sizes).size == sizes.size


def _ordered(graph: csr_array, normalized: bool, seed: int) -> tuple[FloatArray, FiedlerResult]:
    """What orders the nodes of a connected graph: the Fiedler vector, the same for equal nodes."""
    found = fiedler(graph, normalized=normalized, seed=seed)
    degree = np.asarray(graph.sum(axis=1))
    return found.vector / np.sqrt(degree) if normalized else found.vector, found


def _sure(found: FiedlerResult) -> bool:
    return found.statement.startswith("Unique") and found.n_undecided == 0


def _clustering(graph: csr_array, labels: IntArray, statement: str) -> Clustering:
    _, first, number = np.unique(labels, return_index=True, return_inverse=True)
    labels = np.argsort(np.argsort(first))[number].astype(np.int64)
    row = np.repeat(labels, np.diff(graph.indptr))
    across = row != labels[graph.indices]
    parts = len(first)
    cut: FloatArray = np.zeros(parts) + np.bincount(row[across], graph.data[across], parts)
    volume: FloatArray = np.zeros(parts) + np.bincount(row, graph.data, parts)
    return Clustering(labels, np.bincount(labels, minlength=parts), cut, volume, statement)
