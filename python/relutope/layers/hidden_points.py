"""Rational points and what the layers of a network make of them, in integers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm

import numpy as np
from numpy.typing import NDArray

from ..network.network import Network
from ..verification.integers import product
from ..verification.rational_forward import IntegerLayer

__all__ = ["HiddenPoints", "homogeneous"]

Integers = NDArray[np.object_]


def homogeneous(points: Sequence[Sequence[Fraction]]) -> Integers:
    """Points as rows ``(t, x)`` of integers, t > 0: the point is x / t."""
    rows = []
    for point in points:
        t = lcm(*(v.denominator for v in point))
        rows.append([t, *(int(v * t) for v in point)])
    out = np.empty((len(rows), len(rows[0]) if rows else 1), dtype=object)
    for i, row in enumerate(rows):
        out[i] = row
    return out


class HiddenPoints:
    """The values of a network's hidden units at some points, layer by layer, exactly.

    Parameters
    ----------
    network : Network
    points : sequence of sequence of Fraction
    """

    def __init__(self, network: Network, points: Sequence[Sequence[Fraction]]) -> None:
        hidden = zip(network.exact_layers()[:-1], network.linear_units, strict=True)
        self._layers = [IntegerLayer.from_floats(W, b, low, k) for (W, b, low), k in hidden]
        self._known = [homogeneous(points)]

    def after(self, layer: int) -> Integers:
        """Rows ``(t, h)`` after a hidden layer, counted from 1; the points themselves for 0."""
        while len(self._known) <= layer:
            last, weights = self._known[-1], self._layers[len(self._known) - 1]
            values = product(last[:, 1:], weights.W.T.copy()) + np.outer(last[:, 0], weights.b)
            neurons = len(weights.W) - weights.linear
            values[:, :neurons] = np.where(values[:, :neurons] > 0, values[:, :neurons], 0)
            self._known.append(_shortest(np.column_stack([last[:, 0] * weights.scale, values])))
        return self._known[layer]


def _shortest(rows: Integers) -> Integers:
    """Each row divided by the greatest common divisor of its entries."""
    for row in rows:
        factor = gcd(*row)
        if factor > 1:
            row[:] = row // factor
    return rows
