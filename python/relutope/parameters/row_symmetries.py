"""Directions in which a neuron's own weights move nothing, because it sees too little to notice.

A neuron's row of (W | b) matters only on cells where it is active and later layers pass it on. If
the layer before it takes few affine maps there, the row may move by what vanishes on all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..common.arrays import BoolArray, FloatArray, IntArray
from ..common.integer_kernels import Integers, integers, kernel_of
from ..common.modular import Echelon, low_bits
from ..network.network import Network
from .factors import Layers, forward, refined
from .sources import reaching_layers
from .stack import Stack

__all__ = ["row_symmetries"]

_BLOCK = 16  # groups whose forms enter the elimination at once


def row_symmetries(stack: Stack, layers: Layers) -> Integers:
    """Integer vectors in the kernel of the Jacobian, each within one row, shape (P, k).

    They are verified over the integers. All of them, unless the prime divides a minor that is not
    zero.
    """
    masks, p = stack.masks, layers.prime
    forms, groups = forward(layers, masks, stack.inputs(layers))
    reaching = reaching_layers(stack.network, masks)
    found: list[tuple[int, Integers]] = []
    begin = 0
    for k, rows in enumerate(layers.augmented):
        size = rows.shape[1]
        blind = []
        for i in range(len(rows)):
            own = _groups_seen(masks, reaching, groups[k], k, i)
            spanning = _spanning(forms[k], own, p)
            if spanning is not None:
                blind.append((i, own, spanning))
        for i, vectors in _verified(stack, groups[k], k, blind, size):
            found.append((begin + i * size, vectors))
        begin += rows.size
    result = np.zeros((begin, sum(v.shape[1] for _, v in found)), dtype=object)
    column = 0
    for start, vectors in found:
        size, count = vectors.shape
        result[start : start + size, column : column + count] = vectors
        column += count
    return result


def _groups_seen(
    masks: list[BoolArray], reaching: list[BoolArray], group: IntArray, layer: int, unit: int
) -> IntArray:
    """The forms before a layer that a unit's row is multiplied with where it matters."""
    if layer == len(masks):
        return np.unique(group)
    return np.unique(group[masks[layer][:, unit] & reaching[layer]])


def _spanning(forms: FloatArray, own: IntArray, p: int) -> IntArray | None:
    """Groups whose forms span those of `own` modulo a prime; None if they span everything."""
    echelon = Echelon(forms.shape[1], p)
    order = np.random.default_rng(0).permutation(own)
    taken = []
    for start in range(0, len(order), _BLOCK):
        some = order[start : start + _BLOCK]
        rows = forms[some].transpose(0, 2, 1).reshape(-1, forms.shape[1])
        taken.append(some[np.unique(echelon.add(rows) // forms.shape[2])])
        if echelon.rank == forms.shape[1]:
            return None
    return np.concatenate([*taken, np.zeros(0, dtype=np.int64)])


def _verified(
    stack: Stack,
    group: IntArray,
    layer: int,
    blind: list[tuple[int, IntArray, IntArray]],
    size: int,
) -> Iterator[tuple[int, Integers]]:
    """Of each unit: the kernel of the forms that it sees, checked on all of them."""
    needed = np.unique(np.concatenate([group[:0], *(own for _, own, _ in blind)]))
    cells = np.unique(group, return_index=True)[1][needed] if len(needed) else needed
    forms = _integer_forms(stack, layer, cells)
    for unit, own, spanning in blind:
        if not len(own):
            yield unit, np.eye(size, dtype=np.int64).astype(object)
            continue
        rows = forms[np.searchsorted(needed, spanning)].transpose(0, 2, 1).reshape(-1, size)
        vectors = kernel_of(rows)
        seen = forms[np.searchsorted(needed, own)].transpose(0, 2, 1).reshape(-1, size)
        if vectors.shape[1] and not (seen @ vectors).any():
            yield unit, vectors


def _integer_forms(stack: Stack, layer: int, cells: IntArray) -> Integers:
    """The forms before a layer on some cells, times one power of two, (cells, units + 1, q)."""
    here, group = stack.integer_inputs(cells), np.zeros(len(cells), dtype=np.int64)
    if len(here) > 1:
        group = np.arange(len(cells))
    for k in range(layer):
        rows = _integer_rows(stack.network, k)
        active = stack.masks[k][cells]
        first, new = refined(group, active)
        here = here[group[first]]
        made = np.empty((len(first), len(rows), here.shape[2]), dtype=object)
        flat = here.transpose(1, 0, 2).reshape(here.shape[1], len(first) * here.shape[2])
        z = (rows[:-1] @ flat).reshape(len(rows) - 1, len(first), here.shape[2]).transpose(1, 0, 2)
        made[:, :-1] = z * active[first][:, :, None]
        made[:, -1] = here[:, -1] * rows[-1, -1]
        here, group = made, new
    return here[group]


def _integer_rows(network: Network, layer: int) -> Integers:
    """The matrix (W | b) of a layer times a power of two, and a last row with this power."""
    W, b, low = network.exact_layers()[layer]
    bits = low_bits(np.concatenate([W.ravel(), b, low]))
    bias = integers(b, bits) + integers(low, bits)
    whole = np.concatenate([integers(W, bits), bias[:, None]], axis=1)
    last = np.zeros((1, whole.shape[1]), dtype=object)
    last[0, -1] = 2**bits
    return np.concatenate([whole, last])
