"""Exceptions. All derive from `RelutopeError`."""

from __future__ import annotations

from typing import Any

__all__ = [
    "BusyError",
    "CellLimitError",
    "EngineError",
    "InvalidComplexError",
    "InvalidDomainError",
    "InvalidFileError",
    "InvalidNetworkError",
    "MissingDependencyError",
    "RelutopeError",
    "StoppedError",
    "UnsupportedLayerError",
]


class RelutopeError(Exception):
    """Base class of every error that relutope raises on purpose."""


class InvalidNetworkError(RelutopeError, ValueError):
    """The network's weights or shapes cannot be used."""


class UnsupportedLayerError(RelutopeError, TypeError):
    """The network has a layer that is not affine or ReLU, or that relutope does not know."""


class InvalidDomainError(RelutopeError, ValueError):
    """The domain is empty, not finite where it must be, or does not fit the network."""


class InvalidFileError(RelutopeError, ValueError):
    """A file is damaged, not of the kind that its name says, or not safe to read."""


class EngineError(RelutopeError, ValueError):
    """No engine, or not the chosen one, can do this problem."""


class BusyError(RelutopeError, RuntimeError):
    """An object is used while another thread works on it."""


class CellLimitError(RelutopeError):
    """The network has more cells than `max_cells`.

    Attributes
    ----------
    n_cells : int
        Number of cells found before the search stopped; always more than `max_cells`.
    """

    def __init__(self, message: str, n_cells: int) -> None:
        super().__init__(message)
        self.n_cells = n_cells


class StoppedError(RelutopeError):
    """A search was stopped before its end: by a limit of time or memory, or by `progress`.

    Attributes
    ----------
    n_cells : int
        Cells found so far: a certain lower bound of their number.
    seconds : float
        Wall time.
    fraction_of_jobs : float
        Share of the search's parts that were finished. Parts differ in size.
    partial : PartialComplex, Exploration or None
        From `decompose` and `slice`: the cells found so far; from `explore` all that it has found.
    memory_needed : float or None
        If `memory_limit` was not enough: an estimate of the bytes that would be.
    """

    def __init__(
        self,
        message: str,
        n_cells: int,
        seconds: float,
        fraction_of_jobs: float,
        partial: Any = None,
        memory_needed: float | None = None,
    ) -> None:
        super().__init__(message)
        self.partial = partial
        self.memory_needed = memory_needed
        self.n_cells = n_cells
        self.seconds = seconds
        self.fraction_of_jobs = fraction_of_jobs

    def __reduce__(self) -> tuple[object, ...]:
        rest = (self.n_cells, self.seconds, self.fraction_of_jobs, self.partial, self.memory_needed)
        return type(self), (str(self), *rest)


class InvalidComplexError(RelutopeError):
    """A complex violates an invariant that every complete polyhedral complex has."""


class MissingDependencyError(RelutopeError, ImportError):
    """An optional package is needed; the message says how to install it."""
