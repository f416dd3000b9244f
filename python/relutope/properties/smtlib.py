"""The lexical level of SMT-LIB, as far as VNN-LIB 1.0 uses it: numbers, symbols, nested lists."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Expression", "SyntaxIssue", "Token", "expressions", "number", "written"]

_TOKEN = re.compile(r"[ \t\r\n]+|;[^\n]*|[()]|[^\s();\"|]+")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_SYMBOL = re.compile(r"[A-Za-z~!@$%^&*_+=<>.?/-][0-9A-Za-z~!@$%^&*_+=<>.?/-]*")
_LONGEST_TOKEN = 1000
_DEEPEST = 200


class SyntaxIssue(ValueError):
    """What is wrong in a text, and in which line."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Token:
    """A number or a symbol."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Parts:
    """What stands between two parentheses."""

    items: list[Expression]
    line: int


Expression = Token | Parts


def expressions(text: str) -> Iterator[Parts]:
    """The parenthesised expressions of the text, one after the other.

    Raises
    ------
    SyntaxIssue
        Names the line and quotes what is there.
    """
    stack: list[Parts] = []
    line = 1
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise SyntaxIssue(f"{text[place]!r} is not expected", line)
        token, place = found.group(), found.end()
        if token == "(":
            if len(stack) == _DEEPEST:
                raise SyntaxIssue(f"parentheses are nested more than {_DEEPEST} deep", line)
            stack.append(Parts([], line))
        elif token == ")":
            if not stack:
                raise SyntaxIssue("a parenthesis is closed that was not opened", line)
            done = stack.pop()
            if stack:
                stack[-1].items.append(done)
            else:
                yield done
        elif token[0] in " \t\r\n;":
            line += token.count("\n")
        else:
            _add(stack, token, line)
    if stack:
        raise SyntaxIssue("a parenthesis is not closed", stack[0].line)


def _add(stack: list[Parts], token: str, line: int) -> None:
    if len(token) > _LONGEST_TOKEN:
        raise SyntaxIssue(f"{token[:20]}... has {len(token)} characters", line)
    if not stack:
        raise SyntaxIssue(f"{token!r} is no statement; one begins with a parenthesis", line)
    if not (_NUMBER.fullmatch(token) or _SYMBOL.fullmatch(token)):
        raise SyntaxIssue(f"{token!r} is neither a decimal number nor a symbol", line)
    stack[-1].items.append(Token(token, line))


def number(token: Token) -> Fraction | None:
    """The double nearest to the decimal number, or None if the token is a symbol.

    Raises
    ------
    SyntaxIssue
        If the number is larger than any double.
    """
    if not _NUMBER.fullmatch(token.text):
        return None
    value = float(token.text)
    if not math.isfinite(value):
        raise SyntaxIssue(f"{token.text} is larger than any double", token.line)
    return Fraction(value)


def written(expression: Expression, most: int = 120) -> str:
    """The expression as text, shortened to `most` characters."""
    pieces: list[str] = []
    length = 0
    waiting: list[Expression | str] = [expression]
    while waiting and length <= most:
        part = waiting.pop()
        if isinstance(part, Parts):
            waiting.append(")")
            waiting.extend(reversed(part.items))
            part = "("
        piece = part if isinstance(part, str) else part.text
        glued = piece == ")" or not pieces or pieces[-1].endswith("(")
        pieces.append(piece if glued else f" {piece}")
        length += len(pieces[-1])
    text = "".join(pieces)
    return text if len(text) <= most else f"{text[: most - 3]}..."
