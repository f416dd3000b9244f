"""What complexes, parts of them and local searches know alike: cells, and which share facets."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from ..common.arguments import checked_index
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import BoolArray, FloatArray, IntArray, read_only
from ..common.ragged import Ragged
from ..network.maps import affine_maps
from ..network.network import Network
from ..search.cell_arrays import edges_of

__all__ = ["FacetedCells"]


@ieee_arithmetic
class FacetedCells(ABC):
    """Cells with their patterns, facets and affine maps, as far as they are known.

    Facets are held cell by cell. Who derives from this says how many cells there are, what their
    patterns are, and where their facets stand.
    """

    _known_adjacency: tuple[int, IntArray] | None = None  # of so many cells
    _known_facets: tuple[int, Ragged] | None = None

    @property
    @abstractmethod
    def network(self) -> Network:
        """The network, with the neurons that compare its outputs if cells are cut by them."""

    @property
    @abstractmethod
    def n_output_neurons(self) -> int:
        """How many of the neurons, the last ones, compare outputs.

        0 unless cells were cut by the outputs' decision, see `decompose`. The network's own neurons
        have the columns before: ``patterns[:, : n_neurons - n_output_neurons]``.
        """

    @property
    @abstractmethod
    def n_cells(self) -> int:
        """Number of cells."""

    @property
    @abstractmethod
    def patterns(self) -> BoolArray:
        """Activation patterns, bool, shape (n_cells, N)."""

    @abstractmethod
    def _facet_table(self) -> tuple[IntArray, IntArray | NDArray[np.int32]]:
        """Where each cell's facets begin, and the cell behind each, negative where none is known.

        A facet that two of the cells share stands in the table twice.
        """

    @abstractmethod
    def _zero_sets(self, facets: IntArray) -> Ragged:
        """The neurons that vanish on these facets of the table."""

    @property
    def dim(self) -> int:
        """Number n of inputs, the dimension of the cells."""
        return self.network.input_dim

    @property
    def n_neurons(self) -> int:
        """Number N of hidden neurons."""
        return self.network.n_neurons

    def __len__(self) -> int:
        return self.n_cells

    @property
    def n_edges(self) -> int:
        """Number of pairs of adjacent cells, which is the number of shared facets."""
        return int(np.count_nonzero(self._facet_table()[1] >= 0)) // 2

    def neighbours(self, i: int) -> IntArray:
        """The cells that share a facet with cell `i`, increasing.

        Parameters
        ----------
        i : int
            A cell.

        Returns
        -------
        ndarray of int64

        Raises
        ------
        IndexError
            If there is no such cell.
        """
        begin, neighbour = self._facet_table()
        i = checked_index(i, len(begin) - 1)
        beyond = neighbour[begin[i] : begin[i + 1]]
        return np.sort(beyond[beyond >= 0]).astype(np.int64)

    @property
    def adjacency(self) -> IntArray:
        """Adjacent cells as pairs i < j, int64, shape (n_edges, 2), rows in lexicographic order.

        Cells are adjacent iff they share a face of dimension n - 1.
        """
        known = self._known_adjacency
        if known is None or known[0] != self.n_cells:
            n_cells, pairs, _ = self._edges()
            self._known_adjacency = known = n_cells, read_only(pairs)
        return known[1]

    @property
    def facet_neurons(self) -> Ragged:
        """For each edge, all neurons whose preactivation vanishes on the shared facet.

        One neuron in general position. Neurons that vanish on both cells as a whole are included:
        this is the zero set of the facet's sign vector.
        """
        known = self._known_facets
        if known is None or known[0] != self.n_cells:
            n_cells, _, facets = self._edges()
            zeros = self._zero_sets(facets)
            self._known_facets = known = (
                n_cells,
                Ragged(read_only(zeros.indptr), read_only(zeros.indices)),
            )
        return known[1]

    def _edges(self) -> tuple[int, IntArray, IntArray]:
        """Number of cells, the rows of `adjacency`, and the facet of each in the table."""
        begin, neighbour = self._facet_table()
        pairs, facets = edges_of(begin, neighbour)
        return len(begin) - 1, pairs, facets

    def affine_maps(self) -> tuple[FloatArray, FloatArray]:
        """The affine maps of all cells, shapes (n_cells, m, n) and (n_cells, m).

        Returns
        -------
        tuple of ndarray
        """
        return affine_maps(self.network, self.patterns)

    def affine_map(self, i: int) -> tuple[FloatArray, FloatArray]:
        """``(A, c)`` with ``f(x) = A x + c`` on cell `i`; shapes (m, n) and (m,), rounded.

        Parameters
        ----------
        i : int
            A cell.

        Returns
        -------
        tuple of ndarray

        Raises
        ------
        IndexError
            If there is no such cell.
        """
        i = checked_index(i, self.n_cells)
        A, c = affine_maps(self.network, self.patterns[i : i + 1])
        return A[0], c[0]
