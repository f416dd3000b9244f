"""The symmetries that every ReLU network has: a neuron scaled up, what reads it scaled down."""

from __future__ import annotations

import numpy as np

from ..common.arrays import FloatArray, IntArray
from ..network.network import Network
from .factors import Layers

__all__ = ["n_scalings", "scaling_rows"]


def n_scalings(network: Network) -> int:
    """How many dimensions the scalings of neurons span in the space of the parameters.

    A combination of scalings moves the weight from neuron i to neuron k by the difference of their
    rates, and weights from inputs, biases, weights to outputs and those of linear units by the rate
    itself. So it moves nothing iff the rate is constant along weights that are not zero, and zero
    wherever one of the others is not: one combination for each connected component without these.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    firsts, count = _first_units(network)
    ground = count  # one more node, whose rate is zero
    pairs = []
    for k, (W, b, low) in enumerate(network.exact_layers()):
        out, into = np.nonzero(W)
        targets = _nodes(network, k, firsts, ground)
        sources = _nodes(network, k - 1, firsts, ground)
        pairs.append(np.column_stack([targets[out], sources[into]]))
        held = targets[(b != 0) | (low != 0)]
        pairs.append(np.column_stack([held, np.full(len(held), ground)]))
    rows, columns = np.concatenate(pairs).T
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(count + 1, count + 1))
    components, _ = connected_components(graph, directed=False)
    return count - (int(components) - 1)


def _first_units(network: Network) -> tuple[IntArray, int]:
    widths = np.array(network.hidden_widths, dtype=np.int64)
    return np.concatenate([[0], np.cumsum(widths)[:-1]]), int(widths.sum())


def _nodes(network: Network, layer: int, firsts: IntArray, ground: int) -> IntArray:
    """The node of each unit of a layer; inputs, outputs and linear units are the ground."""
    if not 0 <= layer < len(firsts):
        size = network.input_dim if layer < 0 else network.output_dim
        return np.full(size, ground)
    neurons, linear = network.hidden_widths[layer], network.linear_units[layer]
    return np.concatenate([firsts[layer] + np.arange(neurons), np.full(linear, ground)])


def scaling_rows(network: Network, layers: Layers) -> FloatArray:
    """The directions of the scalings modulo a prime, shape (N, P), in the Jacobian's order."""
    p, shapes = layers.prime, [rows.shape for rows in layers.augmented]
    starts = np.concatenate([[0], np.cumsum([a * b for a, b in shapes])])
    result = np.zeros((network.n_neurons, int(starts[-1])))
    neuron = 0
    for k, neurons in enumerate(network.hidden_widths):
        own, after = layers.augmented[k], layers.augmented[k + 1]
        for i in range(neurons):
            begin = starts[k] + i * own.shape[1]
            result[neuron, begin : begin + own.shape[1]] = own[i]
            outgoing = starts[k + 1] + np.arange(len(after)) * after.shape[1] + i
            result[neuron, outgoing] = (-after[:, i]) % p
            neuron += 1
    return result
