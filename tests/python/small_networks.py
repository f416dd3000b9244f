"""Small networks with simple topology, and random ones, for the tests of the homology layer."""

from __future__ import annotations

from itertools import pairwise

import numpy as np


def absolute(n, last=None, bias=0.0):
    """Hidden layer relu(x_i), relu(-x_i); by default the output is |x_1| + ... + |x_n| + bias."""
    W = np.vstack([np.eye(n), -np.eye(n)])
    return [(W, np.zeros(2 * n)), (np.ones((1, 2 * n)) if last is None else last, np.array([bias]))]


def ridge():
    """||x| + |y| - 1| on the plane: zero on a diamond, 1 at the origin, 3 at (2, 2)."""
    first = absolute(2)[0]
    second = (np.vstack([np.ones((1, 4)), -np.ones((1, 4))]), np.array([-1.0, 1.0]))
    return [first, second, (np.ones((1, 2)), np.zeros(1))]


def random_network(widths, seed):
    rng = np.random.default_rng(seed)
    return [(rng.standard_normal((b, a)), rng.standard_normal(b) / 2) for a, b in pairwise(widths)]


def random_layers(rng, widths, scale=1.0):
    """Layers that neither grow nor shrink, for a scale of 1."""
    return [
        (rng.normal(0, scale * np.sqrt(2 / a), (b, a)), rng.uniform(-0.5, 0.5, b))
        for a, b in pairwise(widths)
    ]


def small_integer_network(widths, seed):
    """Weights in {-1, 0, 1}: coincident hyperplanes, flat cells, equal values at many vertices."""
    rng = np.random.default_rng(seed)
    return [
        (rng.integers(-1, 2, (b, a)).astype(float), rng.integers(-1, 2, b).astype(float))
        for a, b in pairwise(widths)
    ]
