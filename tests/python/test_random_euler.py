"""Mean Euler characteristics of random unions of cells: all orders of small complexes, exactly."""

from fractions import Fraction
from itertools import combinations
from math import comb

import numpy as np
import pytest

import relutope as rt
from relutope.topology import expected_euler_curve, persistence

SMALL = {
    "line": ([([[1.0], [1.0], [2.0]], [0.0, -1.0, 1.0]), ([[1.0] * 3], [0.0])], rt.Box(-1, 2)),
    "generic plane": (rt.mlp([2, 4, 1], seed=3), rt.Box(-1, 1)),
    "central plane": (
        [([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, -1.0]], [0.0] * 4), ([[1.0] * 4], [0.0])],
        rt.Box(-1, 1),
    ),
    "deep plane": (rt.mlp([2, 3, 2, 1], seed=8), rt.Box(-2, 2)),
    "space": (rt.mlp([3, 3, 1], seed=1), rt.Box(-1, 1)),
}


def euler_by_enumeration(cx, k):
    """The mean of the Euler characteristic over all sets of k cells, as a fraction."""
    total = sum(
        sum((-1) ** d * int(b) for d, b in enumerate(cx.subcomplex(cells=list(chosen)).betti()))
        for chosen in combinations(range(cx.n_cells), k)
    )
    return Fraction(total, comb(cx.n_cells, k))


def formula(cx, k):
    total = Fraction(0)
    for dim in range(cx.dim + 1):
        for c in np.asarray(cx.incidence(dim, cx.dim).sum(axis=1)).ravel().tolist():
            total += (-1) ** dim * (1 - Fraction(comb(cx.n_cells - int(c), k), comb(cx.n_cells, k)))
    return total


@pytest.mark.parametrize("name", list(SMALL))
def test_the_formula_is_the_mean_over_all_sets_of_cells(name):
    cx = rt.decompose(*SMALL[name])
    curve = expected_euler_curve(cx)
    assert len(curve) == cx.n_cells + 1
    sizes = [k for k in range(cx.n_cells + 1) if 0 < comb(cx.n_cells, k) <= 130]
    for k in sizes:
        assert formula(cx, k) == euler_by_enumeration(cx, k)
        assert curve[k] == pytest.approx(float(formula(cx, k)), abs=1e-12)
    assert len(sizes) >= 4


def test_it_starts_empty_and_ends_as_the_complex():
    cx = rt.decompose(rt.mlp([2, 12, 8, 1], seed=0), rt.Box(-1, 1))
    curve = expected_euler_curve(cx)
    assert curve[0] == 0
    assert curve[1] == pytest.approx(1.0)  # a single cell is a ball
    assert curve[-1] == pytest.approx(cx.euler_characteristic)


def test_mean_betti_curves_agree_with_it():
    """Beta_0 - beta_1 of 120 orders within five standard errors, at a dozen sizes of the union."""
    cx = rt.decompose(rt.mlp([2, 10, 6, 1], seed=2), rt.Box(-1, 1))
    n = cx.n_cells
    sizes = np.linspace(1, n - 1, 12).astype(int)
    seen = np.zeros((120, len(sizes)))
    for seed in range(len(seen)):
        for dim, (birth, death) in persistence(cx, "random", seed=seed):
            born = round(birth * (n + 1))
            dead = n + 1 if np.isinf(death) else round(death * (n + 1))
            # Cell k enters at (k + 1) / (n + 1): after k cells the value is k / (n + 1).
            seen[seed] += (-1) ** dim * ((born <= sizes) & (sizes < dead))
    error = seen.std(axis=0, ddof=1) / len(seen) ** 0.5
    assert (np.abs(seen.mean(axis=0) - expected_euler_curve(cx)[sizes]) < 5 * error + 1e-9).all()


def test_unbounded_cells_are_refused():
    whole = rt.decompose([([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])])
    with pytest.raises(ValueError, match="`complex` has unbounded cells"):
        expected_euler_curve(whole)
