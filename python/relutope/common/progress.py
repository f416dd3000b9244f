"""Progress of a search: shown on stderr, told to a callable, or ended by the clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias, TypeVar

from ..errors import StoppedError

__all__ = ["Progress", "Watch", "raising", "search_progress", "search_watch", "watched"]

Item = TypeVar("Item")
Report: TypeAlias = Callable[[int, int, int], object]
Progress: TypeAlias = bool | Report
"""Whether to show progress, or a callable for (cells, parts done, parts in all).

The callable is asked a few times a second, in the thread that has started the search. If it returns
True, the search stops with a `StoppedError`.
"""


class Watch:
    """Hears how far a search is, and says whether it shall stop.

    Parameters
    ----------
    report : callable
        Is told the same; stops the search if it returns True.
    max_seconds : float, optional
        Stops the search after this wall time.
    start : float, optional
        When the search began, as `time.perf_counter` says; now by default.
    """

    def __init__(
        self, report: Report, max_seconds: float | None, start: float | None = None
    ) -> None:
        self._report, self._max_seconds = report, max_seconds
        self._start = time.perf_counter() if start is None else start
        self._cells, self._share, self._why = 0, 0.0, ""

    def __call__(self, cells: int, done: int, jobs: int) -> bool:
        """Whether to stop, at so many cells and parts of the search."""
        self._cells, self._share = cells, done / jobs if jobs else 0.0
        if self._report(cells, done, jobs) is True:
            self._why = "`progress` returned True"
        elif self._max_seconds is not None and self.seconds >= self._max_seconds:
            self._why = f"`max_seconds` is {self._max_seconds:g}"
        return bool(self._why)

    @property
    def seconds(self) -> float:
        """Since the search began."""
        return time.perf_counter() - self._start

    def error(self, partial: object = None, n_cells: int | None = None) -> StoppedError:
        """What is raised once the search has stopped."""
        cells, seconds = self._cells if n_cells is None else n_cells, self.seconds
        return StoppedError(
            f"{self._why}: stopped after {seconds:.3g} s with at least {cells:,} cells found, "
            f"{self._share:.0%} of the search's parts done; give more time or take a smaller "
            "domain",
            cells,
            seconds,
            self._share,
            partial,
        )


@contextmanager
def search_watch(
    show: Progress, max_seconds: float | None = None, start: float | None = None
) -> Iterator[Watch | None]:
    """A watch for a search that stops when it is told to, or None if nobody asks."""
    if callable(show):
        yield Watch(show, max_seconds, start)
    elif show:
        with _shown() as report:
            yield Watch(report, max_seconds, start)
    else:
        yield None if max_seconds is None else Watch(lambda *_: None, max_seconds, start)


def watched(items: Sequence[Item], watch: Watch | None, n_cells: int) -> Iterator[Item]:
    """The items one by one, until the watch says to stop.

    Raises
    ------
    StoppedError
        When it does; it is asked several times a second.
    """
    asked = time.perf_counter()
    for done, item in enumerate(items):
        if watch is not None and (now := time.perf_counter()) >= asked:
            asked = now + 0.1
            if watch(n_cells, done, len(items)):
                raise watch.error()
        yield item
    if watch is not None:
        watch(n_cells, len(items), len(items))


@contextmanager
def search_progress(show: Progress) -> Iterator[Report | None]:
    """A callable for the core's reports (cells, jobs done, jobs), or None if nobody asks.

    Raises
    ------
    StoppedError
        In the search, when `show` returns True.
    """
    with search_watch(show) as watch:
        yield None if watch is None else raising(watch)


def raising(watch: Watch, partial: object = None, n_cells: int | None = None) -> Report:
    """A report that ends the search by an error when the watch says so."""

    def checked(cells: int, done: int, jobs: int) -> None:
        if watch(cells, done, jobs):
            raise watch.error(partial, n_cells)

    return checked


@contextmanager
def _shown() -> Iterator[Report]:
    """Uses tqdm when it is installed and prints plain lines otherwise."""
    try:
        from tqdm import tqdm
    except ImportError:
        import sys

        yield lambda cells, done, jobs: print(
            f"decompose: {done}/{jobs} parts, {cells} cells", file=sys.stderr
        )
        return
    with tqdm(desc="decompose", unit=" parts", leave=False) as bar:

        def report(cells: int, done: int, jobs: int) -> None:
            bar.total = jobs
            bar.n = done
            bar.set_postfix_str(f"{cells:,} cells", refresh=True)

        yield report
