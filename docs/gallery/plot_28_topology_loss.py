"""
Two components become an annulus
================================

*Can the topology of a decision be trained?*

A network is fitted to two arcs. The loss is then how much births and deaths of its sublevel sets
must change until the blue set has one component and one hole; its gradients move the weights.
"""

import matplotlib.pyplot as plt
import torch

import relutope as rt

torch.manual_seed(0)
model = torch.nn.Sequential(
    *(torch.nn.Linear(2, 12), torch.nn.ReLU(), torch.nn.Linear(12, 12), torch.nn.ReLU()),
    torch.nn.Linear(12, 1),
).double()
points = 4 * torch.rand(800, 2, dtype=torch.float64) - 2
arcs = (points.norm(dim=1) - 1.2).abs() - 0.4 + 0.5 * torch.exp(-(points[:, 0] ** 2) / 0.15)
optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(800):
    optimiser.zero_grad()
    ((model(points)[:, 0] - arcs) ** 2).mean().backward()
    optimiser.step()

box = rt.Box(-2, 2)
before = rt.decompose(model, box, outputs="sign")

optimiser = torch.optim.Adam(model.parameters(), lr=0.002)
for _ in range(100):
    loss = rt.differentiable.persistence_loss(model, box, [1, 1], margin=0.15)
    if loss.item() == 0:
        break
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()

after = rt.decompose(model, box, outputs="sign")
fig, axes = plt.subplots(1, 2, figsize=(8, 4), layout="constrained")
for cx, ax, when in zip((before, after), axes, ("before", "after"), strict=True):
    cx.plot("class", ax=ax, legend=False)
    components, holes, _ = rt.betti(rt.decompose(cx.network, box), "sublevel")
    ax.set_title(f"{when}: components {components}, holes {holes}")
