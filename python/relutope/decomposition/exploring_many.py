"""The cells around many points, each around its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ..common.arithmetic import ieee_arithmetic
from ..common.tensors import detached
from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope
from ..network.conversion import NetworkLike, as_network
from ..search.crew import Executors, mapped
from ..search.domains import checked_domain
from ..search.problem import Outputs
from .exploration import Exploration
from .exploring import explore

__all__ = ["explore_each"]


@ieee_arithmetic
def explore_each(
    network: NetworkLike,
    X: ArrayLike,
    *,
    max_cells: int = 1000,
    radius: float = np.inf,
    order: Literal["bfs", "nearest"] = "bfs",
    domain: Box | FlatBox | Polytope | str | Path | None = None,
    outputs: Outputs | None = None,
    executor: Executors | None = None,
) -> list[Exploration]:
    """The cells around each of many points: ``explore`` for every row of `X`, side by side.

    Parameters
    ----------
    network : Network, torch.nn.Module, sequence of (W, b), or path of a file
        As for `explore`.
    X : array_like, shape (k, n)
        Where to start.
    max_cells, radius, order, domain, outputs
        As for `explore`, for each of the points.
    executor : concurrent.futures.Executor or callable, optional
        Who explores, as for `decompose`; this process by default. The result does not depend on it.

    Returns
    -------
    list of Exploration
        In the order of the points.

    Raises
    ------
    InvalidNetworkError, UnsupportedLayerError, InvalidDomainError, ValueError
        As for `explore`.

    See Also
    --------
    explore

    Examples
    --------
    >>> import relutope as rt
    >>> net = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, -1.0]], [0.0])]
    >>> [found.n_cells for found in rt.explore_each(net, [[3.0, 1.0], [-1.0, 2.0]], max_cells=2)]
    [2, 2]
    """
    points = np.ascontiguousarray(detached(X), dtype=np.float64)
    if points.ndim != 2:
        raise ValueError(f"`X` must have shape (k, n), got {points.shape}")
    options = {
        "max_cells": max_cells,
        "radius": radius,
        "order": order,
        "domain": checked_domain(domain),
        "outputs": outputs,
    }
    shared = (as_network(network), points, options)
    if executor is None:
        return [_explored(shared, row) for row in range(len(points))]
    found = dict(mapped(shared, _explored, range(len(points)), executor))
    return [found[row] for row in range(len(points))]


def _explored(shared: tuple[Any, Any, dict[str, Any]], row: int, report: object = None) -> Any:
    network, points, options = shared
    return explore(network, points[row], **options)
