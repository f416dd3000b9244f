"""Every kind of false statement is found and named, by each method that makes the check."""

from __future__ import annotations

import signal

import numpy as np
import pytest

import relutope as rt
from relutope import verify
from relutope.verification import by_certificates
from relutope.verification.redundancy import Ranges
from tampering import BOTH, BY_GENERATORS, Tampered, plane_complex, with_facet_twice, without_edge

pytest.importorskip("cdd.gmp", reason="pycddlib with GMP is not installed", exc_type=ImportError)

FALSE = [
    *((name, make, "generators", check) for name, (make, check, _) in BOTH.items()),
    *((name, make, "certificates", check) for name, (make, _, check) in BOTH.items()),
    *((name, make, "generators", check) for name, (make, check) in BY_GENERATORS.items()),
]


@pytest.fixture(scope="module")
def cx():
    return plane_complex()


def failed(report, check):
    return [text for text in report.failures if text.startswith(check + ":")]


@pytest.mark.parametrize(
    ("make", "method", "check"),
    [row[1:] for row in FALSE],
    ids=[f"{name}, by {method}" for name, _, method, _ in FALSE],
)
def test_false_statement_is_found(cx, make, method, check):
    report = verify(make(cx), method=method)
    assert failed(report, check), report
    with pytest.raises(rt.InvalidComplexError, match="FAILED"):
        report.raise_if_failed()


@pytest.mark.parametrize("method", ["generators", "certificates"])
@pytest.mark.parametrize(
    "name", [n for n in BOTH if "order" not in n and n not in ("disconnected", "edges reversed")]
)
def test_incomplete_list_is_not_called_complete(cx, name, method):
    assert not verify(BOTH[name][0](cx), method=method).complete


def test_what_is_not_proven_is_not_called_complete(cx, monkeypatch):
    """No failure, but multipliers that were found in floating point prove nothing."""
    monkeypatch.setattr(by_certificates, "combination", lambda *_: None)
    monkeypatch.setattr(Ranges, "at_least_zero", lambda _, rest: np.zeros(len(rest), dtype=bool))
    report = verify(cx, method="certificates")
    assert report.ok
    assert report.checks["no facet, by floating point"] > 0
    assert not report.complete


@pytest.mark.parametrize("method", ["generators", "certificates"])
def test_true_complex_passes_all_checks(cx, method):
    report = verify(cx, method=method)
    report.raise_if_failed()
    assert report.complete
    assert report.method == method
    checks = {row[3] for row in FALSE if row[2] == method} - {"no facet"}
    assert checks <= report.checks.keys()
    assert "no cell is missing" in str(report)
    assert f"{cx.n_cells} of {cx.n_cells} cells by {method}" in str(report)


@pytest.mark.parametrize("method", ["generators", "certificates"])
def test_a_facet_with_two_edges_is_named(cx, method):
    """Whatever else is wrong then: each of the two says that it is not the only one."""
    report = verify(with_facet_twice(cx), sample=[0], method=method)
    twice = [text for text in report.failures if "only one" in text or "twice" in text]
    assert len(twice) == 2, report


@pytest.mark.parametrize("method", ["generators", "certificates"])
def test_a_neuron_that_vanishes_on_a_cell_is_inactive(method):
    """relu(x - 3) is zero for x < 3, and so is relu of it: not an active neuron."""
    net = [([[1.0]], [-3.0]), ([[1.0]], [0.0]), ([[1.0]], [0.0])]
    cx = rt.decompose(net, rt.Box(0, 5, dim=1))
    assert cx.patterns.tolist() == [[False, False], [True, True]]
    verify(cx, method=method).raise_if_failed()
    patterns = np.array([[False, True], [True, True]])
    report = verify(Tampered(cx, patterns=patterns), method=method)
    assert failed(report, "vanishing"), report


def test_time_that_is_over_gives_a_partial_report(cx):
    report = verify(cx, max_seconds=1e-9)
    assert report.ok
    assert report.out_of_time
    assert (report.n_verified, report.complete) == (0, False)
    assert "stopped early" in str(report)
    assert not verify(cx, sample=1, max_seconds=600).out_of_time


@pytest.mark.parametrize("method", ["generators", "certificates"])
def test_ctrl_c_ends_it_after_the_cell_at_work(cx, method):
    done = []

    def press(now, *_):
        done.append(now)
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            verify(cx, method=method, progress=press)
    finally:
        signal.signal(signal.SIGINT, before)
    assert done == [1]
    assert verify(cx, method=method).complete, "what was interrupted can be done again"


def test_nothing_is_computed_that_is_not_checked(cx):
    """A sample by generators needs no f-vector; certificates need no vertices either."""

    class Watched(Tampered):
        def __getattr__(self, name):
            asked.add(name)
            return super().__getattr__(name)

    asked: set[str] = set()
    assert verify(Watched(cx), sample=2, method="generators").ok
    assert "f_vector" not in asked
    asked.clear()
    assert verify(Watched(cx), method="certificates").complete
    assert not asked & {"f_vector", "vertices", "vertex_signs", "cell_vertices", "interior_points"}


def test_progress_goes_to_stderr(cx, capsys):
    verify(cx, sample=2, progress=True)
    assert not capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [({"method": "fast"}, "`method`"), ({"max_seconds": 0}, "`max_seconds`")],
)
def test_bad_arguments(cx, options, message):
    with pytest.raises(ValueError, match=message):
        verify(cx, **options)


def test_facets_that_were_missing_are_named(cx):
    zeros = tuple(cx.facet_neurons[0].tolist())
    report = verify(without_edge(cx, 0), method="generators")
    found = failed(report, "facets")
    assert len(found) == 2, report
    assert all(str(zeros) in text for text in found)
