"""Invariants of a complete complex."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..common.exact import independent_columns
from ..domain.polytope import Polytope
from ..errors import InvalidComplexError
from ..network.network import Network
from ..search.problem import Problem
from ..search.solution import solve
from .kernel import Kernel


def validate(cx: Kernel) -> None:
    """See `Complex.validate`."""
    _patterns_increase(cx)
    _facets_are_shared_by_two(cx)
    _neighbours_differ_where_the_facet_vanishes(cx)
    _euler(cx)


def _patterns_increase(cx: Kernel) -> None:
    if cx.n_cells < 1:
        raise InvalidComplexError("the complex has no cells")
    if cx.n_neurons == 0:
        if cx.n_cells > 1:
            raise InvalidComplexError(f"there are {cx.n_cells} cells, but no neuron to divide them")
        return
    later, earlier = cx.patterns[1:], cx.patterns[:-1]
    differ = later != earlier
    first = differ.argmax(axis=1)
    rows = np.arange(len(first))
    bad = ~(differ.any(axis=1) & later[rows, first])
    if bad.any():
        i = int(np.flatnonzero(bad)[0])
        raise InvalidComplexError(f"patterns of cells {i} and {i + 1} do not increase")


def _facets_are_shared_by_two(cx: Kernel) -> None:
    a = cx.solution.arrays
    cell = np.repeat(np.arange(cx.n_cells), np.diff(a.facet_begin))
    interior = np.flatnonzero(a.facet_neighbour >= 0)
    on_side = a.facet_id < 0
    if (on_side == (a.facet_neighbour >= 0)).any():
        f = int(np.flatnonzero(on_side == (a.facet_neighbour >= 0))[0])
        raise InvalidComplexError(
            f"facet {f} of cell {cell[f]} must be either on the domain's boundary or shared"
        )
    if (a.facet_neighbour[interior] >= cx.n_cells).any():
        raise InvalidComplexError("a facet leads to a cell that does not exist")
    here = np.column_stack([cell[interior], a.facet_neighbour[interior]])
    back = here[:, ::-1]
    if not np.array_equal(here[np.lexsort(here.T[::-1])], back[np.lexsort(back.T[::-1])]):
        raise InvalidComplexError("adjacency is not symmetric: some facet has no partner")
    if len(np.unique(here, axis=0)) != len(here):
        raise InvalidComplexError("two cells share more than one facet")


def _neighbours_differ_where_the_facet_vanishes(cx: Kernel) -> None:
    i, j = cx.adjacency.T
    zero = cx.facet_neurons
    vanishing = np.bincount(zero.row_of, minlength=cx.n_edges)
    flips = np.zeros(cx.n_edges, dtype=np.int64)
    np.add.at(
        flips,
        zero.row_of,
        cx.patterns[i[zero.row_of], zero.indices] != cx.patterns[j[zero.row_of], zero.indices],
    )
    hamming = _hamming_distances(cx)
    bad = (flips != hamming) | (flips == 0) | (vanishing == 0)
    if bad.any():
        e = int(np.flatnonzero(bad)[0])
        raise InvalidComplexError(
            f"cells {i[e]} and {j[e]} do not differ exactly in neurons that vanish on their facet"
        )


def _hamming_distances(cx: Kernel) -> NDArray[np.int64]:
    chunk = max(1, (1 << 26) // max(1, cx.n_neurons))  # bounds memory
    parts = [
        np.count_nonzero(cx.patterns[pairs[:, 0]] != cx.patterns[pairs[:, 1]], axis=1)
        for pairs in np.split(cx.adjacency, range(chunk, cx.n_edges, chunk))
    ]
    return np.concatenate(parts)


def _euler(cx: Kernel) -> None:
    expected = _expected_euler_characteristic(cx)
    if cx.euler_characteristic != expected:
        raise InvalidComplexError(
            f"the Euler characteristic is {cx.euler_characteristic}, must be {expected} "
            f"(f-vector {cx.f_vector.tolist()})"
        )


def _expected_euler_characteristic(cx: Kernel) -> int:
    """With compact support: 1 if the domain is bounded, a factor -1 for every line in it, and 0 if
    it is unbounded otherwise.
    """
    if cx.domain is None:
        return int((-1) ** cx.dim)
    if isinstance(cx.domain, Polytope):
        lines = cx.dim - len(independent_columns(cx.domain.A))
        return int((-1) ** lines * _is_bounded_modulo_lines(cx.domain))
    bounded_ends = np.isfinite(cx.domain.lower).astype(int) + np.isfinite(cx.domain.upper)
    return int(np.prod(bounded_ends - 1))


def _is_bounded_modulo_lines(domain: Polytope) -> bool:
    kept = independent_columns(domain.A)
    if not kept:
        return True
    constant = Network([(np.zeros((1, len(kept))), [1.0]), ([[1.0]], [0.0])])
    problem = Problem(constant, Polytope(domain.A[:, kept], domain.b))
    return bool(Kernel(solve(problem, threads=1)).bounded.all())
