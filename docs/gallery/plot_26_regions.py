"""
Cells and linear regions
========================

*How many affine functions are there among so many cells?*
"""

import numpy as np

import relutope as rt

rng = np.random.default_rng(2)
layers = [
    (rng.integers(-1, 2, (b, a)), rng.integers(-1, 2, b)) for a, b in [(2, 8), (8, 4), (4, 1)]
]
cx = rt.decompose(layers, rt.Box(-3, 3))
regions = rt.linear_regions(cx)
colours = np.random.default_rng(0).uniform(0.3, 0.95, (regions.n_affine_regions, 3))
ax = cx.plot(colours[regions.affine_regions])
ax.set_title(f"{cx.n_cells} cells, {regions.n_affine_regions} affine functions")
