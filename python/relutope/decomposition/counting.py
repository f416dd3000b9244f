"""How many cells there are, exactly, without keeping them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..common.arguments import (
    Engine,
    check_engine,
    checked_count,
    checked_folder,
    checked_seconds,
    worker_threads,
)
from ..common.arithmetic import ieee_arithmetic
from ..common.progress import Progress, search_progress
from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope
from ..network.conversion import NetworkLike, as_network
from ..search.central import Counted, count_cones, is_central
from ..search.crew import Executors
from ..search.domains import checked_domain, on_free_inputs
from ..search.problem import Problem
from ..search.workers import count_by_tasks

__all__ = ["CellCount", "count"]


@ieee_arithmetic
@dataclass(frozen=True)
class CellCount:
    """Result of `count`; ``int(result)`` is the number of cells if the count is complete.

    Attributes
    ----------
    n_cells : int
        Cells that were found: all of them if `complete`, otherwise a certain lower bound.
    complete : bool
        Whether the search came to its end.
    seconds : float
        Wall time.
    fraction_of_jobs : float
        Share of the search's parts that were finished. Parts differ in size.
    """

    n_cells: int
    complete: bool
    seconds: float
    fraction_of_jobs: float

    def __int__(self) -> int:
        if not self.complete:
            raise ValueError(
                f"the count is not complete: there are at least {self.n_cells} cells; take "
                "`n_cells` for this lower bound, or raise `max_cells` and `max_seconds`"
            )
        return self.n_cells

    def __str__(self) -> str:
        if self.complete:
            return f"{self.n_cells:,} cells ({self.seconds:.3g} s)"
        return (
            f"at least {self.n_cells:,} cells (stopped after {self.seconds:.3g} s, "
            f"{self.fraction_of_jobs:.0%} of the search's parts done)"
        )


@ieee_arithmetic
def count(
    network: NetworkLike,
    domain: Box | FlatBox | Polytope | str | Path | None = None,
    *,
    engine: Engine = "auto",
    threads: int | None = None,
    max_cells: int | None = None,
    max_seconds: float | None = None,
    progress: Progress = False,
    executor: Executors | None = None,
    store: str | Path | None = None,
) -> CellCount:
    """The number of cells of ``decompose(network, domain)``, exactly, in memory that does not grow.

    Cells are not kept. The vertex engine does not even make those of the last layer that has ReLU
    neurons: in a cell of the layers before, the traces of these neurons on each other are counted,
    down to points on lines whose order is certified. Cells of hyperplanes through the origin are
    counted one dimension down. When a budget runs out, the result says so and is a certain lower
    bound.

    Parameters
    ----------
    network : Network, torch.nn.Module, sequence of (W, b), or path of a file
        As for `decompose`.
    domain : Box, FlatBox, Polytope, or path of a ``.vnnlib`` file, optional
        Where to look; all of R^n by default. Inputs that a `FlatBox` fixes are dropped: cells are
        those of the network as a function of the others.
    engine : {"auto", "vertex", "lp"}
        As for `decompose`; both count the same cells.
    threads : int, optional
        Worker threads; all processors that this process may use by default. A complete count does
        not depend on it.
    max_cells : int, optional
        Stop when more cells than this were found.
    max_seconds : float, optional
        Stop after this wall time.
    progress : bool or callable
        Show progress on stderr during long searches; or a callable that is told the cells found,
        the parts of the search that are done, and all parts. If it returns True, the search stops.
    executor : concurrent.futures.Executor or callable, optional
        Who counts, instead of threads of this process: a pool of processes, the workers of Dask or
        MPI; or a callable that makes one, as for `decompose`.
    store : str or Path, optional
        A folder: what is counted is noted there. The same call goes on with what is there already,
        also after the process was killed.

    Returns
    -------
    CellCount

    Raises
    ------
    InvalidNetworkError, UnsupportedLayerError
        If the network cannot be used.
    InvalidDomainError
        If the domain is empty or does not fit the network.
    EngineError
        If the engine is unknown or cannot hold so many dimensions.
    ValueError
        If `store` holds something else, or counts of another network, domain or engine.
    BusyError
        If another process writes `store`.
    OSError
        If `store` cannot be written; what was counted before is noted in it.
    KeyboardInterrupt
        On Ctrl-C, within a fraction of a second.
    StoppedError
        If `progress` returns True.

    See Also
    --------
    estimate_count, decompose

    References
    ----------
    Zaslavsky, Facing up to arrangements, Memoirs of the AMS 154, 1975 (deletion and restriction).

    Examples
    --------
    >>> import relutope as rt
    >>> net = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, -1.0]], [0.0])]
    >>> int(rt.count(net, rt.Box(-1, 1)))
    4
    """
    check_engine(engine)
    given = checked_domain(domain)
    if max_cells is not None:
        max_cells = checked_count("max_cells", max_cells)
    max_seconds = checked_seconds("max_seconds", max_seconds)
    problem = Problem(*on_free_inputs(as_network(network), given))
    workers = worker_threads(threads)

    def counted(part: Problem, seconds: float | None) -> Counted:
        by: Any = part.faster_counter if engine == "auto" else engine
        if executor is None:
            return part.count_cells(by, workers, max_cells, seconds, report)
        limits: Any = {"max_cells": max_cells, "max_seconds": seconds}
        return count_by_tasks(part, by, executor, report=report, **limits)

    start = time.perf_counter()
    with search_progress(progress) as report:
        if store is not None:
            from ..store.counting import count_in  # archives, which memory does without

            folder = checked_folder("store", store)
            cells, complete, done, jobs = count_in(
                folder,
                problem,
                engine,
                executor,
                threads=workers,
                report=report,
                max_cells=max_cells,
                max_seconds=max_seconds,
            )
        elif engine == "auto" and is_central(problem):
            cells, complete, done, jobs = count_cones(problem, counted, max_seconds)
            complete = complete and (max_cells is None or cells <= max_cells)
        else:
            cells, complete, done, jobs = counted(problem, max_seconds)
    seconds = time.perf_counter() - start
    return CellCount(cells, complete, seconds, done / jobs if jobs else 0.0)
