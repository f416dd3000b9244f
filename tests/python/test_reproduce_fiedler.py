"""Verdicts on the Fiedler question: planted effects are found, noise is not; the text says so."""

import numpy as np
import pytest

import relutope as rt
from relutope.decisions.label_agreement import cell_labels
from relutope.lab.null_models import shuffled_weights
from relutope.lab.reproduce import fiedler_words
from relutope.lab.reproduce.descent import forward
from relutope.lab.reproduce.fiedler import (
    balanced,
    domain_of,
    record_steps,
    run_seed,
    samples,
    start,
    straight_cuts,
)
from relutope.lab.reproduce.fiedler_verdict import delay, end_agreement, findings
from relutope.lab.reproduce.options import FiedlerSettings
from relutope.lab.reproduce.rules import LEVEL

STEPS = {"start": 0, "memorised": 100, "generalised": 1000, "end": 5000}
WEIGHTS = ("unit", "facet", "bend")


def phase_rows(n, memorised=100, generalised=1000):
    return [
        {
            "seed": seed,
            "memorised": memorised,
            "generalised": generalised,
            "test_when_memorised": 0.6,
        }
        for seed in range(n)
    ]


def record_rows(n, rng, trained, nulls, noise=0.1, straight=0.0, weights=WEIGHTS):
    """Tables in which the ARI of each arm is a given mean plus noise.

    `trained` has a mean per phase; `nulls` a mean per arm.
    """
    rows = []
    for seed in range(n):
        arms = [("trained", step, trained[name]) for name, step in STEPS.items()]
        arms += [(arm, 5000, mean) for arm, mean in nulls.items()]
        for arm, step, mean in arms:
            values = {f"{w}_ari": mean + noise * rng.standard_normal() for w in weights}
            cut = straight + noise * rng.standard_normal()
            rows.append(
                {"seed": seed, "arm": arm, "draw": 0, "step": step, "straight_ari": cut, **values}
            )
    return rows


NOTHING = {"untrained": 0.0, "shuffled": 0.0, "random": 0.0}


def verdicts(found):
    return {one.verdict for one in found}


def test_a_planted_match_is_found_and_dated():
    rng = np.random.default_rng(0)
    late = {"start": 0.0, "memorised": 0.0, "generalised": 0.7, "end": 0.7}
    found = findings(record_rows(12, rng, late, NOTHING), phase_rows(12), WEIGHTS)
    assert verdicts(found) == {"found"}
    assert all(one.moved["generalising"] == 1 for one in found)
    text = fiedler_words.learnt(found)
    assert "matches the decision boundary better than under all four" in text
    assert "closely for unit, facet and bend" in text
    assert "it rose from memorising to generalising for unit, facet and bend" in text
    assert "not found" not in text.lower()


def test_a_match_of_memorisers_is_dated_so():
    early = {"start": 0.0, "memorised": 0.4, "generalised": 0.4, "end": 0.4}
    rows = record_rows(12, np.random.default_rng(1), early, NOTHING)
    found = findings(rows, phase_rows(12), WEIGHTS)
    assert all(one.moved["memorising"] == 1 for one in found)
    assert not any("from then on" in one.moved for one in found)
    assert "for none of them closely" in fiedler_words.learnt(found)


def test_no_agreement_is_not_found_and_the_text_says_so():
    rng = np.random.default_rng(2)
    none = dict.fromkeys(STEPS, 0.0)
    found = findings(record_rows(12, rng, none, NOTHING), phase_rows(12), WEIGHTS)
    assert verdicts(found) == {"not found"}
    text = fiedler_words.learnt(found)
    assert "A match beyond the null models is not shown with 12 seeds" in text
    assert "Without a match there is no time" in text


@pytest.mark.parametrize("rival", ["untrained", "shuffled", "random", "straight"])
def test_an_agreement_that_a_null_model_has_too_is_not_specific(rival):
    rng = np.random.default_rng(3)
    end = dict.fromkeys(STEPS, 0.5)
    nulls = {name: 0.5 if name == rival else 0.0 for name in NOTHING}
    straight = 0.5 if rival == "straight" else 0.0
    rows = record_rows(12, rng, end, nulls, straight=straight)
    found = findings(rows, phase_rows(12), WEIGHTS)
    assert verdicts(found) == {"not specific"}
    names = {"untrained": "untrained networks", "shuffled": "shuffled weights"}
    names |= {"random": "random labels", "straight": "straight cuts"}
    unbeaten = {name for one in found for name in one.unbeaten}
    assert unbeaten == {names[rival]}
    text = fiedler_words.learnt(found)
    assert f"is not clearly larger than for {names[rival]}." in text


def test_a_certain_but_tiny_agreement_is_no_match():
    end = dict.fromkeys(STEPS, 0.05)
    rows = record_rows(12, np.random.default_rng(4), end, NOTHING, noise=0.001)
    found = findings(rows, phase_rows(12), WEIGHTS)
    assert all(one.adjusted <= LEVEL for one in found)
    assert verdicts(found) == {"not found"}


def test_three_seeds_are_too_few_whatever_they_say():
    end = dict.fromkeys(STEPS, 0.9)
    found = findings(record_rows(3, np.random.default_rng(5), end, NOTHING), phase_rows(3), WEIGHTS)
    assert verdicts(found) == {"too few seeds"}
    assert "a look, not an answer" in fiedler_words.learnt(found)


def test_beating_each_null_model_but_not_after_correction_is_said_so():
    rng = np.random.default_rng(12)
    end, nulls = dict.fromkeys(STEPS, 0.4), NOTHING | {"random": 0.31}
    found = findings(record_rows(9, rng, end, nulls), phase_rows(9), WEIGHTS)
    close = [one for one in found if one.verdict == "not specific" and not one.unbeaten]
    assert close
    text = fiedler_words.learnt(found)
    assert "larger than for each null model by itself, but not when corrected" in text
    assert all(one.adjusted > LEVEL and max(one.p.values()) <= LEVEL for one in close)


def test_a_wrong_match_is_claimed_about_as_rarely_as_stated():
    """One null model as good as the trained networks, the others beaten: 5 % of tables may err."""
    rng = np.random.default_rng(6)
    end, nulls = dict.fromkeys(STEPS, 0.4), NOTHING | {"random": 0.4}
    wrong = 0
    for _ in range(300):
        found = findings(record_rows(8, rng, end, nulls), phase_rows(8), WEIGHTS)
        wrong += "found" in verdicts(found)
    assert 0.01 < wrong / 300 < 0.09


def test_no_partition_counts_as_no_agreement():
    rows = record_rows(2, np.random.default_rng(7), dict.fromkeys(STEPS, 1.0), NOTHING, noise=0)
    for row in rows:
        if row["seed"] == 1 and row["arm"] == "trained":
            row["unit_ari"] = None
    assert end_agreement(rows, "trained", "unit_ari") == {0: 1.0, 1: 0.0}
    found = findings(rows, phase_rows(2), WEIGHTS)
    assert [one.n_undefined for one in found] == [1, 0, 0]
    assert fiedler_words.undefined(found).endswith("count as 0: unit (1).")


def test_draws_of_a_null_model_are_averaged_within_the_seed():
    rows = [
        {"seed": 0, "arm": "shuffled", "draw": d, "step": 9, "unit_ari": v}
        for d, v in enumerate((0.2, 0.4))
    ]
    assert end_agreement(rows, "shuffled", "unit_ari") == {0: pytest.approx(0.3)}


@pytest.mark.parametrize(
    ("memorised", "generalised", "happened", "words"),
    [
        (100, 1000, True, "Generalisation came late"),
        (100, 150, False, "Generalisation was not delayed"),
        (100, None, False, "No delay of generalisation can be measured"),
    ],
)
def test_delayed_generalisation_is_told_from_the_steps(memorised, generalised, happened, words):
    late = delay(phase_rows(4, memorised, generalised))
    assert late.happened == happened
    assert words in fiedler_words.grokking(late)


def test_seeds_that_generalise_first_do_not_count_for_generalising():
    early = {"seed": 2, "memorised": 1000, "generalised": 100, "test_when_memorised": 1.0}
    phases = [*phase_rows(2), early]
    rows = record_rows(3, np.random.default_rng(8), dict.fromkeys(STEPS, 0.2), NOTHING)
    one = findings(rows, phases, WEIGHTS)[0]
    counts = {name: interval.n for name, interval in (one.phases | one.changes).items()}
    assert counts == {
        "start": 3,
        "memorised": 3,
        "generalised": 2,
        "end": 3,
        "memorising": 3,
        "generalising": 2,
        "from then on": 3,
    }


def test_straight_cuts_know_the_direction_of_a_straight_boundary_on_average_only():
    """Labels by the sign of x: a cut at angle a to it agrees by about 1 - 2 a / (pi / 2)."""
    rng = np.random.default_rng(0)
    hidden = rng.standard_normal((30, 2)), rng.uniform(-1, 1, 30)
    x = (np.array([[1.0, 0.0], [-1.0, 0.0]]), np.zeros(2))
    W, b = np.vstack([hidden[0], x[0]]), np.concatenate([hidden[1], x[1]])
    out = np.zeros((1, 32))
    out[0, 30:] = 1.0, -1.0
    cx = rt.decompose([(W, b), (out, [0.0])], rt.Box(-1, 1))
    mean = straight_cuts(cx, cell_labels(cx), 400, seed=1)
    assert 0.2 < mean < 0.5
    coin = np.random.default_rng(2).random(cx.n_cells) < 0.5
    assert abs(straight_cuts(cx, coin, 400, seed=1)) < 0.02


def test_balanced_networks_have_both_signs_and_the_same_cells():
    settings = FiedlerSettings(hidden=(8, 8))
    X = np.random.default_rng(0).uniform(-1, 1, (201, 2))
    for seed in range(5):
        layers = start(settings, seed)
        even = balanced(layers, X)
        assert abs(np.mean(forward(even, X) > 0) - 0.5) < 0.01
        cells = [rt.decompose(net, rt.Box(-1, 1)).patterns for net in (layers, even)]
        assert np.array_equal(*cells)


TINY = FiedlerSettings(
    data="half-plane",
    hidden=(6, 6),
    updates=300,
    records=4,
    null_draws=2,
    cuts=5,
    held_out=60,
    weights=("unit",),
)


@pytest.fixture(scope="module")
def one_seed():
    return run_seed(TINY, 3)


def test_a_seed_records_every_arm(one_seed):
    arms = [row["arm"] for row in one_seed["records"]]
    assert {arm: arms.count(arm) for arm in arms} == {
        "trained": 4
        + len({one_seed["phases"][0][k] for k in ("memorised", "generalised")} - {None}),
        "random": 2,
        "shuffled": 2,
        "untrained": 2,
    }
    steps = [row["step"] for row in one_seed["records"] if row["arm"] == "trained"]
    assert set(record_steps(300, 4)) <= set(steps)


def test_phases_are_the_first_steps_at_which_the_curves_say_so(one_seed):
    phases = one_seed["phases"][0]
    curve = [row for row in one_seed["training"] if row["arm"] == "trained"]
    for name, column, least in (
        ("memorised", "accuracy", 1.0),
        ("generalised", "test_accuracy", 0.95),
    ):
        if phases[name] is not None:
            at = next(row for row in curve if row["step"] == phases[name])
            assert at[column] is None or at[column] >= least
            before = [
                r[column] for r in curve if r["step"] < phases[name] and r[column] is not None
            ]
            assert all(value < least for value in before)


def test_random_labels_start_from_the_same_weights(one_seed):
    first = {row["arm"]: row for row in one_seed["training"] if row["step"] == 0}
    assert first["random"]["norm"] == first["trained"]["norm"]
    assert first["random"]["test_accuracy"] == first["trained"]["test_accuracy"]


def test_shuffled_networks_are_shuffles_of_the_last_one(one_seed):
    layers = [(np.array(W), np.array(b)) for W, b in one_seed["networks"]["300"]]
    cells = {row["n_cells"] for row in one_seed["records"] if row["arm"] == "shuffled"}
    from relutope.lab.reproduce.fiedler import SHUFFLED
    from relutope.lab.reproduce.options import stream

    domain = domain_of(TINY)
    again = [shuffled_weights(layers, stream(3, SHUFFLED) + draw) for draw in range(2)]
    assert {rt.decompose(net, domain).n_cells for net in again} == cells


def test_samples_fill_a_square_and_are_drawn_anew_for_each_seed():
    fit, held_out = samples(TINY, 0)
    assert fit[0].shape == (TINY.samples, 2)
    assert held_out[0].min(axis=0).tolist() == [-1.0, -1.0]
    assert held_out[0].max(axis=0) == pytest.approx([1.0, 1.0])
    assert set(np.unique(fit[1])) == {-1.0, 1.0}
    assert not np.array_equal(samples(TINY, 1)[0][0], fit[0])
