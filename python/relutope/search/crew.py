"""Functions given to an executor: threads, processes, or the machines of a cluster."""

from __future__ import annotations

import hashlib
import pickle
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import suppress
from typing import Any, TypeAlias

from ..errors import RelutopeError

__all__ = ["Crew", "Executors", "at_once_of", "mapped"]

Executors: TypeAlias = Executor | Callable[[], Executor]
"""An executor, or a callable that makes one: a broken one is then replaced."""

Stop: TypeAlias = Callable[..., None] | None
Work: TypeAlias = Callable[[Any, Any, Stop], Any]
"""What is done with what all items share, an item, and a report that ends it by an error."""

_MOST_LOSSES = 5  # of one item, before something else than chance is blamed
_MANY = 256  # items at once, where an executor does not say how many workers it has
_KEPT = 4
_SECONDS = 0.1

_shared: dict[bytes, Any] = {}  # of a worker, by the hash of its pickle


def _work(key: bytes, packed: bytes | None, work: Work, item: Any) -> tuple[Any] | None:
    """Does an item on a worker; None if it has not been told what is shared, and must be."""
    if key not in _shared:
        if packed is None:
            return None
        shared = pickle.loads(packed)
        while len(_shared) >= _KEPT:
            _shared.pop(next(iter(_shared)))
        _shared[key] = shared
    return (work(_shared[key], item, None),)


class Crew:
    """Workers, and the items that they are at. What these share is sent to each worker once.

    To be used in a ``with`` block, after which what has not begun is cancelled.

    Parameters
    ----------
    shared : object
        What all items need.
    work : callable
        Is called with `shared`, an item, and a report or None; can be pickled.
    executor : Executor, callable or None
        Who works; threads of this process by default.
    threads : int
        How many, then.
    """

    def __init__(
        self, shared: Any, work: Work, executor: Executors | None, threads: int = 1
    ) -> None:
        self._shared, self._do = shared, work
        self._own_threads = executor is None
        self._stop = threading.Event()
        self._make = executor if not isinstance(executor, Executor) else None
        self._executor: Executor
        if executor is None:
            self._executor = ThreadPoolExecutor(threads)
        elif isinstance(executor, Executor):
            self._executor = executor
        else:
            self._executor = _made(executor)
        self._packed = b"" if self._own_threads else pickle.dumps(shared)
        self._key = hashlib.sha256(self._packed).digest()
        self._told = 0
        self._losses: dict[Hashable, int] = {}
        self._lost: list[Any] = []
        self.running: dict[Future[Any], Any] = {}
        self.at_once = 4 * threads if self._own_threads else at_once_of(self._executor)

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for future in self.running:
            future.cancel()
        if self._own_threads or self._make is not None:
            self._executor.shutdown(wait=self._own_threads, cancel_futures=True)

    def start(self, item: Any, *, tell: bool = False) -> None:
        """Gives an item away; the first ones, and those of workers who ask, with what is shared."""
        future: Future[Any]
        try:
            if self._own_threads:
                future = self._executor.submit(self._do_here, item)
            else:
                tell = tell or self._told < self.at_once
                self._told += 1
                packed = self._packed if tell else None
                future = self._executor.submit(_work, self._key, packed, self._do, item)
        except (BrokenExecutor, OSError, ValueError) as error:
            # A pool of processes that loses one while it starts another finds its pipes closed,
            # or their numbers given to others.
            future = Future()
            known = isinstance(error, BrokenExecutor)
            future.set_exception(error if known else BrokenExecutor(str(error)))
        except RuntimeError as error:  # it was shut down
            raise RelutopeError(f"`executor` takes no work: {error}") from error
        self.running[future] = item

    def finished(self) -> Iterator[tuple[Any, Any]]:
        """Items that are done, with their results, after a short wait.

        Those whose worker was lost are started again.

        Raises
        ------
        RelutopeError
            If the executor is broken and cannot be made again, or an item loses its worker every
            time.
        """
        done, _ = wait(self.running, timeout=_SECONDS, return_when=FIRST_COMPLETED)
        lost: list[Any] = []
        broken: BaseException | None = None
        for future in done:
            item = self.running.pop(future)
            try:
                result = future.result()
            except BrokenExecutor as error:
                broken = error
                self._count_loss(item, error)
                lost.append(item)
            except Exception as error:
                if not _is_loss(error):
                    raise
                self._count_loss(item, error)
                lost.append(item)
            else:
                if result is None:
                    self.start(item, tell=True)
                else:
                    yield item, result[0]
        if broken is not None:
            self._replace(broken)
        for item in lost:
            self.start(item)

    def _do_here(self, item: Any) -> tuple[Any]:
        return (self._do(self._shared, item, self._stop_if_told),)

    def _stop_if_told(self, *_: object) -> None:
        if self._stop.is_set():
            raise CancelledError

    def _count_loss(self, item: Any, error: BaseException) -> None:
        losses = self._losses.get(item, 0) + 1
        self._losses[item] = losses
        if losses > _MOST_LOSSES:
            raise RelutopeError(
                f"`executor`: a task has lost its worker {losses} times ({error}); look at the "
                "workers' memory"
            ) from error

    def _replace(self, error: BaseException) -> None:
        _end_processes(self._executor)
        if self._make is None:
            raise RelutopeError(
                f"`executor` is broken ({error}); give a callable that makes one, and it will be "
                "replaced when workers are killed"
            ) from error
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor = _made(self._make)
        self._told = 0


def _end_processes(broken: Executor) -> None:
    """Kills what a broken pool of processes has left.

    It ends those that it had, but waits for one that it was starting, for ever, and the end of the
    interpreter waits for the pool.
    """
    processes = getattr(broken, "_processes", None)
    for process in list(processes.values()) if isinstance(processes, dict) else []:
        with suppress(AttributeError, OSError, ValueError):  # not started, or ended
            process.kill()


def _made(make: Callable[[], Executor]) -> Executor:
    executor = make() if callable(make) else None
    if not (callable(getattr(executor, "submit", None)) and hasattr(executor, "shutdown")):
        raise TypeError(
            "`executor` must be a concurrent.futures.Executor, or a callable that makes one, got "
            f"{make!r}"
        )
    return executor


def mapped(
    shared: Any, work: Work, items: Iterable[Hashable], executor: Executors | None
) -> Iterator[tuple[Any, Any]]:
    """Every item with its result, as they come; see `Crew`."""
    left = iter(items)
    with Crew(shared, work, executor) as crew:
        more = True
        while more or crew.running:
            while more and len(crew.running) < crew.at_once:
                try:
                    crew.start(next(left))
                except StopIteration:
                    more = False
            yield from crew.finished()


def at_once_of(executor: Executor) -> int:
    """How many items an executor gets at a time: four for each of its workers."""
    workers = getattr(executor, "_max_workers", None)
    client = getattr(executor, "_client", None)
    if client is not None:  # of Dask
        workers = sum(client.ncores().values())
    return 4 * workers if isinstance(workers, int) and workers > 0 else _MANY


def _is_loss(error: BaseException) -> bool:
    """Whether an exception says that a worker is gone, rather than that the work has failed."""
    return isinstance(error, CancelledError) or type(error).__name__ in (
        "KilledWorker",
        "CommClosedError",
        "FutureCancelledError",
    )
