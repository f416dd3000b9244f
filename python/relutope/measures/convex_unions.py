"""Unions of cells that are convex, exactly.

A union of closed cells that is connected through facets is convex iff each of its cells' facets
that has no other cell of the union behind it supports all of the union: otherwise the intersection
of these facets' halfspaces, which contains the union, holds further points, and a way from there
into the union would cross a facet that does not support it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..common.arrays import IntArray
from ..complex.cell_complex import CellComplex
from ..verification.rational_forward import IntegerLayer

__all__ = ["fewest_convex"]

Integers = NDArray[np.object_]
_MOST_MERGED = 400  # cells of a region that are merged greedily


def fewest_convex(cx: CellComplex, region: IntArray) -> tuple[int, int]:
    """Bounds of the least number of convex polyhedra, each within a region connected by facets."""
    unions = _Unions(cx)
    order = np.argsort(region, kind="stable")
    low = high = 0
    for cells in np.split(order, np.flatnonzero(np.diff(region[order])) + 1):
        if unions.is_convex(set(cells.tolist())):
            low, high = low + 1, high + 1
        else:
            low, high = low + 2, high + unions.merged(cells.tolist())
    return low, high


class _Unions:
    """Asks whether unions of cells are convex."""

    def __init__(self, cx: CellComplex) -> None:
        self.cx = cx
        self.arrays = cx.solution.arrays
        self.layers = [
            IntegerLayer.from_floats(W, b, low, linear)
            for (W, b, low), linear in zip(
                cx.network.exact_layers()[:-1], cx.network.linear_units, strict=True
            )
        ]
        self._facets: dict[int, list[tuple[int, Integers]]] = {}

    def is_convex(self, cells: set[int]) -> bool:
        """Whether the union, connected through facets, is convex."""
        if len(cells) == 1:
            return True
        corners = np.unique(np.concatenate([self.cx.cell_vertices[i] for i in cells]))
        points = self.points[:, corners]
        for i in cells:
            for neighbour, form in self.facets(i):
                if neighbour not in cells and not _nowhere_negative(form, points):
                    return False
        return True

    @cached_property
    def points(self) -> Integers:
        """All vertices, one column each: (t, p) for the point p / t, over (0, q) at infinity."""
        problem, threads = self.cx.solution.problem, self.cx.solution.threads
        core = problem.search_vertices(self.cx.solution.cells(), threads, points=True)
        n = self.cx.dim
        points = np.zeros((2 * (n + 1), core.num_vertices), dtype=object)
        for v in range(core.num_vertices):
            finite, infinite, points[0, v] = core.exact_point(v)
            for axis, a in zip(problem.kept, finite, strict=True):
                points[1 + axis, v] = a
            for axis, a in zip(problem.kept, infinite, strict=False):
                points[n + 2 + axis, v] = a
        return points

    def facets(self, cell: int) -> list[tuple[int, Integers]]:
        """Of each facet within the domain: the cell behind it, and its form, positive inside."""
        if cell not in self._facets:
            begin, end = self.arrays.facet_begin[cell : cell + 2]
            inner = [f for f in range(begin, end) if self.arrays.facet_neighbour[f] >= 0]
            forms = self.forms(self.cx.patterns[cell])
            own = self.points[:, self.cx.cell_vertices[cell]]
            found = []
            for f, zero in zip(
                inner, self.arrays.zero_sets(np.array(inner, dtype=np.int64)), strict=True
            ):
                form = next(forms[k] for k in zero if _some_sign(forms[k], own))
                sign = _some_sign(form, own)
                found.append((int(self.arrays.facet_neighbour[f]), sign * form))
            self._facets[cell] = found
        return self._facets[cell]

    def forms(self, pattern: NDArray[np.bool_]) -> Integers:
        """All neurons' preactivations on a cell, up to positive factors: rows (c, a)."""
        n = self.cx.dim
        units = np.zeros((n, n + 1), dtype=object)
        for k in range(n):
            units[k, k + 1] = 1
        rows, start, scale = [], 0, 1
        for layer in self.layers:
            z = np.asarray(layer.W @ units, dtype=object)
            z[:, 0] = z[:, 0] + layer.b * scale
            scale *= layer.scale
            count = len(layer.W) - layer.linear
            rows.append(z[:count])
            active = np.r_[pattern[start : start + count], np.ones(layer.linear, dtype=np.bool_)]
            units = np.where(active[:, None], z, 0)
            start += count
        return np.concatenate(rows)

    def merged(self, cells: Iterable[int]) -> int:
        """How many convex unions a greedy search merges the cells of one region to."""
        groups = [{cell} for cell in cells]
        if len(groups) > _MOST_MERGED:
            return len(groups)
        k = 0
        while k < len(groups):
            beyond = {c for i in groups[k] for c, _ in self.facets(i)}
            others = (j for j in range(k + 1, len(groups)) if groups[j] & beyond)
            other = next((j for j in others if self.is_convex(groups[k] | groups[j])), None)
            if other is None:
                k += 1
            else:
                groups[k] |= groups.pop(other)
        return len(groups)


def _nowhere_negative(form: Integers, points: Integers) -> bool:
    return all(sign >= 0 for sign in _signs(form, points))


def _some_sign(form: Integers, points: Integers) -> int:
    """The sign of a form at some of the points where it is not zero; 0 if there is none."""
    return next((sign for sign in _signs(form, points) if sign), 0)


def _signs(form: Integers, points: Integers) -> Iterable[int]:
    """Signs at points p + q R: that of the part with R, or of the finite part where it is zero."""
    half = len(form)
    finite = form @ points[:half]
    infinite = form[1:] @ points[half + 1 :]
    for p, q in zip(finite, infinite, strict=True):
        value = q or p
        yield (value > 0) - (value < 0)
