"""Generators from guessed vertices: all of them, or None."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import relutope as rt
from relutope.verification.integers import object_array
from relutope.verification.rational_cell import generators_of
from relutope.verification.simple_vertices import seen_from, simple_generators


def integers(rows):
    return object_array(rows, len(rows[0]))


def cube(n):
    """-1 <= x_j <= 2; form 2j is the lower side of coordinate j."""
    unit = np.eye(n, dtype=int).tolist()
    return integers([side for u in unit for side in ([1, *u], [2, *(-v for v in u)])])


def corners(n):
    return [[2 * j + b for j, b in enumerate(bits)] for bits in itertools.product([0, 1], repeat=n)]


QUADRANT = integers([[0, 1, 0], [0, 0, 1], [-1, 1, 1]])  # without its corner
PYRAMID = integers([[0, 0, 0, 1], *([1, *side, -1] for side in ([1, 0], [-1, 0], [0, 1], [0, -1]))])
APEX = [1, 2, 3, 4]


def as_set(generators):
    return sorted(map(tuple, generators))


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_cube(n):
    found = simple_generators(cube(n), corners(n))
    assert as_set(found) == sorted((1, *x) for x in itertools.product([-1, 2], repeat=n))


def test_unbounded_edges_give_rays():
    found = simple_generators(QUADRANT, [[0, 2], [1, 2]])
    assert as_set(found) == [(0, 0, 1), (0, 1, 0), (1, 0, 1), (1, 1, 0)]
    assert as_set(simple_generators(integers([[3, -2]]), [[0]])) == [(0, -1), (2, 3)]


def test_vertices_need_not_be_integers():
    forms = integers([[0, 3, 0], [0, 0, 5], [1, -6, -10]])
    found = simple_generators(forms, [[0, 1], [0, 2], [1, 2]])
    assert as_set(found) == [(1, 0, 0), (6, 1, 0), (10, 0, 1)]


WRONG = {
    "nothing": (cube(2), []),
    "a vertex is missing": (cube(3), corners(3)[1:]),
    "a vertex that is none": (cube(2), [*corners(2), [0, 1]]),
    "no vertex at all": (cube(2), [[0, 1]]),
    "too few forms": (cube(2), [*corners(2)[1:], [0]]),
    "outside": (
        np.concatenate([cube(2), integers([[1, -1, -1]])]),
        [*corners(2)[:3], [1, 3]],
    ),
    "another form touches": (
        np.concatenate([cube(2), integers([[4, -1, -1]])]),
        corners(2),
    ),
    "a vertex at infinity": (cube(2)[:3], [[0, 1], [0, 2], [1, 2]]),
    "dependent forms": (cube(3), [*corners(3), [0, 1, 2]]),
    "dependent forms in the first coordinates": (cube(3), [*corners(3), [0, 1, 4]]),
    "not simple": (PYRAMID, [APEX, *([0, a, b] for a in (1, 2) for b in (3, 4))]),
    "an apex of three": (PYRAMID, [APEX[:3], *([0, a, b] for a in (1, 2) for b in (3, 4))]),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_guess_that_is_not_right_is_refused(name):
    assert simple_generators(*WRONG[name]) is None


def test_a_missing_ray_is_no_bounded_edge():
    """Without the far side, the two lower corners of the square lead up for ever."""
    forms = cube(2)[:3]
    assert as_set(simple_generators(forms, [[0, 2], [1, 2]])) == [
        (0, 0, 1),
        (1, -1, -1),
        (1, 2, -1),
    ]
    assert simple_generators(cube(2), [[0, 2], [1, 2]]) is None


@pytest.mark.parametrize("n", [2, 3, 4, 6])
def test_random_polytopes_and_polyhedra_as_by_double_description(n):
    cdd = pytest.importorskip("cdd.gmp", reason="pycddlib with GMP", exc_type=ImportError)
    rng = np.random.default_rng(n)
    found = 0
    for trial in range(20):
        slopes = rng.integers(-1000, 1001, (n + 5, n))
        if trial % 2:
            slopes[:, 0] = np.abs(slopes[:, 0])  # unbounded upwards
        forms = integers([[10**6, *row] for row in slopes.tolist()])
        known, lines = generators_of(forms.tolist(), n, cdd)
        guess = seen_from(np.zeros(n), forms)
        generators = simple_generators(forms, guess)
        if generators is not None:
            found += 1
            assert not lines
            assert as_set(generators) == as_set(known)
            assert simple_generators(forms, guess[1:]) is None
    assert found >= 15


def test_qhull_may_fail():
    assert seen_from(np.array([9.0, 9.0]), cube(2)) == [], "outside"
    assert seen_from(np.array([0.0]), cube(1)) == []
    assert seen_from(np.array([0.0, 0.0]), cube(2)[:2]) == []


@pytest.mark.parametrize("domain", [rt.Box(-1, 1), None])
def test_generic_cells_need_no_double_description(domain, monkeypatch):
    pytest.importorskip("cdd.gmp", reason="pycddlib with GMP", exc_type=ImportError)
    from relutope.verification import rational_cell

    rng = np.random.default_rng(0)
    net = [(rng.normal(size=(m, k)), rng.normal(size=m)) for k, m in [(3, 5), (5, 4), (4, 1)]]
    cx = rt.decompose(net, domain)
    alone = rt.verify(cx)
    alone.raise_if_failed()
    asked = []
    known = rational_cell.generators_of
    monkeypatch.setattr(
        rational_cell, "generators_of", lambda *args: asked.append(1) or known(*args)
    )
    rt.verify(cx).raise_if_failed()
    assert len(asked) <= cx.n_cells // 10
