"""Measures of a network over a domain: extremes, slopes, integrals, comparisons, regions."""

from __future__ import annotations

from .comparison import Comparison, compare
from .estimated_integrals import IntegralEstimates, estimate_integrals
from .integrals import Integrals, integrate
from .lipschitz_constant import Lipschitz, lipschitz
from .merged_cells import LinearRegions, linear_regions
from .output_extremes import Extreme, Extremes, extremes
from .removal import RemovalEffect, RemovalEffects, removal_effects
from .rounding import RoundingGap, rounding_gap
from .sampling import sample

__all__ = [
    "Comparison",
    "Extreme",
    "Extremes",
    "IntegralEstimates",
    "Integrals",
    "LinearRegions",
    "Lipschitz",
    "RemovalEffect",
    "RemovalEffects",
    "RoundingGap",
    "compare",
    "estimate_integrals",
    "extremes",
    "integrate",
    "linear_regions",
    "lipschitz",
    "removal_effects",
    "rounding_gap",
    "sample",
]
