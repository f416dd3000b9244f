"""Progress on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["search_progress"]


@contextmanager
def search_progress(show: bool) -> Iterator[Callable[[int, int, int], object] | None]:
    """A callable for the core's reports (cells, jobs done, jobs), or None if not `show`.

    Uses tqdm when it is installed and prints plain lines otherwise.
    """
    if not show:
        yield None
        return
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
