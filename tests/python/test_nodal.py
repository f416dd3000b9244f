"""Nodal domains on graphs where they can be told by hand, and Courant's bound."""

from __future__ import annotations

import numpy as np
import pytest

import relutope as rt
from graphs import complete, cycle, from_edges, grid, hypercube, laplacian, path, random_graph, star
from relutope.graph import nodal_domains, spectrum


@pytest.mark.parametrize("n", [9, 900])
@pytest.mark.parametrize("k", [1, 2, 3, 6])
def test_kth_eigenvector_of_a_path_has_k_domains(n, k):
    """Sturm: cos(pi (k - 1) (i + 1/2) / n) changes sign k - 1 times."""
    found = nodal_domains(path(n), spectrum(path(n), k).vectors[:, -1])
    assert (found.n_strong, found.n_weak) == (k, k)


def test_grid_domains_are_the_squares_of_a_chessboard():
    x, y = (np.cos(np.pi * m * (np.arange(12) + 0.5) / 12) for m in (2, 3))
    found = nodal_domains(grid(12, 12), np.outer(x, y).ravel())
    assert found.n_strong == 3 * 4
    assert found.n_zero == 0
    assert (np.bincount(found.strong) > 0).all()


def test_star_has_few_weak_and_many_strong_domains():
    """(0, 1, -1, 0, 0): the zeros belong to both weak domains."""
    found = nodal_domains(star(4), [0.0, 1.0, -1.0, 0.0, 0.0])
    assert (found.n_strong, found.n_weak, found.n_zero) == (2, 2, 3)
    assert found.strong.tolist() == [-1, 0, 1, -1, -1]
    assert found.weak_positive.tolist() == [0, 0, -1, 0, 0]
    assert found.weak_negative.tolist() == [0, -1, 0, 0, 0]
    many = nodal_domains(star(5), [0.0, 1, 1, 1, -1, -2])
    assert (many.n_strong, many.n_weak) == (5, 2)


def test_domains_of_equal_sign_apart():
    found = nodal_domains(path(6), [1.0, -1, 2, -2, 3, 3])
    assert found.strong.tolist() == [0, 1, 2, 3, 4, 4]
    assert found.n_weak == 5


def clusters(values):
    """Runs of equal eigenvalues as (first, last)."""
    ends = np.flatnonzero(np.diff(values) > 1e-8)
    return zip([0, *(ends + 1)], [*ends, len(values) - 1], strict=True)


GRAPHS = {
    "path-8": path(8),
    "cycle-9": cycle(9),
    "complete-6": complete(6),
    "star-7": star(7),
    "grid-4-4": grid(4, 4),
    "hypercube-4": hypercube(4),
    "petersen": from_edges(
        10,
        [(i, (i + 1) % 5) for i in range(5)]
        + [(i, i + 5) for i in range(5)]
        + [(5 + i, 5 + (i + 2) % 5) for i in range(5)],
    ),
    **{f"random-{seed}": random_graph(40, seed) for seed in range(5)},
}


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("normalized", [False, True])
def test_courant_bound(name, normalized):
    """At most k weak and k + r - 1 strong domains, also for random vectors of an eigenspace."""
    graph = GRAPHS[name]
    found = spectrum(graph, graph.shape[0], normalized=normalized)
    rng = np.random.default_rng(0)
    for first, last in clusters(found.values):
        space = found.vectors[:, first : last + 1]
        candidates = [space, space @ rng.standard_normal((space.shape[1], 8))]
        for vector in np.hstack(candidates).T:
            domains = nodal_domains(graph, vector)
            assert domains.n_weak <= first + 1
            assert domains.n_strong <= last + 1
            assert domains.n_weak <= domains.n_strong


def test_star_attains_both_bounds():
    """lambda_2 = 1 of multiplicity r = 6: 2 weak domains, and r + 1 = 7 strong ones."""
    leaves = np.array([0.0, 6, -1, -1, -1, -1, -1, -1])
    np.testing.assert_allclose(laplacian(star(7)) @ leaves, leaves, atol=1e-12)
    found = nodal_domains(star(7), leaves)
    assert (found.n_weak, found.n_strong) == (2, 7)


def test_fiedler_vector_of_a_complex_has_two_weak_domains():
    """Fiedler 1975: of a simple second eigenvalue, {x >= 0} and {x <= 0} are connected."""
    rng = np.random.default_rng(4)
    net = [(rng.standard_normal((50, 2)), rng.standard_normal(50)), (np.ones((1, 50)), [0.0])]
    cx = rt.decompose(net, rt.Box(-2, 2), threads=1)
    assert cx.n_cells > 500
    for weight in ("unit", "inverse-bend"):
        found = rt.fiedler(cx, weight=weight)
        assert found.multiplicity == 1
        assert nodal_domains(cx, found.vector, weight=weight).n_weak == 2


def test_zero_is_a_matter_of_size():
    assert nodal_domains(path(3), [1.0, 1e-5, -1.0]).n_zero == 0
    vector = [1.0, 1e-7, -1.0]
    assert nodal_domains(path(3), vector).n_zero == 1
    assert nodal_domains(path(3), vector, zero=0.0).strong.tolist() == [0, 0, 1]
    assert nodal_domains(path(3), vector, zero=2.0).n_strong == 0
    assert nodal_domains(path(3), [0.0, 0.0, 0.0]).n_weak == 0


def test_edges_of_weight_zero_do_not_connect():
    graph = from_edges(4, [(0, 1), (1, 2), (2, 3)], [1.0, 0.0, 1.0])
    assert nodal_domains(graph, [1.0] * 4).strong.tolist() == [0, 0, 1, 1]
    assert nodal_domains([[0.0]], [-3.0]).n_strong == 1


@pytest.mark.parametrize(
    ("vector", "zero", "message"),
    [
        ([1.0, 2.0], None, "`vector` has shape"),
        ([1.0, 2.0, np.inf], None, "`vector` has shape .* finite"),
        ([1.0, 2.0, 3.0], -1.0, "`zero` is -1.0"),
        ([1.0, 2.0, 3.0], np.nan, "`zero` is nan"),
    ],
)
def test_bad_input_is_refused(vector, zero, message):
    with pytest.raises(ValueError, match=message):
        nodal_domains(path(3), vector, zero=zero)
