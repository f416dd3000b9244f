"""
The decision boundary, exactly
==============================

*Where does a trained classifier change its mind?*

Not a contour of a grid: the boundary within each cell, from exact signs at its corners.
"""

import numpy as np

import relutope as rt


def moons(count, noise=0.12, seed=0):
    """Two interleaved half circles, in the square from -2 to 2."""
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, np.pi, count)
    label = np.arange(count) % 2
    side = 1 - 2 * label
    x = side * np.cos(angle) + label - 0.5
    y = side * np.sin(angle) + 0.5 * label - 0.25
    return np.column_stack([x, y]) + noise * rng.normal(size=(count, 2)), label


X, y = moons(160)
model = rt.train([12, 12], X, y, epochs=300, lr=0.02).model
cx = rt.decompose(model, rt.Box(-2, 2))
ax = cx.plot("probability", data=(X, y))
