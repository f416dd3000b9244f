"""Exact forward passes and the affine forms of one cell, in integers, for networks of any size.

Shares nothing with the core. As in `exact_cell`, layers are integer matrices over powers of two and
rows are right up to positive factors; but only the columns of active units are multiplied, and when
the rows of the first layer are independent and the domain is R^n, points are given by the values of
the first layer's units, which then take all values: far fewer numbers than inputs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .rational_cell import Floats, IntegerLayer, Integers, object_array

__all__ = ["ExactPass"]

_PRIME = (1 << 31) - 1  # products of two residues fit into an int64

Activate = Callable[[Integers, int], NDArray[np.bool_]]


@dataclass(frozen=True)
class ExactPass:
    """The hidden layers on integers, and the sides ``c.(1, x) >= 0`` of the domain.

    Points have `n` coordinates: the inputs, or with `by_units` the values of the first layer.
    """

    layers: list[IntegerLayer]
    sides: list[list[int]]
    by_units: bool

    @classmethod
    def of(cls, layers: list[IntegerLayer], sides: list[list[int]]) -> ExactPass:
        """In the units of the first layer where that is allowed."""
        W = layers[0].W
        return cls(layers, sides, not sides and W.shape[0] < W.shape[1] and _independent(W))

    @property
    def n(self) -> int:
        """Number of coordinates of a point."""
        return int(self.layers[0].W.shape[0 if self.by_units else 1])

    def point(self, x: Floats) -> Integers:
        """An input as a homogeneous point ``(t, coordinates)``, exactly."""
        ratios = [float(v).as_integer_ratio() for v in x]
        t = max(den for _, den in ratios)
        h = np.array([num * (t // den) for num, den in ratios], dtype=object)
        if not self.by_units:
            return np.concatenate([np.array([t], dtype=object), h])
        first = self.layers[0]
        units = first.W @ h + first.b * t
        return np.concatenate([np.array([t * first.scale], dtype=object), units])

    def run(self, columns: Integers, activate: Activate) -> Integers:
        """Preactivations of all neurons, one row each.

        A column of `columns`, shape (1 + n, k), is a point ``(t, x)``, a direction ``(0, v)``, or
        a coefficient. ``activate(z, first)`` tells which of a layer's neurons are active.
        """
        one, h = columns[0], columns[1:]
        active = np.arange(len(h))
        rows: list[Integers] = []
        count = 0
        for depth, layer in enumerate(self.layers):
            if depth == 0 and self.by_units:
                z = h
            else:
                z = layer.W[:, active] @ h[active] + np.outer(layer.b, one)
                one = one * layer.scale
            neurons = len(z) - layer.linear
            rows.append(z[:neurons])
            bits = np.r_[activate(z[:neurons], count), np.ones(layer.linear, dtype=np.bool_)]
            count += neurons
            active, h = np.flatnonzero(bits), z
        return np.concatenate(rows)

    def forms(self, pattern: NDArray[np.bool_]) -> Integers:
        """The forms ``c.(1, x) >= 0`` of a cell's neurons, then of the sides, one row each."""
        identity = object_array(np.eye(self.n + 1, dtype=int).tolist(), self.n + 1)
        rows = self.run(identity, lambda z, i: pattern[i : i + len(z)])
        signs = np.where(pattern, 1, -1).astype(object)[:, None]
        return np.concatenate([rows * signs, object_array(self.sides, self.n + 1)])

    def side_values(self, point: Integers) -> Integers:
        """Values of the sides at a point, times its denominator."""
        return np.array(
            [sum(c * v for c, v in zip(s, point, strict=True)) for s in self.sides], object
        )


def _independent(W: Integers) -> bool:
    """Whether the rows are certainly independent: shown modulo a prime."""
    rows = (W % _PRIME).astype(np.int64)
    for i in range(len(rows)):
        places = np.flatnonzero(rows[i])
        if len(places) == 0:
            return False
        j = places[0]
        pivot = rows[i] * pow(int(rows[i, j]), -1, _PRIME) % _PRIME
        below = rows[i + 1 :]
        rows[i + 1 :] = (below - np.outer(below[:, j], pivot) % _PRIME) % _PRIME
    return True
