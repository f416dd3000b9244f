"""
Valleys, hills and rings in one diagram
=======================================

*Which features of a function last, from below and from above?*

Extended persistence pairs every critical point: what grows from below lies over the diagonal, what
grows from above lies under it, and the one component of the domain spans all values. Right: the
same valleys as a persistence image, for machine learning.
"""

import matplotlib.pyplot as plt
import numpy as np

import relutope as rt
from relutope.plotting.colours import SERIES, sequential
from relutope.topology import extended_persistence, persistence_vectors

rng = np.random.default_rng(1)
X = rng.uniform(-1, 1, (800, 2))
rings = np.cos(7 * np.hypot(*X.T)) + 0.5 * np.sin(5 * X[:, 0])
model = rt.train([24, 24], X, rings, loss="mse", epochs=500, lr=0.02).model
cx = rt.decompose(model, rt.Box(-1, 1))
found = extended_persistence(cx)

fig, (left, middle, right) = plt.subplots(1, 3, figsize=(11, 3.6), layout="constrained")
x, y = cx.vertices.T
values = cx.vertex_values[0]
shown = left.tricontourf(x, y, cx.triangulation()[0], values, levels=24, cmap=sequential())
fig.colorbar(shown, ax=left, label="f", shrink=0.75)
left.set_aspect("equal")

low, high = values.min(), values.max()
middle.plot([low, high], [low, high], color="#7a7f87", linewidth=0.8)
for name, marker in (("ordinary", "^"), ("relative", "v"), ("extended", "D")):
    for dim in range(3):
        ends = getattr(found, name).array(dim)
        if len(ends):
            middle.scatter(*ends.T, s=26, marker=marker, color=SERIES[dim], label=f"{name} H{dim}")
middle.set(xlabel="birth", ylabel="death", aspect="equal")
middle.legend(fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)

size, frame = 60, [low, high, 0, high - low]
options = {"resolution": [size, size], "im_range": frame, "bandwidth": 0.12}
[image] = persistence_vectors([found.ordinary], 0, "image", weight=lambda p: p[1], **options)
right.imshow(image.reshape(size, size), cmap=sequential(), extent=frame, origin="lower")
right.set(xlabel="birth", ylabel="lifetime")
