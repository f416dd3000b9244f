"""The derivative of the outputs by all parameters at given points."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import FloatArray
from ..common.tensors import detached
from ..network.conversion import NetworkLike, as_network
from ..network.core import point_signs
from .factors import unit_masks

__all__ = ["checked_points", "parameter_jacobian"]


@ieee_arithmetic
def parameter_jacobian(network: NetworkLike, X: ArrayLike) -> FloatArray:
    """Derivatives of the outputs by all weights and biases at given points, rounded.

    Which neurons are active is decided exactly; a neuron that is zero at a point counts as
    inactive there, as in torch.

    Parameters
    ----------
    network : Network, torch.nn.Module, sequence of (W, b), or path of a file
        As for `decompose`.
    X : array_like, shape (k, n)
        Points.

    Returns
    -------
    ndarray of float64, shape (k, m, P)
        Parameters in the order of a torch module: of each layer W row by row, then b.

    Raises
    ------
    ValueError
        If the shape of `X` does not fit, or it is not finite.
    InvalidNetworkError, UnsupportedLayerError
        As for `decompose`.

    See Also
    --------
    functional_dimension : the rank, exactly.

    Examples
    --------
    ``2 relu(x - 1) + 5`` at 4: by the weights 1, -1 of the neuron, then by 2 and 5:

    >>> import relutope as rt
    >>> net = [([[1.0]], [-1.0]), ([[2.0]], [5.0])]
    >>> rt.parameters.parameter_jacobian(net, [[4.0]]).tolist()
    [[[8.0, 2.0, 3.0, 1.0]]]
    """
    net = as_network(network)
    points = checked_points(X, net.input_dim)
    masks = unit_masks(net, point_signs(net, points) > 0)
    passed, here = [points], points
    for (W, b), active in zip(net.layers[:-1], masks, strict=True):
        here = (here @ W.T + b) * active
        passed.append(here)
    back = np.broadcast_to(np.eye(net.output_dim), (len(points), net.output_dim, net.output_dim))
    parts: list[FloatArray] = []
    for k in range(len(masks), -1, -1):
        by_weights = back[:, :, :, None] * passed[k][:, None, None, :]
        size = by_weights.shape[2] * by_weights.shape[3]
        parts = [by_weights.reshape(*back.shape[:2], size), back, *parts]
        if k:
            back = (back @ net.layers[k][0]) * masks[k - 1][:, None, :]
    return np.concatenate(parts, axis=2)


def checked_points(X: ArrayLike, n: int, name: str = "X") -> FloatArray:
    """Points as doubles, shape (k, n)."""
    points = np.array(detached(X), dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != n:
        raise ValueError(f"`{name}` must have shape (k, {n}), got {points.shape}")
    if not np.isfinite(points).all():
        raise ValueError(f"`{name}` contains NaN or infinity")
    return points
