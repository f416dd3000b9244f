"""Counting cells in a folder that remembers which tasks are counted."""

from __future__ import annotations

from pathlib import Path

from ..common.arguments import Engine
from ..search.crew import Executors
from ..search.problem import Problem, Report
from ..search.workers import count_by_tasks
from .folder import MANIFEST, CountFolder

__all__ = ["count_in"]


def count_in(
    path: Path,
    problem: Problem,
    engine: Engine,
    executor: Executors | None,
    *,
    threads: int,
    max_cells: int | None,
    max_seconds: float | None,
    report: Report,
) -> tuple[int, bool, int, int]:
    """As `count_by_tasks`, from where an earlier call has come to.

    Raises
    ------
    BusyError
        If another process writes the folder.
    ValueError
        If there is something else at `path`, or a count of another problem.
    OSError
        If it cannot be written; what was counted before is in it.
    """
    if (path / MANIFEST).exists():
        folder = CountFolder(path)
        folder.check_problem(problem, engine)
        if not folder.unfinished:  # nothing is written, perhaps because nothing can be
            cells, done = _counted(folder)
            return cells, True, done, done
    with CountFolder.written(path, problem, engine) as folder:
        folder.check_children()
        return count_by_tasks(
            folder.problem,
            folder.engine,
            executor,
            threads=threads,
            max_cells=max_cells,
            max_seconds=max_seconds,
            report=report,
            tasks=folder.unfinished,
            before=_counted(folder),
            note=folder.add_count,
        )


def _counted(folder: CountFolder) -> tuple[int, int]:
    return sum(entry.cells for entry in folder.entries), len(folder.entries)
