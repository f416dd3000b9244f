"""Where local search starts: a point inside a cell that contains the given one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..domain.box import Box
from ..domain.polytope import Polytope
from ..errors import InvalidDomainError

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


def points_beside(
    x: FloatArray, domain: Box | Polytope | None, within: float = 0.01
) -> Iterator[FloatArray]:
    """`x`, and points ever nearer to it in a fixed direction, which leads into the domain."""
    yield x
    direction = _direction_inwards(x, domain)
    size = within * max(1.0, float(np.abs(x).max()))
    for k in range(_STEPS):
        for sign in (1.0, -1.0):
            yield x + sign * size * 0.5**k * direction


def _direction_inwards(x: FloatArray, domain: Box | Polytope | None) -> FloatArray:
    """A direction in general position, away from the sides of the domain that are near `x`."""
    direction = np.random.default_rng(0).standard_normal(len(x))
    if isinstance(domain, Box):  # away from the nearer side
        nearer_to_lower = x - domain.lower <= domain.upper - x
        return np.where(nearer_to_lower, 1.0, -1.0) * np.abs(direction)
    if isinstance(domain, Polytope):
        inwards, margin = _to_the_middle(x, domain)
        return inwards + margin / 2 * direction / np.linalg.norm(direction)
    return direction


def _to_the_middle(x: FloatArray, domain: Polytope) -> tuple[FloatArray, float]:
    """A step from `x` that ends far from all sides, its entries at most 1, and how far."""
    from scipy.optimize import linprog

    some = domain.A.any(axis=1)
    largest = np.abs(domain.A[some]).max(axis=1, keepdims=True)
    rows = domain.A[some] / largest
    with np.errstate(over="ignore", invalid="ignore"):  # a side may be further away than any double
        slack = np.nan_to_num(domain.b[some] / largest[:, 0] - rows @ x)
    slack = np.clip(slack, 0.0, 2.0 * len(x))  # no step reaches further
    A = np.column_stack([rows, np.linalg.norm(rows, axis=1)])
    bounds = [*[(-1.0, 1.0)] * len(x), (0.0, 1.0)]
    found = linprog(np.r_[np.zeros(len(x)), -1.0], A, slack, bounds=bounds)
    return (found.x[:-1], float(found.x[-1])) if found.status == 0 else (np.zeros(len(x)), 1.0)
