"""The reference itself: against the truth files and closed forms, without the package."""

from __future__ import annotations

from fractions import Fraction

import pytest

import reference
import zoo
from reference import Cone


def small(entry: dict) -> bool:
    return sum(entry["f_vector"]) * 2 ** entry["input_dim"] <= 1000


@pytest.mark.truth(where=small)
def test_reference_agrees_with_truth(truth_case):
    truth = truth_case.truth
    cx = reference.decompose(truth_case.exact_layers, truth_case.exact_box)
    assert cx.patterns == truth["patterns"]
    assert [list(pair) for pair in cx.adjacency] == truth["adjacency"]
    assert cx.f_vector == truth["f_vector"]
    assert cx.euler_characteristic == truth["euler_characteristic"]
    assert sum(cx.bounded) == truth.get("num_bounded_cells", truth["num_cells"])
    if "vertices" in truth:
        assert [[float(v) for v in p] for p in cx.vertices] == truth["vertices"]


@pytest.mark.parametrize(
    "case", [c for c in zoo.cases() if c.n_cells <= 60 and c.dim <= 3], ids=lambda c: c.name
)
def test_reference_agrees_with_closed_forms(case):
    layers = reference.exact_layers(case.layers)
    cx = reference.decompose(layers, exact_box(case))
    assert len(cx.patterns) == case.n_cells
    assert case.f_vector in (None, tuple(cx.f_vector))
    assert case.n_edges in (None, len(cx.adjacency))
    assert case.n_bounded in (None, sum(cx.bounded))
    zero = [Fraction(0)] * case.dim
    assert [
        reference.pattern_beside(layers[:-1], x, zero) for x in cx.interior_points
    ] == cx.patterns


def exact_box(case: zoo.Case):
    if case.domain is None:
        return None
    lo, hi = case.domain
    return [Fraction(lo)] * case.dim, [Fraction(hi)] * case.dim


def test_hamming_1_trap_is_not_an_adjacency():
    cx = reference.decompose(reference.exact_layers(zoo.by_name("hamming-1-line").layers))
    assert cx.patterns == ["000", "100", "101", "110", "111"]
    assert cx.adjacency == [(0, 1), (1, 2), (2, 4), (3, 4)]  # 100 and 110 are not adjacent
    assert cx.facet_neurons == [(0,), (2,), (1,), (2,)]


def test_facet_neurons_of_a_repeated_row_are_a_group():
    cx = reference.decompose(
        reference.exact_layers(zoo.arrangement([([1], 0), ([-2], 0), ([1], -1)]))
    )
    assert cx.patterns == ["010", "100", "101"]
    assert cx.facet_neurons == [(0, 1), (2,)]


def test_vertices_and_bounded_cells_of_a_triangle():
    cx = reference.decompose(
        reference.exact_layers(zoo.arrangement([([1, 0], 0), ([0, 1], 0), ([-1, -3], 1)]))
    )
    assert cx.vertices == [(0, 0), (0, Fraction(1, 3)), (1, 0)]
    assert [p for p, bounded in zip(cx.patterns, cx.bounded, strict=True) if bounded] == ["111"]


@pytest.mark.parametrize(
    ("form", "answer"), [([1, 1], None), ([1, -1], True), ([-1, 0], True), ([0, 0], None)]
)
def test_cone_program_in_the_quadrant(form, answer):
    cone = Cone(2)
    cone.add_row([1, 0])
    cone.add_row([0, 1])
    y = cone.point_with_negative(form)
    assert (y is None) == (answer is None)
    if y is not None:
        assert min(y) >= 0
        assert reference.dot(form, y) < 0


def test_cone_program_ends_and_is_right_against_enumeration():
    """Integer cones in the plane: a form is negative somewhere iff it is so at one of the two
    extreme rays.
    """
    directions = [(a, b) for a in range(-3, 4) for b in range(-3, 4) if (a, b) != (0, 0)]
    for r in directions[::3]:
        for s in directions[::2]:
            for form in directions[::5]:
                cone = Cone(2)
                cone.add_row(list(r))
                cone.add_row(list(s))
                rays = [
                    d
                    for d in rotations(r, s)
                    if reference.dot(r, d) >= 0 and reference.dot(s, d) >= 0
                ]
                expected = any(reference.dot(form, d) < 0 for d in rays)
                assert (cone.point_with_negative(list(form)) is not None) == expected, (r, s, form)


def rotations(r, s):
    """Generators among which those of ``{r.y >= 0, s.y >= 0}`` are: the rows, and their
    perpendiculars.
    """
    rows = [r, s, (r[0] + s[0], r[1] + s[1])]
    return [(sign * x, sign * y) for a, b in rows for x, y in ((a, b), (-b, a)) for sign in (1, -1)]
