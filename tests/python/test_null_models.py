"""Null models keep what they say they keep and take away the rest."""

import numpy as np
import pytest

import relutope as rt
from relutope.lab.null_models import random_labels, shuffled_weights, untrained


@pytest.fixture(scope="module")
def network():
    return rt.as_network(rt.mlp([2, 6, 5, 1], seed=4))


def test_shuffling_keeps_every_layers_weights_and_its_biases(network):
    shuffled = shuffled_weights(network, seed=1)
    for (W, b), (V, c) in zip(network.layers, shuffled.layers, strict=True):
        assert V.shape == W.shape
        assert np.array_equal(np.sort(V.ravel()), np.sort(W.ravel()))
        assert np.array_equal(np.sort(c), np.sort(b))
    assert any(
        not np.array_equal(V, W)
        for (W, _), (V, _) in zip(network.layers, shuffled.layers, strict=True)
    )


def test_every_arrangement_of_a_layers_weights_is_equally_likely():
    net = [([[1.0], [2.0], [3.0]], [0.0] * 3), ([[1.0, 1.0, 1.0]], [0.0])]
    draws = 1200
    orders = [
        tuple(shuffled_weights(net, seed).layers[0][0].ravel().tolist()) for seed in range(draws)
    ]
    counts = np.array([orders.count(order) for order in set(orders)])
    assert len(counts) == 6
    # Chi-squared with 5 degrees of freedom is above 20.5 once in a thousand; seeds are fixed.
    assert ((counts - draws / 6) ** 2 / (draws / 6)).sum() < 20.5


def test_layers_are_shuffled_independently():
    two = [(np.arange(8.0).reshape(8, 1), np.arange(8.0)), (np.arange(8.0)[None], [0.0])]
    shuffled = shuffled_weights(two, seed=0)
    W, b, V = shuffled.layers[0][0].ravel(), shuffled.layers[0][1], shuffled.layers[1][0].ravel()
    assert not np.array_equal(W, b)
    assert not np.array_equal(W, V)


def test_shuffling_a_learnt_network_forgets_what_it_learnt():
    """The trained network separates the classes; shuffled ones do no better than chance."""
    X = np.random.default_rng(0).uniform(-1, 1, (400, 2))
    y = X[:, 0] * X[:, 1] > 0
    model = rt.train([16, 16], X, y, epochs=300, lr=0.02).model
    accuracy = [
        np.mean((shuffled_weights(model, seed).forward(X)[:, 0] >= 0) == y) for seed in range(40)
    ]
    assert np.mean((rt.as_network(model).forward(X)[:, 0] >= 0) == y) > 0.95
    assert abs(np.mean(accuracy) - 0.5) < 0.05


def test_untrained_has_the_architecture_and_the_default_distribution(network):
    fresh = untrained(network, seed=2)
    assert [W.shape for W, _ in fresh.layers] == [W.shape for W, _ in network.layers]
    draws = np.concatenate([untrained(network, s).layers[1][0].ravel() for s in range(200)])
    bound = 6**-0.5
    assert np.abs(draws).max() <= bound
    assert abs(draws.std() - bound / 3**0.5) < 0.01
    assert abs(draws.mean()) < 0.01


def test_untrained_reads_shapes_only(network):
    doubled = [(2 * W, b + 1) for W, b in network.layers]
    for (W, b), (V, c) in zip(
        untrained(network, 5).layers, untrained(doubled, 5).layers, strict=True
    ):
        assert np.array_equal(W, V)
        assert np.array_equal(b, c)


def test_untrained_takes_an_initialiser(network):
    calls = []

    def ones(fan_in, fan_out, rng):
        calls.append((fan_in, fan_out))
        return np.ones((fan_out, fan_in)), np.zeros(fan_out)

    assert untrained(network, 0, ones).layers[0][0].tolist() == [[1.0, 1.0]] * 6
    assert calls == [(2, 6), (6, 5), (5, 1)]


def test_random_labels_keep_their_numbers_and_lose_their_inputs():
    y = np.repeat([0.0, 1.0], [300, 700])
    drawn = np.array([random_labels(y, seed) for seed in range(200)])
    assert (drawn.sum(axis=1) == 700).all()
    assert drawn.dtype == y.dtype
    # Where a label stood says nothing about where it is: 0.7 of the first 300 are now ones.
    assert abs(drawn[:, :300].mean() - 0.7) < 0.01


def test_rows_of_targets_stay_together():
    y = np.column_stack([np.arange(9), np.arange(9) * 10])
    drawn = random_labels(y, seed=1)
    assert (drawn[:, 1] == 10 * drawn[:, 0]).all()
    assert not np.array_equal(drawn, y)


@pytest.mark.parametrize("null", [shuffled_weights, untrained])
def test_a_seed_fixes_a_null_network(null, network):
    first, again, other = null(network, 3), null(network, 3), null(network, 4)
    assert np.array_equal(first.layers[0][0], again.layers[0][0])
    assert not np.array_equal(first.layers[0][0], other.layers[0][0])


@pytest.mark.parametrize("null", [shuffled_weights, untrained])
def test_linear_units_are_refused(null):
    net = rt.Network([([[1.0], [1.0]], [0.0, 0.0]), ([[1.0, 2.0]], [0.0])], linear_units=[1])
    with pytest.raises(ValueError, match=r"`network`: got Network.*linear units"):
        null(net)


def test_a_single_number_is_no_labels():
    with pytest.raises(ValueError, match="`y`: got the single number"):
        random_labels(1.0)
