"""Gradients of vertices and of what is made of them: finite differences, known answers."""

from __future__ import annotations

import math

import numpy as np
import pytest

import relutope as rt
from small_networks import random_network, small_integer_network

torch = pytest.importorskip("torch")

from relutope.differentiable import Geometry, persistence_loss, vertices  # noqa: E402


def tensors(layers):
    return [
        tuple(torch.tensor(np.array(part, dtype=np.float64), requires_grad=True) for part in layer)
        for layer in layers
    ]


def arrays(layers):
    return [(W.detach().numpy(), b.detach().numpy()) for W, b in layers]


def described(cx):
    """What must not change where derivatives are taken."""
    return cx.patterns.tobytes(), cx.vertex_signs.tobytes(), cx.adjacency.tobytes()


QUANTITIES = ("vertices", "values", "facet_measures", "cell_volumes", "edge_lengths", "centroids")


def assert_gradients(layers, domain, seed):
    """Directional derivatives of everything against central differences; False if they cannot be
    taken, since the combinatorics change nearby."""
    given = tensors(layers)
    cx = rt.decompose(arrays(given), domain)
    made = Geometry(cx, given)
    rng = np.random.default_rng(seed)
    direction = [tuple(rng.normal(size=part.shape) for part in layer) for layer in given]
    step = 2.0**-24
    moved = []
    for sign in (1, -1):
        near = [
            tuple(p.detach().numpy() + sign * step * d for p, d in zip(layer, ways, strict=True))
            for layer, ways in zip(given, direction, strict=True)
        ]
        there = rt.decompose(near, domain)
        if described(there) != described(cx):
            return False
        moved.append(Geometry(there, tensors(near)))
    for name in QUANTITIES:
        value = getattr(made, name)
        if not value.requires_grad:  # nothing there, or points of one dimension
            continue
        weights = torch.as_tensor(rng.normal(size=value.shape))
        finite = torch.isfinite(value)
        total = (value[finite] * weights[finite]).sum()
        flat = [part for layer in given for part in layer]
        gradients = torch.autograd.grad(total, flat, retain_graph=True, allow_unused=True)
        ways = [d for layer in direction for d in layer]
        slope = sum(
            (g * torch.as_tensor(d)).sum().item()
            for g, d in zip(gradients, ways, strict=True)
            if g is not None
        )
        up, down = ((getattr(m, name)[finite] * weights[finite]).sum().item() for m in moved)
        expected = (up - down) / (2 * step)
        scale = max(1.0, abs(slope), (value[finite] ** 2).sum().item())
        assert abs(slope - expected) < 1e-4 * scale, name
    return True


@pytest.mark.parametrize("widths", [[1, 6, 4, 1], [2, 6, 5, 1], [3, 5, 4, 2]], ids=str)
def test_gradients_are_those_of_finite_differences(widths):
    taken = 0
    for seed in range(12):
        taken += assert_gradients(random_network(widths, seed), rt.Box(-1, 1, dim=widths[0]), seed)
    assert taken >= 9


def test_gradients_over_space_and_polytopes():
    taken = 0
    triangle = rt.Polytope([[1.0, 1.0], [-1.0, 0.0], [0.0, -1.0]], [1.0, 1.0, 1.0])
    for seed in range(6):
        taken += assert_gradients(random_network([2, 5, 4, 1], seed), None, seed)
        taken += assert_gradients(random_network([2, 5, 4, 1], seed), triangle, seed)
    assert taken >= 8


@pytest.mark.parametrize("seed", range(8))
def test_values_are_those_of_the_complex_degenerate_ones_too(seed):
    make = (random_network, small_integer_network)[seed % 2]
    layers = make([2 + seed // 4, 6, 4, 1], seed)
    cx = rt.decompose(layers, rt.Box(-1, 2, dim=len(layers[0][0][0])))
    made = Geometry(cx, tensors(layers))
    for found, expected in (
        (made.vertices, cx.vertices),
        (made.values[:, 0], cx.vertex_values[0][: len(cx.vertices)]),
        (made.cell_volumes, cx.cell_volumes),
        (made.facet_measures, cx.facet_measure),
    ):
        np.testing.assert_allclose(found.detach().numpy(), expected, rtol=1e-9, atol=1e-12)
    edges = cx.faces(1)
    for length, ends in zip(made.edge_lengths.tolist(), edges.vertices, strict=True):
        assert length == pytest.approx(math.dist(*cx.vertices[ends]), rel=1e-9, abs=1e-12)
    inside = rt.decompose(layers, rt.Box(-1, 2, dim=cx.dim)).locate(made.centroids.detach())
    assert (inside == np.arange(cx.n_cells)).mean() > 0.9  # all but cells of a few units


def test_derivatives_of_every_order():
    """The vertex -b / w has derivatives -1 / w, b / w^2, and so on."""
    W = torch.tensor([[2.0]], dtype=torch.float64, requires_grad=True)
    b = torch.tensor([0.5], dtype=torch.float64, requires_grad=True)
    layers = [(W, b), (torch.ones(1, 1), torch.zeros(1))]
    x = vertices(rt.decompose(arrays(layers)), layers)
    (first,) = torch.autograd.grad(x.sum(), W, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), W, create_graph=True)
    (third,) = torch.autograd.grad(second.sum(), W)
    assert (x.item(), first.item()) == (-0.25, 0.5 / 4)
    assert (second.item(), third.item()) == (-2 * 0.5 / 8, 6 * 0.5 / 16)


def test_a_complex_cut_by_its_output():
    layers = tensors(random_network([2, 6, 5, 1], 10))
    cx = rt.decompose(arrays(layers), rt.Box(-1, 1), outputs="sign")
    made = Geometry(cx, layers)
    np.testing.assert_allclose(made.vertices.detach(), cx.vertices, atol=1e-12)
    outputs = cx.vertex_values[0]
    assert outputs.min() < 0 < outputs.max()
    np.testing.assert_allclose(made.values[:, 0].detach(), outputs, atol=1e-12)
    boundary = rt.decision_boundary(cx)
    assert len(boundary) > 0
    length = made.facet_measures[torch.tensor(boundary.edges)].sum()
    assert length.item() == pytest.approx(boundary.measure.sum())
    (gradient,) = torch.autograd.grad(length, layers[-1][1])
    assert torch.isfinite(gradient).all()


def test_modules():
    module = torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.Linear(2, 5), torch.nn.ReLU(), torch.nn.Linear(5, 1)
    )
    cx = rt.decompose(module, rt.Box(-1, 1))
    Geometry(cx, module).cell_volumes.square().sum().backward()
    assert module[1].weight.grad.abs().sum() > 0
    with torch.no_grad():
        module[1].weight += 1
    with pytest.raises(rt.InvalidNetworkError, match="decompose it again"):
        Geometry(cx, module)
    layers = random_network([2, 4, 1], 0)
    other = [layers[0], (2 * layers[1][0], layers[1][1])]
    for outputs in (None, "sign"):
        with pytest.raises(rt.InvalidNetworkError, match="decompose it again"):
            Geometry(rt.decompose(layers, rt.Box(-1, 1), outputs=outputs), other)
    linear = rt.Network(layers, [1])
    with pytest.raises(rt.InvalidNetworkError, match="linear units"):
        Geometry(rt.decompose(linear, rt.Box(-1, 1)), layers)
    with pytest.raises(rt.UnsupportedLayerError, match="Tanh"):
        Geometry(cx, torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Tanh()))
    with pytest.raises(rt.UnsupportedLayerError, match="no ReLU between"):
        Geometry(cx, torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)))
    with pytest.raises(rt.UnsupportedLayerError, match="got int"):
        Geometry(cx, 3)
    lines = rt.decompose([([[1.0, 0.0]], [0.0]), ([[1.0]], [0.0])])
    with pytest.raises(ValueError, match="contains lines"):
        Geometry(lines, [([[1.0, 0.0]], [0.0]), ([[1.0]], [0.0])])
    classes = rt.decompose(random_network([2, 4, 3], 0), rt.Box(-1, 1), outputs="argmax")
    with pytest.raises(rt.InvalidNetworkError, match="argmax"):
        Geometry(classes, random_network([2, 4, 3], 0))


# |x| - 1 and its like


def valleys(height):
    """||x| - 1| - height: two valleys of depth `height` with a hill of 1 - height between."""
    net = [
        ([[1.0], [-1.0]], [0.0, 0.0]),
        ([[1.0, 1.0], [-1.0, -1.0]], [-1.0, 1.0]),
        ([[1.0, 1.0]], [-height]),
    ]
    return tensors(net)


@pytest.mark.parametrize(
    ("target", "loss"),
    [([2], 0.0), ([1], 0.25), ([0], 0.5), ([3], 0.0), ([1, 0], 0.25)],
)
def test_known_losses(target, loss):
    """To join two valleys of depth 1/4 costs raising one of them; to have none, both."""
    found = persistence_loss(valleys(0.25), rt.Box(-2, 2), target)
    assert found.item() == pytest.approx(loss)


def test_margin_and_level():
    assert persistence_loss(valleys(0.75), rt.Box(-2, 2), [1]).item() == pytest.approx(0.25)
    with_margin = persistence_loss(valleys(0.75), rt.Box(-2, 2), [1], margin=0.5)
    assert with_margin.item() == pytest.approx(0.75)
    assert persistence_loss(valleys(0.75), rt.Box(-2, 2), [1], level=0.25).item() == 0.0


def test_descent_reaches_the_topology():
    """Two valleys become one."""
    layers = valleys(0.5)
    parameters = [part for layer in layers for part in layer]
    optimiser = torch.optim.SGD(parameters, lr=0.05)
    for _ in range(60):
        optimiser.zero_grad()
        loss = persistence_loss(layers, rt.Box(-2, 2), [1], margin=0.05)
        if loss.item() == 0:
            break
        loss.backward()
        optimiser.step()
    cx = rt.decompose(arrays(layers), rt.Box(-2, 2))
    assert rt.betti(cx, "sublevel").tolist() == [1, 0]


def test_a_loss_that_is_zero_has_gradients_too():
    layers = valleys(0.5)
    persistence_loss(layers, rt.Box(-2, 2), [2]).backward()
    assert all(float(part.grad.abs().sum()) == 0 for layer in layers for part in layer)


@pytest.mark.parametrize("target", [[], [-1], [0.5]])
def test_bad_targets(target):
    with pytest.raises(ValueError, match="`target` must be Betti numbers"):
        persistence_loss(valleys(0.5), rt.Box(-2, 2), target)
    with pytest.raises(ValueError, match="one output"):
        persistence_loss(random_network([1, 3, 2], 0), rt.Box(-1, 1), [1])
