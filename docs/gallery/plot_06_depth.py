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
