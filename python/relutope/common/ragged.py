"""Lists of integer lists in two flat arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

__all__ = ["Ragged"]


class Ragged(Sequence[NDArray[np.int64]]):
    """Rows of different lengths: row i is ``indices[indptr[i]:indptr[i + 1]]``.

    Parameters
    ----------
    indptr : ndarray of int64, shape (rows + 1,)
    indices : ndarray of int64, shape (indptr[-1],)

    Examples
    --------
    >>> import numpy as np
    >>> r = Ragged(np.array([0, 2, 3]), np.array([5, 7, 9]))
    >>> len(r), r[0].tolist(), r[1].tolist()
    (2, [5, 7], [9])
    """

    def __init__(self, indptr: NDArray[np.int64], indices: NDArray[np.int64]) -> None:
        self.indptr = indptr
        self.indices = indices

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Length of each row."""
        return np.diff(self.indptr)

    @property
    def row_of(self) -> NDArray[np.int64]:
        """The row that each entry of `indices` belongs to."""
        return np.repeat(np.arange(len(self)), self.lengths)

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @overload
    def __getitem__(self, i: int) -> NDArray[np.int64]: ...
    @overload
    def __getitem__(self, i: slice) -> list[NDArray[np.int64]]: ...
    def __getitem__(self, i: int | slice) -> NDArray[np.int64] | list[NDArray[np.int64]]:
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(len(self)))]
        k = range(len(self))[i]
        return self.indices[self.indptr[k] : self.indptr[k + 1]]

    def __iter__(self) -> Iterator[NDArray[np.int64]]:
        return (self[k] for k in range(len(self)))

    def __repr__(self) -> str:
        return f"Ragged({len(self)} rows, {len(self.indices)} entries)"
