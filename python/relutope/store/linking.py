"""How the cells of a store touch: the dual graph, assembled out of core.

Flipping one neuron's bit keeps the lexicographic order of patterns that agree in it. So the cells
with a facet on neuron i alone on which i is negative, in order, and those on which it is positive,
in order, are the two sides of the same facets, one after another: no search and no sorting is
needed. Each pair is compared, which proves at once that no cell is missing. Facets on which several
forms vanish are matched by sorting their keys (what vanishes, and what is positive elsewhere), in
parts that fit into memory.

Cells are gone through twice, in batches. First the cells of each neuron and sign of a batch, the
batch's segments, are written one behind the other; then each is read where it is the other side.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidComplexError
from ..search.tasks import Shard
from .cell_files import CellFiles
from .graph import GraphWriter, fresh_graph
from .patterns import hashes, precedes

__all__ = ["LEAST", "batch_within", "link"]

_BATCH = 1 << 17  # cells
_COMPARED = 1 << 24  # bytes of patterns that are compared at a time
_PER_FACET = 90  # bytes of a facet at work, measured
LEAST = 64 << 20  # bytes that a process and its libraries need anyway
_PART = 1 << 27  # bytes of keys that are sorted at a time
_KEPT = 1 << 19  # cells whose sorted facets are kept from the first time to the second
_MOST_PARTS = 4096
Told = Callable[[int, int], None]


def link(cells: CellFiles, folder: Path, told: Told, memory_limit: int | None = None) -> None:
    """Writes the dual graph of all cells to ``folder / GRAPH``, which is whole or not there.

    Parameters
    ----------
    cells : CellFiles
        All cells of a complex, with their facets.
    folder : Path
        Of the store.
    told : callable
        Is told cells that are done, and all of them, of both times.
    memory_limit : int, optional
        About how many bytes this may take; see `batch_within`.

    Raises
    ------
    ValueError
        If that is not enough.
    InvalidComplexError
        If a facet has no cell behind it, or more than one: cells are missing.
    InvalidFileError
        If a file is damaged.
    OSError
        If the disk is full.
    """
    batch = batch_within(memory_limit, cells)
    with fresh_graph(folder) as fresh:
        _Linking(cells, fresh, told, batch, memory_limit).run()
        shutil.rmtree(fresh / _TEMPORARY)


_TEMPORARY = "temporary"


def batch_within(memory_limit: int | None, cells: CellFiles) -> int:
    """How many cells can be at work at a time.

    Raises
    ------
    ValueError
        If not even few can.
    """
    batch = max(1, min(_BATCH, len(cells)))
    while memory_limit is not None and (needed := _bytes_for(batch, cells)) > memory_limit:
        smaller = _bytes_for(max(1, batch // 2), cells)
        if smaller >= needed:
            raise ValueError(
                f"`memory_limit` is {memory_limit:,} bytes; to find how {len(cells):,} cells touch "
                f"takes {needed:,}. All cells are in the store: the same call with more goes on"
            )
        batch //= 2
    return batch


def _bytes_for(batch: int, cells: CellFiles) -> int:
    facets = sum(file.facets for file in cells.files) / max(1, len(cells))
    at_work = int(batch * (_PER_FACET * facets + 40 * cells.kind.words))
    compared = min(_COMPARED, int(batch * facets) * 24 * cells.kind.words)
    segments = -(-len(cells) // batch) * 2 * cells.kind.neurons * 24
    return LEAST + at_work + compared + segments


class _Linking:
    def __init__(
        self,
        cells: CellFiles,
        folder: Path,
        told: Told,
        batch: int,
        memory_limit: int | None,
    ) -> None:
        self.cells, self.folder, self.told = cells, folder, told
        self.batch, self.most_kept, self.part = batch, _KEPT, _PART
        if memory_limit is not None:
            self.most_kept = 0
            self.part = min(_PART, max(1 << 20, (memory_limit - LEAST) // 8))
        self.done = 0
        self.index: Any = np.int32 if len(cells) < 2**31 else np.int64
        self.kept: dict[int, _Facets] = {}
        (folder / _TEMPORARY).mkdir()

    def run(self) -> None:
        most = sum(file.facets for file in self.cells.files)
        width = 2 * self.cells.kind.words + 2
        parts = min(_MOST_PARTS, 1 + most * 8 * width // self.part)
        keys = _SpecialKeys(self.folder / _TEMPORARY, self.index, width, parts)
        segments = _Segments(2 * self.cells.kind.neurons)
        path = self.folder / _TEMPORARY / "segments"
        with open(path, "wb") as stream:
            for first, shard, facets in self._batches():
                stream.write(
                    (first + facets.cell).astype(self.index).data
                )  # says why, if it cannot
                segments.add(facets.count)
                keys.add(shard, facets, first)
        segments.finish()
        values: NDArray[Any] = np.empty(0, dtype=self.index)
        if path.stat().st_size:
            values = np.memmap(path, dtype=self.index, mode="r")
        entries = len(values) + keys.count
        behind_special, specials = keys.partners(), 0
        with GraphWriter(self.folder, len(self.cells), entries) as writer:
            for batch, (_, shard, facets) in enumerate(self._batches()):
                behind = np.empty(len(shard.facet_id), dtype=self.index)
                beyond = segments.behind(values, batch)
                self._check(shard, facets, beyond)
                behind[facets.generic] = beyond
                end = specials + len(facets.special)
                behind[facets.special] = behind_special[specials:end]
                specials = end
                writer.add(facets.degree, behind[shard.facet_id >= 0])

    def _batches(self) -> Iterator[tuple[int, Shard, _Facets]]:
        last: NDArray[np.uint64] | None = None
        for first, shard in self.cells.batches(self.batch):
            if self.done < len(self.cells):  # the first time
                last = _check_order(shard.patterns, last)
            facets = self.kept.pop(first, None) or _Facets(shard, self.cells.kind.neurons)
            yield first, shard, facets
            if self.done < self.most_kept:
                self.kept[first] = facets
            self.done += len(shard)
            self.told(self.done, 2 * len(self.cells))

    def _check(self, shard: Shard, facets: _Facets, beyond: NDArray[Any]) -> None:
        """That the patterns on both sides differ in the neuron alone; once for each facet."""
        group = np.repeat(np.arange(len(facets.count)), facets.count)
        rows = np.flatnonzero(group % 2 == 0)
        all_here = len(shard) == len(self.cells)
        step = max(1, _COMPARED // (24 * self.cells.kind.words))
        for k in range(0, len(rows), step):
            some = rows[k : k + step]
            neuron = group[some] >> 1
            there = shard.patterns[beyond[some]] if all_here else self.cells.patterns(beyond[some])
            differing = shard.patterns[facets.cell[some]] ^ there
            bit = np.uint64(1) << (neuron & 63).astype(np.uint64)
            differing[np.arange(len(some)), neuron >> 6] ^= bit
            if differing.any():
                wrong = neuron[differing.any(axis=1)][0]
                raise _missing(f"the cells at a facet on neuron {wrong} do not fit together")


def _check_order(
    patterns: NDArray[np.uint64], last: NDArray[np.uint64] | None
) -> NDArray[np.uint64]:
    """That patterns increase, behind the last one before; returns their last one."""
    increasing = last is None or precedes(last, patterns[:1]).all()
    step = max(1, _COMPARED // (24 * patterns.shape[1]))
    for k in range(0, len(patterns) - 1, step):
        increasing &= precedes(patterns[k:-1][:step], patterns[k + 1 :][:step]).all()
    if not increasing:
        raise InvalidComplexError("`store`: its cells are not in order, or some are there twice")
    return patterns[-1:].copy()


class _Facets:
    """Facets of a shard that are not on the domain's boundary.

    Attributes
    ----------
    generic : ndarray
        Those on one neuron alone, by neuron and sign: group 2 i has the cells on which neuron i is
        not active, group 2 i + 1 the others.
    cell : ndarray
        Their cells.
    count : ndarray
        How many are in each group.
    special, cell_of_special : ndarray
        Those on which several forms vanish.
    degree : ndarray
        How many each cell has.
    """

    def __init__(self, shard: Shard, n_neurons: int) -> None:
        cell_of = np.repeat(np.arange(len(shard), dtype=np.int32), shard.facet_count)
        inner = shard.facet_id >= 0
        ends = np.concatenate([[0], np.cumsum(shard.facet_count, dtype=np.int64)])
        self.degree = np.diff(np.concatenate([[0], np.cumsum(inner)])[ends])
        self.special = shard.special_facet[inner[shard.special_facet]]
        self.cell_of_special = cell_of[self.special]
        inner[self.special] = False
        generic = np.flatnonzero(inner)
        cell = cell_of[generic]
        neuron = shard.facet_id[generic].astype(np.int32)
        octets = np.ascontiguousarray(shard.patterns).view(np.uint8)
        active = (octets[cell, neuron >> 3] >> (neuron & 7).astype(np.uint8)) & np.uint8(1)
        group = (2 * neuron + active).astype(np.uint16 if n_neurons < 2**15 else np.int32)
        self.count = np.bincount(group, minlength=2 * n_neurons)
        order = np.argsort(group, kind="stable")
        self.generic, self.cell = generic[order], cell[order]


class _Segments:
    """Where the cells of each batch, neuron and sign are, one segment behind the other."""

    def __init__(self, groups: int) -> None:
        self._count: list[NDArray[np.int64]] = []
        self._groups = groups

    def add(self, count: NDArray[np.int64]) -> None:
        self._count.append(count)

    def finish(self) -> None:
        """Numbers the cells of each group.

        Raises
        ------
        InvalidComplexError
            If a facet has a cell on one side only.
        """
        self.count = np.array(self._count, dtype=np.int64).reshape(-1, self._groups)
        total = self.count.sum(axis=0)
        if (total[::2] != total[1::2]).any():
            neuron = int(np.flatnonzero(total[::2] != total[1::2])[0])
            raise _missing(f"facets on neuron {neuron} have not one cell on each side")
        flat = self.count.ravel()
        self.place = (np.cumsum(flat) - flat).reshape(self.count.shape)
        self.rank = np.ascontiguousarray((np.cumsum(self.count, axis=0) - self.count).T)

    def behind(self, values: NDArray[Any], batch: int) -> NDArray[Any]:
        """The cells behind the facets of a batch, in their order in its segment."""
        parts: list[NDArray[Any]] = [values[:0]]
        for group in np.flatnonzero(self.count[batch]).tolist():
            other = group ^ 1
            rank, left = int(self.rank[group, batch]), int(self.count[batch, group])
            there = int(np.searchsorted(self.rank[other], rank, side="right")) - 1
            while left:
                skipped = rank - int(self.rank[other, there])
                taken = min(left, int(self.count[there, other]) - skipped)
                begin = int(self.place[there, other]) + skipped
                parts.append(values[begin : begin + taken])
                rank, left, there = rank + taken, left - taken, there + 1
        return np.concatenate(parts)


class _SpecialKeys:
    """Facets on which several forms vanish, spread over files by a hash of their keys."""

    def __init__(self, folder: Path, index: Any, width: int, parts: int) -> None:
        self._folder, self._index = folder, index
        self._width, self._parts = width, parts
        self.count = 0

    def add(self, shard: Shard, facets: _Facets, first: int) -> None:
        if not len(facets.special):
            return
        words = shard.patterns.shape[1]
        keys = np.zeros((len(facets.special), self._width), dtype=np.uint64)
        keys[:, :words] = shard.patterns[facets.cell_of_special]
        inner = shard.facet_id[shard.special_facet] >= 0
        owner = np.repeat(np.arange(len(inner)), shard.special_count)
        ids = shard.special_ids[inner[owner]].astype(np.int64)
        row = (np.cumsum(inner) - 1)[owner[inner[owner]]]
        bit = np.uint64(1) << (ids & 63).astype(np.uint64)
        np.bitwise_and.at(keys, (row, ids >> 6), ~bit)
        np.bitwise_or.at(keys, (row, words + (ids >> 6)), bit)
        keys[:, -2] = np.arange(self.count, self.count + len(keys))
        keys[:, -1] = first + facets.cell_of_special
        self.count += len(keys)
        part = hashes(keys[:, :-2]) % np.uint64(self._parts)
        for k in np.unique(part).tolist():
            with open(self._folder / f"keys-{k}", "ab") as file:
                file.write(keys[part == k].data)

    def partners(self) -> NDArray[Any]:
        """The cell behind each of the facets, in the order in which they were added."""
        if not self.count:
            return np.empty(0, dtype=self._index)
        found = _mapped(self._folder / "partners", self.count, self._index)
        for path in self._folder.glob("keys-*"):
            keys = np.fromfile(path, dtype=np.uint64).reshape(-1, self._width)
            path.unlink()
            keys = keys[np.lexsort(keys[:, :-2].T[::-1])]
            one, other = keys[::2], keys[1::2]
            paired = len(one) == len(other) and (one[:, :-2] == other[:, :-2]).all()
            if not paired or (one[1:, :-2] == one[:-1, :-2]).all(axis=1).any():
                raise _missing("a facet on which several neurons vanish has not two cells")
            found[one[:, -2].astype(np.int64)] = other[:, -1].astype(self._index)
            found[other[:, -2].astype(np.int64)] = one[:, -1].astype(self._index)
        return found


def _mapped(path: Path, length: int, kind: Any) -> NDArray[Any]:
    """An array in a file whose place on the disk is taken: a full disk is an error now, no signal
    later.
    """
    with open(path, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, length * np.dtype(kind).itemsize)
    return np.memmap(path, dtype=kind, mode="r+", shape=(length,))


def _missing(what: str) -> InvalidComplexError:
    return InvalidComplexError(f"`store`: cells are missing: {what}")
