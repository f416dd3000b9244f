"""How many shortest paths of the dual graph lead through each cell."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_array

from ..common.arguments import checked_count, checked_seed
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import FloatArray
from .eccentricities import levels
from .sources import graph_of

__all__ = ["betweenness"]


@ieee_arithmetic
def betweenness(
    complex_or_graph: Any, *, samples: int | None = None, seed: int = 0, normalized: bool = True
) -> FloatArray:
    """The share of all pairs' shortest paths, in facets crossed, that lead through each cell.

    Parameters
    ----------
    complex_or_graph : Complex, Exploration, Slice, networkx.Graph, sparse array or array_like
        The dual graph; weights do not matter.
    samples : int, optional
        From so many cells, drawn at random without replacement, instead of from all: an unbiased
        estimate but for the pairs of a cell with itself.
    seed : int
        Seed of the sample.
    normalized : bool
        Divide by the number (N - 1) (N - 2) / 2 of pairs.

    Returns
    -------
    ndarray of float64, shape (n_cells,)

    Raises
    ------
    ValueError
        If `samples` or `seed` is out of range.

    See Also
    --------
    diameter, eccentricities, relutope.shortest_path

    Notes
    -----
    Brandes' algorithm [1]_, level by level in arrays: as ``networkx.betweenness_centrality``.
    Numbers of paths, which grow exponentially with the distance, are scaled level by level.

    References
    ----------
    .. [1] U. Brandes, A faster algorithm for betweenness centrality, Journal of Mathematical
       Sociology 25, 2001.

    Examples
    --------
    >>> import relutope as rt
    >>> net = rt.Network.from_arrays([([[1.0], [1.0]], [0.0, -1.0]), ([[1.0, 2.0]], [0.0])])
    >>> rt.graph.betweenness(rt.decompose(net)).tolist()
    [0.0, 1.0, 0.0]
    """
    graph = graph_of(complex_or_graph, "unit")
    count = graph.shape[0]
    starts = np.arange(count)
    if samples is not None:
        chosen = checked_count("samples", samples, 1, max(count, 1))
        starts = np.random.default_rng(checked_seed(seed)).choice(count, chosen, replace=False)
    tail = np.repeat(np.arange(count), np.diff(graph.indptr))
    total = np.zeros(count)
    for start in starts.tolist():
        total += _dependencies(graph, tail, start)
    total *= count / max(len(starts), 1) / 2  # each pair is met from both ends
    if normalized and count > 2:
        total *= 2 / ((count - 1) * (count - 2))
    return total


def _dependencies(graph: csr_array, tail: Any, start: int) -> FloatArray:
    """Of the paths from one cell to all others: the shares through each cell, its own left out."""
    level, head = levels(graph, start), graph.indices
    order = np.argsort(level, kind="stable")  # cells of a level follow each other
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    first = np.searchsorted(level[order], np.arange(level.max() + 2))
    forward = np.flatnonzero((level[head] == level[tail] + 1) & (level[tail] >= 0))
    forward = forward[np.argsort(level[tail[forward]], kind="stable")]
    source, target = place[tail[forward]], place[head[forward]]
    ends = np.searchsorted(source, first)
    paths = np.zeros(len(order))  # relative to the largest of the level
    paths[first[0]] = 1.0
    share = np.zeros(len(forward))  # of the paths to the target that take this edge
    steps = range(len(first) - 2)
    for k in steps:
        edges, base = slice(ends[k], ends[k + 1]), first[k + 1]
        passed, into = paths[source[edges]], target[edges] - base
        arriving = np.bincount(into, weights=passed)
        share[edges] = passed / arriving[into]
        paths[base : base + len(arriving)] = arriving / arriving.max()
    through = np.zeros(len(order))
    for k in reversed(steps):
        edges, base = slice(ends[k], ends[k + 1]), first[k]
        part = share[edges] * (1.0 + through[target[edges]])
        leaving = np.bincount(source[edges] - base, weights=part)
        through[base : base + len(leaving)] = leaving
    through[first[0]] = 0.0
    result = np.empty_like(through)
    result[order] = through
    return result
