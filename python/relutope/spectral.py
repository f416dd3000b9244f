"""Fiedler vectors; see :mod:`relutope.spectra`, where they and the rest of the spectrum live."""

from __future__ import annotations

from .spectra.fiedler_vector import FiedlerResult, fiedler

__all__ = ["FiedlerResult", "fiedler"]
