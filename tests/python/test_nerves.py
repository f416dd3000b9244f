"""Nerves, flag complexes and distances between patterns: known answers, direct definitions."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

import relutope as rt
from relutope.topology import (
    cell_nerve,
    dual_flag_complex,
    hamming_persistence,
    neuron_nerve,
    pattern_order_complex,
)
from small_networks import absolute, random_network, small_integer_network

pytest.importorskip("gudhi")
inf = np.inf


def betti(tree):
    tree.compute_persistence(homology_coeff_field=2, persistence_dim_max=True)
    numbers = tree.betti_numbers()
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers


def simplices(tree):
    return {tuple(sorted(simplex)) for simplex, _ in tree.get_skeleton(tree.dimension())}


@pytest.fixture(scope="module", params=range(4))
def cx(request):
    make = (random_network, small_integer_network)[request.param % 2]
    domain = (rt.Box(-2, 2), None)[request.param // 2]
    return rt.decompose(make([2, 5, 4, 1], request.param), domain)


def test_four_quadrants():
    complex = rt.decompose([(np.eye(2), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))])
    assert betti(dual_flag_complex(complex)) == [1, 1]  # a square
    assert betti(cell_nerve(complex)) == [1]  # a tetrahedron
    assert betti(cell_nerve(complex, max_dim=1)) == [1, 3]  # its edges
    assert betti(neuron_nerve(complex)) == [1]  # both neurons at once
    # 00 below 01, 10 and 11, each of 01 and 10 below 11: two triangles with a common edge
    order = pattern_order_complex(complex)
    assert (order.num_simplices(), betti(order)) == (4 + 5 + 2, [1])


def test_the_nerve_of_the_cells_has_the_homology_of_the_domain(cx):
    assert betti(cell_nerve(cx)) == [1]


def test_the_nerve_of_the_cells_by_its_definition(cx):
    """Pairs and triples of cells that share a vertex of the infinite box or a finite one."""
    own = [set(row.tolist()) for row in cx.cell_vertices]
    found = simplices(cell_nerve(cx, max_dim=2))
    expected = {
        some
        for size in (1, 2, 3)
        for some in combinations(range(cx.n_cells), size)
        if set.intersection(*(own[i] for i in some))
    }
    assert found == expected


def test_lines_have_a_nerve_too():
    strips = rt.decompose([([[1, 1, 0], [2, 2, 0]], [0, 1]), ([[1, 1]], [0])])
    assert simplices(cell_nerve(strips)) == {(0,), (1,), (2,)} | {
        tuple(pair) for pair in strips.adjacency.tolist()
    }


def test_the_flag_complex_by_its_definition(cx):
    adjacent = {tuple(pair) for pair in cx.adjacency.tolist()}
    expected = {
        some
        for size in (1, 2, 3)
        for some in combinations(range(cx.n_cells), size)
        if all(pair in adjacent for pair in combinations(some, 2))
    }
    assert simplices(dual_flag_complex(cx)) == expected
    assert simplices(dual_flag_complex(cx, max_dim=0)) == {(i,) for i in range(cx.n_cells)}


def test_the_neurons_nerve_by_its_definition(cx):
    expected = {
        some
        for row in cx.patterns
        for size in (1, 2, 3)
        for some in combinations(np.flatnonzero(row).tolist(), size)
    }
    assert simplices(neuron_nerve(cx, max_dim=2)) == expected


def test_neurons_active_around_a_square_leave_a_hole():
    """The four sides of |x| + |y|: relu(x) never meets relu(-x), so no simplex fills the circle."""
    assert betti(neuron_nerve(rt.decompose(absolute(2)))) == [1, 1]
    assert betti(neuron_nerve(rt.decompose(absolute(3)), max_dim=None)) == [1, 0, 1]


def test_chains_by_their_definition(cx):
    active = [frozenset(np.flatnonzero(row).tolist()) for row in cx.patterns]
    expected = {
        some
        for size in (1, 2, 3)
        for some in combinations(range(cx.n_cells), size)
        if all(active[i] < active[j] or active[j] < active[i] for i, j in combinations(some, 2))
    }
    assert simplices(pattern_order_complex(cx)) == expected


def test_hamming_distances_of_data():
    """Data in three of four quadrants: a path; a fourth on an axis has the pattern of a third."""
    complex = rt.decompose([(np.eye(2), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))])
    X = [[1, 1], [-1, 1], [-1, -1], [-1, 0]]
    assert hamming_persistence(complex, X) == [(0, (0.0, 1.0)), (0, (0.0, 1.0)), (0, (0.0, inf))]


def test_hamming_persistence_is_that_of_all_simplices(cx):
    """Against gudhi without collapses, on the distances as they are defined."""
    import gudhi

    distances = (cx.patterns[:, None, :] != cx.patterns[None, :, :]).sum(axis=2)
    rips = gudhi.RipsComplex(distance_matrix=distances.astype(float))
    tree = rips.create_simplex_tree(max_dimension=2)
    tree.compute_persistence(homology_coeff_field=3)
    expected = [
        (k, (b, d)) for k in (0, 1) for b, d in tree.persistence_intervals_in_dimension(k).tolist()
    ]
    assert hamming_persistence(cx, field=3) == sorted(expected)


def test_what_does_not_fit_is_refused():
    complex = rt.decompose(absolute(2))
    for function in (dual_flag_complex, cell_nerve, neuron_nerve, pattern_order_complex):
        with pytest.raises(ValueError, match="`max_dim` is -1"):
            function(complex, max_dim=-1)
    with pytest.raises(ValueError, match=r"`X` must have shape \(k, 2\)"):
        hamming_persistence(complex, [[1.0]])
    with pytest.raises(ValueError, match="`X` contains NaN"):
        hamming_persistence(complex, [[np.nan, 0.0]])
