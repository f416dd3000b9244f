"""Verdicts on the homology question: planted effects are found, trends and noise are not."""

import numpy as np
import pytest

from relutope.lab.reproduce import homology_words
from relutope.lab.reproduce.homology import run_seed
from relutope.lab.reproduce.homology_verdict import (
    correlations,
    measures_of,
    spike_responses,
    spikes_of,
)
from relutope.lab.reproduce.options import HomologySettings
from relutope.lab.reproduce.spikes import aligned, control_steps, responses, spike_steps

RECORDS = 40


def run_rows(seed, arm, log_loss, cells, rng):
    """Rows of one run; the Betti measures are noise."""
    noise = 10 + rng.standard_normal((len(log_loss), 2))
    return [
        {
            "seed": seed,
            "arm": arm,
            "step": 10 * k,
            "loss": float(np.exp(log_loss[k])),
            "n_cells": float(cells[k]),
            "betti_0": float(noise[k, 0]),
            "betti_0_per_cell": float(noise[k, 1]),
        }
        for k in range(len(log_loss))
    ]


def tables(n, make, seed=0):
    """All arms for n seeds; ``make(arm, rng) -> (log loss, cells)``."""
    rng = np.random.default_rng(seed)
    return [
        row
        for s in range(n)
        for arm in ("trained", "random", "drift")
        for row in run_rows(s, arm, *make(arm, rng), rng)
    ]


def walk(rng):
    return np.cumsum(rng.standard_normal(RECORDS))


def verdict_of(found, measure, kind):
    return next(one for one in found if (one.measure, one.kind) == (measure, kind))


def test_a_planted_coupling_of_the_trained_runs_only_is_found_in_the_changes():
    def make(arm, rng):
        loss = walk(rng)
        coupled = 500 - 10 * loss + 3 * rng.standard_normal(RECORDS)
        return loss, coupled if arm == "trained" else 500 + 10 * walk(rng)

    found = correlations(tables(12, make))
    one = verdict_of(found, "n_cells", "changes")
    assert one.verdict == "found"
    assert one.rho.mean < -0.5
    assert verdict_of(found, "betti_0", "changes").verdict == "not found"
    text = homology_words.lead(found, quiet_responses(), {s: [] for s in range(12)})
    assert "With the trend removed, the loss correlates beyond every null model with" in text
    assert homology_words.title(found, quiet_responses()).endswith("goes with cells")


def quiet_responses():
    return spike_responses(*flat_runs(12, np.random.default_rng(0), response=0.0))


def test_shared_trends_are_not_mistaken_for_a_coupling():
    """Loss falls and cells rise in every run, each with its own noise."""

    def make(arm, rng):
        trend = np.linspace(0, 8, RECORDS)
        own = rng.standard_normal((2, RECORDS))
        return -trend + own[0], 500 + 20 * trend + 20 * own[1]

    found = correlations(tables(12, make))
    one = verdict_of(found, "n_cells", "levels")
    assert one.rho.mean < -0.7
    assert one.verdict == "not specific"
    assert "loss of another run" in one.unbeaten
    assert verdict_of(found, "n_cells", "changes").verdict == "not found"
    text = homology_words.lead(found, quiet_responses(), {s: [] for s in range(12)})
    assert "a correlation with the loss beyond the null models is not shown with 12 seeds" in text
    assert "That with cells (ρ −" in text


@pytest.mark.parametrize("rival", ["random", "drift"])
def test_a_coupling_that_a_null_model_has_too_is_not_specific(rival):
    def make(arm, rng):
        loss = walk(rng)
        cells = 500 - 10 * loss + 10 * rng.standard_normal(RECORDS)
        return loss, cells if arm in ("trained", rival) else 500 + 10 * walk(rng)

    one = verdict_of(correlations(tables(12, make, seed=3)), "n_cells", "changes")
    assert one.verdict == "not specific"
    assert len(one.unbeaten) == 1


def test_independent_runs_are_called_correlated_about_as_rarely_as_stated():
    """Three measures, all unrelated to the loss: at most 5 % of tables may err, per kind."""
    wrong = {"levels": 0, "changes": 0}
    for seed in range(40):
        found = correlations(tables(8, lambda arm, rng: (walk(rng), walk(rng)), seed=100 + seed))
        for kind in wrong:
            wrong[kind] += any(
                one.kind == kind and one.verdict in ("found", "not specific") for one in found
            )
    assert max(wrong.values()) <= 6  # more than 6 of 40 happens once in 300 times at 5 %


def test_three_seeds_are_too_few():
    found = correlations(tables(3, lambda arm, rng: (walk(rng), walk(rng))))
    assert {one.verdict for one in found} == {"too few seeds"}
    text = homology_words.lead(found, quiet_responses(), {0: [], 1: [], 2: []})
    assert "a look, not an answer" in text


def test_measures_are_those_of_the_table_counts_first():
    row = {"seed": 0, "betti_0": 1, "betti_0_per_cell": 1, "betti_1": 1, "betti_1_per_cell": 1}
    assert measures_of([row]) == [
        "n_cells",
        "betti_0",
        "betti_1",
        "betti_0_per_cell",
        "betti_1_per_cell",
    ]


# -- spikes


def flat_runs(n, rng, response, updates=1500, spikes=(400, 700, 1000, 1300)):
    """Runs of constant loss with spikes; cells change by `response` right after each, for good."""
    records, losses = [], []
    for seed in range(n):
        loss = np.exp(0.05 * rng.standard_normal(updates + 1))
        loss[list(spikes)] = 20.0
        steps = np.arange(0, updates + 1, 10)
        jumps = sum((steps >= t).astype(float) for t in spikes)
        cells = 1000 * (1 + response) ** jumps * (1 + 0.003 * rng.standard_normal(len(steps)))
        betti = 10 + 0.03 * rng.standard_normal(len(steps))
        losses += [
            {"seed": seed, "arm": "trained", "step": k, "loss": v} for k, v in enumerate(loss)
        ]
        records += [
            {"seed": seed, "arm": "trained", "step": int(s), "loss": 1.0, "n_cells": c}
            | {"betti_0": b, "betti_0_per_cell": b}
            for s, c, b in zip(steps, cells, betti, strict=True)
        ]
    return records, losses


def response_of(found, measure, when):
    return next(one for one in found if (one.measure, one.when) == (measure, when))


def test_a_planted_response_to_spikes_is_found_with_its_size():
    found = spike_responses(*flat_runs(12, np.random.default_rng(1), response=0.05))
    after = response_of(found, "n_cells", "after")
    assert after.verdict == "found"
    assert after.difference.mean == pytest.approx(0.05, abs=0.005)
    assert response_of(found, "betti_0", "after").verdict == "not found"
    spikes = {s: [400, 700, 1000, 1300] for s in range(12)}
    text = homology_words.about_spikes(found, spikes)
    assert text.startswith("The loss spiked 48 times in 12 of 12 runs; against random times this")
    assert "% after it" in text


def test_no_response_is_not_found_and_the_text_says_so():
    found = quiet_responses()
    assert {one.verdict for one in found} == {"not found"}
    assert "is not shown: all 95 %" in homology_words.about_spikes(found, {0: [400]})


def test_a_steady_growth_is_no_response_to_spikes():
    """Cells grow by the same share everywhere: at random times as much as at spikes."""
    records, losses = flat_runs(12, np.random.default_rng(4), response=0.0)
    for row in records:
        row["n_cells"] *= 1.002 ** (row["step"] / 10)
    found = spike_responses(records, losses)
    after = response_of(found, "n_cells", "after")
    assert after.spikes.mean > 0.01
    assert after.verdict == "not found"


def with_residuals(seed, jump):
    """Runs whose residual is noise around 0 and jumps after each spike, by so much a cell."""
    rng = np.random.default_rng(seed)
    records, losses = flat_runs(12, rng, response=0.0)
    spikes = spikes_of(losses)
    for row in records:
        late = any(15 <= row["step"] - t <= 50 for t in spikes[row["seed"]])
        row["euler_residual"] = row["n_cells"] * (0.001 * rng.standard_normal() + jump * late)
    return records, losses


@pytest.mark.parametrize(("jump", "verdict"), [(0.003, "found"), (0.0, "not found")])
def test_the_residual_at_spikes_is_compared_per_cell(jump, verdict):
    found = spike_responses(*with_residuals(7, jump))
    after = response_of(found, "euler_residual", "after")
    assert after.verdict == verdict
    assert after.spikes.mean == pytest.approx(jump, abs=0.0005)
    at = response_of(found, "euler_residual", "at")
    assert at.spikes.mean == pytest.approx(0.0, abs=0.0005)
    related = correlations(tables(12, lambda arm, rng: (walk(rng), walk(rng))))
    assert homology_words.remains(related, found) == ""  # these tables have no residual
    text = homology_words.about_spikes(found, {s: [400] for s in range(12)})
    assert ("residual (" in text) == (verdict == "found")
    assert ("those of the residual within" in text) == (verdict != "found")


def test_what_remains_is_told_with_intervals():
    def with_residual(arm, rng):
        return walk(rng), walk(rng)

    rows = tables(12, with_residual)
    rng = np.random.default_rng(3)
    for row in rows:
        row["euler_residual"] = rng.standard_normal()
    text = homology_words.remains(correlations(rows), spike_responses(*with_residuals(8, 0.0)))
    assert "as recorded" in text
    assert "with the trend removed (not shown, smallest corrected p-value" in text
    assert "after it per 100 cells (not shown" in text


def test_runs_without_spikes_are_too_few():
    records, losses = flat_runs(12, np.random.default_rng(5), response=0.0, spikes=())
    found = spike_responses(records, losses)
    assert {one.verdict for one in found} == {"too few seeds"}
    assert "too few runs with spikes" in homology_words.about_spikes(found, spikes_of(losses))


def test_spikes_are_large_local_and_neither_early_nor_at_the_end():
    losses = np.ones(1001)
    losses[[50, 300, 330, 600, 980]] = 9.0, 6.0, 9.0, 4.0, 9.0
    assert spike_steps(losses) == [330]


def test_a_step_up_that_stays_is_one_spike_at_most():
    losses = np.concatenate([np.ones(500), np.full(501, 10.0)])
    assert spike_steps(losses) == [500]


def test_control_steps_keep_away_from_spikes_and_ends():
    found = control_steps(1001, [400, 500], 500, seed=1)
    assert len(found) == 500
    assert min(found) >= 101
    assert max(found) <= 950
    assert all(abs(t - s) > 50 for t in found for s in (400, 500))
    crowded = control_steps(301, [100, 150, 200, 250], 50, seed=1)
    assert not set(crowded) & {100, 150, 200, 250}


def test_responses_and_alignment_of_a_step_function():
    steps = np.arange(0.0, 1001.0, 10.0)
    values = np.where(steps >= 500, 110.0, 100.0)
    at, after = responses(steps, values, [500])
    assert after == pytest.approx(0.10)
    assert at == pytest.approx(0.10)
    line = aligned(steps, values, [500], np.array([-20.0, -10.0, 0.0, 20.0]))
    assert line == pytest.approx([0.0, 0.0, 0.1, 0.1])
    assert np.isnan(responses(steps, values, [])).all()
    assert responses(steps, values - 100, [500], relative=False) == pytest.approx((10.0, 10.0))


# -- one seed

TINY = HomologySettings(
    hidden=(6, 5), updates=300, samples=40, held_out=40, stride=50, draws=2, lr=0.05
)


@pytest.fixture(scope="module")
def one_seed():
    return run_seed(TINY, 1)


def test_a_seed_has_a_loss_per_update_and_a_record_per_stride(one_seed):
    for arm in ("trained", "random", "drift"):
        losses = [row["loss"] for row in one_seed["losses"] if row["arm"] == arm]
        records = [row for row in one_seed["records"] if row["arm"] == arm]
        assert len(losses) == 301
        assert [row["step"] for row in records] == list(range(0, 301, 50))
        assert [row["loss"] for row in records] == [losses[row["step"]] for row in records]


def test_all_arms_start_from_the_same_cells(one_seed):
    first = [row for row in one_seed["records"] if row["step"] == 0]
    assert len({row["n_cells"] for row in first}) == 1
    assert len({row["betti_1"] for row in first}) == 1


def test_training_learns_and_drift_does_not(one_seed):
    last = {row["arm"]: row for row in one_seed["records"] if row["step"] == 300}
    first = {row["arm"]: row for row in one_seed["records"] if row["step"] == 0}
    assert last["trained"]["loss"] < 0.5 * first["trained"]["loss"]
    assert last["drift"]["loss"] > 0.8 * first["drift"]["loss"]
    assert last["random"]["test_loss"] > last["trained"]["test_loss"]
