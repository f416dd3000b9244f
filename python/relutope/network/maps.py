"""Affine maps of cells in floating point."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .network import Network

FloatArray = NDArray[np.float64]

# Composed maps are built for so many cells at once: what the processor's caches hold.
_CHUNK_NUMBERS = 1 << 20


def affine_maps(network: Network, patterns: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Output maps for patterns of shape (k, N): shapes (k, m, n) and (k, m)."""
    widest = max(W.shape[1] for W, _ in network.sparse_layers)
    chunk = max(1, _CHUNK_NUMBERS // (widest * network.output_dim))
    parts = [
        _compose_backward(network, patterns[k : k + chunk])
        for k in range(0, max(1, len(patterns)), chunk)
    ]
    return np.concatenate([A for A, _ in parts]), np.concatenate([c for _, c in parts])


def _compose_backward(
    network: Network, patterns: NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray]:
    """From the output to the input: one matrix product per layer, for all cells together."""
    W, b = network.layers[-1]
    A = np.broadcast_to(W, (len(patterns), *W.shape))
    c = np.tile(b, (len(patterns), 1))
    hidden = zip(network.sparse_layers[:-1], _active_units(network, patterns), strict=True)
    for (W, b), active in reversed(list(hidden)):
        A = A * active[:, None, :]
        c += A @ b
        A = (A.reshape(-1, W.shape[0]) @ W).reshape(*A.shape[:2], -1)
    return A, c


def _active_units(network: Network, patterns: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """For each hidden layer, which units pass their value on, shape (k, units)."""
    neurons = np.split(patterns, np.cumsum(network.hidden_widths)[:-1], axis=1)
    return [
        np.concatenate([active, np.ones((len(patterns), linear), dtype=np.bool_)], axis=1)
        for active, linear in zip(neurons, network.linear_units, strict=True)
    ]


def preactivation_map(network: Network, pattern: NDArray[np.bool_]) -> FloatArray:
    """All hidden preactivations as affine forms on one cell, shape (N, n + 1), constant last."""
    active = _active_units(network, pattern[None, :])
    W, b = network.layers[0]
    forms = [np.column_stack([W, b])]
    for (W, b), before in zip(network.sparse_layers[1:-1], active, strict=False):
        composed = W @ (before[0, :, None] * forms[-1])
        composed[:, -1] += b
        forms.append(composed)
    neurons = zip(forms, network.hidden_widths, strict=True)
    return np.concatenate([form[:count] for form, count in neurons])
