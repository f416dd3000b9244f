"""The whole story in one run: rates, stages, limits, growth, threads, memory, counting, peers.

python benchmarks/run.py                        all of it, about five minutes of an idle machine
python benchmarks/run.py rates deep-3d wide-2d  sections, and networks for `rates`
python benchmarks/run.py --json now.json        the figures also to a file
python benchmarks/run.py --compare before.json  names what is slower than in a stored run, beyond
                                                what both show as noise (status 1)
python benchmarks/run.py --against OTHER        the same of another relutope, in turns with this:
                                                a checkout's `python` folder, or an interpreter

Answers are asserted everywhere. What `--compare` and `--against` can tell: benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import calls
import counting
import engines
import growth
import limits
import memory
import peers
import rates
import stages
import threads
from common import machine

SECTIONS = (
    "rates",
    "stages",
    "limits",
    "growth",
    "calls",
    "threads",
    "memory",
    "engines",
    "counting",
    "peers",
)
FORMAT = 2  # of the file that --json writes


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "what",
        nargs="*",
        metavar="WHAT",
        help=f"sections ({', '.join(SECTIONS)}) and standard networks; all by default",
    )
    parser.add_argument("--rounds", type=int, help="of rates and --against; more tell finer")
    parser.add_argument("--long", action="store_true", help="peers that take minutes, too")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--compare", type=Path, metavar="FILE")
    parser.add_argument("--against", type=Path, metavar="OTHER")
    options = parser.parse_args()
    if unknown := set(options.what) - {*SECTIONS, *rates.NAMES}:
        parser.error(
            f"{sorted(unknown)[0]!r} is neither a section ({', '.join(SECTIONS)}) nor a standard "
            f"network ({', '.join(rates.NAMES)})"
        )
    if options.against and not options.against.exists():
        parser.error(f"`--against {options.against}`: there is no such folder or interpreter")
    options.sections = [name for name in SECTIONS if name in options.what]
    options.networks = tuple(n for n in rates.NAMES if n in options.what) or rates.NAMES
    return options


def stored(path: Path) -> dict[str, Any]:
    """A file that --json wrote; one without calibrations cannot be compared."""
    found: dict[str, Any] = json.loads(path.read_text())
    if found.get("format") != FORMAT or not found.get("rates"):
        sys.exit(f"`--compare {path}`: it has no calibrated rates; write it by `rates --json`")
    return found


def measure(options: argparse.Namespace, found: dict[str, Any]) -> None:
    """Runs the sections and adds their figures to `found`, and to the file after each of them;
    those that lean on rates get one quick round of them if need be.
    """
    chosen = options.sections or SECTIONS
    rows: list[dict[str, Any]] = []
    if "rates" not in chosen and {"stages", "limits", "peers"} & {*chosen}:
        rows = list(rates.measure(options.networks, rounds=1))
    sections = {
        "rates": lambda: rates.section(options.networks, options.rounds or rates.ROUNDS),
        "stages": lambda: stages.section(rows),
        "limits": lambda: limits.section(rows),
        "growth": growth.section,
        "calls": calls.section,
        "threads": threads.section,
        "memory": memory.section,
        "engines": engines.section,
        "counting": counting.section,
        "peers": lambda: peers.section(rows, options.long),
    }
    for name in chosen:
        found[name] = sections[name]()
        rows = found.get("rates", rows)
        if options.json:
            options.json.write_text(json.dumps(found, indent=1))


def main() -> int:
    options = arguments()
    before = stored(options.compare) if options.compare else None
    start, here = time.time(), machine()
    print(
        f"{here['cpu']}, {here['processors']} processors, load {here['load']}; {here['system']}; "
        f"Python {here['python']}, NumPy {here['numpy']}, relutope {here['relutope']}"
    )
    verdicts: list[dict[str, Any]] = []
    if options.against:
        rounds = options.rounds or rates.ROUNDS_AGAINST
        verdicts += rates.against(options.against, options.networks, rounds)
        if not options.sections:
            return status(verdicts)
    if before and not options.sections:
        options.sections = ["rates"]
    found = {
        "format": FORMAT,
        "machine": here,
        "when": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
    }
    measure(options, found)
    if before and "rates" in found:
        alike = all(before["machine"][key] == here[key] for key in ("cpu", "python", "numpy"))
        verdicts += rates.compare(before["rates"], found["rates"], alike)
    print(f"\n{time.time() - start:.0f} s in all")
    return status(verdicts)


def status(verdicts: list[dict[str, Any]]) -> int:
    """1 where something is slower."""
    return int(any(row["verdict"] == "slower" for row in verdicts))


if __name__ == "__main__":
    sys.exit(main())
