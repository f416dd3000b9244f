"""Cells of one task in a file: Arrow's IPC format, which maps into memory.

A file has one record batch. Columns, of which only the first is always there:

- ``pattern``: fixed-size binary, 8 bytes for each 64 neurons; neuron i is bit i % 8 of byte i // 8.
- ``facets``: list of int16 or int32, the neuron (or -1 - side of the domain) that names each facet.
- ``facet_zeros``: list of lists of int32, where several forms vanish on a facet: for each facet of
  the cell all of them, or nothing if it is only the one that names it.
- ``zero_neurons``: list of int32, neurons that vanish on the whole cell.
- ``interior_point``: fixed-size list of float64, in the inputs that matter; ``exact_point``: the
  few that are rational, as a string of hexadecimal numerators and the denominator.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..common.extras import require
from ..common.files import replacing
from ..errors import InvalidFileError
from ..search.part import InnerPoints
from ..search.tasks import Shard

__all__ = ["numbers", "patterns_of", "read_shard", "shard_columns", "write_shard"]


def write_shard(path: Path, shard: Shard) -> tuple[int, int]:
    """Writes a shard to one file, which is whole or not there; its size in bytes, and its CRC-32.

    The same shard gives the same bytes.
    """
    require("pyarrow", "`store`", "cluster")
    import pyarrow as pa

    batch = pa.RecordBatch.from_pydict(_columns(shard))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)
    content = sink.getvalue()
    with replacing(path, durable=False) as fresh:
        fresh.write_bytes(content)
    return content.size, zlib.crc32(content)


def _columns(shard: Shard) -> dict[str, Any]:
    import pyarrow as pa

    n_cells, words = shard.patterns.shape
    packed = pa.py_buffer(np.ascontiguousarray(shard.patterns, dtype="<u8"))
    kind = pa.binary(8 * words)
    columns = {"pattern": pa.FixedSizeBinaryArray.from_buffers(kind, n_cells, [None, packed])}
    if shard.points is None:
        columns["facets"] = pa.ListArray.from_arrays(
            _offsets(shard.facet_count), pa.array(shard.facet_id)
        )
    else:
        dim = shard.points.points.shape[1]
        values = pa.array(shard.points.points.ravel())
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
        inner = pa.ListArray.from_arrays(_offsets(count), pa.array(shard.special_ids))
        columns["facet_zeros"] = pa.ListArray.from_arrays(_offsets(shard.facet_count), inner)
    if len(shard.zero_cell):
        per_cell = np.bincount(shard.zero_cell, minlength=n_cells)
        columns["zero_neurons"] = pa.ListArray.from_arrays(
            _offsets(per_cell), pa.array(shard.zero_neuron)
        )
    return columns


def _offsets(count: NDArray[Any]) -> Any:
    import pyarrow as pa

    begins = np.zeros(len(count) + 1, dtype=np.int32)
    np.cumsum(count, out=begins[1:])
    return pa.array(begins)


def shard_columns(path: Path) -> dict[str, Any]:
    """The columns of a shard, as Arrow arrays over a memory map.

    Raises
    ------
    InvalidFileError
        If the file is no shard.
    """
    require("pyarrow", "a store", "cluster")
    import pyarrow as pa

    try:
        with pa.memory_map(os.fspath(path)) as source:  # the map stays as long as its arrays
            table = pa.ipc.open_file(source).read_all()
        columns = {name: _single(table.column(name)) for name in table.column_names}
        if "pattern" not in columns:
            raise InvalidFileError(f"{path}: it has no column `pattern`")
    except (pa.ArrowException, OSError) as error:
        raise InvalidFileError(f"{path}: it is no shard of a store: {error}") from None
    return columns


def _single(column: Any) -> Any:
    return column.chunk(0) if column.num_chunks else column.combine_chunks()


def numbers(array: Any) -> NDArray[Any]:
    """The values of an Arrow array without nulls, without a copy."""
    values: NDArray[Any] = array.to_numpy(zero_copy_only=True)
    return values


def patterns_of(column: Any) -> NDArray[np.uint64]:
    """Packed patterns, as in `CellArrays`, without a copy."""
    words = column.type.byte_width // 8
    values = np.frombuffer(column.buffers()[1], dtype="<u8", count=words * len(column))
    return values.reshape(-1, words)


def read_shard(path: Path) -> Shard:
    """A shard, with its arrays over a memory map as far as they need no change.

    Raises
    ------
    InvalidFileError
        If the file is no shard.
    """
    columns = shard_columns(path)
    patterns = patterns_of(columns["pattern"])
    none = np.empty(0, dtype=np.int64)
    facet_count, facet_id = np.zeros(len(patterns), dtype=np.uint8), np.empty(0, dtype=np.int16)
    if "facets" in columns:
        facet_count = np.diff(numbers(columns["facets"].offsets))
        facet_id = numbers(columns["facets"].values)
    special, count, ids = none, none, np.empty(0, dtype=np.int32)
    if "facet_zeros" in columns:
        per_facet = np.diff(numbers(columns["facet_zeros"].values.offsets))
        special = np.flatnonzero(per_facet)
        count = per_facet[special].astype(np.int64)
        ids = numbers(columns["facet_zeros"].values.values)
    zero_cell, zero_neuron = none, np.empty(0, dtype=np.int32)
    if "zero_neurons" in columns:
        per_cell = np.diff(numbers(columns["zero_neurons"].offsets))
        zero_cell = np.repeat(np.arange(len(patterns)), per_cell)
        zero_neuron = numbers(columns["zero_neurons"].values)
    return Shard(
        patterns,
        facet_count,
        facet_id,
        special,
        count,
        ids,
        zero_cell,
        zero_neuron,
        _points_in(columns),
    )


def _points_in(columns: dict[str, Any]) -> InnerPoints | None:
    if "interior_point" not in columns:
        return None
    column = columns["interior_point"]
    points = numbers(column.values).reshape(len(column), -1)
    texts = columns["exact_point"].to_pylist() if "exact_point" in columns else []
    exact = [(cell, text) for cell, text in enumerate(texts) if text is not None]
    numbers_of = [[int(x, 16) for x in text.split()] for _, text in exact]
    return InnerPoints(
        points,
        np.array([cell for cell, _ in exact], dtype=np.uint64),
        [(x[:-1], x[-1]) for x in numbers_of],
    )
