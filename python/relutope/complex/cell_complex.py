"""A complex with the geometry of its cells, its faces, its checks and its files."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arguments import checked_index
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import FloatArray, IntArray, read_only
from ..search.problem import Problem
from ..search.solution import solve
from . import geometry, interior, validation
from .cell import Cell
from .halfspaces import halfspaces
from .kernel import Kernel
from .lattice import FaceLattice, Faces

if TYPE_CHECKING:
    import scipy.sparse as sp

__all__ = ["CellComplex"]


@ieee_arithmetic
class CellComplex(Kernel):
    """What the chapters on topology, graphs and decisions need of a complex."""

    # -- cells

    def cell(self, i: int) -> Cell:
        """Cell `i` as a polyhedron: halfspaces, vertices, facets, neighbours, affine map.

        Parameters
        ----------
        i : int
            A cell.

        Returns
        -------
        Cell

        Raises
        ------
        IndexError
            If there is no such cell.
        """
        i = checked_index(i, self.n_cells)
        facets = np.arange(
            self.solution.arrays.facet_begin[i], self.solution.arrays.facet_begin[i + 1]
        )
        ids = self.solution.arrays.facet_id[facets].astype(np.int64)
        sides = self.solution.problem.infinite_sides
        facets = facets[[not (f < 0 and sides[-1 - f]) for f in ids]]
        ids = self.solution.arrays.facet_id[facets].astype(np.int64)
        A, b = halfspaces(self.solution.problem, self.patterns[i], ids)
        own = self.cell_vertices[i]
        finite = own[own < self.n_finite_vertices] if not self.lineality_dim else own[:0]
        return Cell(
            index=i,
            pattern=self.patterns[i],
            A=A,
            b=b,
            facets=list(self.solution.arrays.zero_sets(facets, sides_too=True)),
            neighbours=self.solution.arrays.facet_neighbour[facets].astype(np.int64),
            vertices=self.solution.vertex_coordinates[finite],
            rays=geometry.rays(self, own, ids),
            interior_point=self.interior_points[i],
            bounded=bool(self.bounded[i]),
            affine_map=self.affine_map(i),
        )

    def locate(self, X: ArrayLike) -> IntArray:
        """The cell of each row of `X`, shape (k, n); -1 outside the domain.

        Exact for the given doubles. A point on the boundary between cells belongs to the lowest of
        the closed cells that contain it.

        Parameters
        ----------
        X : array_like, shape (k, n)
            Points.

        Returns
        -------
        ndarray of int64, shape (k,)
        """
        return geometry.locate(self, self.solution.problem, X)

    # -- faces

    @cached_property
    def lattice(self) -> FaceLattice:
        """All faces in their essential dimensions, those at infinity included."""
        return FaceLattice(self)

    def faces(self, k: int) -> Faces:
        """All faces of dimension `k`, 0 to n, with what they touch.

        Faces of dimension 0 are the vertices and faces of dimension n the cells, with their
        numbers; the others are numbered by the first cell that has them. There are
        ``f_vector[k]``; faces at infinity are none of them. Over a domain with lines, vertices are
        those of the slice in which `vertices` would lie, as in `cell_vertices`.

        Parameters
        ----------
        k : int
            Dimension.

        Returns
        -------
        Faces

        Raises
        ------
        ValueError
            If `k` is not between 0 and n.
        """
        return self.lattice.faces(k)

    def boundary_matrix(self, k: int) -> sp.csc_array:
        """The boundary of each face of dimension `k`, 1 to n, in faces of dimension k - 1.

        An edge runs from its lower to its higher vertex, the lowest facet of a face of higher
        dimension has the entry 1, and all cells are oriented alike, as cell 0 is by these rules:
        the sum of their boundaries is supported on the domain's boundary.
        ``boundary_matrix(k - 1) @ boundary_matrix(k)`` is zero over the integers.

        Over an unbounded domain the chains are locally finite: the homology is that of Borel and
        Moore, or the reduced homology of the one-point compactification.

        Parameters
        ----------
        k : int
            Dimension.

        Returns
        -------
        scipy.sparse.csc_array of int8, shape (f_(k-1), f_k)
            Entries 1, -1 and 0. Cast it before multiplying: products may not fit into an int8.

        Raises
        ------
        ValueError
            If `k` is not between 1 and n.
        """
        return self.lattice.boundary_matrix(k)

    def incidence(self, low: int, high: int) -> sp.csr_array:
        """Which faces of dimension `low` lie in which faces of dimension `high`.

        Parameters
        ----------
        low, high : int
            Dimensions.

        Returns
        -------
        scipy.sparse.csr_array of bool, shape (f_low, f_high)

        Raises
        ------
        ValueError
            Unless 0 <= low <= high <= n.
        """
        return self.lattice.incidence(low, high)

    # -- inside, and measures

    @cached_property
    def interior_points(self) -> FloatArray:
        """A point of each cell's interior, shape (n_cells, n).

        Certified to lie strictly inside where `interior_certified` is True: everywhere but in cells
        of a few units in the last place, in which no point with double coordinates was found. There
        it is the centroid of the vertices, rounded; `exact_interior_point` serves every cell.
        """
        return self._interior[0]

    @property
    def interior_certified(self) -> NDArray[np.bool_]:
        """Whether each of `interior_points` is proven to lie strictly inside, shape (n_cells,)."""
        return self._interior[1]

    @cached_property
    def _interior(self) -> tuple[FloatArray, NDArray[np.bool_]]:
        points, certified = interior.interior_points(self)
        return read_only(points), read_only(certified)

    def exact_interior_point(self, i: int) -> list[Fraction]:
        """A rational point strictly inside cell `i`, however small the cell is.

        Parameters
        ----------
        i : int
            A cell.

        Returns
        -------
        list of Fraction, length n
        """
        return interior.exact_interior_point(self, checked_index(i, self.n_cells))

    @cached_property
    def facet_measure(self) -> FloatArray:
        """(n - 1)-dimensional measure of each shared facet, shape (n_edges,); 1 if n is 1.

        Infinite where a facet is unbounded.
        """
        return read_only(geometry.facet_measures(self))

    @cached_property
    def cell_volumes(self) -> FloatArray:
        """n-dimensional volume of each cell, shape (n_cells,); infinite if unbounded."""
        return read_only(geometry.cell_volumes(self))

    # -- cut further

    def refine_by_output(self, level: float = 0.0) -> Self:
        """The complex in which cells are also cut where the one output equals `level`.

        ``f - level`` becomes one more hidden neuron, the last: its column of `patterns` and
        `vertex_signs` is the sign of ``f - level``, exactly.

        Parameters
        ----------
        level : float
            Taken as exactly this double.

        Returns
        -------
        Complex
        """
        network = self.network.minus_level(level)
        return type(self)(
            solve(Problem(network, self.domain, "sign"), threads=self.solution.threads)
        )

    @cached_property
    def refined_by_class(self) -> Self:
        """The complex in which cells are also cut where another output becomes the largest."""
        if self.n_output_neurons:
            return self
        problem = Problem.of_outputs(self.network, self.domain, "argmax")
        return type(self)(solve(problem, threads=self.solution.threads))

    # -- checks and files

    def validate(self) -> None:
        """Checks the invariants of a complete complex.

        Patterns are distinct and sorted; every facet is on the domain's boundary or shared with
        exactly one other cell, which names the same forms, so no cell is missing (the domain minus
        its faces of codimension 2 is connected); patterns differ only in neurons that vanish on the
        facet; the Euler characteristic is 1 in a box and (-1)^n on R^n.

        Raises
        ------
        InvalidComplexError
            Names the broken invariant.
        """
        validation.validate(self)

    def save(self, path: str | Path) -> None:
        """Writes the complex to one ``.npz`` file, which is complete or not there at all.

        Parameters
        ----------
        path : str or Path

        See Also
        --------
        load
        """
        from . import storage

        storage.save(self, path)

    def __repr__(self) -> str:
        where = "R^n" if self.domain is None else f"{self.domain!r}"
        if len(where) > 60:
            where = f"a box in R^{self.dim}"
        return (
            f"{type(self).__name__}({self.n_cells:,} cells, {self.n_edges:,} shared facets; "
            f"{self.network!r} over {where})"
        )
