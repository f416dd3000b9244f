"""
Cells while a network learns
============================

*Does the number of cells follow the loss?*
"""

import numpy as np

import relutope as rt
from relutope.plotting import plot_training


def moons(count, noise=0.12, seed=0):
    """Two interleaved half circles, in the square from -2 to 2."""
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, np.pi, count)
    label = np.arange(count) % 2
    side = 1 - 2 * label
    x = side * np.cos(angle) + label - 0.5
    y = side * np.sin(angle) + 0.5 * label - 0.25
    return np.column_stack([x, y]) + noise * rng.normal(size=(count, 2)), label


X, y = moons(120)
tracker = rt.Tracker(rt.Box(-2, 2), measures=["count"], steps=range(0, 301, 10))
rt.train([16, 16], X, y, epochs=300, lr=0.01, callbacks=[tracker])
ax = plot_training(tracker, ["loss", "count"])
