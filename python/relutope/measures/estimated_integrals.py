"""Integrals over a box of any dimension, estimated from random points with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import log, sqrt
from pathlib import Path
from typing import Any

import numpy as np

from ..common.arguments import checked_count, checked_seed
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import FloatArray, ReadOnlyArrays
from ..domain.box import Box, FlatBox
from ..errors import InvalidDomainError
from ..network.conversion import as_network
from ..network.core import bound_boxes, core_network
from ..network.network import Network
from ..search.domains import checked_domain, on_free_inputs
from .integrals import box_volume, constants_of
from .rounding import rounding_gap
from .stacked import difference, stacked
from .totals import Interval, outward

__all__ = ["IntegralEstimates", "estimate_integrals"]

_POINTS_AT_ONCE = 1 << 22  # numbers


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class IntegralEstimates(ReadOnlyArrays):
    """Result of `estimate_integrals`.

    Attributes
    ----------
    volume : Fraction
        Of the box, in the inputs that are not fixed; exact.
    mean, variance : ndarray, shape (m,)
        Of each output.
    mean_intervals, variance_intervals : ndarray, shape (m, 2)
    class_shares : ndarray, shape (classes,)
        Classes as for `integrate`.
    class_share_intervals : ndarray, shape (classes, 2)
    distance : float or None
        The L2 distance to `to`.
    distance_interval : tuple of float, or None
    samples : int
    confidence : float
        With which each interval, taken alone, holds.
    """

    volume: Fraction
    mean: FloatArray
    mean_intervals: FloatArray
    variance: FloatArray
    variance_intervals: FloatArray
    class_shares: FloatArray
    class_share_intervals: FloatArray
    distance: float | None
    distance_interval: tuple[float, float] | None
    samples: int
    confidence: float

    def __repr__(self) -> str:
        means = ", ".join(f"{mean:.6g}" for mean in self.mean[:8].tolist())
        return (
            f"IntegralEstimates(mean [{means}{', ...' if len(self.mean) > 8 else ''}] over a "
            f"volume of {float(self.volume):.6g}; {self.samples:,} points, "
            f"{self.confidence:.4g} confidence)"
        )


@ieee_arithmetic
def estimate_integrals(
    network: Any,
    domain: Box | FlatBox | str | Path,
    *,
    to: Any = None,
    samples: int = 100_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> IntegralEstimates:
    """Mean, variance, class shares and L2 distance over a box, from random points, with intervals.

    For more free inputs, or more cells, than `integrate` can take. Intervals hold for any network
    and any number of points: the range of the outputs that they need is bounded with certainty, and
    so is the rounding of the forward pass.

    Parameters
    ----------
    network : Network, torch.nn.Module, sequence of (W, b), or path of a file
        As for `decompose`.
    domain : Box, FlatBox, or path of a ``.vnnlib`` file
        Bounded.
    to : number, sequence of numbers, or a network, optional
        What the L2 distance is measured to: a constant for each output, or another network of the
        same inputs and outputs.
    samples : int
        Number of uniform random points, at least 2.
    confidence : float
        Coverage of each interval, between 0 and 1.
    seed : int
        Of the points; the same seed gives the same result.

    Returns
    -------
    IntegralEstimates

    Raises
    ------
    InvalidDomainError
        If the domain is no bounded box, or does not fit.
    ValueError
        If another argument is out of range.
    InvalidNetworkError, UnsupportedLayerError
        If a network cannot be used, or the two do not fit.

    See Also
    --------
    integrate, estimate_count, rounding_gap

    Notes
    -----
    Means by the empirical Bernstein inequality, standard deviations by its companion [1]_ (Theorems
    4 and 10), shares by Clopper and Pearson [2]_. Points are multiples of 2^-53 of the box's width,
    which is taken as uniform.

    References
    ----------
    .. [1] A. Maurer, M. Pontil, Empirical Bernstein bounds and sample variance penalization, COLT
       2009.
    .. [2] C. Clopper, E. S. Pearson, The use of confidence or fiducial limits illustrated in the
       case of the binomial, Biometrika 26 (1934).

    Examples
    --------
    The mean of ``|x|`` over ten coordinates in [-1, 1] is 1/2:

    >>> import numpy as np, relutope as rt
    >>> pairs = np.vstack([np.eye(10), -np.eye(10)])
    >>> net = [(pairs, np.zeros(20)), (np.full((1, 20), 0.1), [-0.5])]
    >>> found = rt.estimate_integrals(net, rt.Box(-1, 1), samples=20_000)
    >>> low, high = found.mean_intervals[0]
    >>> bool(low <= 0 <= high), bool(high - low < 0.02)
    (True, True)
    """
    net, box = _on_box(network, domain)
    count, seed = checked_count("samples", samples, 2), checked_seed(seed)
    if not 0 < confidence < 1:
        raise ValueError(f"`confidence` must be between 0 and 1, got {confidence}")
    other = None if to is None else _difference_to(net, to)
    m = net.output_dim
    values = _values(net if other is None else stacked(net, other), box, count, seed)
    outputs, apart = values[:, :m], values[:, m:]
    risk = 1 - confidence
    mean, means, spread = _moments(net, box, outputs, risk)
    shares, share_intervals = _shares(net, box, outputs, risk)
    volume = box_volume(box)
    distance, interval = None, None
    if other is not None:
        distance, interval = _distance(other, box, apart, risk, volume)
    return IntegralEstimates(
        volume=volume,
        mean=mean,
        mean_intervals=means,
        variance=outputs.var(axis=0, ddof=1),
        variance_intervals=spread**2,
        class_shares=shares,
        class_share_intervals=share_intervals,
        distance=distance,
        distance_interval=interval,
        samples=count,
        confidence=confidence,
    )


def _on_box(network: Any, domain: Any) -> tuple[Network, Box]:
    net, given = on_free_inputs(as_network(network), checked_domain(domain))
    if not isinstance(given, Box) or not given.with_dim(net.input_dim).bounded:
        raise InvalidDomainError("`domain` must be a bounded box to draw points from it")
    return net, given.with_dim(net.input_dim)


def _difference_to(net: Network, to: Any) -> Network:
    """The network ``net - to``."""
    constants = constants_of(to, net.output_dim)
    if constants is None:
        return difference(net, as_network(to))
    n, m = net.input_dim, net.output_dim
    bias = np.array([float(c) for c in constants])
    constant = Network([(np.zeros((1, n)), np.zeros(1)), (np.zeros((m, 1)), bias)], [1])
    return difference(net, constant)


def _values(net: Network, box: Box, count: int, seed: int) -> FloatArray:
    """The outputs at random points, shape (count, m)."""
    rng = np.random.default_rng(seed)
    widest = max(net.input_dim, net.output_dim, *net.hidden_widths, 1)
    step = max(1, _POINTS_AT_ONCE // widest)
    parts = []
    for begin in range(0, count, step):
        unit = rng.random((min(step, count - begin), net.input_dim))
        points = np.clip(box.lower * (1 - unit) + box.upper * unit, box.lower, box.upper)
        parts.append(net.forward(points))
    return np.concatenate(parts)


def _ranges(net: Network, box: Box) -> tuple[FloatArray, FloatArray]:
    """Certified bounds of the outputs over the box."""
    m, free = net.output_dim, np.full((1, net.n_neurons), np.inf)
    rows = (np.zeros((m, net.input_dim)), np.eye(m), np.zeros(m), [False] * m)
    boxes = (box.lower[None].copy(), box.upper[None].copy())
    _, _, least, most, *_ = bound_boxes(core_network(net), rows, boxes, (-free, free))
    return least[0], most[0]


def _gap(net: Network, box: Box) -> FloatArray:
    """Certified bounds of what rounding does to each output."""
    return np.asarray(rounding_gap(net, box, "float64").bound)


def _moments(
    net: Network, box: Box, values: FloatArray, risk: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Means, their intervals, and intervals of standard deviations."""
    count, gap = len(values), _gap(net, box)
    low, high = _ranges(net, box)
    mean, deviation = values.mean(axis=0), values.std(axis=0, ddof=1)
    within = _bernstein(deviation, high - low, count, risk) + gap
    means = np.column_stack([np.maximum(mean - within, low), np.minimum(mean + within, high)])
    around = (high - low) * sqrt(2 * log(2 / risk) / (count - 1)) + gap
    most = (high - low) / 2
    spread = np.column_stack(
        [np.maximum(deviation - around, 0.0), np.minimum(deviation + around, most)]
    )
    return mean, means, spread


def _bernstein(deviation: Any, width: Any, count: int, risk: float) -> Any:
    """Half the width of a mean's interval, from both sides together."""
    tail = log(4 / risk)
    return deviation * sqrt(2 * tail / count) + 7 * width * tail / (3 * (count - 1))


def _shares(
    net: Network, box: Box, outputs: FloatArray, risk: float
) -> tuple[FloatArray, FloatArray]:
    """Shares of the classes; a point so near a tie that rounding may decide counts either way."""
    from scipy.special import betaincinv

    count, gap = len(outputs), _gap(net, box)
    if outputs.shape[1] == 1:
        outputs, gap = np.column_stack([np.zeros(count), outputs]), np.array([0.0, gap[0]])
    label = outputs.argmax(axis=1)
    classes = outputs.shape[1]
    best = (outputs - gap).max(axis=1)
    possible = ((outputs + gap) >= best[:, None]).sum(axis=0)
    alone = ((outputs + gap) >= best[:, None]).sum(axis=1) == 1
    certain = np.bincount(label[alone], minlength=classes)
    low, high = np.zeros(classes), np.ones(classes)
    some, not_all = certain > 0, possible < count
    low[some] = betaincinv(certain[some], count - certain[some] + 1, risk / 2)
    high[not_all] = betaincinv(possible[not_all] + 1, count - possible[not_all], 1 - risk / 2)
    return np.bincount(label, minlength=classes) / count, np.column_stack([low, high])


def _distance(
    apart: Network, box: Box, values: FloatArray, risk: float, volume: Fraction
) -> tuple[float, tuple[float, float]]:
    """The L2 norm of a network, and its interval."""
    low, high = _ranges(apart, box)
    largest = np.maximum(np.abs(low), np.abs(high))
    least = np.where((low <= 0) & (high >= 0), 0.0, np.minimum(np.abs(low), np.abs(high)))
    squares = (values**2).sum(axis=1)
    bottom, top = float((least**2).sum()), float((largest**2).sum())
    # (|v| + gap)^2 - |v|^2, and the rounding of the squares themselves
    gap = _gap(apart, box)
    rounding = float((gap * (2 * largest + gap)).sum()) + top * len(low) * 2.0**-50
    mean = float(squares.mean())
    within = _bernstein(float(squares.std(ddof=1)), top - bottom, len(values), risk) + rounding
    size = outward(Interval(volume, volume))
    lower = sqrt(max(mean - within, bottom, 0.0) * size[0])
    return sqrt(mean * float(volume)), (lower, sqrt(min(mean + within, top) * size[1]))
