"""
Decision regions of several classes
===================================

*Which class wins where?*

``outputs="argmax"`` also cuts cells where two outputs tie, so that one class wins on each.
"""

import numpy as np
import torch

import relutope as rt

rng = np.random.default_rng(1)
y = np.arange(240) % 3
radius = rng.uniform(0.4, 1.6, 240)
angle = 2 * np.pi * y / 3 + rng.normal(0, 0.35, 240) + radius
X = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])


def loss(output, target):
    return torch.nn.functional.cross_entropy(output, target[:, 0].long())


model = rt.train(rt.mlp([2, 16, 16, 3]), X, y, loss=loss, epochs=250, lr=0.02).model
cx = rt.decompose(model, rt.Box(-2, 2), outputs="argmax")
ax = cx.plot("class", data=(X, y))
