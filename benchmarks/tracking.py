"""What tracking costs per record, without a bound, with a budget, and with a limit of cells.

python benchmarks/tracking.py            wall seconds of one thread, a 3-20-20-1 network
"""

from __future__ import annotations

import time

import numpy as np

import relutope as rt
from common import machine
from relutope.tracking.measures.registry import MEASURES
from relutope.tracking.tracker import Tracker

RECORDS = 41
MEASURED = [name for name in MEASURES if name not in ("fiedler", "sublevel", "random")]


def tracked(**bounds: float) -> tuple[Tracker, list[float]]:
    """The tracker of a short training, and the seconds of each record."""
    X = np.random.default_rng(0).uniform(-1, 1, (200, 3))
    tracker = Tracker(rt.Box(-1, 1), measures=MEASURED, threads=1, **bounds)
    seconds = []

    def timed(step: int, model: object, metrics: dict[str, float]) -> None:
        start = time.perf_counter()
        tracker(step, model, metrics)
        seconds.append(time.perf_counter() - start)

    inside = (X**2).sum(axis=1) < 0.8
    rt.train([20, 20], X, inside, epochs=RECORDS - 1, lr=0.02, callbacks=[timed])
    return tracker, seconds


def main() -> None:
    """Print a line per bound; a budget holds on average, but for the parts asked last."""
    print(machine())
    rt.estimate_count(rt.mlp([2, 3, 1]), rt.Box(-1, 1))  # imports are not what is timed
    for bounds in ({}, {"budget": 2.0}, {"budget": 0.5}, {"budget": 0.1}, {"max_cells": 1500}):
        tracker, seconds = tracked(**bounds)
        mean, share = np.mean(seconds), len(tracker.left_out) / RECORDS
        counts = [row["count"] for row in tracker.rows if "count" in row]
        print(
            f"{bounds or 'no bound'!s:20} {mean:6.3f} s a record, at most {max(seconds):6.3f} s;"
            f" something left out in {share:4.0%}; {counts[0]} to {counts[-1]} cells"
        )
        assert len(tracker.rows) == RECORDS
        if "budget" in bounds:
            last = sum(tracker.seconds.values())
            assert mean <= bounds["budget"] + last / RECORDS, (mean, last)


if __name__ == "__main__":
    main()
