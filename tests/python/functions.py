"""Networks that are functions with known critical points, for the tests of Morse theory."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from small_networks import absolute, ridge


def plus_minus(n):
    """relu(x_i) and relu(-x_i): with them later layers read x and |x|."""
    return absolute(n)[0]


def saddle():
    """|x| - |y|."""
    return absolute(2, np.array([[1.0, -1.0, 1.0, -1.0]]))


def monkey_saddle():
    """The median of x, y and -x - y: three valleys and three hills meet at 0."""
    first = ([[1, 0], [-1, 0], [0, 1], [0, -1], [-1, 1], [1, -1]], [0] * 6)
    second = (
        [
            [2, -2, 1, -1, 1, 0],  # u: the largest is -x - y + u
            [2, -2, 1, -1, 0, -1],  # w: the least is x - relu(x - y) - w
            [0, 0, 1, 0, 0, 0],
            [0, 0, 0, 1, 0, 0],
            [0, 0, 0, 0, 0, 1],
        ],
        [0] * 5,
    )
    return [first, second, ([[-1, 1, 1, -1, 1]], [0])]


def diamond_plateau():
    """relu(|x| + |y| - 1), which is 0 on a diamond."""
    return [plus_minus(2), (np.ones((1, 4)), np.array([-1.0])), (np.ones((1, 1)), np.zeros(1))]


def annulus():
    """||x| + |y| - 1|: 0 on a circle, 1 at the origin."""
    return ridge()


def torus():
    """||x| + |y| - 2| + |z|: 0 on a circle in space, 1 on a torus around it."""
    second = (
        [[1, 1, 0, 1, 1, 0], [-1, -1, 0, -1, -1, 0], [0, 0, 1, 0, 0, 1]],
        [-2, 2, 0],
    )
    return [plus_minus(3), second, ([[1, 1, 1]], [0])]


def constant(n=2):
    """4 everywhere, on a complex with a hyperplane."""
    return [(np.eye(n)[:1], np.zeros(1)), (np.zeros((1, 1)), np.array([4.0]))]


def two_wells():
    """|x - 1| + |x + 1| - 3 |x| on the line: valleys of -2 at the box's ends, 2 at 0."""
    W = [[1.0], [-1.0], [1.0], [-1.0], [1.0], [-1.0]]
    b = [-1.0, 1.0, 1.0, -1.0, 0.0, 0.0]
    return [(W, b), ([[1.0, 1.0, 1.0, 1.0, -3.0, -3.0]], [0.0])]


def crowded(widths, seed, high=2):
    """Small integers, with a neuron twice and a dead one in each hidden layer."""
    rng = np.random.default_rng(seed)
    layers = []
    for a, b in pairwise(widths):
        W = rng.integers(-high, high + 1, (b, a)).astype(float)
        bias = rng.integers(-high, high + 1, b).astype(float)
        if len(layers) < len(widths) - 2:
            W[-1], bias[-1] = W[0], bias[0]
            W[b // 2], bias[b // 2] = 0.0, -1.0
        layers.append((W, bias))
    return layers
