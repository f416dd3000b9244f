"""
Where the function is steep
===========================

*Is the function steeper near the boundary?*
"""

import relutope as rt
from relutope.lab.datasets import load

moons = load("moons", n=160, noise=0.12)
X, y = moons.X - [0.5, 0.25], moons.y.astype(int)
model = rt.train([16, 16], X, y, epochs=300, lr=0.02).model
cx = rt.decompose(model, rt.Box(-2, 2))
ax = cx.plot("gradient")
