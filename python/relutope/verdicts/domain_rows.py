"""Integer rows ``a . w + c`` around a point: those of a domain, and how rows are compared."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ..domain.box import Box
from ..domain.polytope import Polytope
from .nearest_point import primitive
from .sign_forms import whole_numbers

__all__ = ["line_of", "power", "sides_of", "stacked"]

FloatArray = NDArray[np.float64]
Integers = NDArray[np.object_]


def power(radius: float, norm: float) -> Fraction:
    """A radius as a measure."""
    return Fraction(radius) ** 2 if norm == 2 else Fraction(radius)


def line_of(row: Integers) -> tuple[tuple[int, ...], int]:
    """A primitive row up to its sign, and the sign."""
    values = row.tolist()
    first = next((v for v in values if v), 1)
    sense = 1 if first > 0 else -1
    return tuple(v * sense for v in values), sense


def stacked(rows: list[Integers], n: int) -> Integers:
    """Rows as a table."""
    result: Integers = np.zeros((len(rows), n + 1), dtype=object)
    for k, row in enumerate(rows):
        result[k] = row
    return result


def sides_of(domain: Box | Polytope | None, x: FloatArray) -> Integers:
    """The domain's inequalities ``a . w + c <= 0`` around x, primitive."""
    n = len(x)
    if isinstance(domain, Box):
        finite = [np.isfinite(domain.upper), np.isfinite(domain.lower)]
        A = np.concatenate([np.eye(n)[finite[0]], -np.eye(n)[finite[1]]])
        b = np.concatenate([domain.upper[finite[0]], -domain.lower[finite[1]]])
    elif isinstance(domain, Polytope):
        some = domain.A.any(axis=1)
        A, b = domain.A[some], domain.b[some]
    else:
        return np.zeros((0, n + 1), dtype=object)
    place, denominator = whole_numbers(x[None])
    rows = []
    for table in np.column_stack([A, -b]):
        whole = whole_numbers(table[None])[0][0]
        constant = whole[-1] * denominator + int(whole[:-1] @ place[0])
        rows.append(primitive(np.array([*(whole[:-1] * denominator), constant], dtype=object)))
    return stacked(rows, n)
