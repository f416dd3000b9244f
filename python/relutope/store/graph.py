"""The dual graph of a store on disk: rows of a symmetric matrix in SciPy's CSR format.

``graph/indptr.npy`` and ``graph/indices.npy``: entry k of row i is the cell behind the k-th facet
of cell i that is not on the domain's boundary. ``graph/graph.json`` has their lengths and type, and
the CRC-32 of each block of ``block`` values, by which damage is found out where it is read.
"""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ..common.files import flush
from ..errors import InvalidFileError
from .table import checked, read_checked

__all__ = ["GRAPH", "Graph", "GraphWriter", "fresh_graph", "write_graph"]

GRAPH = "graph"
_ABOUT = "graph.json"
_BLOCK = 1 << 20
_NAMES = ("indptr", "indices")


class Graph:
    """A dual graph over memory maps. Each block is looked through when it is read first.

    Parameters
    ----------
    path : Path
        Its folder.
    n_cells : int

    Raises
    ------
    InvalidFileError
        If it is damaged, as far as that is seen without reading it, or of other cells.
    """

    def __init__(self, path: Path, n_cells: int) -> None:
        self.path, self.n_cells = path, n_cells
        try:
            about = read_checked((path / _ABOUT).read_bytes())
            kind = np.dtype(str(about["type"]))
            lengths = [int(about["lengths"][name]) for name in _NAMES]
            self._crc: dict[str, list[int]] = {name: about["crc32"][name] for name in _NAMES}
            fits = lengths[0] == n_cells + 1 and about["block"] == _BLOCK
            fits &= all(
                len(self._crc[name]) == -(-length // _BLOCK)
                for name, length in zip(_NAMES, lengths, strict=True)
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._wrong(f"{_ABOUT} cannot be read: {error}") from None
        if not fits or kind not in (np.int32, np.int64):
            raise self._wrong(f"{_ABOUT} does not fit the cells")
        self.n_entries = lengths[1]
        self._arrays = {
            name: self._mapped(name, length, kind)
            for name, length in zip(_NAMES, lengths, strict=True)
        }
        self._known = {name: np.zeros(len(self._crc[name]), dtype=np.bool_) for name in _NAMES}

    def _wrong(self, reason: str) -> InvalidFileError:
        return InvalidFileError(
            f"{self.path}: {reason}; delete this folder and call decompose(network, domain, "
            "store=...) again, which makes it anew"
        )

    def _mapped(self, name: str, length: int, kind: np.dtype[Any]) -> NDArray[Any]:
        path = self.path / f"{name}.npy"
        try:
            values: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise self._wrong(f"{path.name} cannot be read: {error}") from None
        if values.shape != (length,) or values.dtype != kind:
            raise self._wrong(f"{path.name} is not as {_ABOUT} says")
        return values

    def _part(self, name: str, begin: int, end: int) -> NDArray[Any]:
        """Values of a file, which are as they were written and name cells or places."""
        values, known = self._arrays[name], self._known[name]
        first, last = begin // _BLOCK, -(-end // _BLOCK)
        for block in (first + np.flatnonzero(~known[first:last])).tolist():
            part = values[block * _BLOCK : (block + 1) * _BLOCK]
            most = self.n_entries if name == "indptr" else self.n_cells - 1
            if zlib.crc32(part.data) != self._crc[name][block]:
                raise self._wrong(f"{name}.npy is damaged")
            if len(part) and not (part.min() >= 0 and part.max() <= most):
                raise self._wrong(f"{name}.npy names what does not exist")
            known[block] = True
        return values[begin:end]

    def rows(self, low: int, high: int) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """Where the rows from `low` to before `high` begin and end, and their entries."""
        begin = self._part("indptr", low, high + 1).astype(np.int64)
        if (np.diff(begin) < 0).any():
            raise self._wrong("indptr.npy decreases")
        return begin - begin[0], self._part("indices", int(begin[0]), int(begin[-1]))

    def whole(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Both arrays, all of which has been looked through."""
        indptr = self._part("indptr", 0, self.n_cells + 1)
        for low in range(0, self.n_cells, _BLOCK):
            self.rows(low, min(low + _BLOCK, self.n_cells))
        if indptr[0] != 0 or indptr[-1] != self.n_entries:
            raise self._wrong("indptr.npy does not divide the entries")
        return indptr, self._part("indices", 0, self.n_entries)


class GraphWriter:
    """Writes the files of a graph from their beginning to their end.

    Parameters
    ----------
    folder : Path
        Where to.
    n_cells, n_entries : int
    """

    def __init__(self, folder: Path, n_cells: int, n_entries: int) -> None:
        self._folder = folder
        self.kind: Any = np.int32 if max(n_entries, n_cells + 1) < 2**31 else np.int64
        self._lengths = dict(zip(_NAMES, (n_cells + 1, n_entries), strict=True))
        self._files: dict[str, IO[bytes]] = {}
        self._crc: dict[str, list[int]] = {name: [] for name in _NAMES}
        self._count = dict.fromkeys(_NAMES, 0)
        self._rows_end = 0

    def __enter__(self) -> GraphWriter:
        for name in _NAMES:
            self._files[name] = file = open(self._folder / f"{name}.npy", "wb")
            header = {
                "descr": np.lib.format.dtype_to_descr(np.dtype(self.kind)),
                "fortran_order": False,
                "shape": (self._lengths[name],),
            }
            np.lib.format.write_array_header_1_0(file, header)
        self._write("indptr", np.zeros(1, dtype=self.kind))
        return self

    def add(self, degree: NDArray[Any], indices: NDArray[Any]) -> None:
        """Adds rows: how many entries each has, and these."""
        ends = self._rows_end + np.cumsum(degree)
        self._rows_end += len(indices)
        self._write("indptr", ends.astype(self.kind))
        self._write("indices", indices.astype(self.kind))

    def _write(self, name: str, values: NDArray[Any]) -> None:
        self._files[name].write(values.data)
        while len(values):
            place = self._count[name] % _BLOCK
            part, values = values[: _BLOCK - place], values[_BLOCK - place :]
            crc = self._crc[name].pop() if place else 0
            self._crc[name].append(zlib.crc32(part.data, crc))
            self._count[name] += len(part)

    def __exit__(self, kind: object, *error: object) -> None:
        for file in self._files.values():
            file.close()
        if kind is not None:
            return
        about = {
            "type": np.dtype(self.kind).name,
            "block": _BLOCK,
            "lengths": self._lengths,
            "crc32": self._crc,
        }
        (self._folder / _ABOUT).write_text(json.dumps(checked(about)) + "\n", encoding="utf-8")
        for name in ("indptr.npy", "indices.npy", _ABOUT, "."):
            flush(self._folder / name)


@contextmanager
def fresh_graph(folder: Path) -> Iterator[Path]:
    """A folder that becomes ``folder / GRAPH`` when the block succeeds, and goes otherwise.

    Raises
    ------
    OSError
        If the disk is full.
    """
    try:
        fresh = folder / f".graph-{os.getpid()}-{os.urandom(6).hex()}"
        fresh.mkdir()
        try:
            yield fresh
            os.replace(fresh, folder / GRAPH)
            flush(folder)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder / GRAPH)) from None


def write_graph(
    folder: Path, facet_begin: NDArray[np.int64], facet_neighbour: NDArray[Any]
) -> None:
    """The same as `linking.link` would, from neighbours that are known."""
    inner = facet_neighbour >= 0
    ends = np.concatenate([[0], np.cumsum(inner)])[facet_begin]
    with (
        fresh_graph(folder) as fresh,
        GraphWriter(fresh, len(facet_begin) - 1, int(ends[-1])) as writer,
    ):
        writer.add(np.diff(ends), facet_neighbour[inner])
