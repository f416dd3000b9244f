"""The settings of a study and their defaults."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ...errors import RelutopeError
from ...graph.couplings import WEIGHTS
from ...graph.dual import Weight
from ..datasets import Task

__all__ = ["DEFAULTS", "WEIGHTS", "InvalidOptionError", "Options"]


class InvalidOptionError(RelutopeError, ValueError):
    """An option of a study is out of range, or does not fit the others."""


@dataclass(frozen=True)
class Options:
    """What to train on, how, and what to record; every field is an option of ``relutope study``.

    Attributes
    ----------
    task, data : str
        "classification" or "regression"; a name of :mod:`relutope.lab.datasets`, or the path of
        a table.
    target : str, optional
        The column of that table to predict.
    out : Path
        Folder for the results.
    hidden : tuple of int
        Widths of the hidden layers.
    epochs, lr, weight_decay
        Full-batch Adam.
    seed : int
        Fixes data, split, initial weights, random filtrations and eigensolver.
    samples, noise, features
        Passed to :func:`relutope.lab.datasets.load`.
    test_share : float
        Share of the samples held out.
    pad : float
        Domain: bounding box of the samples, each side widened by `pad` times its extent.
    records : int
        About how many steps to record, spaced logarithmically.
    weights : tuple of str
        Dual graph weights for the Fiedler partitions (classification).
    draws : int
        Random filtrations per record (regression).
    other_seeds : int
        Trainings with the next seeds, whose agreement stands beside that of `seed`
        (classification).
    table : str
        "csv" or "parquet".
    """

    task: Task
    data: str
    out: Path
    hidden: tuple[int, ...] = (24, 24, 24)
    epochs: int = 1000
    lr: float = 0.005
    weight_decay: float = 0.001
    seed: int = 0
    samples: int | None = None
    noise: float | None = None
    features: tuple[str, ...] | None = None
    target: str | None = None
    test_share: float = 0.25
    pad: float = 0.1
    records: int = 40
    weights: tuple[Weight, ...] = ("unit", "inverse-bend", "inverse-output")
    draws: int = 8
    other_seeds: int = 4
    table: str = "csv"

    def check(self) -> None:
        """Raise InvalidOptionError for the first field out of range."""
        bounds = {
            "epochs": 1,
            "records": 2,
            "draws": 1,
            "other_seeds": 0,
            "lr": 0.0,
            "weight_decay": 0.0,
            "noise": 0.0,
            "pad": 0.0,
        }
        for name, least in bounds.items():
            value = getattr(self, name)
            if value is not None and not value >= least:
                raise InvalidOptionError(f"`{name}`: got {value}, expected at least {least}")
        if not self.hidden or min(self.hidden) < 1:
            raise InvalidOptionError(
                f"`hidden`: got {self.hidden}, expected positive widths, e.g. 16 16"
            )
        if self.samples is not None and self.samples < 4:
            raise InvalidOptionError(f"`samples`: got {self.samples}, expected at least 4")
        unknown = sorted(set(self.weights) - set(WEIGHTS))
        if unknown or not self.weights:
            raise InvalidOptionError(
                f"`weights`: got {self.weights}, expected some of {', '.join(WEIGHTS)}"
            )

    def as_dict(self) -> dict[str, Any]:
        """The fields as JSON values."""
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        return plain | {"out": str(self.out)}

    def command(self) -> str:
        """The shell command that runs this study, with every option that has a value."""
        words = ["relutope", "study", self.task]
        for name, value in self.as_dict().items():
            if name == "task" or value is None or name in _UNUSED[self.task]:
                continue
            words.append(f"--{name.replace('_', '-')}")
            words += map(str, value) if isinstance(value, tuple) else [str(value)]
        return shlex.join(words)


_UNUSED: dict[str, tuple[str, ...]] = {
    "classification": ("draws",),
    "regression": ("weights", "other_seeds"),
}

_SHARED: dict[str, Any] = {
    f.name: f.default
    for f in fields(Options)
    if f.name not in ("task", "data", "out", "samples", "noise", "features", "target")
}
DEFAULTS: dict[Task, dict[str, Any]] = {
    "classification": _SHARED | {"data": "breast-cancer"},
    "regression": _SHARED | {"data": "peaks", "weight_decay": 0.0},
}
"""Options of a study that names none, by task."""
