"""How often each measure is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..common.arithmetic import ieee_arithmetic
from .measures.registry import MEASURES
from .snapshot import Measure

__all__ = ["Asked", "Schedule", "asked_measures", "is_due", "log_spaced_steps"]


@dataclass(frozen=True)
class Schedule:
    """How often a tracker asks one measure, and on what.

    Parameters
    ----------
    every : int or collection of int
        At every so many-th record, from the first; or at these steps, where they are recorded.
    budget : float, optional
        Seconds that it may take per record, instead of its share of the tracker's `budget`.
    max_cells : int, optional
        Leave it out where the complex has more cells.

    Raises
    ------
    ValueError
        If `every`, `budget` or `max_cells` is not positive.

    Examples
    --------
    >>> [Schedule(every=10).due(record, step=7 * record) for record in (0, 1, 10)]
    [True, False, True]
    """

    every: int | Collection[int] = 1
    budget: float | None = None
    max_cells: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.every, int):
            object.__setattr__(self, "every", frozenset(self.every))
        for name in ("every", "budget", "max_cells"):
            value = getattr(self, name)
            if isinstance(value, int | float) and not value > 0:
                raise ValueError(f"`{name}`: got {value!r}, expected a positive number")

    def due(self, record: int, step: int) -> bool:
        """Whether to ask the measure at record number `record` (from 0), of step `step`.

        Parameters
        ----------
        record : int
            Number of records before this one.
        step : int
            Of the training.

        Returns
        -------
        bool
        """
        return record % self.every == 0 if isinstance(self.every, int) else step in self.every

    def settings(self) -> list[Any]:
        """What decides about a table, for files: not the budget, which only leaves out.

        Returns
        -------
        dict
        """
        every = self.every if isinstance(self.every, int) else sorted(self.every)
        return [every, self.max_cells]


def is_due(steps: int | Collection[int] | None, step: int) -> bool:
    """Is `step` one of `steps`: all (None), the multiples of a number, or those listed?"""
    if steps is None:
        return True
    return step % steps == 0 if isinstance(steps, int) else step in steps


class Asked(NamedTuple):
    """A measure that a tracker asks, under a name of its own."""

    name: str
    measure: Measure
    schedule: Schedule


Measures = (
    Iterable[str | Measure]
    | Mapping[str, Any]
    | Mapping[Measure, Any]
    | Mapping[str | Measure, Any]
)


def asked_measures(measures: Measures) -> list[Asked]:
    """The measures of a tracker from its argument, each with its name and schedule.

    Raises
    ------
    ValueError
        For an unknown name, or a schedule that is none.
    """
    if isinstance(measures, str):
        raise ValueError(f"`measures`: got the text {measures!r}, expected a list: [{measures!r}]")
    pairs = (
        list(measures.items())
        if isinstance(measures, Mapping)
        else [(measure, Schedule()) for measure in measures]
    )
    found: dict[str, Asked] = {}
    for measure, schedule in pairs:
        name, function = _measure(measure)
        again = sum(other == name or other.startswith(f"{name} #") for other in found)
        name = f"{name} #{again + 1}" if again else name
        found[name] = Asked(name, function, _schedule(name, schedule))
    return list(found.values())


def _measure(measure: Any) -> tuple[str, Measure]:
    if callable(measure):
        return str(getattr(measure, "__name__", repr(measure))), measure
    if measure not in MEASURES:
        raise ValueError(
            f"`measures`: got {measure!r}, expected a function or one of {', '.join(MEASURES)}"
        )
    return measure, MEASURES[measure]


def _schedule(name: str, schedule: Any) -> Schedule:
    if isinstance(schedule, Schedule):
        return schedule
    if isinstance(schedule, int) or (
        isinstance(schedule, Collection) and all(isinstance(step, int) for step in schedule)
    ):
        return Schedule(schedule)
    raise ValueError(
        f"`measures`: got {schedule!r} for {name!r}, expected how often it is asked: a number of "
        "records, steps, or a Schedule"
    )


@ieee_arithmetic
def log_spaced_steps(last: int, count: int = 40) -> list[int]:
    """At most `count` increasing steps from 0 to `last`, dense at the start where most happens.

    Parameters
    ----------
    last : int
        The last step.
    count : int
        About how many, at least 2.

    Returns
    -------
    list of int

    Raises
    ------
    ValueError
        If `last` is negative or `count` less than 2.

    See Also
    --------
    Tracker, Schedule

    Examples
    --------
    >>> log_spaced_steps(1000, 8)
    [0, 1, 3, 10, 32, 100, 316, 1000]
    """
    if last < 0 or count < 2:
        raise ValueError(f"`last`, `count`: got {last}, {count}, expected last >= 0 and count >= 2")
    exponents = np.linspace(0.0, np.log10(max(last, 1)), count - 1)
    return sorted({0, last, *np.rint(10**exponents).astype(int).tolist()} & set(range(last + 1)))
