"""The page as data, and its rendering into the template beside this file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from string import Template

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
        kicker=escape(page.kicker),
        lead=page.lead,
        facts="\n".join(map(_fact, page.facts)),
        sections="\n".join(_section(section) for section in page.sections),
        exact="".join(f"<li>{item}</li>" for item in page.exact),
        floating="".join(f"<li>{item}</li>" for item in page.floating),
        command=escape(page.command),
        style=live_style() if is_live else "",
        scripts=live_scripts() if is_live else "",
        colophon="".join(
            f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
            for name, value in page.colophon
        ),
    )


def _fact(fact: Fact) -> str:
    size = ' class="long"' if len(fact.value) > 14 else ""
    return f"<div><dt>{escape(fact.label)}</dt><dd{size}>{escape(fact.value)}</dd></div>"


def _section(section: Section) -> str:
    panels = "\n".join(
        f'<figure style="--span:{panel.width}"><h3>{escape(panel.title)}</h3>{panel.body}'
        f"<figcaption>{panel.caption}</figcaption></figure>"
        for panel in section.panels
    )
    return (
        f"<section><h2>{escape(section.heading)}</h2><p>{section.intro}</p>"
        f'<div class="panels">{panels}</div></section>'
    )
