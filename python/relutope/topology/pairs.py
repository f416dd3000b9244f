"""Persistence pairs, as gudhi's functions take them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import FloatArray

__all__ = ["Pair", "PersistencePairs", "ends_of"]

Pair: TypeAlias = tuple[int, tuple[float, float]]


@ieee_arithmetic
class PersistencePairs(list[Pair]):
    """The list of ``(dimension, (birth, death))`` of a persistent homology, sorted.

    Parameters
    ----------
    pairs : iterable of (int, (float, float))

    Examples
    --------
    >>> pairs = PersistencePairs([(0, (0.0, float("inf"))), (1, (2.0, 3.0))])
    >>> pairs[1]
    (1, (2.0, 3.0))
    >>> pairs.dims, pairs.array(1).tolist()
    ([0, 1], [[2.0, 3.0]])
    """

    def __init__(self, pairs: Iterable[Pair] = ()) -> None:
        super().__init__(
            sorted((int(dim), (float(birth), float(death))) for dim, (birth, death) in pairs)
        )

    @property
    def dims(self) -> list[int]:
        """The dimensions that occur, increasing."""
        return sorted({dim for dim, _ in self})

    def array(self, dim: int) -> FloatArray:
        """Births and deaths in one dimension, shape (k, 2), as gudhi's `representations` take them.

        Parameters
        ----------
        dim : int

        Returns
        -------
        ndarray of float64, shape (k, 2)
        """
        return ends_of(self, dim)

    def finite(self, dim: int, *, cap: float | None = None) -> FloatArray:
        """Births and deaths in one dimension, all finite and with birth <= death, shape (k, 2).

        What vectorisations and kernels of diagrams take. Pairs of a superlevel filtration have the
        signs of both ends changed, as if the function had.

        Parameters
        ----------
        dim : int
        cap : float, optional
            The value at which infinite ends are cut off, before signs are changed; without it such
            pairs are left out.

        Returns
        -------
        ndarray of float64, shape (k, 2)
        """
        ends = ends_of(self, dim)
        if (ends[:, 0] > ends[:, 1]).any():
            ends = -ends
            cap = None if cap is None else -cap
        if cap is None:
            return ends[np.isfinite(ends).all(axis=1)]
        return np.sort(np.where(np.isfinite(ends), ends, cap), axis=1)

    def table(self) -> FloatArray:
        """Dimension, birth and death of each pair, shape (k, 3).

        Returns
        -------
        ndarray
        """
        return np.array([(dim, *ends) for dim, ends in self], dtype=np.float64).reshape(-1, 3)


def ends_of(pairs: Iterable[Pair], dim: int) -> FloatArray:
    """Births and deaths of the pairs of one dimension, shape (k, 2)."""
    found = [ends for k, ends in pairs if k == dim]
    return np.array(found, dtype=np.float64).reshape(-1, 2)
