"""Which forms bound a polyhedron: proposed in floating point, proven in integers.

A form is a facet if there is a point on it at which all others are positive, and none if it is a
nonnegative combination of others (Farkas' lemma). HiGHS finds candidates. A point is moved onto the
form's hyperplane, exactly. The multipliers of a combination are rounded, and what they leave over
is made good by forms of one coordinate, such as the sides of a box, as long as that costs less than
there is room (a safe bound in the sense of Neumaier and Shcherbina, Mathematical Programming 99,
2004); where there is none, they are solved for, exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import isfinite, lcm
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .bits import Integers
from .integers import divided, product, ratio

__all__ = [
    "FormTable",
    "Limits",
    "Ranges",
    "chebyshev_centre",
    "combination",
    "on_hyperplane",
    "solve",
]

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_INSIDE = 0.999  # how far a facet's point may go to where one coordinate ends
_CLOSER = 1e-6  # scale of a second look at a small facet
_BITS = 60  # after the point of a multiplier when it is rounded, for forms of equal size
_PROJECTIONS = 120
_SECONDS = 20.0  # for one linear program


@dataclass(frozen=True)
class Ranges:
    """What forms of one coordinate say: exact bounds of each coordinate, as far as there are any.

    Attributes
    ----------
    lower, upper : list of Fraction or None, length n
    """

    lower: list[Fraction | None]
    upper: list[Fraction | None]

    @classmethod
    def of(cls, forms: Integers, which: Sequence[int]) -> Ranges:
        """The bounds that the single-coordinate forms among `which` give."""
        n = forms.shape[1] - 1
        lower: list[Fraction | None] = [None] * n
        upper: list[Fraction | None] = [None] * n
        for k in which:
            (j,) = np.flatnonzero(forms[k, 1:]).tolist()
            slope = int(forms[k, j + 1])
            bound = Fraction(-int(forms[k, 0]), slope)
            if slope > 0:
                lower[j] = bound if lower[j] is None else max(bound, lower[j])  # type: ignore[type-var]
            else:
                upper[j] = bound if upper[j] is None else min(bound, upper[j])  # type: ignore[type-var]
        return cls(lower, upper)

    @cached_property
    def _integers(self) -> tuple[int, Integers, Integers]:
        """A common denominator, and all bounds times it (0 where there is none)."""
        known = [v for v in (*self.lower, *self.upper) if v is not None]
        common = lcm(*(v.denominator for v in known))
        parts = [
            np.array([int((v or 0) * common) for v in side], dtype=object)
            for side in (self.lower, self.upper)
        ]
        return common, parts[0], parts[1]

    def at_least_zero(self, rest: Integers) -> NDArray[np.bool_]:
        """Which forms (rows) are nonnegative wherever the coordinates are in their ranges."""
        common, low, high = self._integers
        slopes = rest[:, 1:]
        rises, falls = slopes > 0, slopes < 0
        no_low = np.array([v is None for v in self.lower])
        no_high = np.array([v is None for v in self.upper])
        free = ((rises & no_low) | (falls & no_high)).any(axis=1)
        least = slopes * np.where(rises, low, high)
        total = rest[:, 0] * common + least.sum(axis=1, initial=0)
        return np.asarray(~free & (total >= 0), dtype=np.bool_)


class Limits(NamedTuple):
    """How far each coordinate can go from the centre, and which forms say so (-1: none)."""

    lower: Floats
    upper: Floats
    below: Indices
    above: Indices


class FormTable:
    """Forms ``c.(1, x) >= 0``, scaled and rounded, about a point of the polyhedron's interior.

    Parameters
    ----------
    forms : ndarray of int, shape (k, 1 + n)
    center : ndarray of int, shape (1 + n,)
        A homogeneous point ``(t, x)``.
    """

    def __init__(self, forms: Integers, center: Integers) -> None:
        self.forms, self.center = forms, center
        self.largest = [max(map(abs, row), default=0) or 1 for row in forms[:, 1:].tolist()]
        self.used = np.asarray(forms[:, 1:] != 0, dtype=np.bool_)
        self.rows = divided(forms[:, 1:], self.largest)
        values = product(forms, center[:, None])[:, 0].tolist()
        sizes = (size * center[0] for size in self.largest)
        self.slack = np.array([ratio(v, s) for v, s in zip(values, sizes, strict=True)])
        self.norms = np.sqrt((self.rows**2).sum(axis=1))
        self.single = self.used.sum(axis=1) == 1

    @cached_property
    def _ends(self) -> tuple[Indices, Floats]:
        """Of each form of one coordinate: which, and where it ends, as a step from the centre."""
        columns = self.used.argmax(axis=1)
        ends = -self.slack * np.sign(self.rows[np.arange(len(columns)), columns])
        return columns, ends

    def limits(self, others: Indices) -> Limits:
        """What the forms of one coordinate among `others` say."""
        n = self.rows.shape[1]
        found = Limits(np.full(n, -np.inf), np.full(n, np.inf), np.full(n, -1), np.full(n, -1))
        single = others[self.single[others]]
        columns, ends = self._ends
        is_lower = self.rows[single, columns[single]] > 0
        low, high = single[is_lower], single[~is_lower]
        low = low[np.argsort(ends[low], kind="stable")]  # the last one wins
        high = high[np.argsort(-ends[high], kind="stable")]
        found.lower[columns[low]], found.below[columns[low]] = ends[low], low
        found.upper[columns[high]], found.above[columns[high]] = ends[high], high
        return found

    @np.errstate(over="ignore", invalid="ignore")  # far steps are refused at the end
    def projected_point(self, k: int, others: Indices) -> Floats | None:
        """A point on form k where `others` are positive, by projections; much faster if it works.

        From the foot of the perpendicular: onto the form that is violated most, into the ranges of
        the coordinates, and back onto the hyperplane.
        """
        rows, limits = others[~self.single[others]], self.limits(others)
        A, a = self.rows[rows], self.rows[k]
        lower, upper = _INSIDE * limits.lower, _INSIDE * limits.upper
        squares = np.maximum((A**2).sum(axis=1), 1e-300)
        own = max(float(a @ a), 1e-300)
        room = 1e-3 * self.slack[k] / own**0.5 * squares**0.5
        step = np.zeros(len(a))
        for _ in range(_PROJECTIONS):
            step -= (a @ step + self.slack[k]) / own * a
            short = room - (A @ step + self.slack[rows])
            far = np.maximum(step - upper, lower - step).max(initial=0.0)
            worst = int((short / squares).argmax()) if len(rows) else -1
            if far <= 0 and (worst < 0 or short[worst] <= 0):
                return step if np.isfinite(step).all() else None
            if worst >= 0 and short[worst] > 0:
                step += 1.5 * short[worst] / squares[worst] * A[worst]
            step = np.clip(step, lower, upper)
        return None

    def facet_point(self, k: int, others: Indices) -> Floats | None:
        """A point, from the centre, on form k and as far as possible (at most 1) from `others`.

        A little of the room of forms of one coordinate keeps the point off them.
        """
        limits, start = self.limits(others), np.zeros(self.rows.shape[1])
        bounds = _INSIDE * limits.lower, _INSIDE * limits.upper
        return self._furthest(k, others[~self.single[others]], bounds, start, 1.0)

    def small_facet_point(self, k: int, others: Indices) -> Iterator[Floats]:
        """The same where the facet is so small that a little room is too much: two proposals.

        The forms of one coordinate are forms like the others. HiGHS has absolute tolerances, so a
        second look from the first point is on a smaller scale.
        """
        step: Floats | None = np.zeros(self.rows.shape[1])
        for scale in (1.0, _CLOSER):
            if step is not None:
                step = self._furthest(k, others, (-np.inf, np.inf), step, scale)
            if step is not None:
                yield step

    def _furthest(
        self, k: int, rows: Indices, bounds: tuple[Any, Any], start: Floats, scale: float
    ) -> Floats | None:
        """Seen from the point `start`, in a unit that is `scale` times the slack of form k."""
        slack = self.slack + self.rows @ start
        columns = np.flatnonzero(self.used[[k, *rows]].any(axis=0))
        n = len(columns)
        A = np.column_stack([-self.rows[np.ix_(rows, columns)], self.norms[rows]])
        reach = max(1e-300, scale * (1.0 if not isfinite(self.slack[k]) else abs(self.slack[k])))
        target = -slack[k] / reach
        if not isfinite(target):
            return None
        below, above = (((bound - start) / reach)[columns] for bound in bounds)
        found = solve(
            np.r_[np.zeros(n), -1.0],
            A,
            slack[rows] / reach,
            np.r_[self.rows[k, columns], 0.0][None],
            np.array([target]),
            np.vstack([np.column_stack([below, above]), [-np.inf, 1.0]]),
        )
        if found.status != 0:
            return None
        step = start.copy()
        step[columns] += found.x[:n] * reach
        return step

    def leftovers(self, k: int, multipliers: dict[int, float]) -> Integers:
        """``2^q c_k - sum y_f c_f`` for the multipliers, rounded to integers y_f, and some q."""
        exact = {
            f: Fraction(*y.as_integer_ratio()) * Fraction(self.largest[k], self.largest[f])
            for f, y in multipliers.items()
        }
        # What rounding costs, of the largest form below, is small beside form k times 2^q.
        longest = max((self.largest[f].bit_length() for f in multipliers), default=0)
        q = max(0, _BITS + longest - self.largest[k].bit_length())
        rest = self.forms[k] << q
        for f, y in exact.items():
            rest = rest - self.forms[f] * int(y * (1 << q))
        return np.asarray(rest)


def solve(
    cost: Floats, A: Any, b: Floats, A_eq: Any = None, b_eq: Any = None, bounds: Any = (None, None)
) -> Any:
    """A linear program's solution by HiGHS; infinite sides of inequalities do not matter."""
    from scipy.optimize import linprog

    finite = np.isfinite(b)
    if not finite.all():
        b = np.where(finite, b, np.sign(b) * 1e300)
    options = {"time_limit": _SECONDS, "presolve": False}  # twice as fast without, being small
    return linprog(cost, A, b, A_eq, b_eq, bounds=bounds, method="highs-ds", options=options)


def chebyshev_centre(forms: Integers) -> Floats | None:
    """A point as far as possible, at most 1, from all hyperplanes, in floating point."""
    largest = [max(map(abs, row), default=0) or 1 for row in forms[:, 1:].tolist()]
    table = divided(forms, largest)
    rows, constants = table[:, 1:], table[:, 0]
    A = np.column_stack([-rows, np.sqrt((rows**2).sum(axis=1))])
    n = rows.shape[1]
    bounds = [*[(None, None)] * n, (None, 1.0)]
    found = solve(np.r_[np.zeros(n), -1.0], A, constants, bounds=bounds)
    return np.asarray(found.x[:n]) if found.status == 0 else None


def on_hyperplane(form: Integers, center: Integers, step: Floats) -> Integers | None:
    """The point ``center + step``, moved onto the form's hyperplane along one axis, exactly."""
    ratios = [float(v).as_integer_ratio() for v in step]
    common = max(den for _, den in ratios)
    t = center[0] * common
    moved = center[1:] * common
    moved = (
        moved + np.array([num * (common // den) for num, den in ratios], dtype=object) * center[0]
    )
    j = max(range(len(step)), key=lambda i: abs(form[i + 1]))
    a = int(form[j + 1])
    if a == 0:
        return None
    value = int(form[0] * t + sum((form[1:] * moved).tolist()))
    point = np.concatenate([np.array([t], dtype=object), moved]) * abs(a)
    point[j + 1] -= value if a > 0 else -value
    return point


def combination(forms: Integers, k: int, support: Sequence[int]) -> list[Fraction] | None:
    """Multipliers y >= 0 with ``a_k = sum y_f a_f`` and ``c_k >= sum y_f c_f``, or None.

    The forms of `support` must be linearly independent in their slopes.
    """
    used = forms[[k, *support], 1:] != 0
    # A form of one coordinate, such as a side of a box, makes good what the others leave there.
    own = {
        f: int(np.flatnonzero(row)[0]) + 1
        for f, row in zip(support, used[1:], strict=True)
        if row.sum() == 1
    }
    if len(set(own.values())) < len(own):
        return None
    others = [f for f in support if f not in own]
    columns = set((np.flatnonzero(used.any(axis=0)) + 1).tolist()) - set(own.values())
    table = [[*(int(forms[f, j]) for f in others), int(forms[k, j])] for j in sorted(columns)]
    solution = _solution(table, len(others))
    if solution is None:
        return None
    multiplier = dict(zip(others, solution, strict=True))
    for f, j in own.items():
        rest = sum((multiplier[g] * int(forms[g, j]) for g in others), Fraction(0))
        multiplier[f] = (int(forms[k, j]) - rest) / int(forms[f, j])
    y = [multiplier[f] for f in support]
    if any(v < 0 for v in y):
        return None
    constant = sum((v * int(forms[f, 0]) for v, f in zip(y, support, strict=True)), Fraction(0))
    return y if int(forms[k, 0]) >= constant else None


def _solution(table: list[list[int]], m: int) -> list[Fraction] | None:
    """The solution of m unknowns (last column: right-hand side), by fraction-free elimination."""
    previous = 1
    for i in range(m):
        row = next((r for r in range(i, len(table)) if table[r][i]), None)
        if row is None:
            return None
        table[i], table[row] = table[row], table[i]
        pivot, top = table[i][i], table[i]
        for r in range(i + 1, len(table)):
            a, other = table[r][i], table[r]
            table[r] = [
                (pivot * x - a * v) // previous if c > i else 0
                for c, (x, v) in enumerate(zip(other, top, strict=True))
            ]
        previous = pivot
    if any(row[m] for row in table[m:]):
        return None
    y = [Fraction(0)] * m
    for i in reversed(range(m)):
        rest = sum((table[i][c] * y[c] for c in range(i + 1, m)), Fraction(0))
        y[i] = (table[i][m] - rest) / table[i][i]
    return y
