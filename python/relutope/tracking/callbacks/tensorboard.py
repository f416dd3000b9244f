"""Rows of a tracker as scalars of TensorBoard."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from ...errors import MissingDependencyError
from ..snapshot import Value

__all__ = ["TensorBoard"]


class TensorBoard:
    """A tracker's listener that writes each number of a row as a scalar, at the row's step.

    Parameters
    ----------
    writer : object or path-like
        A ``SummaryWriter`` or anything with ``add_scalar(tag, value, step)``; or the folder of a
        new ``torch.utils.tensorboard.SummaryWriter``.
    prefix : str
        Tags are ``prefix/column``; with an empty prefix just the column.

    Raises
    ------
    MissingDependencyError
        For a folder, if tensorboard is not installed.
    TypeError
        If `writer` is neither.

    Notes
    -----
    Numbers that are not finite are left out.

    Examples
    --------
    >>> import relutope as rt
    >>> class Printer:
    ...     def add_scalar(self, tag, value, step):
    ...         print(step, tag, value)
    >>> listener = TensorBoard(Printer())
    >>> tracker = rt.Tracker(rt.Box(-1, 1), measures=["count"], listeners=[listener])
    >>> tracker(0, [([[1.0]], [0.0]), ([[1.0]], [0.0])])
    0 relutope/count 2
    """

    def __init__(self, writer: Any, *, prefix: str = "relutope") -> None:
        self.writer = _opened(writer) if isinstance(writer, str | os.PathLike) else writer
        if not hasattr(self.writer, "add_scalar"):
            raise TypeError(
                f"`writer`: got a {type(writer).__name__}, expected a SummaryWriter, something "
                "with its method add_scalar, or the folder of a new one"
            )
        self.prefix = f"{prefix}/" if prefix else ""

    def __call__(self, row: Mapping[str, Value]) -> None:
        """Write one row."""
        for column, value in row.items():
            if column != "step" and isinstance(value, int | float) and math.isfinite(value):
                self.writer.add_scalar(f"{self.prefix}{column}", value, row["step"])
        if hasattr(self.writer, "flush"):
            self.writer.flush()

    def close(self) -> None:
        """Close the writer, if it can be closed."""
        if hasattr(self.writer, "close"):
            self.writer.close()


def _opened(folder: str | os.PathLike[str]) -> Any:
    try:
        writer = import_module("torch.utils.tensorboard").SummaryWriter
    except ImportError as error:
        raise MissingDependencyError(
            "`writer`: a folder needs tensorboard, which is not installed: `pip install "
            "tensorboard`, or pass a writer of your own"
        ) from error
    return writer(os.fspath(folder))
