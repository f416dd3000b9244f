"""Input boxes of VNN-LIB files (version 1: SMT-LIB assertions on X_0, X_1, ..., Y_0, ...)."""

from __future__ import annotations

import gzip
import math
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from ...domain.box import Box, FlatBox
from ...errors import InvalidDomainError

__all__ = ["box_of_vnnlib"]

Expression = str | list[Any]
Bounds = dict[int, tuple[float, float]]  # of the inputs that are bounded

_TOKEN = re.compile(r"[()]|[^\s()]+")
_MOST_CASES = 10_000


def box_of_vnnlib(path: Path) -> Box | FlatBox:
    """See `load_domain`."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt") as file:
        text = re.sub(r";[^\n]*", "", file.read())
    try:
        statements = list(_expressions(text))
        inputs = {i for s in statements if s[0] == "declare-const" for i in _inputs_in(s[1])}
        cases: list[Bounds] = [{}]
        for statement in statements:
            if statement[0] == "assert" and any(True for _ in _inputs_in(statement[1])):
                cases = _all_of(cases, _cases(statement[1]))
    except (IndexError, ValueError, TypeError, RecursionError) as error:
        raise InvalidDomainError(f"`path`: {path} is not a VNN-LIB file: {error}") from None
    bounded = {i for case in cases for i in case}
    if not inputs or inputs != set(range(len(inputs))) or not bounded <= inputs:
        raise InvalidDomainError(
            f"`path`: {path} declares no inputs X_0, X_1, ..., or not all that it bounds"
        )
    if any(case != cases[0] for case in cases):
        raise InvalidDomainError(
            f"`path`: {path} allows {len(cases)} input boxes (a disjunction); split it into one "
            "file per box"
        )
    bounds = [cases[0].get(i, (-math.inf, math.inf)) for i in range(len(inputs))]
    lower, upper = zip(*bounds, strict=True)
    fixes = any(low == high for low, high in bounds)
    return FlatBox(np.array(lower), np.array(upper)) if fixes else Box(lower, upper)


def _expressions(text: str) -> Iterator[list[Any]]:
    """The parenthesised expressions of the text as nested lists."""
    stack: list[list[Any]] = [[]]
    for token in _TOKEN.findall(text):
        if token == "(":
            stack.append([])
        elif token == ")":
            done = stack.pop()
            if not stack:
                raise ValueError("a parenthesis is closed that was not opened")
            stack[-1].append(done)
        else:
            stack[-1].append(token)
    if len(stack) > 1:
        raise ValueError("a parenthesis is not closed")
    for expression in stack[0]:
        if not isinstance(expression, list) or not expression:
            raise ValueError(f"{expression!r} is no statement")
        yield expression


def _inputs_in(expression: Expression) -> Iterator[int]:
    if isinstance(expression, list):
        for part in expression:
            yield from _inputs_in(part)
    elif re.fullmatch(r"X_\d+", expression):
        yield int(expression[2:])


def _cases(expression: Expression) -> list[Bounds]:
    """The bounds that an assertion sets, one for each of its alternatives."""
    if not any(True for _ in _inputs_in(expression)):
        return [{}]
    operator, *parts = list(expression)
    if operator == "and":
        cases: list[Bounds] = [{}]
        for part in parts:
            cases = _all_of(cases, _cases(part))
        return cases
    if operator == "or":
        return [case for part in parts for case in _cases(part)]
    if operator in ("<=", ">=") and len(parts) == 2:
        left, right = parts if operator == "<=" else parts[::-1]
        if isinstance(left, str) and isinstance(right, str):
            if left.startswith("X_"):
                return [{int(left[2:]): (-math.inf, float(right))}]
            return [{int(right[2:]): (float(left), math.inf)}]
    raise InvalidDomainError(
        f"`path`: the assertion {_written(expression)} on the inputs is not a bound of one input"
    )


def _all_of(first: list[Bounds], second: list[Bounds]) -> list[Bounds]:
    if len(first) * len(second) > _MOST_CASES:
        raise InvalidDomainError(f"`path`: more than {_MOST_CASES} alternatives for the inputs")
    return [_both(a, b) for a, b in product(first, second)]


def _both(a: Bounds, b: Bounds) -> Bounds:
    both = dict(a)
    for i, (low, high) in b.items():
        before = both.get(i, (-math.inf, math.inf))
        both[i] = (max(before[0], low), min(before[1], high))
    return both


def _written(expression: Expression) -> str:
    if isinstance(expression, str):
        return expression
    return f"({' '.join(_written(part) for part in expression)})"
