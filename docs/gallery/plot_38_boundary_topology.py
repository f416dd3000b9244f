"""
Closed curves and regions
=========================

*How much topology has a decision boundary?*

The same network on a disc and on random labels: closed curves of the boundary, and the regions that
it cuts all of the plane into, exactly. ``relutope reproduce boundaries`` compares depths and
published bounds.
"""

import matplotlib.pyplot as plt
import numpy as np

import relutope as rt

rng = np.random.default_rng(3)
X = rng.uniform(-1, 1, (40, 2))
disc = (np.linalg.norm(X, axis=1) > 0.75).astype(int)
fig, axes = plt.subplots(1, 2, figsize=(8, 4), layout="constrained")
for ax, y, title in zip(axes, (disc, rng.permutation(disc)), ("a disc", "random"), strict=True):
    model = rt.train([16, 16], X, y, epochs=1200, lr=0.02).model
    everywhere = rt.decompose(model)
    components, holes, _ = rt.betti(everywhere, "level", compactify=True)
    rt.decompose(model, rt.Box(-1.5, 1.5)).plot("probability", data=(X, y), ax=ax)
    ax.set_title(f"{title}: {components - 1} closed, {holes + 1} regions")
