"""Filtrations beyond those of the output, cycles, summaries of diagrams, and distances."""

from __future__ import annotations

import numpy as np
import pytest

import relutope as rt
from relutope.topology import (
    bottleneck_distance,
    cell_values,
    persistent_entropy,
    random_betti_curves,
    total_persistence,
    wasserstein_distance,
)
from small_networks import absolute, random_network, ridge, small_integer_network

inf = np.inf


def lines(rows, offsets):
    """One hidden layer whose neurons vanish on the given hyperplanes."""
    W = np.array(rows, dtype=float)
    return [(W, np.array(offsets, dtype=float)), (np.ones((1, len(W))), np.zeros(1))]


@pytest.fixture(
    scope="module",
    params=[
        ([2, 8, 6, 1], random_network, rt.Box(-1.5, 2)),
        ([2, 7, 5, 1], small_integer_network, None),
        ([3, 6, 4, 1], random_network, None),
        ([3, 5, 4, 1], small_integer_network, rt.Box(-2, 2)),
        ([4, 4, 3, 1], random_network, rt.Box(-1, 1)),
    ],
    ids=["square", "integer plane", "space", "integer cube", "4-cube"],
)
def cx(request):
    widths, make, domain = request.param
    return rt.decompose(make(widths, 1), domain)


# -- faces and simplices


@pytest.mark.parametrize("p", [2, 3])
def test_both_methods_give_the_same_pairs(cx, p):
    pytest.importorskip("gudhi")
    values = np.random.default_rng(0).integers(0, 9, cx.n_cells).astype(float)
    for filtration in ("sublevel", "superlevel", "random", "depth", values):
        on = None if isinstance(filtration, str) else "cells"
        faces = rt.persistence(cx, filtration, on=on, field=p)
        simplices = rt.persistence(cx, filtration, on=on, field=p, method="simplices")
        assert faces == simplices


# name: (layers, steps of the grid, pairs of dimension 0, 1, ... that are longer than its error)
GRIDS = {
    "2-D, seed 3": (random_network([2, 12, 10, 1], 3), 200, [1, 0]),
    "2-D, seed 5": (random_network([2, 12, 10, 1], 5), 200, [3, 1]),
    "3-D, seed 6": (random_network([3, 10, 8, 1], 6), 48, [0, 0, 0]),
    "3-D, seed 7": (random_network([3, 10, 8, 1], 7), 48, [0, 0, 0]),
    "octahedra": (absolute(3, last=-np.ones((1, 6))), 24, [7, 5, 1]),
}


@pytest.mark.parametrize("name", GRIDS)
def test_persistence_of_f_agrees_with_a_fine_grid(name):
    """The grid's function differs from f by at most the variation of f within a grid cube."""
    gudhi = pytest.importorskip("gudhi")
    layers, steps, long = GRIDS[name]
    complex = rt.decompose(layers, rt.Box(-1, 1))
    n = complex.dim
    axis = np.linspace(-1, 1, steps + 1)
    grid = np.stack(np.meshgrid(*[axis] * n, indexing="ij"), axis=-1)
    values = complex.network.forward(grid.reshape(-1, n)).reshape(grid.shape[:-1])
    cubes = gudhi.CubicalComplex(vertices=values)
    cubes.compute_persistence(homology_coeff_field=2)
    error = cell_values(complex, "gradient").max() * np.sqrt(n) * 2 / steps
    pairs = rt.persistence(complex)
    for k in range(n):
        ends = [(k, (b, d)) for b, d in cubes.persistence_intervals_in_dimension(k)]
        assert bottleneck_distance(pairs, ends, k) <= error
        assert sum(2 * error < d - b < inf for dim, (b, d) in pairs if dim == k) == long[k]


# -- filtrations


def test_depth_of_an_arrangement_counts_bounded_cells():
    """One layer: the lines form a graph whose holes are the bounded cells, filled by the cells."""
    triangle = rt.decompose(lines([[1, 0], [0, 1], [-1, -1]], [0, 0, 1]))
    # Over the plane the arcs around it close at the infinite box, which is no part of the lines.
    assert rt.persistence(triangle, "depth") == [(0, (1.0, inf)), (1, (1.0, 2.0))]


def test_depth_of_two_layers():
    """|x| + |y| - 1 as a neuron of the second layer: a circle that fills a cross to four holes."""
    complex = rt.decompose(ridge(), rt.Box(-2, 2))
    pairs = rt.persistence(complex, "depth")
    assert pairs == [(0, (1.0, inf)), *[(1, (2.0, 3.0))] * 4]


def test_cells_by_gradient_enter_from_the_flat_side():
    """relu(x) + relu(-x-1): flat between -1 and 0."""
    layers = [([[1.0], [-1.0]], [0.0, -1.0]), ([[1.0, 2.0]], [0.0])]
    complex = rt.decompose(layers, rt.Box(-2, 2))
    slopes = cell_values(complex, "gradient")
    assert sorted(slopes.tolist()) == [0.0, 1.0, 2.0]
    assert rt.persistence(complex, slopes, on="cells") == [(0, (0.0, inf))]
    assert rt.persistence(complex, -slopes, on="cells") == [(0, (-2.0, inf)), (0, (-1.0, 0.0))]


def test_cells_by_loss_and_distance():
    complex = rt.decompose(lines([[1.0], [1.0]], [0.0, -1.0]), rt.Box(-2, 3))
    X = [[-1.5], [-0.5], [2.0], [9.0]]  # two rows left of 0, one right of 1, one outside
    where = complex.locate(X)
    loss = cell_values(complex, "loss", X, [1.0, 3.0, 0.5, 7.0])
    empty = ({0, 1, 2} - set(where.tolist())).pop()
    assert loss[where[:3]].tolist() == [2.0, 2.0, 0.5]
    assert loss[empty] == 2.0
    distance = cell_values(complex, "distance", X)
    assert distance[where[:3]].tolist() == [0.0, 0.0, 0.0]
    nearest = min(abs(complex.interior_points[empty, 0] - x[0]) for x in X)
    assert distance[empty] == nearest


def test_volumes_are_those_of_the_complex():
    complex = rt.decompose(random_network([2, 5, 1], 0), rt.Box(-1, 1))
    assert np.array_equal(cell_values(complex, "volume"), complex.cell_volumes)
    with pytest.raises(ValueError, match="some cells are unbounded"):
        cell_values(rt.decompose(random_network([2, 5, 1], 0)), "volume")


def test_values_that_do_not_fit_are_refused():
    complex = rt.decompose(random_network([2, 3, 1], 0), rt.Box(-1, 1))
    for call, message in (
        (lambda: cell_values(complex, "size"), "`kind` is 'size'; use one of volume, gradient"),
        (lambda: cell_values(complex, "distance"), "'distance', which needs `X`"),
        (lambda: cell_values(complex, "gradient", [[0, 0]]), "does not take `X`"),
        (lambda: cell_values(complex, "distance", [[0, 0]], [1]), "does not take `losses`"),
        (lambda: cell_values(complex, "distance", [[5, 5]]), "`X` has no row in the domain"),
        (lambda: cell_values(complex, "loss", [[0, 0]], [1, 2]), r"`losses` has shape \(2,\)"),
        (lambda: rt.persistence(complex, field=6), "`field` is 6; give a prime"),
        (lambda: rt.persistence(complex, method="x"), "`method` is 'x'"),
        (lambda: rt.persistent_cycles(complex, dim=3), "`dim` is 3"),
    ):
        with pytest.raises(ValueError, match=message):
            call()


# -- cycles


@pytest.mark.parametrize("filtration", ["sublevel", "superlevel", "random", "depth"])
def test_cycles_have_the_lifetimes_of_the_pairs(cx, filtration):
    pairs = rt.persistence(cx, filtration, field=3)
    for k in range(cx.dim + 1):
        cycles = rt.persistent_cycles(cx, filtration, k, field=3)
        ends = [(cycle.birth, cycle.death) for cycle in cycles]
        assert sorted(ends) == [tuple(ends) for ends in pairs.array(k).tolist()]
        lengths = [abs(death - birth) for birth, death in ends]
        assert lengths == sorted(lengths, reverse=True)


@pytest.mark.parametrize("p", [2, 3])
def test_cycles_of_f_are_cycles_below_their_birth(p):
    complex = rt.decompose(random_network([2, 12, 10, 1], 5), rt.Box(-1, 1))
    values, _ = complex.vertex_values
    cycles = rt.persistent_cycles(complex, "sublevel", 1, field=p)
    assert len(cycles) == 6
    for cycle in cycles:
        chain = np.zeros(complex.f_vector[1], dtype=np.int64)
        chain[cycle.faces] = cycle.coefficients
        assert not (complex.boundary_matrix(1).astype(np.int64) @ chain % p).any()
        corners = np.concatenate([complex.faces(1).vertices[int(i)] for i in cycle.faces])
        assert values[corners].max() == cycle.birth


def test_values_per_vertex_have_no_cycles_of_faces():
    complex = rt.decompose(absolute(2), rt.Box(-1, 1))
    with pytest.raises(ValueError, match="one value per vertex"):
        rt.persistent_cycles(complex, np.arange(9.0), 1)


# -- summaries


PAIRS = [(0, (0.0, inf)), (0, (0.0, 1.0)), (0, (0.0, 3.0)), (1, (2.0, 4.0))]


def test_totals_and_entropies_by_hand():
    assert total_persistence(PAIRS, 0) == 4.0
    assert total_persistence(PAIRS, 0, power=2) == 10.0
    assert total_persistence(PAIRS, 0, power=0) == 2.0
    assert total_persistence(PAIRS, 0, cap=4.0) == 8.0
    assert total_persistence(PAIRS, 2) == 0.0
    expected = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75))
    assert persistent_entropy(PAIRS, 0) == pytest.approx(expected)
    assert persistent_entropy(PAIRS, 1) == 0.0
    assert persistent_entropy(PAIRS, 2) == 0.0
    assert persistent_entropy([(1, (0.0, 2.0))] * 8, 1) == pytest.approx(np.log(8))


def test_superlevel_diagrams_are_read_upside_down():
    down = [(k, (-b, -d)) for k, (b, d) in PAIRS]
    assert total_persistence(down, 0, cap=-4.0) == 8.0
    assert persistent_entropy(down, 0) == persistent_entropy(PAIRS, 0)


def test_distances_by_hand():
    pytest.importorskip("gudhi")
    a, b = [(1, (0.0, 4.0)), (1, (1.0, 2.0))], [(1, (1.0, 4.0))]
    assert bottleneck_distance(a, b, 1) == pytest.approx(1.0)
    assert wasserstein_distance(a, b, 1) == pytest.approx(1.5, rel=1e-5)
    assert wasserstein_distance(a, b, 1, order=2) == pytest.approx(np.sqrt(1.25), rel=1e-5)
    assert bottleneck_distance(a, a, 1) == pytest.approx(0.0)
    assert wasserstein_distance(a, a, 1) == pytest.approx(0.0)
    assert bottleneck_distance(a, b, 0) == wasserstein_distance(a, b, 0) == 0.0  # both empty


def test_distances_of_infinite_classes():
    pytest.importorskip("gudhi")
    a = [(0, (-inf, 1.0)), (0, (-inf, inf)), (0, (0.0, inf)), (0, (0.0, 1.0))]
    b = [(0, (-inf, 3.0)), (0, (-inf, inf)), (0, (0.5, inf)), (0, (0.0, 1.0))]
    assert bottleneck_distance(a, b, 0) == 2.0
    assert wasserstein_distance(a, b, 0) == pytest.approx(2.5, rel=1e-5)
    assert wasserstein_distance(a, b, 0, order=2) == pytest.approx(np.sqrt(4.25), rel=1e-5)
    assert bottleneck_distance(a, b[:3], 0) == 2.0
    assert bottleneck_distance(a, b[1:], 0) == wasserstein_distance(a, b[1:], 0) == inf
    with pytest.raises(ValueError, match=r"`order` is 0.5"):
        wasserstein_distance(a, b, 0, order=0.5)


def test_distances_of_superlevel_diagrams_are_those_of_the_negative():
    pytest.importorskip("gudhi")
    nets = [random_network([2, 8, 1], seed) for seed in (0, 1)]
    cxs = [rt.decompose(net, rt.Box(-1, 1)) for net in nets]
    minus = [rt.decompose([*net[:-1], (-net[-1][0], -net[-1][1])], rt.Box(-1, 1)) for net in nets]
    down = [rt.persistence(c, "superlevel") for c in cxs]
    up = [rt.persistence(c, "sublevel") for c in minus]
    for k in range(2):
        assert bottleneck_distance(*down, k) == bottleneck_distance(*up, k)


# -- random orders


def test_random_curves_are_the_mean_over_the_draws():
    complex = rt.decompose(random_network([2, 8, 6, 1], 0), rt.Box(-1, 1))
    grid = [0.0, 0.3, 0.6, 1.0]
    found = random_betti_curves(complex, 5, grid=grid, seed=7)
    curves = np.array(
        [
            [
                rt.betti_curve(rt.persistence(complex, "random", seed=seed), grid, k)
                for k in range(3)
            ]
            for seed in range(7, 12)
        ]
    )
    np.testing.assert_allclose(found.mean, curves.mean(axis=0))
    half = 2.776445 * curves.std(axis=0, ddof=1) / np.sqrt(5)  # Student's t, 4 degrees, 97.5 %
    np.testing.assert_allclose(found.high - found.mean, half, rtol=1e-6)
    np.testing.assert_allclose(found.mean - found.low, half, rtol=1e-6)
    assert found.mean[:, 0].tolist() == [0, 0, 0]
    assert found.mean[:, -1].tolist() == [1, 0, 0]
    assert found.draws == 5
    assert random_betti_curves(complex, 2).grid.shape == (101,)


def test_random_curves_refuse_what_gives_no_interval():
    complex = rt.decompose(absolute(2), rt.Box(-1, 1))
    with pytest.raises(ValueError, match="`draws` must be at least 2, got 1"):
        random_betti_curves(complex, 1)
    with pytest.raises(ValueError, match="`confidence` is 1"):
        random_betti_curves(complex, 3, confidence=1)
