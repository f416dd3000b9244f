"""One cell of a local search, in the terms of convex geometry."""

from __future__ import annotations

from dataclasses import dataclass

from ..common.arithmetic import ieee_arithmetic
from ..complex.cell import HalfspaceCell

__all__ = ["ExploredCell"]


@ieee_arithmetic
@dataclass(frozen=True, eq=False, repr=False)
class ExploredCell(HalfspaceCell):
    """A closed cell ``{x : A x <= b}`` as far as a local search knows it; see `Exploration.cell`.

    Attributes
    ----------
    index : int
        Number of the cell in its exploration.
    pattern : ndarray of bool, shape (N,)
        Which hidden neurons are active.
    A, b : ndarray of float64, shapes (k, n) and (k,)
        One irredundant halfspace per facet inside the domain, in floating point; after them every
        side of the domain, whether or not the cell touches it.
    facets : list of ndarray of int64
        What vanishes on each of these: neurons, or the domain's side s as -1 - s.
    neighbours : ndarray of int64, shape (k,)
        The explored cell behind each; -1 where it is not explored, and on sides of the domain.
    interior_point : ndarray of float64, shape (n,)
        See `Exploration.interior_certified`.
    affine_map : tuple of ndarray
        ``(A_f, c_f)`` of shapes (m, n) and (m,): ``f(x) = A_f x + c_f`` on the cell, rounded.
    """
