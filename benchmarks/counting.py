"""Times `count`, which makes no cell of the last layer, beside `decompose`.

python benchmarks/run.py counting              CPU seconds of one thread, best of some; goals
python benchmarks/counting.py --neurons 1817   all of R^3 by so many planes: 10^9 cells, two threads
python benchmarks/counting.py --threshold 6    threshold functions of so many variables, two threads
python benchmarks/counting.py --resonance 6    the resonance arrangement, two threads
"""

from __future__ import annotations

import argparse
import itertools
import math
import resource
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

import relutope as rt
from common import best_and_median, random_layers, show

# inputs, hidden layers, whether in the box, goal (how many times the rate of decompose)
CASES: list[tuple[int, tuple[int, ...], bool, float | None]] = [
    (2, (400,), True, None),
    (3, (64,), True, 10),
    (3, (128,), True, 10),
    (3, (256,), True, 10),
    (3, (100,), False, None),
    (4, (48,), True, None),
    (5, (32,), True, None),
    (6, (24,), True, None),
    (2, (32, 32, 32), True, None),
    (3, (64, 64), True, None),
    (4, (16, 16), True, None),
    (5, (10, 10), True, None),
    (6, (12, 12), True, None),
]


THRESHOLD = {3: 104, 4: 1882, 5: 94_572, 6: 15_028_134}  # OEIS A000609
RESONANCE = {3: 32, 4: 370, 5: 11_292, 6: 1_066_044, 7: 347_326_352}  # OEIS A034997


def measure() -> Iterator[dict[str, Any]]:
    """`count` and `decompose` of each network, whose numbers of cells are asserted to be equal."""
    for inputs, hidden, in_box, goal in CASES:
        layers = random_layers([inputs, *hidden, 1])
        box = rt.Box([-1.0] * inputs, [1.0] * inputs) if in_box else None
        cells = int(rt.count(layers, box, threads=1))
        repeats = 3 + 300_000 // cells  # what takes milliseconds is slow at first
        counting, _, _ = best_and_median(lambda: rt.count(layers, box, threads=1), repeats)  # noqa: B023
        making, _, cx = best_and_median(lambda: rt.decompose(layers, box, threads=1), repeats)  # noqa: B023
        assert cx.n_cells == cells
        ratio = making / counting
        yield {
            "network": "-".join(map(str, (inputs, *hidden, 1))) + ("" if in_box else " in R^n"),
            "cells": cells,
            "count_per_s": cells / counting,
            "decompose_per_s": cells / making,
            "ratio": ratio,
            "goal": goal,
            "note": "MISSED" if goal and ratio < goal else "",
        }


def section() -> list[dict[str, Any]]:
    """Measures, and prints the table."""
    return show(
        "COUNTING  `count`, which makes no cell of the last layer, beside `decompose`: cells a\n"
        "  second of one thread, best CPU time; the goal is for the ratio.",
        {
            "network": ("network", "<18"),
            "cells": ("cells", "10,"),
            "count_per_s": ("count", "13,.0f"),
            "decompose_per_s": ("decompose", "11,.0f"),
            "ratio": ("ratio", "6.1f"),
            "goal": ("goal", "5"),
        },
        measure(),
    )


def through_the_origin(rows: Any) -> list[tuple[Any, Any]]:
    W = np.array(rows, dtype=float)
    return [(W, np.zeros(len(W))), (np.ones((1, len(W))), np.zeros(1))]


def large(layers: list[tuple[Any, Any]], known: int, threads: int) -> None:
    start, before = time.perf_counter(), time.process_time()
    cells = int(rt.count(layers, threads=threads))
    wall, cpu = time.perf_counter() - start, time.process_time() - before
    assert cells == known
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{cells:,} cells, as known: {wall:.1f} s, {cpu:.1f} s of CPU, peak {peak:.0f} MiB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--neurons", type=int)
    parser.add_argument("--threshold", type=int, choices=THRESHOLD)
    parser.add_argument("--resonance", type=int, choices=RESONANCE)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    if given.neurons:
        known = sum(math.comb(given.neurons, k) for k in range(4))
        large(random_layers([3, given.neurons, 1]), known, given.threads)
    elif given.threshold:
        rows = [(1, *v) for v in itertools.product([-1, 1], repeat=given.threshold)]
        large(through_the_origin(rows), THRESHOLD[given.threshold], given.threads)
    elif given.resonance:
        rows = [v for v in itertools.product([0, 1], repeat=given.resonance) if any(v)]
        large(through_the_origin(rows), RESONANCE[given.resonance], given.threads)
    else:
        section()
