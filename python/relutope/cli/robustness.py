"""The command ``relutope robustness``: how far inputs are from a change of the decision."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..common.number_tables import read_numbers
from ..errors import InvalidFileError, RelutopeError
from .outcome import USAGE, answer, failure, in_words_of_options
from .problem_options import add_network, add_output, network_of

if TYPE_CHECKING:
    from ..domain.box import Box, FlatBox
    from ..verdicts import Robustness

__all__ = ["ABOUT", "EXAMPLES", "add", "run"]

_NOT_EXACT = 3
_NORMS = {"1": 1.0, "2": 2.0, "inf": float("inf")}

ABOUT = """\
The distance from inputs to the nearest point at which the decision is another, or tied: the
largest output, or the sign of the one output. Prints an interval that is proven for each input.
Exit status 0 if all distances are exact, 3 if some are not, 2 if a file cannot be read or used."""

EXAMPLES = """\
examples:
  relutope robustness network.onnx --input 0.5,0.25
  relutope robustness network.onnx --input images.npy --norm inf --box 0 1 --timeout 60 --json"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.set_defaults(run=run, called={"max_seconds": "--timeout", "x": "--input"})
    add_network(parser)
    parser.add_argument(
        "--input",
        required=True,
        metavar="FILE",
        help="inputs, one in each row of a .npy or .csv file, or the numbers of one: 0.5,0.25",
    )
    parser.add_argument("--norm", choices=list(_NORMS), default="2", help="default: 2")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--box", nargs=2, type=float, metavar=("LOWER", "UPPER"), help="bounds of all inputs"
    )
    where.add_argument("--domain", type=Path, metavar="FILE", help="a .vnnlib file with bounds")
    parser.add_argument(
        "--timeout", type=float, metavar="SECONDS", help="for each input; default: none"
    )
    add_output(parser, "robustness")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    from ..verdicts import robustness

    try:
        points = _points(arguments.input)
        network, domain = network_of(arguments), _domain(arguments)
        found = [
            robustness(
                network,
                x,
                norm=_NORMS[arguments.norm],
                domain=domain,
                max_seconds=arguments.timeout,
                progress=_progress(arguments, number, len(points)),
            )
            for number, x in enumerate(points)
        ]
    except (RelutopeError, ValueError, OSError) as error:
        failure(in_words_of_options(error, arguments), status=USAGE, as_json=arguments.json)
        return USAGE
    exact = all(one.exact for one in found)
    text = "\n".join(_line(k, one) for k, one in enumerate(found))
    answer(arguments, text, complete=exact, results=[_plain(one) for one in found])
    return 0 if exact else _NOT_EXACT


def _progress(
    arguments: argparse.Namespace, number: int, count: int
) -> Callable[[int, float, float], None] | None:
    """A line on stderr with what is known of this input; None where nobody looks."""
    if arguments.quiet or not sys.stderr.isatty():
        return None

    def show(parts: int, lower: float, upper: float) -> None:
        which = f"input {number} of {count}: " if count > 1 else ""
        print(
            f"\r\033[K{which}{lower:.6g} to {upper:.6g}, {parts:,} parts", end="", file=sys.stderr
        )

    return show


def _domain(arguments: argparse.Namespace) -> Box | FlatBox | Path | None:
    from ..domain.box import Box

    return Box(*arguments.box) if arguments.box else arguments.domain


def _points(text: str) -> NDArray[np.float64]:
    """The rows of a file, or the one point that is written out."""
    if Path(text).suffix in (".npy", ".csv"):
        table = read_numbers(Path(text), "input")
    else:
        try:
            table = np.array([float(v) for v in text.split(",")])
        except ValueError as error:
            raise InvalidFileError(
                f"`input` must be a .npy or .csv file of numbers, or numbers like 0.5,0.25: {error}"
            ) from None
    points = np.atleast_2d(np.asarray(table, dtype=np.float64))
    if points.ndim != 2:
        raise InvalidFileError(f"`input` must hold one input in each row, got shape {table.shape}")
    return points


def _line(number: int, found: Robustness) -> str:
    interval = f"{found.lower!r} to {found.upper!r}"
    distance = f"{found.upper!r} (exact)" if found.exact else interval
    to = "" if found.rival is None else f", to {found.rival}"
    return f"input {number}: decision {found.label}, {distance}{to}"


def _plain(found: Robustness) -> dict[str, Any]:
    witness = None if found.witness is None else [str(v) for v in found.witness]
    nearest = None if found.nearest is None else found.nearest.tolist()
    return {
        "label": found.label,
        "lower": found.lower if isfinite(found.lower) else None,
        "upper": found.upper if isfinite(found.upper) else None,
        "exact": found.exact,
        "rival": found.rival,
        "witness": witness,
        "nearest": nearest,
        "seconds": found.stats["seconds"],
    }
