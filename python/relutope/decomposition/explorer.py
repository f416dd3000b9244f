"""How the core searches around a point."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .. import _core
from ..common.arrays import FloatArray
from ..domain.box import FlatBox
from ..errors import InvalidDomainError
from ..search.frames import Frame, bounds_of, halfspaces_of
from ..search.problem import Problem
from .stored_exploration import Order

__all__ = ["explorer", "free_part"]


def explorer(problem: Problem, frame: Frame, x0: FloatArray, order: Order) -> _core.Explorer:
    """The core's search; it measures distances in all inputs, whatever the frame."""
    lower, upper = frame.bounds
    whole_lower, whole_upper = bounds_of(len(x0), problem.domain)
    return _core.Explorer(
        frame.network,
        lower,
        upper,
        frame.halfspaces,
        frame.by_first_layer,
        problem.full_core,
        whole_lower,
        whole_upper,
        halfspaces_of(len(x0), problem.domain),
        x0,
        order == "nearest",
    )


def free_part(x0: ArrayLike, domain: FlatBox) -> FloatArray:
    """A point's coordinates that the domain does not fix."""
    x = np.array(x0, dtype=np.float64)
    fixed = domain.lower == domain.upper
    if x.shape != fixed.shape:
        raise ValueError(f"`x0` must have shape {fixed.shape}, got {x.shape}")
    if (x[fixed] != domain.lower[fixed]).any():
        axis = int(np.flatnonzero(fixed & (x != domain.lower))[0])
        raise InvalidDomainError(
            f"`x0` is outside of `domain`, which fixes input {axis} to {domain.lower[axis]}"
        )
    return x[domain.free]
