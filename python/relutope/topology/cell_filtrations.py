"""Filtrations of a complex by numbers that its cells have, and by its neurons' layers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..common.arrays import FloatArray
from ..complex.cell_complex import CellComplex
from ..complex.lattice import FaceLattice, Steps
from .chains import Intervals, Method, intervals

__all__ = ["Stepped", "by_cells", "by_depth", "interior_persistence"]


class Stepped(NamedTuple):
    """A filtration: the step at which each face enters, and the value at each step."""

    steps: Steps
    values: FloatArray
    never: float  # what stands for the death of a class that does not die


def by_cells(complex: CellComplex, values: FloatArray) -> Stepped:
    """A face enters with the first of the cells that contain it."""
    distinct, step = np.unique(values, return_inverse=True)
    lattice = complex.lattice
    steps = []
    for j in range(lattice.top + 1):
        of_cells = lattice.faces_of_cells(j)
        entered = np.full(lattice.n_faces(j), len(distinct), dtype=np.int32)
        np.minimum.at(entered, of_cells.indices, np.repeat(step, of_cells.lengths))
        steps.append(entered)
    return Stepped(steps, distinct, np.inf)


def by_depth(complex: CellComplex) -> Stepped:
    """A face enters with the first layer of which a neuron vanishes on it, the others at the end.

    A face that contains it has fewer zeros, so it does not enter earlier.
    """
    lattice = complex.lattice
    widths = complex.network.hidden_widths
    last = len(widths)
    begin = np.concatenate([[0], np.cumsum(widths)])
    steps = [np.full(lattice.n_faces(j), last, dtype=np.int32) for j in range(lattice.top + 1)]
    for layer in reversed(range(last)):
        zero = complex.vertex_signs[:, begin[layer] : begin[layer + 1]] == 0
        for j, entered in enumerate(steps):
            entered[_some_zero(lattice, j, zero)] = layer
    return Stepped(steps, np.arange(1.0, last + 2), np.inf)


def _some_zero(lattice: FaceLattice, j: int, zero: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether some neuron vanishes at all vertices of each face."""
    vertices = lattice.vertices(j)
    found = np.zeros(lattice.n_faces(j), dtype=np.bool_)
    for column in zero.T:
        found |= np.logical_and.reduceat(column[vertices.indices], vertices.indptr[:-1])
    return found


def interior_persistence(
    complex: CellComplex, values: FloatArray, field: int, method: Method
) -> tuple[Intervals, FloatArray]:
    """Classes of the filtration in which a face enters with the last of the cells around it.

    The sets are open: the domain D without the union L of the closed cells that are not yet there.
    By Lefschetz duality ``H_k(D - L) = H^(n - k)(D, L + boundary of D)``, naturally, and L, with
    the boundary, grows as values fall: this is the relative persistent cohomology of a filtration
    by closed sets, which has the intervals of its absolute homology, those that end a dimension
    higher [1]_.

    Returns
    -------
    tuple of (Intervals, ndarray)
        Births and deaths as places in the values that follow; the last stands for never, also where
        it is a birth: that class is in no set.

    References
    ----------
    .. [1] V. de Silva, D. Morozov, M. Vejdemo-Johansson, "Dualities in persistent (co)homology",
       Inverse Problems 27 (2011).
    """
    lattice = complex.lattice
    falling = by_cells(complex, -values)
    steps = []
    for step, wall, far in zip(
        falling.steps, lattice.on_boundary, lattice.at_infinity, strict=True
    ):
        steps.append(np.where(wall | far, 0, step + 1).astype(np.int32))
    found = intervals(lattice, steps, field, method)
    never = len(falling.values)  # also the place of the boundary, of step 0
    dies = found.death >= 0
    last = never - found.birth  # a set lacks cells from this value on until it enters
    birth = np.where(dies, never - found.death, last)
    death = np.where(dies, last, never)
    dimension = np.where(dies, lattice.top - found.dimension - 1, lattice.top - found.dimension)
    ends = np.append(-falling.values[::-1], np.inf)
    return Intervals(dimension, birth, death), ends
