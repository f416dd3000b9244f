"""Flow graphs: known functions, the gradient itself, its paths one by one, and homology."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

import relutope as rt
from functions import annulus, constant, crowded, monkey_saddle, saddle, torus, two_wells
from relutope.topology import critical_cells, flow_graph, merge_tree
from relutope.topology.gradient import discrete_gradient
from relutope.topology.heights import height_of
from relutope.topology.plateaus import Plateaus
from small_networks import random_network, small_integer_network

BOX = rt.Box(-2, 2)


def test_a_saddle_flows_to_two_minima():
    flow = flow_graph(rt.decompose(saddle(), BOX))
    assert flow.counts.tolist() == [2, 1, 0]
    assert flow.arcs.tolist() == [[2, 0], [2, 1]]
    assert flow.coefficients.tolist() == [1, 1]
    assert flow_graph(rt.decompose(saddle())).counts.tolist() == [0, 1, 0]  # down for ever


def test_a_monkey_saddle_joins_three_minima():
    flow = flow_graph(rt.decompose(monkey_saddle(), BOX))
    minima, saddles, _ = flow.counts
    assert (minima, saddles) == (3, 2)
    assert np.linalg.matrix_rank(flow.boundary_matrix(1)) == 2
    assert set(flow.values[flow.dim == 1].tolist()) == {0.0}
    assert len(set(flow.vertices[flow.dim == 1].tolist())) == 1


def test_a_ring_is_a_minimum_and_a_saddle():
    flow = flow_graph(rt.decompose(annulus()), field=3)
    assert list(zip(flow.dim.tolist(), flow.values.tolist(), strict=True)) == [
        (0, 0),
        (1, 0),
        (2, 1),
    ]
    # Both ways around the ring lead to the same point, and the top flows over all of it.
    assert flow.arcs.tolist() == [[1, 0], [2, 1]]
    assert flow.coefficients[0] == 0
    assert flow.coefficients[1] in (1, 2)


def test_tops_of_a_torus():
    assert flow_graph(rt.decompose(torus())).counts.tolist() == [1, 1, 1, 0]


def test_a_constant_has_one_node():
    for domain in (BOX, None):
        flow = flow_graph(rt.decompose(constant(), domain))
        assert (flow.dim.tolist(), flow.values.tolist(), len(flow.arcs)) == ([0], [4.0], 0)


def test_what_changes_along_lines_flows_for_ever():
    net = rt.Network([(np.eye(2), [0.0, 0.0]), ([[1.0, 1.0]], [0.0])], [1])
    assert len(flow_graph(rt.decompose(net))) == 0


def test_graphs_of_networkx():
    pytest.importorskip("networkx")
    graph = flow_graph(rt.decompose(two_wells(), BOX)).to_networkx()
    assert sorted(graph.successors(2)) == [0, 1]
    assert graph.nodes[2]["value"] == 2.0
    assert graph.edges[2, 0]["coefficient"] == 1


DEGENERATE = [
    (make, widths, seed)
    for make in (small_integer_network, crowded, random_network)
    for widths in ([1, 6, 5, 1], [2, 5, 4, 1], [3, 4, 3, 1])
    for seed in range(4)
]
NAMES = [f"{make.__name__}-{widths[0]}-{seed}" for make, widths, seed in DEGENERATE]
DOMAINS = pytest.mark.parametrize("domain", [rt.Box(-1, 1), None], ids=["box", "space"])
CASES = pytest.mark.parametrize(("make", "widths", "seed"), DEGENERATE, ids=NAMES)


def rank_modulo(matrix, p):
    rows, rank = matrix.copy() % p, 0
    for column in range(rows.shape[1]):
        places = np.flatnonzero(rows[rank:, column]) + rank
        if not len(places):
            continue
        rows[[rank, places[0]]] = rows[[places[0], rank]]
        rows[rank] = rows[rank] * pow(int(rows[rank, column]), -1, p) % p
        others = np.arange(len(rows)) != rank
        rows[others] = (rows[others] - np.outer(rows[others, column], rows[rank])) % p
        rank += 1
        if rank == len(rows):
            break
    return rank


@DOMAINS
@CASES
def test_homology_of_the_morse_complex(make, widths, seed, domain):
    cx = rt.decompose(make(widths, seed), domain)
    for p in (2, 3):
        flow, found = flow_graph(cx, field=p), critical_cells(cx, field=p)
        assert (flow.counts >= found.counts).all()
        boundary = [np.zeros((0, flow.counts[0]), dtype=np.int64)]
        boundary += [flow.boundary_matrix(k) for k in range(1, cx.dim + 1)]
        for low, high in pairwise(boundary[1:]):
            assert not (low @ high % p).any()
        ranks = [rank_modulo(matrix, p) if matrix.size else 0 for matrix in boundary] + [0]
        numbers = [flow.counts[k] - ranks[k] - ranks[k + 1] for k in range(cx.dim + 1)]
        assert numbers == found.betti.tolist()


@DOMAINS
@CASES
def test_the_gradient_is_one(make, widths, seed, domain):
    """Matched faces are incident and of one plateau, and no path along the matching is closed."""
    nx = pytest.importorskip("networkx")
    plateaus = Plateaus(height_of(rt.decompose(make(widths, seed), domain)))
    gradient = discrete_gradient(plateaus.lattice, plateaus.steps)
    step = np.concatenate(plateaus.steps)
    partner = gradient.partner
    assert (partner[partner] == np.arange(len(partner))).all()
    assert (step[partner] == step).all()
    graph = nx.DiGraph()
    for face, facets in enumerate(gradient.facets):
        if partner[face] < face:
            assert partner[face] in facets
        for facet in facets.tolist():
            graph.add_edge(*((facet, face) if partner[facet] == face else (face, facet)))
    assert nx.is_directed_acyclic_graph(graph)


def paths_one_by_one(gradient, source, blocked):
    """How often each critical facet is reached from a critical face, and the signed sum."""
    signs = np.split(gradient.signs.astype(int), gradient.facets.indptr[1:-1])
    found, open_paths = {}, [(source, None, 1)]
    while open_paths:
        face, entered, product = open_paths.pop()
        own = dict(zip(gradient.facets[face].tolist(), signs[face].tolist(), strict=True))
        if entered is not None:
            product *= -own.pop(entered)
        for facet, sign in own.items():
            following = int(gradient.partner[facet])
            if blocked[facet]:
                continue
            if following == facet:
                found[facet] = found.get(facet, 0) + product * sign
            elif following > facet:
                open_paths.append((following, facet, product * sign))
    return found


@DOMAINS
@pytest.mark.parametrize("field", [2, 7])
@CASES
def test_paths_one_by_one(make, widths, seed, domain, field):
    plateaus = Plateaus(height_of(rt.decompose(make(widths, seed), domain)))
    gradient = discrete_gradient(plateaus.lattice, plateaus.steps)
    step = np.concatenate(plateaus.steps)
    blocked = step % 5 == 4
    sources = gradient.critical[~blocked[gradient.critical]]
    found = gradient.paths(sources, blocked, field)
    mine = {
        (a, b): c
        for a, b, c in zip(
            found.upper.tolist(), found.lower.tolist(), found.coefficient.tolist(), strict=True
        )
    }
    expected = {
        (source, end): total % field
        for source in sources.tolist()
        for end, total in paths_one_by_one(gradient, source, blocked).items()
    }
    assert mine == expected


@DOMAINS
@CASES
def test_saddles_join_the_components_that_merge(make, widths, seed, domain):
    """Minima and saddles up to a level: as many components as have merged below it."""
    nx = pytest.importorskip("networkx")
    cx = rt.decompose(make(widths, seed), domain)
    flow = flow_graph(cx)
    tree = merge_tree(cx)
    if np.isinf(tree.values).any():
        return
    ends = Counter(flow.arcs[flow.dim[flow.arcs[:, 0]] == 1, 0].tolist())
    assert set(ends.values()) <= {1, 2}
    for level in np.unique(tree.values):
        graph = nx.Graph()
        graph.add_nodes_from(np.flatnonzero((flow.dim == 0) & (flow.values <= level)).tolist())
        low = (flow.dim[flow.arcs[:, 0]] == 1) & (flow.values[flow.arcs[:, 0]] <= level)
        graph.add_edges_from(flow.arcs[low].tolist())
        minima = [c & set(np.flatnonzero(flow.dim == 0)) for c in nx.connected_components(graph)]
        born = np.isin(np.arange(len(tree)), tree.leaves) & (tree.values <= level)
        merged = np.bincount(tree.parent[tree.parent >= 0], minlength=len(tree)) - 1
        lost = merged[(tree.values <= level) & (merged > 0)].sum()
        assert sum(bool(part) for part in minima) == born.sum() - lost


@DOMAINS
@CASES
def test_descents_are_edges_that_go_down_on_both_sides(make, widths, seed, domain):
    cx = rt.decompose(make(widths, seed), domain)
    flow = flow_graph(cx)
    rank = cx.vertex_values[1]
    pairs = {tuple(ends.tolist()) for ends in cx.lattice.vertices(1)}
    for node in np.flatnonzero(flow.dim == 1).tolist():
        line = flow.descent(node)
        assert all(tuple(sorted(ends)) in pairs for ends in pairwise(line.tolist()))
        heights = rank[line]
        top = int(heights.argmax())
        assert (np.diff(heights[: top + 1]) >= 0).all()
        assert (np.diff(heights[top:]) <= 0).all()
        assert cx.vertex_values[0][line[top]] == flow.values[node]
        ends = {int(line[0]), int(line[-1])}
        minima = flow.arcs[flow.arcs[:, 0] == node, 1]
        assert set(flow.faces[minima].tolist()) == {v for v in ends if v in flow.faces[minima]}
        if domain is not None:
            assert set(flow.faces[minima].tolist()) == ends


def test_descents_are_of_saddles():
    flow = flow_graph(rt.decompose(saddle(), BOX))
    assert sorted(flow.descent(2)[[0, -1]].tolist()) == sorted(flow.faces[:2].tolist())
    with pytest.raises(ValueError, match="`node` is 0, of index 0"):
        flow.descent(0)
    with pytest.raises(IndexError):
        flow.descent(3)


def test_other_functions_and_bad_arguments():
    cx = rt.decompose(crowded([2, 4, 4, 3], 1), BOX)
    for named in ({"output": (0, 2)}, {"neuron": 5}, {"label": 1}):
        flow, found = flow_graph(cx, **named), critical_cells(cx, **named)
        assert (flow.counts >= found.counts).all()
        assert set(found.values.tolist()) <= set(flow.values.tolist())
    with pytest.raises(ValueError, match="`k` is 3"):
        flow.boundary_matrix(3)
    with pytest.raises(ValueError, match="`field` is 6"):
        flow_graph(cx, output=0, field=6)
