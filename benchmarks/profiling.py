"""Which functions of the core take the time: samples of `perf` (Linux), search and linking alone.

python benchmarks/profiling.py                  builds core_bench (minutes the first time), a table
python benchmarks/profiling.py deep-4d          this network only

Needs `perf` (Debian: linux-perf) and permission to sample one's own processes.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from certification import build, run, write
from common import machine, show, zoo

NAMES = ("wide-2d", "deep-3d", "deep-6d")
SECONDS = 4.0  # of each network
LEAST = 0.02  # of all samples: functions below that in every network are left out


def profile(program: Path, name: str, folder: Path) -> dict[str, float]:
    """Shares of the functions, of the samples of some seconds."""
    network, samples = write(zoo.standard(name).layers, folder / name), folder / "samples"
    seconds, cells = run(program, network)
    assert cells == zoo.standard(name).n_cells
    repeats = str(max(3, int(SECONDS / seconds)))
    record = ["perf", "record", "-q", "-e", "cpu-clock", "-F", "997", "-o", samples]
    subprocess.run([*record, program, repeats, network], check=True, stdout=subprocess.DEVNULL)
    report = ["perf", "report", "-i", samples, "--stdio", "--no-children", "-F", "overhead,sym"]
    said = subprocess.run(report, check=True, capture_output=True, text=True).stdout
    shares: dict[str, float] = {}
    for line in said.splitlines():
        share, dot, function = line.strip().partition("%  [.] ")
        if dot:
            function = plain(function)
            shares[function] = shares.get(function, 0.0) + float(share) / 100
    return shares


def plain(function: str) -> str:
    """A function's name without namespace, template arguments and suffixes of the compiler."""
    depth, kept = 0, ""
    for letter in function.split("[clone")[0].split("(")[0]:
        depth += (letter == "<") - (letter == ">")
        kept += letter if depth == 0 and letter != ">" else ""
    return kept.removeprefix("relutope::").strip()


def measure(program: Path, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """A row for each function that takes `LEAST` in some network, the greatest first."""
    with tempfile.TemporaryDirectory() as folder:
        found = {name: profile(program, name, Path(folder)) for name in names}
    functions = {function for shares in found.values() for function in shares}
    most = {f: max(shares.get(f, 0.0) for shares in found.values()) for f in functions}
    ranked = sorted((f for f in functions if most[f] >= LEAST), key=lambda f: (-most[f], f))
    for function in ranked:
        yield {"function": function} | {name: found[name].get(function, 0.0) for name in names}
    yield {"function": "all others"} | {
        name: 1 - sum(found[name].get(f, 0.0) for f in ranked) for name in names
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", default=NAMES, metavar="NETWORK")
    options = parser.parse_args()
    if shutil.which("perf") is None:
        sys.exit("`perf` is not there; on Debian: apt-get install linux-perf")
    program = build("profile", "-DCMAKE_CXX_FLAGS=-g1")
    show(
        f"PROFILE  {machine()['cpu']}; shares of samples by processor time",
        {"function": ("function", "<36")} | {name: (name, "12.1%") for name in options.names},
        measure(program, options.names),
    )


if __name__ == "__main__":
    main()
