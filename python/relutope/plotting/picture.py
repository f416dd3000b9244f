"""`plot`: the picture of a complex or a slice, as its dimension says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ..common.arithmetic import ieee_arithmetic
from ..complex.cell_complex import CellComplex
from ..complex.cells import cells_of, has_cells
from . import colours
from .figures import new_axes
from .layers import draw_level, extent, frame, plot_cells, plot_facets, plot_level
from .line import plot_function
from .polygons import facet_segments
from .quantities import Quantity, output_quantity, quantity
from .solid import plot_solids

if TYPE_CHECKING:
    from matplotlib.axes import Axes


Facets = Literal["all", "layer", "none"]

__all__ = ["plot"]


@ieee_arithmetic
def plot(
    thing: Any,
    by: Any = "pattern",
    *,
    ax: Axes | None = None,
    level: float | Literal["auto"] | None = "auto",
    facets: Facets = "all",
    data: tuple[ArrayLike, ArrayLike | None] | None = None,
    names: tuple[str, ...] | None = None,
    images: tuple[int, ...] | None = None,
    legend: bool = True,
    cmap: Any = None,
    limits: tuple[float, float] | None = None,
) -> Axes:
    """Draw a complex or a slice of one, two or three dimensions.

    One input: the graph of the function with its breakpoints. Two: the cells. Three: the cells as
    solids, a little apart.

    Parameters
    ----------
    thing : Complex or Slice
        Over a bounded domain.
    by : str, array_like of shape (n_cells,) or (n_cells, 3), or Quantity
        What colours a cell: "pattern" (the same pattern has the same colour in every picture),
        "prediction", "probability", "class", "fiedler", "fiedler part", "volume", "gradient",
        "degree", "depth", numbers of your own, or RGB colours.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default. Three dimensions need an Axes3D.
    level : float, None or "auto"
        Draw where the one output has this value, exactly within each cell. "auto" is 0 where cells
        are coloured by the one output, which then are also cut there; None is no line.
    facets : {"all", "layer", "none"}
        Lines between cells: thin, coloured by the layer that makes them, or none.
    data : pair (X, y), optional
        Points drawn on top, shape (k, n), with labels 0, 1, ... or None.
    names : tuple of str, optional
        Names of the axes.
    images : tuple of int, optional
        For slices through data points: shape of an input as an image, (height, width) or (height,
        width, channels). The three points are shown at the corners.
    legend : bool
        Show a colour bar or a legend.
    cmap, limits
        Colormap and values at its ends, instead of those of `by`.

    Returns
    -------
    matplotlib.axes.Axes
        ``ax.figure`` is the figure. Nothing is shown or saved.

    Raises
    ------
    ValueError
        If the dimension is above three, the domain is unbounded, or an argument does not fit.
    MissingDependencyError
        If matplotlib is not installed.

    See Also
    --------
    relutope.plotting.save : Write a figure with the width of a column.
    relutope.plotting.plot_surface : The graph of a function of two inputs.
    relutope.plotting.save_html : A picture to pan, zoom and hover.

    Examples
    --------
    >>> import relutope as rt
    >>> cx = rt.decompose(rt.mlp([2, 8, 1], seed=0), rt.Box(-1, 1))
    >>> ax = rt.plot(cx, "prediction")
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('x₁', 'x₂')
    """
    cx, letter, sliced = _complex_of(thing)
    axis_names = _axis_names(cx, letter, names, facets)
    shown, found = _coloured(cx, by)
    if cmap is not None or limits is not None:
        found = Quantity(
            found.values, found.label, cmap or found.cmap, limits or found.limits, found.names
        )
    if cx.dim == 1:
        return plot_function(cx, found, ax=ax, name=axis_names[0], legend=legend)
    if cx.dim == 3:
        return plot_solids(shown, found, ax=ax, names=axis_names, legend=legend)
    ax = _plane(shown, found, ax, facets, legend)
    if level == "auto":
        level = 0.0 if cx.network.output_dim == 1 and _is_output(by) else None
    if level == 0.0 and shown.n_output_neurons and cx.network.output_dim == 1:
        draw_level(_zero_set(shown), ax)  # the cells are cut there already
    elif level is not None:
        plot_level(cx, ax, level)
    if data is not None:
        _points(ax, *data)
    ax.set_xlabel(axis_names[0])
    ax.set_ylabel(axis_names[1])
    if images is not None:
        _corner_images(ax, sliced, images)
    return ax


def _complex_of(thing: Any) -> tuple[CellComplex, str, Any]:
    """The complex to draw, the letter of its coordinates, and the slice if it is one."""
    cells = cells_of(thing) if has_cells(thing) else None
    if not isinstance(cells, CellComplex):
        raise TypeError(
            f"`thing` must be a Complex or a Slice, got {type(thing).__name__}; decompose first"
        )
    return (cells, "x", None) if cells is thing else (cells, "t", thing)


def _axis_names(
    cx: CellComplex, letter: str, names: tuple[str, ...] | None, facets: Any
) -> tuple[str, ...]:
    """The names of the axes; raises ValueError if there can be no picture."""
    if cx.domain is None or not cx.bounded.all():
        raise ValueError(
            "`thing` is unbounded; a picture needs a bounded domain: decompose over a box"
        )
    if facets not in ("all", "layer", "none"):
        raise ValueError(f"`facets` is {facets!r}; use 'all', 'layer' or 'none'")
    if cx.dim > 3:
        raise ValueError(
            f"`thing` has {cx.dim} dimensions; pictures have at most three: use relutope.slice"
        )
    found = names or tuple(f"{letter}{'₁₂₃'[k]}" for k in range(cx.dim))
    if len(found) != cx.dim:
        raise ValueError(f"`names` has {len(found)} entries, but there are {cx.dim} axes")
    return found


def _is_output(by: Any) -> bool:
    """Whether `by` shows the output itself."""
    return isinstance(by, str) and by in ("prediction", "probability", "class")


def _coloured(cx: CellComplex, by: Any) -> tuple[CellComplex, Quantity]:
    """The cells to fill; those of a plane are cut where the output that colours them is 0."""
    cut = _is_output(by) and cx.dim == 2 and cx.network.output_dim == 1
    if not isinstance(by, str) or not cut or cx.n_output_neurons:
        return cx, quantity(cx, by)
    refined = cx.refine_by_output()
    if by != "class":
        return refined, output_quantity(refined, cx.network, by)
    side = refined.patterns[:, -1].astype(np.int64)
    palette = np.array([_rgb(colour) for colour in colours.CLASSES[:2]])
    names = tuple(zip(("class 0", "class 1"), colours.CLASSES, strict=False))
    return refined, Quantity(palette[side], names=names)


def _zero_set(cx: CellComplex) -> Any:
    """The facets at which the one output, by whose sign the cells are cut, changes its sign."""
    positive = cx.patterns[:, -1][cx.adjacency]
    return facet_segments(cx)[positive[:, 0] != positive[:, 1]]


def _rgb(colour: str) -> tuple[float, ...]:
    from matplotlib.colors import to_rgb

    return to_rgb(colour)


def _plane(cx: CellComplex, found: Quantity, ax: Axes | None, facets: Facets, legend: bool) -> Axes:
    ax = ax or _axes_for(cx)
    fill = plot_cells(
        cx,
        found.values,
        ax,
        cmap=found.cmap,
        limits=found.limits,
        edge="none" if facets != "all" else colours.FACET,
    )
    keys = list(found.names)
    if facets == "layer":
        keys += _facets_by_layer(cx, ax)
    frame(cx, ax)
    ax.set_aspect("equal")
    if legend and found.label:
        bar = ax.figure.colorbar(fill, ax=ax, aspect=34, pad=0.02, label=found.label)
        bar.outline.set_visible(False)
    if legend and keys:
        show_keys(ax, keys)
    return ax


def _axes_for(cx: CellComplex) -> Axes:
    """Axes of a figure that an oblong domain fills, too."""
    (left, right), (bottom, top) = extent(cx)
    ratio = (top - bottom) / (right - left)
    width, height = min(1.0, max(1 / ratio, 0.4)), min(1.0, max(ratio, 0.4))
    return new_axes(1.0 + 4.2 * width, 0.6 + 3.8 * height)


def show_keys(ax: Axes, keys: list[tuple[str, str]]) -> None:
    """A legend of coloured squares above the picture.

    Parameters
    ----------
    ax : matplotlib Axes
    keys : list of (str, str)
        Names and colours.
    """
    from matplotlib.patches import Patch

    ax.legend(
        handles=[Patch(facecolor=colour, label=name) for name, colour in keys],
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=min(len(keys), 5),
        frameon=False,
        borderaxespad=0.2,
        handlelength=1.0,
        columnspacing=1.2,
    )


def _facets_by_layer(cx: CellComplex, ax: Axes) -> list[tuple[str, str]]:
    from matplotlib.colors import to_hex

    widths = cx.network.hidden_widths
    layer_of = np.repeat(np.arange(len(widths)), widths)
    first = np.array([layer_of[row].min() if len(row) else 0 for row in cx.facet_neurons])
    keys = []
    for layer, shade in enumerate(colours.layer_colours(len(widths))):
        colour = to_hex(shade)
        plot_facets(cx, first == layer, ax, colour=colour, width=1.5)
        keys.append((f"layer {layer + 1}", colour))
    return keys


def _points(ax: Axes, X: ArrayLike, y: ArrayLike | None = None) -> None:
    points = np.asarray(X, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"`data` has points of shape {points.shape}; expected (k, 2)")
    labels = np.zeros(len(points), dtype=np.int64) if y is None else np.asarray(y).astype(np.int64)
    if labels.shape != (len(points),):
        raise ValueError(f"`data` has {labels.shape} labels for {len(points)} points")
    shades = [colours.SAMPLES[k % len(colours.SAMPLES)] for k in labels.ravel().tolist()]
    ax.scatter(
        points[:, 0], points[:, 1], s=14, c=shades, edgecolors="#ffffff", linewidths=0.5, zorder=5
    )


def _corner_images(ax: Axes, sliced: Any, shape: tuple[int, ...]) -> None:
    """The images at the parameters (0, 0), (1, 0) and (0, 1), beside their corners."""
    from matplotlib.offsetbox import AnnotationBbox, OffsetImage

    if sliced is None:
        raise ValueError("`images` needs a slice: relutope.slice(network, three_points)")
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    pixels = sliced.embed(corners)
    if int(np.prod(shape)) != pixels.shape[1]:
        raise ValueError(f"`images` is {shape}, but inputs have {pixels.shape[1]} numbers")
    low, high = float(pixels.min()), float(pixels.max())
    for corner, picture in zip(corners, pixels, strict=True):
        shown = (picture.reshape(shape) - low) / ((high - low) or 1.0)
        box = OffsetImage(shown, zoom=44 / shape[0], cmap="gray_r" if len(shape) == 2 else None)
        offset = (30 if corner[0] else -34, 30 if corner[1] else -34)
        ax.add_artist(
            AnnotationBbox(
                box, tuple(corner), xybox=offset, boxcoords="offset points", pad=0.1, zorder=6
            )
        )
