"""Points and measures of a complex."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from . import _core
    from .complex import Complex
    from .problem import Problem

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def interior_points(cx: Complex) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Centroids of the vertices, and whether they are proven to be inside.

    An unbounded cell's centroid is pushed outward until it is inside; where a tiny cell's rounded
    centroid is not inside, its neighbours among the doubles are tried.
    """
    core = cx._vertex_complex
    cell = cx.cell_vertices.row_of
    own = cx.cell_vertices.indices
    count = cx.cell_vertices.lengths[:, None]
    finite = _sum_by(cell, core.coordinates[own], cx.n_cells) / count
    points = cx._problem.embed(finite)
    if len(core.infinite_coordinates) == 0:
        found = _checked(cx, points, None)
    else:
        infinite = _sum_by(cell, core.infinite_coordinates[own], cx.n_cells) / count
        found = _checked(cx, points, cx._problem.embed(infinite))
    certified = np.asarray(~np.isnan(found).any(axis=1))
    for i in np.flatnonzero(~certified):
        found[i], certified[i] = _double_inside(cx, int(i))
    return found, certified


# Cells of a few units in the last place: points of the grid of doubles around the exact centroid.
_GRID_STEPS = (0, 1, -1, 2, -2)
_MOST_GRID_POINTS = 5**5


def _double_inside(cx: Complex, i: int) -> tuple[FloatArray, bool]:
    centre = np.array([float(x) for x in exact_interior_point(cx, i)])
    up = np.nextafter(centre, np.inf) - centre
    steps = _GRID_STEPS if len(_GRID_STEPS) ** cx.dim <= _MOST_GRID_POINTS else _GRID_STEPS[:1]
    candidates = centre + np.array(list(product(steps, repeat=cx.dim))) * up
    inside = _strictly_inside(cx, np.full(len(candidates), i), candidates)
    return np.asarray(candidates[int(inside.argmax())]), bool(inside.any())


def fractions_of(
    core: _core.VertexComplex, problem: Problem
) -> tuple[list[list[Fraction]], list[list[Fraction]]]:
    """Exact vertices p + q R, the parts p and q as points of the input space."""
    parts: tuple[list[list[Fraction]], list[list[Fraction]]] = ([], [])
    for v in range(core.num_vertices):
        finite, infinite, denominator = core.exact_point(v)
        for part, numerators in zip(parts, (finite, infinite), strict=True):
            point = [Fraction(0)] * problem.network.input_dim
            for axis, numerator in zip(problem.kept, numerators, strict=False):
                point[axis] = Fraction(numerator, denominator)
            part.append(point)
    return parts


def exact_interior_point(cx: Complex, i: int) -> list[Fraction]:
    """See `Complex.exact_interior_point`: the centroid p + q R of the vertices, for R large enough."""
    finite, infinite = cx._exact_vertices
    own = cx.cell_vertices[i]
    p = [sum((finite[v][k] for v in own), Fraction(0)) / len(own) for k in range(cx.dim)]
    q = [sum((infinite[v][k] for v in own), Fraction(0)) / len(own) for k in range(cx.dim)]
    if not any(q):
        return p
    reach = Fraction(1)
    while not _has_pattern(cx, i, [a + reach * b for a, b in zip(p, q, strict=True)]):
        reach *= 4
    return [a + reach * b for a, b in zip(p, q, strict=True)]


def _has_pattern(cx: Complex, i: int, point: list[Fraction]) -> bool:
    """Whether the point is in the interior of cell i, by an exact forward pass."""
    zero = {int(z) for z in cx._arrays.zero_neuron[cx._arrays.zero_cell == i]}
    h, neuron = point, 0
    for (W, b), (_, _, low) in zip(cx.network.layers[:-1], cx.network._core_layers(), strict=False):
        z = [
            sum((Fraction(float(w)) * x for w, x in zip(row, h, strict=True)), Fraction(float(b[k])))
            + Fraction(float(low[k]))
            for k, row in enumerate(W)
        ]
        for value in z:
            expected = (value == 0) if neuron in zero else (value > 0) == cx.patterns[i, neuron]
            if not expected or (value == 0 and neuron not in zero):
                return False
            neuron += 1
        h = [max(value, Fraction(0)) for value in z]
    return True


def _sum_by(row: IntArray, values: FloatArray, rows: int) -> FloatArray:
    return np.column_stack(
        [np.bincount(row, weights=column, minlength=rows) for column in values.T]
    )


def _checked(cx: Complex, points: FloatArray, outward: FloatArray | None) -> FloatArray:
    """Points with the cell's exact pattern; NaN where neither the centroid nor a push gives one."""
    missing = np.arange(cx.n_cells)
    found = np.full_like(points, np.nan)
    steps = [0.0] if outward is None else [float(4**k) for k in range(0, 64)]
    for step in steps:
        tried = points[missing] if outward is None else points[missing] + step * outward[missing]
        inside = _strictly_inside(cx, missing, tried)
        found[missing[inside]] = tried[inside]
        missing = missing[~inside]
        if len(missing) == 0:
            break
    return found


def _strictly_inside(cx: Complex, cells: IntArray, points: FloatArray) -> NDArray[np.bool_]:
    """Whether each point has the sign vector of its cell: zero only where the whole cell is."""
    signs = cx._problem.full_core.point_signs(np.ascontiguousarray(points))
    inside: NDArray[np.bool_] = ((signs > 0) == cx.patterns[cells]).all(axis=1)
    zeros = np.count_nonzero(signs == 0, axis=1)
    allowed = np.bincount(cx._arrays.zero_cell, minlength=cx.n_cells)[cells]
    inside &= zeros == allowed
    if cx.domain is not None:
        inside &= cx.domain.contains_strictly(points)
    return inside


def rays(cx: Complex, own: IntArray, facet_ids: IntArray) -> FloatArray:
    """Directions of the unbounded edges of the cell with the vertices `own`.

    An edge that leaves the infinite box has one end at infinity; the facets (none of them at infinity)
    that contain this end meet the cell in that edge alone, so they contain exactly one more vertex.
    """
    core = cx._vertex_complex
    ends = own[own >= core.num_finite]
    if len(ends) == 0:
        return np.empty((0, cx.dim))
    on_facet = core.on_facets(cx._cells(), own.tolist(), facet_ids.tolist())
    directions = []
    for v in np.flatnonzero(own >= core.num_finite):
        on_all = on_facet[:, on_facet[v]].all(axis=1)
        if on_all.sum() == 2 and on_all[own < core.num_finite].any():
            directions.append(core.infinite_coordinates[own[v]])
    if not directions:
        return np.empty((0, cx.dim))
    return cx._problem.embed(np.unique(np.array(directions), axis=0))


def locate(cx: Complex, X: ArrayLike) -> IntArray:
    """See `Complex.locate`."""
    points = np.ascontiguousarray(X, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != cx.dim:
        raise ValueError(f"`X` must have shape (k, {cx.dim}), got {points.shape}")
    if not np.isfinite(points).all():
        raise ValueError("`X` contains NaN or infinity")
    signs = cx._problem.full_core.point_signs(points)
    result = _lookup(cx, signs > 0)
    for k in np.flatnonzero((signs == 0).any(axis=1)):
        result[k] = _lowest_cell_around(cx, signs[k])
    if cx.domain is not None:
        result[~cx.domain.contains(points)] = -1
    return result


def _lookup(cx: Complex, patterns: NDArray[np.bool_]) -> IntArray:
    """Index of each pattern among the sorted ones; -1 if it is none of them."""
    key = _sortable(patterns)
    known = _sortable(cx.patterns)
    place = np.searchsorted(known, key)
    place[place == len(known)] = 0
    return np.where(known[place] == key, place, -1).astype(np.int64)


def _sortable(patterns: NDArray[np.bool_]) -> NDArray[np.void]:
    """Rows as byte strings whose order is the lexicographic order of the bits."""
    packed = np.ascontiguousarray(np.packbits(patterns, axis=1))
    return packed.view(np.dtype((np.void, packed.shape[1]))).ravel()


def _lowest_cell_around(cx: Complex, signs: NDArray[np.int8]) -> int:
    """A closed cell contains a point iff its pattern agrees wherever the point's sign is not zero:
    neurons that differ are zero at the point, so they do not change what later layers see."""
    strict = signs != 0
    agrees = (cx.patterns[:, strict] == (signs[strict] > 0)).all(axis=1)
    cells = np.flatnonzero(agrees)
    return int(cells[0]) if len(cells) else -1


def facet_measures(cx: Complex) -> FloatArray:
    """See `Complex.facet_measure`."""
    if cx.lineality_dim and cx.dim > 1:
        return np.full(cx.n_edges, np.inf)
    if cx.dim == 1:
        return np.ones(cx.n_edges)
    simplices, edge = cx._vertex_complex.triangulate_facets(cx._cells())
    return _total_measure(cx, simplices, edge, cx.n_edges)


def cell_volumes(cx: Complex) -> FloatArray:
    """See `Complex.cell_volumes`."""
    if cx.lineality_dim:
        return np.full(cx.n_cells, np.inf)
    simplices, cell = cx.triangulation()
    return _total_measure(cx, simplices, cell, cx.n_cells)


def _total_measure(cx: Complex, simplices: IntArray, owner: IntArray, owners: int) -> FloatArray:
    """Sum of the simplices' measures, sqrt(det of the Gram matrix) / k!, by owner."""
    corners = cx._vertex_coordinates[simplices]
    sides = corners[:, 1:] - corners[:, :1]
    k = sides.shape[1]
    if k == sides.shape[2]:
        measure = np.abs(np.linalg.det(sides))
    else:
        gram = sides @ sides.transpose(0, 2, 1)
        measure = np.sqrt(np.maximum(np.linalg.det(gram), 0.0))
    measure /= math.factorial(k)
    measure[(simplices >= cx.n_finite_vertices).any(axis=1)] = np.inf
    return np.asarray(np.bincount(owner, weights=measure, minlength=owners), dtype=np.float64)
