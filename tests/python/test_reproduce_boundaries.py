"""Topology of decision boundaries: known answers, the bounds, and what the study makes of them."""

from itertools import product
from math import comb, prod

import numpy as np
import pytest

from relutope.lab.reproduce.claims import boundaries
from relutope.lab.reproduce.claims.settings import BoundarySettings
from relutope.lab.reproduce.claims.study import judged

SMALL = BoundarySettings(samples=12, updates=5, dims=(2,), neurons=((4, 8),), depths=(1, 2))


def norm(n):
    """The first layer of ``|x_1| + ... + |x_n|``, the sum of all its neurons."""
    return np.concatenate([np.eye(n), -np.eye(n)]), np.zeros(2 * n)


def ball(n):
    """``1 - |x_1| - ... - |x_n|``."""
    return [norm(n), (-np.ones((1, 2 * n)), np.ones(1))]


def shell(n):
    """``1/2 - | |x_1| + ... + |x_n| - 1 |``."""
    second = (np.array([[1.0], [-1.0]]) * np.ones((2, 2 * n)), np.array([-1.0, 1.0]))
    return [norm(n), second, (-np.ones((1, 2)), np.array([0.5]))]


def plane(n, bias=0.0):
    """``x_1 + bias``."""
    W = np.zeros((2, n))
    W[:, 0] = [1, -1]
    return [(W, np.zeros(2)), (np.array([[1.0, -1.0]]), np.array([bias]))]


CONSTANT = [(np.zeros((1, 2)), np.ones(1)), (np.ones((1, 1)), np.zeros(1))]


@pytest.mark.parametrize(
    ("layers", "components", "betti", "bounded"),
    [
        (plane(2), 1, [0, 1], (0, 0)),
        (plane(3, 0.5), 1, [0, 0, 1], (0, 0)),
        (ball(2), 1, [1, 1], (1, 0)),
        (ball(3), 1, [1, 0, 1], (1, 0)),
        (shell(2), 2, [2, 2], (1, 1)),
        (shell(3), 2, [2, 0, 2], (1, 1)),
        (CONSTANT, 0, [0, 0], (0, 0)),
    ],
    ids=["line", "plane", "circle", "sphere", "two circles", "two spheres", "empty"],
)
def test_topology_of_known_boundaries(layers, components, betti, bounded):
    found = boundaries.topology_of(layers)
    assert found["n_components"] == components
    assert [found[f"betti_{k}"] for k in range(len(betti))] == betti
    assert found["topology"] == sum(betti)
    assert (found["bounded_superlevel"], found["bounded_sublevel"]) == bounded


@pytest.mark.parametrize("widths", [[3], [5, 2], [2, 2, 4], [4, 1, 3]], ids=str)
@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_bound_on_cells_is_the_published_sum(n, widths):
    total = 0
    for js in product(*(range(w + 1) for w in widths)):
        left = [w - j for w, j in zip(widths, js, strict=True)]
        if all(j <= min([n, *left[:k]]) for k, j in enumerate(js)):
            total += prod(map(comb, widths, js))
    assert boundaries.cell_bound(n, widths) == total


def test_with_one_layer_the_bound_is_reached_by_generic_networks():
    rows = boundaries.run_seed(SMALL, 0)["records"]
    shallow = [r for r in rows if r["depth"] == 1]
    assert shallow
    assert all(r["n_cells"] == r["bound"] for r in shallow)


def test_a_seed_keeps_all_bounds_and_has_all_shapes():
    rows = boundaries.run_seed(SMALL, 1)["records"]
    shapes = [(r["shape"], r["width"], r["depth"]) for r in rows[::3]]
    equal = [("equal", 4, 1), ("equal", 2, 2), ("equal", 8, 1), ("equal", 4, 2)]
    assert shapes == [*equal, ("narrow", 3, 1), ("skinny", 2, 1), ("skinny", 2, 2)]
    assert [r["arm"] for r in rows[:3]] == list(boundaries.ARMS)
    found = judged(boundaries.claims({"records": rows}, SMALL))
    bounds = [one.verdict for one in found if one.claim.most is not None]
    assert bounds == ["holds"] * 4


def test_claims_find_depth_and_a_broken_bound():
    rng = np.random.default_rng(5)
    base = boundaries.run_seed(SMALL, 2)["records"]
    rows = []
    for seed in range(12):
        for row in base:
            deep = 3.0 if row["depth"] == 2 and row["shape"] == "equal" else 1.0
            rows.append(row | {"seed": seed, "topology": deep + 0.1 * rng.random()})
    found = judged(boundaries.claims({"records": rows}, SMALL))
    assert found[0].claim.primary
    assert found[0].verdict == "found"
    assert found[0].interval.mean == pytest.approx(2.0, abs=0.1)
    width = next(one for one in found if "8 minus 4 neurons, depth 1" in one.claim.name)
    assert width.verdict == "not found"
    rows[-1] = rows[-1] | {"bounded_sublevel": 1}
    broken = judged(boundaries.claims({"records": rows}, SMALL))
    assert [one.verdict for one in broken].count("violated") == 1
