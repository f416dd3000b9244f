"""Sums of many fractions: exactly, or enclosed without their long common denominator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import inf, nextafter

__all__ = ["Interval", "Total", "outward"]

_BITS = 256  # of an enclosure, below the largest term


@dataclass(frozen=True)
class Interval:
    """A closed interval of rationals."""

    low: Fraction
    high: Fraction

    def __sub__(self, other: Interval) -> Interval:
        return Interval(self.low - other.high, self.high - other.low)

    def scaled(self, factor: Fraction) -> Interval:
        """Times a factor that is not negative."""
        return Interval(self.low * factor, self.high * factor)

    def squared(self) -> Interval:
        """All squares."""
        ends = self.low**2, self.high**2
        return Interval(Fraction(0) if self.low <= 0 <= self.high else min(ends), max(ends))


@dataclass(frozen=True, eq=False)
class Total:
    """A sum.

    Attributes
    ----------
    terms : sequence of Fraction
    """

    terms: Sequence[Fraction]

    @cached_property
    def exact(self) -> Fraction:
        """The sum; neighbours are added first, so that numbers of similar length meet."""
        values = list(self.terms) or [Fraction(0)]
        while len(values) > 1:
            values = [sum(values[k : k + 2], Fraction(0)) for k in range(0, len(values), 2)]
        return values[0]

    @cached_property
    def interval(self) -> Interval:
        """The sum of the terms, each rounded to a multiple of one tiny power of two."""
        sizes = [t.numerator.bit_length() - t.denominator.bit_length() for t in self.terms if t]
        if not sizes:
            return Interval(Fraction(0), Fraction(0))
        shift = _BITS - max(sizes)
        scale = Fraction(2) ** shift
        below = (
            sum((t.numerator << shift) // t.denominator for t in self.terms)
            if shift > 0
            else (sum(t.numerator // (t.denominator << -shift) for t in self.terms))
        )
        return Interval(below / scale, (below + len(self.terms)) / scale)


def outward(interval: Interval) -> tuple[float, float]:
    """Doubles around an interval."""
    return _double(interval.low, up=False), _double(interval.high, up=True)


def _double(value: Fraction, *, up: bool) -> float:
    try:
        near = float(value)
    except OverflowError:
        largest = 1.7976931348623157e308
        if value > 0:
            return inf if up else largest
        return -largest if up else -inf
    if up:
        return near if Fraction(near) >= value else nextafter(near, inf)
    return near if Fraction(near) <= value else nextafter(near, -inf)
