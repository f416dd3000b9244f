"""What the dual graph says: spectra, cuts, clusters and nodal domains; paths and distances."""

from __future__ import annotations

from .betweenness import betweenness
from .clustering import Clustering, recursive_bisection, spectral_clustering
from .conductance import CheegerBounds, cheeger, conductance, sweep_cut
from .eccentricities import Diameter, diameter, eccentricities, facet_distances
from .eigenpairs import Spectrum, spectrum
from .fiedler_vector import FiedlerResult, fiedler
from .nodal import NodalDomains, nodal_domains
from .shortest_paths import FacetPath

__all__ = [
    "CheegerBounds",
    "Clustering",
    "Diameter",
    "FacetPath",
    "FiedlerResult",
    "NodalDomains",
    "Spectrum",
    "betweenness",
    "cheeger",
    "conductance",
    "diameter",
    "eccentricities",
    "facet_distances",
    "fiedler",
    "nodal_domains",
    "recursive_bisection",
    "spectral_clustering",
    "spectrum",
    "sweep_cut",
]
