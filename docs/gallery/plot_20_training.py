"""
Cells while a network learns
============================

*Does the number of cells follow the loss?*
"""

import relutope as rt
from relutope.lab.datasets import load
from relutope.plotting import plot_training

moons = load("moons", n=120, noise=0.12)
X, y = moons.X - [0.5, 0.25], moons.y.astype(int)
tracker = rt.Tracker(rt.Box(-2, 2), measures=["count"], steps=range(0, 301, 10))
rt.train([16, 16], X, y, epochs=300, lr=0.01, callbacks=[tracker])
ax = plot_training(tracker, ["loss", "count"])
