"""Tensors of torch that stand for numbers which are not known.

A traced tensor knows where its numbers lie in memory. Views share their memory, and an operation in
place changes it for all of them, as in torch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.utils import _pytree as pytree

from ...errors import RelutopeError, UnsupportedLayerError
from .layers import last
from .tensor import Tensor, gathered

__all__ = ["Traced", "Unread", "as_torch", "stand_in"]


class _Memory:
    """The numbers of a tensor and its views, in the order in which they lie in memory."""

    def __init__(self, value: Tensor) -> None:
        self.value = value


class Traced(torch.Tensor):
    """A tensor of which only the computation is known; `places` are its numbers' in `memory`."""

    memory: _Memory
    places: torch.Tensor

    @staticmethod
    def __new__(cls, memory: _Memory, places: torch.Tensor, dtype: torch.dtype) -> Traced:
        made: Traced = torch.Tensor._make_wrapper_subclass(
            cls,
            places.shape,
            strides=places.stride(),
            storage_offset=places.storage_offset(),
            dtype=dtype,
            device=torch.device("cpu"),
        )
        made.memory, made.places = memory, places
        return made

    @classmethod
    def of(cls, value: Tensor, dtype: torch.dtype) -> Traced:
        """With memory of its own."""
        places = torch.arange(value.size, dtype=torch.int64).reshape(value.shape)
        return cls(_Memory(value), places, dtype)

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        raise UnsupportedLayerError("a traced tensor is used after its module has run")

    def __repr__(self, *, tensor_contents: Any = None) -> str:  # type: ignore[override]
        return f"Traced({tuple(self.shape)})"

    def read(self) -> Tensor:
        """Its numbers now."""
        value = self.memory.value
        # A contiguous view of all numbers has them in their order.
        whole = self.places.numel() == value.size and self.places.is_contiguous()
        found = value.reshape(self.shape) if whole else value.take(self.places.numpy())
        return value.like(found) if isinstance(value, last.LeftOff) else found

    def write(self, new: Tensor) -> None:
        """Replaces its numbers, and those of all views of them."""
        old, places = self.memory.value, self.places.numpy()
        order = np.arange(old.size)
        order[places.ravel()] = old.size + np.arange(places.size)
        self.memory.value = gathered([old, new], order)


class Unread(torch.Tensor):
    """What is not continuous, as labels and indices are: it may be passed on, not computed with."""

    error: RelutopeError

    @classmethod
    def of(cls, error: RelutopeError) -> Unread:
        """`error` is raised where it is used."""
        made = torch.empty(0).as_subclass(cls)
        made.error = error
        return made

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        leaves = pytree.tree_leaves((args, kwargs))
        return cls.of(next(leaf.error for leaf in leaves if isinstance(leaf, Unread)))

    def __bool__(self) -> bool:
        raise UnsupportedLayerError(
            f"{self.error} (the forward depends on the values of its input)"
        )

    def __repr__(self, *, tensor_contents: Any = None) -> str:  # type: ignore[override]
        return "Unread()"


def stand_in(value: Any) -> Any:
    return torch.empty(value.shape, dtype=value.dtype) if isinstance(value, Traced) else value


def as_torch(value: Any) -> Any:
    return torch.from_numpy(np.asarray(value)) if isinstance(value, np.ndarray) else value
