"""Measures of a network over a domain: extremes, slopes, integrals, comparisons, regions."""

from __future__ import annotations

from .comparison import Comparison, compare
from .extremes import Extreme, Extremes, extremes
from .integrals import Integrals, integrate
from .linear_regions import LinearRegions, linear_regions
from .lipschitz import Lipschitz, lipschitz

__all__ = [
    "Comparison",
    "Extreme",
    "Extremes",
    "Integrals",
    "LinearRegions",
    "Lipschitz",
    "compare",
    "extremes",
    "integrate",
    "linear_regions",
    "lipschitz",
]
