"""
Clusters of cells
=================

*Into which pieces does the dual graph fall?*
"""

import numpy as np
from matplotlib.colors import to_rgb

import relutope as rt
from relutope.plotting.colours import CLASSES

cx = rt.decompose(rt.mlp([2, 24, 24, 1], seed=3), rt.Box(-2, 2))
labels = rt.spectral_clustering(cx, 6, weight="facet").labels
ax = cx.plot(np.array([to_rgb(CLASSES[k]) for k in labels]))
