"""The report of the Fiedler question: sentences follow from the verdicts, numbers from the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .. import datasets
from ..decompose import decompose
from ..domain import Box
from ..network import Network
from ..report import Fact, Page, Panel, Section, table
from ..study import words
from ..study.colours import CUT, PART, key
from ..study.run import versions
from . import fiedler_pictures as pictures
from .fiedler import DATA, GENERALISED, SOLVER, record_steps
from .fiedler_verdict import (
    CLOSE,
    DELAYED,
    LEVEL,
    NULLS,
    PHASES,
    SMALLEST,
    STEPS,
    Delay,
    Finding,
    delay,
    end_agreement,
    findings,
)
from .options import FiedlerSettings, Options, stream
from .prose import UNDECIDED, between, listed, number, p_value, plural
from .run import seed_tables
from .statistics import student_interval

Row = dict[str, Any]
Results = Mapping[int, Mapping[str, Any]]

__all__ = ["answer", "lead", "timing"]


def answer(options: Options, results: Results) -> tuple[dict[str, list[Row]], dict[str, str], Page]:
    """Tables, verdicts by name, and the page."""
    settings = options.settings()
    assert isinstance(settings, FiedlerSettings)
    tables = seed_tables(results)
    late = delay(tables["phases"])
    found = findings(tables["records"], tables["phases"], settings.weights)
    verdicts = {"delayed generalisation": "yes" if late.happened else "no"}
    verdicts |= {one.weight: one.verdict for one in found}
    page = Page(
        title=_title(found),
        kicker="relutope · reproduce fiedler",
        lead=lead(found, late),
        facts=_facts(found, late, tables["records"]),
        sections=[
            _verdict_section(found),
            _training_section(tables["training"], late),
            _timing_section(tables["records"], found, late, settings),
            _film_section(options, settings, results, found, tables["phases"]),
            _rules_section(settings),
        ],
        exact=words.statements("exact"),
        floating=words.statements("floating")[:3],
        command=options.command(),
        colophon=_colophon(options, settings),
    )
    return tables | {"verdicts": [_row(one) for one in found]}, verdicts, page


def _by_verdict(found: Sequence[Finding], verdict: str) -> list[Finding]:
    return [one for one in found if one.verdict == verdict]


def _title(found: Sequence[Finding]) -> str:
    if _by_verdict(found, UNDECIDED):
        return "Fiedler partition and decision boundary: too few seeds to decide"
    yes = len(_by_verdict(found, "found"))
    if not yes:
        return "The Fiedler partition does not come to match the decision boundary"
    if yes == len(found):
        return "The Fiedler partition comes to match the decision boundary"
    return f"The Fiedler partition matches the decision boundary for {yes} of {len(found)} weights"


def lead(found: Sequence[Finding], late: Delay) -> str:
    """What was found and what was not (HTML)."""
    return " ".join([_grokking(late), _matches(found), _when(found)]).strip()


def _grokking(late: Delay) -> str:
    text = (
        f"{plural(late.n, 'network')} with two inputs, one per seed. {late.memorised} memorised their "
        f"training samples, {late.generalised} reached a held-out accuracy of {GENERALISED:.0%}"
    )
    if not late.generalised or not late.memorised:
        return text + ": no delay of generalisation can be measured."
    how = "Generalisation came late" if late.happened else "Generalisation was not delayed"
    accuracy = number(late.accuracy.mean)
    return (
        f"{text}. <strong>{how}</strong>: at least {DELAYED:g} times later than memorisation in "
        f"{late.delayed} of {late.n}, {late.ratio:.1f} times in the median; when they had "
        f"memorised, held-out accuracy was {accuracy} on average."
    )


def _matches(found: Sequence[Finding]) -> str:
    if _by_verdict(found, UNDECIDED):
        return (
            f"With {plural(found[0].end.n, 'seed')} no test could be significant: the numbers below "
            "are a look, not an answer."
        )
    yes, partly = _by_verdict(found, "found"), _by_verdict(found, "not specific")
    no = _by_verdict(found, "not found")
    best = max(found, key=lambda one: one.end.mean)
    parts = []
    if yes:
        each = listed([f"{one.weight} (ARI {number(one.end.mean)})" for one in yes])
        close = [one.weight for one in yes if one.end.mean >= CLOSE]
        parts.append(
            f"At the end of training the Fiedler partition matches the decision boundary better than "
            f"all four null models for <strong>{each}</strong>; "
            + (f"closely for {listed(close)}." if close else "for none of them closely.")
        )
    else:
        parts.append(
            "<strong>Not found:</strong> for no edge weight does the Fiedler partition match the "
            "decision boundary better than all four null models. The largest mean agreement is that "
            f"of {best.weight} weights, an adjusted Rand index of {between(best.end)}."
        )
    if partly:
        each = listed(
            [f"{one.weight} ({' and '.join(one.unbeaten) or 'by Holm'})" for one in partly]
        )
        parts.append(f"Above zero, but not beyond a null model, in brackets: {each}.")
    if yes and no:
        parts.append(f"Not found for {listed([one.weight for one in no])}.")
    return " ".join(parts)


def _when(found: Sequence[Finding]) -> str:
    if _by_verdict(found, UNDECIDED):
        return ""
    return timing([one for one in found if one.verdict == "found"])


def timing(found: Sequence[Finding]) -> str:
    """When the agreement rose, for the weights that have one."""
    if not found:
        return "So there is no match whose time of arrival could be asked for."
    if found[0].phases["start"].n < 2:
        return "When it arises cannot be said: no two seeds memorised before they generalised."
    parts = []
    for step, text in zip(
        STEPS, ("while memorising", "between memorising and generalising", "after it"), strict=True
    ):
        up = [one.weight for one in found if one.moved.get(step) == 1]
        down = [one.weight for one in found if one.moved.get(step) == -1]
        if up:
            parts.append(f"{text} for {listed(up)}")
        if down:
            parts.append(f"(fell {text} for {listed(down)})")
    if not parts:
        return "No single phase of training accounts for the rise of the agreement by itself."
    return f"The agreement rose {'; '.join(parts)}."


def _facts(found: Sequence[Finding], late: Delay, records: Sequence[Row]) -> list[Fact]:
    best = max(found, key=lambda one: one.end.mean)
    size = student_interval(list(end_agreement(records, "trained", "n_cells").values()))
    return [
        Fact("seeds", str(late.n)),
        Fact(
            "weights that beat every null model",
            f"{len(_by_verdict(found, 'found'))} of {len(found)}",
        ),
        Fact(f"largest mean ARI at the end ({best.weight})", number(best.end.mean)),
        Fact("straight cuts, mean ARI at the end", number(best.nulls["straight"].mean)),
        Fact("updates until memorised, median", _updates(late.step_memorised)),
        Fact("updates until generalised, median", _updates(late.step_generalised)),
        Fact("held-out accuracy when memorised, mean", number(late.accuracy.mean)),
        Fact("cells at the end, mean", f"{size.mean:,.0f}"),
    ]


def _updates(step: float) -> str:
    return "–" if np.isnan(step) else f"{step:,.0f}"


def _verdict_section(found: Sequence[Finding]) -> Section:
    rows = [
        [
            one.weight,
            between(one.end),
            *(f"{number(one.nulls[name].mean)} (p {p_value(one.p[name])})" for name in NULLS),
            p_value(one.adjusted),
            one.verdict,
        ]
        for one in found
    ]
    header = ["weight", "trained", *NULLS.values(), "p, all nulls", "verdict"]
    return Section(
        "The verdict",
        "Adjusted Rand index (ARI) of the Fiedler partition with the sign of the network on the "
        "cells, at the end of training. The trained networks have to beat each null model; how this "
        "is decided was fixed beforehand and stands at the end of this page.",
        [
            Panel(
                "Agreement at the end of training",
                "Mean over seeds and 95 % interval (Student). Diamonds: trained networks. "
                f"{_undefined(found)}",
                pictures.rivals(found),
                12,
            ),
            Panel(
                "Verdict by weight",
                "Mean ARI with 95 % interval; for each null model its mean and the one-sided p-value "
                "of the differences by seed; then the largest of these, corrected for the number of "
                "weights (Holm).",
                table(header, rows),
                12,
            ),
        ],
    )


def _undefined(found: Sequence[Finding]) -> str:
    missing = [f"{one.weight} ({one.n_undefined})" for one in found if one.n_undefined]
    if not missing:
        return "Every trained network has a Fiedler partition for every weight."
    return f"Seeds without a partition, which count as 0: {listed(missing)}."


def _training_section(rows: Sequence[Row], late: Delay) -> Section:
    return Section(
        "Memorised first, generalised later?",
        "Few samples, large initial weights and weight decay delay generalisation (grokking). "
        + _grokking(late),
        [
            Panel(
                "Training",
                "Thin: one line per seed. Thick: mean. Dashed: median updates until all training "
                f"samples are right, and until {GENERALISED:.0%} of the held-out ones are. Random "
                "labels are the same labels in random order; held-out samples keep their own, so "
                "nothing can be generalised.",
                pictures.training(rows, late),
                12,
            )
        ],
    )


def _timing_section(
    records: Sequence[Row], found: Sequence[Finding], late: Delay, settings: FiedlerSettings
) -> Section:
    n = found[0].phases["start"].n
    header = ["weight", *(f"ARI, {phase}" for phase in PHASES), *(f"change {s}" for s in STEPS)]
    rows = [
        [
            one.weight,
            *(number(one.phases[phase].mean) for phase in PHASES),
            *(
                f"{number(one.changes[step].mean, sign=True)} (p {p_value(one.changes_p[step])})"
                for step in STEPS
            ),
        ]
        for one in found
    ]
    steps = record_steps(settings.updates, settings.records)
    return Section(
        "When",
        "The agreement over training, and its change from phase to phase.",
        [
            Panel(
                "Agreement over the updates",
                "Mean over seeds with 95 % interval (Student) at the recorded steps. Straight cuts of "
                "random direction through the middle of the cells show how much of an agreement "
                "any coherent, balanced cut has.",
                pictures.agreement_curves(records, settings.weights, late, steps),
                12,
            ),
            Panel(
                "Agreement by phase",
                f"Over the {plural(n, 'seed')} that memorised before they generalised. p: two-sided "
                "sign-flip test over seeds that the change is 0, corrected for three phases (Holm), "
                "not for the number of weights.",
                table(header, rows),
                12,
            ),
        ],
    )


def _typical(phases: Sequence[Row]) -> Row:
    """The seed whose delay is the median one, among those that memorised and then generalised."""
    ordered = [
        row
        for row in phases
        if row["memorised"] is not None
        and row["generalised"] is not None
        and row["memorised"] < row["generalised"]
    ]
    if not ordered:
        return phases[0]
    ordered.sort(key=lambda row: row["generalised"] / max(row["memorised"], 1))
    return ordered[len(ordered) // 2]


def _film_section(
    options: Options,
    settings: FiedlerSettings,
    results: Results,
    found: Sequence[Finding],
    phases: Sequence[Row],
) -> Section:
    row = _typical(phases)
    seed = row["seed"]
    data = datasets.load(
        settings.data, n=settings.samples + settings.held_out, noise=0.0, seed=stream(seed, DATA)
    )
    k = settings.samples
    domain = Box(*datasets.bounding_box(data.X[k:], settings.pad))
    networks = results[seed]["networks"]
    steps = {"start": 0, "memorised": row["memorised"], "generalised": row["generalised"]}
    steps |= {"end": settings.updates}
    complexes = []
    for name, step in steps.items():
        if step is not None:
            layers = [(np.array(W), np.array(b)) for W, b in networks[str(step)]]
            cx = decompose(Network(layers), domain)
            complexes.append((f"{name}: update {step:,}, {cx.n_cells:,} cells", cx))
    ranked = sorted(found, key=lambda one: -one.end.mean)
    shown = list(dict.fromkeys(["unit", ranked[0].weight, ranked[1].weight]))
    return Section(
        "One network",
        f"Seed {seed}, the one with the median delay, for unit weights and the weights with the "
        "largest mean agreement.",
        [
            Panel(
                "Its cells at four moments",
                "First row: cells by output, from one class to the other, with the decision boundary "
                "(black) and the training samples. Below: cells by rank in the Fiedler vector, "
                f"{key(PART[0])} below and {key(PART[1])} above zero; {key(CUT)} the facets it cuts. "
                "A match would let yellow follow black.",
                pictures.film(
                    complexes, shown, stream(seed, SOLVER), (data.X[:k], 2.0 * data.y[:k] - 1.0)
                ),
                12,
            )
        ],
    )


def _rules_section(settings: FiedlerSettings) -> Section:
    items = [
        "<b>Measure.</b> Adjusted Rand index between the two parts of the Fiedler partition and the "
        "sign of the network at the cells' interior points: 1 for equal, 0 on average for unrelated "
        "partitions, whatever the sizes of the parts. No partition counts as 0.",
        f"<b>Null models.</b> Untrained networks ({settings.null_draws} new random starts per seed) "
        f"and shuffled weights ({settings.null_draws} shuffles of the trained network's weights "
        "within each layer), both with the last bias moved so that half of the held-out samples are "
        "on either side; random labels (the same training on permuted labels); straight cuts "
        f"({settings.cuts} of random direction through the median of the trained network's cells).",
        "<b>Test.</b> One difference per seed and null model; exact one-sided sign-flip test. A "
        "weight's p-value is the largest over the four null models, corrected over the weights by "
        "Holm's method.",
        f"<b>Found</b>: that p-value is at most {LEVEL} and the mean ARI at least {SMALLEST}; a "
        f"<b>close</b> match from a mean ARI of {CLOSE}. <b>Not specific</b>: the ARI is above 0 by "
        "the same standard, but does not beat all null models. <b>Not found</b>: otherwise. <b>Too "
        "few seeds</b>: no p-value could be small enough.",
        f"<b>Memorised</b>: the first update at which all training samples are right. "
        f"<b>Generalised</b>: the first at which {GENERALISED:.0%} of the held-out samples are. "
        f"<b>Delayed</b>: {DELAYED:g} times later, in more than half of the seeds.",
    ]
    text = "".join(f"<li>{item}</li>" for item in items)
    return Section(
        "The rules",
        "Written into the code before the results were looked at.",
        [Panel("How the verdicts are made", "", f'<ul class="rules">{text}</ul>', 12)],
    )


def _row(one: Finding) -> Row:
    row: Row = {
        "weight": one.weight,
        "verdict": one.verdict,
        "n_seeds": one.end.n,
        "n_undefined": one.n_undefined,
        "ari": one.end.mean,
        "ari_low": one.end.low,
        "ari_high": one.end.high,
        "p_all_nulls_holm": one.adjusted,
        "p_zero_holm": one.adjusted_zero,
    }
    for name, interval in one.nulls.items():
        row |= {f"{name}_ari": interval.mean, f"{name}_p": one.p[name]}
    for name, interval in one.phases.items():
        row[f"ari_{name}"] = interval.mean
    for name, interval in one.changes.items():
        row |= {
            f"change_{name}": interval.mean,
            f"change_{name}_low": interval.low,
            f"change_{name}_high": interval.high,
            f"change_{name}_p_holm": one.changes_p[name],
        }
    return row


def _colophon(options: Options, settings: FiedlerSettings) -> list[tuple[str, str]]:
    shown = {
        "data": settings.data,
        "training samples": str(settings.samples),
        "held-out samples": f"{settings.held_out:,}",
        "hidden widths": ", ".join(map(str, settings.hidden)),
        "scale of the initial weights": f"{settings.scale:g}",
        "spread of the initial biases": f"{settings.spread:g}",
        "updates (full-batch AdamW)": f"{settings.updates:,}",
        "learning rate": f"{settings.lr:g}",
        "weight decay": f"{settings.weight_decay:g}",
        "seeds": f"{options.all_seeds[0]} to {options.all_seeds[-1]}",
    }
    return [*shown.items(), *versions().items()]
