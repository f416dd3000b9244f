"""A network as a graph: vectors made from vectors by affine maps and ReLUs.

All that is linear (sums, differences, concatenation, reordering, convolution, pooling by averages)
is an affine map with a sparse matrix; a maximum is ``max(a, b) = a + relu(b - a)``. Matrices are
made only when a graph is lowered: what a reader refuses is refused before anything is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import scipy.sparse
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Affine",
    "Input",
    "Lazy",
    "Matrix",
    "Node",
    "Relu",
    "compressed",
    "in_order",
    "matrix_of",
    "selection",
]

Floats = NDArray[np.float64]
Matrix: TypeAlias = Any  # a scipy.sparse.csr_array, which has no types


@dataclass(frozen=True, eq=False)
class Lazy:
    """A sparse matrix of this shape that `build` makes."""

    shape: tuple[int, int]
    build: Callable[[], Matrix]


@dataclass(frozen=True, eq=False)
class Node:
    """A vector of `size` numbers."""

    size: int

    @property
    def sources(self) -> tuple[Node, ...]:
        """What it is made of."""
        return ()


@dataclass(frozen=True, eq=False)
class Input(Node):
    """The network's inputs."""


@dataclass(frozen=True, eq=False)
class Affine(Node):
    """The sum of ``matrix @ source`` over all terms, plus `bias`.

    Without terms it is constant. No source occurs twice.
    """

    terms: tuple[tuple[Node, Lazy], ...]
    bias: Floats

    @classmethod
    def of(cls, terms: Sequence[tuple[Node, Matrix | Lazy]], bias: ArrayLike = 0.0) -> Affine:
        """With the size read off the matrices and a bias that may be one number for all."""
        size = terms[0][1].shape[0]
        full = np.array(np.broadcast_to(np.asarray(bias, dtype=np.float64), (size,)))
        return cls(size, tuple((source, _lazy(matrix)) for source, matrix in terms), full)

    @property
    def sources(self) -> tuple[Node, ...]:
        return tuple(source for source, _ in self.terms)

    def built(self) -> list[tuple[Node, Matrix]]:
        """The terms with their matrices made."""
        return [(source, lazy.build()) for source, lazy in self.terms]


@dataclass(frozen=True, eq=False)
class Relu(Node):
    """``max(source, 0)``, entry by entry: these are neurons."""

    source: Node

    @property
    def sources(self) -> tuple[Node, ...]:
        return (self.source,)


def in_order(output: Node) -> Iterator[Node]:
    """All nodes that `output` is made of, each after those it is made of itself."""
    done: set[Node] = set()
    waiting = [output]
    while waiting:
        node = waiting[-1]
        sources = [source for source in node.sources if source not in done]
        if sources and node not in done:
            waiting += reversed(sources)
            continue
        waiting.pop()
        if node not in done:
            done.add(node)
            yield node


def _lazy(matrix: Matrix | Lazy) -> Lazy:
    return matrix if isinstance(matrix, Lazy) else Lazy(matrix.shape, lambda: matrix)


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


def selection(which: ArrayLike, size: int) -> Matrix:
    """The matrix that picks the entries `which` of a vector of `size` numbers."""
    columns = np.asarray(which, dtype=np.int64)
    shape = (len(columns), size)
    rows = np.arange(len(columns) + 1)
    return scipy.sparse.csr_array((np.ones(len(columns)), columns, rows), shape=shape)
