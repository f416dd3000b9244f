"""The polyhedral complex of a network."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core
from ..common.ragged import Ragged
from ..complex import geometry, interior, storage, validation
from ..complex.cell import Cell
from ..domain.box import Box
from ..domain.polytope import Polytope
from ..network import maps
from ..network.network import Network
from ..network.output_neurons import n_output_neurons
from ..search.problem import Problem

if TYPE_CHECKING:
    import scipy.sparse as sp
    from matplotlib.axes import Axes

    from ..complex.lattice import FaceLattice, Faces
    from ..topology.subcomplex import Subcomplex

__all__ = ["Complex"]

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


class Complex:
    """All cells of a network's input space, with their facets, neighbours and faces.

    Made by `decompose`; read again by `load`. Cells are numbered in increasing lexicographic order
    of their patterns. Patterns, facets and adjacency are held; vertices and what needs them are
    computed when first asked for, by running the search once more, and then kept.

    Attributes
    ----------
    network : Network
    domain : Box, Polytope or None
        None is all of R^n.
    stats : dict
        Engine, time in seconds, threads, how many signs each stage of the predicates decided, and
        `outputs` as given to `decompose`, if it was.
    """

    def __init__(self, problem: Problem, arrays: storage.CellArrays, stats: dict[str, Any]) -> None:
        self._problem = problem
        self._links = arrays  # facets on the domain's boundary may be missing
        self._core_cells: _core.CellComplex | None = None
        self._found: _core.LpCells | None = None  # by the LP engine
        self.stats = stats

    @classmethod
    def from_core(
        cls,
        problem: Problem,
        cells: _core.CellComplex,
        stats: dict[str, Any],
        found: _core.LpCells | None = None,
    ) -> Complex:
        """A complex around what the core has found; the LP engine's cells are `found`."""
        result = cls(problem, storage.CellArrays.from_core(cells), stats)
        result._found = found
        if found is None:
            result._core_cells = cells
        return result

    @cached_property
    def _arrays(self) -> storage.CellArrays:
        """Cells with all their facets, those on the domain's boundary included."""
        if self._found is None:
            return self._links
        return storage.CellArrays.from_core(self._cells())

    # -- sizes

    @property
    def network(self) -> Network:
        """The network that was decomposed."""
        return self._problem.network

    @property
    def domain(self) -> Box | Polytope | None:
        """The domain; None is all of R^n."""
        return self._problem.domain

    @property
    def dim(self) -> int:
        """Number n of inputs, the dimension of the cells."""
        return self.network.input_dim

    @property
    def lineality_dim(self) -> int:
        """Dimension of the space of directions along which every cell is invariant."""
        return self._problem.lineality_dim

    @property
    def n_neurons(self) -> int:
        """Number N of hidden neurons."""
        return self.network.n_neurons

    @property
    def n_output_neurons(self) -> int:
        """How many of the neurons, the last ones, compare outputs.

        0 unless cells were cut by the outputs' decision, see `decompose`. The network's own neurons
        have the columns before: ``patterns[:, : n_neurons - n_output_neurons]``.
        """
        cut = self.stats.get("outputs") is not None
        return n_output_neurons(self.network.output_dim) if cut else 0

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return len(self._links.facet_begin) - 1

    @cached_property
    def n_edges(self) -> int:
        """Number of pairs of adjacent cells, which is the number of shared facets."""
        return int(np.count_nonzero(self._links.facet_neighbour >= 0)) // 2

    # -- cells and adjacency

    @cached_property
    def patterns(self) -> NDArray[np.bool_]:
        """Activation patterns, bool, shape (n_cells, N); rows increase lexicographically."""
        packed = self._links.patterns.view(np.uint8)
        bits = np.unpackbits(packed, axis=1, count=self.n_neurons, bitorder="little")
        return bits.view(np.bool_)

    @cached_property
    def _edges(self) -> tuple[IntArray, IntArray]:
        begin, neighbour = self._links.facet_begin, self._links.facet_neighbour
        cell = np.repeat(np.arange(self.n_cells), np.diff(begin))
        facet = np.flatnonzero(neighbour > cell)
        pairs = np.column_stack([cell[facet], neighbour[facet]]).astype(np.int64)
        order = np.lexsort((pairs[:, 1], pairs[:, 0]))
        return pairs[order], facet[order]

    @property
    def adjacency(self) -> IntArray:
        """Adjacent cells as pairs i < j, int64, shape (n_edges, 2), rows in lexicographic order.

        Cells are adjacent iff they share a face of dimension n - 1.
        """
        return self._edges[0]

    @cached_property
    def facet_neurons(self) -> Ragged:
        """For each edge, all neurons whose preactivation vanishes on the shared facet.

        One neuron in general position. Neurons that vanish on both cells as a whole are included:
        this is the zero set of the facet's sign vector.
        """
        return self._links.zero_sets(self._edges[1])

    @cached_property
    def bounded(self) -> NDArray[np.bool_]:
        """Whether each cell is bounded, shape (n_cells,)."""
        if self.lineality_dim:
            return np.zeros(self.n_cells, dtype=np.bool_)
        ids = self._arrays.facet_id
        infinite = np.zeros(len(ids), dtype=np.bool_)
        side = ids < 0
        infinite[side] = self._problem.infinite_sides[-1 - ids[side]]
        result: NDArray[np.bool_] = ~np.logical_or.reduceat(infinite, self._arrays.facet_begin[:-1])
        return result

    def cell(self, i: int) -> Cell:
        """Cell `i` as a polyhedron: halfspaces, vertices, facets, neighbours, affine map.

        Raises
        ------
        IndexError
            If there is no such cell.
        """
        i = range(self.n_cells)[i]
        facets = np.arange(self._arrays.facet_begin[i], self._arrays.facet_begin[i + 1])
        ids = self._arrays.facet_id[facets].astype(np.int64)
        sides = self._problem.infinite_sides
        facets = facets[[not (f < 0 and sides[-1 - f]) for f in ids]]
        ids = self._arrays.facet_id[facets].astype(np.int64)
        A, b = maps.halfspaces(self._problem, self.patterns[i], ids)
        own = self.cell_vertices[i]
        finite = own[own < self.n_finite_vertices] if not self.lineality_dim else own[:0]
        return Cell(
            index=i,
            pattern=self.patterns[i],
            A=A,
            b=b,
            facets=list(self._arrays.zero_sets(facets, sides_too=True)),
            neighbours=self._arrays.facet_neighbour[facets].astype(np.int64),
            vertices=self._vertex_coordinates[finite],
            rays=geometry.rays(self, own, ids),
            interior_point=self.interior_points[i],
            bounded=bool(self.bounded[i]),
            affine_map=self.affine_map(i),
        )

    def affine_map(self, i: int) -> tuple[FloatArray, FloatArray]:
        """``(A, c)`` with ``f(x) = A x + c`` on cell `i`; shapes (m, n) and (m,), rounded."""
        A, c = maps.affine_maps(self.network, self.patterns[i : i + 1 or None])
        return A[0], c[0]

    def affine_maps(self) -> tuple[FloatArray, FloatArray]:
        """The affine maps of all cells, shapes (n_cells, m, n) and (n_cells, m)."""
        return maps.affine_maps(self.network, self.patterns)

    def locate(self, X: ArrayLike) -> IntArray:
        """The cell of each row of `X`, shape (k, n); -1 outside the domain.

        Exact for the given doubles. A point on the boundary between cells belongs to the lowest of
        the closed cells that contain it.

        Returns
        -------
        ndarray of int64, shape (k,)
        """
        return geometry.locate(self, X)

    # -- vertices and faces

    @property
    def _lp_cells(self) -> _core.LpCells | None:
        """The core's cells with a point inside each, if the LP engine has found them."""
        if self._found is None and self.stats.get("engine") == "lp":  # read from a file
            self._found = self._problem.search_lp(int(self.stats.get("threads", 1)), None, None)
        return self._found

    def _cells(self) -> _core.CellComplex:
        """The core's cells with all their facets."""
        if self._core_cells is None:  # read from a file, or made by the LP engine
            threads = int(self.stats.get("threads", 1))
            found = self._lp_cells
            if found is not None:
                self._core_cells = self._problem.link_lp(found, threads, sides=True)
            else:
                self._core_cells = self._problem.search_cells(threads, None, None)
        return self._core_cells

    @cached_property
    def _vertex_complex(self) -> _core.VertexComplex:
        threads = int(self.stats.get("threads", 1))
        return self._problem.search_vertices(self._cells(), threads)

    @cached_property
    def n_finite_vertices(self) -> int:
        """Number of vertices that are points; the rest are vertices of the infinite box."""
        return self._vertex_complex.num_finite

    @cached_property
    def _vertex_coordinates(self) -> FloatArray:
        return self._problem.embed(self._vertex_complex.coordinates)

    @property
    def vertices(self) -> FloatArray:
        """Vertices of the complex, shape (n_vertices, n): exact points, rounded once to nearest.

        Empty when the complex contains lines (then it has no vertices).
        """
        count = 0 if self.lineality_dim else self.n_finite_vertices
        return self._vertex_coordinates[:count]

    @property
    def vertex_radius(self) -> FloatArray:
        """Bound on the error of each coordinate of `vertices`: half a unit in the last place."""
        with np.errstate(over="ignore"):  # infinite at the largest double
            return np.asarray(np.spacing(np.abs(self.vertices)) / 2)

    @cached_property
    def cell_vertices(self) -> Ragged:
        """Vertices of each closed cell, increasing.

        On an unbounded domain indices from `n_finite_vertices` on are vertices of the symbolically
        infinite box, where the cell leaves it.
        """
        core = self._vertex_complex
        return Ragged(core.cell_begin, core.cell_vertices.astype(np.int64))

    @cached_property
    def vertex_signs(self) -> NDArray[np.int8]:
        """Exact signs (-1, 0, 1) of all preactivations at all vertices, shape (v, N).

        Rows from `n_finite_vertices` on belong to vertices of the infinite box.
        """
        return self._vertex_complex.neuron_signs(self._cells())

    @cached_property
    def vertex_values(self) -> tuple[FloatArray, IntArray]:
        """The one output f at all vertices: (values, rank), each of shape (v,).

        `values` are the exact rationals rounded to nearest (``inf``, ``-inf`` where f is infinite
        at a vertex of the infinite box); `rank` orders the exact values, equal exactly when they
        are.

        Raises
        ------
        ValueError
            If the network has more than one output.
        """
        if self.network.output_dim != 1:
            raise ValueError(
                f"vertex values need one output, `network` has {self.network.output_dim}"
            )
        threads = int(self.stats.get("threads", 1))
        core = self._problem.search_vertices(self._cells(), threads, outputs=True)
        return core.output[:, 0].copy(), core.output_rank[:, 0].copy()

    @cached_property
    def f_vector(self) -> IntArray:
        """Number of faces of each dimension 0..n; sides of a box included, each face once."""
        core = self._vertex_complex.face_counts(
            self._cells(), self._problem.infinite_sides.tolist()
        )
        not_solved = self.dim - self._problem.essential_dim
        return np.concatenate([np.zeros(not_solved, dtype=np.int64), core])

    def _core_lattice(self) -> _core.FaceLattice:
        sides = self._problem.infinite_sides.tolist()
        return self._vertex_complex.face_lattice(self._cells(), sides)

    @cached_property
    def _lattice(self) -> FaceLattice:
        from ..complex.lattice import FaceLattice

        return FaceLattice(self)

    def faces(self, k: int) -> Faces:
        """All faces of dimension `k`, 0 to n, with what they touch.

        Faces of dimension 0 are the vertices and faces of dimension n the cells, with their
        numbers; the others are numbered by the first cell that has them. There are
        ``f_vector[k]``; faces at infinity are none of them. Over a domain with lines, vertices are
        those of the slice in which `vertices` would lie, as in `cell_vertices`.

        Raises
        ------
        ValueError
            If `k` is not between 0 and n.
        """
        return self._lattice.faces(k)

    def boundary_matrix(self, k: int) -> sp.csc_array:
        """The boundary of each face of dimension `k`, 1 to n, in faces of dimension k - 1.

        An edge runs from its lower to its higher vertex, the lowest facet of a face of higher
        dimension has the entry 1, and all cells are oriented alike, as cell 0 is by these rules:
        the sum of their boundaries is supported on the domain's boundary.
        ``boundary_matrix(k - 1) @ boundary_matrix(k)`` is zero over the integers.

        Over an unbounded domain the chains are locally finite: the homology is that of Borel and
        Moore, or the reduced homology of the one-point compactification.

        Returns
        -------
        scipy.sparse.csc_array of int8, shape (f_(k-1), f_k)
            Entries 1, -1 and 0. Cast it before multiplying: products may not fit into an int8.

        Raises
        ------
        ValueError
            If `k` is not between 1 and n.
        """
        return self._lattice.boundary_matrix(k)

    def incidence(self, low: int, high: int) -> sp.csr_array:
        """Which faces of dimension `low` lie in which faces of dimension `high`.

        Returns
        -------
        scipy.sparse.csr_array of bool, shape (f_low, f_high)

        Raises
        ------
        ValueError
            Unless 0 <= low <= high <= n.
        """
        return self._lattice.incidence(low, high)

    def subcomplex(
        self,
        cells: ArrayLike | None = None,
        faces: Mapping[int, ArrayLike] | None = None,
    ) -> Subcomplex:
        """The union of some closed cells and faces.

        Parameters
        ----------
        cells : array_like of bool or int, optional
            Which cells: a mask, or indices.
        faces : mapping of int to array_like, optional
            Which faces, by dimension: masks or indices as for ``faces(k)``.

        Returns
        -------
        Subcomplex
            With all faces of what is chosen; empty if nothing is.

        Raises
        ------
        ValueError
            If a mask or an index does not fit.
        """
        from ..topology.subcomplex import Subcomplex

        return Subcomplex.closure_of(self, cells, faces)

    @cached_property
    def _refined_by_class(self) -> Complex:
        from .decomposing import decompose

        if self.n_output_neurons:
            return self
        threads = int(self.stats.get("threads", 1))
        return decompose(self.network, self.domain, outputs="argmax", threads=threads)

    @property
    def euler_characteristic(self) -> int:
        """Alternating sum of the f-vector: 1 for a box, (-1)^n for R^n."""
        return int(sum((-1) ** k * int(f) for k, f in enumerate(self.f_vector)))

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
        return interior.interior_points(self)

    @cached_property
    def _exact_vertices(self) -> tuple[list[list[Fraction]], list[list[Fraction]]]:
        """Finite and infinite parts of all vertices, infinite box included."""
        threads = int(self.stats.get("threads", 1))
        core = self._problem.search_vertices(self._cells(), threads, points=True)
        return interior.fractions_of(core, self._problem)

    @property
    def exact_vertices(self) -> list[list[Fraction]]:
        """The rows of `vertices` as exact rational points."""
        return self._exact_vertices[0][: len(self.vertices)]

    def exact_interior_point(self, i: int) -> list[Fraction]:
        """A rational point strictly inside cell `i`, however small the cell is.

        Returns
        -------
        list of Fraction, length n
        """
        return interior.exact_interior_point(self, range(self.n_cells)[i])

    def triangulation(self) -> tuple[IntArray, IntArray]:
        """Triangulation of all cells without new vertices, face to face.

        Returns
        -------
        simplices : ndarray of int64, shape (m, r + 1)
            Vertex indices, increasing in each row; r is n minus the lineality dimension.
        cell : ndarray of int64, shape (m,)
            The cell that each simplex belongs to.

        Notes
        -----
        Pulling triangulation by the order of the vertices (Lee 1991): a face is coned from its
        lowest vertex, so its triangulation is the same in every cell that has it.
        """
        return self._vertex_complex.triangulate_cells(self._cells())

    @cached_property
    def facet_measure(self) -> FloatArray:
        """(n - 1)-dimensional measure of each shared facet, shape (n_edges,); 1 if n is 1.

        Infinite where a facet is unbounded.
        """
        return geometry.facet_measures(self)

    @cached_property
    def cell_volumes(self) -> FloatArray:
        """n-dimensional volume of each cell, shape (n_cells,); infinite if unbounded."""
        return geometry.cell_volumes(self)

    def refine_by_output(self, level: float = 0.0) -> Complex:
        """The complex in which cells are also cut where the one output equals `level`.

        ``f - level`` becomes one more hidden neuron, the last: its column of `patterns` and
        `vertex_signs` is the sign of ``f - level``, exactly.
        """
        from .decomposing import decompose

        network = self.network.minus_level(level)
        return decompose(network, self.domain, threads=int(self.stats.get("threads", 1)))

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

        See Also
        --------
        load
        """
        storage.save(self, path)

    def plot(self, by: Any = "pattern", **options: Any) -> Axes:
        """Draw the complex; see `relutope.plot`.

        Parameters
        ----------
        by : str or array_like
            What colours a cell.
        **options
            As for `relutope.plot`.

        Returns
        -------
        matplotlib.axes.Axes

        See Also
        --------
        relutope.plot
        """
        from ..plotting.picture import plot

        return plot(self, by, **options)

    def __repr__(self) -> str:
        where = "R^n" if self.domain is None else f"{self.domain!r}"
        if len(where) > 60:
            where = f"a box in R^{self.dim}"
        return (
            f"Complex({self.n_cells:,} cells, {self.n_edges:,} shared facets; "
            f"{self.network!r} over {where})"
        )
