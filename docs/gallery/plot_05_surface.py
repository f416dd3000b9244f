"""
The graph of a function of two inputs
=====================================

*What does a piecewise affine function look like?*
"""

import relutope as rt
from relutope.plotting import plot_surface

cx = rt.decompose(rt.mlp([2, 12, 12, 1], seed=5), rt.Box(-2, 2))
ax = plot_surface(cx)
