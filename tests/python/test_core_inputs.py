"""The extension module refuses malformed input with an exception: it never reads past an array.

Not part of the public interface, which checks more and says more; this is the net below it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from relutope import _core

REFUSED = (TypeError, ValueError, IndexError, _core.EmptyDomain, _core.TooManyCells)
EYE = np.eye(2)
ZERO = np.zeros(2)
NONE = np.empty((0, 3))
SIDES = np.zeros(4, dtype=np.uint8)


def layer(rows: int, columns: int, value: float = 1.0) -> tuple[Any, Any, Any]:
    return np.full((rows, columns), value), np.zeros(rows), np.zeros(rows)


def cross() -> Any:
    """The two axes of the plane."""
    return _core.Network([(EYE, ZERO, ZERO), layer(1, 2)], [0])


def line() -> Any:
    return _core.Network([layer(3, 1), layer(1, 3)], [0])


def cells_of(network: Any, n: int) -> Any:
    return _core.search_cells(
        network, np.full(n, -1.0), np.ones(n), np.empty((0, n + 1)), 1, None, None
    )


def vertices_of(network: Any, n: int) -> Any:
    box = np.full(n, -1.0), np.ones(n), np.empty((0, n + 1))
    return _core.search_vertices(network, *box, cells_of(network, n), 1, False, True, 0, None)


@pytest.mark.parametrize(
    ("layers", "linear"),
    [
        ([], []),
        ([layer(1, 2)], []),
        ([layer(3, 2), layer(1, 2)], [0]),
        ([layer(0, 2), layer(1, 0)], [0]),
        ([layer(2, 0), layer(1, 2)], [0]),
        ([(np.ones(2), ZERO, ZERO), layer(1, 2)], [0]),
        ([(np.float64(1), ZERO, ZERO), layer(1, 2)], [0]),
        ([(np.ones((2, 2, 1)), ZERO, ZERO), layer(1, 2)], [0]),
        ([(EYE, ZERO[:1], ZERO), layer(1, 2)], [0]),
        ([(EYE, ZERO, np.zeros(3)), layer(1, 2)], [0]),
        ([(EYE, ZERO[:, None], ZERO), layer(1, 2)], [0]),
        ([(EYE, ZERO), layer(1, 2)], [0]),
        ([layer(2, 2, np.nan), layer(1, 2)], [0]),
        ([layer(2, 2), layer(1, 2, np.inf)], [0]),
        ([(EYE, ZERO - np.inf, ZERO), layer(1, 2)], [0]),
        ([(EYE, ZERO, ZERO + np.nan), layer(1, 2)], [0]),
        ([(np.array([["a", "b"]]), ZERO[:1], ZERO[:1]), layer(1, 1)], [0]),
        ([(None, ZERO, ZERO), layer(1, 2)], [0]),
        ([layer(2, 2), layer(1, 2)], []),
        ([layer(2, 2), layer(1, 2)], [0, 0]),
        ([layer(2, 2), layer(1, 2)], [-1]),
        ([layer(2, 2), layer(1, 2)], [3]),
        (None, [0]),
    ],
)
def test_malformed_networks_are_refused(layers, linear):
    with pytest.raises(REFUSED):
        _core.Network(layers, linear)


@pytest.mark.parametrize(
    ("lower", "upper", "halfspaces"),
    [
        (ZERO[:1], ZERO + 1, NONE),
        (ZERO, np.ones(3), NONE),
        (ZERO[:, None], ZERO + 1, NONE),
        (np.float64(0), ZERO + 1, NONE),
        (ZERO, ZERO, NONE),
        (ZERO + 1, ZERO, NONE),
        (ZERO + np.nan, ZERO + 1, NONE),
        (ZERO, ZERO + np.nan, NONE),
        (ZERO + np.inf, ZERO + np.inf, NONE),
        (ZERO - np.inf, ZERO - np.inf, NONE),
        (ZERO, ZERO + 1, np.ones(3)),
        (ZERO, ZERO + 1, np.ones((1, 2))),
        (ZERO, ZERO + 1, np.ones((1, 4))),
        (ZERO, ZERO + 1, np.full((1, 3), np.nan)),
        (ZERO, ZERO + 1, np.full((1, 3), np.inf)),
        (ZERO, ZERO + 1, np.zeros((1, 3))),
        (ZERO, ZERO + 1, -np.ones((1, 3))),
        (None, ZERO, NONE),
    ],
)
def test_malformed_domains_are_refused(lower, upper, halfspaces):
    with pytest.raises(REFUSED):
        _core.search_cells(cross(), lower, upper, halfspaces, 1, None, None)
    with pytest.raises(REFUSED):
        _core.search_vertices(
            cross(), lower, upper, halfspaces, cells_of(cross(), 2), 1, True, True, 0, None
        )


def test_too_many_dimensions_are_refused():
    n = _core.MAX_VERTEX_DIMENSION + 1
    with pytest.raises(REFUSED):
        cells_of(_core.Network([layer(1, n), layer(1, 1)], [0]), n)


@pytest.mark.parametrize("points", [ZERO, np.zeros((4, 1)), np.zeros((1, 2, 2)), EYE + np.nan])
def test_malformed_points_are_refused(points):
    with pytest.raises(REFUSED):
        cross().point_signs(points)


@pytest.mark.parametrize("kept", [[], [2], [-1], [0, 1, 2], ["a"], None])
def test_inputs_that_are_not_there_are_refused(kept):
    with pytest.raises(REFUSED):
        cross().with_inputs(kept)


@pytest.mark.parametrize("matrix", [ZERO, np.float64(0), np.zeros((2, 2, 2)), EYE + np.inf])
def test_malformed_matrices_are_refused(matrix):
    with pytest.raises(REFUSED):
        _core.independent_columns(matrix)


@pytest.mark.parametrize(("vertices", "ids"), [([9], [0]), ([-1], [0]), ([0], [2]), ([0], [-5])])
def test_indices_that_are_not_there_are_refused(vertices, ids):
    found = vertices_of(cross(), 2)
    assert found.num_vertices == 9
    assert found.on_facets(cells_of(cross(), 2), [0, 8], [-4, 1]).shape == (2, 2)
    with pytest.raises(REFUSED):
        found.on_facets(cells_of(cross(), 2), vertices, ids)


@pytest.mark.parametrize("vertex", [-1, 9, 2**62, 0.5])
def test_exact_points_that_are_not_there_are_refused(vertex):
    with pytest.raises(REFUSED):
        vertices_of(cross(), 2).exact_point(vertex)


def test_cells_and_vertices_of_different_complexes_are_refused():
    vertices, other = vertices_of(cross(), 2), cells_of(line(), 1)
    calls = [
        lambda: vertices.neuron_signs(other),
        lambda: vertices.face_counts(other, SIDES[:2]),
        lambda: vertices.face_counts(cells_of(cross(), 2), SIDES[:2]),
        lambda: vertices.triangulate_cells(other),
        lambda: vertices.triangulate_facets(other),
        lambda: vertices.on_facets(other, [0], [0]),
        lambda: _core.search_vertices(
            cross(), ZERO, ZERO + 1, NONE, other, 1, False, False, 0, None
        ),
    ]
    for call in calls:
        with pytest.raises(REFUSED):
            call()


NUMBERS = st.one_of(st.integers(-2, 2).map(float), st.floats(width=64))
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)


@st.composite
def any_arrays(draw: Any, likely: tuple[int, ...]) -> Any:
    """Arrays of every type, shape and memory layout, most often of the likely shape."""
    shape = draw(st.sampled_from([likely] * 15 + [()])) or draw(SHAPES)
    array = np.array(draw(hnp.arrays(np.float64, shape, elements=NUMBERS)))
    layout = draw(st.sampled_from(["plain", "plain", "fortran", "strided", "float32", "swapped"]))
    if layout == "fortran":
        return np.asfortranarray(array)
    if layout == "strided":
        return np.repeat(array, 2, axis=-1)[..., ::2] if array.ndim else array
    if layout == "float32":
        with np.errstate(over="ignore"):
            return array.astype(np.float32)
    return array.astype(array.dtype.newbyteorder()) if layout == "swapped" else array


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_whatever_is_given_there_is_a_complex_or_an_exception(data):
    n, m = data.draw(st.integers(1, 2)), data.draw(st.integers(1, 3))
    array = lambda *shape: data.draw(any_arrays(shape))  # noqa: E731
    layers = [(array(m, n), array(m), array(m)), (array(1, m), array(1), array(1))]
    try:
        network = _core.Network(layers, [data.draw(st.integers(-1, m))])
        cells = _core.search_cells(
            network, array(n) - 1, array(n) + 1, array(1, n + 1), 2, 200, None
        )
        signs = network.point_signs(array(3, n))
    except REFUSED:
        return
    assert cells.num_cells >= 1
    assert np.isin(signs, (-1, 0, 1)).all()


def test_memory_layout_and_number_type_do_not_matter():
    weight = np.array([[1, 2], [3, -1], [0, 1]], dtype=np.float64)
    expected = None
    for same in (
        weight,
        np.asfortranarray(weight),
        np.repeat(weight, 2, axis=1)[:, ::2],
        weight[::-1][::-1],
        weight.astype(np.float32),
        weight.astype(np.int64),
        weight.astype(">f8"),
        weight.tolist(),
    ):
        network = _core.Network([(same, np.zeros(3), np.zeros(3)), layer(1, 3)], [0])
        signs = network.point_signs(np.array([[1.0, 0.5], [-2.0, 1.0], [0.0, 0.0]])).tolist()
        expected = signs if expected is None else expected
        assert signs == expected


@pytest.mark.parametrize("compared", [-1, 3])
def test_neurons_that_are_not_there_compare_no_outputs(compared):
    with pytest.raises(REFUSED, match="`compared`"):
        _core.search_cells(cross(), ZERO, ZERO + 1, NONE, 1, None, None, False, compared)


def test_edges_of_facets():
    begin, neighbour = np.array([0, 3, 5, 6]), np.array([2, -1, 1, 0, -2, 0], dtype=np.int32)
    pairs, facets = _core.edges_of(begin, neighbour)
    assert pairs.tolist() == [[0, 1], [0, 2]]
    assert facets.tolist() == [2, 0]


@pytest.mark.parametrize("begin", [[], [0, 7], [1, 6], [0, 4, 3, 6], [0, 5]])
def test_facets_that_are_not_there_have_no_edges(begin):
    with pytest.raises(ValueError, match="rise from 0"):
        _core.edges_of(np.array(begin, dtype=np.int64), np.zeros(6, dtype=np.int32))
