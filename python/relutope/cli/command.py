"""The command ``relutope``: one file per command; only the one asked for is read."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from .. import __version__
from ..errors import CellLimitError, RelutopeError, StoppedError
from .outcome import (
    FAILED,
    INTERRUPTED,
    USAGE,
    clear_line,
    failure,
    in_words_of_options,
    incomplete,
)
from .texts import Help, help_formatter
from .usage import Parser, UsageError

__all__ = ["COMMANDS", "main"]

COMMANDS = {
    "decompose": "all cells of a network over a domain, into a file",
    "count": "the exact number of cells",
    "estimate": "an unbiased estimate of the number of cells",
    "explore": "the cells around a point",
    "slice": "the cells on the line or plane through points",
    "info": "what a file holds: a network, a complex, a table",
    "plot": "a picture of a complex",
    "report": "a page about a complex or a table",
    "app": "build, train and decompose a network in the browser",
    "check": "decide exactly whether a network has a property",
    "robustness": "how far inputs are from a change of the decision",
    "boundary": "where the decision changes, without the cells around it",
    "extremes": "the least and the greatest value of each output, and where",
    "lipschitz": "the largest slope",
    "integrate": "means, variances and class shares over a box",
    "compare": "whether two networks are equal, or how far apart and where",
    "regions": "linear regions in six senses",
    "gap": "how far rounding can take a deployed network",
    "verify": "check a saved complex exactly and independently",
    "track": "measure networks saved during a training",
    "study": "train, track, report",
    "reproduce": "repeat the paper's experiments beside null models",
    "export": "a complex for other programs",
    "doctor": "versions and capabilities, for bug reports",
    "completion": "shell completion",
}
"""Each command and its line in the help; a file of its name holds the rest of it."""

_ABOUT = """\
Exact polyhedral decomposition of ReLU networks.

  relutope count NETWORK --box -1 1                     how many cells
  relutope decompose NETWORK --box -1 1 --out FILE      all of them
  relutope plot FILE --out cells.svg                    a picture
  relutope study classification                         train, watch the cells, report
  relutope reproduce QUESTION                           the paper's experiments
  relutope verify FILE                                  check independently

A NETWORK is a file: ONNX, arrays (.npz), or a torch module (.pt with --allow-pickle)."""

_STATUS = """\
exit status: 0 done, 1 failed, 2 not understood, 3 a budget ended first, 130 interrupted"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (default: the process's) and return its exit status.

    0 for success, 1 when something went wrong while running, 2 for wrong usage, 3 when a budget
    ended before the answer was complete, 130 after Ctrl-C.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        arguments = _understood(words)
    except UsageError as error:
        failure(str(error), status=USAGE, as_json="--json" in words)
        return USAGE
    if not hasattr(arguments, "run"):
        arguments.parser.print_help()
        return 0
    try:
        return int(arguments.run(arguments))
    except KeyboardInterrupt:
        clear_line()
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (StoppedError, CellLimitError) as stopped:
        return incomplete(arguments, stopped)
    except Exception as error:
        if os.environ.get("RELUTOPE_DEBUG"):
            raise
        failure(in_words_of_options(error, arguments), as_json=getattr(arguments, "json", False))
        return FAILED


def _understood(words: list[str]) -> argparse.Namespace:
    """What the words ask for."""
    if words[:1] == ["study"]:
        from .study import completed

        try:
            words = completed(words)
        except (RelutopeError, ValueError, OSError) as error:
            named = argparse.Namespace(target=None)
            raise UsageError(in_words_of_options(error, named)) from None
    parser = _parser(words)
    arguments, unknown = parser.parse_known_args(words)
    if unknown:
        getattr(arguments, "parser", parser).error(f"unrecognized arguments: {' '.join(unknown)}")
    return arguments


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """The parser, complete for the command that `words` name, and for no other."""
    parser = Parser(
        prog="relutope",
        description=_ABOUT,
        epilog=_STATUS,
        formatter_class=help_formatter,
        allow_abbrev=False,
    )
    parser.set_defaults(parser=parser)
    parser.add_argument("--version", action="version", version=f"relutope {__version__}")
    commands = parser.add_subparsers(metavar="command", title="commands")
    asked = next((word for word in words if not word.startswith("-")), None)
    for name, line in COMMANDS.items():
        if name == asked:
            module = importlib.import_module(f".{name}", __package__)
            one = commands.add_parser(
                name,
                help=line,
                description=module.ABOUT,
                epilog=getattr(module, "EXAMPLES", None),
                formatter_class=help_formatter,
                allow_abbrev=False,
            )
            one.set_defaults(parser=one)
            module.add(one)
        else:
            commands.add_parser(name, help=line, formatter_class=Help)
    return parser
