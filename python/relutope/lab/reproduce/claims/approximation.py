"""What sampling on a grid and Hamming-1 adjacency see of the exact complex."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse.csgraph import connected_components

from ....common.arrays import BoolArray, FloatArray, IntArray
from ....decisions.label_agreement import adjusted_rand_index
from ....decomposition.decomposing import decompose
from ....graph.dual import Weight, decreasing, edge_changes, matrix_of_edges
from ....graph.fiedler_vector import fiedler
from ....network.network import Network
from ....tracking.measures.registry import Snapshot, random_filtration
from ...report import Panel, figure, to_svg
from ...study.colours import LINES
from ..descent import Layers, kept_steps
from ..fiedler import domain_of, samples, start
from ..options import FiedlerSettings, stream
from ..scaffold import Row
from .settings import ApproximationSettings
from .study import Claim, Study, Tables

if TYPE_CHECKING:
    from ....decomposition.complex import Complex

__all__ = ["STUDY", "hamming_pairs", "mean_components", "run_seed", "seen_on_grid"]

START, SOLVER, ORDERS = 1, 6, 23  # purposes of random streams; the first two as for Fiedler


def run_seed(settings: ApproximationSettings, seed: int) -> dict[str, Any]:
    """One trained network: its exact complex, and what each grid makes of it."""
    like = FiedlerSettings(data=settings.data, hidden=settings.hidden, updates=settings.updates)
    cx = decompose(Network(_trained(like, seed)), domain_of(like), threads=1)
    labels = np.asarray(cx.network.forward(cx.interior_points)[:, 0] > 0)
    exact = {w: _cut(cx.adjacency, cx, np.arange(cx.n_cells), w, seed) for w in settings.weights}
    orders = stream(seed, ORDERS) % 2**31
    betti = random_filtration(Snapshot(cx, draws=settings.draws, seed=orders))
    base: Row = {"seed": seed, "n_cells": cx.n_cells, "n_edges": cx.n_edges}
    pairs = hamming_pairs(cx.patterns)
    everything = np.arange(cx.n_cells)
    rows = [
        base
        | {"grid": 0}
        | _seen(settings, cx, everything, pairs, exact, labels, seed)
        | {"betti_0": betti["random_mean_0"], "betti_1": betti["random_mean_1"]}
    ]
    for grid in settings.grids:
        kept = seen_on_grid(cx, grid)
        found = hamming_pairs(cx.patterns[kept])
        rows.append(base | {"grid": grid} | _seen(settings, cx, kept, found, exact, labels, seed))
    return {"records": rows}


def _trained(like: FiedlerSettings, seed: int) -> Layers:
    fit, _ = samples(like, seed)
    first, last = start(like, stream(seed, START)), like.updates
    return kept_steps(first, *fit, (last,), lr=like.lr, weight_decay=like.weight_decay)[last]


def seen_on_grid(cx: Complex, grid: int) -> IntArray:
    """The cells of a plane complex over a box that `grid` x `grid` equally spaced points meet."""
    lower, upper = cx.domain.lower, cx.domain.upper  # type: ignore[union-attr]
    axes = [np.linspace(low, high, grid) for low, high in zip(lower, upper, strict=True)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
    return np.unique(cx.locate(points))


def hamming_pairs(patterns: BoolArray) -> IntArray:
    """Pairs (i, j), i < j, of patterns that differ in exactly one neuron.

    Examples
    --------
    >>> hamming_pairs(np.array([[0, 0], [0, 1], [1, 1]], dtype=bool)).tolist()
    [[0, 1], [1, 2]]
    """
    signs = np.where(patterns, 1.0, -1.0)  # their products count agreements minus differences
    first, second = np.nonzero(signs @ signs.T == patterns.shape[1] - 2)
    return np.stack([first, second], axis=1)[first < second].astype(np.int64)


def _seen(
    settings: ApproximationSettings,
    cx: Complex,
    kept: IntArray,
    pairs: IntArray,
    exact: dict[Weight, BoolArray | None],
    labels: BoolArray,
    seed: int,
) -> Row:
    """A graph on some of the cells, `pairs` of their places in `kept`, against the exact one."""
    n = len(kept)
    graph = matrix_of_edges(n, pairs, np.ones(len(pairs)))
    parts, part = connected_components(graph, directed=False)
    real = {tuple(pair) for pair in cx.adjacency.tolist()}
    false = sum((int(kept[i]), int(kept[j])) not in real for i, j in pairs.tolist())
    inside = np.isin(cx.adjacency, kept).all(axis=1).sum()
    row: Row = {
        "n_found": n,
        "share_found": n / cx.n_cells,
        "n_pairs": len(pairs),
        "false_pairs": false,
        "missed_pairs": int(inside) - (len(pairs) - false),
        "n_components": int(parts),
        "components_mean": mean_components(n, pairs, settings.draws, stream(seed, ORDERS) % 2**31),
    }
    largest = np.flatnonzero(part == np.bincount(part).argmax())
    for weight in settings.weights:
        cut, whole = _cut_of_largest(pairs, cx, kept, largest, weight, seed), exact[weight]
        if cut is None or whole is None:
            continue
        own = labels[kept[largest]]
        row[f"{weight}_same_cut"] = adjusted_rand_index(cut, whole[kept[largest]])
        row[f"{weight}_boundary"] = adjusted_rand_index(cut, own)
        row[f"{weight}_boundary_exact"] = adjusted_rand_index(whole, labels)
    return row


def _cut_of_largest(
    pairs: IntArray, cx: Complex, kept: IntArray, largest: IntArray, weight: Weight, seed: int
) -> BoolArray | None:
    """The cut of the largest component, which is all that can be cut in a disconnected graph."""
    place = np.full(len(kept), -1)
    place[largest] = np.arange(len(largest))
    inner = place[pairs[(place[pairs] >= 0).all(axis=1)]] if len(pairs) else pairs
    return _cut(inner, cx, kept[largest], weight, seed)


def _cut(
    pairs: IntArray, cx: Complex, kept: IntArray, weight: Weight, seed: int
) -> BoolArray | None:
    """The Fiedler partition of a graph on the cells `kept`, weighted by the network's values."""
    values: FloatArray = np.ones(len(pairs))
    if weight == "inverse-output":
        values = decreasing(edge_changes(pairs, cx.network.forward(cx.interior_points[kept])))
    found = fiedler(matrix_of_edges(len(kept), pairs, values), seed=stream(seed, SOLVER))
    return None if np.isnan(found.vector).any() else found.partition


def mean_components(n: int, pairs: IntArray, draws: int, seed: int) -> float:
    """Mean number of components while the nodes arrive in random order, as a Betti curve's mean.

    Examples
    --------
    Two nodes that are joined: 0, 1 and 1 components.

    >>> mean_components(2, np.array([[0, 1]]), 3, seed=0) == 2 / 3
    True
    """
    neighbours: list[list[int]] = [[] for _ in range(n)]
    for i, j in pairs.tolist():
        neighbours[i].append(j)
        neighbours[j].append(i)
    means = []
    for draw in range(draws):
        root, count, total = list(range(n)), 0, 0
        here = [False] * n
        for node in np.random.default_rng(seed + draw).permutation(n).tolist():
            here[node], count = True, count + 1
            for other in neighbours[node]:
                if here[other]:
                    a, b = _root(root, node), _root(root, other)
                    if a != b:
                        root[a], count = b, count - 1
            total += count
        means.append(total / (n + 1))
    return float(np.mean(means))


def _root(root: list[int], node: int) -> int:
    while root[node] != node:
        root[node] = root[root[node]]
        node = root[node]
    return node


def claims(tables: Tables, settings: ApproximationSettings) -> list[Claim]:
    """What a grid changes, the primary claim first."""
    rows = tables["records"]
    middle = settings.grids[len(settings.grids) // 2]
    main = settings.weights[0]

    def of(grid: int, column: str) -> list[float]:
        return [_value(r.get(column)) for r in rows if r["grid"] == grid]

    def moved(grid: int, weight: str) -> list[float]:
        pairs = zip(
            of(grid, f"{weight}_boundary"), of(grid, f"{weight}_boundary_exact"), strict=True
        )
        return [a - b for a, b in pairs]

    text = "agreement of cut and boundary, grid minus exact"
    found = [Claim(f"{text}, {middle} x {middle}, {main}", moved(middle, main), 0.0, primary=True)]
    for grid in settings.grids:
        size = f"{grid} x {grid}"
        found.append(Claim(f"share of cells found, {size}", of(grid, "share_found")))
        found.append(Claim(f"components, {size}", of(grid, "n_components"), digits=1))
        for weight in settings.weights:
            found.append(
                Claim(f"ARI of cut and exact cut, {size}, {weight}", of(grid, f"{weight}_same_cut"))
            )
            if (grid, weight) != (middle, main):
                found.append(Claim(f"{text}, {size}, {weight}", moved(grid, weight), 0.0))
        ratio = zip(of(grid, "components_mean"), of(0, "components_mean"), strict=True)
        found.append(
            Claim(
                f"mean components in random order, grid / all cells, {size}",
                [a / b for a, b in ratio],
            )
        )
    graph = zip(of(0, "components_mean"), of(0, "betti_0"), strict=True)
    found.append(
        Claim("mean components in random order, dual graph / complex", [a / b for a, b in graph])
    )
    found.append(
        Claim("false pairs at Hamming distance 1, all exact cells", of(0, "false_pairs"), digits=1)
    )
    found.append(
        Claim("shared facets missed at Hamming distance 1", of(0, "missed_pairs"), digits=1)
    )
    found.append(Claim("shared facets", of(0, "n_edges"), digits=0))
    return found


def _value(value: Any) -> float:
    return float("nan") if value is None else float(value)


def pictures(tables: Tables, settings: ApproximationSettings) -> list[Panel]:
    """Share of cells, agreement of the cuts and with the boundary, by grid."""
    rows = tables["records"]
    fig, axes = figure(11.2, 3.2, ncols=3)
    main = settings.weights[0]
    shown = [
        ("share_found", "share of the cells found"),
        (f"{main}_same_cut", f"ARI with the exact cut, {main}"),
        (f"{main}_boundary", f"ARI with the boundary, {main}"),
    ]
    for ax, (column, title) in zip(axes, shown, strict=True):
        for seed in sorted({r["seed"] for r in rows}):
            line = [
                (r["grid"], _value(r.get(column))) for r in rows if r["seed"] == seed and r["grid"]
            ]
            ax.plot(
                *zip(*line, strict=True),
                color=LINES[0],
                linewidth=0.7,
                alpha=0.4,
                marker="o",
                markersize=2.5,
            )
        mean = [
            float(np.nanmean([_value(r.get(column)) for r in rows if r["grid"] == g]))
            for g in settings.grids
        ]
        ax.plot(settings.grids, mean, color=LINES[1], marker="D", label="mean over seeds")
        ax.set_xticks(settings.grids, [f"{g} × {g}" for g in settings.grids])
        ax.set_title(title, loc="left", fontsize=9.5)
        ax.set_xlabel("grid")
        ax.grid(axis="y")
    exact = [_value(r.get(f"{main}_boundary_exact")) for r in rows if r["grid"] == 0]
    axes[2].axhline(float(np.nanmean(exact)), color=LINES[5], linestyle="--", label="exact cells")
    axes[2].legend(loc="lower right")
    caption = "Thin: one line per seed. Dashed: the mean on the exact cells."
    return [
        Panel("What grids see", caption, to_svg(fig, "what grids see of the exact complex"), 12)
    ]


STUDY = Study("approximation", ("bosca2026",), run_seed, claims, pictures)
