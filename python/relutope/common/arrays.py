"""Types of arrays, and arrays that are values."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from .arithmetic import ieee_arithmetic

__all__ = ["BoolArray", "FloatArray", "IntArray", "ReadOnlyArrays", "read_only"]

BoolArray: TypeAlias = NDArray[np.bool_]
FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
Array = TypeVar("Array", bound=NDArray[Any])


def read_only(array: Array) -> Array:
    """The array itself, which nobody can write to from now on."""
    array.flags.writeable = False
    return array


@ieee_arithmetic
class ReadOnlyArrays:
    """A frozen dataclass with this base shows arrays that nobody can write to."""

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                object.__setattr__(self, field.name, read_only(value.view()))
