"""Persistence diagrams and Betti curves for the regression report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..report import figure, to_svg
from .colours import LINES

if TYPE_CHECKING:
    from ...decomposition.complex import Complex
    from .under_way import Study

__all__ = ["betti_curves", "diagram"]


def diagram(study: Study) -> str:
    """Birth and death of the classes of the sublevel sets."""
    from ...topology import persistence

    dim, birth, death = persistence(study.complex, "sublevel").table().T
    values = study.complex.vertex_values[0]
    low, high = float(values.min()), float(values.max())
    fig, ax = figure()
    ax.plot([low, high], [low, high], color=LINES[5], linewidth=0.8)
    for k in range(study.complex.dim):
        finite, forever = (dim == k) & np.isfinite(death), (dim == k) & ~np.isfinite(death)
        ax.scatter(
            birth[finite],
            death[finite],
            s=22,
            color=LINES[k],
            alpha=0.75,
            linewidths=0,
            label=f"β{'₀₁'[k]}",
        )
        ax.scatter(birth[forever], np.full(forever.sum(), high), s=44, marker="^", color=LINES[k])
    ax.set_xlabel("born at f =")
    ax.set_ylabel("dies at f =")
    ax.grid()
    ax.legend(loc="lower right")
    return to_svg(fig, "persistence diagram of the sublevel sets")


def betti_curves(study: Study, complexes: Sequence[tuple[int, Complex]], draws: int) -> str:
    """Mean Betti curves of random filtrations before and after training."""
    from ...topology import betti_curve, persistence

    grid = np.linspace(0.0, 1.0, 201)
    dims = range(study.complex.dim)
    fig, axes = figure(nrows=len(dims), sharex=True, squeeze=False)
    for (step, cx), style in zip(complexes, ("--", "-"), strict=True):
        drawn = [persistence(cx, "random", seed=study.options.seed + draw) for draw in range(draws)]
        for k in dims:
            heights = np.array([betti_curve(pairs, grid, k) for pairs in drawn], dtype=float)
            ax = axes[k, 0]
            ax.fill_between(
                grid,
                *np.quantile(heights, [0.1, 0.9], axis=0),
                color=LINES[k],
                alpha=0.15,
                linewidth=0,
            )
            ax.plot(grid, heights.mean(axis=0), style, color=LINES[k], label=f"step {step:,}")
            ax.set_ylabel(f"β{'₀₁'[k]}")
            ax.grid(axis="y")
            ax.legend()
    axes[-1, 0].set_xlabel("share of the cells present")
    return to_svg(fig, "Betti curves of random filtrations before and after training")
