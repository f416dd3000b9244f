"""The report of a classification study."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from ...decisions.label_agreement import agreement, cell_labels
from ...graph.couplings import partition
from ..report import Fact, Page, Panel, Section, table
from . import pictures, words
from .colours import CLASS, CUT, PART, key
from .comparison import Compared, compare
from .curves import curves
from .live_figure import live_sections

if TYPE_CHECKING:
    from ...decisions.label_agreement import Agreement
    from ...graph import FiedlerResult
    from .under_way import Study

Found = dict[str, tuple["FiedlerResult", "Agreement | None"]]

__all__ = ["page"]


def page(study: Study) -> Page:
    """The whole page; needs a two-input, one-output network and a complex on a box."""
    found = _partitions(study)
    defined = [weight for weight, (_, compared) in found.items() if compared is not None]
    beside = compare(study, defined[0]) if defined else []
    principal = any("principal component" in name for name in study.data.features)
    reduced = ["components"] if principal else []
    return Page(
        title=f"{study.data.title}: a trained network in {study.complex.n_cells:,} cells",
        kicker="relutope · classification study",
        lead=_lead(study, found, beside),
        facts=_facts(study, found),
        sections=[
            *live_sections(study),
            _cells(study),
            _partition(study, found, beside),
            _training(study),
        ],
        exact=words.statements("exact"),
        floating=words.statements("floating", "fiedler", "classification", *reduced),
        command=study.options.command(),
        colophon=words.colophon(study),
        files=words.files(study),
        python=words.snippet(study),
        paper=True,
    )


def _partitions(study: Study) -> Found:
    cx, seed = study.complex, study.options.seed
    if cx.n_cells < 2:
        return {}
    labels, volumes = cell_labels(cx), cx.cell_volumes
    results = {
        weight: partition(cx, coupling, seed) for weight, coupling in study.tracker.weights.items()
    }
    return {
        weight: (
            result,
            None
            if np.isnan(result.vector).any()
            else agreement(result.partition, labels, cx.adjacency, volumes),
        )
        for weight, result in results.items()
    }


def _lead(study: Study, found: Found, beside: list[Compared]) -> str:
    text = words.trained(study)
    if not found:
        return text + " The whole domain is one cell, so there is no dual graph to cut."
    weight, (result, compared) = next(iter(found.items()))
    if compared is None:
        return text + f" Their dual graph ({weight} weights): {escape(result.statement)}"
    positive = float(cell_labels(study.complex).mean())
    return text + (
        f" The Fiedler vector of their dual graph ({weight} weights), which is told nothing of the "
        "labels, cuts them into two parts that match the predicted class on "
        f"<strong>{compared.accuracy:.0%} of the cells</strong> (adjusted Rand index "
        f"{compared.ari:.2f}) for seed {study.options.seed}; always guessing the larger class "
        f"would match {max(positive, 1 - positive):.0%}." + "".join(map(_sentence, beside))
    )


def _sentence(row: Compared) -> str:
    """What stands beside the one agreement, for the lead (HTML)."""
    if not row.ari:
        return ""
    values = ", ".join(f"{value:.2f}" for value in row.ari)
    return f" {row.name[0].upper()}{row.name[1:]}: {values}."


def _beside(study: Study, compared: Agreement, beside: list[Compared]) -> str:
    rows = [[f"this network, seed {study.options.seed}", "1", *_spread((compared.ari,), 2)]]
    rows[0] += _spread((100 * compared.accuracy,), 0)
    for row in beside:
        shares = tuple(100 * share for share in row.accuracy)
        rows.append([row.name, f"{len(row.ari)} of {row.asked}", *_spread(row.ari, 2)])
        rows[-1] += _spread(shares, 0)
    return table(["", "networks", "ARI, mean", "lowest to highest", "cells, %", "range"], rows)


def _spread(values: tuple[float, ...], digits: int) -> list[str]:
    if not values:
        return ["–", "–"]
    low, high = min(values), max(values)
    span = f"{low:.{digits}f} to {high:.{digits}f}" if len(values) > 1 else "–"
    return [f"{sum(values) / len(values):.{digits}f}", span]


def _facts(study: Study, found: Found) -> list[Fact]:
    last = study.last
    facts = [Fact("accuracy, training samples", f"{last['accuracy']:.1%}")]
    if "test_accuracy" in last:
        facts.append(Fact("accuracy, held-out samples", f"{last['test_accuracy']:.1%}"))
    facts += words.complex_facts(study)
    boundary = ", ".join(str(last[f"betti_boundary_{k}"]) for k in range(study.complex.dim))
    facts.append(Fact("Betti numbers of the decision boundary", boundary))
    if found:
        weight, (result, _) = next(iter(found.items()))
        facts.append(Fact(f"Fiedler value λ₂, {weight} weights", f"{result.value:.4g}"))
    return facts


def _cells(study: Study) -> Section:
    legend = {f"key{k}": key(CLASS[k]) for k in (0, 1)}
    legend |= {f"class{k}": study.data.classes[k] for k in (0, 1)}
    return words.section(
        "classification.cells",
        [
            words.panel("classification.prediction", pictures.prediction(study), legend),
            words.panel("patterns", pictures.patterns(study)),
        ],
    )


def _partition(study: Study, found: Found, beside: list[Compared]) -> Section:
    legend = {"part0": key(PART[0]), "part1": key(PART[1]), "cut": key(CUT)}
    panels: list[Panel] = []
    for weight, (result, compared) in found.items():
        fill = legend | {"weight": weight, "value": f"{result.value:.4g}"}
        if compared is None:
            fill["statement"] = escape(result.statement)
            panels.append(words.panel("classification.undefined", "", fill))
            continue
        doubtful = max(result.n_components, result.multiplicity) > 1 or result.n_undecided > 0
        fill["caution"] = f"<b>Caution:</b> {escape(result.statement)}" if doubtful else ""
        picture = pictures.fiedler(study, result.vector, result.partition)
        panels.append(words.panel("classification.fiedler", picture, fill))
    defined = [(weight, result) for weight, (result, compared) in found.items() if compared]
    if defined:
        weight, result = defined[0]
        graph = pictures.dual_graph(study, result.partition)
        panels.append(words.panel("classification.graph", graph, legend | {"weight": weight}))
        measured = _agreement_table(study, found)
        width = 6 if len(panels) % 2 else 12
        panels.append(words.panel("classification.agreement", measured, width=width))
        compared = found[weight][1]
        assert compared is not None
        panels.append(
            words.panel(
                "classification.beside",
                _beside(study, compared, beside),
                {"weight": weight},
                width=12,
            )
        )
    return words.section("classification.partition", panels)


def _agreement_table(study: Study, found: Found) -> str:
    labels, volumes = cell_labels(study.complex), study.complex.cell_volumes
    shares = [float(labels.mean()), float(np.average(labels, weights=volumes))]
    guess = [f"{max(share, 1 - share):.1%}" for share in shares]
    both = {weight: (r, a) for weight, (r, a) in found.items() if a is not None}
    results, measured = [r for r, _ in both.values()], [a for _, a in both.values()]
    rows = [
        ["Fiedler value λ₂", *(f"{r.value:.4g}" for r in results), ""],
        ["residual of the eigenvector", *(f"{r.residual:.1e}" for r in results), ""],
        ["cells matched", *(f"{a.accuracy:.1%}" for a in measured), guess[0]],
        ["area matched", *(f"{a.accuracy_by_volume:.1%}" for a in measured), guess[1]],
        ["adjusted Rand index", *(f"{a.ari:.3f}" for a in measured), "0"],
        ["boundary cut", *(words.percent(a.boundary_cut) for a in measured), ""],
        ["cut on the boundary", *(words.percent(a.cut_boundary) for a in measured), ""],
    ]
    return table(["", *(f"{weight} weights" for weight in both), "larger class only"], rows)


def _training(study: Study) -> Section:
    film = pictures.film(study, words.film(study))
    drawn = {name: curves(study.tracker.columns(), **what) for name, what in _curves(study).items()}
    panels = [words.panel("classification.film", film, width=12)] + [
        words.panel(f"classification.{name}", svg, width=12 if name == "agreements" else 6)
        for name, svg in drawn.items()
    ]
    return words.section("training", panels, {"rows": str(len(study.tracker.rows))})


_MEASURES = {
    "cells matched": "accuracy",
    "adjusted Rand index": "ari",
    "share of the boundary cut": "boundary_cut",
    "share of the cut on the boundary": "cut_boundary",
}
_SETS = {"positive": "f ≥ 0", "negative": "f ≤ 0", "boundary": "f = 0"}


def _curves(study: Study) -> dict[str, dict[str, Any]]:
    """Arguments of :func:`curves` by caption."""
    weights = study.options.weights
    betti = [
        (f"β{'₀₁'[k]}", {f"betti_{name}_{k}": text for name, text in _SETS.items()}) for k in (0, 1)
    ]
    agreements = [
        (title, {f"{weight}_{column}": weight for weight in weights})
        for title, column in _MEASURES.items()
    ]
    held_out = {"loss": "training", "test_loss": "held out"}
    accuracy = {"accuracy": "training", "test_accuracy": "held out"}
    sizes = {"f_0": "vertices", "n_edges": "edges", "n_cells": "cells"}
    values = {f"{weight}_fiedler": weight for weight in weights}
    return {
        "loss": {"panels": [("loss", held_out), ("accuracy", accuracy)], "label": "loss, accuracy"},
        "size": {"panels": [("number of", sizes)], "label": "numbers of faces"},
        "agreements": {"panels": agreements, "label": "agreement measures", "width": 11.2},
        "values": {"panels": [("λ₂", values)], "label": "Fiedler values", "log": True},
        "topology": {"panels": betti, "label": "Betti numbers", "stairs": True},
    }
