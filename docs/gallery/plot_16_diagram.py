"""
Persistence of a function
=========================

*Which of its hills and valleys matter?*

Classes of sublevel sets, by exact order of the values at the vertices.
"""

import numpy as np

import relutope as rt
from relutope.plotting import plot_persistence_diagram

rng = np.random.default_rng(0)
X = rng.uniform(-1, 1, (300, 2))
wave = np.sin(5 * X[:, 0]) * np.sin(5 * X[:, 1])
model = rt.train([24, 24], X, wave, loss="mse", epochs=400, lr=0.02).model
cx = rt.decompose(model, rt.Box(-1, 1))
ax = plot_persistence_diagram(rt.persistence(cx, "sublevel"))
