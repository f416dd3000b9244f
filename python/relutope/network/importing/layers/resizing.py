"""Upsampling and interpolation: along one axis after the other, by constant weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ....errors import InvalidNetworkError, UnsupportedLayerError
from ..nodes import Floats
from ..registry import Value, aten, constant, integers, note, onnx
from ..tensor import Tensor, checked_size
from .products import matmul

__all__: list[str] = []


def along_axes(x: Tensor, matrices: dict[int, Floats]) -> Tensor:
    """Each axis multiplied by a matrix of shape (new size, old size)."""
    for axis, matrix in matrices.items():
        last = [k for k in range(x.ndim) if k != axis] + [axis]
        x = matmul(x.transpose(last), matrix.T).transpose([last.index(k) for k in range(x.ndim)])
    return x


# -- ONNX


@onnx("Resize")
def resize(
    x: Tensor,
    roi: Value | None = None,
    scales: Value | None = None,
    sizes: Value | None = None,
    *,
    antialias: int = 0,
    axes: Any = None,
    coordinate_transformation_mode: str | None = None,
    cubic_coeff_a: float = -0.75,
    exclude_outside: int = 0,
    extrapolation_value: float = 0.0,
    keep_aspect_ratio_policy: str = "stretch",
    mode: str = "nearest",
    nearest_mode: str = "round_prefer_floor",
    opset: int,
) -> Tensor:
    """Nearest neighbours or linear interpolation, by scales or to sizes."""
    if opset < 11:  # then the second input holds the scales
        roi, scales = None, roi
    transform = coordinate_transformation_mode or ("half_pixel" if opset >= 11 else "asymmetric")
    nearest = nearest_mode if opset >= 11 else "floor"
    if antialias or exclude_outside or keep_aspect_ratio_policy != "stretch":
        raise UnsupportedLayerError(
            "Resize with antialiasing, `exclude_outside` or a kept aspect ratio is not supported"
        )
    along = list(range(x.ndim)) if axes is None else [range(x.ndim)[k] for k in axes]
    factors, counts = _factors(x, along, scales, sizes)
    checked_size(counts)
    matrices = {}
    for axis, factor, count in zip(along, factors, counts, strict=True):
        if count != x.shape[axis] or factor != 1:
            place = _Places(x.shape[axis], count, factor, transform)
            matrices[axis] = place.nearest(nearest) if mode == "nearest" else place.linear(mode)
    return along_axes(x, matrices)


@onnx("Upsample")
def upsample(
    x: Tensor, scales_input: Value | None = None, *, scales: Any = None, mode: str = "nearest"
) -> Tensor:
    """The predecessor of Resize."""
    return resize(x, None, scales if scales_input is None else scales_input, mode=mode, opset=11,
                  coordinate_transformation_mode="asymmetric", nearest_mode="floor")  # fmt: skip


def _factors(
    x: Tensor, along: Sequence[int], scales: Value | None, sizes: Value | None
) -> tuple[list[Fraction], list[int]]:
    """The scale and the new size of each axis."""
    old = [x.shape[k] for k in along]
    if sizes is not None and 0 not in sizes.shape:
        counts = integers(sizes)
        if len(counts) != len(old) or min(counts) < 1:
            raise InvalidNetworkError(f"sizes {counts} do not fit {len(old)} axes")
        return [Fraction(m, n) for m, n in zip(counts, old, strict=True)], counts
    if scales is None:
        raise InvalidNetworkError("Resize needs scales or sizes")
    factors = [Fraction(float(v)) for v in np.ravel(constant(scales, "the scales"))]
    if len(factors) != len(old) or min(factors) <= 0:
        raise InvalidNetworkError(f"scales {[float(f) for f in factors]} do not fit {x.shape}")
    return factors, [max(math.floor(f * n), 1) for f, n in zip(factors, old, strict=True)]


class _Places:
    """Where in an axis of `size` entries each of `count` new entries is read."""

    def __init__(self, size: int, count: int, factor: Fraction, transform: str) -> None:
        self.size = size
        half = Fraction(1, 2)
        steps = [Fraction(k) for k in range(count)]
        if transform == "half_pixel":
            self.at = [(k + half) / factor - half for k in steps]
        elif transform == "pytorch_half_pixel":
            self.at = [(k + half) / factor - half if count > 1 else Fraction(0) for k in steps]
        elif transform == "asymmetric":
            self.at = [k / factor for k in steps]
        elif transform == "align_corners":
            self.at = [k * (size - 1) / (count - 1) if count > 1 else Fraction(0) for k in steps]
        elif transform == "half_pixel_symmetric":
            shift = Fraction(size, 2) * (1 - Fraction(count) / (factor * size))
            self.at = [shift + (k + half) / factor - half for k in steps]
        else:
            raise UnsupportedLayerError(
                f"the coordinates {transform!r} of Resize are not supported"
            )

    def nearest(self, mode: str) -> Floats:
        half = Fraction(1, 2)
        rounding = {
            "floor": math.floor,
            "ceil": math.ceil,
            "round_prefer_floor": lambda v: math.ceil(v - half),
            "round_prefer_ceil": lambda v: math.floor(v + half),
        }
        if mode not in rounding:
            raise UnsupportedLayerError(f"the rounding {mode!r} of Resize is not supported")
        matrix = np.zeros((len(self.at), self.size))
        for row, place in enumerate(self.at):
            matrix[row, min(max(rounding[mode](place), 0), self.size - 1)] = 1.0
        return matrix

    def linear(self, mode: str) -> Floats:
        if mode != "linear":
            raise UnsupportedLayerError(f"Resize of mode {mode!r} is not supported")
        matrix = np.zeros((len(self.at), self.size))
        for row, place in enumerate(self.at):
            inside = min(max(place, Fraction(0)), Fraction(self.size - 1))
            first = math.floor(inside)
            share = inside - first
            matrix[row, first] += float(1 - share)
            if share:
                matrix[row, first + 1] += float(share)
            if float(share) != share:
                note("the weights of an interpolation are the doubles nearest to them")
        return matrix


# -- torch, which computes the weights itself


def _interpolated(dims: int) -> Any:
    def upsampled(x: Tensor, output_size: Any, align_corners: bool, *scales: Any) -> Tensor:
        import torch

        given = list(scales) if scales else [None] * dims
        matrices = {}
        for k in range(dims):
            axis = x.ndim - dims + k
            unit = torch.eye(x.shape[axis], dtype=torch.float64)[:, None]
            weights = torch.ops.aten.upsample_linear1d(
                unit, [output_size[k]], align_corners, given[k]
            )
            matrices[axis] = np.asarray(weights[:, 0].numpy().T)
        note("the weights of an interpolation are the doubles nearest to them")
        return along_axes(x, matrices)

    return upsampled


for _dims, _name in ((1, "linear1d"), (2, "bilinear2d"), (3, "trilinear3d")):
    aten(f"upsample_{_name}")(_interpolated(_dims))
