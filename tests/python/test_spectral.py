"""Fiedler vectors against closed forms, dense eigensolvers and networkx.

Graphs of up to 500 nodes take the dense path, larger ones the iterative one; most tests do both.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import eigvalsh
from scipy.sparse import csr_array

import relutope as rt

nx = pytest.importorskip("networkx")

pi = np.pi


def matrix(graph):
    return csr_array(nx.to_scipy_sparse_array(graph, dtype=float))


def laplacian(graph, normalized=False):
    weights = graph.toarray() if hasattr(graph, "toarray") else np.asarray(graph)
    degree = weights.sum(axis=1)
    if normalized:
        return np.eye(len(degree)) - weights / np.sqrt(np.outer(degree, degree))
    return np.diag(degree) - weights


def random_graph(n, seed):
    """Connected, random positive weights over three orders of magnitude."""
    rng = np.random.default_rng(seed)
    graph = nx.connected_watts_strogatz_graph(n, 4, 0.2, seed=seed)
    nx.set_edge_attributes(graph, {e: 10 ** rng.uniform(-3, 0) for e in graph.edges}, "weight")
    return matrix(graph)


SIMPLE = {
    "path-2": (nx.path_graph(2), 2.0),
    "path-9": (nx.path_graph(9), 2 - 2 * np.cos(pi / 9)),
    "path-2000": (nx.path_graph(2000), 2 - 2 * np.cos(pi / 2000)),
    "grid-5-8": (nx.grid_2d_graph(5, 8), 2 - 2 * np.cos(pi / 8)),
    "grid-30-31": (nx.grid_2d_graph(30, 31), 2 - 2 * np.cos(pi / 31)),
    "grid-9-10-11": (nx.grid_graph((9, 10, 11)), 2 - 2 * np.cos(pi / 11)),
    "complete-bipartite-1-2": (nx.complete_bipartite_graph(1, 2), 1.0),
}


@pytest.mark.parametrize("name", SIMPLE)
def test_simple_eigenvalue_in_closed_form(name):
    graph, value = SIMPLE[name]
    result = rt.fiedler(matrix(graph))
    assert result.value == pytest.approx(value, rel=1e-9, abs=1e-15)
    assert (result.multiplicity, result.n_components) == (1, 1)
    assert result.residual < 1e-9
    assert result.statement.startswith("Unique")


# (graph, value, multiplicity where all eigenvalues are computed, else a lower bound)
REPEATED = {
    "cycle-9": (nx.cycle_graph(9), 2 - 2 * np.cos(2 * pi / 9), 2),
    "cycle-3000": (nx.cycle_graph(3000), 2 - 2 * np.cos(2 * pi / 3000), 2),
    "square-grid-6": (nx.grid_2d_graph(6, 6), 2 - 2 * np.cos(pi / 6), 2),
    "square-grid-40": (nx.grid_2d_graph(40, 40), 2 - 2 * np.cos(pi / 40), 2),
    "cubic-grid-9": (nx.grid_graph((9, 9, 9)), 2 - 2 * np.cos(pi / 9), 3),
    "star-8": (nx.star_graph(8), 1.0, 7),
    "star-2000": (nx.star_graph(2000), 1.0, 4),
    "complete-3": (nx.complete_graph(3), 3.0, 2),
    "complete-8": (nx.complete_graph(8), 8.0, 7),
    "complete-600": (nx.complete_graph(600), 600.0, 4),
    "hypercube-4": (nx.hypercube_graph(4), 2.0, 4),
    "hypercube-10": (nx.hypercube_graph(10), 2.0, 4),
    "petersen": (nx.petersen_graph(), 2.0, 5),
}


@pytest.mark.parametrize("name", REPEATED)
def test_repeated_eigenvalue_is_reported(name):
    graph, value, multiplicity = REPEATED[name]
    result = rt.fiedler(matrix(graph))
    assert result.value == pytest.approx(value, rel=1e-9)
    assert result.multiplicity == multiplicity
    assert result.statement.startswith("Not unique")
    assert result.residual < 1e-9
    assert abs(result.vector.sum()) < 1e-9


def test_no_other_eigenvalue_means_an_infinite_gap():
    assert rt.fiedler(matrix(nx.complete_graph(5))).gap == np.inf
    assert np.isnan(rt.fiedler(matrix(nx.complete_graph(600))).gap)


@pytest.mark.parametrize("n", [10, 1001])
def test_path_is_cut_in_the_middle_and_the_middle_is_undecided(n):
    result = rt.fiedler(matrix(nx.path_graph(n)))
    cosine = np.cos(pi * (np.arange(n) + 0.5) / n)
    np.testing.assert_allclose(result.vector, cosine / np.linalg.norm(cosine), atol=1e-6)
    assert result.partition.tolist() == [i < n / 2 for i in range(n)]
    assert result.n_undecided == n % 2


@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize(("n", "seed"), [(12, 0), (60, 1), (60, 2), (499, 3), (700, 4), (700, 5)])
def test_dense_eigensolver_agrees(n, seed, normalized):
    graph = random_graph(n, seed)
    dense = laplacian(graph, normalized)
    values = eigvalsh(dense)
    result = rt.fiedler(graph, normalized=normalized)
    assert result.value == pytest.approx(values[1], rel=1e-8)
    assert result.gap == pytest.approx(values[2] - values[1], rel=0.3)
    assert np.linalg.norm(result.vector) == pytest.approx(1, abs=1e-12)
    residual = np.linalg.norm(dense @ result.vector - result.value * result.vector)
    assert result.residual == pytest.approx(residual, abs=1e-14)
    assert residual < 1e-9


@pytest.mark.parametrize("normalized", [False, True])
def test_networkx_agrees(normalized):
    graph = random_graph(40, 8)
    ours = rt.fiedler(graph, normalized=normalized)
    theirs = nx.fiedler_vector(
        nx.from_scipy_sparse_array(graph), normalized=normalized, tol=1e-12, seed=1
    )
    theirs = theirs / np.linalg.norm(theirs)
    assert abs(theirs @ ours.vector) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("n", [80, 900])
def test_two_cliques_are_told_apart(n):
    graph = matrix(nx.barbell_graph(n // 2, 0))
    for normalized in (False, True):
        result = rt.fiedler(graph, normalized=normalized)
        assert result.partition.tolist() == [True] * (n // 2) + [False] * (n // 2)


def test_heavier_edges_are_harder_to_cut():
    weights = np.diag([5.0, 5.0, 0.1, 5.0], 1)
    assert rt.fiedler(weights + weights.T).partition.tolist() == [True] * 3 + [False] * 2


@pytest.mark.parametrize("n", [30, 800])
def test_scaling_the_weights_scales_the_value(n):
    graph = random_graph(n, 3)
    one, scaled = rt.fiedler(graph), rt.fiedler(graph * 1024.0)
    assert scaled.value == pytest.approx(1024 * one.value, rel=1e-9)
    assert rt.fiedler(graph * 1024.0, normalized=True).value == pytest.approx(
        rt.fiedler(graph, normalized=True).value, rel=1e-9
    )
    np.testing.assert_array_equal(one.partition, scaled.partition)


@pytest.mark.parametrize("n", [30, 800])
def test_renumbering_the_nodes_moves_the_partition_along(n):
    graph = random_graph(n, 6)
    order = np.random.default_rng(0).permutation(n)
    one, other = rt.fiedler(graph), rt.fiedler(graph[order][:, order])
    moved = one.partition[order]
    assert other.value == pytest.approx(one.value, rel=1e-9)
    assert (other.partition == (moved if moved[0] else ~moved)).all()


@pytest.mark.parametrize("n", [30, 800])
def test_same_seed_same_bytes_and_other_seed_same_answer(n):
    graph = random_graph(n, 9)
    first, again, other = (rt.fiedler(graph, seed=seed) for seed in (1, 1, 2))
    assert first.vector.tobytes() == again.vector.tobytes()
    assert first.statement == again.statement
    np.testing.assert_allclose(first.vector, other.vector, atol=1e-5)
    np.testing.assert_array_equal(first.partition, other.partition)


def test_two_components_are_the_partition():
    graph = nx.disjoint_union(nx.path_graph(3), nx.cycle_graph(5))
    for normalized in (False, True):
        result = rt.fiedler(matrix(graph), normalized=normalized)
        assert (result.value, result.n_components, result.multiplicity) == (0.0, 2, 1)
        assert result.partition.tolist() == [True] * 3 + [False] * 5
        dense = laplacian(matrix(graph), normalized)
        np.testing.assert_allclose(dense @ result.vector, 0, atol=1e-15)
        assert np.linalg.norm(result.vector) == pytest.approx(1)
        assert "two components" in result.statement


def test_more_components_give_no_partition():
    result = rt.fiedler(matrix(nx.empty_graph(4)))
    assert (result.value, result.n_components, result.multiplicity) == (0.0, 4, 3)
    assert np.isnan(result.vector).all()
    assert not result.partition.any()
    assert result.statement.startswith("No partition: the graph has 4 components")


def test_isolated_node_in_the_normalised_laplacian():
    result = rt.fiedler(
        matrix(nx.disjoint_union(nx.path_graph(2), nx.empty_graph(1))), "unit", normalized=True
    )
    assert result.partition.tolist() == [True, True, False]
    assert np.isfinite(result.vector).all()


def test_one_node_has_no_fiedler_vector():
    result = rt.fiedler([[0.0]])
    assert np.isnan(result.value)
    assert np.isnan(result.vector).all()
    assert result.n_components == 1
    assert "one node" in result.statement


def test_edges_of_weight_zero_couple_nothing():
    rows, columns = [0, 1, 1, 2], [1, 0, 2, 1]
    graph = csr_array(([1.0, 1.0, 0.0, 0.0], (rows, columns)), shape=(3, 3))
    result = rt.fiedler(graph)
    assert (result.value, result.n_components) == (0.0, 2)
    assert result.partition.tolist() == [True, True, False]
    assert "1 edges of weight 0" in result.statement


def test_coupling_below_double_precision_is_not_resolved():
    weights = np.diag([1.0, 1e-25, 1e-25, 1.0], 1)
    result = rt.fiedler(weights + weights.T)
    assert result.n_components == 1
    assert result.statement.startswith("Not resolved")


def test_the_diagonal_is_ignored():
    path = nx.to_numpy_array(nx.path_graph(4))
    assert rt.fiedler(path + 7 * np.eye(4)).value == rt.fiedler(path).value


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (np.ones((2, 3)), r"shape \(2, 3\); give a square matrix"),
        (np.zeros((0, 0)), r"shape \(0, 0\)"),
        ([[0, 1], [2, 0]], "not symmetric"),
        ([[0, -1], [-1, 0]], "give weights >= 0"),
        ([[0, np.inf], [np.inf, 0]], "not finite"),
        ([[0, np.nan], [np.nan, 0]], "not finite"),
    ],
)
def test_bad_matrices_are_refused(graph, message):
    with pytest.raises(ValueError, match=f"`complex_or_graph`.*{message}"):
        rt.fiedler(graph)


def test_weight_with_a_matrix_is_refused():
    with pytest.raises(ValueError, match="`weight` is 'facet'"):
        rt.fiedler(np.ones((2, 2)), weight="facet")


def test_complex_uses_the_weight():
    rng = np.random.default_rng(2)
    net = [(rng.standard_normal((10, 2)), rng.standard_normal(10)), (np.ones((1, 10)), np.zeros(1))]
    complex = rt.decompose(net, rt.Box(-2, 2))
    for weight in ("unit", "facet", "bend"):
        direct = rt.fiedler(complex, weight=weight)
        by_graph = rt.fiedler(rt.dual_graph(complex, weight=weight))
        assert direct.vector.tobytes() == by_graph.vector.tobytes()


def test_weights_over_many_orders_of_magnitude():
    """A chain of three blocks of 400 nodes, weights inside spread over six orders."""
    blocks = [random_graph(400, seed).power(2) * 1e4 for seed in range(3)]
    weights = np.zeros((1200, 1200))
    for k, block in enumerate(blocks):
        weights[400 * k : 400 * (k + 1), 400 * k : 400 * (k + 1)] = block.toarray()
    for a in (399, 799):
        weights[a, a + 1] = weights[a + 1, a] = 1e-3
    result = rt.fiedler(weights)
    assert result.value == pytest.approx(eigvalsh(laplacian(weights))[1], rel=1e-5)
    assert result.partition.tolist()[:400] == [True] * 400
    assert result.partition.tolist()[800:] == [False] * 400


def test_a_fiedler_result_shows_in_one_line():
    path = np.diag(np.ones(299), 1)
    shown = repr(rt.fiedler(path + path.T))
    value = f"{2 - 2 * np.cos(np.pi / 300):.6g}"
    assert shown.startswith(
        f"FiedlerResult(value={value}, 300 nodes, 150 on the positive side; Unique"
    )
    assert "array" not in shown
    assert "\n" not in shown
