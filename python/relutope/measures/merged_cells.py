"""Linear regions of a network, in the six senses of the literature."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..common.arguments import checked_seconds
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import IntArray, ReadOnlyArrays
from ..common.progress import Progress, search_watch, watched
from ..complex.cell_complex import CellComplex
from ..complex.cells import ComplexLike, complex_of
from .cell_maps import CellMaps
from .convex_unions import fewest_convex

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["LinearRegions", "linear_regions"]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class LinearRegions(ReadOnlyArrays):
    """Result of `linear_regions`.

    The six definitions are nested: every number is at most the next one.

    Attributes
    ----------
    complex : Complex
    affine_regions : ndarray of int64, shape (n_cells,)
        Which affine function each cell carries, numbered by their first cells.
    closed_connected_regions : ndarray of int64, shape (n_cells,)
        The same, of cells of one function that are connected through common faces of any dimension.
    open_connected_regions : ndarray of int64, shape (n_cells,)
        The same, connected through facets.
    """

    complex: CellComplex
    affine_regions: IntArray
    closed_connected_regions: IntArray
    open_connected_regions: IntArray

    @property
    def n_affine_regions(self) -> int:
        """Number of distinct affine functions."""
        return int(self.affine_regions.max()) + 1

    @property
    def n_closed_connected_regions(self) -> int:
        """Number of maximal connected unions of closed cells with one affine function."""
        return int(self.closed_connected_regions.max()) + 1

    @property
    def n_open_connected_regions(self) -> int:
        """Number of maximal open connected sets on which the network is affine."""
        return int(self.open_connected_regions.max()) + 1

    @cached_property
    def convex_bounds(self) -> tuple[int, int]:
        """Bounds of the least number of convex polyhedra, on each of which the network is affine.

        They are equal where every open connected region is convex. A region that is not needs at
        least two; the upper bound merges cells greedily, since the least number is hard to find.
        """
        return fewest_convex(self.complex, self.open_connected_regions)

    @property
    def n_proper_activation_regions(self) -> int:
        """Number of activation patterns that an open set of inputs has."""
        return len(np.unique(self._own(self.complex.patterns), axis=0))

    @cached_property
    def n_activation_regions(self) -> int:
        """Number of activation patterns that any input has, active meaning positive.

        Needs the faces of all dimensions.
        """
        cx = self.complex
        kinds = [k for k, count in enumerate(cx.f_vector) if count]
        realised = [np.asarray(cx.faces(k).signs() > 0) for k in kinds]
        return len(np.unique(self._own(np.concatenate(realised)), axis=0))

    def _own(self, patterns: NDArray[np.bool_]) -> NDArray[np.uint8]:
        """Columns of the network's own neurons, packed."""
        count = self.complex.n_neurons - self.complex.n_output_neurons
        return np.packbits(patterns[:, :count], axis=1)

    def counts(self) -> dict[str, int | None]:
        """The numbers of all six kinds, from the fewest to the most.

        "convex" is None where `convex_bounds` differ.

        Returns
        -------
        dict of str to int or None
        """
        low, high = self.convex_bounds
        return {
            "affine": self.n_affine_regions,
            "closed connected": self.n_closed_connected_regions,
            "open connected": self.n_open_connected_regions,
            "convex": low if low == high else None,
            "proper activation": self.n_proper_activation_regions,
            "activation": self.n_activation_regions,
        }

    def __repr__(self) -> str:
        return (
            f"LinearRegions({self.n_affine_regions:,} affine, "
            f"{self.n_closed_connected_regions:,} closed connected, "
            f"{self.n_open_connected_regions:,} open connected; {self.complex!r})"
        )


@ieee_arithmetic
def linear_regions(
    complex: ComplexLike, *, max_seconds: float | None = None, progress: Progress = False
) -> LinearRegions:
    """Cells merged where the network is one affine function, exactly.

    *Linear region* means six different things in the literature, and Stargalla, Hertrich and
    Reichman (2025) give each a name. An *activation region* is the set of all inputs with one
    activation pattern; it is *proper* if it has an interior. *Convex regions* are the fewest convex
    polyhedra that cover the domain without common interior points, with the network affine on each.
    *Open connected regions* are maximal open connected sets on which it is affine, *closed
    connected regions* maximal closed connected ones: they may also be connected through a corner.
    An *affine region* is all of the domain where the network is one affine function.

    Affine maps are compared as exact rationals.

    Parameters
    ----------
    complex : Complex
        With vertices: at most 16 essential dimensions.
    max_seconds : float, optional
        Stops after this wall time.
    progress : bool or callable
        Show progress on stderr, or be told; see `decompose`.

    Returns
    -------
    LinearRegions
        Regions are those of the complex's domain. Closed connected regions are unions of closed
        cells: a set without interior on which two functions agree connects nothing.

    Raises
    ------
    EngineError
        If the complex has too many essential dimensions for vertices.
    StoppedError
        If the time is over, or `progress` returns True.

    See Also
    --------
    decompose : cells, the activation regions with an interior.
    decision_regions : regions of one class.

    References
    ----------
    Stargalla, Hertrich, Reichman, "The Computational Complexity of Counting Linear Regions in ReLU
    Neural Networks", 2025.

    Examples
    --------
    ``relu(x) - relu(x - 1) + relu(x - 2)`` on [-1, 3] is constant twice, with two different values,
    and has the slope 1 twice:

    >>> import relutope as rt
    >>> net = [([[1], [1], [1]], [0, -1, -2]), ([[1, -1, 1]], [0])]
    >>> found = rt.linear_regions(rt.decompose(net, rt.Box(-1, 3)))
    >>> found.counts()  # doctest: +NORMALIZE_WHITESPACE
    {'affine': 4, 'closed connected': 4, 'open connected': 4, 'convex': 4, 'proper activation': 4,
     'activation': 4}
    """
    complex = complex_of(complex)
    maps = CellMaps(complex.network)
    known: dict[tuple[int, ...], int] = {}
    label = np.empty(complex.n_cells, dtype=np.int64)
    limit, patterns = checked_seconds("max_seconds", max_seconds), complex.patterns
    with search_watch(progress, limit) as watch:
        for i in watched(range(len(patterns)), watch, len(patterns)):
            A, c = maps.of(patterns[i])
            label[i] = known.setdefault((*A.ravel(), *c), len(known))
    first, second = complex.adjacency.T
    same = label[first] == label[second]
    open_ = _components(_graph(first[same], second[same], complex.n_cells))
    return LinearRegions(complex, label, _closed(complex, label), open_)


def _closed(cx: CellComplex, label: IntArray) -> IntArray:
    """Components of cells of one label that share a vertex, which they do iff they share a face."""
    own = cx.cell_vertices
    cell, vertex = own.row_of, own.indices
    finite = vertex < cx.n_finite_vertices
    cell, vertex = cell[finite], vertex[finite]
    # A node for each pair of a vertex and a label at it, joined to its cells.
    _, node = np.unique(np.column_stack([vertex, label[cell]]), axis=0, return_inverse=True)
    node = node.ravel()
    total = cx.n_cells + (int(node.max()) + 1 if len(node) else 0)
    return _components(_graph(cell, cx.n_cells + node, total), cx.n_cells)


def _graph(first: IntArray, second: IntArray, size: int) -> csr_array:
    from scipy.sparse import csr_array

    ones = np.ones(len(first), dtype=np.int8)
    return csr_array((ones, (first, second)), shape=(size, size))


def _components(graph: csr_array, count: int | None = None) -> IntArray:
    """Components of the first `count` nodes, numbered by their first ones."""
    from scipy.sparse.csgraph import connected_components

    _, component = connected_components(graph, directed=False)
    _, first, number = np.unique(component[:count], return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[number.ravel()].astype(np.int64)
