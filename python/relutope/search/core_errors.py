"""Errors of the core in relutope's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .. import _core
from ..errors import CellLimitError, EngineError, InvalidDomainError

__all__ = ["fitting_cells", "too_many_cells", "translated_errors"]


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
