"""A polyhedron with its generators, exactly: vertices, rays and lines from cddlib.

Only a few of a cell's forms take part in the double description. What comes out is the cell if all
its other forms are nonnegative on the generators, which is a matter of signs.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bits import Integers
from .integers import (
    cleared,
    determinant,
    object_array,
    primitive,
    rank,
    rank_modulo_prime,
    residues,
    signs_at,
)

__all__ = ["ExactCell", "generators_of"]


def generators_of(
    forms: Sequence[Sequence[int]], n: int, cdd: Any
) -> tuple[list[list[int]], list[list[int]]]:
    """Vertices and rays ``(t, x)``, and lines, of ``{x : c.(1, x) >= 0 for all forms c}``.

    The double description runs on the cone over the polyhedron, ``{(t, x) : t >= 0, c.(t, x) >=
    0}``, whose generators with ``t > 0`` are the vertices.
    """
    rows = [[0, 1] + [0] * n] + [[0, *c] for c in forms if any(c)]
    inequality = importlib.import_module("cdd").RepType.INEQUALITY
    cone = cdd.polyhedron_from_matrix(cdd.matrix_from_array(rows, rep_type=inequality))
    described = cdd.copy_generators(cone)
    rays = [cleared(row[1:]) for row in described.array]
    lines = [v for g, v in enumerate(rays) if g in described.lin_set]
    return [v for g, v in enumerate(rays) if g not in described.lin_set and any(v)], lines


@dataclass
class ExactCell:
    """The polyhedron that `generators` and `lines` span, and forms ``c.(1, x)`` on it.

    Sets of generators and sets of forms are bit masks.
    """

    forms: Integers  # one row (c_0, ..., c_n) each; zeros for one that vanishes everywhere
    generators: list[list[int]]  # (t, x): vertices t > 0, rays t = 0
    lines: list[list[int]]
    signs: NDArray[np.int8] = field(init=False)  # of the forms on the generators
    tight: list[int] = field(init=False)  # for each form, the generators on which it is zero

    def __post_init__(self) -> None:
        width = self.forms.shape[1]
        self.signs = signs_at(self.forms, object_array(self.generators, width))
        packed = np.packbits(self.signs == 0, axis=1, bitorder="little")
        self.tight = [int.from_bytes(row.tobytes(), "little") for row in packed]

    @classmethod
    def of(cls, forms: Integers, chosen: Sequence[int], cdd: Any) -> ExactCell:
        """Where the forms `chosen` are nonnegative."""
        rows = [forms[k].tolist() for k in chosen]
        return cls(forms, *generators_of(rows, forms.shape[1] - 1, cdd))

    @property
    def n(self) -> int:
        """Dimension of the space."""
        return int(self.forms.shape[1] - 1)

    @cached_property
    def negative(self) -> NDArray[np.int64]:
        """On how many generators each form is negative; a line counts if the form is not zero."""
        count = (self.signs < 0).sum(axis=1)
        if self.lines:
            on_lines = signs_at(self.forms, object_array(self.lines, self.n + 1))
            count = count + (on_lines != 0).sum(axis=1)
        return np.asarray(count, dtype=np.int64)

    @cached_property
    def vanishing(self) -> frozenset[int]:
        """The forms that are identically zero."""
        return frozenset(np.flatnonzero(~(self.forms != 0).any(axis=1)).tolist())

    @property
    def has_interior(self) -> bool:
        """Whether all forms that are not identically zero are positive somewhere."""
        tight = [t for k, t in enumerate(self.tight) if k not in self.vanishing]
        return self.finite != 0 and self.everything not in tight

    @property
    def bounded(self) -> bool:
        """Whether there are neither rays nor lines."""
        return not self.lines and self.finite == self.everything

    @property
    def everything(self) -> int:
        """The set of all generators."""
        return (1 << len(self.generators)) - 1

    @cached_property
    def finite(self) -> int:
        """The generators that are points."""
        return sum(1 << g for g, v in enumerate(self.generators) if v[0])

    def zero_set(self, face: int) -> frozenset[int]:
        """The forms that vanish on a face."""
        return frozenset(k for k, t in enumerate(self.tight) if face & t == face)

    @cached_property
    def _residues(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        width = self.n + 1
        return (
            residues(object_array(self.generators, width)),
            residues(object_array(self.lines, width)),
        )

    def is_facet(self, face: int) -> bool:
        """Whether a face holds n affinely independent generators, a point among them."""
        generators, lines = self._residues
        own = [g for g in range(len(self.generators)) if face >> g & 1]
        if not face & self.finite or face == self.everything:
            return False
        if rank_modulo_prime(np.concatenate([lines, generators[own]]), self.n) == self.n:
            return True
        return self.dimension(face) == self.n - 1

    def dimension(self, face: int) -> int:
        """Dimension of a face."""
        return rank([*self.members(face), *self.lines]) - 1

    def members(self, face: int) -> list[list[int]]:
        """The generators of a face."""
        return [v for g, v in enumerate(self.generators) if face >> g & 1]

    def inner_point(self, face: int) -> list[int]:
        """A point in the relative interior of a face: the sum of its generators."""
        members = self.members(face)
        common = prod(v[0] for v in members if v[0])
        scaled = [[common // v[0] * x for x in v] if v[0] else v for v in members]
        return primitive(sum(column) for column in zip(*scaled, strict=True))

    def vertices(self) -> list[int]:
        """The generators that are vertices of the cell."""
        return [] if self.lines else [g for g, v in enumerate(self.generators) if v[0]]

    # -- what needs the whole face lattice

    @cached_property
    def facets(self) -> list[int]:
        """The inclusion-maximal tight sets of the forms that do not vanish on the cell."""
        sets = {t for t in self.tight if t != self.everything and t & self.finite}
        return sorted(s for s in sets if not any(s & t == s and s != t for t in sets))

    @cached_property
    def faces(self) -> set[int]:
        """All nonempty faces: intersections of facets."""
        found = {self.everything}
        for facet in self.facets:
            found |= {face & facet for face in found}
        return {face for face in found if face & self.finite}

    def volume(self, face: int | None = None, apexes: tuple[int, ...] = ()) -> Fraction:
        """n! times the volume: pull the first vertex, recurse into the facets that avoid it."""
        face = self.everything if face is None else face
        first = (face & -face).bit_length() - 1
        apexes = (*apexes, first)
        if face == 1 << first:
            base, *others = [
                [Fraction(x, self.generators[g][0]) for x in self.generators[g][1:]] for g in apexes
            ]
            return abs(determinant([[a - b for a, b in zip(p, base, strict=True)] for p in others]))
        sides = {face & facet for facet in self.facets} - {face, 0}
        sides = {s for s in sides if not any(s & t == s and s != t for t in sides)}
        return sum((self.volume(s, apexes) for s in sides if not s >> first & 1), Fraction(0))
