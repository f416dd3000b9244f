"""The page about any complex and any table, wherever they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...plotting import plot, plot_histogram, plot_training
from .page import Fact, Page, Panel, Section
from .svg import figure, to_svg

if TYPE_CHECKING:
    from ...decomposition.complex import Complex

__all__ = ["page_of"]

_EXACT = (
    "Cells, their patterns, facets and adjacency, for the network over the reals with exactly the "
    "stored weights.",
    "Numbers of faces and Betti numbers.",
)
_ROUNDED = (
    "Vertices: exact points, rounded once to the nearest double.",
    "Volumes, gradients, eigenvectors: floating point.",
)


def page_of(
    cx: Complex | None,
    table: Mapping[str, Sequence[Any]] | None,
    *,
    title: str | None,
    files: Sequence[str],
) -> Page:
    """The page; draw inside `style`.

    Parameters
    ----------
    cx : Complex, optional
    table : mapping of str to columns, optional
    title : str, optional
        Heading of the page.
    files : sequence of str
        Where both come from, for the command at the end.

    Returns
    -------
    Page

    See Also
    --------
    relutope.plotting.plot
    """
    sections = []
    if cx is not None:
        sections.append(_cells(cx))
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
        command=_snippet(files),
        colophon=(),
    )


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


def _cells(cx: Complex) -> Section:
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
            plot(cx, by, ax=ax)
            panels.append(Panel(heading, caption, to_svg(fig, heading)))
    fig, ax = figure()
    plot_histogram(
        np.bincount(cx.adjacency.ravel(), minlength=cx.n_cells), label="neighbours", ax=ax
    )
    caption = "How many cells have how many neighbours."
    panels.append(Panel("Numbers of neighbours", caption, to_svg(fig, "numbers of neighbours")))
    return Section("The cells", "Two cells are neighbours if they share a facet.", panels)


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
