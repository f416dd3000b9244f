"""One cell, in the terms of convex geometry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..common.arithmetic import ieee_arithmetic

__all__ = ["Cell"]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class Cell:
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

    index: int
    pattern: NDArray[np.bool_]
    A: NDArray[np.float64]
    b: NDArray[np.float64]
    facets: list[NDArray[np.int64]]
    neighbours: NDArray[np.int64]
    vertices: NDArray[np.float64]
    rays: NDArray[np.float64]
    interior_point: NDArray[np.float64]
    bounded: bool
    affine_map: tuple[NDArray[np.float64], NDArray[np.float64]]

    def contains(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
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
        kind = "bounded" if self.bounded else "unbounded"
        return f"Cell({self.index}, pattern {pattern}, {len(self.b)} facets, {kind})"
