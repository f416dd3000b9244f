"""Weights of the dual graph for trackers and studies: by name, or functions of the complex.

The Fiedler partition cuts where the coupling is weak. ``distance``, ``bend``, ``hamming`` and
``output`` measure how much neighbouring cells *differ*; ``inverse-distance`` and so on are weak
where they differ much.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, get_args

from scipy.sparse import csr_array

from ..common.arguments import check_choice
from ..complex.cell_complex import CellComplex
from .dual import Weight, dual_graph
from .fiedler_vector import FiedlerResult, fiedler

__all__ = ["WEIGHTS", "Coupling", "coupling_graph", "named_couplings", "partition"]

Coupling: TypeAlias = Weight | Callable[[CellComplex], csr_array]
WEIGHTS: tuple[Weight, ...] = get_args(Weight)
"""All names."""


def coupling_graph(complex: CellComplex, coupling: Coupling) -> csr_array:
    """The dual graph of a complex with a weight by name, or what a function makes of the complex.

    Parameters
    ----------
    complex : Complex
    coupling : str or callable
        As for `dual_graph`, or a function from the complex to a matrix, which is called.

    Returns
    -------
    scipy.sparse.csr_array, shape (n_cells, n_cells), float64

    Raises
    ------
    ValueError
        As `dual_graph`.

    Examples
    --------
    >>> import relutope as rt
    >>> net = rt.Network.from_arrays([([[1.0], [1.0]], [0.0, -1.0]), ([[1.0, 2.0]], [0.0])])
    >>> coupling_graph(rt.decompose(net, rt.Box(-1, 2)), "inverse-bend").toarray().round(3)
    array([[0.   , 0.6  , 0.   ],
           [0.6  , 0.   , 0.429],
           [0.   , 0.429, 0.   ]])
    """
    return coupling(complex) if callable(coupling) else dual_graph(complex, coupling)


def named_couplings(weights: Sequence[Weight] | Mapping[str, Coupling]) -> dict[str, Coupling]:
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
        if not callable(coupling):
            check_choice("weights", coupling, Weight)
    return named


def partition(complex: CellComplex, coupling: Coupling, seed: int = 0) -> FiedlerResult:
    """The Fiedler partition of the dual graph with that coupling."""
    return fiedler(coupling_graph(complex, coupling), seed=seed)
