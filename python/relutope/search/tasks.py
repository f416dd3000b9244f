"""Parts of a search that threads, processes and machines do, and what they find."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .cell_arrays import CellArrays
from .part import InnerPoints, Part
from .problem import CellComplex, Problem, Report, VertexComplex

__all__ = [
    "ByEngine",
    "Shard",
    "Task",
    "cells_per_task",
    "concatenated",
    "count_task",
    "first_groups",
    "first_tasks",
    "joined",
    "num_parts",
    "run_task",
    "tasks_of",
    "vertices_of_task",
]

ByEngine: TypeAlias = Literal["vertex", "lp"]
# About a second of work or less, measured on the standard networks. A constant of the problem, so
# that its tasks are the same whoever does them.
_CELLS = {0: 2**18, 1: 2**18, 2: 2**18, 3: 2**18, 4: 2**17, 5: 2**16, 6: 2**15, 7: 2**14}
_CELLS_MANY_DIMENSIONS = 2**12
# Counting is faster, most of all where no cell is made; by linear programs, up to so many
# dimensions.
_TIMES_COUNTED = 4
_TIMES_COUNTED_AT_ONCE = 16
_TIMES_COUNTED_LP = {16: 16, 32: 4}
_ALL = 2**64 - 1
_TOGETHER = 8


class Task(NamedTuple):
    """Children `begin` to before `end` of the partial cell that `prefix` leads to.

    Behind the cell with the packed pattern `after`, if there is one; see
    ``cpp/refinement/common/search_task.hpp``.
    """

    prefix: tuple[int, ...]
    begin: int
    end: int
    after: bytes = b""

    @property
    def key(self) -> tuple[int, ...]:
        """Tasks in increasing order of their keys have cells in increasing order of patterns."""
        return (*self.prefix, self.begin)


@dataclass(frozen=True, eq=False)
class Shard:
    """What a task has found, in as few bytes as it needs.

    Attributes
    ----------
    patterns : ndarray of uint64, shape (n_cells, words)
    facet_count : ndarray of unsigned int, shape (n_cells,)
        Facets of each cell; none from the LP engine, which finds them when it has all cells.
    facet_id : ndarray of int16 or int32
    special_facet, special_count, special_ids : ndarray
        Facets on which several forms vanish, by their places in `facet_id`; how many do, and which.
    zero_cell, zero_neuron : ndarray
        Neurons that vanish on a whole cell.
    points : InnerPoints, optional
        From the LP engine.
    """

    patterns: NDArray[np.uint64]
    facet_count: NDArray[Any]
    facet_id: NDArray[Any]
    special_facet: NDArray[np.int64]
    special_count: NDArray[np.int64]
    special_ids: NDArray[np.int32]
    zero_cell: NDArray[np.int64]
    zero_neuron: NDArray[np.int32]
    points: InnerPoints | None = None

    def __len__(self) -> int:
        return len(self.patterns)

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays, about."""
        arrays = [value for value in vars(self).values() if isinstance(value, np.ndarray)]
        extra = 0 if self.points is None else self.points.points.nbytes
        return sum(array.nbytes for array in arrays) + extra

    def pieces(self, cells: int) -> Iterator[Shard]:
        """The same in pieces of at most so many cells; those of the vertex engine, over views."""
        if len(self) <= cells:
            yield self
            return
        assert self.points is None
        ends = np.concatenate([[0], np.cumsum(self.facet_count, dtype=np.int64)])
        ids = np.concatenate([[0], np.cumsum(self.special_count, dtype=np.int64)])
        for low in range(0, len(self), cells):
            high = min(low + cells, len(self))
            first, last = ends[low], ends[high]
            special = slice(*np.searchsorted(self.special_facet, [first, last]).tolist())
            zero = slice(*np.searchsorted(self.zero_cell, [low, high]).tolist())
            yield Shard(
                patterns=self.patterns[low:high],
                facet_count=self.facet_count[low:high],
                facet_id=self.facet_id[first:last],
                special_facet=self.special_facet[special] - first,
                special_count=self.special_count[special],
                special_ids=self.special_ids[ids[special.start] : ids[special.stop]],
                zero_cell=self.zero_cell[zero] - low,
                zero_neuron=self.zero_neuron[zero],
            )

    @classmethod
    def of(cls, part: Part) -> Shard:
        """The cells of a part, copied."""
        arrays = part.arrays
        return cls(
            patterns=arrays.patterns.copy(),
            facet_count=narrowed(np.diff(arrays.facet_begin), (np.uint8, np.uint16, np.uint32)),
            facet_id=narrowed(arrays.facet_id, (np.int16, np.int32)),
            special_facet=arrays.special_facet.copy(),
            special_count=np.diff(arrays.special_begin),
            special_ids=arrays.special_ids.copy(),
            zero_cell=arrays.zero_cell.copy(),
            zero_neuron=arrays.zero_neuron.copy(),
            points=part.points,
        )


def narrowed(values: NDArray[Any], kinds: tuple[Any, ...]) -> NDArray[Any]:
    """A copy of integers in the first of the types that holds them all."""
    low, high = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    fitting = [k for k in kinds if np.iinfo(k).min <= low and high <= np.iinfo(k).max]
    return np.array(values, dtype=fitting[0])


def cells_per_task(problem: Problem, engine: ByEngine, *, keep: bool) -> int:
    """How many cells a task finds, about, before it is cut: a constant of the problem.

    Below a part of the domain, the LP engine's points depend on what was rounded before. Where its
    cells are kept, its tasks are whole parts.
    """
    dim = problem.essential_dim
    if engine == "lp":
        times = next((t for most, t in _TIMES_COUNTED_LP.items() if dim <= most), 1)
        return _ALL if keep else times * _CELLS_MANY_DIMENSIONS
    cells = _CELLS.get(dim, _CELLS_MANY_DIMENSIONS)
    if keep:
        return cells
    if problem.has_one_layer:
        return _TIMES_COUNTED_AT_ONCE * cells
    return cells if dim < 3 else _TIMES_COUNTED * cells


def first_tasks(problem: Problem, engine: ByEngine, *, counted: bool = False) -> list[Task]:
    """The tasks that the search begins with, or the count; together they are all of it."""
    return tasks_of(num_parts(problem, engine, counted=counted), 1)


def num_parts(problem: Problem, engine: ByEngine, *, counted: bool) -> int:
    """How many parts the search begins with, or the count."""
    until = cells_per_task(problem, engine, keep=False) if counted else None
    return problem.num_children(by_vertices=engine == "vertex", count_until=until)


def first_groups(n_children: int, engine: ByEngine) -> list[Task]:
    """The same with several in one, where tasks are cut anyway: each of a store makes a file."""
    return tasks_of(n_children, _TOGETHER if engine == "vertex" else 1)


def tasks_of(n_children: int, size: int) -> list[Task]:
    """All of a search that begins with so many parts, in tasks of at most `size` of them."""
    begins = range(0, n_children, size)
    return [Task((), begin, min(begin + size, n_children)) for begin in begins]


def run_task(
    problem: Problem,
    engine: ByEngine,
    task: Task,
    *,
    pause_at: int | None = None,
    report: Report = None,
) -> tuple[Shard, list[Task]]:
    """The cells of a task, and the tasks left of it.

    The result is the same wherever it is run. It is cut after `pause_at` cells, by default after
    `cells_per_task`.
    """
    pause = pause_at or cells_per_task(problem, engine, keep=True)
    given = _given(task)
    found, left = problem.search_task(given, pause, report, by_vertices=engine == "vertex")
    return Shard.of(Part.of(problem, found)), _tasks(left)


def count_task(
    problem: Problem, engine: ByEngine, task: Task, *, report: Report = None
) -> tuple[int, list[Task]]:
    """How many cells a task has, which are not kept, and the tasks left of it.

    These are others than those of `run_task`; the sum over all is the same.
    """
    pause = cells_per_task(problem, engine, keep=False)
    count, left = problem.count_task(_given(task), pause, report, by_vertices=engine == "vertex")
    return count, _tasks(left)


def vertices_of_task(
    problem: Problem, task: Task, pause_at: int, *, near: bool, report: Report = None
) -> tuple[CellComplex, VertexComplex, list[Task]]:
    """A task of the vertex engine: its cells, linked where they touch each other, their vertices
    (good enough for a picture if `near`), and the tasks left of it after about `pause_at` cells.
    """
    given = _given(task)
    cells, vertices, left = problem.search_task_vertices(given, pause_at, report, near=near)
    return cells, vertices, _tasks(left)


def _given(task: Task) -> Any:
    return list(task.prefix), task.begin, task.end, np.frombuffer(task.after, dtype="<u8").tolist()


def _tasks(left: list[Any]) -> list[Task]:
    return [
        Task(tuple(prefix), begin, end, np.array(last, dtype="<u8").tobytes())
        for prefix, begin, end, last in left
    ]


def joined(
    problem: Problem,
    engine: ByEngine,
    n_children: int,
    shards: Iterable[tuple[Task, Shard]],
    unfinished: Iterable[Task] = (),
) -> Part:
    """What the tasks together have found, of which each child's first cells can be gone on from.

    Parameters
    ----------
    problem, engine
        As for `run_task`.
    n_children : int
        How many tasks the search began with.
    shards : iterable of (Task, Shard)
        What is finished.
    unfinished : iterable of Task
        What is not. Cells of the same child that lie behind are left out.
    """
    first_open: dict[int, tuple[int, ...]] = {}
    for task in unfinished:
        child = task.key[0]
        first_open[child] = min(task.key, first_open.get(child, task.key))
    kept = sorted(
        (
            (task.key, shard)
            for task, shard in shards
            if task.key < first_open.get(task.key[0], (n_children,))
        ),
        key=lambda entry: entry[0],
    )
    job_cells = np.zeros(n_children, dtype=np.uint64)
    for key, shard in kept:
        job_cells[key[0]] += np.uint64(len(shard))
    job_done = np.array([child not in first_open for child in range(n_children)], dtype=np.uint8)
    return _part(problem, engine, [shard for _, shard in kept], job_cells, job_done)


def concatenated(shards: list[Shard]) -> Shard:
    """The cells of several shards, of at least one, in one."""
    if len(shards) == 1:
        return shards[0]
    cells = np.cumsum([0, *(len(s) for s in shards)])
    facets = np.cumsum([0, *(len(s.facet_id) for s in shards)])

    def all_of(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(s, name) for s in shards])

    def shifted(name: str, by: NDArray[np.int64]) -> NDArray[np.int64]:
        parts = [getattr(s, name) + first for s, first in zip(shards, by, strict=False)]
        return np.concatenate(parts).astype(np.int64)

    return Shard(
        patterns=all_of("patterns"),
        facet_count=all_of("facet_count"),
        facet_id=all_of("facet_id"),
        special_facet=shifted("special_facet", facets),
        special_count=all_of("special_count"),
        special_ids=all_of("special_ids"),
        zero_cell=shifted("zero_cell", cells),
        zero_neuron=all_of("zero_neuron"),
        points=_points([s.points for s in shards if s.points is not None], cells),
    )


def _part(
    problem: Problem,
    engine: ByEngine,
    shards: list[Shard],
    job_cells: NDArray[np.uint64],
    job_done: NDArray[np.uint8],
) -> Part:
    found = concatenated(shards) if shards else _nothing(problem, engine)

    def begins(count: NDArray[Any]) -> NDArray[np.int64]:
        return np.concatenate([[0], np.cumsum(count, dtype=np.int64)]).astype(np.int64)

    arrays = CellArrays(
        patterns=found.patterns,
        facet_begin=begins(found.facet_count),
        facet_id=found.facet_id.astype(np.int32),
        facet_neighbour=np.empty(0, dtype=np.int32),
        special_facet=found.special_facet,
        special_begin=begins(found.special_count),
        special_ids=found.special_ids,
        zero_cell=found.zero_cell,
        zero_neuron=found.zero_neuron,
    )
    return Part(problem, engine, arrays, job_cells, job_done, found.points)


def _nothing(problem: Problem, engine: ByEngine) -> Shard:
    none, neurons = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32)
    patterns = np.empty((0, max(1, -(-problem.network.n_neurons // 64))), dtype=np.uint64)
    points = np.empty((0, problem.essential_dim))
    return Shard(
        patterns,
        facet_count=none,
        facet_id=neurons,
        special_facet=none,
        special_count=none,
        special_ids=neurons,
        zero_cell=none,
        zero_neuron=neurons,
        points=None if engine == "vertex" else InnerPoints(points, none.astype(np.uint64), []),
    )


def _points(known: list[InnerPoints], first: NDArray[np.int64]) -> InnerPoints | None:
    if not known:
        return None
    exact_cells = [p.exact_cell + np.uint64(by) for p, by in zip(known, first, strict=False)]
    return InnerPoints(
        np.concatenate([p.points for p in known]),
        np.concatenate(exact_cells),
        [x for p in known for x in p.exact_points],
    )
