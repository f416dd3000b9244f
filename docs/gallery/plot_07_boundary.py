"""
The decision boundary, exactly
==============================

*Where does a trained classifier change its mind?*

Not a contour of a grid: the boundary within each cell, from exact signs at its corners.
"""

import relutope as rt
from relutope.lab.datasets import load

moons = load("moons", n=160, noise=0.12)
X, y = moons.X - [0.5, 0.25], moons.y.astype(int)
model = rt.train([12, 12], X, y, epochs=300, lr=0.02).model
cx = rt.decompose(model, rt.Box(-2, 2))
ax = cx.plot("probability", data=(X, y))
