"""
Hidden symmetries
=================

*How many parameters does a random network really have?*

The functional dimension of random networks, exactly. Dashed: all parameters but one scaling for
each neuron, which is the most that can count. Deeper networks of the same width fall short of it:
their late neurons see few cells, or none. Red: medians.
"""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

import relutope as rt


def random_network(widths, rng):
    return [
        (rng.normal(0, (2 / a) ** 0.5, (b, a)), rng.uniform(-0.5, 0.5, b))
        for a, b in pairwise(widths)
    ]


rng = np.random.default_rng(0)
depths, width = [1, 2, 3, 4], 5
fig, ax = plt.subplots(figsize=(5.6, 3.8), layout="constrained")
for depth in depths:
    widths = [2] + [width] * depth + [1]
    found = [rt.functional_dimension(rt.decompose(random_network(widths, rng))) for _ in range(16)]
    values = np.array([int(f) for f in found])
    most = found[0].n_parameters - found[0].n_scalings
    ax.plot([depth - 0.32, depth + 0.32], [most, most], "--", color="#3c4048", lw=1.2)
    spread = depth + rng.uniform(-0.16, 0.16, len(values))
    ax.scatter(spread, values, s=18, color="#4f6d9c", alpha=0.7, edgecolors="none")
    ax.plot([depth - 0.24, depth + 0.24], [np.median(values)] * 2, color="#b3261e", lw=2)
ax.set_xticks(depths)
ax.set_xlabel(f"hidden layers of {width} neurons")
ax.set_ylabel("functional dimension")
ax.set_ylim(bottom=0)
