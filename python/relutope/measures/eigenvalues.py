"""The largest eigenvalue of a matrix of integers, enclosed, and square roots."""

from __future__ import annotations

from fractions import Fraction
from math import inf, isqrt, nextafter

import numpy as np
from numpy.typing import NDArray

__all__ = ["largest_eigenvalue", "root_bounds"]

Integers = NDArray[np.object_]


def largest_eigenvalue(gram: Integers, denominator: int) -> tuple[Fraction, Fraction]:
    """Bounds of the largest eigenvalue of ``gram / denominator``, which is symmetric and positive
    semidefinite: equal up to a few units in the last place of doubles.

    ``t`` exceeds it iff ``t I - gram / denominator`` is positive definite, which Sylvester's
    criterion decides in integers.
    """
    size = max((abs(int(v)) for v in gram.ravel()), default=0)
    if size == 0:
        return Fraction(0), Fraction(0)
    scaled = np.array([[int(v) / size for v in row] for row in gram])
    guess = Fraction(float(np.linalg.eigvalsh(scaled)[-1]))
    unit = Fraction(size, denominator)
    step = Fraction(1, 2**51)
    while not _definite(gram, guess * (1 + step) * size):
        step *= 2
    high, step = guess * (1 + step), Fraction(1, 2**51)
    while _definite(gram, guess * (1 - step) * size):
        step *= 2
    return guess * (1 - step) * unit, high * unit


def _definite(gram: Integers, t: Fraction) -> bool:
    """Whether ``t I - gram`` is positive definite: Bareiss' elimination has positive pivots."""
    rows = [[-int(v) * t.denominator for v in row] for row in gram]
    for i in range(len(rows)):
        rows[i][i] += t.numerator
    before = 1
    for k in range(len(rows)):
        pivot = rows[k][k]
        if pivot <= 0:
            return False
        for i in range(k + 1, len(rows)):
            for j in range(k + 1, len(rows)):
                rows[i][j] = (rows[i][j] * pivot - rows[i][k] * rows[k][j]) // before
        before = pivot
    return True


def root_bounds(low: Fraction, high: Fraction) -> tuple[float, float]:
    """Doubles around the square roots of ``0 <= low <= high``, a unit in the last place away."""
    return _root(low, up=False), _root(high, up=True)


def _root(value: Fraction, *, up: bool) -> float:
    if value <= 0:
        return 0.0
    # 64 bits of the root and more: its square lies between two squares of integers.
    shift = max(0, 64 + (value.denominator.bit_length() - value.numerator.bit_length()) // 2)
    below = isqrt((value.numerator << 2 * shift) // value.denominator)
    exact = below * below * value.denominator == value.numerator << 2 * shift
    root = Fraction(below if exact or not up else below + 1, 1 << shift)
    try:
        near = float(root)
    except OverflowError:
        return inf if up else 1.7976931348623157e308
    if up:
        return near if Fraction(near) >= root else nextafter(near, inf)
    return near if Fraction(near) <= root else nextafter(near, -inf)
