"""Boxes that fix some inputs, as verification properties have them: decomposed as slices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import relutope as rt

PROPERTY = """
(declare-const X_0 Real)
(declare-const X_1 Real)
(declare-const X_2 Real)
(assert (>= X_0 -1.0))
(assert (<= X_0 1.0))
(assert (>= X_1 0.5))
(assert (<= X_1 0.5))
(assert (>= X_2 -2.0))
(assert (<= X_2 2.0))
"""
# |x| + |x + y| + |z - y|
BENDS = np.array([[1.0, 0, 0], [1, 1, 0], [0, -1, 1]])
NETWORK = [(np.vstack([BENDS, -BENDS]), np.zeros(6)), (np.ones((1, 6)), [0.0])]


def test_a_property_that_fixes_an_input_is_a_flat_box(tmp_path):
    path = tmp_path / "flat.vnnlib"
    path.write_text(PROPERTY)
    flat = rt.load_domain(path)
    assert isinstance(flat, rt.FlatBox)
    assert flat.free.tolist() == [0, 2]
    assert flat.box == rt.Box([-1, -2], [1, 2])


def test_cells_on_a_flat_box():
    found = rt.slice(NETWORK, domain=rt.FlatBox([-1, 0.5, -2], [1, 0.5, 2]))
    # With y = 0.5 the bends are x = 0, x = -0.5 and z = 0.5: three strips, each cut in two.
    assert (found.complex.n_cells, found.complex.n_edges, found.dim) == (6, 7, 2)
    assert (found.interior_points[:, 1] == 0.5).all()
    found.complex.validate()


FLAT = rt.FlatBox([-1, 0.5, -2], [1, 0.5, 2])


def test_decompose_drops_what_is_fixed(tmp_path):
    found = rt.decompose(NETWORK, FLAT)
    assert isinstance(found, rt.Slice)
    assert found.complex.n_cells == 6
    (tmp_path / "flat.vnnlib").write_text(PROPERTY)
    for path in (tmp_path / "flat.vnnlib", str(tmp_path / "flat.vnnlib")):
        assert rt.decompose(NETWORK, path).complex.n_cells == 6
        assert rt.slice(NETWORK, domain=path).complex.n_cells == 6
        assert int(rt.count(NETWORK, path)) == 6


def test_counting_and_exploring_drop_what_is_fixed():
    assert int(rt.count(NETWORK, FLAT)) == 6
    low, high = rt.estimate_count(NETWORK, FLAT, samples=64).interval
    assert low <= 6 <= high
    found = rt.explore(NETWORK, [0.25, 0.5, 1.0], domain=FLAT)
    assert (found.n_cells, found.complete, found.network.input_dim) == (6, True, 2)
    with pytest.raises(rt.InvalidDomainError, match=r"fixes input 1 to 0\.5"):
        rt.explore(NETWORK, [0.25, 0.25, 1.0], domain=FLAT)
    with pytest.raises(ValueError, match=r"`x0` must have shape \(3,\)"):
        rt.explore(NETWORK, [0.25, 1.0], domain=FLAT)
    for use in (rt.count, rt.estimate_count):
        with pytest.raises(rt.InvalidDomainError, match="2 axes, but the network has 3"):
            use(NETWORK, rt.FlatBox([0, 1], [1, 1]))


def test_many_free_inputs():
    rng = np.random.default_rng(0)
    network = [(rng.standard_normal((60, 40)), rng.standard_normal(60)), (np.ones((1, 60)), [0.0])]
    lower, upper = -np.ones(40), np.ones(40)
    lower[:10] = upper[:10] = 0.25
    flat = rt.FlatBox(lower, upper)
    assert rt.count(network, flat, max_cells=1000).n_cells >= 1000
    found = rt.explore(network, np.r_[np.full(10, 0.25), np.zeros(30)], domain=flat, max_cells=3)
    assert found.n_cells == 3


def test_a_flat_box_goes_without_an_embedding():
    flat = FLAT
    with pytest.raises(ValueError, match="without `points` and `embedding`"):
        rt.slice(NETWORK, [[0, 0, 0], [1, 1, 1]], domain=flat)
    with pytest.raises(rt.InvalidDomainError, match="4 axes, but the network has 3"):
        rt.slice(NETWORK, domain=rt.FlatBox([0, 1, 1, 1], [1, 1, 1, 1]))


@pytest.mark.parametrize(
    ("lower", "upper"),
    [([1, 1], [1, 1]), ([0, 2], [1, 1]), ([0, np.inf], [1, np.inf]), ([0], [1, 1]), (0, 1)],
    ids=["all fixed", "reversed", "fixed at infinity", "shapes", "scalars"],
)
def test_bad_bounds(lower, upper):
    with pytest.raises(rt.InvalidDomainError, match="`lower`"):
        rt.FlatBox(lower, upper)


def test_a_property_of_aircraft_collision_avoidance():
    folder = Path(__file__).resolve().parents[3] / "shared" / "real_networks"
    if not folder.is_dir():
        pytest.skip("the networks of others are not beside the checkout")
    flat = rt.load_domain(folder / "acasxu_prop_4.vnnlib")
    found = rt.slice(folder / "acasxu_3_3.onnx", domain=flat)
    assert isinstance(flat, rt.FlatBox)
    assert found.dim == 4
    assert found.complex.n_cells == 1201
    found.complex.validate()
