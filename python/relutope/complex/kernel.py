"""The kernel of a complex: its cells, how they touch, and their vertices."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..common.arguments import checked_count
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import FloatArray, IntArray, read_only
from ..common.ragged import Ragged
from ..domain.box import Box
from ..domain.polytope import Polytope
from ..network.network import Network
from ..search.solution import Solution
from .faceted import FacetedCells

__all__ = ["Kernel"]


@ieee_arithmetic
class Kernel(FacetedCells):
    """What the chapters work on: arrays, and vertices when they are first asked for.

    Parameters
    ----------
    solution : Solution
        What the core has found.
    """

    def __init__(self, solution: Solution) -> None:
        self.solution = solution

    def __reduce__(self) -> tuple[Any, ...]:
        """What `save` writes, so that a pickle does not depend on what was computed before."""
        return type(self), (self.solution,)

    def __eq__(self, other: object) -> bool:
        """Whether they are of the same network over the same domain, cut alike."""
        if not isinstance(other, Kernel):
            return NotImplemented
        mine, others = self.solution.problem, other.solution.problem
        return mine is others or (
            mine.network == others.network
            and mine.domain == others.domain
            and mine.outputs == others.outputs
        )

    def __hash__(self) -> int:
        return hash((self.network, self.domain, self.n_output_neurons))

    @property
    def stats(self) -> dict[str, Any]:
        """How the cells were found, for information.

        Engine, time in seconds, threads, how many signs each stage of the predicates decided, and
        `outputs` as given to `decompose`, if it was.
        """
        return dict(self.solution.stats)

    @property
    def memory_limit(self) -> int | None:
        """How many bytes cells, vertices and faces may take, with all that is needed to make them.

        As given to `decompose`, or as set since; None is no limit. What would take more raises
        `StoppedError`, and the complex stays as it was. Files do not keep it.
        """
        return self.solution.memory_limit

    @memory_limit.setter
    def memory_limit(self, limit: int | None) -> None:
        self.solution.memory_limit = None if limit is None else checked_count("memory_limit", limit)

    # -- sizes

    @property
    def network(self) -> Network:
        """The network that was decomposed."""
        return self.solution.problem.network

    @property
    def domain(self) -> Box | Polytope | None:
        """The domain; None is all of R^n."""
        return self.solution.problem.domain

    @property
    def lineality_dim(self) -> int:
        """Dimension of the space of directions along which every cell is invariant."""
        return self.solution.problem.lineality_dim

    @property
    def n_output_neurons(self) -> int:
        return self.solution.problem.n_output_neurons

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return len(self.solution.links.facet_begin) - 1

    # -- cells and adjacency

    @cached_property
    def patterns(self) -> NDArray[np.bool_]:
        """Activation patterns, bool, shape (n_cells, N); rows increase lexicographically."""
        packed = self.solution.links.patterns.view(np.uint8)
        bits = np.unpackbits(packed, axis=1, count=self.n_neurons, bitorder="little")
        return read_only(bits.view(np.bool_))

    def _facet_table(self) -> tuple[IntArray, IntArray | NDArray[np.int32]]:
        return self.solution.links.facet_begin, self.solution.links.facet_neighbour

    def _zero_sets(self, facets: IntArray) -> Ragged:
        return self.solution.links.zero_sets(facets)

    @cached_property
    def bounded(self) -> NDArray[np.bool_]:
        """Whether each cell is bounded, shape (n_cells,)."""
        if self.lineality_dim:
            return read_only(np.zeros(self.n_cells, dtype=np.bool_))
        ids = self.solution.arrays.facet_id
        infinite = np.zeros(len(ids), dtype=np.bool_)
        side = ids < 0
        infinite[side] = self.solution.problem.infinite_sides[-1 - ids[side]]
        result: NDArray[np.bool_] = ~np.logical_or.reduceat(
            infinite, self.solution.arrays.facet_begin[:-1]
        )
        return read_only(result)

    @property
    def zero_neurons(self) -> tuple[IntArray, IntArray]:
        """Neurons that vanish on whole cells, as pairs (cell, neuron) in two arrays."""
        links = self.solution.links
        return links.zero_cell, links.zero_neuron.astype(np.int64)

    # -- vertices

    @cached_property
    def n_finite_vertices(self) -> int:
        """Number of vertices that are points; the rest are vertices of the infinite box."""
        return self.solution.vertex_complex.num_finite

    @property
    def vertices(self) -> FloatArray:
        """Vertices of the complex, shape (n_vertices, n): exact points, rounded once to nearest.

        Empty when the complex contains lines (then it has no vertices).
        """
        count = 0 if self.lineality_dim else self.n_finite_vertices
        return self.solution.vertex_coordinates[:count]

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
        core = self.solution.vertex_complex
        return Ragged(core.cell_begin, read_only(core.cell_vertices.astype(np.int64)))

    @cached_property
    def vertex_signs(self) -> NDArray[np.int8]:
        """Exact signs (-1, 0, 1) of all preactivations at all vertices, shape (v, N).

        Rows from `n_finite_vertices` on belong to vertices of the infinite box.
        """
        vertices = self.solution.vertex_complex
        self.solution.check_room(vertices.num_vertices * self.n_neurons, "the vertices' signs")
        return read_only(vertices.neuron_signs(self.solution.cells()))

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
        values, ranks = self.solution.output_values()
        return read_only(values[:, 0].copy()), read_only(ranks[:, 0].copy())

    @property
    def exact_vertices(self) -> list[list[Fraction]]:
        """The rows of `vertices` as exact rational points."""
        return self.solution.exact_vertices[0][: len(self.vertices)]

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
        return self.solution.vertex_complex.triangulate_cells(self.solution.cells())

    @cached_property
    def f_vector(self) -> IntArray:
        """Number of faces of each dimension 0..n; sides of a box included, each face once."""
        core = self.solution.face_counts()
        not_solved = self.dim - self.solution.problem.essential_dim
        return read_only(np.concatenate([np.zeros(not_solved, dtype=np.int64), core]))

    @property
    def euler_characteristic(self) -> int:
        """Alternating sum of the f-vector: 1 for a box, (-1)^n for R^n."""
        return int(sum((-1) ** k * int(f) for k, f in enumerate(self.f_vector)))
