"""Batch normalisation with fixed statistics."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....errors import InvalidNetworkError
from ..exact_sums import nearest_scale
from ..nodes import Floats
from ..registry import Value, aten, constant, note, onnx
from ..tensor import Tensor
from .convolutions import channelwise

__all__: list[str] = []


def normalised(
    x: Tensor, mean: Floats, variance: Floats, weight: Floats, bias: Floats, epsilon: float
) -> Tensor:
    """The scale is the double nearest to ``weight / sqrt(variance + epsilon)``.

    ``(x - mean) * scale + bias`` is then exact.
    """
    if not (variance + epsilon > 0).all():
        raise InvalidNetworkError(
            "a variance of a batch normalisation, plus epsilon, is not positive"
        )
    if x.ndim == 1:
        raise InvalidNetworkError("a batch normalisation needs a batch axis and channels")
    shaped = [channelwise(x, values) for values in (mean, variance, weight, bias)]
    pairs = zip(weight.tolist(), variance.tolist(), strict=True)
    scale = np.array([nearest_scale(w, v, epsilon) for w, v in pairs])
    note("the scale of a batch normalisation is the double nearest to weight / sqrt(var + eps)")
    return x.add(-shaped[0]).scale(channelwise(x, scale)).add(shaped[3])


@onnx("BatchNormalization")
def onnx_batch_norm(
    x: Tensor,
    weight: Value,
    bias: Value,
    mean: Value,
    variance: Value,
    *,
    epsilon: float = float(np.float32(1e-5)),
    momentum: float = 0.9,
    spatial: int = 1,
    is_test: int = 1,
    training_mode: int = 0,
    outputs: int = 1,
    **_: Any,
) -> Tensor:
    """As ONNX describes it."""
    if training_mode or outputs > 1:
        raise InvalidNetworkError(
            "batch normalisation is in training mode; export the model for inference"
        )
    if not spatial:
        raise InvalidNetworkError("batch normalisation that is not spatial cannot be used")
    parts = [constant(v, "the statistics") for v in (mean, variance, weight, bias)]
    return normalised(x, parts[0], parts[1], parts[2], parts[3], epsilon)


@aten("native_batch_norm", "_native_batch_norm_legit")
def native_batch_norm(
    x: Tensor,
    weight: Value | None,
    bias: Value | None,
    mean: Value | None,
    variance: Value | None,
    training: bool,
    momentum: float,
    eps: float,
) -> Any:
    """As torch calls it; the batch's own statistics are not given back."""
    if training or mean is None or variance is None:
        raise InvalidNetworkError(
            "batch normalisation uses the statistics of the batch; call network.eval() first "
            "(layers without running statistics cannot be used)"
        )
    centre, spread = constant(mean, "the mean"), constant(variance, "the variance")
    factor = np.ones_like(centre) if weight is None else constant(weight, "the weight")
    shift = np.zeros_like(centre) if bias is None else constant(bias, "the bias")
    return normalised(x, centre, spread, factor, shift, eps), None, None


@aten("_native_batch_norm_legit_no_training")
def without_training(
    x: Tensor, weight: Any, bias: Any, mean: Any, variance: Any, momentum: float, eps: float
) -> Any:
    """As torch.export writes it."""
    return native_batch_norm(x, weight, bias, mean, variance, False, momentum, eps)


@aten("cudnn_batch_norm", "miopen_batch_norm")
def on_device(
    x: Tensor,
    weight: Any,
    bias: Any,
    mean: Any,
    variance: Any,
    training: bool,
    momentum: float,
    eps: float,
) -> Any:
    """As torch calls it on a GPU."""
    return (*native_batch_norm(x, weight, bias, mean, variance, training, momentum, eps), None)


@onnx("Scaler")
def scaler(x: Tensor, *, offset: Any = None, scale: Any = None) -> Tensor:
    """``(x - offset) * scale``, as scikit-learn's converter writes it."""
    centred = x if offset is None else x.add(np.asarray(offset, dtype=np.float64), -1.0)
    return centred if scale is None else centred.scale(np.asarray(scale, dtype=np.float64))
