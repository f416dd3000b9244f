"""From the options of a study to its data, model, domain and tracker."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...domain.box import Box
from ...tracking.schedule import log_spaced_steps
from ...tracking.tracker import Tracker
from .. import datasets
from ..training import mlp
from .options import InvalidOptionError, Options
from .under_way import Study

__all__ = ["prepare"]

MEASURES = {
    "classification": ("cells", "agreement", "topology"),
    "regression": ("cells", "sublevel", "random"),
}


def prepare(options: Options, *, resume: bool = False) -> Study:
    """Load the data and build model, domain and tracker; writes nothing.

    With `resume` the tracker goes on with the table that is in the folder, if there is one.

    Raises
    ------
    InvalidOptionError
        If the data set does not fit the task, or an option is out of range.
    """
    data, train_rows, test_rows = _data(options)
    domain = Box(*datasets.bounding_box(data.X, options.pad))
    steps = log_spaced_steps(options.epochs, options.records)
    tracker = Tracker(
        domain,
        measures=MEASURES[options.task],
        weights=options.weights,
        steps=steps,
        draws=options.draws,
        seed=options.seed,
        path=options.out / f"table.{options.table}",
        resume=resume,
    )
    model = mlp([data.X.shape[1], *options.hidden, 1], seed=options.seed)
    film = _film(steps)
    return Study(
        options, data, train_rows, test_rows, domain, model, tracker, film, frozenset(steps)
    )


def _data(options: Options) -> tuple[datasets.Dataset, NDArray[np.int64], NDArray[np.int64]]:
    """The data set and its training and held-out rows."""
    options.check()
    try:
        data = datasets.load(
            options.data,
            n=options.samples,
            noise=options.noise,
            seed=options.seed,
            features=options.features,
            target=options.target,
            task=options.task if options.target is not None else None,
        )
        rows = datasets.split(data, options.test_share, options.seed)
    except ValueError as error:
        raise InvalidOptionError(str(error)) from error
    if data.task != options.task:
        known = datasets.CLASSIFICATION if options.task == "classification" else datasets.REGRESSION
        raise InvalidOptionError(
            f"`data`: got {options.data!r}, which is for {data.task}, "
            f"expected one of {', '.join(known)}"
        )
    return data, *rows


def _film(steps: list[int]) -> frozenset[int]:
    """Four of the steps: the first, the last, and those nearest 2 % and 15 % of the way."""
    wanted = [0.0, 0.02 * steps[-1], 0.15 * steps[-1], steps[-1]]
    return frozenset(min(steps, key=lambda step: abs(step - want)) for want in wanted)
