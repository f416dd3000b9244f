"""Affine maps of cells in floating point."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .network import Network
from .problem import Problem

FloatArray = NDArray[np.float64]

# Composed maps are built for so many cells at once, to bound memory.
_CHUNK_NUMBERS = 1 << 24


def affine_maps(network: Network, patterns: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Output maps for patterns of shape (k, N): shapes (k, m, n) and (k, m)."""
    widest = max(W.shape[0] for W, _ in network.layers)
    chunk = max(1, _CHUNK_NUMBERS // (widest * (network.input_dim + 1)))
    parts = [
        _compose(network, patterns[k : k + chunk])[-1]
        for k in range(0, max(1, len(patterns)), chunk)
    ]
    both = np.concatenate(parts)
    return both[:, :, :-1], both[:, :, -1]


def preactivation_map(network: Network, pattern: NDArray[np.bool_]) -> FloatArray:
    """All hidden preactivations as affine forms on one cell, shape (N, n + 1), constant last."""
    return np.concatenate([layer[0] for layer in _compose(network, pattern[None])[:-1]])


def _compose(network: Network, patterns: NDArray[np.bool_]) -> list[FloatArray]:
    """Forms of every layer for each pattern: arrays of shape (k, out, n + 1), constant last."""
    W, b = network.layers[0]
    first = np.column_stack([W, b])
    forms = [np.broadcast_to(first, (len(patterns), *first.shape))]
    start = 0
    for W, b in network.layers[1:]:
        active = patterns[:, start : start + W.shape[1]]
        start += W.shape[1]
        composed = np.matmul(W, active[:, :, None] * forms[-1])
        composed[:, :, -1] += b
        forms.append(composed)
    return forms


def halfspaces(
    problem: Problem, pattern: NDArray[np.bool_], ids: NDArray[np.int64]
) -> tuple[FloatArray, FloatArray]:
    """``A x <= b`` for the facets named by `ids` of the cell with this pattern."""
    forms = preactivation_map(problem.network, pattern)
    n = problem.network.input_dim
    lower, upper = problem.bounds
    A = np.zeros((len(ids), n))
    b = np.zeros(len(ids))
    for row, name in enumerate(ids):
        if name >= 0:
            inside = 1.0 if pattern[name] else -1.0
            A[row] = -inside * forms[name, :-1]
            b[row] = inside * forms[name, -1]
            continue
        side = -1 - int(name)
        if side >= 2 * len(lower):
            form = problem.halfspaces[side - 2 * len(lower)]
            A[row, problem.kept], b[row] = -form[:-1], form[-1]
            continue
        axis, is_upper = divmod(side, 2)
        A[row, problem.kept[axis]] = 1.0 if is_upper else -1.0
        b[row] = upper[axis] if is_upper else -lower[axis]
    return A, b
