"""Certified distances of digits to the nearest change of the decision, in a given time.

    python benchmarks/robustness.py NETWORK.onnx DIGITS.csv --images 3 --seconds 60

A row of the file holds a label and the pixels, 0 to 255. Of each image the lower bound at half the
time, and the interval when the time ends.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import relutope as rt


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network")
    parser.add_argument("digits")
    parser.add_argument("--images", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--norm", type=float, default=float("inf"))
    arguments = parser.parse_args()
    network = rt.load_network(arguments.network)
    rows = np.loadtxt(arguments.digits, delimiter=",", max_rows=arguments.images, ndmin=2)
    for number, row in enumerate(rows):
        search = rt.Robustness(network, row[1:] / 255, norm=arguments.norm, domain=rt.Box(0, 1))
        start, first = time.perf_counter(), 0.0
        while (left := arguments.seconds - (time.perf_counter() - start)) > 0 and not search.exact:
            search.run(max_seconds=left if first else min(left, arguments.seconds / 2))
            first = first or search.lower
        print(f"image {number}: {first:.6g} at half the time, then {search}", flush=True)


if __name__ == "__main__":
    main()
