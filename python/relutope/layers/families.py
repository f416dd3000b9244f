"""Which families of images have a point in common: a relation of pieces to witnesses.

The witnesses are the images of vertices, and points that linear programs have found. Every family
of the asked size that has a point in common has a witness that lies in all of its members.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ..common.arrays import IntArray
from ..errors import CellLimitError
from .cone_programs import common_point
from .contacts import Contacts
from .pieces import Pieces

__all__ = ["bits", "witnesses"]

Integers = NDArray[np.object_]
Family = tuple[int, ...]
_MOST_FAMILIES = 300_000


def witnesses(
    pieces: Pieces,
    points: Integers,
    name: IntArray,
    contacts: Contacts,
    *,
    size: int,
    tick: Callable[[], None],
) -> list[int]:
    """For each witness, the pieces whose images it is known to lie in, as a bit mask.

    Every family of at most `size` pieces whose images have a point in common is contained in one of
    these sets, and the members of each set do have a point in common.

    Parameters
    ----------
    pieces, points, name, contacts
        As for `contacts_of`, and what that has found.
    size : int
    tick : callable
        Called between linear programs.

    Raises
    ------
    CellLimitError
        If too many families of images have points in common.

    Notes
    -----
    A family with a piece that is mapped injectively, and clean with all the others, has in common
    the image of what the pieces themselves have in common: that of a vertex, or nothing. All other
    families have a crossing pair; they are the ones that are looked at.
    """
    relation = _Relation(pieces, points, name, contacts, tick)
    level: dict[Family, int] = {}
    for pair in sorted(contacts.crossing):
        level[pair] = relation.pair(pair)
    extensions = dict(level)
    for _ in range(3, size):
        larger: dict[Family, int] = {}
        for family, beyond in level.items():
            for j in bits(beyond):
                whole = tuple(sorted((*family, j)))
                larger.setdefault(whole, 0)
                if len(extensions) + len(larger) > _MOST_FAMILIES:
                    raise CellLimitError(
                        f"more than {_MOST_FAMILIES:,} families of images have points in common; "
                        "take a smaller region, or other `layers`",
                        _MOST_FAMILIES,
                    )
        for family in larger:
            larger[family] = relation.extended(family, extensions)
        extensions |= larger
        level = larger
    return relation.sets


def bits(mask: int) -> list[int]:
    """The places of the ones of a bit mask, increasing."""
    found = []
    while mask:
        lowest = mask & -mask
        found.append(lowest.bit_length() - 1)
        mask ^= lowest
    return found


class _Relation:
    """Witnesses that are known, and families that are put to the test."""

    def __init__(
        self,
        pieces: Pieces,
        points: Integers,
        name: IntArray,
        contacts: Contacts,
        tick: Callable[[], None],
    ) -> None:
        self._points = [points[own] for own in pieces.vertices]
        self._contacts = contacts
        self._tick = tick
        count = len(pieces)
        of_name: dict[int, int] = {}
        for i, own in enumerate(pieces.vertices):
            for v in np.unique(name[own]).tolist():
                of_name[v] = of_name.get(v, 0) | 1 << i
        self.sets: list[int] = []
        self._of_piece = [0] * count  # witnesses
        for members in of_name.values():
            self._add(members)
        self._beside = [0] * count
        for i, j in contacts.clean | contacts.crossing:
            self._beside[i] |= 1 << j
            self._beside[j] |= 1 << i
        self._unclean = [0] * count
        for i, j in contacts.crossing:
            self._unclean[i] |= 1 << j
            self._unclean[j] |= 1 << i

    def _add(self, members: int) -> None:
        for i in bits(members):
            self._of_piece[i] |= 1 << len(self.sets)
        self.sets.append(members)

    def pair(self, pair: Family) -> int:
        """Pieces that have a point in common with a crossing pair, which has one itself."""
        i, j = pair
        if not self._of_piece[i] & self._of_piece[j]:
            self._add(1 << i | 1 << j)
        return self._tested(pair, self._beside[i] & self._beside[j])

    def extended(self, family: Family, known: dict[Family, int]) -> int:
        """Pieces that have a point in common with a family that has one itself."""
        beyond = -1
        for i in family:
            beyond &= self._beside[i]
        for part in combinations(family, len(family) - 1):
            beyond &= known.get(part, -1)
        return self._tested(family, beyond)

    def _tested(self, family: Family, candidates: int) -> int:
        shared = -1
        for i in family:
            shared &= self._of_piece[i]
        own = sum(1 << i for i in family)
        met = 0
        for k in bits(shared):
            met |= self.sets[k]
        met &= ~own
        for j in bits(candidates & ~met & ~own):
            whole = (*family, j)
            if self._settled(whole):
                continue
            self._tick()
            if common_point([self._points[i] for i in whole]) is not None:
                self._add(own | 1 << j)
                met |= 1 << j
        return met

    def _settled(self, family: Family) -> bool:
        """Whether a piece is injective and clean with all the others."""
        mask = sum(1 << i for i in family)
        injective = self._contacts.injective
        return any(injective[i] and not self._unclean[i] & mask for i in family)
