"""The spectral measures of a snapshot say what the functions behind them say."""

from __future__ import annotations

import numpy as np
import pytest

import relutope as rt
from graphs import grid_complex
from relutope.decisions.boundary_distance import cut_distance
from relutope.graph.couplings import named_couplings
from relutope.tracking.measures.registry import Snapshot
from relutope.tracking.measures.spectral import (
    SPECTRAL_MEASURES,
    cut_distance_measure,
    spectrum_measure,
)
from small_networks import random_network

WEIGHTS = named_couplings(["unit", "facet", "inverse-bend"])


@pytest.fixture(scope="module")
def snap():
    cx = rt.decompose(random_network([2, 9, 5, 1], 2), rt.Box(-2, 2), threads=1)
    return Snapshot(cx, weights=WEIGHTS, seed=3)


def test_names():
    assert list(SPECTRAL_MEASURES) == ["spectrum", "cut distance"]


def test_spectrum_of_a_grid():
    row = spectrum_measure(Snapshot(grid_complex(3, 6)))
    values = np.add.outer(
        2 - 2 * np.cos(np.pi * np.arange(3) / 3), 2 - 2 * np.cos(np.pi * np.arange(6) / 6)
    )
    found = [row[f"unit_eigenvalue_{i}"] for i in range(1, 7)]
    np.testing.assert_allclose(found, np.sort(values.ravel())[:6], atol=1e-12)
    assert row["unit_resolved"] == 6
    assert (row["unit_strong_domains"], row["unit_weak_domains"]) == (2, 2)
    assert row["unit_conductance"] == pytest.approx(3 / 27, rel=1e-12)
    assert row["unit_conductance_lower"] <= 3 / 27 <= row["unit_conductance_upper"]
    assert row["unit_normalized_gap"] == pytest.approx(2 * row["unit_conductance_lower"], rel=1e-9)


def test_columns_and_types(snap):
    for measure in SPECTRAL_MEASURES.values():
        row = measure(snap)
        assert row
        assert all(type(value) in (int, float) for value in row.values()), row
        prefixes = {key.split("_")[0] for key in row}
        assert set(WEIGHTS) <= prefixes <= set(WEIGHTS) | {"boundary"}


def test_second_eigenvalue_is_the_fiedler_value(snap):
    row = spectrum_measure(snap)
    for weight in WEIGHTS:
        value = rt.fiedler(snap.complex, weight=weight).value
        assert row[f"{weight}_eigenvalue_2"] == pytest.approx(value, rel=1e-9)


def test_cut_distance_is_that_of_the_fiedler_partition(snap):
    row = cut_distance_measure(snap)
    for weight in WEIGHTS:
        part = rt.fiedler(snap.complex, weight=weight, seed=3).partition
        found = cut_distance(snap.complex, part)
        assert row[f"{weight}_cut_to_boundary"] == found.cut_to_boundary
        assert row[f"{weight}_n_cut_facets"] == found.n_cut_facets
        assert row["boundary_pieces"] == found.n_boundary_facets


def test_one_cell_has_no_graph():
    cx = rt.decompose([([[1.0]], [5.0]), ([[1.0]], [0.0])], rt.Box(-1, 1))
    assert spectrum_measure(Snapshot(cx)) == {}
    assert cut_distance_measure(Snapshot(cx)) == {}


def test_two_cells():
    cx = rt.decompose([([[1.0]], [0.0]), ([[1.0]], [-0.5])], rt.Box(-1, 1))
    row = spectrum_measure(Snapshot(cx))
    assert row["unit_eigenvalue_2"] == pytest.approx(2, rel=1e-12)
    assert "unit_eigenvalue_3" not in row
    assert cut_distance_measure(Snapshot(cx))["unit_cut_to_boundary"] == 0.5


def test_disconnected_by_weights_of_zero():
    """The bend is 0 on both facets of the middle cell: three components."""
    net = [([[1.0], [1.0], [1.0]], [0.0, -1.0, -2.0]), ([[0.0, 0.0, 1.0]], [-0.5])]
    cx = rt.decompose(net, rt.Box(-1, 3), threads=1)
    snap = Snapshot(cx, weights={"bend": "bend"})
    row = spectrum_measure(snap)
    assert row["bend_eigenvalue_3"] == 0.0
    assert row["bend_conductance"] == 0.0
    assert "bend_strong_domains" not in row
    assert cut_distance_measure(snap) == {}


def test_functions_are_couplings(snap):
    own = Snapshot(snap.complex, weights={"mine": lambda cx: rt.dual_graph(cx, "hamming")})
    row = spectrum_measure(own)
    value = rt.fiedler(snap.complex, weight="hamming").value
    assert row["mine_eigenvalue_2"] == pytest.approx(value, rel=1e-12)
