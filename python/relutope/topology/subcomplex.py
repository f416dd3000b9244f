"""Closed sets of faces of a complex, and their homology."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arguments import check_choice
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import ReadOnlyArrays, Value
from ..complex.cell_complex import CellComplex
from ..complex.lattice import Classes, FaceLattice, Masks, as_indices, check_dimension
from .chains import Method, betti_numbers, check_field, check_method

__all__ = [
    "Cycle",
    "Subcomplex",
    "Theory",
    "check_theory",
    "cycle_of",
    "reduced",
    "vertex_components",
]

IntArray = NDArray[np.int64]
Theory: TypeAlias = Literal["singular", "reduced", "borel-moore"]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class Cycle(ReadOnlyArrays):
    """A cycle of faces that represents a homology class.

    Attributes
    ----------
    dim : int
        Dimension of the class.
    faces : ndarray of int64, shape (m,)
        Faces of dimension `dim` (plus the dimension of the complex's lines), increasing, numbered
        as by `Complex.faces`.
    coefficients : ndarray of int64, shape (m,)
        Their coefficients in GF(p), 1 to p - 1, for the orientations of `Complex.boundary_matrix`.
    birth, death : float
        Values of the filtration at which the class is born and dies; -inf and inf for a class of a
        set that is not filtered.
    """

    dim: int
    faces: IntArray
    coefficients: IntArray
    birth: float = -np.inf
    death: float = np.inf

    def __repr__(self) -> str:
        lasts = f"from {self.birth:.6g} to {self.death:.6g}"
        return f"Cycle(of dimension {self.dim}, {len(self.faces)} faces, {lasts})"


@ieee_arithmetic
class Subcomplex(Value):
    """A closed set that is a union of faces of a complex, each with all of its own faces.

    Made by `Complex.subcomplex` and by `region`. Sets of the same complex can be joined (``a | b``)
    and intersected (``a & b``).

    Attributes
    ----------
    complex : Complex
        The complex whose faces these are: for a `region` it is refined.
    """

    def __init__(self, complex: CellComplex, masks: Masks) -> None:
        self.complex = complex
        self._masks = masks

    def _parts(self) -> tuple[object, ...]:
        return self.complex, self._masks

    @classmethod
    def closure_of(
        cls,
        complex: CellComplex,
        cells: ArrayLike | None = None,
        faces: Mapping[int, ArrayLike] | None = None,
    ) -> Subcomplex:
        """See `Complex.subcomplex`.

        Parameters
        ----------
        complex : Complex
        cells : array_like of bool or int, optional
            Which cells: a mask, or indices.
        faces : mapping of int to array_like, optional
            Which faces, by dimension: masks or indices.
        """
        lattice = complex.lattice
        masks = lattice.nothing()
        wanted = dict(faces or {})
        if cells is not None:
            if complex.dim in wanted:
                raise ValueError(f"`cells` and `faces[{complex.dim}]` both choose cells; give one")
            wanted[complex.dim] = cells
        for k, which in wanted.items():
            name = "cells" if cells is not None and k == complex.dim else f"faces[{k}]"
            check_dimension("faces", k, lattice.shift, complex.dim)
            j = k - lattice.shift
            masks[j][as_indices(name, which, lattice.n_proper(j))] = True
        return cls(complex, lattice.closure(masks))

    @property
    def _lattice(self) -> FaceLattice:
        return self.complex.lattice

    # -- what it consists of

    def faces(self, k: int) -> IntArray:
        """Its faces of dimension `k`, as indices into ``complex.faces(k)``, increasing.

        Parameters
        ----------
        k : int
            Dimension.

        Returns
        -------
        ndarray of bool
        """
        check_dimension("k", k, 0, self.complex.dim)
        j = k - self._lattice.shift
        if j < 0:
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero(self._masks[j][: self._lattice.n_proper(j)])

    @property
    def cells(self) -> IntArray:
        """Its cells, increasing."""
        return self.faces(self.complex.dim)

    @property
    def f_vector(self) -> IntArray:
        """Number of its faces of each dimension 0..n."""
        counts = [len(self.faces(k)) for k in range(self.complex.dim + 1)]
        return np.array(counts, dtype=np.int64)

    @property
    def euler_characteristic(self) -> int:
        """Alternating sum of the f-vector.

        For a bounded set it is the alternating sum of the Betti numbers; for any set that of the
        Betti numbers of its one-point compactification, less 1.
        """
        f = self.f_vector
        return int(f[::2].sum() - f[1::2].sum())

    def boundary(self, *, with_domain: bool = False) -> Subcomplex:
        """Its frontier: the faces that also lie in a cell outside of it.

        Parameters
        ----------
        with_domain : bool
            Whether everything beyond the domain is outside too, so that faces of the set in the
            domain's boundary are added. Otherwise the frontier is taken within the domain.

        Returns
        -------
        Subcomplex
        """
        lattice = self._lattice
        outside = ~self._masks[-1]
        masks = []
        for j, mask in enumerate(self._masks):
            of_cells = lattice.faces_of_cells(j)
            touches = np.zeros(len(mask), dtype=np.bool_)
            touches[of_cells.indices[np.repeat(outside, of_cells.lengths)]] = True
            if with_domain:
                touches |= lattice.on_boundary[j]
            masks.append(mask & touches)
        return Subcomplex(self.complex, lattice.closure(masks))

    def components(self) -> list[Subcomplex]:
        """Its connected components, in the order of their lowest vertices.

        Returns
        -------
        list of Subcomplex
            As many as the first of the Betti numbers; none of the empty set.
        """
        lattice = self._lattice
        of_vertex = vertex_components(lattice, self._masks)
        found = []
        for component in range(of_vertex.max(initial=-1) + 1):
            masks = []
            for j, mask in enumerate(self._masks):
                vertices = lattice.vertices(j)
                lowest = vertices.indices[vertices.indptr[:-1]]
                masks.append(mask & (of_vertex[lowest] == component))
            found.append(Subcomplex(self.complex, masks))
        return found

    def __or__(self, other: Subcomplex) -> Subcomplex:
        self._require_same_complex(other)
        pairs = zip(self._masks, other._masks, strict=True)
        return Subcomplex(self.complex, [a | b for a, b in pairs])

    def __and__(self, other: Subcomplex) -> Subcomplex:
        self._require_same_complex(other)
        pairs = zip(self._masks, other._masks, strict=True)
        return Subcomplex(self.complex, [a & b for a, b in pairs])

    def _require_same_complex(self, other: Subcomplex) -> None:
        mine, others = self.complex, other.complex
        if mine is not others and not (
            mine.network == others.network and mine.domain == others.domain
        ):
            raise ValueError(
                "`other` is a set of faces of another complex; regions at different levels refine "
                "the complex differently"
            )

    # -- homology

    def betti(
        self,
        *,
        field: int = 2,
        relative_to: Subcomplex | None = None,
        compactify: bool = False,
        theory: Theory = "singular",
        method: Method = "faces",
    ) -> IntArray:
        """Betti numbers over GF(p) of the set.

        Parameters
        ----------
        field : int
            The prime p.
        relative_to : Subcomplex, optional
            A part L of the set; the numbers are then those of the pair, dim H_k(set, L).
        compactify : bool
            Adds the point at infinity: the numbers of the one-point compactification, the same
            for a bounded set but for one component more.
        theory : {"singular", "reduced", "borel-moore"}
            ``reduced``: one component less, unless the set is empty; nothing changes relative to
            a part. ``borel-moore``: of chains that may be infinite but are locally finite, that is
            relative to the point at infinity of the compactification; the same as ``singular`` for
            a bounded set.
        method : {"faces", "simplices"}
            By the core, on the faces; or by gudhi, on a triangulation without new vertices: slow
            in more than three dimensions, an independent check.

        Returns
        -------
        ndarray of int64, shape (n + 1,)

        Raises
        ------
        ValueError
            If `field` is no prime, `theory` or `method` is unknown, `relative_to` is not a part of
            the set, or Borel-Moore homology is asked of what `compactify` makes compact.
        MissingDependencyError
            If `method` is "simplices" and gudhi is not installed.

        Notes
        -----
        Without `compactify` an unbounded set has the homology of its part inside a box that is
        larger than every vertex; with it, that of the same part relative to the box's boundary.
        """
        prime, way = check_field(field), check_method(method)
        less = None
        if relative_to is not None:
            self._require_same_complex(relative_to)
            less = relative_to._masks
            if any((b & ~a).any() for a, b in zip(self._masks, less, strict=True)):
                raise ValueError("`relative_to` is not a part of the set; intersect it first")
        lattice = self._lattice
        closed_off = check_theory(theory, compactify) == "borel-moore" or compactify
        if closed_off:
            far = [a & b for a, b in zip(self._masks, lattice.at_infinity, strict=True)]
            less = far if less is None else [a | b for a, b in zip(far, less, strict=True)]
        found = betti_numbers(lattice, self._masks, less, prime, way)
        numbers = np.zeros(self.complex.dim + 1, dtype=np.int64)
        start = lattice.shift if closed_off else 0  # times R^shift: the suspension
        numbers[start : start + len(found)] = found
        if compactify and relative_to is None:
            numbers[0] += 1
        if theory == "reduced" and relative_to is None:
            return reduced(numbers)
        return numbers

    def cycles(self, dim: int, *, field: int = 2) -> list[Cycle]:
        """Cycles that represent a basis of the homology in one dimension.

        Parameters
        ----------
        dim : int
            Dimension of the classes.
        field : int
            The prime p of the coefficients GF(p).

        Returns
        -------
        list of Cycle
            As many as the Betti number. They are short for no criterion; over an unbounded domain
            faces at infinity are left out of them.
        """
        prime = check_field(field)
        check_dimension("dim", dim, 0, self.complex.dim)
        steps = [mask.astype(np.int32) - 1 for mask in self._masks]
        found = self._lattice.classes(steps, prime, cycles=True)
        chosen = np.flatnonzero(found.dimension == dim)
        return [cycle_of(self._lattice, found, int(i)) for i in chosen]

    def __repr__(self) -> str:
        return f"Subcomplex(f-vector {self.f_vector.tolist()} of {self.complex!r})"


def vertex_components(lattice: FaceLattice, masks: Masks) -> IntArray:
    """For each vertex the component that it lies in, of a closed set of faces; -1 outside.

    A closed face is connected by its edges. Components are numbered by their lowest vertices.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    inside = np.flatnonzero(masks[0])
    edges = lattice.vertices(1)
    ends = edges.indices.reshape(-1, 2)[masks[1]]
    shape = (lattice.n_faces(0),) * 2
    joined = csr_array((np.ones(len(ends), dtype=np.int8), tuple(ends.T)), shape=shape)
    label = connected_components(joined, directed=False)[1][inside]
    _, first, which = np.unique(label, return_index=True, return_inverse=True)
    place = np.empty(len(first), dtype=np.int64)
    place[np.argsort(first)] = np.arange(len(first))
    found = np.full(lattice.n_faces(0), -1, dtype=np.int64)
    found[inside] = place[which]
    return found


def check_theory(theory: Theory, compactify: bool) -> Theory:
    """`theory`, if it is one.

    Raises
    ------
    ValueError
        If it is unknown, or does not fit `compactify`.
    """
    check_choice("theory", theory, Theory)
    if theory == "borel-moore" and compactify:
        raise ValueError("`theory` is 'borel-moore', which is not changed by `compactify`; drop it")
    return theory


def reduced(numbers: IntArray) -> IntArray:
    """Reduced Betti numbers of a set, which is empty if it has no component."""
    less: IntArray = numbers.copy()
    less[0] -= numbers[0] > 0
    return less


def cycle_of(
    lattice: FaceLattice,
    found: Classes,
    i: int,
    birth: float = -np.inf,
    death: float = np.inf,
) -> Cycle:
    """Class `i` of what the core has found; faces at infinity are left out."""
    dim = int(found.dimension[i])
    faces = found.faces[i]
    coefficients = found.coefficients[found.faces.indptr[i] : found.faces.indptr[i + 1]]
    order = np.argsort(faces)
    order = order[faces[order] < lattice.n_proper(dim)]
    return Cycle(dim, faces[order], coefficients[order], birth, death)
