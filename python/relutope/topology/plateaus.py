"""The connected pieces on which a function of a complex is constant, in the order of its values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..common.arrays import BoolArray, FloatArray, IntArray
from ..common.ragged import Ragged
from ..complex.lattice import FaceLattice, Masks, Steps
from .heights import Height

__all__ = ["Plateaus", "distinct"]


@dataclass(frozen=True, eq=False)
class Plateaus:
    """Plateaus of a function: vertices joined by flat edges, and the flat faces between them.

    They are numbered by value; those of equal value, which do not touch, by their first vertex.
    The vertices of a face at which the function is greatest are those of a face of it, which is
    flat, so they lie in one plateau: the face belongs to this plateau's *lower star*. Adding one
    lower star after the other is a filtration by closed sets.
    """

    height: Height

    @property
    def lattice(self) -> FaceLattice:
        return self.height.complex.lattice

    @cached_property
    def ends(self) -> IntArray:
        """The two vertices of each edge, shape (edges, 2)."""
        return self.lattice.vertices(1).indices.reshape(-1, 2)

    @cached_property
    def of_vertex(self) -> IntArray:
        """The plateau of each vertex."""
        import scipy.sparse as sp
        from scipy.sparse.csgraph import connected_components

        rank = self.height.rank
        a, b = self.ends[rank[self.ends[:, 0]] == rank[self.ends[:, 1]]].T
        joined = sp.coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(len(rank),) * 2)
        _, piece = connected_components(joined, directed=False)
        _, first, piece = np.unique(piece, return_index=True, return_inverse=True)
        place = np.empty(len(first), dtype=np.int64)
        place[np.lexsort([first, rank[first]])] = np.arange(len(first))
        return np.asarray(place[piece])

    @cached_property
    def first(self) -> IntArray:
        """The lowest vertex of each plateau."""
        return np.unique(self.of_vertex, return_index=True)[1].astype(np.int64)

    def __len__(self) -> int:
        return len(self.first)

    @cached_property
    def values(self) -> FloatArray:
        """The function on each plateau, rounded."""
        return self.height.values[self.first]

    @cached_property
    def level(self) -> IntArray:
        """Numbers from 1 of the distinct real values; 0 is all of -inf, and the last all of inf."""
        real = self.is_real
        level = 1 + np.searchsorted(self._distinct, self.height.rank[self.first])
        level[~real] = np.where(self.values[~real] < 0, 0, self.n_levels - 1)
        return level.astype(np.int64)

    @property
    def n_levels(self) -> int:
        """Number of distinct real values, and two for the infinite ones."""
        return len(self._distinct) + 2

    @cached_property
    def _distinct(self) -> IntArray:
        return distinct(self.height.rank[self.first][self.is_real])

    @cached_property
    def is_real(self) -> BoolArray:
        """Whether each value is; one beyond the largest double is, and yet rounded to inf."""
        rank = self.height.rank
        near = rank[: self.height.complex.n_finite_vertices]
        own = rank[self.first]
        between = np.zeros(len(own), dtype=np.bool_)
        if len(near):
            between = (own >= near.min()) & (own <= near.max())
        return np.isfinite(self.values) | between

    # -- faces

    @cached_property
    def steps(self) -> Steps:
        """The plateau to whose lower star each face belongs."""
        return [np.maximum.reduceat(own, begin).astype(np.int32) for own, begin in self._rows()]

    @cached_property
    def flat(self) -> Masks:
        """Whether the function is constant on each face."""
        lowest = [np.minimum.reduceat(own, begin) for own, begin in self._rows()]
        return [low == step for low, step in zip(lowest, self.steps, strict=True)]

    def _rows(self) -> list[tuple[IntArray, IntArray]]:
        rows = [self.lattice.vertices(j) for j in range(self.lattice.top + 1)]
        return [(self.of_vertex[row.indices], row.indptr[:-1]) for row in rows]

    def having(self, masks: Masks) -> BoolArray:
        """Whether a flat face of each plateau is among those given."""
        found = np.zeros(len(self), dtype=np.bool_)
        for step, flat, mask in zip(self.steps, self.flat, masks, strict=True):
            found[step[flat & mask]] = True
        return found

    @cached_property
    def dim(self) -> IntArray:
        """The largest dimension of a flat face in each plateau, without that of lines."""
        largest = np.zeros(len(self), dtype=np.int64)
        for j, (step, flat) in enumerate(zip(self.steps, self.flat, strict=True)):
            largest[step[flat]] = j
        return largest

    def flat_faces(self, j: int, which: IntArray) -> Ragged:
        """The proper flat faces of dimension `j` of some plateaus, one row for each."""
        place = np.full(len(self), -1, dtype=np.int64)
        place[which] = np.arange(len(which))
        count = self.lattice.n_proper(j)
        faces = np.flatnonzero(self.flat[j][:count])
        row = place[self.steps[j][faces]]
        faces, row = faces[row >= 0], row[row >= 0]
        indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(which)))])
        return Ragged(indptr.astype(np.int64), faces[np.argsort(row, kind="stable")])


def distinct(values: IntArray) -> IntArray:
    """The distinct values, increasing: numpy's `unique` hashes, which takes longer here."""
    ordered = np.sort(values)
    new = np.ones(len(ordered), dtype=np.bool_)
    new[1:] = ordered[1:] != ordered[:-1]
    return np.asarray(ordered[new])
