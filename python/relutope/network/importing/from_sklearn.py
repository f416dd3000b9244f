"""Reading scikit-learn's multilayer perceptrons, alone or behind scalers in a pipeline."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import InvalidNetworkError, UnsupportedLayerError
from .imported import Imported
from .layers.arithmetic import divided
from .layers.last import LeftOff, sigmoid, torch_softmax, two_classes
from .layers.products import matmul
from .nodes import Floats
from .tensor import Tensor

__all__ = ["graph_of_sklearn"]

_SUPPORTED = (
    "MLPClassifier and MLPRegressor, and pipelines of StandardScaler, MinMaxScaler and one of these"
)


def graph_of_sklearn(estimator: Any) -> Imported:
    """The graph of a fitted estimator's outputs.

    For classifiers these are what goes into the softmax, or for two classes the logistic function.

    Raises
    ------
    UnsupportedLayerError
        If it is another estimator, or its activation is not piecewise linear.
    InvalidNetworkError
        If it is not fitted.
    """
    steps = [step for _, step in getattr(estimator, "steps", [("", estimator)])]
    network = steps[-1]
    if type(network).__name__ not in ("MLPClassifier", "MLPRegressor"):
        raise UnsupportedLayerError(
            f"`network`: {type(network).__name__} of scikit-learn is not supported; supported are "
            + _SUPPORTED
        )
    if not hasattr(network, "coefs_"):
        raise InvalidNetworkError(f"`network`: the {type(network).__name__} is not fitted yet")
    x = Tensor.input([_inputs(steps)])
    for step in steps[:-1]:
        x = _scaled(x, step)
    if network.activation not in ("relu", "identity"):
        raise UnsupportedLayerError(
            f"`network`: the activation {network.activation!r} is not piecewise linear; it must be "
            "'relu' or 'identity'"
        )
    for k, (W, b) in enumerate(zip(network.coefs_, network.intercepts_, strict=True)):
        x = matmul(x, np.asarray(W, dtype=np.float64)).add(np.asarray(b, dtype=np.float64))
        if k + 1 < len(network.coefs_) and network.activation == "relu":
            x = x.relu()
    last = _without_last(x, network.out_activation_)
    applied = last.applied if isinstance(last, LeftOff) else None
    return Imported(last.node, _Reference(estimator), applied)


def _inputs(steps: list[Any]) -> int:
    return int(getattr(steps[0], "n_features_in_", 0) or steps[-1].coefs_[0].shape[0])


def _scaled(x: Tensor, step: Any) -> Tensor:
    name = type(step).__name__
    if step in (None, "passthrough"):
        return x
    if name == "StandardScaler":
        centred = x if step.mean_ is None else x.add(np.asarray(step.mean_), -1.0)
        return centred if step.scale_ is None else divided(centred, np.asarray(step.scale_))
    if name == "MinMaxScaler" and not step.clip:
        return x.scale(np.asarray(step.scale_)).add(np.asarray(step.min_))
    raise UnsupportedLayerError(
        f"`network`: {name} in a pipeline is not supported; supported are {_SUPPORTED}"
    )


def _without_last(x: Tensor, activation: str) -> Tensor:
    if activation == "identity":
        return x
    if activation == "softmax":
        return torch_softmax(x, 0)
    if activation != "logistic":
        raise UnsupportedLayerError(
            f"`network`: the activation {activation!r} of the outputs is not piecewise linear"
        )
    found = sigmoid(x)
    if x.size > 1:
        return found
    negative = found.like(found)
    negative.complement = True
    both = two_classes(negative, found)
    assert both is not None
    return both


@dataclass(frozen=True)
class _Reference:
    estimator: Any
    name: str = "scikit-learn's estimator"

    def outputs(self, X: Floats) -> Iterator[tuple[Floats, float]]:
        predict = getattr(self.estimator, "predict_proba", None) or self.estimator.predict
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of names of features
            found = np.asarray(predict(X), dtype=np.float64).reshape(len(X), -1)
        kinds = [W.dtype for W in getattr(self.estimator, "coefs_", [])]
        single = any(kind == np.float32 for kind in kinds)
        yield found, 2.0**-24 if single else 2.0**-53
