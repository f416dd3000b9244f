"""Cells that can be asked for one by one, as `Complex` and `Exploration` have them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from ..common.arithmetic import ieee_arithmetic
from ..complex.faceted import FacetedCells

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from ..graph.dual import Weight

__all__ = ["CellSequence"]

OneCell = TypeVar("OneCell", covariant=True)


@ieee_arithmetic
class CellSequence(FacetedCells, Generic[OneCell]):
    """A sequence of cells, which are also found by their patterns, and their dual graph."""

    @abstractmethod
    def cell(self, i: int) -> OneCell:
        """Cell number `i` as a polyhedron."""

    def __getitem__(self, which: int | ArrayLike) -> OneCell:
        """Cell number `which`, or the cell with this activation pattern.

        Raises
        ------
        IndexError
            If there is no such cell.
        KeyError
            If no cell has this pattern.
        """
        pattern = np.asarray(which)
        if pattern.ndim == 0:
            return self.cell(which)  # type: ignore[arg-type]
        if pattern.shape != (self.n_neurons,):
            raise KeyError(f"a pattern has shape ({self.n_neurons},), got {pattern.shape}")
        found = np.flatnonzero((self.patterns == pattern.astype(np.bool_)).all(axis=1))
        if len(found) == 0:
            raise KeyError("no cell has this activation pattern")
        return self.cell(int(found[0]))

    def __iter__(self) -> Iterator[OneCell]:
        return (self.cell(i) for i in range(self.n_cells))

    def dual_graph(self, weight: Weight = "unit") -> csr_array:
        """The weighted adjacency matrix of the dual graph; see `relutope.dual_graph`.

        Parameters
        ----------
        weight : str
            Weight of the edge between two cells. A local search knows no measures of facets.

        Returns
        -------
        scipy.sparse.csr_array, shape (n_cells, n_cells)

        See Also
        --------
        relutope.dual_graph
        """
        from ..graph.dual import dual_graph

        return dual_graph(self, weight)
