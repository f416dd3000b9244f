"""A module and torch are left as they were found, whatever reading them takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

__all__ = ["on_this_thread", "preserved"]


@contextmanager
def on_this_thread() -> Iterator[None]:
    """Torch computes on the calling thread, whose arithmetic is ours (`ieee_arithmetic`).

    Its own threads keep the flags that the process has set, and may take subnormal weights for
    zero.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def preserved(module: torch.nn.Module) -> Iterator[None]:
    """Puts back what hooks and training statistics have changed: attributes and buffers."""
    attributes: list[tuple[Any, dict[str, Any]]] = []
    buffers: list[tuple[torch.Tensor, torch.Tensor]] = []
    for part in module.modules():
        own = {k: v for k, v in vars(part).items() if isinstance(v, (torch.Tensor, int, float))}
        attributes.append((part, own))
        buffers += [(b, b.detach().clone()) for b in part._buffers.values() if b is not None]
    try:
        yield
    finally:
        for part, own in attributes:
            for name, value in own.items():
                if vars(part).get(name) is not value:
                    vars(part)[name] = value
        with torch.no_grad():
            for buffer, before in buffers:
                if buffer.shape == before.shape and not torch.equal(buffer, before):
                    buffer.copy_(before)
