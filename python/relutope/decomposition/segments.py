"""The cells that a straight segment runs through, in order, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import BoolArray, FloatArray, IntArray, ReadOnlyArrays
from ..common.ragged import Ragged
from ..common.tensors import detached
from ..complex.cells import cells_of, has_cells
from ..complex.geometry import lowest_cell_around
from ..errors import InvalidDomainError
from ..network.conversion import as_network
from ..network.network import Network
from .sliced import Slice
from .slicing import slice as sliced

__all__ = ["SegmentCells", "pieces", "segment_cells"]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class SegmentCells(ReadOnlyArrays):
    """Result of `segment_cells`: piece i of the segment reaches from ``t[i]`` to ``t[i + 1]``.

    Attributes
    ----------
    cells : ndarray of int64, shape (k,)
        The cell of each piece; -1 without a complex, and where an exploration has not been. Of a
        piece that runs in faces between cells, the lowest of these.
    signs : ndarray of int8, shape (k, N)
        Exact signs of all neurons on each piece. Zeros are neurons that vanish on all of it.
    t : ndarray of float64, shape (k + 1,)
        Where pieces begin and end, from 0 to 1, rounded once.
    neurons : Ragged
        For each of the k - 1 points between two pieces, the neurons that vanish there.
    """

    cells: IntArray
    signs: NDArray[np.int8]
    t: FloatArray
    neurons: Ragged

    @property
    def n_crossings(self) -> int:
        """Number of points at which the segment leaves a piece for the next."""
        return len(self.neurons)

    def __len__(self) -> int:
        return len(self.signs)

    def __repr__(self) -> str:
        return f"SegmentCells({self})"

    def __str__(self) -> str:
        return f"{len(self):,} pieces, {self.n_crossings:,} crossings"


@ieee_arithmetic
def segment_cells(source: Any, start: ArrayLike, end: ArrayLike) -> SegmentCells:
    """The cells that the segment between two points runs through, in order, exactly.

    Parameters
    ----------
    source : Complex, Exploration, or network
        A network as for `decompose`, which needs no complex: the segment alone is decomposed, so
        that inputs may be many.
    start, end : array_like, shape (n,)
        Different points of the domain, taken as exactly these doubles.

    Returns
    -------
    SegmentCells

    Raises
    ------
    InvalidDomainError
        If a point is outside of the complex's domain.
    ValueError
        If the points do not fit, or are equal.

    See Also
    --------
    shortest_path, slice

    Examples
    --------
    From (-1, -2) to (3, 2) through the lines ``x = 0`` and ``y = 0``:

    >>> import relutope as rt
    >>> net = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])]
    >>> found = rt.segment_cells(rt.decompose(net), [-1, -2], [3, 2])
    >>> found.cells.tolist(), found.t.tolist()
    ([0, 2, 3], [0.0, 0.25, 0.5, 1.0])
    >>> [neurons.tolist() for neurons in found.neurons]
    [[0], [1]]
    """
    if not has_cells(source):
        found = pieces(as_network(source), start, end)
        return SegmentCells(np.full(len(found[0]), -1), *found)
    cells: Any = cells_of(source)
    if isinstance(source, Slice):
        raise TypeError("`source` is a Slice; give its complex, and points of its parameters")
    ends = np.stack([_point("start", start, cells.dim), _point("end", end, cells.dim)])
    if cells.domain is not None and not cells.domain.contains(ends).all():
        raise InvalidDomainError("`start` or `end` is outside of the domain of `source`")
    signs, t, neurons = pieces(cells.network, *ends)
    return SegmentCells(_numbers(cells.patterns, signs), signs, t, neurons)


def _point(name: str, given: ArrayLike, n: int) -> FloatArray:
    point = np.array(detached(given), dtype=np.float64).ravel()
    if point.shape != (n,):
        raise ValueError(f"`{name}` must be a point of {n} coordinates, got {point.shape[0]}")
    if not np.isfinite(point).all():
        raise ValueError(f"`{name}` contains NaN or infinity")
    return point


def pieces(
    network: Network, start: ArrayLike, end: ArrayLike
) -> tuple[NDArray[np.int8], FloatArray, Ragged]:
    """Signs on the pieces of a segment, where they begin and end, what vanishes between them."""
    n = network.input_dim
    ends = np.stack([_point("start", start, n), _point("end", end, n)])
    if (ends[0] == ends[1]).all():
        raise ValueError("`start` and `end` are the same point; `locate` finds its cell")
    line = sliced(network, ends)
    order, t = line.ordered_cells
    cx = line.complex
    signs = np.where(cx.patterns, 1, -1).astype(np.int8)
    signs[cx.zero_neurons] = 0
    keys = cx.adjacency @ np.array([cx.n_cells, 1])
    pairs = np.sort(np.column_stack([order[:-1], order[1:]]), axis=1)
    between = cx.facet_neurons[np.searchsorted(keys, pairs @ np.array([cx.n_cells, 1]))]
    return signs[order], t, between


def _numbers(patterns: BoolArray, signs: NDArray[np.int8]) -> IntArray:
    """The lowest closed cell that contains each piece."""
    known = {
        row.tobytes(): i for i, row in reversed(list(enumerate(np.packbits(patterns, axis=1))))
    }
    wanted = np.packbits(signs > 0, axis=1)
    found = np.array([known.get(row.tobytes(), -1) for row in wanted], dtype=np.int64)
    for i in np.flatnonzero((signs == 0).any(axis=1)):
        found[i] = lowest_cell_around(patterns, signs[i])
    return found
