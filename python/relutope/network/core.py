"""Small exact services of the core, for the modules that know it only through this file."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core
from .network import Network
from .weights import is_sparse

__all__ = ["bound_balls", "bound_boxes", "core_network", "point_signs"]

FloatArray = NDArray[np.float64]


def core_network(network: Network, *, balanced_from: int | None = None) -> _core.Network:
    """The network as the core holds it.

    For what asks for the signs of hidden units and not for their values: those from hidden layer
    `balanced_from` on are positive multiples of the network's own, of moderate size, where layers
    grow or shrink by large factors. Bounds of rounding reach such units, others need integers.
    """
    layers = [
        (_rows(W), b, low) for (W, b), low in zip(network._weights, network.bias_low, strict=True)
    ]
    return _core.Network(layers, network.linear_units, balanced_from)


def _rows(W: Any) -> FloatArray | _core.CompressedRows:
    if not is_sparse(W):
        return cast(FloatArray, W)
    rows = W.tocsr()
    rows.sort_indices()
    indptr, indices = rows.indptr.astype(np.int64), rows.indices.astype(np.int64)
    return rows.shape[1], indptr, indices, rows.data


def point_signs(network: Network, points: ArrayLike) -> NDArray[np.int8]:
    """Exact signs of all hidden preactivations at the rows of `points`, shape (k, n); (k, N)."""
    core = core_network(network, balanced_from=0)
    return core.point_signs(np.ascontiguousarray(points, dtype=np.float64))


def bound_boxes(
    network: _core.Network,
    rows: tuple[FloatArray, FloatArray, FloatArray, list[bool]],
    boxes: tuple[FloatArray, FloatArray],
    neurons: tuple[FloatArray, FloatArray],
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Certified bounds of neurons and of linear conditions on boxes of inputs.

    Parameters
    ----------
    network : _core.Network
        See `core_network`.
    rows : coefficients of inputs and of outputs, constants, and which rows are rounded
        Shapes (k, n), (k, m), (k,) and (k,): ``inputs . x + outputs . f(x) + constant``.
    boxes : pair of ndarray, shape (boxes, n)
    neurons : pair of ndarray, shape (boxes, N)
        Bounds of the preactivations that are known to hold on the boxes; infinite where none is.

    Returns
    -------
    neuron_lower, neuron_upper : ndarray, shape (boxes, N)
        These bounds or better ones. Right for neurons whose sign they leave open; the others are
        returned as they were.
    least, most : ndarray, shape (boxes, k)
        Bounds of the rows; infinite where none was found.
    slopes, losses : ndarray, shape (boxes, k, n)
        Gradients of the affine functions behind `least`, and how much of that bound's looseness
        each input's width causes, about.
    """
    return _core.bound_boxes(network, *rows, *boxes, *neurons)


def bound_balls(
    network: _core.Network,
    rows: tuple[FloatArray, FloatArray, FloatArray, list[bool]],
    boxes: tuple[FloatArray, FloatArray],
    neurons: tuple[FloatArray, FloatArray],
    balls: tuple[FloatArray, FloatArray, float],
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Certified bounds on the points of boxes that are also near a centre.

    What is found holds at those of these points at which all neurons lie within the bounds given
    for them; these need not hold everywhere.

    Parameters
    ----------
    network, rows, boxes, neurons
        As for `bound_boxes`.
    balls : centre, radii and norm
        Shapes (n,) and (boxes,): the points whose distance from the centre in the norm 1, 2 or inf
        is at most the radius. The centre lies in all boxes.

    Returns
    -------
    neuron_lower, neuron_upper, least, most
        As from `bound_boxes`.
    slopes, offsets : ndarray, shapes (boxes, k, n) and (boxes, k)
        Each row is at least ``slope . x + offset`` there, in exact arithmetic with these doubles;
        the offset is -inf where nothing is known.
    """
    centre, radii, norm = balls
    return _core.bound_balls(network, *rows, *boxes, *neurons, centre, radii, norm)
