"""Doubles as Python integers, and kernels of small matrices of these."""

from __future__ import annotations

from math import gcd, lcm
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray
from .modular import mantissas

__all__ = ["Integers", "integers", "kernel_of"]

Integers: TypeAlias = NDArray[np.object_]


def kernel_of(matrix: Integers) -> Integers:
    """A basis of the kernel in columns, shape (columns, k), of primitive integer vectors."""
    columns = matrix.shape[1]
    done: list[tuple[int, list[int]]] = []  # pivot column, row
    for given in matrix.tolist():
        row = given
        for pivot, other in done:
            row = _cleared(row, other, pivot)
        place = next((j for j, v in enumerate(row) if v), None)
        if place is not None:
            done = [(pivot, _cleared(other, row, place)) for pivot, other in done]
            done.append((place, row))
    pivots = {pivot for pivot, _ in done}
    vectors = []
    for free in (j for j in range(columns) if j not in pivots):
        scale = lcm(*(row[pivot] for pivot, row in done if row[free]))
        vector = [0] * columns
        vector[free] = scale
        for pivot, row in done:
            if row[free]:
                vector[pivot] = -row[free] * (scale // row[pivot])
        vectors.append(_primitive(vector))
    result = np.zeros((columns, len(vectors)), dtype=object)
    for k, vector in enumerate(vectors):
        result[:, k] = vector
    return result


def _cleared(row: list[int], by: list[int], column: int) -> list[int]:
    """A multiple of a row less one of another, zero in a column."""
    if not row[column]:
        return row
    a, b = by[column], row[column]
    return _primitive([a * x - b * y for x, y in zip(row, by, strict=True)])


def _primitive(row: list[int]) -> list[int]:
    factor = gcd(*row)
    return [v // factor for v in row] if factor > 1 else row


def integers(values: FloatArray, bits: int) -> Integers:
    """``2^bits values``, which are integers."""
    whole, exponents = mantissas(values)
    result = np.empty(values.shape, dtype=object)
    for place, (m, e) in enumerate(
        zip(whole.ravel().tolist(), exponents.ravel().tolist(), strict=True)
    ):
        shift = e + bits
        result.flat[place] = m << shift if shift >= 0 else m >> -shift
    return result
