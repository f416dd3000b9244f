"""Activations: each is an affine map of a few ReLUs."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....errors import UnsupportedLayerError
from ..nodes import Floats
from ..registry import Value, aten, constant, note, onnx, tensor
from ..tensor import Tensor, combined

__all__ = ["clip", "leaky_relu"]

_SINGLE = {value: float(np.float32(value)) for value in (0.01, 0.2)}


@onnx("Relu")
@aten("relu")
def relu(x: Tensor) -> Tensor:
    """``max(x, 0)``."""
    return x.relu()


@onnx("LeakyRelu")
def leaky_relu(x: Tensor, alpha: float = _SINGLE[0.01]) -> Tensor:
    """``x`` where positive, else ``alpha * x``."""
    return sloped(x, np.asarray(alpha))


def sloped(x: Tensor, slopes: Floats) -> Tensor:
    """``relu(x) + slope * (x - relu(x))``, with slopes that are broadcast to `x`."""
    positive = x.relu()
    return positive.add(x.add(positive, -1.0).scale(slopes))


@aten("leaky_relu")
def leaky(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    """As torch calls it."""
    return sloped(x, np.asarray(negative_slope))


@aten("rrelu_with_noise", "rrelu")
def randomised(
    x: Tensor,
    noise: Any,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    *_: Any,
) -> Tensor:
    """In eval mode the slope is the middle of both bounds."""
    if training:
        raise UnsupportedLayerError("RReLU draws its slopes in training mode; call network.eval()")
    return sloped(x, np.asarray((lower + upper) / 2))


@onnx("PRelu")
def parametric(x: Tensor, slope: Value) -> Tensor:
    """Slopes broadcast to the last axes."""
    slopes = constant(slope, "the slope")
    shape = np.broadcast_shapes(x.shape, slopes.shape)
    if shape != x.shape:
        raise UnsupportedLayerError(f"slopes of shape {slopes.shape} do not fit {x.shape}")
    return sloped(x, slopes)


@aten("_prelu_kernel")
def parametric_kernel(x: Tensor, weight: Value) -> Tensor:
    """torch shapes the slopes so that they are broadcast."""
    return parametric(x, weight)


@onnx("Abs")
@aten("abs", "absolute")
def absolute(x: Tensor) -> Tensor:
    """``|x| = 2 relu(x) - x``."""
    positive = x.relu()
    return positive.scale(2.0).add(x, -1.0)


def clip(x: Tensor, low: Floats | None, high: Floats | None) -> Tensor:
    """``min(max(x, low), high)``; bounds are broadcast, None and infinite ones do nothing."""
    low = None if low is None or np.all(low == -np.inf) else low
    high = None if high is None or np.all(high == np.inf) else high
    for bound in (low, high):
        if bound is not None and not np.isfinite(bound).all():
            raise UnsupportedLayerError("bounds of which some are infinite are not supported")
    if low is not None and high is not None:
        if np.any(low > high):
            low = np.minimum(low, high)  # the upper bound wins
        above, beyond = x.add(-low).relu(), x.add(-high).relu()
        shape = np.broadcast_shapes(above.shape, beyond.shape)
        return combined([(above, 1.0), (beyond, -1.0)], low, shape)
    if low is not None:
        return x.add(-low).relu().add(low)
    if high is not None:
        return x.scale(-1.0).add(high).relu().scale(-1.0).add(high)
    return x


@onnx("Clip")
def clipped(
    x: Value,
    low: Value | None = None,
    high: Value | None = None,
    *,
    min: Any = None,
    max: Any = None,
) -> Tensor:
    """Bounds as inputs, or as attributes in files before opset 11."""
    low, high = (min if low is None else low), (max if high is None else high)
    bounds = [None if v is None else constant(v, "a bound") for v in (low, high)]
    return clip(tensor(x), *bounds)


@aten("clamp", "clip")
def clamp(x: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Bounds may be computed tensors."""
    from .maxima import maximum, minimum

    if isinstance(min, Tensor) or isinstance(max, Tensor) or not isinstance(x, Tensor):
        x = x if min is None else maximum(x, min)
        return x if max is None else minimum(x, max)
    return clip(x, *(None if v is None else np.asarray(v, dtype=np.float64) for v in (min, max)))


@aten("clamp_min")
def clamp_min(x: Tensor, low: Any) -> Tensor:
    """``max(x, low)``."""
    return clamp(x, low, None)


@aten("clamp_max")
def clamp_max(x: Tensor, high: Any) -> Tensor:
    """``min(x, high)``."""
    return clamp(x, None, high)


@aten("hardtanh")
def hardtanh(x: Tensor, min_val: float = -1, max_val: float = 1) -> Tensor:
    """Also ReLU6."""
    return clip(x, np.asarray(float(min_val)), np.asarray(float(max_val)))


@aten("relu6")
def relu6(x: Tensor) -> Tensor:
    """``min(max(x, 0), 6)``."""
    return clip(x, np.zeros(()), np.asarray(6.0))


@onnx("HardSigmoid")
def hard_sigmoid(x: Tensor, alpha: float = _SINGLE[0.2], beta: float = 0.5) -> Tensor:
    """``min(max(alpha * x + beta, 0), 1)``."""
    return clip(x.scale(alpha).add(beta), np.zeros(()), np.ones(()))


@aten("hardsigmoid")
def sixth(x: Tensor) -> Tensor:
    """``min(max(x + 3, 0), 6) / 6``."""
    note("the factor 1/6 of a Hardsigmoid is the double nearest to it")
    return clip(x.add(3.0), np.zeros(()), np.asarray(6.0)).scale(1.0 / 6.0)


@aten("threshold")
def threshold(x: Tensor, threshold: float, value: float) -> Tensor:
    """``x`` above the threshold, else `value`: continuous only if both are equal."""
    if threshold != value:
        raise UnsupportedLayerError(
            f"a Threshold of {threshold} with value {value} is not continuous; both must be equal"
        )
    return clip(x, np.asarray(float(value)), None)


@onnx("ThresholdedRelu")
def thresholded(x: Tensor, alpha: float = 1.0) -> Tensor:
    """``x`` above `alpha`, else 0."""
    return threshold(x, alpha, 0.0)


@onnx("Shrink")
def shrink(x: Tensor, bias: float = 0.0, lambd: float = 0.5) -> Tensor:
    """``x`` moved by `bias` towards 0 outside ``[-lambd, lambd]``, 0 inside."""
    if bias != lambd:
        raise UnsupportedLayerError(
            f"Shrink with bias {bias} and lambd {lambd} is not continuous; both must be equal"
        )
    return softshrink(x, lambd)


@aten("softshrink")
def softshrink(x: Tensor, lambd: float = 0.5) -> Tensor:
    """``x - min(max(x, -lambd), lambd)``."""
    bound = np.asarray(float(lambd))
    return x.add(clip(x, -bound, bound), -1.0)
