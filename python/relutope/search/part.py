"""Some of the cells of a problem."""

from __future__ import annotations

from dataclasses import dataclass

from ..domain.box import Box
from ..domain.polytope import Polytope
from ..network.network import Network
from .cell_arrays import CellArrays

__all__ = ["Part"]


@dataclass(frozen=True)
class Part:
    """What was found of a problem when its search was stopped.

    Across a facet of these cells behind which no cell was found, the neighbour is -2.
    """

    network: Network
    domain: Box | Polytope | None
    n_output_neurons: int
    arrays: CellArrays
    facets_known: bool
