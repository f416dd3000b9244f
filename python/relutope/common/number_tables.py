"""Tables of numbers in files: NumPy's ``.npy``, or text with a row in each line."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidFileError
from .reading import check_file, read_text

__all__ = ["read_numbers"]

# Python takes 1_0 for 10, and digits of other scripts.
_NUMBER = re.compile(r"[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|inf(inity)?|nan)", re.ASCII | re.I)


def read_numbers(path: Path, argument: str = "path") -> NDArray[np.float64]:
    """The numbers in a file: of a ``.npy`` file in its shape, else one row for each line of text.

    Numbers in a line are parted by commas or white space; what follows ``#`` is left out.

    Raises
    ------
    InvalidFileError
        If they are no numbers, rows differ in length, or the file is shorter than it says. It names
        the argument and the file.
    OSError
        If there is no such file, or it may not be read.
    """
    try:
        check_file(path)
        return _of_array(path) if path.suffix == ".npy" else _of_text(path)
    except FileNotFoundError:
        raise FileNotFoundError(f"`{argument}`: there is no file {str(path)!r}") from None
    except (ValueError, ArithmeticError, TypeError, EOFError, SyntaxError) as error:
        raise InvalidFileError(f"`{argument}`: {path} is no table of numbers: {error}") from None


def _of_array(path: Path) -> NDArray[np.float64]:
    # Mapped, so that a declared size beyond the file's asks for no memory.
    with np.errstate(over="raise"):
        stored = np.load(path, mmap_mode="r", allow_pickle=False)
    if not isinstance(stored, np.ndarray) or stored.dtype.kind not in "iuf":
        raise ValueError(f"it holds {getattr(stored, 'dtype', 'no array')}")
    return np.array(stored, dtype=np.float64)


def _of_text(path: Path) -> NDArray[np.float64]:
    lines = [line.split("#")[0].replace(",", " ").split() for line in read_text(path).splitlines()]
    rows = [words for words in lines if words]
    for word in (word for words in rows for word in words):
        if not _NUMBER.fullmatch(word):
            raise ValueError(f"it holds {word[:40]!r}")
    if not rows or len({len(row) for row in rows}) > 1:
        raise ValueError("its rows differ in length" if rows else "it is empty")
    return np.array(rows, dtype=np.float64)
