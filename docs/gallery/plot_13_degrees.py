"""
How many neighbours has a cell?
===============================

*Is the mean degree below 2n?*

For hyperplanes in general position it is, and tends to 2n with their number.
"""

import numpy as np

import relutope as rt
from relutope.plotting import plot_histogram

cx = rt.decompose(rt.mlp([3, 16, 12, 1], seed=0), rt.Box(-2, 2))
degree = np.bincount(cx.adjacency.ravel(), minlength=cx.n_cells)
ax = plot_histogram(degree, label="neighbours of a cell in 3 dimensions")
