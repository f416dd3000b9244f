"""How long verification takes on real networks: one thread, CPU time, every answer exact.

python benchmarks/verifying.py NETWORK.onnx PROPERTY.vnnlib 1000  so many cells of a property's box
python benchmarks/verifying.py NETWORK.onnx DATA.csv 1            so many cells around a table's
                                                                  first row (label, then inputs from
                                                                  0 to 255)
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import relutope as rt


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("network")
    parser.add_argument("where")
    parser.add_argument("cells", type=int)
    options = parser.parse_args()
    network = rt.load_network(options.network)
    found: rt.Complex | rt.Exploration
    if options.where.endswith(".csv"):
        row = np.loadtxt(options.where, delimiter=",", max_rows=1)[1:] / 255
        found = rt.explore(network, row, max_cells=options.cells)
    else:
        found = rt.decompose(network, rt.load_domain(options.where))
    print(found)
    wall, cpu = time.perf_counter(), time.process_time()
    report = rt.verify(found, sample=options.cells)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    report.raise_if_failed()
    assert report.n_verified == options.cells
    print(report)
    print(f"{cpu:.2f} s of processor time ({wall:.2f} s by the clock)")


if __name__ == "__main__":
    main()
