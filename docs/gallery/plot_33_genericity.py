"""
Where a network is not generic
==============================

*Which bent hyperplanes are not in general position?*

Quantised weights make neurons share hyperplanes, meet in one point, or vanish on whole cells.
`is_generic` names every such face, exactly. Yellow: cells on which a neuron vanishes; red: facets
and points with more neurons than there are in general position.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import LineCollection

import relutope as rt
from relutope.plotting import facet_segments

rng = np.random.default_rng(12)
layers = [
    (rng.integers(-2, 3, (b, a)), rng.integers(-2, 3, b)) for a, b in [(2, 8), (8, 4), (4, 1)]
]
cx = rt.decompose(layers, rt.Box(-3, 3))
found = rt.is_generic(cx, counterexamples=1000)

flat = np.isin(np.arange(cx.n_cells), cx.zero_neurons[0])
shared = cx.facet_neurons.lengths > 1
crowded = (cx.vertex_signs[: len(cx.vertices)] == 0).sum(axis=1) > 2
fig, ax = plt.subplots(figsize=(5.4, 5.2), layout="constrained")
cx.plot(np.where(flat[:, None], [0.98, 0.86, 0.6], [0.93, 0.94, 0.96]), ax=ax)
ax.add_collection(LineCollection(facet_segments(cx)[shared], color="#b3261e", lw=2, zorder=3))
ax.scatter(*cx.vertices[crowded].T, s=42, color="#b3261e", edgecolors="#ffffff", zorder=4)
ax.set_title(f"{found.n_degenerate} degenerate faces of {cx.f_vector.sum()}")
