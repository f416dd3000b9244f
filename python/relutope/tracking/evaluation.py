"""Ask the measures of a tracker at one record: at bounded cost, and whatever goes wrong.

The *parts* of an evaluation are the complex and the measures; :class:`Costs` says which of them may
be asked.
"""

from __future__ import annotations

import copy
import json
import time
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import CellLimitError, RelutopeError
from .costs import Costs
from .schedule import Asked
from .snapshot import Snapshot, Value

if TYPE_CHECKING:
    from ..decomposition.complex import Complex
    from ..decomposition.counting import CellCount

__all__ = ["COMPLEX", "OVER_BUDGET", "Evaluation", "Inquiry", "NoComplexError", "numbers", "plain"]

COMPLEX = "complex"
OVER_BUDGET = "over budget"


class NoComplexError(RelutopeError):
    """There is no complex at this record; the message is the reason."""


class Inquiry:
    """The measures of a tracker, and what is known of them from record to record.

    Attributes
    ----------
    costs : Costs
        What each part took when it was last asked.
    memory : dict of str to dict
        What each measure keeps in mind.
    errors : dict of str to Exception
        The first error of each measure or listener.
    started : bool
        Whether there has been a record in this run.
    """

    def __init__(
        self, asked: Sequence[Asked], budget: float | None, errors: str, storable: bool
    ) -> None:
        if errors not in ("record", "raise"):
            raise ValueError(f"`errors`: got {errors!r}, expected 'record' or 'raise'")
        self.asked = list(asked)
        self.raises, self.storable = errors == "raise", storable
        schedules = {a.name: a.schedule for a in self.asked}
        self.costs = Costs(
            budget,
            {n: s.every for n, s in schedules.items() if isinstance(s.every, int)},
            {n: s.budget for n, s in schedules.items() if s.budget is not None},
        )
        self.memory: dict[str, dict[str, Any]] = {}
        self.errors: dict[str, Exception] = {}
        self.started = False
        self._unreported: list[tuple[str, int, Exception]] = []

    def failed(self, name: str, step: int, error: Exception) -> str:
        """The remark for the table; the first time a warning is due, see `report`."""
        if self.raises:
            raise error
        if name not in self.errors:
            self.errors[name] = error
            self._unreported.append((name, step, error))
        text = " ".join(f"{type(error).__name__}: {error}".split())
        return text if len(text) <= 200 else f"{text[:197]}..."

    def report(self) -> None:
        """Warn of new failures, once each: after the row is safe, for a warning may be an error."""
        found, self._unreported = self._unreported, []
        for name, step, error in found:
            trace = "".join(traceback.format_exception(error))
            warnings.warn(
                f"{name!r} failed at step {step}, and may fail again; training goes on and the "
                f"table says so in `left_out`. This is said once.\n{trace}",
                RuntimeWarning,
                stacklevel=3,
            )


class Evaluation:
    """One record.

    Parameters
    ----------
    inquiry : Inquiry
    record : int
        Its number, from 0.
    decompose : callable
        Makes the complex.
    count : callable
        ``count(seconds)`` counts its cells, or stops after so many seconds.
    max_cells : int or None
        The limit of both, for messages.
    rate : float
        Cells a second: more are not made.

    Attributes
    ----------
    complex : Complex or None
    remarks : dict of str to str
        What is left out, and why.
    """

    def __init__(
        self,
        inquiry: Inquiry,
        record: int,
        decompose: Callable[[], Complex],
        count: Callable[[float], CellCount],
        max_cells: int | None,
        rate: float,
    ) -> None:
        self._rate = rate
        self.inquiry, self.record = inquiry, record
        self.complex: Complex | None = None
        self.remarks: dict[str, str] = {}
        self._decompose, self._count, self._max_cells = decompose, count, max_cells
        self._missing: NoComplexError | None = None
        self._seconds = 0.0

    def make_complex(self) -> Complex:
        """The complex, for the first measure that asks; its time is not the measure's.

        Raises
        ------
        NoComplexError
            If there is none: too many cells, or over its budget. Other errors are its cause.
        """
        if self._missing is not None:
            raise self._missing
        start = time.perf_counter()
        try:
            self.complex = self._made()
        except NoComplexError as error:
            self._missing = error
            raise
        except Exception as error:  # not once more for each measure
            self._missing = NoComplexError(f"{type(error).__name__}: {error}")
            raise self._missing from error
        finally:
            self._seconds = time.perf_counter() - start
        return self.complex

    def _made(self) -> Complex:
        costs = self.inquiry.costs
        if costs.waits(COMPLEX, self.record):
            raise NoComplexError(OVER_BUDGET)
        limit, start = costs.limit(COMPLEX), time.perf_counter()
        try:
            if limit is not None:
                self._fits(limit)
            return self._decompose()
        except CellLimitError:
            raise NoComplexError(f"more than {self._max_cells} cells") from None
        finally:
            costs.spent(COMPLEX, self.record, time.perf_counter() - start)

    def _fits(self, seconds: float) -> None:
        """Counting stops in time, decomposing does not: so cells are counted first.

        To count them may take a tenth of the time, so their number is looked at, too.
        """
        counted = self._count(seconds)
        if counted.complete and counted.n_cells > seconds * self._rate:
            raise NoComplexError(OVER_BUDGET)
        if not counted.complete:
            limit = self._max_cells
            too_many = limit is not None and counted.n_cells > limit
            raise NoComplexError(f"more than {limit} cells" if too_many else OVER_BUDGET)

    def ask(self, snapshot: Snapshot) -> dict[str, Value]:
        """The values of the measures that are due, in their order.

        Raises
        ------
        Exception
            That of the complex, at the first record of the run: then it is likely a mistake, and
            nothing is lost yet.
        """
        row: dict[str, Value] = {}
        for asked in self.inquiry.asked:
            if not asked.schedule.due(self.record, snapshot.step):
                continue
            if self.inquiry.costs.waits(asked.name, self.record):
                self.remarks[asked.name] = OVER_BUDGET
                continue
            row |= self._answer(asked, snapshot)
        return row

    def _answer(self, asked: Asked, snapshot: Snapshot) -> dict[str, Value]:
        inquiry, (name, measure, schedule) = self.inquiry, asked
        snapshot.budget = inquiry.costs.limit(name)
        snapshot.memory = copy.deepcopy(inquiry.memory.get(name, {}))
        start, self._seconds = time.perf_counter(), 0.0
        try:
            limit = schedule.max_cells
            if limit is not None and snapshot.complex.n_cells > limit:
                self.remarks[name] = f"more than {limit} cells"
                return {}
            found = numbers(name, measure(snapshot))
            if inquiry.storable:
                json.dumps(snapshot.memory)
        except NoComplexError as missing:
            return self._without_complex(missing, snapshot.step)
        except Exception as error:  # a measure must not end a training
            self.remarks[name] = inquiry.failed(name, snapshot.step, error)
            found = {}
        else:
            inquiry.memory[name] = snapshot.memory
        own = time.perf_counter() - start - self._seconds
        inquiry.costs.spent(name, self.record, own)
        return found

    def _without_complex(self, missing: NoComplexError, step: int) -> dict[str, Value]:
        cause = missing.__cause__
        if not isinstance(cause, Exception):
            self.remarks[COMPLEX] = str(missing)
            return {}
        if not self.inquiry.started:
            raise cause
        self.remarks[COMPLEX] = self.inquiry.failed(COMPLEX, step, cause)
        return {}


def numbers(name: str, found: Any) -> dict[str, Value]:
    """The columns that a measure gives, as plain numbers, without those that are None.

    Raises
    ------
    TypeError
        If it is no mapping from text to numbers.
    ValueError
        If a column has a name that is the tracker's.
    """
    if not isinstance(found, Mapping):
        raise TypeError(
            f"measure {name!r} must return a mapping of column names to numbers, got "
            f"{type(found).__name__}"
        )
    row: dict[str, Value] = {}
    for column, value in found.items():
        if column in ("step", "left_out") or not isinstance(column, str):
            raise ValueError(f"measure {name!r} gives a column {column!r}; choose another name")
        number = plain(value)
        if number is None:
            continue
        if not isinstance(number, int | float):
            raise TypeError(
                f"measure {name!r} must return numbers, got {type(value).__name__} for {column!r}"
            )
        row[column] = int(number) if isinstance(number, bool) else number
    return row


def plain(value: Any) -> Any:
    """A number of numpy or torch as Python's; anything else as it is."""
    return value.item() if hasattr(value, "item") else value
