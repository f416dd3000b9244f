"""Betti numbers over GF(p) of subsets of the domain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..common.arithmetic import ieee_arithmetic
from ..complex.cell_complex import CellComplex
from ..complex.cells import ComplexLike, complex_of
from .chains import Method, betti_numbers, check_field, check_method
from .heights import varies_along_lines
from .sets import BY_LEVEL, Region, check_region, full_masks, region
from .subcomplex import Subcomplex, Theory, check_theory, reduced

__all__ = ["betti"]

IntArray = NDArray[np.int64]


@ieee_arithmetic
def betti(
    complex: ComplexLike | Subcomplex,
    of: Region = "all",
    level: float = 0.0,
    *,
    label: int | None = None,
    field: int = 2,
    compactify: bool = False,
    theory: Theory = "singular",
    method: Method = "faces",
) -> IntArray:
    """Return the Betti numbers over GF(p) of a subset of the domain.

    Parameters
    ----------
    complex : Complex, Slice or Subcomplex
        The complex, over any domain; or a set of its faces, which is then itself the subset.
    of : {"all", "bounded", "superlevel", "sublevel", "level", "class", "class boundary"}
        The closed set, as in `region`. ``all`` is always 1, 0, ..., 0: a check, not a result.
    level : float
        Exactly this double is compared with f, for ``superlevel``, ``sublevel`` and ``level``.
    label : int, optional
        The output that ``class`` and ``class boundary`` mean.
    field : int
        The prime p.
    compactify : bool
        Adds the point at infinity, as `Subcomplex.betti` does.
    theory : {"singular", "reduced", "borel-moore"}
        Which homology, as for `Subcomplex.betti`.
    method : {"faces", "simplices"}
        By the core, on the faces; or by gudhi, on a triangulation without new vertices: slow in
        more than three dimensions, an independent check.

    Returns
    -------
    ndarray, shape (n + 1,), int64
        Entry k is the k-th Betti number; all zero for the empty set.

    Raises
    ------
    ValueError
        If `of` is unknown or does not fit the number of outputs, `level` is not finite, there is
        no output `label`, `field` is no prime, `theory` or `method` is unknown, or Borel-Moore
        homology is asked of what `compactify` makes compact.
    MissingDependencyError
        If `method` is "simplices" and gudhi is not installed.

    See Also
    --------
    region, persistence, Subcomplex.betti

    Notes
    -----
    Over R^n the result is that of the set inside a box larger than every vertex of the complex,
    which has the same homotopy type: the box's far vertices are symbolic, so this is exact too.

    Examples
    --------
    The set where the tent ``1 - |x|`` equals 0.5 is two points.

    >>> import relutope as rt
    >>> tent = rt.Network.from_arrays([([[1.0], [-1.0]], [0.0, 0.0]), ([[-1.0, -1.0]], [1.0])])
    >>> complex = rt.decompose(tent, rt.Box(-2, 2))
    >>> rt.betti(complex, of="level", level=0.5)
    array([2, 0])
    """
    prime, way = check_field(field), check_method(method)
    if isinstance(complex, Subcomplex):
        if of != "all" or label is not None:
            raise ValueError("`complex` is a set of faces already; `of` and `label` choose one")
        return complex.betti(field=prime, compactify=compactify, theory=theory, method=way)
    complex = complex_of(complex)
    check_region(complex, of, level, label)
    closed_off = check_theory(theory, compactify) == "borel-moore" or compactify
    if of in BY_LEVEL and not closed_off and not varies_along_lines(complex):
        numbers = _of_level(complex, of, level, prime, way)
        return reduced(numbers) if theory == "reduced" else numbers
    chosen = region(complex, of, level, label=label)
    return chosen.betti(field=prime, compactify=compactify, theory=theory, method=way)


def _of_level(
    complex: CellComplex, of: Region, level: float, field: int, method: Method
) -> IntArray:
    """Without cutting the cells at the level."""
    held, sign = _vertex_signs(complex, level)
    lattice = held.lattice

    def count(inside: NDArray[np.bool_]) -> IntArray:
        """Betti numbers (n + 1,) of the full subcomplex on the vertices that are `inside`.

        If these are the vertices with f <= level, the set f <= level retracts to it. For f is
        affine on every face that is not inside as a whole; from a point of it with f > level the
        rest can be pushed straight away, down, to the faces in its boundary.
        """
        found = betti_numbers(lattice, full_masks(lattice, inside), None, field, method)
        numbers = np.zeros(complex.dim + 1, dtype=np.int64)
        numbers[: len(found)] = found
        return numbers

    if of == "sublevel":
        return count(sign <= 0)
    above = count(sign >= 0)
    return above if of == "superlevel" else _between(count(sign <= 0), above)


def _vertex_signs(complex: CellComplex, level: float) -> tuple[CellComplex, NDArray[np.int8]]:
    """A complex and the exact signs of f - level at its vertices.

    Rounding is monotone: a rounded value other than `level` lies on the same side of it as the
    exact one. Only a tie needs the exact sign, which is that of one more neuron.
    """
    values, _ = complex.vertex_values
    if (values == level).any():
        refined = complex.refine_by_output(level)
        return refined, refined.vertex_signs[:, -1]
    return complex, np.where(values > level, 1, -1).astype(np.int8)


def _between(below: IntArray, above: IntArray) -> IntArray:
    """Betti numbers of f = level from those of f <= level and f >= level.

    Their union is the domain, which is contractible: by the Mayer-Vietoris sequence the reduced
    homology of the intersection is the direct sum of theirs. If one is empty, so is f = level.
    """
    if not (below[0] and above[0]):
        return np.zeros_like(below)
    numbers = below + above
    numbers[0] -= 1
    return numbers
