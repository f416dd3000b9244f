"""A network as a graph: vectors made from vectors by affine maps and ReLUs.

All that is linear (sums, differences, concatenation, reordering, convolution, pooling by averages)
is an affine map with a sparse matrix; a maximum is ``max(a, b) = a + relu(b - a)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import scipy.sparse
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Affine",
    "Input",
    "Matrix",
    "Node",
    "Relu",
    "compressed",
    "identity",
    "matrix_of",
    "selection",
]

Floats = NDArray[np.float64]
Matrix: TypeAlias = Any  # a scipy.sparse.csr_array, which has no types


@dataclass(frozen=True, eq=False)
class Node:
    """A vector of `size` numbers."""

    size: int


@dataclass(frozen=True, eq=False)
class Input(Node):
    """The network's inputs."""


@dataclass(frozen=True, eq=False)
class Affine(Node):
    """The sum of ``matrix @ source`` over all terms, plus `bias`; no source occurs twice."""

    terms: tuple[tuple[Node, Matrix], ...]
    bias: Floats

    @classmethod
    def of(cls, terms: Sequence[tuple[Node, Matrix]], bias: ArrayLike = 0.0) -> Affine:
        """With the size read off the matrices and a bias that may be one number for all."""
        size = terms[0][1].shape[0]
        full = np.array(np.broadcast_to(np.asarray(bias, dtype=np.float64), (size,)))
        return cls(size, tuple(terms), full)


@dataclass(frozen=True, eq=False)
class Relu(Node):
    """``max(source, 0)``, entry by entry: these are neurons."""

    source: Node


def compressed(matrix: Any) -> Matrix:
    """An array or a sparse matrix, as a sparse matrix in rows."""
    return scipy.sparse.csr_array(matrix)


def matrix_of(
    values: ArrayLike, rows: ArrayLike, columns: ArrayLike, shape: tuple[int, int]
) -> Matrix:
    """The sparse matrix with these entries, no two at one place."""
    entries = scipy.sparse.coo_array((values, (rows, columns)), shape=shape, dtype=np.float64)
    matrix = compressed(entries)
    matrix.eliminate_zeros()
    return matrix


def identity(size: int) -> Matrix:
    """The identity matrix."""
    return selection(np.arange(size), size)


def selection(which: ArrayLike, size: int) -> Matrix:
    """The matrix that picks the entries `which` of a vector of `size` numbers."""
    columns = np.asarray(which, dtype=np.int64)
    return matrix_of(np.ones(len(columns)), np.arange(len(columns)), columns, (len(columns), size))
