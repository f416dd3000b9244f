"""Small graphs, and dense Laplacians of them, for the tests of spectra."""

from __future__ import annotations

import itertools

import numpy as np
from scipy.sparse import coo_array

import relutope as rt


def from_edges(n, edges, weights=1.0):
    edges = np.asarray(edges, dtype=int).reshape(-1, 2)
    weights = np.broadcast_to(np.asarray(weights, dtype=float), len(edges))
    rows, columns = np.concatenate([edges, edges[:, ::-1]]).T
    return coo_array((np.tile(weights, 2), (rows, columns)), shape=(n, n)).tocsr()


def path(n):
    return from_edges(n, [(i, i + 1) for i in range(n - 1)])


def cycle(n):
    return from_edges(n, [(i, (i + 1) % n) for i in range(n)])


def complete(n):
    return from_edges(n, list(itertools.combinations(range(n), 2)))


def star(leaves):
    return from_edges(leaves + 1, [(0, i) for i in range(1, leaves + 1)])


def grid(*sides):
    nodes = np.arange(np.prod(sides)).reshape(sides)
    edges = [
        np.column_stack(
            [
                np.take(nodes, range(m - 1), axis).ravel(),
                np.take(nodes, range(1, m), axis).ravel(),
            ]
        )
        for axis, m in enumerate(sides)
    ]
    return from_edges(nodes.size, np.concatenate(edges))


def hypercube(d):
    return grid(*[2] * d)


def disjoint(*graphs):
    """The union, as a sparse matrix."""
    edges, weights, n = [], [], 0
    for graph in graphs:
        coo = coo_array(graph)
        upper = coo.row < coo.col
        edges.append(np.column_stack([coo.row, coo.col])[upper] + n)
        weights.append(coo.data[upper])
        n += graph.shape[0]
    return from_edges(n, np.concatenate(edges), np.concatenate(weights))


def random_graph(n, seed, decades=3.0):
    """A ring with random chords: connected, weights over some orders of magnitude."""
    rng = np.random.default_rng(seed)
    chords = np.array([rng.choice(n, 2, replace=False) for _ in range(n)])
    edges = np.concatenate([[(i, (i + 1) % n) for i in range(n)], chords])
    edges = np.unique(np.sort(edges, axis=1), axis=0)
    return from_edges(n, edges, 10 ** rng.uniform(-decades, 0, len(edges)))


def laplacian(graph, normalized=False):
    """Dense; an isolated node has a row of zeros."""
    weights = graph.toarray() if hasattr(graph, "toarray") else np.asarray(graph, dtype=float)
    degree = weights.sum(axis=1)
    if not normalized:
        return np.diag(degree) - weights
    root = np.sqrt(np.where(degree > 0, degree, 1.0))
    return np.diag((degree > 0).astype(float)) - weights / np.outer(root, root)


def grid_complex(*sides):
    """A network whose cells are the boxes of a grid: thresholds in each coordinate."""
    rows, bias = [], []
    for axis, m in enumerate(sides):
        for cut in range(1, m):
            rows.append(np.eye(len(sides))[axis])
            bias.append(-cut)
    first = (np.array(rows), np.array(bias, dtype=float))
    network = [first, (np.ones((1, len(rows))), np.array([-1.0]))]
    return rt.decompose(network, rt.Box([0.0] * len(sides), [float(m) for m in sides]), threads=1)
