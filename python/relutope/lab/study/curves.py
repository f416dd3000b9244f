"""Pictures of the table: columns over the steps of training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..report import figure, to_svg
from .colours import LINES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Columns = Mapping[str, Sequence[float | None]]

__all__ = ["against", "curves", "series", "steps_axis"]


def series(columns: Columns, name: str) -> NDArray[np.float64]:
    """A column as float64 with NaN where it has no value."""
    return np.array([np.nan if v is None else float(v) for v in columns[name]])


def steps_axis(ax: Axes, last: float) -> None:
    """Logarithmic steps, with room for step 0."""
    ax.set_xscale("symlog", linthresh=1.0, linscale=0.35)
    ax.set_xlim(0.0, max(last, 1.0))
    ticks = [0.0, *(10.0**k for k in range(int(np.log10(max(last, 1.0))) + 1))]
    ax.set_xticks(ticks, [f"{tick:,.0f}" for tick in ticks])
    ax.minorticks_off()
    ax.grid(axis="y")


def curves(
    columns: Columns,
    panels: Sequence[tuple[str, Mapping[str, str]]],
    *,
    label: str,
    log: bool = False,
    stairs: bool = False,
    second: tuple[str, Mapping[str, str]] | None = None,
    width: float = 5.4,
) -> str:
    """Small panels side by side, each with several columns over the steps, as SVG.

    Parameters
    ----------
    panels : sequence of (title, {column: legend text})
        Columns that the table lacks are left out.
    label : str
        Description for screen readers.
    log : bool
        Logarithmic values.
    stairs : bool
        Draw as steps: for whole numbers.
    second : (title, {column: legend text}), optional
        One more panel, never logarithmic.
    """
    shown = [*panels, *([second] if second else [])]
    fig, axes = figure(width, 2.75, ncols=len(shown), squeeze=False)
    steps = series(columns, "step")
    for ax, (title, names) in zip(axes[0], shown, strict=True):
        present = [(name, text) for name, text in names.items() if name in columns]
        for k, (name, text) in enumerate(present):
            _line(ax, steps, series(columns, name), text, k, stairs)
        steps_axis(ax, steps[-1])
        if log and (title, names) != second:
            ax.set_yscale("log")
        if stairs:
            _whole_numbers(ax)
        ax.set_title(title, loc="left", fontsize=9.5)
        ax.set_xlabel("updates")
        if len(present) > 1:
            ax.legend(handlelength=1.4)
    return to_svg(fig, label)


def _whole_numbers(ax: Axes) -> None:
    """Ticks at integers only, from 0 to at least 2."""
    from matplotlib.ticker import MaxNLocator

    ax.set_ylim(-0.15, max(2.2, ax.get_ylim()[1]))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))


def _line(
    ax: Axes, x: NDArray[np.float64], y: NDArray[np.float64], text: str, k: int, stairs: bool
) -> None:
    style: dict[str, Any] = {"drawstyle": "steps-post"} if stairs else {}
    colour = LINES[k % len(LINES)]
    ax.plot(x, y, color=colour, label=text, **style)
    ax.plot(x[-1:], y[-1:], "o", color=colour, markersize=3.5, clip_on=False)


def against(columns: Columns, x: str, y: str, x_label: str, y_label: str) -> str:
    """Column `y` (logarithmic) against column `x`: a dot per row, light to dark in order; SVG."""
    fig, ax = figure(5.4, 2.75)
    across, up = series(columns, x), series(columns, y)
    ax.plot(across, up, color=LINES[5], linewidth=0.6, alpha=0.6)
    ax.scatter(across, up, c=np.arange(len(up)), cmap="viridis_r", s=26, linewidths=0, zorder=2)
    ax.set_yscale("log")
    ax.set_xlabel(x_label)
    ax.set_ylabel(y_label)
    ax.grid()
    return to_svg(fig, f"{y_label} against {x_label}")
