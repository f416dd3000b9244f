"""Searching for the cells that a store lacks."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

from ..common.arguments import Engine
from ..common.progress import Watch
from ..errors import CellLimitError, InvalidFileError, RelutopeError
from ..search.core_errors import too_many_cells
from ..search.crew import Executors
from ..search.problem import Problem
from ..search.solution import Solution, solve
from ..search.tasks import joined
from ..search.workers import finished_tasks
from .folder import MANIFEST, Folder
from .graph import GRAPH, Graph, write_graph
from .linking import LEAST, link

__all__ = ["fill", "solution_in"]

_AT_ONCE = 6  # copies of a task's cells while it is found, sent, sorted and written
_LP_COPIES = 3  # of all cells, while the LP engine links them


def fill(
    path: Path,
    problem: Problem,
    engine: Engine,
    *,
    threads: int,
    executor: Executors | None,
    memory_limit: int | None,
    max_cells: int | None,
    watch: Watch | None,
) -> Folder:
    """Finds the cells that the store at `path` lacks, and how all of them touch.

    Raises
    ------
    BusyError
        If another process writes the store.
    ValueError
        If there is something else at `path`, or a store of another problem.
    StoppedError, CellLimitError
        As for `decompose`; what was found is in the store.
    OSError
        If the disk is full or cannot be written; what was found before is in the store.
    """
    there = _complete(path, problem, engine)
    if there is not None:  # nothing is written, perhaps because nothing can be
        _check_limit(max_cells, len(there.cells()))
        return there
    with Folder.written(path, problem, engine) as folder:
        most = tasks_within(memory_limit, folder)
        _search(folder, threads, executor, most, max_cells, watch, memory_limit)
        if _has_graph(folder):
            return folder
        if folder.engine == "lp":  # its facets are found when all cells are in memory
            _check_lp_memory(memory_limit, folder)
            arrays = solution_in(folder, threads, watch).links
            write_graph(path, arrays.facet_begin, arrays.facet_neighbour)
            return folder
        cells = folder.cells()

        def told(done: int, steps: int) -> None:
            if watch is not None and watch(len(cells), done, steps):
                raise watch.error(n_cells=len(cells))

        link(cells, path, told, memory_limit)
    return folder


def _complete(path: Path, problem: Problem, engine: Engine) -> Folder | None:
    """The store at `path`, if it lacks nothing."""
    if not (path / MANIFEST).exists():
        return None
    folder = Folder(path)
    folder.check_problem(problem, engine)
    lacking = folder.unfinished or folder.lost or not _has_graph(folder, remove=False)
    return None if lacking else folder


def _has_graph(folder: Folder, *, remove: bool = True) -> bool:
    """Whether the graph is there. What is no graph of these cells is removed."""
    if not (folder.path / GRAPH).exists():
        return False
    try:
        Graph(folder.path / GRAPH, len(folder.cells()))
    except InvalidFileError:
        if remove:
            shutil.rmtree(folder.path / GRAPH)
        return False
    return True


def _search(
    folder: Folder,
    threads: int,
    executor: Executors | None,
    most: int | None,
    max_cells: int | None,
    watch: Watch | None,
    memory_limit: int | None,
) -> None:
    found = sum(entry.cells for entry in folder.entries)
    _check_limit(max_cells, found)
    lost = set(folder.lost)
    tasks = [*folder.unfinished, *lost]
    if not tasks:
        return
    folder.check_children()
    results = finished_tasks(
        folder.problem,
        folder.engine,
        tasks,
        executor,
        threads=threads if most is None else min(threads, most),
        keep=True,
        watch=watch,
        found_before=found,
        at_once=most,
        pause_at=folder.cells_per_task,
        known={*tasks, *(entry.task for entry in folder.entries)},
    )
    with closing(results):  # type: ignore[type-var]
        for task, count, shard, rest in results:
            assert shard is not None
            folder.add(task, shard, rest)
            found += count if task not in lost else 0
            _check_limit(max_cells, found)
            _check_lp_memory(memory_limit, folder)
    folder.sort()


def _check_limit(max_cells: int | None, found: int) -> None:
    if max_cells is not None and found > max_cells:
        error: CellLimitError = too_many_cells(max_cells, found)
        raise error


def tasks_within(memory_limit: int | None, folder: Folder) -> int | None:
    """How many tasks may be at work at a time; None if nobody asks, or nobody knows their size.

    Raises
    ------
    ValueError
        If not even one fits.
    """
    if memory_limit is None or folder.engine == "lp":
        return None
    cell = 8 * folder.kind.words + 4 + 8 * (2 * folder.kind.dim + 1)
    task = _AT_ONCE * cell * folder.cells_per_task
    if memory_limit < LEAST + task:
        raise ValueError(
            f"`memory_limit` is {memory_limit:,} bytes; this problem needs at least "
            f"{LEAST + task:,}"
        )
    return int((memory_limit - LEAST) // task)


def _check_lp_memory(memory_limit: int | None, folder: Folder) -> None:
    """Raises ValueError if the LP engine could not link the cells that are known."""
    if memory_limit is None or folder.engine != "lp":
        return
    cells, dim = sum(entry.cells for entry in folder.entries), folder.kind.dim
    needed = LEAST + _LP_COPIES * cells * 8 * (folder.kind.words + 3 * dim + 2)
    if needed > memory_limit:
        raise ValueError(
            f"`memory_limit` is {memory_limit:,} bytes; the LP engine finds facets when all cells "
            f"are in memory, and the {cells:,} found so far take {needed:,}. They are in the "
            "store: the same call with more goes on; engine='vertex' needs less"
        )


def solution_in(folder: Folder, threads: int, watch: Watch | None = None) -> Solution:
    """All cells of a store, in memory.

    Raises
    ------
    RelutopeError
        If the store is not complete.
    """
    if folder.unfinished:
        raise RelutopeError(
            f"`store`: {folder.path} has not all cells yet; go on with "
            "decompose(network, domain, store=...)"
        )
    tasks = [entry.task for entry in folder.entries if entry.cells]
    shards = (shard for _, shard in folder.cells().shards())
    part = joined(folder.problem, folder.engine, folder.n_children, zip(tasks, shards, strict=True))
    return solve(folder.problem, threads=threads, watch=watch, resumed=part)
