"""Pictures of critical points, Reeb graphs and merge trees: what is drawn where."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import numpy as np
import pytest

import relutope as rt
from functions import annulus, constant, crowded, diamond_plateau, saddle, two_wells
from relutope.topology import critical_cells, flow_graph, merge_tree, reeb_graph
from small_networks import random_network

pytest.importorskip("matplotlib")
from relutope.plotting import plot_critical_cells, plot_reeb_graph
from relutope.plotting.branches import branches_of, columns_of
from relutope.plotting.morse import arcs_of, drawn_heights

BOX = rt.Box(-2, 2)


def test_points_and_lines_of_a_saddle():
    cx = rt.decompose(saddle(), BOX)
    ax = plot_critical_cells(critical_cells(cx), flow=flow_graph(cx))
    drawn = {text.get_label(): text for text in ax.collections if ":" in text.get_label()}
    assert sorted(drawn) == ["maximum: 0", "minimum: 2", "saddle: 1"]
    assert drawn["saddle: 1"].get_offsets().tolist() == [[0, 0]]
    assert sorted(drawn["minimum: 2"].get_offsets().tolist()) == [[0, -2], [0, 2]]
    ax.figure.canvas.draw()


@pytest.mark.parametrize("function", [annulus, diamond_plateau, constant])
def test_plateaus_are_drawn(function):
    ax = plot_critical_cells(critical_cells(rt.decompose(function(), BOX)))
    ax.figure.canvas.draw()


def test_only_planes_are_drawn():
    with pytest.raises(ValueError, match="bounded domain"):
        plot_critical_cells(critical_cells(rt.decompose(saddle())))


FUNCTIONS = {
    "wells": two_wells,
    "constant": constant,
    "ring": annulus,
    **{f"random-{k}": partial(random_network, [2, 9, 8, 1], k) for k in range(5)},
    **{f"line-{k}": partial(crowded, [1, 6, 5, 1], k) for k in range(3)},
    **{f"plane-{k}": partial(crowded, [2, 6, 5, 1], k) for k in range(3)},
}


@pytest.mark.parametrize("kind", ["reeb", "sublevel", "superlevel"])
@pytest.mark.parametrize("domain", [BOX, None], ids=["box", "space"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_branches_are_a_decomposition_without_overlaps(name, domain, kind):
    cx = rt.decompose(FUNCTIONS[name](), domain)
    graph = reeb_graph(cx) if kind == "reeb" else merge_tree(cx, kind)
    arcs = arcs_of(graph)
    heights, _ = drawn_heights(graph.values)
    branches = branches_of(arcs, heights)
    assert sorted(v for branch in branches for v in branch.nodes) == list(range(len(heights)))
    within = {frozenset(p) for b in branches for p in pairwise(b.nodes)}
    links = {frozenset(p) for b in branches for p in b.link}
    assert within | links == {frozenset(arc) for arc in arcs.tolist()}
    assert not within & links
    column = columns_of(branches, heights)
    spans = {}
    for branch in branches:
        nodes = [*branch.nodes, *[branch.hung] * (branch.hung >= 0)]
        steps = np.diff(heights[nodes])
        assert (steps >= 0).all() or (steps <= 0).all()
        spans.setdefault(column[branch.nodes[0]], []).append(
            (min(heights[nodes]), max(heights[nodes]))
        )
        assert set(column[branch.nodes]) == {column[branch.nodes[0]]}
    for rows in spans.values():
        rows.sort()
        assert all(a[1] < b[0] for a, b in pairwise(rows))
    ax = plot_reeb_graph(graph)
    ax.figure.canvas.draw()
