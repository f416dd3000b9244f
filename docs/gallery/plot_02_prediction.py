"""
The function on its cells
=========================

*What value does the function have on each cell, and where is it zero?*

The black line is the zero set, exact within each cell: it bends only where it meets a facet.
"""

import numpy as np

import relutope as rt

rng = np.random.default_rng(0)
X = rng.uniform(-1, 1, (300, 2))
wave = np.sin(4 * X[:, 0]) * np.cos(3 * X[:, 1])
model = rt.train([24, 24], X, wave, loss="mse", epochs=400, lr=0.02).model
cx = rt.decompose(model, rt.Box(-1, 1))
ax = cx.plot("prediction")
