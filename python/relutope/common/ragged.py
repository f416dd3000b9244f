"""Lists of integer lists in two flat arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, overload

import numpy as np
from numpy.typing import NDArray

from .arguments import checked_index
from .arithmetic import ieee_arithmetic
from .arrays import Value, read_only

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Ragged"]


@ieee_arithmetic
class Ragged(Value, Sequence[NDArray[np.int64]]):
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
    >>> [row.tolist() for row in r[[1, 0]]], r[:1].indices.tolist()
    ([[9], [5, 7]], [5, 7])
    """

    def __init__(self, indptr: NDArray[np.int64], indices: NDArray[np.int64]) -> None:
        self.indptr = read_only(indptr.view())
        self.indices = read_only(indices.view())

    def _parts(self) -> tuple[object, ...]:
        return self.indptr, self.indices

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
    def __getitem__(self, i: slice | Sequence[int] | NDArray[np.generic]) -> Ragged: ...
    def __getitem__(
        self, i: int | slice | Sequence[int] | NDArray[np.generic]
    ) -> NDArray[np.int64] | Ragged:
        if isinstance(i, slice):
            return self._rows(np.arange(*i.indices(len(self))))
        if isinstance(i, int | np.integer | np.bool_):
            k = checked_index(i, len(self), "rows")
            return self.indices[self.indptr[k] : self.indptr[k + 1]]
        return self._rows(np.arange(len(self))[np.asarray(i)])

    def _rows(self, which: NDArray[np.int64]) -> Ragged:
        begin, lengths = self.indptr[which], self.lengths[which]
        indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        places = np.arange(indptr[-1]) + np.repeat(begin - indptr[:-1], lengths)
        return Ragged(indptr, self.indices[places])

    def to_csr(self, columns: int | None = None) -> csr_array:
        """The rows as sets: a sparse matrix of bool, shape (rows, columns), True at the entries.

        Without `columns` there are as many as the largest entry needs.

        Parameters
        ----------
        columns : int
            Number of columns.

        Returns
        -------
        scipy.sparse.csr_array
        """
        from scipy.sparse import csr_array

        most = int(self.indices.max(initial=-1)) + 1 if columns is None else columns
        ones = np.ones(len(self.indices), dtype=np.bool_)
        own = (self.indices.copy(), self.indptr.copy())  # scipy may sort them in place
        return csr_array((ones, *own), shape=(len(self), most))

    def __iter__(self) -> Iterator[NDArray[np.int64]]:
        return (self[k] for k in range(len(self)))

    def __repr__(self) -> str:
        return f"Ragged({len(self)} rows, {len(self.indices)} entries)"
