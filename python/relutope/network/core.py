"""Small exact services of the core, for the modules that know it only through this file."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core
from .network import Network

__all__ = ["core_network", "point_signs"]


def core_network(network: Network) -> _core.Network:
    """The network as the core holds it."""
    return _core.Network(network._core_layers(), network.linear_units)


def point_signs(network: Network, points: ArrayLike) -> NDArray[np.int8]:
    """Exact signs of all hidden preactivations at the rows of `points`, shape (k, n); (k, N)."""
    return core_network(network).point_signs(np.ascontiguousarray(points, dtype=np.float64))
