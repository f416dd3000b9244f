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
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip() or "unknown"
            raise BusyError(
                f"`store`: {path.parent} is being written by another process ({holder}); wait for "
                "it, or read what it has so far with `open_store`"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode(), 0)
        yield
    finally:
        os.close(descriptor)
