"""Cells of a local search, with all their facets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arguments import checked_index
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import BoolArray, FloatArray, IntArray, read_only
from ..common.ragged import Ragged
from ..complex.cells import Cells, cells_of
from ..complex.geometry import locate
from ..complex.halfspaces import halfspaces
from ..domain.box import Box
from ..domain.polytope import Polytope
from ..network.core import point_signs
from ..network.network import Network
from ..search.frames import frame_of
from ..search.problem import Problem
from ..search.starts import are_inside
from .explored_cell import ExploredCell
from .explorer import explorer
from .sequence import CellSequence
from .stored_exploration import Order

__all__ = ["ExploredCells"]


@ieee_arithmetic
class ExploredCells(CellSequence[ExploredCell]):
    """What a local search knows of the cells that it has explored.

    Parameters
    ----------
    problem : Problem
    order : {"bfs", "nearest"}
    x0 : ndarray of float64, shape (n,)
    """

    def __init__(self, problem: Problem, order: Order, x0: FloatArray) -> None:
        self._problem = problem
        self._frame = frame_of(problem)
        self._core = explorer(problem, self._frame, x0, order)
        self._kept: tuple[int, dict[str, Any]] = (-1, {})  # of so many cells

    def _known(self, name: str, find: Callable[[], Any]) -> Any:
        """What `find` gives, kept until there are more cells; arrays cannot be written to."""
        count = self.n_cells
        if self._kept[0] != count:
            self._kept = count, {}
        kept = self._kept[1]
        if name not in kept:
            found = find()
            kept[name] = read_only(found) if isinstance(found, np.ndarray) else found
        return kept[name]

    # -- counts

    @property
    def network(self) -> Network:
        return self._problem.network

    @property
    def domain(self) -> Box | Polytope | None:
        """Where the search stays; None is all of R^n."""
        return self._problem.domain

    @property
    def n_output_neurons(self) -> int:
        """How many of the neurons, the last ones, compare outputs; see `Complex`."""
        return self._problem.n_output_neurons

    @property
    def n_cells(self) -> int:
        """Number of explored cells."""
        return self._core.num_cells

    # -- cells

    @property
    def patterns(self) -> BoolArray:
        """Activation patterns of the explored cells in their order, shape (n_cells, N)."""
        patterns: BoolArray = self._known(
            "patterns", lambda: _unpacked(self._core.patterns, self.n_neurons)
        )
        return patterns

    @property
    def interior_points(self) -> FloatArray:
        """A point of each explored cell, shape (n_cells, n); see `interior_certified`."""
        points: FloatArray = self._known("points", lambda: self._frame.inputs(self._core.points))
        return points

    @property
    def interior_certified(self) -> BoolArray:
        """Whether each of `interior_points` is proven to be strictly inside, shape (n_cells,).

        Points are found, and proven to be inside, in the coordinates in which a cell is explored.
        Where these are the units of the first layer, the points of the input space are rounded,
        which very thin cells do not survive.
        """
        certified: BoolArray = self._known("certified", self._certified)
        return certified

    def _certified(self) -> BoolArray:
        points, patterns = self.interior_points, self.patterns
        finite = np.asarray(np.isfinite(points).all(axis=1))
        points = np.where(finite[:, None], points, 0.0)
        signs = point_signs(self.network, points)
        certified: BoolArray = finite & ((signs > 0) == patterns).all(axis=1)
        for i in np.flatnonzero(certified & (signs == 0).any(axis=1)):
            # No facet holds the point, so what vanishes there vanishes on the whole cell.
            certified[i] = all(signs[i, zeros].any() for zeros in self.facets(int(i)))
        return np.asarray(certified & are_inside(points, self.domain))

    @property
    def distances(self) -> FloatArray:
        """Euclidean distance of each explored cell from `x0`, shape (n_cells,), rounded.

        Increasing, but for rounding. NaN with ``order="bfs"``, which does not need them, but for
        cell 0.
        """
        return self._core.distances

    def cell(self, i: int) -> ExploredCell:
        """Cell `i` as a polyhedron: halfspaces, facets, neighbours, affine map.

        Parameters
        ----------
        i : int
            A cell.

        Returns
        -------
        ExploredCell

        Raises
        ------
        IndexError
            If there is no such cell.
        """
        i = checked_index(i, self.n_cells)
        begin, end = self._range(i)
        sides = -1 - np.flatnonzero(self._problem.infinite_sides == 0)
        names = np.concatenate([self._facets["neuron"][begin:end].astype(np.int64), sides])
        A, b = halfspaces(self._problem, self.patterns[i], names)
        return ExploredCell(
            index=i,
            pattern=self.patterns[i],
            A=A,
            b=b,
            facets=[*self.facets(i), *sides[:, None]],
            neighbours=np.concatenate([self.facet_neighbours(i), np.full(len(sides), -1)]),
            interior_point=self.interior_points[i],
            affine_map=self.affine_map(i),
        )

    @property
    def zero_neurons(self) -> tuple[IntArray, IntArray]:
        """Neurons that vanish on whole cells, as pairs (cell, neuron) in two arrays.

        Of a cell in which no double is proven to lie, they are what vanishes on all of two facets.
        """
        signs = point_signs(self.network, np.nan_to_num(self.interior_points))
        vanish = (signs == 0) & self.interior_certified[:, None]
        for i in np.flatnonzero(~self.interior_certified & (self.n_facets > 1)).tolist():
            facets = self.facets(i)
            vanish[i, np.intersect1d(facets[0], facets[1])] = True
        cell, neuron = np.nonzero(vanish)
        return cell, neuron

    def locate(self, X: ArrayLike) -> IntArray:
        """The explored cell of each row of `X`, shape (k, n); -1 where none is explored.

        Exact for the given doubles. A point on the boundary between cells belongs to the first
        explored one of the closed cells that contain it.

        Parameters
        ----------
        X : array_like, shape (k, n)
            Points.

        Returns
        -------
        ndarray of int64, shape (k,)

        See Also
        --------
        Complex.locate
        """
        return locate(self, self._problem, X)

    # -- facets

    @property
    def _facets(self) -> Mapping[str, Any]:
        facets: Mapping[str, Any] = self._known("facets", self._core.facets)
        return facets

    @property
    def n_facets(self) -> IntArray:
        """Number of facets of each explored cell inside the domain, shape (n_cells,)."""
        return np.asarray(np.diff(self._facets["begin"]))

    def facets(self, i: int) -> list[IntArray]:
        """The facets of cell `i` that other cells share, as sets of neurons that vanish there.

        Facets on the boundary of the domain are not among them.

        Parameters
        ----------
        i : int
            A cell.

        Returns
        -------
        list of ndarray of int64
        """
        begin, end = self._range(i)
        return list(self._facet_zeros[begin:end])

    def facet_neighbours(self, i: int) -> IntArray:
        """The cell beyond each of ``facets(i)``; -1 where it is not explored.

        ``neighbours(i)`` are those that are explored, increasing.

        Parameters
        ----------
        i : int
            A cell.

        Returns
        -------
        ndarray of int64
        """
        begin, end = self._range(i)
        result: IntArray = self._facets["neighbour"][begin:end]
        return result

    def neighbour_patterns(self, i: int) -> BoolArray:
        """Activation pattern of the cell beyond each of ``facets(i)``, explored or not.

        Parameters
        ----------
        i : int
            A cell.

        Returns
        -------
        ndarray of bool, shape (k, N)
        """
        cell = checked_index(i, self.n_cells)
        return _unpacked(self._core.neighbour_patterns(cell), self.network.n_neurons)

    def facet_distances(self, i: int) -> FloatArray:
        """Euclidean distance of `x0` from each of ``facets(i)``, rounded.

        The facets' own, not their hyperplanes'.

        Parameters
        ----------
        i : int
            A cell.

        Returns
        -------
        ndarray of float64

        Raises
        ------
        IndexError
            If there is no such cell.
        """
        return np.array(self._core.facet_distances(checked_index(i, self.n_cells)))

    def _facet_table(self) -> tuple[IntArray, IntArray]:
        return self._facets["begin"], self._facets["neighbour"]

    def _zero_sets(self, facets: IntArray) -> Ragged:
        return self._facet_zeros[facets]

    @property
    def _facet_zeros(self) -> Ragged:
        return Ragged(self._facets["zero_begin"], self._facets["zeros"].astype(np.int64))

    def _range(self, i: int) -> tuple[int, int]:
        cell = checked_index(i, self.n_cells)
        return int(self._facets["begin"][cell]), int(self._facets["begin"][cell + 1])


@cells_of.register
def _(source: ExploredCells) -> Cells:
    return source


def _unpacked(words: NDArray[np.uint64], n_neurons: int) -> BoolArray:
    """Packed patterns, shape (k, words), as bits, shape (k, n_neurons)."""
    octets = np.ascontiguousarray(words).view(np.uint8)
    bits = np.unpackbits(octets, axis=1, count=n_neurons, bitorder="little")
    return bits.view(np.bool_)
