"""
Your own training loop, watched
===============================

You train with PyTorch. A tracker asks for exact numbers at the steps that you choose, and at the
end there are a table and pictures.
"""

import numpy as np
import torch

import relutope as rt
from relutope.plotting import plot_training

# %%
# Data and a network, as ever.

rng = np.random.default_rng(0)
X = rng.uniform(-1, 1, (200, 2))
y = (X**2).sum(axis=1) < 0.5
inputs, targets = torch.from_numpy(X), torch.from_numpy(y).double()[:, None]
model = rt.mlp([2, 12, 12, 1], seed=0)
optimiser = torch.optim.Adam(model.parameters(), lr=0.02)

# %%
# One line in the loop.

tracker = rt.Tracker(rt.Box(-1, 1), measures=["cells", "topology"], steps=20)
for step in range(201):
    loss = torch.nn.functional.binary_cross_entropy_with_logits(model(inputs), targets)
    tracker(step, model, {"loss": loss.item()})
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()

# %%
# The table has one row per recorded step.

print(list(tracker.rows[-1]))

# %%
# The number of cells beside the loss:

ax = plot_training(tracker, ["loss", "n_cells"])

# %%
# And the last network, with its decision boundary and the data. How many components and loops the
# boundary has is said by its Betti numbers, exactly.

cx = rt.decompose(model, rt.Box(-1, 1))
print("Betti numbers of the boundary:", rt.betti(cx, "level", level=0.0))
ax = cx.plot("probability", data=(X, y))
