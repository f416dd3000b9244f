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
