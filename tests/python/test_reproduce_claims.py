"""Studies of published claims: known answers of what they measure, and verdicts by their rules."""

import numpy as np
import pytest

import relutope as rt
from relutope.lab.reproduce.claims import approximation, degrees, lattices, sampling
from relutope.lab.reproduce.claims.approximation import (
    hamming_pairs,
    mean_components,
    seen_on_grid,
)
from relutope.lab.reproduce.claims.settings import (
    ApproximationSettings,
    DegreeSettings,
    LatticeSettings,
    SamplingSettings,
)
from relutope.lab.reproduce.claims.study import Claim, judged


def test_the_primary_claim_stands_alone_and_the_others_are_corrected_together():
    rng = np.random.default_rng(0)
    values = {name: (0.3 * rng.standard_normal(20) + 0.2).tolist() for name in "abc"}
    found = judged([Claim(n, v, 0.0, primary=n == "a") for n, v in values.items()])
    alone = {n: judged([Claim(n, v, 0.0)])[0].p for n, v in values.items()}
    assert found[0].p == alone["a"]
    low, high = sorted((alone["b"], alone["c"]))
    together = {low: min(1, 2 * low), high: min(1, max(2 * low, high))}
    assert [one.p for one in found[1:]] == [together[alone[n]] for n in "bc"]


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (Claim("clear", [1.0, 1.1, 0.9] * 5, 0.0), "found"),
        (Claim("other side", [1.0, 1.1, 0.9] * 5, 0.0, "less"), "not found"),
        (Claim("three seeds", [1.0, 1.1, 0.9], 0.0), "too few seeds"),
        (Claim("undefined", [float("nan")] * 20, 0.0), "too few seeds"),
        (Claim("no test", [1.0, 2.0]), "estimate"),
        (Claim("kept", [1.0, 2.0], most=2.0), "holds"),
        (Claim("broken once", [1.0, 2.0, 3.0], most=2.0), "violated"),
    ],
    ids=lambda value: value.name if isinstance(value, Claim) else "",
)
def test_verdicts(claim, verdict):
    assert judged([claim])[0].verdict == verdict


def test_a_violated_bound_says_how_often():
    assert judged([Claim("x", [1.0, 3.0, 4.0], most=2.0)])[0].told() == "violated in 2 of 3"


def test_hamming_pairs_against_brute_force():
    patterns = np.random.default_rng(1).random((60, 7)) < 0.5
    expected = [
        [i, j]
        for i in range(60)
        for j in range(i + 1, 60)
        if (patterns[i] != patterns[j]).sum() == 1
    ]
    assert hamming_pairs(patterns).tolist() == expected


def test_a_false_pair_in_one_dimension_of_depth_two():
    """Patterns 100, 101, 111, 110 along a line: the first and last differ in one neuron only."""
    net = [
        ([[1.0], [1.0]], [10.0, 0.0]),
        ([[1.0, -2.0]], [-9.0]),
        ([[1.0]], [0.0]),
    ]
    cx = rt.decompose(net, rt.Box(-9, 20))
    pairs = {tuple(p) for p in hamming_pairs(cx.patterns).tolist()}
    assert len(pairs - {tuple(p) for p in cx.adjacency.tolist()}) == 1


def test_a_grid_sees_the_cells_that_its_points_lie_in():
    cross = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])]
    cx = rt.decompose(cross, rt.Box(-1, 1))
    assert len(seen_on_grid(cx, 2)) == 4
    far = [([[1.0, 0.0], [1.0, 0.0]], [0.01, -0.01]), ([[1.0, 1.0]], [0.0])]
    strips = rt.decompose(far, rt.Box(-1, 1))  # the middle one is 0.02 wide
    assert len(seen_on_grid(strips, 4)) == 2
    assert len(seen_on_grid(strips, 201)) == 3


def test_mean_components_of_a_path_and_of_isolated_nodes():
    """Isolated: k components after k; a path of three: 0, 1, 1 or 2 (one order in three), 1."""
    assert mean_components(4, np.empty((0, 2), dtype=int), 2, 0) == (0 + 1 + 2 + 3 + 4) / 5
    mean = mean_components(3, np.array([[0, 1], [1, 2]]), 4000, 0)
    assert mean == pytest.approx((1 + 4 / 3 + 1) / 4, abs=0.01)


def test_components_in_random_order_are_the_betti_curve_of_open_cells():
    """Cells joined through facets only: the same as persistence with the rule "max"."""
    cx = rt.decompose(rt.mlp([2, 8, 6, 1], seed=0), rt.Box(-1, 1))
    seeds = range(30)
    curves = []
    for seed in seeds:
        order = np.random.default_rng(seed).permutation(cx.n_cells)
        values = np.empty(cx.n_cells)
        values[order] = np.arange(1, cx.n_cells + 1) / (cx.n_cells + 1)
        bars = [bar for dim, bar in rt.persistence(cx, values, on="cells", rule="max") if dim == 0]
        curves.append(sum(min(death, 1.0) - birth for birth, death in bars))
    assert mean_components(cx.n_cells, cx.adjacency, 30, 0) == pytest.approx(np.mean(curves))


def test_a_fine_grid_and_hamming_distance_give_the_exact_cut_back():
    """A shallow generic network has no false pairs: all its cells give its dual graph."""
    settings = ApproximationSettings(hidden=(9,), updates=300, grids=(40, 900), draws=1)
    rows = approximation.run_seed(settings, 2)["records"]
    exact, coarse, fine = rows
    assert exact["false_pairs"] == exact["missed_pairs"] == 0
    assert exact["n_pairs"] == exact["n_edges"]
    assert exact["unit_same_cut"] == 1.0
    assert coarse["n_found"] <= fine["n_found"] <= exact["n_cells"]


def test_slopes_of_lattices_are_theirs():
    """Connectivity 2 - 2 cos(pi / m) of an m x m lattice: the slope comes near -1 from above."""
    rows = [{"n_cells": m * m, "connectivity": 2 - 2 * np.cos(np.pi / m)} for m in (20, 30, 40, 60)]
    assert lattices._slope(rows) == pytest.approx(-1.0, abs=0.002)
    assert np.isnan(lattices._slope(rows[:1]))


def test_claims_on_lattices_tell_lattices_from_expanders():
    settings = LatticeSettings(dims=(2,), widths=((4, 8, 16),))
    rng = np.random.default_rng(3)

    def rows(exponent):
        for seed in range(12):
            for arm in ("trained", "untrained"):
                for width in (4, 8, 16):
                    cells = width**2 * rng.uniform(0.9, 1.1)
                    yield {
                        "seed": seed,
                        "inputs": 2,
                        "width": width,
                        "arm": arm,
                        "n_cells": cells,
                        "connectivity": cells**exponent * rng.uniform(0.9, 1.1),
                        "degree_variance": 1.0,
                        "binomial_variance": 3.0,
                        "loss": 0.0,
                        "test_loss": rng.random(),
                    }

    for exponent, verdict in ((-1.0, "found"), (0.0, "not found")):
        tables = {"records": list(rows(exponent))}
        first = judged(lattices.claims(tables, settings))[0]
        assert first.claim.primary
        assert first.verdict == verdict
        assert first.interval.mean == pytest.approx(exponent, abs=0.1)


@pytest.mark.parametrize("name", ["half-space", "shell"])
def test_samples_have_both_labels_about_as_often(name):
    X, y = lattices.cube_samples(name, 4, 2000, 0)
    assert X.shape == (2000, 4)
    assert set(np.unique(y)) == {-1.0, 1.0}
    assert abs(y.mean()) < 0.08


def test_a_seed_of_the_lattices_has_all_sizes_and_the_same_start():
    settings = LatticeSettings(updates=5, dims=(2, 3), widths=((3, 4), (3,)), held_out=10)
    rows = lattices.run_seed(settings, 1)["records"]
    sizes = [(row["inputs"], row["width"], row["arm"]) for row in rows]
    expected = [
        (n, h, arm) for n, h in ((2, 3), (2, 4), (3, 3)) for arm in ("untrained", "trained")
    ]
    assert sizes == expected
    for before, after in zip(rows[::2], rows[1::2], strict=True):
        assert after["loss"] < before["loss"]
        assert before["mean_degree"] == 2 * before["n_edges"] / before["n_cells"]


def test_kinds_of_random_networks_are_what_they_say():
    generic, central, quantised, repeated = (
        degrees.drawn(kind, [2, 6, 6, 1], 3) for kind in degrees.KINDS
    )
    assert all((b == 0).all() for _, b in central)
    assert set(np.unique(np.concatenate([W.ravel() for W, _ in quantised]))) <= {-1.0, 0.0, 1.0}
    assert all(np.array_equal(W[:3], W[3:]) for W, _ in repeated[:2])
    assert all(len(np.unique(W)) == W.size for W, _ in generic)


def test_degrees_and_diameter_of_a_cross_of_lines():
    """Two lines through a square: a cycle of four cells. Any arrangement keeps both bounds."""
    settings = DegreeSettings(dims=(2,), widths=(2,), depths=(1,))
    rows = degrees.run_seed(settings, 0)["records"]
    assert [row["kind"] for row in rows] == list(degrees.KINDS)
    central = rows[1]
    assert (central["n_cells"], central["mean_degree"], central["diameter"]) == (4, 2.0, 2)
    found = judged(degrees.claims({"records": rows}, settings))
    assert {one.verdict for one in found} == {"holds"}


def test_equal_volumes_take_the_size_out_of_it():
    """Degrees that depend on the volume alone: cells of equal volume have as many neighbours."""
    volumes = np.random.default_rng(0).lognormal(size=4000)
    number = np.round(4 + np.log(volumes), 1)
    hit = np.random.default_rng(1).choice(4000, 50, replace=False, p=volumes / volumes.sum())
    matched = sampling.equal_volume(number, volumes, hit, np.ones(4000, dtype=bool))
    assert number[hit].mean() - number.mean() > 0.5
    assert abs(number[hit].mean() - matched) < 0.02


def test_principal_components_are_uncorrelated_and_standard():
    X = np.random.default_rng(2).normal(size=(200, 6)) @ np.diag([1, 2, 3, 4, 5, 6])
    Z = sampling.principal_components(X, 3)
    assert np.cov(Z.T, bias=True) == pytest.approx(np.eye(3), abs=1e-9)


def test_a_seed_of_sampling_counts_cells_once():
    settings = SamplingSettings(samples=30, updates=20, dims=(3,), widths=(4,))
    row = sampling.run_seed(settings, 0)["records"][0]
    assert 1 <= row["n_hit"] <= 30
    assert row["n_hit"] <= row["n_cells"]
    assert 0 < row["degree_data"] < 2 * 8
