"""Gradients of vertices and of what is made of them: finite differences, known answers."""

from __future__ import annotations

import math

import numpy as np
import pytest

import relutope as rt
from small_networks import random_network, small_integer_network

torch = pytest.importorskip("torch")

from gradients_reference import arrays, assert_gradients, described, tensors  # noqa: E402
from relutope.differentiable import Geometry, distances, persistence_loss, vertices  # noqa: E402


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


# Distances


def boundary_case(seed, widths=(2, 6, 5, 1)):
    layers = tensors(random_network(list(widths), seed))
    cx = rt.decompose(arrays(layers), rt.Box(-1, 1, dim=widths[0]), outputs="sign")
    return layers, cx


@pytest.mark.parametrize("widths", [(1, 5, 3, 1), (2, 6, 5, 1), (3, 5, 4, 1)], ids=str)
def test_distances_are_those_of_the_searches(widths):
    """To the nearest facet by exploration, to the decision boundary by certified intervals."""
    compared = 0
    for seed in range(6):
        layers, cx = boundary_case(seed, widths)
        made = Geometry(cx, layers)
        X = np.random.default_rng(seed).uniform(-0.9, 0.9, (5, widths[0]))
        plain = rt.decompose(arrays(layers), cx.domain)
        nearest = distances(Geometry(plain, layers), X).tolist()
        for x, found in zip(X, nearest, strict=True):
            near = rt.explore(arrays(layers), x, domain=cx.domain, order="nearest", max_cells=2)
            expected = near.distances[1] if near.n_cells > 1 else np.inf
            assert found == pytest.approx(expected, rel=1e-7, abs=1e-12)
        if len(rt.decision_boundary(cx)) == 0:
            assert distances(made, X, "boundary").tolist() == [math.inf] * len(X)
            continue
        for x, found in zip(X, distances(made, X, "boundary").tolist(), strict=True):
            interval = rt.robustness(arrays(layers), x, domain=cx.domain)
            assert interval.lower - 1e-9 <= found <= interval.upper + 1e-9
            compared += 1
    assert compared >= 10


def test_distances_to_named_facets_end_at_their_ends():
    """Four quadrants: from (-1, -1) to the facets on the axes, two of which begin at the origin."""
    layers = [(np.eye(2), [0.0, 0.0]), ([[1.0, 1.0]], [0.0])]
    cx = rt.decompose(layers, rt.Box(-2, 2))
    made = Geometry(cx, tensors(layers))
    found = distances(made, [[-1.0, -1.0]] * 4, np.arange(4))
    assert cx.adjacency.tolist() == [[0, 1], [0, 2], [1, 3], [2, 3]]
    np.testing.assert_allclose(found.detach(), [1, 1, math.sqrt(2), math.sqrt(2)])


@pytest.mark.parametrize("to", ["facets", "boundary"])
def test_gradients_of_distances(to):
    """By one direction of the parameters, and by the points, twice differentiable."""
    compared = 0
    for seed in range(12):
        layers, cx = boundary_case(seed)
        if len(rt.decision_boundary(cx)) == 0:
            continue
        rng = np.random.default_rng(seed)
        X = torch.tensor(rng.uniform(-0.9, 0.9, (4, 2)), requires_grad=True)
        direction = [rng.normal(size=part.shape) for layer in layers for part in layer]
        total = distances(Geometry(cx, layers), X, to).sum()
        flat = [part for layer in layers for part in layer]
        slopes = torch.autograd.grad(total, [*flat, X], create_graph=True, allow_unused=True)
        slope = sum((g * torch.as_tensor(d)).sum() for g, d in zip(slopes, direction, strict=False))
        np.testing.assert_allclose(slopes[-1].detach().norm(dim=1), 1, atol=1e-9)
        step, values, second = 2.0**-20, [], []
        for sign in (1, -1):
            moved = [
                p.detach().numpy() + sign * step * d for p, d in zip(flat, direction, strict=True)
            ]
            near = tensors(list(zip(moved[::2], moved[1::2], strict=True)))
            there = rt.decompose(arrays(near), cx.domain, outputs="sign")
            if described(there) != described(cx):
                break
            again = distances(Geometry(there, near), X.detach(), to).sum()
            parts = torch.autograd.grad(again, [p for q in near for p in q], allow_unused=True)
            second.append(
                sum(
                    (g * torch.as_tensor(d)).sum().item()
                    for g, d in zip(parts, direction, strict=True)
                    if g is not None
                )
            )
            values.append(again.item())
        if len(values) < 2:
            continue
        compared += 1
        scale = max(1.0, abs(slope.item()))
        assert slope.item() == pytest.approx((values[0] - values[1]) / (2 * step), abs=1e-4 * scale)
        curved = torch.autograd.grad(slope, flat, allow_unused=True)
        curvature = sum(
            (g * torch.as_tensor(d)).sum().item()
            for g, d in zip(curved, direction, strict=True)
            if g is not None
        )
        expected = (second[0] - second[1]) / (2 * step)
        assert curvature == pytest.approx(expected, abs=1e-3 * max(1.0, abs(curvature)))
    assert compared >= 4


def test_degenerate_vertices_take_the_side_of_the_lowest_cell():
    """Three lines through the origin: the vertex moves with the two that the rule names."""
    W = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    layers = tensors([(W, [0.0, 0.0, 0.0]), ([[1.0, 1.0, 1.0]], [0.0])])
    cx = rt.decompose(arrays(layers), rt.Box(-1, 1))
    made = Geometry(cx, layers)
    origin = int(np.flatnonzero((cx.vertices == 0).all(axis=1))[0])
    (gradient,) = torch.autograd.grad(made.vertices[origin].sum(), layers[0][1])
    active = np.flatnonzero(gradient.numpy())
    assert len(active) == 2
    moved = layers[0][1].detach().numpy().copy()
    for k in active:  # these two lines, moved, still meet where the derivative says
        moved[k] += 2.0**-10
    there = np.linalg.solve(np.array(W)[active], -moved[active])
    assert there.sum() == pytest.approx(2.0**-10 * gradient.sum().item(), abs=1e-12)
    near = rt.decompose([(W, moved), ([[1.0, 1.0, 1.0]], [0.0])], rt.Box(-1, 1)).vertices
    assert np.abs(near - there).max(axis=1).min() == 0


def test_bad_distances():
    layers, cx = boundary_case(10)
    made = Geometry(cx, layers)
    with pytest.raises(ValueError, match=r"`X` must have shape \(k, 2\)"):
        distances(made, [[0.0]])
    with pytest.raises(ValueError, match="outside of the domain"):
        distances(made, [[2.0, 0.0]])
    with pytest.raises(ValueError, match="`to` is 'nearest'"):
        distances(made, [[0.0, 0.0]], "nearest")
    with pytest.raises(ValueError, match="one row of adjacency"):
        distances(made, [[0.0, 0.0]], [0, 1])
    with pytest.raises(IndexError, match="none of the"):
        distances(made, [[0.0, 0.0]], [cx.n_edges])
    plain = Geometry(rt.decompose(arrays(layers), rt.Box(-1, 1)), layers)
    with pytest.raises(ValueError, match="not cut by its decision"):
        distances(plain, [[0.0, 0.0]], "boundary")
    space = Geometry(rt.decompose(arrays(layers)), layers)
    with pytest.raises(ValueError, match="unbounded facets"):
        distances(space, [[9.0, 9.0], [-9.0, 9.0], [0.0, 0.0]])
