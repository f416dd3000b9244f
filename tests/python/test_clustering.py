"""Partitions into many parts of graphs whose parts are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_array

from graphs import complete, cycle, disjoint, from_edges, grid, grid_complex, path, random_graph
from relutope.graph import conductance, recursive_bisection, spectral_clustering
from relutope.graph.kmeans import kmeans


def chain_of_cliques(sizes, bridge=1.0):
    """Cliques in a row, joined by single edges, and the clique of each node."""
    cliques = coo_array(disjoint(*[complete(m) for m in sizes]))
    upper = cliques.row < cliques.col
    ends = np.cumsum(sizes)[:-1]
    edges = np.concatenate(
        [np.column_stack([cliques.row, cliques.col])[upper], np.column_stack([ends - 1, ends])]
    )
    weights = np.concatenate([cliques.data[upper], np.full(len(ends), bridge)])
    return from_edges(sum(sizes), edges, weights), np.repeat(np.arange(len(sizes)), sizes)


METHODS = {
    "clustering": spectral_clustering,
    "sign": recursive_bisection,
    "sweep": lambda *a, **k: recursive_bisection(*a, rule="sweep", normalized=True, **k),
}


@pytest.mark.parametrize("sizes", [(5, 6, 7), (8, 8, 8, 8), (200, 150, 170, 180)])
@pytest.mark.parametrize("method", METHODS)
def test_cliques_are_found(method, sizes):
    graph, truth = chain_of_cliques(sizes)
    found = METHODS[method](graph, len(sizes))
    np.testing.assert_array_equal(found.labels, truth)
    assert found.sizes.tolist() == list(sizes)
    assert found.n_parts == len(sizes)
    ends = [1.0, *[2.0] * (len(sizes) - 2), 1.0]
    assert found.cut.tolist() == ends
    volumes = [m * (m - 1) + e for m, e in zip(sizes, ends, strict=True)]
    assert found.volume.tolist() == volumes
    assert found.normalized_cut == pytest.approx(np.sum(np.array(ends) / volumes))


@pytest.mark.parametrize("method", METHODS)
def test_components_are_the_parts(method):
    graph = disjoint(cycle(5), path(7), complete(4))
    found = METHODS[method](graph, 3)
    assert found.labels.tolist() == [0] * 5 + [1] * 7 + [2] * 4
    assert found.cut.tolist() == [0.0] * 3
    assert found.normalized_cut == 0.0


@pytest.mark.parametrize("method", METHODS)
def test_more_components_than_parts(method):
    graph = disjoint(path(2), path(9), path(3), from_edges(1, []))
    found = METHODS[method](graph, 2)
    assert found.n_parts == 2
    assert found.cut.tolist() == [0.0, 0.0]
    component = np.repeat(range(4), [2, 9, 3, 1])
    assert all(len(set(found.labels[component == c])) == 1 for c in range(4))


@pytest.mark.parametrize("method", METHODS)
def test_isolated_nodes(method):
    found = METHODS[method](np.zeros((3, 3)), 3)
    assert found.labels.tolist() == [0, 1, 2]
    assert METHODS[method]([[0.0]], 1).labels.tolist() == [0]


@pytest.mark.parametrize("sides", [(8, 20), (12, 60)])
def test_grid_is_cut_into_slabs(sides):
    m, n = sides
    found = recursive_bisection(grid(m, n), 4)
    assert found.labels.reshape(m, n).tolist() == [np.repeat(range(4), n // 4).tolist()] * m
    assert found.statement == "Every cut is determined by the graph."
    assert found.cut.tolist() == [m, 2 * m, 2 * m, m]


def test_complex_that_is_a_grid():
    found = recursive_bisection(grid_complex(3, 8), 2, weight="facet")
    sides = grid_complex(3, 8).interior_points[:, 1] < 4
    np.testing.assert_array_equal(found.labels == found.labels[sides][0], sides)
    clusters = spectral_clustering(grid_complex(3, 8), 2, weight="inverse-distance")
    np.testing.assert_array_equal(clusters.labels, found.labels)


@pytest.mark.parametrize("n", [33, 700])
@pytest.mark.parametrize("normalized", [False, True])
def test_median_makes_equal_halves(n, normalized):
    found = recursive_bisection(random_graph(n, 2), 4, rule="median", normalized=normalized, seed=1)
    assert found.sizes.max() - found.sizes.min() <= 1


def test_median_cuts_at_most_one_component():
    graph = disjoint(path(3), path(8), cycle(5))
    found = recursive_bisection(graph, 2, rule="median")
    assert found.labels.tolist() == [0] * 3 + [1] * 8 + [0] * 5
    graph = disjoint(path(2), path(10), path(2))
    found = recursive_bisection(graph, 2, rule="median")
    assert found.labels.tolist() == [0] * 2 + [1] * 7 + [0] * 3 + [0] * 2
    assert found.cut.tolist() == [1.0, 1.0]


def test_sweep_is_at_least_as_good_as_the_sign():
    graph = random_graph(150, 8)
    cuts = [
        conductance(graph, recursive_bisection(graph, 2, normalized=True, rule=rule).labels == 0)
        for rule in ("sweep", "sign", "median")
    ]
    assert cuts[0] <= min(cuts[1:]) * (1 + 1e-12)


def test_arbitrary_choices_are_said_to_be():
    assert "1 of 1 cuts" in recursive_bisection(cycle(8), 2).statement
    assert "one choice among many" in spectral_clustering(cycle(8), 2).statement
    assert "one choice among many" not in spectral_clustering(cycle(8), 3).statement
    assert "one choice among many" in spectral_clustering(complete(700), 3).statement
    graph, _ = chain_of_cliques((5, 6, 7))
    assert "one choice among many" not in spectral_clustering(graph, 3).statement


@pytest.mark.parametrize("method", METHODS)
def test_as_many_parts_as_nodes_and_one_part(method):
    graph = random_graph(9, 1)
    assert METHODS[method](graph, 9).labels.tolist() == list(range(9))
    one = METHODS[method](graph, 1)
    assert one.labels.tolist() == [0] * 9
    assert one.cut.tolist() == [0.0]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [40, 800])
def test_same_seed_same_bytes(method, n):
    graph = random_graph(n, 4)
    first, again = (METHODS[method](graph, 5, seed=3) for _ in range(2))
    assert first.labels.tobytes() == again.labels.tobytes()
    assert first.statement == again.statement


def test_kmeans_finds_separate_blobs_and_uses_every_label():
    rng = np.random.default_rng(0)
    centres = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0], [9.0, 9.0]])
    points = np.repeat(centres, 50, axis=0) + rng.standard_normal((200, 2))
    labels = kmeans(points, 4, rng)
    groups = labels.reshape(4, 50)
    assert (groups == groups[:, :1]).all()
    assert sorted(groups[:, 0]) == [0, 1, 2, 3]


def test_kmeans_of_fewer_points_than_labels():
    points = np.array([[0.0], [0.0], [1.0]])
    labels = kmeans(points, 3, np.random.default_rng(0))
    assert labels[0] == labels[1] != labels[2]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: spectral_clustering(path(3), 0), "`n_parts` must be at least 1, got 0"),
        (lambda: recursive_bisection(path(3), 4), "`n_parts` is 4; the graph has 3 nodes"),
        (lambda: recursive_bisection(path(3), 2, rule="best"), "`rule` is 'best'; use one of sign"),
        (lambda: recursive_bisection(path(3), 2, weight="facet"), "`weight` is 'facet'"),
        (lambda: spectral_clustering([[0, 1], [2, 0]], 1), "not symmetric"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
