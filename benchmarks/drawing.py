"""What a picture of some 100,000 cells costs, drawn and written as PNG.

python benchmarks/drawing.py             CPU seconds; goals
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import relutope as rt
from common import machine
from relutope.plotting import save

CELLS = 96_462
GOALS = {"pattern": 3.0, "degree": 3.0, "prediction": 3.0, "class": 3.0}
"""CPU seconds. Colours of the output also cut the cells and draw its zero set."""


def main() -> None:
    """Print a line per colour; the vertices, which the first picture computes, included."""
    print(machine())
    network = rt.mlp([2, 256, 256, 1], seed=0)
    rt.decompose(rt.mlp([2, 3, 1], seed=0), rt.Box(-1, 1)).plot()  # imports are not what is timed
    with tempfile.TemporaryDirectory() as folder:
        for by, goal in GOALS.items():
            cx = rt.decompose(network, rt.Box(-3, 3))
            assert cx.n_cells == CELLS, cx
            start = time.process_time()
            ax = cx.plot(by)
            drawn = time.process_time()
            save(ax, Path(folder) / "cells.png")
            written = time.process_time()
            total = written - start
            verdict = f" of {goal:.0f}" + "  MISSED" * (total > goal)
            print(
                f"{by:12} plot {drawn - start:5.2f} s, save {written - drawn:5.2f} s, "
                f"together {total:5.2f} s{verdict}"
            )


if __name__ == "__main__":
    main()
