"""Tensors whose entries are computed from a network's inputs, for the readers of foreign formats.

Every operation adds nodes to the graph (`graph`). Axis 0 is the batch, of size 1 throughout. The
entries of a tensor are those of its node in C order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import InvalidNetworkError
from .exact_sums import nearest_scale
from .nodes import (
    Affine,
    Floats,
    Input,
    Matrix,
    Node,
    Relu,
    compressed,
    identity,
    matrix_of,
    selection,
)
from .windows import BEYOND, Axis, windows

__all__ = ["Tensor", "concatenate"]

Shape = tuple[int, ...]
Integers = NDArray[np.int64]


class Tensor:
    """The numbers of `node`, arranged in `shape`."""

    def __init__(self, node: Node, shape: Sequence[int]) -> None:
        self.node = node
        self.shape: Shape = tuple(int(size) for size in shape)
        if math.prod(self.shape) != node.size:
            raise InvalidNetworkError(
                f"a tensor of {node.size} numbers cannot have shape {self.shape}"
            )

    @classmethod
    def input(cls, shape: Sequence[int]) -> Tensor:
        """The network's input."""
        return cls(Input(math.prod(shape)), shape)

    # -- arrangement

    def reshape(self, shape: Sequence[int]) -> Tensor:
        """The same numbers in another shape; one size may be -1."""
        sizes = [int(size) for size in shape]
        if sizes.count(-1) == 1:
            known = -math.prod(sizes)
            if known and self.node.size % known == 0:
                sizes[sizes.index(-1)] = self.node.size // known
        if min(sizes, default=1) < 0:
            raise InvalidNetworkError(f"shape {self.shape} cannot become {tuple(shape)}")
        return Tensor(self.node, sizes)

    def flatten(self, first: int, last: int) -> Tensor:
        """Axes `first` to `last` become one."""
        first, last = range(len(self.shape))[first], range(len(self.shape))[last]
        middle = math.prod(self.shape[first : last + 1])
        return self.reshape([*self.shape[:first], middle, *self.shape[last + 1 :]])

    def transpose(self, axes: Sequence[int]) -> Tensor:
        """The axes in another order."""
        order = np.arange(self.node.size).reshape(self.shape).transpose(axes)
        return self.take(order)

    def take(self, which: Integers) -> Tensor:
        """The numbers at the flat indices `which`, arranged as these."""
        if np.array_equal(which.ravel(), np.arange(self.node.size)):
            return Tensor(self.node, which.shape)
        matrix = selection(which.ravel(), self.node.size)
        return self.linear(matrix, 0.0, which.shape)

    def spread(self, shape: Shape) -> Tensor:
        """Broadcast to `shape`."""
        index = np.arange(self.node.size).reshape(self.shape)
        return self.take(np.broadcast_to(index, shape))

    # -- affine maps

    def linear(self, matrix: Matrix, bias: ArrayLike, shape: Sequence[int]) -> Tensor:
        """``matrix @ entries + bias``."""
        return Tensor(Affine.of([(self.node, matrix)], bias), shape)

    def add(self, other: Tensor | Floats, sign: float = 1.0) -> Tensor:
        """``self + sign * other``, broadcast; `other` may be constant."""
        shape = broadcast(self.shape, other.shape if isinstance(other, Tensor) else np.shape(other))
        here = self.spread(shape)
        unit = identity(here.node.size)
        if not isinstance(other, Tensor):
            bias = sign * np.broadcast_to(np.asarray(other, dtype=np.float64), shape).ravel()
            return here.linear(unit, bias, shape)
        there = other.spread(shape)
        if there.node is here.node:
            return here.linear(unit * (1.0 + sign), 0.0, shape)
        return Tensor(Affine.of([(here.node, unit), (there.node, unit * sign)]), shape)

    def scale(self, factors: ArrayLike) -> Tensor:
        """Entry by entry times constants, broadcast."""
        shape = broadcast(self.shape, np.shape(factors))
        here = self.spread(shape)
        values = np.broadcast_to(np.asarray(factors, dtype=np.float64), shape).ravel()
        index = np.arange(here.node.size)
        return here.linear(matrix_of(values, index, index, (len(index),) * 2), 0.0, shape)

    def divide(self, divisors: ArrayLike) -> Tensor:
        """Entry by entry divided by powers of two: other reciprocals are no doubles."""
        values = np.asarray(divisors, dtype=np.float64)
        if not (np.abs(np.frexp(values)[0]) == 0.5).all():
            raise InvalidNetworkError(
                "a division by a number that is no power of two is not a multiplication by a "
                "double; multiply by the reciprocal that is meant"
            )
        return self.scale(1.0 / values)

    def matmul(self, weight: Floats) -> Tensor:
        """``self @ weight`` along the last axis, `weight` of shape (in, out)."""
        if weight.ndim != 2 or self.shape[-1:] != weight.shape[:1]:
            raise InvalidNetworkError(
                f"a tensor of shape {self.shape} cannot be multiplied by a matrix of shape "
                f"{weight.shape}"
            )
        rows = math.prod(self.shape[:-1])
        fan_in, fan_out = weight.shape
        j, i = np.nonzero(weight)
        block = np.arange(rows)[:, None]
        matrix = matrix_of(
            np.tile(weight[j, i], rows),
            (block * fan_out + i).ravel(),
            (block * fan_in + j).ravel(),
            (rows * fan_out, rows * fan_in),
        )
        return self.linear(matrix, 0.0, [*self.shape[:-1], fan_out])

    def convolve(self, weight: Floats, axes: Sequence[Axis], groups: int) -> Tensor:
        """Cross-correlation with `weight` of shape (out, in / groups, kernel sizes ...)."""
        self.check_spatial(axes)
        channels, sizes = self.shape[1], self.shape[2:]
        out = weight.shape[0]
        if groups * weight.shape[1] != channels or out % groups:
            raise InvalidNetworkError(
                f"a convolution with weights of shape {weight.shape} in {groups} group(s) does not "
                f"fit {channels} channels"
            )
        along = [axis.positions(size) for axis, size in zip(axes, sizes, strict=True)]
        index = windows(sizes, along)
        where, tap = np.nonzero(index >= 0)
        kernels = weight.reshape(out, weight.shape[1], -1)
        o, i = np.indices(kernels.shape[:2]).reshape(2, -1, 1)
        source = o // (out // groups) * weight.shape[1] + i
        matrix = matrix_of(
            kernels[o, i, tap].ravel(),
            (o * len(index) + where).ravel(),
            (source * math.prod(sizes) + index[where, tap]).ravel(),
            (out * len(index), self.node.size),
        )
        return self.linear(matrix, 0.0, [1, out, *(len(a) for a in along)])

    def channelwise(self, values: Floats) -> Floats:
        """One number per channel (axis 1), shaped to be broadcast."""
        if len(self.shape) < 2 or values.shape != (self.shape[1],):
            raise InvalidNetworkError(
                f"one number per channel is needed for shape {self.shape}, got {values.shape}"
            )
        return values.reshape(-1, *[1] * (len(self.shape) - 2))

    def normalise(
        self, mean: Floats, variance: Floats, weight: Floats, bias: Floats, epsilon: float
    ) -> Tensor:
        """Batch normalisation with fixed statistics.

        The scale is the double nearest to ``weight / sqrt(variance + epsilon)``; ``(x - mean) *
        scale + bias`` is then exact.
        """
        pairs = zip(weight.tolist(), variance.tolist(), strict=True)
        scale = np.array([nearest_scale(w, v, epsilon) for w, v in pairs])
        centred = self.add(-self.channelwise(mean))
        return centred.scale(self.channelwise(scale)).add(self.channelwise(bias))

    # -- windows

    def check_spatial(self, axes: Sequence[Any]) -> None:
        """Raises unless the tensor has a batch axis, channels, and the given axes."""
        if len(self.shape) != 2 + len(axes):
            raise InvalidNetworkError(
                f"a tensor of shape (1, channels, {', '.join(['size'] * len(axes))}) is needed, "
                f"got {self.shape}"
            )

    def average(self, along: Sequence[Integers], divisors: Floats | None = None) -> Tensor:
        """Averages over windows; the factor is the double nearest to 1 / divisor.

        By default the divisor is the number of entries that a window covers.
        """
        self.check_spatial(along)
        channels, sizes = self.shape[1], self.shape[2:]
        index = windows(sizes, along)
        where, tap = np.nonzero(index >= 0)
        if divisors is None:
            divisors = np.bincount(where, minlength=len(index)).astype(np.float64)
        channel = np.arange(channels)[:, None]
        matrix = matrix_of(
            np.tile((1.0 / divisors)[where], channels),
            (channel * len(index) + where).ravel(),
            (channel * math.prod(sizes) + index[where, tap]).ravel(),
            (channels * len(index), self.node.size),
        )
        return self.linear(matrix, 0.0, [1, channels, *(len(a) for a in along)])

    def average_padded(self, along: Sequence[Integers]) -> Tensor:
        """Averages over windows that count padding as zeros."""
        index = windows(self.shape[2:], along)
        return self.average(along, np.count_nonzero(index != BEYOND, axis=1).astype(np.float64))

    def maximum_over(self, along: Sequence[Integers]) -> Tensor:
        """Maxima over windows."""
        self.check_spatial(along)
        channels, sizes = self.shape[1], self.shape[2:]
        index = windows(sizes, along)
        covered = [row[row >= 0] for row in index]
        offsets = np.arange(channels) * math.prod(sizes)
        groups = [(c + row).tolist() for c in offsets for row in covered]
        return Tensor(_maxima(self.node, groups), [1, channels, *(len(a) for a in along)])

    # -- activations

    def relu(self) -> Tensor:
        """``max(x, 0)``; the entries become neurons."""
        return Tensor(Relu(self.node.size, self.node), self.shape)

    def leaky_relu(self, slope: float) -> Tensor:
        """``x`` where positive, else ``slope * x``: ``relu(x) + slope * (x - relu(x))``."""
        positive = self.relu()
        negative = self.add(positive, -1.0)
        return positive.add(negative.scale(slope))

    def maximum(self, other: Tensor | Floats) -> Tensor:
        """The greater of two, entry by entry: ``x + relu(other - x)``."""
        difference = self.scale(-1.0).add(other)
        return self.spread(difference.shape).add(difference.relu())


def broadcast(first: Shape, second: Shape) -> Shape:
    """The shape that two shapes are broadcast to."""
    try:
        return np.broadcast_shapes(first, second)
    except ValueError:
        raise InvalidNetworkError(
            f"shapes {first} and {second} cannot be combined entry by entry"
        ) from None


def concatenate(tensors: Sequence[Tensor], axis: int) -> Tensor:
    """Tensors one after the other along an axis."""
    shapes = [tensor.shape for tensor in tensors]
    axis = range(len(shapes[0]))[axis]
    others = {(len(shape), *shape[:axis], *shape[axis + 1 :]) for shape in shapes}
    if len(others) > 1:
        raise InvalidNetworkError(f"tensors of shapes {shapes} cannot be joined along axis {axis}")
    begin = np.cumsum([0, *(tensor.node.size for tensor in tensors)])
    parts = [
        first + np.arange(tensor.node.size).reshape(tensor.shape)
        for first, tensor in zip(begin[:-1], tensors, strict=True)
    ]
    total = int(begin[-1])
    blocks: dict[Node, Any] = {}
    for first, tensor in zip(begin[:-1], tensors, strict=True):
        index = np.arange(tensor.node.size)
        block = matrix_of(np.ones(len(index)), first + index, index, (total, len(index)))
        known = blocks.get(tensor.node)
        blocks[tensor.node] = block if known is None else compressed(known + block)
    one = tensors[0]
    joined = Tensor(Affine.of(list(blocks.items())), [total]) if len(tensors) > 1 else one
    return joined.take(np.concatenate(parts, axis=axis))


def _maxima(node: Node, groups: list[list[int]]) -> Node:
    """The maximum of each group of entries, by rounds: ``max(a, b) = a + relu(b - a)``.

    Groups with a pair in common share its comparison.
    """
    while max(len(group) for group in groups) > 1:
        index: dict[tuple[int, ...], int] = {}  # pairs and single entries of the next round
        after = []
        for group in groups:
            keys = [tuple(group[k : k + 2]) for k in range(0, len(group), 2)]
            after.append([index.setdefault(key, len(index)) for key in keys])
        first = np.array([key[0] for key in index])
        pairs = np.array([len(key) == 2 for key in index])
        second = np.array([key[-1] for key in index])[pairs]
        differences = selection(second, node.size) - selection(first[pairs], node.size)
        rise = Relu(len(second), Affine.of([(node, compressed(differences))]))
        place = np.flatnonzero(pairs)
        added = matrix_of(
            np.ones(len(place)), place, np.arange(len(place)), (len(index), len(place))
        )
        node = Affine.of([(node, selection(first, node.size)), (rise, added)])
        groups = after
    return Affine.of([(node, selection([group[0] for group in groups], node.size))])
