"""Verdicts on the cells: planted effects are found, those of the function are not."""

import numpy as np
import pytest

from relutope.lab.reproduce import fiedler_words
from relutope.lab.reproduce.fiedler import run_seed
from relutope.lab.reproduce.fiedler_cells import OTHERS, PRIMARY, comparisons
from relutope.lab.reproduce.options import FiedlerSettings
from relutope.lab.reproduce.rules import LEVEL

WEIGHTS = {"half-plane": ("unit", PRIMARY), "moons": (PRIMARY,)}


def tables(n, own, others, *, rng, noise=0.1, data="half-plane"):
    """Agreements that are a mean plus noise: on the own cells, and on each kind of others."""
    rows, phases = [], []
    for seed in range(n):
        for name in WEIGHTS:
            phases.append({"data": name, "seed": seed, "memorised": 100})
            for cells in ("own", *OTHERS):
                mean = own if cells == "own" else others[cells]
                mean = mean if name == data else 0.3
                values = {f"{w}_ari": mean + noise * rng.standard_normal() for w in WEIGHTS[name]}
                values |= {f"{w}_accuracy": 0.9 for w in WEIGHTS[name]}
                values |= {f"{w}_boundary_cut": 0.36 for w in WEIGHTS[name]}
                rows.append({"data": name, "seed": seed, "cells": cells, **values})
    return rows, phases


def test_a_match_of_the_own_cells_alone_is_found():
    rows, phases = tables(28, 0.7, dict.fromkeys(OTHERS, 0.4), rng=np.random.default_rng(0))
    found = comparisons(rows, phases, WEIGHTS)
    assert (found[0].data, found[0].weight) == ("half-plane", PRIMARY)
    assert [one.primary for one in found] == [True, False, False]
    assert [one.verdict for one in found] == ["found", "found", "not specific"]
    assert found[0].differences["lattice"].mean == pytest.approx(0.3, abs=0.1)
    assert "better on a network's own cells" in fiedler_words.title(found)
    assert "<strong>shown</strong>" in fiedler_words.primary(found[0])


@pytest.mark.parametrize("rival", list(OTHERS))
def test_any_other_cells_that_do_as_well_are_enough_against_it(rival):
    others = dict.fromkeys(OTHERS, 0.1) | {rival: 0.7}
    rows, phases = tables(28, 0.7, others, rng=np.random.default_rng(1))
    found = comparisons(rows, phases, WEIGHTS)
    assert found[0].verdict == "not specific"
    assert found[0].hardest == rival
    assert found[0].unbeaten == [OTHERS[rival]]
    text = fiedler_words.primary(found[0])
    assert "not shown with 28 seeds" in text
    assert OTHERS[rival] in text
    assert "times the level" in text
    assert fiedler_words.title(found).endswith("is not shown with 28 seeds")


def test_fewer_seeds_than_fixed_give_no_verdict_however_clear():
    rows, phases = tables(27, 0.9, dict.fromkeys(OTHERS, 0.0), rng=np.random.default_rng(2))
    found = comparisons(rows, phases, WEIGHTS)
    assert {one.verdict for one in found} == {"too few seeds"}
    assert "too few seeds to decide" in fiedler_words.title(found)
    assert "asks for 28" in fiedler_words.primary(found[0])


def test_the_primary_hypothesis_stands_alone_and_the_others_are_corrected_together():
    rng = np.random.default_rng(3)
    rows, phases = tables(28, 0.44, dict.fromkeys(OTHERS, 0.4), rng=rng)
    found = comparisons(rows, phases, WEIGHTS)
    raw = [max(one.p.values()) for one in found]
    assert found[0].adjusted == raw[0]
    least, most = sorted(raw[1:])
    expected = {least: min(1.0, 2 * least), most: min(1.0, max(2 * least, most))}
    assert [one.adjusted for one in found[1:]] == [expected[p] for p in raw[1:]]


def test_networks_that_fit_at_the_first_update_are_left_out():
    rng = np.random.default_rng(4)
    rows, phases = tables(30, 0.7, dict.fromkeys(OTHERS, 0.4), rng=rng)
    for row in phases:
        if row["seed"] in (3, 17) and row["data"] == "half-plane":
            row["memorised"] = 0
    found = comparisons(rows, phases, WEIGHTS)
    assert [one.own.n for one in found] == [28, 28, 30]
    assert found[0].verdict == "found"  # thirty were run
    assert "Left out by rule: 2 networks" in fiedler_words.gone(2)


def test_a_graph_without_a_partition_counts_as_no_agreement():
    rows, phases = tables(28, 0.7, dict.fromkeys(OTHERS, 0.4), rng=np.random.default_rng(5))
    for row in rows:
        if row["cells"] == "own":
            row[f"{PRIMARY}_ari"] = None
    assert comparisons(rows, phases, WEIGHTS)[0].own.mean == 0.0


def test_a_wrong_claim_is_as_rare_as_stated():
    """One kind of other cells as good as the own: at most 5 % of the tables may err."""
    rng, wrong = np.random.default_rng(6), 0
    others = dict.fromkeys(OTHERS, 0.0) | {"lattice": 0.5}
    for _ in range(200):
        rows, phases = tables(12, 0.5, others, rng=rng)
        wrong += comparisons(rows, phases, WEIGHTS, least_seeds=12)[0].adjusted <= LEVEL
    assert 2 <= wrong <= 19  # binomial(200, 0.05): outside once in five hundred


TINY = FiedlerSettings(
    hidden=(6, 6),
    updates=200,
    records=3,
    null_draws=1,
    cuts=3,
    held_out=50,
    weights=("unit", "inverse-output"),
    further_weights=("inverse-output",),
)


def test_a_seed_has_all_data_sets_on_all_cells():
    found = run_seed(TINY, 1)
    kinds = ["own", *OTHERS]
    assert [(r["data"], r["cells"]) for r in found["cells"]] == [
        (data, kind) for data in TINY.data_sets for kind in kinds
    ]
    assert [row["data"] for row in found["phases"]] == list(TINY.data_sets)
    assert {row["data"] for row in found["records"]} == {"half-plane"}
    own = [row for row in found["cells"] if row["cells"] == "own"]
    trained = [row for row in found["records"] if row["arm"] == "trained"]
    assert own[0]["n_cells"] == trained[-1]["n_cells"]
    assert "unit_ari" not in own[1]


def test_tables_do_not_depend_on_the_number_of_threads(monkeypatch):
    from threadpoolctl import threadpool_limits

    from relutope.lab.reproduce.seeds import run_seeds

    tables = []
    for threads in (1, 2):
        found = {}
        monkeypatch.setenv("OMP_NUM_THREADS", str(threads))
        with threadpool_limits(threads):
            run_seeds(run_seed, TINY, [4], 1, found.__setitem__)
        tables.append(found[4])
    assert tables[0] == tables[1]
