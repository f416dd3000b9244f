"""Counts and distances: known answers, and what the study makes of them."""

from math import comb, factorial

import numpy as np
import pytest

import relutope as rt
from relutope.lab.reproduce.claims import counts
from relutope.lab.reproduce.claims.settings import CountSettings
from relutope.lab.reproduce.claims.study import judged

SMALL = CountSettings(samples=10, points=30, steps=(0, 5), dims=(1, 2), neurons=((6, 12),) * 2)


@pytest.mark.parametrize("widths", [[2, 7, 1], [2, 6, 5, 1], [3, 5, 4, 3, 1]], ids=str)
def test_distances_are_those_to_the_facets_of_the_exact_cells(widths):
    """In a box so large that its sides are further away than some neuron's facet."""
    n, network = widths[0], rt.mlp(widths, seed=4)
    cx = rt.decompose(network, rt.Box(-50, 50, dim=n))
    X = np.random.default_rng(0).uniform(-1, 1, (60, n))
    found = counts.facet_distances(rt.as_network(network).layers, X)
    for x, distance, cell in zip(X, found, cx.locate(X).tolist(), strict=True):
        A, b = cx.cell(cell).A, cx.cell(cell).b
        expected = ((b - A @ x) / np.linalg.norm(A, axis=1)).min()
        assert distance == pytest.approx(expected, rel=1e-9)


def test_a_network_without_facets_is_infinitely_far_from_them():
    dead = [(np.zeros((2, 2)), np.array([-1.0, 1.0])), (np.ones((1, 2)), np.zeros(1))]
    assert counts.facet_distances(dead, np.zeros((3, 2))).tolist() == [np.inf] * 3


def test_distance_does_not_see_a_hyperplane_of_a_cell_that_is_not_its_own():
    """A second layer's neuron that is 0 in x = 0.75 only where the first layer's is active."""
    layers = [
        (np.array([[1.0]]), np.array([-0.5])),
        (np.array([[1.0]]), np.array([-0.25])),
        (np.array([[1.0]]), np.array([0.0])),
    ]
    X = np.array([[0.0], [0.6], [0.74], [1.0]])
    assert counts.facet_distances(layers, X) == pytest.approx([0.5, 0.1, 0.01, 0.25])


def test_a_seed_has_all_networks_and_counts_arrangements():
    """Before training a shallow network has at most the cells of a generic arrangement."""
    rows = counts.run_seed(SMALL, 3)["records"]
    keys = {(r["inputs"], r["neurons"], r["depth"], r["arm"], r["step"]) for r in rows}
    assert len(keys) == len(rows) == 2 * 2 * 4 * 2
    for r in rows:
        n, N = r["inputs"], r["neurons"]
        assert r["cells_ratio"] == r["n_cells"] * factorial(n) / N**n
        assert r["distance_times_neurons"] == pytest.approx(r["distance"] * N)
        if r["depth"] == 1:
            assert r["n_cells"] <= sum(comb(N, k) for k in range(n + 1))
    at_start = {
        (r["inputs"], r["neurons"], r["arm"]): r["n_cells"]
        for r in rows
        if r["depth"] == 2 and r["step"] == 0
    }
    for (n, N, arm), cells in at_start.items():
        assert arm == "labels" or cells == at_start[n, N, "labels"]


def rows(cells, distance):
    """Records of ten seeds whose cells and distances are given by size, depth and step."""
    rng = np.random.default_rng(1)
    for seed in range(20):
        for n, sizes in zip(SMALL.dims, SMALL.neurons, strict=True):
            for N in sizes:
                for depth, arm in ((1, "labels"), (2, "labels"), (2, "random"), (3, "labels")):
                    for step in SMALL.steps:
                        noise = rng.uniform(0.99, 1.01)
                        yield {
                            "seed": seed,
                            "inputs": n,
                            "neurons": N,
                            "depth": depth,
                            "arm": arm,
                            "step": step,
                            "n_cells": cells(n, N, depth, step) * noise,
                            "cells_ratio": cells(n, N, depth, step) * factorial(n) / N**n,
                            "distance": distance(N) * noise,
                            "distance_times_neurons": distance(N) * N,
                        }


def test_claims_find_growth_and_nothing_where_there_is_none():
    grown = list(rows(lambda n, N, depth, step: N**n * (2.0 if step else 1.0), lambda N: 1 / N))
    found = {one.claim.name: one for one in judged(counts.claims({"records": grown}, SMALL))}
    first = next(iter(found.values()))
    assert first.claim.primary
    assert first.verdict == "found"
    assert first.interval.mean == pytest.approx(1.0, abs=0.01)
    assert found["exponent of cells, n = 2, end"].interval.mean == pytest.approx(2.0, abs=0.02)
    assert found["exponent of distances, n = 1, start"].interval.mean == pytest.approx(-1, abs=0.02)
    assert found["distance times neurons, n = 1, end"].interval.mean == pytest.approx(1.0)
    assert found["cells / (neurons^n / n!), n = 2, end"].interval.mean == pytest.approx(4.0)
    assert found["log2 of cells, 3 layers / 1, n = 2, end"].verdict == "not found"
    still = list(rows(lambda n, N, depth, step: N**n * 2.0**depth, lambda N: 1.0))
    found = {one.claim.name: one for one in judged(counts.claims({"records": still}, SMALL))}
    assert found["log2 of cells, end / start, n = 2"].verdict == "not found"
    assert found["log2 of cells, 3 layers / 1, n = 1, start"].interval.mean == pytest.approx(
        2.0, abs=0.01
    )
