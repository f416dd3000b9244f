"""
Cells that data hit
===================

*Do data lie in better connected cells, or do they hit large ones?*

Points fall into large cells more often, and large cells have more neighbours: uniform points that
know nothing of the data find almost as well connected cells. ``relutope reproduce sampling`` asks
it of real tables in three to six dimensions.
"""

import matplotlib.pyplot as plt
import numpy as np

import relutope as rt
from relutope.lab.datasets import load

moons = load("moons", n=100, noise=0.1)
X = (moons.X - moons.X.mean(axis=0)) / moons.X.std(axis=0)
run = rt.train([20, 20], X, moons.y.astype(int), epochs=400, lr=0.02)
cx = rt.decompose(run.model, rt.Box(-6, 6))
degrees = np.bincount(cx.adjacency.ravel(), minlength=cx.n_cells)
low, high = X.min(axis=0), X.max(axis=0)
inside = ((cx.interior_points >= low) & (cx.interior_points <= high)).all(axis=1)
uniform = np.random.default_rng(0).uniform(low, high, X.shape)
groups = {
    "all cells": np.flatnonzero(inside),
    "hit by uniform points": np.unique(cx.locate(uniform)),
    "hit by data": np.unique(cx.locate(X)),
}

fig, ax = plt.subplots(figsize=(5.5, 3.6), layout="constrained")
sizes = np.arange(2, degrees.max() + 2)
for k, (name, cells) in enumerate(groups.items()):
    share = np.bincount(degrees[cells], minlength=sizes[-1] + 1)[sizes] / len(cells)
    label = f"{name}: mean {degrees[cells].mean():.2f}"
    ax.bar(sizes + 0.27 * (k - 1), share, 0.25, label=label)
ax.set_xticks(sizes[:-1])
ax.set_xlabel("neighbours")
ax.set_ylabel("share of the cells")
ax.legend(frameon=False)
