"""Domains given by inequalities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arithmetic import ieee_arithmetic
from ..common.exact import affine_signs
from ..errors import InvalidDomainError

__all__ = ["Polytope"]


@ieee_arithmetic
@dataclass(frozen=True, eq=False, init=False)
class Polytope:
    """The polyhedron ``{x : A x <= b}``, taken exactly as these doubles; it may be unbounded.

    Redundant rows are allowed. That the polyhedron has interior points is checked, exactly, when it
    is used.

    Parameters
    ----------
    A : array_like, shape (k, n)
    b : array_like, shape (k,)

    Raises
    ------
    InvalidDomainError
        If the shapes do not fit or a number is not finite.

    Examples
    --------
    >>> import relutope as rt
    >>> triangle = rt.Polytope([[-1, 0], [0, -1], [1, 1]], [0, 0, 1])
    >>> net = [([[1.0, -1.0]], [0.0]), ([[1.0]], [0.0])]
    >>> rt.decompose(net, triangle).f_vector.tolist()
    [4, 5, 2]
    """

    A: NDArray[np.float64]
    b: NDArray[np.float64]

    def __init__(self, A: ArrayLike, b: ArrayLike) -> None:
        try:
            rows = np.array(A, dtype=np.float64, order="C")
            bounds = np.array(b, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise InvalidDomainError(f"`A` and `b` must be arrays of numbers: {error}") from None
        if rows.ndim != 2 or rows.shape[1] == 0:
            raise InvalidDomainError(f"`A` must have shape (k, n), got {rows.shape}")
        if bounds.shape != (len(rows),):
            raise InvalidDomainError(f"`b` must have shape ({len(rows)},), got {bounds.shape}")
        if not (np.isfinite(rows).all() and np.isfinite(bounds).all()):
            raise InvalidDomainError("`A` and `b` must be finite; leave out rows without a bound")
        rows.flags.writeable = bounds.flags.writeable = False
        object.__setattr__(self, "A", rows)
        object.__setattr__(self, "b", bounds)

    @property
    def dim(self) -> int:
        """Number n of axes."""
        return int(self.A.shape[1])

    def with_dim(self, dim: int) -> Polytope:
        """The polyhedron itself, after checking its number of axes.

        Parameters
        ----------
        dim : int
            Number of inputs.

        Returns
        -------
        Polytope

        Raises
        ------
        InvalidDomainError
            If it has another number of axes.
        """
        if self.dim != dim:
            raise InvalidDomainError(
                f"`domain` has {self.dim} axes, but the network has {dim} inputs"
            )
        return self

    def slack_signs(self, points: ArrayLike) -> NDArray[np.int8]:
        """Exact signs of ``b - A x`` for each row of `points`, shape (k, n); int8, (k, rows).

        Parameters
        ----------
        points : array_like, shape (k, n)

        Returns
        -------
        ndarray of int8, shape (k, m)
        """
        return affine_signs(-self.A, self.b, points)

    def contains(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Whether each row of `points`, shape (k, n), lies in the closed polyhedron; exact.

        Parameters
        ----------
        points : array_like, shape (k, n)

        Returns
        -------
        ndarray of bool, shape (k,)
        """
        return np.asarray((self.slack_signs(points) >= 0).all(axis=1))

    def contains_strictly(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Whether each row of `points`, shape (k, n), lies in the interior; exact.

        Parameters
        ----------
        points : array_like, shape (k, n)

        Returns
        -------
        ndarray of bool, shape (k,)
        """
        signs = self.slack_signs(points)
        bounds_nothing = ~self.A.any(axis=1)  # 0 <= b
        return np.asarray(((signs > 0) | (bounds_nothing & (signs == 0))).all(axis=1))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Polytope):
            return NotImplemented
        return np.array_equal(self.A, other.A) and np.array_equal(self.b, other.b)

    def __hash__(self) -> int:
        return hash(((self.A + 0.0).tobytes(), (self.b + 0.0).tobytes()))  # -0.0 equals 0.0

    def __repr__(self) -> str:
        return f"Polytope({len(self.b)} inequalities in R^{self.dim})"
