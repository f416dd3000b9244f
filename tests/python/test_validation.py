"""`Complex.validate`: every broken invariant is named; and `locate` on the boundary of cells."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

import relutope as rt
import zoo
from relutope.complex.validation import validate
from relutope.verification.claims import exact_network
from relutope.verification.integers import object_array, signs_at
from tampering import Tampered, plane_complex


@pytest.fixture(scope="module")
def cx():
    return plane_complex()


def with_arrays(cx, **changed):
    return Tampered(cx, solution=SimpleNamespace(arrays=replace(cx.solution.arrays, **changed)))


def with_neighbour(cx, facet, neighbour):
    numbers = cx.solution.arrays.facet_neighbour.copy()
    numbers[facet] = neighbour
    return with_arrays(cx, facet_neighbour=numbers)


def shared_facet(cx):
    return int(np.flatnonzero(cx.solution.arrays.facet_neighbour >= 0)[0])


def side_facet(cx):
    return int(np.flatnonzero(cx.solution.arrays.facet_neighbour < 0)[0])


def with_patterns(cx, rows):
    return Tampered(cx, patterns=cx.patterns[rows])


def with_two_facets_between_two_cells(cx):
    """Two cells, each with two facets, which both lead to the other."""
    tampered = with_arrays(
        cx,
        facet_begin=np.array([0, 2, 4]),
        facet_id=np.array([0, 1, 0, 1], dtype=np.int32),
        facet_neighbour=np.array([1, 1, 0, 0], dtype=np.int32),
    )
    tampered.n_cells, tampered.patterns = 2, cx.patterns[:2]
    return tampered


def with_patterns_that_differ_elsewhere(cx):
    """One bit of one cell is wrong, and the rows are in increasing order all the same."""
    for i, k in np.ndindex(*cx.patterns.shape):
        patterns = cx.patterns.copy()
        patterns[i, k] ^= True
        rows = patterns.tolist()
        if all(a < b for a, b in pairwise(rows)):
            return Tampered(cx, patterns=patterns)
    raise AssertionError("every wrong bit changes the order")


BROKEN = {
    "no cells": (lambda cx: Tampered(cx, n_cells=0), "has no cells"),
    "cells without neurons": (lambda cx: Tampered(cx, n_neurons=0), "but no neuron"),
    "cells out of order": (
        lambda cx: with_patterns(cx, [1, 0, *range(2, cx.n_cells)]),
        "cells 0 and 1 do not increase",
    ),
    "a cell twice": (
        lambda cx: with_patterns(cx, [0, 0, *range(2, cx.n_cells)]),
        "cells 0 and 1 do not increase",
    ),
    "a shared facet without a cell": (
        lambda cx: with_neighbour(cx, shared_facet(cx), -1),
        "must be either on the domain's boundary or shared",
    ),
    "a cell beyond the domain": (
        lambda cx: with_neighbour(cx, side_facet(cx), 1),
        "must be either on the domain's boundary or shared",
    ),
    "a cell that does not exist": (
        lambda cx: with_neighbour(cx, shared_facet(cx), cx.n_cells + 1000),
        "a cell that does not exist",
    ),
    "a facet without a partner": (
        lambda cx: with_neighbour(cx, shared_facet(cx), cx.n_cells - 1),
        "not symmetric",
    ),
    "two facets between two cells": (with_two_facets_between_two_cells, "more than one facet"),
    "patterns that differ elsewhere": (
        with_patterns_that_differ_elsewhere,
        "do not differ exactly in neurons that vanish",
    ),
    "a face too many": (
        lambda cx: Tampered(cx, euler_characteristic=2),
        "Euler characteristic is 2, must be 1",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_invariant_is_named(cx, name):
    validate(cx)
    make, message = BROKEN[name]
    with pytest.raises(rt.InvalidComplexError, match=message):
        validate(make(cx))


WEDGE = rt.Polytope([[-1, 0], [0, -1]], [0, 0])
STRIP = rt.Polytope([[1, 1], [-1, -1]], [1, 1])
TRIANGLE = rt.Polytope([[-1, 0], [0, -1], [1, 1]], [0, 0, 1])


@pytest.mark.parametrize(
    ("domain", "euler"),
    [
        (rt.Box(-1, 1), 1),
        (None, 1),
        (rt.Box([-1, -np.inf], [1, np.inf]), -1),
        (rt.Box([-1, -1], [1, np.inf]), 0),
        (TRIANGLE, 1),
        (WEDGE, 0),
        (STRIP, -1),
        (rt.Polytope([[0, 0]], [1]), 1),
    ],
)
def test_euler_characteristics_of_domains(domain, euler):
    """With compact support; a wrong one is found on each kind of domain."""
    cx = rt.decompose([([[1.0, 0.5]], [0.25]), ([[1.0]], [0.0])], domain)
    assert cx.euler_characteristic == euler
    cx.validate()
    with pytest.raises(rt.InvalidComplexError, match=f"must be {euler}"):
        validate(Tampered(cx, euler_characteristic=euler + 1))


# -- locate


def closed_cells_of(cx, point):
    """All closed cells that hold a point, by the exact forms of each."""
    exact = exact_network(cx, by_units=False)
    numerators = exact.point(np.asarray(point, dtype=np.float64))
    rows = object_array([numerators.tolist()], cx.dim + 1)
    return [
        i for i in range(cx.n_cells) if (signs_at(exact.forms(cx.patterns[i]), rows) >= 0).all()
    ]


@pytest.mark.parametrize("name", ["braid-3", "boolean-3", "norm-2", "norm-3"])
def test_a_point_on_a_boundary_is_in_the_lowest_cell(name):
    """Vertices, and points of edges and facets with few bits, of arrangements in integers."""
    case = zoo.by_name(name)
    cx = rt.decompose(case.layers, rt.Box(-1, 1, dim=case.dim))
    vertices = cx.vertices[(cx.vertices * 4 == np.round(cx.vertices * 4)).all(axis=1)]
    middles = (vertices[:, None] + vertices[None, :]).reshape(-1, case.dim) / 2
    points = np.unique(np.vstack([vertices, middles]), axis=0)
    cells = [closed_cells_of(cx, x) for x in points]
    assert max(map(len, cells)) > 2, "nothing is on a boundary"
    assert cx.locate(points).tolist() == [min(own) for own in cells]
    assert cx.locate(points + 3).tolist() == [-1] * len(points)


# -- files


def test_low_bits_of_biases_survive_a_file(tmp_path):
    """1 + 2^-60 is no double: the last neuron's bias is the sum of two."""
    layers = [([[1.0, 0.5]], [0.25]), ([[1.0]], [-1.0])]
    cx = rt.decompose(layers, rt.Box(-4, 4)).refine_by_output(2.0**-60)
    cx.save(tmp_path / "cx.npz")
    again = rt.load(tmp_path / "cx.npz")
    assert again.network == cx.network
    bias = Fraction(-1) - Fraction(1, 2**60)
    last = exact_network(again, by_units=False).layers[-1]
    assert Fraction(int(last.b[0]), last.scale) == bias
    assert again.vertices.tobytes() == cx.vertices.tobytes()
