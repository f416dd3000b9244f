"""Cells as intersections of halfspaces, in floating point."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..network.maps import preactivation_map
from ..search.problem import Problem

__all__ = ["halfspaces"]

FloatArray = NDArray[np.float64]


def halfspaces(
    problem: Problem, pattern: NDArray[np.bool_], ids: NDArray[np.int64]
) -> tuple[FloatArray, FloatArray]:
    """``A x <= b`` for the facets named by `ids` of the cell with this pattern."""
    forms = preactivation_map(problem.network, pattern)
    n = problem.network.input_dim
    lower, upper = problem.bounds
    A = np.zeros((len(ids), n))
    b = np.zeros(len(ids))
    for row, name in enumerate(ids):
        if name >= 0:
            inside = 1.0 if pattern[name] else -1.0
            A[row] = -inside * forms[name, :-1]
            b[row] = inside * forms[name, -1]
            continue
        side = -1 - int(name)
        if side >= 2 * len(lower):
            form = problem.halfspaces[side - 2 * len(lower)]
            A[row, problem.kept], b[row] = -form[:-1], form[-1]
            continue
        axis, is_upper = divmod(side, 2)
        A[row, problem.kept[axis]] = 1.0 if is_upper else -1.0
        b[row] = upper[axis] if is_upper else -lower[axis]
    return A, b
