"""Convolutions and their transposes, over any number of axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ....errors import InvalidNetworkError, UnsupportedLayerError
from ..nodes import Floats, Matrix, compressed, matrix_of
from ..registry import Value, aten, constant, onnx
from ..tensor import Integers, Tensor, checked_size
from ..windows import Axis, windows

__all__ = ["axes_of", "channelwise"]


def channelwise(x: Tensor, values: Floats) -> Floats:
    """One number per channel (axis 1), shaped to be broadcast."""
    if x.ndim < 2 or values.shape != (x.shape[1],):
        raise InvalidNetworkError(
            f"one number per channel is needed for shape {x.shape}, got {values.shape}"
        )
    return values.reshape(-1, *[1] * (x.ndim - 2))


def convolved(
    x: Tensor, weight: Floats, bias: Value | None, axes: Sequence[Axis], groups: int
) -> Tensor:
    """Cross-correlation with `weight` of shape (out, in / groups, kernel sizes ...)."""
    _check(x, weight.ndim - 2)
    out, group_in = weight.shape[:2]
    if groups < 1 or groups * group_in != x.shape[1] or out % groups:
        raise InvalidNetworkError(
            f"a convolution with weights of shape {weight.shape} in {groups} group(s) does not "
            f"fit {x.shape[1]} channels"
        )
    sizes = x.shape[2:]
    along = [axis.positions(size) for axis, size in zip(axes, sizes, strict=True)]
    images, shape = x.shape[0], [out, *(len(a) for a in along)]
    checked_size([images, *shape])
    y = x.linear(
        lambda: _repeated(_correlation(weight, groups, sizes, along), images), [images, *shape]
    )
    return y if bias is None else y.add(channelwise(y, constant(bias, "the bias")))


def _correlation(
    weight: Floats, groups: int, sizes: Sequence[int], along: Sequence[Integers]
) -> Matrix:
    """Its matrix on one image."""
    index = windows(sizes, along)
    where, tap = np.nonzero(index >= 0)
    out, group_in = weight.shape[:2]
    kernels = weight.reshape(out, group_in, -1)
    o, i = np.indices(kernels.shape[:2]).reshape(2, -1, 1)
    source = o // (out // groups) * group_in + i
    area = math.prod(sizes)
    return matrix_of(
        kernels[o, i, tap].ravel(),
        (o * len(index) + where).ravel(),
        (source * area + index[where, tap]).ravel(),
        (out * len(index), groups * group_in * area),
    )


def _repeated(matrix: Matrix, count: int) -> Matrix:
    """The matrix once for each image of a batch."""
    import scipy.sparse

    blocks = scipy.sparse.kron(scipy.sparse.identity(count), matrix)
    return matrix if count == 1 else compressed(blocks)


def transposed(
    x: Tensor,
    weight: Floats,
    bias: Value | None,
    axes: Sequence[Axis],
    extra: Sequence[int],
    groups: int,
) -> Tensor:
    """The transpose of the correlation that maps its output to `x`.

    `weight` has shape (in, out / groups, kernel sizes ...); `extra` is the output padding.
    """
    _check(x, weight.ndim - 2)
    channels = weight.shape[0]
    if channels != x.shape[1] or groups < 1 or channels % groups:
        raise InvalidNetworkError(
            f"a transposed convolution with weights of shape {weight.shape} in {groups} group(s) "
            f"does not fit {x.shape[1]} channels"
        )
    sizes = [
        (n - 1) * axis.stride
        - axis.before
        - axis.after
        + axis.dilation * (axis.kernel - 1)
        + more
        + 1
        for n, axis, more in zip(x.shape[2:], axes, extra, strict=True)
    ]
    if min(sizes, default=1) < 1:
        raise InvalidNetworkError(f"a transposed convolution would give an image of sizes {sizes}")
    along = [
        axis.positions(size)[:n] for axis, size, n in zip(axes, sizes, x.shape[2:], strict=True)
    ]
    if [len(a) for a in along] != list(x.shape[2:]):
        raise InvalidNetworkError(f"an output padding of {tuple(extra)} does not fit the strides")
    images, shape = x.shape[0], [groups * weight.shape[1], *sizes]
    checked_size([images, *shape])
    y = x.linear(
        lambda: _repeated(compressed(_correlation(weight, groups, sizes, along).T), images),
        [images, *shape],
    )
    return y if bias is None else y.add(channelwise(y, constant(bias, "the bias")))


def _check(x: Tensor, spatial: int) -> None:
    if x.ndim != 2 + spatial or spatial < 1:
        raise InvalidNetworkError(
            f"a tensor of shape (batch, channels, {', '.join(['size'] * spatial)}) is needed, got "
            f"{x.shape}"
        )


def axes_of(
    sizes: Sequence[int],
    kernel: Sequence[int],
    strides: Sequence[int] | None,
    dilations: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
    auto_pad: str = "NOTSET",
    ceil: bool = False,
) -> list[Axis]:
    """ONNX's description of sliding windows: `pads` are all begins, then all ends."""
    count = len(kernel)
    strides, dilations = strides or [1] * count, dilations or [1] * count
    pads = pads or [0] * (2 * count)
    if len(sizes) != count or len(pads) != 2 * count:
        raise InvalidNetworkError(f"windows of shape {tuple(kernel)} do not fit {tuple(sizes)}")
    if min([*strides, *dilations, *kernel]) < 1:
        raise InvalidNetworkError("kernel sizes, strides and dilations must be positive")
    axes = []
    for k, (size, width, stride, dilation) in enumerate(
        zip(sizes, kernel, strides, dilations, strict=True)
    ):
        before, after = pads[k], pads[k + count]
        if auto_pad == "VALID":
            before = after = 0
        elif auto_pad != "NOTSET":
            total = max((-(-size // stride) - 1) * stride + dilation * (width - 1) + 1 - size, 0)
            small, large = total // 2, total - total // 2
            before, after = (large, small) if auto_pad == "SAME_LOWER" else (small, large)
        axes.append(Axis(width, stride, before, after, dilation, ceil))
    return axes


@onnx("Conv")
def onnx_convolution(
    x: Tensor,
    weight: Value,
    bias: Value | None = None,
    *,
    auto_pad: str = "NOTSET",
    dilations: Any = None,
    group: int = 1,
    kernel_shape: Any = None,
    pads: Any = None,
    strides: Any = None,
) -> Tensor:
    """As ONNX describes it."""
    kernels = constant(weight, "the weight")
    if not isinstance(x, Tensor):
        raise UnsupportedLayerError("a convolution with computed weights is not affine")
    if kernel_shape is not None and tuple(kernel_shape) != kernels.shape[2:]:
        raise InvalidNetworkError(f"`kernel_shape` {kernel_shape} is not that of the weight")
    axes = axes_of(x.shape[2:], kernels.shape[2:], strides, dilations, pads, auto_pad)
    return convolved(x, kernels, bias, axes, group)


@onnx("ConvTranspose")
def onnx_transposed(
    x: Tensor,
    weight: Value,
    bias: Value | None = None,
    *,
    auto_pad: str = "NOTSET",
    dilations: Any = None,
    group: int = 1,
    kernel_shape: Any = None,
    output_padding: Any = None,
    output_shape: Any = None,
    pads: Any = None,
    strides: Any = None,
) -> Tensor:
    """As ONNX describes it."""
    kernels = constant(weight, "the weight")
    count = kernels.ndim - 2
    extra = list(output_padding or [0] * count)
    if kernel_shape is not None and tuple(kernel_shape) != kernels.shape[2:]:
        raise InvalidNetworkError(f"`kernel_shape` {kernel_shape} is not that of the weight")
    given = None if auto_pad == "VALID" else pads
    axes = axes_of(x.shape[2:], kernels.shape[2:], strides, dilations, given)
    wanted = output_shape
    if wanted is None and auto_pad.startswith("SAME"):
        wanted = [n * axis.stride for n, axis in zip(x.shape[2:], axes, strict=True)]
    if wanted is not None:
        axes = _padded_to(list(wanted)[-count:], x.shape[2:], axes, extra, auto_pad)
    return transposed(x, kernels, bias, axes, extra, group)


def _padded_to(
    wanted: Sequence[int],
    sizes: Sequence[int],
    axes: Sequence[Axis],
    extra: Sequence[int],
    auto_pad: str,
) -> list[Axis]:
    """The axes with the padding that gives an image of the sizes `wanted`."""
    result = []
    for size, n, axis, more in zip(wanted, sizes, axes, extra, strict=True):
        total = axis.stride * (n - 1) + more + axis.dilation * (axis.kernel - 1) + 1 - size
        if total < 0:
            raise UnsupportedLayerError(
                f"a transposed convolution to {size} entries, more than its windows reach, is not "
                "supported; give `output_padding`"
            )
        small, large = total // 2, total - total // 2
        before, after = (small, large) if auto_pad == "SAME_UPPER" else (large, small)
        result.append(replace(axis, before=before, after=after))
    return result


@aten("convolution", "_convolution", "convolution_overrideable")
def convolution(
    x: Tensor,
    weight: Value,
    bias: Value | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    transposed_: bool,
    output_padding: Sequence[int],
    groups: int,
    *_: bool,
) -> Tensor:
    """As torch calls it; what follows `groups` chooses algorithms."""
    kernels = constant(weight, "the weight of a convolution")
    spatial = kernels.ndim - 2
    parts = [list(v) * (spatial if len(v) == 1 else 1) for v in (stride, padding, dilation)]
    axes = [
        Axis(kernel, s, p, p, d) for kernel, s, p, d in zip(kernels.shape[2:], *parts, strict=True)
    ]
    batched = x.ndim == kernels.ndim
    image = x if batched else x.reshape([1, *x.shape])
    if transposed_:
        extra = list(output_padding) * (spatial if len(output_padding) == 1 else 1)
        y = transposed(image, kernels, bias, axes, extra, groups)
    else:
        y = convolved(image, kernels, bias, axes, groups)
    return y if batched else y.reshape(y.shape[1:])
