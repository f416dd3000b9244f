"""Integrals over a bounded domain: volumes, means, variances, class shares, L2 distances."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import factorial
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..common.arguments import checked_count, checked_seconds, worker_threads
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import ReadOnlyArrays
from ..common.progress import Progress, Watch, search_watch, watched
from ..complex.cell_complex import CellComplex
from ..decisions.regions import decision_regions
from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope
from ..errors import EngineError, InvalidDomainError, StoppedError
from ..network.conversion import as_network
from ..network.network import Network
from ..search.domains import checked_domain, on_free_inputs
from ..search.problem import Outputs, Problem
from ..search.solution import solve
from ..verdicts.exact_forward import ExactForward
from ..verdicts.simplices import simplex_volume
from .eigenvalues import root_bounds
from .stacked import difference
from .totals import Interval, Total, outward

__all__ = ["Integrals", "box_volume", "constants_of", "integrate"]

FloatArray = NDArray[np.float64]
Fractions = tuple[Fraction, ...]
MOST_INPUTS = 6
Item = TypeVar("Item")


class Budget(NamedTuple):
    """How much a search may take, and who is told how far it is."""

    threads: int
    max_cells: int | None
    watch: Watch | None


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class Integrals(ReadOnlyArrays):
    """Result of `integrate`.

    Exact values are fractions; adding thousands of them takes long, so each is computed when first
    asked for. Beside each are certified bounds by doubles, a few units in the last place wide, that
    do not take long.

    Attributes
    ----------
    volume : Fraction
        Of the domain, in the inputs that are not fixed.
    n_cells, n_simplices : int
        What was integrated over.
    first, second : tuple of Total
        Integrals of each output and of its square.
    by_class : tuple of Total
        Volumes of the classes.
    squared : Total or None
        Integral of the squared distance to `to`.
    """

    volume: Fraction
    n_cells: int
    n_simplices: int
    first: tuple[Total, ...]
    second: tuple[Total, ...]
    by_class: tuple[Total, ...]
    squared: Total | None

    @cached_property
    def mean(self) -> Fractions:
        """The mean of each output, exactly."""
        return tuple(total.exact / self.volume for total in self.first)

    @property
    def mean_bounds(self) -> FloatArray:
        """Certified bounds of `mean`, shape (m, 2)."""
        return np.array([outward(mean) for mean in self._means])

    @cached_property
    def variance(self) -> Fractions:
        """The variance of each output, exactly."""
        squares = (total.exact / self.volume for total in self.second)
        return tuple(s - mean**2 for s, mean in zip(squares, self.mean, strict=True))

    @property
    def variance_bounds(self) -> FloatArray:
        """Certified bounds of `variance`, shape (m, 2)."""
        squares = (total.interval.scaled(1 / self.volume) for total in self.second)
        pairs = zip(squares, self._means, strict=True)
        found = np.array([outward(s - mean.squared()) for s, mean in pairs])
        return np.asarray(np.maximum(found, 0.0))

    @cached_property
    def class_shares(self) -> Fractions:
        """Share of the domain that each class has, exactly, as `decision_regions` decides.

        With several outputs the class is the index of the largest, the lowest of those that are
        tied; with one output there are two classes, 1 where f > 0 and 0 elsewhere.
        """
        return tuple(total.exact / self.volume for total in self.by_class)

    @property
    def class_share_bounds(self) -> FloatArray:
        """Certified bounds of `class_shares`, shape (classes, 2)."""
        shares = (total.interval.scaled(1 / self.volume) for total in self.by_class)
        return np.asarray(np.clip([outward(share) for share in shares], 0.0, 1.0))

    @cached_property
    def squared_distance(self) -> Fraction:
        """The square of the L2 distance to `to`: the integral of ``|f - to|^2``, exactly.

        Raises
        ------
        ValueError
            If `to` was not given.
        """
        return self._squared.exact

    @property
    def distance_bounds(self) -> tuple[float, float]:
        """Certified bounds of the L2 distance to `to`.

        Raises
        ------
        ValueError
            If `to` was not given.
        """
        interval = self._squared.interval
        return root_bounds(max(interval.low, Fraction(0)), interval.high)

    @property
    def _squared(self) -> Total:
        if self.squared is None:
            raise ValueError("`to` was not given to integrate, so there is no distance")
        return self.squared

    @property
    def _means(self) -> list[Interval]:
        return [total.interval.scaled(1 / self.volume) for total in self.first]

    def __repr__(self) -> str:
        means = ", ".join(f"{low:.6g}" for low, _ in self.mean_bounds[:8])
        return (
            f"Integrals(mean [{means}{', ...' if len(self.first) > 8 else ''}] over a volume of "
            f"{float(self.volume):.6g}; {self.n_cells:,} cells)"
        )


@ieee_arithmetic
def integrate(
    network: Any,
    domain: Box | FlatBox | Polytope | str | Path | None = None,
    *,
    to: Any = None,
    max_cells: int | None = None,
    max_seconds: float | None = None,
    threads: int | None = None,
    progress: Progress = False,
) -> Integrals:
    """Mean, variance, class shares and L2 distance of a network over a bounded domain, exactly.

    The cells are triangulated at their exact rational vertices. On a simplex the outputs are
    affine, so that they and their squares are integrated by closed formulas.

    Parameters
    ----------
    network : Complex, or Network, torch.nn.Module, sequence of (W, b), or path of a file
        A complex is taken with its domain.
    domain : Box, FlatBox, Polytope, or path of a ``.vnnlib`` file
        Bounded, with at most six inputs that are not fixed. Needed unless `network` is a complex.
    to : number, sequence of numbers, or a network, optional
        What the L2 distance is measured to: a constant for each output, or another network of the
        same inputs and outputs.
    max_cells, max_seconds, threads, progress : optional
        As for `decompose`. The time is that of the whole call.

    Returns
    -------
    Integrals

    Raises
    ------
    EngineError
        If more than six inputs are free: triangulations grow like n! and more. Fix inputs with a
        `FlatBox`, look at a `slice`, or take `estimate_integrals`.
    InvalidDomainError
        If the domain is unbounded, empty, or does not fit.
    CellLimitError, StoppedError
        If a budget ends, or `progress` returns True.
    InvalidNetworkError, UnsupportedLayerError
        If a network cannot be used, or the two do not fit.

    See Also
    --------
    estimate_integrals : for more inputs.
    extremes : the range of the outputs.
    compare : where and by how much two networks differ.

    Examples
    --------
    The mean of ``|x|`` on [-1, 1], its variance, and how often it exceeds 1/4:

    >>> import relutope as rt
    >>> net = [([[1], [-1]], [0, 0]), ([[1, 1]], [-0.25])]
    >>> found = rt.integrate(net, rt.Box(-1, 1))
    >>> found.mean, found.variance, found.class_shares[1]
    ((Fraction(1, 4),), (Fraction(1, 12),), Fraction(3, 4))
    """
    net, given = _problem(network, domain)
    workers = worker_threads(threads)
    if max_cells is not None:
        max_cells = checked_count("max_cells", max_cells)
    limit, start = checked_seconds("max_seconds", max_seconds), perf_counter()
    with search_watch(progress, limit, start) as watch:
        return _integrals(network, net, given, to, Budget(workers, max_cells, watch))


def _integrals(
    network: Any, net: Network, given: Box | Polytope, to: Any, budget: Budget
) -> Integrals:
    outputs: Outputs = "sign" if net.output_dim == 1 else "argmax"
    cut = network.n_output_neurons > 0 if isinstance(network, CellComplex) else False
    cx = network if cut else _solved(Problem.of_outputs(net, given, outputs), budget)
    pieces = Pieces(cx, budget.watch)
    m = net.output_dim
    labels = decision_regions(cx).labels[pieces.cell]
    by_class = tuple(
        Total([pieces.volumes[i] for i in np.flatnonzero(labels == k)]) for k in range(max(m, 2))
    )
    first = tuple(Total(pieces.first(k, Fraction(0))) for k in range(m))
    second = tuple(Total(pieces.second(k, Fraction(0))) for k in range(m))
    squared = None if to is None else _squared_distance(net, given, to, pieces, budget)
    volume = box_volume(given) if isinstance(given, Box) else Total(pieces.volumes).exact
    return Integrals(volume, cx.n_cells, len(pieces.cell), first, second, by_class, squared)


def _problem(network: Any, domain: Any) -> tuple[Network, Box | Polytope]:
    if isinstance(network, CellComplex):
        if domain is not None:
            raise ValueError(
                "`domain` must be left out where `network` is a complex, which has one"
            )
        net, given = network.network, network.domain
    else:
        net, given = on_free_inputs(as_network(network), checked_domain(domain))
        given = None if given is None else given.with_dim(net.input_dim)
    if given is None or (isinstance(given, Box) and not given.bounded):
        raise InvalidDomainError("`domain` must be bounded to integrate over it; give a box")
    if net.input_dim > MOST_INPUTS:
        raise EngineError(
            f"`domain` leaves {net.input_dim} inputs free, and exact integrals can be had in at "
            f"most {MOST_INPUTS}; take relutope.estimate_integrals, fix inputs with "
            "relutope.FlatBox, or integrate over a relutope.slice"
        )
    return net, given


def _solved(problem: Problem, budget: Budget) -> CellComplex:
    threads, max_cells, watch = budget
    try:
        found = solve(problem, "vertex", threads=threads, max_cells=max_cells, watch=watch)
    except StoppedError as stopped:
        stopped.partial = None  # some of the cells say nothing of the integral
        raise
    return CellComplex(found)


def box_volume(box: Box) -> Fraction:
    """The exact volume of a bounded box."""
    volume = Fraction(1)
    for low, high in zip(box.lower.tolist(), box.upper.tolist(), strict=True):
        volume *= Fraction(high) - Fraction(low)
    return volume


class Pieces:
    """The simplices of a bounded complex, with exact volumes and outputs.

    Attributes
    ----------
    corners : ndarray of int64, shape (k, n + 1)
    cell : ndarray of int64, shape (k,)
    volumes : list of Fraction
    """

    def __init__(self, cx: CellComplex, watch: Watch | None = None) -> None:
        if not cx.bounded.all():
            raise InvalidDomainError("`domain` must be bounded to integrate over it")
        solution = cx.solution
        core = solution.problem.search_vertices(solution.cells(), solution.threads, points=True)
        self.corners, self.cell = core.triangulate_cells(solution.cells())
        self.dim, self._n_cells, self._watch = cx.dim, cx.n_cells, watch
        found = [core.exact_point(v) for v in self._watched(range(core.num_vertices))]
        points = [(numerators, denominator) for numerators, _, denominator in found]
        scale = factorial(cx.dim)
        self.volumes = [
            simplex_volume([points[v] for v in row]) / scale
            for row in self._watched(self.corners.tolist())
        ]
        exact = ExactForward(cx.network)
        self.values = [
            exact.outputs([Fraction(a, denominator) for a in numerators])
            for numerators, denominator in self._watched(points)
        ]

    def _watched(self, items: Sequence[Item]) -> Iterator[Item]:
        return watched(items, self._watch, self._n_cells)

    def _simplices(self) -> Iterator[tuple[Fraction, list[int]]]:
        return self._watched(list(zip(self.volumes, self.corners.tolist(), strict=True)))

    def first(self, output: int, minus: Fraction) -> list[Fraction]:
        """The integral of ``f_output - minus`` over each simplex."""
        at = [values[output] - minus for values in self.values]
        return [
            volume * sum((at[v] for v in row), Fraction(0)) / (self.dim + 1)
            for volume, row in self._simplices()
        ]

    def second(self, output: int, minus: Fraction) -> list[Fraction]:
        """The integral of ``(f_output - minus)^2``: that of two affine functions over a simplex is
        its volume times ``(sum_i f_i^2 + (sum_i f_i)^2) / ((n + 1) (n + 2))``.
        """
        at = [values[output] - minus for values in self.values]
        squares = [v * v for v in at]
        parts = (self.dim + 1) * (self.dim + 2)
        result = []
        for volume, row in self._simplices():
            total = sum((at[v] for v in row), Fraction(0))
            result.append(volume * (sum(squares[v] for v in row) + total * total) / parts)
        return result


def _squared_distance(
    net: Network,
    domain: Box | Polytope,
    to: Any,
    pieces: Pieces,
    budget: Budget,
) -> Total:
    constants = constants_of(to, net.output_dim)
    if constants is None:
        other = difference(net, as_network(to))
        pieces, constants = (
            Pieces(_solved(Problem(other, domain), budget), budget.watch),
            [Fraction(0)] * net.output_dim,
        )
    return Total([v for k, c in enumerate(constants) for v in pieces.second(k, c)])


def constants_of(to: Any, count: int) -> Sequence[Fraction] | None:
    """One number for each output; None if `to` is a network."""
    try:
        array = np.asarray(to, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    if array.ndim > 1:
        return None
    if array.shape not in ((), (1,), (count,)) or not np.isfinite(array).all():
        raise ValueError(f"`to` must be a network, or a finite number for each of {count} outputs")
    return [Fraction(v) for v in np.broadcast_to(array, (count,)).tolist()]
