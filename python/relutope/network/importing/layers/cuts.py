"""Choosing entries by constant indices and masks."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....errors import InvalidNetworkError, UnsupportedLayerError
from ..registry import Value, integers, onnx
from ..tensor import Tensor, broadcast_shape, gathered

__all__: list[str] = []


def _indices(value: Value) -> Any:
    return np.array(integers(value), dtype=np.int64).reshape(np.shape(value))


@onnx("Gather")
def gather(x: Value, indices: Value, *, axis: int = 0) -> Tensor:
    """Slices by a constant list of indices along an axis."""
    which = _indices(indices)
    return _computed(x).rearrange(lambda order: np.take(order, which, axis=axis))


@onnx("GatherElements")
def gather_elements(x: Value, indices: Value, *, axis: int = 0) -> Tensor:
    """One entry for each index, along an axis."""
    which = _indices(indices)

    def change(order: Any) -> Any:
        cut = tuple(
            slice(None) if k == axis % order.ndim else slice(size)
            for k, size in enumerate(which.shape)
        )
        positive = np.where(which < 0, which + order.shape[axis], which)
        return np.take_along_axis(order[cut], positive, axis=axis)

    return _computed(x).rearrange(change)


@onnx("GatherND")
def gather_nd(x: Value, indices: Value, *, batch_dims: int = 0) -> Tensor:
    """Entries or slices by index tuples."""
    if batch_dims:
        raise UnsupportedLayerError("GatherND with `batch_dims` is not supported")
    which = _indices(indices)
    return _computed(x).rearrange(lambda order: order[tuple(np.moveaxis(which, -1, 0))])


@onnx("ArrayFeatureExtractor")
def features(x: Value, indices: Value) -> Tensor:
    """Entries of the last axis."""
    which = np.ravel(_indices(indices))
    return _computed(x).rearrange(lambda order: np.take(order, which, axis=-1))


@onnx("Slice")
def cut(
    x: Tensor,
    starts_input: Value | None = None,
    ends_input: Value | None = None,
    axes_input: Value | None = None,
    steps_input: Value | None = None,
    *,
    starts: Any = None,
    ends: Any = None,
    axes: Any = None,
) -> Tensor:
    """Bounds as inputs or, in older files, attributes."""
    begin = integers(starts if starts_input is None else starts_input)
    end = integers(ends if ends_input is None else ends_input)
    along = axes if axes_input is None else integers(axes_input)
    along = list(range(len(begin))) if along is None else along
    steps = [1] * len(begin) if steps_input is None else integers(steps_input)
    parts = [slice(None)] * x.ndim
    for axis, start, stop, step in zip(along, begin, end, steps, strict=True):
        size = x.shape[axis]
        low, high = (0, size) if step > 0 else (-1, size - 1)
        first = min(max(start + size if start < 0 else start, 0), high)
        last = min(max(stop + size if stop < 0 else stop, low), high if step < 0 else size)
        parts[axis] = slice(first, None if last < 0 else last, step)
    return x.rearrange(lambda order: order[tuple(parts)])


@onnx("ScatterND")
def scatter_nd(x: Value, indices: Value, updates: Value, *, reduction: str = "none") -> Tensor:
    """`x` with entries or slices replaced by those of `updates`."""
    if reduction != "none":
        raise UnsupportedLayerError(f"ScatterND with reduction {reduction!r} is not supported")
    which = tuple(np.moveaxis(_indices(indices), -1, 0))
    return _replaced(x, updates, lambda order, new: order.__setitem__(which, new))


@onnx("ScatterElements", "Scatter")
def scatter_elements(
    x: Value, indices: Value, updates: Value, *, axis: int = 0, reduction: str = "none"
) -> Tensor:
    """`x` with one entry replaced for each index."""
    if reduction != "none":
        raise UnsupportedLayerError(
            f"ScatterElements with reduction {reduction!r} is not supported"
        )
    which = _indices(indices)
    return _replaced(x, updates, lambda order, new: np.put_along_axis(order, which, new, axis=axis))


def _replaced(x: Value, updates: Value, write: Any) -> Tensor:
    count = int(np.prod(x.shape))
    order = np.arange(count).reshape(x.shape)
    write(order, count + np.arange(int(np.prod(updates.shape))).reshape(updates.shape))
    return gathered([x, updates], order)


@onnx("Where")
def where(condition: Value, a: Value, b: Value) -> Tensor:
    """Entries of `a` or `b`, by a constant mask."""
    if isinstance(condition, Tensor):
        raise UnsupportedLayerError("a choice by a computed condition is not piecewise linear")
    mask = np.asarray(condition, dtype=np.bool_)
    shape = broadcast_shape(mask.shape, a.shape, b.shape)
    first = np.arange(int(np.prod(a.shape))).reshape(a.shape)
    second = first.size + np.arange(int(np.prod(b.shape))).reshape(b.shape)
    return gathered([a, b], np.broadcast_to(np.where(mask, first, second), shape))


@onnx("Compress")
def compress(x: Tensor, condition: Value, *, axis: int | None = None) -> Tensor:
    """Slices along an axis, by a constant mask."""
    mask = np.asarray(condition, dtype=np.bool_)
    return x.rearrange(lambda order: np.compress(mask, order, axis=axis))


@onnx("Trilu")
def triangle(x: Tensor, k: Value | None = None, *, upper: int = 1) -> Tensor:
    """Zero below or above a diagonal of the last two axes."""
    offset = 0 if k is None else integers(k)[0]
    ones = np.ones(x.shape[-2:])
    return x.scale(np.triu(ones, offset) if upper else np.tril(ones, offset))


def _computed(x: Value) -> Tensor:
    if not isinstance(x, Tensor):
        raise InvalidNetworkError("indices depend on the input and must be constant")
    return x
