"""Cells of one task in a file: Arrow's IPC format, which maps into memory.

A file has one record batch. Columns, of which only the first is always there:

- ``pattern``: fixed-size binary, 8 bytes for each 64 neurons; neuron i is bit i % 8 of byte i // 8.
- ``facets``: list of the narrowest of int8, int16 and int32 that holds all neurons and sides: the
  neuron (or -1 - side of the domain) that names each facet.
- ``facet_zeros``: list of lists of int32, where several forms vanish on a facet: for each facet of
  the cell all of them, or nothing if it is only the one that names it.
- ``zero_neurons``: list of int32, neurons that vanish on the whole cell.
- ``interior_point``: fixed-size list of float64, in the inputs that matter; ``exact_point``: the
  few that are rational, as a string of hexadecimal numerators and the denominator.
"""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..common.extras import require
from ..common.files import replacing
from ..errors import InvalidFileError
from ..search.part import InnerPoints
from ..search.problem import Problem
from ..search.tasks import Shard

__all__ = ["Kind", "ShardFile", "patterns_of", "read_shard", "shard_columns", "write_shard"]


class ShardFile(NamedTuple):
    """A file of cells, and what the store's table says of it."""

    path: Path
    cells: int
    facets: int
    bytes: int
    crc32: int


@dataclass(frozen=True)
class Kind:
    """What the cells of a problem are made of.

    Attributes
    ----------
    neurons, sides, dim : int
        Hidden neurons; sides of the domain, and inputs, that matter.
    """

    neurons: int
    sides: int
    dim: int

    @classmethod
    def of(cls, problem: Problem) -> Kind:
        """Of a problem."""
        return cls(problem.network.n_neurons, len(problem.infinite_sides), problem.essential_dim)

    @property
    def words(self) -> int:
        """Of 64 bits in a pattern."""
        return max(1, -(-self.neurons // 64))

    @property
    def facet_type(self) -> Any:
        """The narrowest type that names every facet."""
        most = max(self.neurons - 1, self.sides)
        return next(k for k in (np.int8, np.int16, np.int32) if most <= np.iinfo(k).max)


def write_shard(path: Path, shard: Shard, kind: Kind) -> tuple[int, int]:
    """Writes a shard to one file, which is whole or not there; its size in bytes, and its CRC-32.

    The same shard gives the same bytes.
    """
    require("pyarrow", "`store`", "cluster")
    import pyarrow as pa

    batch = pa.RecordBatch.from_pydict(_columns(shard, kind))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)
    content = sink.getvalue()
    with replacing(path, durable=False) as fresh:
        fresh.write_bytes(content)
    return content.size, zlib.crc32(content)


def _columns(shard: Shard, kind: Kind) -> dict[str, Any]:
    import pyarrow as pa

    n_cells, words = shard.patterns.shape
    packed = pa.py_buffer(np.ascontiguousarray(shard.patterns, dtype="<u8"))
    width = pa.binary(8 * words)
    columns = {"pattern": pa.FixedSizeBinaryArray.from_buffers(width, n_cells, [None, packed])}
    if shard.points is None:
        ids = _array(shard.facet_id, kind.facet_type)
        columns["facets"] = pa.ListArray.from_arrays(_offsets(shard.facet_count), ids)
    else:
        dim = shard.points.points.shape[1]
        values = _array(shard.points.points.ravel(), np.float64)
        columns["interior_point"] = pa.FixedSizeListArray.from_arrays(values, dim)
        if len(shard.points.exact_cell):
            texts: list[str | None] = [None] * n_cells
            for cell, (numerators, denominator) in zip(
                shard.points.exact_cell.tolist(), shard.points.exact_points, strict=True
            ):
                texts[cell] = " ".join(hex(x) for x in (*numerators, denominator))
            columns["exact_point"] = pa.array(texts, pa.string())
    if len(shard.special_facet):
        count = np.zeros(len(shard.facet_id), dtype=np.int64)
        count[shard.special_facet] = shard.special_count
        inner = pa.ListArray.from_arrays(_offsets(count), _array(shard.special_ids, np.int32))
        columns["facet_zeros"] = pa.ListArray.from_arrays(_offsets(shard.facet_count), inner)
    if len(shard.zero_cell):
        per_cell = np.bincount(shard.zero_cell, minlength=n_cells)
        columns["zero_neurons"] = pa.ListArray.from_arrays(
            _offsets(per_cell), _array(shard.zero_neuron, np.int32)
        )
    return columns


def _array(values: NDArray[Any], kind: Any) -> Any:
    """An Arrow array of numbers; ``pyarrow.array`` would import pandas, in seconds."""
    import pyarrow as pa

    kept = np.ascontiguousarray(values, dtype=kind)
    of = getattr(pa, "float64" if kept.dtype.kind == "f" else f"int{8 * kept.itemsize}")()
    return pa.Array.from_buffers(of, len(kept), [None, pa.py_buffer(kept)])


def _offsets(count: NDArray[Any]) -> Any:
    begins = np.zeros(len(count) + 1, dtype=np.int32)
    np.cumsum(count, out=begins[1:])
    return _array(begins, np.int32)


def shard_columns(file: ShardFile, kind: Kind, *, check: bool = True) -> dict[str, Any]:
    """The columns of a shard, as Arrow arrays over a memory map.

    With `check` all of the file is read, and compared with what the table and Arrow say of it.

    Raises
    ------
    InvalidFileError
        If the file is not as the table says, or no shard.
    """
    require("pyarrow", "a store", "cluster")
    import pyarrow as pa

    try:
        with pa.memory_map(os.fspath(file.path)) as source:  # the map stays as long as its arrays
            if source.size() != file.bytes:
                raise _wrong(file, f"it has {source.size()} bytes instead of {file.bytes}")
            if check and zlib.crc32(source.read_buffer()) != file.crc32:
                raise _wrong(file, "its CRC-32 is another one than in jobs.jsonl")
            source.seek(0)
            table = pa.ipc.open_file(source).read_all()
        if check:
            table.validate(full=True)
    except (pa.ArrowException, OSError) as error:
        raise _wrong(file, f"it is no shard of a store: {error}") from None
    columns = {name: _single(table.column(name)) for name in table.column_names}
    if check:
        _check_columns(file, kind, columns)
    return columns


def _wrong(file: ShardFile, reason: str) -> InvalidFileError:
    return InvalidFileError(
        f"{file.path}: {reason}; delete this file and call decompose(network, domain, store=...) "
        "again, which makes it anew"
    )


def _check_columns(file: ShardFile, kind: Kind, columns: dict[str, Any]) -> None:
    import pyarrow as pa

    facets = pa.list_(_array(np.empty(0), kind.facet_type).type)
    types = {
        "pattern": pa.binary(8 * kind.words),
        "facets": facets,
        "facet_zeros": pa.list_(pa.list_(pa.int32())),
        "zero_neurons": pa.list_(pa.int32()),
        "interior_point": pa.list_(pa.float64(), kind.dim),
        "exact_point": pa.string(),
    }
    for name, column in columns.items():
        if column.type != types.get(name) or len(column) != file.cells or column.offset:
            raise _wrong(file, f"its column {name!r} is none of a store")
        if name != "exact_point" and _has_nulls(column):
            raise _wrong(file, f"its column {name!r} has nulls")
    if ("facets" in columns) == ("interior_point" in columns) or "pattern" not in columns:
        raise _wrong(file, f"it has columns {', '.join(columns)}")
    named = len(columns["facets"].values) if "facets" in columns else 0
    if named != file.facets:
        raise _wrong(file, f"it has {named} facets instead of {file.facets}")
    for name in ("facets", "zero_neurons"):
        if name in columns and not _within(_numbers(columns[name].values), kind):
            raise _wrong(file, f"its column {name!r} names forms that do not exist")
    if "facet_zeros" in columns:
        per_facet = columns["facet_zeros"].values
        if len(per_facet) != named or not _within(_numbers(per_facet.values), kind):
            raise _wrong(file, "its column 'facet_zeros' does not fit its facets")


def _has_nulls(column: Any) -> bool:
    while True:
        if column.null_count:
            return True
        if not hasattr(column, "values"):
            return False
        column = column.values


def _within(ids: NDArray[Any], kind: Kind) -> bool:
    return not len(ids) or (-kind.sides <= int(ids.min()) and int(ids.max()) < kind.neurons)


def _single(column: Any) -> Any:
    return column.chunk(0) if column.num_chunks else column.combine_chunks()


def _numbers(array: Any) -> NDArray[Any]:
    """The values of an Arrow array of numbers without nulls, without a copy."""
    kind = np.dtype(str(array.type).replace("double", "float64"))
    if not len(array):
        return np.empty(0, dtype=kind)
    buffer = array.buffers()[1]
    return np.frombuffer(buffer, kind, count=len(array), offset=array.offset * kind.itemsize)


def patterns_of(column: Any) -> NDArray[np.uint64]:
    """Packed patterns, as in `CellArrays`, without a copy."""
    words = column.type.byte_width // 8
    values = np.frombuffer(column.buffers()[1], dtype="<u8", count=words * len(column))
    return values.reshape(-1, words)


def read_shard(file: ShardFile, kind: Kind, *, check: bool = True) -> Shard:
    """A shard, with its arrays over a memory map as far as they need no change.

    Raises
    ------
    InvalidFileError
        As for `shard_columns`.
    """
    columns = shard_columns(file, kind, check=check)
    patterns = patterns_of(columns["pattern"])
    none = np.empty(0, dtype=np.int64)
    facet_count, facet_id = np.zeros(len(patterns), dtype=np.uint8), np.empty(0, dtype=np.int16)
    if "facets" in columns:
        facet_count = np.diff(_numbers(columns["facets"].offsets))
        facet_id = _numbers(columns["facets"].values)
    special, count, ids = none, none, np.empty(0, dtype=np.int32)
    if "facet_zeros" in columns:
        per_facet = np.diff(_numbers(columns["facet_zeros"].values.offsets))
        special = np.flatnonzero(per_facet)
        count = per_facet[special].astype(np.int64)
        ids = _numbers(columns["facet_zeros"].values.values)
    zero_cell, zero_neuron = none, np.empty(0, dtype=np.int32)
    if "zero_neurons" in columns:
        per_cell = np.diff(_numbers(columns["zero_neurons"].offsets))
        zero_cell = np.repeat(np.arange(len(patterns)), per_cell)
        zero_neuron = _numbers(columns["zero_neurons"].values)
    return Shard(
        patterns,
        facet_count,
        facet_id,
        special,
        count,
        ids,
        zero_cell,
        zero_neuron,
        _points_in(file, columns),
    )


def _points_in(file: ShardFile, columns: dict[str, Any]) -> InnerPoints | None:
    if "interior_point" not in columns:
        return None
    column = columns["interior_point"]
    points = _numbers(column.values).reshape(len(column), -1)
    texts = columns["exact_point"].to_pylist() if "exact_point" in columns else []
    exact = [(cell, text) for cell, text in enumerate(texts) if text is not None]
    try:
        numbers_of = [[int(x, 16) for x in text.split()] for _, text in exact]
    except ValueError:
        raise _wrong(file, "it has points that are none") from None
    if any(len(x) != points.shape[1] + 1 or x[-1] <= 0 for x in numbers_of):
        raise _wrong(file, "it has points that are none")
    return InnerPoints(
        points,
        np.array([cell for cell, _ in exact], dtype=np.uint64),
        [(x[:-1], x[-1]) for x in numbers_of],
    )
