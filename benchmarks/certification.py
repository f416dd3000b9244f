"""What certified signs cost: the same core built with and without error bounds, side by side.

python benchmarks/certification.py             builds both (minutes the first time), prints ratios

The unchecked build takes the sign of the rounded value. It is right on these generic networks, and
wrong on degenerate ones, which is why the latter are compared with a generic network of their size,
by time per cell. Both have thousands of cells, so that what a search costs once does not count.
"""

from __future__ import annotations

import itertools
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from common import ROOT, zoo

NAMES = ("deep-2d", "wide-2d", "deep-3d", "wide-3d", "deep-4d", "deep-5d", "deep-6d")
DEGENERATE = (
    [2, 256, 1],
    [2, 96, 96, 1],
    [3, 48, 1],
    [3, 32, 24, 1],
    [4, 12, 10, 10, 1],
    [5, 10, 8, 8, 1],
)
ROUNDS = 5


def quietly(command: list[str]) -> None:
    """Runs a command; shows what it said only when it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}")


def build(name: str, *options: str) -> Path:
    folder = ROOT / "build" / name
    configure = ["cmake", "-S", str(ROOT), "-B", str(folder), "-DRELUTOPE_BINDINGS=OFF"]
    quietly([*configure, "-DRELUTOPE_BENCHMARKS=ON", *options])
    quietly(["cmake", "--build", str(folder), "-j", str(os.cpu_count()), "-t", "core_bench"])
    return folder / "core_bench"


def write(layers: Any, path: Path) -> Path:
    sizes = [layers[0][0].shape[1], *(W.shape[0] for W, _ in layers)]
    numbers = [float(x).hex() for W, b in layers for x in [*W.ravel(), *b]]
    path.write_text(" ".join(map(str, [len(sizes), *sizes, *numbers])))
    return path


def run(program: Path, path: Path) -> tuple[float, int]:
    output = subprocess.run([program, "5", path], check=True, capture_output=True, text=True)
    seconds, cells, _ = output.stdout.split()
    return float(seconds), int(cells)


def networks(widths: list[int]) -> tuple[Any, Any]:
    """A generic network, and one of small integers: many hyperplanes meet in special position, and
    some are equal.
    """
    rng = np.random.default_rng(0)
    generic, integer = [], []
    for a, b in itertools.pairwise(widths):
        generic.append((rng.normal(0.0, np.sqrt(2 / a), (b, a)), rng.uniform(-0.5, 0.5, b)))
        integer.append((rng.integers(-4, 5, (b, a)), rng.integers(-3, 4, b)))
    return generic, integer


def main() -> None:
    checked = build("certified")
    unchecked = build("unchecked", "-DRELUTOPE_UNCHECKED=ON")
    folder = Path(tempfile.mkdtemp())
    print("certified / unchecked, generic networks (median of paired runs)")
    for name in NAMES:
        path = write(zoo.standard(name).layers, folder / name)
        ratios = []
        for _ in range(ROUNDS):
            (a, cells), (b, same) = run(checked, path), run(unchecked, path)
            assert cells == same == zoo.standard(name).n_cells
            ratios.append(a / b)
        print(f"  {name:10} {statistics.median(ratios):5.2f}", flush=True)
    print("time per cell, small integers, certified / generic, unchecked")
    for widths in DEGENERATE:
        label = "-".join(map(str, widths))
        generic, integer = networks(widths)
        generic_file = write(generic, folder / f"{label}-generic")
        integer_file = write(integer, folder / f"{label}-integer")
        ratios = []
        for _ in range(ROUNDS):
            (a, cells_a), (b, cells_b) = run(checked, integer_file), run(unchecked, generic_file)
            ratios.append((a / cells_a) / (b / cells_b))
        cells = f"{cells_a:,} and {cells_b:,} cells"
        print(f"  {label:16} {statistics.median(ratios):5.2f}   {cells}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
