"""Persistence and Betti curves: known functions, a plain matrix reduction, and the truth files."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

import relutope as rt
from small_networks import absolute, random_network, ridge, small_integer_network

pytest.importorskip("gudhi")
inf = np.inf

PERSISTENCE = {
    "tent": (absolute(1), rt.Box(-1, 2), "sublevel", [(0, (0.0, inf))]),
    "tent from above": (
        absolute(1),
        rt.Box(-1, 2),
        "superlevel",
        [(0, (1.0, 0.0)), (0, (2.0, -inf))],
    ),
    "ridge": (ridge(), rt.Box(-2, 2), "sublevel", [(0, (0.0, inf)), (1, (0.0, 1.0))]),
    "ridge from above": (
        ridge(),
        rt.Box(-2, 2),
        "superlevel",
        [(0, (1.0, 0.0)), *[(0, (3.0, 1.0))] * 3, (0, (3.0, -inf)), (1, (1.0, 0.0))],
    ),
    "ridge in the plane": (ridge(), None, "sublevel", [(0, (0.0, inf)), (1, (0.0, 1.0))]),
    "ridge in the plane from above": (  # the outside never opens up: born at infinity
        ridge(),
        None,
        "superlevel",
        [(0, (1.0, 0.0)), (0, (inf, -inf)), (1, (inf, 0.0))],
    ),
    "saddle in the plane": (  # |x| - |y|
        absolute(2, last=np.array([[1.0, -1.0, 1.0, -1.0]])),
        None,
        "sublevel",
        [(0, (-inf, 0.0)), (0, (-inf, inf))],
    ),
    # eight corners, twelve edges of the cube at value 2, six squares at value 1, and the point 0
    "octahedra": (
        absolute(3),
        rt.Box(-1, 1),
        "superlevel",
        [*[(0, (3.0, 2.0))] * 7, (0, (3.0, -inf)), *[(1, (2.0, 1.0))] * 5, (2, (1.0, 0.0))],
    ),
    "constant": (
        [(np.array([[1.0]]), np.zeros(1)), (np.zeros((1, 1)), np.array([4.0]))],
        rt.Box(-1, 1),
        "sublevel",
        [(0, (4.0, inf))],
    ),
}


@pytest.mark.parametrize("name", PERSISTENCE)
def test_persistence_of_known_functions(name):
    layers, domain, filtration, expected = PERSISTENCE[name]
    assert rt.persistence(rt.decompose(layers, domain), filtration) == sorted(expected)


@pytest.mark.parametrize("widths", [[1, 6, 5, 1], [2, 8, 6, 1], [3, 5, 5, 1]])
@pytest.mark.parametrize("make", [random_network, small_integer_network])
def test_superlevel_is_sublevel_of_the_negative(make, widths):
    layers = make(widths, 1)
    negative = [*layers[:-1], (-layers[-1][0], -layers[-1][1])]
    for domain in (rt.Box(-1, 1), None):
        down = rt.persistence(rt.decompose(layers, domain), "superlevel")
        up = rt.persistence(rt.decompose(negative, domain), "sublevel")
        assert down == sorted((k, (-birth, -death)) for k, (birth, death) in up)


@pytest.mark.parametrize("domain", [rt.Box(-1.5, 2), None], ids=["box", "plane"])
@pytest.mark.parametrize("seed", range(3))
def test_betti_curve_of_the_persistence_is_the_betti_number_of_each_level(domain, seed):
    complex = rt.decompose(random_network([2, 9, 7, 1], seed), domain)
    up, down = (rt.persistence(complex, name) for name in ("sublevel", "superlevel"))
    for level in (-2.0, -0.25, 0.0, 0.25, 1.0, 3.0):
        for pairs, of in ((up, "sublevel"), (down, "superlevel")):
            curve = [int(rt.betti_curve(pairs, [level], k)[0]) for k in range(3)]
            assert curve == rt.betti(complex, of, level).tolist()


@pytest.mark.parametrize("step", [0.0, 2.0**-52, 2.0**-60])
def test_zero_length_is_decided_exactly(step):
    """f goes 1, 1, 1 + step, 1: one pair for the wall, also if both ends round to 1."""
    hidden = (np.array([[1.0], [1.0]]), np.array([0.0, -1.0]))
    complex = rt.decompose([hidden, (step * np.array([[1.0, -2.0]]), np.ones(1))], rt.Box(-1, 2))
    wall = [(0, (1.0, 1.0 + step))] if step else []
    assert rt.persistence(complex) == [*wall, (0, (1.0, inf))]


# -- filtrations by cells and by vertices, against a plain reduction


def reduced_pairs(simplices, value_of):
    """Persistence by the textbook column reduction, on all faces of the given simplices."""
    faces = {face for s in simplices for k in range(len(s)) for face in combinations(s, k + 1)}
    order = sorted(faces, key=lambda face: (value_of(face), len(face), face))
    index = {face: i for i, face in enumerate(order)}
    columns, low_of, pairs = {}, {}, []
    for j, face in enumerate(order):
        column = {index[f] for f in combinations(face, len(face) - 1)} if len(face) > 1 else set()
        while column and max(column) in low_of:
            column ^= columns[low_of[max(column)]]
        if column:
            columns[j], low_of[max(column)] = column, j
    values = [float(value_of(face)) for face in order]
    for i, face in enumerate(order):
        if i in low_of and values[i] < values[low_of[i]]:
            pairs.append((len(face) - 1, (values[i], values[low_of[i]])))
        elif i not in low_of and i not in columns:
            pairs.append((len(face) - 1, (values[i], inf)))
    return sorted(pairs)


def minimum_over_cells(simplices, cell, values):
    lowest = {}
    for s, c in zip(simplices, cell, strict=True):
        for k in range(len(s)):
            for face in combinations(s, k + 1):
                lowest[face] = min(lowest.get(face, inf), values[c])
    return lowest.__getitem__


@pytest.fixture(scope="module", params=["2-D", "3-D", "plane", "degenerate"])
def small_complex(request):
    return {
        "2-D": lambda: rt.decompose(random_network([2, 5, 4, 1], 3), rt.Box(-1, 1)),
        "3-D": lambda: rt.decompose(random_network([3, 4, 3, 1], 1), rt.Box(-1, 1)),
        "plane": lambda: rt.decompose(random_network([2, 5, 4, 1], 4)),
        "degenerate": lambda: rt.decompose(small_integer_network([2, 5, 4, 1], 5), rt.Box(-1, 1)),
    }[request.param]()


def triangulation(complex):
    simplices, cell = complex.triangulation()
    return [tuple(s) for s in simplices.tolist()], cell.tolist()


def test_faces_take_the_minimum_over_their_cells(small_complex):
    values = np.random.default_rng(0).integers(0, 4, small_complex.n_cells).astype(float)
    simplices, cell = triangulation(small_complex)
    expected = reduced_pairs(simplices, minimum_over_cells(simplices, cell, values))
    assert rt.persistence(small_complex, values, on="cells") == expected


def test_simplices_take_the_maximum_over_their_vertices(small_complex):
    values = np.random.default_rng(1).integers(0, 6, len(small_complex.vertex_signs)).astype(float)
    simplices, _ = triangulation(small_complex)
    expected = reduced_pairs(simplices, lambda face: max(values[list(face)]))
    assert rt.persistence(small_complex, values, on="vertices") == expected


def test_sublevel_is_the_lower_star_of_the_ranks(small_complex):
    values, rank = small_complex.vertex_values
    value_at = dict(zip(rank.tolist(), values.tolist(), strict=True)) | {inf: inf}
    steps = rt.persistence(small_complex, rank, on="vertices")
    pairs = [(k, (value_at[birth], value_at[death])) for k, (birth, death) in steps]
    at_infinity = [(k, (v, v)) for k in range(4) for v in (-inf, inf)]
    expected = [pair for pair in pairs if pair not in at_infinity]
    assert rt.persistence(small_complex) == sorted(expected)


def test_random_filtration_is_a_permutation_of_the_cells(small_complex):
    n = small_complex.n_cells
    pairs = rt.persistence(small_complex, "random", seed=3)
    steps = {round(v * (n + 1), 9) for _, ends in pairs for v in ends if v != inf}
    assert steps <= set(range(1, n + 1))
    assert [pair for pair in pairs if pair[1][1] == inf] == [(0, (1 / (n + 1), inf))]
    assert pairs == rt.persistence(small_complex, "random", seed=3)
    order = np.random.default_rng(3).permutation(n)
    simplices, cell = triangulation(small_complex)
    by_rank = minimum_over_cells(simplices, cell, (order + 1) / (n + 1))
    assert pairs == reduced_pairs(simplices, by_rank)


def test_random_filtration_depends_on_the_seed():
    complex = rt.decompose(random_network([2, 9, 8, 1], 0), rt.Box(-1, 1))
    assert rt.persistence(complex, "random") != rt.persistence(complex, "random", seed=1)


def test_random_filtration_works_for_several_outputs():
    complex = rt.decompose(random_network([2, 5, 3], 0), rt.Box(-1, 1))
    assert rt.persistence(complex, "random")[0] == (0, (1 / (complex.n_cells + 1), inf))


# -- Betti curves


def test_betti_curve_is_closed_at_birth_and_open_at_death():
    pairs = [(0, (0.0, 2.0)), (0, (1.0, inf)), (1, (0.0, inf))]
    assert rt.betti_curve(pairs, [-1, 0, 1, 1.5, 2, 9], 0).tolist() == [0, 1, 2, 2, 1, 1]
    assert rt.betti_curve(pairs, [0.0], 2).tolist() == [0]


def test_betti_curve_of_a_superlevel_filtration():
    pairs = [(0, (2.0, -inf)), (0, (1.0, 0.0))]
    assert rt.betti_curve(pairs, [3, 2, 1, 0.5, 0, -5], 0).tolist() == [0, 1, 2, 2, 1, 1]


def test_betti_curve_of_nothing_is_zero():
    assert rt.betti_curve([], [0.0, 1.0], 0).tolist() == [0, 0]


# -- errors


@pytest.fixture(scope="module")
def square():
    return rt.decompose(absolute(2), rt.Box(-1, 1))


def test_sublevel_sets_need_one_output():
    complex = rt.decompose(random_network([2, 3, 2], 0), rt.Box(-1, 1))
    with pytest.raises(ValueError, match=r"`filtration` is 'sublevel'.*one output.*has 2"):
        rt.persistence(complex)


def test_unknown_names_are_refused(square):
    with pytest.raises(ValueError, match="`filtration` is 'height'; use one of sublevel"):
        rt.persistence(square, "height")
    with pytest.raises(ValueError, match="`on` is 'edges'"):
        rt.persistence(square, np.zeros(4), on="edges")


def test_arrays_must_fit_and_be_finite(square):
    with pytest.raises(ValueError, match=r"shape \(3,\); expected \(4,\) for cells or \(9,\)"):
        rt.persistence(square, np.zeros(3))
    with pytest.raises(ValueError, match=r"shape \(4,\) on vertices"):
        rt.persistence(square, np.zeros(4), on="vertices")
    with pytest.raises(ValueError, match="not finite"):
        rt.persistence(square, [0.0, 1.0, np.nan, 2.0])


def test_on_is_for_arrays_only(square):
    with pytest.raises(ValueError, match=r"`on` is 'cells'.*not an array"):
        rt.persistence(square, "random", on="cells")


def test_an_array_that_fits_cells_and_vertices_needs_on():
    # A pentagon with four of its five diagonals: eight pieces and eight vertices.
    corners = np.array([[0, 0], [4, 0], [5, 3], [2, 5], [-1, 3]], dtype=float)
    sides = [line_through(corners[k], corners[k - 4]) for k in range(5)]
    diagonals = [line_through(corners[k], corners[k - 3]) for k in range(4)]
    domain = rt.Polytope([row for row, _ in sides], [end for _, end in sides])
    hidden = [row for row, _ in diagonals], [-end for _, end in diagonals]
    cx = rt.decompose([hidden, ([[1.0] * 4], [0.0])], domain)
    assert (cx.n_cells, len(cx.vertex_signs)) == (8, 8)
    values = [1.0, 2.0, 3.0, 4.0, 4.0, 4.0, 4.0, 4.0]
    with pytest.raises(ValueError, match="say which with `on`"):
        rt.persistence(cx, values)
    assert (0, (1.0, inf)) in rt.persistence(cx, values, on="vertices")
    assert rt.persistence(cx, [1.0] * 8, on="vertices") == [(0, (1.0, inf))]
    assert rt.persistence(cx, [1.0] * 8, on="cells") == [(0, (1.0, inf))]


def line_through(p, q):
    """A row and an end: the points x with row . x = end, row . x < end to the left of p to q."""
    row = [float(q[1] - p[1]), float(p[0] - q[0])]
    return row, float(row[0] * p[0] + row[1] * p[1])


def has_persistence(entry):
    return entry["output_dim"] == 1 and entry["domain"] != "Rn" and entry["input_dim"] <= 3


@pytest.mark.truth(where=has_persistence)
def test_persistence_matches_the_truth(truth_case):
    expected = [(k, (b, inf if d is None else d)) for k, b, d in truth_case.truth["persistence"]]
    assert rt.persistence(truth_case.complex) == expected
