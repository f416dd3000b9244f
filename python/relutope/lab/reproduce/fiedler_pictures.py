"""Pictures of the Fiedler question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...graph.couplings import partition
from ...graph.dual import Weight
from ...plotting.layers import plot_cells, plot_facets, plot_level, signed_ranks
from ..report import figure, to_svg
from ..study.colours import CLASS, CUT, LINES, PART, SAMPLE, diverging
from .fiedler_cells import OTHERS, Comparison
from .fiedler_verdict import NULLS, Delay, Finding
from .forest import OWN, forest
from .statistics import student_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ...decomposition.complex import Complex

Floats = NDArray[np.float64]
Row = Mapping[str, Any]

__all__ = ["agreement_curves", "film", "on_cells", "rivals", "training"]

OCHRE, PINK = "#b7791f", "#d96fa8"
CELL_COLOURS = dict(zip(OTHERS, (*LINES[:2], *LINES[3:], OCHRE, PINK), strict=True))
NULL_COLOURS = dict(zip(NULLS, (LINES[0], LINES[1], LINES[3], LINES[5]), strict=True))


def _axis(ax: Axes, last: float, first: float) -> None:
    """Logarithmic steps with room for step 0, which is drawn at its left end."""
    ax.set_xscale("symlog", linthresh=first, linscale=0.3)
    ax.set_xlim(0.0, last)
    ticks = [0.0, *(10.0**k for k in range(9) if first <= 10.0**k <= last)]
    ax.set_xticks(ticks, [f"{tick:,.0f}" for tick in ticks])
    ax.minorticks_off()
    ax.grid(axis="y")


def _moments(ax: Axes, late: Delay, words: bool = False) -> None:
    """Vertical lines at the median updates of memorisation and generalisation."""
    for step, text in (
        (late.step_memorised, "memorised"),
        (late.step_generalised, "generalised"),
    ):
        if np.isnan(step):
            continue
        ax.axvline(step, color=LINES[5], linewidth=0.9, linestyle=(0, (4, 3)), zorder=0)
        if words:
            ax.annotate(
                text,
                (step, 0.01),
                xycoords=("data", "axes fraction"),
                xytext=(-2, 2),
                ha="right",
                va="bottom",
                rotation=90,
                textcoords="offset points",
                fontsize=8,
                color=LINES[5],
            )


def training(rows: Sequence[Row], late: Delay) -> str:
    """Accuracies of all seeds, real and random labels; norm of the weights."""
    fig, axes = figure(11.2, 2.9, ncols=3)
    titles = ("real labels: accuracy", "random labels: accuracy", "norm of all weights")
    shown = [row for row in rows if row["test_accuracy"] is not None]
    last = max(row["step"] for row in rows)
    for ax, arm in zip(axes, ("trained", "random"), strict=False):
        for k, (column, text) in enumerate(
            (("accuracy", "training samples"), ("test_accuracy", "held-out samples"))
        ):
            _seeds_and_mean(ax, [r for r in shown if r["arm"] == arm], column, LINES[k], text)
        ax.set_ylim(0.2, 1.25)
        ax.set_yticks(np.linspace(0.2, 1.0, 5))
    for arm, colour, text in (
        ("trained", OWN, "real labels"),
        ("random", LINES[3], "random labels"),
    ):
        _seeds_and_mean(axes[2], [r for r in shown if r["arm"] == arm], "norm", colour, text)
    axes[2].set_yscale("log")
    _plain_log(axes[2])
    for ax, title in zip(axes, titles, strict=True):
        ax.set_title(title, loc="left", fontsize=9.5)
        ax.set_xlabel("updates")
        _axis(ax, last, 1.0)
        ax.legend(loc="lower left" if ax is axes[2] else "upper left", handlelength=1.3)
    _moments(axes[0], late, words=True)
    return to_svg(
        fig, "accuracy and norm of the weights over the updates, all seeds and their mean"
    )


def _plain_log(ax: Axes) -> None:
    """Ticks 10, 20, 50, ... in plain figures."""
    low, high = ax.get_ylim()
    ticks = [m * 10.0**k for k in range(-3, 6) for m in (1, 2, 5) if low <= m * 10.0**k <= high]
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])


def _seeds_and_mean(ax: Axes, rows: Sequence[Row], column: str, colour: str, text: str) -> None:
    series: dict[int, dict[int, float]] = {}
    for row in rows:
        series.setdefault(row["seed"], {})[row["step"]] = row[column]
    for values in series.values():
        ax.plot(list(values), list(values.values()), color=colour, linewidth=0.6, alpha=0.28)
    common = sorted(set.intersection(*(set(values) for values in series.values())))
    mean = [np.mean([values[step] for values in series.values()]) for step in common]
    ax.plot(common, mean, color=colour, linewidth=2.2, label=text)


def rivals(found: Sequence[Finding]) -> str:
    """ARI at the end of training per weight, with the null models'; intervals over seeds."""
    fig, ax = figure(11.2, 0.46 * len(found) + 1.0)
    forest(ax, [(one.end, one.nulls) for one in found], NULLS, NULL_COLOURS, spread=0.26)
    ax.set_yticks(range(len(found)), [one.weight for one in found])
    ax.set_ylim(len(found) - 0.5, -0.5)
    low, high = ax.get_xlim()
    ax.set_xlim(max(-0.4, low), min(1.0, max(high, 0.5)))
    ax.set_xlabel("adjusted Rand index with the decision boundary (1: equal, 0: as unrelated)")
    ax.legend(loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=5, handletextpad=0.3)
    return to_svg(fig, "agreement by weight, trained networks and null models")


def on_cells(compared: Sequence[Comparison], by: str = "weight") -> str:
    """ARI of the same functions on their own cells and on others; a row per weight or data set."""
    fig, ax = figure(11.2, 0.62 * len(compared) + 1.2)
    forest(ax, [(one.own, one.others) for one in compared], OTHERS, CELL_COLOURS, spread=0.33)
    ax.set_yticks(range(len(compared)), [getattr(one, by) for one in compared])
    ax.set_ylim(len(compared) - 0.5, -0.5)
    low, high = ax.get_xlim()
    ax.set_xlim(max(-0.4, low), min(1.0, max(high, 0.5)))
    ax.set_xlabel("adjusted Rand index with the decision boundary (1: equal, 0: as unrelated)")
    handles, labels = ax.get_legend_handles_labels()
    labels[0] = "own cells"
    ax.legend(
        handles, labels, loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=4, handletextpad=0.3
    )
    return to_svg(fig, f"agreement on own and on other cells, by {by}")


def agreement_curves(
    records: Sequence[Row], weights: Sequence[str], late: Delay, steps: Sequence[int]
) -> str:
    """ARI over the updates for every weight: real labels, random labels, straight cuts."""
    columns = 4
    lines = -(-len(weights) // columns)
    fig, axes = figure(
        11.2,
        2.3 * lines + 0.35,
        nrows=lines,
        ncols=columns,
        sharex=True,
        sharey=True,
        squeeze=False,
    )
    arms = (
        ("trained", "{}_ari", OWN, "real labels"),
        ("random", "{}_ari", LINES[3], "random labels"),
        ("trained", "straight_ari", LINES[5], "straight cuts (real labels)"),
    )
    for k, (ax, weight) in enumerate(zip(axes.flat, weights, strict=False)):
        for arm, column, colour, text in arms:
            _mean_and_band(ax, records, arm, column.format(weight), colour, text, steps)
        _axis(ax, steps[-1], steps[1])
        _moments(ax, late, words=k == 0)
        ax.set_title(weight, loc="left", fontsize=9.5)
        if k >= len(weights) - columns:
            ax.set_xlabel("updates")
            ax.tick_params(labelbottom=True)
    for ax in axes.flat[len(weights) :]:
        ax.set_visible(False)
    handles, labels = axes.flat[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside upper center", ncols=3, handlelength=1.4)
    return to_svg(fig, "agreement with the decision boundary over the updates, by weight")


def _mean_and_band(
    ax: Axes,
    records: Sequence[Row],
    arm: str,
    column: str,
    colour: str,
    text: str,
    steps: Sequence[int],
) -> None:
    rows = [row for row in records if row["arm"] == arm and row["step"] in set(steps)]
    own = sorted({row["step"] for row in rows})
    found = [
        student_interval([row.get(column) or 0.0 for row in rows if row["step"] == step])
        for step in own
    ]
    ax.plot(own, [f.mean for f in found], color=colour, linewidth=1.6, label=text)
    if min(f.n for f in found) > 1:
        ax.fill_between(
            own, [f.low for f in found], [f.high for f in found], color=colour, alpha=0.16, lw=0
        )


def film(
    complexes: Sequence[tuple[str, Complex]],
    weights: Sequence[Weight],
    seed: int,
    samples: tuple[Floats, Floats],
) -> str:
    """One seed at its phases: prediction above, then the Fiedler cut by each of some weights."""
    lines = 1 + len(weights)
    fig, axes = figure(
        11.2,
        2.75 * lines + 0.4,
        nrows=lines,
        ncols=len(complexes),
        sharex=True,
        sharey=True,
        squeeze=False,
    )
    for k, (title, cx) in enumerate(complexes):
        _prediction(axes[0][k], cx, samples)
        axes[0][k].set_title(title, loc="left", fontsize=9.5)
        for line, weight in enumerate(weights):
            _cut(axes[line + 1][k], cx, weight, seed)
    for ax, text in zip(axes[:, 0], ("prediction", *weights), strict=True):
        ax.set_ylabel(text)
    for ax in axes.flat:
        ax.tick_params(labelbottom=False, labelleft=False, length=0)
    return to_svg(fig, "one network at its phases: prediction and Fiedler cuts")


def _prediction(ax: Axes, cx: Complex, samples: tuple[Floats, Floats]) -> None:
    outputs = np.clip(cx.network.forward(cx.interior_points)[:, 0], -1.5, 1.5)
    plot_cells(cx, outputs, ax, cmap=diverging(CLASS), limits=(-1.5, 1.5), rasterized=True)
    plot_level(cx, ax, width=1.3)
    for k, colour in enumerate(SAMPLE):
        X = samples[0][(samples[1] > 0) == bool(k)]
        ax.scatter(X[:, 0], X[:, 1], s=13, c=colour, edgecolors="#ffffff", linewidths=0.5, zorder=5)


def _cut(ax: Axes, cx: Complex, weight: Weight, seed: int) -> None:
    found = partition(cx, weight, seed)
    if np.isnan(found.vector).any():
        ax.text(0.5, 0.5, "no partition", transform=ax.transAxes, ha="center")
        return
    plot_cells(
        cx, signed_ranks(found.vector), ax, cmap=diverging(PART), limits=(-1, 1), rasterized=True
    )
    i, j = cx.adjacency.T
    plot_facets(cx, found.partition[i] != found.partition[j], ax, colour=CUT, width=2.0)
    plot_level(cx, ax, width=1.3)
