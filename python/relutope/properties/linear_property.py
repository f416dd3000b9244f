"""Properties: a set of pairs (x, y), given by linear conditions, that a network must not meet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite, nextafter
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import ReadOnlyArrays

__all__ = ["Case", "Condition", "Property", "Relation", "case_of"]

FloatArray = NDArray[np.float64]
Relation = Literal["<=", "<", "=="]
_SIGNS: dict[str, str] = {"<=": "<=", "<": "<", "==": "="}


@dataclass(frozen=True)
class Condition:
    """``inputs . x + outputs . y + constant <= 0`` (or ``< 0``, or ``== 0``), exactly.

    Attributes
    ----------
    inputs, outputs : mapping of int to Fraction
        Coefficients that are not zero, by number of the input or output.
    constant : Fraction
    relation : {"<=", "<", "=="}
    """

    inputs: Mapping[int, Fraction]
    outputs: Mapping[int, Fraction]
    constant: Fraction
    relation: Relation

    def value(self, x: Sequence[Fraction], y: Sequence[Fraction]) -> Fraction:
        """The left side at a point, exactly."""
        of_inputs = sum((c * x[i] for i, c in self.inputs.items()), Fraction(0))
        return sum((c * y[i] for i, c in self.outputs.items()), of_inputs) + self.constant

    def holds(self, x: Sequence[Fraction], y: Sequence[Fraction]) -> bool:
        """Whether the condition holds at a point, exactly."""
        value = self.value(x, y)
        if self.relation == "==":
            return value == 0
        return value < 0 if self.relation == "<" else value <= 0

    def __str__(self) -> str:
        named = [(f"X_{i}", c) for i, c in self.inputs.items()]
        named += [(f"Y_{i}", c) for i, c in self.outputs.items()]
        terms = [name if c == 1 else f"{float(c):g} {name}" for name, c in named]
        return f"{' + '.join(terms)} {_SIGNS[self.relation]} {float(-self.constant):g}"


@dataclass(frozen=True, eq=False)
class Case(ReadOnlyArrays):
    """One conjunction of conditions: a box of inputs, and what else must hold.

    Attributes
    ----------
    lower, upper : ndarray of float64, shape (n,)
        Closed bounds of the inputs, possibly equal or infinite.
    conditions : tuple of Condition
        All that is not a closed bound of one input by a double.
    """

    lower: FloatArray
    upper: FloatArray
    conditions: tuple[Condition, ...]

    def __repr__(self) -> str:
        return f"Case(a box of {len(self.lower)} inputs, {len(self.conditions)} conditions)"

    def contains(self, x: Sequence[Fraction], y: Sequence[Fraction]) -> bool:
        """Whether ``(x, y)`` meets the bounds and all conditions, exactly."""
        bounds = zip(x, self.lower.tolist(), self.upper.tolist(), strict=True)
        return all(low <= v <= high for v, low, high in bounds) and all(
            condition.holds(x, y) for condition in self.conditions
        )


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class Property(ReadOnlyArrays):
    """A union of cases, each a set of pairs (x, y); the network violates it where (x, f(x)) lies
    in one of them.

    As in VNN-LIB, the conditions describe what must *not* happen: the property holds iff no input
    meets them. Numbers are doubles (decimals are rounded to the nearest one when a file is read),
    and everything is exact about them.

    Attributes
    ----------
    n_inputs, n_outputs : int
    cases : tuple of Case
        Without cases the property holds for every network.

    See Also
    --------
    relutope.load_property, relutope.check, relutope.violations

    Examples
    --------
    >>> import relutope as rt
    >>> text = "(declare-const X_0 Real) (declare-const Y_0 Real)"
    >>> text += "(assert (>= X_0 0)) (assert (<= X_0 1)) (assert (> Y_0 (* 2 X_0)))"
    >>> rt.parse_property(text)
    Property(1 inputs, 1 outputs; 1 case)
    """

    n_inputs: int
    n_outputs: int
    cases: tuple[Case, ...]

    def contains(self, x: Iterable[Fraction | float], y: Iterable[Fraction | float]) -> bool:
        """Whether the pair lies in one of the cases, exactly: whether it violates the property.

        Parameters
        ----------
        x, y : sequence of Fraction or float
            Finite numbers, taken exactly.

        Returns
        -------
        bool
        """
        point, value = [Fraction(v) for v in x], [Fraction(v) for v in y]
        if (len(point), len(value)) != (self.n_inputs, self.n_outputs):
            raise ValueError(
                f"`x` and `y` must have {self.n_inputs} and {self.n_outputs} entries, got "
                f"{len(point)} and {len(value)}"
            )
        return any(case.contains(point, value) for case in self.cases)

    def __repr__(self) -> str:
        count = f"{len(self.cases)} case{'s' if len(self.cases) != 1 else ''}"
        return f"Property({self.n_inputs} inputs, {self.n_outputs} outputs; {count})"


def case_of(n: int, conditions: Iterable[Condition], start: Case | None = None) -> Case | None:
    """The case of all these conditions, and those of `start`; None if no number meets them.

    A closed bound of one input by a double becomes a bound of the box. Any other condition on one
    input stays, and the box is rounded outwards around it.
    """
    if start is None:
        lower, upper = np.full(n, -np.inf), np.full(n, np.inf)
        kept: list[Condition] = []
    else:
        lower, upper, kept = start.lower.copy(), start.upper.copy(), list(start.conditions)
    for condition in conditions:
        if not condition.inputs and not condition.outputs:
            if not condition.holds([], []):
                return None
        elif condition.outputs or len(condition.inputs) > 1 or not _narrow(lower, upper, condition):
            kept.append(condition)
    if (lower > upper).any():
        return None
    lower.flags.writeable = upper.flags.writeable = False
    return Case(lower, upper, tuple(kept))


def _narrow(lower: FloatArray, upper: FloatArray, condition: Condition) -> bool:
    """Bounds the one input of the condition; whether the bounds say all of it."""
    ((i, factor),) = condition.inputs.items()
    bound = -condition.constant / factor
    below, above = _doubles_around(bound)
    if condition.relation == "==" or factor < 0:
        lower[i] = max(lower[i], below)
    if condition.relation == "==" or factor > 0:
        upper[i] = min(upper[i], above)
    return condition.relation != "<" and below == above and isfinite(below)


def _doubles_around(value: Fraction) -> tuple[float, float]:
    """The largest double at most `value` and the smallest at least that, possibly infinite."""
    try:
        nearest = float(value)
    except OverflowError:
        largest = np.finfo(np.float64).max.item()
        return (largest, np.inf) if value > 0 else (-np.inf, -largest)
    if nearest == value:
        return nearest + 0.0, nearest + 0.0
    if nearest < value:
        return nearest, nextafter(nearest, np.inf)
    return nextafter(nearest, -np.inf), nearest
