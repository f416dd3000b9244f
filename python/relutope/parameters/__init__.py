"""How the function depends on weights and biases: dimensions, symmetries, genericity."""

from __future__ import annotations

from .cell_ranks import cell_dimensions
from .dimension import FunctionalDimension, functional_dimension
from .genericity import Degeneracy, Genericity, is_generic
from .jacobian import parameter_jacobian

__all__ = [
    "Degeneracy",
    "FunctionalDimension",
    "Genericity",
    "cell_dimensions",
    "functional_dimension",
    "is_generic",
    "parameter_jacobian",
]
