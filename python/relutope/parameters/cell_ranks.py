"""The rank of the parameter Jacobian on each cell."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import BoolArray, FloatArray, IntArray
from ..common.modular import BITS, primes, ranks
from ..network.network import Network
from .factors import Layers, Sizes, backward, cell_chunks, forward, unit_masks
from .sources import uncut_cells

__all__ = ["cell_dimensions"]


@ieee_arithmetic
def cell_dimensions(complex: Any) -> IntArray:
    """How many dimensions of affine maps the parameters reach on each cell, exactly.

    On a cell the network is an affine map ``A x + c``, whose coefficients are polynomials of the
    parameters as long as the activation pattern stays. The rank of their derivative, a matrix of
    m (n + 1) rows, is m (n + 1) unless the cell is a bottleneck: too few active units in a layer,
    or dependent ones.

    Parameters
    ----------
    complex : Complex or Exploration
        Not cut by outputs.

    Returns
    -------
    ndarray of int64, shape (n_cells,)
        Where a neuron vanishes on a whole cell it counts as inactive, a one-sided choice: there the
        network is not differentiable by its parameters.

    Raises
    ------
    ValueError
        If cells were cut by outputs.
    TypeError
        If `complex` has no cells.

    See Also
    --------
    functional_dimension, parameter_jacobian

    Notes
    -----
    Ranks are found modulo primes. A rank modulo a prime is a lower bound; it is the rank when it
    meets a bound that the layers' active units set, or when so many primes agree that no larger
    minor can be divisible by all of them and not be zero.

    Examples
    --------
    Where both neurons of ``relu(x) + relu(y)`` are inactive only the constant can change:

    >>> import relutope as rt
    >>> cx = rt.decompose([([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])])
    >>> rt.parameters.cell_dimensions(cx).tolist()
    [1, 3, 3, 3]
    """
    cells = uncut_cells(complex)
    network = cells.network
    found = np.zeros(cells.n_cells, dtype=np.int64)
    for chunk in cell_chunks(network, cells.n_cells):
        found[chunk] = _exact_ranks(network, cells.patterns[chunk])
    return found


def _exact_ranks(network: Network, patterns: BoolArray) -> IntArray:
    """Cells whose first factor has full rank, which are most, need no other."""
    sizes, full = Sizes(network), network.output_dim * (network.input_dim + 1)
    result = np.zeros(len(patterns), dtype=np.int64)
    left = np.arange(len(patterns))
    best: list[IntArray] = [np.zeros((len(patterns), len(network.layers)), dtype=np.int64)] * 2
    for tried, p in zip(itertools.count(1), primes(), strict=False):
        layers = Layers(network, p)
        masks = unit_masks(network, patterns[left])
        back = np.stack([_backward_ranks(B, p) for B in backward(layers, masks)], axis=1)
        short = back[:, 0] < network.output_dim
        result[left[~short]] = full
        left, masks = left[short], [active[short] for active in masks]
        if not len(left):
            break
        made = forward(layers, masks, np.eye(network.input_dim + 1)[None])
        forms = np.stack([_form_ranks(H, p)[group] for H, group in zip(*made, strict=True)], axis=1)
        pairs = zip(best, (back[short], forms), strict=True)
        best = [np.maximum(before[short], now) for before, now in pairs]
        result[left] = (np.diff(best[0], axis=1, prepend=0) * best[1]).sum(axis=1)
        unsure = ~_proven(best[0], best[1], masks, sizes, BITS * tried)
        left, best = left[unsure], [ranks_[unsure] for ranks_ in best]
    return result


def _backward_ranks(B: FloatArray, p: int) -> IntArray:
    if B.shape[1] == 1:
        return np.asarray(B.any(axis=(1, 2)), dtype=np.int64)
    return ranks(B, p)


def _form_ranks(H: FloatArray, p: int) -> IntArray:
    """Few active rows show the full rank of most."""
    q = H.shape[2]
    few = min(H.shape[1], 2 * q + 2)
    order = np.argsort(~H.any(axis=2), axis=1, kind="stable")[:, :few]
    found = ranks(np.take_along_axis(H, order[:, :, None], axis=1), p)
    low = np.flatnonzero(found < q)
    if few < H.shape[1] and len(low):
        found[low] = ranks(H[low], p)
    return found


def _proven(
    back: IntArray, forms: IntArray, masks: list[BoolArray], sizes: Sizes, bits: int
) -> BoolArray:
    """Whether the ranks modulo primes with so many bits together are those over the rationals."""
    cells, depth = back.shape
    m, q = back[0, -1], forms[0, 0]
    # What active units leave to pass, from the output down and from the inputs up.
    above = np.full((cells, depth), m)
    below = np.full((cells, depth), q)
    for layer in range(depth - 1):
        active = masks[layer].sum(axis=1)
        above[:, : layer + 1] = np.minimum(above[:, : layer + 1], active[:, None])
        below[:, layer + 1] = np.minimum(below[:, layer], active + 1)
    sure = np.ones((cells, depth), dtype=np.bool_)
    for layer in range(depth):
        needed_b = [Sizes.minor(sizes.backward[layer], r + 1) for r in range(m + 1)]
        needed_h = [Sizes.minor(sizes.forward[layer], r + 1) for r in range(q + 1)]
        shown_b = (back[:, layer] == above[:, layer]) | (np.array(needed_b)[back[:, layer]] < bits)
        shown_h = (forms[:, layer] == below[:, layer]) | (
            np.array(needed_h)[forms[:, layer]] < bits
        )
        sure[:, layer] = shown_b & shown_h
    return np.asarray(sure.all(axis=1))
