"""Times the core on the standard networks: one thread, CPU time, certified, adjacency included.

python benchmarks/run.py                       all networks, table on stdout
python benchmarks/run.py deep-3d wide-2d       these only
python benchmarks/run.py --json now.json       also to a file
python benchmarks/run.py --compare before.json ratios of cells/s to a stored run
"""

from __future__ import annotations

import argparse
import json
import resource
from pathlib import Path
from typing import Any

import relutope as rt
from common import best_and_median, machine, zoo

# Cells per second that a release must reach on an otherwise idle core of a 2021 server.
GOALS = {
    "deep-2d": 600_000,
    "deep-3d": 600_000,
    "wide-3d": 600_000,
    "deep-4d": 600_000,
    "deep-5d": 300_000,
    "deep-6d": 100_000,
    "wide-2d": 120_000,
}


def measure(name: str, repeats: int) -> dict[str, Any]:
    """Figures of one network; its known numbers of cells and edges are asserted."""
    case = zoo.standard(name)
    box = rt.Box(*case.domain)
    best, median, cx = best_and_median(
        lambda: rt.decompose(case.layers, box, threads=1), repeats=repeats
    )
    assert (cx.n_cells, cx.n_edges) == (case.n_cells, case.n_edges), (name, cx)
    held = cx.solution.arrays.nbytes + cx.adjacency.nbytes
    signs = {key: value for key, value in cx.stats.items() if key.startswith("signs")}
    return {
        "cells": cx.n_cells,
        "edges": cx.n_edges,
        "best_s": best,
        "median_s": median,
        "cells_per_s": cx.n_cells / best,
        "cells_per_s_median": cx.n_cells / median,
        "bytes_per_cell": held / cx.n_cells,
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        **signs,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", default=list(zoo.STANDARD), metavar="NETWORK")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--compare", type=Path)
    options = parser.parse_args()
    before = json.loads(options.compare.read_text())["networks"] if options.compare else {}
    rows = {}
    print(f"{'network':12}{'cells':>9}{'edges':>9}{'cells/s':>12}{'median':>12}", end="")
    print(f"{'goal':>10}{'B/cell':>8}{'exact':>7}{'ratio':>7}")
    for name in options.names:
        row = rows[name] = measure(name, options.repeats)
        goal = GOALS.get(name)
        reached = f"{row['cells_per_s_median'] / goal:9.2f}x" if goal else f"{'':10}"
        ratio = row["cells_per_s"] / before[name]["cells_per_s"] if name in before else None
        print(
            f"{name:12}{row['cells']:9,}{row['edges']:9,}{row['cells_per_s']:12,.0f}"
            f"{row['cells_per_s_median']:12,.0f}{reached}{row['bytes_per_cell']:8.0f}"
            f"{row['signs_exact']:7}" + (f"{ratio:7.2f}" if ratio else ""),
            flush=True,
        )
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), "networks": rows}, indent=1))


if __name__ == "__main__":
    main()
