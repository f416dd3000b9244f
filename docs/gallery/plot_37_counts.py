"""
How many cells, and how far is the next?
========================================

*Do cells grow like a power of the number of neurons?*

Exact counts of random networks with three inputs, and the mean distance from a point to the nearest
facet; means over five networks. Dashed: the powers 3 and -1. ``relutope reproduce counts`` asks it
through training.
"""

import matplotlib.pyplot as plt
import numpy as np

import relutope as rt

sizes, inputs = np.array([8, 12, 18, 27]), 3
points = np.random.default_rng(0).uniform(-1, 1, (40, inputs))
cells, distances = [], []
for width in sizes:
    networks = [rt.mlp([inputs, width, width, 1], seed=seed) for seed in range(5)]
    cells.append(np.mean([int(rt.count(f, rt.Box(-1, 1, dim=inputs))) for f in networks]))
    near = [
        rt.explore(f, x, max_cells=1).facet_distances(0).min() for f in networks for x in points
    ]
    distances.append(np.mean(near))

fig, axes = plt.subplots(1, 2, figsize=(8, 3.6), layout="constrained")
for ax, values, power, title in zip(
    axes, (cells, distances), (3, -1), ("cells", "distance to the nearest facet"), strict=True
):
    ax.loglog(2 * sizes, values, "o-")
    ax.loglog(2 * sizes, values[-1] * (sizes / sizes[-1]) ** power, "k--", linewidth=0.8)
    ax.set_xticks(2 * sizes, [str(size) for size in 2 * sizes])
    ax.minorticks_off()
    ax.set_xlabel("neurons")
    ax.set_title(title)
