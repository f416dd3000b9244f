"""What the Laplacian of a graph says: spectra, cuts, clusters and nodal domains."""

from __future__ import annotations

from .fiedler_vector import FiedlerResult, fiedler

__all__ = ["FiedlerResult", "fiedler"]
