"""Errors of the core in relutope's words."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .. import _core
from ..errors import CellLimitError, EngineError, InvalidDomainError, StoppedError

__all__ = [
    "BYTES_AT_FIRST",
    "fitting_cells",
    "over_limit",
    "too_many_cells",
    "translated_errors",
    "within",
]

# What the core counts before it has found anything (cpp/refinement/common/memory.hpp).
BYTES_AT_FIRST = 1 << 20


def too_many_cells(max_cells: int | None, found: int) -> CellLimitError:
    """The error for more than `max_cells` cells, of which so many were found."""
    return CellLimitError(
        f"`max_cells` is {max_cells}, but the network has more cells: {found} were found "
        "when the search stopped; raise the limit or take a smaller domain",
        found,
    )


@contextmanager
def translated_errors(max_cells: int | None) -> Iterator[None]:
    """Raises the errors of the core inside as those of `relutope.errors`."""
    try:
        yield
    except _core.TooManyCells as error:
        raise too_many_cells(max_cells, int(error.args[0])) from None
    except _core.EmptyDomain as error:
        raise InvalidDomainError(f"`domain`: {error}") from None
    except _core.TooManyFacets as error:
        raise EngineError(
            f"the vertex engine cannot hold this network: {error}; take engine='lp'"
        ) from None


@contextmanager
def fitting_cells(what: str) -> Iterator[None]:
    """Raises ValueError if the cells that `what` holds turn out to be none of the problem."""
    try:
        yield
    except (_core.UnfitProgress, _core.BrokenComplex) as error:
        raise ValueError(f"{what} does not hold cells of this network: {error}") from None


def over_limit(
    limit: int, taken: str, needed: float | None, n_cells: int, seconds: float, share: float
) -> StoppedError:
    """The error; `needed` is an estimate of the bytes that would do, None if there is none."""
    enough = (
        "how much would be enough could not be estimated"
        if needed is None
        else f"an estimate of what it needs in all is {needed:.3g} bytes"
    )
    return StoppedError(
        f"`memory_limit` is {limit:,} bytes: stopped after {seconds:.3g} s {taken}; {enough}; give "
        "more, take a smaller domain, or a `store`",
        n_cells,
        seconds,
        share,
        memory_needed=needed,
    )


@contextmanager
def within(
    limit: int | None,
    what: str,
    n_cells: int,
    held: Callable[[], int] = lambda: 0,
    fixed: int = BYTES_AT_FIRST,
) -> Iterator[int | None]:
    """What is left of a limit for work of the core that is given up when it is not enough.

    Parameters
    ----------
    limit : int, optional
    what : str
        What is made, for the error.
    n_cells : int
        Cells of the complex that it is made of.
    held : callable
        How many bytes of the limit are taken already.
    fixed : int
        How many of those that the core counts do not depend on how much is made.

    Raises
    ------
    StoppedError
        When it would take more.
    """
    if limit is None:
        yield None
        return
    start, taken = time.perf_counter(), held()
    try:
        yield max(0, limit - taken)
    except _core.OutOfMemoryLimit as error:
        used, share = error.args
        fixed = min(fixed, used)
        needed = None if share == 0 else taken + fixed + (used - fixed) / share
        text = f"with {share:.0%} of {what} made"
        if taken:
            text += f", beside {taken:,} bytes that are held"
        seconds = time.perf_counter() - start
        raise over_limit(limit, text, needed, n_cells, seconds, share) from None
