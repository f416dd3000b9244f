"""A network and a domain, made ready for the core."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..common.progress import Watch, raising
from ..domain.box import Box
from ..domain.polytope import Polytope
from ..errors import EngineError
from ..network.core import core_network
from ..network.essential import independent_inputs
from ..network.network import Network
from ..network.output_neurons import n_output_neurons, with_output_neurons
from .core_errors import fitting_cells, too_many_cells, translated_errors

FloatArray = NDArray[np.float64]
# Measured (benchmarks/engines.py). The vertices at infinity of an unbounded domain cost the vertex
# engine exact signs; the LP engine does without them.
_MOST_VERTEX_DIMENSIONS = 6
_MOST_VERTEX_DIMENSIONS_UNBOUNDED = 5
_MOST_COUNTED_DIMENSIONS = 8  # of one hidden layer
# In more, linear programs find a limited number of cells before the box's vertices are made.
_FEW_DIMENSIONS = 8

Outputs: TypeAlias = Literal["sign", "argmax"]
Report = Callable[[int, int, int], object] | None
CellComplex: TypeAlias = _core.CellComplex
VertexComplex: TypeAlias = _core.VertexComplex


@dataclass(frozen=True)
class Problem:
    """What is decomposed: `network` over `domain` (None: all of R^n).

    The complex is invariant along the common kernel of the first layer's neurons (of all neurons,
    as far as linear units alone lead to them) and the domain's inequalities. `kept` are inputs on
    which these have the same rank as on all of them; setting the others to zero gives a subspace
    that meets every face's translates exactly once, so the complex there, times R^(n - r), is the
    whole one. The weights are not touched.

    If the last neurons of the network compare its outputs, `outputs` says how; see `decompose`.
    With `at_boundary` only cells at which the decision changes are wanted: all that have such a
    facet, and few others.
    """

    network: Network
    domain: Box | Polytope | None
    outputs: Outputs | None = None
    at_boundary: bool = False

    def __reduce__(self) -> tuple[Any, ...]:
        return Problem, (self.network, self.domain, self.outputs, self.at_boundary)

    @classmethod
    def of_outputs(
        cls,
        network: Network,
        domain: Box | Polytope | None,
        outputs: Outputs | None,
        *,
        at_boundary: bool = False,
    ) -> Problem:
        """With the neurons that compare the network's outputs added to it, if `outputs` is given.

        Raises
        ------
        ValueError, InvalidNetworkError
            As for `with_output_neurons`.
        """
        if outputs is None:
            return cls(network, domain)
        return cls(with_output_neurons(network, outputs), domain, outputs, at_boundary)

    def __post_init__(self) -> None:
        if self.domain is not None:
            object.__setattr__(self, "domain", self.domain.with_dim(self.network.input_dim))

    @property
    def n_output_neurons(self) -> int:
        """How many of the neurons, the last ones, compare outputs."""
        return 0 if self.outputs is None else n_output_neurons(self.network.output_dim)

    @property
    def _compared(self) -> int:
        return self.n_output_neurons if self.at_boundary else 0

    @property
    def essential_dim(self) -> int:
        """Dimension of the problem that is solved."""
        return len(self.kept)

    @property
    def lineality_dim(self) -> int:
        """Dimension of the space along which every cell is invariant."""
        return self.network.input_dim - self._rank

    @cached_property
    def full_core(self) -> _core.Network:
        """The core's network on all inputs, with hidden units of moderate size."""
        return core_network(self.network, balanced_from=0)

    @cached_property
    def _independent(self) -> list[int]:
        n = self.network.input_dim
        if self.domain is None:
            rows = np.empty((0, n))
        elif isinstance(self.domain, Polytope):
            rows = self.domain.A
        else:
            if self.domain.bounded:
                return list(range(n))
            has_side = np.isfinite(self.domain.lower) | np.isfinite(self.domain.upper)
            rows = np.eye(n)[has_side]
        return independent_inputs(self.network, rows)

    @property
    def _rank(self) -> int:
        return len(self._independent)

    @cached_property
    def kept(self) -> list[int]:
        """Inputs that are not set to zero; at least one, for the core's sake."""
        return self._independent or [0]

    @cached_property
    def core_network(self) -> _core.Network:
        """The core's network on the kept inputs."""
        if len(self.kept) == self.network.input_dim:
            return self.full_core
        return self.full_core.with_inputs(self.kept)

    @cached_property
    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lower and upper bounds of the kept inputs, possibly infinite."""
        if isinstance(self.domain, Box):
            return self.domain.lower[self.kept], self.domain.upper[self.kept]
        n = self.essential_dim
        return np.full(n, -np.inf), np.full(n, np.inf)

    @cached_property
    def halfspaces(self) -> NDArray[np.float64]:
        """The domain's further inequalities ``w x + c >= 0`` on the kept inputs, rows (w, c)."""
        if isinstance(self.domain, Polytope):
            rows = np.column_stack([-self.domain.A[:, self.kept], self.domain.b])
            holds_everywhere = ~self.domain.A.any(axis=1) & (self.domain.b == 0)
            rows[holds_everywhere, -1] = 1.0  # 0 <= 0 has no inner side; 0 <= 1 says the same
            return rows
        return np.empty((0, self.essential_dim + 1))

    @cached_property
    def infinite_sides(self) -> NDArray[np.uint8]:
        """Whether each side is infinite: 2k and 2k + 1 are the lower and upper bound of kept input
        k, the domain's further inequalities follow.
        """
        of_box = np.isinf(np.column_stack(self.bounds)).ravel()
        sides = np.concatenate([of_box, np.zeros(len(self.halfspaces), dtype=np.bool_)])
        return np.asarray(sides, dtype=np.uint8)

    def embed(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points of the kept inputs, shape (k, r), as points of the input space, shape (k, n)."""
        full = np.zeros((len(points), self.network.input_dim))
        full[:, self.kept] = points
        return full

    @property
    def faster_engine(self) -> Literal["vertex", "lp"]:
        """The engine that took less time on the standard networks: "vertex" or "lp"."""
        bounded = isinstance(self.domain, Box) and (
            self.domain.bounded or bool(np.isfinite(self.bounds).all())
        )
        most = _MOST_VERTEX_DIMENSIONS if bounded else _MOST_VERTEX_DIMENSIONS_UNBOUNDED
        return "vertex" if self.essential_dim <= most else "lp"

    @property
    def has_one_layer(self) -> bool:
        """Whether the neurons are those of one layer: affine functions on all of the domain."""
        return sum(map(bool, self.network.hidden_widths)) == 1

    @property
    def faster_counter(self) -> Literal["vertex", "lp"]:
        """The same for a count: the vertex engine makes no cells of the last layer."""
        if self.has_one_layer and self.essential_dim <= _MOST_COUNTED_DIMENSIONS:
            return "vertex"
        return self.faster_engine

    def search_cells(
        self,
        threads: int,
        max_cells: int | None,
        watch: Watch | None,
        resumed: dict[str, Any] | None = None,
        memory_limit: int | None = None,
    ) -> _core.CellComplex:
        """Runs the vertex engine; with a `watch` that has stopped it, not to the end.

        Nor when it would take more than `memory_limit`: then it is `full`. `resumed` is the state
        of an earlier run that was stopped, from which it goes on.
        """
        self.check_dimension()
        if max_cells is not None and self.essential_dim > _FEW_DIMENSIONS:
            told = None if watch is None else raising(watch)
            found, complete, *_ = self.count_cells("lp", threads, max_cells, None, told)
            if not complete:
                raise too_many_cells(max_cells, found)
        with translated_errors(max_cells):
            return _core.search_cells(
                *self._core_arguments,
                threads,
                max_cells,
                watch,
                watch is not None or memory_limit is not None,
                self._compared,
                resumed,
                memory_limit,
            )

    def search_lp(
        self,
        threads: int,
        max_cells: int | None,
        watch: Watch | None,
        resumed: dict[str, Any] | None = None,
        memory_limit: int | None = None,
    ) -> _core.LpCells:
        """Finds cells and points inside them, by the LP engine; not all if it is stopped."""
        keep = watch is not None or memory_limit is not None
        with translated_errors(max_cells):
            return _core.search_lp(
                *self._core_arguments, threads, max_cells, watch, keep, resumed, memory_limit
            )

    def link_found(self, state: dict[str, Any]) -> _core.CellComplex:
        """The cells that a stopped search of the vertex engine has found, and how they touch."""
        with fitting_cells("what was found"):
            return _core.link_found(*self._core_arguments, state)

    def link_lp(
        self,
        found: _core.LpCells,
        threads: int,
        *,
        sides: bool,
        report: Report = None,
        memory_limit: int | None = None,
    ) -> _core.CellComplex:
        """Facets and neighbours of the LP engine's cells; of the domain's boundary if `sides`."""
        return _core.link_lp(found, *self._core_arguments, sides, threads, report, memory_limit)

    def count_cells(
        self,
        engine: str,
        threads: int,
        max_cells: int | None,
        max_seconds: float | None,
        report: Report,
    ) -> tuple[int, bool, int, int]:
        """Cells found, whether these are all, parts of the search done, all parts."""
        by_vertices = engine == "vertex"
        if by_vertices:
            self.check_dimension()
        with translated_errors(None):
            return _core.count_cells(
                *self._core_arguments, by_vertices, threads, max_cells, max_seconds, report
            )

    def num_children(self, *, by_vertices: bool, count_until: int | None = None) -> int:
        """How many parts a search begins with, or a count by tasks of so many cells."""
        if by_vertices:
            self.check_dimension()
        with translated_errors(None):
            return _core.num_children(*self._core_arguments, by_vertices, count_until)

    def search_task(
        self, task: _core.Task, pause_at: int, report: Report, *, by_vertices: bool
    ) -> tuple[_core.CellComplex | _core.LpCells, list[tuple[list[int], int, int, list[int]]]]:
        """What a part of a search has found until about `pause_at` cells, and what is left."""
        arguments = (*self._core_arguments, task, pause_at, report)
        with translated_errors(None):
            if by_vertices:
                return _core.search_task(*arguments)
            return _core.lp_search_task(*arguments)

    def search_task_vertices(
        self, task: _core.Task, pause_at: int, report: Report, *, near: bool
    ) -> tuple[_core.CellComplex, _core.VertexComplex, list[tuple[list[int], int, int, list[int]]]]:
        """As `search_task` of the vertex engine, with the vertices; see `search_vertices`."""
        with translated_errors(None):
            return _core.search_task_vertices(*self._core_arguments, task, pause_at, near, report)

    def count_task(
        self, task: _core.Task, pause_at: int, report: Report, *, by_vertices: bool
    ) -> tuple[int, list[tuple[list[int], int, int, list[int]]]]:
        """How many cells a part of a search has until about `pause_at` cells, and what is left."""
        with translated_errors(None):
            return _core.count_task(*self._core_arguments, task, pause_at, by_vertices, report)

    def estimate_cells(
        self,
        threads: int,
        batches: int,
        population: float,
        seed: int,
        report: Report,
        first_batch: int = 0,
    ) -> tuple[list[float], bool]:
        """Unbiased estimates of the number of cells, or its exact value and True."""
        with translated_errors(None):
            return _core.estimate_cells(
                *self._core_arguments, threads, batches, population, seed, report, first_batch
            )

    @property
    def _core_arguments(self) -> tuple[_core.Network, FloatArray, FloatArray, FloatArray]:
        return (self.core_network, *self.bounds, self.halfspaces)

    def search_vertices(
        self,
        cells: _core.CellComplex,
        threads: int,
        *,
        outputs: bool = False,
        points: bool = False,
        near: bool = False,
        memory_limit: int | None = None,
    ) -> VertexComplex:
        """Runs the core once more, for the vertices of the same cells, always in the same order.

        On request with exact outputs of the network or exact coordinates; or, for pictures, with
        coordinates within 2^-30 of their size, and without interior points.
        """
        self.check_dimension()
        return _core.search_vertices(
            *self._core_arguments,
            cells,
            threads,
            outputs,
            points,
            self._compared,
            None,
            near,
            memory_limit,
        )

    def check_dimension(self) -> None:
        """Raises EngineError when the vertex engine cannot hold the problem."""
        n, most = self.essential_dim, _core.MAX_VERTEX_DIMENSION
        if n > most:
            raise EngineError(
                f"the problem has {n} essential input dimensions; vertices can be had in at most "
                f"{most} (a box has 2^n of them); take engine='lp' for cells and adjacency, or "
                "look at a subspace of fewer dimensions with relutope.slice"
            )
