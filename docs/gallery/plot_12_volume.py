"""
How large are cells?
====================

*Do a few cells make up most of the plane?*
"""

import relutope as rt

cx = rt.decompose(rt.mlp([2, 24, 24, 1], seed=3), rt.Box(-2, 2))
ax = cx.plot("volume", level=None)
