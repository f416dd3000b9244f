"""Exceptions. All derive from `RelutopeError`."""

from __future__ import annotations

__all__ = [
    "CellLimitError",
    "EngineError",
    "InvalidComplexError",
    "InvalidDomainError",
    "InvalidNetworkError",
    "MissingDependencyError",
    "RelutopeError",
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


class EngineError(RelutopeError, ValueError):
    """No engine, or not the chosen one, can do this problem."""


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


class InvalidComplexError(RelutopeError):
    """A complex violates an invariant that every complete polyhedral complex has."""


class MissingDependencyError(RelutopeError, ImportError):
    """An optional package is needed; the message says how to install it."""
