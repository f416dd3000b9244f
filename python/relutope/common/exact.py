"""Small exact services of the core on arrays, for the modules that know it only through this."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core

__all__ = ["affine_signs", "independent_columns"]


def affine_signs(
    A: NDArray[np.float64], b: NDArray[np.float64], points: ArrayLike
) -> NDArray[np.int8]:
    """Exact signs of ``A x + b`` at the rows of `points`, shape (k, n); shape (k, rows)."""
    # The forms as the neurons of a network without further use.
    last = np.ones((1, len(b)))
    layers = [(A, b, np.zeros(len(b))), (last, np.zeros(1), np.zeros(1))]
    return _core.Network(layers, [0]).point_signs(np.ascontiguousarray(points, dtype=np.float64))


def independent_columns(matrix: ArrayLike) -> list[int]:
    """A maximal set of linearly independent columns, chosen greedily from the left, exactly."""
    return _core.independent_columns(np.ascontiguousarray(matrix, dtype=np.float64))
