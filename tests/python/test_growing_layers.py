"""Networks whose layers grow or shrink by powers of two have the cells of those that do not."""

from __future__ import annotations

import platform

import numpy as np
import pytest

import foreign_arithmetic as fa
import relutope as rt
from small_networks import random_layers

ENGINES = ("vertex", "lp")


def scaled(layers, powers):
    """Hidden unit i of layer l times ``2**powers[l][i]``, and the same outputs."""
    result, before = [], np.zeros(np.shape(layers[0][0])[1], dtype=int)
    outputs = np.zeros(len(layers[-1][0]), dtype=int)
    for (W, b), power in zip(layers, [*powers, outputs], strict=True):
        result.append((np.ldexp(W, power[:, None] - before), np.ldexp(b, power)))
        before = power
    return result


def powers_of(layers, mode):
    """Of hidden units: "up" or "down" by 20 a layer, "there and back", or as "mixed" as can be."""
    widths = [len(b) for _, b in layers[:-1]]
    rng = np.random.default_rng(1)
    if mode == "mixed":
        return [rng.choice([-300, 0, 300], w) for w in widths]
    steps = np.arange(1, len(widths) + 1)
    each = {
        "up": 20 * steps,
        "down": -20 * steps,
        "there and back": 250 * (steps % 3 - 1),
    }[mode]
    return [np.full(w, k) for w, k in zip(widths, each, strict=True)]


MODES = ("up", "down", "there and back", "mixed")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("engine", ENGINES)
def test_they_need_no_exact_signs(engine, mode):
    layers = random_layers(np.random.default_rng(3), [2, *[8] * 36, 1])
    plain = rt.decompose(layers, rt.Box(-1, 1), engine=engine)
    assert plain.n_cells > 100
    cx = rt.decompose(scaled(layers, powers_of(layers, mode)), rt.Box(-1, 1), engine=engine)
    assert cx.stats["signs_exact"] == 0
    assert cx.patterns.tolist() == plain.patterns.tolist()
    assert cx.adjacency.tolist() == plain.adjacency.tolist()
    if engine == "vertex":
        assert cx.vertices.tobytes() == plain.vertices.tobytes()


@pytest.mark.parametrize("mode", MODES)
def test_cells_around_a_point_need_no_exact_programs(mode):
    layers = random_layers(np.random.default_rng(3), [2, *[8] * 36, 1])
    cx = rt.decompose(layers, rt.Box(-0.2, 0.2))
    grown = scaled(layers, powers_of(layers, mode))
    found = rt.explore(grown, [0.001, 0.002], domain=rt.Box(-0.2, 0.2))
    assert found.stats["programs_exact"] == found.stats["programs_by_basis"] == 0
    assert len(found) == cx.n_cells > 20
    order = np.lexsort(found.patterns.T[::-1])
    assert found.patterns[order].tolist() == cx.patterns.tolist()


@pytest.mark.parametrize("mode", MODES)
def test_cells_in_coordinates_of_the_first_layer(mode):
    """Units of the first layer are the coordinates there, and of the size that they have."""
    layers = random_layers(np.random.default_rng(0), [9, 6, 6, 6, 6, 1])
    powers = powers_of(layers, mode)
    if mode == "mixed":
        powers[0] = powers[0] // 10
    grown, x = scaled(layers, powers), np.full(9, 0.1)
    plain, found = (rt.explore(net, x, max_cells=40, order="nearest") for net in (layers, grown))
    assert found.patterns.tolist() == plain.patterns.tolist()
    assert np.allclose(found.distances, plain.distances, rtol=1e-9, atol=0)
    inside = found.interior_certified
    assert inside.sum() > 30
    assert (found.locate(found.interior_points[inside]) == np.flatnonzero(inside)).all()


@pytest.mark.parametrize("outputs", ["sign", "argmax"])
@pytest.mark.parametrize("mode", MODES)
def test_where_the_decision_changes(mode, outputs):
    """Outputs are compared with each other, whatever their sizes."""
    layers = random_layers(np.random.default_rng(1), [2, 6, 6, 6, 6, 1 if outputs == "sign" else 3])
    growth = scaled(layers, powers_of(layers, mode))
    for domain in (rt.Box(-1, 1), None):
        plain = rt.decompose(layers, domain, outputs=outputs)
        cx = rt.decompose(growth, domain, outputs=outputs)
        assert cx.patterns.tolist() == plain.patterns.tolist()
        values = zip(cx.solution.output_values(), plain.solution.output_values(), strict=True)
        assert all(one.tobytes() == other.tobytes() for one, other in values)
        assert rt.count(growth, domain).n_cells == rt.count(layers, domain).n_cells
        cx.validate()
        found, expected = (rt.decision_boundary(net, domain) for net in (growth, layers))
        assert found.measure.tolist() == expected.measure.tolist()
        assert found.labels.tolist() == expected.labels.tolist()


@pytest.mark.parametrize("factor", [2.0**-500, 2.0**500])
def test_outputs_that_are_out_of_range_are_compared(factor):
    layers = random_layers(np.random.default_rng(1), [2, 6, 6, 3])
    (W, b), last = layers[-1], layers[:-1]
    plain = rt.decompose(layers, rt.Box(-1, 1), outputs="argmax")
    cx = rt.decompose([*last, (W * factor, b * factor)], rt.Box(-1, 1), outputs="argmax")
    assert cx.patterns.tolist() == plain.patterns.tolist()


@pytest.mark.skipif(
    platform.system() != "Linux" or platform.machine() not in fa.ROUNDING,
    reason="sets the environment by glibc's numbers",
)
@pytest.mark.parametrize("engine", ENGINES)
def test_where_the_process_flushes_small_numbers_to_zero(engine):
    """First weights are subnormal, and so is a bias that keeps its unit from being divided."""
    layers = random_layers(np.random.default_rng(4), [2, 6, 6, 6, 1])
    powers = [np.full(6, k) for k in (-1022, 0, 900)]
    (W, b), second, *rest = layers
    W, b = np.round(W * 2**20) / 2**20, np.round(b * 2**20) / 2**20
    grown = scaled([(W, b), second, *rest], powers)
    grown[2][1][0] = 2.0**-1070
    plain = [(W, b), second, (rest[0][0], np.r_[2.0**-1070, rest[0][1][1:]]), rest[1]]
    expected = rt.decompose(plain, rt.Box(-1, 1), engine=engine)
    with fa.foreign("flush to zero"):
        cx = rt.decompose(grown, rt.Box(-1, 1), engine=engine)
    assert cx.patterns.tolist() == expected.patterns.tolist()
    assert expected.n_cells > 20
