"""The point of a polyhedron that is nearest to the origin, in rational arithmetic.

In the 2-norm by the dual active-set method of Goldfarb and Idnani (1983), in the 1-norm and the
maximum norm by the simplex method on the dual program, which the zero multipliers start. Both go
through dual feasible points, so each step's value is a lower bound of the distance.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd, inf, isqrt, lcm, nextafter, sqrt

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Halfspaces",
    "Nearest",
    "largest_root",
    "measure_of",
    "meets",
    "nearest_of_halfspace",
    "nearest_point",
    "primitive",
]

Integers = NDArray[np.object_]

_GREEDY_PIVOTS = 200  # then by Bland's rule, which cannot go in circles
_MOST_ACTIVE = 60


@dataclass(frozen=True, eq=False)
class Nearest:
    """What is known of a nearest point.

    Attributes
    ----------
    measure : Fraction or None
        The distance, in the 2-norm its square; a lower bound of it where `point` is None. None if
        there is no point.
    point : list of Fraction or None
    """

    measure: Fraction | None
    point: list[Fraction] | None


@dataclass(frozen=True, eq=False)
class Halfspaces:
    """``a . w + c <= 0`` in integers.

    Attributes
    ----------
    rows : ndarray of int, shape (k, n + 1)
        Of each its ``a``, then its ``c``.
    """

    rows: Integers

    def joined(self, others: Integers) -> Halfspaces:
        """With further rows."""
        return Halfspaces(np.concatenate([self.rows, others]))


def primitive(row: Integers) -> Integers:
    """The row divided by the greatest common divisor of its numbers."""
    divisor = gcd(*row.tolist())
    return row // divisor if divisor > 1 else row


def measure_of(point: list[Fraction], norm: float) -> Fraction:
    """The size of a vector, in the 2-norm its square."""
    if norm == 2:
        return sum((v * v for v in point), Fraction(0))
    sizes = [abs(v) for v in point]
    return sum(sizes, Fraction(0)) if norm == 1 else max(sizes)


def nearest_of_halfspace(
    row: Integers, norm: float
) -> tuple[Fraction | None, list[Fraction] | None]:
    """The measure and the nearest point of one halfspace, None if it is empty."""
    *a, c = row.tolist()
    if c <= 0:
        return Fraction(0), [Fraction(0)] * len(a)
    if not any(a):
        return None, None
    if norm == 2:
        square = sum(v * v for v in a)
        return Fraction(c * c, square), [Fraction(-c * v, square) for v in a]
    sizes = [abs(v) for v in a]
    if norm == 1:
        k = sizes.index(max(sizes))
        point = [Fraction(0)] * len(a)
        point[k] = Fraction(-c, a[k])
        return abs(point[k]), point
    step = Fraction(c, sum(sizes))
    return step, [-step if v > 0 else step if v < 0 else Fraction(0) for v in a]


def meets(point: list[Fraction], *tables: Integers) -> bool:
    """Whether a point meets all rows of some tables."""
    denominator = lcm(*(v.denominator for v in point))
    whole = [v.numerator * (denominator // v.denominator) for v in point]
    homogeneous = np.array([*whole, denominator], dtype=object)
    return not any((table @ homogeneous > 0).any() for table in tables if len(table))


def largest_root(measure: Fraction, norm: float) -> tuple[float, float]:
    """The doubles next to a distance: the largest not above, the smallest not below it."""
    power = 2 if norm == 2 else 1
    value = _root(measure) if norm == 2 else _nearest_double(measure)
    low = value
    while low == inf or Fraction(low) ** power > measure:
        low = nextafter(low, 0.0)
    high = low
    if Fraction(low) ** power < measure:
        high = nextafter(low, inf)
    return low, high


def _nearest_double(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return inf


def _root(value: Fraction) -> float:
    """The square root, rounded somehow, but not above it by more than a unit or so."""
    if not value:
        return 0.0
    shift = (value.numerator.bit_length() - value.denominator.bit_length()) // 2
    scaled = value / Fraction(4) ** shift
    try:
        found = sqrt(float(scaled)) * 2.0**shift
    except OverflowError:
        return inf if shift > 0 else 0.0
    return nextafter(found, inf) if _below(found, value) else found


def _below(found: float, value: Fraction) -> bool:
    return found != inf and Fraction(found) ** 2 < value


def nearest_point(halfspaces: Halfspaces, norm: float, limit: Fraction | None = None) -> Nearest:
    """The point of a polyhedron that is nearest to the origin.

    Parameters
    ----------
    halfspaces : Halfspaces
        With at least one row, and at least one unknown.
    norm : {1, 2, inf}
    limit : Fraction, optional
        A measure from which on the point is of no interest.

    Returns
    -------
    Nearest
        Without a point, where the measure has been shown to be at least `limit`.
    """
    rows = halfspaces.rows
    if not (rows[:, -1] > 0).any():
        return Nearest(Fraction(0), [Fraction(0)] * (rows.shape[1] - 1))
    if norm == 2:
        return _Projection(rows).solved(limit)
    return _by_simplex(rows, norm)


class _Projection:
    """Goldfarb and Idnani's method with the unit matrix, over the rationals.

    The point is ``w = - sum_i y_i a_i`` over the active rows, on which ``a . w + c = 0``; these are
    linearly independent and y >= 0.
    """

    def __init__(self, rows: Integers) -> None:
        self.rows = rows
        self.lengths = [isqrt(sum(v * v for v in row[:-1])) + 1 for row in rows.tolist()]
        self.active: list[int] = []
        self.multipliers: list[Fraction] = []
        self.point = [Fraction(0)] * (rows.shape[1] - 1)

    def solved(self, limit: Fraction | None) -> Nearest:
        while True:
            measure = measure_of(self.point, 2)
            row, by = self.most_violated()
            if row < 0:
                return Nearest(measure, self.point)
            if (limit is not None and measure >= limit) or len(self.active) >= _MOST_ACTIVE:
                return Nearest(measure, None)
            if not self.take_in(row, by):
                return Nearest(None, None)

    def most_violated(self) -> tuple[int, Fraction]:
        """The row that the point violates by most of its length, and ``a . w + c`` there."""
        denominator = lcm(*(v.denominator for v in self.point))
        homogeneous = [v.numerator * (denominator // v.denominator) for v in self.point]
        homogeneous.append(denominator)
        values = (self.rows @ np.array(homogeneous, dtype=object)).tolist()
        worst, chosen = Fraction(0), -1
        for k, value in enumerate(values):
            if value > 0:
                size = Fraction(value, self.lengths[k])
                if size > worst:
                    worst, chosen = size, k
        return chosen, Fraction(values[chosen], denominator)

    def take_in(self, row: int, value: Fraction) -> bool:
        """Makes a violated row active; False if no point can meet it with the active ones."""
        a = self.rows[row, :-1].tolist()
        own = Fraction(0)
        while True:
            change = self._change_of_multipliers(a)
            direction = [Fraction(v) for v in a]
            for i, w in zip(self.active, change, strict=True):
                if w:
                    for k, v in enumerate(self.rows[i, :-1].tolist()):
                        direction[k] -= w * v
            slope = sum((d * v for d, v in zip(direction, a, strict=True) if v), Fraction(0))
            full = value / slope if slope > 0 else None
            blocked = [
                (y / w, k)
                for k, (y, w) in enumerate(zip(self.multipliers, change, strict=True))
                if w > 0
            ]
            first = min(blocked, default=None)
            if full is None and first is None:
                return False
            partial = full is None or (first is not None and first[0] < full)
            step = first[0] if partial and first is not None else full
            assert step is not None
            self.multipliers = [y - step * w for y, w in zip(self.multipliers, change, strict=True)]
            own += step
            if slope > 0:
                self.point = [p - step * d for p, d in zip(self.point, direction, strict=True)]
                value -= step * slope
            if not partial:
                self.active.append(row)
                self.multipliers.append(own)
                return True
            assert first is not None
            del self.active[first[1]], self.multipliers[first[1]]

    def _change_of_multipliers(self, a: list[int]) -> list[Fraction]:
        """w with ``sum_i w_i a_i`` the projection of a to the span of the active rows."""
        if not self.active:
            return []
        own = self.rows[self.active, :-1]
        gram = (own @ own.T).tolist()
        right = (own @ np.array(a, dtype=object)).tolist()
        return _solved([[*row, r] for row, r in zip(gram, right, strict=True)])


def _solved(table: list[list[int]]) -> list[Fraction]:
    """The solution of a regular system of integers, without fractions on the way (Bareiss)."""
    size, before = len(table), 1
    for k in range(size):
        pivot = next(i for i in range(k, size) if table[i][k])
        table[k], table[pivot] = table[pivot], table[k]
        head = table[k][k]
        for i in range(size):
            if i == k:
                continue
            factor = table[i][k]
            table[i] = [
                (v * head - factor * p) // before for v, p in zip(table[i], table[k], strict=True)
            ]
        before = head
    return [Fraction(row[-1], row[k]) for k, row in enumerate(table)]


def _by_simplex(rows: Integers, norm: float) -> Nearest:
    """Maximises ``c . y``, y >= 0, where the dual norm of ``sum_i y_i a_i`` is at most 1.

    The tableau holds integers over a common denominator (Edmonds 1967), and only the columns that
    are not basic.
    """
    table = _dual_program(rows, norm)
    height, width = table.shape[0] - 1, table.shape[1] - 1
    basic, nonbasic = [width + i for i in range(height)], list(range(width))
    denominator, pivots = 1, 0
    while True:
        gains = table[-1, :-1]
        rising = np.flatnonzero(gains < 0).tolist()
        if not rising:
            break
        if pivots < _GREEDY_PIVOTS:
            column = min(rising, key=lambda j: gains[j])
        else:
            column = min(rising, key=lambda j: nonbasic[j])
        entries, right = table[:-1, column], table[:-1, -1]
        limits = [
            (Fraction(right[i], entries[i]), basic[i], i) for i in range(height) if entries[i] > 0
        ]
        if not limits:
            return Nearest(None, None)
        *_, row = min(limits)
        table, denominator = _pivoted(table, row, column, denominator)
        basic[row], nonbasic[column] = nonbasic[column], basic[row]
        pivots += 1
    n = rows.shape[1] - 1
    point = [Fraction(0)] * n
    for j, name in enumerate(nonbasic):
        k = name - width
        if 0 <= k < 2 * n:
            value = Fraction(table[-1, j], denominator)
            point[k % n] += -value if k < n else value
    return Nearest(Fraction(table[-1, -1], denominator), point)


def _dual_program(rows: Integers, norm: float) -> Integers:
    """The tableau: constraints, the right sides last; the objective's row, negative, last."""
    A, c = rows[:, :-1].T, rows[:, -1]
    n, k = A.shape
    if norm == 1:  # A y <= 1, -A y <= 1
        table = np.zeros((2 * n + 1, k + 1), dtype=object)
        table[:-1, -1] = 1
    else:  # A y <= u, -A y <= v, sum(u) + sum(v) <= 1
        table = np.zeros((2 * n + 2, k + 2 * n + 1), dtype=object)
        table[: 2 * n, k:-1] = -np.eye(2 * n, dtype=int).astype(object)
        table[2 * n, k:] = 1
    table[:n, :k], table[n : 2 * n, :k] = A, -A
    table[-1, :k] = -c
    return table


def _pivoted(table: Integers, row: int, column: int, denominator: int) -> tuple[Integers, int]:
    """After an exchange of a basic variable and one that is not; and the new denominator."""
    pivot = table[row, column]
    result: Integers = (table * pivot - np.outer(table[:, column], table[row])) // denominator
    result[row] = table[row]
    result[:, column] = -table[:, column]
    result[row, column] = denominator
    return result, pivot
