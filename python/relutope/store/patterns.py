"""Finding patterns in files of cells, by bisection: rows increase lexicographically."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..common.arrays import BoolArray, IntArray
from .cell_files import CellFiles

__all__ = ["hashes", "lowest_around", "packed", "places", "precedes", "unpacked"]


def unpacked(words: NDArray[np.uint64], n_neurons: int) -> BoolArray:
    """Patterns as rows of bool."""
    rows = np.ascontiguousarray(words).view(np.uint8)
    bits = np.unpackbits(rows, axis=1, count=n_neurons, bitorder="little")
    found: BoolArray = bits.view(np.bool_)
    return found


def packed(patterns: BoolArray) -> NDArray[np.uint64]:
    """The reverse of `unpacked`."""
    count = max(1, -(-patterns.shape[1] // 64))
    rows = np.zeros((len(patterns), 64 * count), dtype=np.bool_)
    rows[:, : patterns.shape[1]] = patterns
    return np.packbits(rows, axis=1, bitorder="little").view("<u8")


def precedes(rows: NDArray[np.uint64], wanted: NDArray[np.uint64]) -> BoolArray:
    """Whether each row comes before the wanted one: neuron 0, the lowest bit, decides first."""
    different = rows ^ wanted
    word = (different != 0).argmax(axis=1)[:, None]
    bits = np.take_along_axis(different, word, axis=1)
    lowest = bits & (~bits + np.uint64(1))
    found: BoolArray = (np.take_along_axis(wanted, word, axis=1) & lowest).ravel() != 0
    return found


def _lower_bounds(cells: CellFiles, wanted: NDArray[np.uint64]) -> IntArray:
    """The first cell that does not come before each wanted pattern, or the number of cells."""
    low = np.zeros(len(wanted), dtype=np.int64)
    high = np.full(len(wanted), len(cells), dtype=np.int64)
    while (open_ := np.flatnonzero(low < high)).size:
        middle = (low[open_] + high[open_]) // 2
        before = precedes(cells.patterns(middle), wanted[open_])
        low[open_[before]] = middle[before] + 1
        high[open_[~before]] = middle[~before]
    return low


def places(cells: CellFiles, wanted: NDArray[np.uint64]) -> IntArray:
    """The cell with each packed pattern; -1 where there is none."""
    found = _lower_bounds(cells, wanted)
    inside = np.flatnonzero(found < len(cells))
    same = np.zeros(len(found), dtype=np.bool_)
    same[inside] = (cells.patterns(found[inside]) == wanted[inside]).all(axis=1)
    found[~same] = -1
    return found


def lowest_around(cells: CellFiles, signs: NDArray[np.int8]) -> int:
    """The lowest closed cell that contains the point with these signs of all neurons; -1 if none.

    A closed cell contains a point iff its pattern agrees wherever the point's sign is not zero:
    neurons that differ are zero at the point, so they do not change what later layers see.
    """
    strict = signs != 0
    candidate = signs > 0
    while True:
        place = int(_lower_bounds(cells, packed(candidate[None]))[0])
        if place == len(cells):
            return -1
        row = unpacked(cells.patterns(np.array([place])), len(signs))[0]
        wrong = np.flatnonzero(strict & (row != (signs > 0)))
        if not len(wrong):
            return place
        following = _next(row, int(wrong[0]), strict, signs)
        if following is None:
            return -1
        candidate = following


def _next(row: BoolArray, wrong: int, strict: BoolArray, signs: Any) -> BoolArray | None:
    """The first pattern that agrees after all that begin as `row` up to and with `wrong`."""
    rises = wrong if signs[wrong] > 0 else -1  # the row has 0 there, and 1 is wanted
    if rises < 0:
        free = np.flatnonzero(~strict[:wrong] & ~row[:wrong])
        if not len(free):
            return None
        rises = int(free[-1])
    following = signs > 0
    following[:rises] = row[:rises]
    following[rises] = True
    return np.asarray(following, dtype=np.bool_)


def hashes(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A number that equal rows share."""
    found = np.zeros(len(keys), dtype=np.uint64)
    for column in keys.T:
        found = (found ^ column) * np.uint64(0xD6E8FEB86659FD93)
        found ^= found >> np.uint64(32)
    return found
