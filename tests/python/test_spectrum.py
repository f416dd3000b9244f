"""The k smallest eigenpairs against closed forms and dense eigensolvers.

Graphs of up to 500 nodes take the dense path, larger ones the iterative one; most tests do both.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import eigvalsh

import relutope as rt
from graphs import (
    complete,
    cycle,
    disjoint,
    from_edges,
    grid,
    grid_complex,
    hypercube,
    laplacian,
    path,
    random_graph,
    star,
)
from relutope.graph import spectrum
from relutope.graph.couplings import WEIGHTS, coupling_graph

pi = np.pi


def sums(*sides):
    """Eigenvalues of a grid: sums of those of paths (Fiedler 1973)."""
    total = np.zeros(1)
    for m in sides:
        total = np.add.outer(total, 2 - 2 * np.cos(pi * np.arange(m) / m)).ravel()
    return np.sort(total)


CLOSED = {
    "path-7": (path(7), sums(7)),
    "path-1500": (path(1500), sums(1500)),
    "cycle-8": (cycle(8), np.sort(2 - 2 * np.cos(2 * pi * np.arange(8) / 8))),
    "cycle-1200": (cycle(1200), np.sort(2 - 2 * np.cos(2 * pi * np.arange(1200) / 1200))),
    "grid-4-6": (grid(4, 6), sums(4, 6)),
    "grid-30-30": (grid(30, 30), sums(30, 30)),
    "grid-10-11-12": (grid(10, 11, 12), sums(10, 11, 12)),
    "complete-9": (complete(9), np.array([0.0] + [9.0] * 8)),
    "complete-700": (complete(700), np.array([0.0] + [700.0] * 699)),
    "star-9": (star(9), np.array([0.0] + [1.0] * 8 + [10.0])),
    "hypercube-4": (hypercube(4), np.repeat([0.0, 2, 4, 6, 8], [1, 4, 6, 4, 1])),
    "hypercube-10": (hypercube(10), np.repeat([0.0, 2, 4], [1, 10, 45])),
}


@pytest.mark.parametrize("name", CLOSED)
@pytest.mark.parametrize("k", [1, 2, 5, 14])
def test_closed_form(name, k):
    graph, exact = CLOSED[name]
    k = min(k, graph.shape[0])
    found = spectrum(graph, k)
    np.testing.assert_allclose(found.values, exact[:k], rtol=1e-9, atol=1e-14 * exact.max())
    assert found.values.shape == found.residuals.shape == found.gaps.shape == (k,)
    np.testing.assert_allclose(found.vectors.T @ found.vectors, np.eye(k), atol=1e-9)
    dense = laplacian(graph)
    errors = np.linalg.norm(dense @ found.vectors - found.vectors * found.values, axis=0)
    np.testing.assert_allclose(errors, found.residuals, atol=1e-12 * exact.max())
    assert errors.max() < 1e-9 * max(1.0, exact.max())
    assert found.resolved.all()


def test_a_hundred_thousand_nodes():
    found = rt.fiedler(grid(317, 316))
    assert found.value == pytest.approx(sums(317)[1], rel=1e-9)
    assert found.residual < 1e-8
    assert found.statement.startswith("Unique")


def count_equal(exact, values):
    return np.array([np.count_nonzero(np.isclose(exact, v, rtol=1e-8, atol=1e-9)) for v in values])


@pytest.mark.parametrize("name", CLOSED)
@pytest.mark.parametrize("k", [2, 6, 14])
def test_multiplicity_is_exact_or_a_bound_that_is_called_open(name, k):
    graph, exact = CLOSED[name]
    k = min(k, graph.shape[0])
    found = spectrum(graph, k)
    true = count_equal(exact, found.values)
    inside = ~np.isclose(found.values, found.values[-1], rtol=1e-8, atol=0)
    np.testing.assert_array_equal(found.multiplicity[inside], true[inside])
    assert (found.multiplicity <= true).all()
    if (found.multiplicity < true).any():
        assert found.open
        assert np.isnan(found.gaps[-1])
        assert "or more" in found.statement


def test_open_is_seen():
    assert spectrum(complete(700), 4).open
    assert not spectrum(complete(300), 4).open
    assert spectrum(hypercube(10), 6).open
    assert not spectrum(hypercube(10), 11).open
    assert not spectrum(hypercube(10), 1).open


def test_gaps_in_closed_form():
    found = spectrum(hypercube(4), 16)
    assert found.gaps.tolist() == pytest.approx([2.0] * 16)
    found = spectrum(path(900), 3)
    exact = sums(900)
    expected = [exact[1], min(exact[1], exact[2] - exact[1]), exact[2] - exact[1]]
    np.testing.assert_allclose(found.gaps, expected, rtol=1e-6)
    whole = spectrum(complete(3), 3)
    np.testing.assert_allclose(whole.gaps, 3.0)
    assert spectrum(from_edges(1, []), 1).gaps.tolist() == [np.inf]


@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize(("n", "k"), [(2, 2), (12, 12), (60, 7), (499, 5), (800, 1), (800, 9)])
def test_dense_eigensolver_agrees(n, k, normalized):
    graph = random_graph(n, seed=n) if n > 2 else path(2)
    exact = eigvalsh(laplacian(graph, normalized))
    found = spectrum(graph, k, normalized=normalized)
    np.testing.assert_allclose(found.values[1:], exact[1:k], rtol=1e-8)
    assert found.values[0] == 0.0
    assert found.residuals.max() < 1e-9
    assert found.n_components == 1
    if k > 1:
        assert found.spectral_gap == found.values[1]


@pytest.fixture(scope="module")
def random_complex():
    rng = np.random.default_rng(7)
    shape = [(12, 2), (9, 12), (2, 9)]
    net = [(rng.standard_normal(s), rng.standard_normal(s[0])) for s in shape]
    return rt.decompose(net, rt.Box(-1, 1), threads=1)


@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize("weight", WEIGHTS)
def test_all_weights_of_a_complex(random_complex, weight, normalized):
    graph = coupling_graph(random_complex, weight)
    exact = eigvalsh(laplacian(graph, normalized))
    scale = exact[-1]
    found = spectrum(random_complex, 8, weight=weight, normalized=normalized)
    np.testing.assert_allclose(found.values, exact[:8], rtol=1e-9, atol=1e-13 * scale)
    fiedler = rt.fiedler(random_complex, weight=weight, normalized=normalized)
    assert fiedler.value == pytest.approx(found.values[1], rel=1e-12)
    assert abs(fiedler.vector @ found.vectors[:, 1]) == pytest.approx(1, abs=1e-9)


@pytest.fixture(scope="module")
def thousand_cells():
    rng = np.random.default_rng(1)
    net = [(rng.standard_normal((60, 2)), rng.standard_normal(60)), (np.ones((1, 60)), np.zeros(1))]
    return rt.decompose(net, rt.Box(-2, 2), threads=1)


@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize("weight", WEIGHTS)
def test_all_weights_by_iteration(thousand_cells, weight, normalized):
    assert thousand_cells.n_cells == 1000
    exact = eigvalsh(laplacian(coupling_graph(thousand_cells, weight), normalized))
    found = spectrum(thousand_cells, 6, weight=weight, normalized=normalized)
    np.testing.assert_allclose(found.values[1:], exact[1:6], rtol=1e-9)
    assert found.residuals.max() < 1e-9 * exact[-1]


@pytest.mark.parametrize("weight", ["distance", "bend", "hamming", "output"])
def test_inverse_weights_are_the_median_over_the_median_plus_the_difference(random_complex, weight):
    given = rt.dual_graph(random_complex, weight)
    inverse = coupling_graph(random_complex, f"inverse-{weight}")
    middle = np.median(given.data[given.data > 0])
    np.testing.assert_allclose(inverse.data, middle / (middle + given.data), rtol=1e-15)
    by_name = rt.fiedler(random_complex, weight=f"inverse-{weight}")
    assert by_name.vector.tobytes() == rt.fiedler(inverse).vector.tobytes()


@pytest.mark.parametrize("sides", [(5,), (4, 6), (3, 4, 5), (2, 2, 2, 2), (30, 20)])
def test_complexes_that_are_grids(sides):
    cx = grid_complex(*sides)
    k = min(9, cx.n_cells)
    np.testing.assert_allclose(spectrum(cx, k).values, sums(*sides)[:k], atol=1e-12)
    np.testing.assert_allclose(spectrum(cx, k, weight="facet").values, sums(*sides)[:k], atol=1e-11)


@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize("big", [40, 700])
def test_disconnected_graph(big, normalized):
    parts = [cycle(5), path(big), from_edges(1, []), cycle(5)]
    graph = disjoint(*parts)
    exact = eigvalsh(laplacian(graph, normalized))
    found = spectrum(graph, 12, normalized=normalized)
    np.testing.assert_allclose(found.values, exact[:12], rtol=1e-8, atol=1e-14)
    assert found.values[:4].tolist() == [0.0] * 4
    assert found.multiplicity[:4].tolist() == [4] * 4
    assert found.n_components == 4
    assert found.spectral_gap == 0.0
    assert "4 components" in found.statement
    assert found.residuals.max() < 1e-9
    np.testing.assert_allclose(found.vectors.T @ found.vectors, np.eye(12), atol=1e-9)
    # The largest first, then by number.
    supports = [np.flatnonzero(found.vectors[:, i]).tolist() for i in range(4)]
    nodes = np.split(np.arange(11 + big), [5, 5 + big, 6 + big])
    assert supports == [nodes[i].tolist() for i in (1, 0, 3, 2)]


def test_fewer_pairs_than_components():
    found = spectrum(disjoint(path(2), path(3), path(2)), 2)
    assert found.values.tolist() == [0.0, 0.0]
    assert found.multiplicity.tolist() == [3, 3]
    assert not found.open
    assert np.isnan(found.gaps).all()
    np.testing.assert_allclose(found.vectors[:, 0], np.array([0, 0, 1, 1, 1, 0, 0]) / np.sqrt(3))


def test_equal_values_of_two_components_are_one_cluster():
    found = spectrum(disjoint(path(600), path(600)), 6)
    exact = np.repeat(sums(600)[:3], 2)
    np.testing.assert_allclose(found.values, exact, rtol=1e-8, atol=1e-15)
    assert found.multiplicity.tolist() == [2] * 6


def test_no_edges():
    found = spectrum(np.zeros((3, 3)), 3)
    assert found.values.tolist() == [0.0] * 3
    np.testing.assert_array_equal(found.vectors, np.eye(3))
    assert found.gaps.tolist() == [np.inf] * 3


@pytest.mark.parametrize("normalized", [False, True])
def test_one_node(normalized):
    found = spectrum([[0.0]], 1, normalized=normalized)
    assert found.values.tolist() == [0.0]
    assert found.vectors.tolist() == [[1.0]]
    assert np.isnan(found.spectral_gap)


def test_edges_of_weight_zero_are_left_out_and_said_to_be():
    cx = rt.decompose([([[1.0], [1.0]], [0.0, -1.0]), ([[1.0, 0.0]], [0.0])], rt.Box(-1, 2))
    found = spectrum(cx, 3, weight="bend")
    np.testing.assert_allclose(found.values, [0, 0, 2], atol=1e-15)
    assert "1 edges of weight 0" in found.statement


def test_what_double_precision_cannot_tell_from_zero_is_said():
    weights = np.diag([1.0, 1e-25, 1.0, 1e-25, 1.0], 1)
    found = spectrum(weights + weights.T, 6)
    assert found.n_components == 1
    assert found.resolved.tolist() == [True, False, False, True, True, True]
    assert found.multiplicity[0] == 1
    assert "Not resolved: 2 eigenvalues" in found.statement


@pytest.mark.parametrize("n", [30, 800])
def test_same_seed_same_bytes(n):
    graph = random_graph(n, 9)
    first, again, other = (spectrum(graph, 5, seed=seed) for seed in (1, 1, 2))
    assert first.vectors.tobytes() == again.vectors.tobytes()
    np.testing.assert_allclose(first.vectors, other.vectors, atol=1e-5)


@pytest.mark.parametrize("size", [1e-119, 1e117])
@pytest.mark.parametrize("n", [30, 800])
def test_weights_of_extreme_size(n, size):
    graph = random_graph(n, 9)
    one, other = spectrum(graph, 4), spectrum(graph * size, 4)
    np.testing.assert_allclose(other.values / size, one.values, rtol=1e-9)
    assert 0 < other.residuals[1] < 1e-9 * size


@pytest.mark.parametrize("size", [1e-121, 1e121, 1e308])
def test_weights_whose_squares_are_out_of_range_are_refused(size):
    with pytest.raises(ValueError, match=r"`complex_or_graph` has weights up to .*multiply"):
        spectrum(complete(40) * size, 2)


@pytest.mark.parametrize("k", [0, -1, 4])
def test_k_that_does_not_fit_is_refused(k):
    with pytest.raises(
        ValueError, match=f"`k` (is {k}; the graph has 3 nodes|must be at least 1, got {k})"
    ):
        spectrum(path(3), k)


def test_bad_weight_and_bad_matrices_are_refused(random_complex):
    with pytest.raises(ValueError, match=r"`weight` is 'area'.*inverse-bend"):
        spectrum(random_complex, weight="area")
    with pytest.raises(ValueError, match=r"`weight` is 'area'.*inverse-bend"):
        rt.fiedler(random_complex, weight="area")
    with pytest.raises(ValueError, match="not symmetric"):
        spectrum([[0, 1], [2, 0]], 1)
    with pytest.raises(ValueError, match=r"shape \(0, 0\)"):
        spectrum(np.zeros((0, 0)), 1)


def test_repr_is_short():
    text = repr(spectrum(path(7), 5))
    assert text == "Spectrum(5 of 7 eigenvalues: 0, 0.198062, 0.75302, 1.55496, ...)"
