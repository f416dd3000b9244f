"""Paths through facets, distances, segments: known answers, networkx, brute force."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

import relutope as rt
from relutope.graph import betweenness, diameter, eccentricities, facet_distances
from small_networks import absolute, random_network, small_integer_network

networkx = pytest.importorskip("networkx")

MAKERS = (random_network, small_integer_network)


def complexes():
    for seed in range(6):
        for make in MAKERS:
            for widths in ([2, 6, 4, 1], [3, 4, 3, 1]):
                layers = make(widths, seed)
                yield layers, rt.decompose(layers, rt.Box(-1, 1, dim=widths[0]))


def assert_path(cx, path, ends):
    """Each cell shares the facet with the next on which these neurons vanish."""
    cells = path.cells
    assert (cells[0], cells[-1]) == ends
    np.testing.assert_array_equal(path.patterns, cx.patterns[cells])
    keys = {tuple(pair): k for k, pair in enumerate(cx.adjacency.tolist())}
    for (i, j), neurons in zip(itertools.pairwise(cells), path.neurons, strict=True):
        edge = keys[min(i, j), max(i, j)]
        assert neurons.tolist() == cx.facet_neurons[edge].tolist()


def test_lengths_are_networkx_s():
    for _, cx in complexes():
        rng = np.random.default_rng(cx.n_cells)
        for weight in ("unit", "hamming", "facet", "bend"):
            graph = rt.to_networkx(cx, weight)
            start, end = rng.integers(cx.n_cells, size=2).tolist()
            path = rt.shortest_path(cx, start, end, weight=weight)
            expected = networkx.dijkstra_path_length(graph, start, end)
            assert path.length == pytest.approx(expected, abs=1e-12)
            assert path.optimal
            assert_path(cx, path, (start, end))
        own = rng.integers(0, 5, cx.n_edges).astype(float)  # zeros too
        assert rt.shortest_path(cx, 0, cx.n_cells - 1, weight=own).length == pytest.approx(
            with_weights(cx, own)
        )


def with_weights(cx, weights):
    graph = networkx.Graph()
    graph.add_nodes_from(range(cx.n_cells))
    for (i, j), w in zip(cx.adjacency.tolist(), weights, strict=True):
        graph.add_edge(i, j, weight=w)
    return networkx.dijkstra_path_length(graph, 0, cx.n_cells - 1)


@pytest.mark.parametrize("bounded", [True, False])
def test_without_the_complex(bounded):
    """Bounds enclose the distance for every budget; when they meet it is found."""
    optimal = 0
    for layers, whole in complexes():
        domain = whole.domain if bounded else None
        cx = whole if bounded else rt.decompose(layers)
        rng = np.random.default_rng(cx.n_cells)
        start, end = rng.uniform(-1, 1, (2, cx.dim))
        a, b = cx.locate(np.stack([start, end]))
        expected = rt.shortest_path(cx, int(a), int(b)).length
        for budget in (2, 20, 5000):
            path = rt.shortest_path(layers, start, end, domain=domain, max_cells=budget)
            assert path.lower_bound <= expected <= path.length
            if np.isfinite(path.length):
                index = {row.tobytes(): i for i, row in enumerate(cx.patterns)}
                cells = np.array([index[row.tobytes()] for row in path.patterns])
                object.__setattr__(path, "cells", cells)
                assert_path(cx, path, (a, b))
        assert path.optimal
        optimal += path.n_explored < cx.n_cells
    assert optimal >= 2


def test_one_hidden_layer_needs_no_search():
    """30 inputs: the segment crosses each separating hyperplane once."""
    layers = random_network([30, 40, 1], 0)
    rng = np.random.default_rng(1)
    start, end = rng.normal(size=(2, 30))
    path = rt.shortest_path(layers, start, end)
    differ = (layers[0][0] @ start + layers[0][1] > 0) != (layers[0][0] @ end + layers[0][1] > 0)
    assert path.length == path.lower_bound == differ.sum()
    assert path.n_explored == 2


def test_repeated_hyperplanes_are_one_crossing():
    layers = [([[1.0, 0.0], [-2.0, 0.0], [3.0, 0.0]], [-0.5, 1.0, -1.5]), ([[1.0] * 3], [0.0])]
    path = rt.shortest_path(layers, [0.0, 0.0], [1.0, 0.0])
    assert (path.length, path.lower_bound, path.n_crossings) == (1, 1, 1)
    assert path.neurons[0].tolist() == [0, 1, 2]
    assert str(path) == "1 crossings, length 1 (optimal)"


def test_a_detour_may_be_shorter_than_the_segment():
    """Lines that only matter above ``y = 1``, where they bend away."""
    first = ([[0.0, 1.0], [1.0, 0.0]], [-1.0, 0.0])  # active above y = 1
    layers = [
        first,
        ([[-4.0, 1.0], [-4.0, 2.0], [-4.0, 3.0], [-4.0, 4.0]], [-1.0] * 4),
        (np.ones((1, 4)), [0.0]),
    ]
    domain = rt.Box([0.01, -4], [4, 8])
    cx = rt.decompose(layers, domain)
    for points in ([[0.1, 0.5], [3.9, 0.5]], [[0.1, 1.5], [3.9, 1.5]]):
        a, b = cx.locate(points)
        path = rt.shortest_path(layers, *points, domain=domain)
        assert path.optimal
        assert path.length == rt.shortest_path(cx, int(a), int(b)).length


def test_explorations_and_ends():
    layers = random_network([2, 6, 1], 2)
    found = rt.explore(layers, [0.0, 0.0], max_cells=10)
    path = rt.shortest_path(found, 0, 9)
    whole = rt.decompose(layers)
    a, b = whole.locate(found.interior_points[[0, 9]])
    exact = rt.shortest_path(whole, int(a), int(b)).length
    assert path.lower_bound <= exact <= path.length
    assert rt.shortest_path(found, 0, 9, weight="hamming").lower_bound == 0
    assert rt.shortest_path(whole, [0.0, 0.0], [0.0, 0.0]).length == 0
    same = rt.shortest_path(layers, [0.0, 0.0], [0.0, 0.0])
    assert (same.length, same.optimal, len(same.patterns)) == (0, True, 1)
    with pytest.raises(IndexError, match="`end` is 1000"):
        rt.shortest_path(whole, 0, 1000)
    with pytest.raises(ValueError, match="`start` must be a cell or a point of shape"):
        rt.shortest_path(whole, [1.0], 0)
    box = rt.decompose(layers, rt.Box(-1, 1))
    with pytest.raises(ValueError, match="`end` is in none of the cells"):
        rt.shortest_path(box, 0, [5.0, 5.0])
    with pytest.raises(ValueError, match="`weight` has shape"):
        rt.shortest_path(box, 0, 1, weight=[1.0])
    with pytest.raises(ValueError, match="not finite or < 0"):
        rt.shortest_path(box, 0, 1, weight=-np.ones(box.n_edges))
    with pytest.raises(ValueError, match="`weight` goes with a complex"):
        rt.shortest_path(layers, [0.0, 0.0], [1.0, 1.0], weight="hamming")
    with pytest.raises(ValueError, match="`domain` goes with a network"):
        rt.shortest_path(box, 0, 1, domain=rt.Box(0, 1))


# -- distances in the graph


def test_eccentricities_and_diameter_are_networkx_s():
    for _, cx in complexes():
        graph = rt.to_networkx(cx)
        expected = networkx.eccentricity(graph)
        found = eccentricities(cx)
        assert found.tolist() == [expected[i] for i in range(cx.n_cells)]
        ends = diameter(cx)
        assert int(ends) == max(expected.values())
        assert ends.radius == min(expected.values()) == expected[ends.centre]
        assert facet_distances(cx, ends.ends[0])[ends.ends[1]] == ends.diameter


@pytest.mark.parametrize("n", [2, 5, 9])
def test_the_cube_has_diameter_n(n):
    """Orthants: the dual graph is the graph of a cube."""
    layers = [(np.eye(n), np.zeros(n)), (np.ones((1, n)), [0.0])]
    found = diameter(rt.decompose(layers, engine="lp"))
    assert (found.diameter, found.radius) == (n, n)


def test_a_long_path_needs_few_searches():
    b = -np.arange(400.0)
    found = diameter(rt.decompose([(np.ones((400, 1)), b), (np.ones((1, 400)), [0.0])]))
    assert (found.diameter, found.radius, found.centre) == (400, 200, 200)
    assert found.n_searches < 20


def test_graphs_that_have_no_diameter():
    with pytest.raises(ValueError, match="not connected"):
        diameter(np.zeros((2, 2)))
    assert facet_distances(np.zeros((2, 2)), 0).tolist() == [0, -1]
    assert betweenness(np.zeros((2, 2))).tolist() == [0.0, 0.0]


def test_betweenness_is_networkx_s():
    for _, cx in list(complexes())[:12]:
        expected = networkx.betweenness_centrality(rt.to_networkx(cx))
        values = [expected[i] for i in range(cx.n_cells)]
        np.testing.assert_allclose(betweenness(cx), values, atol=1e-12)
        plain = betweenness(cx, normalized=False)
        n = cx.n_cells
        if n > 2:
            np.testing.assert_allclose(plain * 2 / ((n - 1) * (n - 2)), values, atol=1e-12)


def test_samples_of_betweenness():
    cx = rt.decompose(random_network([2, 12, 1], 0))
    exact, some = betweenness(cx), betweenness(cx, samples=cx.n_cells)
    np.testing.assert_allclose(some, exact)
    means = np.mean([betweenness(cx, samples=10, seed=k) for k in range(60)], axis=0)
    assert abs(means - exact).max() < 0.2 * exact.max()
    with pytest.raises(ValueError, match="`samples` must be at most"):
        betweenness(cx, samples=cx.n_cells + 1)


# -- segments


def signs_at(layers, x):
    found = []
    here = x
    for W, b in layers[:-1]:
        z = [
            sum(
                (Fraction(float(w)) * h for w, h in zip(row, here, strict=True)), Fraction(float(c))
            )
            for row, c in zip(W, b, strict=True)
        ]
        found += [(v > 0) - (v < 0) for v in z]
        here = [max(v, Fraction(0)) for v in z]
    return found


@pytest.mark.parametrize("make", MAKERS)
def test_segments_against_rationals(make):
    faces = 0
    for seed in range(10):
        layers = make([2, 5, 4, 1], seed)
        cx = rt.decompose(layers, rt.Box(-2, 2))
        rng = np.random.default_rng(seed)
        start, end = rng.integers(-8, 9, (2, 2)) / 4.0
        if (start == end).all():
            continue
        found = rt.segment_cells(cx, start, end)
        alone = rt.segment_cells(layers, start, end)
        np.testing.assert_array_equal(found.signs, alone.signs)
        assert alone.cells.tolist() == [-1] * len(alone)
        assert (np.diff(found.t) > 0).all()
        assert (found.t[0], found.t[-1]) == (0, 1)
        for k, (low, high) in enumerate(zip(found.t[:-1], found.t[1:], strict=True)):
            t = (Fraction(low) + Fraction(high)) / 2
            x = [
                Fraction(a) + t * (Fraction(b) - Fraction(a))
                for a, b in zip(start, end, strict=True)
            ]
            assert signs_at(layers, x) == found.signs[k].tolist()
            cell = cx.patterns[found.cells[k]]
            strict = found.signs[k] != 0
            assert (cell[strict] == (found.signs[k][strict] > 0)).all()
            faces += not strict.all()
        for neurons, before, after in zip(
            found.neurons, found.signs[:-1], found.signs[1:], strict=True
        ):
            assert set(np.flatnonzero(before != after)) <= set(neurons.tolist())
    assert faces or make is random_network


def test_a_segment_in_a_face_belongs_to_the_lowest_cell():
    cx = rt.decompose(absolute(2), rt.Box(-1, 1))
    found = rt.segment_cells(cx, [-1, 0], [1, 0])
    assert found.t.tolist() == [0, 0.5, 1]
    assert found.cells.tolist() == cx.locate([[-0.5, 0], [0.5, 0]]).tolist()
    assert found.neurons[0].tolist() == [0, 1, 2, 3]
    assert str(found) == "2 pieces, 1 crossings"


def test_segments_in_many_inputs_and_errors():
    layers = random_network([100, 30, 20, 1], 0)
    found = rt.segment_cells(layers, np.zeros(100), np.ones(100))
    assert found.n_crossings == len(found) - 1 > 10
    cx = rt.decompose(random_network([2, 3, 1], 0), rt.Box(-1, 1))
    with pytest.raises(rt.InvalidDomainError, match="outside of the domain"):
        rt.segment_cells(cx, [0, 0], [2, 0])
    with pytest.raises(ValueError, match="the same point"):
        rt.segment_cells(cx, [0, 0], [0, 0])
    with pytest.raises(ValueError, match="`start` must be a point of 2"):
        rt.segment_cells(cx, [0], [0, 1])
    with pytest.raises(ValueError, match="`end` contains NaN"):
        rt.segment_cells(cx, [0, 0], [0, np.nan])
    with pytest.raises(TypeError, match="is a Slice"):
        rt.segment_cells(rt.slice(layers, np.eye(100)[:3]), [0, 0], [0, 1])
