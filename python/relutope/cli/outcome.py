"""How commands end: exit statuses, errors in one line, one JSON object."""

from __future__ import annotations

import argparse
import json
import re
import sys
from math import isfinite
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..errors import CellLimitError, RelutopeError, StoppedError
from .usage import option_of

if TYPE_CHECKING:
    from ..lab.runs import Outcome

__all__ = [
    "FAILED",
    "INCOMPLETE",
    "INTERRUPTED",
    "USAGE",
    "answer",
    "clear_line",
    "ended",
    "failure",
    "in_words_of_options",
    "incomplete",
    "number",
]

FAILED = 1
USAGE = 2
INCOMPLETE = 3
INTERRUPTED = 130


def answer(
    arguments: argparse.Namespace, text: str, /, *, complete: bool = True, **found: Any
) -> None:
    """Print a command's result: `text`, or with ``--json`` one object with all of `found`."""
    clear_line()
    if not getattr(arguments, "json", False):
        print(text)
        return
    head = {"command": arguments.command, "version": __version__, "complete": complete}
    print(json.dumps({**head, **found}, default=_plain, allow_nan=False))


def incomplete(
    arguments: argparse.Namespace,
    stopped: CellLimitError | StoppedError,
    *more: str,
    **found: Any,
) -> int:
    """Print that a budget ended first, and what there is nonetheless; the exit status."""
    why = in_words_of_options(stopped, arguments).replace("`progress` returned True", "interrupted")
    text = "\n".join([f"not complete: {why}", *more])
    answer(arguments, text, complete=False, n_cells_at_least=stopped.n_cells, **found)
    return INTERRUPTED if "interrupted" in why else INCOMPLETE


def ended(arguments: argparse.Namespace, outcome: Outcome) -> int:
    """Print where the results of a study are; the exit status."""
    report = outcome.folder / "report.html"
    facts = {"folder": str(outcome.folder), "rows": outcome.rows}
    facts["report"] = str(report) if report.is_file() and not outcome.interrupted else None
    if outcome.interrupted:
        print(outcome.message, file=sys.stderr)
    if arguments.json or not outcome.interrupted:
        answer(arguments, outcome.message, complete=not outcome.interrupted, **facts)
    return INTERRUPTED if outcome.interrupted else 0


def _plain(value: Any) -> Any:
    """Arrays and their numbers as JSON knows them; what is not finite is null."""
    return value.tolist() if hasattr(value, "tolist") else str(value)


def number(value: float) -> float | None:
    """A double as JSON knows it: null where it is not finite."""
    return value if isfinite(value) else None


def clear_line() -> None:
    """Take the line of progress away before something else is said."""
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def failure(message: str, *, status: int = FAILED, as_json: bool = False) -> None:
    """Print an error: one line on stderr, with ``--json`` also an object on stdout."""
    clear_line()
    line = " ".join(message.split())
    print(f"relutope: error: {line}", file=sys.stderr)
    if as_json:
        print(json.dumps({"error": {"message": line, "status": status}}))


def in_words_of_options(error: BaseException, arguments: argparse.Namespace) -> str:
    """What went wrong, with options where Python's functions have parameters."""
    if isinstance(error, MemoryError):
        return "out of memory; take a smaller domain, or --max-cells"
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror.lower()}"
    text = str(error)
    if isinstance(error, ImportError) and not isinstance(error, RelutopeError):
        if error.name is None:  # a package that is there, and does not fit another one
            return f"a package cannot be loaded: {text}"
        return f"this needs {error.name}, which is not installed: pip install 'relutope[study]'"
    if not isinstance(error, RelutopeError | ValueError | TypeError | OSError | OverflowError):
        return (
            f"unexpected {type(error).__name__}: {text}; please report it with the output of "
            "'relutope doctor' (RELUTOPE_DEBUG=1 shows where it was)"
        )
    text = re.sub(r"`(\w+)`", lambda match: _word(match[1], arguments), text)
    return re.sub(r"\b(\w+)=True\b", lambda match: _switch(match, arguments), text)


def _switch(match: re.Match[str], arguments: argparse.Namespace) -> str:
    """The option that sets a parameter, where the command has it."""
    return "--" + match[1].replace("_", "-") if match[1] in vars(arguments) else match[0]


def _word(name: str, arguments: argparse.Namespace) -> str:
    """The option or positional of a parameter's name."""
    named: dict[str, str] = getattr(arguments, "called", {})
    parser = getattr(arguments, "parser", None)
    if name in named:
        return named[name]
    if parser is not None and (word := option_of(parser, name)):
        return word
    aliases = {"path": "file", "network": "NETWORK", "x0": "--at", "domain": "the domain"}
    aliases |= {"lower": "the lower bound", "upper": "the upper bound"}
    if name in aliases:
        return aliases[name]
    return "--" + name.replace("_", "-") if name in vars(arguments) else f"`{name}`"
