"""Tables of numbers and remarks in files, ``.csv`` or ``.parquet``."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..common.files import replacing
from ..errors import MissingDependencyError

__all__ = ["checked_path", "read_table", "write_table"]


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


def _write_csv(path: Path, columns: Mapping[str, Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def _write_parquet(path: Path, columns: Mapping[str, Sequence[Any]]) -> None:
    pyarrow, parquet = _pyarrow()
    parquet.write_table(pyarrow.table(dict(columns)), path)


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingDependencyError(
            "`path`: a .parquet table needs pyarrow; install relutope[study] or use a .csv name"
        ) from error
    return pyarrow, parquet


def read_table(path: str | os.PathLike[str]) -> dict[str, list[Any]]:
    """The columns of a table written by :func:`write_table`, with the same types.

    Raises
    ------
    ValueError
        For a suffix other than ``.csv`` or ``.parquet``.
    """
    source = checked_path(path)
    if source.suffix == ".parquet":
        columns: dict[str, list[Any]] = _pyarrow()[1].read_table(source).to_pydict()
        return columns
    with source.open(encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    return {name: [_entry(row[k]) for row in rows] for k, name in enumerate(names)}


def _entry(text: str) -> int | float | str | None:
    if text == "":
        return None
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            pass
    return text
