"""Writing files so that a reader sees the old one or the new one, never half of either."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["append", "flush", "mark_failed", "replacing", "write_text"]

_RUNNING, _FAILED = b'"state": "running"', b'"state": "failed" '


@contextmanager
def replacing(path: str | os.PathLike[str], *, durable: bool = True) -> Iterator[Path]:
    """A fresh path beside `path`, with the same suffix, renamed to `path` when the block succeeds.

    Every writer has a name of its own, so of several that write to one path the last one wins, and
    its file is whole. What was written is on the disk before it gets its name, if it is `durable`.
    If the block raises, KeyboardInterrupt included, the fresh file is removed and `path` is
    untouched. A link stays one, and devices and pipes are written to, not replaced.

    Raises
    ------
    OSError
        If the file cannot be written; names `path`.
    """
    target = Path(path)
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    stream = target.exists() and not target.is_file()
    place = _passing(target) if stream else Path(os.path.realpath(target))
    place.parent.mkdir(parents=True, exist_ok=True)
    unique = f"{os.getpid()}-{os.urandom(6).hex()}"
    fresh = place.with_name(f".{target.stem[:100]}-{unique}{target.suffix}")
    try:
        yield fresh
        if stream:
            with open(fresh, "rb") as written, open(target, "wb") as out:
                while part := written.read(2**20):
                    out.write(part)
        else:
            if durable:
                flush(fresh)
            os.replace(fresh, place)
            if durable:
                with suppress(OSError):  # a folder cannot be flushed everywhere
                    flush(place.parent)
    except OSError as error:
        if error.errno is None or error.filename not in (None, str(fresh)):
            raise
        raise OSError(error.errno, error.strerror, str(target)) from None
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)


def _passing(target: Path) -> Path:
    """A file of the same name where temporary ones are, for what goes on into a stream."""
    from tempfile import gettempdir

    return Path(gettempdir(), target.name)


def mark_failed(path: str | os.PathLike[str]) -> None:
    """Turns ``"state": "running"`` in a JSON file into "failed", in place.

    For the end of a run whose disk is full: no new space is needed. Nothing happens if even that
    is impossible.
    """
    with suppress(OSError), open(path, "r+b") as file:
        place = file.read().find(_RUNNING)
        if place >= 0:
            file.seek(place)
            file.write(_FAILED)


def append(path: str | os.PathLike[str], text: str, *, durable: bool = True) -> None:
    """Adds `text` as UTF-8 to the end of a file; it is on the disk, or the file is as it was.

    Unless `durable`, it is there for other processes, and on the disk some time later.

    Raises
    ------
    OSError
        If it cannot be written; names `path`.
    """
    with open(path, "ab", buffering=0) as file:
        size = file.tell()
        try:
            left = memoryview(text.encode())
            while left:
                left = left[file.write(left) :]
            if durable:
                os.fsync(file.fileno())
        except OSError as error:
            with suppress(OSError):
                file.truncate(size)
            raise OSError(error.errno, error.strerror, os.fspath(path)) from None


def flush(path: Path) -> None:
    """Waits until the disk has what was written."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` as UTF-8 with Unix line ends, by :func:`replacing`."""
    with replacing(path) as fresh:
        fresh.write_text(text, encoding="utf-8", newline="\n")
