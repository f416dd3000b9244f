"""One cell, in the terms of convex geometry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import BoolArray, FloatArray, IntArray, ReadOnlyArrays

__all__ = ["Cell", "HalfspaceCell"]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class HalfspaceCell(ReadOnlyArrays):
    """A closed cell ``{x : A x <= b}``; `Cell` and `ExploredCell` say what its rows are."""

    index: int
    pattern: BoolArray
    A: FloatArray
    b: FloatArray
    facets: list[IntArray]
    neighbours: IntArray
    interior_point: FloatArray
    affine_map: tuple[FloatArray, FloatArray]

    def contains(self, points: ArrayLike) -> BoolArray:
        """Whether ``A x <= b`` for each row of `points`, shape (k, n), in floating point.

        Parameters
        ----------
        points : array_like, shape (k, n)

        Returns
        -------
        ndarray of bool, shape (k,)
        """
        return np.asarray((np.asarray(points) @ self.A.T <= self.b).all(axis=1))

    def __repr__(self) -> str:
        pattern = "".join("01"[int(bit)] for bit in self.pattern)
        if len(pattern) > 40:
            pattern = pattern[:37] + "..."
        return f"{type(self).__name__}({self.index}, pattern {pattern}, {self._kind()})"

    def _kind(self) -> str:
        inside = sum(int(names[0]) >= 0 for names in self.facets)
        return f"{inside} facets"


@ieee_arithmetic
@dataclass(frozen=True, eq=False, repr=False)
class Cell(HalfspaceCell):
    """A closed cell ``{x : A x <= b}`` with one row per facet; see `Complex.cell`.

    Attributes
    ----------
    index : int
        Number of the cell in its complex.
    pattern : ndarray of bool, shape (N,)
        Which hidden neurons are active.
    A, b : ndarray of float64, shapes (k, n) and (k,)
        One irredundant halfspace per facet, in floating point (composed weights, rounded).
    facets : list of ndarray of int64
        All that vanishes on each facet: neurons as 0..N-1, domain side s as -1 - s. Sides 2k and
        2k + 1 are the lower and upper bound of axis k; the rows of a Polytope follow.
    neighbours : ndarray of int64, shape (k,)
        The cell behind each facet, -1 on the domain's boundary.
    vertices : ndarray of float64, shape (v, n)
        Finite vertices, each the exact rational point rounded to nearest.
    rays : ndarray of float64, shape (r, n)
        Directions of the unbounded edges, largest entry 1 in size; empty for a bounded cell. A cell
        with lines has the rays of its intersection with a complement of the lines.
    interior_point : ndarray of float64, shape (n,)
    bounded : bool
    affine_map : tuple of ndarray
        ``(A_f, c_f)`` of shapes (m, n) and (m,): ``f(x) = A_f x + c_f`` on the cell, rounded.
    """

    vertices: FloatArray
    rays: FloatArray
    bounded: bool

    def _kind(self) -> str:
        kind = "bounded" if self.bounded else "unbounded"
        return f"{len(self.b)} facets, {kind}"
