"""What the reports of both questions have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...decomposition.complex import Complex
from ...decomposition.decomposing import decompose
from ...domain.box import Box
from ...network.network import Network
from ...plotting.viewer import Record
from ..report import Captions, Fact, Page, Panel, Section
from ..report.live import can_live, live_body
from ..runs import machine, versions
from ..study import words
from .options import FiedlerSettings, HomologySettings, Options
from .prose import SNIPPET, files, number, p_value
from .statistics import Interval

__all__ = [
    "CAPTIONS",
    "Results",
    "Row",
    "Words",
    "beside_nulls",
    "colophon",
    "complex_of",
    "live_panels",
    "page",
    "rules_section",
]

Row = dict[str, Any]
Results = Mapping[int, Mapping[str, Any]]

CAPTIONS = Captions(__package__)


@dataclass(frozen=True)
class Words:
    """What a report says at its top."""

    title: str
    abstract: list[str]
    lead: str


def page(
    options: Options,
    top: Words,
    facts: Sequence[Fact],
    sections: Sequence[Section],
    colophon: Sequence[tuple[str, str]],
    tables: Mapping[str, Sequence[object]],
    about: Sequence[str] = (),
) -> Page:
    """The page; `about` names the statements on floating point that concern it alone."""
    return Page(
        title=top.title,
        kicker=f"relutope · reproduce {options.question}",
        abstract=top.abstract,
        lead=top.lead,
        facts=facts,
        sections=sections,
        exact=words.statements("exact"),
        floating=words.statements("floating", *about),
        command=options.command(),
        colophon=colophon,
        files=files(tables),
        python=SNIPPET,
        paper=True,
    )


def beside_nulls(
    nulls: Mapping[str, Interval], p: Mapping[str, float], *, sign: bool = False
) -> list[str]:
    """The mean of each null model with the p-value against it, for a row of a table."""
    return [f"{number(nulls[k].mean, sign=sign)} (p {p_value(p[k])})" for k in nulls]


def rules_section(question: str, fill: Mapping[str, str]) -> Section:
    """How the answer was found, as a list."""
    items = "".join(f"<li>{item}</li>" for item in CAPTIONS.items(f"{question}.how.items", fill))
    panel = Panel(CAPTIONS.entry(f"{question}.how.title"), "", f"<ul>{items}</ul>", 12)
    return CAPTIONS.section(f"{question}.rules", [panel])


def complex_of(layers: Sequence[Sequence[Any]], domain: Box) -> Complex:
    """The complex of a network that a seed has kept."""
    return decompose(Network([(np.array(W), np.array(b)) for W, b in layers]), domain)


def live_panels(last: Complex, records: Sequence[Record], domain: Box, **shown: Any) -> list[Panel]:
    """The live figure, if a reader's browser can decompose the last of the networks."""
    if not can_live(last.network, domain, last.n_cells):
        return []
    return [CAPTIONS.panel("live", live_body(records, domain, **shown), width=12)]


def colophon(
    options: Options, settings: FiedlerSettings | HomologySettings, own: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Settings and versions; `own` are the settings that only this question has."""
    shown = {
        "data": settings.data,
        "training samples": str(settings.samples),
        "held-out samples": f"{settings.held_out:,}",
        "hidden widths": ", ".join(map(str, settings.hidden)),
        **own,
        "seeds": f"{options.all_seeds[0]} to {options.all_seeds[-1]}",
    }
    return [*shown.items(), *versions().items(), ("machine", machine())]
