"""
A Fiedler cut beside the decision boundary
==========================================

*Does the best-known cut of the dual graph know about the classes?*

Hatched: cells on which the cut and the class disagree. For whether an agreement is more than
chance, see :doc:`/paper/index`.
"""

import relutope as rt
from relutope.lab.datasets import load
from relutope.plotting import plot_agreement

moons = load("moons", n=160, noise=0.12)
X, y = moons.X - [0.5, 0.25], moons.y.astype(int)
model = rt.train([12, 12], X, y, epochs=300, lr=0.02).model
cx = rt.decompose(model, rt.Box(-2, 2), outputs="sign")
labels = rt.decision_regions(cx).labels
cut = rt.fiedler(cx, weight="inverse-bend")
ax = plot_agreement(cx, cut.partition, labels)
