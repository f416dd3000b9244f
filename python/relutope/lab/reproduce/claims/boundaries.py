"""Does depth give decision boundaries more topology, and do the published bounds hold?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import comb
from typing import Any

import numpy as np

from ....decomposition.decomposing import decompose
from ....network.network import Network
from ....topology.sets import region
from ...null_models import random_labels, untrained
from ...report import Panel, figure, to_svg
from ...study.colours import LINES
from ..descent import Layers, he_layer, kept_steps
from ..fiedler import balanced
from ..options import stream
from ..scaffold import Row
from .lattices import cube_samples
from .settings import BoundarySettings
from .study import Claim, Study, Tables

__all__ = ["STUDY", "cell_bound", "run_seed", "topology_of"]

DATA, START, LABELS = range(32, 35)  # purposes of random streams
ARMS = {"untrained": "untrained", "labels": "trained", "random": "trained on random labels"}
LR = 0.01


def cell_bound(n: int, widths: list[int]) -> int:
    """The most cells that networks of these hidden widths can have (Serra et al., ICML 2018).

    The sum over all (j_1, ..., j_L) with ``0 <= j_l <= min(n, w_1 - j_1, ..., w_(l-1) - j_(l-1),
    w_l)`` of the products of ``C(w_l, j_l)``; with one layer the number of a generic arrangement.

    Examples
    --------
    >>> cell_bound(2, [4]), cell_bound(1, [2, 2])
    (11, 9)
    """
    if not widths:
        return 1
    first, rest = widths[0], widths[1:]
    return sum(
        comb(first, j) * cell_bound(min(n, first - j), rest) for j in range(min(n, first) + 1)
    )


def topology_of(layers: Layers) -> Row:
    """Cells, bounded components and Betti numbers of the decision boundary, over all of R^n.

    Betti numbers are reduced ones of the boundary with the point at infinity: ``betti_0`` counts
    its bounded components, and the last the pieces that it cuts R^n into, but one.
    """
    cx = decompose(Network(layers), threads=1)
    level = region(cx, "level")
    sides = {side: region(cx, side) for side in ("superlevel", "sublevel")}
    numbers = level.betti(compactify=True)[: cx.dim].tolist()
    numbers[0] -= 1  # the point at infinity, or what runs out to it
    return {
        "n_cells": cx.n_cells,
        "n_components": int(level.betti()[0]),
        **{f"betti_{k}": value for k, value in enumerate(numbers)},
        "topology": sum(numbers),
        **{f"bounded_{s}": int(part.betti(compactify=True)[0]) - 1 for s, part in sides.items()},
    }


def run_seed(settings: BoundarySettings, seed: int) -> dict[str, Any]:
    """Networks of each shape, untrained and trained, and the topology of their boundaries."""
    rows: list[Row] = []
    for n, sizes in zip(settings.dims, settings.neurons, strict=True):
        X, y = cube_samples(settings.data, n, settings.samples, stream(seed, DATA) + n)
        given = {"labels": y, "random": random_labels(y, stream(seed, LABELS) + n)}
        for shape, width, depth in _shapes(n, sizes, settings.depths):
            widths = [n, *[width] * depth, 1]
            shapes = [(np.zeros((b, a)), np.zeros(b)) for a, b in pairwise(widths)]
            draw = stream(seed, START) + 100 * width + depth
            first = list(untrained(shapes, draw, he_layer(0.5)).layers)
            key = {"seed": seed, "inputs": n, "shape": shape, "width": width, "depth": depth}
            key |= {"neurons": width * depth, "bound": cell_bound(n, widths[1:-1])}
            for arm in ARMS:
                if arm == "untrained":
                    layers = balanced(first, X)
                else:
                    last = settings.updates
                    layers = kept_steps(first, X, given[arm], (last,), lr=LR)[last]
                rows.append(key | {"arm": arm} | topology_of(layers))
    return {"records": rows}


def _shapes(
    n: int, sizes: tuple[int, ...], depths: tuple[int, ...]
) -> Iterator[tuple[str, int, int]]:
    """Name, width and depth: of equal numbers of neurons, and of two families with bounds."""
    for neurons in sizes:
        for depth in depths:
            yield "equal", neurons // depth, depth
    yield "narrow", n + 1, 1
    for depth in depths:
        yield "skinny", n, depth


class _Rows:
    """The topology of networks of equal numbers of neurons, one value per seed."""

    def __init__(self, tables: Tables) -> None:
        self._of = {
            (r["seed"], r["inputs"], r["neurons"], r["depth"], r["arm"]): float(r["topology"])
            for r in tables["records"]
            if r["shape"] == "equal"
        }
        self._seeds = sorted({r["seed"] for r in tables["records"]})

    def values(self, n: int, neurons: int, depth: int, arm: str) -> list[float]:
        return [self._of[seed, n, neurons, depth, arm] for seed in self._seeds]

    def more(self, one: tuple[int, int, int, str], two: tuple[int, int, int, str]) -> list[float]:
        """The first minus the second."""
        pairs = zip(self.values(*one), self.values(*two), strict=True)
        return [a - b for a, b in pairs]


def claims(tables: Tables, settings: BoundarySettings) -> list[Claim]:
    """What depth, width and training add, and the bounds, network by network."""
    rows = _Rows(tables)
    flat, deep = settings.depths[0], settings.depths[-1]
    found: list[Claim] = []
    for n, sizes in zip(settings.dims, settings.neurons, strict=True):
        small, large = sizes[0], sizes[-1]
        for arm, text in ARMS.items():
            more = rows.more((n, large, deep, arm), (n, large, flat, arm))
            first = (n, arm) == (settings.dims[0], "untrained")
            name = f"topology, depth {deep} minus depth {flat}, n = {n}, {text}"
            found.append(Claim(name, more, 0.0, primary=first))
        for depth in (flat, deep):
            more = rows.more((n, large, depth, "untrained"), (n, small, depth, "untrained"))
            name = f"topology, {large} minus {small} neurons, depth {depth}, n = {n}, untrained"
            found.append(Claim(name, more, 0.0))
            for arm in ("labels", "random"):
                more = rows.more((n, large, depth, arm), (n, large, depth, "untrained"))
                name = f"topology, {ARMS[arm]} minus untrained, depth {depth}, n = {n}"
                found.append(Claim(name, more, 0.0))
    return [*found, *_bounds(tables), *_estimates(rows, settings)]


def _bounds(tables: Tables) -> list[Claim]:
    every = tables["records"]
    narrow, skinny = ([r for r in every if r["shape"] == name] for name in ("narrow", "skinny"))
    sides = ("bounded_superlevel", "bounded_sublevel")
    return [
        Claim(
            "bounded components of a decision region, one layer of n + 1",
            [r[side] for r in narrow for side in sides],
            most=1.0,
        ),
        Claim(
            "bounded components of region or boundary, layers of n",
            [r[name] for r in skinny for name in (*sides, "betti_0")],
            most=0.0,
        ),
        Claim(
            "cells / most cells of the widths", [r["n_cells"] / r["bound"] for r in every], most=1.0
        ),
        Claim(
            "components of the boundary / cells",
            [r["n_components"] / r["n_cells"] for r in every],
            most=1.0,
        ),
    ]


def _estimates(rows: _Rows, settings: BoundarySettings) -> list[Claim]:
    return [
        Claim(f"topology, depth {depth}, n = {n}, {text}", rows.values(n, sizes[-1], depth, arm))
        for n, sizes in zip(settings.dims, settings.neurons, strict=True)
        for arm, text in ARMS.items()
        for depth in settings.depths
    ]


def pictures(tables: Tables, settings: BoundarySettings) -> list[Panel]:
    """Mean topology by depth, a line for each size and arm."""
    rows = _Rows(tables)
    fig, axes = figure(11.2, 3.4, ncols=len(settings.dims), squeeze=False)
    for ax, n, sizes in zip(axes[0], settings.dims, settings.neurons, strict=True):
        for k, (arm, text) in enumerate(ARMS.items()):
            for neurons, style in ((sizes[0], ":"), (sizes[-1], "-")):
                values = [rows.values(n, neurons, depth, arm) for depth in settings.depths]
                mean = [float(np.mean(one)) for one in values]
                ax.plot(
                    settings.depths,
                    mean,
                    style,
                    color=LINES[k],
                    marker=".",
                    label=text if neurons == sizes[-1] else None,
                )
        ax.set_xticks(settings.depths)
        ax.set_xlabel("hidden layers")
        ax.set_title(f"{n} inputs, {sizes[-1]} neurons ({sizes[0]})", loc="left", fontsize=9.5)
        ax.grid(axis="y")
    axes[0][0].set_ylabel("sum of reduced Betti numbers")
    fig.legend(*axes[0][0].get_legend_handles_labels(), loc="outside right center")
    caption = (
        "Means over seeds, dotted for fewer neurons: bounded components of the boundary, tunnels, "
        "and the pieces that it cuts the space into, but one. A single sheet has 1, an empty "
        "boundary 0."
    )
    return [Panel("Topology by depth", caption, to_svg(fig, "topology of boundaries by depth"), 12)]


STUDY = Study(
    "boundaries",
    ("masden2022", "grigsbylindsey2020", "johnson2019", "serra2018", "ergengrillo2024"),
    run_seed,
    claims,
    pictures,
)
