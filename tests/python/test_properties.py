"""VNN-LIB 1.0: what is read, what it means, and what is refused with the line that is wrong."""

from __future__ import annotations

import gzip
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import relutope as rt

REAL = Path(__file__).resolve().parents[3] / "shared" / "real_networks"
DECLARED = "".join(f"(declare-const {v} Real)\n" for v in ("X_0", "X_1", "Y_0", "Y_1"))


def parsed(text):
    return rt.parse_property(DECLARED + text)


def conditions(text):
    """The conditions of the one case, as (inputs, outputs, constant, relation)."""
    (case,) = parsed(text).cases
    return [(dict(c.inputs), dict(c.outputs), c.constant, c.relation) for c in case.conditions]


def test_bounds_become_a_box():
    prop = parsed("(assert (<= X_0 0.1)) (assert (>= X_0 -1e-3)) (assert (<= 2 X_1 3))")
    (case,) = prop.cases
    assert (prop.n_inputs, prop.n_outputs) == (2, 2)
    assert case.lower.tolist() == [-1e-3, 2.0]
    assert case.upper.tolist() == [0.1, 3.0]
    assert case.conditions == ()


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("(<= X_0 (- 0.5))", (-np.inf, -0.5)),
        ("(>= (- X_0) 0.5)", (-np.inf, -0.5)),
        ("(= X_0 0.25)", (0.25, 0.25)),
        ("(<= (* 2 X_0) (+ 1 2 3))", (-np.inf, 3.0)),
        ("(<= (/ X_0 4) (- 3 2 1))", (-np.inf, 0.0)),
        ("(>= X_0 +.5e1)", (5.0, np.inf)),
        ("(>= (- (* X_0 3) (* X_0 2)) 1)", (1.0, np.inf)),
        ("(and (<= X_0 1) (<= X_0 0.5) (<= X_0 2))", (-np.inf, 0.5)),
    ],
)
def test_bounds_of_one_input(text, bounds):
    (case,) = parsed(f"(assert {text})").cases
    assert (case.lower[0], case.upper[0]) == bounds
    assert case.conditions == ()


def test_bounds_that_no_double_is_stay_exact():
    assert conditions("(assert (<= (* 3 X_0) 1))") == [({0: 3}, {}, -1, "<=")]
    (case,) = parsed("(assert (<= X_0 (/ 1 3)))").cases
    assert case.upper[0] == np.nextafter(1 / 3, 1) > Fraction(1, 3) > 1 / 3
    assert conditions("(assert (<= X_0 (/ 1 3)))") == [({0: 1}, {}, Fraction(-1, 3), "<=")]


def test_strict_bounds_stay_strict():
    (case,) = parsed("(assert (< X_0 1)) (assert (> X_0 -1))").cases
    assert (case.lower[0], case.upper[0]) == (-1.0, 1.0)
    assert [c.relation for c in case.conditions] == ["<", "<"]
    assert not case.contains([Fraction(1), 0], [0, 0])
    assert case.contains([Fraction(1) - Fraction(1, 10**40), 0], [0, 0])


def test_conditions_of_outputs_and_of_both():
    assert conditions("(assert (<= Y_0 Y_1))") == [({}, {0: 1, 1: -1}, 0, "<=")]
    assert conditions("(assert (> Y_0 (- (* 2.0 X_1) 3)))") == [({1: 2}, {0: -1}, -3, "<")]
    assert conditions("(assert (= (+ X_0 X_1) Y_0))") == [({0: 1, 1: 1}, {0: -1}, 0, "==")]


def test_one_more_pair_of_parentheses_around_the_operands():
    """As the linearizenn benchmark writes it."""
    odd = "(assert (or (<= (0.5 (- Y_0 (+ (* 2 X_0) 1)))) (>= (-0.5 (- Y_0 (+ (* 2 X_0) 1))))))"
    plain = "(assert (or (<= 0.5 (- Y_0 (+ (* 2 X_0) 1))) (>= -0.5 (- Y_0 (+ (* 2 X_0) 1)))))"
    found, expected = parsed(odd), parsed(plain)
    assert [c.conditions for c in found.cases] == [c.conditions for c in expected.cases]
    assert len(found.cases) == 2


def test_disjunctions_are_multiplied_out():
    prop = parsed("(assert (or (<= X_0 0) (>= X_0 1))) (assert (or (<= Y_0 0) (<= Y_1 0)))")
    assert len(prop.cases) == 4
    nested = parsed("(assert (and (or (<= Y_0 0) (and (<= Y_0 1) (or (<= Y_1 0) (>= Y_1 1))))))")
    assert [len(case.conditions) for case in nested.cases] == [1, 2, 2]


def test_contradictions_leave_no_case():
    assert parsed("(assert (<= X_0 0)) (assert (>= X_0 1))").cases == ()
    assert parsed("(assert (<= 1 0))").cases == ()
    assert len(parsed("(assert (<= 0 1))").cases) == 1
    assert len(parsed("(assert (or (and (<= X_0 0) (>= X_0 1)) (<= X_0 5)))").cases) == 1


def test_contains_is_exact():
    prop = parsed("(assert (<= (* 3 X_0) 1)) (assert (< Y_0 Y_1))")
    third = Fraction(1, 3)
    assert prop.contains([third, 0], [0.1, 0.2])
    assert not prop.contains([third + Fraction(1, 10**50), 0], [0.1, 0.2])
    assert not prop.contains([third, 0], [0.2, 0.2])
    with pytest.raises(ValueError, match=r"`x` and `y` must have 2 and 2 entries"):
        prop.contains([0], [0, 0])


def test_commands_and_comments_are_passed_over():
    text = "(set-logic QF_LRA) ; a comment (with a parenthesis\n(declare-fun X_0 () Real)"
    prop = rt.parse_property(text + "(assert (<= X_0 1)) (check-sat) (exit)")
    assert prop.n_inputs == 1
    assert prop.n_outputs == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(assert (<= X_0 nan))", "line 5: 'nan' is not declared in: .assert .<= X_0 nan"),
        ("\n(assert (<= X_0 1) (>= X_0 5))", "line 6: assert takes one condition, 2 are given"),
        ("(assert (<= X_0 1_0))", "'1_0' is neither a decimal number nor a symbol"),
        ("(assert (<= X_0 0x10))", "'0x10' is neither"),
        ("(assert (<= X_0 1e999))", "1e999 is larger than any double"),
        ("(assert (<= X_0 infinity))", "'infinity' is not declared"),
        ("(assert (<= (* X_0 X_1) 1))", r"\(\* X_0 X_1\) is not linear"),
        ("(assert (<= (/ 1 X_0) 1))", "is not linear"),
        ("(assert (<= (/ X_0 0) 1))", "divides by zero"),
        ("(assert (not (<= X_0 1)))", r"\(not \(<= X_0 1\)\) is not known"),
        ("(assert (=> (<= X_0 1) (<= Y_0 1)))", "is not known"),
        ("(assert (<= X_0))", "compares nothing"),
        ("(assert (<= (relu X_0) 1))", r"the term \(relu X_0\) is not known"),
        ("(assert (or))", "is not known"),
        ("(assert X_0)", "is not known"),
        ("(assert)", "0 are given"),
        ("(push 1)", "is not known"),
        ("()", "is not known"),
        ("assert", "'assert' is no statement"),
        ("(assert (<= X_0 1)", "not closed"),
        ("(assert (<= X_0 1)))", "not opened"),
        ('(assert (<= X_0 "1"))', "is not expected"),
        ("(assert (<= |X_0| 1))", "is not expected"),
        ("(assert (<= X_0 1\x00))", "neither"),
        ("(declare-const X_0 Real)", "X_0 is declared twice"),
        ("(declare-const X_3 Real)", "X_2 is not declared"),
        ("(declare-const Z_0 Real)", "variables are X_0"),
        ("(declare-const X_02 Real)", "variables are X_0"),
        ("(declare-const X_2 Int)", "of sort Real"),
        ("(declare-const X_2)", "declares no real number"),
        ("(declare-fun X_2 (Real) Real)", "declares no real number"),
        ("(assert (<= X_5 1))", "'X_5' is not declared"),
        ("(vnnlib-version <2.0>)", "VNN-LIB 2.0"),
        ("(assert (or (<= X_0 1) (<= X_0 2)))" * 14, "more than 10000 alternatives"),
        ("(assert " + "(and " * 5000 + "(<= X_0 1)" + ")" * 5001, "nested more than 200 deep"),
        ("(declare-const X_" + "9" * 5000 + " Real)", "has 5002 characters"),
    ],
)
def test_what_is_refused(text, message):
    with pytest.raises(rt.InvalidDomainError, match=message):
        parsed(text)


def test_files(tmp_path):
    text = DECLARED + "(assert (<= X_0 1))"
    (tmp_path / "p.vnnlib").write_text(text)
    (tmp_path / "p.vnnlib.gz").write_bytes(gzip.compress(text.encode()))
    for name in ("p.vnnlib", "p.vnnlib.gz"):
        assert rt.load_property(tmp_path / name).cases[0].upper.tolist() == [1.0, np.inf]
        assert rt.load_domain(str(tmp_path / name)) == rt.Box([-np.inf] * 2, [1.0, np.inf])
    with pytest.raises(rt.InvalidDomainError, match=r"`path`: properties .*got 'p\.txt'"):
        rt.load_property("p.txt")
    with pytest.raises(FileNotFoundError, match="`path`: there is no file"):
        rt.load_property(tmp_path / "q.vnnlib")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x1f\x8b\x08\0junkjunkjunk", "no gzip file or is damaged"),
        (b"nothing of the kind", "no gzip file or is damaged"),
        (gzip.compress(DECLARED.encode(), mtime=0)[:-9], "no gzip file or is damaged"),
        (gzip.compress(b"\xff\xfe(", mtime=0), "is no text"),
        (gzip.compress(b" " * (1 << 28), mtime=0), "unpacks to more than"),
    ],
)
def test_damaged_compressed_files(tmp_path, content, message):
    (tmp_path / "p.vnnlib.gz").write_bytes(content)
    with pytest.raises(rt.InvalidDomainError, match=message):
        rt.load_property(tmp_path / "p.vnnlib.gz")


def domain(text, tmp_path):
    (tmp_path / "d.vnnlib").write_text(DECLARED + text)
    return rt.load_domain(tmp_path / "d.vnnlib")


BOUNDED = "(assert (<= 0 X_0 1)) (assert (<= 0 X_1 1))"


def test_domains(tmp_path):
    unit = rt.Box([0, 0], [1, 1])
    assert domain(BOUNDED + "(assert (<= Y_0 X_0))", tmp_path) == unit
    assert domain(BOUNDED + "(assert (< X_0 1))", tmp_path) == unit
    assert domain(BOUNDED + "(assert (or (<= Y_0 0) (<= Y_1 X_1)))", tmp_path) == unit
    flat = domain(BOUNDED + "(assert (= X_0 0.5))", tmp_path)
    assert isinstance(flat, rt.FlatBox)
    assert (flat.lower.tolist(), flat.upper.tolist()) == ([0.5, 0.0], [0.5, 1.0])
    corner = domain(BOUNDED + "(assert (<= (+ X_0 X_1) 1.5))", tmp_path)
    assert isinstance(corner, rt.Polytope)
    assert corner.contains([[0.75, 0.75], [0.8, 0.75]]).tolist() == [True, False]
    thirds = domain(BOUNDED + "(assert (<= X_0 (/ 1 3)))", tmp_path)
    assert thirds.contains([[1 / 3, 0], [np.nextafter(1 / 3, 1), 0]]).tolist() == [True, False]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(assert (or (<= X_0 1) (>= X_0 2)))", r"2 input domains \(a disjunction\)"),
        ("(assert (<= X_0 0)) (assert (>= X_0 1))", "contradict each other"),
        ("(assert (= X_0 1)) (assert (= X_1 1))", "one point only"),
        ("(assert (= X_0 1)) (assert (<= (+ X_0 X_1) 1.5))", "fixes the input X_0"),
    ],
)
def test_files_that_give_no_domain(text, message, tmp_path):
    with pytest.raises(rt.InvalidDomainError, match=message) as caught:
        domain(text, tmp_path)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("name", "inputs", "outputs", "cases"),
    [
        ("acasxu_prop_3", 5, 5, 1),
        ("acasxu_prop_5", 5, 5, 4),
        ("lindex_1", 1, 1, 2),
        ("prop_10_10_0_io", 4, 1, 2),
        ("spec_idx_103_eps_0.00000436", 5376, 20, 19),
        ("if_then_5levels_w20", 400, 1, 2),
    ],
)
def test_real_files(name, inputs, outputs, cases):
    path = REAL / f"{name}.vnnlib"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    prop = rt.load_property(path)
    assert (prop.n_inputs, prop.n_outputs, len(prop.cases)) == (inputs, outputs, cases)
