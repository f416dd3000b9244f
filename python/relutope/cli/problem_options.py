"""Options that several commands share: the network, the domain, the search, the output."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .paths import existing

if TYPE_CHECKING:
    from ..common.progress import Progress

__all__ = [
    "add_domain",
    "add_limits",
    "add_network",
    "add_network_options",
    "add_output",
    "add_problem",
    "add_search",
    "complex_in",
    "domain_of",
    "interrupt_stops",
    "is_complex",
    "limits_of",
    "network_of",
    "progress_of",
]


def add_network(parser: argparse.ArgumentParser) -> None:
    """The network's file, and whether it may run code."""
    parser.add_argument(
        "network", type=Path, metavar="NETWORK", help="ONNX, NNet, .npz, .pt, .safetensors file"
    )
    add_network_options(parser)


def add_network_options(parser: argparse.ArgumentParser) -> None:
    """How to read the network's file."""
    group = parser.add_argument_group("network")
    group.add_argument(
        "--allow-pickle", action="store_true", help="read whole modules, which can run code"
    )
    group.add_argument(
        "--widths", type=int, nargs="+", metavar="WIDTH", help="of a file that holds weights alone"
    )
    group.add_argument(
        "--input-shape",
        type=int,
        nargs="+",
        metavar="SIZE",
        help="of one input, if it is left open",
    )
    group.add_argument("--output", metavar="NAME", help="which of several outputs")
    group.add_argument("--until", metavar="NAME", help="the node or layer at which to stop")


def add_domain(parser: argparse.ArgumentParser) -> None:
    """Where to look."""
    group = parser.add_argument_group(
        "domain (all of R^n by default)"
    ).add_mutually_exclusive_group()
    group.add_argument(
        "--box",
        type=float,
        nargs="+",
        metavar="BOUND",
        help="lower and upper bound, of all inputs or of each in turn; inf is allowed",
    )
    group.add_argument("--vnnlib", type=Path, metavar="FILE", help="input box of a property")
    group.add_argument(
        "--polytope",
        type=Path,
        metavar="FILE",
        help="rows of numbers a_1 ... a_n b, for a . x <= b (text or .npy)",
    )


def add_search(parser: argparse.ArgumentParser, *, engine: bool = True) -> None:
    """How to search, and when to stop."""
    group = parser.add_argument_group("search")
    if engine:
        group.add_argument(
            "--engine", choices=("auto", "vertex", "lp"), default="auto", help="how to hold a cell"
        )
        add_limits(group)
    else:
        _add_threads(group)


def add_limits(target: argparse._ActionsContainer) -> None:
    """How much a search may find and take."""
    target.add_argument("--max-cells", type=int, metavar="K", help="stop when there are more")
    target.add_argument("--max-seconds", type=float, metavar="S", help="stop after so long")
    _add_threads(target)


def limits_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """What `add_limits` has added, and whom to tell, as arguments of a search."""
    return {
        "max_cells": arguments.max_cells,
        "max_seconds": arguments.max_seconds,
        "threads": arguments.threads,
        "progress": progress_of(arguments),
    }


def _add_threads(target: argparse._ActionsContainer) -> None:
    target.add_argument("--threads", type=int, metavar="K", help="worker threads (default: all)")


def add_output(parser: argparse.ArgumentParser, name: str) -> None:
    """What is printed."""
    group = parser.add_argument_group("output")
    group.add_argument("--json", action="store_true", help="print one JSON object")
    group.add_argument("--quiet", action="store_true", help="no progress")
    parser.set_defaults(command=name)


def add_problem(parser: argparse.ArgumentParser, *, engine: bool = True) -> None:
    """A network, a domain, and how to search."""
    add_network(parser)
    add_domain(parser)
    add_search(parser, engine=engine)


def network_of(arguments: argparse.Namespace) -> Any:
    """The network that is named; what is to be known of it is said on stderr."""
    from .. import load_network

    network = load_network(
        arguments.network,
        input_shape=arguments.input_shape,
        output=arguments.output,
        until=arguments.until,
        architecture=arguments.widths,
        allow_pickle=arguments.allow_pickle,
    )
    for note in () if arguments.quiet else network.notes:
        print(f"note: {note}", file=sys.stderr)
    return network


def domain_of(arguments: argparse.Namespace) -> Any:
    """The Box, FlatBox or Polytope that is described, or None."""
    from .. import Box, Polytope, load_domain

    if arguments.vnnlib is not None:
        return load_domain(arguments.vnnlib)
    if arguments.polytope is not None:
        rows = _rows(arguments.polytope)
        return Polytope(rows[:, :-1], rows[:, -1])
    if arguments.box is None:
        return None
    bounds = arguments.box
    if len(bounds) % 2:
        raise ValueError(f"`box` has {len(bounds)} numbers; give a lower and an upper bound each")
    return Box(*bounds) if len(bounds) == 2 else Box(bounds[::2], bounds[1::2])


def is_complex(path: Path) -> bool:
    """Whether the file is one that `Complex.save` writes."""
    import zipfile

    from ..complex.stored_problem import HEADER

    try:
        with zipfile.ZipFile(path) as archive:
            return HEADER in archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False


def complex_in(path: Path) -> Any:
    """The complex in a file, or an error that names the file."""
    from ..decomposition.complex import Complex
    from ..decomposition.loading import load
    from ..decomposition.sliced import Slice

    existing(path)
    if not is_complex(path):
        raise ValueError(
            f"{path} is no saved complex; make one with 'relutope decompose NETWORK --out FILE'"
        )
    loaded = load(path)
    if isinstance(loaded, Slice):
        return loaded.complex
    if not isinstance(loaded, Complex):
        raise ValueError(f"{path} holds an exploration, no complex; relutope.load reads it")
    return loaded


def _rows(path: Path) -> Any:
    from ..common.number_tables import read_numbers

    rows = read_numbers(path, "polytope")
    if rows.ndim != 2 or rows.shape[1] < 2:
        raise ValueError(f"`polytope`: {path} must have rows a_1 ... a_n b of one length")
    return rows


@contextmanager
def interrupt_stops(show: Progress) -> Iterator[Progress]:
    """Progress for a search that the first Ctrl-C stops as its time limit does."""
    asked: list[int] = []

    def ask(*_: Any) -> None:
        asked.append(1)
        signal.signal(signal.SIGINT, before)
        if sys.stderr.isatty():
            print("\nkeeping what is found; Ctrl-C again leaves at once", file=sys.stderr)

    def report(*counts: int) -> bool:
        if callable(show):
            show(*counts)
        return bool(asked)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield report
    finally:
        signal.signal(signal.SIGINT, before)


def progress_of(
    arguments: argparse.Namespace, *, most: int | None = None, noun: str = "cells"
) -> Callable[[int, int, int], None] | Literal[False]:
    """A line on stderr with cells (or what `noun` says), rate and time left; False if nobody looks.

    Parts of the search tell how far it is, or, if that is known, the `most` cells that are wanted.
    """
    if arguments.quiet or not sys.stderr.isatty():
        return False
    start = phase = time.monotonic()
    last = 0

    def show(cells: int, done: int, jobs: int) -> None:
        nonlocal phase, last
        if most is not None:
            done, jobs = min(cells, most), most
        now = time.monotonic()
        if done < last:  # what comes after the search counts anew
            phase = now
        last = done
        rate = cells / (now - start) if now > start else 0.0
        told = 0.01 * jobs < done < jobs and now - phase > 1.0
        left = f", about {(now - phase) * (jobs - done) / done:,.0f} s left" if told else ""
        whole = "the parts" if most is None else f"{most:,}"
        share = f"{done / jobs:4.0%} of {whole}" if jobs else "starting"
        print(f"\r\033[K{cells:,} {noun}, {rate:,.0f}/s, {share}{left}", end="", file=sys.stderr)
        if jobs and done == jobs:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    return show
