"""Networks at the ends: subnormal weights, many layers, many inputs, repeated neurons."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import relutope as rt
from small_networks import random_layers

ENGINES = ("vertex", "lp")


def test_points_of_cells_between_nearly_equal_hyperplanes():
    """Two hyperplanes that differ by a subnormal weight; two cells lie beyond all doubles."""
    layers = [
        ([[-2, 0, -1, -1], [-2, -5e-324, -1, -1]], [0, 0]),
        ([[2, 2], [0, 2]], [-2, 2]),
        ([[-1, -1]], [1]),
    ]
    cx = rt.decompose(layers)
    assert np.isfinite(cx.interior_points).all()
    certified = cx.interior_certified
    assert certified.tolist() == [True, True, False, True, False, True, True]
    located = cx.locate(cx.interior_points[certified])
    assert located.tolist() == np.flatnonzero(certified).tolist()


def subnormal_layers(seed):
    rng = np.random.default_rng(seed)
    n, width = int(rng.integers(1, 4)), int(rng.integers(2, 5))
    W = rng.integers(-2, 3, (width, n)) * np.where(rng.random((width, n)) < 0.3, 5e-324, 1.0)
    b = rng.integers(-1, 2, width) * np.where(rng.random(width) < 0.3, 5e-324, 1.0)
    return [
        (W, b),
        (rng.integers(-2, 3, (2, width)).astype(float), rng.integers(-2, 3, 2)),
        ([[1, 1]], [0]),
    ]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("seed", range(40))
def test_interior_points_are_finite(seed, engine):
    """A double inside, or the one nearest to the exact point."""
    cx = rt.decompose(subnormal_layers(seed), engine=engine)
    points, certified = cx.interior_points, cx.interior_certified
    assert np.isfinite(points).all()
    assert cx.locate(points[certified]).tolist() == np.flatnonzero(certified).tolist()
    largest = sys.float_info.max
    for i in np.flatnonzero(~certified):
        exact = cx.exact_interior_point(int(i))
        clipped = [max(-largest, min(largest, x)) for x in exact]
        assert points[i].tolist() == [float(x) for x in clipped]


def test_a_limit_of_cells_stops_the_vertex_engine_in_many_dimensions():
    """The box alone has 65,536 vertices; its first cells would take minutes."""
    layers = random_layers(np.random.default_rng(0), [16, 80, 1])
    with pytest.raises(rt.CellLimitError, match="1000") as error:
        rt.decompose(layers, rt.Box(-1, 1), engine="vertex", max_cells=1000)
    assert error.value.args


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("width", "depth", "size"), [(6, 20, 1), (6, 40, 1), (6, 60, 1), (12, 60, 0.2), (24, 40, 0.02)]
)
def test_generic_networks_of_many_layers_need_no_exact_signs(width, depth, size, engine):
    layers = random_layers(np.random.default_rng(3), [2, *[width] * depth, 1])
    domain = rt.Box(-size, size)
    cx = rt.decompose(layers, domain, engine=engine)
    assert cx.n_cells > 5
    assert cx.stats["signs_exact"] == 0
    other = rt.decompose(layers, domain, engine=ENGINES[engine == "vertex"])
    assert cx.patterns.tolist() == other.patterns.tolist()
    assert cx.adjacency.tolist() == other.adjacency.tolist()


@pytest.mark.parametrize("depth", [20, 60])
def test_cells_of_many_layers_are_explored_without_exact_programs(depth):
    layers = random_layers(np.random.default_rng(3), [2, *[12] * depth, 1])
    domain = rt.Box(-0.1, 0.1)
    cx = rt.decompose(layers, domain)
    found = rt.explore(layers, [0.001, 0.002], domain=domain)
    assert found.stats["programs_exact"] == found.stats["programs_by_basis"] == 0
    assert len(found) == cx.n_cells > 5
    order = np.lexsort(found.patterns.T[::-1])
    assert found.patterns[order].tolist() == cx.patterns.tolist()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("n", [2, 3, 4])
def test_repeated_neurons_cut_the_same_cells(n, engine):
    rng = np.random.default_rng(n)
    plain = random_layers(rng, [n, 5, 3, 1])
    factors = (1.0, -1.0, 2.0, -0.25)
    (W, b), (V, c), last = plain
    kept = np.hstack([V, np.zeros((3, 15))])
    layers = [
        (np.vstack([s * W for s in factors]), np.concatenate([s * b for s in factors])),
        (kept, c),
        last,
    ]
    for domain in (rt.Box(-1, 1), None):
        once = rt.decompose(plain, domain, engine=engine)
        more = rt.decompose(layers, domain, engine=engine)
        neurons = [*range(5), *range(20, 23)]
        assert more.patterns[:, neurons].tolist() == once.patterns.tolist()
        assert more.adjacency.tolist() == once.adjacency.tolist()
        assert more.f_vector.tolist() == once.f_vector.tolist()
        for few, many in zip(once.facet_neurons, more.facet_neurons, strict=True):
            first = {int(i) for i in few if i < 5}
            expected = {i + 5 * k for i in first for k in range(4)}
            expected |= {int(i) + 15 for i in few if i >= 5}
            assert set(many.tolist()) == expected


def test_both_engines_agree_where_units_do_not_change_along_rays():
    """Over all of R^n, with layers through which few directions pass."""
    rng = np.random.default_rng(0)
    for widths in ([3, 4, 2, 4, 1], [4, 5, 2, 3, 1], [3, 6, 1, 4, 1], [2, 5, 5, 5, 1]):
        layers = random_layers(rng, widths)
        vertex = rt.decompose(layers, engine="vertex")
        lp = rt.decompose(layers, engine="lp")
        assert vertex.patterns.tolist() == lp.patterns.tolist()
        assert vertex.adjacency.tolist() == lp.adjacency.tolist()
        assert vertex.stats["signs_exact"] <= vertex.n_cells / 100


def test_nearly_repeated_rows_need_no_exact_programs():
    """Three times each row, rounded: cells are 1e-16 wide, and doubles see no room between rows."""
    n = 16
    A, b = np.split(np.random.default_rng(n).standard_normal((20, n + 1)), [n], axis=1)
    layers = [(np.vstack([A, 3 * A]), np.concatenate([b, 3 * b])[:, 0]), (np.ones((1, 40)), [0.0])]
    found = rt.explore(layers, np.zeros(n), domain=rt.Box(-1, 1), max_cells=20)
    assert found.n_cells == 20
    between = (found.patterns[:, :20] != found.patterns[:, 20:]).any(axis=1)
    assert between.sum() > 5
    assert found.stats["programs_refined"] > 100
    assert found.stats["programs_exact"] == 0


def test_weights_of_very_different_sizes_need_few_exact_signs():
    """Powers of two from 2^-40 to 2^40: hardly a sign that one bound leaves open is a zero."""
    rng = np.random.default_rng(3)
    layers = []
    for width, inputs in ((6, 6), (6, 6), (4, 6), (1, 4)):
        W = 2.0 ** rng.integers(-40, 41, (width, inputs)) * rng.integers(-1, 2, (width, inputs))
        layers.append((W, 2.0 ** rng.integers(-40, 41, width) * rng.integers(-1, 2, width)))
    for domain, most in ((rt.Box(-1, 1), 0), (None, 3)):
        vertex = rt.decompose(layers, domain, engine="vertex")
        lp = rt.decompose(layers, domain, engine="lp")
        assert vertex.n_cells > 1000
        assert vertex.patterns.tolist() == lp.patterns.tolist()
        assert vertex.adjacency.tolist() == lp.adjacency.tolist()
        assert vertex.stats["signs_refined"] > 5 * vertex.n_cells
        assert vertex.stats["signs_exact"] <= most * vertex.n_cells
