"""Tensors whose entries are computed from a network's inputs, for the readers of foreign formats.

Every operation adds nodes to the graph (`nodes`). A tensor's entries are chosen from those of its
node, so that rearranging costs nothing; the layers' own operations are in `layers`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import InvalidNetworkError
from .nodes import Affine, Floats, Input, Lazy, Matrix, Node, Relu, matrix_of, selection

__all__ = ["Integers", "Shape", "Tensor", "broadcast_shape", "combined", "gathered", "joined"]

Shape: TypeAlias = tuple[int, ...]
Integers: TypeAlias = NDArray[np.int64]

# What a file may ask for at most; a network with more values could not be decomposed anyway.
_MOST_ENTRIES = 1 << 24


class Tensor:
    """The entries `index` of `source` in C order (None: all of them), arranged in `shape`."""

    def __init__(self, source: Node, shape: Sequence[int], index: Integers | None = None) -> None:
        self.source = source
        self.shape: Shape = tuple(int(size) for size in shape)
        self.index = index
        count = source.size if index is None else len(index)
        if math.prod(self.shape) != count:
            raise InvalidNetworkError(f"a tensor of {count} numbers cannot have shape {self.shape}")

    @classmethod
    def input(cls, shape: Sequence[int]) -> Tensor:
        """The network's input."""
        return cls(Input(checked_size(shape)), shape)

    @classmethod
    def constant(cls, values: ArrayLike) -> Tensor:
        """Numbers that do not depend on the input."""
        array = _finite(values)
        return cls(Affine(array.size, (), array.ravel().copy()), array.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def positions(self) -> Integers:
        """Where in `source` each entry is, in C order."""
        return np.arange(self.source.size) if self.index is None else self.index

    @property
    def node(self) -> Node:
        """A node that holds just the entries, in C order."""
        if self.index is None:
            return self.source
        index, size = self.index, self.source.size
        lazy = Lazy((len(index), size), lambda: selection(index, size))
        return Affine.of([(self.source, lazy)])

    def values(self) -> Floats | None:
        """The numbers of a constant tensor; None if they depend on the input."""
        if isinstance(self.source, Affine) and not self.source.terms:
            return self.source.bias[self.positions].reshape(self.shape)
        return None

    # -- arrangement

    def reshape(self, shape: Sequence[int]) -> Tensor:
        """The same numbers in another shape; one size may be -1."""
        sizes = [int(size) for size in shape]
        if sizes.count(-1) == 1:
            known = -math.prod(sizes)
            if known and self.size % known == 0:
                sizes[sizes.index(-1)] = self.size // known
        if min(sizes, default=1) < 0 or math.prod(sizes) != self.size:
            raise InvalidNetworkError(f"shape {self.shape} cannot become {tuple(shape)}")
        return Tensor(self.source, sizes, self.index)

    def take(self, which: Integers) -> Tensor:
        """The numbers at the flat indices `which`, arranged as these."""
        flat = which.ravel()
        if len(flat) == self.size and np.array_equal(flat, np.arange(self.size)):
            return Tensor(self.source, which.shape, self.index)
        return Tensor(self.source, which.shape, self.positions[flat])

    def rearrange(self, change: Callable[[Integers], Integers]) -> Tensor:
        """What `change` does to an array of this shape, done to the tensor."""
        return self.take(np.asarray(change(np.arange(self.size).reshape(self.shape))))

    def transpose(self, axes: Sequence[int]) -> Tensor:
        """The axes in another order."""
        return self.rearrange(lambda order: order.transpose(axes))

    def swap(self) -> Tensor:
        """The last two axes exchanged."""
        return self.rearrange(lambda order: order.swapaxes(-1, -2))

    def spread(self, shape: Sequence[int]) -> Tensor:
        """Broadcast to `shape`."""
        checked_size(shape)
        return self.rearrange(lambda order: np.broadcast_to(order, tuple(shape)))

    # -- affine maps

    def linear(
        self, build: Callable[[], Matrix], shape: Sequence[int], bias: ArrayLike = 0.0
    ) -> Tensor:
        """``matrix @ entries + bias`` with the matrix that `build` makes, when it is needed."""
        rows = checked_size(shape)
        source, index = self.source, self.index
        if index is not None and len(np.unique(index)) < len(index):
            # Entries of a row that fall on one place would be added up in floating point.
            source, index = self.node, None

        def moved() -> Matrix:
            matrix = build()
            if index is None:
                return matrix
            coo = matrix.tocoo()
            return matrix_of(coo.data, coo.row, index[coo.col], (rows, source.size))

        return Tensor(Affine.of([(source, Lazy((rows, source.size), moved))], bias), shape)

    def scale(self, factors: ArrayLike) -> Tensor:
        """Entry by entry times constants, broadcast."""
        shape = broadcast_shape(self.shape, np.shape(factors))
        return combined([(self, np.asarray(factors, dtype=np.float64))], 0.0, shape)

    def add(self, other: Tensor | ArrayLike, sign: float = 1.0) -> Tensor:
        """``self + sign * other`` for a sign of 1 or -1, broadcast; `other` may be constant."""
        shape = broadcast_shape(self.shape, np.shape(other))
        if isinstance(other, Tensor):
            return combined([(self, 1.0), (other, sign)], 0.0, shape)
        return combined([(self, 1.0)], sign * np.asarray(other, dtype=np.float64), shape)

    # -- neurons

    def relu(self) -> Tensor:
        """``max(x, 0)``; the entries become neurons, equal ones only once."""
        if self.index is None:
            return Tensor(Relu(self.source.size, self.source), self.shape)
        distinct, first, place = np.unique(self.index, return_index=True, return_inverse=True)
        if len(distinct) == self.size:
            return Tensor(Relu(self.size, self.node), self.shape)
        order = np.argsort(first)
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        once = Tensor(self.source, [len(order)], distinct[order]).node
        return Tensor(Relu(len(order), once), self.shape, rank[place.ravel()])


def combined(
    terms: Sequence[tuple[Tensor, ArrayLike]], bias: ArrayLike, shape: Sequence[int]
) -> Tensor:
    """The sum of tensors times factors, plus `bias`, entry by entry, broadcast to `shape`.

    Of tensors with one source the factors must be 1 or -1: their sums are exact then.
    """
    size = checked_size(shape)
    parts: dict[Node, list[tuple[Integers, Floats]]] = {}
    for tensor, factor in terms:
        columns = tensor.spread(shape).positions
        values = np.broadcast_to(_finite(factor), tuple(shape)).ravel()
        parts.setdefault(tensor.source, []).append((columns, values))

    def lazy(source: Node, entries: list[tuple[Integers, Floats]]) -> Lazy:
        def build() -> Matrix:
            made = [_diagonal(values, columns, source.size) for columns, values in entries]
            total = sum(made[1:], start=made[0])
            total.eliminate_zeros()
            return total

        return Lazy((size, source.size), build)

    full = np.broadcast_to(_finite(bias), tuple(shape)).ravel()
    return Tensor(Affine.of([(s, lazy(s, entries)) for s, entries in parts.items()], full), shape)


def joined(values: Sequence[Tensor | ArrayLike]) -> Tensor:
    """All entries of tensors and constants one after the other, as a tensor of one axis."""
    flat = [v if isinstance(v, Tensor) else Tensor.constant(v) for v in values]
    if all(tensor.source is flat[0].source for tensor in flat):
        index = np.concatenate([tensor.positions for tensor in flat])
        return Tensor(flat[0].source, [len(index)], index)
    begin = np.cumsum([0, *(tensor.size for tensor in flat)])
    total = checked_size([int(begin[-1])])
    bias = np.zeros(total)
    parts: dict[Node, list[tuple[int, Integers]]] = {}
    for first, tensor in zip(begin[:-1].tolist(), flat, strict=True):
        constant = tensor.values()
        if constant is None:
            parts.setdefault(tensor.source, []).append((first, tensor.positions))
        else:
            bias[first : first + tensor.size] = constant.ravel()

    def lazy(source: Node, blocks: list[tuple[int, Integers]]) -> Lazy:
        rows = np.concatenate([first + np.arange(len(columns)) for first, columns in blocks])
        columns = np.concatenate([columns for _, columns in blocks])
        shape = (total, source.size)
        return Lazy(shape, lambda: matrix_of(np.ones(len(rows)), rows, columns, shape))

    terms = tuple((source, lazy(source, blocks)) for source, blocks in parts.items())
    return Tensor(Affine(total, terms, bias), [total])


def gathered(values: Sequence[Tensor | ArrayLike], which: Integers) -> Tensor:
    """Of all entries of the values, one after the other, those at `which`, arranged as these.

    What is not chosen takes no part.
    """
    sizes = [int(np.prod(np.shape(value))) for value in values]
    ends = np.cumsum(sizes)
    owner = np.searchsorted(ends, which.ravel(), side="right")
    used = np.unique(owner).tolist()
    shift = np.zeros(len(values), dtype=np.int64)
    total = 0
    for k in used:
        shift[k] = total - (ends[k] - sizes[k])
        total += sizes[k]
    kept = [values[k] for k in used]
    one = kept[0] if len(kept) == 1 and isinstance(kept[0], Tensor) else joined(kept)
    return one.take((which.ravel() + shift[owner]).reshape(which.shape))


def _diagonal(values: Floats, columns: Integers, size: int) -> Matrix:
    return matrix_of(values, np.arange(len(columns)), columns, (len(columns), size))


def _finite(values: ArrayLike) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all():
        raise InvalidNetworkError("a constant that the network computes with is not finite")
    return array


def broadcast_shape(*shapes: Sequence[int]) -> Shape:
    """The shape that shapes are broadcast to."""
    try:
        return np.broadcast_shapes(*(tuple(shape) for shape in shapes))
    except ValueError:
        words = " and ".join(str(tuple(shape)) for shape in shapes)
        raise InvalidNetworkError(f"shapes {words} cannot be combined entry by entry") from None


def checked_size(shape: Sequence[int]) -> int:
    """The number of entries of a tensor of this shape.

    Raises
    ------
    InvalidNetworkError
        If a size is negative, or there are more entries than can be used.
    """
    size = math.prod(int(s) for s in shape)
    if min(shape, default=1) < 0 or size > _MOST_ENTRIES:
        raise InvalidNetworkError(
            f"a tensor of shape {tuple(shape)} is impossible or too large (at most "
            f"{_MOST_ENTRIES} numbers)"
        )
    return size
