"""
Where the facets are
====================

*Do the cells' facets gather at the decision boundary?*

The length of the facets per area in small squares, from exact cells, before and after training;
black is the decision boundary. ``relutope reproduce migration`` follows it while networks grok.
"""

import matplotlib.pyplot as plt
import numpy as np

import relutope as rt
from relutope.lab.datasets import load

moons = load("moons", n=120, noise=0.1)
X, y = moons.X - [0.5, 0.25], moons.y.astype(int)
run = rt.train([20, 20], X, y, epochs=400, lr=0.02)
centres = np.linspace(-1.8, 1.8, 19)
fig, axes = plt.subplots(1, 2, figsize=(8, 4), layout="constrained", sharey=True)
for ax, network, when in zip(
    axes, (rt.mlp([2, 20, 20, 1], seed=0), run.model), ("untrained", "trained"), strict=True
):
    network = rt.as_network(network)
    density = [
        [
            rt.decompose(
                network, rt.Box([x - 0.1, z - 0.1], [x + 0.1, z + 0.1])
            ).facet_measure.sum()
            / 0.04
            for x in centres
        ]
        for z in centres
    ]
    shown = ax.imshow(density, origin="lower", extent=(-1.9, 1.9, -1.9, 1.9), vmin=0, vmax=25)
    xs = np.linspace(-1.9, 1.9, 200)
    values = network.forward(np.stack(np.meshgrid(xs, xs), axis=-1).reshape(-1, 2))[:, 0]
    ax.contour(xs, xs, values.reshape(200, 200), [0], colors="black", linewidths=1)
    ax.set_title(when)
fig.colorbar(shown, ax=axes, label="length of facets per area")
