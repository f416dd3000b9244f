"""
The same function on other cells
================================

*Does the cut follow the boundary because of the cells?*

The Fiedler cut of a trained network's cells, and of squares and Voronoi cells that have nothing to
do with it, weighted by the same function; a dot in each cell, black the decision boundary.
One network decides nothing: here its own cells do best, over 27 networks Voronoi cells do
(``relutope reproduce fiedler``).
"""

import matplotlib.pyplot as plt
import numpy as np

import relutope as rt
from relutope.decisions.label_agreement import adjusted_rand_index
from relutope.lab.datasets import load
from relutope.lab.null_models import other_cells

data = load("half-plane", n=120, noise=0.0, seed=1)
X, y = data.X / np.abs(data.X).max(axis=0), data.y.astype(int)
network = rt.as_network(rt.train([24, 24], X, y, epochs=400, lr=0.02).model)
box = rt.Box(-1.2, 1.2, dim=2)

xs = np.linspace(-1.2, 1.2, 200)
values = network.forward(np.stack(np.meshgrid(xs, xs), axis=-1).reshape(-1, 2))[:, 0]
fig, axes = plt.subplots(1, 3, figsize=(9, 3.4), layout="constrained", sharey=True)
for ax, kind in zip(axes, ("own", "lattice", "voronoi"), strict=True):
    cells = other_cells(network, box, kind, seed=1)
    cut = rt.fiedler(cells.graph("inverse-output")).partition
    ax.scatter(*cells.points.T, c=np.where(cut, "#e58a3c", "#3c7fb1"), s=9, linewidths=0)
    ax.contour(xs, xs, values.reshape(200, 200), [0], colors="black", linewidths=1)
    ax.set_title(f"{kind}: agreement {adjusted_rand_index(cut, cells.labels):.2f}")
    ax.set_aspect("equal")
