"""The cells of a problem, found and asked for more."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..common.arguments import Engine
from ..common.arrays import FloatArray, read_only
from ..common.progress import Watch, raising
from ..errors import StoppedError
from .cell_arrays import CellArrays
from .core_errors import over_limit, within
from .memory import estimated_need
from .part import Part
from .problem import Problem

__all__ = ["Solution", "solve"]


def solve(
    problem: Problem,
    engine: Engine = "auto",
    *,
    threads: int,
    max_cells: int | None = None,
    watch: Watch | None = None,
    resumed: Part | None = None,
    memory_limit: int | None = None,
) -> Solution:
    """Finds all cells and how they touch; those not found before, if `resumed` has some.

    Raises
    ------
    InvalidDomainError
        If the domain is empty.
    EngineError
        If the engine cannot hold so many dimensions.
    CellLimitError
        If there are more than `max_cells` cells.
    StoppedError
        When `watch` says so, or before more than `memory_limit` bytes are taken; `partial` is then
        a `Part`.
    """
    by = problem.faster_engine if engine == "auto" else engine
    state = None
    if resumed is not None:
        by, state = resumed.engine, resumed.state()
    start = time.perf_counter()
    found = None
    if by == "vertex":
        cells = problem.search_cells(threads, max_cells, watch, state, memory_limit)
        if cells.full or not cells.complete:
            raise _stop(problem, cells, watch, memory_limit, start)
        counts = cells.counts
    else:
        found = problem.search_lp(threads, max_cells, watch, state, memory_limit)
        if found.full or not found.complete:
            raise _stop(problem, found, watch, memory_limit, start)
        told = None if watch is None else raising(watch, n_cells=found.num_cells)
        try:
            count = found.num_cells
            with within(memory_limit, "the facets", count, fixed=found.bytes) as most:
                cells = problem.link_lp(found, threads, sides=False, report=told, memory_limit=most)
        except StoppedError as stopped:
            stopped.partial = Part.of(problem, found)
            raise
        counts = {**found.counts, **cells.programs}  # those that have found the facets, too
        counts["bytes"] = max(found.bytes, cells.bytes)
    seconds = time.perf_counter() - start
    stats: dict[str, Any] = {"engine": by, "threads": threads, "seconds": seconds, **counts}
    if problem.outputs is not None:
        stats["outputs"] = problem.outputs
    links = CellArrays.from_core(cells)
    solution = Solution(problem, links, stats, cells=cells if found is None else None, found=found)
    solution.memory_limit = memory_limit
    return solution


def _stop(
    problem: Problem,
    found: _core.CellComplex | _core.LpCells,
    watch: Watch | None,
    memory_limit: int | None,
    start: float,
) -> StoppedError:
    """The error of a search that was stopped, with what it has found."""
    part = Part.of(problem, found)
    if not found.full or memory_limit is None:
        assert watch is not None
        return watch.error(part, found.num_cells)
    seconds = time.perf_counter() - start
    share = float(part.job_done.mean()) if len(part.job_done) else 0.0
    taken = f"with at least {found.num_cells:,} cells found, {share:.0%} of the search's parts done"
    needed = estimated_need(problem, found.bytes, found.num_cells, share, 1.0 + seconds)
    error = over_limit(memory_limit, taken, needed, found.num_cells, seconds, share)
    error.partial = part
    return error


class Solution:
    """The cells of a problem, and what the core says about them when it is asked again.

    Attributes
    ----------
    problem : Problem
    links : CellArrays
        The cells; facets on the domain's boundary may be missing.
    stats : dict
        How they were found.
    memory_limit : int, optional
        Bytes that the cells and all that is kept with them may take.
    """

    def __init__(
        self,
        problem: Problem,
        links: CellArrays,
        stats: dict[str, Any],
        *,
        cells: _core.CellComplex | None = None,
        found: _core.LpCells | None = None,
    ) -> None:
        self.problem = problem
        self.links = links
        self.stats = stats
        self.memory_limit: int | None = None
        self.engine = stats.get("engine")
        self.threads = int(stats.get("threads", 1))
        self._cells = cells
        self._found = found  # by the LP engine, without the facets on the domain's boundary
        self._sides_missing = found is not None
        self._outlined: tuple[_core.VertexComplex, Any] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """What a file holds of it: nothing that the core would say again."""
        return Solution, (self.problem, self.arrays, self.stats)

    @cached_property
    def arrays(self) -> CellArrays:
        """Cells with all their facets, those on the domain's boundary included."""
        return CellArrays.from_core(self.cells()) if self._sides_missing else self.links

    def lp_cells(self) -> _core.LpCells | None:
        """The core's cells with a point inside each, if the LP engine has found them."""
        if self._found is None and self.engine == "lp":  # read from a file
            self._found = self.problem.search_lp(self.threads, None, None)
        return self._found

    def cells(self) -> _core.CellComplex:
        """The core's cells with all their facets."""
        if self._cells is None:  # read from a file, or made by the LP engine
            found = self.lp_cells()
            if found is not None:
                with self.within("the facets") as most:
                    self._cells = self.problem.link_lp(
                        found, self.threads, sides=True, memory_limit=most
                    )
            else:
                self._cells = self.problem.search_cells(self.threads, None, None)
        return self._cells

    @cached_property
    def vertex_complex(self) -> _core.VertexComplex:
        """The vertices, as the core holds them."""
        return self._vertices()

    @cached_property
    def drawn_vertices(self) -> _core.VertexComplex:
        """The vertices with coordinates that are good enough for a picture."""
        known = self.__dict__.get("vertex_complex")
        return known or self._vertices(near=True)

    def outlines(self, vertices: _core.VertexComplex) -> Any:
        """Where outlines of cells begin, their corners and facets; kept for these vertices."""
        if self._outlined is None or self._outlined[0] is not vertices:
            self._outlined = (vertices, vertices.cell_outlines(self.cells()))
        return self._outlined[1]

    @cached_property
    def vertex_coordinates(self) -> FloatArray:
        """All vertices as points of the input space, those of the infinite box included."""
        return read_only(self.problem.embed(self.vertex_complex.coordinates))

    def output_values(self) -> tuple[FloatArray, NDArray[np.int64]]:
        """The outputs at all vertices, rounded, and the ranks of their exact values."""
        core = self._vertices(outputs=True)
        return core.output, core.output_rank

    @cached_property
    def exact_vertices(self) -> tuple[list[list[Fraction]], list[list[Fraction]]]:
        """All vertices p + q R as the parts p and q, points of the input space."""
        core = self._vertices(points=True)
        parts: tuple[list[list[Fraction]], list[list[Fraction]]] = ([], [])
        for v in range(core.num_vertices):
            finite, infinite, denominator = core.exact_point(v)
            for part, numerators in zip(parts, (finite, infinite), strict=True):
                point = [Fraction(0)] * self.problem.network.input_dim
                for axis, numerator in zip(self.problem.kept, numerators, strict=False):
                    point[axis] = Fraction(numerator, denominator)
                part.append(point)
        return parts

    def face_counts(self) -> NDArray[np.int64]:
        """How many faces there are of each essential dimension."""
        return self.vertex_complex.face_counts(self.cells(), self._infinite_sides)

    def face_lattice(self) -> _core.FaceLattice:
        """All faces, as the core holds them."""
        vertices = self.vertex_complex
        with self.within("the faces") as most:
            return vertices.face_lattice(self.cells(), self._infinite_sides, most)

    def _vertices(self, **what: bool) -> _core.VertexComplex:
        """Vertices by the core, within the limit."""
        cells = self.cells()
        with self.within("the vertices") as most:
            return self.problem.search_vertices(cells, self.threads, memory_limit=most, **what)

    def within(self, what: str) -> AbstractContextManager[int | None]:
        """What the limit leaves for `what`; see `core_errors.within`."""
        return within(self.memory_limit, what, len(self.links.facet_begin) - 1, lambda: self.held)

    def check_room(self, size: int, what: str) -> None:
        """Raises StoppedError if the limit leaves no `size` bytes for `what`."""
        with self.within(what) as most:
            if most is not None and size > most:
                raise _core.OutOfMemoryLimit(size, 1.0)

    @property
    def held(self) -> int:
        """Bytes of the cells, and of their vertices if they are there."""
        held = self.links.nbytes
        if self._found is not None:
            held += self._found.patterns.nbytes + self._found.interior.nbytes
            held += self.arrays.nbytes if self._cells is not None else 0
        vertices: _core.VertexComplex | None = self.__dict__.get("vertex_complex")
        return held + (0 if vertices is None else vertices.nbytes)

    @property
    def _infinite_sides(self) -> list[int]:
        sides: list[int] = self.problem.infinite_sides.tolist()
        return sides
