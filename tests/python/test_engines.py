"""The LP engine: the same complex as the vertex engine's, points in every cell, any dimension."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import relutope as rt
import zoo
from fuzz import Sample, engine_differences, misplaced_points
from relutope.search.solution import Solution
from strategies import networks


def both(network, domain=None):
    return [rt.decompose(network, domain, engine=engine) for engine in ("vertex", "lp")]


# -- the same complex


def small(entry):
    return entry["num_cells"] <= 400


# Found by search: what is known of a facet is to be forgotten when another takes its place.
REUSED_PLACES = [
    (
        [[1, -1, -1, 1], [1, 0, 0, -1], [1, 1, 0, -1], [0, 1, -1, -1], [1, 0, 0, 1], [1, -1, 1, 1]],
        [-1, 0, -1, 0, -1, -1],
    ),
    ([[0, 0, 0, 0, -1, 1], [1, 0, -1, 1, 1, 1], [0, 1, -1, 0, 1, 0]], [0, 0, 0]),
    (
        [[0, 0, 0], [1, 0, 0], [0, 1, 1], [-1, 0, -1], [-1, 0, 0], [1, 1, -1]],
        [1, 1, 0, -1, -1, 0],
    ),
    (
        [
            [-1, -1, 1, -1, 1, 1],
            [1, 1, 0, 0, 0, 1],
            [-1, 0, 0, 1, -1, -1],
            [0, -1, 1, 1, 1, -1],
            [-1, 1, -1, 0, 1, 0],
            [1, 0, 1, 1, 1, 0],
        ],
        [1, 1, 0, -1, 0, 1],
    ),
    ([[-1, -1, 0, -1, -1, 0]], [1]),
]


def test_zeros_of_a_facet_whose_place_another_takes():
    vertex, lp = both(REUSED_PLACES)
    assert vertex.n_cells == 332
    assert engine_differences(vertex, lp) == []


@pytest.mark.truth(where=small)
def test_truth_files(truth_case):
    lp = rt.decompose(truth_case.layers, truth_case.domain, engine="lp")
    assert engine_differences(truth_case.complex, lp) == []


@pytest.mark.parametrize("case", zoo.cases(), ids=lambda case: case.name)
def test_zoo(case):
    domain = None if case.domain is None else rt.Box(*case.domain, dim=case.dim)
    assert engine_differences(*both(case.layers, domain)) == []


@settings(max_examples=80)
@given(networks(dims=(1, 2, 3, 4, 5)))
def test_degenerate_networks(case: Sample):
    vertex, lp = case.complex(engine="vertex"), case.complex(engine="lp")
    assert engine_differences(vertex, lp) == []


@settings(max_examples=40)
@given(networks(dims=(1, 2, 3, 4), boxed=True, scale=2), st.data())
def test_half_infinite_boxes(case: Sample, data: st.DataObject):
    assert case.box is not None
    open_sides = st.lists(
        st.booleans(), min_size=2 * len(case.box[0]), max_size=2 * len(case.box[0])
    )
    infinite = np.array(data.draw(open_sides)).reshape(2, -1)
    lower = np.where(infinite[0], -np.inf, case.box[0])
    upper = np.where(infinite[1], np.inf, case.box[1])
    assert engine_differences(*both(case.arrays(), rt.Box(lower, upper))) == []


@st.composite
def cut_networks(draw: st.DrawFn) -> Sample:
    """A network over a polytope with redundant, repeated and touching inequalities; the last units
    of some layers are linear.
    """
    case = draw(networks(dims=(1, 2, 3), kinds=("integer", "quantised", "float32")))
    n = len(case.layers[0][0][0])
    small_integers = st.integers(-2, 2).map(float)
    rows = draw(
        st.lists(
            st.tuples(
                st.lists(small_integers, min_size=n, max_size=n), st.integers(0, 3).map(float)
            ),
            min_size=1,
            max_size=4,
        )
    )
    rows = [(w, c + 1.0 if not any(w) else c) for w, c in rows]
    repeated = draw(st.sampled_from(rows))
    scale = draw(st.sampled_from([1.0, 2.0, 0.1]))
    rows.append(([scale * v for v in repeated[0]], scale * repeated[1]))
    neuron_row, bias = draw(st.sampled_from(list(zip(*case.layers[0], strict=True))))
    if any(neuron_row) and draw(st.booleans()):
        rows.append((neuron_row, -bias))
    linear = tuple(draw(st.integers(0, len(b))) for _, b in case.layers[:-1])
    return replace(case, halfspaces=tuple(rows), linear_units=linear)


@settings(max_examples=60)
@given(cut_networks())
def test_polytopes_and_linear_units(case: Sample):
    found = []
    for engine in ("vertex", "lp"):
        try:
            found.append(case.complex(engine=engine))
        except rt.InvalidDomainError as error:
            found.append(type(error))
    if isinstance(found[0], type) or isinstance(found[1], type):
        assert found[0] is found[1]
        return
    assert engine_differences(*found) == []


@pytest.mark.parametrize("bound", [-1.0, 0.0, 2.0])
def test_a_polytope_whose_origin_is_outside_on_the_boundary_or_inside(bound):
    domain = rt.Polytope([[1.0, 1.0], [-3.0, 1.0], [1.0, -2.0]], [bound, bound, 5.0])
    assert engine_differences(*both(SMALL, domain)) == []


def test_a_network_of_linear_units_has_one_cell():
    network = rt.Network([([[1.0, 2.0], [0.0, 1.0]], [0.0, 1.0]), ([[1.0, 1.0]], [0.0])], [2])
    for domain in (None, rt.Box(-1, 1), rt.Polytope([[1.0, 1.0]], [-1.0])):
        vertex, lp = both(network, domain)
        assert lp.n_cells == 1
        assert engine_differences(vertex, lp) == []


def test_empty_and_flat_polytopes_are_refused():
    for b in ([-1.0, 0.0], [0.0, 0.0]):
        with pytest.raises(rt.InvalidDomainError, match="no interior"):
            rt.decompose(SMALL, rt.Polytope([[1.0, 1.0], [-1.0, -1.0]], b), engine="lp")


def rows_of(seed, shape, integer=False):
    rng = np.random.default_rng(seed)
    return rng.integers(-2, 3, shape).astype(float) if integer else rng.normal(size=shape)


def random_layers(widths, seed, integer=False):
    return [
        (rows_of([seed, k], (out, fan_in), integer), rows_of([seed, k, 1], out, integer))
        for k, (fan_in, out) in enumerate(pairwise(widths))
    ]


SMALL = random_layers([2, 4, 3, 1], 5)


@pytest.mark.parametrize("integer", [False, True])
def test_six_dimensions(integer):
    network = random_layers([6, 7, 1], 1, integer)
    for domain in (rt.Box(-1, 1), None):
        assert engine_differences(*both(network, domain)) == []


# -- threads, tiny cells


def all_arrays(cx):
    found = [cx.patterns, cx.adjacency, cx.interior_points, cx.interior_certified, cx.bounded]
    return [np.ascontiguousarray(a).tobytes() for a in found]


@pytest.mark.parametrize("domain", [None, rt.Box(-1, 1)])
def test_threads_change_no_byte(domain):
    network = random_layers([3, 14, 8, 1], 2)
    one, three = (rt.decompose(network, domain, engine="lp", threads=t) for t in (1, 3))
    assert one.n_cells > 200
    assert all_arrays(one) == all_arrays(three)
    for name in ("programs", "programs_exact", "pivots", "signs_exact"):
        assert one.stats[name] == three.stats[name]


def test_most_programs_are_decided_in_floating_point():
    cx = rt.decompose(random_layers([4, 16, 1], 3), rt.Box(-1, 1), engine="lp")
    assert cx.stats["programs"] > 0
    assert cx.stats["programs_exact"] * 100 < cx.stats["programs"]


def test_cells_thinner_than_doubles_have_rational_points():
    """Neighbouring doubles as bounds, cut once more between them."""
    up = np.nextafter(1.0, 2.0)
    box = rt.Box([1.0, 0.0], [up, 1.0])
    network = [
        ([[2.0, 0.0], [0.0, 1.0]], [-2.0, -0.5]),
        ([[1.0, 2.0**-60]], [-(2.0**-52)]),
        ([[1.0]], [0.0]),
    ]
    vertex, lp = both(network, box)
    assert engine_differences(vertex, lp) == []
    assert lp.n_cells == 4
    assert not lp.interior_certified.any()
    for i in range(4):
        x, y = lp.exact_interior_point(i)
        assert 1 < x < Fraction(up)
        assert 0 < y < 1


def test_points_beyond_the_largest_double_are_rational():
    network = [([[5e-324]], [-1.7e308]), ([[1.0]], [0.0])]  # zero at x = 3e631
    vertex, lp = both(network)
    assert engine_differences(vertex, lp) == []
    assert not lp.interior_certified[1]
    assert lp.exact_interior_point(1)[0] > Fraction(10) ** 600


# -- dimensions without vertices


@pytest.fixture(scope="module")
def high():
    return rt.decompose(random_layers([20, 7, 4, 1], 4), rt.Box(-1, 1), engine="lp")


def test_more_dimensions_than_the_vertex_engine_holds(high):
    assert high.dim == 20
    assert high.lineality_dim == 0
    assert high.n_cells >= 2**7  # 7 hyperplanes in general position that meet within the box
    assert misplaced_points(high) == []
    assert high.interior_certified.all()
    np.testing.assert_array_equal(high.locate(high.interior_points), np.arange(high.n_cells))
    assert high.bounded.all()
    flips = high.patterns[high.adjacency[:, 0]] != high.patterns[high.adjacency[:, 1]]
    for flip, neurons in zip(flips, high.facet_neurons, strict=True):
        assert set(np.flatnonzero(flip)) <= set(neurons.tolist())


def test_cells_of_a_high_dimensional_arrangement_are_those_of_its_essential_part():
    """Four neurons on R^20: the complex on the 4-dimensional quotient times R^16."""
    layers = random_layers([20, 4, 5, 1], 4)
    cx = rt.decompose(layers, engine="lp")
    assert cx.lineality_dim == 16
    assert engine_differences(rt.decompose(layers, engine="vertex"), cx) == []


def test_save_and_load(high, tmp_path):
    path = tmp_path / "high.npz"
    high.save(path)
    again = rt.load(path)
    np.testing.assert_array_equal(again.patterns, high.patterns)
    np.testing.assert_array_equal(again.adjacency, high.adjacency)
    np.testing.assert_array_equal(again.interior_points, high.interior_points)
    np.testing.assert_array_equal(again.bounded, high.bounded)
    assert again.stats["engine"] == "lp"


@pytest.mark.parametrize("name", ["vertices", "f_vector", "cell_vertices", "cell_volumes"])
def test_what_needs_vertices_says_so(high, name):
    with pytest.raises(rt.EngineError, match=r"20 essential input dimensions.*at most 16"):
        getattr(high, name)


def test_the_vertex_engine_refuses_and_names_the_other():
    with pytest.raises(rt.EngineError, match="take engine='lp'"):
        rt.decompose(random_layers([20, 7, 1], 4), rt.Box(-1, 1), engine="vertex")


def test_automatic_choice():
    assert rt.decompose(SMALL, rt.Box(-1, 1)).stats["engine"] == "vertex"
    assert rt.decompose(random_layers([20, 3, 1], 4), rt.Box(-1, 1)).stats["engine"] == "lp"


# -- errors


def test_unknown_engine():
    with pytest.raises(rt.EngineError, match="`engine` must be"):
        rt.decompose(SMALL, engine="simplex")


def test_cell_limit():
    network = random_layers([3, 14, 8, 1], 2)
    count = rt.decompose(network, engine="lp").n_cells
    assert rt.decompose(network, engine="lp", max_cells=count).n_cells == count
    with pytest.raises(rt.CellLimitError, match="`max_cells` is"):
        rt.decompose(network, engine="lp", max_cells=count - 1)


def test_ctrl_c():
    network = random_layers([9, 60, 30, 1], 6)  # far too many cells
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            rt.decompose(network, rt.Box(-1, 1), engine="lp")
    finally:
        timer.cancel()
        signal.signal(signal.SIGINT, before)


# -- verification


@pytest.mark.parametrize("domain", [None, rt.Box(-1, 1), rt.Polytope([[1.0, 1.0]], [-1.0])])
def test_verify(domain):
    pytest.importorskip("cdd.gmp", reason="exact cddlib is not installed")
    cx = rt.decompose(SMALL, domain, engine="lp")
    report = rt.verify(cx)
    assert report.ok, str(report)
    assert report.complete


def damaged(cx, **arrays):
    """The complex with some of its arrays changed."""
    return rt.Complex(Solution(cx.solution.problem, replace(cx.solution.links, **arrays), cx.stats))


def test_verify_finds_damage():
    pytest.importorskip("cdd.gmp", reason="exact cddlib is not installed")
    cx = rt.decompose(SMALL, rt.Box(-1, 1), engine="lp")
    other = rt.decompose(SMALL, rt.Box(-1, 1), engine="lp", threads=1)
    assert rt.verify(damaged(other)).ok
    neighbour = cx.solution.links.facet_neighbour.copy()
    shared = np.flatnonzero(neighbour >= 0)
    neighbour[shared[0]] = (neighbour[shared[0]] + 1) % cx.n_cells
    assert not rt.verify(damaged(cx, facet_neighbour=neighbour)).ok
    patterns = cx.solution.links.patterns.copy()
    patterns[1, 0] ^= np.uint64(1)
    assert not rt.verify(damaged(cx, patterns=patterns)).ok
    ids = cx.solution.links.facet_id.copy()
    ids[shared[0]] = (ids[shared[0]] + 1) % cx.n_neurons
    assert not rt.verify(damaged(cx, facet_id=ids)).ok


def test_neurons_with_one_sign_on_the_box_need_no_programs():
    rng = np.random.default_rng(1)
    W, V = rng.uniform(-1, 1, (40, 8)), rng.uniform(-1, 1, (20, 40))
    active = np.arange(40) % 2 == 1
    b = np.where(active, 1, -1) * (np.abs(W).sum(axis=1) + 0.1)
    layers = [(W, b), (V, np.full(20, 1000.0)), (np.ones((1, 20)), [0.0])]
    cx = rt.decompose(layers, rt.Box(-1, 1), engine="lp", threads=1)
    assert cx.patterns.tolist() == [[*active, *[True] * 20]]
    assert cx.stats["programs"] == 0
