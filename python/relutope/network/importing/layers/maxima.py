"""Maxima and minima: ``max(a, b) = a + relu(b - a)``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ....errors import InvalidNetworkError, UnsupportedLayerError
from ..nodes import Affine, Lazy, Relu, compressed, matrix_of, selection
from ..registry import Value, aten, integers, onnx
from ..tensor import Integers, Tensor, broadcast_shape, combined

__all__ = ["maxima", "maximum", "minimum"]


@aten("maximum", "fmax")
def maximum(a: Any, b: Any) -> Tensor:
    """The greater of two, entry by entry, broadcast; one may be constant."""
    if not isinstance(a, Tensor):
        a, b = b, a
    rise = a.scale(-1.0).add(b).relu()
    return combined([(a, 1.0), (rise, 1.0)], 0.0, broadcast_shape(a.shape, np.shape(b)))


@aten("minimum", "fmin")
def minimum(a: Any, b: Any) -> Tensor:
    """The smaller of two, entry by entry, broadcast; one may be constant."""
    if not isinstance(a, Tensor):
        a, b = b, a
    fall = a.add(b, -1.0).relu()
    return combined([(a, 1.0), (fall, -1.0)], 0.0, broadcast_shape(a.shape, np.shape(b)))


@onnx("Max")
def greatest(*values: Value) -> Tensor:
    """The greatest of all, entry by entry."""
    return _folded(maximum, np.maximum, values)


@onnx("Min")
def least(*values: Value) -> Tensor:
    """The smallest of all, entry by entry."""
    return _folded(minimum, np.minimum, values)


def _folded(
    pair: Callable[[Any, Any], Tensor], plain: Callable[[Any, Any], Any], values: Sequence[Value]
) -> Tensor:
    constants = [np.asarray(v, dtype=np.float64) for v in values if not isinstance(v, Tensor)]
    parts: list[Any] = [v for v in values if isinstance(v, Tensor)]
    if constants:
        known = constants[0]
        for value in constants[1:]:
            known = plain(known, value)
        parts.append(known)
    result: Tensor = parts[0]
    for part in parts[1:]:
        result = pair(result, part)
    return result


def maxima(x: Tensor, groups: Integers) -> Tensor:
    """The maximum of each group of entries, by rounds; groups with a pair in common share it.

    Parameters
    ----------
    x : Tensor
    groups : ndarray of int, shape (groups, most)
        Flat indices into `x`, at least one in each row; negative ones are left out.
    """
    if not (groups >= 0).any(axis=1).all():
        raise InvalidNetworkError("a maximum is taken over no entries at all")
    node, groups = x.node, _left(groups)
    while groups.shape[1] > 1:
        if groups.shape[1] % 2:
            groups = np.column_stack([groups, np.full(len(groups), -1)])
        first, second = groups[:, 0::2], groups[:, 1::2]
        key = np.where(first < 0, -1, first * (node.size + 1) + second + 1)
        used, where, place = np.unique(key, return_index=True, return_inverse=True)
        present = used >= 0
        order = np.argsort(where[present])  # as they are met, group by group
        rank = np.full(len(used), -1)
        rank[np.flatnonzero(present)[order]] = np.arange(len(order))
        a, b = np.divmod(used[present][order], node.size + 1)
        node = _rounds(node, a, b - 1)
        groups = _left(rank[place.reshape(key.shape)])
    return Tensor(node, [len(groups)], groups[:, 0])


def _rounds(node: Any, first: Integers, second: Integers) -> Affine:
    """``max(node[first], node[second])``, or the first where the second is negative."""
    size, count = node.size, len(first)
    pairs = np.flatnonzero(second >= 0)

    def differences() -> Any:
        return compressed(selection(second[pairs], size) - selection(first[pairs], size))

    rise = Relu(len(pairs), Affine.of([(node, Lazy((len(pairs), size), differences))]))
    added = Lazy(
        (count, len(pairs)),
        lambda: matrix_of(np.ones(len(pairs)), pairs, np.arange(len(pairs)), (count, len(pairs))),
    )
    return Affine.of([(node, Lazy((count, size), lambda: selection(first, size))), (rise, added)])


def _left(groups: Integers) -> Integers:
    """The entries of each row that are not negative first, in their order."""
    order = np.argsort(groups < 0, axis=1, kind="stable")
    sorted_groups = np.take_along_axis(groups, order, axis=1)
    most = int((sorted_groups >= 0).sum(axis=1).max(initial=1))
    return sorted_groups[:, :most]


def over_axes(x: Tensor, axes: Sequence[int] | None, keep: bool) -> Tensor:
    """The maximum over axes (None: all)."""
    chosen = range(x.ndim) if not axes and axes != [] else [range(x.ndim)[k] for k in axes or []]
    kept = [k for k in range(x.ndim) if k not in chosen]
    order = np.arange(x.size).reshape(x.shape).transpose([*kept, *chosen])
    groups = order.reshape([*(x.shape[k] for k in kept), -1]).reshape(-1, _count(x, chosen))
    result = maxima(x, groups)
    shape = [1 if k in chosen else x.shape[k] for k in range(x.ndim)]
    return result.reshape(shape if keep else [x.shape[k] for k in kept])


def _count(x: Tensor, axes: Sequence[int]) -> int:
    count = int(np.prod([x.shape[k] for k in axes]))
    if count == 0:
        raise InvalidNetworkError("a maximum is taken over no entries at all")
    return count


@aten("amax")
def amax(x: Tensor, dim: Any = (), keepdim: bool = False) -> Tensor:
    """Maxima over axes."""
    dims = [dim] if isinstance(dim, int) else list(dim)
    return over_axes(x, dims or None, keepdim)


@aten("amin")
def amin(x: Tensor, dim: Any = (), keepdim: bool = False) -> Tensor:
    """Minima over axes."""
    return amax(x.scale(-1.0), dim, keepdim).scale(-1.0)


class WithoutIndices(tuple[Any, ...]):
    """Values and, in place of their indices, nothing: indices are not continuous."""


@aten("max")
def torch_max(x: Tensor, other: Any = None, keepdim: bool = False) -> Any:
    """Of all entries; of two tensors; or over one axis, with indices that must not be used."""
    if other is None:
        return over_axes(x, None, False)
    if isinstance(other, int) and not isinstance(other, bool):
        return WithoutIndices([over_axes(x, [other], keepdim), None])
    return maximum(x, other)


@aten("min")
def torch_min(x: Tensor, other: Any = None, keepdim: bool = False) -> Any:
    """As `torch_max`."""
    if other is None or (isinstance(other, int) and not isinstance(other, bool)):
        found = torch_max(x.scale(-1.0), other, keepdim)
        if isinstance(found, Tensor):
            return found.scale(-1.0)
        return WithoutIndices([found[0].scale(-1.0), None])
    return minimum(x, other)


@onnx("ReduceMax")
def reduce_max(
    x: Tensor,
    axes_input: Value | None = None,
    *,
    axes: Any = None,
    keepdims: int = 1,
    noop_with_empty_axes: int = 0,
) -> Tensor:
    """Axes as an input or, in older files, an attribute; none means all."""
    chosen = integers(axes_input if axes_input is not None else (axes or []))
    if not chosen and noop_with_empty_axes:
        return x
    return over_axes(x, chosen or None, bool(keepdims))


@onnx("ReduceMin")
def reduce_min(x: Tensor, axes_input: Value | None = None, **attributes: Any) -> Tensor:
    """As `reduce_max`."""
    unknown = set(attributes) - {"axes", "keepdims", "noop_with_empty_axes"}
    if unknown:
        raise UnsupportedLayerError(f"the attributes {sorted(unknown)} are not supported")
    return reduce_max(x.scale(-1.0), axes_input, **attributes).scale(-1.0)
