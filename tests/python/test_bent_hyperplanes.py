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


# -- all of a layer, components, and without the complex


def measure(part):
    """Total length of a set's edges; of those inside a whole cell on which it vanishes, too."""
    cx = part.complex
    ends = cx.faces(1).vertices.indices.reshape(-1, 2)[part.boundary().faces(1)]
    return np.linalg.norm(np.diff(cx.vertices[ends], axis=1), axis=2).sum()


def flat_area(part):
    return part.complex.cell_volumes[part.cells].sum()


@pytest.mark.parametrize("make", [random_network, small_integer_network])
@pytest.mark.parametrize("widths", [[1, 5, 3, 1], [2, 6, 4, 1], [3, 4, 3, 1]], ids=str)
@pytest.mark.parametrize("seed", range(5))
def test_all_neurons_are_each_of_them(make, widths, seed):
    box = rt.Box(-2, 2) if seed else None
    cx = rt.decompose(make(widths, seed), box)
    found = rt.bent_hyperplanes(cx)
    assert len(found) == cx.n_neurons
    assert found.layers.tolist() == [1] * widths[1] + [2] * widths[2]
    for neuron, own in enumerate(found):
        alone = rt.bent_hyperplane(cx, neuron)
        assert own.f_vector.tolist() == alone.f_vector.tolist() == found.f_vectors[neuron].tolist()
        assert (own | alone).f_vector.tolist() == alone.f_vector.tolist()
        assert alone.betti().tolist() == found.betti[neuron].tolist()
        assert found.n_components[neuron] == alone.betti()[0] == len(alone.components())
    second = rt.bent_hyperplanes(cx, 2)
    assert second.neurons.tolist() == list(range(widths[1], cx.n_neurons))
    assert second.betti.tolist() == found.betti[widths[1] :].tolist()


@pytest.mark.parametrize("make", [random_network, small_integer_network])
@pytest.mark.parametrize("widths", [[1, 5, 3, 1], [2, 6, 4, 1], [3, 4, 3, 1]], ids=str)
@pytest.mark.parametrize("seed", range(8))
def test_without_the_complex_it_is_the_same_set(make, widths, seed):
    """Flat cells and points touched from one side included."""
    net, box = make(widths, seed), rt.Box(-2, 2) if seed % 4 else None
    cx = rt.decompose(net, box)
    by_layer = [rt.bent_hyperplanes(net, layer, box) for layer in (1, 2)]
    for neuron in range(cx.n_neurons):
        ambient = rt.bent_hyperplane(cx, neuron)
        layer, within = (0, neuron) if neuron < widths[1] else (1, neuron - widths[1])
        for alone in (rt.bent_hyperplane(net, neuron, box), by_layer[layer][within]):
            assert alone.betti().tolist() == ambient.betti().tolist()
            far = [part.betti(compactify=True).tolist() for part in (alone, ambient)]
            assert far[0] == far[1]
            assert (len(alone.cells) > 0) == (len(ambient.cells) > 0)
            if box is not None and widths[0] == 2:
                assert measure(alone) == pytest.approx(measure(ambient))
                assert flat_area(alone) == pytest.approx(flat_area(ambient))


def test_a_point_that_is_touched_and_a_flat_square():
    """|x| + |y| vanishes at a point; relu(x) + relu(y) on a quadrant: no facet of either changes
    from positive to negative."""
    rows = [[1, 0], [-1, 0], [0, 1], [0, -1]]
    net = [(rows, [0] * 4), ([[1, 1, 1, 1], [1, 0, 1, 0]], [0, 0]), ([[1, 1]], [0])]
    point, quadrant = rt.bent_hyperplanes(net, 2, rt.Box(-2, 2))
    assert point.f_vector.tolist() == [1, 0, 0]
    assert rt.bent_hyperplane(net, 4, rt.Box(-2, 2)).f_vector.tolist() == [1, 0, 0]
    assert flat_area(quadrant) == 4.0
    assert flat_area(rt.bent_hyperplane(net, 5, rt.Box(-2, 2))) == 4.0
    assert rt.bent_hyperplane(net, 5).betti().tolist() == [1, 0, 0]


def test_components_one_by_one():
    """||x| - 1| + ||y| - 1| < 1/2: four diamonds, whose boundaries are circles."""
    first = (np.vstack([np.eye(2), -np.eye(2)]), np.zeros(4))
    second = ([[1, 0, 1, 0], [-1, 0, -1, 0], [0, 1, 0, 1], [0, -1, 0, -1]], [-1, 1, -1, 1])
    net = [first, second, ([[1] * 4], [-0.5]), ([[1]], [0])]
    curves = rt.bent_hyperplanes(net, 3, rt.Box(-2, 2))
    assert curves.n_components.tolist() == [4]
    assert curves.betti.tolist() == [[4, 4, 0]]
    parts = curves[0].components()
    assert [part.betti().tolist() for part in parts] == [[1, 1, 0]] * 4
    assert sum(part.f_vector for part in parts).tolist() == curves[0].f_vector.tolist()
    nothing = rt.bent_hyperplane([*net[:1], ([[1] * 4], [9]), ([[1]], [0])], 4)
    assert nothing.components() == []


def test_a_sphere_in_three_dimensions():
    W = np.vstack([np.eye(3), -np.eye(3)])
    net = [(W, np.zeros(6)), (np.ones((1, 6)), [-1.0]), ([[1.0]], [0.0])]
    found = rt.bent_hyperplanes(net, 2, rt.Box(-2, 2))
    assert found.betti.tolist() == [[1, 0, 1, 0]]
    assert found.f_vectors.tolist() == [found[0].f_vector.tolist()]
    assert rt.bent_hyperplane(net, 6, rt.Box(-2, 2)).f_vector.tolist() == [6, 12, 8, 0]


def test_a_sequence_and_what_it_refuses():
    found = rt.bent_hyperplanes(diamond(), domain=rt.Box(-2, 2))
    assert len(found[1:3]) == 2
    assert found[-1].betti().tolist() == [1, 1, 0]
    assert repr(found).startswith("BentHyperplanes(of 5 neurons; CellComplex(")
    with pytest.raises(IndexError):
        found[5]
    cx = rt.decompose(diamond())
    for call in (
        lambda: rt.bent_hyperplane(cx, 0, rt.Box(-1, 1)),
        lambda: rt.bent_hyperplanes(cx, 3),
    ):
        with pytest.raises(ValueError, match=r"`source`|`layer`"):
            call()
    with pytest.raises(ValueError, match="`layer`"):
        rt.bent_hyperplanes(diamond(), 0)
    with pytest.raises(IndexError):
        rt.bent_hyperplane(diamond(), 9)


@pytest.mark.parametrize("seed", range(4))
def test_a_truncated_network_has_the_units_of_its_layer(seed):
    network = rt.Network(random_network([3, 5, 4, 2], seed))
    X = np.random.default_rng(seed).normal(size=(9, 3))
    h = X
    for layer, (W, b) in enumerate(network.layers[:-1], 1):
        h = np.maximum(h @ W.T + b, 0)
        assert network.truncated(layer).forward(X) == pytest.approx(h)
    residual = rt.Network([([[1.0], [1.0]], [0.0, 0.0]), ([[1.0, 2.0]], [0.0])], linear_units=[1])
    assert residual.truncated(1).forward([[-3.0]]).tolist() == [[0.0, -3.0]]
    with pytest.raises(ValueError, match="`layer`"):
        network.truncated(3)


def test_pictures_show_lines_points_and_areas():
    pytest.importorskip("matplotlib")
    rows = [[1, 0], [-1, 0], [0, 1], [0, -1]]
    net = [(rows, [0] * 4), ([[1, 1, 1, 1], [1, 0, 1, 0]], [0, 0]), ([[1, 1]], [0])]
    ax = rt.plotting.plot_bent_hyperplanes(rt.bent_hyperplanes(net, 2, rt.Box(-2, 2)))
    kinds = [type(drawn).__name__ for drawn in ax.collections]
    assert kinds.count("PathCollection") == 1  # the point
    assert kinds.count("PolyCollection") == 1  # the quadrant
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["neuron 4: 1 component", "neuron 5: 1 component"]
    with pytest.raises(ValueError, match="on a box"):
        rt.plotting.plot_bent_hyperplanes(rt.bent_hyperplanes(net, 2))
