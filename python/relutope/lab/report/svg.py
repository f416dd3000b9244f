"""Matplotlib figures as inline SVG whose text and axes take the page's colour, light or dark."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...common.files import replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK = "#010203"
"""Drawn in this colour, a stroke or a text becomes ``currentColor`` in the page."""

_STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "grid.color": INK,
    "grid.alpha": 0.12,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "svg.fonttype": "none",
    "svg.hashsalt": "relutope",
}


@contextmanager
def style() -> Iterator[None]:
    """Matplotlib settings of the report; everything on a page is to be drawn inside."""
    from matplotlib import rc_context

    with rc_context(_STYLE):
        yield


def figure(width: float = 5.4, height: float = 4.4, **subplots: Any) -> tuple[Figure, Any]:
    """A figure without global state and its ``subplots(**subplots)``; sizes in inches."""
    from matplotlib.figure import Figure

    made = Figure(figsize=(width, height), layout="constrained")
    return made, made.subplots(**subplots)


_FOLDER: ContextVar[Path | None] = ContextVar("folder of pictures", default=None)


@contextmanager
def kept_pictures(folder: Path) -> Iterator[None]:
    """Whatever is drawn inside is also written to the folder, as PDF and SVG for publications."""
    folder.mkdir(parents=True, exist_ok=True)
    token = _FOLDER.set(folder)
    try:
        yield
    finally:
        _FOLDER.reset(token)


def _keep(fig: Figure, label: str, folder: Path) -> None:
    name = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")
    for kind, date in (("pdf", "CreationDate"), ("svg", "Date")):
        with replacing(folder / f"{name}.{kind}") as fresh:
            fig.savefig(fresh, format=kind, dpi=200, metadata={date: None})


def to_svg(fig: Figure, label: str) -> str:
    """The figure as an ``<svg>`` that scales with the page; `label` is for screen readers.

    Inside `kept_pictures` it is also written there, named after the label.
    """
    buffer = io.StringIO()
    folder = _FOLDER.get()
    with style():
        if folder is not None:
            _keep(fig, label, folder)
        fig.savefig(buffer, format="svg", transparent=True, dpi=200, metadata={"Date": None})
    markup = buffer.getvalue()
    svg = markup[markup.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, count=1, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    name = label.replace("&", "&amp;").replace('"', "&quot;")
    svg = svg.replace("<svg", f'<svg role="img" aria-label="{name}"', 1)
    return re.sub(r"(-?\d+\.\d\d)\d+", r"\1", svg).replace(INK, "currentColor")
