"""Times the two engines side by side: one thread, CPU time, certified, adjacency included.

python benchmarks/engines.py                   standard networks in 5 to 30 dimensions
python benchmarks/engines.py deep-8d           this only
"""

from __future__ import annotations

import argparse
from functools import partial

import relutope as rt
from common import best_and_median, zoo

NAMES = ("deep-5d", "shallow-6d", "deep-6d", "shallow-8d", "deep-8d", "highdim-30d")
# Cells per second that the faster engine must reach on an otherwise idle core of a 2021 server.
GOALS = {"deep-6d": 120_000, "shallow-8d": 150_000, "deep-8d": 150_000, "highdim-30d": 30_000}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", default=NAMES, metavar="NETWORK")
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    print(f"{'network':12}{'cells':>9}{'edges':>9}{'vertex':>12}{'lp':>12}{'goal':>10}")
    for name in options.names:
        case = zoo.standard(name)
        rates = {}
        for engine in ("vertex", "lp"):
            if engine == "vertex" and len(case.layers[0][0][0]) > 10:
                continue
            work = partial(
                rt.decompose, case.layers, rt.Box(*case.domain), engine=engine, threads=1
            )
            best, _, cx = best_and_median(work, options.repeats)
            assert (cx.n_cells, cx.n_edges) == (case.n_cells, case.n_edges), (name, engine, cx)
            rates[engine] = f"{cx.n_cells / best:12,.0f}"
        goal = f"{GOALS[name]:10,}" if name in GOALS else ""
        print(
            f"{name:12}{case.n_cells:9,}{case.n_edges:9,}{rates.get('vertex', ''):>12}"
            f"{rates['lp']}{goal}",
            flush=True,
        )


if __name__ == "__main__":
    main()
