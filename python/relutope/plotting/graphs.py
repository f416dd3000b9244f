"""Pictures of partitions and nerves on the plane of the cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..complex.cell_complex import CellComplex
from ..complex.cells import ComplexLike, complex_of
from . import colours
from .figures import new_axes
from .layers import frame, plot_cells, plot_facets
from .picture import show_keys
from .polygons import cell_polygons

if TYPE_CHECKING:
    from matplotlib.axes import Axes


__all__ = ["plot_agreement", "plot_nerve"]


def plot_agreement(
    cx: ComplexLike, partition: ArrayLike, labels: ArrayLike, *, ax: Axes | None = None
) -> Axes:
    """Draw where a partition in two parts and two classes agree, under the better matching.

    Parameters
    ----------
    cx : Complex
        Two-dimensional and bounded.
    partition : array_like of bool, shape (n_cells,)
        Such as ``relutope.fiedler(cx).partition``.
    labels : array_like of bool, shape (n_cells,)
        The class of each cell.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        Cells in the colour of their class, those that disagree hatched; cut facets on top.

    See Also
    --------
    relutope.fiedler, relutope.decision_regions
    """
    cx = complex_of(cx)
    part = np.asarray(partition, dtype=bool)
    label = np.asarray(labels, dtype=bool)
    if (part == label).mean() < 0.5:
        part = ~part
    ax = ax or new_axes()
    palette = np.array([_rgb(colour) for colour in colours.CLASSES[:2]])
    plot_cells(cx, palette[label.astype(int)], ax, edge=colours.FACET)
    wrong = np.flatnonzero(part != label)
    if len(wrong):
        _hatch(cx, wrong, ax)
    i, j = cx.adjacency.T
    plot_facets(cx, part[i] != part[j], ax, colour=colours.CUT, width=2.4)
    frame(cx, ax)
    ax.set_aspect("equal")
    ax.set_xlabel("x₁")
    ax.set_ylabel("x₂")
    agree = 1 - len(wrong) / max(cx.n_cells, 1)
    show_keys(
        ax,
        [
            ("class 0", colours.CLASSES[0]),
            ("class 1", colours.CLASSES[1]),
            (f"cut ({agree:.0%} of the cells agree)", colours.CUT),
        ],
    )
    return ax


def _hatch(cx: CellComplex, cells: NDArray[np.int64], ax: Axes) -> None:
    from matplotlib.collections import PolyCollection

    polygons = cell_polygons(cx)
    ax.add_collection(
        PolyCollection(
            [polygons[i] for i in cells],
            facecolors="none",
            edgecolors=colours.BOUNDARY,
            hatch="////",
            linewidths=0,
            zorder=2,
        )
    )


def plot_nerve(cx: ComplexLike, tree: Any, *, ax: Axes | None = None) -> Axes:
    """Draw a simplicial complex on the cells: a point per cell, its edges and triangles.

    Parameters
    ----------
    cx : Complex
        Two-dimensional and bounded.
    tree : gudhi.SimplexTree
        With the cells as vertices, such as ``relutope.topology.cell_nerve(cx, 2)``.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    See Also
    --------
    relutope.topology.cell_nerve, relutope.topology.dual_flag_complex
    """
    cx = complex_of(cx)
    from matplotlib.collections import LineCollection, PolyCollection

    points = cx.interior_points
    simplices = [simplex for simplex, _ in tree.get_skeleton(2)]
    edges = [points[s] for s in simplices if len(s) == 2]
    triangles = [points[s] for s in simplices if len(s) == 3]
    ax = ax or new_axes()
    plot_cells(cx, np.tile(_rgb(colours.PAPER), (cx.n_cells, 1)), ax, edge=colours.FACET)
    ax.add_collection(
        PolyCollection(triangles, facecolors=colours.SERIES[0], alpha=0.25, linewidths=0, zorder=3)
    )
    ax.add_collection(LineCollection(edges, colors=colours.SERIES[0], linewidths=0.9, zorder=4))
    ax.scatter(points[:, 0], points[:, 1], s=12, color=colours.SAMPLES[0], linewidths=0, zorder=5)
    frame(cx, ax)
    ax.set_aspect("equal")
    ax.set_xlabel("x₁")
    ax.set_ylabel("x₂")
    return ax


def _rgb(colour: str) -> tuple[float, ...]:
    from matplotlib.colors import to_rgb

    return to_rgb(colour)
