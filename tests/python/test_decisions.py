"""Decision regions and boundaries: known shapes, and exact comparison of the outputs."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import sqrt

import numpy as np
import pytest

import relutope as rt
from reference import exact_layers, outputs_at
from small_networks import absolute, random_network, ridge, small_integer_network

SQUARE = rt.Box(-1, 1)
# x and y, carried by linear units
PLANE = (np.eye(2), np.zeros(2))


def linear_classes(W, b):
    return rt.Network([PLANE, (W, b)], [2])


def exact_outputs(cx, layers, linear_units=()):
    """The outputs at a point inside each cell, as Fractions."""
    exact = exact_layers(layers, linear_units)
    return [outputs_at(exact, cx.exact_interior_point(i)) for i in range(cx.n_cells)]


def regions_by_search(cx, labels):
    """The connected regions of one class, by walking through facets."""
    beyond = {i: [] for i in range(cx.n_cells)}
    for i, j in cx.adjacency.tolist():
        beyond[i].append(j)
        beyond[j].append(i)
    number = [-1] * cx.n_cells
    count = 0
    for start in range(cx.n_cells):
        if number[start] >= 0:
            continue
        todo = [start]
        while todo:
            i = todo.pop()
            if number[i] < 0:
                number[i] = count
                todo += [j for j in beyond[i] if labels[j] == labels[i]]
        count += 1
    return number


def test_largest_of_x_y_and_zero():
    """Three regions, which meet along three rays from the origin."""
    cx = rt.decompose(linear_classes([[1, 0], [0, 1], [0, 0]], [0, 0, 0]), SQUARE, outputs="argmax")
    assert (cx.n_neurons, cx.n_output_neurons, cx.n_cells) == (2, 2, 4)  # x = y where 0 is larger
    found = rt.decision_regions(cx)
    assert found.labels[cx.locate([[0.5, 0.25], [0.25, 0.5], [-0.5, -0.25]])].tolist() == [0, 1, 2]
    assert sorted(found.region_labels.tolist()) == [0, 1, 2]
    assert not found.tied.any()
    boundary = rt.decision_boundary(cx)
    lengths = Counter()
    for pair, length in zip(boundary.labels.tolist(), boundary.measure.tolist(), strict=True):
        lengths[tuple(sorted(pair))] += length
    assert lengths == {(0, 1): pytest.approx(sqrt(2)), (0, 2): 1.0, (1, 2): 1.0}
    assert len(boundary) == 3
    assert boundary.cells.tolist() == cx.adjacency[boundary.edges].tolist()
    assert found.labels[boundary.cells].tolist() == boundary.labels.tolist()
    assert repr(boundary).startswith("DecisionBoundary(3 facets; Complex(4 cells")
    assert repr(found).startswith("DecisionRegions(3 regions of 3 classes; Complex(4 cells")


@pytest.mark.parametrize("seed", range(4))
def test_nearest_of_several_points(seed):
    """The class of the nearest of some points: ``|x - p|^2 - |x|^2`` is affine in x."""
    rng = np.random.default_rng(seed)
    sites = np.unique(rng.integers(-6, 7, (7, 2)), axis=0)
    layers = [PLANE, (2 * sites, -(sites**2).sum(axis=1))]
    cx = rt.decompose(rt.Network(layers, [2]), rt.Box(-8, 8), outputs="argmax")
    found = rt.decision_regions(cx)
    for i in range(cx.n_cells):
        x = cx.exact_interior_point(i)
        distances = [sum((a - int(b)) ** 2 for a, b in zip(x, p, strict=True)) for p in sites]
        assert found.labels[i] == distances.index(min(distances))
        assert distances.count(min(distances)) == 1
    # Voronoi cells are convex, and each contains its point.
    assert found.region_labels.tolist() == list(dict.fromkeys(found.labels.tolist()))
    assert sorted(found.region_labels.tolist()) == list(range(len(sites)))
    assert found.labels[cx.locate(sites)].tolist() == list(range(len(sites)))


@pytest.mark.parametrize("make", [random_network, small_integer_network])
@pytest.mark.parametrize("widths", [[1, 5, 3], [2, 6, 5, 4], [3, 5, 2], [2, 5, 4, 1]], ids=str)
@pytest.mark.parametrize("domain", [rt.Box(-2, 2), None], ids=["box", "space"])
def test_refined_complexes_of_small_networks(make, widths, domain):
    for seed in range(3):
        layers = make(widths, seed)
        kind = "sign" if widths[-1] == 1 else "argmax"
        plain, cx = rt.decompose(layers, domain), rt.decompose(layers, domain, outputs=kind)
        cx.validate()
        assert cx.stats["outputs"] == kind
        assert cx.n_output_neurons == max(widths[-1] - 1, 1)
        assert cx.n_neurons == plain.n_neurons + cx.n_output_neurons

        # Each cell lies in the plain one with its pattern, and each plain cell is covered.
        own = list(map(tuple, cx.patterns[:, : plain.n_neurons].tolist()))
        index = {tuple(pattern): i for i, pattern in enumerate(plain.patterns.tolist())}
        assert set(own) == set(index)
        at = plain.locate(cx.interior_points[cx.interior_certified])
        assert at.tolist() == [
            index[p] for p, sure in zip(own, cx.interior_certified, strict=True) if sure
        ]

        # Classes are those of the outputs inside.
        found = rt.decision_regions(cx)
        outputs = exact_outputs(cx, layers)
        if kind == "sign":
            outputs = [[Fraction(0), f] for (f,) in outputs]
        best = [[k for k, v in enumerate(o) if v == max(o)] for o in outputs]
        assert found.labels.tolist() == [winners[0] for winners in best]
        assert found.tied.tolist() == [len(winners) > 1 for winners in best]
        assert found.region.tolist() == regions_by_search(cx, found.labels)
        first = [found.region.tolist().index(r) for r in range(found.n_regions)]
        assert found.region_labels.tolist() == found.labels[first].tolist()
        changes = found.labels[cx.adjacency[:, 0]] != found.labels[cx.adjacency[:, 1]]
        assert rt.decision_boundary(cx).edges.tolist() == np.flatnonzero(changes).tolist()


@pytest.mark.parametrize("seed", range(3))
def test_the_two_classes_of_a_boundary_facet_tie_on_it(seed):
    layers = random_network([2, 7, 6, 4], seed)
    cx = rt.decompose(layers, rt.Box(-2, 2), outputs="argmax")
    boundary = rt.decision_boundary(cx)
    exact = exact_layers(layers)
    assert len(boundary) > 0
    for (i, j), pair in zip(boundary.cells.tolist(), boundary.labels.tolist(), strict=True):
        shared = set(cx.cell_vertices[i].tolist()) & set(cx.cell_vertices[j].tolist())
        assert len(shared) == 2
        for v in shared:
            values = outputs_at(exact, cx.exact_vertices[v])
            assert values[pair[0]] == values[pair[1]] == max(values)


def test_sign_of_one_output():
    """||x| + |y| - 1| - 1/2: positive outside a diamond and inside a smaller one."""
    layers = [*ridge()[:-1], (np.ones((1, 2)), [-0.5])]
    cx = rt.decompose(layers, rt.Box(-2, 2), outputs="sign")
    assert cx.n_cells == rt.decompose(layers, rt.Box(-2, 2)).refine_by_output().n_cells
    found, boundary = rt.decision_regions(cx), rt.decision_boundary(cx)
    assert sorted(found.region_labels.tolist()) == [0, 1, 1]
    assert boundary.measure.sum() == pytest.approx(4 * sqrt(2) * (0.5 + 1.5))
    assert cx.cell_volumes[found.labels == 0].sum() == pytest.approx(2 * (1.5**2 - 0.5**2))


def test_regions_that_touch_in_a_point_are_apart():
    """|x| > |y|: left and right touch at the origin, as upper and lower do."""
    layers = [absolute(2)[0], ([[1, -1, 1, -1]], [0])]
    cx = rt.decompose(layers, SQUARE, outputs="sign")
    assert sorted(rt.decision_regions(cx).region_labels.tolist()) == [0, 0, 1, 1]
    assert rt.betti(cx, "superlevel").tolist() == [1, 0, 0]


def test_ties_of_whole_cells():
    """relu(x), relu(-x) and 0: everything ties with 0 on one side."""
    layers = [([[1.0], [-1.0]], [0, 0]), ([[0, 0], [1, 0], [0, 1]], [0, 0, 0])]
    cx = rt.decompose(layers, SQUARE, outputs="argmax")
    found = rt.decision_regions(cx)
    assert sorted(found.labels.tolist()) == [1, 2]
    assert not found.tied.any()
    # relu(x) and 0
    cx = rt.decompose([layers[0], ([[0, 0], [1, 0]], [0, 0])], SQUARE, outputs="argmax")
    found = rt.decision_regions(cx)
    by_side = cx.locate([[-0.5], [0.5]])
    assert found.labels[by_side].tolist() == [0, 1]
    assert found.tied[by_side].tolist() == [True, False]
    # equal outputs
    same = linear_classes([[1, 2], [1, 2], [1, 2]], [3, 3, 3])
    cx = rt.decompose(same, outputs="argmax")
    found = rt.decision_regions(cx)
    assert (found.labels.tolist(), found.tied.tolist(), found.n_regions) == ([0], [True], 1)
    assert len(rt.decision_boundary(cx)) == 0
    # f = 0 on the third quadrant
    quadrants = [PLANE, ([[1.0, 1.0]], [0.0])]
    cx = rt.decompose(quadrants, SQUARE, outputs="sign")
    found = rt.decision_regions(cx)
    assert found.labels[found.tied].tolist() == [0]
    assert found.labels.sum() == 3


@pytest.mark.parametrize("widths", [[2, 6, 5, 3], [2, 6, 1]], ids=str)
def test_outputs_stay_what_they_are(widths, tmp_path):
    layers = random_network(widths, 4)
    kind = "sign" if widths[-1] == 1 else "argmax"
    cx = rt.decompose(layers, SQUARE, outputs=kind)
    X = np.random.default_rng(0).uniform(-1, 1, (20, 2))
    expected = rt.Network(layers).forward(X)
    np.testing.assert_allclose(cx.network.forward(X), expected, rtol=1e-12)
    A, c = cx.affine_maps()
    at = cx.locate(X)
    np.testing.assert_allclose((A[at] @ X[:, :, None])[:, :, 0] + c[at], expected, atol=1e-12)

    cx.save(tmp_path / "refined.npz")
    again = rt.load(tmp_path / "refined.npz")
    assert again.n_output_neurons == cx.n_output_neurons
    found = rt.decision_regions(again)
    assert found.labels.tolist() == rt.decision_regions(cx).labels.tolist()


def test_long_biases_are_kept():
    """f = x + 1 + 2^-60 vanishes beside -1, and so does x + 1 + 2^-60 - 0."""
    for outputs in ("sign", "argmax"):
        W, b = ([[1.0]], [1.0]) if outputs == "sign" else ([[0.0], [1.0]], [0.0, 1.0])
        low = [[0.0], [0.0] * (len(b) - 1) + [2.0**-60]]
        net = rt.Network([([[1.0]], [0.0]), (W, b)], [1], low)
        cx = rt.decompose(net, rt.Box(-2, 2), outputs=outputs)
        assert Fraction(-1) - Fraction(1, 2**60) in [x for (x,) in cx.exact_vertices]
        assert rt.decision_regions(cx).labels[cx.locate([[-1.0]])].tolist() == [1]


def test_regions_as_subcomplexes_of_the_same_complex():
    cx = rt.decompose(random_network([2, 6, 5, 4], 2), rt.Box(-2, 2), outputs="argmax")
    found = rt.decision_regions(cx)
    for label in range(4):
        part = rt.region(cx, "class", label=label)
        assert part.complex is cx
        assert part.faces(2).tolist() == np.flatnonzero(found.labels == label).tolist()
    edges = rt.region(cx, "class boundary").faces(1)
    assert len(edges) == len(rt.decision_boundary(cx))


@pytest.mark.parametrize("outputs", ["sign", "argmax"])
def test_engines_agree(outputs):
    for make in (random_network, small_integer_network):
        layers = make([3, 6, 5, 1 if outputs == "sign" else 4], 1)
        vertex = rt.decompose(layers, rt.Box(-2, 2), outputs=outputs, engine="vertex")
        lp = rt.decompose(layers, rt.Box(-2, 2), outputs=outputs, engine="lp")
        a, b = rt.decision_regions(vertex), rt.decision_regions(lp)
        for name in ("labels", "region", "region_labels", "tied"):
            assert getattr(a, name).tolist() == getattr(b, name).tolist()
        edges = rt.decision_boundary(vertex).edges.tolist()
        assert edges == rt.decision_boundary(lp).edges.tolist()


@pytest.mark.parametrize("outputs", ["sign", "argmax"])
def test_verification_passes(outputs):
    pytest.importorskip("cdd.gmp", reason="pycddlib with GMP is missing", exc_type=ImportError)
    layers = small_integer_network([2, 5, 4, 1 if outputs == "sign" else 3], 1)
    assert rt.verify(rt.decompose(layers, rt.Box(-2, 2), outputs=outputs)).ok


def test_bad_input():
    one, two = absolute(2), absolute(2, last=np.eye(2, 4), bias=0.0)
    two[1] = (two[1][0], np.zeros(2))
    with pytest.raises(rt.InvalidNetworkError, match=r"'sign', which needs one output.* has 2"):
        rt.decompose(two, SQUARE, outputs="sign")
    with pytest.raises(rt.InvalidNetworkError, match="'argmax', which needs several outputs"):
        rt.decompose(one, SQUARE, outputs="argmax")
    with pytest.raises(ValueError, match="`outputs` must be 'sign', 'argmax' or None, got 'max'"):
        rt.decompose(two, SQUARE, outputs="max")
    plain = rt.decompose(two, SQUARE)
    assert plain.n_output_neurons == 0
    assert "outputs" not in plain.stats
    for function in (rt.decision_regions, rt.decision_boundary):
        with pytest.raises(ValueError, match="`complex` was made without `outputs`"):
            function(plain)
