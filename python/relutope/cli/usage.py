"""The parser of the command line: what it does not understand, in one line of the user's words."""

from __future__ import annotations

import argparse
import difflib
import re
from typing import Any, NoReturn

__all__ = ["Parser", "UsageError", "option_of"]


class UsageError(Exception):
    """A command line that is not understood."""


class Parser(argparse.ArgumentParser):
    """Errors end with what to do; -1e-3 and -inf are numbers, no options."""

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        number = r"-(\d+\.?\d*|\.\d+)(e[-+]?\d+)?|-inf(inity)?"
        self._negative_number_matcher = re.compile(f"^({number})$", re.IGNORECASE)

    def error(self, message: str) -> NoReturn:
        """Raise the error in the words of relutope.

        Raises
        ------
        UsageError
            Always.
        """
        for pattern, say in _SAID:
            if found := re.fullmatch(pattern, message, re.DOTALL):
                raise UsageError(say(self, *found.groups()))
        raise UsageError(message.removeprefix("argument ").replace(": must be ", " must be ", 1))


def option_of(parser: argparse.ArgumentParser, name: str) -> str | None:
    """The option or the positional that fills a parameter, as its help calls it."""
    for action in parser._actions:
        if action.dest == name and name != "help":
            return max(action.option_strings, key=len, default=None) or str(
                action.metavar or action.dest
            )
    return None


def _choice(parser: Parser, option: str, word: str, listed: str) -> str:
    known = re.findall(r"'([^']*)'", listed) or listed.split(", ")
    near = difflib.get_close_matches(word, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(known)}"
    if option == "command":
        return f"there is no command {word!r}; " + (hint if near else "see relutope --help")
    return f"{option} is {word!r}; {hint}"


def _unknown(parser: Parser, words: str) -> str:
    wrong = words.split()[0]
    if not wrong.startswith("-"):
        return f"{wrong!r} is one word too many; see {parser.prog} --help"
    known = [word for action in parser._actions for word in action.option_strings]
    near = difflib.get_close_matches(wrong.split("=")[0], known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"see {parser.prog} --help"
    return f"there is no option {wrong}; {hint}"


_NAME = r"argument (?:[^:]*/)?([^:/]+): "
_SAID: list[tuple[str, Any]] = [
    (_NAME + r"invalid choice: '(.*)' \(choose from (.*)\)", _choice),
    (
        _NAME + r"invalid (?:int|seed|port) value: '(.*)'",
        lambda _, name, word: _no_number(name, word, "a whole number"),
    ),
    (
        _NAME + r"invalid float value: '(.*)'",
        lambda _, name, word: _no_number(name, word, "a number"),
    ),
    (
        _NAME + r"not allowed with argument (?:.*/)?(.+)",
        lambda _, a, b: f"take {a} or {b}, not both",
    ),
    (_NAME + r"expected at least one argument", lambda _, name: f"{name} needs a value"),
    (_NAME + r"expected one argument", lambda _, name: f"{name} needs a value"),
    (_NAME + r"expected (\d+) arguments", lambda _, name, count: f"{name} needs {count} values"),
    (
        r"the following arguments are required: (.*)",
        lambda parser, names: f"{names} is missing; see {parser.prog} --help",
    ),
    (r"unrecognized arguments: (.*)", _unknown),
]
"""What argparse says, and what is said instead."""


def _no_number(name: str, word: str, kind: str) -> str:
    return f"{name} must be {kind}, got {word!r}"
