"""Faces and volumes of all cells, part by part: vertices are made where needed, and let go.

The search is gone through once more, in tasks with the vertices of their cells. Most faces are
counted by exactly one of the cells around them, which can tell by itself, or have all cells around
them in one task. The others, of which more forms vanish than their codimension, are written down,
and counted once each; see ``cpp/complex/faces/face_counts.cpp``.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..common.arrays import FloatArray, IntArray
from ..complex.geometry import total_measure
from ..search.crew import Crew, Executors, Stop
from ..search.problem import Problem
from ..search.tasks import Task, cells_per_task, first_groups, vertices_of_task
from ..search.workers import worked_off
from .patterns import hashes

__all__ = ["DistinctRows", "face_counts", "volumes"]

_HELD = 1 << 26  # bytes of rows
_PARTS = 512
_AT_ONCE = 1 << 16  # cells
_FEWER = 8  # vertices take so many times the memory of facets, about
_SIMPLICES = 1 << 20  # a cell has about as many as a cube
Told = Callable[[int, int, int], None]


def face_counts(problem: Problem, executor: Executors | None, threads: int, told: Told) -> IntArray:
    """How many faces the complex has of each dimension; `told` hears cells, tasks done, all known.

    Raises
    ------
    EngineError
        If there are too many dimensions for vertices.
    OSError
        If there is no room for temporary files.
    """
    problem.check_dimension()
    counts = np.zeros(problem.essential_dim + 1, dtype=np.int64)

    def heard(done: int, steps: int) -> None:
        told(int(counts[-1]), done, steps)

    tasks = first_groups(problem.num_children(by_vertices=True), "vertex")
    with Crew(problem, _counted, executor, threads) as crew, DistinctRows(_HELD) as shared:
        for _, (found, rows, _) in worked_off(crew, tasks, heard):
            counts += found
            shared.add(rows)
        for rows in shared:
            counts += np.bincount(rows[:, -1].astype(np.int64), minlength=len(counts))
    not_solved = problem.network.input_dim - problem.essential_dim
    return np.concatenate([np.zeros(not_solved, dtype=np.int64), counts])


def _counted(
    problem: Problem, task: Task, report: Stop
) -> tuple[IntArray, NDArray[np.uint64], list[Task]]:
    most = _cells_at_once(problem)
    cells, vertices, rest = vertices_of_task(problem, task, most, near=True, report=report)
    return *vertices.part_counts(cells, problem.infinite_sides.tolist()), rest


def _cells_at_once(problem: Problem) -> int:
    return cells_per_task(problem, "vertex", keep=True) // _FEWER


def volumes(
    problem: Problem, n_cells: int, executor: Executors | None, threads: int
) -> Iterator[FloatArray]:
    """Volumes of all `n_cells` cells in order, those of some at a time.

    Raises
    ------
    EngineError
        If there are too many dimensions for vertices.
    """
    if problem.lineality_dim:
        for begin in range(0, n_cells, _AT_ONCE):
            yield np.full(min(_AT_ONCE, n_cells - begin), np.inf)
        return
    problem.check_dimension()
    tasks = first_groups(problem.num_children(by_vertices=True), "vertex")
    with Crew(problem, _measured, executor, threads) as crew:
        results = worked_off(crew, tasks, lambda *_: None)
        for found, _ in _in_order(tasks, results):
            if len(found):
                yield found


def _measured(problem: Problem, task: Task, report: Stop) -> tuple[FloatArray, list[Task]]:
    most = min(_cells_at_once(problem), _SIMPLICES // math.factorial(problem.essential_dim))
    cells, core, rest = vertices_of_task(problem, task, most, near=False, report=report)
    simplices, owner = core.triangulate_cells(cells)
    return total_measure(core.coordinates, core.num_finite, simplices, owner, cells.num_cells), rest


def _in_order(
    tasks: Iterable[Task], results: Iterable[tuple[Task, Any]]
) -> Iterator[tuple[FloatArray, list[Task]]]:
    """Results in the order of their cells; those that come too early wait."""
    missing = [task.key for task in tasks]
    heapq.heapify(missing)
    waiting: dict[tuple[int, ...], Any] = {}
    for task, result in results:
        waiting[task.key] = result
        while missing and missing[0] in waiting:
            found = waiting.pop(heapq.heappop(missing))
            for left in found[-1]:
                heapq.heappush(missing, left.key)
            yield found


class DistinctRows:
    """Rows of words, each of which is given back once; on the disk when they are many.

    To be used in a ``with`` block.
    """

    def __init__(self, held: int) -> None:
        self._most = held
        self._rows: list[NDArray[np.uint64]] = []
        self._held = 0
        self._folder: TemporaryDirectory[str] | None = None

    def __enter__(self) -> DistinctRows:
        return self

    def __exit__(self, *error: object) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def add(self, rows: NDArray[np.uint64]) -> None:
        """Takes rows, all of them of the same width."""
        if not len(rows):
            return
        self._width = rows.shape[1]
        self._rows.append(rows)
        self._held += rows.nbytes
        if self._held > self._most:
            self._rows = [_distinct(np.concatenate(self._rows))]
            self._held = self._rows[0].nbytes
            if 2 * self._held > self._most:
                self._write()

    def _write(self) -> None:
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="relutope-faces-")
        (rows,) = self._rows
        part = hashes(rows) % np.uint64(_PARTS)
        order = np.argsort(part, kind="stable")
        ends = np.cumsum(np.bincount(part.astype(np.int64), minlength=_PARTS))
        for k, (begin, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
            if begin < end:
                with open(Path(self._folder.name) / str(k), "ab") as file:
                    file.write(rows[order[begin:end]].data)
        self._rows, self._held = [], 0

    def __iter__(self) -> Iterator[NDArray[np.uint64]]:
        held = [_distinct(np.concatenate(self._rows))] if self._rows else []
        if self._folder is None:
            yield from held
            return
        folder = Path(self._folder.name)
        for part in range(_PARTS):
            files = [folder / str(part)] if (folder / str(part)).exists() else []
            rows = [np.fromfile(f, dtype=np.uint64).reshape(-1, self._width) for f in files]
            rows += [some[hashes(some) % np.uint64(_PARTS) == part] for some in held]
            if rows:
                yield _distinct(np.concatenate(rows))


def _distinct(rows: NDArray[np.uint64]) -> NDArray[np.uint64]:
    rows = rows[np.lexsort(rows.T)]
    new = np.ones(len(rows), dtype=np.bool_)
    new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    found: NDArray[np.uint64] = rows[new]
    return found
