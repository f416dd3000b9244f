"""Integrals and comparisons of networks: known answers, refusals, random ones by brute force."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import relutope as rt
from measures_reference import COMPARISONS

ABSOLUTE = [([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])]
LINEAR = [(np.eye(2), [2, 2]), (np.eye(2), [-2, -2])]  # x and y on [-1, 1]^2


def test_moments_of_the_coordinates():
    found = rt.integrate(LINEAR, rt.Box(-1, 1), to=[1, 0])
    assert found.volume == 4
    assert found.mean == (0, 0)
    assert found.variance == (Fraction(1, 3), Fraction(1, 3))
    assert found.class_shares == (Fraction(1, 2), Fraction(1, 2))
    assert found.squared_distance == Fraction(16, 3) + Fraction(4, 3)
    assert found.distance_bounds[0] <= (20 / 3) ** 0.5 <= found.distance_bounds[1]


def test_ties_go_to_the_first_class():
    network = [([[1.0]], [2.0]), ([[1.0], [1.0]], [0.0, 0.0])]
    assert rt.integrate(network, rt.Box(-1, 1)).class_shares == (1, 0)
    assert rt.integrate([([[0.0]], [0]), ([[1]], [0])], rt.Box(-1, 1)).class_shares == (1, 0)


def test_domains_of_integrals():
    cx = rt.decompose(ABSOLUTE, rt.Box(-1, 3))
    assert rt.integrate(cx).mean == (Fraction(5, 4),)
    flat = rt.integrate(LINEAR, rt.FlatBox([-1, 0.5], [1, 0.5]))
    assert (flat.volume, flat.mean) == (2, (0, Fraction(1, 2)))
    triangle = rt.Polytope([[-1, 0], [0, -1], [1, 1]], [0, 0, 1])
    found = rt.integrate(LINEAR, triangle)
    assert (found.volume, found.mean) == (Fraction(1, 2), (Fraction(1, 3), Fraction(1, 3)))
    with pytest.raises(rt.InvalidDomainError, match="must be bounded"):
        rt.integrate(ABSOLUTE)
    with pytest.raises(rt.InvalidDomainError, match="must be bounded"):
        rt.integrate(LINEAR, rt.Polytope([[-1, 0], [0, -1]], [0, 0]))
    with pytest.raises(rt.EngineError, match="leaves 7 inputs free"):
        rt.integrate([(np.eye(7), np.zeros(7)), (np.ones((1, 7)), [0])], rt.Box(0, 1))
    with pytest.raises(ValueError, match="`domain` must be left out"):
        rt.integrate(cx, rt.Box(0, 1))


def test_distances():
    with pytest.raises(ValueError, match="`to` was not given"):
        _ = rt.integrate(ABSOLUTE, rt.Box(-1, 1)).squared_distance
    with pytest.raises(ValueError, match="`to` must be a network, or a finite number"):
        rt.integrate(ABSOLUTE, rt.Box(-1, 1), to=[1, 2, 3])
    with pytest.raises(rt.InvalidNetworkError, match="`a` has 1 outputs and `b` 2"):
        rt.integrate(ABSOLUTE, rt.Box(-1, 1), to=[([[1]], [0]), ([[1], [1]], [0, 0])])
    assert rt.integrate(ABSOLUTE, rt.Box(-1, 1), to=ABSOLUTE).squared_distance == 0


def test_equal_functions_of_different_networks():
    residual = rt.Network([([[1.0], [1.0]], [0.0, 0.0]), ([[2.0, -1.0]], [0.0])], [1])
    for domain in (None, rt.Box(-5, 5), rt.Box([-np.inf], [1.0])):
        found = rt.compare(ABSOLUTE, residual, domain)
        assert found.equal
        assert found.exact
    assert not rt.compare(ABSOLUTE, [([[1]], [0]), ([[1]], [0])]).equal


def test_the_smallest_change_is_found():
    rng = np.random.default_rng(1)
    layers = [(rng.standard_normal((6, 2)), rng.standard_normal(6)), (np.ones((1, 6)), [0.0])]
    moved = [(layers[0][0].copy(), layers[0][1]), layers[1]]
    moved[0][0][2, 1] = np.nextafter(moved[0][0][2, 1], 9)
    found = rt.compare(layers, moved, rt.Box(-1, 1))
    assert not found.equal
    assert 0 < max(abs(e.value) for e in found.largest) < Fraction(1, 2**50)


def test_quantised_decisions():
    """Where x > 0.3 and x > 0.25 differ, of [-1, 1]."""
    a, b = ([([[1]], [2]), ([[1]], [-2 - t])] for t in (0.25, 0.5))
    found = rt.compare(a, b, rt.Box(-1, 1))
    assert [abs(e.value) for e in found.largest] == [Fraction(1, 4)]
    assert found.disagreement.share == Fraction(1, 8)


def test_networks_that_do_not_fit():
    with pytest.raises(rt.InvalidNetworkError, match="`a` has 1 inputs and `b` 2"):
        rt.compare(ABSOLUTE, [([[1, 1]], [0]), ([[1]], [0])])
    unbounded = rt.compare(ABSOLUTE, ABSOLUTE)
    with pytest.raises(rt.InvalidDomainError, match="bounded box"):
        _ = unbounded.disagreement
    wide = [(np.eye(7), np.zeros(7)), (np.ones((1, 7)), [0])]
    with pytest.raises(rt.EngineError, match="leaves 7 inputs free"):
        _ = rt.compare(wide, wide, rt.Box(1, 2)).disagreement


@pytest.mark.parametrize("measure", ["integrals", "comparisons"])
@pytest.mark.parametrize("start", range(0, 12, 4))
def test_random_networks_against_brute_force(measure, start):
    for seed in range(70_000 + start, 70_000 + start + 4):
        COMPARISONS[measure](seed)
