"""Operations of a torch trace that overwrite their input.

The readers treat every operation as making a new tensor. That is the same thing unless the memory
that was overwritten is read again under another name, which is refused.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

import torch
import torch.fx
from torch import nn
from torch.nn import functional as F

from ...errors import UnsupportedLayerError

__all__ = ["refuse_lost_values"]

_VIEW_LAYERS = (nn.Flatten, nn.Unflatten, nn.Identity, nn.modules.dropout._DropoutNd)
_VIEW_METHODS = (
    "view",
    "reshape",
    "flatten",
    "unflatten",
    "permute",
    "transpose",
    "squeeze",
    "unsqueeze",
    "contiguous",
)
_VIEW_FUNCTIONS = (
    torch.flatten,
    torch.reshape,
    torch.permute,
    torch.transpose,
    torch.squeeze,
    torch.unsqueeze,
    F.dropout,
)
_OVERWRITING = (
    operator.iadd,
    operator.isub,
    operator.imul,
    operator.itruediv,
    torch.relu_,
    F.relu_,
    F.leaky_relu_,
)


def refuse_lost_values(trace: torch.fx.Graph, modules: Mapping[str, Any]) -> None:
    """Raises UnsupportedLayerError where a value is read after it was overwritten."""
    order = {node: k for k, node in enumerate(trace.nodes)}
    # The node whose memory each node uses: itself, or what it is a view of.
    memory: dict[torch.fx.Node, torch.fx.Node] = {}
    for node in trace.nodes:
        source = node.args[0] if node.args else None
        overwrites = isinstance(source, torch.fx.Node) and _overwrites(node, modules)
        if isinstance(source, torch.fx.Node) and (overwrites or _is_view(node, modules)):
            memory[node] = memory[source]
        else:
            memory[node] = node
        if not overwrites:
            continue
        for other, owner in memory.items():
            read_later = any(order[user] > order[node] for user in other.users)
            if other is not node and owner is memory[node] and read_later:
                raise UnsupportedLayerError(
                    f"`network: {node.name}` overwrites `{other.name}`, which is read again later; "
                    "use the operation that does not work in place"
                )


def _is_view(node: torch.fx.Node, modules: Mapping[str, Any]) -> bool:
    if node.op == "call_module":
        return isinstance(modules[str(node.target)], _VIEW_LAYERS)
    if node.op == "call_method":
        return node.target in _VIEW_METHODS
    return node.op == "call_function" and node.target in _VIEW_FUNCTIONS


def _overwrites(node: torch.fx.Node, modules: Mapping[str, Any]) -> bool:
    if node.op == "call_module":
        return bool(getattr(modules[str(node.target)], "inplace", False))
    if node.op == "call_method":
        return str(node.target).endswith("_") and not str(node.target).endswith("__")
    by_name = node.op == "call_function" and node.target in _OVERWRITING
    return by_name or bool(node.kwargs.get("inplace", False))
