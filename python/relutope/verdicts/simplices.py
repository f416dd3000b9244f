"""Volumes of simplices of rational points."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import prod

__all__ = ["simplex_volume"]


def simplex_volume(points: Sequence[tuple[list[int], int]]) -> Fraction:
    """n! times the volume of a simplex, of n + 1 points ``numerators / denominator``."""
    first, base = points[0]
    rows = [
        [v * base - w * denominator for v, w in zip(numerators, first, strict=True)]
        for numerators, denominator in points[1:]
    ]
    return Fraction(
        abs(_determinant(rows)), prod(denominator * base for _, denominator in points[1:])
    )


def _determinant(rows: list[list[int]]) -> int:
    """Bareiss' elimination: every division is exact."""
    size, sign, before = len(rows), 1, 1
    for k in range(size - 1):
        pivot = next((i for i in range(k, size) if rows[i][k]), None)
        if pivot is None:
            return 0
        if pivot != k:
            rows[k], rows[pivot], sign = rows[pivot], rows[k], -sign
        for i in range(k + 1, size):
            for j in range(k + 1, size):
                rows[i][j] = (rows[i][j] * rows[k][k] - rows[i][k] * rows[k][j]) // before
        before = rows[k][k]
    return sign * rows[-1][-1]
