"""
The nerve of the cells
======================

*Which cells meet in a point?*

A triangle for every three cells with a common point.
"""

import relutope as rt
from relutope.plotting import plot_nerve
from relutope.topology import cell_nerve

cx = rt.decompose(rt.mlp([2, 7, 1], seed=2), rt.Box(-2, 2))
ax = plot_nerve(cx, cell_nerve(cx, 2))
