"""Weights of layers: exactly doubles, sparse where most of them are zero."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import read_only
from ..common.tensors import detached
from ..errors import InvalidNetworkError

__all__ = [
    "Layer",
    "WrittenOut",
    "checked_bias_low",
    "checked_layers",
    "checked_linear_units",
    "is_sparse",
    "same",
]

FloatArray = NDArray[np.float64]

# Smaller matrices are kept as arrays, whatever their entries.
_LEAST_SPARSE = 1 << 16


class Layer(tuple[Any, FloatArray]):
    """A pair (W, b) that remembers what one double cannot hold of b.

    Attributes
    ----------
    bias_low : ndarray of float64
        The bias is exactly ``b + bias_low``.
    """

    bias_low: FloatArray

    def __new__(cls, W: Any, b: FloatArray, bias_low: FloatArray) -> Layer:
        layer = super().__new__(cls, (W, b))
        layer.bias_low = bias_low
        return layer

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (*self, self.bias_low)


@ieee_arithmetic  # scipy writes out by adding to zeros
class WrittenOut(Sequence[Layer]):
    """Layers whose sparse matrices become arrays when they are asked for, one at a time."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = layers

    def __len__(self) -> int:
        return len(self._layers)

    @overload
    def __getitem__(self, index: int) -> Layer: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Layer]: ...
    def __getitem__(self, index: int | slice) -> Layer | Sequence[Layer]:
        if isinstance(index, slice):
            return WrittenOut(self._layers[index])
        W, b = layer = self._layers[index]
        return Layer(W.toarray(), b, layer.bias_low) if is_sparse(W) else layer


def is_sparse(matrix: Any) -> bool:
    """Whether a matrix is one of scipy's sparse ones."""
    return hasattr(matrix, "tocsr")


def checked_layers(layers: Iterable[Any]) -> list[tuple[Any, FloatArray]]:
    checked: list[tuple[Any, FloatArray]] = []
    for k, layer in enumerate(layers):
        try:
            W_given, b_given = layer
        except (TypeError, ValueError):
            raise InvalidNetworkError(f"`layers[{k}]` must be a pair (W, b)") from None
        W = exact_matrix(f"W of layer {k}", W_given)
        b = exact_doubles(f"b of layer {k}", b_given)
        if W.ndim != 2 or 0 in W.shape:
            raise InvalidNetworkError(f"`W` of layer {k} must have shape (out, in), got {W.shape}")
        if b.shape != (W.shape[0],):
            raise InvalidNetworkError(
                f"`b` of layer {k} must have shape ({W.shape[0]},) to fit W, got {b.shape}"
            )
        if checked and checked[-1][0].shape[0] != W.shape[1]:
            raise InvalidNetworkError(
                f"`W` of layer {k} takes {W.shape[1]} inputs, but layer {k - 1} has "
                f"{checked[-1][0].shape[0]} outputs"
            )
        checked.append((W, b))
    if len(checked) < 2:
        raise InvalidNetworkError(
            f"a network needs a hidden layer and an output layer, got {len(checked)} layer(s)"
        )
    return checked


def checked_linear_units(
    linear_units: Any, layers: list[tuple[Any, FloatArray]]
) -> tuple[int, ...]:
    hidden = layers[:-1]
    if linear_units is None:
        return (0,) * len(hidden)
    try:
        counts = tuple(operator.index(count) for count in linear_units)
    except TypeError:
        raise InvalidNetworkError(
            f"`linear_units` must be a sequence of integers, got {linear_units!r}"
        ) from None
    if len(counts) != len(hidden):
        raise InvalidNetworkError(
            f"`linear_units` has {len(counts)} entries, but the network has {len(hidden)} hidden "
            "layers; give one number per hidden layer, none for the output layer"
        )
    for k, (count, (W, _)) in enumerate(zip(counts, hidden, strict=True)):
        if not 0 <= count <= W.shape[0]:
            raise InvalidNetworkError(
                f"`linear_units[{k}]` is {count}, but layer {k} has {W.shape[0]} units; it must be "
                "between 0 and that"
            )
    return counts


def checked_bias_low(
    bias_low: Sequence[ArrayLike | None], layers: Sequence[tuple[Any, FloatArray]]
) -> list[FloatArray]:
    """What is added to each layer's biases; None is zero."""
    if len(bias_low) != len(layers):
        raise InvalidNetworkError(
            f"`bias_low` has {len(bias_low)} entries, but the network has {len(layers)} layers"
        )
    checked = [
        read_only(np.zeros(b.shape)) if low is None else exact_doubles(f"bias_low[{k}]", low)
        for k, (low, (_, b)) in enumerate(zip(bias_low, layers, strict=True))
    ]
    for k, (low, (_, b)) in enumerate(zip(checked, layers, strict=True)):
        if low.shape != b.shape:
            raise InvalidNetworkError(
                f"`bias_low[{k}]` must have shape {b.shape}, as b of layer {k}, got {low.shape}"
            )
    return checked


def same(a: Any, b: Any) -> bool:
    if is_sparse(a) or is_sparse(b):
        return bool(a.shape == b.shape and (a != b).sum() == 0)
    return bool(np.array_equal(a, b))


def exact_matrix(name: str, value: Any) -> Any:
    """As `exact_doubles`; a sparse matrix stays one if that saves much."""
    if not is_sparse(value):
        return exact_doubles(name, value)
    import scipy.sparse

    given = scipy.sparse.csr_array(value)
    given.sum_duplicates()
    rows, columns = given.shape
    if rows * columns < _LEAST_SPARSE or 4 * given.nnz > rows * columns:
        return exact_doubles(name, given.toarray())
    data = exact_doubles(name, given.data)
    return scipy.sparse.csr_array((data, given.indices, given.indptr), shape=given.shape)


def exact_doubles(name: str, value: Any) -> FloatArray:
    """`value` as doubles, provided that this changes no number."""
    if type(value) is np.ndarray and value.dtype == np.float64:
        return _finite(name, np.array(value, order="C"))
    value = detached(value)
    try:
        given = np.asarray(value)
        if np.iscomplexobj(given):
            raise InvalidNetworkError(f"`{name}` is complex; weights must be real")
        if given.dtype.kind == "f" and isinstance(value, (list, tuple)) and not _all_floats(value):
            given = np.array(value, dtype=object)  # NumPy would round integers in a mixed list
        array = np.array(given, dtype=np.float64, order="C")
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidNetworkError(f"`{name}` is not an array of real numbers: {error}") from None
    array = _finite(name, array)
    if given.dtype.kind not in "fb" or given.dtype.itemsize > 8:
        # As Python numbers: NumPy would round an integer before comparing it with a double.
        numbers = given.astype(object).ravel().tolist()
        changed = [a for a, b in zip(numbers, array.ravel().tolist(), strict=True) if a != b]
        if changed:
            raise InvalidNetworkError(
                f"`{name}` has {changed[0]!r}, which is not exactly a double; scale the "
                "neuron's weights and bias by a common positive factor"
            )
    return array


def _finite(name: str, array: FloatArray) -> FloatArray:
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise InvalidNetworkError(
            f"`{name}` has the value {array[where]} at index {where}; weights must be finite"
        )
    return read_only(array)


def _all_floats(rows: Any) -> bool:
    """Whether a list, or a list of lists, holds Python's floats and nothing else."""
    nested = bool(rows) and isinstance(rows[0], (list, tuple))
    return all(
        isinstance(row, (list, tuple)) and set(map(type, row)) <= {float}
        for row in (rows if nested else [rows])
    )
