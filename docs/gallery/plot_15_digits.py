"""
A slice through three images
============================

*What lies between three images?*

A network of 64 inputs on the triangle of three handwritten digits: an exact complex of two
dimensions.
"""

import numpy as np
import torch
from sklearn.datasets import load_digits

import relutope as rt

digits = load_digits()
X, y = digits.data / 16.0, digits.target
three = y < 3


def loss(output, target):
    return torch.nn.functional.cross_entropy(output, target[:, 0].long())


network = rt.mlp([64, 24, 24, 3])
model = rt.train(network, X[three], y[three], loss=loss, epochs=60, lr=0.01).model
corners = [X[np.flatnonzero(y == k)[0]] for k in range(3)]
triangle = rt.slice(model, corners, outputs="argmax")
ax = rt.plot(triangle, "class", images=(8, 8))
