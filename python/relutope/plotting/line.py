"""Networks of one input: the graph of the function over its cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..complex.cell_complex import CellComplex
from . import colours
from .figures import new_axes
from .quantities import Quantity

if TYPE_CHECKING:
    from matplotlib.axes import Axes


__all__ = ["plot_function"]


def plot_function(
    cx: CellComplex,
    found: Quantity,
    *,
    ax: Axes | None = None,
    name: str = "x",
    legend: bool = True,
) -> Axes:
    """Draw the outputs of a network of one input, its breakpoints, and its cells as bands.

    Parameters
    ----------
    cx : Complex
        Of one dimension, bounded.
    found : Quantity
        Colours of the cells.
    ax : matplotlib Axes, optional
    name : str
        Of the input.
    legend : bool
        With several outputs, name them; show a colour bar for numbers.

    Returns
    -------
    matplotlib.axes.Axes

    See Also
    --------
    relutope.plot
    """
    ax = ax or new_axes(6.0, 3.4)
    ends = np.sort(cx.vertices[:, 0])
    outputs = cx.network.forward(ends[:, None])
    _bands(cx, found, ax, legend)
    for k, values in enumerate(outputs.T):
        colour = colours.SERIES[k % len(colours.SERIES)]
        ax.plot(ends, values, color=colour, label=f"output {k}", zorder=3)
        inner = slice(1, -1)
        ax.scatter(ends[inner], values[inner], s=16, color=colour, edgecolors="#ffffff", zorder=4)
    ax.set_xlim(float(ends[0]), float(ends[-1]))
    ax.set_xlabel(name)
    ax.set_ylabel("f" if outputs.shape[1] == 1 else "outputs")
    if legend and outputs.shape[1] > 1:
        ax.legend()
    return ax


def _bands(cx: CellComplex, found: Quantity, ax: Axes, legend: bool) -> None:
    """A band per cell behind the graph."""
    from matplotlib.collections import PolyCollection

    spans = np.array([np.sort(cx.vertices[row, 0]) for row in cx.cell_vertices])
    left, right = spans[:, 0], spans[:, 1]
    zero, one = np.zeros_like(left), np.ones_like(left)
    corners = np.stack(
        [
            np.column_stack(pair)
            for pair in ((left, zero), (right, zero), (right, one), (left, one))
        ],
        axis=1,
    )
    bands = PolyCollection(
        list(corners), transform=ax.get_xaxis_transform(), alpha=0.45, linewidths=0, zorder=1
    )
    if found.values.ndim == 2:
        bands.set_facecolor(found.values)  # type: ignore[arg-type]
    else:
        bands.set_array(found.values)
        bands.set_cmap(found.cmap)
        bands.set_clim(*(found.limits or (found.values.min(), found.values.max())))
    ax.add_collection(bands, autolim=False)
    if legend and found.label and found.values.ndim == 1:
        ax.figure.colorbar(bands, ax=ax, label=found.label, aspect=30, pad=0.02)
