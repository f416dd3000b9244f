"""The command ``relutope check``: whether a network has a property."""

from __future__ import annotations

import argparse
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import RelutopeError
from .outcome import USAGE, answer, failure, in_words_of_options
from .problem_options import add_network, add_output, network_of, progress_of

if TYPE_CHECKING:
    from ..verdicts import CheckResult, Counterexample

__all__ = ["ABOUT", "EXAMPLES", "add", "run"]

_STATUS = {"unsat": 0, "sat": 1, "unknown": 3, "timeout": 3}

ABOUT = """\
Decide exactly whether some input violates a property, and print

  unsat      no input does: the property holds (exit status 0)
  sat        one does, and it is printed (1)
  timeout    not decided within the time (3)
  unknown    not decided (3)

Exit status 2 if a file cannot be read or used."""

EXAMPLES = """\
examples:
  relutope check network.onnx property.vnnlib --timeout 60
  relutope check network.npz property.vnnlib.gz --json"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.set_defaults(run=run, called={"max_seconds": "--timeout"})
    add_network(parser)
    parser.add_argument("property", type=Path, metavar="PROPERTY", help=".vnnlib or .vnnlib.gz")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="give up after this time")
    add_output(parser, "check")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    from ..verdicts import check

    try:
        found = check(
            network_of(arguments),
            arguments.property,
            arguments.timeout,
            progress=progress_of(arguments, noun="boxes") or None,
        )
    except (RelutopeError, ValueError, OSError) as error:
        failure(in_words_of_options(error, arguments), status=USAGE, as_json=arguments.json)
        return USAGE
    word = _word(found)
    text = word
    if found.counterexample is not None:
        text += f"\n{_as_competition(found.counterexample)}"
    answer(arguments, text, complete=found.verdict != "unknown", **_plain(word, found))
    return _STATUS[word]


def _word(found: CheckResult) -> str:
    if found.verdict == "unknown":
        return "timeout" if found.timed_out else "unknown"
    return "unsat" if found.verdict == "holds" else "sat"


def _plain(word: str, found: CheckResult) -> dict[str, Any]:
    counterexample = None
    if found.counterexample is not None:
        c = found.counterexample
        counterexample = {
            "inputs": [str(v) for v in c.point],
            "outputs": [str(v) for v in c.outputs],
            "nearest": c.nearest.tolist(),
            "nearest_outputs": [v if isfinite(v) else None for v in c.nearest_outputs.tolist()],
            "confirmed": c.confirmed,
            "case": c.case,
        }
    return {
        "result": word,
        "verdict": found.verdict,
        "counterexample": counterexample,
        "covered": found.covered,
        "n_boxes": found.n_boxes,
        "n_cells": found.n_cells,
        "seconds": found.seconds,
    }


def _as_competition(found: Counterexample) -> str:
    """As VNN-COMP's tools print it: doubles, one variable in a line."""
    lines = [f"(X_{i} {v!r})" for i, v in enumerate(found.nearest.tolist())]
    lines += [f"(Y_{i} {v!r})" for i, v in enumerate(found.nearest_outputs.tolist())]
    return "({})".format("\n ".join(lines))
