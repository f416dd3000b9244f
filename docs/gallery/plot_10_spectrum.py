"""
The spectrum of a dual graph
============================

*How well do the cells hang together?*

The second-smallest eigenvalue of the Laplacian is the algebraic connectivity.
"""

import relutope as rt
from relutope.plotting import plot_spectrum

cx = rt.decompose(rt.mlp([2, 24, 1], seed=2), rt.Box(-2, 2))
ax = plot_spectrum(rt.spectrum(cx, 16))
