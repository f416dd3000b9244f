"""Measures give the numbers of explicit networks, and those that are computed in another way."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from scipy.stats import t as student

import relutope as rt
import zoo
from relutope.tracking.measures.persistent import LEVELS, BettiCurves, RandomCurves
from relutope.tracking.measures.registry import MEASURES, Snapshot
from relutope.tracking.tracker import Tracker
from small_networks import absolute, random_network, ridge

VALLEYS = [
    (np.array([[1.0], [-1.0]] * 3), np.array([-1.0, 1.0, 1.0, -1.0, 0.0, 0.0])),
    (np.array([[1.0, 1.0, 1.0, 1.0, -3.0, -3.0]]), np.zeros(1)),
]
"""|x - 1| + |x + 1| - 3 |x|: valleys of depth -2 at -2 and 2, a ridge of height 2 at 0."""

# name: (layers, box, {measure: {column: value}})
KNOWN = {
    "two valleys": (
        VALLEYS,
        rt.Box(-2, 2),
        {
            "sublevel": {"sublevel_pairs_0": 2, "sublevel_total_0": 4.0},
            "superlevel": {"superlevel_pairs_0": 1, "superlevel_total_0": 0.0},
            "entropy": {"sublevel_entropy_0": 0.0, "superlevel_entropy_0": 0.0},
            "cells": {"n_cells": 4, "n_edges": 3, "f_0": 5, "f_1": 4, "euler": 1},
            "topology": {"betti_positive_0": 1, "betti_negative_0": 2, "betti_boundary_0": 2},
            "count": {"count": 4},
        },
    ),
    "ridge": (  # 4 corners of height 3 meet at 1; a hill of height 1 in a valley at 0
        ridge(),
        rt.Box(-2, 2),
        {
            "sublevel": {
                "sublevel_pairs_0": 1,
                "sublevel_total_0": 0.0,
                "sublevel_pairs_1": 1,
                "sublevel_total_1": 1.0,
            },
            "superlevel": {
                "superlevel_pairs_0": 5,
                "superlevel_total_0": 7.0,
                "superlevel_pairs_1": 1,
                "superlevel_total_1": 1.0,
            },
            "entropy": {
                "sublevel_entropy_0": 0.0,
                "sublevel_entropy_1": 0.0,
                "superlevel_entropy_0": pytest.approx(math.log(7) - 6 / 7 * math.log(2)),
                "superlevel_entropy_1": 0.0,
            },
        },
    ),
    "octahedra": (  # 8 corners of height 3, 12 edges of height 2, 6 faces of height 1
        absolute(3),
        rt.Box(-1, 1),
        {
            "superlevel": {
                "superlevel_pairs_0": 8,
                "superlevel_total_0": 7.0,
                "superlevel_pairs_1": 5,
                "superlevel_total_1": 5.0,
                "superlevel_pairs_2": 1,
                "superlevel_total_2": 1.0,
            },
            "entropy": {
                "sublevel_entropy_0": 0.0,
                "sublevel_entropy_1": 0.0,
                "sublevel_entropy_2": 0.0,
                "superlevel_entropy_0": pytest.approx(math.log(7)),
                "superlevel_entropy_1": pytest.approx(math.log(5)),
                "superlevel_entropy_2": 0.0,
            },
            "count": {"count": 8},
        },
    ),
}


def snapshot(layers, domain, **settings):
    return Snapshot(rt.decompose(layers, domain), **settings)


@pytest.mark.parametrize("name", KNOWN)
def test_known_numbers(name):
    layers, box, expected = KNOWN[name]
    snap = snapshot(layers, box)
    assert {measure: MEASURES[measure](snap) for measure in expected} == expected


@pytest.mark.parametrize("case", zoo.cases("braid", "few", "generic"), ids=lambda case: case.name)
def test_cells_are_counted_in_any_dimension_without_a_complex(case):
    tracker = Tracker(None, measures=["count"])
    tracker(0, case.layers)
    assert tracker.rows == [{"step": 0, "count": case.n_cells}]
    assert tracker.complex is None


def test_cells_of_thirty_dimensions_are_counted():
    layers = zoo.arrangement(([float(k == i) for k in range(30)], 0.0) for i in range(5))
    tracker = Tracker(rt.Box(-1, 1), measures=["count"])
    tracker(0, layers)
    assert tracker.rows[0]["count"] == 2**5


def test_a_count_that_is_cut_off_is_a_lower_bound():
    layers = zoo.by_name("generic-2d9").layers
    tracker = Tracker(None, measures=["count"], max_cells=10)
    tracker(0, layers)
    assert tracker.rows == [{"step": 0, "count_at_least": 11}]


def test_cells_cut_by_the_outputs_are_counted_too():
    layers = absolute(2, bias=-0.5)
    tracker = Tracker(rt.Box(-1, 1), measures=["count", "cells"], outputs="sign")
    tracker(0, layers)
    assert tracker.rows[0]["count"] == tracker.rows[0]["n_cells"] == 8


def test_classes_of_several_outputs_have_topology():
    last = (np.array([[1.0] * 4, [0.0] * 4]), np.array([0.0, 0.5]))
    snap = snapshot([absolute(2)[0], last], rt.Box(-1, 1))  # is |x| + |y| more than 1/2?
    assert MEASURES["topology"](snap) == {
        "betti_class0_0": 1,
        "betti_class0_1": 1,
        "betti_class1_0": 1,
        "betti_class1_1": 0,
        "betti_boundary_0": 1,
        "betti_boundary_1": 1,
    }


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("outputs", [1, 3])
def test_every_measure_gives_numbers_or_says_that_it_needs_one_output(dim, outputs):
    pytest.importorskip("gudhi")
    needy = {"agreement", "sublevel", "superlevel", "entropy", "betti curves", "distances"}
    snap = snapshot(random_network([dim, 4, outputs], 3), rt.Box(-1, 1))
    for name, measure in MEASURES.items():
        snap.memory = {}
        if outputs > 1 and name in needy:
            with pytest.raises(ValueError, match=f"'{name}' needs a network with one output"):
                measure(snap)
            continue
        row = dict(measure(snap)) | dict(measure(snap))  # distances need two records
        assert row
        assert all(isinstance(value, int | float) for value in row.values()), name


@pytest.mark.parametrize(
    ("layers", "box"),
    [(VALLEYS, rt.Box(-2, 2)), (ridge(), rt.Box(-2, 2)), (absolute(3), rt.Box(-1, 1))],
    ids=["valleys", "ridge", "octahedra"],
)
def test_betti_curves_are_betti_numbers_of_the_sets_ends_included(layers, box):
    snap = snapshot(layers, box)
    row = BettiCurves(points=9)(snap)
    check_curves(snap, row, np.linspace(row["f_min"], row["f_max"], 9), range(9))


@pytest.mark.parametrize("widths", [[1, 9, 1], [2, 6, 5, 1], [3, 5, 1]])
@pytest.mark.parametrize("domain", [rt.Box(-2, 2), None], ids=["box", "space"])
def test_betti_curves_of_random_networks_are_those_of_the_sets(widths, domain):
    snap = snapshot(random_network(widths, 5), domain)
    row = MEASURES["betti curves"](snap)
    # The ends are values at vertices, rounded.
    check_curves(snap, row, np.linspace(row["f_min"], row["f_max"], 11), range(1, 10))


def check_curves(snap, row, levels, which):
    shares = [f"{100 * j / (len(levels) - 1):g}" for j in range(len(levels))]
    for filtration in LEVELS:
        for j in which:
            direct = rt.betti(snap.complex, filtration, level=levels[j])
            found = [row[f"{filtration}_betti_{k}_at_{shares[j]}"] for k in snap.dims]
            assert found == direct[:-1].tolist(), (filtration, levels[j])


def test_betti_curves_at_chosen_levels():
    row = BettiCurves(levels=(-0.5, 0.5, 1.5))(snapshot(ridge(), rt.Box(-2, 2)))
    assert [row[f"sublevel_betti_0_level_{t}"] for t in (-0.5, 0.5, 1.5)] == [0, 1, 1]
    assert [row[f"sublevel_betti_1_level_{t}"] for t in (-0.5, 0.5, 1.5)] == [0, 1, 0]
    assert [row[f"superlevel_betti_0_level_{t}"] for t in (-0.5, 0.5, 1.5)] == [1, 2, 4]
    assert [row[f"superlevel_betti_1_level_{t}"] for t in (-0.5, 0.5, 1.5)] == [0, 1, 0]


def test_a_function_without_finite_values_at_vertices_has_no_range_but_levels():
    layers = [(np.array([[1.0]]), np.zeros(1)), (np.array([[1.0]]), np.zeros(1))]
    snap = snapshot(rt.Network(layers, [1]), None)  # f = x on the line: one cell
    assert BettiCurves()(snap) == {}
    assert BettiCurves(levels=(0.5,))(snap) == {
        "sublevel_betti_0_level_0.5": 1,
        "superlevel_betti_0_level_0.5": 1,
    }


def test_random_curves_are_means_of_betti_numbers_of_unions_of_cells_and_student_s_band():
    snap = snapshot(random_network([2, 7, 1], 1), rt.Box(-2, 2), draws=5, seed=3)
    row = RandomCurves(points=5, confidence=0.9)(snap)
    n = snap.complex.n_cells
    assert n > 15
    for share in (0, 25, 50, 75, 100):
        drawn = []
        for seed in range(3, 8):
            arrival = (np.random.default_rng(seed).permutation(n) + 1) / (n + 1)
            here = np.flatnonzero(arrival <= share / 100)
            drawn.append(snap.complex.subcomplex(cells=here).betti()[:2])
        mean = np.mean(drawn, axis=0)
        half = student.ppf(0.95, 4) * np.std(drawn, axis=0, ddof=1) / math.sqrt(5)
        for k in range(2):
            found = [row[f"random_betti_{k}_at_{share}{end}"] for end in ("", "_low", "_high")]
            assert found == pytest.approx([mean[k], mean[k] - half[k], mean[k] + half[k]])


def test_a_band_needs_two_draws():
    with pytest.raises(ValueError, match="'random curves' needs `draws`"):
        MEASURES["random curves"](snapshot(ridge(), rt.Box(-2, 2), draws=1))


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: BettiCurves(points=1), "points"),
        (lambda: BettiCurves(levels=(math.nan,)), "levels"),
        (lambda: RandomCurves(points=1), "points"),
        (lambda: RandomCurves(confidence=1.0), "confidence"),
    ],
)
def test_curves_refuse_what_makes_no_sense(make, word):
    with pytest.raises(ValueError, match=word):
        make()


def test_diagrams_move_as_far_as_the_function_is_lifted():
    pytest.importorskip("gudhi")
    tracker = Tracker(rt.Box(-2, 2), measures={"distances": 1})
    hidden, (row, _) = VALLEYS
    for step, lift in enumerate([0.0, 0.25, 0.5]):
        tracker(10 * step, [hidden, (row, np.array([lift]))])
    assert tracker.rows[0] == {"step": 0}
    for step in (1, 2):
        row = tracker.rows[step]
        assert row["diagram_since"] == 10 * (step - 1)
        # Two classes in sublevel sets, one of them infinite; one in superlevel sets.
        assert row["sublevel_bottleneck_0"] == pytest.approx(0.25)
        assert row["sublevel_wasserstein_0"] == pytest.approx(0.5)
        assert row["superlevel_bottleneck_0"] == pytest.approx(0.25)
        assert row["sublevel_bottleneck_first_0"] == pytest.approx(0.25 * step)
        assert row["sublevel_wasserstein_first_0"] == pytest.approx(0.5 * step)
        assert row["superlevel_wasserstein_first_0"] == pytest.approx(0.25 * step)


def test_the_previous_diagram_is_that_of_the_last_record_that_was_asked():
    pytest.importorskip("gudhi")
    tracker = Tracker(rt.Box(-2, 2), measures={"count": 1, "distances": 2})
    hidden, (row, _) = VALLEYS
    for step in range(5):
        tracker(step, [hidden, (row, np.array([0.25 * step]))])
    columns = tracker.columns()
    assert columns["diagram_since"] == [None, None, 0, None, 2]
    assert columns["sublevel_bottleneck_0"] == [None, None, 0.5, None, 0.5]
    assert columns["sublevel_bottleneck_first_0"] == [None, None, 0.5, None, 1.0]


def test_several_outputs_leave_the_row_and_name_the_measure_in_the_table():
    tracker = Tracker(rt.Box(-1, 1), measures=["cells", "sublevel"])
    layers = random_network([2, 3, 2], 0)
    with pytest.warns(RuntimeWarning, match="'sublevel' needs a network with one output"):
        tracker(0, layers)
    with warnings.catch_warnings(action="error"):
        tracker(1, layers)
    assert [row["euler"] for row in tracker.rows] == [1, 1]
    assert "measure 'sublevel' needs a network with one output" in tracker.left_out[1]
