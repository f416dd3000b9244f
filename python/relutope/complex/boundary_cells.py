"""The cells on both sides of a decision boundary, without the others."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import BoolArray, FloatArray, IntArray, Value, read_only
from ..common.ragged import Ragged
from ..domain.box import Box
from ..domain.polytope import Polytope
from ..network.maps import affine_maps
from ..network.network import Network
from ..search.solution import Solution
from . import geometry, interior
from .cells import Cells, cells_of
from .kernel import Kernel

__all__ = ["BoundaryCells"]


@ieee_arithmetic
class BoundaryCells(Value):
    """Every cell with a facet at which the decision changes, and few others.

    Made by ``decision_boundary(network, domain)``. What it says is what the complex of
    ``decompose(network, domain, outputs=...)`` would say of the same cells: patterns, the facets
    between any two of them, points, maps. It is no `Complex`: what needs all cells (homology,
    f-vector, volumes of regions, `locate`) cannot be asked of it.

    Parameters
    ----------
    solution : Solution
        What the core has found.

    Attributes
    ----------
    kernel : Kernel
        What geometry is computed from.
    network : Network
        With the neurons that compare its outputs.
    domain : Box, Polytope or None
        None is all of R^n.
    """

    def __init__(self, solution: Solution) -> None:
        self.kernel = Kernel(solution)
        self.network: Network = solution.problem.network
        self.domain: Box | Polytope | None = solution.problem.domain

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.kernel.solution,)

    def _parts(self) -> tuple[object, ...]:
        return (self.kernel,)

    def __len__(self) -> int:
        return self.n_cells

    @property
    def stats(self) -> dict[str, Any]:
        """How they were found, for information, as for `Complex`."""
        return self.kernel.stats

    @property
    def dim(self) -> int:
        """Number n of inputs."""
        return self.kernel.dim

    @property
    def lineality_dim(self) -> int:
        """Dimension of the space of directions along which every cell is invariant."""
        return self.kernel.lineality_dim

    @property
    def n_neurons(self) -> int:
        """Number N of hidden neurons, those that compare outputs included."""
        return self.kernel.n_neurons

    @property
    def n_output_neurons(self) -> int:
        """How many of the neurons, the last ones, compare outputs."""
        return self.kernel.n_output_neurons

    @property
    def n_cells(self) -> int:
        """Number of these cells."""
        return self.kernel.n_cells

    @property
    def n_edges(self) -> int:
        """Number of pairs of these cells that are adjacent."""
        return self.kernel.n_edges

    @property
    def patterns(self) -> BoolArray:
        """Activation patterns, bool, shape (n_cells, N); rows increase lexicographically."""
        return self.kernel.patterns

    @property
    def adjacency(self) -> IntArray:
        """All pairs i < j of these cells that share a facet, shape (n_edges, 2), sorted."""
        return self.kernel.adjacency

    @property
    def facet_neurons(self) -> Ragged:
        """For each pair of `adjacency`, all neurons that vanish on the shared facet."""
        return self.kernel.facet_neurons

    @property
    def zero_neurons(self) -> tuple[IntArray, IntArray]:
        """Neurons that vanish on whole cells, as pairs (cell, neuron) in two arrays."""
        return self.kernel.zero_neurons

    def affine_maps(self) -> tuple[FloatArray, FloatArray]:
        """The affine maps of the cells, shapes (n_cells, m, n) and (n_cells, m).

        Returns
        -------
        tuple of ndarray
        """
        return affine_maps(self.network, self.patterns)

    @cached_property
    def interior_points(self) -> FloatArray:
        """A point of each cell's interior, shape (n_cells, n), as for `Complex`."""
        return read_only(interior.interior_points(self.kernel)[0])

    @cached_property
    def facet_measure(self) -> FloatArray:
        """(n - 1)-dimensional measure of each shared facet, shape (n_edges,); 1 if n is 1.

        Infinite where a facet is unbounded.
        """
        return read_only(geometry.facet_measures(self.kernel))

    def __repr__(self) -> str:
        return f"BoundaryCells({self.n_cells:,} cells; {self.network!r})"


@cells_of.register
def _(source: BoundaryCells) -> Cells:
    return source
