"""Extremes of outputs: known answers, unbounded and flat domains, random networks."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

import relutope as rt
from measures_reference import COMPARISONS, forward

ABSOLUTE = [([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])]


def test_absolute_value():
    found = rt.extremes(ABSOLUTE, rt.Box(-1, 3))
    (low,), (high,) = found.minimum, found.maximum
    assert (low.value, low.point, high.value, high.point) == (0, (0,), 3, (3,))
    assert found.exact
    assert high.nearest_point.tolist() == [3.0]


def test_an_extreme_between_doubles_is_a_fraction():
    network = [([[3.0], [-3.0]], [-1.0, 1.0]), ([[1.0, 1.0]], [1.0])]  # |3 x - 1| + 1
    (low,) = rt.extremes(network, rt.Box(0, 1)).minimum
    assert (low.value, low.point) == (1, (Fraction(1, 3),))
    assert low.nearest_point[0] == 1 / 3


def test_unbounded_domains():
    low, high = (e[0] for e in (rt.extremes(ABSOLUTE).minimum, rt.extremes(ABSOLUTE).maximum))
    assert (low.value, low.ray, high.value) == (0, None, np.inf)
    far = [p + 10**6 * r for p, r in zip(high.point, high.ray, strict=True)]
    assert forward(rt.Network(ABSOLUTE), far)[0] > 10**5
    half = rt.extremes(ABSOLUTE, rt.Box([2.0], [np.inf]))
    assert (half.minimum[0].value, half.maximum[0].value) == (2, np.inf)
    assert half.maximum[0].ray[0] > 0


def test_inputs_that_no_neuron_sees():
    network = rt.Network([(np.eye(2), [0.0, 0.0]), ([[1.0, 1.0]], [0.0])], [1])  # relu(x) + y
    found = rt.extremes(network)
    assert (found.minimum[0].value, found.maximum[0].value) == (-np.inf, np.inf)
    assert found.minimum[0].ray[1] < 0
    constant = rt.extremes([([[0.0, 0.0]], [0.0]), ([[1.0]], [3.0])])
    assert (constant.minimum[0].value, constant.maximum[0].value) == (3, 3)
    assert constant.minimum[0].ray is None


def test_flat_boxes_and_polytopes():
    network = [(np.eye(3), np.zeros(3)), ([[1.0, -1.0, 2.0], [0.0, 0.0, 1.0]], [0.0, 0.5])]
    flat = rt.FlatBox([-1, 0.5, 0], [1, 0.5, 2])
    found = rt.extremes(network, flat)
    assert [e.value for e in found.minimum] == [Fraction(-1, 2), Fraction(1, 2)]
    assert found.maximum[0].point == (1, Fraction(1, 2), 2)
    half = rt.extremes(network, rt.FlatBox([-np.inf, 0.5, 0], [1, 0.5, np.inf]))
    assert half.maximum[0].value == np.inf
    assert half.minimum[0].point[1] == Fraction(1, 2)
    triangle = rt.Polytope([[-1, 0], [0, -1], [1, 1]], [0, 0, 1])
    found = rt.extremes([(np.eye(2), [0, 0]), ([[3.0, 1.0]], [0])], triangle)
    assert (found.maximum[0].value, found.maximum[0].point) == (3, (1, 0))


def test_only_some_outputs():
    network = [(np.eye(2), [0, 0]), (np.eye(2), [0, 1])]
    found = rt.extremes(network, rt.Box(-1, 1), outputs=[1])
    assert (found.outputs, found.minimum[0].value, found.maximum[0].value) == ((1,), 1, 2)
    with pytest.raises(ValueError, match="`outputs` names output 2"):
        rt.extremes(network, rt.Box(-1, 1), outputs=[2])


def test_many_inputs_with_an_extreme_at_a_corner():
    n = 20
    network = [(np.eye(n), np.full(n, 5.0)), (np.ones((1, n)), [0.0])]
    found = rt.extremes(network, rt.Box(-1, 1))
    assert (found.minimum[0].value, found.maximum[0].value) == (4 * n, 6 * n)


def test_time_ends_with_a_certified_bound():
    rng = np.random.default_rng(0)
    widths = (12, 40, 40, 1)
    layers = [
        (rng.standard_normal((b, a)), rng.standard_normal(b)) for a, b in itertools.pairwise(widths)
    ]
    found = rt.extremes(layers, rt.Box(-1, 1), max_seconds=1.0)
    (low,), (high,) = found.minimum, found.maximum
    assert low.bound <= low.value <= high.value <= high.bound
    values = rt.Network(layers).forward(rng.uniform(-1, 1, (2000, 12)))
    assert low.bound <= values.min()
    assert values.max() <= high.bound
    with pytest.raises(ValueError, match="`max_seconds` must be positive"):
        rt.extremes(layers, rt.Box(-1, 1), max_seconds=0)


@pytest.mark.parametrize("start", range(0, 60, 20))
def test_random_networks_against_brute_force(start):
    for seed in range(50_000 + start, 50_000 + start + 20):
        COMPARISONS["extremes"](seed)
