"""Lipschitz constants and linear regions: known answers, and random networks by brute force."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import relutope as rt
from measures_reference import COMPARISONS

INF = float("inf")


def test_norms_of_one_output():
    network = [(np.eye(2), [0, 0]), ([[3, -4]], [0])]
    found = {norm: rt.lipschitz(network, rt.Box(-1, 1), norm) for norm in (1, 2, INF)}
    assert [f.value for f in found.values()] == [4, 5, 7]
    assert found[2].bounds == (5.0, 5.0)
    assert found[2].gradient == [[3, -4]]
    assert found[2].complex.patterns[found[2].cell].tolist() == [True, True]


def test_singular_values_are_enclosed():
    network = [(np.eye(2), [5, 5]), ([[1, 1], [0, 1]], [0, 0])]
    found = rt.lipschitz(network, rt.Box(-1, 1))
    low, high = found.bounds
    golden = (1 + 5**0.5) / 2
    assert low <= golden <= high <= low * (1 + 1e-14)
    assert (found.value, found.squared) == (None, None)


def test_slopes_that_no_open_set_has_do_not_count():
    """The neurons x and -x: where both are off, at 0, the slope would be that of the rest."""
    network = rt.Network([([[1.0], [-1.0], [1.0]], [0.0] * 3), ([[-1.0, 1.0, 1.5]], [0.0])], [1])
    assert rt.lipschitz(network).value == Fraction(1, 2)


def test_lipschitz_of_a_complex_and_of_flat_boxes():
    network = [(np.eye(2), [0, 0]), ([[1, 10]], [0])]
    cx = rt.decompose(network, rt.Box([-1, -2], [1, -1]))
    assert rt.lipschitz(cx).value == 1
    assert rt.lipschitz(network, rt.FlatBox([-1, 1], [1, 1])).value == 1
    assert rt.lipschitz([([[0.0]], [0]), ([[1]], [2])]).value == 0
    with pytest.raises(ValueError, match="`domain` must be left out"):
        rt.lipschitz(cx, rt.Box(-1, 1))
    with pytest.raises(ValueError, match="`norm` must be 1, 2"):
        rt.lipschitz(network, norm=3)


def test_irrational_constants_have_an_exact_square():
    found = rt.lipschitz([(np.eye(2), [1, 1]), ([[1, 1]], [0])], rt.Box(0, 1))
    assert (found.value, found.squared) == (None, 2)
    assert found.bounds[0] < 2**0.5 + 1e-15
    assert Fraction(found.bounds[0]) ** 2 <= 2 <= Fraction(found.bounds[1]) ** 2


def test_regions_that_touch_in_a_corner():
    """relu(|x| - |y|) is zero on two opposite wedges that share the origin only."""
    network = [
        ([[1, 0], [-1, 0], [0, 1], [0, -1]], [0] * 4),
        ([[1, 1, -1, -1]], [0]),
        ([[1]], [0]),
    ]
    found = rt.linear_regions(rt.decompose(network, rt.Box(-1, 1)))
    assert (found.n_affine_regions, found.n_closed_connected_regions) == (5, 5)
    assert found.n_open_connected_regions == 6
    assert found.convex_bounds == (6, 6)
    assert found.n_proper_activation_regions == 8


def test_regions_that_are_not_convex():
    """relu(min(x, y)): zero on an L, which needs two convex pieces."""
    network = rt.Network([([[1, -1], [1, 0]], [0, 0]), ([[-1, 1]], [0]), ([[1]], [0])], [1, 0])
    found = rt.linear_regions(rt.decompose(network, rt.Box(-1, 1)))
    assert found.n_open_connected_regions == 3
    assert found.convex_bounds == (4, 4)
    assert found.counts()["convex"] == 4


def test_regions_of_all_of_space_and_of_decided_complexes():
    network = [([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])]
    found = rt.linear_regions(rt.decompose(network))
    assert list(found.counts().values()) == [2, 2, 2, 2, 2, 3]
    decided = rt.decompose([([[1.0]], [1.0]), ([[1.0]], [-1.0])], rt.Box(-2, 2), outputs="sign")
    found = rt.linear_regions(decided)
    assert decided.n_cells == 3
    assert list(found.counts().values()) == [2, 2, 2, 2, 2, 2]


@pytest.mark.parametrize("measure", ["lipschitz", "linear_regions"])
@pytest.mark.parametrize("start", range(0, 20, 10))
def test_random_networks_against_brute_force(measure, start):
    for seed in range(60_000 + start, 60_000 + start + 10):
        COMPARISONS[measure](seed)
