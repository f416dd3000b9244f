"""The dual graph and its weights."""

from __future__ import annotations

import numpy as np
import pytest

import relutope as rt

nx = pytest.importorskip("networkx")

WEIGHTS = ("unit", "facet", "distance", "bend", "hamming", "output")


@pytest.fixture
def line():
    """relu(x) + 2 relu(x - 1) on [-1, 2]: three cells, slopes 0, 1, 3."""
    net = rt.Network.from_arrays([([[1.0], [1.0]], [0.0, -1.0]), ([[1.0, 2.0]], [0.0])])
    return rt.decompose(net, rt.Box(-1, 2))


@pytest.fixture
def cross():
    """3 relu(x) + 4 relu(y) on [-1, 1] x [-2, 1]: the four quadrants 00, 01 (y > 0), 10, 11."""
    net = rt.Network.from_arrays([(np.eye(2), np.zeros(2)), ([[3.0, 4.0]], [0.0])])
    return rt.decompose(net, rt.Box([-1, -2], [1, 1]))


@pytest.fixture(scope="module")
def random_complex():
    rng = np.random.default_rng(7)
    shape = [(12, 2), (9, 12), (2, 9)]
    net = [(rng.standard_normal(s), rng.standard_normal(s[0])) for s in shape]
    return rt.decompose(net, rt.Box(-1, 1))


def dense(complex, weight):
    graph = rt.dual_graph(complex, weight=weight)
    assert graph.format == "csr"
    assert graph.dtype == np.float64
    return graph.toarray()


def upper(complex, weight):
    """Weights in the order of the adjacency."""
    first, second = complex.adjacency.T
    return dense(complex, weight)[first, second]


def test_unit_is_the_adjacency(cross):
    assert dense(cross, "unit").tolist() == [[0, 1, 1, 0], [1, 0, 0, 1], [1, 0, 0, 1], [0, 1, 1, 0]]


def test_facet_is_the_length_of_the_shared_side(cross):
    expected = {(0, 1): 1.0, (0, 2): 2.0, (1, 3): 1.0, (2, 3): 1.0}
    assert cross.adjacency.tolist() == [list(pair) for pair in expected]
    assert upper(cross, "facet").tolist() == list(expected.values())


def test_facet_is_one_on_a_line(line):
    assert upper(line, "facet").tolist() == [1.0, 1.0]


def test_bend_is_the_jump_of_the_gradient(line, cross):
    assert upper(line, "bend").tolist() == [1.0, 2.0]
    assert upper(cross, "bend").tolist() == [4.0, 3.0, 3.0, 4.0]


def test_distance_and_output_compare_interior_points(line):
    points = line.interior_points[:, 0]
    values = np.maximum(points, 0) + 2 * np.maximum(points - 1, 0)
    np.testing.assert_allclose(upper(line, "distance"), np.diff(points))
    np.testing.assert_allclose(upper(line, "output"), np.diff(values))


def test_hamming_counts_all_neurons_that_flip():
    twins = rt.Network.from_arrays([([[1.0], [2.0], [-1.0]], [0.0] * 3), ([[1.0] * 3], [0.0])])
    assert upper(rt.decompose(twins, rt.Box(-1, 1)), "hamming").tolist() == [3.0]


def test_hamming_does_not_depend_on_the_chunks(random_complex, monkeypatch):
    whole = upper(random_complex, "hamming")
    monkeypatch.setattr("relutope.graph.dual._CHUNK", 7)
    np.testing.assert_array_equal(upper(random_complex, "hamming"), whole)


def test_edges_of_weight_zero_stay_in_the_structure():
    net = rt.Network.from_arrays([([[1.0], [1.0]], [0.0, -1.0]), ([[1.0, 0.0]], [0.0])])
    complex = rt.decompose(net, rt.Box(-1, 2))
    graph = rt.dual_graph(complex, weight="bend")
    assert graph.nnz == 2 * complex.n_edges == 4
    assert sorted(graph.data.tolist()) == [0.0, 0.0, 1.0, 1.0]


@pytest.mark.parametrize("weight", WEIGHTS)
def test_graph_is_symmetric_and_has_the_edges_of_the_complex(random_complex, weight):
    graph = rt.dual_graph(random_complex, weight=weight)
    assert graph.shape == (random_complex.n_cells,) * 2
    assert graph.nnz == 2 * random_complex.n_edges
    assert graph.has_sorted_indices
    assert (graph.toarray() == graph.toarray().T).all()
    assert (graph.data >= 0).all()
    coo = graph.tocoo()
    pairs = sorted((i, j) for i, j in zip(coo.row.tolist(), coo.col.tolist(), strict=True) if i < j)
    assert pairs == [tuple(pair) for pair in random_complex.adjacency.tolist()]


def test_one_cell_has_no_edges():
    net = rt.Network.from_arrays([([[1.0]], [5.0]), ([[1.0]], [0.0])])
    complex = rt.decompose(net, rt.Box(-1, 1))
    for weight in WEIGHTS:
        assert dense(complex, weight).tolist() == [[0.0]]
    assert rt.to_networkx(complex).number_of_nodes() == 1


def test_unknown_weight_is_refused(line):
    with pytest.raises(ValueError, match=r"`weight` is 'area'.*unit, facet, distance"):
        rt.dual_graph(line, weight="area")


def test_infinite_facets_are_refused(cross):
    unbounded = rt.decompose(cross.network)
    assert rt.dual_graph(unbounded, weight="unit").nnz == 8
    with pytest.raises(ValueError, match=r"`weight` is 'facet'.*4 of 4 edges.*bounded box"):
        rt.dual_graph(unbounded, weight="facet")


def test_networkx_has_the_same_edges_and_weights(random_complex):
    for weight in ("facet", "hamming"):
        graph = rt.to_networkx(random_complex, weight=weight)
        assert list(graph.nodes) == list(range(random_complex.n_cells))
        np.testing.assert_array_equal(nx.to_numpy_array(graph), dense(random_complex, weight))
        assert nx.is_connected(graph)


def test_networkx_attributes(cross):
    graph = rt.to_networkx(cross)
    assert [graph.nodes[i]["pattern"] for i in range(4)] == ["00", "01", "10", "11"]
    for i in range(4):
        assert graph.nodes[i]["interior_point"] == tuple(cross.interior_points[i].tolist())
    neurons = {edge: graph.edges[edge]["facet_neurons"] for edge in graph.edges}
    assert neurons == {(0, 1): (1,), (0, 2): (0,), (1, 3): (0,), (2, 3): (1,)}
