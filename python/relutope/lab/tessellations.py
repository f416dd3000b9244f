"""Cells that no training has made: lattices, Voronoi cells of random points, random hyperplanes.

Each is given as what a dual graph needs: a point inside every cell, which cells share a facet, and
the measures of these facets.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..common.arrays import FloatArray, IntArray
from ..decomposition.counting import count
from ..decomposition.decomposing import decompose
from ..domain.box import Box
from ..network.network import Network

if TYPE_CHECKING:
    from ..decomposition.complex import Complex

__all__ = ["Tessellation", "hyperplanes", "lattice", "tessellation_of", "voronoi"]


@dataclass(frozen=True, eq=False)
class Tessellation:
    """Cells as a dual graph sees them.

    Attributes
    ----------
    points : float64 (n_cells, n)
        One inside each cell.
    adjacency : int64 (n_edges, 2)
        Cells that share a facet, the smaller number first, in lexicographic order.
    facet_measure : float64 (n_edges,)
        Their (n-1)-dimensional measures.
    """

    points: FloatArray
    adjacency: IntArray
    facet_measure: FloatArray


def tessellation_of(cx: Complex) -> Tessellation:
    """The cells of a complex."""
    return Tessellation(cx.interior_points, cx.adjacency, cx.facet_measure)


def lattice(domain: Box, n_cells: int) -> Tessellation:
    """Equal boxes, as near to cubes and to `n_cells` as whole numbers along the axes allow.

    Examples
    --------
    >>> square = lattice(Box(0, 3, dim=2), 10)
    >>> len(square.points), len(square.adjacency), square.points[0].tolist()
    (9, 12, [0.5, 0.5])
    """
    sides = domain.upper - domain.lower
    edge = (float(np.prod(sides)) / n_cells) ** (1 / len(sides))
    counts = [max(1, round(side / edge)) for side in sides.tolist()]
    steps = sides / counts
    number = np.arange(math.prod(counts)).reshape(counts)
    where = np.stack(np.unravel_index(number.ravel(), counts), axis=1)
    pairs, measures = [], []
    for axis in range(len(counts)):
        rows = np.moveaxis(number, axis, 0)
        pairs.append(np.stack([rows[:-1].ravel(), rows[1:].ravel()], axis=1))
        measures.append(np.full(len(pairs[-1]), np.prod(np.delete(steps, axis))))
    return _sorted(
        domain.lower + (where + 0.5) * steps, np.concatenate(pairs), np.concatenate(measures)
    )


def voronoi(domain: Box, n_cells: int, seed: int) -> Tessellation:
    """Voronoi cells in the box of `n_cells` independent uniform points.

    The points are reflected in every side of the box: a point's mirror image is as far from the
    side as the point itself, and no other image is nearer to anything in the box, so that the
    cells end at the sides.
    """
    from scipy.spatial import Voronoi

    rng = np.random.default_rng(seed)
    points = rng.uniform(domain.lower, domain.upper, (n_cells, len(domain.lower)))
    if points.shape[1] == 1:
        return _segments(domain, np.sort(points, axis=0))
    images = [points]
    for axis in range(points.shape[1]):
        for side in (domain.lower[axis], domain.upper[axis]):
            mirrored = points.copy()
            mirrored[:, axis] = 2 * side - mirrored[:, axis]
            images.append(mirrored)
    found = Voronoi(np.concatenate(images))
    inner = (found.ridge_points < n_cells).all(axis=1)
    ridges = [found.vertices[found.ridge_vertices[k]] for k in np.flatnonzero(inner)]
    measures = np.array([_measure(corners) for corners in ridges])
    return _sorted(points, found.ridge_points[inner].astype(np.int64), measures)


def hyperplanes(domain: Box, n_cells: int, seed: int) -> Tessellation:
    """The cells, computed exactly, of random hyperplanes, as many as come nearest to `n_cells`.

    Their normals are uniform on the sphere and their distances from the middle of the box uniform
    up to its corners: a Poisson hyperplane process, seen through the box.
    """
    rng = np.random.default_rng(seed)
    n = len(domain.lower)
    middle, reach = (
        (domain.lower + domain.upper) / 2,
        float(np.linalg.norm(domain.upper - domain.lower)) / 2,
    )
    normals = rng.standard_normal((max(4, n_cells), n))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    offsets = rng.uniform(-reach, reach, len(normals)) - normals @ middle

    def first(m: int) -> Network:
        return Network([(normals[:m], offsets[:m]), (np.ones((1, m)), np.zeros(1))])

    few, many = 1, 1  # the numbers of cells grow with those of hyperplanes
    while many < len(normals) and int(count(first(many), domain, threads=1)) < n_cells:
        few, many = many, min(2 * many, len(normals))
    while many - few > 1:
        half = (few + many) // 2
        if int(count(first(half), domain, threads=1)) < n_cells:
            few = half
        else:
            many = half
    sizes = {m: int(count(first(m), domain, threads=1)) for m in (few, many)}
    nearest = min(sizes, key=lambda m: (abs(sizes[m] - n_cells), m))
    return tessellation_of(decompose(first(nearest), domain, threads=1))


def _segments(domain: Box, points: FloatArray) -> Tessellation:
    first = np.arange(len(points) - 1)
    return Tessellation(points, np.stack([first, first + 1], axis=1), np.ones(len(first)))


def _measure(corners: FloatArray) -> float:
    """Length, area, ... of a convex polytope one dimension below its space, by its corners."""
    from scipy.spatial import ConvexHull

    if corners.shape[1] == 2:
        return float(np.linalg.norm(corners[1] - corners[0]))
    centred = corners - corners.mean(axis=0)
    basis = np.linalg.svd(centred, full_matrices=False)[2][: corners.shape[1] - 1]
    return float(ConvexHull(centred @ basis.T, qhull_options="QJ").volume)


def _sorted(points: FloatArray, adjacency: IntArray, measures: FloatArray) -> Tessellation:
    pairs = np.sort(adjacency, axis=1)
    order = np.lexsort([pairs[:, 1], pairs[:, 0]])
    return Tessellation(points, pairs[order], measures[order])
