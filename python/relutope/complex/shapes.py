"""Sizes of cells: diameters, and the largest balls inside."""

from __future__ import annotations

import numpy as np

from ..common.arrays import FloatArray
from .cell_complex import CellComplex

__all__ = ["chebyshev", "diameters"]


def diameters(cx: CellComplex) -> FloatArray:
    """The largest distance of two points of each cell, shape (n_cells,); infinite if unbounded."""
    result = np.full(cx.n_cells, np.inf)
    for i in np.flatnonzero(cx.bounded).tolist():
        corners = cx.vertices[cx.cell_vertices[i]]
        apart = corners[:, None, :] - corners[None, :, :]
        result[i] = np.sqrt((apart**2).sum(axis=2).max())
    return result


def chebyshev(cx: CellComplex) -> tuple[FloatArray, FloatArray]:
    """Centres, shape (n_cells, n), and radii, shape (n_cells,), of the largest balls inside.

    By a linear program for each cell, in floating point. Where a cell holds balls of any size, the
    radius is infinite and the centre NaN.
    """
    from scipy.optimize import linprog

    n = cx.dim
    centres, radii = np.full((cx.n_cells, n), np.nan), np.full(cx.n_cells, np.inf)
    objective = np.r_[np.zeros(n), -1.0]
    bounds = [(None, None)] * n + [(0, None)]
    for i in range(cx.n_cells):
        cell = cx.cell(i)
        if not len(cell.b):
            continue
        length = np.linalg.norm(cell.A, axis=1)
        rows = np.column_stack([cell.A / length[:, None], np.ones(len(length))])
        found = linprog(objective, A_ub=rows, b_ub=cell.b / length, bounds=bounds)
        if found.status == 0:
            centres[i], radii[i] = found.x[:n], found.x[n]
    return centres, radii
