"""Reading torch modules, as `torch.fx` traces them. Imported only when a torch module is given."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
import torch.fx
from torch import nn
from torch.nn import functional as F

from ...errors import InvalidNetworkError, RelutopeError, UnsupportedLayerError
from .in_place import refuse_lost_values
from .nodes import Floats, Node
from .tensor import Tensor, concatenate
from .windows import Axis, adaptive_windows

__all__ = ["SUPPORTED", "graph_of_torch"]

SUPPORTED = (
    "Linear, Conv1d, Conv2d, BatchNorm1d and 2d, average and max pooling, ReLU, LeakyReLU, "
    "Flatten, Unflatten, Identity, Dropout (in eval mode), and sums, differences, concatenation "
    "and reshaping of what they give"
)


def graph_of_torch(module: Any, input_shape: Sequence[int] | int | None) -> Node:
    """The graph of the module's output for one input.

    Parameters
    ----------
    module : torch.nn.Module
    input_shape : sequence of int or int, optional
        Shape of one input without the batch axis; by default what the first Linear takes.

    Returns
    -------
    Node

    Raises
    ------
    UnsupportedLayerError
        If a layer or a function is not known, or the module cannot be traced.
    InvalidNetworkError
        If the shapes do not fit, or layers are in training mode.
    """
    try:
        trace = torch.fx.Tracer().trace(module)
    except Exception as error:  # whatever the module's own code raises
        raise UnsupportedLayerError(
            f"`network`: torch.fx cannot trace {type(module).__name__} (its forward must not "
            f"depend on the values of its input): {error}"
        ) from error
    return _Reader(module, trace).output(input_shape)


class _Reader:
    """Follows a trace with `Tensor` in place of torch's tensors."""

    def __init__(self, module: Any, trace: torch.fx.Graph) -> None:
        self.module = module
        self.trace = trace
        self.modules = dict(module.named_modules())
        self.values: dict[torch.fx.Node, Any] = {}
        kinds = (p.dtype for p in module.parameters() if p.dtype.is_floating_point)
        self.dtype = next(kinds, torch.float64)

    def rounded(self, constant: Any) -> Any:
        """A number in the module's code, in the precision in which torch computes with it."""
        if isinstance(constant, float):
            return float(torch.tensor(constant, dtype=self.dtype))
        return constant

    def output(self, input_shape: Sequence[int] | int | None) -> Node:
        refuse_lost_values(self.trace, self.modules)
        inputs = [node for node in self.trace.nodes if node.op == "placeholder"]
        if len(inputs) != 1:
            raise InvalidNetworkError(f"`network` must take one input, it takes {len(inputs)}")
        shape = self.guessed_shape() if input_shape is None else _sizes(input_shape)
        self.values[inputs[0]] = Tensor.input([1, *shape])
        for node in self.trace.nodes:
            if node.op != "placeholder":
                self.values[node] = self.value(node)
        result = self.values[next(node for node in self.trace.nodes if node.op == "output")]
        if not isinstance(result, Tensor):
            raise InvalidNetworkError(
                "`network` must return one tensor that is computed from its input, it returns "
                f"{type(result).__name__}"
            )
        return result.node

    def guessed_shape(self) -> tuple[int]:
        spatial = (nn.modules.conv._ConvNd, nn.MaxPool1d, nn.MaxPool2d, nn.AvgPool1d, nn.AvgPool2d)
        for node in self.trace.nodes:
            layer = self.modules.get(node.target) if node.op == "call_module" else None
            if isinstance(layer, spatial):
                break
            if isinstance(layer, nn.Linear):
                return (layer.in_features,)
        raise InvalidNetworkError(
            "`input_shape` is needed, the shape of one input without the batch axis: what the "
            "network takes cannot be read off its first layer"
        )

    def value(self, node: torch.fx.Node) -> Any:
        def known(argument: Any) -> Any:
            return self.values[argument] if isinstance(argument, torch.fx.Node) else argument

        given: Any = torch.fx.node.map_aggregate((node.args, dict(node.kwargs)), known)
        args, kwargs = given
        if node.op == "output":
            return args[0]
        if node.op == "get_attr":
            return operator.attrgetter(str(node.target))(self.module)
        name = f"network.{node.target}" if node.op == "call_module" else f"network: {node.name}"
        try:
            if node.op == "call_module":
                return self.layer(name, self.modules[str(node.target)], *args)
            return self.call(name, node, args, kwargs)
        except RelutopeError as error:
            if str(error).startswith("`network"):
                raise
            raise type(error)(f"`{name}`: {error}") from None

    def layer(self, name: str, layer: Any, x: Tensor) -> Any:
        kind = next((k for k in type(layer).__mro__ if k in _LAYERS), None)
        if kind is None or not isinstance(x, Tensor):
            raise UnsupportedLayerError(
                f"`{name}`: layers of type {type(layer).__name__} are not supported; supported "
                f"are {SUPPORTED}"
            )
        if kind is nn.LeakyReLU:
            return x.leaky_relu(self.rounded(layer.negative_slope))
        return _LAYERS[kind](layer, x)

    def call(
        self, name: str, node: torch.fx.Node, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        """A function or method; those of plain numbers and shapes are simply called."""
        target: Any = node.target
        method = node.op == "call_method"
        if not any(isinstance(v, Tensor) for v in _flat([*args, *kwargs.values()])):
            if method:
                return getattr(args[0], target)(*args[1:], **kwargs)
            return target(*args, **kwargs)
        known: Callable[..., Any] | None = (_METHODS if method else _FUNCTIONS).get(target)
        if known is None:
            what = target if isinstance(target, str) else getattr(target, "__name__", str(target))
            raise UnsupportedLayerError(
                f"`{name}`: `{what}` is not supported; supported are {SUPPORTED}"
            )
        try:
            rounded = {name: self.rounded(value) for name, value in kwargs.items()}
            return known(*(self.rounded(value) for value in args), **rounded)
        except TypeError as error:
            raise UnsupportedLayerError(f"`{name}`: unsupported arguments: {error}") from None


def _flat(values: Sequence[Any]) -> list[Any]:
    found = []
    for value in values:
        found += _flat(value) if isinstance(value, (list, tuple)) else [value]
    return found


def _sizes(shape: Sequence[int] | int) -> tuple[int, ...]:
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    if not sizes or any(not isinstance(size, int) or size < 1 for size in sizes):
        raise InvalidNetworkError(
            f"`input_shape` must hold positive integers, without the batch axis; got {shape!r}"
        )
    return sizes


def _floats(tensor: Any) -> Floats:
    return np.asarray(tensor.detach().to("cpu", torch.float64).numpy())


def _number(value: Any) -> Any:
    """Constants as doubles; tensors of the network stay as they are."""
    return _floats(value) if isinstance(value, torch.Tensor) else value


# -- layers


def _linear(x: Tensor, weight: Any, bias: Any = None) -> Tensor:
    y = x.matmul(_floats(weight).T)
    return y if bias is None else y.add(_floats(bias))


def _convolution(layer: Any, x: Tensor) -> Tensor:
    if layer.padding_mode != "zeros":
        raise UnsupportedLayerError(
            f"padding mode {layer.padding_mode!r} is not supported; it must be 'zeros'"
        )
    axes = []
    for k, (kernel, stride, dilation) in enumerate(
        zip(layer.kernel_size, layer.stride, layer.dilation, strict=True)
    ):
        if layer.padding == "same":
            total = dilation * (kernel - 1)
            before, after = total // 2, total - total // 2
        else:
            before = after = 0 if layer.padding == "valid" else layer.padding[k]
        axes.append(Axis(kernel, stride, before, after, dilation))
    y = x.convolve(_floats(layer.weight), axes, layer.groups)
    return y if layer.bias is None else y.add(y.channelwise(_floats(layer.bias)))


def _batch_norm(layer: Any, x: Tensor) -> Tensor:
    if layer.training or layer.running_mean is None:
        raise InvalidNetworkError(
            "batch normalisation uses the statistics of the batch; call network.eval() first "
            "(layers without running statistics cannot be used)"
        )
    mean, variance = _floats(layer.running_mean), _floats(layer.running_var)
    weight = np.ones_like(mean) if layer.weight is None else _floats(layer.weight)
    bias = np.zeros_like(mean) if layer.bias is None else _floats(layer.bias)
    return x.normalise(mean, variance, weight, bias, layer.eps)


def _dropout(x: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    if training and p > 0:
        raise InvalidNetworkError("Dropout is active; call network.eval() first")
    return x


def _per_axis(value: Any, count: int) -> list[int]:
    return [int(v) for v in value] if isinstance(value, (list, tuple)) else [int(value)] * count


def _positions(
    x: Tensor, dims: int, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil: bool
) -> list[Any]:
    x.check_spatial(range(dims))
    parts = [_per_axis(v, dims) for v in (kernel, stride or kernel, padding, dilation)]
    axes = [Axis(k, s, p, p, d, ceil) for k, s, p, d in zip(*parts, strict=True)]
    return [axis.positions(size) for axis, size in zip(axes, x.shape[2:], strict=True)]


def _max_pool(dims: int) -> Callable[..., Tensor]:
    def pool(
        x: Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Tensor:
        if return_indices:
            raise UnsupportedLayerError("max pooling that returns indices is not supported")
        along = _positions(x, dims, kernel_size, stride, padding, dilation, ceil_mode)
        return x.maximum_over(along)

    return pool


def _average_pool(dims: int) -> Callable[..., Tensor]:
    def pool(
        x: Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Tensor:
        along = _positions(x, dims, kernel_size, stride, padding, 1, ceil_mode)
        if divisor_override:
            count = math.prod(len(a) for a in along)
            return x.average(along, np.full(count, float(divisor_override)))
        return x.average_padded(along) if count_include_pad else x.average(along)

    return pool


def _adaptive_average_pool(dims: int) -> Callable[..., Tensor]:
    def pool(x: Tensor, output_size: Any) -> Tensor:
        x.check_spatial(range(dims))
        sizes = output_size if isinstance(output_size, (list, tuple)) else [output_size] * dims
        pairs = zip(x.shape[2:], sizes, strict=True)
        return x.average([adaptive_windows(n, n if m is None else int(m)) for n, m in pairs])

    return pool


def _leaky(x: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    return x.leaky_relu(negative_slope)


def _relu(x: Tensor, inplace: bool = False) -> Tensor:
    return x.relu()


def _pool_arguments(layer: Any, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(layer, name) for name in names if hasattr(layer, name)}


_MAX = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
_AVERAGE = (
    "kernel_size",
    "stride",
    "padding",
    "ceil_mode",
    "count_include_pad",
    "divisor_override",
)

_LAYERS: dict[type, Callable[[Any, Tensor], Tensor]] = {
    nn.Linear: lambda m, x: _linear(x, m.weight, m.bias),
    nn.Conv1d: _convolution,
    nn.Conv2d: _convolution,
    nn.BatchNorm1d: _batch_norm,
    nn.BatchNorm2d: _batch_norm,
    nn.MaxPool1d: lambda m, x: _max_pool(1)(x, **_pool_arguments(m, _MAX)),
    nn.MaxPool2d: lambda m, x: _max_pool(2)(x, **_pool_arguments(m, _MAX)),
    nn.AvgPool1d: lambda m, x: _average_pool(1)(x, **_pool_arguments(m, _AVERAGE)),
    nn.AvgPool2d: lambda m, x: _average_pool(2)(x, **_pool_arguments(m, _AVERAGE)),
    nn.AdaptiveAvgPool1d: lambda m, x: _adaptive_average_pool(1)(x, m.output_size),
    nn.AdaptiveAvgPool2d: lambda m, x: _adaptive_average_pool(2)(x, m.output_size),
    nn.ReLU: lambda m, x: x.relu(),
    nn.LeakyReLU: lambda m, x: _leaky(x, m.negative_slope),
    nn.Flatten: lambda m, x: x.flatten(m.start_dim, m.end_dim),
    nn.Unflatten: lambda m, x: _unflatten(x, m.dim, m.unflattened_size),
    nn.Identity: lambda m, x: x,
    nn.Dropout: lambda m, x: _dropout(x, m.p, m.training),
    nn.Dropout1d: lambda m, x: _dropout(x, m.p, m.training),
    nn.Dropout2d: lambda m, x: _dropout(x, m.p, m.training),
}


# -- functions and methods


def _add(a: Any, b: Any, *, alpha: float = 1.0) -> Any:
    if not isinstance(a, Tensor):
        return b.scale(alpha).add(_number(a)) if alpha != 1 else b.add(_number(a))
    return a.add(_scaled(b, alpha))


def _subtract(a: Any, b: Any, *, alpha: float = 1.0) -> Any:
    if not isinstance(a, Tensor):
        return _scaled(b, -alpha).add(_number(a))
    return a.add(_scaled(b, alpha), -1.0)


def _scaled(value: Any, factor: float) -> Any:
    if isinstance(value, Tensor):
        return value if factor == 1 else value.scale(factor)
    if factor not in (1, -1):
        raise UnsupportedLayerError("`alpha` with a constant is not supported")
    return _number(value) * factor


def _multiply(a: Any, b: Any) -> Any:
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        raise UnsupportedLayerError("products of two computed tensors are not affine")
    return a.scale(_number(b)) if isinstance(a, Tensor) else b.scale(_number(a))


def _divide(a: Any, b: Any) -> Tensor:
    if not isinstance(a, Tensor) or isinstance(b, Tensor):
        raise UnsupportedLayerError("a division by a computed tensor is not affine")
    return a.divide(_number(b))


def _matmul(a: Any, b: Any) -> Tensor:
    if not isinstance(a, Tensor) or isinstance(b, Tensor):
        raise UnsupportedLayerError("only products with a constant matrix on the right are affine")
    return a.matmul(_floats(b))


def _maximum(a: Any, b: Any) -> Any:
    return a.maximum(_number(b)) if isinstance(a, Tensor) else b.maximum(_number(a))


def _reshape(x: Tensor, *shape: Any) -> Tensor:
    return x.reshape(_unpacked(shape))


def _unpacked(values: Sequence[Any]) -> Sequence[Any]:
    return values[0] if len(values) == 1 and isinstance(values[0], (list, tuple)) else values


def _flatten(x: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    return x.flatten(start_dim, end_dim)


def _unflatten(x: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    axis = range(len(x.shape))[dim]
    return x.reshape([*x.shape[:axis], *sizes, *x.shape[axis + 1 :]])


def _permute(x: Tensor, *axes: Any) -> Tensor:
    return x.transpose(_unpacked(axes))


def _transpose(x: Tensor, first: int, second: int) -> Tensor:
    axes = list(range(len(x.shape)))
    axes[first], axes[second] = axes[second], axes[first]
    return x.transpose(axes)


def _squeeze(x: Tensor, dim: int | None = None) -> Tensor:
    axes = range(len(x.shape)) if dim is None else [range(len(x.shape))[dim]]
    return x.reshape([n for k, n in enumerate(x.shape) if k not in axes or n != 1])


def _unsqueeze(x: Tensor, dim: int) -> Tensor:
    axis = range(len(x.shape) + 1)[dim]
    return x.reshape([*x.shape[:axis], 1, *x.shape[axis:]])


def _size(x: Tensor, dim: int | None = None) -> Any:
    return x.shape if dim is None else x.shape[dim]


def _attribute(x: Tensor, name: str) -> Any:
    if name == "shape":
        return x.shape
    raise UnsupportedLayerError(f"the attribute `{name}` of a tensor is not supported")


def _cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    if not all(isinstance(tensor, Tensor) for tensor in tensors):
        raise UnsupportedLayerError("constants among the tensors to be joined are not supported")
    return concatenate(tensors, dim)


def _same(x: Tensor, *_: Any, **__: Any) -> Tensor:
    return x


_METHODS: dict[str, Callable[..., Any]] = {
    "add": _add,
    "add_": _add,
    "sub": _subtract,
    "sub_": _subtract,
    "mul": _multiply,
    "div": _divide,
    "neg": lambda x: x.scale(-1.0),
    "matmul": _matmul,
    "relu": _relu,
    "relu_": _relu,
    "maximum": _maximum,
    "view": _reshape,
    "reshape": _reshape,
    "flatten": _flatten,
    "unflatten": _unflatten,
    "permute": _permute,
    "transpose": _transpose,
    "squeeze": _squeeze,
    "unsqueeze": _unsqueeze,
    "size": _size,
    "dim": lambda x: len(x.shape),
    "contiguous": _same,
    "clone": _same,
}

_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    operator.add: _add,
    operator.iadd: _add,
    operator.sub: _subtract,
    operator.isub: _subtract,
    operator.mul: _multiply,
    operator.imul: _multiply,
    operator.truediv: _divide,
    operator.itruediv: _divide,
    operator.neg: lambda x: x.scale(-1.0),
    operator.matmul: _matmul,
    torch.add: _add,
    torch.sub: _subtract,
    torch.mul: _multiply,
    torch.div: _divide,
    torch.neg: lambda x: x.scale(-1.0),
    torch.matmul: _matmul,
    torch.maximum: _maximum,
    torch.relu: _relu,
    torch.relu_: _relu,
    F.relu: _relu,
    F.relu_: _relu,
    F.leaky_relu: _leaky,
    F.leaky_relu_: _leaky,
    F.linear: _linear,
    F.dropout: _dropout,
    F.max_pool1d: _max_pool(1),
    F.max_pool2d: _max_pool(2),
    F.avg_pool1d: _average_pool(1),
    F.avg_pool2d: _average_pool(2),
    F.adaptive_avg_pool1d: _adaptive_average_pool(1),
    F.adaptive_avg_pool2d: _adaptive_average_pool(2),
    torch.flatten: _flatten,
    torch.reshape: _reshape,
    torch.permute: _permute,
    torch.transpose: _transpose,
    torch.squeeze: _squeeze,
    torch.unsqueeze: _unsqueeze,
    torch.cat: _cat,
    torch.concat: _cat,
    getattr: _attribute,
}
