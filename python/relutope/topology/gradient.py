"""Discrete gradients that keep within parts of a face lattice, and what their paths join.

Faces of all dimensions have one numbering here: those of dimension j begin at ``start[j]``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..common.arrays import BoolArray, IntArray
from ..common.ragged import Ragged
from ..complex.lattice import FaceLattice, Steps
from .plateaus import distinct

__all__ = ["Gradient", "Paths", "discrete_gradient"]


@dataclass(frozen=True, eq=False)
class Paths:
    """Which critical faces gradient paths join, with coefficients in GF(p)."""

    upper: IntArray
    lower: IntArray
    coefficient: IntArray


@dataclass(frozen=True, eq=False)
class Gradient:
    """A discrete gradient: each face is critical or matched with a facet or a coface.

    Attributes
    ----------
    start : ndarray of int64, shape (top + 2,)
    facets : Ragged
        Facets of each face.
    signs : ndarray of int8
        Their orientations, beside ``facets.indices``.
    partner : ndarray of int64, shape (faces,)
        The face that each is matched with, itself if it is critical.
    """

    start: IntArray
    facets: Ragged
    signs: NDArray[np.int8]
    partner: IntArray

    @property
    def critical(self) -> IntArray:
        return np.flatnonzero(self.partner == np.arange(len(self.partner)))

    def dim(self, faces: IntArray) -> IntArray:
        """The dimension of each of some faces."""
        return np.searchsorted(self.start, faces, side="right").astype(np.int64) - 1

    def paths(self, sources: IntArray, blocked: BoolArray, field: int) -> Paths:
        """Gradient paths that go down from critical faces to critical faces of a dimension less.

        Each path goes from a face to a facet, up to the facet's partner, and on to another facet of
        this; its coefficient is the product of the incidences [1]_. Paths do not enter `blocked`
        faces.

        References
        ----------
        .. [1] R. Forman, "Morse theory for cell complexes", Adv. Math. 134 (1998).
        """
        ends: list[IntArray] = []
        at = np.repeat(sources, self.facets.lengths[sources])
        face, sign = self._facets(sources)
        coefficient = sign % field
        while len(face):
            face, at, coefficient = _summed(face, at, coefficient, field)
            partner = self.partner[face]
            ends.append(np.column_stack([at, face, coefficient])[partner == face])
            on = (partner > face) & ~blocked[face]  # partners of dimension more come later
            face, at, coefficient, partner = (x[on] for x in (face, at, coefficient, partner))
            following, sign = self._facets(partner)
            which = np.repeat(np.arange(len(face)), self.facets.lengths[partner])
            entered = following == face[which]  # once in each row
            back = -coefficient * sign[entered]
            following, sign, which = following[~entered], sign[~entered], which[~entered]
            face, at, coefficient = following, at[which], back[which] * sign % field
        found = np.concatenate(ends) if ends else np.zeros((0, 3), dtype=np.int64)
        lower, upper, total = _summed(found[:, 1], found[:, 0], found[:, 2], field)
        kept = ~blocked[lower]
        return Paths(upper[kept], lower[kept], total[kept])

    def _facets(self, faces: IntArray) -> tuple[IntArray, IntArray]:
        begin, lengths = self.facets.indptr[faces], self.facets.lengths[faces]
        ends = np.cumsum(lengths)
        total = ends[-1] if len(ends) else 0
        places = np.arange(total) + np.repeat(begin - ends + lengths, lengths)
        return self.facets.indices[places], self.signs[places].astype(np.int64)


def discrete_gradient(lattice: FaceLattice, parts: Steps) -> Gradient:
    """A discrete gradient that matches faces of the same part only.

    If each part's faces, added to those of the parts of lower number, make a closed set, paths lead
    to parts of lower number, or stay within the part, and there is no closed path. Within all parts
    at once, faces whose facets are all taken but one are taken together with this facet; where
    there are none, a face of which no facet is left is critical [1]_. For lower stars of vertices
    of at most three dimensions that leaves as few as the homology needs [2]_.

    References
    ----------
    .. [1] K. Mischaikow, V. Nanda, "Morse theory for filtrations and efficient computation of
       persistent homology", Discrete Comput. Geom. 50 (2013).
    .. [2] V. Robins, P. J. Wood, A. P. Sheppard, "Theory and algorithms for constructing discrete
       Morse complexes from grayscale digital images", IEEE TPAMI 33 (2011).
    """
    counts = [lattice.n_faces(j) for j in range(lattice.top + 1)]
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    facets, signs = _all_facets(lattice, start)
    part = np.concatenate(parts)
    within = part[facets.row_of] == part[facets.indices]
    own, face = facets.indices[within], facets.row_of[within]
    left = np.bincount(face, minlength=len(part))  # facets in the part that are not yet taken
    total = np.zeros(len(part), dtype=np.int64)  # the sum of their numbers
    np.add.at(total, face, own)
    order = np.argsort(own, kind="stable")
    indptr = np.concatenate([[0], np.cumsum(np.bincount(own, minlength=len(part)))])
    cofaces = Ragged(indptr.astype(np.int64), face[order])

    partner = np.full(len(part), -1, dtype=np.int64)
    ready = np.flatnonzero(left == 1)
    bare = np.flatnonzero(left == 0)
    while True:
        ready = ready[(partner[ready] < 0) & (left[ready] == 1)]
        if len(ready):
            facet, first = np.unique(total[ready], return_index=True)
            upper = ready[first]
            partner[upper], partner[facet] = facet, upper
            taken = np.concatenate([facet, upper])
        else:
            bare = np.sort(bare[partner[bare] < 0])
            if not len(bare):
                break
            taken = bare[np.unique(part[bare], return_index=True)[1]]
            partner[taken] = taken
        above = cofaces[taken]
        gone = np.repeat(taken, above.lengths)
        np.subtract.at(left, above.indices, 1)
        np.subtract.at(total, above.indices, gone)
        touched = distinct(above.indices)
        bare = np.concatenate([bare, touched[left[touched] == 0]])
        ready = np.concatenate([ready, touched[left[touched] == 1]])
    return Gradient(start, facets, signs, partner)


def _all_facets(lattice: FaceLattice, start: IntArray) -> tuple[Ragged, NDArray[np.int8]]:
    lengths, indices, signs = [np.zeros(lattice.n_faces(0), dtype=np.int64)], [], []
    for j in range(1, lattice.top + 1):
        boundary = lattice.boundary(j)
        lengths.append(np.diff(boundary.indptr).astype(np.int64))
        indices.append(boundary.indices.astype(np.int64) + start[j - 1])
        signs.append(boundary.data.astype(np.int8))
    indptr = np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.int64)
    return Ragged(indptr, np.concatenate(indices)), np.concatenate(signs)


def _summed(
    face: IntArray, at: IntArray, coefficient: IntArray, field: int
) -> tuple[IntArray, IntArray, IntArray]:
    """Equal pairs (face, at) once, with the sum of their coefficients."""
    order = np.lexsort([at, face])
    face, at, coefficient = face[order], at[order], coefficient[order]
    new = np.ones(len(face), dtype=np.bool_)
    new[1:] = (face[1:] != face[:-1]) | (at[1:] != at[:-1])
    begin = np.flatnonzero(new)
    if not len(begin):
        return face, at, coefficient
    return face[begin], at[begin], np.add.reduceat(coefficient, begin) % field
