"""Times critical points, flow graphs, merge trees and Reeb graphs beside persistence.

python benchmarks/morse.py               CPU seconds; goal: five times the persistence
python benchmarks/morse.py deep-3d       one case
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import relutope as rt
from common import machine, random_layers
from relutope.topology import (
    critical_cells,
    extended_persistence,
    flow_graph,
    merge_tree,
    reeb_graph,
)

# widths, seed, cells
CASES: dict[str, tuple[list[int], int, int]] = {
    "wide-2d": ([2, 256, 256, 1], 12, 88_292),
    "deep-3d": ([3, 16, 16, 16, 1], 7, 6_131),
    "deep-4d": ([4, 10, 10, 10, 1], 8, 8_376),
}
GOAL = 5


def timed(what: str, work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    result = work()
    seconds = time.process_time() - start
    print(f"  {what:34}{seconds:8.3f} s", flush=True)
    return seconds, result


def run(name: str) -> None:
    widths, seed, cells = CASES[name]
    cx = rt.decompose(random_layers(widths, seed), rt.Box(-1, 1), threads=1)
    assert cx.n_cells == cells
    print(f"{name}: {cx.n_cells:,} cells", flush=True)
    timed("faces", lambda: cx.lattice)
    timed("values at the vertices", lambda: cx.vertex_values)
    own, pairs = timed("persistence", lambda: rt.persistence(cx))
    _, both = timed("extended persistence", lambda: extended_persistence(cx))
    costs = {}
    costs["critical cells"], found = timed("critical cells", lambda: critical_cells(cx))
    costs["flow graph"], flow = timed("flow graph", lambda: flow_graph(cx))
    costs["merge tree"], tree = timed("merge tree", lambda: merge_tree(cx))
    costs["Reeb graph"], graph = timed("Reeb graph", lambda: reeb_graph(cx))
    timed("critical cells of a neuron", lambda: critical_cells(cx, neuron=-1))
    timed("inner parts, a random order", lambda: rt.persistence(cx, "random", rule="max"))
    signs = (-1) ** np.arange(cx.dim + 1)
    assert found.counts @ signs == flow.counts @ signs == 1
    assert (flow.counts >= found.counts).all()
    assert tree.pairs == [pair for pair in pairs if pair[0] == 0]
    assert both.ordinary == [pair for pair in pairs if pair[1][1] != np.inf]
    assert len(graph.arcs) == len(graph) - 1
    print(f"  Morse numbers {found.counts.tolist()}; {len(flow.arcs)} arcs; {graph}")
    for what, seconds in costs.items():
        met = seconds <= GOAL * own
        print(f"  {what}: {seconds / own:.1f} times the persistence{'' if met else ', MISSED'}")


if __name__ == "__main__":
    print(machine())
    import scipy.sparse.csgraph  # noqa: F401  (its import is not to be timed)

    for case in sys.argv[1:] or CASES:
        run(case)
