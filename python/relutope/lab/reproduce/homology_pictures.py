"""Pictures of the homology question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...plotting.layers import plot_cells
from ...topology import random_betti_curves
from ..report import figure, to_svg
from ..study.colours import LINES, sequential
from .forest import OWN, forest
from .homology_verdict import NULLS, Correlation, Runs
from .homology_words import measure_name
from .spikes import aligned
from .statistics import student_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ...decomposition.complex import Complex

Floats = NDArray[np.float64]
Losses = Mapping[int, Mapping[str, Floats]]

__all__ = ["around_spikes", "betti", "correlations", "film", "one_run", "scatter"]

NULL_COLOURS = dict(zip(NULLS, (LINES[3], LINES[5], LINES[1]), strict=True))
OFFSETS = np.arange(-50.0, 51.0, 10.0)


def one_run(
    losses: Losses, found: Runs, seed: int, measures: Sequence[str], spikes: Sequence[int]
) -> str:
    """Loss and measures of one seed over the updates, for the three arms; spikes marked."""
    fig, axes = figure(11.2, 1.75 * (1 + len(measures)) + 0.3, nrows=1 + len(measures), sharex=True)
    arms = (
        ("drift", LINES[5], "untrained drift"),
        ("random", LINES[3], "random labels"),
        ("trained", OWN, "trained"),
    )
    for arm, colour, text in arms:
        series = losses[seed][arm]
        axes[0].plot(series, color=colour, linewidth=1.0, label=text)
        for ax, measure in zip(axes[1:], measures, strict=True):
            run = found[seed][arm]
            ax.plot(run["step"], run[measure], color=colour, linewidth=1.3)
            ax.set_ylabel(measure_name(measure))
    axes[0].set_yscale("log")
    axes[0].set_ylabel("loss")
    handles, labels = axes[0].get_legend_handles_labels()
    axes[0].legend(handles[::-1], labels[::-1], ncols=3, loc="lower left", bbox_to_anchor=(0, 1))
    for ax in axes:
        ax.set_xlim(0, len(losses[seed]["trained"]) - 1)
        ax.grid(axis="y")
        for step in spikes:
            ax.axvline(step, color="#c53052", linewidth=0.7, alpha=0.55, zorder=0)
    axes[-1].set_xlabel("updates")
    return to_svg(fig, "loss and measures of one run over the updates")


def scatter(found: Runs, measures: Sequence[str]) -> str:
    """Loss against each measure, all seeds of the trained arm, a colour per seed."""
    from matplotlib import colormaps

    fig, axes = figure(11.2, 3.0, ncols=len(measures), squeeze=False)
    colours = colormaps["viridis"](np.linspace(0.0, 0.9, len(found)))
    for ax, measure in zip(axes[0], measures, strict=True):
        for colour, (seed, arms) in zip(colours, found.items(), strict=True):
            run = arms["trained"]
            dots = {"s": 6, "color": colour, "linewidths": 0, "alpha": 0.6}
            ax.scatter(run[measure], run["loss"], label=f"{seed}", **dots)
        ax.set_yscale("log")
        ax.set_xlabel(measure_name(measure))
        ax.grid()
    axes[0][0].set_ylabel("training loss")
    handles, labels = axes[0][0].get_legend_handles_labels()
    legend = fig.legend(
        handles, labels, title="seed", loc="outside right upper", handletextpad=0.1, markerscale=2.2
    )
    for handle in legend.legend_handles:
        if handle is not None:
            handle.set_alpha(1.0)
    return to_svg(fig, "training loss against each measure, a colour per seed")


def correlations(found: Sequence[Correlation], titles: Mapping[str, str]) -> str:
    """Mean correlations with intervals, trained and null models, a panel per kind."""
    kinds = list(titles)
    measures = list(dict.fromkeys(one.measure for one in found))
    fig, axes = figure(
        11.2, 0.52 * len(measures) + 1.1, ncols=len(kinds), sharey=True, squeeze=False
    )
    for ax, kind in zip(axes[0], kinds, strict=True):
        rows = [(one.rho, one.nulls) for one in found if one.kind == kind]
        forest(ax, rows, NULLS, NULL_COLOURS, spread=0.24)
        ax.set_xlim(-1, 1)
        ax.set_title(titles[kind], loc="left", fontsize=9.5)
        ax.set_xlabel("Spearman correlation with the loss")
    axes[0][0].set_yticks(range(len(measures)), [measure_name(m) for m in measures])
    axes[0][0].set_ylim(len(measures) - 0.5, -0.5)
    handles, labels = axes[0][0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside upper center", ncols=4, handletextpad=0.3)
    return to_svg(fig, "correlations with the loss, trained networks and null models")


def around_spikes(
    losses: Losses,
    found: Runs,
    spikes: Mapping[int, Sequence[int]],
    controls: Mapping[int, Sequence[int]],
    measures: Sequence[str],
) -> str:
    """Loss and measures around spikes and around random times; mean over seeds with intervals."""
    fig, axes = figure(11.2, 2.9, ncols=1 + len(measures), squeeze=False)
    kinds = ((controls, LINES[5], "random times"), (spikes, "#c53052", "spikes"))
    for ax, measure in zip(axes[0], ["loss", *measures], strict=True):
        for events, colour, text in kinds:
            rows = [
                _curve(losses[seed], found[seed]["trained"], measure, events[seed])
                for seed in found
            ]
            at = np.arange(-50.0, 51.0) if measure == "loss" else OFFSETS
            _band(ax, at, [row for row in rows if len(row)], colour, text)
        ax.axvline(0, color=LINES[5], linewidth=0.8, linestyle=(0, (4, 3)))
        ax.grid(axis="y")
        ax.set_xlabel("updates from the event")
        if measure == "loss":
            ax.set_yscale("log")
            ax.set_title("loss,\ntimes its median before", loc="left", fontsize=9)
        else:
            ax.set_title(f"{measure_name(measure)}:\nchange in %", loc="left", fontsize=9)
    if any(spikes.values()):
        axes[0][0].legend(loc="upper left", bbox_to_anchor=(-0.02, 1.0), handlelength=1.0)
    return to_svg(fig, "loss and measures around spikes and random times")


def _curve(
    losses: Mapping[str, Floats], run: Mapping[str, Floats], measure: str, events: Sequence[int]
) -> Floats:
    """One seed's average around its events; empty without events."""
    if not events:
        return np.empty(0)
    if measure != "loss":
        return 100.0 * aligned(run["step"], run[measure], events, OFFSETS)
    series = losses["trained"]
    rows = [series[t - 50 : t + 51] / np.median(series[t - 50 : t]) for t in events]
    return np.asarray(np.exp(np.mean(np.log(rows), axis=0)))


def _band(ax: Axes, at: Floats, rows: Sequence[Floats], colour: str, text: str) -> None:
    if not rows:
        return
    intervals = [student_interval(column) for column in np.array(rows).T]
    ax.plot(at, [i.mean for i in intervals], color=colour, label=text)
    if len(rows) > 1:
        low, high = [i.low for i in intervals], [i.high for i in intervals]
        positive = ax.get_yscale() != "log"
        ax.fill_between(
            at, low if positive else np.maximum(low, 0.1), high, color=colour, alpha=0.16, lw=0
        )


def betti(complexes: Sequence[tuple[str, Complex]], draws: int, seed: int) -> str:
    """Betti curves of random filtrations before and after training, mean over draws."""
    dims = range(complexes[0][1].dim)
    fig, axes = figure(11.2, 2.9, ncols=len(dims), squeeze=False)
    for k, (text, cx) in enumerate(complexes):
        found = random_betti_curves(cx, draws, seed=seed)
        for dim, ax in zip(dims, axes[0], strict=True):
            ax.plot(found.grid, found.mean[dim], color=LINES[5] if k == 0 else OWN, label=text)
            ax.fill_between(
                found.grid,
                found.low[dim],
                found.high[dim],
                color=LINES[5] if k == 0 else OWN,
                alpha=0.18,
                lw=0,
            )
            ax.set_title(f"β{'₀₁'[dim]}", loc="left", fontsize=9.5)
            ax.set_xlabel("share of the cells")
            ax.grid(axis="y")
    axes[0][0].legend()
    return to_svg(fig, "Betti curves of random filtrations before and after training")


def film(complexes: Sequence[tuple[str, Complex]], limits: tuple[float, float]) -> str:
    """Cells by output at a few steps of one run."""
    if complexes[0][1].dim == 1:
        return _line_film(complexes)
    fig, axes = figure(11.2, 2.7, ncols=len(complexes), sharex=True, sharey=True, squeeze=False)
    for ax, (title, cx) in zip(axes[0], complexes, strict=True):
        outputs = cx.network.forward(cx.interior_points)[:, 0]
        plot_cells(cx, outputs, ax, cmap=sequential(), limits=limits, rasterized=True)
        ax.set_title(title, loc="left", fontsize=8.5)
        ax.tick_params(labelbottom=False, labelleft=False, length=0)
    return to_svg(fig, "cells by output at a few steps of one run")


def _line_film(complexes: Sequence[tuple[str, Complex]]) -> str:
    fig, axes = figure(11.2, 2.6, ncols=len(complexes), sharex=True, sharey=True, squeeze=False)
    for ax, (title, cx) in zip(axes[0], complexes, strict=True):
        order = np.argsort(cx.vertices[:, 0])
        x = cx.vertices[order]
        ax.plot(x[:, 0], cx.network.forward(x)[:, 0], color=OWN, marker="|", markersize=5)
        ax.set_title(title, loc="left", fontsize=8.5)
        ax.grid()
    return to_svg(fig, "the network's graph at a few steps of one run")
