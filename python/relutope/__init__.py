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
from .domain import Box, FlatBox
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
    from .boundary_distance import (
        CutDistance,
        cut_distance,
    )
    from .checkpoints import (
        Checkpoints,
        analyse_checkpoints,
    )
    from .counting import (
        CellCount,
        CountEstimate,
        count,
        estimate_count,
    )
    from .decisions import (
        DecisionBoundary,
        DecisionRegions,
        decision_boundary,
        decision_regions,
    )
    from .exploring import (
        Exploration,
        explore,
    )
    from .graph import (
        dual_graph,
        to_networkx,
    )
    from .null_models import (
        random_labels,
        shuffled_weights,
        untrained,
    )
    from .schedule import (
        Schedule,
    )
    from .slicing import (
        Slice,
        slice,
    )
    from .spectra import (
        CheegerBounds,
        Clustering,
        FiedlerResult,
        NodalDomains,
        Spectrum,
        cheeger,
        fiedler,
        nodal_domains,
        recursive_bisection,
        spectral_clustering,
        spectrum,
    )
    from .topology import (
        Subcomplex,
        betti,
        betti_curve,
        persistence,
        persistent_cycles,
        region,
    )
    from .tracker import (
        Tracker,
    )
    from .training import (
        mlp,
        train,
    )

__version__ = "0.1.0"

# Imported on first use: they need packages that decomposing does not.
_LATER = {
    "CutDistance": "boundary_distance",
    "cut_distance": "boundary_distance",
    "Checkpoints": "checkpoints",
    "analyse_checkpoints": "checkpoints",
    "CellCount": "counting",
    "CountEstimate": "counting",
    "count": "counting",
    "estimate_count": "counting",
    "DecisionBoundary": "decisions",
    "DecisionRegions": "decisions",
    "decision_boundary": "decisions",
    "decision_regions": "decisions",
    "Exploration": "exploring",
    "explore": "exploring",
    "dual_graph": "graph",
    "to_networkx": "graph",
    "random_labels": "null_models",
    "shuffled_weights": "null_models",
    "untrained": "null_models",
    "Schedule": "schedule",
    "Slice": "slicing",
    "slice": "slicing",
    "CheegerBounds": "spectra",
    "Clustering": "spectra",
    "FiedlerResult": "spectra",
    "NodalDomains": "spectra",
    "Spectrum": "spectra",
    "cheeger": "spectra",
    "fiedler": "spectra",
    "nodal_domains": "spectra",
    "recursive_bisection": "spectra",
    "spectral_clustering": "spectra",
    "spectrum": "spectra",
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
    "Checkpoints",
    "CheegerBounds",
    "Clustering",
    "Complex",
    "CountEstimate",
    "CutDistance",
    "DecisionBoundary",
    "DecisionRegions",
    "EngineError",
    "Exploration",
    "FiedlerResult",
    "FlatBox",
    "InvalidComplexError",
    "InvalidDomainError",
    "InvalidNetworkError",
    "MissingDependencyError",
    "Network",
    "NodalDomains",
    "Polytope",
    "Ragged",
    "RelutopeError",
    "Schedule",
    "Slice",
    "Spectrum",
    "Subcomplex",
    "Tracker",
    "UnsupportedLayerError",
    "VerificationReport",
    "analyse_checkpoints",
    "as_network",
    "betti",
    "betti_curve",
    "cheeger",
    "count",
    "cut_distance",
    "decision_boundary",
    "decision_regions",
    "decompose",
    "dual_graph",
    "estimate_count",
    "explore",
    "fiedler",
    "load",
    "load_domain",
    "load_network",
    "mlp",
    "nodal_domains",
    "persistence",
    "persistent_cycles",
    "random_labels",
    "recursive_bisection",
    "region",
    "shuffled_weights",
    "slice",
    "spectral_clustering",
    "spectrum",
    "to_networkx",
    "train",
    "untrained",
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
