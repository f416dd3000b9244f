"""
What a grid misses
==================

*How much of a complex does sampling see?*

Red: cells that no point of a 50 x 50 grid lies in, small or thin ones.
``relutope reproduce approximation`` asks what that does to conclusions.
"""

import numpy as np

import relutope as rt
from relutope.lab.datasets import load

moons = load("moons", n=120, noise=0.1)
X, y = moons.X - [0.5, 0.25], moons.y.astype(int)
run = rt.train([24, 24], X, y, epochs=400, lr=0.02)
cx = rt.decompose(run.model, rt.Box([-1.8, -1.2], [1.8, 1.2]))
axes = np.linspace(-1.8, 1.8, 50), np.linspace(-1.2, 1.2, 50)
met = cx.locate(np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2))
seen = np.isin(np.arange(cx.n_cells), met)
ax = cx.plot(np.where(seen, 0.0, 1.0), cmap="Reds", limits=(0, 1.3), level=None)
ax.set_title(f"a grid of 2,500 points meets {seen.sum()} of {cx.n_cells} cells")
