"""Where local search starts: a point inside a cell that contains the given one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .domain import Box
from .errors import InvalidDomainError
from .polytope import Polytope

__all__ = ["are_inside", "checked_start", "points_beside"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_STEPS = 50  # how often the step off a cell's boundary is halved


def checked_start(x0: ArrayLike, n: int, domain: Box | Polytope | None) -> FloatArray:
    x = np.array(x0, dtype=np.float64)
    if x.shape != (n,):
        raise ValueError(f"`x0` must have shape ({n},), got {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError("`x0` must be finite")
    outside = (isinstance(domain, Box) and ((x < domain.lower) | (x > domain.upper)).any()) or (
        isinstance(domain, Polytope) and not domain.contains(x[None])[0]
    )
    if outside:
        raise InvalidDomainError("`x0` is outside of `domain`")
    return x


def are_inside(points: FloatArray, domain: Box | Polytope | None) -> BoolArray:
    """Whether each point is in the interior of the domain; exact."""
    if isinstance(domain, Box):
        return np.asarray(((domain.lower < points) & (points < domain.upper)).all(axis=1))
    if isinstance(domain, Polytope):
        some = domain.A.any(axis=1)  # 0 <= 0 has no interior side
        return np.asarray((domain.slack_signs(points)[:, some] > 0).all(axis=1))
    return np.ones(len(points), dtype=np.bool_)


def points_beside(x: FloatArray, domain: Box | Polytope | None) -> Iterator[FloatArray]:
    """`x`, and points ever nearer to it in a fixed direction, which leads into the domain."""
    yield x
    direction = _direction_inwards(x, domain)
    size = 0.01 * max(1.0, float(np.abs(x).max()))
    for k in range(_STEPS):
        for sign in (1.0, -1.0):
            yield x + sign * size * 0.5**k * direction


def _direction_inwards(x: FloatArray, domain: Box | Polytope | None) -> FloatArray:
    """A direction in general position, away from all sides of the domain that hold `x`."""
    direction = np.random.default_rng(0).standard_normal(len(x))
    if isinstance(domain, Box):  # away from the nearer side
        nearer_to_lower = x - domain.lower <= domain.upper - x
        return np.where(nearer_to_lower, 1.0, -1.0) * np.abs(direction)
    if isinstance(domain, Polytope):
        holds_x = (domain.slack_signs(x[None])[0] == 0) & domain.A.any(axis=1)
        if not holds_x.any():
            return direction
        inwards, margin = _steepest_descent(domain.A[holds_x])
        return inwards + margin / 2 * direction / np.linalg.norm(direction)
    return direction


def _steepest_descent(rows: FloatArray) -> tuple[FloatArray, float]:
    """A direction v, its entries at most 1, with least maximum of ``a.v / |a|``; minus that."""
    from scipy.optimize import linprog

    n = rows.shape[1]
    scaled = rows / np.abs(rows).max(axis=1, keepdims=True)
    A = np.column_stack([scaled, np.linalg.norm(scaled, axis=1)])
    bounds = [*[(-1.0, 1.0)] * n, (0.0, 1.0)]
    found = linprog(np.r_[np.zeros(n), -1.0], A, np.zeros(len(A)), bounds=bounds)
    return found.x[:n], float(found.x[n])
