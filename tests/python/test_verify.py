"""`verify`: right complexes pass."""

from __future__ import annotations

import sys
from fractions import Fraction

import numpy as np
import pytest

import relutope as rt
import zoo
from relutope.verification.by_generators import ByGenerators
from relutope.verification.claims import ComplexClaims, exact_network
from relutope.verification.outcome import Ledger
from relutope.verification.verify_complex import verify
from tampering import plane_complex

pytest.importorskip("cdd.gmp", reason="pycddlib with GMP is not installed", exc_type=ImportError)


def decompose(case: zoo.Case) -> rt.Complex:
    domain = None if case.domain is None else rt.Box(*case.domain, dim=case.dim)
    return rt.decompose(case.layers, domain)


@pytest.mark.parametrize(
    "case", [c for c in zoo.cases() if c.n_cells <= 40 and c.dim <= 4], ids=lambda c: c.name
)
def test_zoo_passes(case):
    report = verify(decompose(case))
    assert report.ok, report
    assert report.complete
    assert report.n_verified == case.n_cells


def hard(entry):
    return entry["family"] in ("near", "scales", "mixed", "flatzero") and entry["num_cells"] <= 80


@pytest.mark.truth(where=hard)
def test_nearly_degenerate_networks_pass(truth_case):
    report = verify(truth_case.complex)
    assert report.ok, report
    assert report.complete


NET = [([[1.0, 0.5], [-0.25, 1.0]], [0.0, 0.1]), ([[1.0, -2.0]], [0.3]), ([[1.0]], [0.0])]
DOMAINS = {
    "triangle": rt.Polytope([[-1, 0], [0, -1], [1, 1], [1, 1]], [1, 1, 1, 5]),
    "triangle with trivial rows": rt.Polytope([[-1, 0], [0, -1], [1, 1], [0, 0]], [1, 1, 1, 0]),
    "wedge": rt.Polytope([[1, 0], [0, 1]], [1, 1]),
    "strip": rt.Polytope([[1, 1], [-1, -1]], [1, 1]),
    "half-plane": rt.Polytope([[1, 1]], [1]),
    "half-infinite box": rt.Box([-1, -np.inf], [np.inf, 1]),
    "slab": rt.Box([-1, -np.inf], [1, np.inf]),
    "infinite box": rt.Box(-np.inf, np.inf),
}


@pytest.mark.parametrize("name", DOMAINS)
def test_other_domains_pass(name):
    report = verify(rt.decompose(NET, DOMAINS[name]))
    assert report.ok, report
    assert report.complete
    assert ("volume" in report.checks) == name.startswith("triangle")


@pytest.mark.parametrize("level", [0.0, 0.25, 2.0**-60])
def test_complexes_refined_at_a_level_pass(level):
    """2^-60: the bias of the last neuron is not a double."""
    layers = [*NET[:2], ([[1.0]], [-0.5])]
    report = verify(rt.decompose(layers, rt.Box(-1, 1)).refine_by_output(level))
    assert report.ok, report


@pytest.fixture(scope="module")
def cx():
    return plane_complex()


def test_sample_of_cells(cx):
    report = verify(cx, sample=3, seed=5)
    assert report.ok, report
    assert report.n_verified == 3
    assert not report.complete
    assert report.checks == verify(cx, sample=3, seed=5).checks
    assert verify(cx, sample=[0, 2, 2]).n_verified == 2
    assert verify(cx, sample=10**6).complete


@pytest.mark.parametrize("sample", [0, -1, [], [-1], [10**6]])
def test_bad_sample_is_an_error(cx, sample):
    with pytest.raises(ValueError, match="`sample`"):
        verify(cx, sample=sample)


def test_exact_volumes_of_cross_polytope_cells():
    """The 2^n bounded cells of the norm network are simplices of volume 1/n!."""
    for n in (2, 3, 4):
        cx = rt.decompose(zoo.by_name(f"norm-{n}").layers, rt.Box(-1, 1, dim=n))
        ledger = Ledger()
        way = ByGenerators(
            ComplexClaims(cx), exact_network(cx, by_units=False), ledger, sys.modules["cdd.gmp"]
        )
        volumes = [way.check_cell(i).cell.volume() for i in range(cx.n_cells)]
        assert not ledger.failures
        inside = [not bit for bit in cx.patterns[:, -1].tolist()]
        factorial = int(np.prod(range(1, n + 1)))
        for volume, simplex in zip(volumes, inside, strict=True):
            share = Fraction(volume, factorial)
            assert share == (Fraction(1, factorial) if simplex else 1 - Fraction(1, factorial))


def test_missing_pycddlib_names_the_remedy(cx, monkeypatch):
    monkeypatch.setitem(sys.modules, "cdd.gmp", None)
    with pytest.raises(ImportError, match=r"libcdd-dev libgmp-dev.*pip install pycddlib"):
        verify(cx)
