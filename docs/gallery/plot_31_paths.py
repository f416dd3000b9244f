"""
The shortest path is not straight
=================================

*How many neurons must change on the way from one input to another?*

Cells are coloured by how many facets a path from the first point must cross. The straight segment
crosses more facets than the shortest path.
"""

import matplotlib.pyplot as plt
import numpy as np

import relutope as rt

rng = np.random.default_rng(4)
layers = [
    (rng.normal(0, (2 / a) ** 0.5, (b, a)), rng.uniform(-0.7, 0.7, b))
    for a, b in [(2, 14), (14, 14), (14, 14), (14, 1)]
]
cx = rt.decompose(layers, rt.Box(-1, 1))
ends = np.array([[-0.85, -0.8], [0.8, 0.75]])
path = rt.shortest_path(cx, *ends)
line = rt.segment_cells(cx, *ends)

way = np.concatenate([ends[:1], cx.interior_points[path.cells[1:-1]], ends[1:]])
fig, ax = plt.subplots(figsize=(5.6, 4.6), layout="constrained")
cx.plot(rt.graph.facet_distances(cx, path.cells[0]), ax=ax, cmap="GnBu")
ax.plot(*ends.T, "--", color="#3c4048", lw=1.2, label=f"segment: {line.n_crossings} facets")
ax.plot(*way.T, color="#b3261e", lw=2, label=f"shortest path: {path.n_crossings} facets")
ax.scatter(*ends.T, s=36, color="#b3261e", edgecolors="#ffffff", zorder=4)
ax.legend(loc="upper left")
