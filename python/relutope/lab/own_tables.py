"""Tables of the user's own: numeric columns, and one that is the target."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..tracking.recorded_table import read_table
from .real_tables import Table

__all__ = ["is_table", "numeric_columns", "own_table", "task_of"]

Task = Literal["classification", "regression"]


def is_table(name: str) -> bool:
    """Whether the name is that of a table in a file, and no data set's."""
    return Path(name).suffix in (".csv", ".parquet")


def task_of(path: str | Path, target: str) -> Task:
    """What can be learnt: classification if the target has two values, else regression.

    Raises
    ------
    ValueError
        If there is no such column.
    """
    values = _column(read_table(path), target, path)
    return "classification" if len(set(values)) == 2 else "regression"


def own_table(
    path: str | Path, target: str, task: Task, features: Sequence[str] | None = None
) -> Table:
    """The table in a file.

    Parameters
    ----------
    path : str or Path
        ``.csv`` with names in the first row, or ``.parquet``.
    target : str
        The column to predict: of two values (any) for classification, of numbers for regression.
    task : {"classification", "regression"}
    features : sequence of str, optional
        Columns that must be numeric; by default all but the target.

    Returns
    -------
    Table
        Classes are the target's two values in increasing order. Targets of a regression are
        standardised.

    Raises
    ------
    ValueError
        If a column is missing, is not numeric, or lacks values, or the target does not fit.
    InvalidFileError
        If the file is no table.
    """
    columns = read_table(path)
    values = _column(columns, target, path)
    wanted = list(features) if features is not None else [c for c in columns if c != target]
    if not wanted or len(values) < 4:
        raise ValueError(
            f"`data`: {path} has {len(wanted)} columns beside the target and {len(values)} rows; "
            "it takes one and four at least"
        )
    X = np.column_stack([_numbers(columns, name, path) for name in wanted])
    y, classes = _target(values, target, task)
    title = target if task == "classification" else f"{target}, standardised"
    return Table(Path(path).stem, X, y, tuple(wanted), title, classes)


def numeric_columns(path: str | Path, target: str | None = None) -> tuple[Any, list[Any] | None]:
    """All columns but the target as an array, shape (k, c), and the target's values.

    Raises
    ------
    ValueError
        If there is no such target, or another column is not numeric.
    """
    columns = read_table(path)
    values = None if target is None else _column(columns, target, path)
    names = [name for name in columns if name != target]
    return np.column_stack([_as_numbers(columns[name], "data", name) for name in names]), values


def _target(values: list[Any], target: str, task: Task) -> tuple[Any, tuple[str, ...]]:
    missing = sum(value is None for value in values)
    if missing:
        raise ValueError(
            f"`target`: column {target!r} lacks {missing} values; leave these rows out"
        )
    if task == "classification":
        kinds = sorted(set(values), key=lambda v: (isinstance(v, str), v))
        if len(kinds) != 2:
            raise ValueError(
                f"`target`: column {target!r} has {len(kinds)} different values, expected two "
                "classes; for numbers take the task regression"
            )
        return np.array([float(v == kinds[1]) for v in values]), tuple(map(str, kinds))
    numbers = _as_numbers(values, "target", target)
    spread = numbers.std()
    if spread == 0:
        raise ValueError(f"`target`: column {target!r} is constant; there is nothing to learn")
    return (numbers - numbers.mean()) / spread, ()


def _column(columns: dict[str, list[Any]], name: str, path: str | Path) -> list[Any]:
    if name not in columns:
        near = difflib.get_close_matches(name, columns, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(list(columns)[:12])}"
        raise ValueError(f"`target`: {path} has no column {name!r}; {hint}")
    return columns[name]


def _numbers(columns: dict[str, list[Any]], name: str, path: str | Path) -> Any:
    if name not in columns:
        raise ValueError(f"`features`: {path} has no column {name!r}")
    return _as_numbers(columns[name], "features", name)


def _as_numbers(values: list[Any], argument: str, name: str) -> Any:
    for row, value in enumerate(values, start=2):  # the names are in line 1
        fits = isinstance(value, int | float) and np.isfinite(value)
        if not fits:
            what = "empty" if value is None else repr(value)
            other = "choose other columns, or " if argument == "features" else ""
            raise ValueError(
                f"`{argument}`: column {name!r} is {what} in line {row}, expected a number; {other}"
                "mend the table"
            )
    return np.array(values, dtype=np.float64)
