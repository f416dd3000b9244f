"""Sums and means over axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ....errors import InvalidNetworkError, UnsupportedLayerError
from ..nodes import matrix_of
from ..registry import Value, aten, integers, note, onnx
from ..tensor import Tensor

__all__ = ["summed_over"]


def summed_over(x: Tensor, axes: Sequence[int] | None, keep: bool, factor: float = 1.0) -> Tensor:
    """`factor` times the sum over axes (None: all)."""
    chosen = sorted(range(x.ndim) if axes is None else {range(x.ndim)[k] for k in axes})
    kept = [k for k in range(x.ndim) if k not in chosen]
    order = np.arange(x.size).reshape(x.shape).transpose([*kept, *chosen])
    groups = order.reshape(math.prod(x.shape[k] for k in kept), -1)

    def build() -> Any:
        rows = np.repeat(np.arange(len(groups)), groups.shape[1])
        return matrix_of(np.full(groups.size, factor), rows, groups.ravel(), (len(groups), x.size))

    full = [1 if k in chosen else x.shape[k] for k in range(x.ndim)]
    return x.linear(build, full if keep else [x.shape[k] for k in kept])


def mean_over(x: Tensor, axes: Sequence[int] | None, keep: bool) -> Tensor:
    """The mean over axes (None: all); the factor is the double nearest to 1 / count."""
    count = math.prod(x.shape if axes is None else [x.shape[k] for k in axes])
    if count == 0:
        raise InvalidNetworkError("a mean is taken over no entries at all")
    if count & (count - 1):
        note("the factor 1/k of an average is the double nearest to it")
    return summed_over(x, axes, keep, 1.0 / count)


def _chosen(given: Value | None, attribute: Any, empty_is_none: int) -> list[int] | None:
    axes = integers(given if given is not None else (attribute if attribute is not None else []))
    return axes if axes or empty_is_none else None


@onnx("ReduceSum")
def reduce_sum(
    x: Tensor,
    axes_input: Value | None = None,
    *,
    axes: Any = None,
    keepdims: int = 1,
    noop_with_empty_axes: int = 0,
) -> Tensor:
    """Axes as an input or, in older files, an attribute; none means all."""
    return summed_over(x, _chosen(axes_input, axes, noop_with_empty_axes), bool(keepdims))


@onnx("ReduceMean")
def reduce_mean(
    x: Tensor,
    axes_input: Value | None = None,
    *,
    axes: Any = None,
    keepdims: int = 1,
    noop_with_empty_axes: int = 0,
) -> Tensor:
    """As `reduce_sum`."""
    return mean_over(x, _chosen(axes_input, axes, noop_with_empty_axes), bool(keepdims))


@onnx("ReduceL1")
def reduce_absolute(x: Tensor, axes_input: Value | None = None, **attributes: Any) -> Tensor:
    """The sum of absolute values."""
    from .activations import absolute

    unknown = set(attributes) - {"axes", "keepdims", "noop_with_empty_axes"}
    if unknown:
        raise UnsupportedLayerError(f"the attributes {sorted(unknown)} are not supported")
    return reduce_sum(absolute(x), axes_input, **attributes)


@onnx("Mean")
def mean_of(*values: Value) -> Tensor:
    """The mean of several tensors."""
    from .arithmetic import divided, total

    return divided(total(*values), float(len(values)))


def _torch_axes(dim: Any) -> list[int] | None:
    if dim is None:
        return None
    return [dim] if isinstance(dim, int) else (list(dim) or None)


@aten("sum")
def torch_sum(x: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """As torch calls it."""
    return summed_over(x, _torch_axes(dim), keepdim)


@aten("mean")
def torch_mean(x: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """As torch calls it."""
    return mean_over(x, _torch_axes(dim), keepdim)


@aten("cumsum")
def torch_cumulated(x: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """Sums of all entries up to each along an axis."""
    return cumulated(x, dim, False, False)


@onnx("CumSum")
def onnx_cumulated(x: Tensor, axis: Value, *, exclusive: int = 0, reverse: int = 0) -> Tensor:
    """Without the entry itself if exclusive; from the end if reverse."""
    return cumulated(x, integers(axis)[0], bool(exclusive), bool(reverse))


def cumulated(x: Tensor, axis: int, exclusive: bool, reverse: bool) -> Tensor:
    """A triangle of ones along the axis."""
    from .products import matmul

    axis = range(x.ndim)[axis]
    ones = np.triu(np.ones((x.shape[axis],) * 2), 1 if exclusive else 0)
    last = [k for k in range(x.ndim) if k != axis] + [axis]
    sums = matmul(x.transpose(last), ones.T if reverse else ones)
    return sums.transpose([last.index(k) for k in range(x.ndim)])
