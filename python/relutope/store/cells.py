"""Cells of a store as they are asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import BoolArray, FloatArray
from ..common.ragged import Ragged
from .cell_files import CellFiles
from .patterns import unpacked

__all__ = ["StoredCells", "StoredPatterns"]


@dataclass(frozen=True, eq=False)
class StoredCells:
    """Some consecutive cells of a store.

    Attributes
    ----------
    first : int
        Number of the first one.
    patterns : ndarray of bool, shape (k, N)
    facets : Ragged or None
        For each cell the neuron that names each facet, or -1 - side of the domain; as
        `Cell.facets`, but for the first that vanishes there alone. None of the LP engine.
    interior_points : ndarray of float64, shape (k, n), or None
        From the LP engine: a point in each cell, rounded.
    """

    first: int
    patterns: BoolArray
    facets: Ragged | None
    interior_points: FloatArray | None

    def __len__(self) -> int:
        return len(self.patterns)


@ieee_arithmetic
class StoredPatterns:
    """Activation patterns of a store's cells, read when they are asked for.

    Parameters
    ----------
    cells : CellFiles
    n_neurons : int

    Attributes
    ----------
    shape : tuple of int
        (n_cells, N)
    """

    dtype = np.dtype(np.bool_)

    def __init__(self, cells: CellFiles, n_neurons: int) -> None:
        self._cells = cells
        self.shape = (len(cells), n_neurons)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, which: int | slice | ArrayLike) -> BoolArray:
        """Rows by number, slice, or array of numbers."""
        if isinstance(which, slice):
            rows = np.arange(*which.indices(len(self)))
        else:
            rows = np.asarray(which)
            if rows.dtype.kind not in "iu":
                raise TypeError("`which` must be a number, a slice, or an array of numbers")
            if rows.size and not (-len(self) <= rows.min() and rows.max() < len(self)):
                raise IndexError(f"`which` is out of range: there are {len(self)} cells")
            rows = np.where(rows < 0, rows + len(self), rows)
        found = unpacked(self._cells.patterns(np.atleast_1d(rows)), self.shape[1])
        return found if rows.ndim else found[0]
