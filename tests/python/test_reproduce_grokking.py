"""Cuts and boundaries while networks grok: five moments, and what the study makes of them."""

import numpy as np
import pytest

from relutope.lab.reproduce.claims import grokking
from relutope.lab.reproduce.claims.settings import GrokkingSettings
from relutope.lab.reproduce.claims.study import judged

pytest.importorskip("sklearn")

SMALL = GrokkingSettings(
    dims=(2,), samples=(6,), weight_decay=(0.02,), updates=(4000,), hidden=(6, 6)
)


@pytest.fixture(scope="module")
def grown():
    """The first seed whose network has the delay."""
    for seed in range(6):
        found = grokking.run_seed(SMALL, seed)
        if found["records"]:
            return found
    raise AssertionError("no seed groks")


def test_a_seed_that_groks_has_all_cells_at_every_moment_in_order(grown):
    rows, (phases,) = grown["records"], grown["phases"]
    assert phases["generalised"] >= 10 * phases["memorised"] > 0
    steps = {r["phase"]: r["step"] for r in rows}
    assert list(steps) == list(grokking.PHASES)
    assert list(steps.values()) == sorted(set(steps.values()))
    assert steps["memorised"] == phases["memorised"]
    assert steps["generalised"] == phases["generalised"]
    middle = (phases["memorised"] * phases["generalised"]) ** 0.5
    assert steps["between"] == pytest.approx(middle, rel=0.1)
    kinds = {(r["phase"], r["arm"], r["cells"]) for r in rows}
    assert len(kinds) == len(rows) == 5 * (1 + 3 + 1)
    sizes = {(r["phase"], r["arm"], r["cells"]): r["n_cells"] for r in rows}
    for phase in grokking.PHASES:
        own = sizes[phase, "labels", "own"]
        assert abs(sizes[phase, "labels", "lattice"] - own) <= 2 * own**0.5


def test_random_labels_start_as_the_real_ones_do(grown):
    start = [r for r in grown["records"] if r["phase"] == "start" and r["cells"] == "own"]
    labels, random = start
    assert labels | {"arm": "random"} == random


def test_a_network_that_generalises_soon_is_left_out(monkeypatch):
    monkeypatch.setattr(grokking, "DELAY", 1e6)
    found = grokking.run_seed(SMALL, 0)
    assert len(found["phases"]) == 1
    assert found["records"] == []


def table(own, others, random):
    """Twenty seeds; by how much the ARI rises when the network generalises."""
    rng = np.random.default_rng(4)
    for seed in range(20):
        for phase in grokking.PHASES:
            for arm, cells in (
                ("labels", "own"),
                *(("labels", kind) for kind in grokking.OTHERS),
                ("random", "own"),
            ):
                rise = random if arm == "random" else own if cells == "own" else others
                late = phase in ("generalised", "end")
                yield {
                    "seed": seed,
                    "inputs": 2,
                    "phase": phase,
                    "arm": arm,
                    "cells": cells,
                    **{
                        f"{weight}_ari": 0.2 + rise * late + 0.05 * rng.standard_normal()
                        for weight in SMALL.weights
                    },
                }


@pytest.mark.parametrize(
    ("own", "others", "random", "beyond", "rises", "labels"),
    [
        (0.6, 0.2, 0.0, "found", "found", "found"),
        (0.6, 0.6, 0.0, "not found", "found", "found"),
        (0.6, 0.6, 0.6, "not found", "found", "not found"),
        (0.0, 0.0, 0.0, "not found", "not found", "not found"),
    ],
)
def test_a_rise_of_the_function_is_told_from_one_of_the_cells(
    own, others, random, beyond, rises, labels
):
    phases = [{"seed": s, "inputs": 2, "memorised": 10, "generalised": 500} for s in range(20)]
    phases.append({"seed": 20, "inputs": 2, "memorised": 10, "generalised": 50})
    phases.append({"seed": 21, "inputs": 2, "memorised": 0, "generalised": 0})
    tables = {"records": list(table(own, others, random)), "phases": phases}
    found = judged(grokking.claims(tables, SMALL))
    first, by_name = found[0], {one.claim.name: one for one in found}
    assert first.claim.primary
    assert (first.interval.n, first.verdict) == (20, beyond)
    assert first.interval.mean == pytest.approx(own - others, abs=0.06)
    change = "ARI, generalised minus memorised, inverse-output, n = 2"
    assert by_name[f"{change}, own cells"].verdict == rises
    assert by_name[f"{change}, beyond random labels"].verdict == labels
    later = "ARI, end minus generalised, inverse-output, n = 2, own cells"
    assert by_name[later].verdict == "not found"
    share = by_name["share of seeds with a delay of at least 10, n = 2"].interval
    assert (share.n, share.mean) == (22, pytest.approx(20 / 22))  # of all seeds
