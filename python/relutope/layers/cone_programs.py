"""Nonnegative solutions of homogeneous linear equations, in integers.

Floating point proposes, integers decide: the point of the columns' convex hull that is nearest to
the origin is either a direction in which all columns are positive, so that there is no solution, or
shows which columns take part in one. Where neither can be confirmed, the simplex method runs in
integers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..verification.integers import normalised

__all__ = ["avoids", "common_point", "nonnegative_solution"]

Integers = NDArray[np.object_]


def nonnegative_solution(columns: Integers, gains: Sequence[int]) -> list[int] | None:
    """A vector ``x >= 0`` with ``columns x = 0`` and ``gains . x > 0``, or None if there is none.

    The simplex method on the cone of all solutions, from its apex: every step is degenerate until
    a ray is found along which the gain grows. By Bland's rule it ends.

    Parameters
    ----------
    columns : ndarray of Python integers, shape (equations, variables)
    gains : sequence of int, shape (variables,)

    Returns
    -------
    list of int, or None
    """
    table = np.concatenate([columns, np.array(gains, dtype=object)[None, :]])
    table, basis, unit = _solved(table)
    while True:
        better = [j for j in range(table.shape[1]) if table[-1, j] > 0]
        if not better:
            return None
        j = better[0]
        rows = [i for i in range(len(basis)) if table[i, j] > 0]
        if not rows:
            ray = [0] * table.shape[1]
            ray[j] = unit
            for i, k in enumerate(basis):
                ray[k] = -int(table[i, j])
            return ray
        i = min(rows, key=lambda row: basis[row])
        table, unit = _pivoted(table, i, j, unit)
        basis[i] = j


def common_point(polytopes: Sequence[Integers]) -> list[int] | None:
    """A homogeneous point ``(t, x)`` that lies in all the polytopes, or None if none does.

    Parameters
    ----------
    polytopes : sequence of ndarray of Python integers, shapes (points, 1 + w)
        Points ``(t, x)``, t > 0, of which each polytope is the convex hull.
    """
    first = polytopes[0]
    width, total = first.shape[1], sum(len(points) for points in polytopes)
    table = np.zeros(((len(polytopes) - 1) * width, total), dtype=object)
    at = len(first)
    for k, points in enumerate(polytopes[1:]):
        rows = slice(k * width, (k + 1) * width)
        table[rows, : len(first)] = first.T
        table[rows, at : at + len(points)] = -points.T
        at += len(points)
    guess, direction = _nearest(table)
    if _all_positive(table, direction):
        return None
    found = _confirmed(table, guess)
    if found is None:
        found = nonnegative_solution(table, [1] * len(first) + [0] * (total - len(first)))
    if found is None:
        return None
    return [int(v) for v in np.array(found[: len(first)], dtype=object) @ first]


def avoids(outside: Integers, others: Integers, face: Integers) -> bool:
    """Whether no point of a polytope outside of a face of it lies in another polytope.

    Parameters
    ----------
    outside, face : ndarray of Python integers, shapes (points, 1 + w)
        Homogeneous points whose hull the polytope is: those outside of the face, and on it.
    others : ndarray of Python integers
        Points that, with those of the face, span the other polytope.
    """
    if not len(outside):
        return True
    rows = np.concatenate([face, outside, -others]).T
    table = np.concatenate([rows, np.zeros((1, rows.shape[1]), dtype=object)])
    table, basis, _ = _solved(table, len(face), keep=True)
    beyond = table[len(basis) : -1, len(face) :]  # modulo the span of the face
    needed = (beyond != 0).any(axis=0)
    needed[: len(outside)] = True
    beyond = beyond[:, needed]
    if len(beyond):
        guess, direction = _nearest(beyond)
        if _all_positive(beyond, direction):
            return True
        # What is left in the face's span is a combination of its points, which both polytopes have.
        found = _confirmed(beyond, guess)
        if found is not None and any(found[: len(outside)]):
            return False
    gains = [0] * len(face) + [1] * len(outside) + [0] * (len(others) + len(face))
    return nonnegative_solution(np.concatenate([rows, -face.T], axis=1), gains) is None


def _nearest(table: Integers) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """About the point nearest to the origin in the hull of the normalised columns: (weights, it).

    For proposals only.
    """
    from scipy.optimize import nnls

    columns = normalised(table.T)
    columns /= np.linalg.norm(columns, axis=1, keepdims=True) + 1e-300
    system = np.column_stack([columns, np.ones(len(columns))]).T
    target = np.zeros(len(system))
    target[-1] = 1.0
    try:
        weights = nnls(system, target)[0]
    except RuntimeError:  # too many steps
        weights = np.ones(len(columns))
    return weights, columns.T @ weights


def _all_positive(table: Integers, direction: NDArray[np.float64]) -> bool:
    """Whether all columns are positive along a direction, exactly."""
    largest = np.abs(direction).max(initial=0.0)
    if not np.isfinite(largest) or largest == 0:
        return False
    whole = np.array([int(v) for v in np.rint(direction / largest * 2.0**40)], dtype=object)
    return bool((whole @ table > 0).all())


def _confirmed(table: Integers, guess: NDArray[np.float64]) -> list[int] | None:
    """The solution on the columns of a guess, if it is unique there and positive."""
    chosen = np.flatnonzero(guess > 1e-12 * guess.max(initial=0.0))
    part = np.concatenate([table[:, chosen], np.zeros((1, len(chosen)), dtype=object)])
    solved, basis, unit = _solved(part, len(chosen))
    if len(basis) != len(chosen) - 1:
        return None
    free = next(j for j in range(len(chosen)) if j not in basis)
    values = {free: unit}
    for i, k in enumerate(basis):
        values[k] = -int(solved[i, free])
    if min(values.values()) < 0:
        return None
    found = [0] * table.shape[1]
    for k, v in values.items():
        found[int(chosen[k])] = v
    return found


def _solved(
    table: Integers, columns: int | None = None, *, keep: bool = False
) -> tuple[Integers, list[int], int]:
    """The equations solved for as many variables as they have rank, among the first `columns`.

    The last row, the gains, comes along. Rows are integers over a common positive divisor. The
    other rows are dropped, which are zero in these columns, unless they are to be kept.
    """
    basis: list[int] = []
    unit = 1
    for j in range(table.shape[1] if columns is None else columns):
        done = len(basis)
        places = np.flatnonzero(table[done:-1, j])
        if len(places) == 0:
            continue
        i = done + int(places[0])
        table[[done, i]] = table[[i, done]]
        if table[done, j] < 0:
            table[done] = -table[done]
        table, unit = _pivoted(table, done, j, unit)
        basis.append(j)
    if keep:
        return table, basis, unit
    return np.concatenate([table[: len(basis)], table[-1:]]), basis, unit


def _pivoted(table: Integers, i: int, j: int, unit: int) -> tuple[Integers, int]:
    """The table solved for variable j in row i, where its entry is positive (Edmonds, Bareiss)."""
    pivot = int(table[i, j])
    new = (table * pivot - np.outer(table[:, j], table[i])) // unit
    new[i] = table[i]
    return new, pivot
