"""Fill cells: a polygon for each, or where there are many, a path for all cells of one shade."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..complex.cell_complex import CellComplex
from .polygons import cell_polygons, corners

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import Collection
    from matplotlib.path import Path

Floats = NDArray[np.float64]

SEAM = 0.45
"""Width in points by which a cell's colour reaches beyond its sides."""
CHANNEL = 63
"""Steps of red, green and blue by which the colours of many cells are told apart."""
CELLS = 200
"""Cells of one shade in one path."""

__all__ = ["fill_cells"]


def fill_cells(
    ax: Axes,
    cx: CellComplex,
    values: Floats,
    *,
    cmap: Any,
    limits: tuple[float, float] | None,
    together: bool,
    rasterized: bool,
) -> Collection:
    """Fill the cells. Strokes in their own colours close the seams of antialiasing.

    Parameters
    ----------
    ax : matplotlib Axes
    cx : Complex
        Two-dimensional, over a bounded domain.
    values : ndarray of float64, shape (n_cells,) or (n_cells, 3)
        Numbers for `cmap`, or RGB colours in [0, 1].
    cmap : colormap or name
    limits : pair of float, optional
        Values at the two ends of `cmap`.
    together : bool
        Whether cells of one shade are one path, in half the time. Their strokes lie below all
        fillings then: no shade covers slivers of another.
    rasterized : bool
        Whether the cells are pixels in vector formats.

    Returns
    -------
    matplotlib.collections.Collection
        The fillings.
    """
    from matplotlib import colormaps
    from matplotlib.collections import PathCollection, PolyCollection

    low, high = limits or (float(np.nanmin(values)), float(np.nanmax(values)))
    fill: Collection
    if together:
        shade = _shades(values, colormaps.get_cmap(cmap).N, low, high)
        paths, first = _paths_by_shade(cx, shade)
        values = values[first]
        strokes = PathCollection(paths, facecolors="none", linewidths=SEAM, zorder=0.9)
        fill = PathCollection(paths, linewidths=0.0, zorder=1)
        shown: list[Collection] = [strokes, fill]
    else:
        fill = PolyCollection(cell_polygons(cx), edgecolors="face", linewidths=SEAM, zorder=1)
        shown = [fill]
    for collection in shown:
        collection.set_rasterized(rasterized)
        if values.ndim == 2 and collection is fill:
            collection.set_facecolor(values)  # type: ignore[arg-type]
        elif values.ndim == 2:
            collection.set_edgecolor(values)  # type: ignore[arg-type]
        else:
            collection.set_array(values)
            collection.set_cmap(cmap)
            collection.set_clim(low, high)
        ax.add_collection(collection, autolim=False)
    return fill


def _shades(values: Floats, levels: int, low: float, high: float) -> NDArray[np.int64]:
    """A number for each shade of a colormap, or for colours that no eye can tell apart."""
    if values.ndim == 2:
        red, green, blue = np.rint(CHANNEL * values).astype(np.int64).T
        return np.asarray((red * (CHANNEL + 1) + green) * (CHANNEL + 1) + blue)
    with np.errstate(invalid="ignore"):
        place = np.floor((values - low) / ((high - low) or 1.0) * levels)
        place[values == high] = levels - 1
        return np.asarray(np.nan_to_num(place.clip(-1, levels), nan=-2.0).astype(np.int64))


def _paths_by_shade(
    cx: CellComplex, shade: NDArray[np.int64]
) -> tuple[list[Path], NDArray[np.int64]]:
    """Paths of up to `CELLS` cells of one shade, and a cell of each path."""
    from matplotlib.path import Path

    found, order = corners(cx), np.argsort(shade, kind="stable")
    count = np.diff(found.starts)[order] + 1  # one more, which closes the polygon
    begin = np.concatenate([[0], np.cumsum(count)])
    within = np.arange(begin[-1]) - np.repeat(begin[:-1], count)
    within[begin[1:] - 1] = 0
    points = cx.vertices[found.vertex[np.repeat(found.starts[:-1][order], count) + within]]
    codes = np.full(len(points), Path.LINETO, dtype=np.uint8)
    codes[begin[:-1]], codes[begin[1:] - 1] = Path.MOVETO, Path.CLOSEPOLY
    changes = np.flatnonzero(np.diff(shade[order])) + 1
    edges = [0, *changes.tolist(), len(order)]
    starts = [k for a, b in pairwise(edges) for k in range(a, b, CELLS)]
    at = begin[[*starts, len(order)]].tolist()
    paths = [Path(points[a:b], codes[a:b]) for a, b in pairwise(at)]
    return paths, order[starts]
