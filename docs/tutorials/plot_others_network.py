"""
Somebody else's network
=======================

You got a file and a box, and want to know what the network does there: how many cells, which class
wins where, what the affine maps are.
"""

import tempfile
from pathlib import Path

import numpy as np

import relutope as rt

# %%
# Here the file is made on the spot; yours may be ``.onnx``, and the box may come from a
# ``.vnnlib`` file by ``rt.load_domain``.

folder = Path(tempfile.mkdtemp())
rng = np.random.default_rng(0)
arrays = {}
for k, shape in enumerate([(12, 3), (12, 12), (3, 12)]):
    arrays[f"W{k}"] = rng.normal(size=shape) / np.sqrt(shape[1])
    arrays[f"b{k}"] = 0.3 * rng.normal(size=shape[0])
np.savez(folder / "network.npz", **arrays)

network = rt.load_network(folder / "network.npz")
box = rt.Box([-1, -1, 0], [1, 1, 1])
print(int(rt.count(network, box)), "cells")

# %%
# All cells, cut where the decision changes.

cx = rt.decompose(network, box, outputs="argmax")
regions = rt.decision_regions(cx)
for label in range(3):
    cells = np.flatnonzero(regions.labels == label)
    share = cx.cell_volumes[cells].sum() / 4
    print(f"class {label}: {len(cells)} cells, {share:.1%} of the box")

# %%
# One cell in detail.

cell = cx.cell(int(cx.locate([[0.2, -0.3, 0.5]])[0]))
A, c = cell.affine_map
print(f"{len(cell.b)} facets; f(x) = A x + c with c = {np.round(c, 3)}")

# %%
# A look at it: the cells of a plane in the box.

plane = rt.slice(
    network,
    embedding=([0, 0, 0.5], [[1, 0, 0], [0, 1, 0]]),
    domain=rt.Box(-1, 1),
    outputs="argmax",
)
ax = rt.plot(plane, "class", names=("x₁", "x₂"))

# %%
# Is it right? Every facet is on the boundary or shared with exactly one other cell, so none is
# missing:

cx.validate()
