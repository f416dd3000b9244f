"""Are Betti numbers of random filtrations the cell count in disguise, whatever was learnt?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ...decomposition.complex import Complex
from ...decomposition.counting import count
from ...decomposition.decomposing import decompose
from ...domain.box import Box
from ...network.network import Network
from ...topology.random_euler import expected_euler_curve
from ...tracking.measures.registry import Snapshot, random_filtration
from ..null_models import shuffled_weights, untrained
from ..report import Panel, Section, figure, table, to_svg
from ..study.colours import LINES
from .claims.lattices import cube_samples
from .claims.study import Claim, Judged, claims_table, judged
from .descent import Layers, he_layer, kept_steps
from .options import HomologySettings, stream
from .prose import between
from .rules import columns
from .scaffold import CAPTIONS, Row
from .statistics import RESAMPLES, Interval

__all__ = ["answer", "betti_means", "fits", "networks"]

DATA, START, SHUFFLED, ORDERS = range(40, 44)  # purposes of random streams
SAMPLES, UPDATES, LR, SPREAD = 40, 600, 0.01, 0.5
RIVALS = 10
ARMS = ("trained", "untrained", "shuffled")
TINY = 1e-12  # variance of logarithms below which there is no line


def networks(settings: HomologySettings, seed: int) -> list[Row]:
    """A trained network of each dimension and width, and two of the same size that learnt nothing.

    The others are those of RIVALS untrained networks, and of as many with the trained weights
    shuffled, whose number of cells is nearest.
    """
    rows: list[Row] = []
    for n, widths in zip(settings.dims, settings.widths, strict=True):
        X, y = cube_samples("half-space", n, SAMPLES, stream(seed, DATA) + n)
        for width in widths:
            draw = stream(seed, START) + 100 * width
            trained = kept_steps(_start(n, width, draw), X, y, (UPDATES,), lr=LR)[UPDATES]
            mixed = stream(seed, SHUFFLED) + 100 * width
            fresh = [_start(n, width, draw + k) for k in range(1, RIVALS + 1)]
            shuffled = [list(shuffled_weights(trained, mixed + k).layers) for k in range(RIVALS)]
            arms = dict(
                zip(
                    ARMS,
                    (trained, _nearest(trained, fresh), _nearest(trained, shuffled)),
                    strict=True,
                )
            )
            for arm, layers in arms.items():
                cx = decompose(Network(layers), Box(-1, 1, dim=n), threads=1)
                key = {"seed": seed, "inputs": n, "width": width, "arm": arm}
                orders = stream(seed, ORDERS) % 2**31
                rows.append(key | betti_means(cx, settings.draws, orders))
    return rows


def _start(n: int, width: int, seed: int) -> Layers:
    shapes = [(np.zeros((b, a)), np.zeros(b)) for a, b in pairwise([n, width, width, 1])]
    return list(untrained(shapes, seed, he_layer(SPREAD)).layers)


def _nearest(like: Layers, others: Sequence[Layers]) -> Layers:
    """The first of the others whose number of cells is nearest to that of `like`."""
    box = Box(-1, 1, dim=like[0][0].shape[1])
    target = int(count(like, box, threads=1))
    return min(others, key=lambda layers: abs(int(count(layers, box, threads=1)) - target))


def betti_means(cx: Complex, draws: int, seed: int) -> Row:
    """Cells, means of the Betti curves of random filtrations, and the residual of the formula."""
    found = random_filtration(Snapshot(cx, draws=draws, seed=seed))
    means = {f"betti_{k}": found[f"random_mean_{k}"] for k in range(cx.dim)}
    euler = sum((-1) ** k * means[f"betti_{k}"] for k in range(cx.dim))
    residual = euler - float(expected_euler_curve(cx).mean())
    return {"n_cells": cx.n_cells, **means, "residual_per_cell": residual / cx.n_cells}


def fits(rows: Sequence[Row], dims: Sequence[int]) -> list[Row]:
    """Slope and R² of log mean Betti number on log cells, over all networks of a dimension.

    With percentile bootstrap intervals: seeds are drawn with replacement, with all their networks.
    """
    found: list[Row] = []
    for n in dims:
        for k in range(n):
            of = [r for r in rows if r["inputs"] == n and r[f"betti_{k}"] > 0]
            slope, r2 = _line(of, f"betti_{k}")
            key = {"inputs": n, "betti": k, "networks": len(of)}
            found.append(key | columns("slope", slope) | columns("r2", r2))
    return found


def _line(rows: Sequence[Row], column: str) -> tuple[Interval, Interval]:
    """Slope and R² of the least-squares line through all networks; NaN where there is none."""
    seeds, of = np.unique([r["seed"] for r in rows], return_inverse=True)
    drawn = np.random.default_rng(0)
    counts = np.ones((1 + RESAMPLES, len(seeds)))
    if len(seeds):
        counts[1:] = drawn.multinomial(len(seeds), np.full(len(seeds), 1 / len(seeds)), RESAMPLES)
    weights = counts[:, of] / np.maximum(counts[:, of].sum(axis=1, keepdims=True), 1)
    x, y = (np.log([float(r[name]) for r in rows]) for name in ("n_cells", column))
    mean_x, mean_y = weights @ x, weights @ y
    xx, yy = weights @ x**2 - mean_x**2, weights @ y**2 - mean_y**2
    xy = weights @ (x * y) - mean_x * mean_y
    spread = (xx > TINY) & (len(rows) > 2)
    slopes = np.divide(xy, xx, out=np.full_like(xx, np.nan), where=spread)
    spread &= yy > TINY
    shares = np.divide(xy**2, xx * yy, out=np.full_like(xx, np.nan), where=spread)
    return _spread(slopes, len(seeds)), _spread(shares, len(seeds))


def _spread(values: NDArray[np.float64], n: int) -> Interval:
    """The first value, and the middle 95 % of the others."""
    known = values[1:][~np.isnan(values[1:])]
    if n < 2 or np.isnan(values[0]) or not len(known):
        return Interval(float(values[0]), -np.inf, np.inf, n)
    low, high = np.quantile(known, [0.025, 0.975])
    return Interval(float(values[0]), float(low), float(high), n)


def _claims(rows: Sequence[Row], dims: Sequence[int]) -> list[Claim]:
    """Betti means per 100 cells: trained minus the others of the same size, one value per seed."""
    seeds = sorted({r["seed"] for r in rows})

    def of(n: int, arm: str, column: str) -> list[float]:
        chosen = [r for r in rows if (r["inputs"], r["arm"]) == (n, arm)]
        return [
            float(np.mean([100 * _per_cell(r, column) for r in chosen if r["seed"] == seed]))
            for seed in seeds
        ]

    found = []
    for n in dims:
        for k in range(n):
            trained = of(n, "trained", f"betti_{k}")
            for arm in ARMS[1:]:
                pairs = zip(trained, of(n, arm, f"betti_{k}"), strict=True)
                name = f"mean β{k} per 100 cells, n = {n}, trained minus {arm}"
                found.append(Claim(name, [a - b for a, b in pairs], 0.0, digits=3))
    for n in dims:
        residuals = of(n, "trained", "residual_per_cell")
        found.append(Claim(f"residual per 100 cells, n = {n}, trained", residuals, digits=3))
        for k in range(n):
            name = f"mean β{k} per 100 cells, n = {n}, trained"
            found.append(Claim(name, of(n, "trained", f"betti_{k}"), digits=3))
    return found


def _per_cell(row: Row, column: str) -> float:
    value = float(row[column])
    return value if column == "residual_per_cell" else value / row["n_cells"]


def answer(
    rows: Sequence[Row], dims: Sequence[int], remains: str = ""
) -> tuple[list[Judged], list[Row], Section]:
    """Verdicts, fits, and their section of the report, which ends its introduction on `remains`."""
    found, fitted = judged(_claims(rows, dims)), fits(rows, dims)
    lines = [
        [
            f"{one['inputs']} inputs, mean β{one['betti']}",
            str(one["networks"]),
            between(_interval(one, "slope"), 2),
            between(_interval(one, "r2"), 3),
        ]
        for one in fitted
    ]
    panels: list[Panel] = [
        CAPTIONS.panel("homology.universal_picture", _picture(rows, dims), width=12),
        CAPTIONS.panel(
            "homology.universal_fits",
            table(["log mean β on log cells", "networks", "slope", "R²"], lines),
            width=12,
        ),
        CAPTIONS.panel("homology.universal_claims", claims_table(found), width=12),
    ]
    fill = {"networks": str(len(rows)), "rivals": str(RIVALS), "remains": remains}
    return found, fitted, CAPTIONS.section("homology.universal", panels, fill)


def _interval(row: Row, name: str) -> Interval:
    return Interval(row[name], row[f"{name}_low"], row[f"{name}_high"], row["networks"])


def _picture(rows: Sequence[Row], dims: Sequence[int]) -> str:
    """Mean Betti numbers against cells, a panel for each dimension."""
    fig, axes = figure(11.2, 3.4, ncols=len(dims), squeeze=False)
    for ax, n in zip(axes[0], dims, strict=True):
        for k in range(n):
            for arm, marker in zip(ARMS, ("o", "^", "x"), strict=True):
                of = [
                    r for r in rows if (r["inputs"], r["arm"]) == (n, arm) and r[f"betti_{k}"] > 0
                ]
                ax.scatter(
                    [r["n_cells"] for r in of],
                    [r[f"betti_{k}"] for r in of],
                    s=9,
                    marker=marker,
                    color=LINES[k],
                    linewidths=0.7,
                    alpha=0.7,
                    label=f"mean β{k}, {arm}" if n == dims[-1] else None,
                )
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_xlabel("cells")
        ax.set_title(f"{n} inputs", loc="left", fontsize=9.5)
    fig.legend(loc="outside right center", fontsize=7, handletextpad=0.2)
    return to_svg(fig, "Betti numbers against cells")
