"""Distances in the dual graph, by facets crossed: eccentricities, diameter, radius."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from ..common.arguments import checked_index
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import IntArray
from .sources import graph_of

__all__ = ["Diameter", "diameter", "eccentricities", "facet_distances", "levels"]


@ieee_arithmetic
def facet_distances(complex_or_graph: Any, cell: int) -> IntArray:
    """How many facets a path from one cell to each other crosses at least.

    Parameters
    ----------
    complex_or_graph : Complex, Exploration, Slice, networkx.Graph, sparse array or array_like
        The dual graph; weights do not matter. A complex is complete, so distances are exact; those
        of an exploration are upper bounds.
    cell : int
        A cell.

    Returns
    -------
    ndarray of int64, shape (n_cells,)
        -1 where no path leads.

    Raises
    ------
    IndexError
        If there is no such cell.

    See Also
    --------
    eccentricities, diameter, relutope.shortest_path

    Examples
    --------
    >>> import relutope as rt
    >>> net = rt.Network.from_arrays([([[1.0], [1.0]], [0.0, -1.0]), ([[1.0, 2.0]], [0.0])])
    >>> rt.graph.facet_distances(rt.decompose(net), 0).tolist()
    [0, 1, 2]
    """
    graph = graph_of(complex_or_graph, "unit")
    return levels(graph, checked_index(cell, graph.shape[0], name="cell"))


def levels(graph: csr_array, start: int) -> IntArray:
    """Breadth-first search, one step for all nodes of a level."""
    begin, neighbours = graph.indptr, graph.indices
    level = np.full(graph.shape[0], -1, dtype=np.int64)
    level[start] = 0
    front = np.array([start])
    step = 0
    while len(front):
        step += 1
        lengths = begin[front + 1] - begin[front]
        ends = np.cumsum(lengths)
        place = np.arange(ends[-1]) + np.repeat(begin[front] - ends + lengths, lengths)
        reached = neighbours[place]
        reached = reached[level[reached] < 0]
        level[reached] = step
        marked = np.unique(reached) if len(reached) > 1 else reached
        front = marked
    return level


@ieee_arithmetic
@dataclass(frozen=True)
class Diameter:
    """Result of `diameter`; ``int(result)`` is the diameter.

    Attributes
    ----------
    diameter : int
        The largest distance of two cells, in facets crossed.
    ends : tuple of int
        Two cells that far apart.
    radius : int
        The least eccentricity of a cell.
    centre : int
        A cell with this eccentricity: the lowest one that was searched from.
    n_searches : int
        How many breadth-first searches it took.
    """

    diameter: int
    ends: tuple[int, int]
    radius: int
    centre: int
    n_searches: int

    def __int__(self) -> int:
        return self.diameter


@ieee_arithmetic
def diameter(complex_or_graph: Any) -> Diameter:
    """The diameter and the radius of the dual graph, exactly, by few searches.

    Parameters
    ----------
    complex_or_graph : Complex, Exploration, Slice, networkx.Graph, sparse array or array_like
        A connected graph, as that of every complex is; weights do not matter.

    Returns
    -------
    Diameter

    Raises
    ------
    ValueError
        If the graph is not connected.

    See Also
    --------
    eccentricities, facet_distances

    Notes
    -----
    Bounds of all eccentricities are kept: a search from v gives ``|e(v) - d(v, w)| <= e(w)``,
    ``d(v, w) <= e(w) <= e(v) + d(v, w)``. It goes on from the cells with the largest upper and the
    least lower bound, in turn, until no cell can change the answer [1]_. That takes far fewer
    searches than there are cells.

    References
    ----------
    .. [1] F. W. Takes, W. A. Kosters, Computing the eccentricity distribution of large graphs,
       Algorithms 6, 2013.

    Examples
    --------
    >>> import relutope as rt
    >>> net = rt.Network.from_arrays([([[1.0], [1.0]], [0.0, -1.0]), ([[1.0, 2.0]], [0.0])])
    >>> found = rt.graph.diameter(rt.decompose(net))
    >>> found.diameter, found.ends, found.radius, found.centre
    (2, (0, 2), 1, 1)
    """
    bounds = _Bounds(graph_of(complex_or_graph, "unit"))
    while not (bounds.knows_diameter and bounds.knows_radius):
        bounds.search(bounds.next_cell())
    return Diameter(
        diameter=bounds.largest,
        ends=bounds.ends,
        radius=bounds.least,
        centre=bounds.centre,
        n_searches=bounds.n_searches,
    )


@ieee_arithmetic
def eccentricities(complex_or_graph: Any) -> IntArray:
    """Each cell's distance, in facets crossed, to the cell furthest from it, exactly.

    Parameters
    ----------
    complex_or_graph : Complex, Exploration, Slice, networkx.Graph, sparse array or array_like
        As for `diameter`.

    Returns
    -------
    ndarray of int64, shape (n_cells,)

    Raises
    ------
    ValueError
        If the graph is not connected.

    See Also
    --------
    diameter, facet_distances

    Notes
    -----
    By the bounds of `diameter`, until upper and lower ones agree everywhere.

    Examples
    --------
    >>> import relutope as rt
    >>> net = rt.Network.from_arrays([([[1.0], [1.0]], [0.0, -1.0]), ([[1.0, 2.0]], [0.0])])
    >>> rt.graph.eccentricities(rt.decompose(net)).tolist()
    [2, 1, 2]
    """
    bounds = _Bounds(graph_of(complex_or_graph, "unit"))
    while (bounds.lower < bounds.upper).any():
        bounds.search(bounds.next_cell())
    return bounds.lower


class _Bounds:
    """Bounds of all eccentricities, from the searches so far."""

    def __init__(self, graph: csr_array) -> None:
        self._graph = graph
        count = graph.shape[0]
        if count == 0:
            raise ValueError("`complex_or_graph` has no nodes")
        self.lower = np.zeros(count, dtype=np.int64)
        self.upper = np.full(count, np.iinfo(np.int64).max)
        self.largest, self.ends = -1, (0, 0)
        self.least, self.centre = count, 0
        self.n_searches = 0

    @property
    def knows_diameter(self) -> bool:
        return bool(self.upper.max() <= self.largest)

    @property
    def knows_radius(self) -> bool:
        return bool(self.lower.min() >= self.least)

    def next_cell(self) -> int:
        """A cell whose bounds differ: with the largest upper and the least lower one in turn."""
        open_ = self.lower < self.upper
        if self.n_searches == 0:
            return int(np.argmax(np.diff(self._graph.indptr)))
        wants_diameter = not self.knows_diameter
        if self.n_searches % 2 and (wants_diameter or self.knows_radius):
            return int(np.argmax(np.where(open_, self.upper, -1)))
        return int(np.argmin(np.where(open_, self.lower, np.iinfo(np.int64).max)))

    def search(self, cell: int) -> None:
        distance = levels(self._graph, cell)
        if distance.min() < 0:
            raise ValueError(
                "`complex_or_graph` is not connected, so that distances are infinite; take one of "
                "its components"
            )
        self.n_searches += 1
        far = int(distance.argmax())
        own = int(distance[far])
        np.maximum(self.lower, np.maximum(own - distance, distance), out=self.lower)
        np.minimum(self.upper, own + distance, out=self.upper)
        self.lower[cell] = self.upper[cell] = own
        if own > self.largest:
            self.largest, self.ends = own, (min(cell, far), max(cell, far))
        if own < self.least or (own == self.least and cell < self.centre):
            self.least, self.centre = own, cell
