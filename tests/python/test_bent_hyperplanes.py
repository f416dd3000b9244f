"""Bent hyperplanes: known shapes, and the facets that one neuron has."""

from __future__ import annotations

import numpy as np
import pytest

import relutope as rt
from small_networks import random_network, small_integer_network


def diamond():
    rows = [[1, 0], [-1, 0], [0, 1], [0, -1]]
    return [(rows, [0] * 4), ([[1] * 4], [-1]), ([[1]], [0])]


def test_a_closed_curve_a_line_and_nothing():
    cx = rt.decompose(diamond(), rt.Box(-2, 2))
    circle = rt.bent_hyperplane(cx, 4)
    assert circle.betti().tolist() == [1, 1, 0]
    assert circle.f_vector.tolist() == [4, 4, 0]
    assert rt.bent_hyperplane(cx, -1).f_vector.tolist() == [4, 4, 0]
    line = rt.bent_hyperplane(cx, 0)
    assert line.betti().tolist() == [1, 0, 0]
    crossing = circle & line
    assert crossing.f_vector.tolist() == [2, 0, 0]
    far = rt.decompose([*diamond()[:1], ([[1] * 4], [-9]), ([[1]], [0])], rt.Box(-2, 2))
    assert rt.bent_hyperplane(far, 4).f_vector.tolist() == [0, 0, 0]


def test_whole_cells_on_which_a_neuron_vanishes():
    """relu(x) + relu(y) is zero on a quadrant."""
    net = [(np.eye(2), [0, 0]), ([[1, 1]], [0]), ([[1]], [0])]
    zero = rt.bent_hyperplane(rt.decompose(net), 2)
    assert zero.f_vector.tolist() == [1, 2, 1]


@pytest.mark.parametrize("make", [random_network, small_integer_network])
@pytest.mark.parametrize("seed", range(6))
def test_facets_are_those_named_by_the_neuron(make, seed):
    cx = rt.decompose(make([2, 6, 4, 1], seed), rt.Box(-2, 2))
    for neuron in range(cx.n_neurons):
        found = set(rt.bent_hyperplane(cx, neuron).faces(1).tolist())
        edges = cx.faces(1)
        zero = cx.vertex_signs[:, neuron] == 0
        assert found == {i for i, ends in enumerate(edges.vertices) if zero[ends].all()}


@pytest.mark.parametrize("make", [random_network, small_integer_network])
@pytest.mark.parametrize("seed", range(6))
def test_the_preactivation_is_that_of_the_neuron(make, seed):
    network = rt.as_network(make([2, 6, 4, 1], seed))
    X = np.random.default_rng(seed).normal(size=(50, 2))
    cx = rt.decompose(network, rt.Box(-2, 2))
    for neuron in range(network.n_neurons):
        alone = network.preactivation(neuron)
        assert alone.output_dim == 1
        at = cx.locate(X)
        here = at >= 0
        values = alone.forward(X[here])[:, 0]
        clear = np.abs(values) > 1e-9  # not a zero that is rounded
        assert ((values > 0) == cx.patterns[at[here], neuron])[clear].all()
        # Without the complex: as long as in it.
        boundary = rt.decision_boundary(alone, rt.Box(-2, 2))
        changes = cx.patterns[cx.adjacency[:, 0], neuron] != cx.patterns[cx.adjacency[:, 1], neuron]
        assert boundary.measure.sum() == pytest.approx(cx.facet_measure[changes].sum())


def test_bad_neurons():
    cx = rt.decompose(diamond())
    for neuron in (5, -6):
        with pytest.raises(IndexError):
            rt.bent_hyperplane(cx, neuron)
        with pytest.raises(IndexError):
            cx.network.preactivation(neuron)
    with pytest.raises(TypeError):
        rt.bent_hyperplane(cx, 1.5)
