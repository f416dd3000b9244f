"""Cheeger's inequality against the conductance by brute force, and cuts with known conductance."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from scipy.linalg import eigh, eigvalsh

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
from relutope.graph import cheeger, conductance, sweep_cut
from relutope.graph.couplings import WEIGHTS, coupling_graph


def brute_force(graph):
    """The least conductance of all cuts."""
    weights = graph.toarray()
    degree = weights.sum(axis=1)
    n = len(degree)
    best = np.inf
    for bits in itertools.product([False, True], repeat=n - 1):
        side = np.array([True, *bits])
        if not side.all():
            volume = min(degree[side].sum(), degree[~side].sum())
            best = min(best, weights[side][:, ~side].sum() / volume)
    return best


GRAPHS = {
    "path-2": path(2),
    "path-9": path(9),
    "cycle-10": cycle(10),
    "complete-8": complete(8),
    "star-9": star(9),
    "hypercube-3": hypercube(3),
    "grid-3-4": grid(3, 4),
    **{f"random-{seed}": random_graph(6 + seed, seed) for seed in range(6)},
}


@pytest.mark.parametrize("name", GRAPHS)
def test_cheeger_inequality_by_brute_force(name):
    graph = GRAPHS[name]
    h = brute_force(graph)
    found = cheeger(graph)
    assert found.value == pytest.approx(eigvalsh(laplacian(graph, True))[1], rel=1e-10)
    assert found.lower <= h * (1 + 1e-12)
    assert h <= found.conductance * (1 + 1e-12)
    assert found.conductance <= found.upper
    assert found.lower == pytest.approx(found.value / 2, rel=1e-6)
    assert found.upper == pytest.approx(np.sqrt(2 * found.value), rel=1e-6)


# The hypercube attains the lower bound: h = lambda_2 / 2 = 1 / d, by a facet.
CUTS = {
    "path-10": (path(10), 1 / 9),
    "path-1000": (path(1000), 1 / 999),
    "cycle-800": (cycle(800), 2 / 800),
    "grid-20-40": (grid(20, 40), 20 / (2 * 20 * 39 + 2 * 19 * 40) * 2),
    "two cliques": (
        from_edges(600, [*itertools.combinations(range(300), 2), (0, 300)]
                   + [(a + 300, b + 300) for a, b in itertools.combinations(range(300), 2)]),
        1 / (300 * 299 + 1),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CUTS)
def test_sweep_finds_the_known_cut(name):
    graph, h = CUTS[name]
    found = cheeger(graph)
    assert found.conductance == pytest.approx(h, rel=1e-12)
    assert found.partition[0]
    assert 2 * found.partition.sum() == graph.shape[0]


def test_hypercube_attains_the_lower_bound():
    found = cheeger(hypercube(3))
    assert found.lower == pytest.approx(1 / 3, rel=1e-12)
    assert brute_force(hypercube(3)) == pytest.approx(1 / 3, rel=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_the_sweep_is_over_the_eigenvector_divided_by_the_roots_of_the_degrees(seed):
    """Degrees over three decades make another order of the nodes, and another best cut."""
    rng = np.random.default_rng(seed)
    scale = 10 ** rng.uniform(-1.5, 1.5, 40)
    weights = random_graph(40, seed, decades=0.0).toarray() * np.outer(scale, scale)
    degree = weights.sum(axis=1)
    vector = eigh(laplacian(weights, True))[1][:, 1]
    best = sweep_cut(weights, vector / np.sqrt(degree))[1]
    assert cheeger(weights).conductance == pytest.approx(best, rel=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_sweep_is_the_best_threshold(seed):
    rng = np.random.default_rng(seed)
    graph = random_graph(12, seed)
    vector = rng.integers(0, 9, 12).astype(float)
    side, value = sweep_cut(graph, vector)
    order = np.argsort(vector, kind="stable")
    sides = [np.isin(np.arange(12), order[:m]) for m in range(1, 12)]
    assert value == pytest.approx(min(conductance(graph, s) for s in sides), rel=1e-12)
    assert conductance(graph, side) == value
    assert side[0]


def test_sweep_of_any_vector_keeps_its_promise():
    """sqrt(2 R) for every vector orthogonal to the degrees, not only for eigenvectors."""
    rng = np.random.default_rng(0)
    graph = random_graph(200, 5)
    weights = graph.toarray()
    degree = weights.sum(axis=1)
    for _ in range(20):
        x = rng.standard_normal(200).cumsum()
        x -= degree @ x / degree.sum()
        rayleigh = (weights * (x[:, None] - x) ** 2).sum() / 2 / (degree * x * x).sum()
        assert sweep_cut(graph, x)[1] <= np.sqrt(2 * rayleigh)


@pytest.mark.parametrize("seed", range(4))
def test_conductance_is_summed_exactly(seed):
    graph = random_graph(300, seed)
    side = np.arange(300) < 120
    weights = [[Fraction(w) for w in row] for row in graph.toarray()]
    cut = sum(weights[i][j] for i in range(120) for j in range(120, 300))
    volumes = sum(map(sum, weights[:120])), sum(map(sum, weights[120:]))
    assert conductance(graph, side) == float(cut) / float(min(volumes))


def test_conductance_of_all_or_nothing_is_undefined():
    assert np.isnan(conductance(path(3), [True] * 3))
    assert conductance(np.zeros((2, 2)), [True, False]) == 0.0


@pytest.mark.parametrize("weight", WEIGHTS)
def test_complex_with_all_weights(weight):
    rng = np.random.default_rng(3)
    net = [
        (rng.standard_normal((5, 2)), rng.standard_normal(5)),
        (rng.standard_normal((1, 5)), [0]),
    ]
    cx = rt.decompose(net, rt.Box(-2, 2), threads=1)
    assert 8 < cx.n_cells < 17
    graph = coupling_graph(cx, weight)
    found = cheeger(cx, weight=weight)
    h = brute_force(graph)
    assert found.lower <= h * (1 + 1e-12)
    assert h <= found.conductance * (1 + 1e-12) <= found.upper * (1 + 2e-12)


def test_complex_that_is_a_grid():
    found = cheeger(grid_complex(4, 8))
    assert found.conductance == pytest.approx(4 / (4 * 7 + 3 * 8), rel=1e-12)


def test_disconnected_graph_has_conductance_zero():
    found = cheeger(disjoint(path(3), cycle(4), path(2)))
    assert (found.value, found.lower, found.upper, found.conductance) == (0.0,) * 4
    assert found.partition.tolist() == [True] * 3 + [False] * 6
    assert "3 components" in found.statement


def test_one_node_has_no_cut():
    found = cheeger([[0.0]])
    assert np.isnan([found.value, found.lower, found.upper, found.conductance]).all()
    assert not found.partition.any()
    assert "one node" in found.statement
    with pytest.raises(ValueError, match="`graph` has one node"):
        sweep_cut([[0.0]], [1.0])


def test_edges_of_weight_zero_are_left_out():
    graph = from_edges(3, [(0, 1), (1, 2)], [1.0, 0.0])
    found = cheeger(graph)
    assert found.conductance == 0.0
    assert "1 edges of weight 0" in found.statement


def test_what_is_not_resolved_is_said():
    found = cheeger(from_edges(5, [(i, i + 1) for i in range(4)], [1.0, 1e-25, 1e-25, 1.0]))
    assert "Not resolved" in found.statement
    assert found.lower < 1e-15


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: conductance(path(3), [1, 0, 0]), "`partition` has shape .*int64; give 3 bools"),
        (lambda: conductance(path(3), [True]), "`partition` has shape"),
        (lambda: sweep_cut(path(3), [1.0, 2.0]), "`vector` has shape"),
        (lambda: sweep_cut(path(3), [1.0, 2.0, np.nan]), "`vector` has shape .* finite"),
        (lambda: cheeger(path(3), weight="facet"), "`weight` is 'facet'"),
        (lambda: cheeger([[0, -1], [-1, 0]]), "give weights >= 0"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
