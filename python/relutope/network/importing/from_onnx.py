"""Reading ONNX files. Needs the package onnx, which is imported when a file is read."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import (
    InvalidNetworkError,
    MissingDependencyError,
    RelutopeError,
    UnsupportedLayerError,
)
from .nodes import Floats, Node
from .tensor import Tensor, concatenate
from .windows import Axis

__all__ = ["graph_of_onnx"]

Array = NDArray[Any]
Value = Tensor | Array


def graph_of_onnx(path: Path, input_shape: Sequence[int] | None) -> Node:
    """The graph of the model's output for one input.

    Parameters
    ----------
    path : Path
    input_shape : sequence of int, optional
        Shape of one input without the batch axis, where the file leaves it open.

    Returns
    -------
    Node

    Raises
    ------
    MissingDependencyError
        If onnx is not installed.
    InvalidNetworkError
        If the file is no ONNX file, or shapes do not fit.
    UnsupportedLayerError
        Names the operator and the node.
    """
    try:
        import onnx
    except ImportError as error:
        raise MissingDependencyError(
            "reading ONNX files needs the package onnx: pip install 'relutope[onnx]'"
        ) from error
    try:
        model = onnx.load(path)
    except OSError:
        raise
    except Exception as error:  # of protobuf
        raise InvalidNetworkError(f"`path`: {path} is not a valid ONNX file: {error}") from None
    return _Reader(onnx, model.graph).output(input_shape)


class _Reader:
    """Follows the nodes of a model with `Tensor` in place of what depends on the input."""

    def __init__(self, onnx: Any, graph: Any) -> None:
        self.onnx = onnx
        self.graph = graph
        self.values: dict[str, Value] = {
            tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer
        }

    def output(self, input_shape: Sequence[int] | None) -> Node:
        inputs = [value for value in self.graph.input if value.name not in self.values]
        if len(inputs) != 1 or len(self.graph.output) != 1:
            raise InvalidNetworkError(
                "the ONNX model must have one input and one output, it has "
                f"{len(inputs)} and {len(self.graph.output)}"
            )
        self.values[inputs[0].name] = Tensor.input(_shape_of(inputs[0], input_shape))
        for node in self.graph.node:
            self.follow(node)
        result = self.values.get(self.graph.output[0].name)
        if not isinstance(result, Tensor):
            raise InvalidNetworkError("the ONNX model's output does not depend on its input")
        return result.node

    def follow(self, node: Any) -> None:
        name = f"node {node.name or node.output[0]!r} ({node.op_type})"
        known = _OPERATORS.get(node.op_type) if node.domain in ("", "ai.onnx") else None
        if known is None:
            raise UnsupportedLayerError(
                f"{name}: the operator is not supported; supported are "
                f"{', '.join(sorted(_OPERATORS))}"
            )
        unknown = [i for i in node.input if i and i not in self.values]
        if unknown:
            raise InvalidNetworkError(
                f"{name}: nothing in the model makes its input {unknown[0]!r}"
            )
        inputs = [self.values[i] if i else None for i in node.input]
        while inputs and inputs[-1] is None:
            inputs.pop()
        attributes = {a.name: self.attribute(a) for a in node.attribute}
        try:
            result = known(_Call(attributes), *inputs)
        except RelutopeError as error:
            raise type(error)(f"{name}: {error}") from None
        except (TypeError, AttributeError, IndexError, ValueError) as error:
            raise UnsupportedLayerError(f"{name}: unsupported inputs: {error}") from error
        self.values[node.output[0]] = result

    def attribute(self, attribute: Any) -> Any:
        value = self.onnx.helper.get_attribute_value(attribute)
        if isinstance(value, self.onnx.TensorProto):
            return self.onnx.numpy_helper.to_array(value)
        return value.decode() if isinstance(value, bytes) else value


def _shape_of(value: Any, input_shape: Sequence[int] | None) -> list[int]:
    """The input's shape for a batch of one."""
    dims = [d.dim_value or None for d in value.type.tensor_type.shape.dim]
    if input_shape is not None:
        given = [1, *input_shape]
        fits = len(given) == len(dims) and all(
            d is None or d == size for d, size in zip(dims[1:], given[1:], strict=True)
        )
        if not fits or min(given) < 1:
            raise InvalidNetworkError(
                f"`input_shape` is {tuple(input_shape)}, but the input {value.name!r} has shape "
                f"{tuple(dims)} (the first is the batch)"
            )
        return given
    if None in dims[1:] or not dims:
        raise InvalidNetworkError(
            f"the input {value.name!r} has shape {tuple(dims)}, which leaves sizes open; give "
            "`input_shape`, the shape of one input without the batch axis"
        )
    if dims[0] not in (None, 1) and len(dims) > 1:
        raise InvalidNetworkError(
            f"the input {value.name!r} has shape {tuple(dims)}; the first axis is the batch and "
            "must be 1 or open"
        )
    return [int(d or 1) for d in dims]


@dataclass(frozen=True)
class _Call:
    """The attributes of a node."""

    attributes: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.attributes.get(name)

    def get(self, name: str, default: Any) -> Any:
        return self.attributes.get(name, default)


def _floats(value: Value | None, what: str) -> Floats:
    if not isinstance(value, np.ndarray):
        raise UnsupportedLayerError(f"{what} must be constant")
    return np.asarray(value, dtype=np.float64)


def _tensor(value: Value | None, what: str = "the input") -> Tensor:
    if not isinstance(value, Tensor):
        raise UnsupportedLayerError(f"{what} must depend on the network's input")
    return value


def _integers(value: Any) -> list[int]:
    if isinstance(value, Tensor):
        raise UnsupportedLayerError("shapes, axes and indices must be constant")
    return [int(v) for v in np.ravel(value)]


# -- sums and products


def _exactly(operation: Callable[[Any, Any], Any], a: Array, b: Array) -> Array:
    """Arithmetic of constants: of integers as they are, of floats only where it is exact."""
    if a.dtype.kind in "iu" and b.dtype.kind in "iu":
        return np.asarray(operation(a, b))
    fraction = np.frompyfunc(lambda v: Fraction(float(v)), 1, 1)
    exact = np.asarray(operation(fraction(a), fraction(b)), dtype=object)
    rounded = exact.astype(np.float64)
    if (fraction(rounded) != exact).any():
        raise UnsupportedLayerError("arithmetic of constants is not exact in double precision")
    return rounded


def _add(_: _Call, a: Value, b: Value) -> Value:
    if isinstance(a, Tensor):
        return a.add(b if isinstance(b, Tensor) else _floats(b, "B"))
    if isinstance(b, Tensor):
        return b.add(_floats(a, "A"))
    return _exactly(lambda x, y: x + y, a, b)


def _sub(_: _Call, a: Value, b: Value) -> Value:
    if isinstance(a, Tensor):
        return a.add(b if isinstance(b, Tensor) else _floats(b, "B"), -1.0)
    if isinstance(b, Tensor):
        return b.scale(-1.0).add(_floats(a, "A"))
    return _exactly(lambda x, y: x - y, a, b)


def _mul(_: _Call, a: Value, b: Value) -> Value:
    if isinstance(a, Tensor):
        return a.scale(_floats(b, "one factor"))
    if isinstance(b, Tensor):
        return b.scale(_floats(a, "one factor"))
    return _exactly(lambda x, y: x * y, a, b)


def _div(_: _Call, a: Value, b: Value) -> Value:
    if isinstance(a, Tensor):
        return a.divide(_floats(b, "the divisor"))
    if isinstance(b, Tensor):
        raise UnsupportedLayerError("a division by what depends on the input is not affine")
    integers = a.dtype.kind in "iu" and b.dtype.kind in "iu"
    return _exactly(lambda x, y: x // y if integers else x / y, a, b)


def _neg(_: _Call, x: Value) -> Value:
    return x.scale(-1.0) if isinstance(x, Tensor) else -x


def _sum(call: _Call, *values: Value) -> Value:
    total = values[0]
    for value in values[1:]:
        total = _add(call, total, value)
    return total


def _max(_: _Call, *values: Value) -> Value:
    tensors = [v for v in values if isinstance(v, Tensor)]
    constants = [_floats(v, "B") for v in values if not isinstance(v, Tensor)]
    others: list[Tensor | Floats] = [*tensors[1:], *constants]
    result = _tensor(tensors[0] if tensors else None)
    for other in others:
        result = result.maximum(other)
    return result


def _matmul(_: _Call, a: Value, b: Value) -> Value:
    if isinstance(a, Tensor):
        weight = _floats(b, "one factor")
        if weight.ndim > 2:
            weight = weight.reshape(weight.shape[-2:])  # leading axes of size 1
        if weight.ndim == 1:
            product = a.matmul(weight[:, None])
            return product.reshape(product.shape[:-1])
        return a.matmul(weight)
    weight, x = _floats(a, "one factor"), _tensor(b)
    if weight.ndim != 2 or len(x.shape) < 2:
        raise UnsupportedLayerError("a constant factor on the left must be a matrix")
    axes = [*range(len(x.shape) - 2), len(x.shape) - 1, len(x.shape) - 2]
    return x.transpose(axes).matmul(weight.T).transpose(axes)


def _gemm(call: _Call, a: Value, b: Value, c: Value | None = None) -> Value:
    x, weight = _tensor(a, "A"), _floats(b, "B")
    x = x.transpose([1, 0]) if call["transA"] else x
    y = x.matmul(weight.T if call["transB"] else weight)
    alpha, beta = call.get("alpha", 1.0), call.get("beta", 1.0)
    y = y if alpha == 1 else y.scale(alpha)
    if c is None or beta == 0:
        return y
    if isinstance(c, Tensor):
        return y.add(c if beta == 1 else c.scale(beta))
    bias = _floats(c, "C")
    return y.add(bias if beta == 1 else _exactly(lambda v, w: v * w, bias, np.array(beta)))


def _batch_norm(
    call: _Call, x: Value, weight: Value, bias: Value, mean: Value, variance: Value
) -> Value:
    if call["training_mode"]:
        raise InvalidNetworkError("batch normalisation is in training mode")
    parts = [_floats(v, "the statistics") for v in (mean, variance, weight, bias)]
    epsilon = float(call.get("epsilon", np.float32(1e-5)))
    return _tensor(x).normalise(parts[0], parts[1], parts[2], parts[3], epsilon)


# -- windows


def _axes(call: _Call, kernel: Sequence[int], sizes: Sequence[int]) -> list[Axis]:
    count = len(kernel)
    strides = call.get("strides", [1] * count)
    dilations = call.get("dilations", [1] * count)
    pads = call.get("pads", [0] * 2 * count)
    automatic = call.get("auto_pad", "NOTSET")
    axes = []
    for k, (size, width, stride, dilation) in enumerate(
        zip(sizes, kernel, strides, dilations, strict=True)
    ):
        before, after = pads[k], pads[k + count]
        if automatic == "VALID":
            before = after = 0
        elif automatic != "NOTSET":
            total = max((-(-size // stride) - 1) * stride + dilation * (width - 1) + 1 - size, 0)
            small, large = total // 2, total - total // 2
            before, after = (large, small) if automatic == "SAME_LOWER" else (small, large)
        axes.append(Axis(width, stride, before, after, dilation, bool(call["ceil_mode"])))
    return axes


def _conv(call: _Call, x: Value, weight: Value, bias: Value | None = None) -> Value:
    image, kernels = _tensor(x), _floats(weight, "the weight")
    axes = _axes(call, kernels.shape[2:], image.shape[2:])
    y = image.convolve(kernels, axes, call.get("group", 1))
    return y if bias is None else y.add(y.channelwise(_floats(bias, "the bias")))


def _along(call: _Call, image: Tensor) -> list[Any]:
    axes = _axes(call, call["kernel_shape"], image.shape[2:])
    return [axis.positions(size) for axis, size in zip(axes, image.shape[2:], strict=True)]


def _max_pool(call: _Call, x: Value) -> Value:
    image = _tensor(x)
    return image.maximum_over(_along(call, image))


def _average_pool(call: _Call, x: Value) -> Value:
    image = _tensor(x)
    along = _along(call, image)
    return image.average_padded(along) if call["count_include_pad"] else image.average(along)


def _whole(image: Tensor) -> list[Any]:
    return [np.arange(size)[None, :] for size in image.shape[2:]]


# -- arrangement


def _order(x: Tensor) -> Array:
    return np.arange(x.node.size).reshape(x.shape)


def _arranged(x: Value, change: Callable[[Array], Array]) -> Value:
    """A change of arrangement, of constants directly, of tensors by the places of their entries."""
    return x.take(change(_order(x))) if isinstance(x, Tensor) else np.asarray(change(x))


def _reshape(call: _Call, x: Value, shape: Value | None = None) -> Value:
    sizes = _integers(call["shape"] if shape is None else shape)
    if not call["allowzero"]:
        sizes = [x.shape[k] if size == 0 else size for k, size in enumerate(sizes)]
    return x.reshape(sizes)


def _flatten(call: _Call, x: Value) -> Value:
    axis = call.get("axis", 1)
    axis = axis + len(x.shape) if axis < 0 else axis
    return x.reshape([math.prod(x.shape[:axis]), -1])


def _squeeze(call: _Call, x: Value, axes: Value | None = None) -> Value:
    given = call["axes"] if axes is None else _integers(axes)
    rank = len(x.shape)
    dropped = [k for k in range(rank) if x.shape[k] == 1] if given is None else given
    dropped = [k % rank for k in dropped]
    if any(x.shape[k] != 1 for k in dropped):
        raise InvalidNetworkError(f"axes {dropped} of a tensor of shape {x.shape} are not all 1")
    return x.reshape([size for k, size in enumerate(x.shape) if k not in dropped])


def _unsqueeze(call: _Call, x: Value, axes: Value | None = None) -> Value:
    given = call["axes"] if axes is None else _integers(axes)
    rank = len(x.shape) + len(given)
    added = {k % rank for k in given}
    sizes = iter(x.shape)
    return x.reshape([1 if k in added else next(sizes) for k in range(rank)])


def _transpose(call: _Call, x: Value) -> Value:
    axes = call.get("perm", list(range(len(x.shape)))[::-1])
    return _arranged(x, lambda array: array.transpose(axes))


def _concat(call: _Call, *values: Value) -> Value:
    tensors = [v for v in values if isinstance(v, Tensor)]
    constants = [v for v in values if not isinstance(v, Tensor)]
    if not tensors:
        return np.concatenate(constants, axis=call["axis"])
    if constants:
        raise UnsupportedLayerError("constants among the tensors to be joined are not supported")
    return concatenate(tensors, call["axis"])


def _gather(call: _Call, x: Value, indices: Value) -> Value:
    which = np.array(_integers(indices)).reshape(np.shape(indices))
    return _arranged(x, lambda array: np.take(array, which, axis=call.get("axis", 0)))


def _slice(call: _Call, x: Value, *given: Value) -> Value:
    rank = len(x.shape)
    parts = [None if v is None else _integers(v) for v in given]
    starts, ends, axes, steps = parts + [None] * (4 - len(parts))
    starts, ends, axes = starts or call["starts"], ends or call["ends"], axes or call["axes"]
    cut = [slice(None)] * rank
    for k, (start, end) in enumerate(zip(starts, ends, strict=True)):
        step = steps[k] if steps else 1
        stop = None if step < 0 and end < -x.shape[axes[k] if axes else k] else end
        cut[axes[k] if axes else k] = slice(start, stop, step)
    return _arranged(x, lambda array: array[tuple(cut)])


def _constant(call: _Call) -> Value:
    name, value = next(iter(call.attributes.items()))
    if name not in ("value", "value_float", "value_floats", "value_int", "value_ints"):
        raise UnsupportedLayerError(f"constants given by `{name}` are not supported")
    return np.asarray(value)


def _shape(call: _Call, x: Value) -> Value:
    return np.array(x.shape[call.get("start", 0) : call["end"]], dtype=np.int64)


def _cast(_: _Call, x: Value) -> Value:
    """Between float types nothing is rounded, as nothing is elsewhere."""
    if not isinstance(x, Tensor) and x.dtype.kind not in "fiub":
        raise UnsupportedLayerError(f"constants of type {x.dtype} are not supported")
    return x


def _dropout(
    call: _Call, x: Value, ratio: Value | None = None, train: Value | None = None
) -> Value:
    if train is not None and np.any(_floats(train, "training_mode")):
        raise InvalidNetworkError("Dropout is in training mode")
    return x


_OPERATORS: dict[str, Callable[..., Value]] = {
    "Add": _add,
    "AveragePool": _average_pool,
    "BatchNormalization": _batch_norm,
    "Cast": _cast,
    "Concat": _concat,
    "Constant": _constant,
    "Conv": _conv,
    "Div": _div,
    "Dropout": _dropout,
    "Flatten": _flatten,
    "Gather": _gather,
    "Gemm": _gemm,
    "GlobalAveragePool": lambda _, x: _tensor(x).average(_whole(x)),
    "GlobalMaxPool": lambda _, x: _tensor(x).maximum_over(_whole(x)),
    "Identity": lambda _, x: x,
    "LeakyRelu": lambda call, x: _tensor(x).leaky_relu(call.get("alpha", float(np.float32(0.01)))),
    "MatMul": _matmul,
    "Max": _max,
    "MaxPool": _max_pool,
    "Mul": _mul,
    "Neg": _neg,
    "Relu": lambda _, x: _tensor(x).relu(),
    "Reshape": _reshape,
    "Shape": _shape,
    "Slice": _slice,
    "Squeeze": _squeeze,
    "Sub": _sub,
    "Sum": _sum,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
