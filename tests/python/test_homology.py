"""Betti numbers: known shapes, invariants, and the truth files."""

from __future__ import annotations

import numpy as np
import pytest

import relutope as rt
from small_networks import absolute, random_network, ridge, small_integer_network

gudhi = pytest.importorskip("gudhi")
SETS = {"ge0": "superlevel", "le0": "sublevel", "eq0": "level"}

# name: (layers, domain, level, {set: Betti numbers})
SHAPES = {
    "interval": (
        absolute(1, bias=-1.0),
        rt.Box(-2, 2),
        0.0,
        {"superlevel": [2, 0], "sublevel": [1, 0], "level": [2, 0], "all": [1, 0]},
    ),
    "line": (absolute(1), None, 1.0, {"superlevel": [2, 0], "sublevel": [1, 0], "level": [2, 0]}),
    "diamond": (
        absolute(2),
        rt.Box(-1, 1),
        0.5,
        {"superlevel": [1, 1, 0], "sublevel": [1, 0, 0], "level": [1, 1, 0]},
    ),
    "diamond touching the box": (
        absolute(2),
        rt.Box(-1, 1),
        1.0,
        {"superlevel": [1, 1, 0], "sublevel": [1, 0, 0], "level": [1, 1, 0]},
    ),
    "corners": (
        absolute(2),
        rt.Box(-1, 1),
        1.5,
        {"superlevel": [4, 0, 0], "sublevel": [1, 0, 0], "level": [4, 0, 0]},
    ),
    "diamond in the plane": (
        absolute(2),
        None,
        0.5,
        {"superlevel": [1, 1, 0], "sublevel": [1, 0, 0], "level": [1, 1, 0]},
    ),
    "minimum at a vertex": (
        absolute(2),
        None,
        0.0,
        {"superlevel": [1, 0, 0], "sublevel": [1, 0, 0], "level": [1, 0, 0]},
    ),
    "below the minimum": (
        absolute(2),
        rt.Box(-1, 1),
        -1.0,
        {"superlevel": [1, 0, 0], "sublevel": [0, 0, 0], "level": [0, 0, 0]},
    ),
    "annulus": (
        ridge(),
        rt.Box(-2, 2),
        0.25,
        {"superlevel": [2, 1, 0], "sublevel": [1, 1, 0], "level": [2, 2, 0]},
    ),
    "octahedron": (
        absolute(3),
        rt.Box(-1, 1),
        0.5,
        {"superlevel": [1, 0, 1, 0], "sublevel": [1, 0, 0, 0], "level": [1, 0, 1, 0]},
    ),
    "octahedron in space": (
        absolute(3),
        None,
        0.5,
        {"superlevel": [1, 0, 1, 0], "sublevel": [1, 0, 0, 0], "level": [1, 0, 1, 0]},
    ),
    "circle": (  # |x| + |y| = 1/2 in space is a cylinder
        absolute(3, last=np.array([[1.0, 1.0, 0.0, 1.0, 1.0, 0.0]])),
        rt.Box(-1, 1),
        0.5,
        {"superlevel": [1, 1, 0, 0], "sublevel": [1, 0, 0, 0], "level": [1, 1, 0, 0]},
    ),
    "3-sphere": (
        absolute(4),
        rt.Box(-1, 1),
        0.5,
        {"superlevel": [1, 0, 0, 1, 0], "sublevel": [1, 0, 0, 0, 0], "level": [1, 0, 0, 1, 0]},
    ),
    "flat zero": (  # relu(x): zero on a whole cell
        [(np.array([[1.0]]), np.zeros(1)), (np.ones((1, 1)), np.zeros(1))],
        rt.Box(-1, 1),
        0.0,
        {"superlevel": [1, 0], "sublevel": [1, 0], "level": [1, 0]},
    ),
    "quadrants": (  # |x| - |y|: a cross
        absolute(2, last=np.array([[1.0, -1.0, 1.0, -1.0]])),
        None,
        0.0,
        {"superlevel": [1, 0, 0], "sublevel": [1, 0, 0], "level": [1, 0, 0]},
    ),
    "hyperbolas": (
        absolute(2, last=np.array([[1.0, -1.0, 1.0, -1.0]])),
        None,
        1.0,
        {"superlevel": [2, 0, 0], "sublevel": [1, 0, 0], "level": [2, 0, 0]},
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_betti_numbers_of_known_shapes(name):
    layers, domain, level, expected = SHAPES[name]
    complex = rt.decompose(layers, domain)
    found = {of: rt.betti(complex, of, level).tolist() for of in expected}
    assert found == expected


def test_betti_numbers_are_int64_and_one_per_dimension():
    numbers = rt.betti(rt.decompose(absolute(2), rt.Box(-1, 1)))
    assert (numbers.dtype, numbers.shape) == (np.int64, (3,))


def test_bounded_cells_of_a_triangle():
    """Three lines around a triangle: one bounded cell of seven."""
    W, b = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]), np.array([0.0, 0.0, 1.0])
    complex = rt.decompose([(W, b), (np.ones((1, 3)), np.zeros(1))])
    assert complex.bounded.sum() == 1
    assert rt.betti(complex, "bounded").tolist() == [1, 0, 0]
    assert rt.betti(complex, "all").tolist() == [1, 0, 0]


def test_no_bounded_cell_gives_zeros():
    assert rt.betti(rt.decompose(absolute(2)), "bounded").tolist() == [0, 0, 0]


def test_all_cells_of_a_box_are_bounded():
    complex = rt.decompose(random_network([3, 7, 5, 1], 0), rt.Box(-1, 1))
    assert rt.betti(complex, "bounded").tolist() == rt.betti(complex).tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize("seed", range(6))
def test_plane_and_a_huge_box_have_the_same_level_sets(seed):
    layers = random_network([2, 8, 6, 1], seed)
    plane, box = rt.decompose(layers), rt.decompose(layers, rt.Box(-(2.0**40), 2.0**40))
    for of in SETS.values():
        assert rt.betti(plane, of).tolist() == rt.betti(box, of).tolist()


@pytest.mark.parametrize("widths", [[2, 9, 6, 1], [3, 8, 6, 1]])
@pytest.mark.parametrize("make", [random_network, small_integer_network])
@pytest.mark.parametrize("seed", range(3))
def test_mayer_vietoris_counts_of_the_two_sides(make, widths, seed):
    """Euler characteristics: above + below - boundary = box, for every network and level."""
    complex = rt.decompose(make(widths, seed), rt.Box(-2, 2))
    signs = (-1) ** np.arange(complex.dim + 1)
    for level in (0.0, 0.5, 1.0):
        chi = {of: int(signs @ rt.betti(complex, of, level)) for of in SETS.values()}
        assert chi["superlevel"] + chi["sublevel"] - chi["level"] == 1


def direct_betti(complex, of, level):
    """On the complex refined by f - level the sets are subcomplexes: no retraction needed."""
    refined = complex.refine_by_output(level)
    sign = refined.vertex_signs[:, -1]
    inside = {"superlevel": sign >= 0, "sublevel": sign <= 0, "level": sign == 0}[of]
    tree = gudhi.SimplexTree()
    for simplex in refined.triangulation()[0].tolist():
        tree.insert([v for v in simplex if inside[v]])
    tree.compute_persistence(homology_coeff_field=2, persistence_dim_max=True)
    numbers = tree.betti_numbers()
    return numbers + [0] * (complex.dim + 1 - len(numbers))


@pytest.mark.parametrize("domain", [rt.Box(-2, 2), None], ids=["box", "space"])
@pytest.mark.parametrize("widths", [[1, 7, 6, 1], [2, 8, 6, 1], [3, 6, 5, 1]])
@pytest.mark.parametrize("make", [random_network, small_integer_network])
def test_subcomplexes_of_the_refined_complex_agree(make, widths, domain):
    for seed in range(3):
        complex = rt.decompose(make(widths, seed), domain)
        for level in (-0.5, 0.0, 1.0):
            for of in SETS.values():
                assert rt.betti(complex, of, level).tolist() == direct_betti(complex, of, level)


def test_only_a_tie_refines_the_complex(monkeypatch):
    complex = rt.decompose(absolute(2), rt.Box(-1, 1))
    refine = type(complex).refine_by_output
    levels = []
    monkeypatch.setattr(
        type(complex),
        "refine_by_output",
        lambda self, level: levels.append(level) or refine(self, level),
    )
    for level in (0.0, 0.5, 1.0, 1.5, 2.0, 2.5):
        rt.betti(complex, "level", level)
    assert levels == [0.0, 1.0, 2.0]


def test_values_that_round_to_the_level_get_their_exact_sign():
    """f = 1 + 2^-60 |x| reaches 1 at 0 only, but rounds to 1 everywhere."""
    complex = rt.decompose(absolute(1, last=np.full((1, 2), 2.0**-60), bias=1.0), rt.Box(-1, 1))
    assert (complex.vertex_values[0] == 1).all()
    assert rt.betti(complex, "level", 1.0).tolist() == [1, 0]
    assert rt.betti(complex, "superlevel", 1.0).tolist() == [1, 0]
    assert rt.betti(complex, "superlevel", np.nextafter(1.0, 2.0)).tolist() == [0, 0]


def test_level_sets_need_one_output():
    complex = rt.decompose(random_network([2, 3, 2], 0), rt.Box(-1, 1))
    with pytest.raises(ValueError, match=r"`of` is 'level'.*one output.*has 2"):
        rt.betti(complex, "level")
    assert rt.betti(complex).tolist() == [1, 0, 0]


def test_unknown_sets_and_levels_are_refused():
    complex = rt.decompose(absolute(2), rt.Box(-1, 1))
    with pytest.raises(ValueError, match="`of` is 'boundary'; use one of all, bounded"):
        rt.betti(complex, "boundary")
    with pytest.raises(ValueError, match="`level` is nan"):
        rt.betti(complex, "level", np.nan)


def has_betti_numbers(entry):
    return entry["output_dim"] == 1 and entry["domain"] != "Rn" and entry["float64_exact"]


@pytest.mark.truth(where=has_betti_numbers)
def test_betti_numbers_match_the_truth(truth_case):
    found = {name: rt.betti(truth_case.complex, of).tolist() for name, of in SETS.items()}
    assert found == truth_case.truth["betti"]
