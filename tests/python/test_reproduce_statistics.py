"""Intervals cover, tests keep their level and find what is there."""

import numpy as np
import pytest
import scipy.stats

from relutope.lab.ranks import rank_correlation
from relutope.lab.reproduce.statistics import (
    bootstrap_interval,
    holm,
    sign_flip,
    student_interval,
)


def test_student_interval_is_scipys():
    values = [0.3, 0.1, 0.7, 0.4, np.nan]
    found = student_interval(values)
    known = np.array(values[:4])
    low, high = scipy.stats.t.interval(0.95, 3, known.mean(), scipy.stats.sem(known))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.n == 4


@pytest.mark.parametrize(
    ("interval", "least"), [(student_interval, 0.93), (bootstrap_interval, 0.86)]
)
def test_intervals_of_ten_seeds_cover_about_as_often_as_stated(interval, least):
    rng = np.random.default_rng(1)
    found = [interval(rng.normal(0.2, 1.0, 10)) for _ in range(400)]
    covered = np.mean([each.low <= 0.2 <= each.high for each in found])
    assert least < covered < 0.98


def test_bootstrap_of_correlations_stays_among_them():
    found = bootstrap_interval([0.9, 0.95, 0.99, 0.97])
    assert 0.9 <= found.low < found.mean < found.high <= 0.99


@pytest.mark.parametrize("interval", [student_interval, bootstrap_interval])
def test_one_seed_says_nothing_and_none_is_undefined(interval):
    one, none = interval([0.5]), interval([np.nan])
    assert (one.mean, one.low, one.high) == (0.5, -np.inf, np.inf)
    assert np.isnan(none.mean)
    assert none.n == 0


def test_sign_flip_is_scipys_exact_permutation_test():
    differences = np.random.default_rng(3).normal(0.4, 1, 9)
    expected = scipy.stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=np.inf
    ).pvalue
    assert sign_flip(differences, "two-sided") == pytest.approx(expected)


def test_sign_flip_keeps_its_level_on_skewless_noise_and_finds_an_effect():
    rng = np.random.default_rng(5)
    noise = rng.laplace(size=(2000, 10))
    level = np.mean([sign_flip(row) <= 0.05 for row in noise[:1000]])
    power = np.mean([sign_flip(row + 1.5) <= 0.05 for row in noise[1000:1300]])
    assert 0.03 < level < 0.07
    assert power > 0.9


def test_drawn_sign_patterns_agree_with_all_of_them():
    differences = np.random.default_rng(2).normal(0.3, 1, 18)
    sums = np.array([0.0])
    for d in differences:
        sums = np.concatenate([sums + d, sums - d])
    exact = np.mean(sums >= differences.sum() - 1e-12)
    assert sign_flip(differences) == pytest.approx(exact, abs=0.005)


def test_p_values_never_reach_zero_and_nothing_gives_one():
    assert sign_flip([5.0] * 10) == 2**-10
    assert sign_flip([0.0] * 6) == 1.0
    assert sign_flip([]) == 1.0
    assert sign_flip([-1.0, -1.0], "less") == 0.25


def test_unknown_alternative_is_refused():
    with pytest.raises(ValueError, match="`alternative`: got 'both'"):
        sign_flip([1.0], "both")


def test_holm_bounds_the_chance_of_any_wrong_yes():
    rng = np.random.default_rng(8)
    wrong = [min(holm(dict(enumerate(rng.random(10)))).values()) <= 0.05 for _ in range(2000)]
    assert 0.035 < np.mean(wrong) < 0.065


def test_holm_on_a_worked_example():
    assert holm({"a": 0.01, "b": 0.5, "c": 0.02}) == pytest.approx({"a": 0.03, "b": 0.5, "c": 0.04})


def test_spearman_is_scipys_and_knows_ties_gaps_and_constants():
    x, y = [1.0, 2.0, 2.0, 5.0, np.nan, 3.0], [2.0, 1.0, 4.0, 5.0, 9.0, 4.0]
    expected = scipy.stats.spearmanr([1, 2, 2, 5, 3], [2, 1, 4, 5, 4]).statistic
    assert rank_correlation(x, y) == pytest.approx(expected)
    assert np.isnan(rank_correlation([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]))
    assert np.isnan(rank_correlation([1.0, 2.0], [1.0, 2.0]))
