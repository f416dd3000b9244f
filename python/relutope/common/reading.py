"""Bytes and texts of files from outside: limits before memory, one error for whatever is wrong."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from pathlib import Path
from typing import Any

from ..errors import InvalidFileError

__all__ = ["check_file", "read_bytes", "read_json", "read_text"]

_CHUNK = 1 << 18
# A compressed file may unpack to so many bytes, or to so many times its own size.
_FREE_BYTES = 16 << 20
_FREE_RATIO = 50


def check_file(path: Path) -> None:
    """Raises FileNotFoundError unless there is a file to read."""
    if not path.is_file():
        raise FileNotFoundError(f"`path`: there is no file {str(path)!r}")


def read_bytes(path: Path) -> bytes:
    """The contents of a file, unpacked if its name ends in ``.gz``.

    Raises
    ------
    InvalidFileError
        If a compressed file is damaged, or unpacks to far more than its size lets expect.
    FileNotFoundError
        If there is no such file.
    """
    check_file(path)
    if path.suffix.lower() != ".gz":
        return path.read_bytes()
    most = max(_FREE_BYTES, _FREE_RATIO * os.stat(path).st_size)
    data = bytearray()
    try:
        with gzip.open(path, "rb") as file:
            while chunk := file.read(_CHUNK):
                data += chunk
                if len(data) > most:
                    raise InvalidFileError(
                        f"`path`: {path} unpacks to more than {most} bytes, which no file of its "
                        "size and kind does; unpack it yourself if it is what it should be"
                    )
    except (OSError, EOFError, zlib.error) as error:
        if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
            raise
        raise InvalidFileError(f"`path`: {path} is no gzip file or is damaged: {error}") from None
    return bytes(data)


def read_text(path: Path) -> str:
    """The contents of a file as UTF-8 text, unpacked if its name ends in ``.gz``.

    Raises
    ------
    InvalidFileError
        If it is no text, or as for `read_bytes`.
    """
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidFileError(
            f"`path`: {path} is no text: {error.reason} at byte {error.start}"
        ) from None


def read_json(path: Path) -> Any:
    """The value in a JSON file.

    Raises
    ------
    InvalidFileError
        If it is no JSON.
    """
    try:
        return json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        if isinstance(error, InvalidFileError):
            raise
        what = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise InvalidFileError(f"`path`: {path} is no JSON: {what}") from None
