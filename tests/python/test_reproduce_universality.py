"""Betti numbers of random filtrations against cells: known answers and planted differences."""

import numpy as np
import pytest

import relutope as rt
from relutope.lab.reproduce import universality
from relutope.lab.reproduce.options import HomologySettings

SMALL = HomologySettings(draws=2, dims=(2, 3), widths=((5, 7), (4,)))


def test_means_of_three_cells_in_a_row():
    """Of one cell one component, of two 4/3 on average over orders, of three one: mean 10/9."""
    line = [(np.ones((2, 1)), np.array([0.0, -1.0])), (np.ones((1, 2)), np.zeros(1))]
    cx = rt.decompose(line, rt.Box(-1, 2))
    found = universality.betti_means(cx, 600, 0)
    assert found["n_cells"] == 3
    expected = float(rt.topology.expected_euler_curve(cx).mean())
    assert found["betti_0"] == pytest.approx(expected, abs=0.02)
    assert found["residual_per_cell"] == pytest.approx((found["betti_0"] - expected) / 3)


def test_a_seed_has_all_networks_and_rivals_of_about_the_same_size():
    rows = universality.networks(SMALL, 4)
    keys = [(r["inputs"], r["width"], r["arm"]) for r in rows]
    assert keys == [(n, w, a) for n, w in ((2, 5), (2, 7), (3, 4)) for a in universality.ARMS]
    assert all(abs(r["residual_per_cell"]) < 0.2 for r in rows)
    assert ["betti_2" in r for r in rows] == [r["inputs"] == 3 for r in rows]


def test_the_rival_is_the_one_of_nearest_size_and_the_first_of_those():
    def lines(k):
        W = np.stack([np.ones(k), np.zeros(k)], axis=1)
        return [(W, np.linspace(-0.9, 0.9, k)), (np.ones((1, k)), np.zeros(1))]

    others = [lines(2), lines(6), lines(4), lines(8)]
    assert universality._nearest(lines(5), others) is others[1]
    assert universality._nearest(lines(3), others) is others[0]


def rows(extra):
    """Twelve seeds of two sizes: beta_k = N / 40 exactly, trained ones with something added."""
    rng = np.random.default_rng(1)
    for seed in range(12):
        for width in (5, 7):
            for arm in universality.ARMS:
                cells = int(rng.integers(100, 1000))
                more = extra if arm == "trained" else 0.0
                yield {
                    "seed": seed,
                    "inputs": 2,
                    "width": width,
                    "arm": arm,
                    "n_cells": cells,
                    "betti_0": cells / 40 * (1 + more),
                    "betti_1": cells / 20,
                    "residual_per_cell": 0.0,
                }


def test_the_line_of_all_networks_and_the_claims():
    for extra, verdict in ((0.0, "not found"), (0.5, "found")):
        found, fitted, section = universality.answer(list(rows(extra)), (2,))
        verdicts = {one.claim.name: one.verdict for one in found}
        for arm in ("untrained", "shuffled"):
            assert verdicts[f"mean β0 per 100 cells, n = 2, trained minus {arm}"] == verdict
            assert verdicts[f"mean β1 per 100 cells, n = 2, trained minus {arm}"] == "not found"
        assert fitted[1]["slope"] == pytest.approx(1.0)
        assert fitted[1]["r2"] == pytest.approx(1.0)
        assert (fitted[0]["r2"] > 0.999) == (extra == 0.0)
        assert len(section.panels) == 3


def test_the_line_has_the_interval_of_resampled_seeds():
    some = list(rows(0.5))
    line, exact = universality.fits(some, (2,))
    assert line["slope_low"] < line["slope"] < line["slope_high"]
    assert 0 < line["r2_low"] < line["r2"] < line["r2_high"] < 1
    x, y = (np.log([r[name] for r in some]) for name in ("n_cells", "betti_0"))
    assert line["slope"] == pytest.approx(np.polyfit(x, y, 1)[0])
    assert line["r2"] == pytest.approx(np.corrcoef(x, y)[0, 1] ** 2)
    rng, drawn = np.random.default_rng(9), []
    for _ in range(500):
        rows_of = [r for s in rng.integers(0, 12, 12) for r in some if r["seed"] == s]
        u, v = (np.log([r[name] for r in rows_of]) for name in ("n_cells", "betti_0"))
        drawn.append(np.polyfit(u, v, 1)[0])
    ends = np.quantile(drawn, [0.025, 0.975])
    assert [line["slope_low"], line["slope_high"]] == pytest.approx(ends, abs=0.02)
    assert [exact["slope_low"], exact["slope_high"]] == pytest.approx([1.0, 1.0])


def test_one_seed_has_no_interval_and_one_size_no_line():
    single = [r for r in rows(0.5) if r["seed"] == 0]
    (line, _) = universality.fits(single, (2,))
    assert (line["slope_low"], line["slope_high"]) == (-np.inf, np.inf)
    same = [r | {"n_cells": 100} for r in single]
    assert np.isnan(universality.fits(same, (2,))[0]["slope"])


def test_numbers_that_are_zero_are_left_out_of_the_line():
    some = list(rows(0.0))
    some[0]["betti_0"] = 0.0
    assert [one["networks"] for one in universality.fits(some, (2,))] == [71, 72]
