"""Words of the command line that are looked at before a command starts to work."""

from __future__ import annotations

import argparse
import errno
import os
from collections.abc import Callable
from pathlib import Path

__all__ = ["existing", "file_ending_in", "output_file", "port", "seed"]


def existing(path: Path) -> Path:
    """The path of a file that is there.

    Raises
    ------
    OSError
        If there is none, or a folder has this name.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "this is a folder; name a file", str(path))
    if not path.is_file():
        raise FileNotFoundError(errno.ENOENT, "no such file", str(path))
    return path


def output_file(word: str) -> Path:
    """The path of a file to write, for argparse.

    Hours of work are not lost to a name that nothing can be written to: the folder is tried at
    once.

    Raises
    ------
    ArgumentTypeError
        If the name is empty or that of a folder, or nothing can be written there.
    """
    path = Path(word)
    if not word or path.is_dir():
        raise argparse.ArgumentTypeError(f"{word or 'an empty name'} is a folder; name a file")
    if path.exists() and not path.is_file():  # a device or a pipe
        return path
    from tempfile import TemporaryFile

    folder = next(place for place in path.absolute().parents if os.path.lexists(place))
    try:
        with TemporaryFile(dir=folder):
            return path
    except OSError as error:
        why = (error.strerror or "no file can be made").lower()
        raise argparse.ArgumentTypeError(f"{word} cannot be written: {folder}: {why}") from None


def file_ending_in(*endings: str) -> Callable[[str], Path]:
    """As `output_file`, of one of these endings."""

    def checked(word: str) -> Path:
        path = output_file(word)
        if path.suffix.lower() not in endings and (path.is_file() or not path.exists()):
            raise argparse.ArgumentTypeError(
                f"{word} ends in {path.suffix!r}; use {' or '.join(endings)}"
            )
        return path

    return checked


def seed(word: str) -> int:
    """A seed that every random generator takes."""
    value = int(word)
    if not 0 <= value < 2**32:
        raise argparse.ArgumentTypeError(f"must be from 0 to {2**32 - 1}, got {word}")
    return value


def port(word: str) -> int:
    """The number of a port."""
    value = int(word)
    if not 0 <= value < 2**16:
        raise argparse.ArgumentTypeError(f"must be from 0 to {2**16 - 1}, got {word}")
    return value
