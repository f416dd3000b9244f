"""What may stand at the end of a classifier: it is left off, since it changes no decision.

Softmax and LogSoftmax keep the order of the outputs, a sigmoid their sign about 1/2. Nothing but
rearrangement may follow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..nodes import Floats
from ..registry import aten, note, onnx
from ..tensor import Tensor

__all__ = ["MAY_FOLLOW", "LeftOff", "complement", "two_classes"]

# Operators that only pass on or rearrange what was to be left off.
MAY_FOLLOW = {
    *("Cast", "Dropout", "Flatten", "Identity", "Reshape", "Squeeze", "Transpose"),
    *("Unsqueeze", "ZipMap"),
}


class LeftOff(Tensor):
    """What goes into a last activation, `applied` to it by the model.

    `complement` says that the model takes 1 minus that.
    """

    applied: Callable[[Floats], Floats]
    complement: bool = False

    @classmethod
    def of(cls, x: Tensor, name: str, applied: Callable[[Floats], Floats]) -> LeftOff:
        """`applied` takes outputs of shape (k, m), one row for each input."""
        note(f"the last {name} is left off, what goes into it is given: decisions are the same")
        result = cls(x.source, x.shape, x.index)
        result.applied = applied
        return result

    def like(self, x: Tensor) -> LeftOff:
        """The same of rearranged entries."""
        result = LeftOff(x.source, x.shape, x.index)
        result.applied, result.complement = self.applied, self.complement
        return result


def _softmax(x: Tensor, axis: int, logarithm: bool) -> LeftOff:
    shape, axis = x.shape, range(x.ndim)[axis]

    def applied(values: Floats) -> Floats:
        z = values.reshape(-1, *shape)
        z = z - z.max(axis=axis + 1, keepdims=True)
        total = np.exp(z).sum(axis=axis + 1, keepdims=True)
        found = z - np.log(total) if logarithm else np.exp(z) / total
        return np.asarray(found.reshape(len(values), -1))

    return LeftOff.of(x, "LogSoftmax" if logarithm else "Softmax", applied)


def _logistic(values: Floats) -> Floats:
    return 0.5 * (1.0 + np.tanh(0.5 * values))


@onnx("Softmax")
def softmax(x: Tensor, axis: int | None = None, *, opset: int) -> LeftOff:
    """Before opset 13 of all axes from `axis` on together."""
    return _onnx_softmax(x, axis, opset, False)


@onnx("LogSoftmax")
def log_softmax(x: Tensor, axis: int | None = None, *, opset: int) -> LeftOff:
    """As `softmax`."""
    return _onnx_softmax(x, axis, opset, True)


def _onnx_softmax(x: Tensor, axis: int | None, opset: int, logarithm: bool) -> LeftOff:
    if opset >= 13:
        return _softmax(x, -1 if axis is None else axis, logarithm)
    first = range(x.ndim)[1 if axis is None and x.ndim > 1 else (axis or 0)]
    flat = x.reshape([*x.shape[:first], -1])
    return _softmax(flat, first, logarithm).like(x)


@onnx("Sigmoid")
@aten("sigmoid")
def sigmoid(x: Tensor) -> LeftOff:
    """The sign of the outputs decides."""
    return LeftOff.of(x, "Sigmoid", _logistic)


@aten("_softmax", "softmax")
def torch_softmax(x: Tensor, dim: int, *_: Any) -> LeftOff:
    """As torch calls it."""
    return _softmax(x, dim, False)


@aten("_log_softmax", "log_softmax")
def torch_log_softmax(x: Tensor, dim: int, *_: Any) -> LeftOff:
    """As torch calls it."""
    return _softmax(x, dim, True)


@aten("log_sigmoid_forward", "log_sigmoid")
def log_sigmoid(x: Tensor) -> Any:
    """The sign of the outputs decides."""
    return LeftOff.of(x, "LogSigmoid", lambda z: -np.logaddexp(0.0, -z)), None


def complement(x: LeftOff, one: Any) -> LeftOff | None:
    """``1 - sigmoid(x)``, as classifiers of two classes write it; None if it is anything else."""
    if x.applied is not _logistic or x.complement or np.any(np.asarray(one) != 1):
        return None
    result = x.like(x)
    result.complement = True
    return result


def two_classes(first: LeftOff, second: LeftOff) -> LeftOff | None:
    """``[1 - sigmoid(x), sigmoid(x)]`` as the two classes' scores; None if it is anything else."""
    same = first.source is second.source and np.array_equal(first.positions, second.positions)
    if not (same and first.complement and not second.complement and second.size == 1):
        return None
    result = second.like(second)
    result.applied = lambda z: np.concatenate([1.0 - _logistic(z), _logistic(z)], axis=1)
    note("the two classes' probabilities come from one output, whose sign decides between them")
    return result
