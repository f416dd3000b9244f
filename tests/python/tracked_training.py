"""A training that is tracked with `resume`: run by test_resume.py, which kills it.

python tracked_training.py TABLE SECONDS: after each record it prints the step and sleeps so long.
"""

from __future__ import annotations

import sys
import time

import numpy as np

import relutope as rt

MEASURES = {
    "count": 1,
    "cells": 1,
    "agreement": 1,
    "distances": 1,
    "random": 2,
    "topology": 3,
    "entropy": 1,
}


def main(table: str, seconds: float) -> None:
    def told(row):
        print(row["step"], flush=True)
        time.sleep(seconds)

    X = np.random.default_rng(0).uniform(-1, 1, (60, 2))
    tracker = rt.Tracker(
        rt.Box(-1, 1),
        measures=MEASURES,
        steps=2,
        draws=2,
        path=table,
        resume=True,
        max_cells=60,
        threads=1,
        listeners=[told],
    )
    rt.train([8, 6], X, (X**2).sum(axis=1) < 0.5, epochs=40, lr=0.05, callbacks=[tracker])


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
