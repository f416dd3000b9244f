"""The main entry point."""

from __future__ import annotations

import os
import time
from typing import Any

from .complex import Complex
from .domain import Box
from .errors import EngineError, InvalidDomainError
from .network import as_network
from .polytope import Polytope
from .problem import Problem
from .progress import search_progress

__all__ = ["decompose"]


def decompose(
    network: Any,
    domain: Box | Polytope | None = None,
    *,
    engine: str = "auto",
    threads: int | None = None,
    max_cells: int | None = None,
    progress: bool = False,
) -> Complex:
    """All cells of a ReLU network's input space and how they touch, exactly.

    A cell is the closure of an open set on which every hidden preactivation has one strict sign or
    vanishes identically. Every sign is certified: floating point with a proven error bound,
    integers when that is not enough. Degenerate weights (zero biases, repeated or opposite neurons,
    zero rows, hyperplanes through each other's intersections) are ordinary input.

    Parameters
    ----------
    network : torch.nn.Sequential, Network, or sequence of (W, b)
        ReLU between all layers, none after the last. Weights are taken exactly.
    domain : Box or Polytope, optional
        Where to look; all of R^n by default.
    engine : {"auto", "vertex"}
        "vertex" holds each cell by its vertices.
    threads : int, optional
        Worker threads; all processors that this process may use by default. The result does not
        depend on it.
    max_cells : int, optional
        Stop with an error when there are more cells than this.
    progress : bool
        Show progress on stderr during long searches.

    Returns
    -------
    Complex

    Raises
    ------
    InvalidNetworkError, UnsupportedLayerError
        If the network cannot be used.
    InvalidDomainError
        If the domain is empty or does not fit the network.
    EngineError
        If the engine is unknown or cannot hold so many dimensions.
    CellLimitError
        If there are more than `max_cells` cells.
    KeyboardInterrupt
        On Ctrl-C, within a fraction of a second.

    Examples
    --------
    >>> import relutope as rt
    >>> net = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, -1.0]], [0.0])]
    >>> cx = rt.decompose(net, rt.Box(-1, 1))
    >>> cx.n_cells, cx.n_edges, cx.f_vector.tolist()
    (4, 4, [9, 12, 4])
    """
    if engine not in ("auto", "vertex"):
        raise EngineError(f"`engine` must be 'auto' or 'vertex', got {engine!r}")
    if domain is not None and not isinstance(domain, (Box, Polytope)):
        raise InvalidDomainError(
            "`domain` must be a relutope.Box, a relutope.Polytope or None (all of R^n), "
            f"got {type(domain).__name__}"
        )
    if max_cells is not None and max_cells < 1:
        raise ValueError(f"`max_cells` must be at least 1, got {max_cells}")
    problem = Problem(as_network(network), domain)
    workers = _threads(threads)
    start = time.perf_counter()
    with search_progress(progress) as report:
        cells = problem.search_cells(workers, max_cells, report)
    seconds = time.perf_counter() - start
    stats = {"engine": "vertex", "threads": workers, "seconds": seconds, **cells.counts}
    return Complex.from_core(problem, cells, stats)


def _threads(threads: int | None) -> int:
    if threads is None:
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1
    if threads < 1:
        raise ValueError(f"`threads` must be at least 1, got {threads}")
    return threads
