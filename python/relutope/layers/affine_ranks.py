"""Affine ranks of sets of rational points: many at once modulo a prime, or one exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..common.arrays import IntArray
from ..common.modular import primes, ranks
from ..verification.integers import rank

__all__ = ["affine_rank", "affine_ranks"]

Integers = NDArray[np.object_]
_PRIME = next(primes())


def affine_rank(points: Integers) -> int:
    """Dimension of the affine hull of homogeneous points, exactly."""
    return rank(points.tolist()) - 1


def affine_ranks(points: Integers, sets: Sequence[IntArray]) -> IntArray:
    """Dimensions of the affine hulls of sets of homogeneous points, never too large.

    Computed modulo a prime, where a rank is at most what it is over the rationals.

    Parameters
    ----------
    points : ndarray of Python integers, shape (points, 1 + w)
    sets : sequence of ndarray of int64
        Rows of `points`; none is empty.
    """
    used, place = np.unique(np.concatenate(sets), return_inverse=True)
    residues = np.asarray(points[used] % _PRIME, dtype=np.float64)
    found = np.zeros(len(sets), dtype=np.int64)
    lengths = np.array([len(own) for own in sets])
    begin = np.concatenate([[0], np.cumsum(lengths)])
    for length in np.unique(lengths):
        which = np.flatnonzero(lengths == length)
        rows = place[begin[which][:, None] + np.arange(length)]
        found[which] = ranks(residues[rows], _PRIME) - 1
    return found
