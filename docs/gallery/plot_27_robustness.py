"""
How far may an input move?
==========================

*How large is the largest disc around an input in which the decision is the same?*

Exact distances to the decision boundary, and the points of it that are nearest.
"""

import matplotlib.pyplot as plt
import numpy as np

import relutope as rt

network = rt.mlp([2, 12, 12, 1], seed=4)
domain = rt.Box(-1, 1)
ax = rt.decompose(network, domain, outputs="sign").plot(by="class")
for x in np.random.default_rng(0).uniform(-0.8, 0.8, (8, 2)):
    found = rt.robustness(network, x, domain=domain)
    if found.witness is not None:
        ax.add_patch(plt.Circle(x, found.upper, fill=False))
        ax.plot(*zip(x, found.nearest, strict=True), "k.-")
