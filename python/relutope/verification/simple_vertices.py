"""The generators of a polyhedron whose vertices are guessed, proven complete by their edges.

Where a vertex lies on exactly n of the forms, and these are independent, it has n edges: each
leaves one of the forms. An edge ends in a vertex on the n - 1 others, or goes to infinity. The
vertices and edges of a polyhedron are connected (Balinski 1961; for unbounded ones by the simplex
method), so vertices whose edges all end in one of them, or at infinity, are all there are, and the
edges to infinity give all rays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .bits import Integers
from .integers import normalised, primitive, signs_at

__all__ = ["seen_from", "simple_generators"]


def simple_generators(forms: Integers, guess: Sequence[Sequence[int]]) -> list[list[int]] | None:
    """Vertices and rays ``(t, x)`` of ``{x : c.(1, x) >= 0 for all forms c}``.

    Parameters
    ----------
    forms : ndarray of int, shape (k, 1 + n)
    guess : sequence of sequence of int
        For each vertex the forms that vanish there.

    Returns
    -------
    list of list of int or None
        None if the guess is not right, or some vertex lies on more than n forms.
    """
    n = forms.shape[1] - 1
    tight = sorted({tuple(sorted(t)) for t in guess})
    if not tight or any(len(t) != n for t in tight):
        return None
    table = np.array(tight, dtype=np.int64)
    points = _solutions(forms[table, 1:], -forms[table, 0])
    if points is None:
        return None
    expected = np.ones((len(forms), len(tight)), dtype=np.int8)
    expected[table.T, np.arange(len(tight))] = 0
    if not (signs_at(forms, points) == expected).all():
        return None
    rays = _rays(forms, tight)
    if not (signs_at(forms, rays) >= 0).all():
        return None
    found = {tuple(primitive(row)) for row in [*points.tolist(), *rays.tolist()]}
    return [list(v) for v in sorted(found)]


def seen_from(inside: NDArray[np.float64], forms: Integers) -> list[list[int]]:
    """For each vertex the forms that seem to vanish there, by Qhull; a guess, empty if it fails.

    The vertices are the facets of the dual hull that have the point `inside` behind them.
    """
    from scipy.spatial import HalfspaceIntersection, QhullError

    table = -normalised(forms)
    if table.shape[1] < 3 or len(table) < table.shape[1] or not np.isfinite(table).all():
        return []
    halfspaces = np.column_stack([table[:, 1:], table[:, 0]])
    try:
        with np.errstate(divide="ignore", invalid="ignore"):  # vertices far away
            found = HalfspaceIntersection(halfspaces, inside)
    except (QhullError, ValueError):
        return []
    behind = found.dual_equations[:, -1] < 0
    return [facet for facet, sees in zip(found.dual_facets, behind, strict=True) if sees]


def _rays(forms: Integers, tight: list[tuple[int, ...]]) -> Integers:
    """Directions of the edges of vertices that end in no second one."""
    n = forms.shape[1] - 1
    ends: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for t in tight:
        for k in range(n):
            ends[t[:k] + t[k + 1 :]].append(t[k])
    # No more than two lie on a line, as each is on no other form.
    open_edges = [(left[0], *edge) for edge, left in ends.items() if len(left) == 1]
    rays = np.zeros((len(open_edges), n + 1), dtype=object)
    if open_edges:
        table = np.array(open_edges, dtype=np.int64)
        upwards = np.zeros((len(table), n), dtype=object)
        upwards[:, 0] = 1
        directions = _solutions(forms[table, 1:], upwards)
        assert directions is not None, "the forms of a vertex are independent"
        rays[:, 1:] = directions[:, 1:]
    return rays


def _solutions(A: Integers, b: Integers) -> Integers | None:
    """Points ``(t, x)`` with t > 0 and ``A[i] x = t b[i]``; None if some matrix is singular.

    All systems at once, by fraction-free elimination (Bareiss 1968).
    """
    work = np.concatenate([A, b[:, :, None]], axis=2)
    count, n = A.shape[:2]
    every, previous = np.arange(count), np.ones(count, dtype=object)
    for k in range(n):
        rows = k + (work[:, k:, k] != 0).argmax(axis=1)
        work[every, k], work[every, rows] = work[every, rows], work[every, k]
        pivot = work[:, k, k].copy()
        if (pivot == 0).any():
            return None
        others = [i for i in range(n) if i != k]
        product = pivot[:, None, None] * work[:, others, k + 1 :]
        product -= work[:, others, k, None] * work[:, k, None, k + 1 :]
        work[:, others, k + 1 :] = product // previous[:, None, None]
        previous = pivot
    points = np.column_stack([previous, work[:, :, n]])
    return points * np.where(previous < 0, -1, 1)[:, None]
