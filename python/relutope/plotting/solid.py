"""Three dimensions: cells as solids, and the graph of a function of two inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..complex.cells import ComplexLike, complex_of
from . import colours
from .figures import new_axes
from .polygons import corners
from .quantities import Quantity, quantity

if TYPE_CHECKING:
    from matplotlib.axes import Axes


Floats = NDArray[np.float64]

SOLIDS_AT_MOST = 3_000
"""Cells beyond which a three-dimensional picture shows nothing but its outside."""

__all__ = ["cell_facets", "plot_solids", "plot_surface"]


def plot_surface(cx: ComplexLike, by: Any = "prediction", *, ax: Axes | None = None) -> Axes:
    """Draw the graph of a network with two inputs and one output: one flat piece per cell.

    Parameters
    ----------
    cx : Complex
        Two-dimensional and bounded, one output.
    by : str or array_like
        Colours, as for `relutope.plot`.
    ax : mpl_toolkits Axes3D, optional

    Returns
    -------
    mpl_toolkits.mplot3d.axes3d.Axes3D

    Raises
    ------
    ValueError
        If the network has several outputs or another number of inputs.

    See Also
    --------
    relutope.plot

    Examples
    --------
    >>> import relutope as rt
    >>> ax = plot_surface(rt.decompose(rt.mlp([2, 6, 1]), rt.Box(-1, 1)))
    >>> ax.get_zlabel()
    'f'
    """
    cx = complex_of(cx)
    found = corners(cx)
    heights = cx.vertex_values[0]
    points = np.column_stack([cx.vertices, heights[: len(cx.vertices)]])
    pieces = np.split(points[found.vertex], found.starts[1:-1])
    axes: Any = ax or new_axes(5.6, 4.6, projection="3d")
    shade = _colours(quantity(cx, by))
    _add_polygons(axes, pieces, facecolors=shade, linewidths=0.25)
    _limits(axes, points)
    axes.set_xlabel("x₁")
    axes.set_ylabel("x₂")
    axes.set_zlabel("f")
    return axes  # type: ignore[no-any-return]


def plot_solids(
    cx: ComplexLike,
    found: Quantity,
    *,
    ax: Axes | None = None,
    names: tuple[str, ...] = ("x₁", "x₂", "x₃"),
    legend: bool = True,
    apart: float = 0.85,
) -> Axes:
    """Draw the cells of a three-dimensional complex, each shrunk towards its middle.

    Parameters
    ----------
    cx : Complex
        Three-dimensional and bounded, at most 3,000 cells.
    found : Quantity
        Colours of the cells.
    ax : mpl_toolkits Axes3D, optional
    names : tuple of str
        Of the axes.
    legend : bool
        Show a colour bar for numbers.
    apart : float
        How much of its size a cell keeps; 1 leaves no gaps.

    Returns
    -------
    mpl_toolkits.mplot3d.axes3d.Axes3D

    Raises
    ------
    ValueError
        If there are too many cells.

    See Also
    --------
    relutope.plot
    """
    cx = complex_of(cx)
    if cx.n_cells > SOLIDS_AT_MOST:
        raise ValueError(
            f"`thing` has {cx.n_cells:,} cells in three dimensions; at most {SOLIDS_AT_MOST:,} can "
            "be told apart: decompose a smaller box, or draw a slice"
        )
    axes: Any = ax or new_axes(5.6, 4.8, projection="3d")
    cells, pieces = cell_facets(cx)
    middle = np.array([cx.vertices[row].mean(axis=0) for row in cx.cell_vertices])
    shrunk = [
        middle[cell] + apart * (piece - middle[cell])
        for cell, piece in zip(cells.tolist(), pieces, strict=True)
    ]
    shade = _colours(found)[cells]
    _add_polygons(axes, shrunk, facecolors=shade, linewidths=0.3, shade=False)
    _limits(axes, cx.vertices)
    for set_name, name in zip(
        (axes.set_xlabel, axes.set_ylabel, axes.set_zlabel), names, strict=True
    ):
        set_name(name)
    if legend and found.label and found.values.ndim == 1:
        _colour_bar(axes, found)
    return axes  # type: ignore[no-any-return]


def _add_polygons(axes: Any, polygons: list[Floats], **style: Any) -> None:
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    # matplotlib keeps polygons in one array and scales the axes to all of it, to what it has not
    # filled too: so all get as many corners, the last one again and again.
    most = max(map(len, polygons))
    filled = [np.concatenate([p, np.repeat(p[-1:], most - len(p), axis=0)]) for p in polygons]
    axes.add_collection3d(Poly3DCollection(filled, edgecolors=colours.FACET, **style))


def _colour_bar(axes: Any, found: Quantity) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    limits = found.limits or (float(found.values.min()), float(found.values.max()))
    scale = ScalarMappable(Normalize(*limits), found.cmap)
    axes.figure.colorbar(scale, ax=axes, label=found.label, shrink=0.6, pad=0.1)


def cell_facets(cx: ComplexLike) -> tuple[NDArray[np.int64], list[Floats]]:
    """The two-dimensional faces of each cell of a three-dimensional complex, as polygons.

    Parameters
    ----------
    cx : Complex
        Three-dimensional and bounded.

    Returns
    -------
    cells : ndarray of int64, shape (m,)
        The cell of each polygon; a shared facet appears once for either cell.
    polygons : list of ndarray, shapes (k_i, 3)
        Corners in order around the polygon.

    See Also
    --------
    relutope.plotting.cell_polygons
    """
    cx = complex_of(cx)
    faces = cx.faces(2)
    flat = [_ordered(cx.vertices[row]) for row in faces.vertices]
    owner, polygons = [], []
    for face, cells in enumerate(faces.cells):
        for cell in cells.tolist():
            owner.append(cell)
            polygons.append(flat[face])
    return np.array(owner, dtype=np.int64), polygons


def _ordered(points: Floats) -> Floats:
    """Corners of a planar convex polygon, sorted by angle around their mean."""
    rays = points - points.mean(axis=0)
    _, _, axes = np.linalg.svd(rays, full_matrices=False)
    order = np.argsort(np.arctan2(rays @ axes[1], rays @ axes[0]))
    result: Floats = points[order]
    return result


def _colours(found: Quantity) -> Floats:
    """RGBA per cell."""
    from matplotlib import colormaps
    from matplotlib.colors import Normalize, to_rgba_array

    if found.values.ndim == 2:
        return np.asarray(to_rgba_array(found.values))
    limits = found.limits or (float(found.values.min()), float(found.values.max()))
    scale = colormaps[found.cmap] if isinstance(found.cmap, str) else found.cmap
    return np.asarray(scale(Normalize(*limits)(found.values)))


def _limits(axes: Any, points: Floats) -> None:
    from matplotlib.ticker import MaxNLocator

    low, high = points.min(axis=0), points.max(axis=0)
    axes.set_xlim(low[0], high[0])
    axes.set_ylim(low[1], high[1])
    axes.set_zlim(low[2], high[2])
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_major_locator(MaxNLocator(4))
