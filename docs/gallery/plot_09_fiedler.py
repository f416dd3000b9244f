"""
A Fiedler cut beside the decision boundary
==========================================

*Does the best-known cut of the dual graph know about the classes?*

Hatched: cells on which the cut and the class disagree. For whether an agreement is more than
chance, see :doc:`/paper/index`.
"""

import numpy as np

import relutope as rt
from relutope.plotting import plot_agreement


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
cx = rt.decompose(model, rt.Box(-2, 2), outputs="sign")
labels = rt.decision_regions(cx).labels
cut = rt.fiedler(cx, weight="inverse-bend")
ax = plot_agreement(cx, cut.partition, labels)
