"""Archives of arrays (``.npz``): written whole and reproducibly, read with care.

A file may come from anywhere, so sizes are checked against the file's own size before anything is
allocated, nothing in it is unpickled, and whatever is wrong is one `InvalidFileError`.
"""

from __future__ import annotations

import ast
import errno
import json
import lzma
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BufferedIOBase
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidFileError

__all__ = ["Archive", "check_zip", "write_archive"]

_MAGIC = b"\x93NUMPY"
_PLAIN = re.compile(r"[<>|=]?(?:b1|[iu][1248]|f[248])")
_LARGEST_HEADER = 4096  # of one array
_LARGEST_DIRECTORY = 1 << 20
_LARGEST_TEXT = 1 << 22
# Deflated data is never longer than this times its compressed form.
_DEFLATE_LIMIT = 1032
# Archives may unpack to so many bytes, or to so many times their own size.
_FREE_BYTES = 32 << 20
_FREE_RATIO = 100
_SAFE_RATIO = 50  # of what we write
_CHUNK = 1 << 18
_LEVEL = 2  # of deflation: a quarter of the default's time, for a fifth more bytes
# What the zip and deflate decoders raise at damaged data.
_DECODER_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    UnicodeError,
    ValueError,
    OverflowError,
    IndexError,
    KeyError,
)


def check_zip(path: Path) -> None:
    """Raises InvalidFileError if a zip file is damaged or claims to unpack to too much."""
    with Archive(path):
        pass


class Archive:
    """An archive that is being read; use it in a ``with`` block.

    Parameters
    ----------
    path : Path

    Attributes
    ----------
    entries : dict of str to ZipInfo
        By name; array members without ``.npy``.

    Raises
    ------
    InvalidFileError
        If the file is no such archive, or claims to hold more than it can.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._size = os.stat(path).st_size
        with self.decoding():
            self._check_directory()
            self._zip = zipfile.ZipFile(path)
        try:
            self.entries = self._checked_entries()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    @contextmanager
    def decoding(self) -> Iterator[None]:
        """Turns what decoders raise into InvalidFileError."""
        try:
            yield
        except InvalidFileError:
            raise
        except MemoryError:
            raise InvalidFileError(f"{self.path}: its contents do not fit into memory") from None
        except OSError as error:
            if error.filename is not None or error.errno not in (None, errno.EINVAL):
                raise
            # Places in the file that are none.
            raise InvalidFileError(f"{self.path}: it is no archive or is damaged") from None
        except _DECODER_ERRORS as error:
            what = str(error) or type(error).__name__
            raise InvalidFileError(f"{self.path}: it is no archive or is damaged: {what}") from None

    def _check_directory(self) -> None:
        """The directory's size, before zipfile makes an object of every entry."""
        with open(self.path, "rb") as file:
            start = max(0, self._size - (1 << 16) - 22)
            file.seek(start)
            tail = file.read()
            end = tail.rfind(b"PK\x05\x06")
            if end < 0 or len(tail) - end < 22:
                raise InvalidFileError(f"{self.path}: it is no zip archive, or is cut off")
            size = struct.unpack_from("<I", tail, end + 12)[0]
            if end >= 20 and tail[end - 20 : end - 16] == b"PK\x06\x07":
                file.seek(min(struct.unpack_from("<Q", tail, end - 12)[0], self._size))
                size = max(size, *struct.unpack_from("<Q", file.read(56).ljust(56, b"\xff"), 40))
        if size > min(self._size, _LARGEST_DIRECTORY):
            raise InvalidFileError(f"{self.path}: its directory is too large, {size} bytes")

    def _checked_entries(self) -> dict[str, zipfile.ZipInfo]:
        entries: dict[str, zipfile.ZipInfo] = {}
        total = 0
        for info in self._zip.infolist():
            name = info.filename.removesuffix(".npy")
            if name in entries:
                raise InvalidFileError(f"{self.path}: it holds {name} twice")
            if info.flag_bits & 1:
                raise InvalidFileError(f"{self.path}: {name} is encrypted")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise InvalidFileError(f"{self.path}: {name} is compressed in an unknown way")
            deflated = info.compress_type == zipfile.ZIP_DEFLATED
            most = info.compress_size * (_DEFLATE_LIMIT if deflated else 1) + 64 * deflated
            if info.file_size > most or info.compress_size > self._size:
                raise InvalidFileError(
                    f"{self.path}: {name} cannot hold the {info.file_size} bytes that it declares"
                )
            total += info.file_size
            entries[name] = info
        if total > max(_FREE_BYTES, _FREE_RATIO * self._size):
            raise InvalidFileError(
                f"{self.path}: a file of {self._size} bytes that unpacks to {total} is not read; "
                "if it is what it should be, store it uncompressed"
            )
        return entries

    @contextmanager
    def _opened(self, name: str) -> Iterator[IO[bytes]]:
        if name not in self.entries:
            raise InvalidFileError(f"{self.path}: {name} is missing")
        with self.decoding(), self._zip.open(self.entries[name]) as stream:
            yield stream

    def json(self, name: str) -> Any:
        """What a JSON member says."""
        with self._opened(name) as stream:
            if self.entries[name].file_size > _LARGEST_TEXT:
                raise InvalidFileError(f"{self.path}: {name} is too long")
            try:
                return json.loads(stream.read())
            except RecursionError:
                raise InvalidFileError(f"{self.path}: {name} is nested too deeply") from None

    def described(self, name: str) -> tuple[np.dtype[Any], tuple[int, ...]]:
        """Type and shape of an array, as it declares them; its size is that of its member."""
        with self._opened(name) as stream:
            dtype, shape, _ = self._header(name, stream)
        return dtype, shape

    def array(self, name: str) -> NDArray[Any]:
        """An array of booleans, integers or floats."""
        with self._opened(name) as stream:
            dtype, shape, fortran = self._header(name, stream)
            data = np.empty(prod(shape), dtype)
            _read_into(stream, data.view(np.uint8).data if data.size else None)
            if stream.read(1):
                raise InvalidFileError(f"{self.path}: {name} is longer than it says")
            if dtype.kind == "b" and data.size and data.view(np.uint8).max() > 1:
                raise InvalidFileError(f"{self.path}: {name} holds booleans that are none")
        return data.reshape(shape[::-1]).T if fortran else data.reshape(shape)

    def _header(self, name: str, stream: IO[bytes]) -> tuple[np.dtype[Any], tuple[int, ...], bool]:
        start = stream.read(8)
        wide = start[6:7] in (b"\x02", b"\x03")
        length_bytes = stream.read(4 if wide else 2)
        if start[:6] != _MAGIC or len(length_bytes) != (4 if wide else 2):
            raise InvalidFileError(f"{self.path}: {name} is no array")
        length = int.from_bytes(length_bytes, "little")
        if start[6] not in (1, 2, 3) or length > _LARGEST_HEADER:
            raise InvalidFileError(f"{self.path}: {name} has an unknown header")
        dtype, shape, fortran = self._parsed_header(name, stream.read(length))
        size = len(start) + len(length_bytes) + length + prod(shape) * dtype.itemsize
        if size != self.entries[name].file_size:
            raise InvalidFileError(
                f"{self.path}: {name} declares shape {shape} of {dtype}, which does not fit its "
                f"{self.entries[name].file_size} bytes"
            )
        return dtype, shape, fortran

    def _parsed_header(self, name: str, text: bytes) -> tuple[np.dtype[Any], tuple[int, ...], bool]:
        try:
            header = ast.literal_eval(text.decode("utf-8").strip())
            shape, fortran = header["shape"], header["fortran_order"]
            if not _PLAIN.fullmatch(header["descr"]):
                raise InvalidFileError(
                    f"{self.path}: {name} is an array of {header['descr']!r}, expected booleans, "
                    "integers or floats"
                )
            dtype = np.dtype(header["descr"])
        except (SyntaxError, TypeError, RecursionError, KeyError, UnicodeError, ValueError):
            raise InvalidFileError(f"{self.path}: {name} has no readable header") from None
        sizes = isinstance(shape, tuple) and all(type(k) is int and k >= 0 for k in shape)
        if not sizes or len(shape) > 32 or type(fortran) is not bool:
            raise InvalidFileError(f"{self.path}: {name} has no shape")
        return dtype, shape, fortran


def _read_into(stream: IO[bytes], target: memoryview | None) -> None:
    """Fills `target` from the stream, piece by piece."""
    place = 0
    while target is not None and place < len(target):
        assert isinstance(stream, BufferedIOBase)
        count = stream.readinto(target[place : place + _CHUNK])
        if not count:
            raise EOFError("it ends too early")
        place += count


def write_archive(
    file: IO[bytes], texts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
) -> None:
    """Writes JSON members and arrays; the same contents give the same bytes.

    What deflates to almost nothing is stored as it is, so that `Archive` reads it again.
    """
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in texts.items():
            archive.writestr(_entry(name), json.dumps(content, indent=1, sort_keys=True))
        for name, array in arrays.items():
            contiguous = np.ascontiguousarray(array)
            info = _entry(f"{name}.npy")
            if not _deflates_too_well(contiguous):
                info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=contiguous.nbytes > 1 << 30) as stream:
                np.lib.format.write_array(stream, contiguous, allow_pickle=False)


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.external_attr = 0o644 << 16
    info._compresslevel = _LEVEL  # type: ignore[attr-defined]  # from Python 3.13 `compress_level`
    return info


def _deflates_too_well(array: NDArray[Any]) -> bool:
    if array.nbytes < _FREE_BYTES // 64:
        return False
    packer, size = zlib.compressobj(1), 0
    data = array.reshape(-1).view(np.uint8).data
    for place in range(0, len(data), _CHUNK):
        size += len(packer.compress(data[place : place + _CHUNK]))
        if size * _SAFE_RATIO >= array.nbytes:
            return False
    return (size + len(packer.flush())) * _SAFE_RATIO < array.nbytes
