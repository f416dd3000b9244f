"""Doubles as integers, read and written by their bits.

What the process has set for its floating-point unit (flush to zero, denormals are zero, rounding)
plays no role here: bits are taken apart and put together, nothing is computed with doubles.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["dyadic", "is_finite", "keys", "nearest", "scaled"]

Integers = NDArray[np.object_]  # Python integers of any length
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_FRACTION = (1 << 52) - 1
_INFINITE = 0x7FF << 52
_MINUS = 1 << 63


def _bits(x: Any) -> IntArray:
    doubles = np.ascontiguousarray(x)
    if doubles.dtype != np.float64:
        raise TypeError(f"doubles are read by their bits, got {doubles.dtype}")
    return doubles.view(np.int64).reshape(np.shape(x))


def is_finite(x: Any) -> BoolArray:
    """Whether each double is neither infinite nor NaN."""
    return np.asarray(_bits(x) >> 52 & 0x7FF != 0x7FF)


def dyadic(x: Any) -> tuple[IntArray, IntArray]:
    """Integers m and e with ``x = m 2^e``, m odd or zero (and then e is zero).

    Raises
    ------
    ValueError
        If a number is infinite or NaN.
    """
    bits = _bits(x)
    exponent = bits >> 52 & 0x7FF
    if (exponent == 0x7FF).any():
        raise ValueError("a number is not finite")
    m = bits & _FRACTION | np.where(exponent > 0, np.int64(1 << 52), np.int64(0))
    e = np.maximum(exponent, 1) - 1075
    for step in (32, 16, 8, 4, 2, 1):
        even = (m & ((1 << step) - 1)) == 0
        m = np.where(even, m >> step, m)
        e = np.where(even, e + step, e)
    return np.where(bits < 0, -m, m), np.where(m == 0, 0, e)


def scaled(x: Any) -> tuple[Integers, int]:
    """Integers z and a power of two q, at least 1, with ``x = z / q``."""
    m, e = dyadic(x)
    lowest = min(0, int(e.min(initial=0)))
    z: Integers = m.astype(object) << (e - lowest).astype(object)
    return z, 1 << -lowest


def keys(x: Any) -> IntArray:
    """Integers that are equal exactly when the doubles are; both zeros have the key 0."""
    bits = _bits(x)
    return np.where(bits << 1 == 0, 0, bits)


def nearest(numerator: int, denominator: int) -> int:
    """The key of the double nearest to a fraction, ties to even, beyond the largest infinite.

    The denominator is positive.
    """
    a = abs(numerator)
    if a == 0:
        return 0
    e = max(a.bit_length() - denominator.bit_length() - 53, -1074)
    q, r, d = _divided(a, denominator, e)
    if q >> 53:  # 54 bits
        e += 1
        q, r, d = _divided(a, denominator, e)
    q += 2 * r > d or (2 * r == d and q & 1)
    # The leading bit of a normal number adds one to the exponent's field; so does a carry.
    bits = min((e + 1074 << 52) + q, _INFINITE) if q else 0
    return bits - _MINUS if numerator < 0 and bits else bits


def _divided(a: int, b: int, e: int) -> tuple[int, int, int]:
    """Quotient, remainder and divisor of ``a / b / 2^e``."""
    a, b = a << max(-e, 0), b << max(e, 0)
    return (*divmod(a, b), b)
