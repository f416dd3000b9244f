"""Pictures of a function of one variable for the regression report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..report import figure, to_svg
from .colours import LINES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ...decomposition.complex import Complex
    from .under_way import Study

__all__ = ["film", "graph"]


def _draw(cx: Complex, ax: Axes) -> None:
    """The graph of f through its breakpoints, which are the vertices of the complex."""
    order = np.argsort(cx.vertices[:, 0])
    x, f = cx.vertices[order, 0], cx.vertex_values[0][order]
    ax.plot(x, f, color=LINES[1], linewidth=1.6)
    ax.plot(x, f, "|", color=LINES[1], markersize=9, markeredgewidth=0.9)
    ax.set_xlim(x[0], x[-1])


def graph(study: Study) -> str:
    """Graph of the network with its breakpoints and the samples."""
    fig, ax = figure(11.2, 3.8)
    ax.scatter(study.data.X[:, 0], study.data.y, s=9, color=LINES[0], alpha=0.5, linewidths=0)
    _draw(study.complex, ax)
    ax.set_xlabel(study.data.features[0])
    ax.set_ylabel(study.data.target)
    ax.grid(axis="y")
    return to_svg(fig, "graph of the network with its breakpoints")


def film(complexes: Sequence[tuple[int, Complex]]) -> str:
    """The graph at a few steps side by side."""
    fig, axes = figure(11.2, 2.6, ncols=len(complexes), sharex=True, sharey=True, squeeze=False)
    for ax, (step, cx) in zip(axes[0], complexes, strict=True):
        _draw(cx, ax)
        ax.set_title(f"step {step:,}: {cx.n_cells:,} cells", loc="left", fontsize=9)
        ax.grid(axis="y")
    return to_svg(fig, "the network's graph at four steps of training")
