"""The graphs that spectra are computed of: checks, Laplacians, components."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_array, diags_array
from scipy.sparse.csgraph import connected_components

from ..common.arrays import FloatArray, IntArray
from .dual import Weight
from .sources import graph_of

__all__ = ["components", "dropped_edges", "laplacian", "positive_graph"]

_SMALLEST, _LARGEST = (
    1e-120,
    1e120,
)  # of the largest weight and the sum: norms of residuals square them


def positive_graph(source: Any, weight: Weight) -> tuple[csr_array, int]:
    """The positive weights off the diagonal, and how many edges of weight 0 were left out."""
    graph = graph_of(source, weight)
    if graph.shape[0] != graph.shape[1] or graph.shape[0] == 0:
        raise ValueError(f"`complex_or_graph` has shape {graph.shape}; give a square matrix")
    if not np.isfinite(graph.data).all() or (graph.data < 0).any():
        raise ValueError(
            "`complex_or_graph` has a weight that is not finite or < 0; give weights >= 0"
        )
    with np.errstate(over="ignore"):
        total = graph.data.sum()
    if graph.data.any() and not _SMALLEST <= graph.data.max() <= total <= _LARGEST:
        raise ValueError(
            f"`complex_or_graph` has weights up to {graph.data.max():g}, whose squares are out of "
            "range; multiply it by a constant"
        )
    if (graph - graph.T).count_nonzero():
        raise ValueError("`complex_or_graph` is not symmetric; give an undirected graph")
    row = np.repeat(np.arange(graph.shape[0]), np.diff(graph.indptr))
    edge = row != graph.indices
    keep = edge & (graph.data > 0)
    positive = csr_array((graph.data[keep], (row[keep], graph.indices[keep])), shape=graph.shape)
    return positive, int(np.count_nonzero(edge & ~keep)) // 2


def components(graph: csr_array) -> tuple[int, IntArray]:
    """How many connected components, and the component of each node, numbered by first nodes."""
    count, component = connected_components(graph, directed=False)
    _, first, number = np.unique(component, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    return int(count), rank[number].astype(np.int64)


def laplacian(graph: csr_array, normalized: bool) -> tuple[csr_array, FloatArray]:
    """The Laplacian of a graph and a positive vector that it sends to 0, not scaled.

    An isolated node has a row of zeros, normalised or not (Chung 1997, section 1.2).
    """
    degree = np.asarray(graph.sum(axis=1))
    if not normalized:
        return csr_array(diags_array(degree, format="csr") - graph), np.ones(degree.size)
    root = np.sqrt(np.where(degree > 0, degree, 1.0))
    scale = diags_array(1 / root, format="csr")
    unit = diags_array((degree > 0).astype(np.float64), format="csr")
    return csr_array(unit - scale @ graph @ scale), root


def dropped_edges(dropped: int) -> str:
    """The sentence of a statement that says what `positive_graph` left out."""
    return f" {dropped} edges of weight 0 couple nothing and were left out." if dropped else ""
