"""Sums and products of doubles that are exact, or are reported not to be.

A product of two doubles is the sum of two doubles, its rounded value and the error (Veltkamp 1968,
Dekker 1971); `math.fsum` rounds a sum of any length once (Shewchuk 1997). So the remainder of a
rounded sum is known, and whether it is zero.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext

import numpy as np
from numpy.typing import NDArray

from .nodes import Matrix, matrix_of

__all__ = ["Entries", "nearest_scale", "products", "sum_as_two", "summed"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Larger products are left as they are: two layers then take the place of one. Several arrays of
# this many doubles are held at once.
_MOST_TERMS = 1 << 21

# Within these bounds neither splitting a factor nor a product's error leaves the range of doubles.
_LARGEST = 2.0**990
_SMALLEST = 2.0**-900
_SPLITTER = 2.0**27 + 1


def two_products(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """``(p, e)`` with ``p + e = a b`` exactly; e is NaN where the range of doubles is too small."""
    with np.errstate(all="ignore"):
        p = a * b
        (a_high, a_low), (b_high, b_low) = _halves(a), _halves(b)
        e = ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low
        size = np.abs(p)
        inside = (size > _SMALLEST) & (size < _LARGEST)
        inside &= (np.abs(a) < _LARGEST) & (np.abs(b) < _LARGEST)
    trivial = (a == 0) | (b == 0) | (np.abs(a) == 1) | (np.abs(b) == 1)
    return p, np.where(trivial, 0.0, np.where(inside, e, np.nan))


def _halves(a: Floats) -> tuple[Floats, Floats]:
    c = _SPLITTER * a
    high = c - (c - a)
    return high, a - high


@dataclass(frozen=True)
class Entries:
    """Numbers to be summed by place; several may have the same place."""

    rows: Integers
    columns: Integers
    values: Floats

    @classmethod
    def joined(cls, parts: Sequence[Entries]) -> Entries:
        """All the numbers of all parts."""
        return cls(
            np.concatenate([part.rows for part in parts]),
            np.concatenate([part.columns for part in parts]),
            np.concatenate([part.values for part in parts]),
        )


def products(left: Matrix, right: Matrix) -> Entries | None:
    """All products that make up ``left @ right``, as exact numbers; None if there is no such."""
    if _is_identity(right):
        return _entries_of(left)
    if _is_identity(left):
        return _entries_of(right)
    per_row = np.diff(right.indptr)
    counts = per_row[left.indices]
    total = int(counts.sum())
    if total > max(_MOST_TERMS, 2 * (left.nnz + right.nnz)):
        return None
    # Entry t of `left`, in column k, meets the entries of row k of `right` one after the other.
    meets = np.repeat(np.arange(left.nnz), counts)
    first = np.cumsum(counts) - counts
    other = right.indptr[left.indices][meets] + np.arange(total) - first[meets]
    values, errors = two_products(left.data[meets], right.data[other])
    if not np.isfinite(values).all() or np.isnan(errors).any():
        return None
    rows, columns = _rows_of(left)[meets], right.indices[other].astype(np.int64)
    inexact = errors != 0
    return Entries.joined(
        [
            Entries(rows, columns, values),
            Entries(rows[inexact], columns[inexact], errors[inexact]),
        ]
    )


def _is_identity(matrix: Matrix) -> bool:
    rows, columns = matrix.shape
    return bool(
        rows == columns == matrix.nnz
        and (matrix.data == 1).all()
        and np.array_equal(matrix.indptr, np.arange(rows + 1))
        and np.array_equal(matrix.indices, np.arange(rows))
    )


def _rows_of(matrix: Matrix) -> Integers:
    return np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))


def _entries_of(matrix: Matrix) -> Entries:
    return Entries(_rows_of(matrix), matrix.indices.astype(np.int64), matrix.data)


def summed(entries: Entries, shape: tuple[int, int]) -> Matrix | None:
    """The matrix of the sums by place; None if one of them is not a double."""
    key, high, low, exact = _sums(entries.rows * shape[1] + entries.columns, entries.values)
    if not exact or low.any():
        return None
    rows, columns = np.divmod(key, shape[1])
    return matrix_of(high, rows, columns, shape)


def sum_as_two(entries: Entries, size: int) -> tuple[Floats, Floats] | None:
    """The sums by row as ``high + low``, two doubles each; None if that is not enough."""
    used = entries.values != 0
    rows, sums, rests, exact = _sums(entries.rows[used], entries.values[used])
    if not exact:
        return None
    high, low = np.zeros(size), np.zeros(size)
    high[rows], low[rows] = sums, rests
    return high, low


def _sums(key: Integers, values: Floats) -> tuple[Integers, Floats, Floats, bool]:
    """The distinct keys and the sums of their values as two doubles, and whether all are exact."""
    order = np.argsort(key, kind="stable")
    key, values = key[order], values[order]
    begin = np.flatnonzero(np.diff(key, prepend=-1))
    length = np.diff(np.append(begin, len(key)))
    high, low = values[begin].copy(), np.zeros(len(begin))
    undecided = np.zeros(len(begin), dtype=np.bool_)
    for step in range(1, int(length.max(initial=0))):
        here = np.flatnonzero(length > step)
        high[here], error = _two_sum(high[here], values[begin[here] + step])
        low[here], rest = _two_sum(low[here], error)
        undecided[here] |= rest != 0
    high, low = _two_sum(high, low)
    undecided |= ~np.isfinite(high) | ~np.isfinite(low)
    for k in np.flatnonzero(undecided).tolist():
        terms = values[begin[k] : begin[k] + length[k]].tolist()
        high[k], low[k], left = _three_parts(terms)
        if left:
            return key[begin], high, low, False
    return key[begin], high, low, True


def _two_sum(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """``(s, e)`` with ``s + e = a + b`` exactly and s rounded to nearest (Knuth 1969)."""
    with np.errstate(all="ignore"):
        s = a + b
        part = s - a
        return s, (a - (s - part)) + (b - part)


def _three_parts(terms: list[float]) -> tuple[float, float, float]:
    """A sum rounded to nearest, what is left of it rounded to nearest, and what is left then."""
    try:
        high = math.fsum(terms)
        low = math.fsum([*terms, -high])
        return high, low, math.fsum([*terms, -high, -low])
    except OverflowError:
        return 0.0, 0.0, math.inf


def nearest_scale(weight: float, variance: float, epsilon: float) -> float:
    """The double nearest to ``weight / sqrt(variance + epsilon)``."""
    with localcontext(Context(prec=100)):
        return float(Decimal(weight) / (Decimal(variance) + Decimal(epsilon)).sqrt())
