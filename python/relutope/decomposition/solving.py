"""The complex of a network over a domain that fixes no input."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from ..common.arguments import (
    Engine,
    check_engine,
    checked_count,
    checked_folder,
    checked_seconds,
    worker_threads,
)
from ..common.progress import Progress, search_watch
from ..complex.stored_checks import check_arrays
from ..domain.box import Box
from ..domain.polytope import Polytope
from ..errors import StoppedError
from ..network.network import Network
from ..search.core_errors import fitting_cells
from ..search.crew import Executors
from ..search.problem import Outputs, Problem
from ..search.solution import solve
from ..search.workers import search_by_tasks
from .complex import Complex
from .partial import PartialComplex

if TYPE_CHECKING:
    from .stored import Store

__all__ = ["solved", "stored"]


def solved(
    network: Network,
    domain: Box | Polytope | None,
    *,
    outputs: Outputs | None,
    engine: Engine,
    threads: int | None,
    max_cells: int | None,
    max_seconds: float | None,
    progress: Progress,
    resume: PartialComplex | None = None,
    executor: Executors | None = None,
    memory_limit: int | None = None,
) -> Complex:
    """See `decompose`."""
    check_engine(engine)
    if max_cells is not None:
        max_cells = checked_count("max_cells", max_cells)
    if memory_limit is not None:
        memory_limit = checked_count("memory_limit", memory_limit)
    max_seconds = checked_seconds("max_seconds", max_seconds)
    workers = worker_threads(threads)
    problem = Problem.of_outputs(network, domain, outputs)
    resumed = None if resume is None else resume.part_of(problem, engine)
    if executor is not None and resumed is not None:
        raise ValueError("`executor` goes without `resume`; take a `store`, which is gone on from")
    if executor is not None and memory_limit is not None:
        raise ValueError("`executor` goes with `memory_limit` only if there is a `store`; take one")
    with search_watch(progress, max_seconds) as watch:
        try:
            if executor is not None:
                gathered = search_by_tasks(
                    problem, engine, executor, max_cells=max_cells, watch=watch
                )
                found = solve(problem, threads=workers, watch=watch, resumed=gathered)
            else:
                with fitting_cells("`resume`") if resumed is not None else nullcontext():
                    found = solve(
                        problem,
                        engine,
                        threads=workers,
                        max_cells=max_cells,
                        watch=watch,
                        resumed=resumed,
                        memory_limit=memory_limit,
                    )
        except StoppedError as stopped:
            if stopped.partial is not None:
                stopped.partial = PartialComplex(stopped.partial)
            raise
    if resumed is not None:
        issue = check_arrays(found.links, problem.network.n_neurons, len(problem.infinite_sides))
        if issue is not None:
            raise ValueError(f"`resume` does not hold cells of this network: {issue}")
    return Complex(found)


def stored(
    network: Network,
    domain: Box | Polytope | None,
    path: str | Path,
    *,
    outputs: Outputs | None,
    engine: Engine,
    threads: int | None,
    max_cells: int | None,
    max_seconds: float | None,
    progress: Progress,
    executor: Executors | None,
    memory_limit: int | None,
) -> Store:
    """See `decompose`."""
    from ..store.filling import fill
    from .stored import Store  # archives, which memory does without

    check_engine(engine)
    if max_cells is not None:
        max_cells = checked_count("max_cells", max_cells)
    if memory_limit is not None:
        memory_limit = checked_count("memory_limit", memory_limit)
    folder = checked_folder("store", path)
    problem = Problem.of_outputs(network, domain, outputs)
    with search_watch(progress, checked_seconds("max_seconds", max_seconds)) as watch:
        filled = fill(
            folder,
            problem,
            engine,
            threads=worker_threads(threads),
            executor=executor,
            memory_limit=memory_limit,
            max_cells=max_cells,
            watch=watch,
        )
    return Store(filled)
