"""Estimates of integrals contain the exact ones, and known ones in many dimensions."""

from __future__ import annotations

import numpy as np
import pytest

import relutope as rt
from small_networks import random_network, small_integer_network


def assert_within(value, interval):
    assert interval[0] <= float(value) <= interval[1]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("outputs", [1, 3])
def test_intervals_contain_the_exact_values(seed, outputs):
    make = (random_network, small_integer_network)[seed % 2]
    network, other = (make([2, 5, 4, outputs], 2 * seed + k) for k in (0, 1))
    box = rt.Box(-1, 2, dim=2)
    exact = rt.integrate(network, box, to=other)
    found = rt.estimate_integrals(
        network, box, to=other, samples=3000, confidence=0.9999, seed=seed
    )
    assert found.volume == exact.volume == 9
    for k in range(outputs):
        assert_within(exact.mean[k], found.mean_intervals[k])
        assert_within(exact.variance[k], found.variance_intervals[k])
        assert_within(found.mean[k], found.mean_intervals[k])
    for share, interval in zip(exact.class_shares, found.class_share_intervals, strict=True):
        assert_within(share, interval)
    low, high = exact.distance_bounds
    assert found.distance_interval[0] <= high
    assert low <= found.distance_interval[1]
    assert_within(found.distance, found.distance_interval)


def test_intervals_fail_about_as_often_as_they_may():
    """At 50 % confidence the intervals of shares, which are nearly tight, fail sometimes."""
    network = random_network([2, 6, 1], 2)
    exact = float(rt.integrate(network, rt.Box(-1, 1)).class_shares[1])
    assert 0.1 < exact < 0.9
    kept = 0
    for seed in range(100):
        found = rt.estimate_integrals(
            network, rt.Box(-1, 1), samples=200, confidence=0.5, seed=seed
        )
        low, high = found.class_share_intervals[1]
        kept += low <= exact <= high
    assert 45 <= kept <= 80


def test_many_dimensions():
    """|x| has mean 1/2 and variance 1/12 on [-1, 1]; a sum of 40 of them, and half of the cube."""
    pairs = np.vstack([np.eye(40), -np.eye(40)])
    net = [(pairs, np.zeros(80)), (np.ones((1, 80)), [-20.0])]
    found = rt.estimate_integrals(net, rt.Box(-1, 1), samples=50_000, to=1.0)
    assert found.volume == 2**40
    assert_within(0, found.mean_intervals[0])
    assert_within(40 / 12, found.variance_intervals[0])
    assert_within(np.sqrt((40 / 12 + 1) * 2.0**40), found.distance_interval)
    assert np.ptp(found.mean_intervals) < 0.2
    assert found.class_shares.sum() == 1
    assert (found.class_share_intervals[:, 0] > 0.48).all()


def test_sure_classes_and_constants():
    net = [(np.eye(8), np.zeros(8)), (np.zeros((2, 8)), [0.0, 1.0])]
    found = rt.estimate_integrals(net, rt.Box(-1, 1), samples=100)
    assert found.mean.tolist() == [0.0, 1.0]
    assert np.ptp(found.mean_intervals, axis=1).max() < 1e-12
    assert found.class_shares.tolist() == [0.0, 1.0]
    assert found.class_share_intervals[1, 1] == 1.0
    # tied everywhere: rounding could decide either way
    tied = [(np.eye(8), np.zeros(8)), (np.ones((2, 8)) / 3, [0.0, 0.0])]
    found = rt.estimate_integrals(tied, rt.Box(-1, 1), samples=100)
    assert found.class_share_intervals.tolist() == [[0.0, 1.0], [0.0, 1.0]]


def test_the_same_seed_gives_the_same_result():
    network, flat = random_network([9, 12, 1], 1), rt.FlatBox([-1.0] * 8 + [0.5], [1.0] * 8 + [0.5])
    one, two, three = (
        rt.estimate_integrals(network, flat, samples=1000, seed=s) for s in (1, 1, 2)
    )
    assert one.mean.tobytes() == two.mean.tobytes() != three.mean.tobytes()
    assert one.volume == 256


def test_bad_input():
    net = random_network([7, 5, 1], 0)
    with pytest.raises(rt.EngineError, match="estimate_integrals"):
        rt.integrate(net, rt.Box(-1, 1))
    with pytest.raises(rt.InvalidDomainError, match="bounded box"):
        rt.estimate_integrals(net, None)
    with pytest.raises(rt.InvalidDomainError, match="bounded box"):
        rt.estimate_integrals(net, rt.Box(0, np.inf))
    with pytest.raises(ValueError, match="`samples` must be at least 2"):
        rt.estimate_integrals(net, rt.Box(-1, 1), samples=1)
    with pytest.raises(ValueError, match="`confidence` must be between"):
        rt.estimate_integrals(net, rt.Box(-1, 1), confidence=1)
    with pytest.raises(ValueError, match="`seed`"):
        rt.estimate_integrals(net, rt.Box(-1, 1), seed=-1)
    with pytest.raises(ValueError, match="`to` must be"):
        rt.estimate_integrals(net, rt.Box(-1, 1), to=float("nan"))
    with pytest.raises(rt.InvalidNetworkError):
        rt.estimate_integrals(net, rt.Box(-1, 1), to=random_network([6, 5, 1], 0))
