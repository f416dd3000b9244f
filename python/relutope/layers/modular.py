"""Affine ranks of sets of rational points: many at once modulo a prime, or one exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..common.arrays import IntArray
from ..verification.integers import rank

__all__ = ["affine_rank", "affine_ranks"]

Integers = NDArray[np.object_]
_PRIME = (1 << 31) - 1  # products of two residues fit into an int64


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
    residues = np.asarray(points[used] % _PRIME, dtype=np.int64)
    found = np.zeros(len(sets), dtype=np.int64)
    lengths = np.array([len(own) for own in sets])
    begin = np.concatenate([[0], np.cumsum(lengths)])
    for length in np.unique(lengths):
        which = np.flatnonzero(lengths == length)
        rows = place[begin[which][:, None] + np.arange(length)]
        found[which] = _ranks(residues[rows]) - 1
    return found


def _ranks(tables: IntArray) -> IntArray:
    """Ranks modulo the prime of many matrices of one shape (k, rows, columns)."""
    tables = tables.copy()
    rank = np.zeros(len(tables), dtype=np.int64)
    rows = np.arange(tables.shape[1])
    each = np.arange(len(tables))
    for j in range(tables.shape[2]):
        usable = (tables[:, :, j] != 0) & (rows >= rank[:, None])
        pivot = usable.argmax(axis=1)
        has = usable[each, pivot]
        if not has.any():
            continue
        at, row, to = each[has], pivot[has], rank[has]
        tables[at, row], tables[at, to] = tables[at, to].copy(), tables[at, row].copy()
        head = tables[at, to]
        scaled = head * _inverse(head[:, j])[:, None] % _PRIME
        below = tables[at] * (rows > to[:, None])[:, :, None]
        factor = below[:, :, j]
        reduced = (tables[at] - factor[:, :, None] * scaled[:, None, :] % _PRIME) % _PRIME
        tables[at] = reduced
        rank[has] += 1
    return rank


def _inverse(values: IntArray) -> IntArray:
    """Inverses modulo the prime, by Fermat."""
    result = np.ones_like(values)
    base, exponent = values.copy(), _PRIME - 2
    while exponent:
        if exponent & 1:
            result = result * base % _PRIME
        base = base * base % _PRIME
        exponent >>= 1
    return result
