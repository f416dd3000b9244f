"""Do cells number as many as neurons^n / n!, and are facets as far as one over the neurons?"""

from __future__ import annotations

from itertools import pairwise
from math import factorial
from typing import Any

import numpy as np

from ....decomposition.counting import count
from ....domain.box import Box
from ...null_models import random_labels, untrained
from ...report import Panel, figure, to_svg
from ...study.colours import LINES
from ..descent import Floats, Layers, he_layer, kept_steps
from ..options import stream
from ..scaffold import Row
from .lattices import cube_samples
from .settings import CountSettings
from .study import Claim, Study, Tables

__all__ = ["STUDY", "facet_distances", "run_seed"]

DATA, START, LABELS, POINTS = range(28, 32)  # purposes of random streams
MIDDLE = 2  # hidden layers of the networks that are also trained on random labels
LR = 0.01


def facet_distances(layers: Layers, X: Floats) -> Floats:
    """Distance of each point to the nearest facet of its cell in R^n, float64 (k,).

    A cell is the intersection of one halfspace per neuron that is not constant there, and the
    distance of an inner point to the boundary of such an intersection is that to the nearest of
    their hyperplanes: redundant ones lie outside, behind the boundary. Infinite for the only cell.

    Examples
    --------
    >>> lines = [(np.eye(2), np.array([0.0, -1.0])), (np.ones((1, 2)), np.zeros(1))]
    >>> facet_distances(lines, np.array([[0.5, 0.0], [0.25, 2.0]])).tolist()
    [0.5, 0.25]
    """
    h, J = X, np.broadcast_to(np.eye(X.shape[1]), (len(X), X.shape[1], X.shape[1]))
    nearest = np.full(len(X), np.inf)
    for W, b in layers[:-1]:
        value, slope = h @ W.T + b, W @ J
        length = np.linalg.norm(slope, axis=2)
        away = np.divide(np.abs(value), length, out=np.full_like(value, np.inf), where=length > 0)
        nearest = np.minimum(nearest, away.min(axis=1))
        active = value > 0
        h, J = np.where(active, value, 0.0), np.where(active[:, :, None], slope, 0.0)
    return nearest


def run_seed(settings: CountSettings, seed: int) -> dict[str, Any]:
    """Networks of each dimension, size and depth, at some steps of their training."""
    rows: list[Row] = []
    for n, sizes in zip(settings.dims, settings.neurons, strict=True):
        X, y = cube_samples(settings.data, n, settings.samples, stream(seed, DATA) + n)
        given = {"labels": y, "random": random_labels(y, stream(seed, LABELS) + n)}
        rng = np.random.default_rng(stream(seed, POINTS) + n)
        points = rng.uniform(-1.0, 1.0, (settings.points, n))
        for neurons in sizes:
            for depth in settings.depths:
                for arm in ("labels", "random") if depth == MIDDLE else ("labels",):
                    key = {"seed": seed, "inputs": n, "neurons": neurons, "depth": depth}
                    first = _start(n, neurons, depth, stream(seed, START))
                    found = kept_steps(first, X, given[arm], settings.steps, lr=LR)
                    rows += [
                        key | {"arm": arm, "step": step} | _measures(layers, n, neurons, points)
                        for step, layers in found.items()
                    ]
    return {"records": rows}


def _start(n: int, neurons: int, depth: int, seed: int) -> Layers:
    widths = [n, *[neurons // depth] * depth, 1]
    shapes = [(np.zeros((b, a)), np.zeros(b)) for a, b in pairwise(widths)]
    return list(untrained(shapes, seed + 100 * neurons + depth, he_layer(0.5)).layers)


def _measures(layers: Layers, n: int, neurons: int, points: Floats) -> Row:
    cells = int(count(layers, Box(-1, 1, dim=n), threads=1))
    near = facet_distances(layers, points)
    mean = float(near[np.isfinite(near)].mean()) if np.isfinite(near).any() else float("nan")
    return {
        "n_cells": cells,
        "cells_ratio": cells * factorial(n) / neurons**n,
        "distance": mean,
        "distance_times_neurons": mean * neurons,
    }


class _Rows:
    """Values of the records by seed, at the start and at the end of training."""

    def __init__(self, tables: Tables, settings: CountSettings) -> None:
        self._of = {
            (r["seed"], r["inputs"], r["neurons"], r["depth"], r["arm"], r["step"]): r
            for r in tables["records"]
        }
        self._seeds = sorted({r["seed"] for r in tables["records"]})
        self._sizes = dict(zip(settings.dims, settings.neurons, strict=True))

    def per_seed(self, column: str, n: int, depth: int, arm: str, step: int) -> Floats:
        """The column, seeds by sizes."""
        return np.array(
            [
                [self._of[seed, n, size, depth, arm, step][column] for size in self._sizes[n]]
                for seed in self._seeds
            ],
            dtype=np.float64,
        )

    def slopes(self, column: str, n: int, depth: int, arm: str, step: int) -> list[float]:
        """Of its logarithm on that of the number of neurons, one per seed."""
        logs = np.log(self.per_seed(column, n, depth, arm, step))
        x = np.log(np.array(self._sizes[n], dtype=np.float64))
        return [float(np.polyfit(x, row, 1)[0]) for row in logs]


def claims(tables: Tables, settings: CountSettings) -> list[Claim]:
    """What training and depth change; how counts and distances grow."""
    rows, last = _Rows(tables, settings), settings.steps[-1]

    def factor(column: str, n: int, one: tuple[int, str, int], two: tuple[int, str, int]) -> Any:
        """Binary logarithm of the quotient of the first by the second, mean over the sizes."""
        first, second = (rows.per_seed(column, n, *which) for which in (one, two))
        return np.log2(first / second).mean(axis=1).tolist()

    deep, flat = settings.depths[-1], settings.depths[0]
    found: list[Claim] = []
    for n in settings.dims:
        ends = (MIDDLE, "labels", last), (MIDDLE, "labels", 0)
        change = factor("n_cells", n, *ends)
        name = f"log2 of cells, end / start, n = {n}"
        found.append(Claim(name, change, 0.0, primary=n == settings.primary))
        random = factor("n_cells", n, (MIDDLE, "random", last), (MIDDLE, "random", 0))
        found.append(Claim(f"{name}, random labels", random, 0.0))
        moved = factor("distance", n, *ends)
        found.append(Claim(f"log2 of distances, end / start, n = {n}", moved, 0.0))
        for step, when in ((0, "start"), (last, "end")):
            deeper = factor("n_cells", n, (deep, "labels", step), (flat, "labels", step))
            name = f"log2 of cells, {deep} layers / {flat}, n = {n}, {when}"
            found.append(Claim(name, deeper, 0.0))
    for n in settings.dims:
        for step, when in ((0, "start"), (last, "end")):
            at = (n, MIDDLE, "labels", step)
            ratio, distance = (
                rows.per_seed(column, *at)[:, -1].tolist()
                for column in ("cells_ratio", "distance_times_neurons")
            )
            found += [
                Claim(f"cells / (neurons^n / n!), n = {n}, {when}", ratio),
                Claim(f"exponent of cells, n = {n}, {when}", rows.slopes("n_cells", *at)),
                Claim(f"distance times neurons, n = {n}, {when}", distance),
                Claim(f"exponent of distances, n = {n}, {when}", rows.slopes("distance", *at)),
            ]
    return sorted(found, key=lambda claim: not claim.primary)


def pictures(tables: Tables, settings: CountSettings) -> list[Panel]:
    """Both ratios against neurons for each depth, and against updates for each dimension."""
    rows, last = _Rows(tables, settings), settings.steps[-1]
    shown = [
        ("cells_ratio", "cells / (neurons^n / n!)"),
        ("distance_times_neurons", "distance × neurons"),
    ]
    grown, axes = figure(11.2, 5.2, nrows=2, ncols=len(settings.dims), sharey="row", squeeze=False)
    for (column, title), line in zip(shown, axes, strict=True):
        for ax, n, sizes in zip(line, settings.dims, settings.neurons, strict=True):
            for k, depth in enumerate(settings.depths):
                for step, style in ((0, ":"), (last, "-")):
                    mean = rows.per_seed(column, n, depth, "labels", step).mean(axis=0)
                    label = f"{depth} layer{'s' * (depth > 1)}" if step else None
                    ax.plot(sizes, mean, style, color=LINES[k], marker=".", label=label)
            ax.set_yscale("log")
            ax.set_xticks(sizes)
            ax.set_title(f"{n} input{'s' * (n > 1)}", loc="left", fontsize=9.5)
            ax.grid(axis="y")
        line[0].set_ylabel(title)
    axes[0][0].legend(loc="best", handletextpad=0.3)
    for ax in axes[1]:
        ax.set_xlabel("neurons")
    through, both = figure(11.2, 3.2, ncols=2)
    for ax, (column, title) in zip(both, shown, strict=True):
        for k, n in enumerate(settings.dims):
            for arm, style in (("labels", "-"), ("random", ":")):
                mean = [
                    float(rows.per_seed(column, n, MIDDLE, arm, step)[:, -1].mean())
                    for step in settings.steps
                ]
                label = f"n = {n}" if arm == "labels" else None
                ax.plot(settings.steps, mean, style, color=LINES[k], marker=".", label=label)
        ax.set_xscale("symlog", linthresh=max(1, settings.steps[1]))
        ax.set_yscale("log")
        ax.set_xlabel("updates")
        ax.set_title(title, loc="left", fontsize=9.5)
    both[0].legend(loc="best", ncols=len(settings.dims), handletextpad=0.3)
    by_size = "Means over seeds. Dotted: untrained; solid: at the end of training."
    by_step = "Two hidden layers, the largest size of each n. Dotted: random labels."
    return [
        Panel("By size and depth", by_size, to_svg(grown, "counts and distances by size"), 12),
        Panel("Through training", by_step, to_svg(through, "counts through training"), 12),
    ]


STUDY = Study("counts", ("haninrolnick2019", "haninrolnick2019few"), run_seed, claims, pictures)
