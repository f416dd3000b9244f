"""Location, rays and measures."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arrays import BoolArray, FloatArray, IntArray
from ..common.tensors import detached
from ..search.problem import Problem
from .faceted import FacetedCells
from .kernel import Kernel

_AT_ONCE = 1 << 16  # simplices


def rays(cx: Kernel, own: IntArray, facet_ids: IntArray) -> FloatArray:
    """Directions of the unbounded edges of the cell with the vertices `own`.

    An edge that leaves the infinite box has one end at infinity. The facets (none of them at
    infinity) that contain this end meet the cell in that edge alone: they contain exactly one more
    vertex.
    """
    core = cx.solution.vertex_complex
    ends = own[own >= core.num_finite]
    if len(ends) == 0:
        return np.empty((0, cx.dim))
    on_facet = core.on_facets(cx.solution.cells(), own.tolist(), facet_ids.tolist())
    directions = []
    for v in np.flatnonzero(own >= core.num_finite):
        on_all = np.asarray(on_facet[:, on_facet[v]].all(axis=1))
        if on_all.sum() == 2 and on_all[own < core.num_finite].any():
            directions.append(core.infinite_coordinates[own[v]])
    if not directions:
        return np.empty((0, cx.dim))
    return cx.solution.problem.embed(np.unique(np.array(directions), axis=0))


def locate(cells: FacetedCells, problem: Problem, X: ArrayLike) -> IntArray:
    """See `Complex.locate` and `Exploration.locate`."""
    points = located_points(X, cells.dim)
    signs = problem.full_core.point_signs(points)
    patterns = cells.patterns
    result = _lookup(patterns, signs > 0)
    for k in np.flatnonzero((signs == 0).any(axis=1)):
        result[k] = lowest_cell_around(patterns, signs[k])
    if problem.domain is not None:
        result[~problem.domain.contains(points)] = -1
    return result


def located_points(X: ArrayLike, dim: int) -> FloatArray:
    """The points of a call of `locate`, checked."""
    points = np.ascontiguousarray(detached(X), dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != dim:
        raise ValueError(f"`X` must have shape (k, {dim}), got {points.shape}")
    if not np.isfinite(points).all():
        raise ValueError("`X` contains NaN or infinity")
    return points


def _lookup(patterns: BoolArray, wanted: BoolArray) -> IntArray:
    """Index of each wanted pattern among these; -1 if it is none of them."""
    key = _sortable(wanted)
    known = _sortable(patterns)
    order = np.argsort(known, kind="stable")
    place = np.searchsorted(known, key, sorter=order)
    place[place == len(known)] = 0
    found = order[place]
    return np.where(known[found] == key, found, -1).astype(np.int64)


def _sortable(patterns: BoolArray) -> NDArray[np.void]:
    """Rows as byte strings whose order is the lexicographic order of the bits."""
    if patterns.shape[1] == 0:
        patterns = np.zeros((len(patterns), 1), dtype=np.bool_)  # strings must have bytes
    packed = np.ascontiguousarray(np.packbits(patterns, axis=1))
    return packed.view(np.dtype((np.void, packed.shape[1]))).ravel()


def lowest_cell_around(patterns: BoolArray, signs: NDArray[np.int8]) -> int:
    """A closed cell contains a point iff its pattern agrees wherever the point's sign is not zero:
    neurons that differ are zero at the point, so they do not change what later layers see."""
    strict = signs != 0
    agrees = (patterns[:, strict] == (signs[strict] > 0)).all(axis=1)
    cells = np.flatnonzero(agrees)
    return int(cells[0]) if len(cells) else -1


def facet_measures(cx: Kernel) -> FloatArray:
    """See `Complex.facet_measure`."""
    if cx.lineality_dim and cx.dim > 1:
        return np.full(cx.n_edges, np.inf)
    if cx.dim == 1:
        return np.ones(cx.n_edges)
    simplices, edge = cx.solution.vertex_complex.triangulate_facets(cx.solution.cells())
    corners = cx.solution.vertex_coordinates
    return total_measure(corners, cx.n_finite_vertices, simplices, edge, cx.n_edges)


def facet_simplices(cx: Kernel) -> tuple[IntArray, IntArray, FloatArray]:
    """Vertices of simplices that make up the shared facets, shape (m, n), the edge that each
    belongs to, and the coordinates of all vertices, not finite where one is at infinity."""
    if cx.lineality_dim:
        raise ValueError("the cells contain lines, so they have no vertices; look at a Box")
    simplices, edge = cx.solution.vertex_complex.triangulate_facets(cx.solution.cells())
    corners = np.array(cx.solution.vertex_coordinates)
    corners[cx.n_finite_vertices :] = np.inf
    return simplices, edge, corners


def cell_volumes(cx: Kernel) -> FloatArray:
    """See `Complex.cell_volumes`."""
    if cx.lineality_dim:
        return np.full(cx.n_cells, np.inf)
    simplices, cell = cx.triangulation()
    corners = cx.solution.vertex_coordinates
    return total_measure(corners, cx.n_finite_vertices, simplices, cell, cx.n_cells)


def total_measure(
    vertices: FloatArray, n_finite: int, simplices: IntArray, owner: IntArray, owners: int
) -> FloatArray:
    """Sum of the simplices' measures, sqrt(det of the Gram matrix) / k!, by owner.

    Infinite where a simplex has one of the vertices from `n_finite` on.
    """
    measure = np.empty(len(simplices))
    for begin in range(0, len(simplices), _AT_ONCE):
        some = simplices[begin : begin + _AT_ONCE]
        measure[begin : begin + _AT_ONCE] = _measures(vertices[some])
        measure[begin : begin + _AT_ONCE][(some >= n_finite).any(axis=1)] = np.inf
    return np.asarray(np.bincount(owner, weights=measure, minlength=owners), dtype=np.float64)


def _measures(corners: FloatArray) -> FloatArray:
    with np.errstate(over="ignore", invalid="ignore"):  # vertices at the end of the range
        sides = corners[:, 1:] - corners[:, :1]
        k = sides.shape[1]
        exponent = np.frexp(np.abs(sides).max(axis=(1, 2)))[1]  # squares stay in range
        sides = np.ldexp(sides, -exponent[:, None, None])
        if k == sides.shape[2]:
            measure = np.abs(np.linalg.det(sides))
        else:
            gram = sides @ sides.transpose(0, 2, 1)
            measure = np.sqrt(np.maximum(np.linalg.det(gram), 0.0))
        return np.asarray(np.ldexp(measure / math.factorial(k), k * exponent), dtype=np.float64)
