"""A time budget per record, divided among the parts of an evaluation."""

from __future__ import annotations

import math
from collections.abc import Mapping

__all__ = ["Costs", "cells_a_second"]


class Costs:
    """What each part took when it was last asked, and when it may be asked again.

    What is cheap takes what it takes; the rest of the budget is divided equally among the dear: the
    *share* b is such that the costs of all parts, each counted up to b, add up to the budget. A
    part that took s seconds is asked again ceil(s / b) records later. So it takes at most b per
    record on average, and all together take at most the budget, as far as costs are steady. If all
    of them fit, there is no limit to b and nothing waits.

    Parameters
    ----------
    budget : float or None
        Seconds per record; None for no bound.
    periods : mapping of str to int
        Parts that are asked every so many-th record at most.
    own : mapping of str to float
        Parts with a budget of their own, which do not share.

    Attributes
    ----------
    seconds : dict of str to float
    last : dict of str to int
        By part: what it took, and at which record.

    Raises
    ------
    ValueError
        If `budget` is not positive.

    Examples
    --------
    >>> costs = Costs(3.0, {}, {})
    >>> for part, seconds in [("complex", 0.5), ("cells", 0.0), ("topology", 2.0), ("random", 9.0)]:
    ...     costs.spent(part, 0, seconds)
    >>> costs.share("random")
    1.25
    >>> [record for record in range(1, 12) if not costs.waits("random", record)]
    [8, 9, 10, 11]
    """

    def __init__(
        self, budget: float | None, periods: Mapping[str, int], own: Mapping[str, float]
    ) -> None:
        if budget is not None and not budget > 0:
            raise ValueError(f"`budget`: got {budget!r}, expected a positive number of seconds")
        self.budget, self._periods, self._own = budget, dict(periods), dict(own)
        self.seconds: dict[str, float] = {}
        self.last: dict[str, int] = {}

    def spent(self, part: str, record: int, seconds: float) -> None:
        """Note what a part took at a record."""
        self.seconds[part], self.last[part] = seconds, record

    def share(self, part: str) -> float | None:
        """Seconds per record that a part may take; None without a bound."""
        if part in self._own:
            return self._own[part]
        if self.budget is None:
            return None
        sharing = {p: s for p, s in self.seconds.items() if p not in self._own}
        costs = sorted(s / self._periods.get(p, 1) for p, s in sharing.items())
        left = self.budget
        for k, cost in enumerate(costs):
            if cost * (len(costs) - k) > left:
                return left / (len(costs) - k)
            left -= cost
        return math.inf

    def limit(self, part: str) -> float | None:
        """Seconds after which a part may be stopped, if it can be: its share, or the budget."""
        share = self.share(part)
        return self.budget if share == math.inf else share

    def waits(self, part: str, record: int) -> bool:
        """Is it too early to ask a part at this record?"""
        share = self.share(part)
        if share is None or part not in self.last:
            return False
        return record - self.last[part] < math.ceil(self.seconds[part] / share)


def cells_a_second(dim: int, threads: int) -> float:
    """More cells than are decomposed in a second: twice what a fast machine of 2026 does."""
    return threads * {4: 1e6, 5: 5e5, 6: 5e5}.get(dim, 2e6)
