"""The tasks of a search, given to an executor until none is left."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import closing
from typing import Any, TypeAlias

from ..common.arguments import Engine
from ..common.progress import Watch
from ..errors import StoppedError
from .core_errors import too_many_cells
from .crew import Crew, Executors, Stop, at_once_of, mapped
from .part import Part
from .problem import Problem, Report
from .tasks import (
    ByEngine,
    Shard,
    Task,
    count_task,
    first_tasks,
    joined,
    num_parts,
    run_task,
    tasks_of,
)

__all__ = [
    "Finished",
    "count_by_tasks",
    "estimate_by_parts",
    "finished_tasks",
    "search_by_tasks",
    "worked_off",
]

Finished: TypeAlias = tuple[Task, int, Shard | None, list[Task]]
"""A task, how many cells it has, these cells if they are kept, and the tasks left of it."""

_SECONDS = 0.1
_PARTS = 4  # of an estimate, where nobody knows how many workers there will be


def _search(
    shared: tuple[Problem, ByEngine, bool, int | None], task: Task, report: Stop
) -> tuple[int, Shard | None, list[Task]]:
    problem, engine, keep, pause_at = shared
    if not keep:
        count, left = count_task(problem, engine, task, report=report)
        return count, None, left
    shard, left = run_task(problem, engine, task, pause_at=pause_at, report=report)
    return len(shard), shard, left


def finished_tasks(
    problem: Problem,
    engine: ByEngine,
    tasks: Iterable[Task],
    executor: Executors | None,
    *,
    threads: int,
    keep: bool,
    watch: Watch | None = None,
    found_before: int = 0,
    at_once: int | None = None,
    pause_at: int | None = None,
    known: Collection[Task] = (),
) -> Iterator[Finished]:
    """Runs tasks and all that is left of them, and yields them as they are finished.

    A task whose worker is lost is run again. When the iterator is closed, or an error leaves it,
    the tasks that have not begun are cancelled.

    Parameters
    ----------
    problem, engine, tasks
        What to search.
    executor : Executor, callable or None
        Who runs them; threads of this process by default.
    threads : int
        How many, then.
    keep : bool
        Whether cells are wanted, or only how many there are.
    watch : Watch, optional
        Is told how far the search is.
    found_before : int
        Cells that are known already, for the watch.
    at_once : int, optional
        Tasks that are given away at a time, for what their results take; by default four for each
        worker.
    pause_at : int, optional
        As for `run_task`.
    known : collection of Task, optional
        Tasks that are not to be run when they are left of others.

    Raises
    ------
    RelutopeError
        If the executor is broken and cannot be made again, or a task loses its worker every time.
    StoppedError
        When the watch says so; without a `partial`.
    """
    cells = found_before

    def told(done: int, steps: int) -> None:
        if watch is not None and watch(cells, done, steps):
            raise watch.error(n_cells=cells)

    with Crew((problem, engine, keep, pause_at), _search, executor, threads) as crew:
        for task, (count, shard, rest) in worked_off(crew, tasks, told, at_once, known):
            cells += count
            yield task, count, shard, rest


def worked_off(
    crew: Crew,
    tasks: Iterable[Task],
    told: Callable[[int, int], None],
    at_once: int | None = None,
    known: Collection[Task] = (),
) -> Iterator[tuple[Task, Any]]:
    """Tasks and all that is left of them, with their results, of which the last is what is left.

    They begin in the order of their cells. `told` hears how many are done, and how many are known,
    a few times a second.
    """
    ready = [(task.key, task) for task in tasks]
    heapq.heapify(ready)
    done, most = 0, at_once or crew.at_once
    asked = time.perf_counter()
    while ready or crew.running:
        while ready and len(crew.running) < most:
            crew.start(heapq.heappop(ready)[1])
        for task, result in crew.finished():
            done += 1
            for left in result[-1]:
                if left not in known:
                    heapq.heappush(ready, (left.key, left))
            yield task, result
        if (now := time.perf_counter()) >= asked:
            asked = now + _SECONDS
            told(done, done + len(ready) + len(crew.running))
    told(done, done)


def search_by_tasks(
    problem: Problem,
    engine: Engine,
    executor: Executors,
    *,
    max_cells: int | None,
    watch: Watch | None,
) -> Part:
    """All cells, found by an executor, for `solve` to put together.

    Raises
    ------
    CellLimitError, StoppedError
        As for `solve`.
    """
    by: Any = problem.faster_engine if engine == "auto" else engine
    tasks = first_tasks(problem, by)
    unfinished = set(tasks)
    shards: list[tuple[Task, Shard]] = []
    cells = 0
    results = finished_tasks(problem, by, tasks, executor, threads=1, keep=True, watch=watch)
    try:
        with closing(results):  # type: ignore[type-var]
            for task, count, shard, rest in results:
                assert shard is not None
                shards.append((task, shard))
                unfinished.remove(task)
                unfinished |= set(rest)
                cells += count
                if max_cells is not None and cells > max_cells:
                    raise too_many_cells(max_cells, cells)
    except StoppedError as stopped:
        stopped.partial = joined(problem, by, len(tasks), shards, unfinished)
        raise
    return joined(problem, by, len(tasks), shards)


def count_by_tasks(
    problem: Problem,
    engine: ByEngine,
    executor: Executors | None,
    *,
    max_cells: int | None,
    max_seconds: float | None,
    report: Report,
    threads: int = 1,
    tasks: Collection[Task] | None = None,
    before: tuple[int, int] = (0, 0),
    note: Callable[[Task, int, list[Task]], None] | None = None,
) -> tuple[int, bool, int, int]:
    """Cells found, whether these are all, parts of the search done, all parts known.

    Of a count that goes on, `tasks` are left, and `before` are cells and parts that are done;
    `note` is told each task that is done, its cells, and the tasks left of it.
    """
    if tasks is None:
        # To give a task away takes some time, and most of the parts are small: several of them
        # together where there are few workers.
        parts = num_parts(problem, engine, counted=True)
        wanted = at_once_of(executor) if isinstance(executor, Executor) else parts
        tasks = tasks_of(parts, max(1, parts // wanted))
    cells, done = before
    known = done + len(tasks)
    start = time.perf_counter()
    results = finished_tasks(problem, engine, tasks, executor, threads=threads, keep=False)
    with closing(results):  # type: ignore[type-var]
        for task, count, _, rest in results:
            if note is not None:
                note(task, count, rest)
            cells += count
            done, known = done + 1, known + len(rest)
            if report is not None:
                report(cells, done, known)
            if max_cells is not None and cells > max_cells:
                return cells, False, done, known
            if max_seconds is not None and time.perf_counter() - start >= max_seconds:
                return cells, done == known, done, known
    return cells, True, done, known


_Part: TypeAlias = tuple[int, int]  # the first batch of some, and how many


def _estimated(
    shared: tuple[Problem, float, int], part: _Part, report: Stop
) -> tuple[list[float], bool]:
    problem, population, seed = shared
    first, count = part
    return problem.estimate_cells(1, count, population, seed, report, first)


def estimate_by_parts(
    problem: Problem,
    executor: Executors,
    batches: int,
    population: float,
    seed: int,
    report: Report,
) -> tuple[list[float], bool]:
    """What `Problem.estimate_cells` says, by an executor.

    What all batches begin with is done in each part again, so there is one for each worker.
    """
    workers = at_once_of(executor) // 4 if isinstance(executor, Executor) else _PARTS
    size = -(-batches // max(1, min(batches, workers)))
    parts = [(first, min(size, batches - first)) for first in range(0, batches, size)]
    found: dict[_Part, list[float]] = {}
    results = mapped((problem, population, seed), _estimated, parts, executor)
    with closing(results):  # type: ignore[type-var]
        for part, (numbers, exact) in results:
            if exact:  # all cells were seen
                return numbers, True
            found[part] = numbers
            if report is not None:
                report(0, len(found), len(parts))
    return [number for part in parts for number in found[part]], False
