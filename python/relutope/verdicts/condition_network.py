"""A network whose last neurons are a property's conditions, on a part of a box.

On the box some neurons are known to be active or dead. They become linear units or are left out,
inputs with one value become constants, and the left sides of the conditions become hidden neurons:
all of it without rounding, so the cells of the result are exactly those of the network, also cut
where a condition changes its sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidDomainError
from ..network.network import Network
from ..properties import Condition

__all__ = ["condition_network"]

FloatArray = NDArray[np.float64]
Layer = tuple[FloatArray, FloatArray, FloatArray]


def condition_network(
    network: Network,
    rows: Sequence[Condition],
    box: tuple[FloatArray, FloatArray],
    neurons: tuple[FloatArray, FloatArray],
) -> Network:
    """The network of the free inputs with the rows' left sides as its last neurons.

    Parameters
    ----------
    network : Network
    rows : sequence of Condition
    box : pair of ndarray, shape (n,)
        Bounds of the inputs; where they are equal the input is a constant.
    neurons : pair of ndarray, shape (N,)
        Certified bounds of the preactivations on this box.

    Returns
    -------
    Network
        Its last hidden layer holds one neuron for each row. Inputs are the free ones.

    Raises
    ------
    InvalidDomainError
        If a condition's numbers are too far apart for doubles.
    """
    builder = _Builder(box, sorted({i for row in rows for i in row.inputs}))
    start = 0
    hidden = zip(network.exact_layers()[:-1], network.hidden_widths, strict=True)
    for layer, count in hidden:
        lower, upper = (bounds[start : start + count] for bounds in neurons)
        builder.add(layer, lower, upper)
        start += count
    return builder.finished(network.exact_layers()[-1], rows)


class _Builder:
    """Layers so far. The last units of each are the inputs that conditions name, and a one."""

    def __init__(self, box: tuple[FloatArray, FloatArray], named: list[int]) -> None:
        lower, upper = box
        n = len(lower)
        self.layers: list[Layer] = []
        self.linear: list[int] = []
        self.named = named
        self.units = np.arange(n)  # units of the given network that the layer before has, first
        self.places = np.eye(n)[named]  # where the named inputs are in the layer before
        free = np.flatnonzero(lower < upper)
        if len(free) < n:
            fixed = np.where(lower < upper, 0.0, lower)
            self.layers.append((np.eye(n)[:, free], fixed, np.zeros(n)))
            self.linear.append(n)

    def add(self, layer: Layer, lower: FloatArray, upper: FloatArray) -> None:
        """A hidden layer, whose neurons lie between these bounds."""
        neurons = np.arange(len(lower))
        unstable = neurons[(lower < 0) & (upper > 0)]
        passing = np.r_[neurons[(lower >= 0) & (upper > 0)], len(lower) : len(layer[0])]
        self.append(layer, np.r_[unstable, passing], len(passing))

    def append(self, layer: Layer, kept: NDArray[np.int64], linear: int) -> None:
        """These units of a layer, the last `linear` of them without a ReLU."""
        W, b, low = layer
        own = W[np.ix_(kept, self.units)]
        rest = np.zeros((len(kept), self.places.shape[1] - own.shape[1]))
        one = np.zeros((1, self.places.shape[1]))
        zeros = np.zeros(len(self.named))
        weight = np.vstack([np.hstack([own, rest]), self.places, one])
        self.layers.append((weight, np.r_[b[kept], zeros, 1.0], np.r_[low[kept], zeros, 0.0]))
        self.linear.append(linear + len(self.named) + 1)
        self.units = kept
        self.places = np.eye(len(weight))[len(kept) : -1]

    def finished(self, output: Layer, rows: Sequence[Condition]) -> Network:
        """With the outputs that the rows name, and the rows."""
        used = sorted({i for row in rows for i in row.outputs})
        self.append(output, np.array(used, dtype=np.int64), len(used))
        order = [("y", i) for i in used] + [("x", i) for i in self.named]
        parts = [_doubles(row, order) for row in rows]
        copies = max((len(part) for part in parts), default=1)
        weight = np.zeros((len(rows), copies, len(order) + 1))
        for k, part in enumerate(parts):
            weight[k, : len(part)] = part
        W, b, low = self.layers[-1]
        self.layers[-1] = (np.tile(W, (copies, 1)), np.tile(b, copies), np.tile(low, copies))
        self.linear[-1] *= copies
        zeros = np.zeros(len(rows))
        self.layers.append((weight.reshape(len(rows), -1), zeros, zeros))
        self.layers.append((np.ones((1, len(rows))), np.zeros(1), np.zeros(1)))
        layers = [(W, b) for W, b, _ in self.layers]
        return Network(layers, [*self.linear, 0], [low for _, _, low in self.layers])


def _doubles(row: Condition, order: Sequence[tuple[str, int]]) -> list[list[float]]:
    """The row's coefficients in this order, then its constant, up to a positive factor: lists of
    doubles whose sum they are.
    """
    sides = {"x": row.inputs, "y": row.outputs}
    values = [sides[kind].get(i, Fraction(0)) for kind, i in order] + [row.constant]
    odd = lcm(*(v.denominator // (v.denominator & -v.denominator) for v in values))
    size = max(map(abs, values))
    exponent = size.numerator.bit_length() - size.denominator.bit_length() + odd.bit_length()
    factor = Fraction(odd) * Fraction(2) ** -exponent
    rest = [v * factor for v in values]
    parts = []
    while any(rest):
        part = [float(v) for v in rest]
        left = [v - Fraction(p) for v, p in zip(rest, part, strict=True)]
        if any(p == 0 and v for p, v in zip(part, rest, strict=True)):
            raise InvalidDomainError(f"the numbers of the condition {row} are too far apart")
        parts.append(part)
        rest = left
    return parts or [[0.0] * len(values)]
