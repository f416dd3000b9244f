"""What a verification says: its report, the ledger that becomes one, and the time it may take."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..common.arguments import checked_seconds
from ..common.arithmetic import ieee_arithmetic
from ..common.progress import Progress
from ..errors import InvalidComplexError

__all__ = ["Checked", "Ledger", "Stopwatch", "VerificationReport"]


class Checked(NamedTuple):
    """What came of one cell: which of its listed facets were confirmed, and its polyhedron."""

    confirmed: list[bool]
    cell: Any = None


@ieee_arithmetic
@dataclass(frozen=True)
class VerificationReport:
    """What `verify` checked and what it found.

    Attributes
    ----------
    n_cells : int
        Number of cells of the complex.
    n_verified : int
        Number of cells that were verified one by one.
    checks : dict of str to int
        How often each check was made; a check that is absent was not made.
    failures : tuple of str
        One message per false statement, naming the check and the cell. Empty if everything holds.
    complete : bool
        True if it is proved that no cell is missing (every cell was verified and every facet has
        its partner).
    seconds : float
        Wall-clock time of the verification in seconds.
    method : {"generators", "certificates"}
        How cells were verified; see `verify`.
    out_of_time : bool
        Whether `max_seconds` or `progress` ended the verification before all chosen cells were
        verified. What is stated about the `n_verified` cells holds all the same.
    """

    n_cells: int
    n_verified: int
    checks: dict[str, int]
    failures: tuple[str, ...]
    complete: bool
    seconds: float
    method: str = "generators"
    out_of_time: bool = False

    @property
    def ok(self) -> bool:
        """Whether no check failed."""
        return not self.failures

    def raise_if_failed(self) -> None:
        """Raise `InvalidComplexError` with the whole report if a check failed."""
        if self.failures:
            raise InvalidComplexError(str(self))

    def __str__(self) -> str:
        verdict = "ok" if self.ok else f"FAILED ({len(self.failures)} false statements)"
        proof = "no cell is missing" if self.complete else "completeness not proved"
        ended = ", stopped early" if self.out_of_time else ""
        counts = ", ".join(f"{name} {count}" for name, count in self.checks.items())
        lines = [
            f"verification {verdict}: {self.n_verified} of {self.n_cells} cells by "
            f"{self.method}, {proof}, {self.seconds:.1f} s{ended}",
            f"checks made: {counts}",
            *self.failures[:20],
        ]
        if len(self.failures) > 20:
            lines.append(f"... and {len(self.failures) - 20} more")
        return "\n".join(lines)


@dataclass
class Ledger:
    """Counts of the checks made, and the statements that were false."""

    checks: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    all_proven: bool = True

    def expect(self, check: str, holds: bool, message: str) -> bool:
        """Count a check; note its failure."""
        self.count(check)
        if not holds:
            self.failures.append(f"{check}: {message}")
        return holds

    def undecided(self, check: str) -> None:
        """Count what is neither proven nor refuted."""
        self.count(check)
        self.all_proven = False

    def count(self, check: str, times: int = 1) -> None:
        """Count a check that holds."""
        self.checks[check] = self.checks.get(check, 0) + times

    def failed(self, *checks: str) -> bool:
        """Whether one of these checks failed."""
        return any(text.split(":")[0] in checks for text in self.failures)


class Stopwatch:
    """Seconds since the start, and whether they are enough."""

    def __init__(self, max_seconds: float | None) -> None:
        self._start = time.perf_counter()
        self._most = checked_seconds("max_seconds", max_seconds)

    @property
    def seconds(self) -> float:
        """Seconds so far."""
        return time.perf_counter() - self._start

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return self._most is not None and self.seconds > self._most

    def cells(self, cells: Sequence[int], progress: Progress) -> Iterator[int]:
        """The cells one by one until the time is over; with progress and time left on stderr."""
        told = progress if callable(progress) else None
        with _bar(len(cells), progress is True) as bar:
            for done, i in enumerate(cells, start=1):
                if self.over:
                    return
                yield i
                bar.update(1)
                if told is not None and told(done, done, len(cells)) is True:
                    return


class _Lines:
    """Progress where tqdm is not installed: a line every ten seconds."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0
        self.start = self.last = time.perf_counter()

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def update(self, count: int) -> None:
        self.done += count
        now = time.perf_counter()
        if now - self.last > 10:
            self.last = now
            left = (now - self.start) / self.done * (self.total - self.done)
            print(f"verify: {self.done} of {self.total} cells, {left:.0f} s left", file=sys.stderr)


def _bar(total: int, show: bool) -> Any:
    try:
        from tqdm import tqdm
    except ImportError:
        return _Lines(total if show else 0)
    return tqdm(total=total, desc="verify", unit=" cells", leave=False, disable=not show)
