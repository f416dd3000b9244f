"""The small trainer takes the steps that PyTorch takes."""

from itertools import pairwise

import numpy as np
import pytest
import torch

import relutope as rt
from relutope.lab.null_models import untrained
from relutope.lab.reproduce.descent import (
    descend,
    drift,
    enlarged,
    flat,
    forward,
    he_layer,
    layers_of,
)

X = np.random.default_rng(0).uniform(-1, 1, (15, 2))
y = np.sign(X[:, 0] - X[:, 1] ** 2)


def start(seed=0):
    return untrained(rt.mlp([2, 7, 5, 1]), seed, he_layer(0.5)).layers


@pytest.mark.parametrize("weight_decay", [0.0, 0.4])
def test_updates_are_those_of_torchs_adamw(weight_decay):
    layers = start()
    model = rt.mlp([2, 7, 5, 1])
    linear = [part for part in model if isinstance(part, torch.nn.Linear)]
    with torch.no_grad():
        for part, (W, b) in zip(linear, layers, strict=True):
            part.weight.copy_(torch.tensor(W))
            part.bias.copy_(torch.tensor(b))
    adam = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=weight_decay)
    losses, last = [], []
    for step in range(61):
        adam.zero_grad()
        loss = ((model(torch.from_numpy(X))[:, 0] - torch.from_numpy(y)) ** 2).mean()
        losses.append(float(loss.detach()))
        if step < 60:
            loss.backward()
            adam.step()

    own = []

    def watch(step, now, output, loss):
        own.append(loss)
        last[:] = [(W.copy(), b.copy()) for W, b in now]

    descend(layers, X, y, updates=60, lr=0.01, weight_decay=weight_decay, watch=watch)
    assert own == pytest.approx(losses, rel=1e-7)
    for part, (W, b) in zip(linear, last, strict=True):
        assert part.weight.detach().numpy() == pytest.approx(W, abs=1e-8)
        assert part.bias.detach().numpy() == pytest.approx(b, abs=1e-8)


def test_the_start_is_left_alone():
    layers = start()
    before = flat(layers)
    descend(layers, X, y, updates=3, lr=0.1, watch=lambda *_: None)
    assert np.array_equal(flat(layers), before)


def test_flat_vectors_and_layers_are_inverse_and_share_memory():
    layers = start()
    theta = flat(layers)
    views = layers_of(theta, [2, 7, 5, 1])
    assert all(
        np.array_equal(W, V) and np.array_equal(b, c)
        for (W, b), (V, c) in zip(layers, views, strict=True)
    )
    theta[0] = 9.0
    assert views[0][0][0, 0] == 9.0


def test_forward_is_the_networks():
    layers = start()
    assert forward(layers, X) == pytest.approx(rt.Network(layers).forward(X)[:, 0])


def test_the_initialiser_has_the_stated_deviations():
    rng = np.random.default_rng(1)
    W, b = he_layer(0.5)(50, 4000, rng)
    assert W.std() == pytest.approx((2 / 50) ** 0.5, rel=0.02)
    assert b.std() == pytest.approx(0.5, rel=0.05)


def test_enlarging_multiplies_the_output_and_moves_no_cell():
    layers = start()
    large = enlarged(layers, 2.0)  # a power of two: nothing is rounded
    assert np.array_equal(forward(large, X), 8.0 * forward(layers, X))
    cells = [rt.decompose(net, rt.Box(-1, 1)).patterns for net in (layers, large)]
    assert np.array_equal(*cells)


def test_drift_moves_each_layer_by_the_given_lengths_and_no_further():
    layers, path = start(), []
    lengths = [(0.1, 0.2, 0.3), (1.0, 0.0, 2.0)]
    drift(layers, lengths, 4, lambda step, now: path.append([flat([layer]) for layer in now]))
    assert len(path) == 3
    assert np.array_equal(path[0][1], flat([layers[1]]))
    moved = [[np.linalg.norm(b - a) for a, b in zip(*pair, strict=True)] for pair in pairwise(path)]
    assert np.allclose(moved, lengths)


def test_drift_goes_nowhere_in_particular():
    """Its steps in two runs are unrelated: cosines near 0 in 100 dimensions."""
    wide = untrained(rt.mlp([2, 30, 1]), 0).layers
    ends = []
    for seed in range(2):
        drift(wide, [(1.0, 1.0)], seed, lambda step, now: ends.append(flat(now)))
    first, second = ends[1] - ends[0], ends[3] - ends[2]
    assert abs(first @ second) / (np.linalg.norm(first) * np.linalg.norm(second)) < 0.4
