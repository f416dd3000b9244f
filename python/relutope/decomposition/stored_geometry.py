"""Faces and volumes of a complex on disk."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import cached_property

import numpy as np

from ..common.arguments import worker_threads
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import FloatArray, IntArray, read_only
from ..common.progress import Progress, search_watch
from ..errors import InvalidComplexError
from ..search.crew import Executors
from ..store.faces import face_counts, volumes
from ..store.folder import Folder
from ..store.graph import Graph

__all__ = ["StoredGeometry"]


@ieee_arithmetic
class StoredGeometry(ABC):
    """What a store says of the faces and volumes of its cells, which are not on disk.

    Vertices are made part by part, by going through the search once more, and let go: memory does
    not grow with the number of cells.
    """

    _folder: Folder

    @property
    @abstractmethod
    def n_cells(self) -> int:
        """Number of cells that are there."""

    @property
    @abstractmethod
    def _graph(self) -> Graph:
        """The dual graph. Raises RelutopeError if the store is not complete."""

    @property
    def n_edges(self) -> int:
        """Number of pairs of adjacent cells."""
        return self._graph.n_entries // 2

    @cached_property
    def f_vector(self) -> IntArray:
        """Number of faces of each dimension 0..n, as `Complex.f_vector`.

        In up to two bounded dimensions it follows from the cells at once. Otherwise this is
        `count_faces` with all processors.
        """
        problem = self._folder.problem
        n = problem.network.input_dim
        bounded = not (problem.lineality_dim or problem.infinite_sides.any())
        if n > 2 or not bounded or self._folder.engine == "lp":
            return read_only(self.count_faces())
        facets = sum(entry.facets for entry in self._folder.entries) - self.n_edges
        faces = [facets] if n == 1 else [1 + facets - self.n_cells, facets]
        return read_only(np.array([*faces, self.n_cells], dtype=np.int64))

    def count_faces(
        self,
        *,
        threads: int | None = None,
        executor: Executors | None = None,
        progress: Progress = False,
    ) -> IntArray:
        """Number of faces of each dimension 0..n, exactly, for degenerate networks, too.

        Parameters
        ----------
        threads : int, optional
            Worker threads; all processors that this process may use by default.
        executor : concurrent.futures.Executor or callable, optional
            Who counts instead, as for `decompose`.
        progress : bool or callable
            As for `decompose`.

        Returns
        -------
        ndarray of int64, shape (n + 1,)

        Raises
        ------
        EngineError
            If there are more than 16 essential dimensions.
        RelutopeError
            If the store is not complete.
        StoppedError
            When `progress` returns True.

        Notes
        -----
        This takes about as long as the search. Where more forms vanish on a face than its
        codimension, and its cells are of several parts of the search, it is written to a temporary
        file once for each of them, if memory does not hold all.
        """
        n_cells = self._graph.n_cells
        with search_watch(progress) as watch:

            def told(cells: int, done: int, steps: int) -> None:
                if watch is not None and watch(cells, done, steps):
                    raise watch.error()

            found = face_counts(self._folder.problem, executor, worker_threads(threads), told)
        if found[-1] != n_cells:
            raise self._other_cells(int(found[-1]))
        return found

    def iter_volumes(
        self, *, threads: int | None = None, executor: Executors | None = None
    ) -> Iterator[FloatArray]:
        """Volumes of all cells in order, as `Complex.cell_volumes`, those of some at a time.

        Each is rounded as there; the last bits may be others, since a cell may be cut into other
        simplices. They do not depend on `threads` and `executor`.

        Parameters
        ----------
        threads : int, optional
            Worker threads; all processors that this process may use by default.
        executor : concurrent.futures.Executor or callable, optional
            Who measures instead, as for `decompose`.

        Yields
        ------
        ndarray of float64
            Infinite where a cell is unbounded. Together they have an entry for each cell.

        Raises
        ------
        EngineError
            If there are more than 16 essential dimensions.
        RelutopeError
            If the store is not complete.
        """
        n_cells, problem = self._graph.n_cells, self._folder.problem
        measured = 0
        for found in volumes(problem, n_cells, executor, worker_threads(threads)):
            measured += len(found)
            yield found
        if measured != n_cells:
            raise self._other_cells(measured)

    @cached_property
    def volume(self) -> float:
        """Volume of all cells together: the sum of `iter_volumes`, rounded once."""
        return math.fsum(math.fsum(found) for found in self.iter_volumes())

    def _other_cells(self, found: int) -> InvalidComplexError:
        return InvalidComplexError(
            f"`store`: {self._folder.path} has {self.n_cells:,} cells, but its network and domain "
            f"have {found:,}; make it anew"
        )
