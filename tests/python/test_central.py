"""Counts of hyperplanes through the origin, one dimension down, beside cells that are made."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from math import comb, factorial

import numpy as np
import pytest

import relutope as rt
from relutope.search.central import is_central
from relutope.search.problem import Problem


def central(rows, **more):
    W = np.asarray(rows, dtype=float)
    return rt.Network([(W, np.zeros(len(W))), (np.ones((1, len(W))), [0.0])], **more)


def differences(n):
    eye = np.eye(n)
    return [eye[i] - eye[j] for i, j in itertools.combinations(range(n), 2)]


def sums(n):
    eye = np.eye(n)
    return [eye[i] + eye[j] for i, j in itertools.combinations(range(n), 2)]


def subsets(n):
    return [v for v in itertools.product([0, 1], repeat=n) if any(v)]


def signs(n):
    return [(1, *v) for v in itertools.product([-1, 1], repeat=n)]


@pytest.mark.parametrize(
    ("rows", "known"),
    [
        (differences(4), factorial(4)),
        (differences(6), factorial(6)),
        (differences(4) + sums(4) + list(np.eye(4)), 2**4 * factorial(4)),
        (differences(4) + sums(4), 2**3 * factorial(4)),
        (subsets(2), 6),
        (subsets(3), 32),
        (subsets(4), 370),
        (subsets(5), 11292),
        (signs(3), 104),
        (signs(4), 1882),
        (signs(5), 94572),
    ],
    ids=[
        "braid-4",
        "braid-6",
        "B-4",
        "D-4",
        "R-2",
        "R-3",
        "R-4",
        "R-5",
        "threshold-3",
        "threshold-4",
        "threshold-5",
    ],
)
def test_known_arrangements(rows, known):
    """Threshold functions: OEIS A000609; resonance arrangements: A034997."""
    assert int(rt.count(central(rows))) == known


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_general_position(n):
    m = 12
    W = np.random.default_rng(n).standard_normal((m, n))
    assert int(rt.count(central(W))) == 2 * sum(comb(m - 1, k) for k in range(n))


@pytest.mark.parametrize("seed", range(60))
def test_as_many_as_are_made(seed):
    rng = np.random.default_rng(seed)
    n, m = 1 + seed % 4, 1 + seed % 7
    W = rng.integers(-2, 3, (m, n)).astype(float)
    if seed % 3 == 0:
        W[rng.integers(m)] = 0
    if seed % 4 == 0:
        W[:, rng.integers(n)] = 0
    if seed % 5 == 0:
        W[-1] = np.eye(n)[-1] * -3
    network = central(W)
    expected = rt.decompose(network).n_cells
    assert int(rt.count(network)) == expected
    assert int(rt.count(network, threads=3, engine="lp")) == expected
    assert int(rt.count(network, rt.Box([-np.inf] * n, [np.inf] * n))) == expected


def test_what_is_central():
    W, one = np.eye(3), (np.ones((1, 3)), [0.0])
    zero, inf = np.zeros(3), [np.inf] * 3

    def asked(network, domain=None):
        return is_central(Problem(rt.as_network(network), domain))

    assert asked([(W, zero), one])
    assert asked([(W, -zero), one], rt.Box([-np.inf] * 3, inf))
    assert not asked([(W, [0.0, 5e-324, 0.0]), one])
    assert not asked(rt.Network([(W, zero), one], bias_low=[[0.0, 5e-324, 0.0], [0.0]]))
    assert not asked([(W, zero), one], rt.Box(-1, 1))
    assert not asked([(W, zero), one], rt.Box([0.0, -np.inf, -np.inf], inf))
    assert not asked([(W, zero), one], rt.Polytope([[1.0, 0.0, 0.0]], [0.0]))
    assert not asked([(W, zero), (np.eye(3), zero), one])
    assert not asked([(W[:, :1], zero), one])
    linear = [(W, np.array([0.0, 0.0, 7.0])), (np.ones((1, 3)), [0.0])]
    assert asked(rt.Network(linear, linear_units=[1]))
    assert int(rt.count(rt.Network(linear, linear_units=[1]))) == 4


def test_a_count_that_stops_is_a_lower_bound():
    network = central(np.random.default_rng(0).standard_normal((60, 4)))
    known = 2 * sum(comb(59, k) for k in range(4))
    few = rt.count(network, max_cells=1000)
    assert not few.complete
    assert 1000 < few.n_cells <= known
    assert few.fraction_of_jobs < 1
    late = rt.count(network, max_seconds=1e-9)
    assert late.n_cells <= known
    assert int(rt.count(network, max_seconds=600)) == known


def test_more_than_was_allowed_is_no_complete_count():
    """Though each section has less."""
    network = central(subsets(4))
    assert rt.count(network, max_cells=370).complete
    found = rt.count(network, max_cells=300)
    assert (found.n_cells, found.complete) == (370, False)


def test_an_executor_counts_the_sections():
    with ThreadPoolExecutor(2) as pool:
        assert int(rt.count(central(subsets(4)), executor=pool)) == 370
