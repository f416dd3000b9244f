"""Shortest paths from cell to cell through shared facets."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from ..common.arguments import checked_index
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import BoolArray, FloatArray, IntArray, ReadOnlyArrays
from ..common.integer_kernels import integers
from ..common.modular import low_bits
from ..common.ragged import Ragged
from ..complex.cells import Cells
from ..network.network import Network
from .dual import Weight, edge_weights

__all__ = ["FacetPath", "FirstLayer", "endpoint", "shortest_among"]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class FacetPath(ReadOnlyArrays):
    """Result of `shortest_path`: cells of which each shares a facet with the next.

    Attributes
    ----------
    length : float
        Sum of the weights of the facets crossed; inf if no path was found.
    lower_bound : float
        No path is shorter.
    patterns : ndarray of bool, shape (k + 1, N)
        The cells' activation patterns, from start to end.
    neurons : Ragged
        For each of the k crossings, the neurons that vanish on the facet.
    cells : ndarray of int64, shape (k + 1,)
        The cells' numbers in the complex or exploration; -1 without one.
    n_explored : int
        How many cells were looked at.
    """

    length: float
    lower_bound: float
    patterns: BoolArray
    neurons: Ragged
    cells: IntArray
    n_explored: int

    @property
    def optimal(self) -> bool:
        """Whether no path is shorter."""
        return self.length <= self.lower_bound

    @property
    def n_crossings(self) -> int:
        """Number of facets crossed."""
        return len(self.neurons)

    def __repr__(self) -> str:
        return f"FacetPath({self})"

    def __str__(self) -> str:
        if not np.isfinite(self.length):
            return f"no path among {self.n_explored:,} cells, at least {self.lower_bound:g} long"
        state = "optimal" if self.optimal else f"at least {self.lower_bound:g}"
        return f"{self.n_crossings:,} crossings, length {self.length:g} ({state})"


def shortest_among(
    cells: Cells, start: int, end: int, weight: Weight | ArrayLike, *, complete: bool
) -> FacetPath:
    """The shortest path among these cells; of all cells of the domain if they are `complete`."""
    weights = _checked_weights(cells, weight)
    first, second = cells.adjacency.T.astype(np.int32)  # what SciPy's search takes before 1.13
    count = cells.n_cells
    graph = coo_array((weights, (first, second)), shape=(count, count)).tocsr()
    plain = isinstance(weight, str) and weight == "unit"
    distance, before = dijkstra(
        graph, directed=False, indices=start, return_predecessors=True, unweighted=plain
    )
    length = float(distance[end])
    found = [end] if np.isfinite(length) else []
    while found and found[-1] != start:
        found.append(int(before[found[-1]]))
    path = np.array(found[::-1], dtype=np.int64)
    bound = length
    if not complete:
        start_pattern, end_pattern = cells.patterns[start], cells.patterns[[end]]
        between = FirstLayer(cells.network).separating(start_pattern, end_pattern)
        bound = float(between[0]) if plain else 0.0
    return FacetPath(
        length=length,
        lower_bound=bound,
        patterns=cells.patterns[path],
        neurons=_crossed(cells, path),
        cells=path,
        n_explored=count,
    )


def _checked_weights(cells: Cells, weight: Weight | ArrayLike) -> FloatArray:
    if isinstance(weight, str):
        return edge_weights(cells, cast(Weight, weight))
    weights = np.array(weight, dtype=np.float64)
    if weights.shape != (cells.n_edges,):
        raise ValueError(
            f"`weight` has shape {weights.shape}; give the name of a weight, or one number for "
            f"each of {cells.n_edges} rows of `adjacency`"
        )
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise ValueError("`weight` has a number that is not finite or < 0; give lengths >= 0")
    return weights


def _crossed(cells: Cells, path: IntArray) -> Ragged:
    """What vanishes on the facets between consecutive cells."""
    pairs = np.sort(np.column_stack([path[:-1], path[1:]]), axis=1)
    keys = cells.adjacency @ np.array([cells.n_cells, 1])
    rows: IntArray = np.searchsorted(keys, pairs @ np.array([cells.n_cells, 1]))
    return cells.facet_neurons[rows]


def endpoint(cells: Any, name: str, given: Any) -> int:
    """A cell by its number, or the one that contains a point."""
    if np.ndim(given) == 0:
        return checked_index(given, cells.n_cells, name=name)
    point = np.asarray(given, dtype=np.float64)
    if point.shape != (cells.dim,):
        raise ValueError(
            f"`{name}` must be a cell or a point of shape ({cells.dim},), got {point.shape}"
        )
    cell = int(cells.locate(point[None])[0])
    if cell < 0:
        raise ValueError(f"`{name}` is in none of the cells")
    return cell


class FirstLayer:
    """The hyperplanes of the first layer, neurons with the same one together.

    A path crosses each that separates its ends, and a facet lies in one hyperplane.
    """

    def __init__(self, network: Network) -> None:
        (W, b, low), neurons = network.exact_layers()[0], network.hidden_widths[0]
        bits = low_bits(np.concatenate([W.ravel(), b, low]))
        bias = integers(b, bits) + integers(low, bits)
        rows = np.concatenate([integers(W, bits), bias[:, None]], axis=1)[:neurons]
        known: dict[tuple[int, ...], int] = {}
        for neuron, row in enumerate(rows.tolist()):
            if any(row[:-1]):
                known.setdefault(_direction(row), neuron)
        self._neurons = np.array(sorted(known.values()), dtype=np.int64)

    def separating(self, pattern: BoolArray, others: BoolArray) -> IntArray:
        """How many hyperplanes separate one cell from each of others."""
        kept = self._neurons
        return np.asarray((others[:, kept] != pattern[kept]).sum(axis=1))


def _direction(row: list[int]) -> tuple[int, ...]:
    """The same for all multiples of a row, by negative factors too."""
    factor = gcd(*row)
    if next(v for v in row if v) < 0:
        factor = -factor
    return tuple(v // factor for v in row)
