"""
Cells in space
==============

*What do cells of three inputs look like?*

They are shrunk towards their middles, so that one can see between them.
"""

import relutope as rt

cx = rt.decompose(rt.mlp([3, 7, 1], seed=6), rt.Box(-1, 1))
ax = cx.plot("degree")
ax.set_title(f"{cx.n_cells} cells", loc="left")
