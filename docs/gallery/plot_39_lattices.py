"""
Lattices, not expanders
=======================

*How well connected are large dual graphs?*

An expander's algebraic connectivity stays; that of a plane lattice of N cells falls like 1 / N, the
dashed line. ``relutope reproduce lattices`` asks it in two to five dimensions.
"""

import matplotlib.pyplot as plt
import numpy as np

import relutope as rt

found = []
for width in (8, 12, 18, 27, 40):
    for seed in range(4):
        cx = rt.decompose(rt.mlp([2, width, width, 1], seed=seed), rt.Box(-1, 1))
        found.append((cx.n_cells, rt.fiedler(cx).value))
cells, connectivity = np.array(found).T

fig, ax = plt.subplots(figsize=(5, 4), layout="constrained")
ax.loglog(cells, connectivity, "o", alpha=0.7)
ends = np.array([cells.min(), cells.max()])
ax.loglog(ends, np.exp(np.mean(np.log(connectivity * cells))) / ends, "k--", linewidth=0.8)
ax.set_xlabel("cells")
ax.set_ylabel("algebraic connectivity")
