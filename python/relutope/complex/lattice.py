"""The faces of a complex, of all dimensions, and how they lie in each other.

A complex over an unbounded domain is held as the core holds it: truncated by a symbolically
infinite box. Its faces are faces of the domain, called *proper* here, and faces at infinity, which
follow them in every numbering. Users see proper faces; homology sees both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import BoolArray, IntArray, ReadOnlyArrays
from ..common.ragged import Ragged
from .kernel import Kernel

if TYPE_CHECKING:
    import scipy.sparse as sp

__all__ = ["Classes", "FaceLattice", "Faces", "Masks", "Steps", "as_indices", "check_dimension"]

# One entry per face, for each dimension; of a filtration, the step at which the face enters, and -1
# for faces that are left out.
Masks: TypeAlias = list[BoolArray]
Steps: TypeAlias = list[NDArray[np.int32]]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class Faces(ReadOnlyArrays):
    """All faces of one dimension; see `Complex.faces`.

    Attributes
    ----------
    dim : int
        Dimension k of the faces.
    vertices : Ragged
        Vertices of each closed face, increasing, numbered as in `Complex.cell_vertices`: indices
        from `Complex.n_finite_vertices` on are where an unbounded face leaves the infinite box.
    facets : Ragged
        Faces of dimension k - 1 in the boundary of each face, increasing.
    cells : Ragged
        Cells that contain each face, increasing.
    bounded : ndarray of bool, shape (f_k,)
    on_boundary : ndarray of bool, shape (f_k,)
        Whether the face lies in the boundary of the domain.
    """

    dim: int
    vertices: Ragged
    facets: Ragged
    cells: Ragged
    bounded: BoolArray
    on_boundary: BoolArray
    _complex: Kernel = field(repr=False)

    def __len__(self) -> int:
        return len(self.bounded)

    def signs(self, which: ArrayLike | None = None) -> NDArray[np.int8]:
        """Sign vectors: exact signs of all preactivations in the faces' relative interiors.

        A sign vector names at most one face.

        Parameters
        ----------
        which : array_like of int or bool, optional
            Which faces, as indices or a mask; all by default.

        Returns
        -------
        ndarray of int8, shape (number of faces, N)

        Raises
        ------
        ValueError
            If `which` does not fit.
        """
        chosen = range(len(self)) if which is None else as_indices("which", which, len(self))
        signs = self._complex.vertex_signs
        rows = [self.vertices[int(i)] for i in chosen]
        if not rows:
            return np.zeros((0, signs.shape[1]), dtype=np.int8)
        # Within a closed face no neuron has both signs.
        begin = np.concatenate([[0], np.cumsum([len(row) for row in rows])[:-1]])
        at_vertices = signs[np.concatenate(rows)]
        low = np.minimum.reduceat(at_vertices, begin)
        high = np.maximum.reduceat(at_vertices, begin)
        return np.asarray(np.sign(low + high), dtype=np.int8)

    def __repr__(self) -> str:
        return f"Faces({len(self):,} of dimension {self.dim}, {int(self.bounded.sum()):,} bounded)"


class Classes(NamedTuple):
    """Homology classes of a filtration of positive length.

    Attributes
    ----------
    dimension : ndarray of int64, shape (m,)
    birth, death : ndarray of int64, shape (m,)
        The faces, of dimension k and k + 1, with which each class is born and dies; -1 if it never
        dies.
    faces : Ragged
        Faces of a cycle of each class, if asked for.
    coefficients : ndarray of int64
        Their coefficients, beside ``faces.indices``.
    """

    dimension: IntArray
    birth: IntArray
    death: IntArray
    faces: Ragged
    coefficients: IntArray


class FaceLattice:
    """The faces of a complex as the core holds them: in its essential dimensions, 0 to `top`.

    A face of dimension j here is one of dimension ``j + shift`` of the complex, times a subspace
    along which nothing changes.
    """

    def __init__(self, cx: Kernel) -> None:
        self._core = cx.solution.face_lattice()
        self.top = self._core.dimension
        self.shift = cx.dim - self.top
        self._complex = cx
        self._levels = [self._core.level(j) for j in range(self.top + 1)]
        self._faces: dict[int, Faces] = {}

    def n_faces(self, j: int) -> int:
        """Number of faces of dimension `j`, those at infinity included."""
        return len(self._levels[j].vertex_begin) - 1

    def n_proper(self, j: int) -> int:
        """Number of faces of dimension `j` that are not at infinity; they come first."""
        return self._levels[j].num_proper

    def vertices(self, j: int) -> Ragged:
        """Vertices of each face."""
        level = self._levels[j]
        return Ragged(level.vertex_begin, level.vertices.astype(np.int64))

    def facets(self, j: int) -> Ragged:
        """Faces of dimension j - 1 in the boundary of each face."""
        level = self._levels[j]
        return Ragged(level.facet_begin, level.facets.astype(np.int64))

    def faces_of_cells(self, j: int) -> Ragged:
        """Faces of dimension `j` of each closed cell."""
        level = self._levels[j]
        return Ragged(level.cell_begin, level.cell_faces.astype(np.int64))

    def boundary(self, j: int) -> sp.csc_array:
        """Signed incidences (faces of dimension j - 1, faces of dimension j), infinite included."""
        import scipy.sparse as sp

        level = self._levels[j]
        shape = (self.n_faces(j - 1), self.n_faces(j))
        return sp.csc_array((level.orientation, level.facets, level.facet_begin), shape=shape)

    def cells_of_faces(self, j: int) -> Ragged:
        """Cells that contain each face."""
        of_cells = self.faces_of_cells(j)
        order = np.argsort(of_cells.indices, kind="stable")
        count = np.bincount(of_cells.indices, minlength=self.n_faces(j))
        indptr = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        return Ragged(indptr, of_cells.row_of[order])

    def closure(self, masks: Masks) -> Masks:
        """The smallest closed set of faces that contains the given ones."""
        closed = [mask.copy() for mask in masks]
        for j in range(self.top, 0, -1):
            facets = self.facets(j)
            closed[j - 1][facets.indices[np.repeat(closed[j], facets.lengths)]] = True
        return closed

    def nothing(self) -> Masks:
        """No face: one mask per dimension."""
        return [np.zeros(self.n_faces(j), dtype=np.bool_) for j in range(self.top + 1)]

    @cached_property
    def at_infinity(self) -> Masks:
        """Which faces are at infinity: one mask per dimension."""
        return [np.arange(self.n_faces(j)) >= self.n_proper(j) for j in range(self.top + 1)]

    @cached_property
    def on_boundary(self) -> Masks:
        """Which proper faces lie in the domain's boundary: one mask per dimension."""
        masks = self.nothing()
        walls = self.faces_of_cells(self.top - 1).indices
        once = np.bincount(walls, minlength=self.n_faces(self.top - 1)) == 1
        masks[-2] = once & ~self.at_infinity[self.top - 1]
        closed = self.closure(masks)
        return [mask & ~far for mask, far in zip(closed, self.at_infinity, strict=True)]

    def classes(self, steps: Steps, field: int, cycles: bool = False) -> Classes:
        """Homology over GF(`field`) of the filtration, by the core."""
        found = self._core.persistence_pairs(steps, field, cycles)
        begin = found.cycle_begin if cycles else np.zeros(1, dtype=np.int64)
        return Classes(
            found.dimension.astype(np.int64),
            found.birth.astype(np.int64),
            found.death.astype(np.int64),
            Ragged(begin, found.cycle_faces.astype(np.int64)),
            found.cycle_coefficients.astype(np.int64),
        )

    def faces(self, k: int) -> Faces:
        """See `Complex.faces`."""
        check_dimension("k", k, 0, self._complex.dim)
        if k not in self._faces:
            self._faces[k] = self._make_faces(k)
        return self._faces[k]

    def _make_faces(self, k: int) -> Faces:
        cx = self._complex
        j = k - self.shift
        if j < 0:
            none = Ragged(np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64))
            flags = np.zeros(0, dtype=np.bool_)
            return Faces(k, none, none, none, flags, flags, cx)
        count = self.n_proper(j)
        vertices = _first_rows(self.vertices(j), count)
        bounded = np.zeros(count, dtype=np.bool_)
        if count and not cx.lineality_dim:
            last = vertices.indices[vertices.indptr[1:] - 1]  # rows increase
            bounded = last < cx.n_finite_vertices
        facets = _first_rows(self.facets(j), count)
        if j:
            facets = _without(facets, self.at_infinity[j - 1])
        cells = _first_rows(self.cells_of_faces(j), count)
        return Faces(k, vertices, facets, cells, bounded, self.on_boundary[j][:count], cx)

    def boundary_matrix(self, k: int) -> sp.csc_array:
        """See `Complex.boundary_matrix`."""
        import scipy.sparse as sp

        check_dimension("k", k, 1, self._complex.dim)
        j = k - self.shift
        if j < 1:
            return sp.csc_array((0, self.n_proper(0) if j == 0 else 0), dtype=np.int8)
        return self.boundary(j)[: self.n_proper(j - 1), : self.n_proper(j)]

    def incidence(self, low: int, high: int) -> sp.csr_array:
        """See `Complex.incidence`."""
        import scipy.sparse as sp

        dim = self._complex.dim
        check_dimension("low", low, 0, dim)
        check_dimension("high", high, low, dim)
        if low < self.shift:
            return sp.csr_array((0, self._count(high)), dtype=np.bool_)
        j = low - self.shift
        if high == dim:
            cells = _first_rows(self.cells_of_faces(j), self.n_proper(j))
            entries = np.ones(len(cells.indices), dtype=np.bool_)
            shape = (self.n_proper(j), self.n_proper(self.top))
            own = (cells.indices.copy(), cells.indptr.copy())  # scipy may sort them in place
            return sp.csr_array((entries, *own), shape=shape)
        product = sp.eye_array(self.n_proper(j), dtype=np.bool_, format="csr")
        for step in range(low + 1, high + 1):
            product = product @ self.boundary_matrix(step).astype(np.bool_)
        return sp.csr_array(product)

    def _count(self, k: int) -> int:
        return self.n_proper(k - self.shift) if k >= self.shift else 0


def check_dimension(name: str, value: Any, lowest: int, highest: int) -> None:
    """Raises ValueError unless `value` is a dimension between the two."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or not lowest <= value <= highest:
        raise ValueError(f"`{name}` is {value!r}; give a dimension from {lowest} to {highest}")


def as_indices(name: str, which: ArrayLike, count: int) -> IntArray:
    """What a mask of `count` bools, or an array of indices, chooses.

    Raises
    ------
    ValueError
        If it is neither.
    """
    array = np.asarray(which)
    if array.size == 0 and array.dtype != np.bool_:
        return np.zeros(0, dtype=np.int64)
    if array.dtype == np.bool_:
        if array.shape != (count,):
            raise ValueError(f"`{name}` has shape {array.shape}; expected ({count},) for a mask")
        return np.flatnonzero(array)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise ValueError(f"`{name}` must be a mask of bools or a list of indices")
    if array.min() < 0 or array.max() >= count:
        raise ValueError(f"`{name}` has indices outside 0..{count - 1}")
    return array.astype(np.int64)


def _first_rows(rows: Ragged, count: int) -> Ragged:
    indptr = rows.indptr[: count + 1]
    return Ragged(indptr, rows.indices[: indptr[-1]])


def _without(rows: Ragged, dropped: BoolArray) -> Ragged:
    """The rows without the entries that are `dropped`."""
    kept = ~dropped[rows.indices]
    place = np.concatenate([[0], np.cumsum(kept)]).astype(np.int64)
    return Ragged(place[rows.indptr], rows.indices[kept])
