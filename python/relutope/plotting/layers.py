"""Draw two-dimensional complexes with matplotlib: each function adds one layer to an Axes.

>>> import relutope as rt
>>> from matplotlib.figure import Figure
>>> cx = rt.decompose(rt.mlp([2, 8, 1]), rt.Box(-1, 1, dim=2))
>>> ax = Figure().add_subplot()
>>> cells = plot_cells(cx, cx.interior_points[:, 0], ax)
>>> boundary = plot_level(cx, ax)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..complex.cell_complex import CellComplex
from ..complex.cells import ComplexLike, complex_of
from ..domain.box import Box
from .colours import CUT, FACET, PARTS
from .fills import fill_cells
from .polygons import facet_segments, level_segments

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import Collection, LineCollection, PathCollection

Floats = NDArray[np.float64]

SEGMENTS = 500
"""Segments of one colour in one path."""
RASTER_ABOVE = 20_000
"""Cells beyond which polygons are drawn as pixels in vector formats."""

__all__ = [
    "draw_level",
    "frame",
    "plot_cells",
    "plot_dual_graph",
    "plot_facets",
    "plot_level",
    "signed_ranks",
]


def plot_cells(
    cx: ComplexLike,
    values: ArrayLike,
    ax: Axes,
    *,
    cmap: Any = "viridis",
    limits: tuple[float, float] | None = None,
    edge: str = FACET,
    edge_width: float | None = None,
    rasterized: bool | None = None,
) -> Collection:
    """Fill every cell by its value or colour.

    Parameters
    ----------
    cx : Complex
        Two-dimensional, on a box or a bounded polytope.
    values : array_like (n_cells,) or (n_cells, 3)
        Numbers for `cmap`, or RGB colours in [0, 1].
    ax : matplotlib Axes
        Its limits are set to the domain.
    cmap : colormap or name
    limits : pair of float, optional
        Values at the two ends of `cmap` (default: smallest and largest).
    edge, edge_width
        Colour and width in points of the lines between cells, "none" for no lines; the default
        width shrinks with the number of cells.
    rasterized : bool, optional
        Draw cells as pixels in vector formats; by default if there are more than 20,000.

    Returns
    -------
    matplotlib.collections.Collection
        A polygon for each cell; of more than 20,000, a path for those of one shade.

    See Also
    --------
    relutope.plot, plot_level, plot_facets
    """
    cx = complex_of(cx)
    many = cx.n_cells > RASTER_ABOVE
    raster = many if rasterized is None else rasterized
    given = np.asarray(values, dtype=float)
    fill = fill_cells(ax, cx, given, cmap=cmap, limits=limits, together=many, rasterized=raster)
    if edge != "none":
        width = np.clip(9.0 / np.sqrt(cx.n_cells), 0.05, 0.6) if edge_width is None else edge_width
        lines = _lines(facet_segments(cx), colour=edge, width=float(width), zorder=1.5)
        lines.set(alpha=0.55, rasterized=raster)
        ax.add_collection(lines, autolim=False)
    frame(cx, ax)
    return fill


def _lines(segments: Floats, *, colour: str, width: float, zorder: float) -> PathCollection:
    """Many segments of one colour, hundreds to a path: a path each takes longer than drawing it."""
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path

    points = segments.reshape(-1, 2)
    codes = np.tile([Path.MOVETO, Path.LINETO], len(segments))
    ends = range(0, len(points), 2 * SEGMENTS)
    return PathCollection(
        [Path(points[k : k + 2 * SEGMENTS], codes[k : k + 2 * SEGMENTS]) for k in ends],
        facecolors="none",
        edgecolors=colour,
        linewidths=width,
        capstyle="round",
        zorder=zorder,
    )


def plot_level(
    cx: ComplexLike,
    ax: Axes,
    level: float = 0.0,
    *,
    colour: str = "#111111",
    width: float = 2.0,
    casing: str | None = "#ffffff",
) -> LineCollection:
    """Draw {f = level} of a one-output network, exact within each cell, on a light casing.

    Parameters
    ----------
    cx : Complex
        Two-dimensional, over a bounded domain.
    ax : matplotlib Axes
    level : float
    colour : str
    width : float
        In points.
    casing : str or None
        Colour around the line; None for no casing.

    Returns
    -------
    matplotlib.collections.LineCollection

    See Also
    --------
    level_segments, plot_cells
    """
    segments = level_segments(complex_of(cx), level)
    return draw_level(segments, ax, colour=colour, width=width, casing=casing)


def draw_level(
    segments: Floats,
    ax: Axes,
    *,
    colour: str = "#111111",
    width: float = 2.0,
    casing: str | None = "#ffffff",
) -> LineCollection:
    """Draw segments as one line on a light casing.

    Parameters
    ----------
    segments : ndarray of float64, shape (k, 2, 2)
    ax : matplotlib Axes
    colour, width, casing
        As for `plot_level`.

    Returns
    -------
    matplotlib.collections.LineCollection
    """
    from matplotlib.collections import LineCollection

    if casing is not None:
        ax.add_collection(_lines(segments, colour=casing, width=width + 1.6, zorder=3))
    line = LineCollection(
        list(segments), colors=colour, linewidths=width, capstyle="round", zorder=4
    )
    ax.add_collection(line)
    return line


def plot_facets(
    cx: ComplexLike, chosen: ArrayLike, ax: Axes, *, colour: str = "#111111", width: float = 1.5
) -> LineCollection:
    """Draw some of the shared facets.

    Parameters
    ----------
    cx : Complex
        Two-dimensional, over a bounded domain.
    chosen : array_like of bool, shape (n_edges,)
        Which.
    ax : matplotlib Axes
    colour : str
    width : float
        In points.

    Returns
    -------
    matplotlib.collections.LineCollection

    See Also
    --------
    facet_segments, plot_cells
    """
    cx = complex_of(cx)
    from matplotlib.collections import LineCollection

    segments = facet_segments(cx)[np.asarray(chosen, dtype=bool)]
    line = LineCollection(
        list(segments), colors=colour, linewidths=width, capstyle="round", zorder=3
    )
    ax.add_collection(line)
    return line


def plot_dual_graph(
    cx: ComplexLike,
    partition: ArrayLike,
    ax: Axes,
    *,
    colours: tuple[str, str] = PARTS,
    cut: str = CUT,
) -> PathCollection:
    """Draw the dual graph on the cells' interior points: nodes by part, cut edges in colour `cut`.

    Parameters
    ----------
    cx : Complex
        Two-dimensional, over a bounded domain.
    partition : array_like of bool, shape (n_cells,)
    ax : matplotlib Axes
    colours : pair of str
        For the parts False and True.
    cut : str
        Colour of the edges between the parts.

    Returns
    -------
    matplotlib.collections.PathCollection
        The nodes.

    See Also
    --------
    relutope.dual_graph, plot_cells
    """
    cx = complex_of(cx)
    part, points = np.asarray(partition, dtype=bool), cx.interior_points
    crossing = part[cx.adjacency[:, 0]] != part[cx.adjacency[:, 1]]
    segments = points[cx.adjacency]
    scale = float(np.clip(30 / np.sqrt(cx.n_cells), 0.25, 1.5))
    raster = cx.n_cells > RASTER_ABOVE
    for rows, colour, width in ((~crossing, "#8a8f98", 0.7 * scale), (crossing, cut, 1.5 * scale)):
        lines = _lines(segments[rows], colour=colour, width=width, zorder=1.8)
        lines.set_rasterized(raster)
        ax.add_collection(lines)
    nodes = ax.scatter(
        points[:, 0],
        points[:, 1],
        s=14 * scale**2,
        c=np.where(part, colours[1], colours[0]).tolist(),
        linewidths=0,
        zorder=2,
        rasterized=raster,
    )
    frame(cx, ax)
    return nodes


def frame(cx: CellComplex, ax: Axes) -> None:
    """Set the limits of the axes to the domain.

    Parameters
    ----------
    cx : Complex
        Bounded.
    ax : matplotlib Axes
    """
    (left, right), (bottom, top) = extent(cx)
    ax.set_xlim(left, right)
    ax.set_ylim(bottom, top)


def extent(cx: CellComplex) -> list[list[float]]:
    """Return the least and the greatest value of each coordinate in the domain.

    Parameters
    ----------
    cx : Complex
        Bounded.

    Returns
    -------
    list of [float, float]
    """
    if isinstance(cx.domain, Box):
        ends = np.stack([cx.domain.lower, cx.domain.upper])
    else:
        ends = np.stack([cx.vertices.min(axis=0), cx.vertices.max(axis=0)])
    found: list[list[float]] = ends.T.tolist()
    return found


def signed_ranks(values: ArrayLike) -> Floats:
    """Replace numbers by ranks in [-1, 1], negatives and positives apart, so that 0 stays 0.

    Shows the order of a vector whose entries differ by orders of magnitude.

    Parameters
    ----------
    values : array_like of float, shape (k,)

    Returns
    -------
    ndarray of float64, shape (k,)

    See Also
    --------
    plot_cells, relutope.fiedler

    Examples
    --------
    >>> signed_ranks([-9.0, -1.0, 0.0, 2.0]).tolist()
    [-1.0, -0.5, 0.0, 1.0]
    """
    given = np.asarray(values, dtype=float)
    ranks = np.zeros(len(given))
    for sign in (-1.0, 1.0):
        rows = np.flatnonzero(sign * given > 0)
        ranks[rows[np.argsort(sign * given[rows], kind="stable")]] = (
            sign * np.arange(1, len(rows) + 1) / max(len(rows), 1)
        )
    return ranks
