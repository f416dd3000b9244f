"""Verdicts on properties: known answers, real networks, and random ones against brute force."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import relutope as rt
from property_reference import compared
from relutope.cli import main

REAL = Path(__file__).resolve().parents[3] / "shared" / "real_networks"
ABSOLUTE = rt.Network([([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])])
DECLARED = "(declare-const X_0 Real) (declare-const Y_0 Real) (assert (<= -1 X_0 1))"


def asked(condition, network=ABSOLUTE):
    return rt.check(network, rt.parse_property(f"{DECLARED} (assert {condition})"))


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        ("(> Y_0 1)", "holds"),
        ("(>= Y_0 1)", "violated"),
        ("(< Y_0 0)", "holds"),
        ("(<= Y_0 0)", "violated"),
        ("(= Y_0 0.5)", "violated"),
        ("(and (= Y_0 0.5) (< X_0 -0.5))", "holds"),
        ("(and (= Y_0 0.5) (<= X_0 -0.5))", "violated"),
        ("(< Y_0 X_0)", "holds"),
        ("(and (<= Y_0 X_0) (< X_0 0))", "holds"),
        ("(and (<= Y_0 X_0) (< X_0 0.125))", "violated"),
        ("(or (> Y_0 2) (and (> X_0 0.5) (< Y_0 0.75)))", "violated"),
        ("(> (* 3 Y_0) (+ 2 1))", "holds"),
    ],
)
def test_absolute_value(condition, verdict):
    found = asked(condition)
    assert found.verdict == verdict
    assert (found.counterexample is None) == (verdict == "holds")
    assert (found.covered == 1.0) == (verdict == "holds")


def test_a_counterexample_is_exact_and_its_rounding_is_told():
    third = asked("(= (* 3 Y_0) 1)")
    (x,) = third.counterexample.point
    assert abs(x) == Fraction(1, 3)
    assert third.counterexample.outputs == (Fraction(1, 3),)
    assert third.counterexample.nearest[0] in (1 / 3, -1 / 3)
    assert not third.counterexample.confirmed
    half = asked("(>= Y_0 0.5)").counterexample
    assert half.confirmed
    assert half.nearest_outputs[0] >= 0.5


def test_unbounded_inputs():
    text = "(declare-const X_0 Real) (declare-const Y_0 Real)"
    far = rt.check(ABSOLUTE, rt.parse_property(text + "(assert (>= Y_0 1e9))"))
    assert far.verdict == "violated"
    assert far.counterexample.outputs[0] >= 10**9
    assert rt.check(ABSOLUTE, rt.parse_property(text + "(assert (< Y_0 0))")).verdict == "holds"


def test_fixed_inputs_and_points():
    text = "(declare-const X_0 Real) (declare-const Y_0 Real) (assert (= X_0 -0.5))"
    assert rt.check(ABSOLUTE, rt.parse_property(text + "(assert (< Y_0 0.5))")).verdict == "holds"
    at = rt.check(ABSOLUTE, rt.parse_property(text + "(assert (<= Y_0 0.5))"))
    assert at.counterexample.point == (Fraction(-1, 2),)


def test_many_inputs_are_decided_without_vertices():
    n = 12
    network = rt.Network([(np.eye(n), np.zeros(n)), (np.ones((1, n)), [0.0])])
    text = "".join(f"(declare-const X_{i} Real) (assert (<= -1 X_{i} 1))" for i in range(n))
    text += "(declare-const Y_0 Real)"
    above = rt.check(network, rt.parse_property(text + f"(assert (> Y_0 {n}.5))"))
    assert above.verdict == "holds"
    assert rt.check(network, rt.parse_property(text + "(assert (>= Y_0 11))")).verdict == "violated"


def test_time_ends():
    rng = np.random.default_rng(0)
    widths = [8, 40, 40, 1]
    layers = [(rng.standard_normal((b, a)), rng.standard_normal(b)) for a, b in pairwise(widths)]
    text = "".join(f"(declare-const X_{i} Real) (assert (<= -1 X_{i} 1))" for i in range(8))
    top = float(rt.Network(layers).forward(rng.uniform(-1, 1, (20000, 8))).max())
    text += f"(declare-const Y_0 Real) (assert (>= Y_0 {top * 1.3 + 1}))"
    found = rt.check(layers, rt.parse_property(text), max_seconds=0.3)
    assert found.verdict in ("unknown", "violated", "holds")
    if found.verdict == "unknown":
        assert found.timed_out
        assert 0 <= found.covered < 1
    with pytest.raises(ValueError, match="`max_seconds` must be positive"):
        rt.check(layers, rt.parse_property(text), max_seconds=0)


def test_properties_that_do_not_fit():
    with pytest.raises(
        rt.InvalidDomainError, match="1 inputs and 1 outputs, but the network has 2"
    ):
        asked("(>= Y_0 1)", rt.Network([(np.eye(2), [0, 0]), ([[1, 1]], [0])]))
    with pytest.raises(rt.InvalidDomainError, match="`property` must be"):
        rt.check(ABSOLUTE, 3)


@pytest.mark.parametrize("start", range(0, 240, 40))
def test_random_properties_against_brute_force(start):
    for seed in range(10_000 + start, 10_000 + start + 40):
        compared(seed)


REAL_VERDICTS = [
    ("acasxu_1_1", "acasxu_prop_1", "holds"),
    ("acasxu_1_1", "acasxu_prop_3", "holds"),
    ("acasxu_5_9", "acasxu_prop_4", "holds"),
    ("acasxu_1_1", "acasxu_prop_5", "holds"),
    ("cartpole", "cartpole_case_safe_14", "holds"),
    ("lunarlander", "lunarlander_case_unsafe_16", "violated"),
    ("lindex", "lindex_1", "holds"),
    ("vdp", "vdp_0", None),
    ("test_small", "test_small", None),
    ("test_tiny", "test_tiny", None),
]


@pytest.mark.parametrize(("network", "prop", "verdict"), REAL_VERDICTS)
def test_real_networks(network, prop, verdict):
    pytest.importorskip("onnx", reason="onnx is not installed")
    files = REAL / f"{network}.onnx", REAL / f"{prop}.vnnlib"
    if not files[0].exists():
        pytest.skip(f"{files[0]} is absent")
    found = rt.check(*files)
    assert found.verdict in ("holds", "violated")
    assert verdict in (None, found.verdict)
    if found.verdict == "violated":
        assert found.counterexample.confirmed


# -- all violating inputs


def test_violations_of_a_diamond():
    network = [([[1, 0], [-1, 0], [0, 1], [0, -1]], [0] * 4), ([[1, 1, 1, 1]], [0])]
    text = "(declare-const X_0 Real) (declare-const X_1 Real) (declare-const Y_0 Real)"
    text += "(assert (<= -1 X_0 1)) (assert (<= -1 X_1 1)) (assert (>= Y_0 1))"
    found = rt.violations(network, rt.parse_property(text))
    assert (found.volume, found.share) == (2, Fraction(1, 2))
    low, high = found.volume_bounds
    assert low <= 2 <= high < low + 1e-12
    assert all(np.abs(p.vertices).sum(axis=1).min() >= 1 for p in found.polytopes)


def test_violations_of_overlapping_cases_count_once():
    text = "(declare-const X_0 Real) (declare-const Y_0 Real)"
    text += "(assert (or (and (<= -1 X_0 1) (>= Y_0 0.5)) (and (<= 0 X_0 2) (>= Y_0 0.75))))"
    found = rt.violations(ABSOLUTE, rt.parse_property(text))
    assert found.volume == Fraction(1, 2) + Fraction(3, 2)
    assert sum(p.volume for p in found.of_case(0)) == 1
    assert sum(p.volume for p in found.of_case(1)) == Fraction(5, 4)
    assert found.domain_volume == 3


def test_no_violations():
    found = rt.violations(ABSOLUTE, rt.parse_property(DECLARED + "(assert (> Y_0 1))"))
    assert (found.polytopes, found.volume, found.volume_bounds) == ([], 0, (0.0, 0.0))
    text = "".join(f"(declare-const X_{i} Real) (assert (<= -1 X_{i} 1))" for i in range(7))
    prop = rt.parse_property(text + "(declare-const Y_0 Real) (assert (> Y_0 1))")
    wide = [(np.eye(7), np.zeros(7)), (np.ones((1, 7)), [0.0])]
    with pytest.raises(rt.EngineError, match="leaves 7 inputs free"):
        rt.violations(wide, prop)


# -- the command


def test_command(tmp_path, capsys):
    arrays = {
        f"{n}{k}": a
        for k, pair in enumerate(ABSOLUTE.layers)
        for n, a in zip("Wb", pair, strict=True)
    }
    np.savez(tmp_path / "net.npz", **arrays)
    words = ["check", str(tmp_path / "net.npz"), str(tmp_path / "p.vnnlib")]
    (tmp_path / "p.vnnlib").write_text(DECLARED + "(assert (> Y_0 1))")
    assert main(words) == 0
    assert capsys.readouterr().out == "unsat\n"
    (tmp_path / "p.vnnlib").write_text(DECLARED + "(assert (>= Y_0 1))")
    assert main(words) == 1
    assert capsys.readouterr().out.splitlines() in (
        ["sat", "((X_0 1.0)", " (Y_0 1.0))"],
        ["sat", "((X_0 -1.0)", " (Y_0 1.0))"],
    )
    assert main([*words, "--json", "--timeout", "60"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["result"], found["verdict"]) == ("sat", "violated")
    assert found["counterexample"]["outputs"] == ["1"]
    (tmp_path / "p.vnnlib").write_text("(assert (>= Y_0 1))")
    assert main(words) == 2
    assert "'Y_0' is not declared" in capsys.readouterr().err
