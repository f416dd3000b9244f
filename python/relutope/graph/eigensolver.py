"""The lowest eigenpairs of the Laplacian of a connected graph."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse import csr_array

from .multigrid import Multigrid

__all__ = ["SAME", "clusters", "gaps", "lowest_modes"]

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

SAME = 1e-9  # relative difference below which eigenvalues count as one
_DENSE = 500  # nodes up to which all eigenvalues are computed densely (30 ms)
_WIDE = 5  # also if the graph has fewer nodes than this many times the block
_FLOOR = 1e-14  # relative to the largest diagonal entry: what double precision can resolve
_MAX_STEPS = 500
_WELL_CONDITIONED = 1e-3  # square of the loss of digits that one orthogonalisation may leave
_PATIENCE = 30  # steps without halving a residual before the iteration stops


def lowest_modes(
    laplacian: csr_array, null: FloatArray, k: int, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Eigenvalues ascending and unit vectors (n, ...) of the lowest modes orthogonal to `null`.

    All n - 1 of them for small graphs. Else by LOBPCG with a multigrid preconditioner: of those
    that are given the first k are converged as far as double precision allows, the others are a
    help to tell whether the k-th is repeated, and how far the next one is.

    Parameters
    ----------
    laplacian : csr_array, shape (n, n)
        Of a connected graph with n >= 2.
    null : ndarray, shape (n,)
        Its null vector, positive, of any length.
    k : int
    seed : int
    """
    n = laplacian.shape[0]
    scale = laplacian.diagonal().max()
    null = null / np.linalg.norm(null)
    block = k + max(3, k // 4)
    if n <= max(_DENSE, _WIDE * block):
        # Moving the null vector to the top keeps it apart from a second eigenvalue near 0.
        values, vectors = eigh(laplacian.toarray() + 3 * scale * np.outer(null, null))
        return values[:-1], vectors[:, :-1]
    rng = np.random.default_rng(seed)
    scaled = (laplacian.data * (1 / scale), laplacian.indices, laplacian.indptr)
    matrix = csr_array(scaled, shape=laplacian.shape)
    multigrid = Multigrid(matrix, null, rng)
    noise = rng.standard_normal((n, block))
    start = multigrid.low_modes(block)
    noise[:, : start.shape[1]] *= 1e-4
    noise[:, : start.shape[1]] += start * (np.sqrt(n) / np.linalg.norm(start, axis=0))
    values, vectors = _lobpcg(matrix, null[:, None], noise, multigrid, k)
    return values * scale, vectors


def clusters(values: FloatArray, rounding: float = 0.0) -> tuple[IntArray, IntArray]:
    """First and last index of the run of equal values that each of the ascending values is in.

    Neighbours are equal if they agree to SAME relative, or to `rounding`.
    """
    new = np.diff(values) > SAME * np.abs(values[1:]) + rounding
    first = np.concatenate([[0], np.flatnonzero(new) + 1])
    last = np.concatenate([first[1:] - 1, [values.size - 1]])
    run = np.concatenate([[0], np.cumsum(new)])
    return first[run].astype(np.int64), last[run].astype(np.int64)


def gaps(values: FloatArray, beyond: float, rounding: float = 0.0) -> FloatArray:
    """Distance of each of the ascending values to the nearest that differs from it.

    `beyond` stands for what comes after the last one.
    """
    first, last = clusters(values, rounding)
    padded = np.concatenate([[-np.inf], values, [beyond]])
    return np.asarray(np.minimum(values - padded[first], padded[last + 2] - values))


def _lobpcg(
    matrix: csr_array, null: FloatArray, start: FloatArray, multigrid: Multigrid, k: int
) -> tuple[FloatArray, FloatArray]:
    """Lowest eigenpairs orthogonal to `null` (n, 1), from a start (n, block).

    LOBPCG with an orthonormal basis (Knyazev 2001; Hetmaniuk and Lehoucq 2006): unlike a plain
    Gram matrix it loses no vector of the block when the basis becomes nearly dependent. Pairs of
    the first k that are accurate enough rest until they no longer are (soft locking).
    """
    x = _orthonormal(start, null)
    values, rotation = eigh(x.T @ (matrix @ x))
    x, direction = x @ rotation, x[:, :0]
    best, since = np.inf, 0
    for _ in range(_MAX_STEPS):
        image = matrix @ x
        residuals = image - x * values
        excess = np.sqrt(_squares(residuals)) / _wanted(values, k)
        worst = float(excess.max())
        best, since = (worst, 0) if worst < best / 2 else (best, since + 1)
        if worst <= 1 or since == _PATIENCE:
            break
        active = (excess > 0.5) | (np.arange(values.size) >= k)
        new = np.hstack([multigrid.solve(residuals[:, active]), direction])
        del residuals
        new = _orthonormal(new, np.hstack([null, x]))
        basis, image = np.hstack([x, new]), np.hstack([image, matrix @ new])
        values, rotation = eigh(basis.T @ image)
        values, rotation = values[: x.shape[1]], rotation[:, : x.shape[1]]
        direction = new @ rotation[x.shape[1] :, active]
        x = basis @ rotation
    return values, x


def _wanted(values: FloatArray, k: int) -> FloatArray:
    """Residuals that a trustworthy answer for the first k pairs needs.

    A vector's error is its residual over the gap. Copies of the k-th value must be accurate enough
    to be recognised, the first other value after it only to bound the gap.
    """
    last = values[k - 1]
    near = values - last <= 1e-3 * abs(last)
    beyond = np.inf if near.all() else values[np.argmin(near)]
    gap = gaps(values[near], beyond)
    gap = np.where(np.isfinite(gap), gap, values[near])
    wanted = np.full(values.size, np.inf)
    wanted[near] = np.minimum(1e-10, 1e-5 * values[near])
    wanted[:k] = np.minimum(1e-10, 1e-6 * gap[:k])
    if not near.all():
        wanted[np.argmin(near)] = 0.1 * (beyond - last)
    return np.asarray(np.maximum(_FLOOR, wanted))


def _orthonormal(block: FloatArray, against: FloatArray) -> FloatArray:
    """An orthonormal basis (n, <=k) of the block's part orthogonal to `against`."""
    for _ in range(2):  # once leaves an error of the block's condition, twice is enough
        shares = against.T @ block
        block = block - against @ shares
        squares, lost = _squares(block), _squares(shares)
        some = squares > 0
        norms, left = np.sqrt(squares[some]), squares[some] / (squares + lost)[some]
        block = block[:, some] / norms
        weights, rotation = eigh(block.T @ block) if block.shape[1] else (norms[:0], block[:0])
        keep = weights > 1e-12 * block.shape[1]
        block = block @ (rotation[:, keep] / np.sqrt(weights[keep]))
        if left.min(initial=1.0) * weights.min(initial=1.0) > _WELL_CONDITIONED:
            break
    return block


def _squares(block: FloatArray) -> FloatArray:
    """The squared lengths of the columns."""
    return np.asarray(np.einsum("ij,ij->j", block, block))
