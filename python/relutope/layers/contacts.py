"""Which images of pieces meet, and how, exactly.

Two pieces are *apart* if their images are disjoint, *clean* if these have nothing in common but the
image of what the pieces themselves have in common, and *crossing* otherwise. Proofs are cheap where
the map is in general position: an affine map of full rank on both, independent directions, a
direction that separates. What these leave open is decided by linear programs in integers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..common.arrays import BoolArray, FloatArray, IntArray
from ..verification.integers import ratio
from .affine_ranks import affine_rank, affine_ranks
from .cone_programs import avoids, common_point
from .pieces import Pieces

__all__ = ["Contacts", "contacts_of"]

Integers = NDArray[np.object_]
Tick = Callable[[], None]
_RANDOM = 24  # directions beside the axes, in which pieces are compared
_BLOCK = 512


@dataclass(frozen=True)
class Contacts:
    """The pairs of pieces whose images meet.

    Attributes
    ----------
    dim : ndarray of int64
        Dimension of each image.
    injective : ndarray of bool
        Whether the map is injective on each piece.
    clean, crossing : set of tuple of int
        Pairs i < j.
    """

    dim: IntArray
    injective: BoolArray
    clean: set[tuple[int, int]]
    crossing: set[tuple[int, int]]


def contacts_of(pieces: Pieces, points: Integers, name: IntArray, n: int, tick: Tick) -> Contacts:
    """Compares the images of all pieces.

    Parameters
    ----------
    pieces : Pieces
    points : ndarray of Python integers
        Images ``(t, h)`` of the vertices of the complex, at those that occur.
    name : ndarray of int64
        The number of each vertex's image: equal iff the images are.
    n : int
        Dimension of the complex.
    tick : callable
        Called between linear programs.
    """
    ranks = affine_ranks(points, pieces.vertices)
    for i in np.flatnonzero(ranks < pieces.dim).tolist():
        ranks[i] = affine_rank(points[pieces.vertices[i]])
    injective = ranks == pieces.dim
    # Where the map is injective on a cell, it is on all of the space for that cell's group.
    full = np.isin(pieces.group, pieces.group[injective & (pieces.dim == n)])
    touching, near = _candidates(pieces, points)
    clean: set[tuple[int, int]] = set()
    crossing: set[tuple[int, int]] = set()
    undecided = []
    for i, j in touching:
        if pieces.group[i] == pieces.group[j] and full[i]:
            clean.add((i, j))
        else:
            undecided.append((i, j))
    clean |= _in_general_position(pieces, points, injective, undecided)
    for i, j in undecided:
        if (i, j) not in clean:
            tick()
            (clean if _is_clean(pieces, points, injective, i, j) else crossing).add((i, j))
    for i, j in near:
        if pieces.group[i] == pieces.group[j] and full[i]:
            continue
        tick()
        a, b = pieces.vertices[i], pieces.vertices[j]
        if np.intersect1d(name[a], name[b]).size or common_point([points[a], points[b]]):
            crossing.add((i, j))
    return Contacts(ranks, injective, clean, crossing)


def _candidates(
    pieces: Pieces, points: Integers
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Pairs with a vertex in common; and other pairs that no direction tried separates."""
    from scipy.sparse import csr_array

    count = len(pieces)
    lengths = np.array([len(v) for v in pieces.vertices])
    begin = np.concatenate([[0], np.cumsum(lengths)])
    flat = np.concatenate(pieces.vertices)
    shape = (count, int(flat.max()) + 1)
    own = csr_array((np.ones(len(flat), dtype=np.int32), flat, begin), shape=shape)
    shared = (own @ own.T).tocoo()
    first, second = shared.row, shared.col
    above = first < second
    touching = sorted(zip(first[above].tolist(), second[above].tolist(), strict=True))
    used, place = np.unique(flat, return_inverse=True)
    low, high = _extents(points[used], place, begin[:-1])
    near = []
    for start in range(0, count, _BLOCK):
        rows = slice(start, start + _BLOCK)
        meets = np.ones((len(low[rows]), count), dtype=np.bool_)
        for a, b in zip(low.T, high.T, strict=True):
            meets &= (a[None, :] <= b[rows, None]) & (a[rows, None] <= b[None, :])
        i, j = np.nonzero(meets)
        i += start
        near.append(np.column_stack([i, j])[i < j])
    known = set(touching)
    pairs = np.concatenate(near).tolist()
    return touching, [(i, j) for i, j in pairs if (i, j) not in known]


def _extents(points: Integers, place: IntArray, begin: IntArray) -> tuple[FloatArray, FloatArray]:
    """Certified bounds of the pieces in some directions, shapes (pieces, directions).

    A coordinate is rounded once; a sum of w products, whose terms are at most S in total, errs by
    less than ``(w + 2) 2^-52 S``.
    """
    rows = [[ratio(v, row[0]) for v in row[1:]] for row in points.tolist()]  # correctly rounded
    values = np.array(rows, dtype=np.float64)
    width = values.shape[1]
    directions = np.random.default_rng(0).standard_normal((width, _RANDOM))
    directions = np.column_stack([np.eye(width), directions])
    with np.errstate(over="ignore", invalid="ignore"):
        along = values @ directions
        error = (width + 3) * 2.0**-51 * (np.abs(values) @ np.abs(directions)).max(axis=0)
        error += 2.0**-1000
        low = np.minimum.reduceat(along[place], begin) - error
        high = np.maximum.reduceat(along[place], begin) + error
    unknown = ~np.isfinite(low).all(axis=0) | ~np.isfinite(high).all(axis=0)
    low[:, unknown], high[:, unknown] = -np.inf, np.inf
    return low, high


def _in_general_position(
    pieces: Pieces, points: Integers, injective: BoolArray, pairs: list[tuple[int, int]]
) -> set[tuple[int, int]]:
    """Pairs whose affine hulls' images meet in that of what they have in common.

    These hulls' directions span at most ``dim A + dim B - dim F`` dimensions, F being the face in
    common; if they span so many, the hulls meet in F's hull, and an injective piece has no more
    than F in that.
    """
    found: set[tuple[int, int]] = set()
    both, wanted, kept = [], [], []
    faces = []
    for i, j in pairs:
        if injective[i] or injective[j]:
            common = np.intersect1d(pieces.vertices[i], pieces.vertices[j])
            others = np.setdiff1d(np.union1d(pieces.vertices[i], pieces.vertices[j]), common)
            both.append(np.concatenate([common, others]))
            faces.append(common)
            wanted.append(int(pieces.dim[i] + pieces.dim[j]))
            kept.append((i, j))
    if not kept:
        return found
    of_faces = affine_ranks(points, faces)
    of_both = affine_ranks(points, both)
    for pair, face, total, most, common in zip(kept, of_faces, of_both, wanted, faces, strict=True):
        i, j = pair
        finer = i if pieces.fineness[i] >= pieces.fineness[j] else j
        equal = pieces.fineness[i] == pieces.fineness[j]
        proper = injective[finer] or (equal and injective[i + j - finer])
        # The rank of the common face may be found too small, never too large: then the span
        # that is asked for is too large.
        if proper and total >= most - face and len(common):
            found.add(pair)
    return found


def _is_clean(pieces: Pieces, points: Integers, injective: BoolArray, i: int, j: int) -> bool:
    """Whether the images of two pieces that meet have only the image of the common face in common.

    If the map is injective on a piece that has the common face as a face, that is so iff no point
    of the piece outside of the face has its image in the other's. Otherwise False.
    """
    finer, other = (i, j) if pieces.fineness[i] >= pieces.fineness[j] else (j, i)
    if not injective[finer]:
        if pieces.fineness[finer] != pieces.fineness[other] or not injective[other]:
            return False
        finer, other = other, finer
    a, b = pieces.vertices[finer], pieces.vertices[other]
    common = np.isin(a, b)
    rest = b[~np.isin(b, a)]
    return avoids(points[a[~common]], points[rest], points[a[common]])
