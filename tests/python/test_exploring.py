"""Local search: the same cells, facets and neighbours as the decomposition, in the right order."""

from __future__ import annotations

import os
import signal
import threading
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, linprog, minimize

import relutope as rt
import zoo
from exploration_checks import exploration_differences, explored, starts
from fuzz import Sample
from relutope.decomposition.exploration import Exploration
from relutope.decomposition.exploring import explore
from relutope.search.frames import _bounds_and_rest
from relutope.verification.verify_exploration import verify_exploration
from small_networks import random_network, small_integer_network
from strategies import networks
from test_engines import cut_networks

REAL = Path(__file__).resolve().parents[2].parent / "shared" / "real_networks"
ORDERS = ("bfs", "nearest")
SMALL = random_network([2, 5, 4, 1], 3)
BOX = rt.Box(-1, 1)


def check(cx, seed=0, orders=ORDERS):
    """From several starts. A rounded vertex may be in a sliver that has no other doubles."""
    for x in starts(cx, seed):
        for order in orders:
            try:
                found = explored(cx.network, x, cx.domain, order=order)
            except rt.InvalidDomainError:
                assert (cx.vertices == x).all(axis=1).any(), x.tolist()
                continue
            assert exploration_differences(cx, found) == [], (x.tolist(), order)
            if order == "nearest":
                ahead = found.distances[1:]
                assert (found.distances[:-1] <= ahead + 1e-9 * (1 + ahead)).all()


# -- the same as the decomposition


def small(entry):
    return entry["num_cells"] <= 150


@pytest.mark.truth(where=small)
def test_truth_files(truth_case):
    check(truth_case.complex, orders=("bfs",))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    "case", [c for c in zoo.cases() if c.n_cells <= 400], ids=lambda case: case.name
)
def test_zoo(case, order):
    domain = None if case.domain is None else rt.Box(*case.domain, dim=case.dim)
    cx = rt.decompose(case.layers, domain)
    x0 = np.random.default_rng(1).uniform(-0.9, 0.9, case.dim)
    x0 = x0 if domain is None else domain.lower + (domain.upper - domain.lower) * (x0 + 1) / 2
    found = explored(case.layers, x0, domain, order=order)
    assert found.complete
    assert found.n_cells == case.n_cells
    assert exploration_differences(cx, found) == []


@settings(max_examples=60)
@given(networks(dims=(1, 2, 3, 4, 5), kinds=("integer", "quantised", "float32", "float64")))
def test_degenerate_networks(case: Sample):
    check(case.complex())


@settings(max_examples=40)
@given(networks(dims=(1, 2, 3), kinds=("huge", "tiny", "subnormal")))
def test_extreme_magnitudes(case: Sample):
    check(case.complex())


@settings(max_examples=40)
@given(networks(dims=(1, 2, 3, 4), boxed=True, kinds=("integer", "float64")), st.data())
def test_half_infinite_boxes(case: Sample, data: st.DataObject):
    assert case.box is not None
    size = 2 * len(case.box[0])
    infinite = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    lower = np.where(infinite[: size // 2], -np.inf, case.box[0])
    upper = np.where(infinite[size // 2 :], np.inf, case.box[1])
    check(rt.decompose(case.arrays(), rt.Box(lower, upper)))


@settings(max_examples=60)
@given(cut_networks())
def test_polytopes_and_linear_units(case: Sample):
    try:
        cx = case.complex()
    except rt.InvalidDomainError:
        return
    if cx.n_neurons:
        check(cx)


@pytest.mark.parametrize("bound", [0.0, 2.0])
def test_corners_of_a_polytope(bound):
    domain = rt.Polytope([[1.0, 1.0], [-3.0, 1.0], [1.0, -2.0], [0.0, 0.0]], [bound, bound, 5.0, 0])
    cx = rt.decompose(SMALL, domain)
    for x in (v for v in cx.vertices if domain.contains(v[None])[0]):
        found = explored(SMALL, x, domain)
        assert exploration_differences(cx, found) == []


def test_sides_further_away_than_any_double():
    network = [([[1.0]], [0.5]), ([[2.0]], [0.0])]
    check(rt.decompose(network, rt.Polytope([[-8e-320], [2.0]], [2e307, 4.0])))


def test_rows_of_one_input_are_bounds():
    tiny = np.finfo(float).tiny
    rows = [[2, 0], [-0.5, 0], [3, 0], [0, -1], [1, 1], [0, tiny], [4, 0]]
    halfspaces = np.column_stack([rows, [1, 3, 1, -0.0, 5, 1e300, 4]])
    (lower, upper), rest = _bounds_and_rest(np.full(2, -np.inf), np.full(2, np.inf), halfspaces)
    assert lower.tolist() == [-0.5, -np.inf]
    assert upper.tolist() == [6, 0]
    assert rest.tolist() == halfspaces[[2, 4, 5]].tolist()  # -1/3 and -1e300 / tiny are no doubles
    assert _bounds_and_rest(lower, upper, np.empty((0, 3)))[1].shape == (0, 3)


@pytest.mark.parametrize("make", [random_network, small_integer_network])
@pytest.mark.parametrize("cut", [False, True], ids=["box", "polytope"])
@pytest.mark.parametrize("seed", range(4))
def test_boxes_with_many_inputs(make, cut, seed):
    """From 32 inputs on facets are found another way there."""
    n = 34
    network = make([n, 5, 4, 3, 1], seed)
    domain = rt.Box(-1, 1)
    if cut:
        A = np.random.default_rng(seed).integers(-1, 2, (3, n))
        domain = rt.Polytope(np.vstack([A, np.eye(n), -np.eye(n)]), [1.0] * (3 + 2 * n))
    cx = rt.decompose(network, domain)
    assert cx.n_cells > 10
    for x0 in (np.zeros(n), np.full(n, 0.01)):
        assert exploration_differences(cx, explored(network, x0, domain)) == []


def test_a_convolutional_network():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    module = torch.nn.Sequential(
        torch.nn.Conv2d(1, 2, 2), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(4, 3),
        torch.nn.ReLU(), torch.nn.Linear(3, 1),
    )  # fmt: skip
    network = rt.Network.from_torch(module, input_shape=(1, 2, 3))
    for domain in (None, rt.Box(-1, 1)):
        cx = rt.decompose(network, domain)
        found = explored(network, np.full(6, 0.1), domain)
        assert found.complete
        assert exploration_differences(cx, found) == []


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("where", ["box", "all"])
def test_facets_of_convolutional_networks_by_a_program_for_each_row(where, seed):
    """Rows of few of the inputs are decided among these; here all rows are asked together."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(seed)
    side = 6
    module = torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3, padding=1), torch.nn.ReLU(), torch.nn.Conv2d(4, 3, 3, padding=1),
        torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(3 * side * side, 5), torch.nn.ReLU(),
        torch.nn.Linear(5, 2),
    )  # fmt: skip
    network = rt.Network.from_torch(module, input_shape=(1, side, side))
    x = np.random.default_rng(seed).uniform(0.2, 0.8, side * side)
    domain = rt.Box(0, 1) if where == "box" else None
    found = rt.explore(network, x, domain=domain, max_cells=1)
    A, b = rows_of_cell(network, x)
    bounds = (0, 1) if where == "box" else (None, None)
    facets = []
    for i, row in enumerate(A):
        others = np.arange(len(A)) != i
        # as far as one beyond the row, so that there is a minimum
        limits = np.vstack([-A[others], -row]), np.append(b[others], b[i] + 1)
        solved = linprog(row, A_ub=limits[0], b_ub=limits[1], bounds=bounds)
        assert solved.status == 0
        least = solved.fun + b[i]
        assert abs(least) > 1e-7
        if least < 0:
            facets.append([i])
    assert 0 < len(facets) < len(A)
    assert [zeros.tolist() for zeros in found.facets(0)] == facets
    assert found.stats["programs_exact"] == 0


def rows_of_cell(network, x):
    """``A y + b >= 0`` on the cell of `x`, a row for each neuron, in floating point."""
    A, b = np.eye(len(x)), np.zeros(len(x))
    rows, constants = [], []
    for layer in network.layers[:-1]:
        W, c = (np.asarray(part, float) for part in layer[:2])
        A, b = W @ A, W @ b + c
        active = A @ x + b > 0
        rows.append(np.where(active, 1.0, -1.0)[:, None] * A)
        constants.append(np.where(active, b, -b))
        A, b = A * active[:, None], b * active
    return np.concatenate(rows), np.concatenate(constants)


def test_linear_units_that_see_fewer_inputs_than_there_are():
    """Neurons see only ``x1 + x2 + x3`` and ``x1 + x2 - x3``; the linear units see everything."""
    first = ([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]], [0.0, 0.0, 0.0])
    second = ([[1.0, 1.0, 0.0], [1.0, -1.0, 0.0]], [0.0, -1.0])
    network = rt.Network([first, second, ([[1.0, 1.0]], [0.0])], [3, 0])
    cx = rt.decompose(network)
    assert cx.lineality_dim == 1
    found = explored(network, [0.0, 5.0, 3.0])
    assert found.start.tolist() == [0.0, 5.0, 3.0]
    assert exploration_differences(cx, found) == []
    assert found.interior_certified.all()


def leaky_layers(inputs, widths, seed, *, repeat=False):
    """Neurons beside linear units with the same rows; with `repeat` the neurons stand twice."""
    rng = np.random.default_rng(seed)
    layers, linear = [], []
    for a, b in pairwise([inputs, *widths]):
        W, bias = rng.standard_normal((b, a)), rng.standard_normal(b)
        if layers:  # what a leaky unit passes on
            W = np.concatenate([0.9 * W] * (1 + repeat) + [0.1 * W], axis=1)
        copies = 2 + repeat
        layers.append((np.concatenate([W] * copies), np.tile(bias, copies)))
        linear.append(b)
    layers.append((rng.standard_normal((1, len(layers[-1][1]))), [0.0]))
    return rt.Network(layers, linear)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("repeat", [False, True])
@pytest.mark.parametrize(("inputs", "widths"), [(2, [2, 2]), (3, [2, 3]), (3, [3, 2]), (4, [2, 2])])
def test_leaky_units_are_explored_by_their_rows(inputs, widths, repeat, order):
    """The first layer's distinct rows are independent, and fewer than its units."""
    network = leaky_layers(inputs, widths, 3 * inputs + widths[0], repeat=repeat)
    cx = rt.decompose(network)
    x = np.linspace(-0.5, 0.7, inputs)
    found = explored(network, x, order=order)
    assert found.complete
    assert found.start.tolist() == x.tolist()
    assert exploration_differences(cx, found) == []
    assert found.interior_certified.all()
    report = verify_exploration(found)
    assert report.ok, report


def test_biases_of_two_doubles_make_rows_distinct():
    """Two parallel hyperplanes, and a slab between them that holds no double."""
    W, b, low = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([1.0, 1.0]), np.array([0.0, 2.0**-60])
    network = rt.Network([(W, b), (np.ones((1, 2)), [0.0])], [0], [low, [0.0]])
    assert rt.decompose(network).n_cells == 3
    found = explored(network, [2.0, 0.0])
    assert (found.n_cells, found.n_unresolved, found.complete) == (1, 1, False)


# -- what is said about cells


@pytest.mark.parametrize("domain", [None, BOX, rt.Polytope([[1.0, 1.0]], [1.0])])
def test_interior_points_and_affine_maps(domain):
    found = explored(SMALL, [0.1, 0.2], domain)
    assert found.interior_certified.all()
    np.testing.assert_array_equal(found.network.patterns(found.interior_points), found.patterns)
    values = found.network.forward(found.interior_points)
    for i, x in enumerate(found.interior_points):
        A, c = found.affine_map(i)
        np.testing.assert_allclose(A @ x + c, values[i], rtol=1e-9)


def test_neurons_that_vanish_everywhere_do_not_spoil_interior_points():
    network = [([[0.0, 0.0], [1.0, 0.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])]
    found = explored(network, [1.0, 0.0])
    assert found.interior_certified.tolist() == [True, True]
    assert found.facets(0)[0].tolist() == [0, 1]
    alone = explored([([[0.0, 0.0]], [0.0]), ([[1.0]], [0.0])], [1.0, 0.0])
    assert (alone.n_cells, alone.complete) == (1, True)
    assert alone.interior_certified.tolist() == [True]
    assert alone.n_facets.tolist() == [0]


def test_dual_graph_and_counts():
    found = explored(SMALL, [0.0, 0.0])
    graph = found.dual_graph()
    assert graph.shape == (found.n_cells, found.n_cells)
    assert (graph != graph.T).nnz == 0
    assert graph.nnz == 2 * len(found.adjacency) == found.n_facets.sum()
    assert found.stats["programs"] > 0
    assert "all" in repr(found)


def test_the_start_is_in_a_cell_that_holds_the_given_point():
    network = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, -1.0]], [0.0])]
    for x0, zeros in ([0.0, 0.0], [0, 1]), ([0.0, 2.0], [0]), ([1.0, 2.0], []):
        for order in ORDERS:
            found = explore(network, x0, max_cells=1, order=order)
            assert found.start_zeros.tolist() == zeros
            assert found.x0.tolist() == x0
            assert (found.start == x0).all() == (not zeros)
            nonzero = [k for k in range(2) if k not in zeros]
            assert found.patterns[0, nonzero].all()
    assert found.distances[0] == 0.0


# -- distances


def far_cells(cx, x0):
    """Distances of all cells by an optimiser of its own, one quadratic program each."""
    sides = []
    if cx.domain is not None:
        box = cx.domain
        sides = [*zip(-np.eye(cx.dim), box.lower, strict=True)]
        sides += [*zip(np.eye(cx.dim), -box.upper, strict=True)]
    result = []
    for i in range(cx.n_cells):
        A, c = cell_inequalities(cx, i)
        A, c = np.array([*A, *[-a for a, _ in sides]]), np.array([*c, *[-b for _, b in sides]])
        start = cx.interior_points[i]
        found = minimize(
            lambda x: ((x - x0) ** 2).sum(),
            start,
            jac=lambda x: 2 * (x - x0),
            method="SLSQP",
            constraints=LinearConstraint(A, -c, np.inf),
            options={"ftol": 1e-14, "maxiter": 500},
        )
        result.append(np.sqrt(max(found.fun, 0.0)))
    return np.array(result)


def cell_inequalities(cx, i):
    """``A x + c >= 0`` on cell i, by a plain forward pass over its pattern."""
    A, c = np.eye(cx.dim), np.zeros(cx.dim)
    rows, constants, first = [], [], 0
    for W, b in cx.network.layers[:-1]:
        A, c = W @ A, W @ c + b
        bits = cx.patterns[i, first : first + len(b)]
        signs = np.where(bits, 1.0, -1.0)
        rows += list(signs[:, None] * A)
        constants += list(signs * c)
        A, c = A * bits[:, None], c * bits
        first += len(b)
    return rows, constants


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("domain", [None, BOX])
def test_distances_are_those_of_quadratic_programs(seed, domain):
    layers = random_network([3, 5, 3, 1], seed) if seed % 2 else random_network([2, 7, 3, 1], seed)
    cx = rt.decompose(layers, domain)
    x0 = np.random.default_rng(seed).uniform(-0.8, 0.8, cx.dim)
    expected = far_cells(cx, x0)
    found = explored(layers, x0, domain, order="nearest")
    order = cx.locate(found.interior_points)
    np.testing.assert_allclose(found.distances, expected[order], rtol=0, atol=1e-5)
    assert (np.diff(found.distances) >= -1e-12).all()
    assert found.distances[0] == 0
    for radius in np.quantile(expected, [0.2, 0.6]):
        if np.abs(expected - radius).min() < 2e-5:
            continue
        inside = {tuple(row) for row in cx.patterns[expected <= radius].tolist()}
        for how in ORDERS:
            near = explored(layers, x0, domain, order=how, radius=radius)
            assert {tuple(row) for row in near.patterns.tolist()} == inside


@pytest.mark.parametrize("seed", range(8))
def test_starts_within_rounding_of_a_vertex(seed):
    """The vertex is rounded, so the start is in a cell, but hardly."""
    rng = np.random.default_rng(seed)
    widths = [2, 5, 3, 1]
    net = [(rng.standard_normal((m, n)), rng.standard_normal(m)) for n, m in pairwise(widths)]
    cx = rt.decompose(net, threads=1)
    for vertex in cx.vertices[:6]:
        found = explore(net, vertex)
        assert (found.n_cells, found.complete) == (cx.n_cells, True)


def test_distances_on_a_grid_are_known():
    """Lines x = -2 ... 2 and y = -2 ... 2, from the middle of a square."""
    lines = [[1.0, 0.0]] * 5 + [[0.0, 1.0]] * 5
    offsets = [-2.0, -1.0, 0.0, 1.0, 2.0] * 2
    network = [(lines, offsets), ([[1.0] * 10], [0.0])]
    found = explored(network, [0.5, 0.5], order="nearest")
    gaps = [0.0, 0.5, 0.5, 1.5, 1.5, 2.5]
    known = sorted(np.hypot(a, b) for a in gaps for b in gaps)
    np.testing.assert_allclose(found.distances, known, atol=1e-12)


def test_radius_zero_is_one_cell():
    for order in ORDERS:
        found = explore(SMALL, [0.3, 0.2], radius=0.0, order=order)
        assert found.n_cells == 1
        assert not found.complete


# -- going on


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("domain", [None, BOX])
def test_small_steps_are_one_run(order, domain):
    once = explored(SMALL, [0.1, -0.3], domain, order=order)
    steps = Exploration(SMALL, [0.1, -0.3], domain=domain, order=order)
    for most in range(1, once.n_cells + 2):
        steps.run(max_cells=most, radius=0.05 * most if order == "nearest" else np.inf)
        assert steps.n_cells <= most
        assert steps.n_facets.shape == (steps.n_cells,)
    steps.run(max_cells=10**6)
    assert steps.complete
    np.testing.assert_array_equal(steps.patterns, once.patterns)
    np.testing.assert_array_equal(steps.interior_points, once.interior_points)
    np.testing.assert_array_equal(steps.adjacency, once.adjacency)
    np.testing.assert_array_equal(steps.distances, once.distances)
    for i in range(once.n_cells):
        np.testing.assert_array_equal(steps.facet_neighbours(i), once.facet_neighbours(i))


def test_a_smaller_radius_first_changes_nothing_in_the_end():
    cx = rt.decompose(SMALL)
    found = Exploration(SMALL, [0.1, -0.3])
    for radius in (0.1, 0.5, 0.2, np.inf):
        found.run(max_cells=10**6, radius=radius)
    assert found.complete
    assert exploration_differences(cx, found) == []


def test_ctrl_c_keeps_what_was_found():
    found = Exploration(random_network([9, 60, 30, 1], 6), np.zeros(9))  # far too many cells
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            found.run(max_cells=10**9)
    finally:
        timer.cancel()
        signal.signal(signal.SIGINT, before)
    count = found.n_cells
    assert 1 <= count < 10**9
    patterns = found.patterns
    found.run(max_cells=count + 5)
    assert found.n_cells == count + 5
    np.testing.assert_array_equal(found.patterns[:count], patterns)
    assert len({row.tobytes() for row in found.patterns}) == count + 5


# -- bad input


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        (([0.0],), {}, ValueError, r"`x0` must have shape \(2,\)"),
        (([[0.0, 0.0]],), {}, ValueError, r"`x0` must have shape \(2,\)"),
        (([0.0, np.nan],), {}, ValueError, "`x0` must be finite"),
        (([0.0, np.inf],), {}, ValueError, "`x0` must be finite"),
        (([0.0, 2.0],), {"domain": BOX}, rt.InvalidDomainError, "`x0` is outside of `domain`"),
        (
            ([1.0, 1.0],),
            {"domain": rt.Polytope([[1.0, 1.0]], [1.0])},
            rt.InvalidDomainError,
            "`x0` is outside of `domain`",
        ),
        (([0.0, 0.0],), {"domain": [-1, 1]}, rt.InvalidDomainError, "`domain` must be"),
        (([0.0, 0.0],), {"domain": rt.Box(-1, 1, dim=3)}, rt.InvalidDomainError, "axes"),
        (([0.0, 0.0],), {"max_cells": 0}, ValueError, "`max_cells` must be at least 1"),
        (([0.0, 0.0],), {"radius": -1.0}, ValueError, "`radius` must be a distance"),
        (([0.0, 0.0],), {"radius": np.nan}, ValueError, "`radius` must be a distance"),
        (([0.0, 0.0],), {"order": "dfs"}, ValueError, "`order` is 'dfs'; use one of bfs"),
    ],
)
def test_bad_arguments(arguments, options, error, message):
    with pytest.raises(error, match=message):
        explore(SMALL, *arguments, **options)


def by_groups(inputs, seen, copies, later, seed):
    """A wide first layer, each neuron of which sees a few inputs, and a dense second one."""
    rng = np.random.default_rng(seed)
    rows = [
        np.roll(np.r_[rng.standard_normal(seen), np.zeros(inputs - seen)], shift)
        for shift in range(inputs)
        for _ in range(copies)
    ]
    W = np.array(rows)
    V = rng.standard_normal((later, len(W))) / np.sqrt(len(W))
    return [
        (W, rng.standard_normal(len(W))),
        (V, rng.standard_normal(later)),
        (np.ones((1, later)), [0.0]),
    ]


@pytest.mark.parametrize("x0", [0.0, 3.0])  # a bounded cell, as a rule, and one that is not
@pytest.mark.parametrize(
    ("inputs", "seen", "copies"), [(2, 1, 9), (3, 1, 8), (3, 2, 6), (4, 1, 8), (3, 3, 6)]
)
def test_cells_behind_a_wide_first_layer_without_a_domain(inputs, seen, copies, x0):
    """What their rows imply of each coordinate stands for the box that is not there."""
    layers = by_groups(inputs, seen, copies, 3, seed=inputs + seen)
    found = explore(layers, np.full(inputs, x0), max_cells=25)
    report = verify_exploration(found)
    assert report.ok, report
    assert report.checks["no facet, proven"] > found.n_cells
    assert "not decided" not in report.checks
    boxed = explore(layers, np.full(inputs, x0), max_cells=25, domain=rt.Box(-1e6, 1e6))
    assert found.patterns.tolist() == boxed.patterns.tolist()
    for i in range(found.n_cells):
        assert [z.tolist() for z in found.facets(i)] == [z.tolist() for z in boxed.facets(i)]


def test_a_network_without_neurons_is_refused():
    network = rt.Network([([[1.0]], [0.0]), ([[1.0]], [0.0])], [1])
    with pytest.raises(rt.InvalidNetworkError, match="no hidden neurons"):
        explore(network, [0.0])


def test_an_empty_domain_is_refused():
    domain = rt.Polytope([[1.0, 1.0], [-1.0, -1.0]], [0.0, 0.0])
    with pytest.raises(rt.InvalidDomainError):
        explore(SMALL, [0.0, 0.0], domain=domain)


def test_cells_out_of_range():
    found = explored(SMALL, [0.0, 0.0])
    for ask in (
        found.facets,
        found.facet_neighbours,
        found.neighbours,
        found.neighbour_patterns,
        found.affine_map,
    ):
        with pytest.raises(IndexError):
            ask(found.n_cells)
    last = found.n_cells - 1
    np.testing.assert_array_equal(found.facet_neighbours(-1), found.facet_neighbours(last))
    np.testing.assert_array_equal(found.neighbours(-1), found.neighbours(last))


# -- a real network


def real_network(name):
    pytest.importorskip("onnx", reason="onnx is not installed")
    if not (REAL / name).is_file():
        pytest.skip(f"no real networks in {REAL}")
    return REAL / name


def test_thirty_cells_around_a_digit():
    path = real_network("mnist_256x4.onnx")
    image = np.loadtxt(REAL / "mnist_test_100.csv", delimiter=",", max_rows=1)[1:] / 255
    found = explore(path, image, max_cells=30)
    assert found.n_cells == 30
    assert found.n_unresolved == 0
    assert found.interior_certified.all()
    signs = [found.facet_neighbours(i).tolist() for i in range(30)]
    for i, beyond in enumerate(signs):
        assert len(set(beyond) - {-1}) == sum(j >= 0 for j in beyond)
        assert all(i in signs[j] for j in beyond if j >= 0)
    report = verify_exploration(found, sample=[0], max_proofs=50)
    assert report.ok, report
    assert report.checks["beyond"] == found.n_facets[0]
    assert report.checks["facets"] == 2 * found.n_facets[0]  # named and unique
    assert report.checks["no facet, proven"] == 50
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(path, providers=["CPUExecutionProvider"])
    given = session.get_inputs()[0]
    shape = [d if isinstance(d, int) else 1 for d in given.shape]
    outputs = found.network.forward(found.interior_points)
    for x, output in zip(found.interior_points, outputs, strict=True):
        (other,) = session.run(None, {given.name: x.astype(np.float32).reshape(shape)})
        np.testing.assert_allclose(other.ravel(), output, rtol=1e-3, atol=1e-3)
    for i in (0, 29):
        A, c = found.affine_map(i)
        np.testing.assert_allclose(
            A @ found.interior_points[i] + c,
            outputs[i],
            rtol=1e-6,
        )
