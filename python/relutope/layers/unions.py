"""Betti numbers of a union of convex sets, from witnesses of what these have in common.

By the nerve theorem the union has the homotopy type of the nerve: the simplicial complex of the
families that have a point in common. That is also the homotopy type of its dual, whose simplices
are sets of witnesses in one convex set (Dowker 1952). Members that only repeat what others say are
left out first, on both sides in turn: this is a strong collapse, which keeps the homotopy type.
"""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np

from ..common.arrays import IntArray
from ..errors import CellLimitError
from ..topology.chains import simplex_tree
from .families import bits

__all__ = ["betti_of_union"]

_MOST_SIMPLICES = 3_000_000


def betti_of_union(sets: list[int], n: int, field: int) -> IntArray:
    """Betti numbers (n + 1,) over GF(field) of a union of convex sets of dimension at most n.

    Parameters
    ----------
    sets : list of int
        For each witness a bit mask of the convex sets that it lies in; each family of at most n + 2
        of them that has a point in common is contained in one of the masks.
    n : int
    field : int

    Raises
    ------
    CellLimitError
        If the nerve is too large.
    """
    rows, columns = _collapsed(sets)
    if len(rows) == 1 or len(columns) == 1:
        return np.array([1] + [0] * n, dtype=np.int64)
    size = n + 2  # homology of dimension n depends on simplices of dimension n + 1 at most
    facets = min((rows, columns), key=lambda side: _simplices(side, size))
    if _simplices(facets, size) > _MOST_SIMPLICES:
        raise CellLimitError(
            f"the nerve of the images has more than {_MOST_SIMPLICES:,} simplices; take a smaller "
            "region, or other `layers`",
            _MOST_SIMPLICES,
        )
    tree = simplex_tree()
    for facet in facets:
        members = bits(facet)
        if len(members) <= size:
            tree.insert(members)
        else:
            faces = np.array(list(combinations(members, size)), dtype=np.int32)
            tree.insert_batch(np.ascontiguousarray(faces.T), np.zeros(len(faces)))
    tree.compute_persistence(homology_coeff_field=field, persistence_dim_max=True)
    numbers = np.zeros(n + 1, dtype=np.int64)
    found = tree.betti_numbers()[: n + 1]
    numbers[: len(found)] = found
    return numbers


def _simplices(facets: list[int], size: int) -> int:
    """How many simplices of at most `size` vertices are inserted, repeated ones included."""
    return sum(comb(facet.bit_count(), min(size, facet.bit_count())) for facet in facets)


def _collapsed(sets: list[int]) -> tuple[list[int], list[int]]:
    """Masks of witnesses and of sets, none of which is contained in another of its kind."""
    side = sets
    while True:
        kept = _maximal(side)
        other = _transposed(kept)
        reduced = _maximal(other)
        if len(reduced) == len(other):
            return kept, other
        side = _transposed(reduced)


def _maximal(masks: list[int]) -> list[int]:
    """The masks that are contained in no other, each once."""
    found: list[int] = []
    holding: dict[int, list[int]] = {}  # for each bit, the kept masks that have it
    for mask in sorted(set(masks), key=lambda m: (-m.bit_count(), m)):
        rarest = min((holding.get(b, []) for b in bits(mask)), key=len, default=[])
        if any(mask & other == mask for other in rarest):
            continue
        found.append(mask)
        for b in bits(mask):
            holding.setdefault(b, []).append(mask)
    return found


def _transposed(masks: list[int]) -> list[int]:
    """For each bit that occurs, which masks have it."""
    columns: dict[int, int] = {}
    for k, mask in enumerate(masks):
        for b in bits(mask):
            columns[b] = columns.get(b, 0) | 1 << k
    return [columns[b] for b in sorted(columns)]
