"""
One training, four moments
==========================

*What happens to the cells between the first step and the last?*
"""

import copy

import relutope as rt
from relutope.lab.datasets import load
from relutope.plotting import new_figure

moons = load("moons", n=120, noise=0.12)
X, y = moons.X - [0.5, 0.25], moons.y.astype(int)
kept = {}


def keep(step, model, metrics):
    if step in (0, 30, 100, 300):
        kept[step] = copy.deepcopy(model)


rt.train([14, 14], X, y, epochs=300, lr=0.01, callbacks=[keep])
axes = new_figure(9.6, 2.8).subplots(1, 4, sharex=True, sharey=True)
for ax, (step, model) in zip(axes, kept.items(), strict=True):
    cx = rt.decompose(model, rt.Box(-2, 2))
    cx.plot("probability", ax=ax, legend=False)
    ax.set_title(f"step {step}: {cx.n_cells} cells", loc="left")
    ax.label_outer()
