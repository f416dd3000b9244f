"""Lower bounds of many forms over one polyhedron, in floating point, with what may prove them.

Each is a linear program on the same rows, and few of the rows prove most of the bounds. So what
proved a bound before is tried first: the last combination as it is, then a program of the rows
that were needed so far, then all rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from .redundancy import FormTable, solve

__all__ = ["LowerBounds", "Minimum"]

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_SUPPORT = 1e-11  # multipliers below this are taken for zeros; the proof is exact all the same
_NUDGE = 1e-6  # more than what HiGHS takes for zero


@dataclass(frozen=True)
class Minimum:
    """The least value of a form, or a positive number below it.

    -inf if there is none, NaN if it was not found. It is at least the form's value minus that of a
    combination of others: with these multipliers, and with the forms of one coordinate that make
    good what is left over.
    """

    value: float
    multipliers: dict[int, float] = field(default_factory=dict)
    singles: list[int] = field(default_factory=list)

    @property
    def support(self) -> list[int]:
        """All forms of the combination."""
        return [*self.multipliers, *self.singles]


class LowerBounds:
    """Bounds where the forms `others` of a table are nonnegative."""

    def __init__(self, table: FormTable, others: Indices) -> None:
        rows = others[~table.single[others]]
        self.table, self.limits = table, table.limits(others)
        self.rows = rows[table.used[rows].any(axis=1)]
        self.needed = rows[:0]  # those that proved a bound
        self.last = rows[:0], rows[:0]  # rows that did, and coordinates where nothing was left over
        low, high = np.isfinite(self.limits.lower), np.isfinite(self.limits.upper)
        # Multipliers of a form that is larger by this in the coordinates of one bound leave over
        # something of the right sign, however they are rounded.
        self.nudge = _NUDGE * (low.astype(np.float64) - high)
        ends = np.where(low, self.limits.lower, self.limits.upper)
        self.cost = float((self.nudge * np.where(low ^ high, ends, 0.0)).sum())
        self.free = ~(low | high)

    def of(self, k: int) -> Minimum:
        """For form k: the least value itself if that is not positive."""
        table = self.table
        if not isfinite(table.slack[k]):
            return Minimum(np.nan)
        columns = np.flatnonzero(table.used[[k, *self.rows]].any(axis=0))
        found = self.by_last_combination(k, columns)
        if found is not None:
            return found
        plain = 0 * self.nudge
        attempts = [(self.needed, plain), (self.rows, plain)]
        nudged = isfinite(self.cost) and not self.free[columns].any()
        if nudged:
            attempts.insert(0, (self.needed, self.nudge))
        for rows, nudge in attempts:
            found = self.by_program(k, rows, columns, nudge)
            if found.value > 0:
                break
        assert found is not None
        if found.value > 0 and rows is self.rows:
            self.needed = np.union1d(self.needed, np.array([*found.multipliers], np.int64))
            again = self.by_program(k, self.needed, columns, self.nudge) if nudged else found
            found = again if again.value > 0 else found
        return found

    def by_last_combination(self, k: int, columns: Indices) -> Minimum | None:
        """With multipliers of the rows that proved the last bound, if these prove this one."""
        table, limits = self.table, self.limits
        rows, exact = self.last
        y = np.linalg.lstsq(table.rows[np.ix_(rows, exact)].T, table.rows[k, exact], rcond=None)[0]
        rest = table.rows[k] - y @ table.rows[rows]
        rest[np.abs(rest) < _SUPPORT] = 0.0
        ends = np.where(rest > 0, limits.lower, limits.upper)[columns]
        left = rest[columns] != 0
        if rest[exact].any() or (y < 0).any() or not np.isfinite(ends[left]).all():
            return None
        value = table.slack[k] - y @ table.slack[rows] + rest[columns][left] @ ends[left]
        if not value > 0:
            return None
        above, below = columns[rest[columns] < 0], columns[rest[columns] > 0]
        singles = [*limits.below[below].tolist(), *limits.above[above].tolist()]
        return Minimum(float(value), dict(zip(rows.tolist(), y.tolist(), strict=True)), singles)

    def by_program(self, k: int, rows: Indices, columns: Indices, nudge: Floats) -> Minimum:
        """By a program of some rows, for the form less `nudge`."""
        table, limits = self.table, self.limits
        A = -table.rows[np.ix_(rows, columns)]
        bounds = np.column_stack([limits.lower, limits.upper])[columns]
        found = solve((table.rows[k] - nudge)[columns], A, table.slack[rows], bounds=bounds)
        if found.status != 0:
            return Minimum(-np.inf if found.status == 3 else np.nan)
        y = -found.ineqlin.marginals
        multipliers = {int(rows[i]): float(y[i]) for i in np.flatnonzero(y > _SUPPORT)}
        at_lower = found.lower.marginals > _SUPPORT
        at_upper = found.upper.marginals < -_SUPPORT
        self.last = rows[y > _SUPPORT], columns[~(at_lower | at_upper)]
        below, above = limits.below[columns[at_lower]], limits.above[columns[at_upper]]
        singles = [*below.tolist(), *above.tolist()]
        cost = self.cost if nudge.any() else 0.0
        return Minimum(float(found.fun + table.slack[k] + cost), multipliers, singles)
