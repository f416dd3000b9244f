"""Edited networks: neurons removed, added, scaled and moved, exactly or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..common.arguments import checked_count, checked_index
from ..common.arithmetic import ieee_arithmetic
from ..errors import InvalidNetworkError
from .conversion import NetworkLike, as_network
from .network import Network
from .weights import is_sparse

__all__ = ["add_neuron", "move_neuron", "place_of", "remove_neurons", "scale_neuron"]


@ieee_arithmetic
def remove_neurons(network: NetworkLike, neurons: int | Iterable[int]) -> Network:
    """The network without some neurons, as pruning leaves it, exactly.

    Parameters
    ----------
    network : Network, torch.nn.Module, sequence of (W, b), or path of a file
    neurons : int or iterable of int
        Counted through all hidden neurons, layer by layer, as the columns of patterns.

    Returns
    -------
    Network
        The same function as if these neurons were never active. Numbers of later neurons decrease.

    Raises
    ------
    IndexError
        If there is no such neuron.
    InvalidNetworkError
        If a hidden layer would be left without any unit.

    See Also
    --------
    removal_effects, add_neuron, scale_neuron, move_neuron

    Examples
    --------
    >>> import relutope as rt
    >>> net = rt.Network([([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])])  # |x|
    >>> rt.remove_neurons(net, 1).forward([[-2.0], [3.0]]).ravel().tolist()
    [0.0, 3.0]
    """
    net = as_network(network)
    given = [neurons] if isinstance(neurons, int | np.integer) else list(neurons)
    removed = [place_of(net, neuron) for neuron in given]
    layers, lows = list(net.sparse_layers), list(net.bias_low)
    linear = net.linear_units
    for depth in sorted({layer for layer, _ in removed}):
        W, b = layers[depth]
        kept = np.setdiff1d(np.arange(len(b)), [unit for layer, unit in removed if layer == depth])
        if not len(kept):
            raise InvalidNetworkError(
                f"`neurons` are all units of hidden layer {depth + 1}; leave one of them"
            )
        after, bias = layers[depth + 1]
        layers[depth] = (W[kept], b[kept])
        lows[depth] = lows[depth][kept]
        layers[depth + 1] = (after[:, kept], bias)
    return Network([(W, b) for W, b in layers], linear, lows)


@ieee_arithmetic
def add_neuron(
    network: NetworkLike, layer: int, weights: ArrayLike, bias: float, outgoing: ArrayLike
) -> Network:
    """The network with one more neuron, the last one of a hidden layer.

    Parameters
    ----------
    network : Network, torch.nn.Module, sequence of (W, b), or path of a file
    layer : int
        The hidden layer, counted from 1.
    weights : array_like
        What it multiplies the units of the layer before with (the inputs, for layer 1).
    bias : float
    outgoing : array_like
        What the units of the next layer (the outputs, after the last one) multiply it with.

    Returns
    -------
    Network

    Raises
    ------
    ValueError
        If there is no such layer.
    InvalidNetworkError
        If the shapes do not fit, or a number is not exactly a double.

    See Also
    --------
    remove_neurons, scale_neuron, move_neuron

    Examples
    --------
    >>> import relutope as rt
    >>> net = [([[1.0]], [0.0]), ([[1.0]], [0.0])]
    >>> rt.add_neuron(net, 1, [-1.0], 0.0, [1.0]).forward([[-2.0], [3.0]]).ravel().tolist()
    [2.0, 3.0]
    """
    net = as_network(network)
    depth = checked_count("layer", layer, highest=len(net.hidden_widths)) - 1
    layers, lows, linear = list(net.layers), list(net.bias_low), net.linear_units
    (W, b), (after, last) = layers[depth], layers[depth + 1]
    at = len(b) - linear[depth]
    row, column = np.asarray(weights, dtype=object), np.asarray(outgoing, dtype=object)
    if row.shape != (W.shape[1],):
        raise InvalidNetworkError(f"`weights` has shape {row.shape}; expected ({W.shape[1]},)")
    if column.shape != (len(after),):
        raise InvalidNetworkError(f"`outgoing` has shape {column.shape}; expected ({len(after)},)")
    changed: list[tuple[Any, Any]] = [(W, b) for W, b in layers]
    changed[depth] = (
        np.insert(W.astype(object), at, row, axis=0).tolist(),
        np.insert(b.astype(object), at, bias).tolist(),
    )
    changed[depth + 1] = (np.insert(after.astype(object), at, column, axis=1).tolist(), last)
    lows[depth] = np.insert(lows[depth], at, 0.0)
    return Network(changed, linear, lows)


@ieee_arithmetic
def scale_neuron(
    network: NetworkLike, neuron: int, factor: float, *, compensate: bool = True
) -> Network:
    """The network with a neuron multiplied by a positive factor, exactly.

    Parameters
    ----------
    network : Network, torch.nn.Module, sequence of (W, b), or path of a file
    neuron : int
        Counted through all hidden neurons.
    factor : float
        Positive. Powers of two are always exact.
    compensate : bool
        Divide what the next layer multiplies it with by the factor: the function stays the same.

    Returns
    -------
    Network
        The neuron's bent hyperplane is the same; with `compensate` the whole complex is.

    Raises
    ------
    IndexError
        If there is no such neuron.
    ValueError
        If `factor` is not positive.
    InvalidNetworkError
        If a product or a quotient is not exactly a double.

    See Also
    --------
    remove_neurons, add_neuron, move_neuron

    Examples
    --------
    >>> import relutope as rt
    >>> net = [([[3.0]], [1.0]), ([[1.0]], [0.0])]
    >>> rt.scale_neuron(net, 0, 4.0).layers[0][0].tolist()
    [[12.0]]
    """
    net = as_network(network)
    depth, unit = place_of(net, neuron)
    if not (np.isfinite(factor) and factor > 0):
        raise ValueError(f"`factor` must be positive and finite, got {factor}")
    by = Fraction(float(factor))
    layers, lows = list(net.sparse_layers), list(net.bias_low)
    W, b = _writable(layers[depth])
    low = lows[depth].copy()
    W[unit], b[unit], low[unit] = _times(W[unit], by), *_times([b[unit], low[unit]], by)
    layers[depth], lows[depth] = (W, b), low
    if compensate:
        after, bias = _writable(layers[depth + 1])
        after[:, unit] = _times(after[:, unit], 1 / by)
        layers[depth + 1] = (after, bias)
    return Network([(W, b) for W, b in layers], net.linear_units, lows)


@ieee_arithmetic
def move_neuron(network: NetworkLike, neuron: int, shift: float) -> Network:
    """The network with a neuron's bias increased by `shift`: its bent hyperplane moves, exactly.

    Parameters
    ----------
    network : Network, torch.nn.Module, sequence of (W, b), or path of a file
    neuron : int
        Counted through all hidden neurons.
    shift : float
        Taken as exactly this double.

    Returns
    -------
    Network
        What one double cannot hold of the new bias is kept beside it.

    Raises
    ------
    IndexError
        If there is no such neuron.
    ValueError
        If `shift` is not finite.
    InvalidNetworkError
        If the new bias is not exactly a sum of two doubles.

    See Also
    --------
    remove_neurons, add_neuron, scale_neuron

    Examples
    --------
    >>> import relutope as rt
    >>> net = [([[3.0]], [1.0]), ([[1.0]], [0.0])]
    >>> rt.move_neuron(net, 0, 2.0).layers[0][1].tolist()
    [3.0]
    """
    net = as_network(network)
    depth, unit = place_of(net, neuron)
    if not np.isfinite(shift):
        raise ValueError(f"`shift` must be finite, got {shift}")
    layers, lows = list(net.sparse_layers), [low.copy() for low in net.bias_low]
    W, b = layers[depth][0], layers[depth][1].copy()
    exact = sum(Fraction(float(v)) for v in (b[unit], lows[depth][unit], shift))
    b[unit] = float(exact)
    lows[depth][unit] = float(exact - Fraction(float(b[unit])))
    if exact != Fraction(float(b[unit])) + Fraction(float(lows[depth][unit])):
        raise InvalidNetworkError(
            f"the bias of neuron {neuron} plus `shift` ({shift}) is not a sum of two doubles; take "
            "a shift with fewer digits"
        )
    layers[depth] = (W, b)
    return Network([(W, b) for W, b in layers], net.linear_units, lows)


def place_of(network: Network, neuron: int) -> tuple[int, int]:
    """The hidden layer of a neuron, counted from 0, and its place there."""
    within = checked_index(neuron, network.n_neurons, "neurons", "neuron")
    ends = np.cumsum(network.hidden_widths)
    layer = int(np.searchsorted(ends, within, side="right"))
    return layer, within - int(ends[layer]) + network.hidden_widths[layer]


def _writable(layer: tuple[Any, Any]) -> tuple[Any, Any]:
    W, b = layer
    return (W.toarray() if is_sparse(W) else W.copy()), b.copy()


def _times(values: Any, factor: Fraction) -> list[float]:
    """The products, if all of them are doubles."""
    found = []
    for value in np.asarray(values).tolist():
        exact = Fraction(value) * factor
        try:
            product = float(exact)
        except OverflowError:
            product = float("inf")
        if not np.isfinite(product) or Fraction(product) != exact:
            raise InvalidNetworkError(
                f"{value!r} times {float(factor):g} is not exactly a double; take a power of two "
                "as `factor`"
            )
        found.append(product)
    return found
