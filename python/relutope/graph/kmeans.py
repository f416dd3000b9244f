"""k-means from several random starts."""

from __future__ import annotations

import numpy as np

from ..common.arrays import FloatArray, IntArray

__all__ = ["kmeans"]

_STARTS = 10
_MAX_STEPS = 300
_SETTLED = 1e-4  # a start whose spread falls by less than this part of it in a step is compared


def kmeans(points: FloatArray, k: int, rng: np.random.Generator) -> IntArray:
    """The best of 10 runs of Lloyd's iteration from k-means++ starts; labels (n,), 0 to k - 1.

    D. Arthur, S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007. Runs are
    compared when they have nearly settled; the best one goes on until nothing changes.
    Every label is used if there are k different points; fewer are if there are not.
    """
    columns = np.ascontiguousarray(points.T)
    runs = (_lloyd(columns, _spread_out(points, k, rng), _SETTLED) for _ in range(_STARTS))
    _, centres = min(runs, key=lambda run: run[0])
    _lloyd(columns, centres, -1.0)
    return _assigned(columns, centres)[0]


def _spread_out(points: FloatArray, k: int, rng: np.random.Generator) -> FloatArray:
    """Up to k different points, each drawn by its squared distance to those before."""
    chosen = [points[rng.integers(len(points))]]
    square = np.sum((points - chosen[0]) ** 2, axis=1)
    while len(chosen) < k and square.any():
        chosen.append(points[rng.choice(len(points), p=square / square.sum())])
        square = np.minimum(square, np.sum((points - chosen[-1]) ** 2, axis=1))
    return np.array(chosen)


def _lloyd(columns: FloatArray, centres: FloatArray, settled: float) -> tuple[float, FloatArray]:
    """The sum of squared distances, and the centres, which are moved in place.

    Lloyd's iteration on points (d, n), until no label changes or that sum falls by at most the part
    `settled` of it.
    """
    lengths = np.einsum("ij,ij->j", columns, columns)
    before, spread = None, np.inf
    for _ in range(_MAX_STEPS):
        labels, score = _assigned(columns, centres)
        last, spread = spread, float(np.sum(score + lengths))
        if last - spread <= settled * spread:
            break
        if before is not None and np.array_equal(labels, before):
            break
        before = labels
        size = np.bincount(labels, minlength=len(centres))
        for empty in np.flatnonzero(size == 0):  # restart it at the point that fits worst
            far = int(np.argmax(score + lengths))
            labels[far], score[far], spread = empty, -lengths[far], np.inf
            size = np.bincount(labels, minlength=len(centres))
        sums = [np.bincount(labels, column, len(centres)) for column in columns]
        centres[:] = np.column_stack(sums) / np.maximum(size, 1)[:, None]
    return spread, centres


def _assigned(columns: FloatArray, centres: FloatArray) -> tuple[IntArray, FloatArray]:
    """The nearest centre of each point, and the square of its distance less that of its length."""
    scores = -2 * centres @ columns + np.sum(centres**2, axis=1)[:, None]
    labels, best = np.zeros(columns.shape[1], dtype=np.int64), scores[0].copy()
    for j, score in enumerate(scores[1:], 1):  # faster than argmin along a short axis
        np.putmask(labels, score < best, j)
        np.minimum(best, score, out=best)
    return labels, best
