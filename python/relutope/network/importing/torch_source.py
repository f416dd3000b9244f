"""What torch is given to read: a file whose declared sizes its own size allows."""

from __future__ import annotations

import io
from pathlib import Path

from ...common.archive import check_zip

__all__ = ["torch_source"]


def torch_source(path: Path) -> Path | io.BytesIO:
    """The file, or its bytes, for ``torch.load``.

    An archive is checked first. Of the old format, which is no archive, torch gets the bytes: from
    a file it would ask for as much memory as damaged lengths say.

    Raises
    ------
    InvalidFileError
        If an archive is damaged, or claims to unpack to more than its size allows.
    """
    with open(path, "rb") as file:
        if file.read(2) == b"PK":
            check_zip(path)
            return path
    return io.BytesIO(path.read_bytes())
