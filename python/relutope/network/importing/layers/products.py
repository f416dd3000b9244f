"""Products with constant matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ....errors import InvalidNetworkError, UnsupportedLayerError
from ..nodes import Floats, Matrix, matrix_of
from ..registry import Value, aten, constant, onnx
from ..tensor import Tensor, broadcast_shape, checked_size
from .arithmetic import add, multiply

__all__ = ["einsum", "matmul"]


@onnx("MatMul")
@aten("matmul", "mm", "bmm", "mv", "dot")
def matmul(a: Value, b: Value) -> Tensor:
    """The product of matrices in the last two axes, of vectors where there is one axis."""
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        raise UnsupportedLayerError(
            "the matrix product of two computed tensors is not piecewise linear"
        )
    if isinstance(a, Tensor):
        return _by_matrix(a, constant(b, "one factor"))
    x, weight = b, constant(a, "one factor")
    assert isinstance(x, Tensor)
    column = x.reshape([*x.shape, 1]) if x.ndim == 1 else x
    turned = weight if weight.ndim == 1 else weight.swapaxes(-1, -2)
    product = _by_matrix(column.swap(), turned)
    if weight.ndim > 1:
        product = product.swap() if product.ndim > 1 else product
    return product.reshape(product.shape[:-1]) if x.ndim == 1 else product


def _by_matrix(x: Tensor, weight: Floats) -> Tensor:
    """``x @ weight``."""
    row = x.reshape([1, *x.shape]) if x.ndim == 1 else x
    matrix = weight[:, None] if weight.ndim == 1 else weight
    if not x.ndim or not weight.ndim or row.shape[-1] != matrix.shape[-2]:
        raise InvalidNetworkError(
            f"a tensor of shape {x.shape} and a constant of shape {weight.shape} have no matrix "
            "product"
        )
    batch = broadcast_shape(row.shape[:-2], matrix.shape[:-2])
    shape = [*batch, row.shape[-2], matrix.shape[-1]]
    checked_size(shape)
    result = row.linear(lambda: _product(row, matrix, batch), shape)
    kept = [k for k, alone in ((-2, x.ndim == 1), (-1, weight.ndim == 1)) if not alone]
    return result.reshape([*batch, *(shape[k] for k in kept)])


def _product(x: Tensor, weight: Floats, batch: tuple[int, ...]) -> Matrix:
    rows, (fan_in, fan_out), count = x.shape[-2], weight.shape[-2:], math.prod(batch)
    source = np.arange(x.size).reshape(x.shape)
    source = np.broadcast_to(source, (*batch, rows, fan_in)).reshape(count, rows, fan_in)
    target = np.arange(count * rows * fan_out).reshape(count, rows, fan_out)
    shape = (target.size, x.size)
    if weight.ndim == 2:
        i, j = np.nonzero(weight)
        values = np.tile(weight[i, j], count * rows)
        return matrix_of(values, target[:, :, j].ravel(), source[:, :, i].ravel(), shape)
    full = np.broadcast_to(weight, (*batch, fan_in, fan_out)).reshape(count, fan_in, fan_out)
    b, i, j = np.nonzero(full)
    values = np.repeat(full[b, i, j], rows)
    return matrix_of(values, target[b, :, j].ravel(), source[b, :, i].ravel(), shape)


@onnx("Gemm")
def gemm(
    a: Value,
    b: Value,
    c: Value | None = None,
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    transA: int = 0,
    transB: int = 0,
) -> Tensor:
    """``alpha * A B + beta * C`` with A or B turned."""
    left, right = (_turned(v) if turn else v for v, turn in ((a, transA), (b, transB)))
    if any(len(v.shape) != 2 for v in (left, right)):
        raise InvalidNetworkError(f"Gemm takes matrices, not shapes {a.shape} and {b.shape}")
    y = matmul(left, right)
    y = y if alpha == 1 else y.scale(alpha)
    return y if c is None or beta == 0 else add(y, _scaled(c, beta))


@aten("addmm", "addmv", "baddbmm", "addbmm")
def addmm(c: Value, a: Value, b: Value, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """``beta * c + alpha * a b``."""
    y: Any = matmul(a, b) if isinstance(a, Tensor) or isinstance(b, Tensor) else np.matmul(a, b)
    y = y if alpha == 1 else _scaled(y, alpha)
    return y if beta == 0 else add(y, _scaled(c, beta))


@aten("linear")
def linear(x: Tensor, weight: Value, bias: Value | None = None) -> Tensor:
    """``x W^T + b``."""
    y = matmul(x, _turned(constant(weight, "the weight")))
    return y if bias is None else add(y, bias)


@aten("addcmul")
def addcmul(c: Value, a: Value, b: Value, *, value: float = 1) -> Tensor:
    """``c + value * a * b``."""
    both = isinstance(a, Tensor) or isinstance(b, Tensor)
    product: Any = multiply(a, b) if both else np.asarray(a) * np.asarray(b)
    return add(c, _scaled(product, value))


def _turned(value: Value) -> Value:
    return value.swap() if isinstance(value, Tensor) else np.asarray(value).swapaxes(-1, -2)


def _scaled(value: Value, factor: float) -> Value:
    if factor == 1:
        return value
    if isinstance(value, Tensor):
        return value.scale(factor)
    return Tensor.constant(np.asarray(value, dtype=np.float64)).scale(factor)


@onnx("Einsum")
def einsum(*values: Value, equation: str) -> Tensor:
    """Sums of products with constants, by their letters."""
    left, _, result = equation.replace(" ", "").partition("->")
    letters = left.split(",")
    if "->" not in equation:
        everything = "".join(letters)
        result = "".join(sorted(k for k in set(everything) if everything.count(k) == 1))
    if "." in equation or any(len(set(term)) < len(term) for term in letters):
        raise UnsupportedLayerError(f"the equation {equation!r} is not supported")
    which = [k for k, value in enumerate(values) if isinstance(value, Tensor)]
    if len(which) != 1:
        raise UnsupportedLayerError("a product of several computed tensors is not affine")
    x, own = values[which[0]], letters[which[0]]
    assert isinstance(x, Tensor)
    rest = [(t, v) for t, v in zip(letters, values, strict=True) if v is not x]
    kept = "".join(k for k in dict.fromkeys("".join(t for t, _ in rest)) if k in own + result)
    weight = np.ones(())
    if rest:
        operands = [constant(v, "a factor") for _, v in rest]
        weight = np.einsum(",".join(t for t, _ in rest) + "->" + kept, *operands)
    return _contracted(x, own, weight, kept, result)


def _contracted(x: Tensor, own: str, weight: Floats, kept: str, result: str) -> Tensor:
    """``sum x[own] * weight[kept]`` over the letters that `result` does not have."""
    sizes = dict(zip(own, x.shape, strict=True)) | dict(zip(kept, weight.shape, strict=True))
    batch = [k for k in own if k in kept and k in result]
    middle = [k for k in own if k not in result]
    free = [k for k in own if k not in kept and k in result]
    new = [k for k in kept if k not in own]
    left = x.transpose([own.index(k) for k in [*batch, *free, *middle]])
    left = left.reshape([*(sizes[k] for k in batch), _product_of(free, sizes), -1])
    # Letters that only `x` has and that are summed meet ones.
    ordered = [*batch, *middle, *new]
    full = weight.transpose([kept.index(k) for k in ordered if k in kept])
    full = full.reshape([sizes[k] if k in kept else 1 for k in ordered])
    full = np.broadcast_to(full, [sizes[k] for k in ordered])
    right = full.reshape([*(sizes[k] for k in batch), _product_of(middle, sizes), -1])
    found = matmul(left, right).reshape([sizes[k] for k in [*batch, *free, *new]])
    return found.transpose([[*batch, *free, *new].index(k) for k in result])


def _product_of(letters: list[str], sizes: dict[str, int]) -> int:
    return math.prod(sizes[k] for k in letters)
