"""Reshaping, reordering, joining and splitting: nothing is computed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ....errors import InvalidNetworkError, UnsupportedLayerError
from ..registry import Array, Value, integers, onnx
from ..tensor import Tensor, broadcast_shape, checked_size, gathered

__all__ = ["concatenated"]


def concatenated(values: Sequence[Value], axis: int) -> Tensor:
    """Tensors and constants one after the other along an axis."""
    shapes = [tuple(value.shape) for value in values]
    axis = range(len(shapes[0]))[axis]
    others = {(len(shape), *shape[:axis], *shape[axis + 1 :]) for shape in shapes}
    if len(others) > 1:
        raise InvalidNetworkError(f"tensors of shapes {shapes} cannot be joined along axis {axis}")
    begin = np.cumsum([0, *(math.prod(shape) for shape in shapes)])
    parts = [
        first + np.arange(math.prod(shape)).reshape(shape)
        for first, shape in zip(begin[:-1], shapes, strict=True)
    ]
    return gathered(values, np.concatenate(parts, axis=axis))


@onnx("Concat")
def concat(*values: Value, axis: int) -> Tensor:
    """As ONNX calls it."""
    return concatenated(values, axis)


@onnx("Identity")
def identity(x: Tensor) -> Tensor:
    """`x`."""
    return x


@onnx("ZipMap")
def zip_map(x: Tensor, **_: Any) -> Tensor:
    """The entries by the names of their classes."""
    return x


@onnx("Dropout")
def dropout(
    x: Tensor,
    ratio: Any = None,
    training_mode: Any = None,
    *,
    is_test: int = 1,
    seed: int = 0,
    **_: Any,
) -> Tensor:
    """Nothing, outside training."""
    if training_mode is not None and np.any(np.asarray(training_mode)):
        raise InvalidNetworkError("Dropout is in training mode; export the model for inference")
    return x


@onnx("Cast", "CastLike")
def cast(x: Tensor, like: Any = None, *, to: int = 1, saturate: int = 1, **_: Any) -> Tensor:
    """Between float types nothing is rounded, as nothing is elsewhere."""
    if like is not None:
        if isinstance(like, Tensor) or np.asarray(like).dtype.kind == "f":
            return x
        to = 7
    if to not in (1, 10, 11, 16):  # float, float16, double, bfloat16
        from onnx import TensorProto

        raise UnsupportedLayerError(
            f"a cast to {TensorProto.DataType.Name(to)} rounds and is not continuous; stop before "
            "it with `until=`"
        )
    return x


@onnx("Reshape")
def reshape(
    x: Tensor, sizes_input: Value | None = None, *, shape: Any = None, allowzero: int = 0
) -> Tensor:
    """A size of 0 is that of the input, unless `allowzero`."""
    sizes = integers(shape if sizes_input is None else sizes_input)
    if not allowzero:
        sizes = [x.shape[k] if size == 0 else size for k, size in enumerate(sizes)]
    return x.reshape(sizes)


@onnx("Flatten")
def flatten(x: Tensor, axis: int = 1) -> Tensor:
    """All axes before `axis` become one, and all others."""
    axis = axis + x.ndim if axis < 0 else axis
    return x.reshape([math.prod(x.shape[:axis]), math.prod(x.shape[axis:])])


@onnx("Squeeze")
def squeeze(x: Tensor, axes_input: Value | None = None, *, axes: Any = None) -> Tensor:
    """Axes as an input or an attribute; none means all of size 1."""
    given = axes if axes_input is None else integers(axes_input)
    dropped = [k for k in range(x.ndim) if x.shape[k] == 1] if given is None else given
    dropped = [range(x.ndim)[k] for k in dropped]
    if any(x.shape[k] != 1 for k in dropped):
        raise InvalidNetworkError(f"axes {dropped} of a tensor of shape {x.shape} are not all 1")
    return x.reshape([size for k, size in enumerate(x.shape) if k not in dropped])


@onnx("Unsqueeze")
def unsqueeze(x: Tensor, axes_input: Value | None = None, *, axes: Any = None) -> Tensor:
    """Axes as an input or an attribute."""
    given = integers(axes if axes_input is None else axes_input)
    rank = x.ndim + len(given)
    added = {range(rank)[k] for k in given}
    sizes = iter(x.shape)
    return x.reshape([1 if k in added else next(sizes) for k in range(rank)])


@onnx("Transpose")
def transpose(x: Tensor, perm: Any = None) -> Tensor:
    """Reverses the axes by default."""
    return x.transpose(list(range(x.ndim))[::-1] if perm is None else perm)


@onnx("Expand")
def expand(x: Tensor, shape: Value) -> Tensor:
    """Broadcast to `shape`, in which a 1 leaves the axis as it is."""
    return x.spread(broadcast_shape(x.shape, integers(shape)))


@onnx("Tile")
def tile(x: Tensor, repeats: Value) -> Tensor:
    """Repeated along each axis."""
    counts = integers(repeats)
    checked_size([size * count for size, count in zip(x.shape, counts, strict=True)])
    return x.rearrange(lambda order: np.tile(order, counts))


@onnx("Split")
def split(
    x: Tensor,
    sizes_input: Value | None = None,
    *,
    axis: int = 0,
    split: Any = None,
    num_outputs: int | None = None,
    outputs: int,
) -> tuple[Tensor, ...]:
    """Sizes as an input or an attribute; equal ones by default, the last may be smaller."""
    axis = range(x.ndim)[axis]
    size, count = x.shape[axis], num_outputs or outputs
    given = split if sizes_input is None else integers(sizes_input)
    part = -(-size // count)
    sizes = [min(part, size - k * part) for k in range(count)] if given is None else given
    if sum(sizes) != size or min(sizes, default=0) < 0:
        raise InvalidNetworkError(f"an axis of {size} cannot be split into {sizes}")
    ends = np.cumsum(sizes)[:-1]
    order = np.arange(x.size).reshape(x.shape)
    return tuple(x.take(part) for part in np.split(order, ends, axis=axis))


@onnx("DepthToSpace")
def depth_to_space(x: Tensor, *, blocksize: int, mode: str = "DCR") -> Tensor:
    """Blocks of channels become squares of pixels."""
    n, c, h, w = x.shape
    b = blocksize

    def change(order: Array) -> Array:
        if mode == "DCR":
            parts = order.reshape(n, b, b, c // b**2, h, w).transpose(0, 3, 4, 1, 5, 2)
        else:
            parts = order.reshape(n, c // b**2, b, b, h, w).transpose(0, 1, 4, 2, 5, 3)
        return parts.reshape(n, c // b**2, h * b, w * b)

    return x.rearrange(change)


@onnx("SpaceToDepth")
def space_to_depth(x: Tensor, *, blocksize: int) -> Tensor:
    """Squares of pixels become blocks of channels."""
    n, c, h, w = x.shape
    b = blocksize

    def change(order: Array) -> Array:
        parts = order.reshape(n, c, h // b, b, w // b, b).transpose(0, 3, 5, 1, 2, 4)
        return parts.reshape(n, c * b**2, h // b, w // b)

    return x.rearrange(change)
