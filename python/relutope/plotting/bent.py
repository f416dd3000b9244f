"""Bent hyperplanes of a plane, each in a colour of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..complex.lattice import as_indices
from ..topology.bent import BentHyperplanes
from .colours import FACET
from .figures import new_axes
from .layers import draw_level, frame
from .polygons import cell_polygons, facet_segments

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_bent_hyperplanes"]

NAMED_AT_MOST = 12
"""Neurons beyond which a legend shows nothing."""


def plot_bent_hyperplanes(
    hyperplanes: BentHyperplanes,
    *,
    ax: Axes | None = None,
    which: Any = None,
    width: float = 2.0,
    cells: bool = True,
    legend: bool | None = None,
) -> Axes:
    """Draw where each neuron's preactivation vanishes: lines, points and whole cells.

    Parameters
    ----------
    hyperplanes : BentHyperplanes
        Of a two-dimensional complex over a bounded domain.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.
    which : array_like of bool or int, optional
        Which of them; all by default.
    width : float
        Of the lines, in points.
    cells : bool
        Draw the facets of all cells, thin, behind them.
    legend : bool, optional
        Name each neuron, with the numbers of its components and loops; by default of at
        most 12.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the complex is not two-dimensional on a bounded domain, or `which` does not fit.

    See Also
    --------
    relutope.bent_hyperplanes, plot_facets

    Examples
    --------
    >>> import relutope as rt
    >>> found = rt.bent_hyperplanes(rt.mlp([2, 6, 4, 1], seed=0), 2, rt.Box(-2, 2))
    >>> ax = plot_bent_hyperplanes(found)
    >>> [text.get_text().split(":")[0] for text in ax.get_legend().get_texts()]
    ['neuron 6', 'neuron 7', 'neuron 8', 'neuron 9']
    """
    cx, count = hyperplanes.complex, len(hyperplanes)
    chosen = np.arange(count) if which is None else as_indices("which", which, count)
    polygons = cell_polygons(cx)
    if legend is None:
        legend = len(chosen) <= NAMED_AT_MOST
    axes = ax or new_axes(7.4 if legend else 5.0, 4.6)
    if cells:
        draw_level(facet_segments(cx), axes, colour=FACET, width=0.3, casing=None).set_alpha(0.25)
    shades = _shades(len(chosen))
    for i, shade in zip(chosen.tolist(), shades, strict=True):
        _draw(hyperplanes, i, shade, axes, width, polygons)
    frame(cx, axes)
    axes.set_aspect("equal")
    axes.set_xlabel("x₁")
    axes.set_ylabel("x₂")
    if legend:
        _name(hyperplanes, chosen.tolist(), shades, axes)
    return axes


def _draw(
    hyperplanes: BentHyperplanes, i: int, shade: Any, ax: Axes, width: float, polygons: Any
) -> None:
    from matplotlib.collections import PolyCollection

    own, cx = hyperplanes[i], hyperplanes.complex
    flat, edges = own.cells, own.faces(1)
    if len(flat):
        pieces = [polygons[k] for k in flat.tolist()]
        ax.add_collection(PolyCollection(pieces, facecolors=shade, alpha=0.35, linewidths=0))
    ends = cx.faces(1).vertices.indices.reshape(-1, 2)[edges]
    draw_level(cx.vertices[ends], ax, colour=shade, width=width, casing=None)
    alone = np.setdiff1d(own.faces(0), ends)
    if len(alone):
        x, y = cx.vertices[alone].T
        ax.scatter(x, y, s=4 * width**2, color=shade, zorder=5)


def _shades(count: int) -> list[Any]:
    """Colours around the circle of hues: neighbours in number far apart in hue."""
    from matplotlib import colormaps

    if count <= 8:
        return [colormaps["Dark2"](k) for k in range(count)]
    golden = (np.sqrt(5) - 1) / 2
    return [colormaps["turbo"](0.05 + 0.9 * (k * golden % 1)) for k in range(count)]


def _name(hyperplanes: BentHyperplanes, chosen: list[int], shades: list[Any], ax: Axes) -> None:
    from matplotlib.lines import Line2D

    keys = []
    for i, shade in zip(chosen, shades, strict=True):
        parts = int(hyperplanes.n_components[i])
        loops = int(hyperplanes.betti[i, 1])
        holds = {0: "nowhere zero", 1: "1 component"}.get(parts, f"{parts} components")
        holds += {0: "", 1: ", 1 loop"}.get(loops, f", {loops} loops")
        label = f"neuron {hyperplanes.neurons[i]}: {holds}"
        keys.append(Line2D([], [], color=shade, linewidth=2, label=label))
    ax.legend(
        handles=keys,
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        frameon=False,
        borderaxespad=0.2,
        handlelength=1.2,
    )
