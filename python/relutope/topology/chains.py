"""Homology over GF(p) of filtered sets of faces: by the core, or by gudhi as a second opinion.

Both take one *step* per face, lowest dimension first: the step of the filtration at which the face
enters, -1 for faces that are left out. The core works on the faces themselves. gudhi works on
the triangulation without new vertices: every simplex has a carrier, the smallest face that contains
it, and enters with it.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from ..common.extras import require
from ..complex.lattice import FaceLattice, Masks, Steps

__all__ = [
    "Intervals",
    "Method",
    "betti_numbers",
    "check_field",
    "check_method",
    "intervals",
    "lower_star",
    "simplex_tree",
    "triangulations",
]

IntArray = NDArray[np.int64]
Method: TypeAlias = Literal["faces", "simplices"]

LARGEST_FIELD = 46337  # gudhi takes no larger prime


class Intervals(NamedTuple):
    """Classes of a filtration: dimension, step of birth, step of death (-1: never dies)."""

    dimension: IntArray
    birth: IntArray
    death: IntArray


def check_field(field: Any) -> int:
    """`field` as a prime number.

    Raises
    ------
    ValueError
        If it is no prime, or too large.
    """
    prime = isinstance(field, int | np.integer) and 2 <= field <= LARGEST_FIELD
    if not prime or any(field % d == 0 for d in range(2, int(field**0.5) + 1)):
        raise ValueError(f"`field` is {field!r}; give a prime number up to {LARGEST_FIELD}")
    return int(field)


def check_method(method: Any) -> Method:
    """`method`, if it is one.

    Raises
    ------
    ValueError
        If it is unknown.
    """
    if method not in get_args(Method):
        raise ValueError(f"`method` is {method!r}; use one of {', '.join(get_args(Method))}")
    return method  # type: ignore[no-any-return]


def intervals(lattice: FaceLattice, steps: Steps, field: int, method: Method) -> Intervals:
    """The classes of positive length of a filtration by closed sets of faces."""
    if method == "simplices":
        return _intervals_of_simplices(lattice, steps, field)
    found = lattice.classes(steps, field)
    birth, death = np.full((2, len(found.dimension)), -1, dtype=np.int64)
    for j in range(lattice.top + 1):
        here = found.dimension == j
        birth[here] = steps[j][found.birth[here]]
        dies = here & (found.death >= 0)
        if dies.any():
            death[dies] = steps[j + 1][found.death[dies]]
    return Intervals(found.dimension, birth, death)


def betti_numbers(
    lattice: FaceLattice, inside: Masks, less: Masks | None, field: int, method: Method
) -> IntArray:
    """Betti numbers (top + 1,) of a closed set of faces, relative to a closed part of it."""
    if method == "simplices":
        return _betti_of_simplices(lattice, inside, less, field)
    rest = inside if less is None else [a & ~b for a, b in zip(inside, less, strict=True)]
    found = lattice.classes([mask.astype(np.int32) - 1 for mask in rest], field)
    return np.bincount(found.dimension, minlength=lattice.top + 1).astype(np.int64)


def triangulations(lattice: FaceLattice) -> list[tuple[IntArray, IntArray]]:
    """Triangulations of all faces without new vertices, by dimension j: (simplices, owner).

    Simplices have shape (m, j + 1) with increasing rows; owners increase. A face is the join of its
    lowest vertex with the triangulations of its facets that avoid it.
    """
    vertices = np.arange(lattice.n_faces(0))
    found = [(vertices[:, None], vertices)]
    for j in range(1, lattice.top + 1):
        simplices, owner = found[-1]
        lowest = [lattice.vertices(i) for i in (j - 1, j)]
        apex_below, apex = (rows.indices[rows.indptr[:-1]] for rows in lowest)
        facets = lattice.facets(j)
        face, facet = facets.row_of, facets.indices
        avoids = apex_below[facet] != apex[face]
        face, facet = face[avoids], facet[avoids]
        count = np.bincount(owner, minlength=lattice.n_faces(j - 1))
        first = np.cumsum(count) - count
        total = np.cumsum(count[facet])
        within = np.arange(total[-1]) - np.repeat(total - count[facet], count[facet])
        base = simplices[np.repeat(first[facet], count[facet]) + within]
        owners = np.repeat(face, count[facet])
        found.append((np.column_stack([apex[owners], base]), owners))
    return found


def lower_star(simplices: IntArray, step: IntArray, top: int, field: int) -> Intervals:
    """Classes of positive length when each simplex enters with its last vertex, by gudhi."""
    tree = simplex_tree()
    tree.insert_batch(np.ascontiguousarray(simplices.T), np.full(len(simplices), -1.0))
    for vertex in np.unique(simplices).tolist():
        tree.assign_filtration([vertex], float(step[vertex]))
    tree.make_filtration_non_decreasing()
    return _intervals_of(tree, top, field)


def simplex_tree() -> Any:
    """An empty tree of gudhi's.

    Raises
    ------
    MissingDependencyError
        If gudhi is not installed.
    """
    require("gudhi", "homology by simplices")
    import gudhi

    return gudhi.SimplexTree()


def _betti_of_simplices(
    lattice: FaceLattice, inside: Masks, less: Masks | None, field: int
) -> IntArray:
    """By gudhi; homology relative to a part is the reduced homology with a cone over that part."""
    tree = simplex_tree()
    for j, (simplices, owner) in enumerate(triangulations(lattice)):
        _insert(tree, simplices[inside[j][owner]])
        if less is not None:
            base = simplices[less[j][owner]]
            _insert(tree, np.column_stack([base, np.full(len(base), lattice.n_faces(0))]))
    if less is not None:
        tree.insert([lattice.n_faces(0)])
    tree.compute_persistence(homology_coeff_field=field, persistence_dim_max=True)
    numbers = np.zeros(lattice.top + 1, dtype=np.int64)
    found = tree.betti_numbers()[: len(numbers)]
    numbers[: len(found)] = found
    numbers[0] -= less is not None
    return numbers


def _intervals_of_simplices(lattice: FaceLattice, steps: Steps, field: int) -> Intervals:
    tree = simplex_tree()
    for (simplices, owner), step in zip(triangulations(lattice), steps, strict=True):
        enters = step[owner] >= 0
        _insert(tree, simplices[enters], step[owner][enters])
    return _intervals_of(tree, lattice.top, field)


def _intervals_of(tree: Any, top: int, field: int) -> Intervals:
    tree.compute_persistence(homology_coeff_field=field, persistence_dim_max=True)
    rows = [
        (j, int(birth), -1 if np.isinf(death) else int(death))
        for j in range(top + 1)
        for birth, death in tree.persistence_intervals_in_dimension(j)
    ]
    return Intervals(*np.array(rows, dtype=np.int64).reshape(-1, 3).T)


def _insert(tree: Any, simplices: IntArray, steps: NDArray[np.int32] | None = None) -> None:
    """Inserts simplices with their faces, which keep their smallest step."""
    values = np.zeros(len(simplices)) if steps is None else steps.astype(np.float64)
    tree.insert_batch(np.ascontiguousarray(simplices.T), values)
