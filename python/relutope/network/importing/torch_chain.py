"""Linear layers and ReLUs one after the other, which need not be run to be read.

What a training loop has, asked at every step. Imported only when a torch module is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.modules import module as every_module

__all__ = ["chain_of_torch"]

_KINDS = {torch.float32, torch.float64}


def chain_of_torch(module: Any) -> list[tuple[torch.Tensor, torch.Tensor]] | None:
    """The pairs (W, b) of a `Sequential` of `Linear` with a `ReLU` between each two.

    None for any other module, and where something could make it compute something else: hooks,
    parametrisations, subclasses, methods put into an instance.
    None, too, where a layer may be sparse.
    """
    if _has_hooks_for_all():
        return None
    parts = list(_flat(module))
    if None in parts or len(parts) < 3 or len(parts) % 2 == 0:
        return None
    if any(type(part) is not nn.ReLU for part in parts[1::2]):
        return None
    layers = [_weights(part) for part in parts[::2]]
    found = [layer for layer in layers if layer is not None]
    if len(found) < len(layers):
        return None
    fitting = all(W.shape[0] == V.shape[1] for (W, _), (V, _) in pairwise(found))
    return found if fitting else None


def _has_hooks_for_all() -> bool:
    names = ("_global_forward_hooks", "_global_forward_pre_hooks")
    return any(getattr(every_module, name, None) != {} for name in names)


def _flat(module: Any) -> Iterator[nn.Module | None]:
    """The layers in the order of their work; None for what is not known to do just that."""
    if not isinstance(module, nn.Module) or _is_changed(module):
        yield None
    elif type(module) is nn.Sequential:
        for part in module:
            yield from _flat(part)
    elif type(module) in (nn.Linear, nn.ReLU):
        yield module
    elif type(module) is not nn.Identity:
        yield None


def _is_changed(module: nn.Module) -> bool:
    return bool("forward" in vars(module) or module._forward_hooks or module._forward_pre_hooks)


def _weights(part: nn.Module | None) -> tuple[torch.Tensor, torch.Tensor] | None:
    """A layer's numbers, if they are what it multiplies by, and most of them are not zero."""
    if type(part) is not nn.Linear or part._parameters.keys() != {"weight", "bias"}:
        return None
    W = part.weight.detach()
    b = W.new_zeros(len(W)) if part.bias is None else part.bias.detach()
    if type(part.weight) is not nn.Parameter or not all(map(_is_plain, (W, b))):
        return None
    return (W, b) if 4 * np.count_nonzero(W.numpy()) > W.numel() else None


def _is_plain(numbers: torch.Tensor) -> bool:
    return (
        numbers.dtype in _KINDS and numbers.layout is torch.strided and numbers.device.type == "cpu"
    )
