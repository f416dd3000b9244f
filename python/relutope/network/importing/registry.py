"""What can be read: tables from operators of ONNX and ATen (torch) to functions of tensors.

A layer type is added by one function in one file of `layers`, under its names in both worlds::

    @onnx("Abs")
    @aten("abs")
    def absolute(x: Tensor) -> Tensor: ...

Both pass `Tensor` for what depends on the network's input and arrays for constants, never all
constants: such calls are evaluated by the format's own runtime. An ONNX function also gets the
node's attributes as keyword arguments, with the defaults of its signature where the file has none;
an attribute that the function does not take is refused, and so is an argument of ATen.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...errors import InvalidNetworkError, UnsupportedLayerError
from .nodes import Floats
from .tensor import Tensor

__all__ = [
    "ATEN",
    "ONNX",
    "Array",
    "Value",
    "aten",
    "collected_notes",
    "constant",
    "integers",
    "note",
    "onnx",
    "tensor",
]

Array: TypeAlias = NDArray[Any]
Value: TypeAlias = Tensor | Array

Function = TypeVar("Function", bound=Callable[..., Any])

ONNX: dict[str, Callable[..., Any]] = {}
ATEN: dict[str, Callable[..., Any]] = {}

collected_notes: ContextVar[dict[str, None] | None] = ContextVar("notes", default=None)


def onnx(*names: str) -> Callable[[Function], Function]:
    """Registers a function for ONNX operators; see the module's docstring."""
    return _registered(ONNX, names)


def aten(*names: str) -> Callable[[Function], Function]:
    """Registers a function for ATen operators, by their names without overload."""
    return _registered(ATEN, names)


def _registered(
    table: dict[str, Callable[..., Any]], names: tuple[str, ...]
) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        for name in names:
            assert name not in table, f"{name} is registered twice"
            table[name] = function
        return function

    return register


def note(text: str) -> None:
    """Something the user should know of the network that is being read; `Network.notes`."""
    notes = collected_notes.get()
    if notes is not None:
        notes[text] = None


# -- arguments


def constant(value: Any, what: str) -> Floats:
    """A constant argument as doubles."""
    if isinstance(value, Tensor):
        raise UnsupportedLayerError(f"{what} depends on the input and must be constant")
    array = np.asarray(value, dtype=np.float64)
    if not np.isfinite(array).all():
        raise InvalidNetworkError(f"{what} holds numbers that are not finite")
    return array


def tensor(value: Any, what: str = "the operand") -> Tensor:
    """An argument that depends on the input."""
    if not isinstance(value, Tensor):
        raise UnsupportedLayerError(f"{what} must depend on the network's input")
    return value


def integers(value: Any, what: str = "shapes, axes and indices") -> list[int]:
    """A constant list of integers."""
    if isinstance(value, Tensor):
        raise UnsupportedLayerError(f"{what} depend on the input and must be constant")
    given = np.ravel(value)
    if given.size and given.dtype.kind not in "iu":
        raise UnsupportedLayerError(f"{what} must be integers")
    return [int(v) for v in given]
