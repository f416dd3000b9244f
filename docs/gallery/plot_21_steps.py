"""
One training, four moments
==========================

*What happens to the cells between the first step and the last?*
"""

import copy

import numpy as np

import relutope as rt
from relutope.plotting import new_figure


def moons(count, noise=0.12, seed=0):
    """Two interleaved half circles, in the square from -2 to 2."""
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, np.pi, count)
    label = np.arange(count) % 2
    side = 1 - 2 * label
    x = side * np.cos(angle) + label - 0.5
    y = side * np.sin(angle) + 0.5 * label - 0.25
    return np.column_stack([x, y]) + noise * rng.normal(size=(count, 2)), label


X, y = moons(120)
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
