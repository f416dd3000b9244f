"""What graphs are taken from: cells of all kinds, matrices, and networkx graphs."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from scipy.sparse import csr_array, issparse

from ..complex.cells import has_cells
from .dual import Weight, dual_graph

__all__ = ["graph_of"]


def graph_of(source: Any, weight: Weight) -> csr_array:
    """The weighted adjacency matrix of a graph, or the dual graph of cells.

    Parameters
    ----------
    source : Complex, Exploration, Slice, networkx.Graph, sparse array or array_like
        Nodes of a networkx graph are numbered in its own order, and its edges have their attribute
        ``weight``, or 1.
    weight : str
        As for `dual_graph`; only with cells.

    Returns
    -------
    scipy.sparse.csr_array, shape (n, n), float64

    Raises
    ------
    ValueError
        If `weight` is unknown, or given with what has weights of its own, or the source is no
        matrix.
    """
    if has_cells(source):
        return dual_graph(source, weight)
    if weight != "unit":
        raise ValueError(f"`weight` is {weight!r}; leave it out, a graph has its own weights")
    networkx = sys.modules.get("networkx")  # nobody has one of its graphs without it
    if networkx is not None and isinstance(source, networkx.Graph):
        if not len(source):
            raise ValueError("`complex_or_graph` has no nodes")
        return csr_array(networkx.to_scipy_sparse_array(source, dtype=np.float64))
    if not issparse(source):
        source = np.asarray(source)
        if source.dtype.kind not in "biuf" or source.ndim != 2:
            raise ValueError(
                "`complex_or_graph` must be a Complex, an Exploration, a Slice, a networkx graph "
                f"or a square matrix of numbers, got an array of {source.dtype} of shape "
                f"{source.shape}"
            )
    return csr_array(source, dtype=np.float64)
