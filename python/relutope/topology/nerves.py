"""Simplicial complexes that cells, neurons and activation patterns span, as gudhi's simplex trees.

Their Betti numbers are those of ``tree``, after ``tree.compute_persistence(2,
persistence_dim_max=True)``, as ``tree.betti_numbers()``.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arithmetic import ieee_arithmetic
from ..complex.cells import ComplexLike, complex_of
from ..network.core import point_signs
from .chains import check_field, simplex_tree
from .pairs import PersistencePairs

__all__ = [
    "cell_nerve",
    "dual_flag_complex",
    "hamming_persistence",
    "neuron_nerve",
    "pattern_order_complex",
]


@ieee_arithmetic
def dual_flag_complex(complex: ComplexLike, max_dim: int = 2) -> Any:
    """Return the flag complex of the dual graph: cells that are pairwise adjacent.

    Parameters
    ----------
    complex : Complex
    max_dim : int
        Largest dimension of a simplex.

    Returns
    -------
    gudhi.SimplexTree
        Vertex i is cell i.

    Raises
    ------
    ValueError
        If `max_dim` is negative.
    MissingDependencyError
        If gudhi is not installed.

    See Also
    --------
    cell_nerve, relutope.dual_graph

    Notes
    -----
    In general position the dual graph has no triangles, and this is the graph itself.
    """
    complex = complex_of(complex)
    _check_dim(max_dim)
    return _flag_complex(complex.n_cells, complex.adjacency, max_dim)


@ieee_arithmetic
def cell_nerve(complex: ComplexLike, max_dim: int | None = None) -> Any:
    """Return the nerve of the closed cells: sets of cells with a common point.

    Parameters
    ----------
    complex : Complex
    max_dim : int, optional
        Largest dimension of a simplex; all by default, which is 2^n - 1 in general position.

    Returns
    -------
    gudhi.SimplexTree
        Vertex i is cell i.

    Raises
    ------
    ValueError
        If `max_dim` is negative.
    MissingDependencyError
        If gudhi is not installed.

    See Also
    --------
    neuron_nerve, dual_flag_complex, relutope.plotting.plot_nerve

    Notes
    -----
    The cells are convex, so by the nerve theorem it has the homotopy type of the domain; a skeleton
    has its homology below its dimension.
    """
    complex = complex_of(complex)
    lattice = complex.lattice
    groups: list[Iterable[int]] = []
    for j in range(lattice.top + 1):
        # Cells have a point in common iff they share a face that contains no smaller one.
        facets = lattice.facets(j)
        near = np.zeros(len(facets), dtype=np.bool_)
        if j:
            near[facets.row_of[facets.indices < lattice.n_proper(j - 1)]] = True
        smallest = np.flatnonzero(~near[: lattice.n_proper(j)])
        cells = lattice.cells_of_faces(j)
        groups += [cells[int(i)].tolist() for i in smallest]
    return _complex_of(groups, max_dim)


@ieee_arithmetic
def neuron_nerve(complex: ComplexLike, max_dim: int | None = 2) -> Any:
    """Return the nerve of the regions in which each neuron is active.

    Parameters
    ----------
    complex : Complex
    max_dim : int, optional
        Largest dimension of a simplex; None for all. A cell with a active neurons gives as many
        simplices as there are sets of up to ``max_dim + 1`` of them: meant for small networks.

    Returns
    -------
    gudhi.SimplexTree
        Vertex i is neuron i; neurons span a simplex iff some cell has them all active. Neurons that
        are nowhere active are missing.

    Raises
    ------
    ValueError
        If `max_dim` is negative.
    MissingDependencyError
        If gudhi is not installed.

    See Also
    --------
    cell_nerve, pattern_order_complex

    Notes
    -----
    Also called the simplicial complex of the neural code (Curto et al., Bull. Math. Biol. 75,
    2013). Active regions of deeper neurons need not be convex, nor their intersections connected.
    """
    complex = complex_of(complex)
    return _complex_of((np.flatnonzero(row).tolist() for row in complex.patterns), max_dim)


@ieee_arithmetic
def pattern_order_complex(complex: ComplexLike, max_dim: int = 2) -> Any:
    """Return the order complex of the activation patterns: chains of cells.

    Cell i lies below cell j iff all neurons that are active on cell i are active on cell j.

    Parameters
    ----------
    complex : Complex
    max_dim : int
        Largest dimension of a simplex.

    Returns
    -------
    gudhi.SimplexTree
        Vertex i is cell i. It needs all pairs of cells: meant for some thousands.

    Raises
    ------
    ValueError
        If `max_dim` is negative.
    MissingDependencyError
        If gudhi is not installed.

    See Also
    --------
    neuron_nerve, cell_nerve
    """
    complex = complex_of(complex)
    _check_dim(max_dim)
    bits = complex.patterns.astype(np.float32)  # counts below 2^24 are exact
    below = bits @ (1 - bits).T == 0
    pairs = np.argwhere(np.triu(below | below.T, 1))
    return _flag_complex(complex.n_cells, pairs, max_dim)


@ieee_arithmetic
def hamming_persistence(
    complex: ComplexLike, X: ArrayLike | None = None, *, max_dim: int = 1, field: int = 2
) -> PersistencePairs:
    """Return the persistence of the patterns' Vietoris-Rips filtration by Hamming distance.

    Parameters
    ----------
    complex : Complex
    X : array_like, shape (k, n), optional
        Data: the points are their distinct activation patterns, exact for these doubles. Without
        data they are the patterns of all cells.
    max_dim : int
        Largest dimension of a class.
    field : int
        The prime p of the coefficients GF(p).

    Returns
    -------
    PersistencePairs
        The list of ``(dimension, (birth, death))``, sorted; pairs of zero length are left out.

    Raises
    ------
    ValueError
        If `X` has the wrong shape or is not finite, `max_dim` is negative or `field` is no prime.
    MissingDependencyError
        If gudhi is not installed.

    See Also
    --------
    persistence, relutope.dual_graph

    References
    ----------
    .. [1] Y. Liu, C. M. Cole, C. Peterson, M. Kirby, "ReLU neural networks, polyhedral
       decompositions, and persistent homology", TAG-ML at ICML 2023.

    Examples
    --------
    Around the corners of four quadrants, patterns 00, 01, 11, 10 form a square.

    >>> import relutope as rt
    >>> from relutope.topology import hamming_persistence
    >>> cx = rt.decompose([([[1, 0], [0, 1]], [0, 0]), ([[1, 1]], [0])])
    >>> hamming_persistence(cx)
    [(0, (0.0, 1.0)), (0, (0.0, 1.0)), (0, (0.0, 1.0)), (0, (0.0, inf)), (1, (1.0, 2.0))]
    """
    complex = complex_of(complex)
    _check_dim(max_dim)
    prime = check_field(field)
    patterns = complex.patterns
    if X is not None:
        points = np.asarray(X, dtype=np.float64)
        if points.ndim != 2 or points.shape[1] != complex.dim:
            raise ValueError(f"`X` must have shape (k, {complex.dim}), got {points.shape}")
        if not np.isfinite(points).all():
            raise ValueError("`X` contains NaN or infinity")
        patterns = np.unique(point_signs(complex.network, points) > 0, axis=0)
    bits = patterns.astype(np.float32)  # counts below 2^24 are exact
    ones = bits.sum(axis=1)
    distances = ones[:, None] + ones[None, :] - 2 * (bits @ bits.T)
    simplex_tree()
    import gudhi

    tree = gudhi.RipsComplex(distance_matrix=distances).create_simplex_tree(max_dimension=1)
    tree.collapse_edges()
    tree.expansion(max_dim + 1)
    tree.compute_persistence(homology_coeff_field=prime)
    return PersistencePairs(
        (k, ends) for k in range(max_dim + 1) for ends in tree.persistence_intervals_in_dimension(k)
    )


def _check_dim(max_dim: int | None) -> None:
    if max_dim is not None and max_dim < 0:
        raise ValueError(f"`max_dim` is {max_dim}; give at least 0")


def _flag_complex(count: int, pairs: NDArray[np.int64], max_dim: int) -> Any:
    tree = simplex_tree()
    tree.insert_batch(np.arange(count)[None, :], np.zeros(count))
    if max_dim:
        tree.insert_batch(np.ascontiguousarray(pairs.T), np.zeros(len(pairs)))
        tree.expansion(max_dim)
    return tree


def _complex_of(groups: Iterable[Iterable[int]], max_dim: int | None) -> Any:
    """The complex of all subsets of the groups, up to a dimension."""
    _check_dim(max_dim)
    tree = simplex_tree()
    for group in groups:
        members = list(group)
        if max_dim is None or len(members) <= max_dim + 1:
            tree.insert(members)
        else:
            for simplex in combinations(members, max_dim + 1):
                tree.insert(list(simplex))
    return tree
