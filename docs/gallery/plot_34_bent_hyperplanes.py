"""
Bent hyperplanes of one layer
=============================

*What does a single neuron of a deep layer see?*

Where the preactivations of the third layer's neurons vanish: curves that bend at what the first two
layers have drawn, in several components, some of them closed. The rest of the network is not
needed.
"""

from itertools import pairwise

import numpy as np

import relutope as rt

rng = np.random.default_rng(19)
widths = [2, 16, 16, 6, 1]
network = [
    (rng.normal(0, np.sqrt(2 / a), (b, a)), rng.normal(0, 0.6, b)) for a, b in pairwise(widths)
]
found = rt.bent_hyperplanes(network, 3, rt.Box(-4, 4))
ax = rt.plotting.plot_bent_hyperplanes(found)
