"""A set of faces as convex pieces on each of which the first layers are affine.

Cells of the whole network are put together to cells of its first layers wherever all of these
belong to the set. So a piece is a cell of the first k, k + 1, ... layers, of all of them, or a
single face. Of two pieces that meet, what they have in common is a face of the finer one, and
consists of faces of the whole complex: they meet iff they have a vertex of it in common, and so do
any number of pieces.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..common.arrays import BoolArray, IntArray
from ..complex.cell_complex import CellComplex
from ..topology.subcomplex import Subcomplex

__all__ = ["Pieces", "pieces_of"]


@dataclass(frozen=True)
class Pieces:
    """Convex polytopes whose union is a set of faces.

    Attributes
    ----------
    vertices : list of ndarray of int64
        Vertices of the complex that lie in each piece, increasing.
    fineness : ndarray of int64
        A piece that is not coarser than another has no smaller number.
    group : ndarray of int64
        The first layers are one affine map on all pieces of a group.
    dim : ndarray of int64
        Dimension of each piece.
    """

    vertices: list[IntArray]
    fineness: IntArray
    group: IntArray
    dim: IntArray

    def __len__(self) -> int:
        return len(self.vertices)


def pieces_of(region: Subcomplex, layer: int) -> Pieces:
    """The pieces on which the first `layer` hidden layers are affine."""
    cx = region.complex
    inside = np.zeros(cx.n_cells, dtype=np.bool_)
    inside[region.cells] = True
    ends = np.concatenate([[0], np.cumsum(cx.network.hidden_widths)])
    group_of_cell = _numbers(cx, int(ends[layer]))
    found: list[tuple[IntArray, int, int, int]] = []
    left = inside.copy()
    own = cx.cell_vertices
    for depth in range(layer, len(ends)):
        number = _numbers(cx, int(ends[depth]))
        starts = np.flatnonzero(np.diff(number, prepend=-1))
        whole = np.logical_and.reduceat(inside, starts) & left[starts]
        for g in np.flatnonzero(whole).tolist():
            begin = int(starts[g])
            end = int(starts[g + 1]) if g + 1 < len(starts) else cx.n_cells
            corners = np.unique(own.indices[own.indptr[begin] : own.indptr[end]])
            found.append((corners, depth, int(group_of_cell[begin]), cx.dim))
            left[begin:end] = False
    found += _loose_faces(region, group_of_cell, len(ends))
    columns = [np.array([piece[k] for piece in found], dtype=np.int64) for k in (1, 2, 3)]
    return Pieces([piece[0] for piece in found], *columns)


def _numbers(cx: CellComplex, neurons: int) -> IntArray:
    """Numbers of the cells of a network that has only the first neurons: cells are in order."""
    prefix = cx.patterns[:, :neurons]
    changes: BoolArray = (prefix[1:] != prefix[:-1]).any(axis=1)
    return np.concatenate([[0], np.cumsum(changes)]).astype(np.int64)


def _loose_faces(
    region: Subcomplex, group_of_cell: IntArray, fineness: int
) -> list[tuple[IntArray, int, int, int]]:
    """The faces of the set that lie in no other face of it."""
    cx, found = region.complex, []
    for k in range(cx.dim):
        faces, above = cx.faces(k), cx.faces(k + 1).facets
        covered = np.zeros(len(faces), dtype=np.bool_)
        covered[above[region.faces(k + 1)].indices] = True
        for i in region.faces(k).tolist():
            if not covered[i]:
                group = int(group_of_cell[faces.cells[i][0]])
                found.append((faces.vertices[i], fineness, group, k))
    return found
