"""Times the two engines side by side: one thread, CPU time, certified, facets with neighbors.

python benchmarks/engines.py                   standard networks in 5 to 30 dimensions
python benchmarks/engines.py deep-8d           this only
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import relutope as rt
from common import best_and_median, show, zoo

NAMES = ("deep-5d", "shallow-6d", "deep-6d", "shallow-8d", "deep-8d", "highdim-30d")
# Cells per second that the faster engine must reach on an otherwise idle core of a 2021 server.
GOALS = {"deep-6d": 120_000, "shallow-8d": 150_000, "deep-8d": 150_000, "highdim-30d": 30_000}


def measure(names: Sequence[str], repeats: int) -> Iterator[dict[str, Any]]:
    """Rates of both engines, with the same answers; the vertex engine up to 10 dimensions."""
    for name in names:
        case = zoo.standard(name)
        row: dict[str, Any] = {"network": name, "cells": case.n_cells, "edges": case.n_edges}
        for engine in ("vertex", "lp"):
            if engine == "vertex" and case.dim > 10:
                continue
            work = partial(
                rt.decompose, case.layers, rt.Box(*case.domain), engine=engine, threads=1
            )
            best, _, cx = best_and_median(work, repeats)
            assert (cx.n_cells, cx.n_edges) == (case.n_cells, case.n_edges), (name, engine, cx)
            row[engine] = cx.n_cells / best
        yield row | {"goal": GOALS.get(name)}


def section(names: Sequence[str] = NAMES, repeats: int = 3) -> list[dict[str, Any]]:
    """Measures, and prints the table."""
    return show(
        f"ENGINES  cells a second of one thread, best CPU time of {repeats}; the goal is for the\n"
        "  faster one, on an idle core of a 2021 server.",
        {
            "network": ("network", "<12"),
            "cells": ("cells", "9,"),
            "edges": ("edges", "9,"),
            "vertex": ("vertex", "11,.0f"),
            "lp": ("lp", "11,.0f"),
            "goal": ("goal", "10,"),
        },
        measure(names, repeats),
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", default=NAMES, metavar="NETWORK")
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    section(options.names, options.repeats)


if __name__ == "__main__":
    main()
