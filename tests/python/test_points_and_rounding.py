"""Data in cells, random points in cells, and bounds of rounding."""

from __future__ import annotations

import numpy as np
import pytest

import relutope as rt
from measures_reference import COMPARISONS

QUADRANTS = [(np.eye(2), [0, 0]), ([[1, 1]], [0])]


def test_cells_of_data():
    X, y = [[1, 1], [2, 1], [-1, 1], [1, -1], [5, 5]], ["a", "b", "a", "a", "b"]
    cx = rt.decompose(QUADRANTS, rt.Box(-3, 3))
    found = cx.cells_of(X, y)
    assert found.patterns.tolist() == [[False, True], [True, False], [True, True]]
    assert (found.of_point.tolist(), found.counts.tolist()) == ([2, 2, 0, 1, -1], [1, 1, 2])
    assert (found.purity.tolist(), found.majority.tolist()) == ([1, 1, 0.5], ["a", "a", "a"])
    without = rt.cells_of_data(QUADRANTS, X, y)
    assert without.of_point.tolist() == [2, 2, 0, 1, 2]
    assert without.cells is None


def test_points_on_boundaries_get_a_cell():
    opposite = [([[1.0], [-1.0]], [0, 0]), ([[1, 1]], [0])]  # no cell has both neurons off
    assert rt.cells_of_data(opposite, [[0.0]]).patterns.tolist() == [[True, False]]
    cx = rt.decompose(opposite)
    assert cx.cells_of([[0.0]]).cells.tolist() == [0]
    dead = [([[0.0]], [0.0]), ([[1.0]], [0.0])]  # zero everywhere is no boundary
    assert rt.cells_of_data(dead, [[3.0]]).patterns.tolist() == [[False]]


def test_data_that_do_not_fit():
    with pytest.raises(ValueError, match="`X` must have shape"):
        rt.cells_of_data(QUADRANTS, [[1.0]])
    with pytest.raises(ValueError, match="`X` contains NaN"):
        rt.cells_of_data(QUADRANTS, [[1.0, np.nan]])
    with pytest.raises(ValueError, match="`y` must have shape"):
        rt.cells_of_data(QUADRANTS, [[1.0, 1.0]], [1, 2])
    with pytest.raises(ValueError, match="`y` was not given"):
        _ = rt.cells_of_data(QUADRANTS, [[1.0, 1.0]]).purity


def test_samples_are_uniform_and_inside():
    cx = rt.decompose(QUADRANTS, rt.Box([-1, -1], [3, 1]))
    points = rt.sample(cx, 4000, seed=3)
    shares = np.bincount(cx.locate(points), minlength=4) / 4000
    assert np.abs(shares - [1 / 8, 1 / 8, 3 / 8, 3 / 8]).max() < 0.03
    assert np.abs(points.mean(axis=0) - [1, 0]).max() < 0.1
    assert (rt.sample(cx, 4000, seed=3) == points).all()
    assert (rt.sample(cx, 4000, seed=4) != points).any()
    one = rt.sample(cx, 500, cells=np.arange(4) == 2)
    assert set(cx.locate(one)) == {2}
    assert rt.sample(cx, 0).shape == (0, 2)


def test_samples_of_a_violating_set():
    text = "".join(f"(declare-const X_{i} Real)" for i in (0, 1, 2)) + "(declare-const Y_0 Real)"
    text += "(assert (<= -1 X_0 1)) (assert (<= -1 X_1 1)) (assert (= X_2 0.5))"
    text += "(assert (>= Y_0 1.5))"
    network = [(np.eye(3), [0, 0, 0]), ([[1, 1, 1]], [0])]
    found = rt.violations(network, rt.parse_property(text))
    points = rt.sample(found, 300, seed=1)
    assert (points[:, 2] == 0.5).all()
    assert rt.Network(network).forward(points).min() >= 1.5 - 1e-12
    assert len(np.unique(points[:, 0])) == 300


def test_what_cannot_be_sampled():
    with pytest.raises(rt.InvalidDomainError, match="`cells` must name bounded cells"):
        rt.sample(rt.decompose(QUADRANTS), 3)
    with pytest.raises(TypeError, match="`source` must be a Complex"):
        rt.sample(3, 3)


def test_rounding_gap():
    exact = [([[1.0, 2.0]], [0.5]), ([[4.0]], [0.0])]
    box = rt.Box(-1, 1)
    bounds = [float(rt.rounding_gap(exact, box, d).bound[0]) for d in ("float64", "float32")]
    assert 0 < bounds[0] < 1e-14 < 1e-7 < bounds[1] < 1e-4
    third = [([[1 / 3]], [0.0]), ([[1.0]], [0.0])]
    assert (
        rt.rounding_gap(third, rt.Box(1, 3)).bound[0] >= abs(float(np.float32(1 / 3)) - 1 / 3) * 3
    )
    assert rt.rounding_gap([([[1e30]], [0]), ([[1e30]], [0])], box, "float32").bound[0] == np.inf
    assert rt.rounding_gap(exact, rt.FlatBox([-1, 0], [1, 0])).bound[0] <= bounds[1]
    with pytest.raises(rt.InvalidDomainError, match="bounded box"):
        rt.rounding_gap(exact, rt.Box([-1, -1], [1, np.inf]))
    with pytest.raises(ValueError, match="`dtype` must be"):
        rt.rounding_gap(exact, box, "int8")


@pytest.mark.parametrize("measure", ["rounding", "data_cells"])
@pytest.mark.parametrize("start", range(0, 40, 20))
def test_random_networks(measure, start):
    for seed in range(80_000 + start, 80_000 + start + 20):
        COMPARISONS[measure](seed)


def test_columns_of_shapes_and_data():
    from relutope.decomposition.cell_table import cell_table

    cx = rt.decompose(QUADRANTS, rt.Box([-1, -1], [3, 1]))
    table = cell_table(cx, shapes=True, X=[[1, 1], [2, 1], [-1, 1]], y=[0, 1, 1])
    assert table["diameter"] == pytest.approx([2**0.5] * 2 + [10**0.5] * 2)
    assert table["inradius"] == pytest.approx([0.5] * 4)
    assert table["centre1"] == pytest.approx([-0.5, 0.5, -0.5, 0.5])
    assert table["points"].tolist() == [0, 1, 0, 2]
    assert table["purity"][[1, 3]].tolist() == [1.0, 0.5]
    assert np.isnan(table["purity"][[0, 2]]).all()
    wide = cell_table(rt.decompose(QUADRANTS), shapes=True)
    assert np.isinf(wide["inradius"]).all()
    assert np.isinf(wide["diameter"]).all()
