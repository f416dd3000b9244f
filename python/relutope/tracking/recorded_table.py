"""Tables of numbers and remarks in files, ``.csv`` or ``.parquet``."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..common.extras import require
from ..common.files import append, replacing
from ..common.reading import read_text
from ..errors import InvalidFileError

__all__ = ["GrowingTable", "checked_path", "read_table", "write_table"]

# What a parquet file may hold: so many numbers, or so many in each of its bytes.
_FREE_NUMBERS = 1 << 18
_NUMBERS_PER_BYTE = 64


def checked_path(path: str | os.PathLike[str]) -> Path:
    """`path`, if its suffix says a known format.

    Raises
    ------
    ValueError
        Otherwise.
    """
    if Path(path).suffix not in (".csv", ".parquet"):
        raise ValueError(
            f"`path`: got {os.fspath(path)!r}, expected a name ending in .csv or .parquet"
        )
    return Path(path)


def write_table(path: str | os.PathLike[str], columns: Mapping[str, Sequence[Any]]) -> None:
    """Write equally long columns to a ``.csv`` or ``.parquet`` file, atomically.

    In CSV, floats are written with ``repr`` (they read back bit for bit) and None as an empty
    field.

    Raises
    ------
    ValueError
        For another suffix.
    MissingDependencyError
        For Parquet without pyarrow.
    """
    target = checked_path(path)
    with replacing(target) as fresh:
        (_write_parquet if target.suffix == ".parquet" else _write_csv)(fresh, columns)


class GrowingTable:
    """A table in a file that gets a row at a time.

    A row is appended to a ``.csv`` file as long as the columns stay the same; then, and for
    ``.parquet``, the file is written anew. An appended row is on the disk, with its line's end, or
    `read_table` with `growing` leaves it out.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self.path = checked_path(path)
        self._names: list[str] | None = None  # in the file, if it is ours

    def add(
        self, columns: Callable[[], Mapping[str, Sequence[Any]]], row: Mapping[str, Any]
    ) -> None:
        """Adds `row`, the last of `columns`, of which it has all names, in order."""
        names = list(row)
        same = names == self._names and self.path.suffix == ".csv"
        if same and self.path.exists():
            line = io.StringIO()
            csv.writer(line, lineterminator="\n").writerow(row.values())
            self._names = None  # an interrupted row is written with the whole table, next time
            append(self.path, line.getvalue())
            self._names = names
            return
        write_table(self.path, columns())
        self._names = names


def _write_csv(path: Path, columns: Mapping[str, Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def _write_parquet(path: Path, columns: Mapping[str, Sequence[Any]]) -> None:
    pyarrow, parquet = _pyarrow()
    parquet.write_table(pyarrow.table(dict(columns)), path)


def _pyarrow() -> tuple[Any, Any]:
    require("pyarrow", "a .parquet table")
    import pyarrow
    from pyarrow import parquet

    return pyarrow, parquet


def read_table(path: str | os.PathLike[str], *, growing: bool = False) -> dict[str, list[Any]]:
    """The columns of a table written by :func:`write_table`, with the same types.

    With `growing`, a last line of a ``.csv`` file that has no end is left out: its writer was
    stopped.

    Raises
    ------
    ValueError
        For a suffix other than ``.csv`` or ``.parquet``.
    InvalidFileError
        If the file is no such table, or is damaged.
    """
    source = checked_path(path)
    if source.suffix == ".parquet":
        return _read_parquet(source)
    try:
        text = read_text(source)
        if growing:
            text = text[: text.rfind("\n") + 1]
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise InvalidFileError(f"`path`: {source} is no table: {error}") from None
    names = rows[0] if rows else []
    if not names or len(set(names)) < len(names) or any(len(r) != len(names) for r in rows):
        raise InvalidFileError(
            f"`path`: {source} is no table: it needs distinct names in the first row and as many "
            "fields in every other"
        )
    return {name: [_entry(row[k]) for row in rows[1:]] for k, name in enumerate(names)}


def _read_parquet(source: Path) -> dict[str, list[Any]]:
    parquet = _pyarrow()[1]
    try:
        with parquet.ParquetFile(source) as file:
            meta = file.metadata
            numbers = meta.num_rows * max(1, meta.num_columns)
            if numbers > max(_FREE_NUMBERS, _NUMBERS_PER_BYTE * source.stat().st_size):
                raise InvalidFileError(
                    f"`path`: {source} declares {meta.num_rows} rows, more than it can hold"
                )
            columns: dict[str, list[Any]] = file.read(use_threads=False).to_pydict()
    except (InvalidFileError, FileNotFoundError, PermissionError):
        raise
    except Exception as error:  # whatever the decoder meets in a damaged file
        raise InvalidFileError(f"`path`: {source} is no parquet table: {error}") from None
    return columns


def _entry(text: str) -> int | float | str | None:
    if text == "":
        return None
    if "_" in text:  # which Python's numbers may have, and ours have not
        return text
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            pass
    return text
