"""Merge trees of functions on complexes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..common.arguments import check_choice
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import FloatArray, IntArray, ReadOnlyArrays
from ..common.extras import require
from ..complex.cells import ComplexLike, complex_of
from .heights import Output, height_of
from .pairs import PersistencePairs
from .plateaus import Plateaus
from .trees import augmented_tree, merging

if TYPE_CHECKING:
    from networkx import DiGraph

__all__ = ["Direction", "MergeTree", "merge_tree"]

Direction = Literal["sublevel", "superlevel"]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class MergeTree(ReadOnlyArrays):
    """How the components of sublevel or superlevel sets are born and merge; see `merge_tree`.

    Attributes
    ----------
    direction : {"sublevel", "superlevel"}
    values : ndarray of float64, shape (m,)
        The function at each node, increasing for sublevel sets and falling for superlevel sets.
    parent : ndarray of int64, shape (m,)
        The node at which each one's component merges with another, -1 for the root.
    vertices : ndarray of int64, shape (m,)
        A vertex of the complex at each node, numbered as in `Complex.cell_vertices`; -1 for a
        component that comes from infinity.
    """

    direction: Direction
    values: FloatArray
    parent: IntArray
    vertices: IntArray

    def __len__(self) -> int:
        return len(self.values)

    @property
    def leaves(self) -> IntArray:
        """The nodes at which components are born."""
        return np.setdiff1d(np.arange(len(self)), self.parent)

    @property
    def pairs(self) -> PersistencePairs:
        """The persistence of the components: at a merger all but the oldest die."""
        never = np.inf if self.direction == "sublevel" else -np.inf
        birth = np.arange(len(self))  # of the oldest component below each node
        found = []
        for node, parent in enumerate(self.parent.tolist()):
            own = int(birth[node])
            if parent < 0:
                found.append((0, (self.values[own], never)))
            elif birth[parent] < parent:
                older, younger = sorted((own, int(birth[parent])))
                birth[parent] = older
                found.append((0, (self.values[younger], self.values[parent])))
            else:
                birth[parent] = own
        return PersistencePairs(found)

    def to_networkx(self) -> DiGraph:
        """The tree as a graph with edges to the parents, and ``value`` and ``vertex`` of each node.

        Returns
        -------
        networkx.DiGraph
        """
        require("networkx", "a graph of networkx")
        import networkx as nx

        graph = nx.DiGraph()
        for node, (value, vertex) in enumerate(zip(self.values, self.vertices, strict=True)):
            graph.add_node(node, value=float(value), vertex=int(vertex))
        graph.add_edges_from((k, int(p)) for k, p in enumerate(self.parent) if p >= 0)
        return graph

    def __repr__(self) -> str:
        return f"MergeTree(of {self.direction} sets, {len(self.leaves)} leaves, {len(self)} nodes)"


@ieee_arithmetic
def merge_tree(
    complex: ComplexLike,
    direction: Direction = "sublevel",
    *,
    output: Output | None = None,
    neuron: int | None = None,
    label: int | None = None,
) -> MergeTree:
    """Return the tree of the components of a function's sublevel or superlevel sets, exactly.

    Leaves are the minima, where components are born, and the other nodes the saddles at which they
    merge; for superlevel sets, maxima. (That of superlevel sets is also known as the join tree, and
    that of sublevel sets as the split tree [1]_.)

    Parameters
    ----------
    complex : Complex or Slice
        The complex, over any domain.
    direction : {"sublevel", "superlevel"}
    output, neuron, label
        The function, as for `critical_cells`.

    Returns
    -------
    MergeTree

    Raises
    ------
    ValueError
        As for `critical_cells`, or if `direction` is unknown.
    IndexError
        If there is no such output or neuron.

    See Also
    --------
    reeb_graph, persistence, critical_cells

    Notes
    -----
    Values are compared exactly: components that merge at the same value in one place have one node,
    with any number of children. Over an unbounded domain a component that is there for all small t
    is a leaf at ``-inf`` (``inf`` for superlevel sets).

    References
    ----------
    .. [1] H. Carr, J. Snoeyink, U. Axen, "Computing contour trees in all dimensions", Comput. Geom.
       24 (2003).

    Examples
    --------
    The valleys of ``|x - 1| + |x + 1| - 3 |x|`` at -2 and 2 merge at 0 over the value 2.

    >>> import relutope as rt
    >>> from relutope.topology import merge_tree
    >>> W = [[1.0], [-1.0], [1.0], [-1.0], [1.0], [-1.0]]
    >>> b = [-1.0, 1.0, 1.0, -1.0, 0.0, 0.0]
    >>> net = rt.Network.from_arrays([(W, b), ([[1.0, 1.0, 1.0, 1.0, -3.0, -3.0]], [0.0])])
    >>> tree = merge_tree(rt.decompose(net, rt.Box(-2, 2)))
    >>> tree.values.tolist(), tree.parent.tolist()
    ([-2.0, -2.0, 2.0], [2, 2, -1])
    >>> merge_tree(rt.decompose(net)).values.tolist()
    [-inf, -inf, 2.0]
    """
    check_choice("direction", direction, Direction)
    height = height_of(complex_of(complex), output, neuron, label)
    up = direction == "sublevel"
    if height.along_lines:
        start = np.array([-np.inf if up else np.inf])
        return MergeTree(direction, start, np.array([-1]), np.array([-1]))
    plateaus = Plateaus(height)
    ends, last = plateaus.of_vertex[plateaus.ends], len(plateaus) - 1
    found = merging(ends if up else last - ends, len(plateaus))
    nodes = found.critical
    parent = augmented_tree(found, nodes)
    nodes = nodes if up else last - nodes
    kept, parent = _without_length_zero(parent, plateaus.level[nodes])
    nodes = nodes[kept]
    vertices = np.where(plateaus.is_real[nodes], plateaus.first[nodes], -1)
    return MergeTree(direction, plateaus.values[nodes], parent, vertices)


def _without_length_zero(parent: IntArray, level: IntArray) -> tuple[IntArray, IntArray]:
    """Nodes of a tree that stand for their level, and their parents among these.

    Neighbours of the same level are one node, the last of them, and what then has one child is
    none.
    """
    own = np.arange(len(parent))
    same = (parent >= 0) & (level[parent] == level)
    top = _followed(np.where(same, parent, own))
    above = np.where(parent >= 0, top[parent], -1)  # of the last of each level
    is_top = top == own
    children = np.bincount(above[is_top & (above >= 0)], minlength=len(own))
    kept = is_top & (children != 1)
    # The next node above that is kept; a root stands for itself.
    goes_on = ~kept & is_top & (above >= 0)
    target = _followed(np.where(goes_on, above, own))
    result = np.where(above >= 0, target[above], -1)
    result[(result >= 0) & ~kept[result]] = -1
    number = np.cumsum(kept) - 1
    chosen = np.flatnonzero(kept)
    parents = result[chosen]
    return chosen, np.where(parents >= 0, number[parents], -1)


def _followed(pointer: IntArray) -> IntArray:
    while (pointer != pointer[pointer]).any():
        pointer = pointer[pointer]
    return pointer
