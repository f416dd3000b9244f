"""
Which neuron changes least?
===========================

*How far can a network be pruned, and what does that change?*

For each neuron the largest change that its removal makes anywhere in the square is computed
exactly. On the right the network is without the neurons that change least: the boundary before is
dashed.
"""

import matplotlib.pyplot as plt
import numpy as np

import relutope as rt
from relutope.lab.datasets import load
from relutope.plotting import plot_level
from relutope.plotting.colours import SERIES

moons = load("moons", n=160, noise=0.12)
X, y = moons.X - [0.5, 0.25], moons.y.astype(int)
network = rt.as_network(rt.train([10, 10], X, y, epochs=300, lr=0.02).model)
box = rt.Box(-2, 2)
effects = rt.removal_effects(network, box, outputs="sign")

fig, axes = plt.subplots(1, 2, figsize=(9.6, 4.2), layout="constrained")
bars, cells = axes
order = effects.order
of_layer = np.array([effects[int(i)].layer for i in order])
for layer in (1, 2):
    rows = np.flatnonzero(of_layer == layer)
    bars.bar(rows, effects.largest[order[rows]], color=SERIES[layer - 1], label=f"of layer {layer}")
bars.set_xticks(range(len(order)), order.tolist(), fontsize=8)
bars.set_xlabel("neuron")
bars.set_ylabel("largest |f − f′|")
bars.legend(frameon=False)

pruned = rt.decompose(effects.pruned(8), box)
pruned.plot("class", ax=cells, data=(X, y), legend=False)
before = plot_level(rt.decompose(network, box), cells, colour="#c53052", width=1.6, casing=None)
before.set_linestyle((0, (2, 2)))
cells.set_title("without 8 of 20 neurons")
