"""Edited networks and what removals change: by hand, and against two independent measures."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import relutope as rt
from small_networks import random_network, small_integer_network

MAKES = pytest.mark.parametrize("make", [random_network, small_integer_network])
HALF = Fraction(1, 2)


def points(n, seed=0, count=40):
    return np.random.default_rng(seed).normal(size=(count, n))


# -- edits


@MAKES
@pytest.mark.parametrize("seed", range(4))
def test_a_removed_neuron_is_one_that_is_never_active(make, seed):
    network = rt.Network(make([3, 5, 4, 2], seed))
    X = points(3, seed)
    for removed in ([0], [4, 6], [8], [1, 2, 7]):
        h, first = X, 0
        for W, b in network.layers[:-1]:
            h = np.maximum(h @ W.T + b, 0)
            h[:, [i - first for i in removed if first <= i < first + len(b)]] = 0
            first += len(b)
        W, b = network.layers[-1]
        found = rt.remove_neurons(network, removed)
        assert found.n_neurons == 9 - len(removed)
        assert found.forward(X) == pytest.approx(h @ W.T + b)
    assert rt.remove_neurons(network, 0) == rt.remove_neurons(network, [-9])


def test_adding_undoes_removing():
    network = rt.Network(random_network([3, 5, 4, 2], 0), bias_low=None)
    (W, b), (after, _) = network.layers[:2]
    without = rt.remove_neurons(network, 4)
    assert rt.add_neuron(without, 1, W[4], b[4], after[:, 4]) == network
    residual = rt.Network([([[1.0], [1.0]], [0.0, 0.0]), ([[1.0, 2.0]], [0.0])], linear_units=[1])
    wider = rt.add_neuron(residual, 1, [-1], 0, [3])
    assert (wider.hidden_widths, wider.linear_units) == ([2], [1])
    assert wider.forward([[-1.0], [2.0]]).ravel().tolist() == [1.0, 6.0]


@pytest.mark.parametrize("seed", range(4))
def test_scaling_changes_nothing_or_only_what_follows(seed):
    network = rt.Network(random_network([2, 5, 4, 1], seed))
    box = rt.Box(-2, 2)
    cx = rt.decompose(network, box)
    for neuron in (0, 3, 6):
        scaled = rt.scale_neuron(network, neuron, 2.0**-7)
        assert scaled.forward(points(2)) == pytest.approx(network.forward(points(2)), abs=1e-12)
        other = rt.decompose(scaled, box)
        assert (other.patterns == cx.patterns).all()
        assert (other.adjacency == cx.adjacency).all()
        assert (other.vertices == cx.vertices).all()
        alone = rt.scale_neuron(network, neuron, 2.0, compensate=False)
        assert rt.scale_neuron(alone, neuron, 0.5, compensate=False) == network


def test_moving_is_exact_in_two_doubles():
    network = rt.Network([([[1.0]], [1.0]), ([[1.0]], [0.0])])
    moved = rt.move_neuron(network, 0, 2.0**-80)
    assert moved.bias_low[0].tolist() == [2.0**-80]
    assert rt.move_neuron(moved, 0, -(2.0**-80)) == network
    assert rt.decompose(moved, rt.Box(-2, 0)).exact_vertices[1] in ([-1 - Fraction(1, 2**80)], [0])


def test_edits_that_are_refused():
    network = rt.Network(random_network([2, 3, 2, 1], 0))
    with pytest.raises(rt.InvalidNetworkError, match="hidden layer 2"):
        rt.remove_neurons(network, [3, 4])
    with pytest.raises(IndexError):
        rt.remove_neurons(network, [5])
    with pytest.raises(rt.InvalidNetworkError, match="power of two"):
        rt.scale_neuron(network, 0, 0.1)
    with pytest.raises(ValueError, match="`factor`"):
        rt.scale_neuron(network, 0, -1.0)
    with pytest.raises(rt.InvalidNetworkError, match="`weights`"):
        rt.add_neuron(network, 1, [1.0], 0.0, [1.0, 1.0])
    with pytest.raises(rt.InvalidNetworkError, match="`outgoing`"):
        rt.add_neuron(network, 1, [1.0, 2.0], 0.0, [1.0])
    with pytest.raises(rt.InvalidNetworkError, match="not exactly a double"):
        rt.add_neuron(network, 1, [1.0, 2**53 + 1], 0.0, [1.0, 1.0])
    with pytest.raises(rt.InvalidNetworkError, match="two doubles"):
        rt.move_neuron(rt.move_neuron(network, 0, 2.0**-100), 0, 2.0**-300)


# -- effects


def test_effects_by_hand():
    """f = relu(x) + relu(y) / 2 on [-1, 1]^2, and a dead neuron; f > 1/4."""
    net = [(np.vstack([np.eye(2), [[0, 0]]]), [0, 0, -1]), ([[1, 0.5, 7]], [-0.25])]
    first, second, dead = rt.removal_effects(net, rt.Box(-1, 1, dim=2), outputs="sign")
    assert (first.largest, second.largest, dead.largest) == ((1,), (HALF,), (0,))
    assert first.points[0][0] == 1
    assert first.mean_square == pytest.approx(1 / 6)
    assert second.mean_square == pytest.approx(1 / 24)
    # Without x the class is y > 1/2; with it more: x + max(y, 0) / 2 > 1/4, x > 0 and y <= 1/2.
    gained = 1 * (1 - 0.25) + 0.5 * 1 - 0.5 * 0.25 * 0.5
    assert first.class_change == pytest.approx(gained / 4)
    assert dead.changes_nothing
    assert not first.changes_nothing


@MAKES
@pytest.mark.parametrize("widths", [[1, 4, 3, 1], [2, 4, 3, 2], [3, 3, 3, 1]], ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_effects_against_comparisons_and_integrals(make, widths, seed):
    network, box = rt.Network(make(widths, seed)), rt.Box(-1, 1, dim=widths[0])
    outputs = "sign" if widths[-1] == 1 else "argmax"
    found = rt.removal_effects(network, box, outputs=outputs)
    plain = rt.removal_effects(network, box)
    assert found.neurons.tolist() == list(range(network.n_neurons))
    for effect, again in zip(found, plain, strict=True):
        edited = rt.remove_neurons(network, effect.neuron)
        compared = rt.compare(network, edited, box)
        assert compared.exact
        largest = [abs(extreme.value) for extreme in compared.largest]
        assert list(effect.largest) == list(again.largest) == largest
        for k, point in enumerate(effect.points):
            X = np.array([[float(v) for v in point]])
            change = network.forward(X)[0, k] - edited.forward(X)[0, k]
            assert abs(change) == pytest.approx(float(effect.largest[k]), abs=1e-9)
        exact = rt.integrate(network, box, to=edited)
        mean = float(exact.squared_distance / exact.volume)
        assert effect.mean_square == pytest.approx(mean, abs=1e-12)
        assert again.mean_square == pytest.approx(mean, abs=1e-12)
        share = float(compared.disagreement.share)
        assert effect.class_change == pytest.approx(share, abs=1e-12)
        assert effect.changes_nothing == compared.equal


def test_values_that_are_taken_everywhere():
    """A neuron without weights is a constant: ranks find the largest among ties."""
    W, b = random_network([2, 12, 1], 1)[0]
    W[5], b[5] = 0.0, 3.0
    net = [(W, b), (np.ones((1, 12)), [0.0])]
    more = [*net[:1], (np.ones((4, 12)), np.zeros(4)), (np.ones((1, 4)), [0.0])]
    assert rt.removal_effects(net, rt.Box(-2, 2), [5])[0].largest == (3,)
    effect = rt.removal_effects(more, rt.Box(-2, 2), [5])[0]
    exact = rt.compare(more, rt.remove_neurons(more, 5), rt.Box(-2, 2))
    assert effect.largest[0] == abs(exact.largest[0].value)


def test_orders_pruned_networks_and_other_domains():
    network = rt.Network(random_network([2, 6, 5, 1], 2))
    found = rt.removal_effects(network, rt.Box(-1, 1))
    assert (np.diff(found.largest[found.order]) >= 0).all()
    assert found.pruned(2) == rt.remove_neurons(network, found.order[:2].tolist())
    triangle = rt.Polytope([[1, 1], [-1, 0], [0, -1]], [1, 0, 0])
    inside = rt.removal_effects(network, triangle)
    assert (inside.largest <= found.largest).all()
    assert repr(found).startswith("RemovalEffects(of 11 neurons, ")
    flat = rt.removal_effects(network, rt.FlatBox([-1, 0.5], [1, 0.5]), [0])
    line = rt.compare(network, rt.remove_neurons(network, 0), rt.FlatBox([-1, 0.5], [1, 0.5]))
    assert flat[0].largest[0] == abs(line.largest[0].value)
    with pytest.raises(rt.InvalidDomainError):
        rt.removal_effects(network, rt.Box([-1, -np.inf], [1, 1]))
    with pytest.raises(rt.InvalidDomainError):
        rt.removal_effects(network, None)
    with pytest.raises(IndexError):
        rt.removal_effects(network, rt.Box(-1, 1), [11])
