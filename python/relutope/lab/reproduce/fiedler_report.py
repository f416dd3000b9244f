"""The report of the Fiedler question."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...graph.dual import Weight
from ...plotting.viewer import Record
from ..report import Fact, Page, Section, table
from ..study.colours import CUT, PART, key
from . import fiedler_pictures as pictures
from . import fiedler_words as sentences
from .fiedler import CHECK, GENERALISED, SOLVER, domain_of, record_steps, samples
from .fiedler_cells import LEAST_SEEDS, OTHERS, PRIMARY, Comparison, comparisons, left_out, of_data
from .fiedler_verdict import (
    CLOSE,
    DELAYED,
    NULLS,
    PHASES,
    STEPS,
    Delay,
    Finding,
    delay,
    end_agreement,
    findings,
)
from .options import FiedlerSettings, Options, stream
from .prose import between, in_words, number, p_value, plural
from .rules import LEVEL, SMALLEST, columns, null_columns
from .scaffold import (
    CAPTIONS,
    Results,
    Row,
    Words,
    beside_nulls,
    colophon,
    complex_of,
    live_panels,
    page,
    rules_section,
)
from .seeds import seed_tables
from .statistics import student_interval

FILL = {
    "generalised": f"{GENERALISED:.0%}",
    "delayed": f"{DELAYED:g}",
    "check": str(CHECK),
    "level": str(LEVEL),
    "smallest": str(SMALLEST),
    "close": str(CLOSE),
    "seeds": str(LEAST_SEEDS),
    "primary": PRIMARY,
}

__all__ = ["answer"]


def answer(options: Options, results: Results) -> tuple[dict[str, list[Row]], dict[str, str], Page]:
    """Tables, verdicts by name, and the page."""
    settings = options.settings()
    assert isinstance(settings, FiedlerSettings)
    tables, first = seed_tables(results), settings.data_sets[0]
    gone = left_out(tables["phases"])
    kept = {
        name: [r for r in of_data(tables[name], first) if (first, r["seed"]) not in gone]
        for name in ("training", "records", "phases")
    }
    late = delay(kept["phases"])
    found = findings(kept["records"], kept["phases"], settings.weights)
    compared = comparisons(tables["cells"], tables["phases"], settings.weights_of)
    verdicts = {"delayed generalisation": "yes" if late.happened else "no"}
    verdicts |= {f"{one.data}, {one.weight}": one.verdict for one in compared}
    text = Words(
        sentences.title(compared),
        sentences.abstract(compared, late),
        sentences.lead(compared, late),
    )
    whole = page(
        options,
        text,
        _facts(compared, late, kept["records"]),
        [
            _cells_section(compared, len(gone)),
            _training_section(kept["training"], late),
            _learnt_section(found),
            _timing_section(kept["records"], found, late, settings),
            _film_section(options, settings, results, found, kept["phases"]),
            rules_section(
                "fiedler", FILL | {"draws": str(settings.null_draws), "cuts": str(settings.cuts)}
            ),
        ],
        colophon(options, settings, _own_settings(settings)),
        tables | {"verdicts": compared, "learnt": found},
        about=["fiedler"],
    )
    answers = {
        "verdicts": [_compared_row(one) for one in compared],
        "learnt": [_row(one) for one in found],
    }
    return tables | answers, verdicts, whole


def _facts(compared: Sequence[Comparison], late: Delay, records: Sequence[Row]) -> list[Fact]:
    first = compared[0]
    size = student_interval(list(end_agreement(records, "trained", "n_cells").values()))
    return [
        Fact("seeds", str(late.n)),
        Fact("ARI on the own cells (primary)", number(first.own.mean)),
        Fact(f"ARI on {OTHERS[first.hardest]}", number(first.others[first.hardest].mean)),
        Fact("boundary facets cut, mean", number(first.boundary_cut.mean)),
        Fact("updates until memorised, median", _updates(late.step_memorised)),
        Fact("updates until generalised, median", _updates(late.step_generalised)),
        Fact("held-out accuracy when memorised, mean", number(late.accuracy.mean)),
        Fact("cells at the end, mean", f"{size.mean:,.0f}"),
    ]


def _updates(step: float) -> str:
    return "–" if np.isnan(step) else f"{step:,.0f}"


def _cells_section(compared: Sequence[Comparison], gone: int) -> Section:
    header = ["data, weight", "own cells", *OTHERS.values(), "p", "cells", "boundary", "verdict"]
    rows = [
        [
            f"{one.data}, {one.weight}{' (primary)' if one.primary else ''}",
            between(one.own),
            *(number(one.differences[name].mean, sign=True) for name in OTHERS),
            p_value(one.adjusted),
            number(one.accuracy.mean),
            number(one.boundary_cut.mean),
            in_words(one.verdict),
        ]
        for one in compared
    ]
    told = {"primary": sentences.primary(compared[0]), "share": sentences.cut_share(compared[0])}
    first = [one for one in compared if one.data == compared[0].data]
    across = [one for one in compared if one.weight == PRIMARY]
    panels = [CAPTIONS.panel("fiedler.other_cells", pictures.on_cells(first), width=12)]
    if len(across) > 1:
        drawn = pictures.on_cells(across, by="data")
        panels.append(CAPTIONS.panel("fiedler.across", drawn, {"weight": PRIMARY}, width=12))
    about = {"gone": sentences.gone(gone)}
    panels.append(CAPTIONS.panel("fiedler.compared", table(header, rows), about, width=12))
    return CAPTIONS.section("fiedler.verdict", panels, told)


def _learnt_section(found: Sequence[Finding]) -> Section:
    rows = [
        [
            one.weight,
            between(one.end),
            *beside_nulls(one.nulls, one.p),
            p_value(one.adjusted),
            in_words(one.verdict),
        ]
        for one in found
    ]
    header = ["weight", "trained", *NULLS.values(), "p, all nulls", "verdict"]
    fill = {"undefined": sentences.undefined(found)}
    return CAPTIONS.section(
        "fiedler.learnt",
        [
            CAPTIONS.panel("fiedler.rivals", pictures.rivals(found), fill, width=12),
            CAPTIONS.panel("fiedler.table", table(header, rows), width=12),
        ],
        {"learnt": sentences.learnt(found)},
    )


def _training_section(rows: Sequence[Row], late: Delay) -> Section:
    panel = CAPTIONS.panel("fiedler.training", pictures.training(rows, late), FILL, width=12)
    return CAPTIONS.section("fiedler.memory", [panel], {"grokking": sentences.grokking(late)})


def _timing_section(
    records: Sequence[Row], found: Sequence[Finding], late: Delay, settings: FiedlerSettings
) -> Section:
    header = ["weight", *(f"ARI, {phase}" for phase in PHASES), *(f"change, {s}" for s in STEPS)]
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
    curves = pictures.agreement_curves(records, settings.weights, late, steps)
    counts = {
        "memorised": plural(found[0].phases["start"].n, "seed"),
        "ordered": str(found[0].phases["generalised"].n),
    }
    return CAPTIONS.section(
        "fiedler.when",
        [
            CAPTIONS.panel("fiedler.curves", curves, width=12),
            CAPTIONS.panel("fiedler.phases", table(header, rows), counts, width=12),
        ],
        {"timing": sentences.timing(found)},
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
    networks = results[seed]["networks"]
    steps = {"start": 0, "memorised": row["memorised"], "generalised": row["generalised"]}
    steps |= {"end": settings.updates}
    complexes, records = [], []
    for name, step in steps.items():
        if step is not None:
            cx = complex_of(networks[str(step)], domain_of(settings))
            complexes.append((f"{name}: update {step:,},\n{cx.n_cells:,} cells", cx))
            records.append(Record(step, cx.network, name))
    ranked = sorted(found, key=lambda one: -one.end.mean)
    named: list[Weight] = ["unit", ranked[0].weight, ranked[1].weight]
    shown = list(dict.fromkeys(named))
    fit, _ = samples(settings, seed)
    picture = pictures.film(complexes, shown, stream(seed, SOLVER), fit)
    legend = {"part0": key(PART[0]), "part1": key(PART[1]), "cut": key(CUT)}
    panels = [CAPTIONS.panel("fiedler.film", picture, legend, width=12)]
    shape = {"name": "phases", "outputs": "sign", "points": fit[0], "labels": fit[1] > 0}
    panels += live_panels(complexes[-1][1], records, domain_of(settings), **shape)
    return CAPTIONS.section("fiedler.one", panels, {"seed": str(seed)})


def _compared_row(one: Comparison) -> Row:
    row: Row = {
        "data": one.data,
        "weight": one.weight,
        "primary": one.primary,
        "verdict": one.verdict,
        "n_seeds": one.own.n,
        **columns("ari", one.own),
        **columns("accuracy", one.accuracy),
        **columns("boundary_cut", one.boundary_cut),
        "p_all_cells": one.adjusted,
        "p_zero": one.adjusted_zero,
    }
    for name, found in one.others.items():
        key = name.replace(" ", "_")
        row |= {f"{key}_ari": found.mean, **columns(f"minus_{key}", one.differences[name])}
        row[f"{key}_p"] = one.p[name]
    return row


def _row(one: Finding) -> Row:
    row: Row = {
        "weight": one.weight,
        "verdict": one.verdict,
        "n_seeds": one.end.n,
        "n_undefined": one.n_undefined,
        **columns("ari", one.end),
        "p_all_nulls_holm": one.adjusted,
        "p_zero_holm": one.adjusted_zero,
    }
    row |= null_columns("ari", one.nulls, one.p)
    for name, interval in one.phases.items():
        row[f"ari_{name}"] = interval.mean
    for name, interval in one.changes.items():
        column = f"change_{name.replace(' ', '_')}"
        row |= columns(column, interval) | {f"{column}_p_holm": one.changes_p[name]}
    return row


def _own_settings(settings: FiedlerSettings) -> dict[str, str]:
    return {
        "scale of the initial weights": f"{settings.scale:g}",
        "spread of the initial biases": f"{settings.spread:g}",
        "updates (full-batch AdamW)": f"{settings.updates:,}",
        "learning rate": f"{settings.lr:g}",
        "weight decay": f"{settings.weight_decay:g}",
    }
