"""A two-dimensional complex as arrays to draw: polygons of cells, segments of facets and levels.

Coordinates are the exact vertices rounded to nearest; which vertices belong to what is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ..complex.cell_complex import CellComplex
from ..complex.cells import ComplexLike, complex_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

__all__ = [
    "Corners",
    "cell_polygons",
    "corners",
    "facet_segments",
    "level_segments",
]


@dataclass(frozen=True)
class Corners:
    """The corners of all cells, counter-clockwise cell by cell.

    Attributes
    ----------
    vertex, following : int64 (m,)
        Vertex id of each corner and of the next corner of the same cell: the cell's sides.
    cell : int64 (m,)
        The cell each corner belongs to, increasing.
    starts : int64 (n_cells + 1,)
        Cell i has the corners ``starts[i]:starts[i + 1]``.
    """

    vertex: Ints
    following: Ints
    cell: Ints
    starts: Ints


_corners: WeakKeyDictionary[CellComplex, Corners] = WeakKeyDictionary()
"""What `corners` has found: a picture asks for cells, facets and levels of one complex."""


def corners(cx: CellComplex) -> Corners:
    """Sort the vertices of every cell by angle around the cell's interior point.

    Raises
    ------
    ValueError
        If the complex is not two-dimensional on a bounded domain.
    """
    if cx.dim != 2 or cx.domain is None:
        where = "all of R^n" if cx.domain is None else "a box"
        raise ValueError(
            f"`cx`: got dimension {cx.dim} on {where}, expected 2 on a box; decompose a slice"
        )
    if cx in _corners:
        return _corners[cx]
    starts, ids = cx.cell_vertices.indptr, cx.cell_vertices.indices
    cell = np.repeat(np.arange(cx.n_cells), np.diff(starts))
    ray = cx.vertices[ids] - cx.interior_points[cell]
    order = np.lexsort([np.arctan2(ray[:, 1], ray[:, 0]), cell])
    vertex = ids[order]
    successor = np.arange(1, len(vertex) + 1)
    successor[starts[1:] - 1] = starts[:-1]
    _corners[cx] = found = Corners(vertex, vertex[successor], cell, starts)
    return found


def cell_polygons(cx: ComplexLike) -> list[Floats]:
    """Return the cells as polygons.

    Parameters
    ----------
    cx : Complex
        Two-dimensional, over a bounded domain.

    Returns
    -------
    list of ndarray of float64, shapes (k_i, 2)
        Corners of each cell, counter-clockwise.

    See Also
    --------
    facet_segments, level_segments
    """
    cx = complex_of(cx)
    found = corners(cx)
    return np.split(cx.vertices[found.vertex], found.starts[1:-1])


def facet_segments(cx: ComplexLike) -> Floats:
    """Return the end points of every shared facet.

    Parameters
    ----------
    cx : Complex
        Two-dimensional, over a bounded domain.

    Returns
    -------
    ndarray of float64, shape (n_edges, 2, 2)
        In the order of ``cx.adjacency``.

    Notes
    -----
    Rows of NaN mark facets whose side was not found among the cells' corners (never for a valid
    complex).

    See Also
    --------
    cell_polygons, plot_facets
    """
    cx = complex_of(cx)
    found = corners(cx)
    low, high = np.minimum(found.vertex, found.following), np.maximum(found.vertex, found.following)
    order = np.lexsort([found.cell, high, low])
    twin = (np.diff(low[order]) == 0) & (np.diff(high[order]) == 0)
    first, second = order[:-1][twin], order[1:][twin]
    key = found.cell[first] * cx.n_cells + found.cell[second]
    by_key = np.argsort(key)
    wanted = cx.adjacency[:, 0] * cx.n_cells + cx.adjacency[:, 1]
    at = np.searchsorted(key[by_key], wanted).clip(max=max(len(key) - 1, 0))
    segments = np.full((len(wanted), 2, 2), np.nan)
    if len(key):
        side = first[by_key[at]]
        hit = key[by_key[at]] == wanted
        segments[hit, 0] = cx.vertices[found.vertex[side[hit]]]
        segments[hit, 1] = cx.vertices[found.following[side[hit]]]
    return segments


def level_segments(cx: ComplexLike, level: float = 0.0) -> Floats:
    """Return the set {f = level} of a one-output network, a segment per crossed cell.

    Parameters
    ----------
    cx : Complex
        Two-dimensional, over a bounded domain.
    level : float

    Returns
    -------
    ndarray of float64, shape (k, 2, 2)

    Notes
    -----
    f is affine on a cell, so its level set there is the segment between the two sides on which
    f - level changes sign, found from the values at the corners (a zero counts as positive).

    See Also
    --------
    cell_polygons, plot_level
    """
    cx = complex_of(cx)
    found = corners(cx)
    values = cx.vertex_values[0] - level
    here, there = values[found.vertex], values[found.following]
    crossing = np.flatnonzero((here >= 0) != (there >= 0))
    start, end = found.vertex[crossing], found.following[crossing]
    t = (here / np.where(here == there, 1.0, here - there))[crossing, None]
    points = cx.vertices[start] + t * (cx.vertices[end] - cx.vertices[start])
    segments: Floats = points.reshape(-1, 2, 2)
    return segments
