"""The conditions of cases that share a box, each once, as rows of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..properties import Case, Condition, Property

__all__ = ["CaseGroup", "groups_of"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class CaseGroup:
    """Cases over one box of inputs.

    Attributes
    ----------
    lower, upper : ndarray of float64, shape (n,)
    rows : list of Condition
        Left sides that occur; their relations are of no meaning.
    cases : list of list of (int, str)
        For each case its rows, and the relations to zero: "<=", "<" or "==".
    origin : list of Case
        The cases as the property has them.
    numbers : list of int
        Their places in the property.
    """

    n_outputs: int
    lower: FloatArray
    upper: FloatArray
    rows: list[Condition]
    cases: list[list[tuple[int, str]]]
    origin: list[Case]
    numbers: list[int]

    @cached_property
    def coefficients(self) -> tuple[FloatArray, FloatArray, FloatArray, list[bool]]:
        """Rounded coefficients of inputs and outputs, constants, and which rows are rounded."""
        inputs = np.zeros((len(self.rows), len(self.lower)))
        outputs = np.zeros((len(self.rows), self.n_outputs))
        constant = np.zeros(len(self.rows))
        rounded = []
        for k, row in enumerate(self.rows):
            exact = True
            for i, value in row.inputs.items():
                inputs[k, i] = float(value)
                exact &= Fraction(inputs[k, i]) == value
            for i, value in row.outputs.items():
                outputs[k, i] = float(value)
                exact &= Fraction(outputs[k, i]) == value
            constant[k] = float(row.constant)
            rounded.append(not (exact and Fraction(constant[k]) == row.constant))
        return inputs, outputs, constant, rounded

    def values(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """Left sides at points, in floating point; shape (points, rows)."""
        inputs, outputs, constant, _ = self.coefficients
        result: FloatArray = x @ inputs.T + y @ outputs.T + constant
        return result

    def impossible(self, least: FloatArray, most: FloatArray) -> BoolArray:
        """Cases that cannot be met where rows lie within these bounds; shape (boxes, cases)."""
        result = np.zeros((len(least), len(self.cases)), dtype=np.bool_)
        for c, case in enumerate(self.cases):
            for row, relation in case:
                result[:, c] |= least[:, row] > 0
                if relation == "<":
                    result[:, c] |= least[:, row] >= 0
                if relation == "==":
                    result[:, c] |= most[:, row] < 0
        return result

    def certain(self, most: FloatArray) -> BoolArray:
        """Cases that are met wherever rows are at most this; shape (boxes, cases)."""
        result = np.ones((len(most), len(self.cases)), dtype=np.bool_)
        for c, case in enumerate(self.cases):
            for row, relation in case:
                below = most[:, row] < 0 if relation == "<" else most[:, row] <= 0
                result[:, c] &= below & (relation != "==")
        return result

    def excess(self, values: FloatArray) -> FloatArray:
        """By how much the nearest case is missed at each point, given the rows' values there.

        At most zero where a case is met, as far as floating point can tell.
        """
        best = np.full(len(values), np.inf)
        for case in self.cases:
            worst = np.full(len(values), -np.inf)
            for row, relation in case:
                value = np.abs(values[:, row]) if relation == "==" else values[:, row]
                worst = np.maximum(worst, value)
            best = np.minimum(best, worst)
        return best


def groups_of(prop: Property) -> list[CaseGroup]:
    """The property's cases, those with the same box together."""
    by_box: dict[bytes, list[int]] = {}
    for k, case in enumerate(prop.cases):
        key = (case.lower + 0.0).tobytes() + (case.upper + 0.0).tobytes()
        by_box.setdefault(key, []).append(k)
    return [_group(prop, numbers) for numbers in by_box.values()]


def _group(prop: Property, numbers: Sequence[int]) -> CaseGroup:
    known: dict[tuple[object, ...], int] = {}
    rows: list[Condition] = []
    cases: list[list[tuple[int, str]]] = []
    for k in numbers:
        case: list[tuple[int, str]] = []
        for condition in prop.cases[k].conditions:
            key = (
                tuple(sorted(condition.inputs.items())),
                tuple(sorted(condition.outputs.items())),
                condition.constant,
            )
            if key not in known:
                known[key] = len(rows)
                rows.append(condition)
            case.append((known[key], condition.relation))
        cases.append(case)
    origin = [prop.cases[k] for k in numbers]
    first = origin[0]
    return CaseGroup(prop.n_outputs, first.lower, first.upper, rows, cases, origin, list(numbers))
