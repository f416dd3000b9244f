"""
A class, seen from inside a network
===================================

*What do layers do to the topology of a class?*

A network learns the inner of two rings; the region of its outer class has a hole. The image of this
region after each layer is a union of polytopes, whose Betti numbers are computed exactly: the hole
lasts until the third layer lays parts of the region on each other.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import PolyCollection
from mpl_toolkits.mplot3d.art3d import Poly3DCollection

import relutope as rt
from relutope.lab.datasets import load
from relutope.plotting import cell_polygons

rings = load("circles", n=300, noise=0.06)
X, y = rings.X - rings.X.mean(axis=0), rings.y.astype(int)
network = rt.as_network(rt.train([6, 3, 2], X, y, epochs=400, lr=0.02, seed=5).model)
outer = rt.region(rt.decompose(network, rt.Box(-1.2, 1.2)), "sublevel")
images = rt.layer_images(outer)

cells = [cell_polygons(outer.complex)[i] for i in outer.cells]
style = {"facecolors": "#6f9fd0", "edgecolors": "#1c2733", "linewidths": 0.5}
fig = plt.figure(figsize=(9.6, 3.6), layout="constrained")
inputs, third = (fig.add_subplot(1, 3, k) for k in (1, 3))
inputs.add_collection(PolyCollection(cells, **style))
inputs.scatter(*X[y == 1].T, s=6, c="#8a3400")
inputs.scatter(*X[y == 0].T, s=6, c="#0d3b70")
second = fig.add_subplot(1, 3, 2, projection="3d", elev=22, azim=-35)
second.add_collection3d(
    Poly3DCollection([network.truncated(2).forward(cell) for cell in cells], alpha=0.85, **style)
)
most = network.truncated(2).forward(np.concatenate(cells)).max(axis=0)
second.set(xlim=(0, most[0]), ylim=(0, most[1]))
second.set_zlim(0, most[2])
second.set_box_aspect(None, zoom=1.15)
flat = [network.truncated(3).forward(cell) for cell in cells]
third.add_collection(PolyCollection(flat, alpha=0.85, **style))
for ax, layer in ((inputs, 0), (second, 2), (third, 3)):
    components, holes, _ = images[layer].betti
    name = f"after layer {layer}" if layer else "outer class"
    ax.set_title(f"{name}\n{components} component, {holes} hole{'' if holes == 1 else 's'}")
for ax in (inputs, third):
    ax.autoscale_view()
