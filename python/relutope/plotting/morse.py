"""Critical points on the plane, and Reeb graphs and merge trees beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..common.arrays import FloatArray, IntArray
from ..topology import CriticalCells, FlowGraph, MergeTree, ReebGraph
from . import colours
from .branches import branches_of, columns_of
from .figures import new_axes
from .picture import plot
from .polygons import cell_polygons

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["arcs_of", "drawn_heights", "plot_critical_cells", "plot_reeb_graph"]

_MARKERS = "vD^"  # of minima, saddles, and maxima
_NAMES = ("minimum", "saddle", "maximum")


def plot_critical_cells(
    found: CriticalCells, *, flow: FlowGraph | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the critical plateaus of a function of two inputs, and the lines that descend from them.

    Parameters
    ----------
    found : CriticalCells
        Over a bounded domain of two dimensions.
    flow : FlowGraph, optional
        Of the same function: from each saddle its edges down to two minima.
    ax : matplotlib Axes, optional
        On which the complex has been drawn; a new picture of the complex by default.

    Returns
    -------
    matplotlib.axes.Axes

    See Also
    --------
    plot_reeb_graph, plot_level, relutope.topology.critical_cells
    """
    from matplotlib.collections import LineCollection, PolyCollection

    cx = found.complex
    ax = plot(cx) if ax is None else ax
    points = cx.vertices
    if flow is not None:
        lines = [points[flow.descent(int(k))] for k in np.flatnonzero(flow.dim == 1)]
        for colour, width in (("#ffffff", 2.6), (colours.BOUNDARY, 1.2)):
            ax.add_collection(LineCollection(lines, colors=colour, linewidths=width, zorder=5))
    # The largest of what is one's own stands for it: a minimum that is a ring is one of index 0.
    index = found.homology.argmax(axis=1)
    polygons = cell_polygons(cx)
    edges = cx.faces(1).vertices
    for k, (marker, name) in enumerate(zip(_MARKERS, _NAMES, strict=True)):
        colour = colours.SERIES[k]
        chosen = np.flatnonzero(index == k)
        flat = [polygons[cell] for cell in found.faces(2)[chosen].indices.tolist()]
        ax.add_collection(PolyCollection(flat, facecolors=colour, alpha=0.55, zorder=5))
        ends = [points[edges[edge]] for edge in found.faces(1)[chosen].indices.tolist()]
        ax.add_collection(LineCollection(ends, colors=colour, linewidths=3.0, zorder=6))
        single = [row[0] for row in found.vertices[chosen] if len(row) == 1]
        ax.scatter(
            points[single, 0],
            points[single, 1],
            marker=marker,
            s=46,
            color=colour,
            edgecolors="#ffffff",
            linewidths=0.9,
            zorder=7,
            clip_on=False,
            label=f"{name}: {len(chosen)}",
        )
    return ax


def plot_reeb_graph(graph: ReebGraph | MergeTree, *, ax: Axes | None = None) -> Axes:
    """Draw a Reeb graph or a merge tree: heights are values of the function.

    Parameters
    ----------
    graph : ReebGraph or MergeTree
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        Arcs that go on for ever are dashed.

    See Also
    --------
    plot_critical_cells, relutope.topology.reeb_graph, relutope.topology.merge_tree

    Notes
    -----
    The longest branch is drawn first, a vertical line; each further one, longest first, is hung to
    where it begins, beside those that are in its way: a branch decomposition [1]_.

    References
    ----------
    .. [1] V. Pascucci, K. Cole-McLaughlin, G. Scorzelli, "Multi-resolution computation and
       presentation of contour trees", IASTED VIIP 2004.

    Examples
    --------
    >>> import relutope as rt
    >>> from relutope.topology import reeb_graph
    >>> saddle = [([[1, 0], [-1, 0], [0, 1], [0, -1]], [0] * 4), ([[1, 1, -1, -1]], [0])]
    >>> ax = plot_reeb_graph(reeb_graph(rt.decompose(saddle, rt.Box(-1, 1))))
    >>> ax.get_ylabel()
    'f'
    """
    from matplotlib.collections import LineCollection

    ax = new_axes(3.6, 4.4) if ax is None else ax
    arcs = arcs_of(graph)
    heights, is_open = drawn_heights(graph.values)
    branches = branches_of(arcs, heights)
    place = np.column_stack([columns_of(branches, heights), heights])
    inner = {frozenset(pair): branch.hung for branch in branches for pair in branch.link}
    solid: list[FloatArray] = []
    dashed: list[FloatArray] = []
    for a, b in arcs.tolist():
        line = [place[a], place[b]]
        hung = inner.get(frozenset((a, b)), -1)
        if hung >= 0:  # level to the branch's column, and there up or down
            line.insert(1, np.array([place[a + b - hung, 0], heights[hung]]))
        (dashed if is_open[a] or is_open[b] else solid).append(np.array(line))
    for lines, style in ((solid, "solid"), (dashed, (0, (3, 2)))):
        ax.add_collection(
            LineCollection(lines, colors=colours.SERIES[5], linewidths=1.4, linestyles=[style])
        )
    up, down = (np.bincount(arcs[:, k], minlength=len(heights)) for k in (0, 1))
    kind = np.where(down == 0, 0, np.where(up == 0, 2, 1))
    if isinstance(graph, MergeTree):  # its root is no extremum
        kind[graph.parent < 0] = np.where(len(heights) > 1, 1, kind[graph.parent < 0])
    for k, marker in enumerate(_MARKERS):
        shown = place[(kind == k) & ~is_open]
        ax.scatter(
            shown[:, 0],
            shown[:, 1],
            marker=marker,
            s=34,
            color=colours.SERIES[k],
            edgecolors="#ffffff",
            linewidths=0.7,
            zorder=3,
        )
    ax.autoscale_view()
    ax.margins(x=0.08)
    ax.set_xticks([])
    ax.spines[["top", "right", "bottom"]].set_visible(False)
    ax.set_ylabel("f")
    return ax


def arcs_of(graph: ReebGraph | MergeTree) -> IntArray:
    """Lower and higher nodes."""
    if isinstance(graph, ReebGraph):
        return graph.arcs
    nodes = np.flatnonzero(graph.parent >= 0)
    arcs = np.column_stack([nodes, graph.parent[nodes]])
    return arcs if graph.direction == "sublevel" else arcs[:, ::-1]


def drawn_heights(values: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Values, a little beyond the others where they are infinite; and where they are."""
    far = ~np.isfinite(values)
    real = values[~far]
    low, high = (real.min(), real.max()) if len(real) else (0.0, 0.0)
    step = 0.15 * (high - low) or 1.0
    drawn = np.where(np.isposinf(values), high + step, np.where(far, low - step, values))
    return drawn, far
