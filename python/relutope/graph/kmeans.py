"""k-means from several random starts."""

from __future__ import annotations

import numpy as np

from ..common.arrays import FloatArray, IntArray

__all__ = ["kmeans"]

_STARTS = 10
_MAX_STEPS = 300
_SETTLED = 1e-4  # of the points' mean variance: a start whose centres move less is compared


def kmeans(points: FloatArray, k: int, rng: np.random.Generator) -> IntArray:
    """The best of 10 runs of Lloyd's iteration from k-means++ starts; labels (n,), 0 to k - 1.

    D. Arthur, S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007. Runs are
    compared when their centres have nearly settled; the best one goes on until nothing changes.
    Every label is used if there are k different points; fewer are if there are not.
    """
    settled = _SETTLED * float(points.var(axis=0).mean())
    runs = (_lloyd(points, _spread_out(points, k, rng), settled) for _ in range(_STARTS))
    _, centres = min(runs, key=lambda run: run[0])
    _lloyd(points, centres, -1.0)
    return _assigned(points, centres)[0]


def _spread_out(points: FloatArray, k: int, rng: np.random.Generator) -> FloatArray:
    """Up to k different points, each drawn by its squared distance to those before."""
    chosen = [points[rng.integers(len(points))]]
    square = np.sum((points - chosen[0]) ** 2, axis=1)
    while len(chosen) < k and square.any():
        chosen.append(points[rng.choice(len(points), p=square / square.sum())])
        square = np.minimum(square, np.sum((points - chosen[-1]) ** 2, axis=1))
    return np.array(chosen)


def _lloyd(points: FloatArray, centres: FloatArray, settled: float) -> tuple[float, FloatArray]:
    """The sum of squared distances, and the centres, which are moved in place.

    Lloyd's iteration, until no label changes or the centres move by at most `settled`, squared.
    """
    before = None
    for _ in range(_MAX_STEPS):
        labels, square = _assigned(points, centres)
        if before is not None and np.array_equal(labels, before):
            break
        before = labels
        size = np.bincount(labels, minlength=len(centres))
        for empty in np.flatnonzero(size == 0):  # restart it at the point that fits worst
            far = int(np.argmax(square))
            labels[far], square[far] = empty, 0.0
            size = np.bincount(labels, minlength=len(centres))
        sums = [np.bincount(labels, column, len(centres)) for column in points.T]
        moved = np.column_stack(sums) / np.maximum(size, 1)[:, None]
        step = float(np.sum((moved - centres) ** 2))
        centres[:] = moved
        if step <= settled:
            break
    return float(square.sum()), centres


def _assigned(points: FloatArray, centres: FloatArray) -> tuple[IntArray, FloatArray]:
    """The nearest centre of each point, and the square of its distance, rounded."""
    # |x - c|^2 without |x|^2, which all centres of a point share.
    scores = points @ (-2 * centres.T) + np.sum(centres**2, axis=1)
    labels = scores.argmin(axis=1)
    return labels, np.sum((points - centres[labels]) ** 2, axis=1)
