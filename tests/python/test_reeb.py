"""Merge trees and Reeb graphs: known functions, persistence, and slabs of triangulations."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pytest

import relutope as rt
from functions import (
    annulus,
    constant,
    crowded,
    diamond_plateau,
    monkey_saddle,
    saddle,
    torus,
    two_wells,
)
from relutope.topology import critical_cells, merge_tree, reeb_graph
from small_networks import absolute, random_network, small_integer_network

nx = pytest.importorskip("networkx")
inf = np.inf
BOX = rt.Box(-2, 2)

REEB = {
    "valley": (absolute(2), None, [0, inf], [[0, 1]]),
    "valley in a box": (
        absolute(2),
        BOX,
        [0, 2, 4, 4, 4, 4],
        [[0, 1], *[[1, k] for k in range(2, 6)]],
    ),
    "saddle": (saddle(), None, [-inf, -inf, 0, inf, inf], [[0, 2], [1, 2], [2, 3], [2, 4]]),
    "saddle in a box": (saddle(), BOX, [-2, -2, 0, 2, 2], [[0, 2], [1, 2], [2, 3], [2, 4]]),
    "monkey saddle": (
        monkey_saddle(),
        None,
        [-inf, -inf, -inf, 0, inf, inf, inf],
        [[0, 3], [1, 3], [2, 3], [3, 4], [3, 5], [3, 6]],
    ),
    "annulus": (annulus(), None, [0, 1, inf], [[0, 1], [0, 2]]),
    "plateau": (diamond_plateau(), None, [0, inf], [[0, 1]]),
    "torus": (torus(), None, [0, inf], [[0, 1]]),  # its inside and outside: one component each
    "constant": (constant(), BOX, [4], []),
    "slope": ([([[1.0]], [0.0]), ([[1.0]], [0.0])], rt.Box(1, 2), [1, 2], [[0, 1]]),
    "line": (rt.Network([(np.eye(1), [0.0]), ([[1.0]], [0.0])], [1]), None, [-inf, inf], [[0, 1]]),
    "two wells": (two_wells(), BOX, [-2, -2, 2], [[0, 2], [1, 2]]),
}


@pytest.mark.parametrize("name", REEB)
def test_known_reeb_graphs(name):
    layers, domain, values, arcs = REEB[name]
    graph = reeb_graph(rt.decompose(layers, domain))
    assert graph.values.tolist() == values
    assert graph.arcs.tolist() == arcs


MERGE = {
    "annulus from above": (annulus(), None, "superlevel", [inf, 1, 0], [2, 2, -1]),
    "saddle": (saddle(), None, "sublevel", [-inf, -inf, 0], [2, 2, -1]),
    "monkey saddle": (monkey_saddle(), None, "superlevel", [inf] * 3 + [0], [3, 3, 3, -1]),
    "constant": (constant(), None, "sublevel", [4], [-1]),
    "line": (REEB["line"][0], None, "superlevel", [inf], [-1]),
    # the eight corners, and the six sides' middles between them
    "corners": (absolute(3), rt.Box(-1, 1), "superlevel", [3] * 8 + [2], [8] * 8 + [-1]),
}


@pytest.mark.parametrize("name", MERGE)
def test_known_merge_trees(name):
    layers, domain, direction, values, parent = MERGE[name]
    tree = merge_tree(rt.decompose(layers, domain), direction)
    assert tree.values.tolist() == values
    assert tree.parent.tolist() == parent
    assert tree.leaves.tolist() == list(range(len(values) - 1)) or len(values) == 1


def test_nodes_name_vertices():
    cx = rt.decompose(annulus(), BOX)
    graph = reeb_graph(cx)
    assert (cx.vertex_values[0][graph.vertices] == graph.values).all()
    assert cx.vertices[graph.vertices[1]].tolist() in ([0.0, 0.0], *BOX_CORNERS)
    tree = merge_tree(cx, "superlevel")
    assert (cx.vertex_values[0][tree.vertices] == tree.values).all()


BOX_CORNERS = [[x, y] for x in (-2.0, 2.0) for y in (-2.0, 2.0)]


def test_graphs_of_networkx():
    cx = rt.decompose(saddle(), BOX)
    graph = reeb_graph(cx).to_networkx()
    assert nx.is_tree(graph)
    assert graph.nodes[0] == {"value": -2.0, "vertex": int(reeb_graph(cx).vertices[0])}
    tree = merge_tree(cx).to_networkx()
    assert [tree.nodes[k]["value"] for k in tree.successors(0)] == [0.0]


def test_components_of_a_level():
    graph = reeb_graph(rt.decompose(saddle()))
    assert [graph.n_components(t) for t in (-1.0, 1.0)] == [2, 2]
    with pytest.raises(ValueError, match="`level` is 0"):
        graph.n_components(0.0)


def test_bad_arguments():
    cx = rt.decompose(saddle(), BOX)
    with pytest.raises(ValueError, match="`direction` is 'up'; use one of sublevel, superlevel"):
        merge_tree(cx, "up")
    with pytest.raises(IndexError):
        reeb_graph(cx, neuron=4)


# -- against persistence, levels and slabs

DEGENERATE = [
    (make, widths, seed)
    for make in (small_integer_network, crowded, random_network)
    for widths in ([1, 6, 5, 1], [2, 5, 4, 1], [3, 4, 3, 1])
    for seed in range(5)
]
NAMES = [f"{make.__name__}-{widths[0]}-{seed}" for make, widths, seed in DEGENERATE]
DOMAINS = pytest.mark.parametrize(
    "domain", [rt.Box(-1, 1), None, rt.Box(-inf, 1)], ids=["box", "space", "half"]
)


@DOMAINS
@pytest.mark.parametrize(("make", "widths", "seed"), DEGENERATE, ids=NAMES)
def test_elder_rule_gives_the_persistence_of_components(make, widths, seed, domain):
    cx = rt.decompose(make(widths, seed), domain)
    for direction in ("sublevel", "superlevel"):
        expected = [pair for pair in rt.persistence(cx, direction) if pair[0] == 0]
        assert merge_tree(cx, direction).pairs == expected


def passes(slab, levels):
    """Whether one of the levels is below the slab and one above."""
    return sorted(level[1] - slab[1] for level in levels) == [0, 1]


def reeb_by_slabs(cx):
    """The Reeb graph by slabs around each value and levels between them, on simplices."""
    rank = cx.vertex_values[1].tolist()
    near = cx.n_finite_vertices
    real = sorted({rank[v] for v in range(near)})
    value = {rank[v]: float(cx.vertex_values[0][v]) for v in range(near)}
    top, _ = cx.triangulation()
    simplices = {f for s in top.tolist() for k in range(len(s)) for f in combinations(s, k + 1)}
    spans = {s: (min(rank[v] for v in s), max(rank[v] for v in s)) for s in simplices}
    graph = nx.Graph()
    # Slab i lies around real[i], level i below it; a simplex is in all that it crosses.
    crossing = {}
    for i in range(len(real) + 1):
        for s, (low, high) in spans.items():
            below = low <= real[i - 1] if i > 0 else low < real[0]
            above = high >= real[i] if i < len(real) else high > real[-1]
            if below and above:
                crossing.setdefault(("level", i), set()).add(s)
                for j in (i - 1, i):
                    crossing.setdefault(("slab", j), set()).add(s)
    for i, r in enumerate(real):
        here = {s for s, (low, high) in spans.items() if low <= r <= high}
        crossing.setdefault(("slab", i), set()).update(here)
    part = {}
    for key, members in crossing.items():
        joined = nx.Graph()
        joined.add_nodes_from(members)
        for s in members:
            for k in range(1, len(s)):
                joined.add_edges_from((s, f) for f in combinations(s, k) if f in members)
        for number, component in enumerate(nx.connected_components(joined)):
            part |= {(key, s): (*key, number) for s in component}
    for (key, s), name in part.items():
        if key[0] == "level":
            i = key[1]
            for j in (i - 1, i):
                end = part[("slab", j), s] if 0 <= j < len(real) else ("end", *name[1:])
                graph.add_edge(name, end)
    graph.add_nodes_from(name for name in part.values() if 0 <= name[1] < len(real))
    for node in list(graph):
        if node[0] == "slab" and 0 <= node[1] < len(real):
            graph.nodes[node]["value"] = value[real[node[1]]]
        elif node[0] == "end":
            graph.nodes[node]["value"] = -inf if node[1] == 0 else inf
    passing = [
        node
        for node in graph
        if node[0] == "level" or (node[0] == "slab" and passes(node, graph[node]))
    ]
    for node in passing:
        a, b = graph[node]
        graph.add_edge(a, b)
        graph.remove_node(node)
    return graph


@DOMAINS
@pytest.mark.parametrize(("make", "widths", "seed"), DEGENERATE, ids=NAMES)
def test_reeb_graphs_by_slabs(make, widths, seed, domain):
    cx = rt.decompose(make(widths, seed), domain)
    if cx.lineality_dim:
        return
    graph = reeb_graph(cx).to_networkx()
    expected = reeb_by_slabs(cx)
    assert nx.is_tree(graph) or len(graph) == 1
    assert Counter(nx.get_node_attributes(graph, "value").values()) == Counter(
        nx.get_node_attributes(expected, "value").values()
    )
    assert nx.is_isomorphic(graph, expected, node_match=lambda a, b: a["value"] == b["value"])


@pytest.mark.parametrize("domain", [rt.Box(-1, 1), None], ids=["box", "space"])
@pytest.mark.parametrize("seed", range(8))
def test_arcs_are_the_components_of_level_sets(seed, domain):
    make = (small_integer_network, random_network)[seed % 2]
    cx = rt.decompose(make([2, 7, 5, 1], seed), domain)
    graph = reeb_graph(cx)
    values = np.unique(cx.vertex_values[0][np.isfinite(cx.vertex_values[0])])
    levels = (values[1:] + values[:-1]) / 2
    for level in [values[0] - 1, *levels[:: max(len(levels) // 10, 1)], values[-1] + 1]:
        assert graph.n_components(level) == rt.betti(cx, "level", level)[0]


@pytest.mark.parametrize("seed", range(6))
def test_ends_and_forks_are_critical(seed):
    cx = rt.decompose(random_network([2, 8, 6, 1], seed), rt.Box(-1, 1))
    graph, found = reeb_graph(cx), critical_cells(cx)
    minima = set(graph.values[graph.down == 0].tolist())
    assert minima == set(found.values[found.index == 0].tolist())
    peaks = graph.values[graph.up == 0]
    inside = found.values[(found.index == 2) & ~found.on_boundary]
    assert set(inside.tolist()) <= set(peaks.tolist())


def test_a_neuron_of_several_outputs():
    cx = rt.decompose(crowded([2, 4, 3, 3], 1), BOX)
    for q in range(cx.n_neurons):
        alone = rt.decompose(cx.network.preactivation(q), BOX)
        a, b = reeb_graph(cx, neuron=q).to_networkx(), reeb_graph(alone).to_networkx()
        assert nx.is_isomorphic(a, b, node_match=lambda x, y: x["value"] == y["value"])


def test_values_beyond_all_doubles_are_no_infinity():
    net = [([[1.0], [-1.0]], [0, 0]), ([[-1e308, -1e308]], [-1e308])]  # -1e308 (|x| + 1)
    bounded, unbounded = (rt.decompose(net, domain) for domain in (rt.Box(-1e3, 1e3), None))
    assert (reeb_graph(bounded).vertices >= 0).all()
    assert (merge_tree(bounded).vertices >= 0).all()
    for graph in (reeb_graph(unbounded), merge_tree(unbounded)):
        assert (graph.vertices >= 0).tolist() == [False, False, True]
        assert graph.values.tolist() == [-inf, -inf, -1e308]


@pytest.mark.parametrize("seed", range(6))
def test_functions_of_fewer_inputs(seed):
    layers = crowded([2, 5, 4, 1], seed)
    mixing = np.array([[1.0, 0.0, 2.0], [0.0, 1.0, -1.0]])
    flat = rt.decompose(layers)
    tall = rt.decompose([(layers[0][0] @ mixing, layers[0][1]), *layers[1:]])
    for make in (reeb_graph, merge_tree):
        assert make(tall).values.tolist() == make(flat).values.tolist()
    assert reeb_graph(tall).arcs.tolist() == reeb_graph(flat).arcs.tolist()
