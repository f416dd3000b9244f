"""Some of the cells of a problem."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import _core
from ..domain.box import Box
from ..domain.polytope import Polytope
from ..network.network import Network
from .cell_arrays import CellArrays

__all__ = ["Part", "known_arrays"]


@dataclass(frozen=True)
class Part:
    """What was found of a problem when its search was stopped.

    Across a facet of these cells behind which no cell was found, the neighbour is -2.
    """

    network: Network
    domain: Box | Polytope | None
    arrays: CellArrays
    facets_known: bool


def known_arrays(cells: _core.CellComplex | _core.LpCells) -> tuple[CellArrays, bool]:
    """The arrays, and whether they have facets: the LP engine comes to them after all cells."""
    if isinstance(cells, _core.CellComplex):
        return CellArrays.from_core(cells), True
    none, no_ids = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32)
    begin, ends = np.zeros(cells.num_cells + 1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    arrays = CellArrays(cells.patterns, begin, no_ids, no_ids, none, ends, no_ids, none, no_ids)
    return arrays, False
