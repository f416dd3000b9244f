"""Writing files so that a reader sees the old one or the new one, never half of either."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["replacing", "write_text"]


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A fresh path beside `path`, with the same suffix, renamed to `path` when the block succeeds.

    If the block raises, KeyboardInterrupt included, the fresh file is removed and `path` is
    untouched.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.stem}-{os.getpid()}{target.suffix}")
    try:
        yield fresh
        os.replace(fresh, target)
    finally:
        fresh.unlink(missing_ok=True)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` as UTF-8 with Unix line ends, by :func:`replacing`."""
    with replacing(path) as fresh:
        fresh.write_text(text, encoding="utf-8", newline="\n")
