"""The Jacobians of many cells or points below each other, modulo primes, a part at a time."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ..common.arrays import BoolArray, FloatArray, IntArray
from ..common.integer_kernels import Integers, integers
from ..common.modular import low_bits, residues
from ..network.network import Network
from .factors import Layers, Sizes, cell_chunks, factors, tangent, unit_masks

__all__ = ["Stack"]

_MOST_PARAMETERS = 8192


class Stack:
    """The Jacobian over cells with these patterns, or over points in them.

    Parameters
    ----------
    network : Network
    patterns : ndarray of bool, shape (cells, N)
    points : ndarray of float64, shape (cells, n), optional
        One in each; by default the coefficients of the affine maps.

    Raises
    ------
    ValueError
        If there are too many parameters.
    """

    def __init__(self, network: Network, patterns: BoolArray, points: FloatArray | None) -> None:
        self.network, self.patterns, self.points = network, patterns, points
        self.n_parameters = sum(W.shape[0] * (W.shape[1] + 1) for W, _ in network.sparse_layers)
        if self.n_parameters > _MOST_PARAMETERS:
            raise ValueError(
                f"the network has {self.n_parameters:,} parameters; the rank over all cells is "
                f"found for up to {_MOST_PARAMETERS:,}; take `cell_dimensions`, the rank on each "
                "cell, or a smaller network"
            )
        self.masks = unit_masks(network, patterns)
        self.bits = Sizes(network, points).whole

    def __len__(self) -> int:
        return len(self.patterns)

    @property
    def rows_per_cell(self) -> int:
        q = self.network.input_dim + 1 if self.points is None else 1
        return self.network.output_dim * q

    @cached_property
    def is_bias(self) -> BoolArray:
        """Which parameters are biases, in the Jacobian's order."""
        parts = [np.zeros((W.shape[0], W.shape[1] + 1)) for W, _ in self.network.sparse_layers]
        for part in parts:
            part[:, -1] = 1
        return np.concatenate([part.ravel() for part in parts]) > 0

    def layers(self, prime: int) -> Layers:
        """The network's weights modulo a prime, for the other methods."""
        return Layers(self.network, prime)

    def inputs(self, layers: Layers, cells: IntArray | slice = slice(None)) -> FloatArray:
        """The factor H_0 of these cells modulo a prime."""
        if self.points is None:
            return np.eye(self.network.input_dim + 1)[None]
        values = residues(self.points[cells], layers.prime).astype(np.float64)
        return np.pad(values, ((0, 0), (0, 1)), constant_values=1.0)[:, :, None]

    def integer_inputs(self, cells: IntArray) -> Integers:
        """The factor H_0 of these cells times a power of two."""
        if self.points is None:
            return np.eye(self.network.input_dim + 1, dtype=np.int64).astype(object)[None]
        bits = low_bits(self.points)
        last = np.full((len(cells), 1), 1 << bits, dtype=object)
        rows = np.concatenate([integers(self.points[cells], bits), last], axis=1)
        return np.asarray(rows[:, :, None])

    def rows(self, layers: Layers, cells: IntArray) -> FloatArray:
        """Rows of the Jacobian on these cells, shape (cells * `rows_per_cell`, P)."""
        masks = [active[cells] for active in self.masks]
        made = factors(layers, masks, self.inputs(layers, cells))
        return made.jacobian(layers.prime).reshape(-1, self.n_parameters)

    def moved(self, layers: Layers, directions: FloatArray) -> IntArray:
        """The cells on which the function changes in one of these directions, shape (P, k)."""
        found = []
        for chunk in cell_chunks(self.network, len(self), directions.shape[1]):
            masks = [active[chunk] for active in self.masks]
            change = tangent(layers, masks, self.inputs(layers, chunk), directions)
            found.append(chunk.start + np.flatnonzero(change.any(axis=(1, 2, 3))))
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
