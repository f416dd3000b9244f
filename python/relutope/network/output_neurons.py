"""Networks with further neurons at their end, whose signs say which class wins.

The network's outputs stay what they are, carried on by linear units, and no weight is changed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..common.arrays import FloatArray
from ..errors import InvalidNetworkError
from .network import Network

__all__ = ["n_output_neurons", "with_output_neurons"]


def with_output_neurons(network: Network, outputs: Any) -> Network:
    """The network with its outputs' neurons as its last, "sign" or "argmax"; see `decompose`.

    Raises
    ------
    ValueError
        If `outputs` is neither of them.
    InvalidNetworkError
        If it does not fit the number of outputs.
    """
    if outputs not in ("sign", "argmax"):
        raise ValueError(f"`outputs` must be 'sign', 'argmax' or None, got {outputs!r}")
    count = network.output_dim
    if outputs == "sign" and count != 1:
        raise InvalidNetworkError(
            f"`outputs` is 'sign', which needs one output, but the network has {count}; take "
            "'argmax' for the largest of several"
        )
    if outputs == "argmax" and count == 1:
        raise InvalidNetworkError(
            "`outputs` is 'argmax', which needs several outputs, but the network has one; take "
            "'sign' for its two classes"
        )
    return _with_sign(network) if outputs == "sign" else _with_running_maxima(network)


def n_output_neurons(output_dim: int) -> int:
    """How many neurons `with_output_neurons` adds to a network with so many outputs."""
    return max(output_dim - 1, 1)


def _with_sign(network: Network) -> Network:
    """f is the last neuron, and beside it a linear unit, which is the output."""
    (W, b), low = network.layers[-1], network.bias_low[-1]
    layers = [*network.sparse_layers[:-1], (np.tile(W, (2, 1)), np.tile(b, 2))]
    lows = [*network.bias_low[:-1], np.tile(low, 2), np.zeros(1)]
    return Network([*layers, ([[0.0, 1.0]], [0.0])], [*network.linear_units, 1], lows)


def _with_running_maxima(network: Network) -> Network:
    """With ``f_k - max(f_0, ..., f_(k-1))``, k = 1 to m - 1, as its last neurons.

    One to a layer. Linear units carry the maximum so far, ``M_k = M_(k-1) + relu(f_k - M_(k-1))``,
    and all outputs.
    """
    m = network.output_dim
    layers: list[tuple[Any, FloatArray]] = [*network.sparse_layers]
    for k in range(1, m):
        # The units of the layer before: relu of the newest neuron, the maximum before it, the
        # outputs; at first the outputs alone, of which f_0 is the maximum.
        maximum: FloatArray = np.zeros(m if k == 1 else m + 2)
        maximum[: 1 if k == 1 else 2] = 1.0
        carried = np.eye(len(maximum))[-m:]
        W = np.vstack([carried[k] - maximum, maximum, carried])
        layers.append((W, np.zeros(len(W))))
    last = (np.eye(m, m + 2, k=2), np.zeros(m))
    linear_units = [*network.linear_units, m, *[m + 1] * (m - 1)]
    return Network([*layers, last], linear_units)
