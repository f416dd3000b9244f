"""Pictures of a planar complex for the report, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...plotting.colours import pattern_hues
from ...plotting.layers import (
    plot_cells,
    plot_dual_graph,
    plot_facets,
    plot_level,
    signed_ranks,
)
from ..report import figure, to_svg
from .colours import CLASS, CUT, PART, SAMPLE, diverging

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.colorbar import Colorbar
    from matplotlib.figure import Figure

    from ...decomposition.complex import Complex
    from .under_way import Study

Floats = NDArray[np.float64]

__all__ = [
    "canvas",
    "colour_bar",
    "dual_graph",
    "fiedler",
    "film",
    "patterns",
    "prediction",
    "probability",
]


def canvas(study: Study, **size: Any) -> tuple[Figure, Axes]:
    """An empty picture of the study's domain with labelled axes."""
    fig, ax = figure(**size)
    ax.set_xlabel(study.data.features[0])
    ax.set_ylabel(study.data.features[1])
    return fig, ax


def colour_bar(fig: Figure, ax: Axes, shown: ScalarMappable, label: str) -> Colorbar:
    """A slim colour bar beside the picture."""
    bar = fig.colorbar(shown, ax=ax, aspect=34, pad=0.015)
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0)
    bar.set_label(label)
    return bar


def probability(cx: Complex) -> Floats:
    """Probability of class 1 at each cell's interior point, from the logit."""
    logits = cx.network.forward(cx.interior_points)[:, 0]
    chances: Floats = 0.5 * (1.0 + np.tanh(0.5 * logits))
    return chances


def prediction(study: Study) -> str:
    """Cells by predicted probability, the decision boundary and the samples."""
    fig, ax = canvas(study)
    fill = plot_cells(
        study.complex,
        probability(study.complex),
        ax,
        cmap=diverging(CLASS),
        limits=(0, 1),
        rasterized=True,
    )
    plot_level(study.complex, ax)
    _samples(ax, study)
    colour_bar(fig, ax, fill, f"predicted probability of “{study.data.classes[1]}”")
    return to_svg(
        fig, "cells coloured by predicted probability with the decision boundary and the samples"
    )


def _samples(ax: Axes, study: Study) -> None:
    X, y = study.data.X, study.data.y
    logits = study.complex.network.forward(X)[:, 0]
    wrong = (logits > 0) != (y > 0.5)
    for k, colour in enumerate(SAMPLE):
        right, missed = X[(y == k) & ~wrong], X[(y == k) & wrong]
        ax.scatter(
            right[:, 0], right[:, 1], s=11, c=colour, edgecolors="#ffffff", linewidths=0.4, zorder=5
        )
        ax.scatter(
            missed[:, 0],
            missed[:, 1],
            s=30,
            c=colour,
            marker="X",
            edgecolors="#ffffff",
            linewidths=0.7,
            zorder=6,
        )


def patterns(study: Study) -> str:
    """Cells coloured by activation pattern."""
    fig, ax = canvas(study)
    plot_cells(study.complex, pattern_hues(study.complex.patterns), ax, rasterized=True)
    return to_svg(fig, "cells coloured by activation pattern")


def fiedler(study: Study, vector: ArrayLike, partition: NDArray[np.bool_]) -> str:
    """Cells by rank in the Fiedler vector, the facets it cuts, and the decision boundary."""
    cx = study.complex
    fig, ax = canvas(study)
    fill = plot_cells(
        cx, signed_ranks(vector), ax, cmap=diverging(PART), limits=(-1, 1), rasterized=True
    )
    i, j = cx.adjacency.T
    plot_facets(cx, partition[i] != partition[j], ax, colour=CUT, width=2.6)
    plot_level(cx, ax, width=1.7)
    bar = colour_bar(fig, ax, fill, "rank in the Fiedler vector")
    bar.set_ticks([-1, 0, 1], labels=["lowest", "0", "highest"])
    return to_svg(fig, "cells coloured by the Fiedler vector with the decision boundary on top")


def dual_graph(study: Study, partition: NDArray[np.bool_]) -> str:
    """The dual graph on interior points, nodes by Fiedler part, cut edges marked."""
    fig, ax = canvas(study)
    plot_dual_graph(study.complex, partition, ax, colours=PART, cut=CUT)
    return to_svg(fig, "dual graph of the cells, coloured by Fiedler part")


def film(study: Study, complexes: Sequence[tuple[int, Complex]]) -> str:
    """The complex at a few steps side by side, by predicted probability."""
    fig, axes = figure(11.2, 3.1, ncols=len(complexes), sharex=True, sharey=True, squeeze=False)
    for ax, (step, cx) in zip(axes[0], complexes, strict=True):
        plot_cells(cx, probability(cx), ax, cmap=diverging(CLASS), limits=(0, 1), rasterized=True)
        plot_level(cx, ax, width=1.4)
        ax.set_title(f"step {step:,}: {cx.n_cells:,} cells", loc="left", fontsize=9)
        ax.tick_params(labelbottom=False, labelleft=False, length=0)
    return to_svg(fig, "the complex at four steps of training")
