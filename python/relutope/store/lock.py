"""One writer at a time: a lock that ends with the process that holds it."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import BusyError

__all__ = ["writing_alone"]

_held: set[int] = set()


def _let_go() -> None:
    """In a forked process: a lock ends with the process that took it, not with its children."""
    while _held:
        os.close(_held.pop())


os.register_at_fork(after_in_child=_let_go)


@contextmanager
def writing_alone(path: Path) -> Iterator[None]:
    """Holds the lock of the file `path`; the system takes it back from a process that dies.

    Raises
    ------
    BusyError
        If another process, or another call of this one, holds it. Names it as far as known.
    OSError
        If the file cannot be written.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    _held.add(descriptor)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip() or "unknown"
            raise BusyError(
                f"`store`: {path.parent} is being written by another process ({holder}); wait for "
                "it, or read what it has so far with `open_store`"
            ) from None
        except OSError as error:
            raise OSError(
                error.errno, f"no lock is to be had: {error.strerror}", str(path)
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode(), 0)
        yield
    finally:
        if descriptor in _held:  # not of a child that was forked
            _held.remove(descriptor)
            os.close(descriptor)
