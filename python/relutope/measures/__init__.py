"""Measures of a network over a domain: extremes, slopes, integrals, comparisons, regions."""

from __future__ import annotations

from .extremes import Extreme, Extremes, extremes

__all__ = ["Extreme", "Extremes", "extremes"]
