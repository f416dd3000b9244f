"""
Hamming distance 1 is not adjacency
===================================

*Do two cells whose patterns differ in one neuron touch?*

Three neurons on a line: x + 10, x, and in the second layer relu(x + 10) - 2 relu(x) - 9. The
patterns of the second and the last cell, 100 and 110, differ in the second neuron only. Between
them lie 101 and 111.
"""

import numpy as np

import relutope as rt
from relutope.plotting import new_axes
from relutope.plotting.colours import SERIES, pattern_hues

network = [([[1.0], [1.0]], [10.0, 0.0]), ([[1.0, -2.0]], [-9.0]), ([[1.0]], [0.0])]
cx = rt.decompose(network, rt.Box(-14, 6))
words = ["".join("01"[bit] for bit in row.astype(int)) for row in cx.patterns]

x = np.linspace(-14, 6, 401)
last = np.maximum(x + 10, 0) - 2 * np.maximum(x, 0) - 9
ax = new_axes(7.0, 3.4)
names = ("x + 10", "x", "relu(x + 10) - 2 relu(x) - 9")
for values, name, colour in zip((x + 10, x, last), names, SERIES, strict=False):
    ax.plot(x, values, color=colour, label=name)
ax.axhline(0, color="#111111", linewidth=0.7)

for cell, shade in enumerate(pattern_hues(cx.patterns)):
    low, high = sorted(cx.vertices[cx.cell_vertices[cell], 0])
    bold = "bold" if words[cell] in ("100", "110") else "normal"
    ax.axvspan(low, high, color=shade, alpha=0.55, linewidth=0)
    ax.text((low + high) / 2, 17.2, words[cell], ha="center", weight=bold)
arrow = {"arrowstyle": "->", "linewidth": 0.9, "connectionstyle": "arc3,rad=-0.15"}
middles = [-5.5, 3.5]
text = ax.text(-1.0, 12.4, "one bit apart, not adjacent", ha="center")
for middle in middles:
    start = (-4.4, 12.8) if middle < 0 else (2.4, 12.8)
    ax.annotate("", (middle, 16.6), start, arrowprops=arrow)
ax.set(xlim=(-14, 6), ylim=(-14, 19.5), xlabel="x", ylabel="preactivation")
ax.legend(loc="lower right")

# %%
# Live: the same network as a graph. Point at the cells to read their patterns, and raise the bias
# of the second layer's neuron from -9: at -1 the cell 110 is gone, and at 0 the cells 000 and 101
# touch, two bits apart, since two neurons vanish at one point.
#
# .. live-figure:: hamming
#
#    network = [([[1.0], [1.0]], [10.0, 0.0]), ([[1.0, -2.0]], [-9.0]), ([[1.0]], [0.0])]
#    box = Box(-14, 6)
