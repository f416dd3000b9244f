"""Files of cells in order, as one list of cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..search.tasks import Shard, concatenated
from .shards import Kind, ShardFile, patterns_of, read_shard, shard_columns

__all__ = ["CellFiles"]


class CellFiles:
    """Files of cells in order. Each is looked through when it is read first.

    Parameters
    ----------
    files : list of ShardFile
    kind : Kind
    """

    def __init__(self, files: list[ShardFile], kind: Kind) -> None:
        self.files, self.kind = files, kind
        self.begin = np.concatenate([[0], np.cumsum([file.cells for file in files])]).astype(
            np.int64
        )
        self._known = [False] * len(files)
        self._patterns: list[NDArray[np.uint64] | None] = [None] * len(files)

    def __len__(self) -> int:
        return int(self.begin[-1])

    def shards(self) -> Iterator[tuple[int, Shard]]:
        """The number of each file's first cell, and its cells.

        Raises
        ------
        InvalidFileError
            If a file is damaged.
        """
        for k, first in enumerate(self.begin[:-1].tolist()):
            shard = read_shard(self.files[k], self.kind, check=not self._known[k])
            self._known[k] = True
            yield first, shard

    def batches(self, cells: int) -> Iterator[tuple[int, Shard]]:
        """As `shards`, small ones together, and large ones in pieces: at most so many cells."""
        begin, waiting, count = 0, list[Shard](), 0
        for _, shard in self.shards():
            for piece in shard.pieces(cells):
                if waiting and count + len(piece) > cells:
                    yield begin, concatenated(waiting)
                    begin, waiting, count = begin + count, [], 0
                waiting.append(piece)
                count += len(piece)
        if waiting:
            yield begin, concatenated(waiting)

    def patterns_in(self, file: int) -> NDArray[np.uint64]:
        """The packed patterns of a file, over a memory map."""
        known = self._patterns[file]
        if known is None:
            columns = shard_columns(self.files[file], self.kind, check=not self._known[file])
            known = patterns_of(columns["pattern"])
            self._patterns[file], self._known[file] = known, True
        return known

    def patterns(self, cells: NDArray[Any]) -> NDArray[np.uint64]:
        """Packed patterns of some cells."""
        if len(self.files) == 1:
            rows: NDArray[np.uint64] = self.patterns_in(0)[cells]
            return rows
        files = np.searchsorted(self.begin, cells, side="right") - 1
        order = np.argsort(
            files.astype(np.uint16 if len(self.files) < 2**16 else np.int64), kind="stable"
        )
        ends = np.cumsum(np.bincount(files, minlength=len(self.files)))
        found = np.empty((len(cells), self.kind.words), dtype=np.uint64)
        begin = 0
        for file, end in enumerate(ends.tolist()):
            if begin < end:
                here = order[begin:end]
                found[here] = self.patterns_in(file)[cells[here] - self.begin[file]]
            begin = end
        return found
