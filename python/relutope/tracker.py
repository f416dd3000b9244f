"""Record what happens to the complex while a network trains, one table row per recorded step."""

from __future__ import annotations

import csv
import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .couplings import named_couplings
from .errors import MissingDependencyError
from .files import replacing
from .measures import MEASURES, Measure, Snapshot, Value

if TYPE_CHECKING:
    import pandas

    from .complex import Complex
    from .couplings import Coupling
    from .domain import Box

Row = Mapping[str, Value | None]

__all__ = ["Tracker", "read_table", "write_table"]


class Tracker:
    """A callback that decomposes the network at chosen steps and records measures of its complex.

    Pass it to :func:`relutope.train` or call it from any training loop.

    Parameters
    ----------
    domain : relutope.Box or None
        Domain of the decompositions; None for all of R^n.
    measures : sequence of str or callable
        Names in :data:`relutope.measures.MEASURES` ("cells", "fiedler", "agreement", "topology",
        "sublevel", "random") or functions ``measure(snapshot) -> {column: number}``.
    weights : sequence of str, or mapping of str to str or callable
        Dual graph weights whose Fiedler partitions are recorded: names of
        :data:`relutope.couplings.WEIGHTS`, or, under a name of your own, a function from the
        complex to a sparse matrix of couplings.
    steps : None, int or collection of int
        Record every call, every `steps`-th step, or the listed steps
        (e.g. :func:`relutope.log_spaced_steps`).
    draws : int
        Random orders per record of the measure "random".
    seed : int
        Fixes random orders and the eigensolver's start.
    path : path-like, optional
        Table (``.csv`` or ``.parquet``) rewritten after every record, so that an interrupted run
        loses nothing.
    **options
        Passed to :func:`relutope.decompose` (``engine``, ``threads``, ``max_cells``).

    Attributes
    ----------
    rows : list of dict
        One per record: ``step``, the loop's metrics, then the measures.
    complex : relutope.Complex or None
        The last complex.

    Raises
    ------
    ValueError
        Unknown measure or weight, or a `path` with another suffix.

    Examples
    --------
    >>> import relutope as rt
    >>> tracker = rt.Tracker(rt.Box(-1, 1, dim=2), measures=["cells"])
    >>> tracker(0, rt.mlp([2, 3, 1]), {"loss": 0.7})
    >>> tracker.rows[0]["euler"]
    1
    """

    def __init__(
        self,
        domain: Box | None,
        *,
        measures: Sequence[str | Measure] = ("cells", "agreement", "topology"),
        weights: Sequence[str] | Mapping[str, Coupling] = ("unit",),
        steps: int | Collection[int] | None = None,
        draws: int = 4,
        seed: int = 0,
        path: str | os.PathLike[str] | None = None,
        **options: Any,
    ) -> None:
        self.domain = domain
        self.measures = [_measure(m) for m in measures]
        self.weights = named_couplings(weights)
        self.steps = steps if steps is None or isinstance(steps, int) else frozenset(steps)
        self.draws, self.seed = draws, seed
        self.path = None if path is None else _checked(path)
        self.options = options
        self.rows: list[dict[str, Value]] = []
        self.complex: Complex | None = None

    def due(self, step: int) -> bool:
        """Is `step` one of those to record?"""
        if self.steps is None:
            return True
        return step % self.steps == 0 if isinstance(self.steps, int) else step in self.steps

    def __call__(
        self, step: int, model: object, metrics: Mapping[str, float] | None = None
    ) -> None:
        """Record a row if `step` is due.

        Parameters
        ----------
        step : int
            Number of updates so far.
        model : torch.nn.Module, Network or list of (W, b)
            Anything :func:`relutope.as_network` takes.
        metrics : mapping of str to float, optional
            Columns of the training loop, such as ``{"loss": ..., "accuracy": ...}``.
        """
        if not self.due(step):
            return
        from .decompose import decompose

        self.complex = decompose(model, self.domain, **self.options)
        snapshot = Snapshot(self.complex, step, self.weights, self.draws, self.seed)
        row: dict[str, Value] = {"step": step, **(metrics or {})}
        for measure in self.measures:
            row |= measure(snapshot)
        self.rows.append(row)
        if self.path is not None:
            self.save(self.path)

    def columns(self) -> dict[str, list[Value | None]]:
        """The table by columns, in order of first appearance; None where a row lacks the value."""
        names = dict.fromkeys(name for row in self.rows for name in row)
        return {name: [row.get(name) for row in self.rows] for name in names}

    def to_frame(self) -> pandas.DataFrame:
        """The table as a pandas DataFrame (needs pandas)."""
        import pandas

        return pandas.DataFrame(self.columns())

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the table as ``.csv`` or ``.parquet`` (needs pyarrow), by the suffix of `path`."""
        write_table(path, self.columns())


def _measure(measure: str | Measure) -> Measure:
    if callable(measure):
        return measure
    if measure not in MEASURES:
        raise ValueError(
            f"`measures`: got {measure!r}, expected a function or one of {', '.join(MEASURES)}"
        )
    return MEASURES[measure]


def _checked(path: str | os.PathLike[str]) -> Path:
    if Path(path).suffix not in (".csv", ".parquet"):
        raise ValueError(
            f"`path`: got {os.fspath(path)!r}, expected a name ending in .csv or .parquet"
        )
    return Path(path)


def write_table(
    path: str | os.PathLike[str], columns: Mapping[str, Sequence[Value | None]]
) -> None:
    """Write equally long columns to a ``.csv`` or ``.parquet`` file, atomically.

    In CSV, floats are written with ``repr`` (they read back bit for bit) and None as an empty
    field.

    Raises
    ------
    ValueError
        For another suffix.
    MissingDependencyError
        For Parquet without pyarrow.
    """
    target = _checked(path)
    with replacing(target) as fresh:
        (_write_parquet if target.suffix == ".parquet" else _write_csv)(fresh, columns)


def _write_csv(path: Path, columns: Mapping[str, Sequence[Value | None]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def _write_parquet(path: Path, columns: Mapping[str, Sequence[Value | None]]) -> None:
    pyarrow, parquet = _pyarrow()
    parquet.write_table(pyarrow.table(dict(columns)), path)


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingDependencyError(
            "`path`: a .parquet table needs pyarrow; install relutope[study] or use a .csv name"
        ) from error
    return pyarrow, parquet


def read_table(path: str | os.PathLike[str]) -> dict[str, list[Value | None]]:
    """The columns of a table written by :func:`write_table`, with the same types.

    Raises
    ------
    ValueError
        For a suffix other than ``.csv`` or ``.parquet``.
    """
    source = _checked(path)
    if source.suffix == ".parquet":
        columns: dict[str, list[Value | None]] = _pyarrow()[1].read_table(source).to_pydict()
        return columns
    with source.open(encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    return {name: [_number(row[k]) for row in rows] for k, name in enumerate(names)}


def _number(text: str) -> Value | None:
    if text == "":
        return None
    try:
        return int(text)
    except ValueError:
        return float(text)
