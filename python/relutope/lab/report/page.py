"""The page as data, and its rendering into the template beside this file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import quote

from ...common.version import VERSION
from ...plotting.viewer import live_scripts
from ...plotting.viewer import style as live_style

LIVE = 'class="relutope-live"'

__all__ = ["Fact", "Page", "Panel", "Section", "render", "table"]


@dataclass(frozen=True)
class Fact:
    """A headline number: `value` in large type over its `label`; plain text."""

    label: str
    value: str


@dataclass(frozen=True)
class Panel:
    """A picture (SVG or HTML) with a title and a caption; `width` in twelfths of the page."""

    title: str
    caption: str
    body: str
    width: int = 6


@dataclass(frozen=True)
class Section:
    """A heading, an introduction (HTML) and panels."""

    heading: str
    intro: str
    panels: Sequence[Panel]


@dataclass(frozen=True)
class Page:
    """Everything the report says.

    Attributes
    ----------
    title, kicker, lead : str
        Heading (plain text), the line above it (plain text), the paragraph below it (HTML).
    facts : sequence of Fact
    sections : sequence of Section
    exact, floating : sequence of str
        What is exact and what is floating point, one HTML item each.
    command : str
        Shell command that reproduces the study.
    colophon : sequence of (str, str)
        Versions and settings, plain text.
    abstract : sequence of str
        The answer in a few lines, HTML; shown before the lead where there is one.
    files : sequence of (str, str)
        Names of files beside the page, and what they hold.
    python : str
        Lines that load them.
    paper : bool
        Whether to cite the paper whose questions the page asks.
    methods, bibtex : str
        A paragraph for a methods section and entries for a bibliography, plain text.
    """

    title: str
    kicker: str
    lead: str
    facts: Sequence[Fact]
    sections: Sequence[Section]
    exact: Sequence[str]
    floating: Sequence[str]
    command: str
    colophon: Sequence[tuple[str, str]] = field(default_factory=tuple)
    abstract: Sequence[str] = ()
    files: Sequence[tuple[str, str]] = ()
    python: str = ""
    paper: bool = False
    methods: str = ""
    bibtex: str = ""


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """An HTML table from plain text; the first column holds row names."""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for name, *cells in rows
    )
    rows_markup = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f'<div class="scroll"><table>{rows_markup}</table></div>'


def render(page: Page) -> str:
    """The page as one HTML document without references to anything outside itself."""
    is_live = any(LIVE in panel.body for section in page.sections for panel in section.panels)
    template = Template(files(__package__).joinpath("template.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=escape(page.title),
        contents=_contents(page),
        abstract=_abstract(page.abstract),
        at_hand=_at_hand(page),
        citation=_citation(page.paper),
        paste=_to_paste(page),
        kicker=escape(page.kicker),
        lead=page.lead,
        facts="\n".join(map(_fact, page.facts)),
        sections="\n".join(_section(*both) for both in enumerate(page.sections, start=1)),
        exact="".join(f"<li>{item}</li>" for item in page.exact),
        floating="".join(f"<li>{item}</li>" for item in page.floating),
        command=f"<pre><code>{escape(page.command)}</code></pre>" if page.command else "",
        style=live_style() if is_live else "",
        scripts=live_scripts() if is_live else "",
        colophon="".join(
            f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
            for name, value in [*page.colophon, ("made on", _today())]
        ),
    )


def _fact(fact: Fact) -> str:
    size = ' class="long"' if len(fact.value) > 14 else ""
    return f"<div><dt>{escape(fact.label)}</dt><dd{size}>{escape(fact.value)}</dd></div>"


def _contents(page: Page) -> str:
    links = [(f"#section-{k}", section.heading) for k, section in enumerate(page.sections, start=1)]
    links += [("#exact", "What is exact")]
    if page.files or page.python:
        links.append(("#files", "Files"))
    links += [("#reproduce", "Reproduce and cite")]
    items = "".join(f'<li><a href="{at}">{escape(text)}</a></li>' for at, text in links)
    return f'<nav class="contents" aria-label="Contents"><ol>{items}</ol></nav>'


def _abstract(lines: Sequence[str]) -> str:
    if not lines:
        return ""
    return f'<ul class="abstract">{"".join(f"<li>{line}</li>" for line in lines)}</ul>'


def _at_hand(page: Page) -> str:
    """The files beside the page, and how to load them."""
    if not page.files and not page.python:
        return ""
    rows = "".join(
        f'<div><dt><a href="{quote(name)}">{escape(name)}</a></dt><dd>{escape(what)}</dd></div>'
        for name, what in page.files
    )
    listed = f'<dl class="colophon files">{rows}</dl>' if rows else ""
    loaded = f"<h3>Load this in Python</h3><pre><code>{escape(page.python)}</code></pre>"
    return f'<section id="files"><h2>Files</h2>{listed}{loaded if page.python else ""}</section>'


def _citation(paper: bool) -> str:
    lines = [
        f"The relutope developers. relutope: exact polyhedral decomposition of ReLU networks, "
        f"version {VERSION}, {_today()[:4]}."
    ]
    if paper:
        lines.append(
            "Bosca, Rask, Tanweer, Tawfeek, Stone. Topological Signatures of ReLU Neural Network "
            "Activation Patterns. PMLR 321, 2026."
        )
    return "".join(f"<li>{escape(line)}</li>" for line in lines)


def _to_paste(page: Page) -> str:
    parts = [("For a methods section", page.methods), ("For a bibliography", page.bibtex)]
    return "".join(
        f'<h3>{name}</h3><pre class="paste"><code>{escape(text)}</code></pre>'
        for name, text in parts
        if text
    )


def _today() -> str:
    """The date; that of the sources where a build asks for the same bytes every day."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now(UTC)
    return now.date().isoformat()


def _section(number: int, section: Section) -> str:
    panels = "\n".join(
        f'<figure style="--span:{panel.width}"><h3>{escape(panel.title)}</h3>{panel.body}'
        f"<figcaption>{panel.caption}</figcaption></figure>"
        for panel in section.panels
    )
    return (
        f'<section id="section-{number}"><h2>{escape(section.heading)}</h2>'
        f"<p>{section.intro}</p>"
        f'<div class="panels">{panels}</div></section>'
    )
