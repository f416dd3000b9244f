"""Two networks as one, side by side, with no weight changed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidNetworkError
from ..network.network import Network

__all__ = ["difference", "removal_difference", "stacked"]

Layer = tuple[Any, NDArray[np.float64], NDArray[np.float64], int]  # W, b, low part, neurons


def stacked(a: Network, b: Network) -> Network:
    """The network with the outputs of `a`, then those of `b`.

    Raises
    ------
    InvalidNetworkError
        If they have different numbers of inputs.
    """
    if a.input_dim != b.input_dim:
        raise InvalidNetworkError(
            f"`a` has {a.input_dim} inputs and `b` {b.input_dim}; compare networks of the same "
            "inputs"
        )
    depth = max(len(a.hidden_widths), len(b.hidden_widths))
    made, columns = [], None
    for u, v in zip(_deepened(a, depth), _deepened(b, depth), strict=True):
        W = _above(u[0], v[0]) if columns is None else _beside(u[0], v[0])[:, columns]
        # Neurons of both come first, then the linear units of both.
        columns = _neurons_first(len(u[1]), u[3], len(v[1]), v[3])
        bias, low = (np.concatenate([u[k], v[k]])[columns] for k in (1, 2))
        made.append((W[columns], bias, low, u[3] + v[3]))
    linear = [len(bias) - neurons for _, bias, _, neurons in made[:-1]]
    return Network([(W, bias) for W, bias, *_ in made], linear, [low for _, _, low, _ in made])


def difference(a: Network, b: Network) -> Network:
    """The network ``a - b``, exactly: both outputs are linear units before the last layer.

    Raises
    ------
    InvalidNetworkError
        If they have different numbers of inputs or outputs.
    """
    if a.output_dim != b.output_dim:
        raise InvalidNetworkError(
            f"`a` has {a.output_dim} outputs and `b` {b.output_dim}; compare networks of the same "
            "outputs"
        )
    both, m = stacked(a, b), a.output_dim
    last = (np.hstack([np.eye(m), -np.eye(m)]), np.zeros(m))
    lows = [*both.bias_low, np.zeros(m)]
    return Network([*both.sparse_layers, last], [*both.linear_units, 2 * m], lows)


def _deepened(net: Network, depth: int) -> list[Layer]:
    """The layers, with the outputs passed on by linear units until there are `depth` hidden."""
    widths = [*net.hidden_widths, 0]
    layers = [
        (W, b, low, count)
        for (W, b), low, count in zip(net.sparse_layers, net.bias_low, widths, strict=True)
    ]
    m = net.output_dim
    while len(layers) <= depth:
        layers.append((np.eye(m), np.zeros(m), np.zeros(m), 0))
    return layers


def _above(u: Any, v: Any) -> Any:
    """One matrix over the other, of the same columns."""
    if isinstance(u, np.ndarray) and isinstance(v, np.ndarray):
        return np.vstack([u, v])
    from scipy.sparse import csr_array, vstack

    return vstack([csr_array(u), csr_array(v)], format="csr")


def _beside(u: Any, v: Any) -> Any:
    """The matrix with these two blocks on its diagonal."""
    from scipy.sparse import block_diag, csr_array

    joined = block_diag([csr_array(u), csr_array(v)], format="csr")
    return joined.toarray() if isinstance(u, np.ndarray) and isinstance(v, np.ndarray) else joined


def _neurons_first(of_u: int, neurons_u: int, of_v: int, neurons_v: int) -> NDArray[np.int64]:
    u, v = np.arange(of_u), of_u + np.arange(of_v)
    return np.concatenate([u[:neurons_u], v[:neurons_v], u[neurons_u:], v[neurons_v:]])


def removal_difference(net: Network, layer: int, unit: int) -> Network:
    """``f - f'`` for the same network f' without one unit, exactly.

    The layers up to the unit's are there once; those after it twice, side by side. Of the last
    hidden layer, the unit itself is all that is needed.

    Parameters
    ----------
    net : Network
    layer, unit : int
        The hidden layer, counted from 0, and the place in it.
    """
    widths, m = [*net.hidden_widths, 0], net.output_dim
    layers, lows = list(net.sparse_layers[: layer + 1]), list(net.bias_low[: layer + 1])
    linear = net.linear_units[: layer + 1]
    if layer == len(net.hidden_widths) - 1:
        (W, b), after = layers[-1], net.sparse_layers[-1][0]
        own = slice(unit, unit + 1)
        layers[-1], lows[-1], linear[-1] = (W[own], b[own]), lows[-1][own], 0
        layers.append((after[:, own], np.zeros(m)))
        return Network([(W, b) for W, b in layers], linear, [*lows, np.zeros(m)])
    columns = None
    for depth in range(layer + 1, len(net.sparse_layers)):
        (W, b), low = net.sparse_layers[depth], net.bias_low[depth]
        both = _above(W, _without_column(W, unit)) if columns is None else _beside(W, W)[:, columns]
        columns = _neurons_first(len(b), widths[depth], len(b), widths[depth])
        layers.append((both[columns], np.tile(b, 2)[columns]))
        lows.append(np.tile(low, 2)[columns])
        linear.append(2 * (len(b) - widths[depth]))
    layers.append((np.hstack([np.eye(m), -np.eye(m)]), np.zeros(m)))
    return Network([(W, b) for W, b in layers], linear, [*lows, np.zeros(m)])


def _without_column(W: Any, column: int) -> Any:
    """The matrix with zeros in one column."""
    kept = np.ones(W.shape[1])
    kept[column] = 0.0
    if isinstance(W, np.ndarray):
        return np.asarray(W * kept)
    from scipy.sparse import csr_array, diags_array

    return csr_array(W @ diags_array(kept))
