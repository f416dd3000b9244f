"""
The cells of a network
======================

*How does a small ReLU network cut the plane?*

On each cell every neuron keeps its sign, so the function is affine there. A pattern has the same
colour in every picture.
"""

import relutope as rt

network = rt.mlp([2, 16, 16, 1], seed=3)
cx = rt.decompose(network, rt.Box(-2, 2))
ax = cx.plot()
ax.set_title(f"{cx.n_cells} cells, {cx.n_edges} shared facets", loc="left")

# %%
# Live: move a hyperplane. Choose a neuron, drag one of its weights or its bias, and your browser
# decomposes the network anew, exactly. Point at a cell for its pattern and its affine map.
#
# .. live-figure:: cells
#
#    import relutope as rt
#    network, box = rt.mlp([2, 16, 16, 1], seed=3), Box(-2, 2)
