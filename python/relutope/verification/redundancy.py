"""Facets of a polyhedron given by integer forms: proposed by HiGHS, proven in rationals.

A form is a facet if there is a point on it at which all others are positive, and none if it is a
nonnegative combination of others (Farkas' lemma). HiGHS finds candidates in floating point; a point
is moved onto the form's hyperplane, and the multipliers of a combination are solved for, exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .rational_cell import Floats, Integers

__all__ = ["FormTable", "combination", "on_hyperplane"]

Indices = Sequence[int] | NDArray[np.int64]

_CLOSER = 1e-6  # scale of a second look at a small facet
_SUPPORT = 1e-11  # multipliers below this are taken for zeros; the proof is exact all the same


class FormTable:
    """Forms ``c.(1, x) >= 0``, scaled and rounded, about a point of the polyhedron's interior.

    Parameters
    ----------
    forms : ndarray of int, shape (k, 1 + n)
    center : ndarray of int, shape (1 + n,)
        A homogeneous point ``(t, x)``.
    """

    def __init__(self, forms: Integers, center: Integers) -> None:
        import scipy.sparse as sp

        self.forms, self.center = forms, center
        largest = [max(map(abs, row), default=0) or 1 for row in forms[:, 1:].tolist()]
        used = forms[:, 1:] != 0
        rows = np.zeros(used.shape)
        for i, j in zip(*np.nonzero(used), strict=True):
            rows[i, j] = forms[i, j + 1] / largest[i]
        t = center[0]
        self.slack = np.empty(len(forms))
        for i, row in enumerate(forms):
            mask = np.flatnonzero(row != 0)
            value = int(sum((row[mask] * center[mask]).tolist()))
            self.slack[i] = _ratio(value, largest[i] * t)
        self.rows = sp.csr_array(rows)
        self.norms = np.sqrt((rows**2).sum(axis=1))
        lonely = used[:, used.sum(axis=0) == 1].any(axis=1) & (used.sum(axis=1) == 1)
        self.coupled = ~lonely  # the others have a coordinate to themselves: no program needs them

    def _program(self, k: int, others: Indices) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Which of `others` can matter to form k, and the coordinates that they have."""
        rows = np.asarray(others, dtype=np.int64)
        rows = rows[self.coupled[rows]]
        return rows, np.unique(self.rows[[k, *rows]].indices)

    def minimum(self, k: int, others: Indices) -> tuple[float, NDArray[np.int64]]:
        """The least value of form k where `others` are nonnegative, and the others that prove it.

        -inf if there is none, NaN if HiGHS fails.
        """
        if not isfinite(self.slack[k]):
            return np.nan, np.empty(0, dtype=np.int64)
        rows, columns = self._program(k, others)
        cost = self.rows[[k]].toarray()[0, columns]
        found = _solve(cost, -self.rows[rows][:, columns], self.slack[rows])
        if found.status != 0:
            return -np.inf if found.status == 3 else np.nan, np.empty(0, dtype=np.int64)
        support = np.flatnonzero(-found.ineqlin.marginals > _SUPPORT)
        return float(found.fun + self.slack[k]), rows[support]

    def facet_point(self, k: int, others: Indices, near: Floats | None = None) -> Floats | None:
        """A point, from the centre, on form k and as far as possible (at most 1) from `others`.

        HiGHS has absolute tolerances, so a small facet needs a second look, on a smaller scale,
        `near` the point that the first one gave.
        """
        import scipy.sparse as sp

        rows, columns = self._program(k, others)
        slack = self.slack if near is None else self.slack + self.rows @ near
        n = len(columns)
        A = sp.hstack([-self.rows[rows][:, columns], self.norms[rows, None]], format="csr")
        equal = sp.hstack([self.rows[[k]][:, columns], np.zeros((1, 1))], format="csr")
        reach = max(1e-300, 1.0 if not isfinite(self.slack[k]) else abs(self.slack[k]))
        reach *= 1.0 if near is None else _CLOSER
        target = -slack[k] / reach
        if not isfinite(target):
            return None
        found = _solve(
            np.r_[np.zeros(n), -1.0],
            A,
            slack[rows] / reach,
            equal,
            np.array([target]),
            [*[(None, None)] * n, (None, 1.0)],
        )
        if found.status != 0:
            return None
        step = np.zeros(self.rows.shape[1])
        step[columns] = found.x[:n] * reach
        return step if near is None else near + step


def _solve(
    cost: Floats, A: Any, b: Floats, A_eq: Any = None, b_eq: Any = None, bounds: Any = (None, None)
) -> Any:
    from scipy.optimize import linprog

    finite = np.isfinite(b)
    if not finite.all():
        b = np.where(finite, b, np.sign(b) * 1e300)
    return linprog(cost, A, b, A_eq, b_eq, bounds=bounds, method="highs-ds")


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


def _ratio(a: int, b: int) -> float:
    try:
        return a / b
    except OverflowError:
        return float("inf") if a > 0 else float("-inf")
