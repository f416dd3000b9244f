"""
Cells in random order
=====================

*How many components and holes has a random set of cells?*

Mean Betti numbers over ten random orders, with a 95 % band.
"""

import relutope as rt
from relutope.plotting import plot_betti_curves
from relutope.topology import random_betti_curves

cx = rt.decompose(rt.mlp([2, 24, 1], seed=1), rt.Box(-2, 2))
ax = plot_betti_curves(random_betti_curves(cx, draws=10), dims=(0, 1))
