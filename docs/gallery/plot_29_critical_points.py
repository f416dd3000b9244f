"""
Critical points and the Reeb graph
==================================

*Where are a network's hills, valleys and passes, and how do they belong together?*

Left: minima, saddles and maxima, and from each saddle the edges that lead down to two minima.
Right: the Reeb graph, in which each component of a level set is a point.
"""

import matplotlib.pyplot as plt
import numpy as np

import relutope as rt
from relutope.plotting import plot_critical_cells, plot_reeb_graph
from relutope.topology import critical_cells, flow_graph, reeb_graph

rng = np.random.default_rng(0)
X = rng.uniform(-1, 1, (600, 2))
hills = np.sin(4 * X[:, 0]) * np.cos(4 * X[:, 1]) + 0.4 * X[:, 0]
model = rt.train([24, 24], X, hills, loss="mse", epochs=600, lr=0.02).model
cx = rt.decompose(model, rt.Box(-1, 1))

found = critical_cells(cx)
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 4.8), width_ratios=[5, 4], layout="constrained")
x, y = cx.vertices.T
map_of = (x, y, cx.triangulation()[0], cx.vertex_values[0])  # f is affine on every triangle
left.tricontourf(*map_of, levels=24, cmap="Greys_r")
left.tricontour(*map_of, levels=24, colors="#ffffff", linewidths=0.4, linestyles="solid")
plot_critical_cells(found, flow=flow_graph(cx), ax=left)
left.set_aspect("equal")
minima, saddles, maxima = found.counts
left.set_title(f"{minima} − {saddles} + {maxima} = {minima - saddles + maxima}")
fig.legend(loc="outside lower center", ncols=3, frameon=False)
plot_reeb_graph(reeb_graph(cx), ax=right)
