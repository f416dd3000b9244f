"""
Degenerate is normal
====================

*What if all hyperplanes pass through one point?*

Without biases they do, and cells are cones. Nothing is perturbed: the vertex in the middle
belongs to all.
"""

import numpy as np

import relutope as rt

rng = np.random.default_rng(4)
network = [
    (rng.integers(-2, 3, (6, 2)).astype(float), np.zeros(6)),
    (rng.integers(-2, 3, (4, 6)).astype(float), np.zeros(4)),
    (np.ones((1, 4)), [0.0]),
]
cx = rt.decompose(network, rt.Box(-1, 1))
ax = cx.plot()
ax.set_title(f"{cx.n_cells} cells", loc="left")

# %%
# Live: give one neuron a bias, and its line leaves the common point; at exactly 0 it is back, with
# no tolerance in between. The last neuron of the second layer is dead: it cuts nothing until its
# bias is positive.
#
# .. live-figure:: degenerate
#
#    network = [
#        ([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [-1.0, 1.0], [2.0, 1.0]], [0.0] * 5),
#        ([[1.0, -1.0, 1.0, -1.0, 0.0], [-1.0] * 5], [0.0, 0.0]),
#        ([[1.0, 1.0]], [0.0]),
#    ]
#    box = Box(-1, 1)
