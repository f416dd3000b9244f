"""Networks with the same neurons whose one output is something else that the network computes.

No weight is changed; what is wanted is carried on by linear units.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..common.arguments import checked_index
from ..common.arrays import FloatArray
from .network import Network
from .weights import is_sparse

__all__ = ["difference_of_outputs", "margin_of_class", "one_output", "with_preactivation"]


def one_output(network: Network, output: int) -> Network:
    """The network with one of its outputs alone."""
    (W, b), low = network.sparse_layers[-1], network.bias_low[-1]
    row = slice(output, output + 1)
    lows = [*network.bias_low[:-1], low[row]]
    return Network([*network.sparse_layers[:-1], (W[row], b[row])], network.linear_units, lows)


def difference_of_outputs(network: Network, first: int, second: int) -> Network:
    """The network whose one output is f_first - f_second."""
    (W, b), low = network.sparse_layers[-1], network.bias_low[-1]
    rows = [first, second]
    layers: list[tuple[Any, Any]] = [
        *network.sparse_layers[:-1],
        (W[rows], b[rows]),
        ([[1.0, -1.0]], [0.0]),
    ]
    lows = [*network.bias_low[:-1], low[rows], np.zeros(1)]
    return Network(layers, [*network.linear_units, 2], lows)


def margin_of_class(network: Network, label: int) -> Network:
    """The network whose one output is f_label less the largest of the others.

    Further neurons, one to a layer, say which of the others is largest:
    ``M_k = M_(k-1) + relu(f_k - M_(k-1))``.
    """
    m = network.output_dim
    first, *rest = (k for k in range(m) if k != label)
    layers: list[tuple[Any, Any]] = [*network.sparse_layers]
    linear_units = [*network.linear_units, m]
    largest, outputs = np.eye(m)[first], np.eye(m)
    for k in rest:
        layers.append((np.vstack([outputs[k] - largest, largest, outputs]), np.zeros(m + 2)))
        linear_units.append(m + 1)
        largest = np.concatenate([[1.0, 1.0], np.zeros(m)])
        outputs = np.eye(m, m + 2, k=2)
    layers.append(((outputs[label] - largest)[None], np.zeros(1)))
    return Network(layers, linear_units)


def with_preactivation(network: Network, neuron: int) -> Network:
    """The network with all of its neurons, whose one output is the preactivation of one of them.

    Raises
    ------
    IndexError
        If there is no such neuron.
    """
    within = checked_index(neuron, network.n_neurons, "neurons", "neuron")
    layer = 0
    while within >= network.hidden_widths[layer]:
        within -= network.hidden_widths[layer]
        layer += 1
    layers: list[tuple[Any, FloatArray]] = [*network.sparse_layers[:layer]]
    lows = network.bias_low[:layer]
    for k in range(layer, len(network.hidden_widths)):
        (W, b), low = network.sparse_layers[k], network.bias_low[k]
        if k == layer:  # the neuron once more, without its ReLU
            row, bias, rest = W[within : within + 1], b[within], low[within]
        else:
            W = _beside(W)
            row, bias, rest = np.eye(1, W.shape[1], k=W.shape[1] - 1), 0.0, 0.0
        layers.append((_below(W, row), np.append(b, bias)))
        lows.append(np.append(low, rest))
    units = layers[-1][0].shape[0]
    linear_units = [count + (k >= layer) for k, count in enumerate(network.linear_units)]
    last = (np.eye(1, units, k=units - 1), np.zeros(1))
    return Network([*layers, last], linear_units, [*lows, np.zeros(1)])


def _beside(W: Any) -> Any:
    """With a column of zeros."""
    if not is_sparse(W):
        return np.column_stack([W, np.zeros(len(W))])
    import scipy.sparse as sp

    return sp.hstack([W, sp.csr_array((W.shape[0], 1))], format="csr")


def _below(W: Any, row: Any) -> Any:
    """With one more row."""
    if not is_sparse(W):
        return np.vstack([W, row])
    import scipy.sparse as sp

    return sp.vstack([W, sp.csr_array(row)], format="csr")
