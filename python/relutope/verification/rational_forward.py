"""Exact forward passes and the affine forms of one cell, in integers, for networks of any size.

Shares nothing with the core. A float is a dyadic rational, so each layer is an integer matrix over
a power of two; signs do not depend on positive factors, so the powers are carried along and never
divided out. Points are homogeneous integer vectors ``(t, x)``; an affine form with coefficients
``c`` takes the sign of ``c.(t, x)`` there. When the rows of the first layer are independent and
the domain is R^n, points are given by the values of the first layer's units, which then take all
values: far fewer numbers than inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bits import Integers, is_finite, scaled
from .integers import object_array, primitive, product, rank_modulo_prime, residues

__all__ = ["ExactPass", "IntegerLayer", "sides_of"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Activate = Callable[[Integers, int], Bools]


@dataclass(frozen=True)
class IntegerLayer:
    """``W / scale`` and ``b / scale`` are the weights; `scale` is a power of two.

    The last `linear` units have no ReLU.
    """

    W: Integers
    b: Integers
    scale: int
    linear: int = 0

    @classmethod
    def from_floats(
        cls, W: Floats, b: Floats, b_low: Floats | None = None, linear: int = 0
    ) -> IntegerLayer:
        """The layer with exactly these floats and the biases ``b + b_low``."""
        low = np.zeros(len(b)) if b_low is None else b_low
        table, scale = scaled(np.column_stack([W, b, low]))
        return cls(table[:, :-2], table[:, -2] + table[:, -1], scale, linear)


@dataclass(frozen=True)
class ExactPass:
    """The hidden layers on integers, and the sides ``c.(1, x) >= 0`` of the domain.

    Points have `n` coordinates: the inputs, or with `by_units` the values of the first layer.
    """

    n: int
    layers: list[IntegerLayer]
    sides: list[list[int]]
    by_units: bool = False

    @classmethod
    def of(cls, n_inputs: int, layers: list[IntegerLayer], sides: list[list[int]]) -> ExactPass:
        """In the units of the first layer where that is allowed."""
        if not sides and layers:
            W = layers[0].W
            if len(W) < n_inputs and _independent(W):
                return cls(len(W), layers, sides, by_units=True)
        return cls(n_inputs, layers, sides)

    @property
    def n_neurons(self) -> int:
        """Number of hidden neurons."""
        return sum(len(layer.W) - layer.linear for layer in self.layers)

    def point(self, x: Floats) -> Integers:
        """An input as a homogeneous point ``(t, coordinates)``, exactly."""
        h, t = scaled(x)
        return self._homogeneous(h, t)

    def rational_point(self, x: Sequence[Fraction]) -> Integers:
        """The same for a point with rational coordinates."""
        t = lcm(*(v.denominator for v in x))
        return self._homogeneous(np.array([int(v * t) for v in x], dtype=object), t)

    def _homogeneous(self, h: Integers, t: int) -> Integers:
        if not self.by_units:
            return np.concatenate([np.array([t], dtype=object), h])
        first = self.layers[0]
        units = first.W @ h + first.b * t
        return np.concatenate([np.array([t * first.scale], dtype=object), units])

    def run(self, columns: Integers, activate: Activate) -> Integers:
        """Preactivations of all neurons, one row each, right up to positive factors.

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
                z = product(layer.W[:, active], h[active]) + np.outer(layer.b, one)
                one = one * layer.scale
            neurons = len(z) - layer.linear
            rows.append(z[:neurons])
            bits = np.r_[activate(z[:neurons], count), np.ones(layer.linear, dtype=np.bool_)]
            count += neurons
            active, h = np.flatnonzero(bits), z
        return np.concatenate([np.empty((0, len(one)), dtype=object), *rows])

    def pattern_beside(self, point: Integers, direction: Integers) -> Bools:
        """The pattern of the points a short way from `point` in a direction.

        Along the direction every preactivation is affine near the point, so its sign there is that
        of its value at the point, and where that is zero, of its slope.
        """

        def active(z: Integers, _: int) -> Bools:
            return np.asarray((z[:, 0] > 0) | ((z[:, 0] == 0) & (z[:, 1] > 0)), dtype=np.bool_)

        return active(self.run(np.stack([point, direction], axis=1), active), 0)

    def forms(self, pattern: Bools) -> Integers:
        """The forms ``c.(1, x) >= 0`` of a cell's neurons, then of the sides, one row each."""
        identity = object_array(np.eye(self.n + 1, dtype=int).tolist(), self.n + 1)
        rows = self.run(identity, lambda z, i: pattern[i : i + len(z)])
        signed = [
            primitive(row if bit else [-v for v in row])
            for row, bit in zip(rows.tolist(), pattern.tolist(), strict=True)
        ]
        return object_array(signed + self.sides, self.n + 1)


def sides_of(domain: Any, dim: int) -> list[list[int]]:
    """The inequalities of a Box, a Polytope or None, as forms ``c.(1, x) >= 0``.

    Rows without a bound (infinite, or ``0 <= 0``) are left out.
    """
    if domain is None:
        return []
    if hasattr(domain, "A"):
        return _halfspaces(domain.A, domain.b)
    unit = np.eye(dim)
    return _halfspaces(-unit, domain.lower, sign=-1) + _halfspaces(unit, domain.upper)


def _halfspaces(A: Floats, b: Floats, sign: int = 1) -> list[list[int]]:
    """``A x <= sign b`` as integers."""
    finite = is_finite(b)
    rows, q = scaled(A[finite])
    bounds, r = scaled(b[finite])
    common = max(q, r)  # both are powers of two
    rows, bounds = rows * (common // q), bounds * (sign * common // r)
    table = np.column_stack([bounds, -rows]).tolist()
    return [primitive(row) for row in table if any(row)]


def _independent(W: Integers) -> bool:
    """Whether the rows are certainly independent: shown modulo a prime."""
    return rank_modulo_prime(residues(W), len(W)) == len(W)
