"""How many cells there are, by an unbiased estimate."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..common.arguments import (
    checked_count,
    checked_seed,
    worker_threads,
)
from ..common.arithmetic import ieee_arithmetic
from ..common.progress import Progress, search_progress
from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope
from ..network.conversion import NetworkLike, as_network
from .crew import Executors
from .domains import checked_domain, on_free_inputs
from .problem import Problem
from .workers import estimate_by_parts

__all__ = ["CountEstimate", "estimate_count"]

# Independent runs behind an estimate. Few large ones beat many small ones: a run's variance falls
# faster than its size grows.
_BATCHES = 16


@ieee_arithmetic
@dataclass(frozen=True)
class CountEstimate:
    """Result of `estimate_count`.

    Attributes
    ----------
    estimate : float
        Unbiased estimate of the number of cells.
    standard_error : float
        Estimated standard deviation of `estimate`; 0 if `exact`.
    interval : tuple of float
        Confidence interval for the number of cells.
    confidence : float
        Its nominal confidence.
    samples : int
        As asked for.
    seconds : float
        Wall time.
    exact : bool
        Whether every cell was seen, so that `estimate` is the number of cells.
    """

    estimate: float
    standard_error: float
    interval: tuple[float, float]
    confidence: float
    samples: int
    seconds: float
    exact: bool

    def __str__(self) -> str:
        if self.exact:
            return f"{self.estimate:.0f} cells, all seen ({self.seconds:.3g} s)"
        low, high = self.interval
        return (
            f"about {self.estimate:.4g} cells, {self.confidence:.0%} interval "
            f"{low:.4g} to {high:.4g} ({self.seconds:.3g} s)"
        )


@ieee_arithmetic
def estimate_count(
    network: NetworkLike,
    domain: Box | FlatBox | Polytope | str | Path | None = None,
    *,
    samples: int = 2048,
    confidence: float = 0.95,
    seed: int = 0,
    threads: int | None = None,
    progress: Progress = False,
    executor: Executors | None = None,
) -> CountEstimate:
    """An unbiased estimate of the number of cells, for networks that have too many to visit.

    Splitting the domain by one neuron after the other makes a tree whose leaves are the cells.
    Knuth [1]_ follows one random path and counts its leaf as the inverse of its probability. Here
    many paths go down together: of the partial cells that have come to the same neuron, a random
    choice goes on, each with a probability proportional to its weight times a prediction of the
    leaves below it (as in [2]_, with the systematic choice of [3]_), and the weight is divided by
    the probability. The prediction, fitted to 128 paths of Knuth's, decides about the variance
    only; the expected value is the number of cells whatever it is. Linear programs decide, with
    certificates, which neurons cut a partial cell, in any dimension.

    The estimate is the mean of 16 independent runs. The interval takes Student's t distribution
    for its logarithm, since runs are skewed to the right: ``estimate * exp(+- t * relative
    standard error)``. Intervals are trustworthy when the relative standard error is small, say
    below 0.2; raise `samples` otherwise. When all cells are seen, the result is exact.

    Parameters
    ----------
    network : Network, torch.nn.Module, sequence of (W, b), or path of a file
        As for `decompose`.
    domain : Box, FlatBox, Polytope, or path of a ``.vnnlib`` file, optional
        Where to look; all of R^n by default. Inputs that a `FlatBox` fixes are dropped: cells are
        those of the network as a function of the others.
    samples : int
        Partial cells that go on from each neuron, over all runs, about; at least 16. Time grows
        with it, memory hardly.
    confidence : float
        Nominal coverage of the interval, between 0 and 1.
    seed : int
        Of the random choices, 0 to 2^64 - 1. The same seed gives the same estimate, whatever
        `threads` is.
    threads : int, optional
        Worker threads; all processors that this process may use by default.
    progress : bool or callable
        Show progress on stderr during long searches; or a callable that is told the cells found,
        the parts of the search that are done, and all parts. If it returns True, the search stops.
    executor : concurrent.futures.Executor or callable, optional
        Who walks, as for `count`. Each worker does some of the runs, after what all of them begin
        with, about an eighth of the whole.

    Returns
    -------
    CountEstimate

    Raises
    ------
    InvalidNetworkError, UnsupportedLayerError
        If the network cannot be used.
    InvalidDomainError
        If the domain is empty or does not fit the network.
    OverflowError
        If the estimate is too large for a float.
    KeyboardInterrupt
        On Ctrl-C, within a fraction of a second.

    See Also
    --------
    count, decompose

    References
    ----------
    .. [1] D. E. Knuth, Estimating the efficiency of backtrack programs, Math. Comp. 29 (1975).
    .. [2] P. C. Chen, Heuristic sampling: a method for predicting the performance of tree searching
       programs, SIAM J. Comput. 21 (1992).
    .. [3] P. Fearnhead, P. Clifford, On-line inference for hidden Markov models via particle
       filters, J. R. Stat. Soc. B 65 (2003).

    Examples
    --------
    >>> import relutope as rt
    >>> net = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, -1.0]], [0.0])]
    >>> result = rt.estimate_count(net, rt.Box(-1, 1))
    >>> result.estimate, result.exact
    (4.0, True)
    """
    given = checked_domain(domain)
    samples, seed = checked_count("samples", samples), checked_seed(seed)
    if samples < _BATCHES:
        raise ValueError(f"`samples` must be at least {_BATCHES}, got {samples}")
    if not 0 < confidence < 1:
        raise ValueError(f"`confidence` must be between 0 and 1, got {confidence}")
    problem = Problem(*on_free_inputs(as_network(network), given))
    workers = worker_threads(threads)
    start = time.perf_counter()
    with search_progress(progress) as report:
        population = samples / _BATCHES
        if executor is None:
            runs, exact = problem.estimate_cells(workers, _BATCHES, population, seed, report)
        else:
            runs, exact = estimate_by_parts(problem, executor, _BATCHES, population, seed, report)
    seconds = time.perf_counter() - start
    estimate, error, interval = _summary(np.asarray(runs), exact, confidence)
    return CountEstimate(estimate, error, interval, confidence, samples, seconds, exact)


def _summary(
    runs: np.ndarray[Any, np.dtype[np.float64]], exact: bool, confidence: float
) -> tuple[float, float, tuple[float, float]]:
    """Mean, standard error and interval of independent unbiased estimates."""
    if exact:
        return float(runs[0]), 0.0, (float(runs[0]), float(runs[0]))
    scale = runs.max()  # squares of the numbers may be too large
    if scale == 0:  # every run has lost all of its paths
        return 0.0, math.inf, (0.0, math.inf)
    mean = float(np.mean(runs / scale))
    relative = float(np.std(runs / scale, ddof=1)) / math.sqrt(len(runs)) / mean
    estimate = mean * float(scale)
    from scipy.special import stdtrit

    half = float(stdtrit(len(runs) - 1, 0.5 + confidence / 2)) * relative
    return (
        estimate,
        relative * estimate,
        (estimate * math.exp(-half), float(estimate * np.exp(half))),
    )
