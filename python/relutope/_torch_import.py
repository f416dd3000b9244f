"""Reading torch modules. Imported only when a torch module is given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from .errors import InvalidNetworkError, UnsupportedLayerError

SUPPORTED = "Linear, ReLU, Flatten, Identity, Dropout (in eval mode) and nested Sequential"


def layers_from_torch(module: Any) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """(W, b) of every Linear layer, after checking that a ReLU stands between each two."""
    layers: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    relu_since_linear = True
    for name, layer in _flat(module, "network"):
        if isinstance(layer, torch.nn.Linear):
            if not relu_since_linear:
                raise InvalidNetworkError(
                    f"`{name}`: two Linear layers without a ReLU between them; merge them into one"
                )
            layers.append(_arrays(layer))
            relu_since_linear = False
        elif isinstance(layer, torch.nn.ReLU):
            if not layers or relu_since_linear:
                raise InvalidNetworkError(f"`{name}`: a ReLU must follow a Linear layer")
            relu_since_linear = True
        elif isinstance(layer, torch.nn.Dropout) and layer.training and layer.p > 0:
            raise InvalidNetworkError(f"`{name}`: Dropout is active; call network.eval() first")
        elif not isinstance(layer, (torch.nn.Flatten, torch.nn.Identity, torch.nn.Dropout)):
            raise UnsupportedLayerError(
                f"`{name}`: layers of type {type(layer).__name__} are not supported; "
                f"supported are {SUPPORTED}"
            )
    if layers and relu_since_linear:
        raise InvalidNetworkError(
            "`network` ends with a ReLU; append the affine output layer (the identity will do)"
        )
    return layers


def _flat(module: Any, name: str) -> Iterator[tuple[str, Any]]:
    if type(module) is torch.nn.Sequential or isinstance(module, torch.nn.Sequential):
        for key, child in module.named_children():
            yield from _flat(child, f"{name}.{key}")
    else:
        yield name, module


def _arrays(layer: torch.nn.Linear) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    W = layer.weight.detach().to("cpu", torch.float64).numpy().copy()
    if layer.bias is None:
        return W, np.zeros(W.shape[0])
    return W, layer.bias.detach().to("cpu", torch.float64).numpy().copy()
