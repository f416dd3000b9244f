"""
A function of one input
=======================

*Where does a network of one input bend?*

Every breakpoint is listed, also those that are too close to see; bands are cells.
"""

import numpy as np

import relutope as rt

rng = np.random.default_rng(0)
X = rng.uniform(-3, 3, (80, 1))
y = np.sin(2 * X[:, 0])
model = rt.train([16, 16], X, y, loss="mse", epochs=500, lr=0.02).model
cx = rt.decompose(model, rt.Box(-3, 3, dim=1))
ax = rt.plot(cx)
ax.scatter(X[:, 0], y, s=8, color="#3c4048", zorder=2)
ax.set_title(f"{cx.n_cells} affine pieces", loc="left")
