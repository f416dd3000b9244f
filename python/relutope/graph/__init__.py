"""What the Laplacian of a graph says: spectra, cuts, clusters and nodal domains."""

from __future__ import annotations

from .clustering import Clustering, recursive_bisection, spectral_clustering
from .conductance import CheegerBounds, cheeger, conductance, sweep_cut
from .eigenpairs import Spectrum, spectrum
from .fiedler_vector import FiedlerResult, fiedler
from .nodal import NodalDomains, nodal_domains

__all__ = [
    "CheegerBounds",
    "Clustering",
    "FiedlerResult",
    "NodalDomains",
    "Spectrum",
    "cheeger",
    "conductance",
    "fiedler",
    "nodal_domains",
    "recursive_bisection",
    "spectral_clustering",
    "spectrum",
    "sweep_cut",
]
