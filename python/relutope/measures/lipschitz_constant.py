"""The largest slope of a network over a domain: the norm of the gradient, over all cells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import inf, isqrt, nextafter
from pathlib import Path
from time import perf_counter
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..common.arguments import checked_seconds
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import ReadOnlyArrays
from ..common.progress import Progress, search_watch, watched
from ..complex.cell_complex import CellComplex
from ..decomposition.decomposing import decompose
from ..decomposition.sliced import Slice
from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope
from ..network.network import Network
from .cell_maps import CellMaps
from .eigenvalues import largest_eigenvalue, root_bounds

__all__ = ["Lipschitz", "lipschitz"]

FloatArray = NDArray[np.float64]
Integers = NDArray[np.object_]
Norm: TypeAlias = Literal[1, 2] | float
_UNIT = 2.0**-53


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class Lipschitz(ReadOnlyArrays):
    """Result of `lipschitz`.

    Attributes
    ----------
    norm : float
        1, 2 or ``inf``.
    value : Fraction or None
        The constant, where it is rational: for the norms 1 and ``inf``, and for 2 where its square
        is known and is the square of a rational number.
    squared : Fraction or None
        Its square; None for the norm 2 with several inputs and several outputs, where it is an
        eigenvalue.
    bounds : tuple of float
        A certified interval that holds it; a few units in the last place wide.
    cell : int
        The first cell of `complex` that attains it. For eigenvalues: up to the width of `bounds`.
    complex : Complex
        The cells.
    """

    norm: float
    value: Fraction | None
    squared: Fraction | None
    bounds: tuple[float, float]
    cell: int
    complex: CellComplex

    @property
    def nearest(self) -> float:
        """The constant as a double: exactly rounded where it is rational."""
        return self.bounds[1] if self.value is None else float(self.value)

    @cached_property
    def gradient(self) -> list[list[Fraction]]:
        """The slopes on `cell`, exactly: a row for each output."""
        return CellMaps(self.complex.network).gradient(self.complex.patterns[self.cell])

    def __repr__(self) -> str:
        return f"Lipschitz({self.nearest:.6g} in the norm {self.norm:g}, at cell {self.cell})"


@ieee_arithmetic
def lipschitz(
    network: Any,
    domain: Box | FlatBox | Polytope | str | Path | None = None,
    norm: Norm = 2,
    *,
    max_cells: int | None = None,
    max_seconds: float | None = None,
    threads: int | None = None,
    progress: Progress = False,
) -> Lipschitz:
    """The Lipschitz constant of a network over a domain, exactly.

    It is the largest operator norm of the affine maps of all cells: the smallest L with
    ``|f(x) - f(y)| <= L |x - y|``, where both sides have the norm `norm`. For one output that is
    the largest gradient in the dual norm: the largest slope for 1, the Euclidean length for 2, the
    sum of all slopes for ``inf``. For several outputs it is the largest sum of a column for 1, of a
    row for ``inf``, and the largest singular value for 2.

    Only cells count, which have an interior: what backpropagation returns where a neuron is zero
    need not be a slope of the network.

    Parameters
    ----------
    network : Complex, or Network, torch.nn.Module, sequence of (W, b), or path of a file
        What to measure; a complex is taken with its domain.
    domain : Box, FlatBox, Polytope, or path of a ``.vnnlib`` file, optional
        Convex, as all domains are; all of R^n by default. With a `FlatBox` only the free inputs
        move.
    norm : {1, 2, inf}
        Norm of both inputs and outputs.
    max_cells, max_seconds, threads, progress : optional
        As for `decompose`. The time is that of the whole call.

    Returns
    -------
    Lipschitz

    Raises
    ------
    ValueError
        If `norm` is none of these, or a domain is given beside a complex.
    CellLimitError, StoppedError
        If a budget ends, or `progress` returns True.
    InvalidDomainError, InvalidNetworkError, UnsupportedLayerError
        If the domain or the network cannot be used.

    See Also
    --------
    extremes : the values that the network takes.

    Examples
    --------
    >>> import relutope as rt
    >>> net = [([[3, 4], [1, 0]], [0, -9]), ([[1, 1]], [0])]  # the second neuron is off in the box
    >>> found = rt.lipschitz(net, rt.Box(-1, 1))
    >>> found.value, found.squared, found.gradient
    (Fraction(5, 1), Fraction(25, 1), [[Fraction(3, 1), Fraction(4, 1)]])
    >>> rt.lipschitz(net, rt.Box(-1, 1), norm=float("inf")).value
    Fraction(7, 1)
    """
    if norm not in (1, 2, inf):
        raise ValueError(f"`norm` must be 1, 2 or float('inf'), got {norm!r}")
    start, limit = perf_counter(), checked_seconds("max_seconds", max_seconds)
    cx = _cells(
        network, domain, max_cells=max_cells, max_seconds=limit, threads=threads, progress=progress
    )
    maps = CellMaps(cx.network)
    candidates = _candidates(cx, float(norm)).tolist()
    with search_watch(progress, limit, start) as watch:
        cells = watched(candidates, watch, cx.n_cells)
        if norm == 2 and min(cx.network.output_dim, cx.dim) > 1:
            return _spectral(cx, maps, cells)
        best, cell = -1, 0
        for i in cells:
            A, _ = maps.of(cx.patterns[i])
            size = _integer_norm(A, norm)
            if size > best:
                best, cell = size, i
    if norm == 2:
        squared = Fraction(best, maps.denominator**2)
        return Lipschitz(2.0, _root(squared), squared, root_bounds(squared, squared), cell, cx)
    value = Fraction(best, maps.denominator)
    return Lipschitz(float(norm), value, value * value, _around(value), cell, cx)


def _cells(network: Any, domain: Any, **budget: Any) -> CellComplex:
    if isinstance(network, CellComplex):
        if domain is not None:
            raise ValueError(
                "`domain` must be left out where `network` is a complex, which has one"
            )
        return network
    found = decompose(network, domain, **budget)
    return found.complex if isinstance(found, Slice) else found


def _integer_norm(A: Integers, norm: float) -> int:
    if norm == 2:
        return int((A * A).sum())
    return int(np.abs(A).sum(axis=0 if norm == 1 else 1).max())


def _root(squared: Fraction) -> Fraction | None:
    a, b = isqrt(squared.numerator), isqrt(squared.denominator)
    return Fraction(a, b) if a * a == squared.numerator and b * b == squared.denominator else None


def _around(value: Fraction) -> tuple[float, float]:
    """The nearest doubles on both sides."""
    try:
        near = float(value)
    except OverflowError:
        return 1.7976931348623157e308, inf
    low = near if Fraction(near) <= value else nextafter(near, -inf)
    return low, near if Fraction(near) >= value else nextafter(near, inf)


def _spectral(cx: CellComplex, maps: CellMaps, cells: Iterable[int]) -> Lipschitz:
    best: tuple[Fraction, Fraction] = (Fraction(-1), Fraction(-1))
    cell, seen = 0, set()
    for i in cells:
        A, _ = maps.of(cx.patterns[i])
        gram = A @ A.T if len(A) <= A.shape[1] else A.T @ A
        key = tuple(gram.ravel())
        if key in seen:
            continue
        seen.add(key)
        low, high = largest_eigenvalue(gram, maps.denominator**2)
        if low > best[0]:
            cell = i
        best = max(best[0], low), max(best[1], high)
    return Lipschitz(2.0, None, None, root_bounds(*best), cell, cx)


# -- which cells can attain the maximum


def _candidates(cx: CellComplex, norm: float) -> NDArray[np.int64]:
    """Cells whose norms, computed in floating point, reach the largest but for rounding."""
    with np.errstate(all="ignore"):
        A, _ = cx.affine_maps()
        error = _composition_error(cx.network)
        size = np.linalg.norm(A, ord=norm, axis=(1, 2)) if A.size else np.zeros(len(A))
        # Norms of the errors bound the errors of the norms; their own rounding is far smaller.
        slack = float(np.linalg.norm(error)) if norm == 2 else float(error.sum())
        slack += 1e-10 * float(size.max(initial=0.0))
        if not np.isfinite(slack) or not np.isfinite(size).all():
            return np.arange(len(size))
        return np.flatnonzero(size + slack >= size.max() - slack)


def _composition_error(network: Network) -> FloatArray:
    """Bounds of the errors of all entries of `affine_maps`, whatever the pattern; shape (m, n).

    Each product of matrices of inner length k errs by at most ``k u |A| |B|``, to first order, and
    by k of the smallest doubles where numbers underflow, which later layers enlarge.
    """
    total, terms, growth = np.eye(network.input_dim), 0, 1.0
    for W, _ in network.sparse_layers:
        size = abs(W)
        total = np.asarray(size @ total)
        terms += W.shape[1] + 1
        growth *= max(1.0, float(size.sum(axis=0).max()), float(size.sum(axis=1).max()))
    underflow = 2 * terms * 5e-324 * growth
    return np.asarray(total * (1.1 * terms * _UNIT) * (1 + terms * 1e-15) + underflow)
