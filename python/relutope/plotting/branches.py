"""Trees in vertical branches side by side."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..common.arrays import FloatArray, IntArray

__all__ = ["Branch", "branches_of", "columns_of"]


class Branch(NamedTuple):
    """Nodes from a leaf on, up or down, and the node of another branch where it is hung, or -1."""

    nodes: list[int]
    hung: int

    @property
    def link(self) -> list[tuple[int, int]]:
        """The arc to that node, if there is one."""
        return [(self.nodes[-1], self.hung)] if self.hung >= 0 else []


def branches_of(arcs: IntArray, heights: FloatArray) -> list[Branch]:
    """A tree in paths up or down, longest first: the shortest from a leaf is taken off again.

    A path from a leaf can be taken off at a node if another arc comes there from the same side; in
    a tree one always can, until there is one path.
    """
    near: list[list[set[int]]] = [[set() for _ in heights] for _ in range(2)]  # above, below
    for a, b in arcs.tolist():
        near[0][a].add(b)
        near[1][b].add(a)
    left = set(range(len(heights)))
    branches = []
    while True:
        found = []
        for leaf in left:
            for side, other in ((0, 1), (1, 0)):
                if near[other][leaf] or len(near[side][leaf]) > 1:
                    continue
                path = [leaf]
                node = next(iter(near[side][leaf]), -1)
                while node >= 0 and len(near[side][node]) == len(near[other][node]) == 1:
                    path.append(node)
                    (node,) = near[side][node]
                if node >= 0 and len(near[other][node]) > 1:
                    found.append((abs(heights[node] - heights[leaf]), leaf, path, node, other))
        if not found:
            break
        _, _, path, node, other = min(found, key=lambda row: row[:2])
        near[other][node].discard(path[-1])
        left -= set(path)
        branches.append(Branch(path, node))
    trunk = sorted(left, key=heights.__getitem__)
    return [Branch(trunk, -1), *branches[::-1]]


def columns_of(branches: list[Branch], heights: FloatArray) -> FloatArray:
    """A column for each node: that of its branch."""
    column = np.zeros(len(heights))
    taken: dict[int, list[tuple[float, float]]] = {}
    for nodes, hung in branches:
        ends = heights[nodes if hung < 0 else [*nodes, hung]]
        span = (float(ends.min()), float(ends.max()))
        place = 0
        if hung >= 0:
            place = _free_column(taken, int(column[hung]), span, float(heights[hung]))
        taken.setdefault(place, []).append(span)
        column[nodes] = place
    return column


def _free_column(
    taken: dict[int, list[tuple[float, float]]], home: int, span: tuple[float, float], at: float
) -> int:
    """The nearest column with room for the span, if one is reached at that height."""
    low, high = span
    passes = {1: True, -1: True}
    free = []
    for distance in range(1, len(taken) + 1):
        for side in (1, -1):
            spans = taken.get(home + side * distance, [])
            if all(b < low or a > high for a, b in spans):
                free.append(home + side * distance)
                if passes[side]:
                    return free[-1]
            passes[side] &= not any(a < at < b for a, b in spans)
    return free[0]  # over a line that is in the way
