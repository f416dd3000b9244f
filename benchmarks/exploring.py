"""Cells per second of local search, all facets certified: one thread, CPU time.

python benchmarks/exploring.py                       standard networks
python benchmarks/exploring.py NETWORK.onnx DATA.csv  around the rows of a table (label, then inputs
                                                      from 0 to 255), such as MNIST's test images;
                                                      with --within EPS in a box around each
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import relutope as rt
from common import zoo

NAMES = ("deep-2d", "shallow-4d", "deep-6d", "deep-8d", "highdim-30d")
GOAL = 20  # cells per second around an image, 784-256-256-256-256-10


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--images", type=int, default=10)
    parser.add_argument("--cells", type=int, default=1000)
    parser.add_argument(
        "--within",
        type=float,
        metavar="EPS",
        help="only in the box of images at most so far, pixels from 0 to 1",
    )
    options = parser.parse_args()
    if options.files:
        around_images(*options.files, options.images, options.cells, options.within)
    else:
        standard_networks()


def standard_networks() -> None:
    print(f"{'network':12}{'domain':>8}{'cells':>9}{'edges':>9}{'cells/s':>12}")
    for name in NAMES:
        case = zoo.standard(name)
        for where, domain in (("box", rt.Box(*case.domain)), ("R^n", None)):
            whole = rt.decompose(case.layers, domain, threads=1)
            start = time.process_time()
            found = rt.explore(case.layers, np.full(case.dim, 0.1), domain=domain, max_cells=10**6)
            seconds = time.process_time() - start
            assert found.complete
            assert (found.n_cells, len(found.adjacency)) == (whole.n_cells, whole.n_edges)
            rate = found.n_cells / seconds
            print(
                f"{name:12}{where:>8}{whole.n_cells:9,}{whole.n_edges:9,}{rate:12,.0f}", flush=True
            )


def around_images(
    network_file: str, table: str, images: int, cells: int, within: float | None
) -> None:
    network = rt.load_network(network_file)
    inputs = np.loadtxt(table, delimiter=",", max_rows=images)[:, 1:] / 255
    print(f"{network!r}, {cells} cells around each row")
    print(f"{'row':>4}{'facets a cell':>15}{'exact programs':>16}{'cells/s':>10}{'goal':>6}")
    rates = []
    for k, x in enumerate(inputs):
        domain = None
        if within is not None:
            domain = rt.Box(np.maximum(x - within, 0), np.minimum(x + within, 1))
        exploration = rt.Exploration(network, x, domain=domain)
        start = time.process_time()
        exploration.run(max_cells=cells)
        rates.append((exploration.n_cells - 1) / (time.process_time() - start))
        facets, exact = exploration.n_facets.mean(), exploration.stats["programs_exact"]
        print(f"{k:4}{facets:15.1f}{exact:16}{rates[-1]:10.1f}{GOAL:6}", flush=True)
    print(f"median {np.median(rates):.1f} cells/s")


if __name__ == "__main__":
    main()
