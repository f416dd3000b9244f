"""k-means from several random starts."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import vq

__all__ = ["kmeans"]

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

_STARTS = 10
_MAX_STEPS = 300


def kmeans(points: FloatArray, k: int, rng: np.random.Generator) -> IntArray:
    """The best of 10 runs of Lloyd's iteration from k-means++ starts; labels (n,), 0 to k - 1.

    D. Arthur, S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007. Every
    label is used if there are k different points; fewer are if there are not.
    """
    best, least = np.zeros(len(points), dtype=np.int64), np.inf
    for _ in range(_STARTS):
        labels, spread = _lloyd(points, _spread_out(points, k, rng))
        if spread < least:
            best, least = labels, spread
    return best


def _spread_out(points: FloatArray, k: int, rng: np.random.Generator) -> FloatArray:
    """Up to k different points, each drawn by its squared distance to those before."""
    chosen = [points[rng.integers(len(points))]]
    square = np.sum((points - chosen[0]) ** 2, axis=1)
    while len(chosen) < k and square.any():
        chosen.append(points[rng.choice(len(points), p=square / square.sum())])
        square = np.minimum(square, np.sum((points - chosen[-1]) ** 2, axis=1))
    return np.array(chosen)


def _lloyd(points: FloatArray, centres: FloatArray) -> tuple[IntArray, float]:
    """Labels and the sum of squared distances after Lloyd's iteration."""
    before = None
    for _ in range(_MAX_STEPS):
        labels, distance = vq(points, centres)
        if before is not None and np.array_equal(labels, before):
            break
        before = labels
        size = np.bincount(labels, minlength=len(centres))
        for empty in np.flatnonzero(size == 0):  # restart it at the point that fits worst
            far = int(np.argmax(distance))
            labels[far], distance[far] = empty, 0.0
            size = np.bincount(labels, minlength=len(centres))
        sums = [np.bincount(labels, column, len(centres)) for column in points.T]
        centres = np.column_stack(sums) / np.maximum(size, 1)[:, None]
    return labels.astype(np.int64), float(np.sum(distance**2))
