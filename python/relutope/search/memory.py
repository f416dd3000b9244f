"""How much memory a search would take, estimated when it has stopped."""

from __future__ import annotations

import time
from contextlib import suppress

from .core_errors import BYTES_AT_FIRST
from .problem import Problem

__all__ = ["estimated_need"]

_BATCHES, _PATHS = 16, 8.0  # of random paths: the estimate only has to say how much memory to give


def estimated_need(
    problem: Problem, taken: int, n_cells: int, share: float, seconds: float
) -> float | None:
    """Bytes for all cells of a search, where the first `n_cells` have taken so many.

    The larger of two estimates of how many cells there are: by the share of the search's parts
    that are done, and by random paths, if they come to an end within `seconds`.
    """
    if n_cells == 0:
        return None
    start = time.perf_counter()

    def told(*_: int) -> bool:
        return time.perf_counter() - start > seconds

    all_cells = [n_cells / share] if share > 0 else []
    with suppress(OverflowError, RuntimeError):
        runs, _ = problem.estimate_cells(1, _BATCHES, _PATHS, 0, told)
        all_cells.append(sum(runs) / len(runs))
    if not all_cells:
        return None
    return taken + (max(n_cells, *all_cells) - n_cells) * max(0, taken - BYTES_AT_FIRST) / n_cells
