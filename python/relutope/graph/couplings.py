"""Weights of the dual graph by name, for trackers and studies: those of `dual_graph` and inverses.

The Fiedler partition cuts where the coupling is weak. ``distance``, ``bend``, ``hamming`` and
``output`` measure how much neighbouring cells *differ*; ``inverse-distance`` and so on turn the
difference d into the coupling ``m / (m + d)``, m the median of the positive d, which is weak where
d is large. Unlike ``exp(-d / m)`` it does not underflow: the largest d is often 50 m and more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from ..complex.cell_complex import CellComplex
from . import FiedlerResult, fiedler
from .laplacian import WEIGHTS, coupling_graph

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    Coupling = str | Callable[[CellComplex], csr_array]

__all__ = ["WEIGHTS", "coupling_graph", "named_couplings", "partition"]


def named_couplings(weights: Sequence[str] | Mapping[str, Coupling]) -> dict[str, Coupling]:
    """Column prefix and coupling for each of `weights`: names, or a mapping to names or functions.

    Raises
    ------
    ValueError
        For a name that is not in :data:`WEIGHTS`.
    """
    named: dict[str, Coupling] = (
        dict(weights) if isinstance(weights, Mapping) else {name: name for name in weights}
    )
    for coupling in named.values():
        if isinstance(coupling, str) and coupling not in WEIGHTS:
            raise ValueError(
                f"`weights`: got {coupling!r}, expected a function or one of {', '.join(WEIGHTS)}"
            )
    return named


def partition(complex: CellComplex, coupling: Coupling, seed: int = 0) -> FiedlerResult:
    """The Fiedler partition of the dual graph with that coupling."""
    return fiedler(coupling_graph(complex, coupling), seed=seed)
