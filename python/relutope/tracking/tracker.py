"""Record what happens to the complex while a network trains, one table row per recorded step."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..common.arguments import worker_threads
from ..common.extras import require
from ..errors import RelutopeError
from ..graph.couplings import named_couplings
from .costs import cells_a_second
from .evaluation import Evaluation, Inquiry, plain
from .recorded_table import GrowingTable, checked_path, read_table, write_table
from .resuming import Continuation, domain_settings
from .schedule import Measures, Schedule, asked_measures, is_due
from .snapshot import Snapshot, Value

if TYPE_CHECKING:
    import pandas

    from ..decomposition.complex import Complex
    from ..domain.box import Box
    from ..domain.polytope import Polytope
    from ..graph.couplings import Coupling
    from ..graph.dual import Weight
    from ..network.network import Network

Listener = Callable[[Mapping[str, Value]], object]

__all__ = ["Schedule", "Tracker", "read_table", "write_table"]


class Tracker:
    """A callback that decomposes the network at chosen steps and records measures of its complex.

    Pass it to :func:`relutope.train` or call it from any training loop.

    Parameters
    ----------
    domain : relutope.Box, relutope.Polytope or None
        Domain of the decompositions; None for all of R^n.
    measures : sequence of str or callable, or mapping of these to schedules
        Names in :data:`relutope.tracking.measures.registry.MEASURES` or functions
        ``measure(snapshot) -> {column: number}`` of a
        :class:`relutope.tracking.snapshot.Snapshot`. In a mapping each has its schedule: k, at
        every k-th record; a collection of steps; or a :class:`relutope.Schedule`.
    weights : sequence of str, or mapping of str to str or callable
        Dual graph weights whose Fiedler partitions are recorded: names of
        :data:`relutope.graph.couplings.WEIGHTS`, or, under a name of your own, a function from the
        complex to a sparse matrix of couplings.
    steps : None, int or collection of int
        Record every call, every `steps`-th step, or the listed steps
        (e.g. :func:`relutope.log_spaced_steps`).
    draws : int
        Random orders per record of the measures "random" and "random curves".
    seed : int
        Fixes random orders and the eigensolver's start.
    path : path-like, optional
        Table (``.csv`` or ``.parquet``) rewritten after every record, so that an interrupted run
        loses nothing.
    resume : bool
        Continue the table at `path` if there is one: steps up to its last are not recorded again.
        A file beside it, ``.state.json``, keeps what that needs. The settings must be the same,
        but for `budget` and what the results do not depend on (`threads`, `progress`); functions
        are compared by name.
    budget : float, optional
        Seconds that a record may take, on average; see Notes.
    errors : {"record", "raise"}
        Whether an error of a measure or listener is recorded and warned of once, or ends the
        training.
    listeners : sequence of callable
        Each is called with every new row, after it is saved; see
        :mod:`relutope.tracking.callbacks`.
    **options
        Passed to :func:`relutope.decompose` (``engine``, ``threads``, ``max_cells``).

    Attributes
    ----------
    rows : list of dict
        One per record: ``step``, the loop's metrics, then the measures.
    left_out : dict of int to str
        By step, what the row lacks and why; also the column ``left_out`` of the table.
    errors : dict of str to Exception
        The first error of each measure or listener, or under "network" and "complex".
    seconds : dict of str to float
        What each measure, and "complex", took when it was last asked.
    complex : relutope.Complex or None
        The last complex. It is made when a measure needs it.

    Raises
    ------
    ValueError
        Unknown measure or weight, a `path` with another suffix, or a table that cannot be resumed.

    Notes
    -----
    Three things bound the cost. Schedules and `max_cells` do it reproducibly: a network with more
    cells has an empty row, but for what needs no complex, and ``left_out`` says so. `budget` does
    it by the clock: the complex and the measures share it such that what is cheap takes what it
    takes, and the rest is divided equally among the dear. A part that took s seconds with a share
    of b is next asked ceil(s / b) records later, and meanwhile left out as "over budget". Nothing
    is stopped in the middle, but on average, once costs are known, a record takes at most the
    budget; if all fits, nothing is left out. A `Schedule` may give a measure a budget of its own.
    Cells are then counted first, for at most the share, since a count can be stopped; more than
    any machine decomposes in that time are over budget.

    What goes wrong with the network or its complex at the first record is raised. Later it is
    recorded, as errors of measures always are: a training that diverges keeps its table.

    Examples
    --------
    >>> import relutope as rt
    >>> tracker = rt.Tracker(rt.Box(-1, 1, dim=2), measures={"cells": 1, "random": 10})
    >>> tracker(0, rt.mlp([2, 3, 1]), {"loss": 0.7})
    >>> tracker.rows[0]["euler"]
    1
    """

    def __init__(
        self,
        domain: Box | Polytope | None,
        *,
        measures: Measures = ("cells", "agreement", "topology"),
        weights: Sequence[Weight] | Mapping[str, Coupling] = ("unit",),
        steps: int | Collection[int] | None = None,
        draws: int = 4,
        seed: int = 0,
        path: str | os.PathLike[str] | None = None,
        resume: bool = False,
        budget: float | None = None,
        errors: str = "record",
        listeners: Sequence[Listener] = (),
        **options: Any,
    ) -> None:
        self.domain = domain
        self._inquiry = Inquiry(asked_measures(measures), budget, errors, storable=resume)
        self.weights = named_couplings(weights)
        self.steps = steps if steps is None or isinstance(steps, int) else frozenset(steps)
        self.draws, self.seed = draws, seed
        self.path = None if path is None else checked_path(path)
        self.options = options
        self.listeners = list(listeners)
        self.rows: list[dict[str, Value]] = []
        self.left_out: dict[int, str] = {}
        self.complex: Complex | None = None
        self._resumed = self._continue() if resume else None
        self._names = dict.fromkeys(name for row in self.rows for name in row)
        self._table = None if self.path is None else GrowingTable(self.path)

    @property
    def errors(self) -> dict[str, Exception]:
        """The first error of each measure or listener, or under "network" and "complex"."""
        return self._inquiry.errors

    @property
    def seconds(self) -> dict[str, float]:
        """What each measure, and "complex", took when it was last asked."""
        return self._inquiry.costs.seconds

    def due(self, step: int) -> bool:
        """Whether `step` is one of those to record.

        Parameters
        ----------
        step : int

        Returns
        -------
        bool
        """
        return is_due(self.steps, step)

    def resumed(self, step: int) -> bool:
        """Whether `step` is at or before the last row of a table that is being continued.

        Parameters
        ----------
        step : int

        Returns
        -------
        bool
        """
        return self._resumed is not None and bool(self.rows) and step <= self.rows[-1]["step"]

    def __call__(
        self, step: int, model: object, metrics: Mapping[str, float] | None = None
    ) -> None:
        """Record a row if `step` is due.

        Parameters
        ----------
        step : int
            Number of updates so far.
        model : torch.nn.Module, Network or list of (W, b)
            Anything :func:`relutope.as_network` takes. A module in training mode is looked at in
            evaluation mode, and left as it was.
        metrics : mapping of str to float, optional
            Columns of the training loop, such as ``{"loss": ..., "accuracy": ...}``.
        """
        if not self.due(step) or self.resumed(step):
            return
        row: dict[str, Value] = {"step": step}
        row |= {name: plain(value) for name, value in (metrics or {}).items()}
        remarks: dict[str, str] = {}
        network = self._network(step, model, remarks)
        if network is not None:
            row |= self._measured(step, network, remarks)
        self._inquiry.started = True
        if remarks:
            self.left_out[step] = "; ".join(f"{name}: {why}" for name, why in remarks.items())
        self._keep(row)

    def columns(self) -> dict[str, list[Any]]:
        """The table by columns, in order of first appearance; None where a row lacks the value.

        If anything was left out, the last column is ``left_out``, a text.

        Returns
        -------
        dict of str to list
        """
        names = dict.fromkeys(name for row in self.rows for name in row)
        table: dict[str, list[Any]] = {name: [row.get(name) for row in self.rows] for name in names}
        if self.left_out:
            table["left_out"] = [self.left_out.get(int(row["step"])) for row in self.rows]
        return table

    def to_frame(self) -> pandas.DataFrame:
        """The table as a pandas DataFrame (needs pandas).

        Returns
        -------
        pandas.DataFrame
        """
        require("pandas", "`to_frame`")
        import pandas

        return pandas.DataFrame(self.columns())

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the table as ``.csv`` or ``.parquet`` (needs pyarrow), by the suffix of `path`.

        Parameters
        ----------
        path : path-like
        """
        write_table(path, self.columns())

    def _line(self, row: Mapping[str, Value]) -> dict[str, Any]:
        """A row with all columns of the table, those of earlier rows first."""
        self._names |= dict.fromkeys(row)
        line: dict[str, Any] = {name: row.get(name) for name in self._names}
        if self.left_out:
            line["left_out"] = self.left_out.get(int(row["step"]))
        return line

    def _network(self, step: int, model: Any, remarks: dict[str, str]) -> Network | None:
        from ..network.conversion import as_network

        try:
            with _evaluation_mode(model):
                return as_network(model)
        except RelutopeError as error:
            if not self._inquiry.started:
                raise
            remarks["network"] = self._inquiry.failed("network", step, error)
            return None

    def _measured(self, step: int, network: Network, remarks: dict[str, str]) -> dict[str, Value]:
        from ..decomposition.decomposing import decompose

        evaluation = Evaluation(
            self._inquiry,
            len(self.rows),
            lambda: decompose(network, self.domain, **self.options),
            lambda seconds: snapshot.count(seconds),
            self.options.get("max_cells"),
            cells_a_second(network.input_dim, worker_threads(self.options.get("threads"))),
        )
        snapshot = Snapshot(
            evaluation.make_complex,
            step,
            self.weights,
            self.draws,
            self.seed,
            network,
            self.domain,
            self.options,
        )
        row = evaluation.ask(snapshot)
        remarks |= evaluation.remarks
        self.complex = evaluation.complex or self.complex
        return row

    def _keep(self, row: dict[str, Value]) -> None:
        """Save first, then tell others, who may fail."""
        step = int(row["step"])
        self.rows.append(row)
        if self._table is not None:
            if self._resumed is not None:
                self._resumed.store(step, self._inquiry)
            self._table.add(self.columns, self._line(row))
        for listener in self.listeners:
            try:
                listener(row)
            except Exception as error:  # the row is safe; the training goes on
                self._inquiry.failed(_name(listener), step, error)
        self._inquiry.report()

    def _continue(self) -> Continuation:
        if self.path is None:
            raise ValueError("`resume`: got True, but there is no `path`; say where the table is")
        found = Continuation(self.path, self._settings())
        found.restore(self._inquiry)
        self.rows, self.left_out = found.rows, found.left_out
        return found

    def _settings(self) -> dict[str, Any]:
        """What the table depends on."""
        steps = self.steps
        return {
            "domain": domain_settings(self.domain),
            "measures": {a.name: a.schedule.settings() for a in self._inquiry.asked},
            "weights": {
                k: v if isinstance(v, str) else "function" for k, v in self.weights.items()
            },
            "steps": steps if steps is None or isinstance(steps, int) else sorted(steps),
            "draws": self.draws,
            "seed": self.seed,
        } | {name: self.options.get(name) for name in ("max_cells", "outputs", "engine")}


def _name(listener: Listener) -> str:
    return str(getattr(listener, "__name__", type(listener).__name__))


@contextmanager
def _evaluation_mode(model: object) -> Iterator[None]:
    """Every part of a torch module in evaluation mode, and back."""
    modules = model.modules() if hasattr(model, "modules") else ()
    training = [module for module in modules if getattr(module, "training", False)]
    for module in training:
        module.training = False
    try:
        yield
    finally:
        for module in training:
            module.training = True
