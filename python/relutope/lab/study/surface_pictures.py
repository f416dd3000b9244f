"""Pictures of a function of two variables for the regression report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...plotting.layers import plot_cells, plot_level
from ..report import figure, to_svg
from .colours import sequential
from .pictures import canvas, colour_bar

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ...decomposition.complex import Complex
    from .under_way import Study

__all__ = ["film", "samples", "slopes", "values"]

LEVELS = 12


def _limits(study: Study) -> tuple[float, float]:
    """The range of the targets, outliers aside, for one colour scale on all pictures."""
    low, high = np.quantile(study.data.y, [0.01, 0.99])
    return float(low), float(high)


def _fill(study: Study, cx: Complex, ax: Axes, levels: int) -> Any:
    limits = _limits(study)
    outputs = cx.network.forward(cx.interior_points)[:, 0]
    fill = plot_cells(cx, outputs, ax, cmap=sequential(), limits=limits, rasterized=True)
    for level in np.linspace(*limits, levels + 2)[1:-1]:
        plot_level(cx, ax, float(level), colour="#16202e", width=0.7, casing=None)
    return fill


def values(study: Study) -> str:
    """Cells by value, with level sets."""
    fig, ax = canvas(study)
    colour_bar(fig, ax, _fill(study, study.complex, ax, LEVELS), "output of the network")
    return to_svg(fig, "cells coloured by the network's output with level sets")


def samples(study: Study) -> str:
    """The samples by target."""
    fig, ax = canvas(study)
    low, high = _limits(study)
    X, y = study.data.X, study.data.y
    dots = ax.scatter(
        X[:, 0], X[:, 1], c=y, s=13, cmap=sequential(), vmin=low, vmax=high, linewidths=0
    )
    for axis, bounds in ((ax.set_xlim, 0), (ax.set_ylim, 1)):
        axis(study.domain.lower[bounds], study.domain.upper[bounds])
    colour_bar(fig, ax, dots, study.data.target)
    return to_svg(fig, "samples coloured by target value")


def slopes(study: Study) -> str:
    """Cells by the length of the gradient."""
    cx = study.complex
    steepness = np.linalg.norm(cx.affine_maps()[0][:, 0, :], axis=1)
    fig, ax = canvas(study)
    top = float(np.quantile(steepness, 0.98))
    colour_bar(
        fig,
        ax,
        plot_cells(cx, steepness, ax, cmap="magma", limits=(0.0, top), rasterized=True),
        "length of the gradient",
    )
    return to_svg(fig, "cells coloured by the length of the gradient")


def film(study: Study, complexes: Sequence[tuple[int, Complex]]) -> str:
    """The complex at a few steps side by side."""
    fig, axes = figure(11.2, 3.1, ncols=len(complexes), sharex=True, sharey=True, squeeze=False)
    for ax, (step, cx) in zip(axes[0], complexes, strict=True):
        _fill(study, cx, ax, 6)
        ax.set_title(f"step {step:,}: {cx.n_cells:,} cells", loc="left", fontsize=9)
        ax.tick_params(labelbottom=False, labelleft=False, length=0)
    return to_svg(fig, "the complex at four steps of training")
