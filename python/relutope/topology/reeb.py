"""Reeb graphs of functions on complexes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import FloatArray, IntArray, ReadOnlyArrays
from ..common.extras import require
from ..complex.cells import ComplexLike, complex_of
from .heights import Output, height_of
from .plateaus import Plateaus
from .trees import augmented_tree, contour_arcs, merging

if TYPE_CHECKING:
    from networkx import Graph

__all__ = ["ReebGraph", "reeb_graph"]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class ReebGraph(ReadOnlyArrays):
    """The components of all level sets of a function, as a graph; see `reeb_graph`.

    Attributes
    ----------
    values : ndarray of float64, shape (m,)
        The function at each node, increasing; ``-inf`` and ``inf`` where an arc goes on for ever.
    vertices : ndarray of int64, shape (m,)
        A vertex of the complex in each node's component, numbered as in `Complex.cell_vertices`;
        -1 at infinity.
    arcs : ndarray of int64, shape (k, 2)
        The lower and the higher node of each arc. An arc is a component of the level sets between
        the values of its nodes.
    """

    values: FloatArray
    vertices: IntArray
    arcs: IntArray

    def __len__(self) -> int:
        return len(self.values)

    @property
    def down(self) -> IntArray:
        """How many arcs end at each node from below: 0 at a minimum."""
        return np.bincount(self.arcs[:, 1], minlength=len(self)).astype(np.int64)

    @property
    def up(self) -> IntArray:
        """How many arcs begin at each node: 0 at a maximum."""
        return np.bincount(self.arcs[:, 0], minlength=len(self)).astype(np.int64)

    def n_components(self, level: float) -> int:
        """Number of components of a level set, at a level that is the value of no node.

        Parameters
        ----------
        level : float

        Returns
        -------
        int

        Raises
        ------
        ValueError
            If a node's value rounds to this level, so that the node may lie on either side of it.
        """
        if (self.values == level).any():
            raise ValueError(f"`level` is {level}, the value of a node; take one beside it")
        low, high = self.values[self.arcs].T
        return int(((low < level) & (level < high)).sum())

    def to_networkx(self) -> Graph:
        """The graph with ``value`` and ``vertex`` of each node.

        Returns
        -------
        networkx.Graph
        """
        require("networkx", "a graph of networkx")
        import networkx as nx

        graph = nx.Graph()
        for node, (value, vertex) in enumerate(zip(self.values, self.vertices, strict=True)):
            graph.add_node(node, value=float(value), vertex=int(vertex))
        graph.add_edges_from(self.arcs.tolist())
        return graph

    def __repr__(self) -> str:
        return f"ReebGraph({len(self)} nodes, {len(self.arcs)} arcs)"


@ieee_arithmetic
def reeb_graph(
    complex: ComplexLike,
    *,
    output: Output | None = None,
    neuron: int | None = None,
    label: int | None = None,
) -> ReebGraph:
    """Return the Reeb graph of a function: the domain with each contour shrunk to a point, exactly.

    A contour is a component of a level set. Nodes are those where the contours of nearby levels are
    born, split, merge or vanish.

    Parameters
    ----------
    complex : Complex or Slice
        The complex, over any domain.
    output, neuron, label
        The function, as for `critical_cells`.

    Returns
    -------
    ReebGraph

    Raises
    ------
    ValueError, IndexError
        As for `critical_cells`.

    See Also
    --------
    merge_tree, critical_cells

    Notes
    -----
    Domains are convex, so the graph is a tree, the *contour tree*, and there is one arc between two
    nodes at most. It is joined from the merge trees of sublevel and superlevel sets [1]_. Plateaus
    of the same value that one contour contains are one node, decided exactly. Critical points at
    which contours change their topology but not their number, as where a sphere becomes a torus,
    are no nodes.

    Over an unbounded domain arcs may go on for ever; they end in leaves of value ``-inf`` or
    ``inf``.

    References
    ----------
    .. [1] H. Carr, J. Snoeyink, U. Axen, "Computing contour trees in all dimensions", Comput. Geom.
       24 (2003).

    Examples
    --------
    The contours of ``||x| + |y| - 1|`` below 1 are a diamond outside of the ring and one inside,
    which shrinks to the origin.

    >>> import relutope as rt
    >>> from relutope.topology import reeb_graph
    >>> net = [([[1, 0], [-1, 0], [0, 1], [0, -1]], [0] * 4),
    ...        ([[1] * 4, [-1] * 4], [-1, 1]), ([[1, 1]], [0])]
    >>> graph = reeb_graph(rt.decompose(net))
    >>> graph.values.tolist(), graph.arcs.tolist()
    ([0.0, 1.0, inf], [[0, 1], [0, 2]])
    """
    height = height_of(complex_of(complex), output, neuron, label)
    if height.along_lines:
        ends = np.array([-np.inf, np.inf])
        return ReebGraph(ends, np.array([-1, -1]), np.array([[0, 1]]))
    plateaus = Plateaus(height)
    ends, last = plateaus.of_vertex[plateaus.ends], len(plateaus) - 1
    rising, falling = merging(ends, last + 1), merging(last - ends, last + 1)
    nodes = np.union1d(rising.critical, last - falling.critical)
    up = augmented_tree(rising, nodes)
    down = augmented_tree(falling, (last - nodes)[::-1])[::-1]
    down = np.where(down >= 0, len(nodes) - 1 - down, -1)
    place, arcs = _contracted(contour_arcs(up, down), plateaus.level[nodes])
    chosen, arcs = _without_passing(place, arcs)
    nodes = nodes[chosen]
    vertices = np.where(plateaus.is_real[nodes], plateaus.first[nodes], -1)
    return ReebGraph(plateaus.values[nodes], vertices, arcs)


def _contracted(arcs: IntArray, level: IntArray) -> tuple[IntArray, IntArray]:
    """The tree without arcs of length zero: the first node of each part, and the arcs of parts."""
    import scipy.sparse as sp
    from scipy.sparse.csgraph import connected_components

    flat = level[arcs[:, 0]] == level[arcs[:, 1]]
    a, b = arcs[flat].T
    joined = sp.coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(len(level),) * 2)
    _, part = connected_components(joined, directed=False)
    first, part = np.unique(part, return_index=True, return_inverse=True)[1:]
    order = np.argsort(first)  # nodes increase, and so do parts
    number = np.empty(len(first), dtype=np.int64)
    number[order] = np.arange(len(first))
    return first[order], number[part][arcs[~flat]]


def _without_passing(place: IntArray, arcs: IntArray) -> tuple[IntArray, IntArray]:
    """Nodes of a tree that one arc enters and one leaves are left out, and these arcs joined."""
    count = len(place)
    passing = (np.bincount(arcs[:, 0], minlength=count) == 1) & (
        np.bincount(arcs[:, 1], minlength=count) == 1
    )
    above = np.arange(count)
    leaves = passing[arcs[:, 0]]
    above[arcs[leaves, 0]] = arcs[leaves, 1]
    while (above != above[above]).any():
        above = above[above]
    arcs = arcs[~leaves]
    number = np.cumsum(~passing) - 1
    arcs = number[np.column_stack([arcs[:, 0], above[arcs[:, 1]]])].reshape(-1, 2)
    return place[~passing], arcs[np.lexsort(arcs.T[::-1])]
