"""Looking for a violation in floating point: random points, then steps along gradients."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..network.maps import affine_maps
from ..network.network import Network
from .condition_rows import CaseGroup

__all__ = ["promising_points"]

FloatArray = NDArray[np.float64]

_RANDOM = 2048
_KEPT = 8
_STEPS = 20


def promising_points(network: Network, group: CaseGroup, seed: int = 0) -> Iterator[FloatArray]:
    """Points of the box, some rows at a time, nearer and nearer to meeting a case."""
    rng = np.random.default_rng(seed)
    n = len(group.lower)
    count = max(64, min(_RANDOM, (1 << 22) // max(n, network.n_neurons, 1)))
    width = group.upper - group.lower
    points = group.lower + rng.random((count, n)) * width
    points = np.clip(points, group.lower, group.upper)
    excess = group.excess(group.values(points, network.forward(points)))
    order = np.argsort(excess, kind="stable")[:_KEPT]
    points, excess = points[order], excess[order]
    yield points
    step = 0.25
    for _ in range(_STEPS):
        trial = np.clip(
            points + step * _directions(network, group, points) * width, group.lower, group.upper
        )
        found = group.excess(group.values(trial, network.forward(trial)))
        better = found < excess
        points[better], excess[better] = trial[better], found[better]
        yield points
        if not better.any():
            step *= 0.5


def _directions(network: Network, group: CaseGroup, points: FloatArray) -> FloatArray:
    """Signs of the steepest descent of the row that misses most in the nearest case."""
    inputs, outputs, _, _ = group.coefficients
    A, _ = affine_maps(network, network.patterns(points))
    values = group.values(points, network.forward(points))
    result = np.zeros_like(points)
    for k, value in enumerate(values):
        chosen = min(
            (max((_miss(value[r], rel), r) for r, rel in case) for case in group.cases if case),
            default=None,
        )
        if chosen is None:
            continue
        row = chosen[1]
        gradient = inputs[row] + outputs[row] @ A[k]
        result[k] = -np.sign(gradient) * (1.0 if value[row] > 0 else -1.0 * (value[row] < 0))
        if value[row] <= 0 and chosen[0] <= 0:
            result[k] = -np.sign(gradient)
    return result


def _miss(value: float, relation: str) -> float:
    return abs(value) if relation == "==" else float(value)
