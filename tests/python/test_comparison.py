"""The benchmarks' rule for "slower beyond noise", on timings whose truth is known."""

from __future__ import annotations

import importlib.util
import itertools
import math
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

FILE = Path(__file__).resolve().parents[2] / "benchmarks" / "comparison.py"
NETWORKS, ROUNDS, DRAWS = 14, 13, 300
FLOOR = 1.03
# Draws in which a rule that errs in one of twenty may err, three standard deviations above.
MISTAKES = 0.05 * DRAWS + 3 * math.sqrt(0.05 * 0.95 * DRAWS)


@pytest.fixture(scope="module")
def comparison() -> ModuleType:
    spec = importlib.util.spec_from_file_location("comparison", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["comparison"] = module
    spec.loader.exec_module(module)
    return module


def noise(rng: np.random.Generator, kind: str, size: int, scale: float = 0.02) -> np.ndarray:
    """Factors on timings: symmetric, one-sided as interruptions are, or of two speeds."""
    if kind == "normal":
        return np.exp(scale * rng.standard_normal(size))
    if kind == "interruptions":
        return 1 + scale * rng.pareto(1.5, size)
    return np.where(rng.random(size) < 0.5, 1.0, 1 + 20 * scale) * (1 + scale * rng.random(size))


KINDS = ("normal", "interruptions", "two speeds")


def runs(rng: np.random.Generator, kind: str, factor: float, scale: float = 0.02) -> tuple:
    """Two stored runs of all networks; in the second, network 3 takes `factor` times as long."""
    names = [f"network {k}" for k in range(NETWORKS)]
    before = {name: list(noise(rng, kind, ROUNDS, scale)) for name in names}
    after = {name: list(noise(rng, kind, ROUNDS, scale)) for name in names}
    after["network 3"] = [factor * value for value in after["network 3"]]
    return before, after


def pairs(rng: np.random.Generator, kind: str, factor: float, scale: float = 0.02) -> dict:
    """Ratios of neighbouring timings, second by first."""
    before, after = runs(rng, kind, factor, scale)
    return {
        name: [b / a for a, b in zip(before[name], after[name], strict=True)] for name in before
    }


def named(factors: dict, floor: float = FLOOR) -> dict[str, str]:
    verdicts = {name: factor.verdict(floor) for name, factor in factors.items()}
    return {name: verdict for name, verdict in verdicts.items() if verdict}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rule", ["paired", "unpaired"])
def test_equal_programs_are_not_named(comparison: ModuleType, rule: str, kind: str) -> None:
    rng = np.random.default_rng(0)
    ghosts = 0
    for _ in range(DRAWS):
        if rule == "paired":
            factors = comparison.compare_pairs(pairs(rng, kind, 1.0))
        else:
            factors = comparison.compare_runs(*runs(rng, kind, 1.0))
        ghosts += bool(named(factors, floor=1.0))  # no floor: the interval alone
    assert ghosts <= MISTAKES


@pytest.mark.parametrize("rule", ["paired", "unpaired"])
@pytest.mark.parametrize(("factor", "verdict"), [(1.1, "slower"), (1 / 1.1, "faster")])
def test_a_tenth_is_named_in_little_noise(
    comparison: ModuleType, rule: str, factor: float, verdict: str
) -> None:
    rng = np.random.default_rng(1)
    for _ in range(DRAWS):
        if rule == "paired":
            factors = comparison.compare_pairs(pairs(rng, "normal", factor, scale=0.01))
        else:
            factors = comparison.compare_runs(*runs(rng, "normal", factor, scale=0.01))
        assert named(factors) == {"network 3": verdict}


@pytest.mark.parametrize("rule", ["paired", "unpaired"])
def test_a_tenth_is_not_named_in_heavy_noise(comparison: ModuleType, rule: str) -> None:
    """Timings that vary by a factor of two and more cannot tell; the rule does not pretend to."""
    rng = np.random.default_rng(2)
    said = 0
    for _ in range(DRAWS):
        if rule == "paired":
            factors = comparison.compare_pairs(pairs(rng, "normal", 1.1, scale=0.7))
        else:
            factors = comparison.compare_runs(*runs(rng, "normal", 1.1, scale=0.7))
        said += bool(named(factors))
    assert said <= MISTAKES


def test_a_difference_below_the_floor_is_not_named(comparison: ModuleType) -> None:
    """Two percent, measured without noise: certain, and not worth a name."""
    exact = [1.02] * ROUNDS
    assert comparison.paired(exact, 0.05) == comparison.Factor(1.02, 1.02, 1.02)
    assert comparison.paired(exact, 0.05).verdict(1.03) == ""
    assert comparison.paired(exact, 0.05).verdict(1.01) == "slower"


def test_a_slow_machine_is_not_a_slow_program(comparison: ModuleType) -> None:
    """The second run's machine has half the speed most of the time: calibrations say so."""
    rng = np.random.default_rng(3)

    def run(slow: float) -> list[float]:
        speeds = np.where(rng.random(ROUNDS) < slow, 2.0, 1.0)
        shown = np.append(speeds, speeds[-1])
        seconds = 0.01 * np.sqrt(shown[:-1] * shown[1:]) * noise(rng, "normal", ROUNDS, 0.01)
        return comparison.relative(list(seconds), list(0.004 * shown))

    before, after = run(0.1), run(0.9)
    factor = comparison.unpaired(before, after, 0.01)
    assert factor.verdict(FLOOR) == ""
    assert 0.98 < factor.low < factor.high < 1.02


def test_relative_timings_by_hand(comparison: ModuleType) -> None:
    assert comparison.relative([6.0, 2.0], [1.0, 4.0, 1.0]) == [3.0, 1.0]


def test_few_repeats_name_nothing(comparison: ModuleType) -> None:
    """Of three pairs, all can be above 1 by chance, one time in four."""
    assert comparison.paired([2.0] * 3, 0.05) == comparison.Factor(2.0, 0.0, math.inf)
    assert comparison.unpaired([1.0] * 2, [2.0] * 2, 0.05).verdict(1.0) == ""


def test_intervals_by_hand(comparison: ModuleType) -> None:
    """Six pairs, none left out: 2 / 2^6 = 3 %. Four and four: 2 / C(8, 4) = 3 %, but one of three
    and three: 2 / 20.
    """
    ratios = [1.5, 1.1, 1.2, 1.4, 1.3, 1.6]
    assert comparison.paired(ratios, 0.05) == comparison.Factor(1.35, 1.1, 1.6)
    before, after = [1.0, 2.0, 4.0, 8.0], [16.0, 32.0, 64.0, 128.0]
    assert comparison.unpaired(before, after, 0.05) == comparison.Factor(16.0, 2.0, 128.0)
    assert comparison.unpaired(before[:3], after[:3], 0.09).low == 0.0
    assert comparison.unpaired(before[:3], after[:3], 0.1).low == 4.0


@pytest.mark.parametrize(("m", "n"), [(1, 4), (3, 3), (2, 5)])
def test_interleavings_against_enumeration(comparison: ModuleType, m: int, n: int) -> None:
    counts = [0] * (m * n + 1)
    for places in itertools.combinations(range(m + n), m):
        others = [k for k in range(m + n) if k not in places]
        counts[sum(a > b for a in places for b in others)] += 1
    assert comparison.interleavings(m, n) == tuple(counts)
