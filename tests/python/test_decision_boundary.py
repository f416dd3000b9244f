"""Decision boundaries without the ambient complex."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import relutope as rt
from boundary_reference import assert_same, boundary_of_complex, random_case
from small_networks import random_network


def wide(neurons=110, dim=4):
    rng = np.random.default_rng(0)
    return [
        (rng.normal(size=(neurons, dim)), rng.normal(size=neurons)),
        (rng.normal(size=(1, neurons)), [0.0]),
    ]


@pytest.mark.parametrize("seed", range(60))
def test_facets_are_those_of_the_whole_complex(seed):
    network, domain = random_case(np.random.default_rng([1, seed]))
    assert_same(rt.decision_boundary(network, domain), boundary_of_complex(network, domain))


@pytest.mark.parametrize(
    "widths", [[2, 24, 24, 24, 1], [3, 16, 16, 16, 1], [2, 20, 20, 5]], ids=str
)
def test_few_cells_of_deep_networks_are_made(widths):
    network, box = random_network(widths, 3), rt.Box(-1, 1, dim=widths[0])
    found, expected = rt.decision_boundary(network, box), boundary_of_complex(network, box)
    assert_same(found, expected)
    touched = len(np.unique(expected.cells))
    assert touched <= found.complex.n_cells <= 1.05 * touched + 10
    assert found.complex.stats["splits"] < expected.complex.n_cells / 2


def test_circle_of_a_norm():
    """|x| + |y| = 1 has four sides of length sqrt(2)."""
    pairs = [[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]
    net = [(pairs, [0.0] * 4), ([[1.0] * 4], [-1.0])]
    for domain in (rt.Box(-2, 2), None):
        found = rt.decision_boundary(net, domain)
        assert (len(found), found.n_components, found.complex.n_cells) == (4, 1, 8)
        np.testing.assert_allclose(found.measure, np.sqrt(2), rtol=1e-15)
        corners, facet = found.triangulation()
        assert corners.shape == (4, 2, 2)
        assert sorted(facet.tolist()) == [0, 1, 2, 3]
        np.testing.assert_array_equal(np.abs(corners).sum(axis=2), 1.0)


def test_two_components():
    """||x| - 1| = 1/2 on the line: four points; in the strip four segments."""
    net = [([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [-1.0]), ([[1.0]], [-0.25])]
    found = rt.decision_boundary(net)
    assert (len(found), found.n_components) == (2, 2)
    assert sorted(found.triangulation()[0].ravel().tolist()) == [-1.25, 1.25]


def test_no_boundary_no_cells():
    net = [(np.eye(3), np.zeros(3)), (np.ones((1, 3)), [0.5])]
    found = rt.decision_boundary(net, rt.Box(-1, 1))
    assert (len(found), found.n_components, found.complex.n_cells) == (0, 0, 0)
    assert found.measure.shape == (0,)
    assert found.triangulation()[0].shape == (0, 3, 3)
    assert found.complex.interior_points.shape == (0, 3)


def test_inputs_that_are_fixed_are_dropped():
    network = random_network([3, 10, 8, 1], 3)
    flat = rt.FlatBox([-1.0, 0.25, -1.0], [1.0, 0.25, 1.0])
    found = rt.decision_boundary(network, flat)
    expected = rt.decision_boundary(rt.slice(network, domain=flat, outputs="sign"))
    assert_same(found, expected)


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_change_nothing(threads):
    network = random_network([3, 12, 12, 1], 2)
    one, many = (rt.decision_boundary(network, rt.Box(-1, 1), threads=k) for k in (1, threads))
    assert one.complex.patterns.tobytes() == many.complex.patterns.tobytes()
    assert one.edges.tobytes() == many.edges.tobytes()


def test_it_is_a_value():
    found = rt.decision_boundary(random_network([2, 8, 8, 3], 2), rt.Box(-1, 1))
    before = pickle.dumps(found.complex)
    assert found.measure.sum() > 0
    assert pickle.dumps(found.complex) == before
    for again in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
        assert_same(again, found)
        assert (again.component == found.component).all()
    with pytest.raises(ValueError, match="read-only"):
        found.complex.adjacency[:] = 0


def test_regions_and_graphs_of_what_was_made():
    found = rt.decision_boundary(random_network([2, 12, 12, 1], 1), rt.Box(-1, 1))
    labels = rt.decision_regions(found.complex).labels
    assert (labels[found.cells] == found.labels).all()
    A, c = found.complex.affine_maps()
    values = np.einsum("kmn,kn->km", A, found.complex.interior_points) + c
    assert ((values[:, 0] > 0) == labels).all()


def test_limits():
    with pytest.raises(rt.CellLimitError, match="100"):
        rt.decision_boundary(wide(), rt.Box(-1, 1), max_cells=100)
    with pytest.raises(rt.StoppedError) as stopped:
        rt.decision_boundary(wide(600), rt.Box(-1, 1), max_seconds=0.1, threads=1)
    assert stopped.value.partial is None


def test_bad_input():
    network = random_network([2, 5, 1], 0)
    cx = rt.decompose(network, rt.Box(-1, 1), outputs="sign")
    with pytest.raises(ValueError, match="`source` is a complex"):
        rt.decision_boundary(cx, rt.Box(-1, 1))
    with pytest.raises(ValueError, match="`source` is a complex"):
        rt.decision_boundary(cx, max_cells=5)
    with pytest.raises(rt.InvalidNetworkError, match="argmax"):
        rt.decision_boundary(network, outputs="argmax")
    with pytest.raises(ValueError, match="`outputs` must be"):
        rt.decision_boundary(network, outputs="max")
    with pytest.raises(ValueError, match="`max_seconds` must be positive"):
        rt.decision_boundary(network, max_seconds=0)
    with pytest.raises(rt.EngineError, match="16"):
        rt.decision_boundary(random_network([20, 25, 1], 0), rt.Box(-1, 1))
    with pytest.raises(ValueError, match="made without"):
        rt.decision_boundary(rt.decompose(network))
