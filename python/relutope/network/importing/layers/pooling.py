"""Poolings: maxima and averages over windows, over any number of axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ....errors import InvalidNetworkError, UnsupportedLayerError
from ..nodes import matrix_of
from ..registry import aten, note, onnx
from ..tensor import Integers, Tensor, checked_size
from ..windows import BEYOND, Axis, adaptive_windows, windows
from .convolutions import axes_of
from .maxima import WithoutIndices, maxima

__all__ = ["average_over", "maximum_over"]


def maximum_over(x: Tensor, along: Sequence[Integers]) -> Tensor:
    """Maxima over windows in the last axes."""
    outer, index = _windows(x, along)
    offsets = np.arange(math.prod(outer)) * math.prod(x.shape[len(outer) :])
    groups = np.where(index >= 0, offsets[:, None, None] + index, -1)
    shape = [*outer, *(len(a) for a in along)]
    checked_size([*shape, index.shape[1]])
    return maxima(x, groups.reshape(-1, index.shape[1])).reshape(shape)


def average_over(
    x: Tensor, along: Sequence[Integers], *, padded: bool = False, divisor: int | None = None
) -> Tensor:
    """Averages over windows in the last axes; the factor is the double nearest to 1 / divisor.

    The divisor is the number of entries that a window covers, with the padding if `padded`.
    """
    outer, index = _windows(x, along)
    inside = index >= 0
    counted = (index != BEYOND if padded else inside).sum(axis=1).astype(np.float64)
    divisors = np.full(len(index), float(divisor)) if divisor else counted
    if not divisors.all():
        raise InvalidNetworkError("an average is taken over no entries at all")
    if (np.abs(np.frexp(divisors)[0]) != 0.5).any():
        note("the factor 1/k of an average is the double nearest to it")
    images, area = math.prod(outer), math.prod(x.shape[len(outer) :])
    where, tap = np.nonzero(inside)

    def build() -> Any:
        image = np.arange(images)[:, None]
        return matrix_of(
            np.tile((1.0 / divisors)[where], images),
            (image * len(index) + where).ravel(),
            (image * area + index[where, tap]).ravel(),
            (images * len(index), images * area),
        )

    return x.linear(build, [*outer, *(len(a) for a in along)])


def _windows(x: Tensor, along: Sequence[Integers]) -> tuple[tuple[int, ...], Integers]:
    """The axes before the windows' and what each window covers."""
    if x.ndim <= len(along):
        raise InvalidNetworkError(
            f"a tensor of shape (channels, {', '.join(['size'] * len(along))}), with or without a "
            f"batch, is needed, got {x.shape}"
        )
    outer = x.shape[: x.ndim - len(along)]
    return outer, windows(x.shape[len(outer) :], along)


def _along(axes: Sequence[Axis], x: Tensor) -> list[Integers]:
    sizes = x.shape[x.ndim - len(axes) :]
    if len(sizes) != len(axes):
        raise InvalidNetworkError(f"{len(axes)} axes are pooled, but the shape is {x.shape}")
    return [axis.positions(size) for axis, size in zip(axes, sizes, strict=True)]


# -- ONNX


@onnx("MaxPool")
def onnx_max_pool(
    x: Tensor,
    *,
    kernel_shape: Any,
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
    dilations: Any = None,
    pads: Any = None,
    storage_order: int = 0,
    strides: Any = None,
) -> Tensor:
    """`storage_order` concerns the indices, which are not supported."""
    axes = axes_of(x.shape[2:], kernel_shape, strides, dilations, pads, auto_pad, bool(ceil_mode))
    return maximum_over(x, _along(axes, x))


@onnx("AveragePool")
def onnx_average_pool(
    x: Tensor,
    *,
    kernel_shape: Any,
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
    count_include_pad: int = 0,
    dilations: Any = None,
    pads: Any = None,
    strides: Any = None,
) -> Tensor:
    """Padding counts if the file says so."""
    axes = axes_of(x.shape[2:], kernel_shape, strides, dilations, pads, auto_pad, bool(ceil_mode))
    return average_over(x, _along(axes, x), padded=bool(count_include_pad))


def _whole(x: Tensor) -> list[Integers]:
    return [np.arange(size)[None, :] for size in x.shape[2:]]


@onnx("GlobalAveragePool")
def global_average(x: Tensor) -> Tensor:
    """Averages over all but the first two axes."""
    return average_over(x, _whole(x))


@onnx("GlobalMaxPool")
def global_maximum(x: Tensor) -> Tensor:
    """Maxima over all but the first two axes."""
    return maximum_over(x, _whole(x))


# -- torch


def _per_axis(value: Any, count: int) -> list[int]:
    values = [int(v) for v in value] if isinstance(value, (list, tuple)) else [int(value)]
    return values * count if len(values) == 1 else values


def _axes(
    dims: int, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil: bool
) -> list[Axis]:
    parts = [_per_axis(v, dims) for v in (kernel, stride or kernel, padding, dilation)]
    return [Axis(k, s, p, p, d, ceil) for k, s, p, d in zip(*parts, strict=True)]


def _max_pool(dims: int, indices: bool) -> Any:
    def pool(
        x: Tensor,
        kernel_size: Any,
        stride: Any = (),
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
    ) -> Any:
        axes = _axes(dims, kernel_size, stride, padding, dilation, ceil_mode)
        found = maximum_over(x, _along(axes, x))
        return WithoutIndices([found, None]) if indices else found

    return pool


def _average_pool(dims: int) -> Any:
    def pool(
        x: Tensor,
        kernel_size: Any,
        stride: Any = (),
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Tensor:
        along = _along(_axes(dims, kernel_size, stride, padding, 1, ceil_mode), x)
        return average_over(x, along, padded=count_include_pad, divisor=divisor_override)

    return pool


def _adaptive(dims: int, maximum: bool) -> Any:
    def pool(x: Tensor, output_size: Any) -> Any:
        counts = _per_axis(output_size, dims)
        sizes = x.shape[x.ndim - dims :]
        if min(counts) < 1:
            raise UnsupportedLayerError(f"an output of sizes {counts} is not supported")
        along = [adaptive_windows(n, m) for n, m in zip(sizes, counts, strict=True)]
        if maximum:
            return WithoutIndices([maximum_over(x, along), None])
        return average_over(x, along)

    return pool


for _dims in (1, 2, 3):
    aten(f"max_pool{_dims}d")(_max_pool(_dims, False))
    aten(f"max_pool{_dims}d_with_indices")(_max_pool(_dims, True))
    aten(f"avg_pool{_dims}d")(_average_pool(_dims))
    aten(f"adaptive_avg_pool{_dims}d", f"_adaptive_avg_pool{_dims}d")(_adaptive(_dims, False))
    aten(f"adaptive_max_pool{_dims}d")(_adaptive(_dims, True))
