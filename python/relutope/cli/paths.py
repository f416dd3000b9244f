"""Files that a command reads and writes, looked at before it starts to work."""

from __future__ import annotations

import argparse
import errno
import os
from pathlib import Path

__all__ = ["existing", "output_file"]


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
