"""Closed forms: every case of the zoo, and the standard networks of the benchmarks."""

from __future__ import annotations

from math import comb

import pytest

import relutope as rt
import zoo


@pytest.mark.parametrize("case", zoo.cases(), ids=lambda case: case.name)
def test_closed_form(case):
    cx = decompose(case)
    assert cx.n_cells == case.n_cells, case.source
    assert case.f_vector in (None, tuple(cx.f_vector.tolist())), case.source
    assert case.n_edges in (None, cx.n_edges), case.source
    assert case.n_bounded in (None, int(cx.bounded.sum())), case.source
    cx.validate()


def test_threshold_functions_of_five_variables():
    case = zoo.threshold_functions(5)  # too large for counting all of its faces
    assert decompose(case).n_cells == case.n_cells


def decompose(case: zoo.Case) -> rt.Complex:
    domain = None if case.domain is None else rt.Box(*case.domain, dim=case.dim)
    return rt.decompose(case.layers, domain)


@pytest.mark.parametrize("name", zoo.HIGH_DIMENSIONAL)
def test_high_dimensional_network(name):
    case = zoo.standard(name)
    cx = rt.decompose(case.layers, rt.Box(*case.domain))
    assert cx.stats["engine"] == "lp"
    assert (cx.n_cells, cx.n_edges) == (case.n_cells, case.n_edges)


@pytest.mark.parametrize("name", [name for name in zoo.STANDARD if not name.startswith("wide")])
def test_standard_network(name):
    case = zoo.standard(name)
    cx = decompose(case)
    assert cx.n_edges == case.n_edges
    assert tuple(cx.f_vector.tolist()) == case.f_vector


@pytest.mark.parametrize(
    ("name", "n_cells"),
    [("shallow-2d", 2081), ("deep-2d", 4153), ("shallow-3d", 5489), ("shallow-4d", 12951)],
)
def test_standard_network_on_all_of_space(name, n_cells):
    case = zoo.standard(name)
    cx = rt.decompose(case.layers)
    assert cx.n_cells == n_cells
    if name.startswith("shallow"):
        width = len(case.layers[0][0])
        assert cx.n_cells == sum(comb(width, i) for i in range(case.dim + 1))
        assert cx.f_vector.tolist() == list(zoo.generic_f_vector(width, case.dim))


def test_hamming_1_trap_is_not_an_adjacency():
    cx = decompose(zoo.by_name("hamming-1-line"))
    names = ["".join(map(str, row)) for row in cx.patterns.astype(int).tolist()]
    assert names == ["000", "100", "101", "110", "111"]
    assert cx.adjacency.tolist() == [[0, 1], [1, 2], [2, 4], [3, 4]]
    assert [neurons.tolist() for neurons in cx.facet_neurons] == [[0], [2], [1], [2]]
