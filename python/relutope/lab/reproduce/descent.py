"""Full-batch training of small networks in NumPy, for runs that are repeated many times.

A step on a few dozen samples costs PyTorch a millisecond of overhead and NumPy a tenth of it; the
updates are the same (the tests compare them with ``torch.optim.AdamW``). The weights are float64:
what is trained is bit for bit what is decomposed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Layers = list[tuple[Floats, Floats]]

__all__ = [
    "Layers",
    "copied",
    "descend",
    "drift",
    "enlarged",
    "flat",
    "forward",
    "he_layer",
    "kept_steps",
    "layers_of",
]

BETAS, EPSILON = (0.9, 0.999), 1e-8


def he_layer(spread: float) -> Callable[[int, int, np.random.Generator], tuple[Floats, Floats]]:
    """An initialiser for :func:`relutope.lab.null_models.untrained`.

    Weights are normal with standard deviation ``sqrt(2 / fan_in)`` (K. He et al., ICCV 2015),
    biases normal with standard deviation `spread`: with 0 all hyperplanes meet in the origin.
    """

    def initialise(fan_in: int, fan_out: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        return rng.standard_normal((fan_out, fan_in)) * (2 / fan_in) ** 0.5, (
            rng.standard_normal(fan_out) * spread
        )

    return initialise


def enlarged(layers: Layers, scale: float) -> Layers:
    """The layers with every W times `scale` and the biases of layer l (from 1) times ``scale^l``.

    The output is multiplied by ``scale^L`` and every hidden value by a power of `scale`: cells stay
    where they are. A `scale` above 1 makes a network lazy: it can fit the samples long before it
    has to give up the random function that it started from (Z. Liu, E. Michaud, M. Tegmark,
    Omnigrok, 2022).
    """
    return [(W * scale, b * scale ** (depth + 1)) for depth, (W, b) in enumerate(layers)]


def copied(layers: Layers) -> Layers:
    """Layers that no later update overwrites."""
    return [(W.copy(), b.copy()) for W, b in layers]


def flat(layers: Layers) -> Floats:
    """All weights and biases in one vector, layer by layer, W before b."""
    return np.concatenate([part.ravel() for layer in layers for part in layer])


def layers_of(theta: Floats, widths: Sequence[int]) -> Layers:
    """The layers in a flat vector, as views of it."""
    layers, start = [], 0
    for fan_in, fan_out in pairwise(widths):
        middle, end = start + fan_in * fan_out, start + fan_in * fan_out + fan_out
        layers.append((theta[start:middle].reshape(fan_out, fan_in), theta[middle:end]))
        start = end
    return layers


def forward(layers: Layers, X: Floats) -> Floats:
    """The one output at each row of `X`, float64 (k,)."""
    h = X
    for W, b in layers[:-1]:
        h = np.maximum(h @ W.T + b, 0.0)
    W, b = layers[-1]
    out: Floats = (h @ W.T + b)[:, 0]
    return out


def _gradient(layers: Layers, into: Layers, X: Floats, y: Floats) -> Floats:
    """Write the gradient of the mean squared error into the views `into`; return the outputs."""
    activations = [X]
    for W, b in layers[:-1]:
        activations.append(np.maximum(activations[-1] @ W.T + b, 0.0))
    W, b = layers[-1]
    output: Floats = (activations[-1] @ W.T + b)[:, 0]
    delta = (output - y)[:, None] * (2.0 / len(y))
    for k in range(len(layers) - 1, -1, -1):
        np.matmul(delta.T, activations[k], out=into[k][0])
        np.add.reduce(delta, axis=0, out=into[k][1])
        if k:
            delta = (delta @ layers[k][0]) * (activations[k] > 0)
    return output


def descend(
    layers: Layers,
    X: Floats,
    y: Floats,
    *,
    updates: int,
    lr: float,
    weight_decay: float = 0.0,
    watch: Callable[[int, Layers, Floats, float], object],
) -> None:
    """Minimise the mean squared error by full-batch AdamW (I. Loshchilov, F. Hutter, ICLR 2019).

    Parameters
    ----------
    layers : list of (W, b)
        The start; not changed.
    X, y : float64 (k, n), (k,)
    updates : int
    lr, weight_decay : float
        Each update multiplies the weights by ``1 - lr * weight_decay`` and then takes Adam's step.
    watch : callable
        ``watch(step, layers, outputs, loss)`` for every step 0, ..., `updates`, before the update;
        the layers are views that the next update overwrites.
    """
    widths = [layers[0][0].shape[1], *(len(b) for _, b in layers)]
    theta = flat(layers)
    gradient, first, second, change, scale = (np.zeros_like(theta) for _ in range(5))
    views, into = layers_of(theta, widths), layers_of(gradient, widths)
    for step in range(updates + 1):
        output = _gradient(views, into, X, y)
        watch(step, views, output, float(np.add.reduce((output - y) ** 2) / len(y)))
        # In place: on vectors this short half of the time goes into making others.
        np.subtract(gradient, first, out=change)
        change *= 1 - BETAS[0]
        first += change
        np.multiply(gradient, gradient, out=change)
        change -= second
        change *= 1 - BETAS[1]
        second += change
        theta *= 1.0 - lr * weight_decay
        correction = (1 - BETAS[1] ** (step + 1)) ** 0.5
        rate = lr / (1 - BETAS[0] ** (step + 1))
        np.sqrt(second, out=scale)
        scale /= correction
        scale += EPSILON
        np.multiply(first, rate, out=change)
        change /= scale
        theta -= change


def kept_steps(
    layers: Layers,
    X: Floats,
    y: Floats,
    steps: Sequence[int],
    *,
    lr: float,
    weight_decay: float = 0.0,
) -> dict[int, Layers]:
    """The layers at some steps of :func:`descend`, up to the last of them.

    Examples
    --------
    >>> start = [(np.ones((1, 1)), np.zeros(1))]
    >>> found = kept_steps(start, np.ones((1, 1)), np.zeros(1), (0, 2), lr=0.1)
    >>> sorted(found), found[0][0][0].item(), found[2][0][0].item() < 1
    ([0, 2], 1.0, True)
    """
    wanted, found = frozenset(steps), {}

    def watch(step: int, now: Layers, output: Floats, loss: float) -> None:
        if step in wanted:
            found[step] = copied(now)

    descend(layers, X, y, updates=max(wanted), lr=lr, weight_decay=weight_decay, watch=watch)
    return found


def drift(
    layers: Layers,
    lengths: Sequence[Sequence[float]],
    seed: int,
    watch: Callable[[int, Layers], object],
) -> None:
    """Move the weights in random directions: step s moves layer l by the length ``lengths[s][l]``.

    With the lengths of a training run this is the run without its direction. `watch` is called as
    ``watch(step, layers)`` for the steps 0, ..., ``len(lengths)``.
    """
    rng = np.random.default_rng(seed)
    now = copied(layers)
    watch(0, now)
    for step, row in enumerate(lengths):
        for (W, b), length in zip(now, row, strict=True):
            direction = rng.standard_normal(W.size + b.size)
            direction *= length / np.linalg.norm(direction)
            W += direction[: W.size].reshape(W.shape)
            b += direction[W.size :]
        watch(step + 1, now)
