"""Sums, differences, and products and quotients with constants."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....errors import InvalidNetworkError, UnsupportedLayerError
from ..nodes import Floats
from ..registry import Value, aten, constant, note, onnx
from ..tensor import Tensor

__all__ = ["add", "divided", "multiply", "subtract"]


@onnx("Add")
def add(a: Value, b: Value) -> Tensor:
    """``a + b``, broadcast."""
    return a.add(b) if isinstance(a, Tensor) else _computed(b).add(a)


@onnx("Sub")
def subtract(a: Value, b: Value) -> Tensor:
    """``a - b``, broadcast."""
    return a.add(b, -1.0) if isinstance(a, Tensor) else _computed(b).scale(-1.0).add(a)


@onnx("Mul")
@aten("mul", "multiply")
def multiply(a: Value, b: Value) -> Tensor:
    """``a * b``, broadcast, where one of both is constant."""
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        raise UnsupportedLayerError(
            "the product of two computed tensors is not piecewise linear; stop before it with "
            "`until=`, or fix the inputs that one factor depends on with `inputs=`"
        )
    if isinstance(a, Tensor):
        return a.scale(constant(b, "one factor"))
    return _computed(b).scale(constant(a, "one factor"))


@onnx("Div")
def divide(a: Value, b: Value) -> Tensor:
    """``a / b``, broadcast, for constant b."""
    if isinstance(b, Tensor):
        raise UnsupportedLayerError("a division by a computed tensor is not piecewise linear")
    return divided(_computed(a), np.asarray(b))


def divided(x: Tensor, divisors: Value | float) -> Tensor:
    """Times the doubles nearest to the reciprocals."""
    values = constant(divisors, "the divisor")
    if not values.all():
        raise InvalidNetworkError("a division by zero")
    reciprocals = 1.0 / values
    if not (np.abs(np.frexp(values)[0]) == 0.5).all():
        note("a division by a constant is a multiplication by the double nearest to its reciprocal")
    return x.scale(reciprocals)


@onnx("Neg")
@aten("neg", "negative")
def negative(x: Tensor) -> Tensor:
    """``-x``."""
    return x.scale(-1.0)


@onnx("Sum")
def total(*values: Value) -> Tensor:
    """The sum of all, broadcast."""
    result: Any = values[0]
    for value in values[1:]:
        both = isinstance(result, Tensor) or isinstance(value, Tensor)
        result = add(result, value) if both else result + value
    return _computed(result)


@aten("add")
def add_scaled(a: Any, b: Any, *, alpha: float = 1) -> Tensor:
    """``a + alpha * b``."""
    return add(a, _times(b, alpha))


@aten("sub", "subtract")
def subtract_scaled(a: Any, b: Any, *, alpha: float = 1) -> Tensor:
    """``a - alpha * b``."""
    return subtract(a, _times(b, alpha))


@aten("rsub")
def subtract_from(a: Any, b: Any, alpha: float = 1) -> Tensor:
    """``b - alpha * a``."""
    return subtract(b, _times(a, alpha))


@aten("div", "divide", "true_divide")
def quotient(a: Any, b: Any, *, rounding_mode: str | None = None) -> Tensor:
    """``a / b``."""
    if rounding_mode is not None:
        raise UnsupportedLayerError(f"a division rounded by {rounding_mode!r} is not continuous")
    return divide(a, b)


@aten("lerp")
def interpolate(start: Value, end: Value, weight: Any) -> Tensor:
    """``start + weight * (end - start)`` for a constant weight."""
    factor = constant(weight, "the weight")
    return add(start, subtract(end, start).scale(factor))


def _times(value: Any, factor: float) -> Any:
    if factor == 1:
        return value
    return value.scale(factor) if isinstance(value, Tensor) else _exact(value, factor)


def _exact(value: Any, factor: float) -> Floats:
    from fractions import Fraction

    array = np.asarray(value, dtype=np.float64)
    result = array * factor
    pairs = zip(array.ravel().tolist(), result.ravel().tolist(), strict=True)
    if any(Fraction(v) * Fraction(factor) != Fraction(r) for v, r in pairs):
        raise UnsupportedLayerError(f"`alpha` {factor} times a constant is not exactly a double")
    return result


def _computed(value: Any) -> Tensor:
    assert isinstance(value, Tensor), "calls on constants alone are evaluated elsewhere"
    return value
