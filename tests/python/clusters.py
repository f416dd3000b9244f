"""Networks and comparisons that the tests of stores and clusters share."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

import relutope as rt

ARRAYS = (
    "patterns",
    "facet_begin",
    "facet_id",
    "facet_neighbour",
    "special_facet",
    "special_begin",
    "special_ids",
    "zero_cell",
    "zero_neuron",
)


def wide(neurons=40, dim=3, seed=0):
    rng = np.random.default_rng(seed)
    W = rng.normal(size=(neurons, dim))
    return [(W, rng.normal(size=neurons)), (np.ones((1, neurons)), [0.0])], rt.Box(-1, 1, dim=dim)


def layers(widths, seed=0):
    """Random layers of these widths, inputs and outputs included."""
    rng = np.random.default_rng(seed)
    return [
        (rng.normal(size=(m, n)) / np.sqrt(n), rng.normal(size=m) / 2) for n, m in pairwise(widths)
    ]


def deep(seed=0):
    return layers([3, 14, 14, 10, 1], seed), rt.Box(-2, 2, dim=3)


def degenerate(dim=3, seed=1):
    """Hyperplanes through the origin, repeated and opposite neurons."""
    rng = np.random.default_rng(seed)
    W = rng.integers(-2, 3, size=(14, dim)).astype(float)
    V = rng.integers(-1, 2, size=(5, 14)).astype(float)
    return [(W, np.zeros(14)), (V, np.zeros(5)), (np.ones((1, 5)), [0.0])], rt.Box(-1, 1, dim=dim)


def thin():
    """Cells without a double inside them, and neurons that vanish on whole cells."""
    up = np.nextafter(1.0, 2.0)
    W = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [1.0, 1.0]])
    b = np.array([-1.0, -up, 0.0, 0.0, 0.5])
    V = np.array([[1.0, -1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, -1.0, 1.0]])
    return [(W, b), (V, [0.0, 0.0]), (np.ones((1, 2)), [0.0])], rt.Box(-3, 3)


def everywhere():
    return thin()[0], None


PROBLEMS = [wide, deep, degenerate, thin, everywhere]


def assert_same(cx, whole, folder):
    """That two complexes are the same to the byte, in their arrays and in their files."""
    for name in ARRAYS:
        mine, other = getattr(cx.solution.arrays, name), getattr(whole.solution.arrays, name)
        assert mine.dtype == other.dtype
        assert mine.tobytes() == other.tobytes(), name
    cx.save(folder / "mine.npz")
    whole.save(folder / "other.npz")
    assert (folder / "mine.npz").read_bytes() == (folder / "other.npz").read_bytes()
    assert cx.interior_points.tobytes() == whole.interior_points.tobytes()
    if whole.solution.problem.essential_dim <= 16:
        assert cx.vertices.tobytes() == whole.vertices.tobytes()
