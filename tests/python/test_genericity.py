"""General position of bent hyperplanes: known arrangements, and all faces by brute force."""

from __future__ import annotations

import numpy as np
import pytest

import reference
import relutope as rt
import zoo
from relutope.parameters import is_generic
from small_networks import random_network, small_integer_network


def brute_force(cx):
    """Degenerate faces by dimension and zero set, of all faces there are."""
    found = {}
    for k in range(cx.dim + 1):
        for signs in cx.faces(k).signs():
            zeros = tuple(np.flatnonzero(signs == 0).tolist())
            if len(zeros) > cx.dim - k:
                found[k, zeros] = found.get((k, zeros), 0) + 1
    return found


def described(found):
    return {(d.dim, tuple(d.neurons.tolist())): d.count for d in found.counterexamples}


@pytest.mark.parametrize("widths", [[1, 4, 3, 1], [2, 5, 4, 1], [3, 4, 3, 1]], ids=str)
@pytest.mark.parametrize("bounded", [True, False])
def test_against_all_faces(widths, bounded):
    degenerate = 0
    for seed in range(12):
        make = (small_integer_network, random_network)[seed % 4 == 3]
        domain = rt.Box(-1, 1, dim=widths[0]) if bounded else None
        cx = rt.decompose(make(widths, seed), domain)
        found = is_generic(cx, counterexamples=10_000)
        expected = brute_force(cx)
        assert described(found) == expected
        assert found.n_degenerate == sum(expected.values())
        assert bool(found) == found.ok == (not expected)
        degenerate += bool(expected)
        dims = [d.dim for d in found.counterexamples]
        assert dims == sorted(dims, reverse=True)
    assert degenerate >= 3


@pytest.mark.parametrize("seed", range(6))
def test_layers_are_those_of_the_shorter_networks(seed):
    layers = small_integer_network([2, 3, 3, 2, 1], seed)
    found = is_generic(layers, rt.Box(-1, 1))
    for depth in (1, 2, 3):
        last = (np.ones((1, len(layers[depth - 1][0]))), [0.0])
        shorter = is_generic([*layers[:depth], last], rt.Box(-1, 1))
        assert shorter.ok == found.layers[depth - 1]


@pytest.mark.parametrize("name", ["braid-4", "boolean-3", "generic-3d6"])
def test_arrangements(name):
    """Of the braid arrangement A_3 in four dimensions, planes of all reflections share a line."""
    case = next(c for c in zoo.cases() if c.name == name)
    found = is_generic(case.layers, case.domain and rt.Box(*case.domain))
    assert found.ok == (name != "braid-4")
    if not found.ok:
        assert found.counterexamples[-1].dim == 1
        assert found.counterexamples[-1].neurons.tolist() == list(range(6))


def test_flat_cells_repeated_neurons_and_concurrent_lines():
    flat = [([[1.0]], [0.0]), ([[1.0]], [0.0]), ([[1.0]], [0.0])]
    found = is_generic(flat, rt.Box(-1, 1))
    assert (found.counterexamples[0].dim, found.counterexamples[0].neurons.tolist()) == (1, [1])
    assert found.layers == (True, False)
    repeated = [([[1.0, 1.0], [-1.0, -1.0]], [0.5, -0.5]), ([[1.0, 1.0]], [0.0])]
    found = is_generic(repeated, rt.Box(-1, 1))
    assert (found.counterexamples[0].dim, found.counterexamples[0].neurons.tolist()) == (1, [0, 1])
    np.testing.assert_array_equal(found.counterexamples[0].point, [-0.25, -0.25])
    assert "dimension 1 on which the neurons 0, 1 vanish" in str(found)
    # Only the domain is badly placed: the line runs through corners of the box.
    diagonal = [([[1.0, 1.0]], [0.0]), ([[1.0]], [0.0])]
    found = is_generic(diagonal, rt.Box(-1, 1))
    assert (found.ok, found.simple) == (True, False)
    assert str(found) == "generic, but not with the domain's sides"


def test_exact_vertices_of_a_counterexample():
    """Three lines meet at (1/3, 1/3), which no doubles are."""
    W, b = [[3.0, 0.0], [0.0, 3.0], [1.0, -1.0]], [-1.0, -1.0, 0.0]
    cx = rt.decompose([(W, b), ([[1.0, 1.0, 1.0]], [0.0])], rt.Box(0, 1))
    (found,) = is_generic(cx).counterexamples
    (vertex,) = found.vertices
    assert [float(v * 3) for v in cx.exact_vertices[vertex]] == [1.0, 1.0]
    layers = reference.exact_layers([(W, b)])
    assert [
        sum(w * x for w, x in zip(row, cx.exact_vertices[vertex], strict=True)) + c
        for row, c in zip(*layers[0], strict=True)
    ] == [0, 0, 0]


def test_slices_cut_complexes_and_errors():
    net = random_network([4, 5, 1], 0)
    assert is_generic(rt.slice(net, np.eye(4)[:3]))
    layers = [([[1.0]], [0.0]), ([[1.0]], [0.0])]
    cut = rt.decompose(layers, rt.Box(-1, 1), outputs="sign")  # f vanishes left of 0
    assert not is_generic(cut)
    assert is_generic(layers, rt.Box(-1, 1))
    with pytest.raises(ValueError, match="`domain` goes with a network"):
        is_generic(cut, rt.Box(-1, 1))
    with pytest.raises(ValueError, match="`counterexamples` must be at least 1"):
        is_generic(cut, counterexamples=0)
