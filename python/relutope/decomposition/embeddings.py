"""Affine subspaces of the input space, and networks in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from ..common.arrays import FloatArray
from ..common.exact import independent_columns
from ..domain.box import Box
from ..domain.polytope import Polytope
from ..network.network import Network

__all__ = ["Affine", "after_maps", "along_basis", "orthonormal_maps", "simplex", "through_points"]

Affine: TypeAlias = tuple[FloatArray, FloatArray]  # (A, c): t -> A t + c


def through_points(points: ArrayLike, n: int) -> list[Affine]:
    """The maps from parameters to the affine hull of points, by their shares of them."""
    P = _finite_doubles("points", points)
    if P.ndim > 2 and P[0].size == n:
        P = P.reshape(len(P), n)
    if P.ndim != 2 or P.shape[1] != n or len(P) < 2:
        raise ValueError(
            f"`points` must have shape (k + 1, {n}), at least two points in the rows, got {P.shape}"
        )
    dependent = _first_dependent(np.column_stack([P, np.ones(len(P))]))
    if dependent is not None:
        raise ValueError(
            f"`points[{dependent}]` is an affine combination of the points before it; leave it out"
        )
    k = len(P) - 1
    weights = np.vstack([-np.ones(k), np.eye(k)]), np.eye(k + 1)[0]
    return [weights, (np.ascontiguousarray(P.T), np.zeros(n))]


def after_maps(network: Network, maps: Sequence[Affine]) -> Network:
    """The network as a function of the parameters, exactly."""
    for A, c in reversed(maps):
        network = network.after_affine(A, c)
    return network


def along_basis(embedding: Any, n: int) -> list[Affine]:
    """The map from parameters to ``origin + t @ basis``."""
    try:
        given_origin, given_basis = embedding
    except (TypeError, ValueError):
        raise ValueError("`embedding` must be a pair (origin, basis)") from None
    origin = _finite_doubles("origin", given_origin)
    basis = _finite_doubles("basis", given_basis)
    if origin.shape != (n,):
        raise ValueError(f"`origin` must have shape ({n},), got {origin.shape}")
    if basis.ndim != 2 or basis.shape[1] != n or len(basis) < 1:
        raise ValueError(f"`basis` must have shape (k, {n}), got {basis.shape}")
    dependent = _first_dependent(basis)
    if dependent is not None:
        raise ValueError(
            f"`basis[{dependent}]` is a linear combination of the rows before it (or zero); leave "
            "it out"
        )
    return [(np.ascontiguousarray(basis.T), origin)]


def _finite_doubles(name: str, value: ArrayLike) -> FloatArray:
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"`{name}` must be an array of numbers: {error}") from None
    if not np.isfinite(array).all():
        raise ValueError(f"`{name}` contains NaN or infinity")
    return array


def _first_dependent(rows: FloatArray) -> int | None:
    """The first row that is a linear combination of those before it."""
    independent = independent_columns(rows.T)
    return next((i for i in range(len(rows)) if i not in independent), None)


def orthonormal_maps(
    maps: list[Affine], corners: FloatArray | None
) -> tuple[list[Affine], FloatArray | None]:
    """The same subspace by an orthonormal basis, and the corners in its parameters, rounded."""
    k = maps[0][0].shape[1]
    ends = np.vstack([np.zeros(k), np.eye(k)])
    for A, c in maps:
        ends = ends @ A.T + c
    Q, R = np.linalg.qr((ends[1:] - ends[0]).T)
    sign = np.where(np.diag(R) < 0, -1.0, 1.0)  # t_j grows along direction j
    moved = None if corners is None else corners @ (sign[:, None] * R).T
    return [(np.ascontiguousarray(Q * sign), ends[0])], moved


def simplex(corners: FloatArray) -> Box | Polytope:
    """The convex hull of k + 1 points of R^k, of which the first is 0."""
    k = corners.shape[1]
    if k == 1:
        return Box(0, corners[1, 0], dim=1)
    inverse = np.linalg.inv(corners[1:].T)  # t = corners^T shares: the shares are >= 0, sum <= 1
    return Polytope(np.vstack([-inverse, inverse.sum(axis=0)]), np.eye(k + 1)[k])
