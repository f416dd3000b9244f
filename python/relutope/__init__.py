"""Exact polyhedral decomposition of ReLU networks, and what it says about them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

try:
    from . import _core  # noqa: F401
except ImportError as error:
    raise ImportError(
        "relutope's compiled core is missing or does not fit this Python; build it with "
        "'pip install .' in the source folder, or install a wheel for this platform"
    ) from error

from .cell import Cell
from .complex import Complex
from .decompose import decompose
from .domain import Box
from .errors import (
    CellLimitError,
    EngineError,
    InvalidComplexError,
    InvalidDomainError,
    InvalidNetworkError,
    MissingDependencyError,
    RelutopeError,
    UnsupportedLayerError,
)
from .network import Network, as_network
from .polytope import Polytope
from .ragged import Ragged
from .storage import load
from .verify import VerificationReport, verify

if TYPE_CHECKING:
    from .graph import dual_graph, to_networkx
    from .homology import betti, betti_curve, persistence
    from .spectral import FiedlerResult, fiedler
    from .tracker import Tracker
    from .training import mlp, train

__version__ = "0.1.0"

# Imported on first use: they need packages that decomposing does not.
_LATER = {
    "dual_graph": "graph",
    "to_networkx": "graph",
    "betti": "homology",
    "betti_curve": "homology",
    "persistence": "homology",
    "FiedlerResult": "spectral",
    "fiedler": "spectral",
    "Tracker": "tracker",
    "mlp": "training",
    "train": "training",
}

__all__ = [
    "Box",
    "Cell",
    "CellLimitError",
    "Complex",
    "EngineError",
    "FiedlerResult",
    "InvalidComplexError",
    "InvalidDomainError",
    "InvalidNetworkError",
    "MissingDependencyError",
    "Network",
    "Polytope",
    "Ragged",
    "RelutopeError",
    "Tracker",
    "UnsupportedLayerError",
    "VerificationReport",
    "as_network",
    "betti",
    "betti_curve",
    "decompose",
    "dual_graph",
    "fiedler",
    "load",
    "mlp",
    "persistence",
    "to_networkx",
    "train",
    "verify",
]


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module 'relutope' has no attribute {name!r}")
    value = getattr(import_module(f".{_LATER[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
