"""Seeds in worker processes: what comes back depends on the seed alone."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import wait
from typing import Any

from ...search.crew import Executors, mapped
from ..runs import one_blas_thread

Job = Callable[[Any, int], dict[str, Any]]

__all__ = ["Job", "run_seeds", "seed_tables"]


def run_seeds(
    job: Job,
    settings: Any,
    seeds: Sequence[int],
    workers: int,
    done: Callable[[int, dict[str, Any]], object],
    executor: Executors | None = None,
) -> None:
    """Call ``done(seed, job(settings, seed))`` for every seed, in order of completion.

    Parameters
    ----------
    job : callable
        A function at the top level of a module, for workers to import.
    settings : object
        Picklable.
    seeds : sequence of int
    workers : int
        With 1, everything happens in this process.
    done : callable
        Called in this process.
    executor : Executor or callable, optional
        Who runs the seeds instead; a seed whose worker is lost is run again.

    Notes
    -----
    After an exception, KeyboardInterrupt included, the workers are ended at once. They ignore
    Ctrl-C themselves: the terminal sends it to all of them. When this process is killed, they end.
    """
    if executor is not None:
        for seed, found in mapped((job, settings), _by_executor, seeds, executor):
            done(seed, found)
        return
    if workers == 1 or len(seeds) < 2:
        for seed in seeds:
            done(seed, _job(job, settings, seed))
        return
    before = set(active_children())
    pool = ProcessPoolExecutor(
        min(workers, len(seeds)), mp_context=get_context("spawn"), initializer=_start_worker
    )
    try:
        futures = {pool.submit(_job, job, settings, seed): seed for seed in seeds}
        for future in as_completed(futures):
            done(futures[future], future.result())
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(active_children()) - before:
            child.terminate()
        raise
    pool.shutdown()


def _by_executor(shared: tuple[Job, Any], seed: int, report: object = None) -> dict[str, Any]:
    return _job(*shared, seed)


def _job(job: Job, settings: Any, seed: int) -> dict[str, Any]:
    with one_blas_thread():
        return job(settings, seed)


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Ends this worker when the process that started it is gone, however that ended."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def seed_tables(results: Mapping[int, Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The rows of all seeds by table, in order of the seeds."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for _, found in sorted(results.items()):
        for name, rows in found.items():
            if name != "networks":
                tables.setdefault(name, []).extend(rows)
    return tables
