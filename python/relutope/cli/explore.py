"""``relutope explore``: the cells around a point."""

from __future__ import annotations

import argparse
import math
import sys
import time
from pathlib import Path
from typing import Any

from .outcome import INTERRUPTED, answer
from .paths import file_ending_in
from .problem_options import (
    add_domain,
    add_network,
    add_output,
    domain_of,
    interrupt_stops,
    network_of,
    progress_of,
)

__all__ = ["ABOUT", "add", "run"]

_SAVED_SECONDS = 60.0

ABOUT = """\
The cells around a point with all their facets certified, also for hundreds of inputs. With an .npz
file as --out the exploration is kept, written every minute and after Ctrl-C, and the same command
with --resume goes on from there, to more cells or a larger radius; relutope.load reads it.

  relutope explore network.onnx --at 0.1 0.2 --max-cells 100
  relutope explore network.onnx --at image.npy --order nearest --out around.csv
  relutope explore network.onnx --at 0.1 0.2 --out around.npz --max-cells 5000 --resume"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.set_defaults(run=run)
    add_network(parser)
    parser.add_argument(
        "--at",
        nargs="+",
        required=True,
        metavar="X",
        help="the point: its coordinates, or a file of numbers (.npy or text)",
    )
    add_domain(parser)
    parser.add_argument("--order", choices=("bfs", "nearest"), default="bfs", help="which first")
    parser.add_argument("--max-cells", type=int, default=1000, help="how many cells")
    parser.add_argument("--radius", type=float, default=math.inf, help="how far from the point")
    parser.add_argument(
        "--out",
        type=file_ending_in(".csv", ".npz"),
        metavar="FILE",
        help="a table of the cells (.csv), or the exploration itself (.npz)",
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on with the exploration in the file of --out"
    )
    add_output(parser, "explore")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    found = _exploration(arguments)
    status = _explored(found, arguments)
    if arguments.out is not None:
        _write(found, arguments.out)
    state = "all there are" if found.complete else f"{found.n_known:,} known with their neighbours"
    distances = found.distances
    answer(
        arguments,
        f"{found.n_cells:,} cells, {state}" + (f"\n{arguments.out}" if arguments.out else ""),
        complete=found.complete,
        n_cells=found.n_cells,
        n_known=found.n_known,
        furthest=float(distances[-1]) if math.isfinite(distances[-1]) else None,
        n_facets_mean=float(found.n_facets.mean()),
        file=None if arguments.out is None else str(arguments.out),
    )
    return status


def _explored(found: Any, arguments: argparse.Namespace) -> int:
    """Explores; writes an .npz file now and then, for a process that is killed. The exit status."""
    import relutope as rt

    kept = arguments.out is not None and arguments.out.suffix.lower() == ".npz"
    with interrupt_stops(progress_of(arguments, most=arguments.max_cells)) as progress:
        paused = True
        while paused:
            paused, end = False, time.monotonic() + _SAVED_SECONDS

            def report(*counts: int, end: float = end) -> bool:
                nonlocal paused
                stopped = callable(progress) and bool(progress(*counts))
                paused = kept and not stopped and time.monotonic() >= end
                return stopped or paused

            try:
                found.run(max_cells=arguments.max_cells, radius=arguments.radius, progress=report)
                return 0
            except rt.StoppedError:
                if paused:
                    _write(found, arguments.out)
    return INTERRUPTED


def _exploration(arguments: argparse.Namespace) -> Any:
    """A new exploration, or the one that the file of --out holds."""
    import relutope as rt

    fresh = rt.Exploration(
        network_of(arguments),
        point_of(arguments.at),
        domain=domain_of(arguments),
        order=arguments.order,
    )
    if not arguments.resume:
        return fresh
    out = arguments.out
    if out is None or out.suffix.lower() != ".npz":
        raise ValueError("`resume` needs `out` with an .npz file: the exploration lies there")
    if not out.exists():
        print(f"there is no {out}: from the beginning", file=sys.stderr)
        return fresh
    found = rt.load(out)
    same = isinstance(found, rt.Exploration) and (
        (found.network, found.domain, found.order) == (fresh.network, fresh.domain, fresh.order)
        and (found.x0 == fresh.x0).all()
    )
    if not same:
        raise ValueError(
            f"`resume`: {out} holds no exploration of this network from this point, in this domain "
            "and order"
        )
    return found


def point_of(words: list[str]) -> Any:
    """A point from its coordinates, or from the file that is named."""
    import numpy as np

    try:
        return np.array([float(word) for word in words])
    except ValueError:
        pass
    if len(words) != 1:
        raise ValueError("`at` must be numbers, or one file of numbers")
    from ..common.number_tables import read_numbers

    return read_numbers(Path(words[0]), "at").ravel()


def _write(found: Any, path: Path) -> None:
    if path.suffix.lower() == ".npz":
        found.save(path)
        return
    import csv
    import io

    from ..common.files import write_text

    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["cell", "distance", "n_facets", "pattern"])
    rows = zip(found.distances.tolist(), found.n_facets.tolist(), found.patterns, strict=True)
    for cell, (distance, facets, pattern) in enumerate(rows):
        table.writerow([cell, distance, facets, "".join("01"[bit] for bit in pattern.astype(int))])
    write_text(path, text.getvalue())
