"""The report of the homology question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...domain.box import Box
from ...plotting.viewer import Record
from .. import datasets
from ..report import Fact, Page, Section, table
from . import homology_pictures as pictures
from . import homology_words as sentences
from . import universality
from .claims.study import claim_row
from .homology import DATA, ORDERS
from .homology_verdict import (
    CONTROLS,
    NULLS,
    RESIDUAL,
    SMALLEST_RESIDUAL,
    SMALLEST_RESPONSE,
    Correlation,
    Response,
    controls_of,
    correlations,
    measures_of,
    runs,
    spike_responses,
    spikes_of,
)
from .homology_words import WHEN, Spikes, measure_name
from .options import HomologySettings, Options, stream
from .prose import between, by_verdict, in_words, number, p_value, share
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
from .spikes import FACTOR, WINDOW
from .statistics import student_interval

FILL = {
    "window": str(WINDOW),
    "factor": f"{FACTOR:g}",
    "level": str(LEVEL),
    "smallest": str(SMALLEST),
    "controls": str(CONTROLS),
    "response": f"{SMALLEST_RESPONSE:.0%}",
    "residual": f"{100 * SMALLEST_RESIDUAL:g}",
}

__all__ = ["answer"]

TITLES = {
    "levels": "levels: loss and measure as recorded",
    "changes": "changes from record to record",
}


def answer(options: Options, results: Results) -> tuple[dict[str, list[Row]], dict[str, str], Page]:
    """Tables, verdicts by name, and the page."""
    settings = options.settings()
    assert isinstance(settings, HomologySettings)
    tables = seed_tables(results)
    related = correlations(tables["records"])
    at_spikes = spike_responses(tables["records"], tables["losses"])
    spikes = spikes_of(tables["losses"])
    shared, fitted, universal = universality.answer(
        tables["universality"], settings.dims, sentences.remains(related, at_spikes)
    )
    verdicts = {f"{one.measure}, {one.kind}": one.verdict for one in related}
    verdicts |= {f"{one.measure}, {one.when} spikes": one.verdict for one in at_spikes}
    verdicts |= {one.claim.name: one.verdict for one in shared}
    answers = {
        "correlations": [_correlation_row(one) for one in related],
        "responses": [_response_row(one) for one in at_spikes],
        "universality_fits": fitted,
        "universality_claims": [claim_row(one) for one in shared],
    }
    whole = page(
        options,
        Words(
            sentences.title(related, at_spikes),
            sentences.abstract(related, at_spikes, spikes),
            sentences.lead(related, at_spikes, spikes),
        ),
        _facts(related, spikes, tables["records"]),
        [
            _correlation_section(related, tables["records"]),
            _spike_section(at_spikes, spikes, tables),
            universal,
            _run_section(options, settings, results, spikes, tables),
            rules_section(
                "homology",
                FILL | {"draws": str(settings.draws), "stride": str(settings.stride)},
            ),
        ],
        colophon(options, settings, _own_settings(settings)),
        tables | answers,
    )
    return tables | answers, verdicts, whole


def _facts(related: Sequence[Correlation], spikes: Spikes, records: Sequence[Row]) -> list[Fact]:
    rho = {(one.measure, one.kind): one.rho for one in related}
    end = max(row["step"] for row in records)
    trained = [row for row in records if row["arm"] == "trained"]
    last = [row for row in trained if row["step"] == end]
    first = [row for row in trained if row["step"] == 0]
    found = len(by_verdict(related, "found"))
    return [
        Fact("seeds", str(len(last))),
        Fact("correlations beyond every null model", f"{found} of {len(related)}"),
        Fact(
            "loss and cells, mean ρ of the levels", number(rho["n_cells", "levels"].mean, sign=True)
        ),
        Fact(
            "loss and cells, mean ρ of the changes",
            number(rho["n_cells", "changes"].mean, sign=True),
        ),
        Fact("spikes of the loss, all runs", str(sum(map(len, spikes.values())))),
        Fact("training loss at the end, median", f"{np.median([r['loss'] for r in last]):.2g}"),
        Fact(
            "cells at the start, mean",
            f"{student_interval([r['n_cells'] for r in first]).mean:,.0f}",
        ),
        Fact(
            "cells at the end, mean", f"{student_interval([r['n_cells'] for r in last]).mean:,.0f}"
        ),
    ]


def _correlation_section(related: Sequence[Correlation], records: Sequence[Row]) -> Section:
    header = [
        "measure",
        "loss and measure",
        "ρ trained",
        *NULLS.values(),
        "p, ρ = 0",
        "p, all",
        "verdict",
    ]
    rows = [
        [
            measure_name(one.measure),
            "levels" if one.kind == "levels" else "changes",
            between(one.rho, sign=True),
            *beside_nulls(one.nulls, one.p, sign=True),
            p_value(one.p_zero),
            p_value(one.adjusted),
            in_words(one.verdict),
        ]
        for one in related
    ]
    names = [name for name in measures_of(records) if "per_cell" not in name]
    shown = pictures.correlations(related, TITLES)
    dots = pictures.scatter(runs(records), names)
    return CAPTIONS.section(
        "homology.related",
        [
            CAPTIONS.panel("homology.correlations", shown, width=12),
            CAPTIONS.panel("homology.verdicts", table(header, rows), width=12),
            CAPTIONS.panel("homology.scatter", dots, width=12),
        ],
    )


def _losses(rows: Sequence[Row]) -> dict[int, dict[str, Any]]:
    series: dict[int, dict[str, list[float]]] = {}
    for row in rows:
        series.setdefault(row["seed"], {}).setdefault(row["arm"], []).append(row["loss"])
    return {
        seed: {arm: np.array(values) for arm, values in arms.items()}
        for seed, arms in series.items()
    }


def _spike_section(
    at_spikes: Sequence[Response], spikes: Spikes, tables: Mapping[str, list[Row]]
) -> Section:
    header = ["measure", "when", "at spikes, %", "random times, %", "difference, %", "p", "verdict"]
    rows = [
        [
            measure_name(one.measure),
            WHEN[one.when],
            *(share(found, _digits(one)) for found in (one.spikes, one.controls, one.difference)),
            p_value(one.adjusted),
            in_words(one.verdict),
        ]
        for one in at_spikes
    ]
    names = [name for name in measures_of(tables["records"]) if "per_cell" not in name]
    told = FILL | {"spikes": sentences.about_spikes(at_spikes, spikes)}
    if not any(map(len, spikes.values())):
        return CAPTIONS.section("homology.spikes", [], told)  # there is nothing to draw
    drawn = pictures.around_spikes(
        _losses(tables["losses"]),
        runs(tables["records"]),
        spikes,
        controls_of(tables["losses"], spikes),
        names,
    )
    return CAPTIONS.section(
        "homology.spikes",
        [
            CAPTIONS.panel("homology.around", drawn, width=12),
            CAPTIONS.panel("homology.responses", table(header, rows), width=12),
        ],
        told,
    )


def _digits(one: Response) -> int:
    return 3 if one.measure == RESIDUAL else 1


def _run_section(
    options: Options,
    settings: HomologySettings,
    results: Results,
    spikes: Spikes,
    tables: Mapping[str, list[Row]],
) -> Section:
    seed = sorted(spikes, key=lambda s: (len(spikes[s]), s))[len(spikes) // 2]
    data = datasets.load(
        settings.data, n=settings.samples + settings.held_out, noise=0.0, seed=stream(seed, DATA)
    )
    domain = Box(*datasets.bounding_box(data.X, settings.pad))
    networks = sorted((int(step), layers) for step, layers in results[seed]["networks"].items())
    complexes = [(step, complex_of(layers, domain)) for step, layers in networks]
    titled = [(f"update {step:,}:\n{cx.n_cells:,} cells", cx) for step, cx in complexes]
    ends = [("before training", complexes[0][1]), ("after", complexes[-1][1])]
    low, high = np.quantile(data.y, [0.01, 0.99])
    names = [name for name in measures_of(tables["records"]) if "per_cell" not in name]
    draws = max(settings.draws, 16)
    orders = stream(seed, ORDERS) % 2**31
    shown = pictures.one_run(
        _losses(tables["losses"]), runs(tables["records"]), seed, names, spikes[seed]
    )
    film = pictures.film(titled, (float(low), float(high)))
    curves = pictures.betti(ends, draws, orders)
    quiet = "" if spikes[seed] else "_without_spikes"
    panels = [
        CAPTIONS.panel(f"homology.run{quiet}", shown, width=12),
        CAPTIONS.panel(f"homology.film{quiet}", film, width=12),
        CAPTIONS.panel("homology.betti", curves, {"draws": str(draws)}, width=12),
    ]
    records = [Record(step, cx.network) for step, cx in complexes]
    panels += live_panels(complexes[-1][1], records, domain, name="run")
    return CAPTIONS.section("homology.one", panels, {"seed": str(seed)})


def _correlation_row(one: Correlation) -> Row:
    row: Row = {
        "measure": one.measure,
        "kind": one.kind,
        "verdict": one.verdict,
        "n_seeds": one.rho.n,
        **columns("rho", one.rho),
        "p_zero_holm": one.p_zero,
        "p_all_holm": one.adjusted,
    }
    return row | null_columns("rho", one.nulls, one.p)


def _response_row(one: Response) -> Row:
    return {
        "measure": one.measure,
        "when": one.when,
        "verdict": one.verdict,
        "n_seeds": one.difference.n,
        "at_spikes": one.spikes.mean,
        "at_random_times": one.controls.mean,
        **columns("difference", one.difference),
        "p_holm": one.adjusted,
    }


def _own_settings(settings: HomologySettings) -> dict[str, str]:
    return {
        "updates (full-batch Adam)": f"{settings.updates:,}",
        "learning rate": f"{settings.lr:g}",
        "updates between records": str(settings.stride),
        "random orders per record": str(settings.draws),
    }
