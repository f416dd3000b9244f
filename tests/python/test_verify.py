"""`verify`: right complexes pass, and every kind of false statement is found and named."""

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

pytest.importorskip("cdd.gmp", reason="pycddlib with GMP is not installed", exc_type=ImportError)


class Tampered:
    """A complex with some of its arrays replaced."""

    def __init__(self, cx, **replaced):
        self._cx = cx
        self.__dict__.update(replaced)

    def __getattr__(self, name):
        return getattr(self._cx, name)


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
    """Two hidden layers in the plane, in general position except for one repeated row."""
    rng = np.random.default_rng(3)
    W, b = rng.normal(size=(5, 2)), rng.uniform(-0.5, 0.5, 5)
    first = np.vstack([W, -2 * W[:1]]), np.append(b, -2 * b[0])
    layers = [
        first,
        (rng.normal(size=(3, 6)), rng.normal(size=3)),
        (rng.normal(size=(1, 3)), [0.0]),
    ]
    return rt.decompose(layers, rt.Box(-1, 1))


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


def without_edge(cx, e=0):
    keep = [k for k in range(cx.n_edges) if k != e]
    neurons = [cx.facet_neurons[k] for k in keep]
    return Tampered(cx, adjacency=cx.adjacency[keep], facet_neurons=neurons, n_edges=len(keep))


def without_cell(cx, i=0):
    """A cell left out, with its edges: a consistent but incomplete list."""
    keep = [e for e, pair in enumerate(cx.adjacency.tolist()) if i not in pair]
    rest = [k for k in range(cx.n_cells) if k != i]
    pairs = cx.adjacency[keep]
    return Tampered(
        cx,
        patterns=cx.patterns[rest],
        bounded=cx.bounded[rest],
        n_cells=len(rest),
        cell_vertices=[cx.cell_vertices[k] for k in rest],
        adjacency=pairs - (pairs > i),
        facet_neurons=[cx.facet_neurons[e] for e in keep],
        n_edges=len(keep),
        f_vector=cx.f_vector - np.array([0, 1, 1]),
    )


def with_other_neighbour(cx):
    pairs = cx.adjacency.copy()
    i, _j = pairs[0]
    others = set(range(i + 1, cx.n_cells)) - set(pairs[pairs[:, 0] == i, 1].tolist())
    pairs[0, 1] = min(others)
    order = np.lexsort(pairs.T[::-1])
    return Tampered(cx, adjacency=pairs[order], facet_neurons=[cx.facet_neurons[k] for k in order])


def with_extra_neuron(cx):
    neurons = list(cx.facet_neurons)
    missing = min(set(range(cx.n_neurons)) - set(neurons[0].tolist()))
    neurons[0] = np.sort(np.append(neurons[0], missing))
    return Tampered(cx, facet_neurons=neurons)


def with_changed(cx, name, index, change):
    array = getattr(cx, name).copy()
    array[index] = change(array[index])
    return Tampered(cx, **{name: array})


def with_last_pattern_all_active(cx):
    assert not cx.patterns.all(axis=1).any()
    return with_changed(cx, "patterns", -1, lambda row: np.ones_like(row))


TAMPERINGS = {
    "edge missing": (without_edge, "facets"),
    "cell missing": (without_cell, "facets"),
    "cell missing, seen by the volume": (without_cell, "volume"),
    "wrong neighbour": (with_other_neighbour, "neighbours"),
    "neuron too many on a facet": (with_extra_neuron, "facets"),
    "pattern of an empty set": (with_last_pattern_all_active, "interior"),
    "vertex off by one ulp": (
        lambda cx: with_changed(cx, "vertices", (0, 0), lambda v: np.nextafter(v, 9.0)),
        "vertices",
    ),
    "vertex missing in a cell": (
        lambda cx: Tampered(cx, cell_vertices=[v[1:] for v in cx.cell_vertices]),
        "vertices",
    ),
    "vertex sign": (
        lambda cx: with_changed(cx, "vertex_signs", (0, 0), lambda s: (s + 2) % 3 - 1),
        "vertex signs",
    ),
    "bounded": (lambda cx: with_changed(cx, "bounded", 0, lambda v: not v), "bounded"),
    "one vertex too many": (
        lambda cx: with_changed(cx, "f_vector", 0, lambda f: f + 1),
        "euler characteristic",
    ),
    "faces wrong, Euler characteristic right": (
        lambda cx: Tampered(cx, f_vector=cx.f_vector + np.array([1, 1, 0])),
        "f-vector",
    ),
    "edges out of order": (
        lambda cx: Tampered(
            cx,
            adjacency=cx.adjacency[::-1],
            facet_neurons=[cx.facet_neurons[k] for k in range(cx.n_edges - 1, -1, -1)],
        ),
        "adjacency",
    ),
    "edges reversed": (lambda cx: Tampered(cx, adjacency=cx.adjacency[:, ::-1]), "adjacency"),
    "another box": (lambda cx: Tampered(cx, domain=rt.Box([-1, -1], [1, 2])), "vertices"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_false_statement_is_found(cx, name):
    tamper, check = TAMPERINGS[name]
    report = verify(tamper(cx))
    assert not report.ok
    assert any(text.startswith(check + ":") for text in report.failures), report
    with pytest.raises(rt.InvalidComplexError, match="FAILED"):
        report.raise_if_failed()


@pytest.mark.parametrize("name", ["edge missing", "cell missing", "wrong neighbour"])
def test_incomplete_list_is_not_called_complete(cx, name):
    assert not verify(TAMPERINGS[name][0](cx)).complete


def test_true_complex_passes_all_checks(cx):
    report = verify(cx)
    report.raise_if_failed()
    checks = {check for _, check in TAMPERINGS.values()} | {"connected", "completeness", "patterns"}
    assert checks <= report.checks.keys()
    assert "no cell is missing" in str(report)
    assert f"{cx.n_cells} of {cx.n_cells} cells" in str(report)


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
