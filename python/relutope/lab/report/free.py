"""The page about any complex and any table, wherever they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from ...domain.box import Box
from ...plotting import plot, plot_histogram, plot_training
from ...plotting.viewer import Record
from ..runs import versions
from .live import can_live, live_body
from .page import Fact, Page, Panel, Section
from .svg import figure, to_svg

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ...decomposition.complex import Complex
    from ...domain.polytope import Polytope

__all__ = ["Material", "page_of"]

_EXACT = (
    "Cells, their patterns, facets and adjacency, for the network over the reals with exactly the "
    "stored weights.",
    "Numbers of faces and Betti numbers.",
)
_ROUNDED = (
    "Vertices: exact points, rounded once to the nearest double.",
    "Volumes, gradients, eigenvectors: floating point.",
)


@dataclass(frozen=True)
class Material:
    """What a page is about.

    Attributes
    ----------
    cx : Complex or None
    table : mapping of str to columns, or None
        As `Tracker.columns` gives it.
    records : sequence of Record
        Networks of a training, for the live figure.
    domain : Box or None
        Of the records.
    points, labels : array_like or None
        Data to draw on the cells.
    title : str or None
        Heading of the page.
    files : sequence of str
        Where the complex and the table are.
    """

    cx: Complex | None = None
    table: Mapping[str, Sequence[Any]] | None = None
    records: Sequence[Record] = ()
    domain: Box | Polytope | None = None
    points: ArrayLike | None = None
    labels: ArrayLike | None = None
    title: str | None = None
    files: Sequence[str] = ()


def page_of(about: Material) -> Page:
    """The page; draw inside `style`.

    Parameters
    ----------
    about : Material

    Returns
    -------
    Page

    See Also
    --------
    relutope.report
    """
    cx, table, title = about.cx, about.table, about.title
    sections = _live(about)
    if cx is not None:
        sections.append(_cells(about, cx))
    if table is not None:
        sections.append(_table(table))
    named = title or (
        f"A network in {cx.n_cells:,} cells" if cx is not None else "A training, step by step"
    )
    return Page(
        title=named,
        kicker="relutope · report",
        lead=_lead(cx, table),
        facts=_facts(cx),
        sections=sections,
        exact=_EXACT,
        floating=_ROUNDED,
        command="",
        colophon=[*_settings(about), *versions().items()],
        files=[(Path(path).name, _kind(path)) for path in about.files],
        python=_snippet([Path(path).name for path in about.files]) if about.files else "",
    )


def _live(about: Material) -> list[Section]:
    """The live figure, of the records or of the complex's own network."""
    records, domain = about.records, about.domain
    cells = 0 if about.cx is None else about.cx.n_cells
    if not records and about.cx is not None:
        if about.cx.n_output_neurons:
            return []  # its network has neurons that compare outputs
        records, domain = [Record(0, about.cx.network)], about.cx.domain
    if not records or not can_live(records[-1].network, domain, cells):
        return []
    assert isinstance(domain, Box)
    outputs = {1: "sign"}.get(records[-1].network.output_dim, "argmax")
    body = live_body(
        records,
        domain,
        name="live",
        outputs=cast("Literal['sign', 'argmax']", outputs),
        points=about.points,
        labels=about.labels,
        unit="step",
    )
    caption = (
        "Decomposed anew, exactly, by the engine inside this page: point at a cell, drag a weight"
        + ("; the slider goes through the recorded steps." if len(records) > 1 else ".")
    )
    panel = Panel("Cells, live", caption, body, 12)
    return [Section("The network", "Nothing that you do here is sent anywhere.", [panel])]


def _settings(about: Material) -> list[tuple[str, str]]:
    if about.cx is None:
        return []
    return [
        ("network", repr(about.cx.network)),
        ("engine", str(about.cx.stats.get("engine", ""))),
    ]


def _kind(path: str) -> str:
    return "the table" if path.endswith((".csv", ".parquet")) else "the cells"


def _lead(cx: Complex | None, table: Mapping[str, Sequence[Any]] | None) -> str:
    words = []
    if cx is not None:
        where = "all of its input space" if cx.domain is None else "its domain"
        words.append(
            f"On {where} the network is affine on each of <strong>{cx.n_cells:,} cells</strong>, "
            f"which touch in {cx.n_edges:,} shared facets."
        )
    if table is not None:
        words.append(f"The table has {len(table['step']):,} recorded steps.")
    return " ".join(words)


def _facts(cx: Complex | None) -> list[Fact]:
    if cx is None:
        return []
    found = [
        Fact("cells", f"{cx.n_cells:,}"),
        Fact("shared facets", f"{cx.n_edges:,}"),
        Fact("inputs", str(cx.dim)),
        Fact("hidden neurons", f"{cx.n_neurons:,}"),
        Fact("mean number of neighbours", f"{2 * cx.n_edges / cx.n_cells:.3g}"),
    ]
    if cx.dim <= 4:
        faces = ", ".join(f"{count:,}" for count in cx.f_vector.tolist())
        found.append(Fact("f-vector: faces by dimension", f"({faces})"))
    return found


def _cells(about: Material, cx: Complex) -> Section:
    panels = []
    if cx.dim <= 3 and cx.bounded.all():
        views = [("pattern", "Cells by activation pattern", "The same pattern has one colour.")]
        if cx.network.output_dim == 1 and cx.dim == 2:
            views.append(
                ("prediction", "Cells by value", "The value at a point of each cell; black: f = 0.")
            )
        views.append(("degree", "Cells by number of neighbours", "Shared facets of each cell."))
        for by, heading, caption in views:
            three = {"projection": "3d"} if cx.dim == 3 else {}
            fig, ax = figure(subplot_kw=three)
            plot(cx, by, ax=ax, data=_on_top(about, cx))
            panels.append(Panel(heading, caption, to_svg(fig, heading)))
    fig, ax = figure()
    plot_histogram(
        np.bincount(cx.adjacency.ravel(), minlength=cx.n_cells), label="neighbours", ax=ax
    )
    caption = "How many cells have how many neighbours."
    panels.append(Panel("Numbers of neighbours", caption, to_svg(fig, "numbers of neighbours")))
    return Section("The cells", "Two cells are neighbours if they share a facet.", panels)


def _on_top(about: Material, cx: Complex) -> tuple[ArrayLike, ArrayLike | None] | None:
    return None if about.points is None or cx.dim != 2 else (about.points, about.labels)


def _table(table: Mapping[str, Sequence[Any]]) -> Section:
    panels: list[Panel] = []
    for name, column in table.items():
        values = [v for v in column if isinstance(v, int | float)]
        if name == "step" or len(values) < 2 or len(panels) >= 24:
            continue
        fig, ax = figure(5.4, 3.0)
        plot_training(table, [name], ax=ax)
        legend = ax.get_legend()
        if legend is not None:
            legend.remove()
        panels.append(Panel(name, "", to_svg(fig, name)))
    return Section("The training", "One picture per column of the table, by step.", panels)


def _snippet(files: Sequence[str]) -> str:
    lines = ["import relutope as rt"]
    for path in files:
        if path.endswith((".csv", ".parquet")):
            lines += ["from relutope.tracking.recorded_table import read_table"]
            lines += [f"table = read_table({path!r})"]
        else:
            lines += [f"cx = rt.load({path!r})"]
    return "\n".join(lines)
