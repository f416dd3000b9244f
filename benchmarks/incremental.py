"""What an update could save over decomposing anew, between two steps of a training.

python benchmarks/incremental.py                three tables, some minutes
python benchmarks/incremental.py --no-profile   without `perf` (Debian: linux-perf)

Weights change by a standard normal times the step times their size. CHANGES: what is not the same
then, and what certificates that outlive a step would leave open. A cell stays as it is if every
neuron has the same sign at each of its vertices, and a vertex moves with the neurons that vanish
there; so a certificate is a bound on how far a neuron's value at a vertex may move, compared with
the value. Bounds are of first order, which favours them. SIGNS: what there is to certify. SHARES:
where the time goes when all is made anew.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import relutope as rt
from common import Layers, machine, random_layers, show, zoo

VERTEX = ("wide-2d", "wide-3d", "deep-4d", "deep-6d")
LP = ("deep-8d", "shallow-8d", "highdim-30d")
EXPLORED = {"200-50-50-10 in R^n": (200, False, 1000), "200-50-50-10 in a box": (200, True, 200)}
STEPS = (1e-4, 1e-5, 1e-6)
SAMPLE = 500  # cells whose certificates are looked at

# Functions of the core by what they are for; all others search.
PARTS = {
    "programs": r"CellProgram|BoxSimplex|RefinedProgram|FacetSearch|ImpliedBox|CellFacets::"
    r"(reduce|ask|shoot|peel|confirm|first_hit|drop)|centred|Certificate",
    "by_points": r"FacetFinder|ProportionalForms",
    "maps": r"ComposedMap|ActiveForms|LayerMaps|set_active|FormTable",
    "signs": r"evaluate|inherit_signs|sign_at",
    "positions": r"place_on_edge|VertexSolver|RoundedVertex",
    "records": r"record_|link|assemble|pack_pattern|PatternTable",
}


def moved(layers: Layers, step: float) -> Layers:
    """The layers after a step."""
    rng = np.random.default_rng(0)
    return [
        tuple(x + step * np.abs(x) * rng.normal(size=x.shape) for x in layer)  # type: ignore[misc]
        for layer in layers
    ]


def rows(table: Any) -> set[bytes]:
    return {row.tobytes() for row in table}


def pairs(cx: Any) -> set[bytes]:
    packed = np.packbits(cx.patterns, axis=1)
    return rows(np.concatenate([packed[cx.adjacency[:, 0]], packed[cx.adjacency[:, 1]]], axis=1))


def turnover(before: set[bytes], after: set[bytes]) -> float:
    """What went and what came, on average, as a share."""
    return len(before ^ after) / 2 / len(before)


def explored(name: str) -> Any:
    """A function of a network's layers that explores it, and these layers."""
    n, bounded, cells = EXPLORED[name]
    start = np.random.default_rng(0).uniform(-0.5, 0.5, n)
    domain = rt.Box([-1.0] * n, [1.0] * n) if bounded else None
    layers = random_layers([n, 50, 50, 10])
    return layers, lambda net: rt.explore(net, start, max_cells=cells, domain=domain)


def decomposed(name: str) -> Any:
    """The same, of a standard network that is decomposed."""
    layers = zoo.standard(name).layers
    box = rt.Box(-1, 1, dim=layers[0][0].shape[1])
    return layers, lambda net: rt.decompose(net, box, threads=1)


def preactivations(layers: Layers, x: Any) -> Any:
    """Of all hidden neurons at the points x, side by side."""
    found = []
    for W, b in layers[:-1]:
        found.append(x @ W.T + b)
        x = np.maximum(found[-1], 0)
    return np.concatenate(found, axis=1)


def value_bounds(layers: Layers, after: Layers, x: Any, inputs: list[Any], active: Any) -> Any:
    """How far values may move at most, where layers are given `inputs` of at most this size."""
    found: list[Any] = []
    first = 0
    for k, ((W, b), (V, c)) in enumerate(zip(layers[:-1], after[:-1], strict=True)):
        bound = inputs[k] @ np.abs(V - W).T + np.abs(c - b)
        if k:
            bound = bound + found[-1] * active[:, first - W.shape[1] : first] @ np.abs(V).T
        found.append(bound)
        first += len(b)
    return np.concatenate(found, axis=1)


def certificates(cx: Any, layers: Layers, after: Layers) -> dict[str, float]:
    """Shares of cells with a vertex at which the sign of some neuron changes, or might.

    "change": by the values' own changes. "bound_there": by bounds from the sizes of the weights'
    changes and of each layer's inputs at the vertex, which cost more than to evaluate again.
    "bound_stored": from the largest inputs of each layer in the whole domain, which can be kept.
    """
    widths = [len(b) for _, b in layers[:-1]]
    ends = np.cumsum(widths)
    largest, x = [np.ones(cx.dim)], cx.vertices
    for values in np.split(preactivations(layers, x), ends[:-1], axis=1)[:-1]:
        largest.append(np.maximum(values, 0).max(axis=0))
    everywhere = value_bounds(
        layers, after, x[:1], [h[None] for h in largest], np.ones((1, ends[-1]))
    )[0]
    counts = np.zeros(3)
    cells = np.random.default_rng(1).choice(cx.n_cells, min(SAMPLE, cx.n_cells), replace=False)
    for cell in cells:
        vertices = np.asarray(cx.cell_vertices[cell])
        x, signs = cx.vertices[vertices], cx.vertex_signs[vertices]
        weights, M = [], np.eye(cx.dim)
        for (W, _), part in zip(layers[:-1], np.split(cx.patterns[cell], ends[:-1]), strict=True):
            weights.append(W @ M)
            M = weights[-1] * part[:, None]
        G = np.concatenate(weights)
        values = preactivations(layers, x)
        shift = preactivations(after, x) - values
        inputs = [np.abs(x), *np.split(np.maximum(values, 0), ends[:-1], axis=1)[:-1]]
        there = value_bounds(layers, after, x, inputs, signs >= 0)
        open_ = np.zeros(3, dtype=bool)
        for k in range(len(x)):
            zero, sides = np.flatnonzero(signs[k] == 0), np.flatnonzero(np.abs(x[k]) == 1)
            A = np.linalg.inv(np.vstack([G[zero], np.eye(cx.dim)[sides]]))[:, : len(zero)]
            T, others, value = G @ A, signs[k] != 0, values[k] * signs[k]
            change = value + signs[k] * (shift[k] - T @ shift[k, zero])
            left = [change] + [
                value - bound - np.abs(T) @ bound[zero] for bound in (there[k], everywhere)
            ]
            open_ |= [(margin[others] <= 0).any() for margin in left]
        counts += open_
    return dict(zip(("change", "bound_there", "bound_stored"), counts / len(cells), strict=True))


def changes() -> Iterator[dict[str, Any]]:
    for name in (*VERTEX, "deep-8d", *EXPLORED):
        layers, make = explored(name) if name in EXPLORED else decomposed(name)
        before = make(layers)
        cells, adjacent = rows(before.patterns), pairs(before)
        vertices = rows(before.vertex_signs) if name in VERTEX else set()
        for step in STEPS:
            after = moved(layers, step)
            cx = make(after)
            row = {"network": name, "n_cells": before.n_cells, "step": step}
            row["cells"] = turnover(cells, rows(cx.patterns))
            row["pairs"] = turnover(adjacent, pairs(cx))
            if name in VERTEX:
                row["vertices"] = turnover(vertices, rows(cx.vertex_signs))
                row |= certificates(before, layers, after)
            yield row


def signs() -> Iterator[dict[str, Any]]:
    for name in VERTEX:
        layers, make = decomposed(name)
        cx = make(layers)
        vertices = len(cx.vertices)
        yield {
            "network": name,
            "vertices": vertices / cx.n_cells,
            "evaluated": cx.stats["signs_filtered"] / vertices,
            "all": cx.n_neurons,
        }


def shares() -> Iterator[dict[str, Any]]:
    """Of the core's samples by processor time, while all is made anew for some seconds."""
    for name in (*VERTEX, *LP, *EXPLORED):
        with tempfile.TemporaryDirectory() as folder:
            samples = Path(folder) / "samples"
            record = ["perf", "record", "-q", "-e", "cpu-clock", "-F", "997", "-o", samples]
            subprocess.run([*record, sys.executable, __file__, "--repeat", name], check=True)
            report = ["perf", "report", "-i", samples, "--stdio", "--no-children", "-F"]
            said = subprocess.run(
                [*report, "overhead,dso,sym"], check=True, capture_output=True, text=True
            ).stdout
        row = dict.fromkeys([*PARTS, "search"], 0.0)
        for line in said.splitlines():
            match = re.match(r"\s*([\d.]+)%\s+_core\S*\s+\[\.\] (.*)", line)
            if match:
                named = (part for part, pattern in PARTS.items() if re.search(pattern, match[2]))
                row[next(named, "search")] += float(match[1])
        total = sum(row.values())
        yield {"network": name} | {part: share / total for part, share in row.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--no-profile", action="store_true")
    parser.add_argument("--repeat", metavar="NETWORK", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if name := options.repeat:
        layers, make = explored(name) if name in EXPLORED else decomposed(name)
        cells = 0
        while cells < (500 if name in EXPLORED else 300_000 if name in VERTEX else 60_000):
            cells += make(layers).n_cells
        return
    print(machine())
    part = "8.1%"
    show(
        "CHANGES  shares that change in a step, and of cells that certificates leave open",
        {
            "network": ("network", "<22"),
            "n_cells": ("cells", "8,"),
            "step": ("step", "7.0e"),
            "cells": ("cells", "8.2%"),
            "pairs": ("pairs", "8.2%"),
            "vertices": ("vertices", "8.2%"),
            "change": ("change", part),
            "bound_there": ("there", part),
            "bound_stored": ("stored", part),
        },
        changes(),
    )
    show(
        "SIGNS  evaluated for a vertex when all is made anew, and of how many neurons",
        {
            "network": ("network", "<22"),
            "vertices": ("vertices/cell", "13.2f"),
            "evaluated": ("evaluated", "9.1f"),
            "all": ("neurons", "8"),
        },
        signs(),
    )
    if options.no_profile:
        return
    if shutil.which("perf") is None:
        sys.exit("`perf` is not there; on Debian: apt-get install linux-perf")
    columns = {"network": ("network", "<22")}
    names = dict.fromkeys([*PARTS, "search"])
    show(
        "SHARES  of the core's time",
        columns | {name: (name.replace("_", " "), "10.1%") for name in names},
        shares(),
    )


if __name__ == "__main__":
    main()
