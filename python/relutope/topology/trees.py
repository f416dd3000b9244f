"""Merge trees and contour trees of numbered plateaus, of which neighbours are joined by edges.

Plateaus stand for themselves: all have different places in the order, and a lower star enters with
its plateau. What has the same value is put together by those who call.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..common.arrays import IntArray

__all__ = ["Merging", "augmented_tree", "contour_arcs", "merging"]


class Merging(NamedTuple):
    """How the sublevel sets of a graph on nodes 0, 1, ..., each at its number, merge.

    Attributes
    ----------
    minimum : ndarray of int64, shape (m,)
        For each node the minimum that steepest descent leads to.
    nodes, first, second : ndarray of int64, shape (minima - components,)
        At `nodes`, increasing, the components of these two minima become one.
    """

    minimum: IntArray
    nodes: IntArray
    first: IntArray
    second: IntArray

    @property
    def critical(self) -> IntArray:
        """Where components are born or merge, increasing."""
        minima = np.flatnonzero(self.minimum == np.arange(len(self.minimum)))
        return np.union1d(minima, self.nodes)


def merging(ends: IntArray, count: int) -> Merging:
    """The merging of a graph with edges `ends`, shape (e, 2), on nodes 0 to ``count - 1``.

    A component of ``{node <= t}`` is a union of basins of descent, joined by edges with both ends
    in it: a spanning forest of least weight of the graph of basins tells all.
    """
    import scipy.sparse as sp
    from scipy.sparse.csgraph import minimum_spanning_tree

    low, high = np.sort(ends[ends[:, 0] != ends[:, 1]], axis=1).T
    minimum = np.arange(count)
    np.minimum.at(minimum, high, low)
    while (minimum != minimum[minimum]).any():
        minimum = minimum[minimum]
    a, b = np.sort([minimum[low], minimum[high]], axis=0)
    across = a != b
    a, b, high = a[across], b[across], high[across]
    order = np.lexsort([high, b, a])
    a, b, high = a[order], b[order], high[order]
    lowest = np.ones(len(a), dtype=np.bool_)  # of several edges between two basins
    lowest[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    weights = high[lowest].astype(np.float64) + 1.0  # zeros would be no edges
    pairs = (a[lowest].astype(np.int32), b[lowest].astype(np.int32))  # for SciPy before 1.13
    basins = sp.csr_array((weights, pairs), shape=(count, count))
    forest = minimum_spanning_tree(basins).tocoo()
    nodes = forest.data.astype(np.int64) - 1
    order = np.argsort(nodes, kind="stable")
    first, second = (ends[order].astype(np.int64) for ends in (forest.row, forest.col))
    return Merging(minimum, nodes[order], first, second)


def augmented_tree(found: Merging, nodes: IntArray) -> IntArray:
    """The merge tree on `nodes`: for each the place of its parent among them, -1 for a root.

    `nodes` increase, and contain all ``found.critical``; the parent of a node is the next of them
    in its component of the sublevel sets.
    """
    root = {int(v): int(v) for v in np.unique(found.minimum)}
    last: dict[int, int] = {}  # of each component, the highest node so far
    parent = np.full(len(nodes), -1, dtype=np.int64)

    def find(v: int) -> int:
        while root[v] != v:
            root[v] = root[root[v]]
            v = root[v]
        return v

    merges = list(zip(*(part.tolist() for part in found[1:]), strict=True))
    done = 0
    own = found.minimum[nodes].tolist()
    for place, node in enumerate(nodes.tolist()):
        while done < len(merges) and merges[done][0] == node:
            a, b = find(merges[done][1]), find(merges[done][2])
            for component in (a, b):
                if component in last:
                    parent[last.pop(component)] = place
            root[b] = a
            done += 1
        component = find(own[place])
        if component in last:
            parent[last[component]] = place
        last[component] = place
    return parent


def contour_arcs(up: IntArray, down: IntArray) -> IntArray:
    """The arcs (lower, higher) of the contour tree of the trees of sublevel and superlevel sets.

    Leaves are taken off both trees one after the other [1]_.

    Parameters
    ----------
    up, down : ndarray of int64, shape (m,)
        Parents in the two trees, both on all nodes: the next higher one, and the next lower one.

    References
    ----------
    .. [1] H. Carr, J. Snoeyink, U. Axen, "Computing contour trees in all dimensions", Comput. Geom.
       24 (2003).
    """
    parents = [up.tolist(), down.tolist()]
    children: list[list[set[int]]] = [[set() for _ in up] for _ in parents]
    for tree, below in zip(parents, children, strict=True):
        for node, parent in enumerate(tree):
            if parent >= 0:
                below[parent].add(node)
    arcs = []
    left = len(up)
    leaves = [v for v in range(left) if len(children[0][v]) + len(children[1][v]) == 1]
    while left > 1:
        leaf = leaves.pop()
        own = 0 if not children[0][leaf] else 1  # the tree in which it is a leaf
        other = parents[own][leaf]
        arcs.append((leaf, other) if own == 0 else (other, leaf))
        for tree, below in zip(parents, children, strict=True):
            parent = tree[leaf]
            if parent >= 0:
                below[parent].discard(leaf)
            for child in below[leaf]:  # one at most
                tree[child] = parent
                if parent >= 0:
                    below[parent].add(child)
            below[leaf].clear()
        left -= 1
        if len(children[0][other]) + len(children[1][other]) == 1:
            leaves.append(other)
    return np.array(arcs, dtype=np.int64).reshape(-1, 2)
