"""Points inside cells: doubles that are proven to be inside, and rational points for every cell."""

from __future__ import annotations

import sys
from fractions import Fraction
from itertools import product

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..common.arrays import FloatArray, IntArray
from ..domain.box import Box
from ..search.problem import Problem
from .kernel import Kernel


def interior_points(cx: Kernel) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Centroids of the vertices, and whether they are proven to be inside.

    The LP engine's own points, if that has found the cells. Otherwise:

    An unbounded cell's centroid is pushed outward until it is inside; where a tiny cell's rounded
    centroid is not inside, its neighbours among the doubles are tried. All points are finite: where
    a cell holds no double, that nearest to its exact point.
    """
    found = cx.solution.lp_cells()
    if found is not None:
        certified = np.ones(cx.n_cells, dtype=np.bool_)
        certified[found.exact_cells] = False
        points = cx.solution.problem.embed(found.interior)
        for i in np.flatnonzero(~np.isfinite(points).all(axis=1)):
            points[i] = [_nearest_double(x) for x in exact_interior_point(cx, int(i))]
        return points, certified
    core = cx.solution.vertex_complex
    means, inside = core.interior_points()
    points = cx.solution.problem.embed(means)
    certified = inside.astype(np.bool_)
    if len(core.infinite_coordinates):
        _push_outward(cx, points, certified)
    for i in np.flatnonzero(~certified):
        points[i], certified[i] = _double_inside(cx, int(i))
    return points, certified


def _push_outward(cx: Kernel, points: FloatArray, certified: NDArray[np.bool_]) -> None:
    """Moves the points of unbounded cells along the mean p + q R of their vertices, in place."""
    core = cx.solution.vertex_complex
    open_cells = np.flatnonzero(~certified)
    own = [cx.cell_vertices[int(i)] for i in open_cells]
    q = np.array([core.infinite_coordinates[v].mean(axis=0) for v in own])
    q = cx.solution.problem.embed(q.reshape(len(own), cx.solution.problem.essential_dim))
    for step in (float(2**k) for k in (0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)):
        with np.errstate(over="ignore", invalid="ignore"):  # _strictly_inside refuses these
            tried = points[open_cells] + step * q
        inside = _strictly_inside(cx, open_cells, tried)
        points[open_cells[inside]] = tried[inside]
        certified[open_cells[inside]] = True
        open_cells, q = open_cells[~inside], q[~inside]
        if len(open_cells) == 0:
            break


# Cells of a few units in the last place: points of the grid of doubles around the exact centroid.
_GRID_STEPS = (0, 1, -1, 2, -2)
_MOST_GRID_POINTS = 5**5
_MOST_CORNERS = 8
_LARGEST_SPACING = 2.0**971  # NumPy's is infinite at the largest double


def _double_inside(cx: Kernel, i: int) -> tuple[FloatArray, bool]:
    exact = exact_interior_point(cx, i)
    centre = np.array([_nearest_double(x) for x in exact])
    steps = _GRID_STEPS if len(_GRID_STEPS) ** cx.dim <= _MOST_GRID_POINTS else _GRID_STEPS[:1]
    with np.errstate(over="ignore"):  # at the largest double
        up = np.fmin(np.spacing(np.abs(centre)), _LARGEST_SPACING)
        grid = centre + np.array(list(product(steps, repeat=cx.dim))) * up
    candidates = np.vstack([grid, _rounded_towards_vertices(cx, i, exact)])
    inside = _strictly_inside(cx, np.full(len(candidates), i), candidates)
    return np.asarray(candidates[int(inside.argmax())]), bool(inside.any())


def _rounded_towards_vertices(cx: Kernel, i: int, inside: list[Fraction]) -> FloatArray:
    """The doubles nearest to points between an exact one and the cell's corners, or the origin.

    A cell between nearly equal hyperplanes may have its centroid beyond all doubles, or where they
    are too coarse, and yet hold doubles near one of its corners.
    """
    finite, infinite = cx.solution.exact_vertices
    corners = [finite[v] for v in cx.cell_vertices[i] if not any(infinite[v])][:_MOST_CORNERS]
    corners.append([Fraction(0)] * cx.dim)  # where doubles are finest
    points = [
        [v + (x - v) / 2**k for v, x in zip(corner, inside, strict=True)]
        for corner in corners
        for k in range(1, 2200, 24)
    ]
    rounded = [[_nearest_double(x) for x in point] for point in points]
    return np.array(rounded, dtype=np.float64).reshape(len(points), cx.dim)


def _nearest_double(x: Fraction) -> float:
    try:
        return float(x)
    except OverflowError:
        return sys.float_info.max if x > 0 else -sys.float_info.max


def exact_interior_point(cx: Kernel, i: int) -> list[Fraction]:
    """See `Complex.exact_interior_point`: the centroid p + q R of the vertices, R large enough.

    The LP engine's own point, if that has found the cells.
    """
    found = cx.solution.lp_cells()
    if found is not None:
        return _found_point(found, cx.solution.problem, i)
    p, q = _exact_centroid(cx, i)
    if not any(q):
        return p
    reach, growth = Fraction(1), 2**16
    while True:
        point = [a + reach * b for a, b in zip(p, q, strict=True)]
        if _has_pattern(cx, i, point) and _in_domain(cx, point):
            return point
        reach *= growth
        growth **= 2  # few steps also where weights are as small as doubles can be


def _exact_centroid(cx: Kernel, i: int) -> tuple[list[Fraction], list[Fraction]]:
    """The mean p + q R of a cell's vertices."""
    own = cx.cell_vertices[i]
    p, q = (
        [sum((part[v][k] for v in own), Fraction(0)) / len(own) for k in range(cx.dim)]
        for part in cx.solution.exact_vertices
    )
    return p, q


def _found_point(found: _core.LpCells, problem: Problem, i: int) -> list[Fraction]:
    if i in found.exact_cells:
        finite, denominator = found.exact_interior(found.exact_cells.index(i))
        kept = [Fraction(x, denominator) for x in finite]
    else:
        kept = [Fraction(x) for x in found.interior[i].tolist()]
    point = [Fraction(0)] * problem.network.input_dim
    for axis, x in zip(problem.kept, kept, strict=True):
        point[axis] = x
    return point


def _in_domain(cx: Kernel, point: list[Fraction]) -> bool:
    if isinstance(cx.domain, Box):
        bounds = zip(cx.domain.lower.tolist(), point, cx.domain.upper.tolist(), strict=True)
        return all(lower < x < upper for lower, x, upper in bounds)
    if cx.domain is None:
        return True
    rows = zip(cx.domain.A.tolist(), cx.domain.b.tolist(), strict=True)
    return all(_dot(row, point) < Fraction(bound) for row, bound in rows if any(row))


def _dot(row: list[float], point: list[Fraction]) -> Fraction:
    return sum((Fraction(w) * x for w, x in zip(row, point, strict=True)), Fraction(0))


def _has_pattern(cx: Kernel, i: int, point: list[Fraction]) -> bool:
    """Whether the point is in the interior of cell i, by an exact forward pass."""
    zero = {int(z) for z in cx.solution.arrays.zero_neuron[cx.solution.arrays.zero_cell == i]}
    h, neuron = point, 0
    hidden = zip(cx.network.exact_layers()[:-1], cx.network.hidden_widths, strict=True)
    for (W, b, low), neurons in hidden:
        rows = zip(W.tolist(), b.tolist(), low.tolist(), strict=True)
        z = [_dot(row, h) + Fraction(bias) + Fraction(rest) for row, bias, rest in rows]
        for value in z[:neurons]:
            expected = (value == 0) if neuron in zero else (value > 0) == cx.patterns[i, neuron]
            if not expected or (value == 0 and neuron not in zero):
                return False
            neuron += 1
        h = [max(value, Fraction(0)) for value in z[:neurons]] + z[neurons:]
    return True


def _strictly_inside(cx: Kernel, cells: IntArray, points: FloatArray) -> NDArray[np.bool_]:
    """Whether each point has the sign vector of its cell: zero only where the whole cell is."""
    finite = np.asarray(np.isfinite(points).all(axis=1))
    points = np.where(finite[:, None], points, 0.0)
    signs = cx.solution.problem.full_core.point_signs(np.ascontiguousarray(points))
    inside = np.asarray(finite & ((signs > 0) == cx.patterns[cells]).all(axis=1))
    zeros = np.count_nonzero(signs == 0, axis=1)
    allowed = np.bincount(cx.solution.arrays.zero_cell, minlength=cx.n_cells)[cells]
    inside &= zeros == allowed
    if cx.domain is not None:
        inside &= cx.domain.contains_strictly(points)
    return inside
