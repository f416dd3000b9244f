"""Preactivations and outputs as exact affine functions, once signs of layers before are set.

Inputs are measured from a point x, so a form is an integer row (a, c) that stands for a positive
multiple of ``a . (z - x) + c``.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import lcm

import numpy as np
from numpy.typing import NDArray

from ..network.network import Network

__all__ = ["SignForms", "whole_numbers"]

Integers = NDArray[np.object_]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_KEPT = 4096  # forms of so many layers are remembered


def whole_numbers(table: FloatArray) -> tuple[Integers, int]:
    """A table of doubles times a power of two, and that power."""
    ratios = [[v.as_integer_ratio() for v in row] for row in table.tolist()]
    scale = lcm(*{denominator for row in ratios for _, denominator in row})
    whole = np.empty(table.shape, dtype=object)
    for i, row in enumerate(ratios):
        whole[i, :] = [numerator * (scale // denominator) for numerator, denominator in row]
    return whole, scale


class SignForms:
    """The forms of a network around a point.

    Parameters
    ----------
    network : Network
    x : ndarray of float64, shape (n,)
    """

    def __init__(self, network: Network, x: FloatArray) -> None:
        self.widths = network.hidden_widths
        self.starts = np.concatenate([[0], np.cumsum(self.widths)]).astype(np.int64)
        self._linear = network.linear_units
        layers = [
            whole_numbers(np.column_stack([W, b, low])) for W, b, low in network.exact_layers()
        ]
        self._layers = [(table[:, :-2], table[:, -2] + table[:, -1], s) for table, s in layers]
        place, denominator = whole_numbers(x[:, None])
        identity = np.zeros((len(x), len(x) + 1), dtype=object)
        identity[np.arange(len(x)), np.arange(len(x))] = denominator
        identity[:, -1] = place[:, 0]
        self._inputs = identity, denominator
        self._known: dict[tuple[int, bytes], tuple[Integers, int]] = {}

    def of_layer(self, layer: int, active: BoolArray) -> Integers:
        """All units of a layer (the output layer is the last), shape (units, n + 1).

        Parameters
        ----------
        layer : int
        active : ndarray of bool, shape (N,)
            Which neurons of the layers before pass their value on.
        """
        return self._of(layer, active)[0]

    def _of(self, layer: int, active: BoolArray) -> tuple[Integers, int]:
        key = layer, active[: self.starts[layer]].tobytes()
        if key not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[key] = self._composed(layer, active)
        return self._known[key]

    def _composed(self, layer: int, active: BoolArray) -> tuple[Integers, int]:
        if layer == 0:
            before, denominator = self._inputs
        else:
            whole, denominator = self._of(layer - 1, active)
            own = active[self.starts[layer - 1] : self.starts[layer]]
            before = whole[np.concatenate([own, np.ones(self._linear[layer - 1], dtype=np.bool_)])]
        W, b, scale = self._layers[layer]
        if layer > 0:
            passing = np.concatenate([own, np.ones(self._linear[layer - 1], dtype=np.bool_)])
            W = W[:, passing]
        forms = W @ before if W.shape[1] else np.zeros((len(W), self._inputs[0].shape[1]), object)
        forms[:, -1] += b * denominator
        return forms, denominator * scale

    def outputs_at(self, point: Sequence[int], denominator: int) -> list[int]:
        """A common positive multiple of the outputs at ``x + point / denominator``."""
        identity, own = self._inputs
        h = own * np.array(point, dtype=object) + identity[:, -1] * denominator
        common = denominator * own
        for (W, b, scale), neurons in zip(self._layers, [*self.widths, 0], strict=True):
            h = W @ h + b * common
            common *= scale
            h[:neurons] = np.where(h[:neurons] > 0, h[:neurons], 0)
        return [int(v) for v in h]
