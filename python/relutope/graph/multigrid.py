"""Algebraic multigrid for graph Laplacians: the preconditioner behind `fiedler`.

Smoothed aggregation [1]_ with aggregates from a maximal independent set of distance two, a
Chebyshev smoother [2]_ and a dense solve on the coarsest level. NumPy and SciPy only.

References
----------
.. [1] P. Vanek, J. Mandel, M. Brezina, "Algebraic multigrid by smoothed aggregation for second and
   fourth order elliptic problems", Computing 56 (1996).
.. [2] M. Adams, M. Brezina, J. Hu, R. Tuminaro, "Parallel multigrid smoothing: polynomial versus
   Gauss-Seidel", J. Comput. Phys. 188 (2003).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, eigh, pinvh
from scipy.sparse import csr_array, diags_array, eye_array

__all__ = ["Multigrid"]

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

_COARSEST = 500  # rows solved densely (0.1 s)
# Couplings below this fraction of the strongest ones of both ends do not aggregate. Measured on
# grids and Delaunay duals: no effect on unit weights, up to twice as fast on weights spread over
# many orders of magnitude than with 0, 0.02 or 0.1.
_STRONG = 0.25
_SMOOTHING_RANGE = 10.0  # the smoother damps the upper part [rho / 10, rho] of the spectrum
_POWER_STEPS = 15
_POWER_MARGIN = 1.1  # the power method underestimates the spectral radius


@dataclass(frozen=True, eq=False)
class _Level:
    matrix: csr_array
    inverse_diagonal: FloatArray  # (n, 1)
    radius: float  # upper estimate of the spectral radius of D^-1 A
    prolongation: csr_array


class Multigrid:
    """A V-cycle for a symmetric positive semidefinite matrix with a known null vector.

    Parameters
    ----------
    matrix : csr_array, shape (n, n), float64
        Laplacian of a *connected* graph, combinatorial or normalised: stored positive diagonal,
        symmetric structure.
    null : ndarray, shape (n,), float64
        Its null vector; no entry zero.
    rng : numpy.random.Generator
        Breaks ties between nodes; fixes the result.
    """

    def __init__(self, matrix: csr_array, null: FloatArray, rng: np.random.Generator) -> None:
        self._levels: list[_Level] = []
        mass = eye_array(matrix.shape[0], format="csr")  # Gram matrix of the coarse basis
        while matrix.shape[0] > _COARSEST:
            aggregate = _aggregate(_strong_couplings(matrix), rng)
            count = int(aggregate.max()) + 1
            if count > 0.9 * matrix.shape[0]:
                break
            level, null = _coarsen(matrix, null, aggregate, count, rng)
            self._levels.append(level)
            matrix = _triple_product(level, matrix)
            mass = _triple_product(level, mass)
        self._matrix = matrix.toarray()
        self._mass = mass.toarray()
        self._inverse = pinvh(self._matrix)

    def solve(self, right: FloatArray) -> FloatArray:
        """Apply one V-cycle: a fixed symmetric approximation of the pseudo-inverse, (n, k)."""
        return self._cycle(right, 0)

    def low_modes(self, k: int) -> FloatArray:
        """Return up to k vectors (n, <=k) that approximate the lowest modes but the null one."""
        try:
            _, modes = eigh(self._matrix, self._mass)
        except LinAlgError:  # the smoothed coarse basis is linearly dependent
            _, modes = eigh(self._matrix)
        modes = modes[:, 1 : k + 1]
        for level in reversed(self._levels):
            modes = level.prolongation @ modes
        return np.asarray(modes, dtype=np.float64)

    def _cycle(self, right: FloatArray, depth: int) -> FloatArray:
        if depth == len(self._levels):
            return np.asarray(self._inverse @ right)
        level = self._levels[depth]
        x = _smooth(level, None, right)
        correction = self._cycle(level.prolongation.T @ _residual(level, x, right), depth + 1)
        x += level.prolongation @ correction
        return _smooth(level, x, right)


def _residual(level: _Level, x: FloatArray, right: FloatArray) -> FloatArray:
    image: FloatArray = level.matrix @ x
    return np.subtract(right, image, out=image)


def _smooth(level: _Level, x: FloatArray | None, right: FloatArray) -> FloatArray:
    """Two Chebyshev steps on D^-1 A over [radius / 10, radius]; symmetric, so a valid smoother.

    From 0 where `x` is None.
    """
    high, low = level.radius, level.radius / _SMOOTHING_RANGE
    centre, half = (high + low) / 2, (high - low) / 2
    residual = right.copy() if x is None else _residual(level, x, right)
    step = level.inverse_diagonal * residual
    step /= centre
    residual -= level.matrix @ step
    residual *= level.inverse_diagonal
    residual *= 2 / half
    x = step.copy() if x is None else x + step
    step *= half / centre
    step += residual
    step *= 1 / (2 * centre / half - half / centre)
    x += step
    return x


def _coarsen(
    matrix: csr_array,
    null: FloatArray,
    aggregate: IntArray,
    count: int,
    rng: np.random.Generator,
) -> tuple[_Level, FloatArray]:
    """Build one level and the null vector of the next from an aggregation into `count` parts."""
    n = matrix.shape[0]
    coarse_null = np.sqrt(np.bincount(aggregate, null * null, count))
    tentative = csr_array(
        (null / coarse_null[aggregate], aggregate, np.arange(n + 1)), shape=(n, count)
    )
    inverse = 1 / matrix.diagonal()
    radius = _spectral_radius(matrix, inverse, rng)
    smoother = diags_array(4 / (3 * radius) * inverse, format="csr")
    prolongation = (tentative - smoother @ (matrix @ tentative)).tocsr()
    return _Level(matrix, inverse[:, None], radius, prolongation), coarse_null


def _triple_product(level: _Level, matrix: csr_array) -> csr_array:
    return csr_array(level.prolongation.T.tocsr() @ matrix @ level.prolongation)


def _spectral_radius(matrix: csr_array, inverse: FloatArray, rng: np.random.Generator) -> float:
    x = rng.standard_normal(matrix.shape[0])
    norm = 1.0
    for _ in range(_POWER_STEPS):
        x = inverse * (matrix @ (x / norm))
        norm = float(np.linalg.norm(x))
    return _POWER_MARGIN * norm


def _strong_couplings(matrix: csr_array) -> csr_array:
    """Structure of the strong couplings, diagonal included; every row keeps its strongest."""
    kind = matrix.indices.dtype
    row = np.repeat(np.arange(matrix.shape[0], dtype=kind), np.diff(matrix.indptr))
    diagonal = row == matrix.indices
    size = np.where(diagonal, 0.0, np.abs(matrix.data))
    strongest = np.maximum.reduceat(size, matrix.indptr[:-1])
    weaker_end = np.minimum(strongest[row], strongest[matrix.indices])
    weaker_end *= _STRONG
    keep = diagonal | (size >= weaker_end)
    counts = np.concatenate([[0], np.cumsum(np.add.reduceat(keep, matrix.indptr[:-1], dtype=kind))])
    present = np.ones(int(counts[-1]), dtype=np.int8)
    return csr_array((present, matrix.indices[keep], counts.astype(kind)), shape=matrix.shape)


def _aggregate(structure: csr_array, rng: np.random.Generator) -> IntArray:
    """Part of each node: the nodes around each root; no two roots are closer than three steps."""
    root = _independent_set(structure, rng)
    part = np.full(structure.shape[0], -1, dtype=np.int64)
    part[root] = np.arange(np.count_nonzero(root))
    for _ in range(2):
        part = np.where(part < 0, _neighbour_maximum(structure, part), part)
    return part


def _independent_set(structure: csr_array, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Maximal set of nodes at distance three or more from each other (Luby's algorithm)."""
    n = structure.shape[0]
    priority = rng.permutation(n) + 1
    top = n + 1
    root = np.zeros(n, dtype=np.bool_)
    open_ = np.ones(n, dtype=np.bool_)
    while open_.any():
        rank = np.where(open_, priority, 0)
        rank[root] = top
        best = _neighbour_maximum(structure, _neighbour_maximum(structure, rank))
        root |= open_ & (best == priority)
        open_ &= (best != top) & ~root
    return root


def _neighbour_maximum(structure: csr_array, value: IntArray) -> IntArray:
    """Maximum of a value over each node and its neighbours."""
    return np.asarray(np.maximum.reduceat(value[structure.indices], structure.indptr[:-1]))
