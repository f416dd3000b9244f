"""Matrices of Python integers: products, signs, ranks, all exact.

Two shortcuts keep long numbers out of most of the work, and neither can err. A product is put
together from pieces of 16 bits, whose products and sums doubles hold exactly. A sign is first
looked for with the leading bits of the numbers, in 64-bit integers; where the error that this makes
could matter, it is taken from the numbers themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import gcd, lcm

import numpy as np
from numpy.typing import NDArray

from .bits import Integers

__all__ = [
    "SignTable",
    "cleared",
    "determinant",
    "normalised",
    "object_array",
    "primitive",
    "product",
    "rank",
    "rank_modulo_prime",
    "ratio",
    "residues",
    "signs_at",
]

_PIECE = 16  # bits; doubles hold 2^21 products of two pieces
_LONGEST = 1 << 20  # rows that are summed at once
_SMALL = 50_000  # multiplications for which pieces are not worth while
_PRIME = (1 << 31) - 1  # products of two residues fit into an int64


def object_array(rows: Sequence[Sequence[int]], width: int) -> Integers:
    """A two-dimensional array of Python integers."""
    out = np.empty((len(rows), width), dtype=object)
    for i, row in enumerate(rows):
        out[i, :] = row
    return out


def primitive(v: Iterable[int]) -> list[int]:
    """The shortest integer vector that is a positive multiple of `v`."""
    v = list(v)
    g = gcd(*v) or 1
    return [x // g for x in v]


def cleared(row: Iterable[Fraction]) -> list[int]:
    """The shortest integer vector that is a positive multiple of a rational vector."""
    row = list(row)
    common = lcm(*(v.denominator for v in row))
    return primitive(int(v * common) for v in row)


# -- products


def product(A: Integers, B: Integers) -> Integers:
    """``A @ B``, exactly."""
    if A.size * B.shape[1] < _SMALL or A.shape[1] > _LONGEST:
        return np.asarray(A @ B)
    left, right = _pieces(A), _pieces(B)
    sums = np.zeros((len(left) + len(right) + 2, len(A), B.shape[1]), dtype=np.int64)
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            sums[i + j] += (a @ b).astype(np.int64)
    for k in range(len(sums) - 1):
        sums[k + 1] += sums[k] >> _PIECE
        sums[k] &= (1 << _PIECE) - 1
    return _joined(sums)


def _pieces(A: Integers) -> list[NDArray[np.float64]]:
    """``A = sum_k 2^(16 k) pieces[k]``; the last pieces have signs."""
    flat = A.ravel().tolist()
    count = max((v.bit_length() for v in flat), default=0) // _PIECE + 1
    data = b"".join([v.to_bytes(2 * count, "little", signed=True) for v in flat])
    table = np.frombuffer(data, dtype="<u2").reshape(*A.shape, count)
    pieces = [table[..., k].astype(np.float64) for k in range(count)]
    pieces[-1] = table[..., -1].view("<i2").astype(np.float64)
    return pieces


def _joined(pieces: NDArray[np.int64]) -> Integers:
    """Numbers of 16-bit pieces, of which the last is 0 or -1."""
    length = 2 * len(pieces)
    data = np.moveaxis(pieces, 0, -1).astype("<u2").tobytes()
    out = np.empty(pieces.shape[1:], dtype=object)
    out.ravel()[:] = [
        int.from_bytes(data[k : k + length], "little", signed=True)
        for k in range(0, len(data), length)
    ]
    return out


# -- signs


class SignTable:
    """Forms (rows), ready for the signs that they have at points.

    A row c is ``2^s (m + d)`` with integers m of w bits and ``0 <= d < 1``, a point likewise
    ``2^t (p + e)``. So ``c.x / 2^(s + t)`` is ``m.p`` up to ``|m.e + d.p + d.e|``, which is at most
    the sum of the ``|m_j|`` if the point has lost bits, and that of the ``|p_j|`` and the number of
    entries if the row has.
    """

    def __init__(self, forms: Integers) -> None:
        self.forms = forms
        self._width = (62 - forms.shape[1].bit_length()) // 2
        self._leading, self._cut = _leading(forms, self._width)
        self._sizes = np.abs(self._leading).sum(axis=1)

    def signs(self, points: Integers) -> NDArray[np.int8]:
        """Signs at homogeneous points (rows), shape (forms, points)."""
        p, cut = _leading(points, self._width)
        values = self._leading @ p.T
        error = np.outer(self._sizes, cut) + np.outer(
            self._cut, np.abs(p).sum(axis=1) + points.shape[1]
        )
        signs: NDArray[np.int8] = np.sign(values).astype(np.int8)
        for i, g in np.argwhere((np.abs(values) <= error) & (error > 0)).tolist():
            pairs = zip(self.forms[i].tolist(), points[g].tolist(), strict=True)
            v = sum(a * b for a, b in pairs if a)
            signs[i, g] = (v > 0) - (v < 0)
        return signs


def signs_at(forms: Integers, points: Integers) -> NDArray[np.int8]:
    """Signs of the forms (rows) at homogeneous points (rows), shape (forms, points)."""
    return SignTable(forms).signs(points)


def _leading(rows: Integers, width: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The leading `width` bits of each row, of its largest entry that is; rounded down.

    Second, whether a row has lost bits.
    """
    lists = rows.tolist()
    longest = [max(max(row), -min(row)).bit_length() if row else 0 for row in lists]
    shifts = [max(0, bits - width) for bits in longest]
    out = [[v >> s for v in row] if s else row for row, s in zip(lists, shifts, strict=True)]
    return np.array(out, dtype=np.int64).reshape(rows.shape), np.array(shifts, dtype=np.int64) > 0


# -- in floating point


def normalised(rows: Integers) -> NDArray[np.float64]:
    """Rows divided by their largest entries, rounded: for proposals only."""
    largest = [max(map(abs, row), default=0) or 1 for row in rows.tolist()]
    return divided(rows, largest)


def divided(rows: Integers, sizes: Sequence[int]) -> NDArray[np.float64]:
    """Rows divided by positive integers, rounded."""
    table = [
        [ratio(v, size) if v else 0.0 for v in row]
        for row, size in zip(rows.tolist(), sizes, strict=True)
    ]
    return np.array(table, dtype=np.float64).reshape(rows.shape)


def ratio(a: int, b: int) -> float:
    """a / b, infinite where that is too large."""
    try:
        return a / b
    except OverflowError:
        return float("inf") if (a > 0) == (b > 0) else float("-inf")


# -- ranks


def rank(rows: Sequence[Sequence[int]]) -> int:
    """Rank of an integer matrix, by elimination without division."""
    work = [list(row) for row in rows]
    rank = 0
    while work:
        row = work.pop()
        j = next((k for k, v in enumerate(row) if v), None)
        if j is None:
            continue
        rank += 1
        work = [
            primitive(row[j] * a - other[j] * b for a, b in zip(other, row, strict=True))
            for other in work
        ]
    return rank


def residues(rows: Integers) -> NDArray[np.int64]:
    """Entries modulo a prime, for `rank_modulo_prime`."""
    return np.asarray(rows % _PRIME, dtype=np.int64)


def rank_modulo_prime(table: NDArray[np.int64], enough: int) -> int:
    """The rank modulo a prime, at most `enough`: never larger than over the rationals."""
    rank = 0
    while rank < enough:
        places = np.flatnonzero(table)
        if len(places) == 0:
            break
        i, j = divmod(int(places[0]), table.shape[1])
        pivot = table[i] * pow(int(table[i, j]), -1, _PRIME) % _PRIME
        below = table[i + 1 :]
        table = (below - np.outer(below[:, j], pivot) % _PRIME) % _PRIME
        rank += 1
    return rank


def determinant(rows: list[list[Fraction]]) -> Fraction:
    """Determinant of a square matrix of rationals."""
    if not rows:
        return Fraction(1)
    k = next((i for i, row in enumerate(rows) if row[0]), None)
    if k is None:
        return Fraction(0)
    pivot = rows[k]
    rest = [
        [a - row[0] / pivot[0] * b for a, b in zip(row[1:], pivot[1:], strict=True)]
        for i, row in enumerate(rows)
        if i != k
    ]
    return (-pivot[0] if k % 2 else pivot[0]) * determinant(rest)
