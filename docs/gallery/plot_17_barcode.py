"""
The same as bars
================

*When is each component and each hole there?*
"""

import numpy as np

import relutope as rt
from relutope.plotting import plot_barcode

rng = np.random.default_rng(0)
X = rng.uniform(-1, 1, (300, 2))
wave = np.sin(5 * X[:, 0]) * np.sin(5 * X[:, 1])
model = rt.train([24, 24], X, wave, loss="mse", epochs=400, lr=0.02).model
cx = rt.decompose(model, rt.Box(-1, 1))
ax = plot_barcode(rt.persistence(cx, "sublevel"))
