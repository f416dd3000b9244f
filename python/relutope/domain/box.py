"""Domains: the part of input space that is decomposed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arithmetic import ieee_arithmetic
from ..errors import InvalidDomainError

__all__ = ["Box", "FlatBox"]


@ieee_arithmetic
class _Bounds:
    """What two arrays of bounds have in common, whatever they are bounds of."""

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Bounds) or type(other) is not type(self):
            return NotImplemented
        return np.array_equal(self.lower, other.lower) and np.array_equal(self.upper, other.upper)

    def __hash__(self) -> int:
        return hash(((self.lower + 0.0).tobytes(), (self.upper + 0.0).tobytes()))  # -0.0 equals 0.0

    def __repr__(self) -> str:
        return f"{type(self).__name__}({_shown(self.lower)}, {_shown(self.upper)})"


@ieee_arithmetic
@dataclass(frozen=True, eq=False, init=False, repr=False)
class Box(_Bounds):
    """The closed box of all x with ``lower[k] <= x[k] <= upper[k]`` for every axis k.

    Parameters
    ----------
    lower, upper : float or array_like, shape (n,)
        Bounds of each axis; a scalar stands for all axes. The bounds are taken as exactly these
        doubles. An axis may be unbounded on one or both sides (``-inf``, ``inf``).
    dim : int, optional
        Number of axes when both bounds are scalars. May be left out: the box then adapts to the
        network it is used with.

    Raises
    ------
    InvalidDomainError
        If a bound is NaN, the shapes differ, or ``lower < upper`` fails on some axis.

    Examples
    --------
    >>> import relutope as rt
    >>> rt.Box(-1, 1, dim=2)
    Box([-1.0, -1.0], [1.0, 1.0])
    >>> rt.Box([0, 0], [1, 2]).dim
    2
    """

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    _bounded: bool

    def __init__(self, lower: ArrayLike, upper: ArrayLike, dim: int | None = None) -> None:
        lower, upper = _bounds("lower", lower), _bounds("upper", upper)
        if lower.ndim and upper.ndim and lower.shape != upper.shape:
            raise InvalidDomainError(
                f"`lower` has {lower.size} entries, `upper` has {upper.size}; give one bound "
                "per axis"
            )
        shape = np.broadcast_shapes(lower.shape, upper.shape)
        if dim is not None and shape not in ((), (dim,)):
            raise InvalidDomainError(f"`dim` is {dim}, but the bounds have {shape[0]} axes")
        if dim is not None:
            shape = (dim,)
        lower = np.broadcast_to(lower, shape).copy()
        upper = np.broadcast_to(upper, shape).copy()
        if not np.all(lower < upper):
            axis = int(np.flatnonzero(np.atleast_1d(~(lower < upper)))[0])
            a, b = float(np.atleast_1d(lower)[axis]), float(np.atleast_1d(upper)[axis])
            raise InvalidDomainError(
                f"`lower` must be below `upper` on every axis; on axis {axis} they are {a} and "
                f"{b}, so the box has no interior"
            )
        lower.flags.writeable = upper.flags.writeable = False
        object.__setattr__(self, "lower", lower)
        object.__setattr__(self, "upper", upper)
        finite = bool(np.isfinite(lower).all() and np.isfinite(upper).all())
        object.__setattr__(self, "_bounded", finite)

    @property
    def dim(self) -> int | None:
        """Number of axes, or None if both bounds were scalars and `dim` was not given."""
        return self.lower.size if self.lower.ndim else None

    def with_dim(self, dim: int) -> Box:
        """The same box with its number of axes fixed to `dim`.

        Parameters
        ----------
        dim : int
            Number of inputs.

        Returns
        -------
        Box

        Raises
        ------
        InvalidDomainError
            If the box has another number of axes.
        """
        if self.dim == dim:
            return self
        if self.dim is not None:
            raise InvalidDomainError(
                f"`domain` has {self.dim} axes, but the network has {dim} inputs"
            )
        return Box(self.lower, self.upper, dim)

    @property
    def bounded(self) -> bool:
        """Whether every bound is finite."""
        return self._bounded

    def contains(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Whether each row of `points`, shape (k, n), lies in the closed box; shape (k,).

        Parameters
        ----------
        points : array_like, shape (k, n)

        Returns
        -------
        ndarray of bool, shape (k,)
        """
        x = np.asarray(points, dtype=np.float64)
        return np.asarray(((x >= self.lower) & (x <= self.upper)).all(axis=1))

    def contains_strictly(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Whether each row of `points`, shape (k, n), lies in the interior; shape (k,).

        Parameters
        ----------
        points : array_like, shape (k, n)

        Returns
        -------
        ndarray of bool, shape (k,)
        """
        x = np.asarray(points, dtype=np.float64)
        return np.asarray(((x > self.lower) & (x < self.upper)).all(axis=1))


@ieee_arithmetic
@dataclass(frozen=True, eq=False, repr=False)
class FlatBox(_Bounds):
    """A box in which some inputs have one value only, as verification properties have them.

    It has no interior, so no cells of full dimension: `slice` decomposes the network on it, as a
    function of the other inputs.

    Parameters
    ----------
    lower, upper : array_like, shape (n,)
        Bounds of each input, ``lower <= upper``; where they are equal the input is fixed.

    Raises
    ------
    InvalidDomainError
        If a bound is NaN, the shapes differ, a fixed value is not finite, a lower bound is above
        its upper one, or no input is free.

    Examples
    --------
    >>> import relutope as rt
    >>> flat = rt.FlatBox([0, 0.5, -1], [1, 0.5, 1])
    >>> flat.free.tolist(), flat.box
    ([0, 2], Box([0.0, -1.0], [1.0, 1.0]))
    """

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]

    def __post_init__(self) -> None:
        lower, upper = _bounds("lower", self.lower), _bounds("upper", self.upper)
        if lower.ndim == 0 or lower.shape != upper.shape:
            raise InvalidDomainError(
                f"`lower` and `upper` need one bound per input, got {lower.shape}, {upper.shape}"
            )
        fixed = lower == upper
        if not (lower <= upper).all() or not np.isfinite(lower[fixed]).all() or fixed.all():
            raise InvalidDomainError(
                "`lower` must be at most `upper`, below it for at least one input, and finite "
                f"where they are equal, got {lower.tolist()} and {upper.tolist()}"
            )
        lower.flags.writeable = upper.flags.writeable = False
        object.__setattr__(self, "lower", lower)
        object.__setattr__(self, "upper", upper)

    @property
    def free(self) -> NDArray[np.int64]:
        """The inputs that are not fixed, shape (k,)."""
        return np.flatnonzero(self.lower < self.upper)

    @property
    def box(self) -> Box:
        """The bounds of the free inputs."""
        return Box(self.lower[self.free], self.upper[self.free])

    @property
    def embedding(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Origin (n,) and basis (k, n): ``x = origin + t @ basis`` for free inputs t."""
        fixed = self.lower == self.upper
        return np.where(fixed, self.lower, 0.0), np.eye(len(fixed))[self.free]


def _shown(bounds: NDArray[np.float64]) -> str:
    """As Python text that gives the same bounds again."""
    return repr(bounds.tolist()).replace("inf", "float('inf')")


def _bounds(name: str, value: Any) -> NDArray[np.float64]:
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidDomainError(f"`{name}` must be a number or one per axis: {error}") from None
    if array.ndim > 1 or (array.ndim == 1 and array.size == 0):
        raise InvalidDomainError(
            f"`{name}` must be a number or one per axis, got shape {array.shape}"
        )
    if np.isnan(array).any():
        raise InvalidDomainError(f"`{name}` contains NaN")
    return array
