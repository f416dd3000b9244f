"""Cells and facets in flat arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..common.arrays import read_only
from ..common.ragged import Ragged

__all__ = ["CellArrays", "edges_of"]


@dataclass(frozen=True, eq=False)
class CellArrays:
    """Cells and facets as the core reports them.

    Attributes
    ----------
    patterns : ndarray of uint64, shape (n_cells, words)
        Neuron i is bit i % 64 of word i // 64.
    facet_begin : ndarray of int64, shape (n_cells + 1,)
    facet_id, facet_neighbour : ndarray of int32
        The neuron (or -1 - side) that names each facet; the cell behind it, -1 on the boundary.
    special_facet, special_begin, special_ids : ndarray
        Facets on which several forms vanish (sorted), and which.
    zero_cell, zero_neuron : ndarray
        Neurons that vanish on a whole cell.
    """

    patterns: NDArray[np.uint64]
    facet_begin: NDArray[np.int64]
    facet_id: NDArray[np.int32]
    facet_neighbour: NDArray[np.int32]
    special_facet: NDArray[np.int64]
    special_begin: NDArray[np.int64]
    special_ids: NDArray[np.int32]
    zero_cell: NDArray[np.int64]
    zero_neuron: NDArray[np.int32]

    def __post_init__(self) -> None:
        for name in _NAMES:
            array = getattr(self, name)
            if array.flags.writeable:  # the core's are not
                object.__setattr__(self, name, read_only(array.view()))

    def __reduce__(self) -> tuple[Any, ...]:
        return CellArrays, _ARRAYS(self)

    @classmethod
    def from_core(cls, cells: _core.CellComplex) -> CellArrays:
        """Views of the core's arrays."""
        return cls(*_ARRAYS(cells))

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(array.nbytes for array in _ARRAYS(self))

    def edges(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """See `edges_of`."""
        return edges_of(self.facet_begin, self.facet_neighbour)

    def zero_sets(self, facets: NDArray[np.int64], sides_too: bool = False) -> Ragged:
        """All that vanishes on each of the facets; neurons only unless `sides_too`."""
        place = np.searchsorted(self.special_facet, facets)
        place[place == len(self.special_facet)] = 0
        special = np.zeros(len(facets), dtype=np.bool_)
        if len(self.special_facet):
            special = self.special_facet[place] == facets
        count = np.ones(len(facets), dtype=np.int64)
        count[special] = np.diff(self.special_begin)[place[special]]
        indptr = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        ids = np.empty(indptr[-1], dtype=np.int64)
        ids[indptr[:-1][~special]] = self.facet_id[facets[~special]]
        for row in np.flatnonzero(special):
            k = place[row]
            ids[indptr[row] : indptr[row + 1]] = self.special_ids[
                self.special_begin[k] : self.special_begin[k + 1]
            ]
        if sides_too:
            return Ragged(indptr, ids)
        neuron = ids >= 0
        kept = np.concatenate([[0], np.cumsum(neuron)]).astype(np.int64)
        return Ragged(kept[indptr], ids[neuron])


_NAMES = tuple(field.name for field in fields(CellArrays))
_ARRAYS = attrgetter(*_NAMES)


def edges_of(
    facet_begin: NDArray[np.int64], facet_neighbour: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs i < j of cells that share a facet, in order, and which of all facets it is for i."""
    return _core.edges_of(facet_begin, facet_neighbour.astype(np.int32, copy=False))
