"""
Depth bends lines
=================

*Which layer draws which facet?*

Neurons of the first layer cut along straight lines. Those of later layers bend where they cross
what earlier layers have drawn, and can even close.
"""

import relutope as rt

cx = rt.decompose(rt.mlp([2, 10, 10, 10, 1], seed=1), rt.Box(-3, 3))
ax = cx.plot("pattern", facets="layer")

# %%
# Live: drag a weight of the first layer, and the bends of the second (blue) move along with its
# line; a weight of the second moves no line of the first.
#
# .. live-figure:: depth
#
#    import relutope as rt
#    network, box = rt.mlp([2, 6, 6, 6, 1], seed=1), Box(-3, 3)
