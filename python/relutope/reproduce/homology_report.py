"""The report of the homology question: sentences follow from the verdicts, numbers from the tables."""

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
from ..study.run import versions
from . import homology_pictures as pictures
from .homology import DATA, ORDERS
from .homology_pictures import title_of
from .homology_verdict import (
    CONTROLS,
    LEVEL,
    NULLS,
    SMALLEST,
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
from .options import HomologySettings, Options, stream
from .prose import UNDECIDED, between, listed, number, p_value, plural, share
from .run import seed_tables
from .spikes import FACTOR, WINDOW
from .statistics import student_interval

Row = dict[str, Any]
Results = Mapping[int, Mapping[str, Any]]
Spikes = Mapping[int, Sequence[int]]

__all__ = ["answer", "lead"]

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
    verdicts = {f"{one.measure}, {one.kind}": one.verdict for one in related}
    verdicts |= {f"{one.measure}, {one.when} spikes": one.verdict for one in at_spikes}
    page = Page(
        title=_title(related, at_spikes),
        kicker="relutope · reproduce homology",
        lead=lead(related, at_spikes, spikes),
        facts=_facts(related, spikes, tables["records"]),
        sections=[
            _correlation_section(related, tables["records"]),
            _spike_section(at_spikes, spikes, tables),
            _run_section(options, settings, results, spikes, tables),
            _rules_section(settings),
        ],
        exact=words.statements("exact"),
        floating=words.statements("floating")[:2],
        command=options.command(),
        colophon=_colophon(options, settings),
    )
    answers = {
        "correlations": [_correlation_row(one) for one in related],
        "responses": [_response_row(one) for one in at_spikes],
    }
    return tables | answers, verdicts, page


def _titles(found: Sequence[Correlation]) -> str:
    return listed(
        [f"{title_of(one.measure)} (ρ {number(one.rho.mean, sign=True)})" for one in found]
    )


def _title(related: Sequence[Correlation], at_spikes: Sequence[Response]) -> str:
    if any(one.verdict == UNDECIDED for one in related):
        return "Homology and training loss: too few seeds to decide"
    found = [one for one in related if one.verdict == "found"]
    moved = [one for one in at_spikes if one.verdict == "found"]
    if found:
        names = listed(list(dict.fromkeys(title_of(one.measure) for one in found)))
        return f"Beyond the null models, the training loss goes with {names}"
    if moved:
        return "No correlation with the loss beyond the null models, but a response to its spikes"
    return "Neither cells nor Betti curves follow the training loss beyond the null models"


def lead(related: Sequence[Correlation], at_spikes: Sequence[Response], spikes: Spikes) -> str:
    """What was found and what was not (HTML)."""
    n = related[0].rho.n
    text = f"{plural(len(spikes), 'network')}, one per seed. "
    if any(one.verdict == UNDECIDED for one in related):
        return text + (
            f"With {plural(n, 'seed')} no test could be significant: the numbers below are a look, "
            "not an answer."
        )
    parts = [
        _about([one for one in related if one.kind == "levels"], "as recorded"),
        _about([one for one in related if one.kind == "changes"], "with the trend removed"),
        _about_spikes(at_spikes, spikes),
    ]
    return text + " ".join(parts)


def _about(related: Sequence[Correlation], how: str) -> str:
    yes = [one for one in related if one.verdict == "found"]
    partly = [one for one in related if one.verdict == "not specific"]
    text = (
        f"Loss and measure {how}: correlated beyond every null model for "
        f"<strong>{_titles(yes)}</strong>."
        if yes
        else f"Loss and measure {how}: <strong>no correlation beyond the null models</strong>."
    )
    for one in partly:
        rivals = listed(one.unbeaten, "or") if one.unbeaten else "all null models taken together"
        text += (
            f" {title_of(one.measure).capitalize()} correlate with the loss "
            f"(ρ {number(one.rho.mean, sign=True)}), but not clearly more than {rivals}."
        )
    if not yes and not partly:
        largest = max(related, key=lambda one: abs(one.rho.mean))
        text += (
            f" The largest mean is ρ {number(largest.rho.mean, sign=True)}, for "
            f"{title_of(largest.measure)}."
        )
    return text


def _about_spikes(at_spikes: Sequence[Response], spikes: Spikes) -> str:
    count = sum(map(len, spikes.values()))
    text = f"The loss spiked {count:,} times in {sum(map(bool, spikes.values()))} of the runs"
    if at_spikes[0].verdict == UNDECIDED:
        return f"{text}: too few runs with spikes to say what happens there."
    yes = [one for one in at_spikes if one.verdict == "found"]
    if not yes:
        return f"{text}; <strong>no measure changes</strong> at the spikes or after them more than at random times."
    each = listed(
        [f"{title_of(one.measure)} ({share(one.difference)} % {_WHEN[one.when]})" for one in yes]
    )
    return f"{text}; compared with random times this changes <strong>{each}</strong>."


_WHEN = {"at": "at the spike", "after": "after it"}


def _facts(related: Sequence[Correlation], spikes: Spikes, records: Sequence[Row]) -> list[Fact]:
    rho = {(one.measure, one.kind): one.rho for one in related}
    end = max(row["step"] for row in records)
    trained = [row for row in records if row["arm"] == "trained"]
    last = [row for row in trained if row["step"] == end]
    first = [row for row in trained if row["step"] == 0]
    found = sum(one.verdict == "found" for one in related)
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
            title_of(one.measure),
            "levels" if one.kind == "levels" else "changes",
            between(one.rho, sign=True),
            *(
                f"{number(one.nulls[name].mean, sign=True)} (p {p_value(one.p[name])})"
                for name in NULLS
            ),
            p_value(one.p_zero),
            p_value(one.adjusted),
            one.verdict,
        ]
        for one in related
    ]
    names = measures_of(records)
    return Section(
        "Does the loss go with cells and Betti curves?",
        "Spearman's rank correlation over the records of a run, one per seed. As recorded, two "
        "quantities that both drift are correlated whatever ties them; so the same is asked of their "
        "changes from record to record, and of three null models.",
        [
            Panel(
                "Correlations with the training loss",
                "Mean over seeds and 95 % interval (bootstrap over seeds). Diamonds: trained networks. "
                "Loss of another run: this seed's measure with the loss of every other seed, which "
                "shares trends only.",
                pictures.correlations(related, TITLES),
                12,
            ),
            Panel(
                "Verdicts",
                "ρ with 95 % interval; for each null model its mean ρ and the two-sided p-value of the "
                "differences by seed; p, ρ = 0 and p, all (the largest) are corrected for the number of "
                "measures (Holm).",
                table(header, rows),
                12,
            ),
            Panel(
                "Loss against the measures",
                "One dot per record, one colour per seed, trained networks only.",
                pictures.scatter(runs(records), [n for n in names if "per_cell" not in n]),
                12,
            ),
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
            title_of(one.measure),
            _WHEN[one.when],
            share(one.spikes),
            share(one.controls),
            share(one.difference),
            p_value(one.adjusted),
            one.verdict,
        ]
        for one in at_spikes
    ]
    names = [name for name in measures_of(tables["records"]) if "per_cell" not in name]
    drawn = pictures.around_spikes(
        _losses(tables["losses"]),
        runs(tables["records"]),
        spikes,
        controls_of(tables["losses"], spikes),
        names,
    )
    return Section(
        "What happens at spikes of the loss?",
        f"A spike is the largest loss within {WINDOW} updates and at least {FACTOR:g} times the median "
        f"of the {WINDOW} updates before it. {_about_spikes(at_spikes, spikes)}",
        [
            Panel(
                "Around a spike",
                "Averages over the spikes of a run and over random times of the same run, then mean "
                "over seeds with 95 % interval (Student). Left: training loss. Others: change against "
                "the mean of 50 to 15 updates before.",
                drawn,
                12,
            ),
            Panel(
                "Responses",
                "Change against 50 to 15 updates before: at the spike (5 updates before to 15 after) "
                "and after it (15 to 50). Mean over seeds and 95 % interval (bootstrap); p: two-sided "
                "sign-flip test of the differences, corrected for measures and times (Holm).",
                table(header, rows),
                12,
            ),
        ],
    )


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
    complexes = []
    for step, layers in networks:
        network = Network([(np.array(W), np.array(b)) for W, b in layers])
        complexes.append((step, decompose(network, domain)))
    titled = [(f"update {step:,}: {cx.n_cells:,} cells", cx) for step, cx in complexes]
    ends = [("before training", complexes[0][1]), ("after", complexes[-1][1])]
    low, high = np.quantile(data.y, [0.01, 0.99])
    names = [name for name in measures_of(tables["records"]) if "per_cell" not in name]
    draws = max(settings.draws, 16)
    orders = stream(seed, ORDERS) % 2**31
    shown = pictures.one_run(
        _losses(tables["losses"]), runs(tables["records"]), seed, names, spikes[seed]
    )
    return Section(
        "One run",
        f"Seed {seed}, with the median number of spikes.",
        [
            Panel("Loss, cells and Betti means", "Red lines: spikes of the loss.", shown, 12),
            Panel(
                "Its cells: before training, around its largest spike, after",
                "Cells by the network's output.",
                pictures.film(titled, (float(low), float(high))),
                12,
            ),
            Panel(
                "Betti curves of random filtrations",
                f"Cells arrive in random order; mean over {draws} orders with 95 % interval. The "
                "measure “mean β” is the average of such a curve over its range.",
                pictures.betti(ends, draws, orders),
                12 if complexes[0][1].dim == 2 else 6,
            ),
        ],
    )


def _rules_section(settings: HomologySettings) -> Section:
    items = [
        "<b>Measures.</b> Number of cells; mean over time of the Betti curves when the cells arrive in "
        f"random order, averaged over {settings.draws} orders; the same per cell, which would show "
        "what Betti curves say beyond the number of cells.",
        f"<b>Records.</b> Every {settings.stride} updates. Levels: training loss and measure as "
        "recorded. Changes: differences of consecutive records, of the logarithm of the loss and of "
        "the measure.",
        "<b>Null models.</b> Random labels: the same training on permuted targets, with its own loss. "
        "Untrained drift: from the same start, each layer moves in each update as far as in training, "
        "in a random direction; its loss is that on the real data. Loss of another run: see above.",
        "<b>Test.</b> Exact two-sided sign-flip tests over seeds that the correlation is not 0, and "
        "that it is further from 0, in its own direction, than that of each null model; the largest "
        "p-value counts, corrected over the measures by Holm's method.",
        f"<b>Found</b>: that p-value is at most {LEVEL} and the mean correlation at least {SMALLEST} in "
        "size. <b>Not specific</b>: not 0 by the same standard, but not clearly beyond every null "
        "model. <b>Not found</b>: otherwise. <b>Too few seeds</b>: no p-value could be small enough.",
        f"<b>Spikes.</b> Not in the first tenth of the run. Against {CONTROLS} random times per spike, "
        f"at least {WINDOW} updates from any spike where there are such. <b>Found</b>: the corrected "
        f"p-value is at most {LEVEL} and the mean difference at least {SMALLEST_RESPONSE:.0%} in size.",
    ]
    text = "".join(f"<li>{item}</li>" for item in items)
    return Section(
        "The rules",
        "Written into the code before the results were looked at.",
        [Panel("How the verdicts are made", "", f'<ul class="rules">{text}</ul>', 12)],
    )


def _correlation_row(one: Correlation) -> Row:
    row: Row = {
        "measure": one.measure,
        "kind": one.kind,
        "verdict": one.verdict,
        "n_seeds": one.rho.n,
        "rho": one.rho.mean,
        "rho_low": one.rho.low,
        "rho_high": one.rho.high,
        "p_zero_holm": one.p_zero,
        "p_all_holm": one.adjusted,
    }
    for name, interval in one.nulls.items():
        row |= {f"{name}_rho": interval.mean, f"{name}_p": one.p[name]}
    return row


def _response_row(one: Response) -> Row:
    return {
        "measure": one.measure,
        "when": one.when,
        "verdict": one.verdict,
        "n_seeds": one.difference.n,
        "at_spikes": one.spikes.mean,
        "at_random_times": one.controls.mean,
        "difference": one.difference.mean,
        "difference_low": one.difference.low,
        "difference_high": one.difference.high,
        "p_holm": one.adjusted,
    }


def _colophon(options: Options, settings: HomologySettings) -> list[tuple[str, str]]:
    shown = {
        "data": settings.data,
        "training samples": str(settings.samples),
        "held-out samples": f"{settings.held_out:,}",
        "hidden widths": ", ".join(map(str, settings.hidden)),
        "updates (full-batch Adam)": f"{settings.updates:,}",
        "learning rate": f"{settings.lr:g}",
        "updates between records": str(settings.stride),
        "random orders per record": str(settings.draws),
        "seeds": f"{options.all_seeds[0]} to {options.all_seeds[-1]}",
    }
    return [*shown.items(), *versions().items()]
