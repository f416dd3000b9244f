"""Are dual graphs expanders, or lattices? Their algebraic connectivity against their size."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from ....decomposition.decomposing import decompose
from ....domain.box import Box
from ....graph.fiedler_vector import fiedler
from ....network.network import Network
from ...null_models import untrained
from ...ranks import rank_correlation
from ...report import Panel, figure, to_svg
from ...study.colours import LINES
from ..descent import Floats, Layers, forward, he_layer, kept_steps
from ..options import stream
from ..scaffold import Row
from .settings import LatticeSettings
from .study import Claim, Study, Tables

__all__ = ["STUDY", "cube_samples", "run_seed"]

POINTS, START, SOLVER = range(20, 23)  # purposes of random streams
LR = 0.01


def cube_samples(name: str, n: int, count: int, seed: int) -> tuple[Floats, Floats]:
    """Uniform points of [-1, 1]^n, with labels -1 or 1 about as many of each.

    "half-space": by the sign of ``x_1 + x_2 / 2 + ... + x_n / n``. "shell": by whether the distance
    from the middle is above the median.
    """
    X = np.random.default_rng(seed).uniform(-1.0, 1.0, (count, n))
    if name == "shell":
        radius = np.linalg.norm(X, axis=1)
        return X, np.where(radius > np.median(radius), 1.0, -1.0)
    return X, np.where(X @ (1 / np.arange(1, n + 1)) > 0, 1.0, -1.0)


def run_seed(settings: LatticeSettings, seed: int) -> dict[str, Any]:
    """One network for each dimension and width, before and after training."""
    rows: list[Row] = []
    for n, widths in zip(settings.dims, settings.widths, strict=True):
        many = settings.samples + settings.held_out
        X, y = cube_samples(settings.data, n, many, stream(seed, POINTS) + n)
        fit, held_out = (X[: settings.samples], y[: settings.samples]), X[settings.samples :]
        for h in widths:
            shapes = [(np.zeros((b, a)), np.zeros(b)) for a, b in pairwise([n, h, h, 1])]
            layers = list(untrained(shapes, stream(seed, START) + h, he_layer(0.5)).layers)
            for arm in ("untrained", "trained"):
                if arm == "trained":
                    layers = kept_steps(layers, *fit, (settings.updates,), lr=LR)[settings.updates]
                row = {"seed": seed, "inputs": n, "width": h, "arm": arm}
                rows.append(row | _measures(layers, n, stream(seed, SOLVER)))
                rows[-1] |= _losses(layers, fit, (held_out, y[settings.samples :]))
    return {"records": rows}


def _measures(layers: Layers, n: int, seed: int) -> Row:
    cx = decompose(Network(layers), Box(-1, 1, dim=n), threads=1)
    degrees = np.bincount(cx.adjacency.ravel(), minlength=cx.n_cells)
    mean = float(degrees.mean())
    return {
        "n_cells": cx.n_cells,
        "n_edges": cx.n_edges,
        "connectivity": float(fiedler(cx, seed=seed).value),
        "mean_degree": mean,
        "degree_variance": float(degrees.var()),
        # As many independent chances as there are neurons, with the same mean.
        "binomial_variance": mean * (1 - mean / cx.n_neurons),
    }


def _losses(
    layers: Layers, fit: tuple[Floats, Floats], held_out: tuple[Floats, Floats]
) -> dict[str, float]:
    names = ("loss", "test_loss")
    return {
        name: float(np.mean((forward(layers, X) - y) ** 2))
        for name, (X, y) in zip(names, (fit, held_out), strict=True)
    }


def _slope(rows: list[Row]) -> float:
    """Least-squares slope of log connectivity on log cells, over the sizes of one seed."""
    kept = [r for r in rows if r["connectivity"] > 0]
    if len(kept) < 2:
        return float("nan")
    x, y = (np.log([r[name] for r in kept]) for name in ("n_cells", "connectivity"))
    return float(np.polyfit(x, y, 1)[0]) if np.ptp(x) > 0 else float("nan")


def claims(tables: Tables, settings: LatticeSettings) -> list[Claim]:
    """Slopes against those of expanders and lattices; degrees against binomial ones."""
    rows = tables["records"]
    seeds = sorted({row["seed"] for row in rows})
    found: list[Claim] = []

    def of(seed: int, n: int, arm: str) -> list[Row]:
        return [r for r in rows if (r["seed"], r["inputs"], r["arm"]) == (seed, n, arm)]

    for arm in ("trained", "untrained"):
        for n in settings.dims:
            slopes = [_slope(of(seed, n, arm)) for seed in seeds]
            first = (arm, n) == ("trained", settings.dims[0])
            name = f"slope, n = {n}, {arm}"
            found.append(Claim(f"{name}, below an expander's 0", slopes, 0.0, "less", first))
            found.append(
                Claim(f"{name}, minus a lattice's {-2 / n:.2f}", [s + 2 / n for s in slopes])
            )
            gaps = [
                float(
                    np.mean([r["degree_variance"] - r["binomial_variance"] for r in of(s, n, arm)])
                )
                for s in seeds
            ]
            name = f"variance of degrees minus binomial, n = {n}, {arm}"
            found.append(Claim(name, gaps, 0.0, "less"))
    found.append(
        Claim(
            "connectivity N^(2/n) and generalisation gap, rank correlation by size",
            _gap_correlations(rows),
        )
    )
    return found


def _gap_correlations(rows: Any) -> list[float]:
    """Spearman over the trained networks of each size: sizes are the units here, not seeds."""
    trained = [r for r in rows if r["arm"] == "trained"]
    result = []
    for key in sorted({(r["inputs"], r["width"]) for r in trained}):
        group = [r for r in trained if (r["inputs"], r["width"]) == key]
        scaled = np.array([r["connectivity"] * r["n_cells"] ** (2 / key[0]) for r in group])
        gap = np.array([r["test_loss"] - r["loss"] for r in group])
        result.append(float(rank_correlation(scaled, gap)) if len(group) > 2 else float("nan"))
    return result


def pictures(tables: Tables, settings: LatticeSettings) -> list[Panel]:
    """Connectivity against cells, with the slopes of lattices; variances of degrees."""
    rows = tables["records"]
    fig, axes = figure(11.2, 3.2, ncols=len(settings.dims), squeeze=False)
    for ax, n in zip(axes[0], settings.dims, strict=True):
        for arm, colour in (("untrained", LINES[5]), ("trained", LINES[0])):
            of = [r for r in rows if r["inputs"] == n and r["arm"] == arm]
            x, y = ([r[name] for r in of] for name in ("n_cells", "connectivity"))
            ax.scatter(x, y, s=7, color=colour, label=arm, alpha=0.6, linewidths=0)
        ends = np.array([min(r["n_cells"] for r in rows if r["inputs"] == n), max(x)])
        middle = np.exp(np.mean(np.log(y)) + 2 / n * np.mean(np.log(x)))
        ax.plot(ends, middle * ends ** (-2 / n), color=LINES[1], label=f"lattice: slope −2/{n}")
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_title(f"{n} inputs", loc="left", fontsize=9.5)
        ax.set_xlabel("cells")
        ax.legend(loc="lower left", handletextpad=0.3)
    axes[0][0].set_ylabel("algebraic connectivity")
    shown = to_svg(fig, "algebraic connectivity against cells")
    caption = (
        "One dot per network. Along the line the connectivity falls as in a lattice of that many "
        "dimensions; that of expanders stays."
    )
    return [Panel("Connectivity against size", caption, shown, 12)]


STUDY = Study("lattices", ("dhayalkar2025", "gainesbi2026"), run_seed, claims, pictures)
