"""Progress of a search: shown on stderr, told to a callable, or ended by the clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from ..errors import StoppedError

__all__ = ["Progress", "search_progress"]

Report: TypeAlias = Callable[[int, int, int], object]
Progress: TypeAlias = bool | Report
"""Whether to show progress, or a callable for (cells, parts done, parts in all).

The callable is asked a few times a second, in the thread that has started the search. If it returns
True, the search stops with a `StoppedError`.
"""


@contextmanager
def search_progress(show: Progress, max_seconds: float | None = None) -> Iterator[Report | None]:
    """A callable for the core's reports (cells, jobs done, jobs), or None if nobody asks.

    Raises
    ------
    StoppedError
        In the search, when `max_seconds` have passed or `show` returns True.
    """
    if callable(show):
        yield _stopping(show, max_seconds)
    elif show:
        with _shown() as report:
            yield _stopping(report, max_seconds)
    else:
        yield None if max_seconds is None else _stopping(lambda *_: None, max_seconds)


def _stopping(report: Report, max_seconds: float | None) -> Report:
    start = time.perf_counter()

    def checked(cells: int, done: int, jobs: int) -> None:
        cancelled = report(cells, done, jobs) is True
        seconds = time.perf_counter() - start
        late = max_seconds is not None and seconds >= max_seconds
        if cancelled or late:
            why = "`progress` returned True" if cancelled else f"`max_seconds` is {max_seconds:g}"
            share = done / jobs if jobs else 0.0
            raise StoppedError(
                f"{why}: stopped after {seconds:.3g} s with at least {cells:,} cells found, "
                f"{share:.0%} of the search's parts done; give more time or take a smaller domain",
                cells,
                seconds,
                share,
            )

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
