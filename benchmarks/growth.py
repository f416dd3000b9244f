"""How the time per cell grows: with cells, dimension, depth and width. Part of `run.py`.

The networks of a table take turns, so that a machine that slows down for a while slows all of them,
and each is shown by its best CPU time of one thread.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import relutope as rt
from common import Layers, random_layers, show

ROUNDS = 5
LONG = 2.0  # seconds of a search that is not repeated
HALF_SIDES = (0.125, 0.25, 0.5, 1, 2, 4, 16)
# Inputs and neurons of one hidden layer that make about 40,000 cells.
DIMENSIONS = ((2, 300), (3, 64), (4, 34), (5, 24), (6, 20), (8, 16))
DEPTHS = (1, 2, 4, 8, 16, 32, 64)
WIDTHS = (16, 32, 64, 128, 256, 512)

Case = tuple[str, Layers, float]  # what varies, the network, half the side of the box


def tables() -> dict[str, list[Case]]:
    """The networks of each table."""
    fixed = random_layers([3, 24, 24, 24, 1])
    return {
        "cells, 3-24-24-24-1 in [-s, s]^3": [(f"s = {s}", fixed, s) for s in HALF_SIDES],
        "dimension, one hidden layer": [
            (f"{n}-{m}-1", random_layers([n, m, 1]), 1.0) for n, m in DIMENSIONS
        ],
        "depth, 2 inputs, layers of 12": [
            (f"{d} layers", random_layers([2, *[12] * d, 1]), 1.0) for d in DEPTHS
        ],
        "width, 2 inputs, two hidden layers": [
            (f"{m} wide", random_layers([2, m, m, 1]), 1.0) for m in WIDTHS
        ],
    }


def measure(cases: list[Case], rounds: int) -> Iterator[dict[str, Any]]:
    """Best times of each case; how many cells there are is the same in all rounds."""
    best: dict[str, float] = {}
    found: dict[str, Any] = {}
    for turn in range(rounds):
        for what, layers, s in cases:
            if turn > 0 and best[what] > LONG:
                continue
            start = time.process_time()
            cx = rt.decompose(layers, rt.Box(-s, s), threads=1)
            seconds = time.process_time() - start
            best[what] = min(seconds, best.get(what, seconds))
            assert cx == found.setdefault(what, cx)
    for what, layers, _ in cases:
        cx = found[what]
        per_cell = 1e6 * best[what] / cx.n_cells
        yield {
            "what": what,
            "engine": cx.stats["engine"],
            "cells": cx.n_cells,
            "best_s": best[what],
            "us_per_cell": per_cell,
            "us_per_cell_and_layer": per_cell / (len(layers) - 1),
            "facets_per_cell": 2 * cx.n_edges / cx.n_cells,
            "exact_signs": cx.stats["signs_exact"],
            "bytes_per_cell": (cx.solution.arrays.nbytes + cx.adjacency.nbytes) / cx.n_cells,
        }


def section(rounds: int = ROUNDS) -> dict[str, list[dict[str, Any]]]:
    """Measures, and prints a table for each thing that grows."""
    return {
        title.split(",")[0]: show(
            f"GROWTH IN {title}  one thread, best CPU time of {rounds}",
            {
                "what": ("", "<12"),
                "engine": ("engine", "<7"),
                "cells": ("cells", "9,"),
                "us_per_cell": ("us/cell", "8.2f"),
                "us_per_cell_and_layer": ("and layer", "10.2f"),
                "facets_per_cell": ("neighbors", "10.1f"),
                "exact_signs": ("exact signs", "12,"),
                "bytes_per_cell": ("B/cell", "7.0f"),
            },
            measure(cases, rounds),
        )
        for title, cases in tables().items()
    }
