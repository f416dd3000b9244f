"""
The Fiedler vector on its cells
===============================

*How does the vector run across the domain?*

Over an oblong domain it runs along the long side, whatever the function is: compare with null
models.
"""

import relutope as rt

cx = rt.decompose(rt.mlp([2, 32, 1], seed=4), rt.Box([-3, -2], [3, 2]))
ax = cx.plot("fiedler", level=None)
