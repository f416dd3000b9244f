"""A network's outputs at a rational point, in integers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import NDArray

from ..network.network import Network

__all__ = ["ExactForward"]

Integers = NDArray[np.object_]


class ExactForward:
    """The network over the rationals; its weights are made integers once.

    Parameters
    ----------
    network : Network
    """

    def __init__(self, network: Network) -> None:
        self._layers = [
            (*_integers(W, b, low), neurons)
            for (W, b, low), neurons in zip(
                network.exact_layers(), [*network.hidden_widths, 0], strict=True
            )
        ]

    def outputs(self, x: Sequence[Fraction]) -> list[Fraction]:
        """``f(x)``, exactly."""
        denominator = lcm(*(v.denominator for v in x))
        h = np.array([int(v * denominator) for v in x], dtype=object)
        for W, b, scale, neurons in self._layers:
            h = W @ h + b * denominator
            denominator *= scale
            h[:neurons] = np.where(h[:neurons] > 0, h[:neurons], 0)
        return [Fraction(int(v), denominator) for v in h]


def _integers(
    W: NDArray[np.float64], b: NDArray[np.float64], low: NDArray[np.float64]
) -> tuple[Integers, Integers, int]:
    """Weights and biases times a power of two, and that power."""
    table = np.column_stack([W, b, low]).tolist()
    ratios = [[v.as_integer_ratio() for v in row] for row in table]
    scale = max(denominator for row in ratios for _, denominator in row)
    whole = np.empty((len(table), W.shape[1] + 2), dtype=object)
    for i, row in enumerate(ratios):
        whole[i, :] = [numerator * (scale // denominator) for numerator, denominator in row]
    return whole[:, :-2], whole[:, -2] + whole[:, -1], scale
