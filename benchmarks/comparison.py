"""When is one series of timings slower than another beyond noise? Two rules, neither of which
assumes anything about how the noise is distributed.

*Paired*: both programs were timed in alternation, so that what slows the machine slows both, and
each pair gives one ratio. Where the programs are equally fast a ratio is as often above 1 as below,
so the median of all such ratios lies between the k-th smallest and the k-th largest of n with the
probability that a fair coin gives (the interval of the sign test).

*Unpaired*: two stored runs, each timing divided by a calibration that was measured beside it. The
factor between the two lies between order statistics of all quotients of one of the second and one
of the first, with the probability that a random interleaving of both gives (Hodges and Lehmann
1963; Mann and Whitney 1947). It counts what the repeats of both runs show as noise; what slows one
whole run and not its calibration it cannot know, which is what `floor` is for.

A factor is named when its interval lies beyond `floor` on one side, for all networks together with
a probability of error of at most `ERROR`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median

ERROR = 0.05


@dataclass(frozen=True)
class Factor:
    """How many times as long the second takes: an estimate, and an interval that is certain but
    for `ERROR`. With too few repeats for that, the interval is everything.
    """

    estimate: float
    low: float
    high: float

    def verdict(self, floor: float) -> str:
        """ "slower" or "faster" where the whole interval is more than `floor` away from 1 (as a
        factor, 1.03 for three percent), else "".
        """
        if self.low > floor:
            return "slower"
        return "faster" if self.high < 1 / floor else ""


def paired(ratios: Sequence[float], error: float) -> Factor:
    """The factor between two programs from ratios of neighbouring timings, second by first."""
    n = len(ratios)
    ranked = sorted(ratios)
    tail, cut = 0.0, 0  # cut: how many of the smallest ratios may be left out
    while (tail := tail + math.comb(n, cut) / 2**n) <= error / 2:
        cut += 1
    if cut == 0:
        return Factor(median(ratios), 0.0, math.inf)
    return Factor(median(ratios), ranked[cut - 1], ranked[n - cut])


def unpaired(before: Sequence[float], after: Sequence[float], error: float) -> Factor:
    """The factor between two independent series of timings."""
    quotients = sorted(b / a for a in before for b in after)
    ways = interleavings(len(before), len(after))
    total, tail, cut = sum(ways), 0, 0
    while (tail := tail + ways[cut]) <= error / 2 * total:
        cut += 1
    estimate = median(quotients)
    if cut == 0:
        return Factor(estimate, 0.0, math.inf)
    return Factor(estimate, quotients[cut - 1], quotients[len(quotients) - cut])


def relative(seconds: Sequence[float], calibration: Sequence[float]) -> list[float]:
    """Each timing divided by the calibrations right before and right after it (their geometric
    mean), of which there is thus one more.
    """
    around = zip(seconds, calibration, calibration[1:], strict=False)
    return [timing / math.sqrt(first * second) for timing, first, second in around]


@cache
def interleavings(m: int, n: int) -> tuple[int, ...]:
    """In how many orders of m and n things just u pairs stand the other way round, for each u from
    0 to m n: the distribution of Mann and Whitney's statistic.
    """
    if m == 0 or n == 0:
        return (1,)
    counts = [0] * (m * n + 1)
    for u, ways in enumerate(interleavings(m - 1, n)):  # the last of all is one of the m
        counts[u + n] += ways
    for u, ways in enumerate(interleavings(m, n - 1)):
        counts[u] += ways
    return tuple(counts)


def compare_runs(
    before: Mapping[str, Sequence[float]], after: Mapping[str, Sequence[float]]
) -> dict[str, Factor]:
    """The factor of each network that is in both runs; `ERROR` is shared by all of them."""
    names = [name for name in after if name in before]
    return {name: unpaired(before[name], after[name], ERROR / len(names)) for name in names}


def compare_pairs(ratios: Mapping[str, Sequence[float]]) -> dict[str, Factor]:
    """The factor of each network from its paired ratios; `ERROR` is shared by all of them."""
    return {name: paired(values, ERROR / len(ratios)) for name, values in ratios.items()}
