"""Measures of a network over a domain: extremes, slopes, integrals, comparisons, regions."""

from __future__ import annotations

from .extremes import Extreme, Extremes, extremes
from .linear_regions import LinearRegions, linear_regions
from .lipschitz import Lipschitz, lipschitz

__all__ = [
    "Extreme",
    "Extremes",
    "LinearRegions",
    "Lipschitz",
    "extremes",
    "linear_regions",
    "lipschitz",
]
