"""The report of a regression study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..ranks import rank_correlation
from ..report import Fact, Page, Section
from . import (
    barcode_pictures as homology_pictures,
)
from . import (
    line_pictures,
    pictures,
    surface_pictures,
    words,
)
from .colours import LINES, key
from .curves import against, curves, series
from .live_figure import live_sections

if TYPE_CHECKING:
    from ...decomposition.complex import Complex
    from .under_way import Study

__all__ = ["page", "spearman"]

Film = Sequence[tuple[int, "Complex"]]


def page(study: Study) -> Page:
    """The whole page; needs one or two inputs, one output and a complex on a box."""
    film = words.film(study)
    return Page(
        title=f"{study.data.title}: a trained network in {study.complex.n_cells:,} cells",
        kicker="relutope · regression study",
        lead=_lead(study),
        facts=_facts(study),
        sections=[
            *live_sections(study),
            _function(study),
            _topology(study, film),
            _training(study, film),
        ],
        exact=words.statements("exact"),
        floating=words.statements("floating", "regression"),
        command=study.options.command(),
        colophon=words.colophon(study),
        files=words.files(study),
        python=words.snippet(study),
        paper=True,
    )


def spearman(study: Study) -> float:
    """Rank correlation of loss and number of cells over the steps; NaN if one is constant."""
    columns = study.tracker.columns()
    return rank_correlation(series(columns, "loss"), series(columns, "n_cells"))


def _rho(study: Study) -> str:
    rho = spearman(study)
    return "undefined" if np.isnan(rho) else f"{rho:+.2f}".replace("-", "−")


def _lead(study: Study) -> str:
    first, last = study.tracker.rows[0], study.last
    return words.trained(study) + (
        f" From random weights to the result the mean squared error fell from {first['loss']:.3g} "
        f"to {last['loss']:.3g} while the number of cells went from {first['n_cells']:,} to "
        f"<strong>{last['n_cells']:,}</strong>."
    )


def _facts(study: Study) -> list[Fact]:
    last = study.last
    facts = [Fact("variance explained, training samples", f"{last['r2']:.1%}")]
    if "test_r2" in last:
        facts.append(Fact("variance explained, held-out samples", f"{last['test_r2']:.1%}"))
    facts += words.complex_facts(study)
    pairs = ", ".join(str(last[f"sublevel_pairs_{k}"]) for k in range(study.complex.dim))
    facts.append(Fact("classes born in sublevel sets, by dimension", pairs))
    facts.append(
        Fact(
            "rank correlation of loss and cells over the steps (no test: steps follow one another)",
            _rho(study),
        )
    )
    return facts


def _function(study: Study) -> Section:
    if study.complex.dim == 1:
        panels = [words.panel("regression.graph", line_pictures.graph(study), width=12)]
    else:
        panels = [
            words.panel("regression.output", surface_pictures.values(study)),
            words.panel("regression.samples", surface_pictures.samples(study)),
            words.panel("patterns", pictures.patterns(study)),
            words.panel("regression.slopes", surface_pictures.slopes(study)),
        ]
    flat = "_line" if study.complex.dim == 1 else ""
    return words.section(f"regression.function{flat}", panels)


def _topology(study: Study, film: Film) -> Section:
    draws = max(study.options.draws, 16)
    diagram = homology_pictures.diagram(study)
    betti = homology_pictures.betti_curves(study, [film[0], film[-1]], draws)
    flat = "_line" if study.complex.dim == 1 else ""
    legend = {"key0": key(LINES[0])} | ({} if flat else {"key1": key(LINES[1])})
    return words.section(
        "regression.topology",
        [
            words.panel(f"regression.diagram{flat}", diagram, legend),
            words.panel("regression.betti", betti, {"draws": str(draws)}),
        ],
    )


def _training(study: Study, film: Film) -> Section:
    columns, dims = study.tracker.columns(), range(study.complex.dim)
    flat = study.complex.dim == 1
    shown = line_pictures.film(film) if flat else surface_pictures.film(study, film)
    loss = curves(
        columns,
        [("loss", {"loss": "training", "test_loss": "held out"})],
        label="loss and number of cells",
        log=True,
        second=("cells", {"n_cells": "cells"}),
    )
    names = {k: f"β{'₀₁'[k]}" for k in dims}
    sublevel = [
        ("number", {f"sublevel_pairs_{k}": name for k, name in names.items()}),
        ("summed lifetimes", {f"sublevel_total_{k}": name for k, name in names.items()}),
    ]
    random = [(name, {f"random_mean_{k}": ""}) for k, name in names.items()]
    scatter = against(columns, "n_cells", "loss", "cells", "loss (logarithmic)")
    draws = {"draws": str(study.options.draws)}
    panels = [
        words.panel("regression.film", shown, width=12),
        words.panel("regression.loss", loss),
        words.panel("regression.correlation", scatter, {"rho": _rho(study)}),
        words.panel("regression.sublevel", curves(columns, sublevel, label="sublevel persistence")),
        words.panel("regression.random", curves(columns, random, label="Betti means"), draws),
    ]
    return words.section("training", panels, {"rows": str(len(study.tracker.rows))})
