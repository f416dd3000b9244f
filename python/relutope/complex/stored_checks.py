"""Whether arrays that come from a file describe cells that fit together.

Needs about as much memory as the arrays themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..search.cell_arrays import CellArrays

__all__ = ["check_arrays", "check_cells"]

_CHUNK_BYTES = 1 << 22
_REVERSED = np.array([int(f"{byte:08b}"[::-1], 2) for byte in range(256)], dtype=np.uint8)


def check_arrays(arrays: CellArrays, neurons: int, sides: int) -> str | None:
    """What is wrong with the arrays of a complex, or None.

    Parameters
    ----------
    arrays : CellArrays
        Of the right types and shapes.
    neurons, sides : int
        Numbers of neurons and of sides of the domain.
    """
    return (
        _indices(arrays, neurons, sides)
        or check_cells(arrays, neurons)
        or _reciprocity(arrays)
        or _differences(arrays)
    )


def check_cells(arrays: CellArrays, neurons: int) -> str | None:
    """What is wrong with patterns, and with the neurons that vanish on cells, or None.

    Parameters
    ----------
    arrays : CellArrays
        Of the right types and shapes, with numbers of cells and neurons that exist.
    neurons : int
        Number of neurons.
    """
    return _patterns(arrays.patterns, neurons) or _zeros(arrays, neurons)


def _indices(a: CellArrays, neurons: int, sides: int) -> str | None:
    cells, facets = len(a.facet_begin) - 1, len(a.facet_id)
    if cells < 1:
        return "it has no cells"
    if not _partitions(a.facet_begin, facets):
        return "facet_begin does not divide the facets among the cells"
    if not _within(a.facet_id, -sides, neurons):
        return "facet_id names forms that do not exist"
    if not _within(a.facet_neighbour, -1, cells):
        return "facet_neighbour names cells that do not exist"
    if ((a.facet_id < 0) != (a.facet_neighbour < 0)).any():
        return "a facet must be either on the domain's boundary or shared by two cells"
    if not (_within(a.special_facet, 0, facets) and (np.diff(a.special_facet) > 0).all()):
        return "special_facet does not name facets in increasing order"
    if not _partitions(a.special_begin, len(a.special_ids)):
        return "special_begin does not divide special_ids among the facets"
    if not _within(a.special_ids, -sides, neurons):
        return "special_ids names forms that do not exist"
    if not (_within(a.zero_cell, 0, cells) and _within(a.zero_neuron, 0, neurons)):
        return "zero_cell or zero_neuron names what does not exist"
    return None


def _within(values: NDArray[np.int64] | NDArray[np.int32], low: int, end: int) -> bool:
    return not len(values) or (int(values.min()) >= low and int(values.max()) < end)


def _partitions(begin: NDArray[np.int64], total: int) -> bool:
    return bool(begin[0] == 0 and begin[-1] == total and (begin[1:] >= begin[:-1]).all())


def _chunks(count: int, row_bytes: int) -> Iterator[slice]:
    step = max(1, _CHUNK_BYTES // max(1, row_bytes))
    for start in range(0, count, step):
        yield slice(start, min(count, start + step))


def _patterns(patterns: NDArray[np.uint64], neurons: int) -> str | None:
    """Rows must increase in the order of neurons, and have no bits behind the last one."""
    used = np.zeros(patterns.shape[1] * 64, dtype=np.bool_)
    used[:neurons] = True
    mask = np.packbits(used, bitorder="little").view("<u8")
    for rows in _chunks(len(patterns), patterns.shape[1] * 8):
        if (patterns[rows] & ~mask).any():
            return "a pattern has more bits than there are neurons"
    for rows in _chunks(len(patterns) - 1, patterns.shape[1] * 8):
        # Neuron 0 is the lowest bit of the first byte and counts most.
        both = _REVERSED[patterns[rows.start : rows.stop + 1].view(np.uint8)]
        differ = both[1:] != both[:-1]
        first = differ.argmax(axis=1)[:, None]
        above = np.take_along_axis(both[1:], first, 1) > np.take_along_axis(both[:-1], first, 1)
        if not above.all():
            return "the patterns of its cells do not increase"
    return None


def _zeros(a: CellArrays, neurons: int) -> str | None:
    """A neuron that vanishes on a cell is inactive there."""
    word, bit = a.zero_neuron // 64, (a.zero_neuron % 64).astype(np.uint64)
    if len(a.zero_cell) and (a.patterns[a.zero_cell, word] >> bit & np.uint64(1)).any():
        return "a neuron is active on a cell on which it vanishes"
    return None


def _reciprocity(a: CellArrays) -> str | None:
    """Every shared facet must be named by both cells, alike."""
    cells = len(a.facet_begin) - 1
    cell = np.repeat(np.arange(cells, dtype=np.int32), np.diff(a.facet_begin))
    if (cell == a.facet_neighbour).any():
        return "a cell is its own neighbour"
    forward = np.flatnonzero(a.facet_neighbour > cell)
    backward = np.flatnonzero((a.facet_neighbour < cell) & (a.facet_neighbour >= 0))
    there = cell[forward].astype(np.int64) * cells + a.facet_neighbour[forward]
    back = a.facet_neighbour[backward].astype(np.int64) * cells + cell[backward]
    del cell
    forward, backward = forward[there.argsort()], backward[back.argsort()]
    there.sort()
    back.sort()
    if not np.array_equal(there, back):
        return "a facet is shared by one cell only"
    if (np.diff(there) == 0).any():
        return "two cells share more than one facet"
    for rows in _chunks(len(forward), 64):
        one, other = forward[rows], backward[rows]
        mine, theirs = a.zero_sets(one, sides_too=True), a.zero_sets(other, sides_too=True)
        same = np.array_equal(mine.indptr, theirs.indptr)
        if not (same and np.array_equal(mine.indices, theirs.indices)):
            return "two cells name their common facet differently"
        if not np.array_equal(a.facet_id[one], a.facet_id[other]):
            return "two cells name their common facet differently"
    return None


def _differences(a: CellArrays) -> str | None:
    """Neighbours differ in neurons that vanish on their facet only; all patterns do differ."""
    cells = len(a.facet_begin) - 1
    counts = np.diff(a.facet_begin)
    for some in _chunks(cells, 64 * a.patterns.shape[1]):
        first, last = int(a.facet_begin[some.start]), int(a.facet_begin[some.stop])
        cell = np.repeat(np.arange(some.start, some.stop), counts[some])
        for part in _chunks(last - first, 64 * a.patterns.shape[1]):
            facets = np.arange(first + part.start, first + part.stop)
            shared = a.facet_neighbour[facets] >= 0
            facets, here = facets[shared], cell[part][shared]
            differ = a.patterns[here] ^ a.patterns[a.facet_neighbour[facets]]
            zeros = a.zero_sets(facets)
            bits = np.uint64(1) << (zeros.indices % 64).astype(np.uint64)
            np.bitwise_and.at(differ, (zeros.row_of, zeros.indices // 64), ~bits)
            if differ.any():
                return "two neighbours differ in a neuron that does not vanish on their facet"
    return None
