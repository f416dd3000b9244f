"""Types of arrays, and arrays that are values."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from .arithmetic import ieee_arithmetic

__all__ = [
    "BoolArray",
    "FloatArray",
    "IntArray",
    "ReadOnlyArrays",
    "Value",
    "read_only",
    "same_values",
]

BoolArray: TypeAlias = NDArray[np.bool_]
FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
Array = TypeVar("Array", bound=NDArray[Any])


def read_only(array: Array) -> Array:
    """The array itself, which nobody can write to from now on."""
    array.flags.writeable = False
    return array


def same_values(a: object, b: object) -> bool:
    """Whether two values are equal, arrays entry by entry; NaN equals NaN."""
    if a is b:
        return True
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray)) or a.shape != b.shape:
            return False
        nan = a.dtype.kind in "fc" and b.dtype.kind in "fc"
        return np.array_equal(a, b, equal_nan=nan)
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same_values(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple) and type(a) is type(b) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(same_values, a, b))
    if isinstance(a, float) and isinstance(b, float):
        return a == b or (a != a and b != b)
    return bool(a == b)


def _hashable(value: object) -> object:
    """What the hash of an object may depend on: equal for values that are the same."""
    if isinstance(value, np.ndarray):
        return value.shape
    if isinstance(value, dict | list | tuple):
        return len(value)
    return value if isinstance(value, int | str) else None


@ieee_arithmetic
class Value:
    """Objects with this base are equal when they are of one type and made of the same parts."""

    def _parts(self) -> tuple[object, ...]:
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, Value):
            return NotImplemented
        return self is other or same_values(self._parts(), other._parts())

    def __hash__(self) -> int:
        return hash((type(self), *map(_hashable, self._parts())))


@ieee_arithmetic
class ReadOnlyArrays(Value):
    """A frozen dataclass with this base is a value and shows arrays that nobody can write to.

    Its parts are its fields but those of ``field(compare=False)``, which follow from the others.
    """

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                object.__setattr__(self, field.name, read_only(value.view()))

    def _parts(self) -> tuple[object, ...]:
        names = [field.name for field in fields(self) if field.compare]  # type: ignore[arg-type]
        return tuple(getattr(self, name) for name in names)
