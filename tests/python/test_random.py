"""Random networks, degenerate on purpose: agreement with the reference, invariants, symmetries."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import islice

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import reference
from fuzz import Sample, differences, failures, samples
from strategies import networks

MODERATE = ("integer", "quantised", "float32", "float64")


@settings(max_examples=100)
@given(networks())
def test_core_agrees_with_reference(case: Sample):
    assert differences(case.complex(), case.reference()) == []


@pytest.mark.parametrize("seed", range(4))
def test_core_agrees_with_reference_on_fuzz_samples(seed):
    """Also on polyhedral domains, flat ones included, and at extreme magnitudes."""
    for case in islice(samples(seed), 40):
        assert failures(case, case.reference()) == [], case.literal()


def test_differences_are_found():
    """The comparison itself can fail, in each of its statements."""
    case = Sample([([[1.0, 0.0], [1.0, 1.0]], [0.0, 0.5]), ([[1.0, 1.0]], [0.0])], None)
    expected = case.reference()
    assert differences(case.complex(), expected) == []
    for name in ("patterns", "adjacency", "facet_neurons", "f_vector", "bounded", "vertices"):
        changed = replace(expected, **{name: getattr(expected, name)[1:]})
        assert len(differences(case.complex(), changed)) == 1
    other = Sample([case.layers[0], case.layers[1]], ([-1.0, -1.0], [1.0, 1.0]))
    assert differences(other.complex(), expected) != []


@settings(max_examples=60)
@given(networks(scale=2, dims=(1, 2, 3, 4)))
def test_invariants(case: Sample):
    cx = case.complex()
    cx.validate()
    euler = sum((-1) ** k * count for k, count in enumerate(cx.f_vector.tolist()))
    assert euler == (1 if case.box is not None else (-1) ** cx.dim)
    assert cx.f_vector[-1] == cx.n_cells
    assert 2 * cx.n_edges < 2 * cx.dim * cx.n_cells  # mean degree below 2n
    assert cx.f_vector[-2] >= cx.n_edges
    assert (cx.f_vector[-2] == cx.n_edges) == (case.box is None)
    assert cx.bounded.all() or case.box is None


@settings(max_examples=60)
@given(networks(scale=2, dims=(1, 2, 3), kinds=MODERATE))
def test_interior_points_have_the_pattern_of_their_cell(case: Sample):
    """Evaluated exactly: the certified float64 points, and the rational ones of all cells."""
    cx = case.complex()
    hidden = reference.exact_layers(case.layers)[:-1]
    zero = [Fraction(0)] * cx.dim
    names = ["".join("1" if bit else "0" for bit in row) for row in cx.patterns.tolist()]
    for i, name in enumerate(names):
        assert reference.pattern_beside(hidden, cx.exact_interior_point(i), zero) == name
        if cx.interior_certified[i]:
            point = [Fraction(v) for v in cx.interior_points[i].tolist()]
            assert reference.pattern_beside(hidden, point, zero) == name
    sure = np.flatnonzero(cx.interior_certified)
    np.testing.assert_array_equal(cx.locate(cx.interior_points[sure]), sure)


def all_bytes(cx) -> dict[str, bytes]:
    """Everything the complex states, as bytes."""
    arrays = {
        name: getattr(cx, name)
        for name in ("patterns", "adjacency", "f_vector", "vertices", "vertex_signs", "bounded")
    }
    arrays |= {"interior_points": cx.interior_points, "facet_measure": cx.facet_measure}
    for name in ("facet_neurons", "cell_vertices"):
        arrays |= {
            f"{name}.{part}": getattr(getattr(cx, name), part) for part in ("indptr", "indices")
        }
    arrays["values"], arrays["rank"] = cx.vertex_values
    arrays["simplices"], arrays["simplex_cell"] = cx.triangulation()
    return {name: np.ascontiguousarray(a).tobytes() for name, a in arrays.items()}


@settings(max_examples=40)
@given(networks(scale=2, dims=(1, 2, 3, 4)))
def test_thread_count_changes_no_byte(case: Sample):
    one, two = all_bytes(case.complex(threads=1)), all_bytes(case.complex(threads=2))
    assert [name for name in one if one[name] != two[name]] == []


@settings(max_examples=40)
@given(networks(scale=2, dims=(1, 2, 3), kinds=MODERATE), st.data())
def test_scaling_neurons_by_powers_of_two_changes_nothing(case: Sample, data: st.DataObject):
    """A row times 2^e, and the column that reads it times 2^-e: the same function of x."""
    layers = case.arrays()
    scaled: list[tuple[np.ndarray, np.ndarray]] = []
    column = np.ones(layers[0][0].shape[1])
    for W, b in layers[:-1]:
        powers = st.lists(st.integers(-3, 3), min_size=len(b), max_size=len(b))
        row = np.ldexp(1.0, data.draw(powers))
        scaled.append((W / column * row[:, None], b * row))
        assume(np.array_equal(scaled[-1][0] / row[:, None] * column, W))  # nothing underflowed
        assume(np.array_equal(scaled[-1][1] / row, b))
        column = row
    scaled.append((layers[-1][0] / column, layers[-1][1]))
    before, after = all_bytes(case.complex()), all_bytes(as_sample(scaled, case.box).complex())
    assert [name for name in before if before[name] != after[name]] == []


def as_sample(layers, box) -> Sample:
    return Sample([(W.tolist(), b.tolist()) for W, b in layers], box)


def signature(cx) -> tuple:
    """The complex up to the numbering of vertices: cells, graph, facets, faces."""
    return (
        cx.patterns.tolist(),
        cx.adjacency.tolist(),
        [v.tolist() for v in cx.facet_neurons],
        cx.f_vector.tolist(),
        cx.bounded.tolist(),
    )


@settings(max_examples=40)
@given(networks(scale=2, dims=(1, 2, 3)), st.data())
def test_symmetries_of_the_input_space(case: Sample, data: st.DataObject):
    """Permuting and negating the axes, with the box, moves vertices and changes no cell."""
    layers, n = case.arrays(), len(case.layers[0][0][0])
    axes = data.draw(st.permutations(range(n)))
    signs = np.array(data.draw(st.lists(st.sampled_from([1.0, -1.0]), min_size=n, max_size=n)))
    W, b = layers[0]
    moved = [((W * signs)[:, axes], b), *layers[1:]]
    box = None
    if case.box is not None:
        lower, upper = signs * case.box[0], signs * case.box[1]
        box = (np.minimum(lower, upper)[axes].tolist(), np.maximum(lower, upper)[axes].tolist())
    before, after = case.complex(), as_sample(moved, box).complex()
    assert signature(after) == signature(before)
    expected = (before.vertices * signs)[:, axes] + 0.0
    assert sorted((after.vertices + 0.0).tolist()) == sorted(expected.tolist())


@settings(max_examples=40)
@given(networks(scale=2, dims=(1, 2, 3)), st.data())
def test_permuting_neurons_permutes_patterns(case: Sample, data: st.DataObject):
    layers, order, columns, first = [], [], None, 0
    for W, b in case.arrays()[:-1]:
        rows = list(data.draw(st.permutations(range(len(b)))))
        layers.append(((W if columns is None else W[:, columns])[rows], b[rows]))
        order += [first + r for r in rows]
        columns, first = rows, first + len(b)
    W, b = case.arrays()[-1]
    layers.append((W[:, columns], b))
    before, after = case.complex(), as_sample(layers, case.box).complex()
    assert sorted(before.patterns[:, order].tolist()) == after.patterns.tolist()
    assert after.f_vector.tolist() == before.f_vector.tolist()
    assert pairs(after, np.arange(len(order))) == pairs(before, order)


def pairs(cx, order) -> set[tuple[tuple[bool, ...], ...]]:
    """The edges as pairs of patterns with their neurons in the given order."""
    rows = [tuple(row) for row in cx.patterns[:, order].tolist()]
    return {tuple(sorted((rows[i], rows[j]))) for i, j in cx.adjacency.tolist()}
