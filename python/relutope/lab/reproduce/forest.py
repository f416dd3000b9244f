"""Forest plots: what trained networks reach, beside their null models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..study.colours import LINES
from .statistics import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["OWN", "forest"]

OWN = "#0f8a7e"  # trained networks, in all pictures


def forest(
    ax: Axes,
    rows: Sequence[tuple[Interval, Mapping[str, Interval]]],
    nulls: Mapping[str, str],
    colours: Mapping[str, str],
    spread: float,
) -> None:
    """A row for each question: means with intervals over seeds, trained networks first.

    Parameters
    ----------
    ax : Axes
    rows : sequence of (Interval, dict of str to Interval)
        Of the trained networks, and of each null model by its name.
    nulls, colours : dict of str to str
        What null models are called, and their colours, by their names.
    spread : float
        How far above and below the middle of a row its first and last interval are.
    """
    offsets = np.linspace(-spread, spread, 1 + len(nulls))
    for row, (own, others) in enumerate(rows):
        ax.axhspan(row - 0.42, row + 0.42, color=LINES[5], alpha=0.07, linewidth=0)
        shown = [("trained", OWN, own)]
        shown += [(nulls[name], colours[name], others[name]) for name in nulls]
        for k, (text, colour, interval) in enumerate(shown):
            y = row + offsets[k]
            if interval.n > 1:
                ends = [interval.low, interval.high]
                ax.plot(ends, [y, y], color=colour, linewidth=1.6 if k else 2.6, alpha=0.75)
            ax.plot(
                [interval.mean],
                [y],
                "o" if k else "D",
                color=colour,
                markersize=4.2 if k else 6.5,
                label=text if row == 0 else None,
            )
    ax.axvline(0, color=LINES[5], linewidth=0.8)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
