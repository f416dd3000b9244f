"""The cells around a point, as far as a local search has found them."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arguments import check_choice, checked_count, checked_distance
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import FloatArray, read_only
from ..common.progress import Progress, search_progress
from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope
from ..errors import InvalidDomainError, InvalidNetworkError
from ..network.conversion import NetworkLike, as_network
from ..network.core import point_signs
from ..search.core_errors import BYTES_AT_FIRST, within
from ..search.domains import checked_domain, on_free_inputs
from ..search.problem import Outputs, Problem
from ..search.starts import are_inside, checked_start, points_beside
from . import stored_exploration
from .explored_cells import ExploredCells
from .explorer import free_part
from .stored_exploration import Order, StoredExploration

__all__ = ["Exploration"]

_ROUNDING = 1e-8  # how far from `x0` to start when its own cells have no doubles inside


@ieee_arithmetic
class Exploration(ExploredCells):
    """The cells around a point, with all their facets; see `explore`.

    `run` explores, and may be called again to go on. Everything below describes what has been
    explored so far.

    Parameters
    ----------
    network, x0, domain, order, outputs
        As for `explore`.

    Attributes
    ----------
    network : Network
        With the neurons that compare its outputs, if `outputs` was given.
    domain : Box, Polytope or None
    order : {"bfs", "nearest"}
    x0 : ndarray of float64, shape (n,)
    start : ndarray of float64, shape (n,)
        The point whose cell is cell 0: `x0`, or, when `x0` is on the boundary between cells or of
        the domain, a point beside it. If the cells that contain `x0` are so thin that no point in
        them was found, it is in a cell that comes within about 1e-8 of `x0`, relatively.
    start_zeros : ndarray of int64
        Neurons that vanish at `x0`; those that vanish on all of cell 0 are among them.

    Examples
    --------
    >>> import relutope as rt
    >>> net = rt.Network.from_arrays([([[1, 0], [0, 1], [1, 1]], [0, 0, -1]), ([[1, 1, 1]], [0])])
    >>> e = rt.Exploration(net, [2.0, 1.0])
    >>> e.run(max_cells=3)
    >>> e.n_cells, e.n_known, e.complete
    (3, 6, False)
    >>> e.run(max_cells=100)
    >>> e.n_cells, e.complete
    (7, True)
    """

    def __init__(
        self,
        network: NetworkLike,
        x0: ArrayLike,
        *,
        domain: Box | FlatBox | Polytope | str | Path | None = None,
        order: Order = "bfs",
        outputs: Outputs | None = None,
    ) -> None:
        given = checked_domain(domain)
        check_choice("order", order, Order)
        free_network, free_domain = on_free_inputs(as_network(network), given)
        if isinstance(given, FlatBox):
            x0 = free_part(x0, given)
        problem = Problem.of_outputs(free_network, free_domain, outputs)
        if problem.network.n_neurons == 0:
            raise InvalidNetworkError("`network` has no hidden neurons, so it has one cell only")
        self._prepare(problem, order, checked_start(x0, problem.network.input_dim, problem.domain))
        self.start = read_only(self._enter_first_cell(self._signs_at_x0).copy())
        self._fixed = self._core.bytes

    def _prepare(self, problem: Problem, order: Order, x0: FloatArray) -> None:
        super().__init__(problem, order, x0)
        self.order: Order = order
        self.x0 = read_only(x0)
        self._seconds = 0.0
        self._fixed = BYTES_AT_FIRST  # of those that the core counts
        self._signs_at_x0: NDArray[np.int8] = point_signs(self.network, x0[None])[0]
        self.start_zeros = read_only(np.flatnonzero(self._signs_at_x0 == 0))

    @classmethod
    def from_stored(cls, stored: StoredExploration) -> Exploration:
        """What `save` has written, which can go on; proofs that were kept are found again.

        Parameters
        ----------
        stored : StoredExploration
            What `stored` gives.
        """
        self = cls.__new__(cls)
        self._prepare(stored.problem, stored.order, stored.x0)
        self.start = read_only(stored.start)
        self._frame.anchor(stored.start)
        self._core.restore(stored.arrays)
        return self

    @property
    def stored(self) -> StoredExploration:
        """All that has been found, as `save` writes it."""
        return StoredExploration(self._problem, self.order, self.x0, self.start, self._core.state())

    def __reduce__(self) -> tuple[Any, ...]:
        return Exploration.from_stored, (self.stored,)

    def save(self, path: str | Path) -> None:
        """Writes the exploration to one ``.npz`` file, which is complete or not there at all.

        `relutope.load` reads it, and `run` goes on from there.

        Parameters
        ----------
        path : str or Path

        See Also
        --------
        relutope.load
        """
        stored_exploration.save(self.stored, path)

    def __eq__(self, other: object) -> bool:
        """Whether they search for the same cells alike and have found the same ones."""
        if not isinstance(other, Exploration):
            return NotImplemented
        return self is other or (
            self._problem == other._problem
            and self.order == other.order
            and np.array_equal(self.x0, other.x0)
            and np.array_equal(self.patterns, other.patterns)
        )

    def __hash__(self) -> int:
        """Of what is searched and how, which stays the same while more cells are found."""
        start = (self.x0 + 0.0).tobytes()  # no -0.0
        return hash((self.network, self.domain, self.n_output_neurons, self.order, start))

    def _enter_first_cell(self, signs: NDArray[np.int8]) -> FloatArray:
        for x in points_beside(self.x0, self.domain):
            if self._enters(x, signs):
                return x
        for x in points_beside(self.x0, self.domain, within=_ROUNDING):
            if self._enters(x, np.zeros_like(signs)):
                return x
        raise InvalidDomainError(
            "`x0` is in or beside cells in which no point with double coordinates was found; take "
            "another point"
        )

    def _enters(self, x: FloatArray, signs: NDArray[np.int8]) -> bool:
        """Makes the cell of `x` cell 0, if it has these signs, where they are not zero."""
        there = point_signs(self.network, x[None])[0]
        if (there != signs)[signs != 0].any() or not are_inside(x[None], self.domain)[0]:
            return False
        self._frame.anchor(x)
        coordinates = self._frame.coordinates(x)
        pattern = (there > 0).astype(np.uint8)
        return bool(np.isfinite(coordinates).all()) and self._core.start(pattern, coordinates)

    def run(
        self,
        *,
        max_cells: int = 1000,
        radius: float = math.inf,
        progress: Progress = False,
        memory_limit: int | None = None,
    ) -> None:
        """Explores until there are `max_cells` cells, or none is left within `radius` of `x0`.

        Parameters
        ----------
        max_cells : int
            How many cells to have.
        radius : float
            Only cells within this distance of `x0`.
        progress : bool or callable
            Show progress on stderr, or be told; see `decompose`.
        memory_limit : int, optional
            How many bytes all that is explored may take, that of earlier calls included.

        Raises
        ------
        ValueError
            If a limit is out of range.
        StoppedError
            Before more than `memory_limit` bytes are taken, with an estimate of what `max_cells`
            would take; or when `progress` returns True. What has been explored stays.
        BusyError
            If another thread runs this exploration. Reads while it is run raise it, too.
        KeyboardInterrupt
            On Ctrl-C, within a second; what has been explored stays, and `run` can go on.
        """
        max_cells = checked_count("max_cells", max_cells)
        radius = checked_distance("radius", radius)
        if memory_limit is not None:
            memory_limit = checked_count("memory_limit", memory_limit)
        start = time.perf_counter()
        try:
            with (
                search_progress(progress) as report,
                within(memory_limit, f"{max_cells:,} cells", self.n_cells, fixed=self._fixed),
            ):
                self._core.run(max_cells, radius, report, memory_limit)
        finally:
            self._seconds += time.perf_counter() - start

    # -- how far it is

    @property
    def n_known(self) -> int:
        """Number of explored cells and of their neighbours."""
        return self.n_cells + self._core.num_waiting

    @property
    def n_unresolved(self) -> int:
        """Number of neighbours in which no point with double coordinates was found.

        They are cells, and known as neighbours, but they cannot be explored.
        """
        return self._core.num_without_point

    @property
    def complete(self) -> bool:
        """Whether the explored cells are all cells of the domain.

        No explored cell has a neighbour that is not explored, and a domain without its faces of
        codimension two is connected.
        """
        return self._core.num_waiting == 0

    @property
    def stats(self) -> dict[str, Any]:
        """Seconds, bytes as `memory_limit` counts them, linear programs, of them those decided in
        rational arithmetic, pivots.
        """
        return {"seconds": self._seconds, "bytes": self._core.bytes, **self._core.counts}

    def __repr__(self) -> str:
        state = "all" if self.complete else f"{self.n_known - self.n_cells:,} neighbours waiting"
        return f"Exploration({self.n_cells:,} cells, {state}; {self.network!r})"
