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
from .importing.files import load_domain, load_network
from .network import Network, as_network
from .polytope import Polytope
from .ragged import Ragged
from .storage import load
from .verify import VerificationReport, verify

if TYPE_CHECKING:
    from .counting import CellCount, CountEstimate, count, estimate_count
    from .decisions import (
        DecisionBoundary,
        DecisionRegions,
        decision_boundary,
        decision_regions,
    )
    from .graph import dual_graph, to_networkx
    from .slicing import Slice, slice
    from .spectral import FiedlerResult, fiedler
    from .topology import (
        Subcomplex,
        betti,
        betti_curve,
        persistence,
        persistent_cycles,
        region,
    )
    from .tracker import Tracker
    from .training import mlp, train

__version__ = "0.1.0"

# Imported on first use: they need packages that decomposing does not.
_LATER = {
    "CellCount": "counting",
    "CountEstimate": "counting",
    "count": "counting",
    "estimate_count": "counting",
    "DecisionBoundary": "decisions",
    "DecisionRegions": "decisions",
    "decision_boundary": "decisions",
    "decision_regions": "decisions",
    "dual_graph": "graph",
    "to_networkx": "graph",
    "Slice": "slicing",
    "slice": "slicing",
    "FiedlerResult": "spectral",
    "fiedler": "spectral",
    "Subcomplex": "topology",
    "betti": "topology",
    "betti_curve": "topology",
    "persistence": "topology",
    "persistent_cycles": "topology",
    "region": "topology",
    "Tracker": "tracker",
    "mlp": "training",
    "train": "training",
}

__all__ = [
    "Box",
    "Cell",
    "CellCount",
    "CellLimitError",
    "Complex",
    "CountEstimate",
    "DecisionBoundary",
    "DecisionRegions",
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
    "Slice",
    "Subcomplex",
    "Tracker",
    "UnsupportedLayerError",
    "VerificationReport",
    "as_network",
    "betti",
    "betti_curve",
    "count",
    "decision_boundary",
    "decision_regions",
    "decompose",
    "dual_graph",
    "estimate_count",
    "fiedler",
    "load",
    "load_domain",
    "load_network",
    "mlp",
    "persistence",
    "persistent_cycles",
    "region",
    "slice",
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
