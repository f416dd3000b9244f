"""False statements about a complex: each replaces some arrays of a right one."""

from __future__ import annotations

import itertools

import numpy as np

import relutope as rt


class Tampered:
    """A complex with some of its arrays replaced."""

    def __init__(self, cx, **replaced):
        self._cx = cx
        self.__dict__.update(replaced)

    def __getattr__(self, name):
        return getattr(self._cx, name)

    def __reduce_ex__(self, protocol):
        replaced = {name: value for name, value in self.__dict__.items() if name != "_cx"}
        return _tampered, (self._cx, replaced)

    @property
    def __class__(self):
        """To all that asks, it is what it was made of."""
        return self._cx.__class__


def _tampered(cx, replaced):
    return Tampered(cx, **replaced)


def plane_complex():
    """Two hidden layers in the plane, in general position except for one repeated row."""
    rng = np.random.default_rng(3)
    W, b = rng.normal(size=(5, 2)), rng.uniform(-0.5, 0.5, 5)
    first = np.vstack([W, -2 * W[:1]]), np.append(b, -2 * b[0])
    layers = [
        first,
        (rng.normal(size=(3, 6)), rng.normal(size=3)),
        (rng.normal(size=(1, 3)), [0.0]),
    ]
    return rt.decompose(layers, rt.Box(-1, 1))


def with_edges(cx, edges):
    """The complex with other edges: pairs and their neurons, put in order."""
    edges = sorted(edges, key=lambda edge: edge[0])
    pairs = np.array([pair for pair, _ in edges], dtype=np.int64).reshape(-1, 2)
    neurons = [np.asarray(zeros) for _, zeros in edges]
    return Tampered(cx, adjacency=pairs, facet_neurons=neurons, n_edges=len(edges))


def edges_of(cx):
    neurons = [list(map(int, zeros)) for zeros in cx.facet_neurons]
    return list(zip(map(tuple, cx.adjacency.tolist()), neurons, strict=True))


def without_edge(cx, e=0):
    edges = edges_of(cx)
    return with_edges(cx, edges[:e] + edges[e + 1 :])


def without_edges_of_a_cell(cx, i=0):
    """A cell on its own: the dual graph is not connected."""
    return with_edges(cx, [(pair, zeros) for pair, zeros in edges_of(cx) if i not in pair])


def with_false_edge(cx):
    """An edge between two cells that do not touch, in a neuron that is no facet of the first."""
    edges = edges_of(cx)
    named = {k for pair, zeros in edges if 0 in pair for k in zeros}
    far = next(j for j in range(1, cx.n_cells) if (0, j) not in dict(edges))
    neuron = next(k for k in range(cx.n_neurons) if k not in named)
    return with_edges(cx, [*edges, ((0, far), [neuron])])


def with_facet_twice(cx):
    """A second edge on a facet of cell 0, to another cell."""
    edges = edges_of(cx)
    zeros = next(z for pair, z in edges if 0 in pair)
    far = next(j for j in range(1, cx.n_cells) if (0, j) not in dict(edges))
    return with_edges(cx, [*edges, ((0, far), zeros)])


def without_cell(cx, i=0):
    """A cell left out, with its edges: a consistent but incomplete list."""
    rest = [k for k in range(cx.n_cells) if k != i]
    kept = [((a - (a > i), b - (b > i)), z) for (a, b), z in edges_of(cx) if i not in (a, b)]
    edges = with_edges(cx, kept)
    return Tampered(
        edges,
        patterns=cx.patterns[rest],
        bounded=cx.bounded[rest],
        n_cells=len(rest),
        cell_vertices=[cx.cell_vertices[k] for k in rest],
        f_vector=cx.f_vector - np.array([0, 1, 1]),
        exact_interior_point=lambda k: cx.exact_interior_point(rest[k]),
    )


def with_other_neighbour(cx):
    """The first edge leads elsewhere: no cell beyond it confirms it."""
    edges = edges_of(cx)
    (i, _), zeros = edges[0]
    far = next(j for j in range(i + 1, cx.n_cells) if (i, j) not in dict(edges))
    return with_edges(cx, [((i, far), zeros), *edges[1:]])


def with_partners_exchanged(cx):
    """Two edges in the same neurons change ends: every cell keeps its facets."""
    edges = edges_of(cx)
    pairs = dict(edges)
    for ((a, b), z), ((c, d), other) in itertools.combinations(edges, 2):
        crossed = [tuple(sorted(pair)) for pair in ((a, d), (c, b))]
        if z == other and len({a, b, c, d}) == 4 and not any(p in pairs for p in crossed):
            kept = [edge for edge in edges if edge[0] not in ((a, b), (c, d))]
            return with_edges(cx, [*kept, *((p, z) for p in crossed)])
    raise AssertionError("no two such edges")


def with_neuron_more(cx):
    """A neuron too many on the first facet."""
    edges = edges_of(cx)
    pair, zeros = edges[0]
    extra = next(k for k in range(cx.n_neurons) if k not in zeros)
    return with_edges(cx, [(pair, sorted([*zeros, extra])), *edges[1:]])


def with_neuron_less(cx):
    """Of two neurons that vanish on a facet, one is not listed."""
    edges = edges_of(cx)
    e = next(e for e, (_, zeros) in enumerate(edges) if len(zeros) == 2)
    pair, zeros = edges[e]
    return with_edges(cx, [*edges[:e], (pair, zeros[:1]), *edges[e + 1 :]])


def with_changed(cx, name, index, change):
    array = getattr(cx, name).copy()
    array[index] = change(array[index])
    return Tampered(cx, **{name: array})


def with_last_pattern_all_active(cx):
    assert not cx.patterns.all(axis=1).any()
    return with_changed(cx, "patterns", -1, lambda row: np.ones_like(row))


def with_edges_out_of_order(cx):
    neurons = list(cx.facet_neurons)[::-1]
    return Tampered(cx, adjacency=cx.adjacency[::-1], facet_neurons=neurons)


def with_cells_out_of_order(cx):
    """Cells 0 and 1 change places, with all that is theirs: only their order is wrong."""
    order = [1, 0, *range(2, cx.n_cells)]
    edges = [(tuple(sorted(order[i] for i in pair)), z) for pair, z in edges_of(cx)]
    return Tampered(
        with_edges(cx, edges),
        patterns=cx.patterns[order],
        bounded=cx.bounded[order],
        cell_vertices=[cx.cell_vertices[k] for k in order],
        exact_interior_point=lambda k: cx.exact_interior_point(order[k]),
    )


# What is false, how it is made, and the failures that each method must report for it.
BOTH = {
    "edge missing": (without_edge, "facets", "no facet"),
    "cell missing": (without_cell, "facets", "no facet"),
    "disconnected": (without_edges_of_a_cell, "connected", "connected"),
    "false edge": (with_false_edge, "facets", "facets"),
    "facet listed twice": (with_facet_twice, "facets", "facets"),
    "wrong neighbour": (with_other_neighbour, "neighbours", "beyond"),
    "edge confirmed from one side": (with_other_neighbour, "completeness", "completeness"),
    "partners exchanged": (with_partners_exchanged, "neighbours", "beyond"),
    "neuron too many on a facet": (with_neuron_more, "facets", "facets"),
    "neuron missing on a facet": (with_neuron_less, "facets", "facets"),
    "pattern of an empty set": (with_last_pattern_all_active, "interior", "interior"),
    "cells out of order": (with_cells_out_of_order, "patterns", "patterns"),
    "edges out of order": (with_edges_out_of_order, "adjacency", "adjacency"),
    "edges reversed": (
        lambda cx: Tampered(cx, adjacency=cx.adjacency[:, ::-1]),
        "adjacency",
        "adjacency",
    ),
    "edge reversed, the edges in order": (
        lambda cx: with_changed(cx, "adjacency", -1, lambda pair: pair[::-1]),
        "adjacency",
        "adjacency",
    ),
}
BY_GENERATORS = {
    "cell missing, seen by the volume": (without_cell, "volume"),
    "vertex off by one ulp": (
        lambda cx: with_changed(cx, "vertices", (0, 0), lambda v: np.nextafter(v, 9.0)),
        "vertices",
    ),
    "vertex missing in a cell": (
        lambda cx: Tampered(cx, cell_vertices=[v[1:] for v in cx.cell_vertices]),
        "vertices",
    ),
    "vertex sign": (
        lambda cx: with_changed(cx, "vertex_signs", (0, 0), lambda s: (s + 2) % 3 - 1),
        "vertex signs",
    ),
    "bounded": (lambda cx: with_changed(cx, "bounded", 0, lambda v: not v), "bounded"),
    "one vertex too many": (
        lambda cx: with_changed(cx, "f_vector", 0, lambda f: f + 1),
        "euler characteristic",
    ),
    "faces wrong, Euler characteristic right": (
        lambda cx: Tampered(cx, f_vector=cx.f_vector + np.array([1, 1, 0])),
        "f-vector",
    ),
    "another box": (lambda cx: Tampered(cx, domain=rt.Box([-1, -1], [1, 2])), "vertices"),
}
