"""Convolutions of torch, with what they compute in rational arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import reference

Rational = list[list[Fraction]]


@dataclass(frozen=True)
class Convolution:
    """A one-dimensional convolution, ReLU, perhaps pooling, and a linear output; from torch.

    `pool` is "average", "max" or None, over pairs. Units of a layer that takes no maxima are known
    in other words; where maxima are taken, the package's own layers are compared with the module at
    points, exactly, and then taken as the network.
    """

    kernels: list[list[float]]  # one per channel
    bias: list[float]
    length: int  # number of inputs
    pool: str | None
    output: list[float]
    box: tuple[list[float], list[float]]

    def literal(self) -> str:
        """A Python expression for the case."""
        return repr(self)

    @property
    def positions(self) -> int:
        """Number of outputs of each channel."""
        return self.length - len(self.kernels[0]) + 1

    def network(self) -> Any:
        """The package's network."""
        import torch

        import relutope as rt

        conv = torch.nn.Conv1d(1, len(self.bias), len(self.kernels[0]), dtype=torch.float64)
        conv.weight.data = torch.tensor(self.kernels, dtype=torch.float64)[:, None]
        conv.bias.data = torch.tensor(self.bias, dtype=torch.float64)
        last = torch.nn.Linear(len(self.output), 1, bias=False, dtype=torch.float64)
        last.weight.data = torch.tensor([self.output], dtype=torch.float64)
        pools = {"average": [torch.nn.AvgPool1d(2)], "max": [torch.nn.MaxPool1d(2)], None: []}
        parts = [conv, torch.nn.ReLU(), *pools[self.pool], torch.nn.Flatten(), last]
        return rt.Network.from_torch(torch.nn.Sequential(*parts), input_shape=(1, self.length))

    def dense(self) -> tuple[Rational, list[Fraction]]:
        """The convolution as a matrix, channel by channel."""
        size = len(self.kernels[0])
        rows = [
            [
                Fraction(kernel[j - p]) if 0 <= j - p < size else Fraction(0)
                for j in range(self.length)
            ]
            for kernel in self.kernels
            for p in range(self.positions)
        ]
        return rows, [Fraction(c) for c in self.bias for _ in range(self.positions)]

    def pairs(self) -> list[tuple[int, int]]:
        """The units that are pooled together."""
        return [
            (c * self.positions + p, c * self.positions + p + 1)
            for c in range(len(self.bias))
            for p in range(0, self.positions - 1, 2)
        ]

    def value(self, x: list[Fraction]) -> Fraction:
        """The module's output, exactly."""
        W, b = self.dense()
        z = [
            max(sum((w * v for w, v in zip(row, x, strict=True)), c), Fraction(0))
            for row, c in zip(W, b, strict=True)
        ]
        if self.pool == "average":
            z = [(z[i] + z[j]) / 2 for i, j in self.pairs()]
        elif self.pool == "max":
            z = [max(z[i], z[j]) for i, j in self.pairs()]
        return sum((Fraction(w) * v for w, v in zip(self.output, z, strict=True)), Fraction(0))

    def reference(self) -> reference.ReferenceComplex:
        """The right answer."""
        lower, upper = ([Fraction(v) for v in side] for side in self.box)
        if self.pool == "max":
            network = self.network()
            layers = reference.exact_layers(network.layers, network.linear_units)
            for k in range(8):
                x = [
                    lo + (hi - lo) * ((7 * j + 3 * k) % 8) / 8
                    for j, (lo, hi) in enumerate(zip(lower, upper, strict=True))
                ]
                if value_of(layers, x) != self.value(x):
                    raise AssertionError(f"the imported network has another value at {x}")
            return reference.decompose(layers, (lower, upper))
        W, b = self.dense()
        return reference.decompose(
            [(W, b), ([[Fraction(1)] * len(W)], [Fraction(0)])], (lower, upper)
        )

    def complex(self, **options: Any) -> Any:
        """The package's answer."""
        import relutope as rt

        return rt.decompose(self.network(), rt.Box(*self.box), **options)


def value_of(layers: list[Any], x: list[Fraction]) -> Fraction:
    """The one output of layers with linear units, exactly."""
    h = list(x)
    for k, (W, b, *linear) in enumerate(layers):
        z = [
            sum((w * v for w, v in zip(row, h, strict=True)), c)
            for row, c in zip(W, b, strict=True)
        ]
        last = k == len(layers) - 1
        h = z if last else reference.rectified(z, linear[0] if linear else 0, Fraction(0))
    return h[0]
