"""The affine maps of cells, exactly: integers over one denominator that all cells share."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ..network.network import Network
from ..verification.rational_forward import IntegerLayer

__all__ = ["CellMaps"]

Integers = NDArray[np.object_]
BoolArray = NDArray[np.bool_]


class CellMaps:
    """A network's affine maps, by activation pattern.

    Parameters
    ----------
    network : Network

    Attributes
    ----------
    denominator : int
        A power of two; the maps are ``A / denominator`` and ``c / denominator``.
    """

    def __init__(self, network: Network) -> None:
        linear = [*network.linear_units, network.output_dim]
        self._layers = [
            IntegerLayer.from_floats(W, b, low, count)
            for (W, b, low), count in zip(network.exact_layers(), linear, strict=True)
        ]
        self._widths = network.hidden_widths
        self.denominator = 1
        for layer in self._layers:
            self.denominator *= layer.scale

    def of(self, pattern: BoolArray) -> tuple[Integers, Integers]:
        """Numerators of ``A`` and ``c``, of shapes (m, n) and (m,): ``f(x) = A x + c``."""
        last = self._layers[-1]
        A, c = last.W, last.b
        ends = np.cumsum(self._widths)
        for depth in range(len(self._widths) - 1, -1, -1):
            layer = self._layers[depth]
            neurons = pattern[ends[depth] - self._widths[depth] : ends[depth]]
            passing = np.r_[np.flatnonzero(neurons), len(neurons) : len(layer.W)]
            A = A[:, passing]
            c = c * layer.scale + A @ layer.b[passing]
            A = A @ layer.W[passing]
        # A sum over no unit at all has no type.
        return np.asarray(A, dtype=object), np.asarray(c, dtype=object)

    def gradient(self, pattern: BoolArray) -> list[list[Fraction]]:
        """``A`` as fractions, one row for each output."""
        A, _ = self.of(pattern)
        return [[Fraction(int(v), self.denominator) for v in row] for row in A]
