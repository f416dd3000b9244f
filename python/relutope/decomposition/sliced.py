"""The cells of a network in an affine subspace of its input space."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import BoolArray, FloatArray, IntArray
from ..complex.cell import Cell
from ..complex.cells import Cells, cells_of
from ..network.network import Network
from .complex import Complex
from .embeddings import Affine

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from ..graph.dual import Weight

__all__ = ["Slice"]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class Slice:
    """A network's cells in an affine subspace of its input space. Made by `slice`.

    Attributes
    ----------
    complex : Complex
        The cells in the k parameters t of the subspace, an ordinary complex: its points, facet
        measures and volumes are those of t. Its patterns have the neurons of `network`, in the same
        order.
    network : Network
        The network that was sliced, a function of n inputs.
    """

    complex: Complex
    network: Network
    # x(t) as a composition of affine maps, the first to be applied first
    _maps: Sequence[Affine] = field(repr=False)

    @property
    def dim(self) -> int:
        """Dimension k of the subspace."""
        return self.complex.dim

    # -- what its complex knows

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return self.complex.n_cells

    @property
    def n_edges(self) -> int:
        """Number of pairs of adjacent cells."""
        return self.complex.n_edges

    @property
    def patterns(self) -> BoolArray:
        """Activation patterns, bool, shape (n_cells, N)."""
        return self.complex.patterns

    @property
    def adjacency(self) -> IntArray:
        """Adjacent cells as pairs i < j, shape (n_edges, 2)."""
        return self.complex.adjacency

    def cell(self, i: int) -> Cell:
        """Cell `i` as a polyhedron in the parameters t; see `Complex.cell`.

        Parameters
        ----------
        i : int
            A cell.

        Returns
        -------
        Cell
        """
        return self.complex.cell(i)

    def __len__(self) -> int:
        return self.n_cells

    def __getitem__(self, which: int | ArrayLike) -> Cell:
        """Cell number `which`, or the cell with this activation pattern."""
        return self.complex[which]

    def __iter__(self) -> Iterator[Cell]:
        return iter(self.complex)

    def dual_graph(self, weight: Weight = "unit") -> csr_array:
        """The weighted adjacency matrix of the dual graph; see `relutope.dual_graph`.

        Parameters
        ----------
        weight : str
            Weight of the edge between two cells; lengths and measures are those of t.

        Returns
        -------
        scipy.sparse.csr_array, shape (n_cells, n_cells)
        """
        return self.complex.dual_graph(weight)

    def locate(self, t: ArrayLike) -> IntArray:
        """The cell of each row of parameters, shape (m, k); -1 outside the domain of `t`.

        Exact for the given doubles, see `Complex.locate`.

        Parameters
        ----------
        t : array_like, shape (k, d)
            Points, by their parameters.

        Returns
        -------
        ndarray of int64, shape (k,)
        """
        return self.complex.locate(t)

    @property
    def ordered_cells(self) -> tuple[IntArray, FloatArray]:
        """The cells of a segment or line from small to large t, and where they begin and end.

        Returns
        -------
        cells : ndarray of int64, shape (n_cells,)
        t : ndarray of float64, shape (n_cells + 1,)
            ``cells[i]`` reaches from ``t[i]`` to ``t[i + 1]``, exact values rounded once; infinite
            at the ends of a line.

        Raises
        ------
        ValueError
            If the slice has not one dimension.
        """
        if self.dim != 1:
            raise ValueError(f"only cells on a line have an order; this slice has {self.dim} axes")
        return _along_line(self.complex)

    def embed(self, t: ArrayLike) -> FloatArray:
        """Points of the input space, in floating point.

        Parameters
        ----------
        t : array_like, shape (m, k)
            Parameters, such as ``complex.vertices``.

        Returns
        -------
        ndarray of float64, shape (m, n)
            Rounded; the points that a slice was laid through come out exactly.

        Raises
        ------
        ValueError
            If the shape does not fit.
        """
        x = np.asarray(t, dtype=np.float64)
        if x.ndim != 2 or x.shape[1] != self.dim:
            raise ValueError(f"`t` must have shape (m, {self.dim}), got {x.shape}")
        for A, c in self._maps:
            x = x @ A.T + c
        return x

    @property
    def vertices(self) -> FloatArray:
        """``embed(complex.vertices)``, shape (n_vertices, n)."""
        return self.embed(self.complex.vertices)

    @property
    def interior_points(self) -> FloatArray:
        """``embed(complex.interior_points)``: a point of each cell, shape (n_cells, n)."""
        return self.embed(self.complex.interior_points)

    # -- a value, with files

    def save(self, path: str | Path) -> None:
        """Writes the slice to one ``.npz`` file, which is complete or not there at all.

        Parameters
        ----------
        path : str or Path

        See Also
        --------
        relutope.load
        """
        from . import stored_slice

        stored_slice.save(self.complex, self.network, self._maps, path)

    def __eq__(self, other: object) -> bool:
        """Whether they are of the same network in the same subspace over the same domain."""
        if not isinstance(other, Slice):
            return NotImplemented
        return self is other or (
            self.complex == other.complex
            and self.network == other.network
            and len(self._maps) == len(other._maps)
            and all(
                np.array_equal(mine, others)
                for pair in zip(self._maps, other._maps, strict=True)
                for mine, others in zip(*pair, strict=True)
            )
        )

    def __hash__(self) -> int:
        return hash((self.complex, self.network))

    def _repr_html_(self) -> str:
        from ..plotting.thumbnail import html_of

        return html_of(self.complex, repr(self))

    def __repr__(self) -> str:
        cx = self.complex
        return (
            f"Slice({cx.n_cells:,} cells, {cx.n_edges:,} shared facets; {self.network!r} "
            f"in {self.dim} of {self.network.input_dim} dimensions)"
        )


def _along_line(cx: Complex) -> tuple[IntArray, FloatArray]:
    """See `Slice.ordered_cells`."""
    beside = [cx.neighbours(i).tolist() for i in range(cx.n_cells)]
    path = [next(i for i, others in enumerate(beside) if len(others) < 2)]
    while len(path) < cx.n_cells:
        path.append(next(j for j in beside[path[-1]] if j not in path[-2:]))
    ends = [path[0], path[-1]]
    if cx.interior_certified[ends].all():
        falling = bool(cx.interior_points[ends[0], 0] > cx.interior_points[ends[1], 0])
    else:
        first, last = (cx.exact_interior_point(i)[0] for i in ends)
        falling = first > last
    if falling:
        path.reverse()
    own = [set(cx.cell_vertices[i].tolist()) for i in path]
    inner = [(a & b).pop() for a, b in itertools.pairwise(own)]
    low, high = (_end_of_line(cx.cell(path[k]), upper) for k, upper in ((0, False), (-1, True)))
    return np.array(path), np.concatenate([[low], cx.vertices[inner, 0], [high]])


def _end_of_line(cell: Cell, upper: bool) -> float:
    """Where the domain bounds a cell of a line, if it does."""
    normals = cell.A[cell.neighbours < 0, 0]
    if upper:
        return float(cell.vertices.max()) if (normals > 0).any() else np.inf
    return float(cell.vertices.min()) if (normals < 0).any() else -np.inf


@cells_of.register
def _(source: Slice) -> Cells:
    return source.complex
