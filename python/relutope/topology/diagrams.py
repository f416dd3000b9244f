"""Summaries of persistence diagrams, distances between them, and averages over random orders.

A diagram is the list of ``(dimension, (birth, death))`` that `persistence` returns. Those of a
superlevel filtration, where birth >= death, are read with the signs of all values changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arguments import checked_count, checked_seed
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import ReadOnlyArrays
from ..common.extras import require
from ..complex.cells import ComplexLike, complex_of
from .filtrations import persistence
from .pairs import Pair, ends_of

__all__ = [
    "RandomBettiCurves",
    "betti_curve",
    "bottleneck_distance",
    "persistent_entropy",
    "random_betti_curves",
    "total_persistence",
    "wasserstein_distance",
]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@ieee_arithmetic
def betti_curve(pairs: Iterable[Pair], grid: ArrayLike, dim: int) -> IntArray:
    """Return the Betti number of each set of a filtration, from its persistence.

    Parameters
    ----------
    pairs : iterable of (int, (float, float))
        From `persistence`.
    grid : array_like, shape (k,), float64
        Values t of the filtration.
    dim : int
        Dimension of the classes to count.

    Returns
    -------
    ndarray, shape (k,), int64
        Number of classes alive at each t: ``birth <= t < death``, and ``birth >= t > death`` for
        the pairs of a superlevel filtration.

    See Also
    --------
    persistence, relutope.topology.random_betti_curves, relutope.plotting.plot_betti_curves

    Examples
    --------
    >>> import relutope as rt
    >>> rt.betti_curve([(0, (-2.0, 2.0)), (0, (-2.0, float("inf")))], [-3, -2, 0, 2], dim=0)
    array([0, 2, 2, 1])
    """
    points = np.asarray(grid, dtype=np.float64)
    birth, death = _ends(pairs, dim)
    up = birth <= death
    rising = _passed(birth[up], points) - _passed(death[up], points)
    falling = _passed(-birth[~up], -points) - _passed(-death[~up], -points)
    return rising + falling


@ieee_arithmetic
def total_persistence(
    pairs: Iterable[Pair], dim: int, *, power: float = 1.0, cap: float | None = None
) -> float:
    """Return the sum of the lifetimes, each to a power.

    Parameters
    ----------
    pairs : iterable of (int, (float, float))
        From `persistence`.
    dim : int
        Dimension of the classes.
    power : float
        Exponent of each lifetime; 0 counts them.
    cap : float, optional
        Value at which infinite lifetimes are cut off; without it they are left out.

    Returns
    -------
    float

    See Also
    --------
    persistent_entropy, persistence

    Examples
    --------
    >>> from relutope.topology import total_persistence
    >>> total_persistence([(0, (0.0, 2.0)), (0, (1.0, 4.0)), (0, (0.0, float("inf")))], 0)
    5.0
    """
    return float((_lifetimes(pairs, dim, cap) ** power).sum())


@ieee_arithmetic
def persistent_entropy(pairs: Iterable[Pair], dim: int, *, cap: float | None = None) -> float:
    """Return the Shannon entropy, in nats, of the lifetimes as parts of their sum.

    Parameters
    ----------
    pairs : iterable of (int, (float, float))
        From `persistence`.
    dim : int
        Dimension of the classes.
    cap : float, optional
        Value at which infinite lifetimes are cut off; without it they are left out.

    Returns
    -------
    float
        0 without any class, log m for m classes of the same lifetime.

    See Also
    --------
    total_persistence, persistence

    References
    ----------
    .. [1] N. Atienza, R. Gonzalez-Diaz, M. Rucco, "Persistent entropy for separating topological
       features from noise in Vietoris-Rips complexes", J. Intell. Inf. Syst. 52 (2019).

    Examples
    --------
    >>> from relutope.topology import persistent_entropy
    >>> round(persistent_entropy([(1, (0.0, 1.0)), (1, (2.0, 3.0))], 1), 4)
    0.6931
    """
    lifetimes = _lifetimes(pairs, dim, cap)
    parts = lifetimes[lifetimes > 0]
    parts = parts / parts.sum() if len(parts) else parts
    return float(-(parts * np.log(parts)).sum()) + 0.0


@ieee_arithmetic
def bottleneck_distance(first: Iterable[Pair], second: Iterable[Pair], dim: int) -> float:
    """Return the bottleneck distance of two diagrams in one dimension, through gudhi.

    Parameters
    ----------
    first, second : iterable of (int, (float, float))
        From `persistence`.
    dim : int
        Dimension of the classes.

    Returns
    -------
    float
        Rounded; ``inf`` if they have different numbers of classes that never die, or that come
        from infinity.

    Raises
    ------
    MissingDependencyError
        If gudhi is not installed.

    See Also
    --------
    wasserstein_distance, persistence

    Examples
    --------
    >>> from relutope.topology import bottleneck_distance
    >>> bottleneck_distance([(1, (0.0, 3.0))], [(1, (0.5, 3.0)), (1, (1.0, 1.2))], 1)
    0.5
    """
    require("gudhi", "a distance of diagrams")
    from gudhi import bottleneck_distance as by_gudhi

    a, b = _split(first, dim), _split(second, dim)
    gaps = _gaps(a, b)
    if gaps is None:
        return float("inf")
    return float(max(by_gudhi(a[0], b[0]), gaps.max(initial=0.0)))


@ieee_arithmetic
def wasserstein_distance(
    first: Iterable[Pair], second: Iterable[Pair], dim: int, *, order: float = 1.0
) -> float:
    """Return the Wasserstein distance of two diagrams in one dimension, through gudhi (Hera).

    Parameters
    ----------
    first, second : iterable of (int, (float, float))
        From `persistence`.
    dim : int
        Dimension of the classes.
    order : float
        The exponent q >= 1; points are matched in the maximum norm.

    Returns
    -------
    float
        Within a relative error of 1e-6; ``inf`` as for `bottleneck_distance`.

    Raises
    ------
    ValueError
        If `order` is less than 1 or not finite.
    MissingDependencyError
        If gudhi is not installed.

    See Also
    --------
    bottleneck_distance, persistence

    Examples
    --------
    >>> from relutope.topology import wasserstein_distance
    >>> round(wasserstein_distance([(1, (0.0, 3.0))], [(1, (0.5, 3.0)), (1, (1.0, 1.5))], 1), 4)
    0.75
    """
    if not 1 <= order < np.inf:
        raise ValueError(f"`order` is {order}; give a finite number of at least 1")
    require("gudhi", "a distance of diagrams")
    from gudhi.hera import wasserstein_distance as by_gudhi

    a, b = _split(first, dim), _split(second, dim)
    gaps = _gaps(a, b)
    if gaps is None:
        return float("inf")
    finite = by_gudhi(a[0], b[0], order=order, internal_p=np.inf, delta=1e-6)
    return float((finite**order + (gaps**order).sum()) ** (1 / order))


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class RandomBettiCurves(ReadOnlyArrays):
    """Betti curves of random orders of the cells; see `random_betti_curves`.

    Attributes
    ----------
    grid : ndarray of float64, shape (k,)
        Share of the cells that have entered.
    mean : ndarray of float64, shape (n + 1, k)
        Mean Betti number over the draws, by dimension.
    low, high : ndarray of float64, shape (n + 1, k)
        Pointwise confidence interval of the mean.
    draws : int
    """

    grid: FloatArray
    mean: FloatArray
    low: FloatArray
    high: FloatArray
    draws: int

    def __repr__(self) -> str:
        return (
            f"RandomBettiCurves({self.draws} draws, dimensions 0 to {len(self.mean) - 1}, "
            f"{len(self.grid)} times)"
        )


@ieee_arithmetic
def random_betti_curves(
    complex: ComplexLike,
    draws: int = 20,
    *,
    grid: ArrayLike | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> RandomBettiCurves:
    """Return the mean Betti curves of cells that enter in random order, with a confidence band.

    Parameters
    ----------
    complex : Complex
    draws : int
        Number of independent random orders, at least 2: those of `persistence` with the seeds
        ``seed``, ``seed + 1``, ...
    grid : array_like, shape (k,), optional
        Values in [0, 1] at which the curves are taken; 101 by default.
    confidence : float
        Level of the interval, between 0 and 1: Student's, of the mean, for each point by itself.
    seed : int

    Returns
    -------
    RandomBettiCurves

    Raises
    ------
    ValueError
        If `draws` is less than 2 or `confidence` is not between 0 and 1.

    See Also
    --------
    betti_curve, persistence, relutope.plotting.plot_betti_curves
    """
    complex = complex_of(complex)
    draws, seed = checked_count("draws", draws, 2), checked_seed(seed)
    if not 0 < confidence < 1:
        raise ValueError(f"`confidence` is {confidence}; give a number between 0 and 1")
    from scipy.special import stdtrit

    points = np.linspace(0, 1, 101) if grid is None else np.asarray(grid, dtype=np.float64)
    curves = np.empty((draws, complex.dim + 1, len(points)))
    for draw in range(draws):
        pairs = persistence(complex, "random", seed=seed + draw)
        curves[draw] = [betti_curve(pairs, points, k) for k in range(complex.dim + 1)]
    mean = curves.mean(axis=0)
    half = curves.std(axis=0, ddof=1) / np.sqrt(draws)
    half *= stdtrit(draws - 1, (1 + confidence) / 2)
    return RandomBettiCurves(points, mean, mean - half, mean + half, draws)


def _ends(pairs: Iterable[Pair], dim: int) -> tuple[FloatArray, FloatArray]:
    birth, death = ends_of(pairs, dim).T
    return birth, death


def _passed(events: FloatArray, points: FloatArray) -> IntArray:
    """Number of events at or before each point."""
    return np.searchsorted(np.sort(events), points, side="right").astype(np.int64)


def _rising(pairs: Iterable[Pair], dim: int) -> tuple[FloatArray, FloatArray]:
    """Births and deaths with birth <= death."""
    birth, death = _ends(pairs, dim)
    return (-birth, -death) if (birth > death).any() else (birth, death)


def _lifetimes(pairs: Iterable[Pair], dim: int, cap: float | None) -> FloatArray:
    birth, death = _ends(pairs, dim)
    infinite = ~(np.isfinite(birth) & np.isfinite(death))
    if cap is None:
        return np.abs(death - birth)[~infinite] if len(birth) else birth
    birth, death = (np.where(np.isinf(ends), cap, ends) for ends in (birth, death))
    return np.abs(death - birth)


def _split(pairs: Iterable[Pair], dim: int) -> tuple[FloatArray, FloatArray, FloatArray, int]:
    """Finite points, births of those that never die, deaths of those from infinity, the rest."""
    birth, death = _rising(pairs, dim)
    starts, ends = np.isfinite(birth), np.isfinite(death)
    finite = np.column_stack([birth, death])[starts & ends]
    both = int((~starts & ~ends).sum())
    return finite, np.sort(birth[starts & ~ends]), np.sort(death[~starts & ends]), both


def _gaps(
    a: tuple[FloatArray, FloatArray, FloatArray, int],
    b: tuple[FloatArray, FloatArray, FloatArray, int],
) -> FloatArray | None:
    """Distances of the matched infinite classes; None if they cannot be matched."""
    if len(a[1]) != len(b[1]) or len(a[2]) != len(b[2]) or a[3] != b[3]:
        return None
    return np.asarray(np.abs(np.concatenate([a[1] - b[1], a[2] - b[2]])))
