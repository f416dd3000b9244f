"""How the cells of a store touch: the dual graph on disk, assembled out of core.

Flipping one neuron's bit keeps the lexicographic order of patterns that agree in it. So the cells
with a facet on neuron i alone on which i is negative, in order, and those on which it is positive,
in order, are the two sides of the same facets, one after another: no search and no sorting is
needed. Each pair is compared, which proves at once that no cell is missing. Facets on which several
forms vanish are matched by sorting their keys (what vanishes, and what is positive elsewhere), in
parts that fit into memory.

``graph/indptr.npy`` and ``graph/indices.npy`` are the rows of a symmetric matrix in SciPy's CSR
format: entry k of row i is the cell behind the k-th facet of cell i that is not on the domain's
boundary.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidComplexError
from ..search.tasks import Shard
from .shards import patterns_of, read_shard, shard_columns

__all__ = ["GRAPH", "CellFiles", "link", "write_graph"]

GRAPH = "graph"
_PART = 1 << 27  # bytes of keys that are sorted at a time
Told = Callable[[int, int], None]


class CellFiles:
    """Files of cells in order, as one list of cells.

    Parameters
    ----------
    paths : list of Path
    counts : list of int
        How many cells each has.
    """

    def __init__(self, paths: list[Path], counts: list[int]) -> None:
        self.paths = paths
        self.begin = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self._patterns: list[NDArray[np.uint64] | None] = [None] * len(paths)

    def __len__(self) -> int:
        return int(self.begin[-1])

    def shards(self) -> Iterator[tuple[int, Shard]]:
        """The number of each file's first cell, and its cells."""
        for first, path in zip(self.begin.tolist(), self.paths, strict=False):
            yield first, read_shard(path)

    def patterns_in(self, file: int) -> NDArray[np.uint64]:
        """The packed patterns of a file, over a memory map."""
        known = self._patterns[file]
        if known is None:
            known = patterns_of(shard_columns(self.paths[file])["pattern"])
            self._patterns[file] = known
        return known

    def patterns(self, cells: NDArray[Any]) -> NDArray[np.uint64]:
        """Packed patterns of some cells."""
        files = np.searchsorted(self.begin, cells, side="right") - 1
        words = self.patterns_in(0).shape[1] if self.paths else 1
        found = np.empty((len(cells), words), dtype=np.uint64)
        for file in np.unique(files).tolist():
            here = files == file
            found[here] = self.patterns_in(file)[cells[here] - self.begin[file]]
        return found


def link(cells: CellFiles, folder: Path, n_neurons: int, told: Told) -> None:
    """Writes the dual graph of all cells to ``folder / GRAPH``, which is whole or not there.

    Parameters
    ----------
    cells : CellFiles
        All cells of a complex, with their facets.
    folder : Path
        Of the store.
    n_neurons : int
    told : callable
        Is told steps that are done, and all steps.

    Raises
    ------
    InvalidComplexError
        If a facet has no cell behind it, or more than one: cells are missing.
    OSError
        If the disk is full.
    """
    fresh = Path(tempfile.mkdtemp(prefix=".graph-", dir=folder))
    try:
        _Linking(cells, fresh, n_neurons, told).run()
        for name in ("streams", "keys"):
            shutil.rmtree(fresh / name, ignore_errors=True)
        os.replace(fresh, folder / GRAPH)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder / GRAPH)) from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def write_graph(
    folder: Path, facet_begin: NDArray[np.int64], facet_neighbour: NDArray[Any]
) -> None:
    """The same from neighbours that are known: what `link` would write."""
    fresh = Path(tempfile.mkdtemp(prefix=".graph-", dir=folder))
    try:
        inner = facet_neighbour >= 0
        ends = np.concatenate([[0], np.cumsum(inner)])[facet_begin]
        kind: Any = np.int32 if max(len(ends), int(ends[-1])) < 2**31 else np.int64
        for name, values in (("indptr.npy", ends), ("indices.npy", facet_neighbour[inner])):
            with _growing(fresh / name, len(values), kind) as file:
                values.astype(kind).tofile(file)
        os.replace(fresh, folder / GRAPH)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


class _Linking:
    def __init__(self, cells: CellFiles, folder: Path, n_neurons: int, told: Told) -> None:
        self.cells, self.folder, self.told = cells, folder, told
        self.steps, self.all_steps = 0, 3 * len(cells.paths)
        self.count = np.zeros(2 * n_neurons, dtype=np.int64)  # facets of each neuron and sign
        self.n_special = 0
        self.index: Any = np.int32 if len(cells) < 2**31 else np.int64

    def run(self) -> None:
        for _, shard in self._shards():
            facets = _Facets(shard)
            self.count += np.bincount(facets.group, minlength=len(self.count))
            self.n_special += len(facets.special)
        if (self.count[::2] != self.count[1::2]).any():
            neuron = int(np.flatnonzero(self.count[::2] != self.count[1::2])[0])
            raise _missing(f"facets on neuron {neuron} have not one cell on each side")
        start = np.cumsum(self.count) - self.count
        (self.folder / "streams").mkdir()
        with open(self.folder / "streams" / "cells", "w+b") as stream:
            keys = _SpecialKeys(self.folder / "keys", self.n_special, self.index)
            self._write_streams(stream, start, keys)
            behind_special = keys.partners()
            self._write_graph(stream, start, behind_special)

    def _shards(self) -> Iterator[tuple[int, Shard]]:
        for first, shard in self.cells.shards():
            yield first, shard
            self.steps += 1
            self.told(self.steps, self.all_steps)

    def _write_streams(
        self, stream: IO[bytes], start: NDArray[np.int64], keys: _SpecialKeys
    ) -> None:
        """The cells of each neuron and sign, in order."""
        place = start.copy()
        for first, shard in self._shards():
            facets = _Facets(shard)
            cells = (first + facets.cell[facets.order]).astype(self.index)
            for group, rows in facets.runs():
                _write_at(stream, int(place[group]) * cells.itemsize, cells[rows])
                place[group] += rows.stop - rows.start
            keys.add(shard, facets, first)

    def _write_graph(
        self, stream: IO[bytes], start: NDArray[np.int64], behind_special: NDArray[Any]
    ) -> None:
        entries = int(self.count.sum()) + self.n_special
        kind: Any = np.int32 if max(entries, len(self.cells)) < 2**31 else np.int64
        place, specials, rows_done = start.copy(), 0, 0
        with (
            _growing(self.folder / "indptr.npy", len(self.cells) + 1, kind) as indptr,
            _growing(self.folder / "indices.npy", entries, kind) as indices,
        ):
            np.zeros(1, dtype=kind).tofile(indptr)
            for _, shard in self._shards():
                facets = _Facets(shard)
                behind = np.empty(len(shard.facet_id), dtype=np.int64)
                for group, rows in facets.runs():
                    count = rows.stop - rows.start
                    partner = int(start[group ^ 1] + place[group] - start[group])
                    place[group] += count
                    beyond = _read_at(stream, partner, count, self.index)
                    at = facets.generic[facets.order[rows]]
                    behind[at] = beyond
                    self._check(shard, facets.cell[facets.order[rows]], beyond, group >> 1)
                behind[facets.special] = behind_special[specials : specials + len(facets.special)]
                specials += len(facets.special)
                inner = shard.facet_id >= 0
                behind[inner].astype(kind).tofile(indices)
                cell_of = np.repeat(np.arange(len(shard)), shard.facet_count)
                degree = np.bincount(cell_of[inner], minlength=len(shard))
                ends = rows_done + np.cumsum(degree)
                ends.astype(kind).tofile(indptr)
                rows_done = int(ends[-1]) if len(ends) else rows_done

    def _check(
        self, shard: Shard, cell: NDArray[np.int64], beyond: NDArray[Any], neuron: int
    ) -> None:
        """That the patterns on both sides differ in the neuron alone."""
        differing = shard.patterns[cell] ^ self.cells.patterns(beyond)
        differing[:, neuron // 64] ^= np.uint64(1 << (neuron % 64))
        if differing.any():
            raise _missing(f"the cells at a facet on neuron {neuron} do not fit together")


class _Facets:
    """Facets of a shard that are not on the domain's boundary, generic ones by neuron and sign."""

    def __init__(self, shard: Shard) -> None:
        several = np.zeros(len(shard.facet_id), dtype=np.bool_)
        several[shard.special_facet] = True
        inner = shard.facet_id >= 0
        self.generic = np.flatnonzero(inner & ~several)
        self.special = np.flatnonzero(inner & several)
        cell_of = np.repeat(np.arange(len(shard)), shard.facet_count)
        self.cell_of_special = cell_of[self.special]
        self.cell = cell_of[self.generic]
        neuron = shard.facet_id[self.generic].astype(np.int64)
        word = shard.patterns[self.cell, neuron >> 6]
        active = (word >> (neuron & 63).astype(np.uint64)) & np.uint64(1)
        self.group = 2 * neuron + active.astype(np.int64)
        small = self.group.astype(np.uint16 if self.group.max(initial=0) < 2**16 else np.int64)
        self.order = np.argsort(small, kind="stable")

    def runs(self) -> Iterator[tuple[int, slice]]:
        """Each group that occurs, and where it is in `order`."""
        ordered = self.group[self.order]
        if not len(ordered):
            return
        begins = np.flatnonzero(np.diff(ordered, prepend=-1))
        for begin, end in zip(begins.tolist(), [*begins[1:].tolist(), len(ordered)], strict=True):
            yield int(ordered[begin]), slice(begin, end)


class _SpecialKeys:
    """Facets on which several forms vanish, spread over files by a hash of their keys."""

    def __init__(self, folder: Path, count: int, index: Any) -> None:
        self._folder, self._count, self._index = folder, count, index
        self._added = 0
        self._width = 0
        folder.mkdir()
        self._files: list[IO[bytes]] = []

    def add(self, shard: Shard, facets: _Facets, first: int) -> None:
        if not len(facets.special):
            return
        words = shard.patterns.shape[1]
        if not self._files:
            self._width = 2 * words + 2
            parts = min(256, 1 + self._count * 8 * self._width // _PART)
            self._files = [open(self._folder / str(k), "w+b") for k in range(parts)]  # noqa: SIM115
        keys = np.zeros((len(facets.special), self._width), dtype=np.uint64)
        keys[:, :words] = shard.patterns[facets.cell_of_special]
        inner = shard.facet_id[shard.special_facet] >= 0
        owner = np.repeat(np.arange(len(inner)), shard.special_count)
        ids = shard.special_ids[inner[owner]].astype(np.int64)
        row = (np.cumsum(inner) - 1)[owner[inner[owner]]]
        bit = np.uint64(1) << (ids & 63).astype(np.uint64)
        np.bitwise_and.at(keys, (row, ids >> 6), ~bit)
        np.bitwise_or.at(keys, (row, words + (ids >> 6)), bit)
        keys[:, -2] = np.arange(self._added, self._added + len(keys))
        keys[:, -1] = first + facets.cell_of_special
        self._added += len(keys)
        part = _hashes(keys[:, :-2]) % np.uint64(len(self._files))
        for k, file in enumerate(self._files):
            keys[part == k].tofile(file)

    def partners(self) -> NDArray[Any]:
        """The cell behind each of the facets, in the order in which they were added."""
        if not self._files:
            return np.empty(0, dtype=self._index)
        found = np.lib.format.open_memmap(
            self._folder / "partners.npy", mode="w+", dtype=self._index, shape=(self._count,)
        )
        for file in self._files:
            file.seek(0)
            keys = np.fromfile(file, dtype=np.uint64).reshape(-1, self._width)
            file.close()
            keys = keys[np.lexsort(keys[:, :-2].T[::-1])]
            one, other = keys[::2], keys[1::2]
            paired = len(one) == len(other) and (one[:, :-2] == other[:, :-2]).all()
            if not paired or (one[1:, :-2] == one[:-1, :-2]).all(axis=1).any():
                raise _missing("a facet on which several neurons vanish has not two cells")
            found[one[:, -2].astype(np.int64)] = other[:, -1].astype(self._index)
            found[other[:, -2].astype(np.int64)] = one[:, -1].astype(self._index)
        return found


def _hashes(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A number that equal keys share."""
    found = np.zeros(len(keys), dtype=np.uint64)
    for column in keys.T:
        found = (found ^ column) * np.uint64(0xD6E8FEB86659FD93)
        found ^= found >> np.uint64(32)
    return found


def _missing(what: str) -> InvalidComplexError:
    return InvalidComplexError(f"`store`: cells are missing: {what}")


class _growing:
    """An ``.npy`` file of known length that is written from its beginning to its end."""

    def __init__(self, path: Path, length: int, kind: Any) -> None:
        self._path, self._length, self._kind = path, length, np.dtype(kind)

    def __enter__(self) -> IO[bytes]:
        self._file = open(self._path, "wb")
        header = {
            "descr": np.lib.format.dtype_to_descr(self._kind),
            "fortran_order": False,
            "shape": (self._length,),
        }
        np.lib.format.write_array_header_1_0(self._file, header)
        return self._file

    def __exit__(self, *error: object) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


def _write_at(stream: IO[bytes], offset: int, values: NDArray[Any]) -> None:
    left = np.ascontiguousarray(values).reshape(-1).view(np.uint8).data
    while left:
        written = os.pwrite(stream.fileno(), left, offset)
        left, offset = left[written:], offset + written


def _read_at(stream: IO[bytes], first: int, count: int, kind: Any) -> NDArray[Any]:
    size = np.dtype(kind).itemsize
    data = os.pread(stream.fileno(), count * size, first * size)
    return np.frombuffer(data, dtype=kind)
