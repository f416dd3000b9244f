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
from .prose import between, by_verdict, in_words, number, p_value, plural
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
}

__all__ = ["answer"]


def answer(options: Options, results: Results) -> tuple[dict[str, list[Row]], dict[str, str], Page]:
    """Tables, verdicts by name, and the page."""
    settings = options.settings()
    assert isinstance(settings, FiedlerSettings)
    tables = seed_tables(results)
    late = delay(tables["phases"])
    found = findings(tables["records"], tables["phases"], settings.weights)
    verdicts = {"delayed generalisation": "yes" if late.happened else "no"}
    verdicts |= {one.weight: one.verdict for one in found}
    whole = page(
        options,
        Words(sentences.title(found), sentences.abstract(found, late), sentences.lead(found, late)),
        _facts(found, late, tables["records"]),
        [
            _verdict_section(found),
            _training_section(tables["training"], late),
            _timing_section(tables["records"], found, late, settings),
            _film_section(options, settings, results, found, tables["phases"]),
            rules_section(
                "fiedler", FILL | {"draws": str(settings.null_draws), "cuts": str(settings.cuts)}
            ),
        ],
        colophon(options, settings, _own_settings(settings)),
        tables | {"verdicts": found},
        about=["fiedler"],
    )
    return tables | {"verdicts": [_row(one) for one in found]}, verdicts, whole


def _facts(found: Sequence[Finding], late: Delay, records: Sequence[Row]) -> list[Fact]:
    best = max(found, key=lambda one: one.end.mean)
    size = student_interval(list(end_agreement(records, "trained", "n_cells").values()))
    return [
        Fact("seeds", str(late.n)),
        Fact(
            "weights that beat every null model",
            f"{len(by_verdict(found, 'found'))} of {len(found)}",
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
            *beside_nulls(one.nulls, one.p),
            p_value(one.adjusted),
            in_words(one.verdict),
        ]
        for one in found
    ]
    header = ["weight", "trained", *NULLS.values(), "p, all nulls", "verdict"]
    fill = {"undefined": sentences.undefined(found)}
    return CAPTIONS.section(
        "fiedler.verdict",
        [
            CAPTIONS.panel("fiedler.rivals", pictures.rivals(found), fill, width=12),
            CAPTIONS.panel("fiedler.table", table(header, rows), width=12),
        ],
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
