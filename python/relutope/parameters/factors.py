"""The Jacobian by the parameters as it is on cells or at points: products of two factors a layer.

With the pattern fixed, the network is ``z_l = W_l h_(l-1) + b_l``, ``h_l = D_l z_l``. Let H_l be
h_l and a last row for the constant 1, as affine forms of the inputs (one column per coefficient) or
as values at a point (one column), and ``B_l = df / dz_l``. The derivative of f by the entry (i, j)
of (W_l | b_l) is column i of B_l times row j of H_(l-1), so

    image of the Jacobian = sum over l of (columns of B_l) x (rows of H_(l-1)).

The columns of B_l lie in those of B_(l+1), the rows of H_l in those of H_(l-1): both are flags, and
the rank on one cell is the sum of ``(rank B_l - rank B_(l-1)) rank H_(l-1)``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..common.arrays import BoolArray, FloatArray, IntArray
from ..common.modular import low_bits, product, reduced, residues
from ..network.network import Network

__all__ = [
    "Factors",
    "Layers",
    "Sizes",
    "backward",
    "cell_chunks",
    "factors",
    "forward",
    "refined",
    "tangent",
    "unit_masks",
]

_CHUNK_NUMBERS = 1 << 21  # of the widest factor at once; bounds the memory


def unit_masks(network: Network, patterns: BoolArray) -> list[BoolArray]:
    """For each hidden layer, which units pass their value on, shape (cells, units)."""
    own = np.split(patterns, np.cumsum(network.hidden_widths)[:-1], axis=1)
    return [
        np.concatenate([active, np.ones((len(patterns), linear), dtype=np.bool_)], axis=1)
        for active, linear in zip(own, network.linear_units, strict=True)
    ]


def cell_chunks(network: Network, cells: int, ways: int = 1) -> Iterator[slice]:
    """Consecutive cells, so many that their factors fit, or their tangents in so many ways."""
    widest = max(max(W.shape) for W, _ in network.sparse_layers)
    size = widest * (network.input_dim + network.output_dim + 1) * ways
    step = max(16, _CHUNK_NUMBERS // size)
    return (slice(k, min(k + step, cells)) for k in range(0, cells, step))


class Layers:
    """The augmented matrices (W | b) of a network modulo a prime."""

    def __init__(self, network: Network, prime: int) -> None:
        self.prime = prime
        self.augmented: list[FloatArray] = []
        for W, b, low in network.exact_layers():
            bias = (residues(b, prime) + residues(low, prime)) % prime
            rows = np.concatenate([residues(W, prime), bias[:, None]], axis=1)
            self.augmented.append(rows.astype(np.float64))


class Sizes:
    """Bounds of the factors' entries as integers, by powers of two.

    A common power of two makes a factor a matrix of integers below ``2^bits``.

    Parameters
    ----------
    network : Network
    points : ndarray, optional
        The inputs, if they are points; otherwise H_0 is the identity.
    """

    def __init__(self, network: Network, points: FloatArray | None = None) -> None:
        scale, top = [], []
        for W, b, low in network.exact_layers():
            whole = np.concatenate([W.ravel(), b, low])
            scale.append(low_bits(whole))
            largest = int(np.frexp(np.abs(whole).max(initial=0.0))[1])
            top.append(max(largest, 0) + (max(W.shape) + 2).bit_length())
        # H_l, and B_l from the output down: a layer adds its own bits.
        steps = [s + t for s, t in zip(scale, top, strict=True)]
        first = 0
        if points is not None:
            first = low_bits(points) + max(0, int(np.frexp(np.abs(points).max(initial=0.0))[1]))
        self.forward = [first + sum(steps[:k]) for k in range(len(steps))]
        self.backward = [sum(steps[k + 1 :]) for k in range(len(steps))]
        self.whole = first + sum(steps)

    @staticmethod
    def minor(bits: int, order: int) -> float:
        """Bits of a minor of this order, by its expansion."""
        return order * bits + math.lgamma(order + 1) / math.log(2) + 1


@dataclass(frozen=True)
class Factors:
    """Factors of some cells' Jacobians modulo a prime.

    Attributes
    ----------
    forms : list of ndarray, shape (groups, units + 1, q)
        H_0 to H_(L-1). Cells that agree so far share them.
    group : list of ndarray of int64, shape (cells,)
        Where each cell's forms are.
    backward : list of ndarray, shape (cells, m, units)
        B_1 to B_L.
    """

    forms: list[FloatArray]
    group: list[IntArray]
    backward: list[FloatArray]

    def jacobian(self, prime: int, cells: IntArray | slice = slice(None)) -> FloatArray:
        """Rows of the cells' Jacobians, shape (cells, m q, P).

        Parameters are in the order of the rows of (W | b), layer by layer.
        """
        parts = []
        for H, group, B in zip(self.forms, self.group, self.backward, strict=True):
            left = B[cells][:, :, None, :, None]
            right = H[group[cells]].transpose(0, 2, 1)[:, None, :, None, :]
            block = reduced(left * right, prime)
            parts.append(block.reshape(len(block), -1, block.shape[3] * block.shape[4]))
        return np.concatenate(parts, axis=2)


def factors(layers: Layers, masks: list[BoolArray], inputs: FloatArray) -> Factors:
    """The factors of some cells.

    Parameters
    ----------
    layers : Layers
    masks : list of ndarray of bool
        As from `unit_masks`.
    inputs : ndarray, shape (groups, n + 1, q)
        H_0: one for all cells, or one for each; the last row is the constant.
    """
    forms, group = forward(layers, masks, inputs)
    return Factors(forms, group, backward(layers, masks))


def backward(layers: Layers, masks: list[BoolArray]) -> list[FloatArray]:
    """`Factors.backward`."""
    cells, m = len(masks[0]), len(layers.augmented[-1])
    back = np.broadcast_to(np.eye(m), (cells, m, m))
    made = [back]
    for rows, active in zip(layers.augmented[:0:-1], reversed(masks), strict=True):
        flat = product(back.reshape(-1, back.shape[2]), rows[:, :-1], layers.prime)
        back = flat.reshape(cells, m, active.shape[1]) * active[:, None, :]
        made.append(back)
    return made[::-1]


def forward(
    layers: Layers, masks: list[BoolArray], inputs: FloatArray
) -> tuple[list[FloatArray], list[IntArray]]:
    """`Factors.forms` and `Factors.group`."""
    group = np.zeros(len(masks[0]), dtype=np.int64)
    if len(inputs) > 1:
        group = np.arange(len(inputs))
    constant = inputs[0, -1]
    forms, groups = [inputs], [group]
    for rows, active in zip(layers.augmented[:-1], masks, strict=True):
        z = applied(rows, forms[-1], layers.prime)
        first, group = refined(group, active)
        here = np.empty((len(first), len(rows) + 1, z.shape[2]))
        here[:, :-1] = z[groups[-1][first]] * active[first][:, :, None]
        here[:, -1] = constant
        forms.append(here)
        groups.append(group)
    return forms, groups


def applied(rows: FloatArray, stack: FloatArray, prime: int) -> FloatArray:
    """One matrix times each of a stack, shape (k, columns, q)."""
    flat = stack.transpose(1, 0, 2).reshape(stack.shape[1], -1)
    made = product(rows, flat, prime)
    return np.asarray(made.reshape(len(rows), len(stack), stack.shape[2]).transpose(1, 0, 2))


def tangent(
    layers: Layers, masks: list[BoolArray], inputs: FloatArray, directions: FloatArray
) -> FloatArray:
    """The Jacobian times directions, shape (P, k), without the Jacobian; (cells, m, q, k)."""
    p, ways = layers.prime, directions.shape[1]
    forms, groups = forward(layers, masks, inputs)
    moved = np.zeros((*forms[0].shape, ways))
    begin = 0
    for k, rows in enumerate(layers.augmented):
        q = moved.shape[2]
        own = directions[begin : begin + rows.size].reshape(*rows.shape, ways)
        begin += rows.size
        # W (dH), where the constant row of dH is zero, and (dW) H.
        change = applied(rows, moved.reshape(*moved.shape[:2], -1), p).reshape(
            -1, len(rows), q, ways
        )
        turned = own.transpose(0, 2, 1).reshape(-1, rows.shape[1])
        direct = applied(turned, forms[k], p).reshape(-1, len(rows), ways, q)
        change = reduced(change + direct.transpose(0, 1, 3, 2), p)
        if k == len(masks):
            return np.asarray(change[groups[k]])
        _, first = np.unique(groups[k + 1], return_index=True)
        moved = np.zeros((len(first), len(rows) + 1, q, ways))
        moved[:, :-1] = change[groups[k][first]] * masks[k][first][:, :, None, None]
    raise AssertionError("a network has an output layer")


def refined(group: IntArray, active: BoolArray) -> tuple[IntArray, IntArray]:
    """A cell of each class of cells alike in `group` and `active`, and the class of each cell."""
    key = np.concatenate([group[:, None].view(np.uint8), np.packbits(active, axis=1)], axis=1)
    rows = np.ascontiguousarray(key).view(np.dtype((np.void, key.shape[1]))).ravel()
    _, first, which = np.unique(rows, return_index=True, return_inverse=True)
    return first, which.reshape(-1)
