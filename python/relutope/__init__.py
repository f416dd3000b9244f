"""Exact polyhedral decomposition of ReLU networks, and what it says about them.

One file, since it is the list of the public names: for type checkers, for use, and for ``*``.
"""

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

from .common.version import VERSION
from .errors import (
    BusyError,
    CellLimitError,
    EngineError,
    InvalidComplexError,
    InvalidDomainError,
    InvalidFileError,
    InvalidNetworkError,
    MissingDependencyError,
    RelutopeError,
    StoppedError,
    UnsupportedLayerError,
)

if TYPE_CHECKING:
    from .common.ragged import Ragged
    from .complex.boundary_cells import BoundaryCells
    from .complex.cell import Cell
    from .decisions.boundary import DecisionBoundary, decision_boundary
    from .decisions.boundary_distance import CutDistance, cut_distance
    from .decisions.label_agreement import Agreement, agreement, cell_labels
    from .decisions.regions import DecisionRegions, decision_regions
    from .decomposition.cell_table import to_pandas
    from .decomposition.complex import Complex
    from .decomposition.counting import CellCount, count
    from .decomposition.data_cells import DataCells, cells_of_data
    from .decomposition.decomposing import decompose
    from .decomposition.exploration import Exploration
    from .decomposition.exploring import explore
    from .decomposition.exploring_many import explore_each
    from .decomposition.exporting import export, to_pyg, to_simplex_tree
    from .decomposition.loading import load
    from .decomposition.partial import PartialComplex
    from .decomposition.path_search import shortest_path
    from .decomposition.segments import SegmentCells, segment_cells
    from .decomposition.sliced import Slice
    from .decomposition.slicing import slice
    from .decomposition.stored import Store, open_store
    from .domain.box import Box, FlatBox
    from .domain.polytope import Polytope
    from .graph import (
        CheegerBounds,
        Clustering,
        FacetPath,
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
    from .graph.dual import dual_graph, to_networkx
    from .lab.null_models import random_labels, shuffled_weights, untrained
    from .lab.report.reporting import report
    from .lab.training import mlp, train
    from .layers import (
        ClassOverlap,
        LayerImage,
        NeuralCode,
        Pseudomonomial,
        class_overlap,
        layer_images,
        neural_code,
    )
    from .measures import (
        Comparison,
        Extreme,
        Extremes,
        IntegralEstimates,
        Integrals,
        LinearRegions,
        Lipschitz,
        RemovalEffect,
        RemovalEffects,
        RoundingGap,
        compare,
        estimate_integrals,
        extremes,
        integrate,
        linear_regions,
        lipschitz,
        removal_effects,
        rounding_gap,
        sample,
    )
    from .network.conversion import as_network
    from .network.edits import add_neuron, move_neuron, remove_neurons, scale_neuron
    from .network.importing.loading import load_network
    from .network.network import Network
    from .page.launch import app
    from .parameters import (
        FunctionalDimension,
        Genericity,
        functional_dimension,
        is_generic,
    )
    from .plotting.notebook import live
    from .plotting.picture import plot
    from .properties import Property, load_domain, load_property, parse_property
    from .search.counting import CountEstimate, estimate_count
    from .topology import (
        BentHyperplanes,
        Subcomplex,
        bent_hyperplane,
        bent_hyperplanes,
        betti,
        betti_curve,
        persistence,
        persistent_cycles,
        region,
    )
    from .tracking.checkpoints import Checkpoints, analyse_checkpoints
    from .tracking.schedule import Schedule, log_spaced_steps
    from .tracking.tracker import Tracker
    from .verdicts import (
        CheckResult,
        Counterexample,
        Robustness,
        Violations,
        check,
        robustness,
        violations,
    )
    from .verification.outcome import VerificationReport
    from .verification.verify_complex import verify

__version__ = VERSION

# Imported on first use: `import relutope` takes next to no time, whatever a program needs of it.
_LATER = {
    "Box": "domain.box",
    "Cell": "complex.cell",
    "Complex": "decomposition.complex",
    "FlatBox": "domain.box",
    "Network": "network.network",
    "Polytope": "domain.polytope",
    "Property": "properties",
    "Ragged": "common.ragged",
    "VerificationReport": "verification.outcome",
    "as_network": "network.conversion",
    "add_neuron": "network.edits",
    "move_neuron": "network.edits",
    "remove_neurons": "network.edits",
    "scale_neuron": "network.edits",
    "decompose": "decomposition.decomposing",
    "load_domain": "properties",
    "load_property": "properties",
    "parse_property": "properties",
    "verify": "verification.verify_complex",
    "load": "decomposition.loading",
    "load_network": "network.importing.loading",
    "export": "decomposition.exporting",
    "to_pandas": "decomposition.cell_table",
    "to_pyg": "decomposition.exporting",
    "to_simplex_tree": "decomposition.exporting",
    "CheckResult": "verdicts",
    "Counterexample": "verdicts",
    "Robustness": "verdicts",
    "Violations": "verdicts",
    "check": "verdicts",
    "robustness": "verdicts",
    "violations": "verdicts",
    "ClassOverlap": "layers",
    "LayerImage": "layers",
    "NeuralCode": "layers",
    "Pseudomonomial": "layers",
    "class_overlap": "layers",
    "neural_code": "layers",
    "layer_images": "layers",
    "Comparison": "measures",
    "compare": "measures",
    "IntegralEstimates": "measures",
    "Integrals": "measures",
    "estimate_integrals": "measures",
    "integrate": "measures",
    "Extreme": "measures",
    "Extremes": "measures",
    "extremes": "measures",
    "LinearRegions": "measures",
    "linear_regions": "measures",
    "Lipschitz": "measures",
    "lipschitz": "measures",
    "RemovalEffect": "measures",
    "RemovalEffects": "measures",
    "removal_effects": "measures",
    "RoundingGap": "measures",
    "rounding_gap": "measures",
    "sample": "measures",
    "DataCells": "decomposition.data_cells",
    "cells_of_data": "decomposition.data_cells",
    "CutDistance": "decisions.boundary_distance",
    "cut_distance": "decisions.boundary_distance",
    "Checkpoints": "tracking.checkpoints",
    "analyse_checkpoints": "tracking.checkpoints",
    "CellCount": "decomposition.counting",
    "CountEstimate": "search.counting",
    "count": "decomposition.counting",
    "estimate_count": "search.counting",
    "BoundaryCells": "complex.boundary_cells",
    "DecisionBoundary": "decisions.boundary",
    "DecisionRegions": "decisions.regions",
    "decision_boundary": "decisions.boundary",
    "decision_regions": "decisions.regions",
    "Exploration": "decomposition.exploration",
    "explore": "decomposition.exploring",
    "explore_each": "decomposition.exploring_many",
    "dual_graph": "graph.dual",
    "to_networkx": "graph.dual",
    "FunctionalDimension": "parameters",
    "Genericity": "parameters",
    "functional_dimension": "parameters",
    "is_generic": "parameters",
    "live": "plotting.notebook",
    "plot": "plotting.picture",
    "random_labels": "lab.null_models",
    "shuffled_weights": "lab.null_models",
    "untrained": "lab.null_models",
    "Agreement": "decisions.label_agreement",
    "agreement": "decisions.label_agreement",
    "cell_labels": "decisions.label_agreement",
    "Schedule": "tracking.schedule",
    "report": "lab.report.reporting",
    "app": "page.launch",
    "log_spaced_steps": "tracking.schedule",
    "PartialComplex": "decomposition.partial",
    "SegmentCells": "decomposition.segments",
    "segment_cells": "decomposition.segments",
    "shortest_path": "decomposition.path_search",
    "FacetPath": "graph",
    "Slice": "decomposition.sliced",
    "Store": "decomposition.stored",
    "slice": "decomposition.slicing",
    "open_store": "decomposition.stored",
    "CheegerBounds": "graph",
    "Clustering": "graph",
    "FiedlerResult": "graph",
    "NodalDomains": "graph",
    "Spectrum": "graph",
    "cheeger": "graph",
    "fiedler": "graph",
    "nodal_domains": "graph",
    "recursive_bisection": "graph",
    "spectral_clustering": "graph",
    "spectrum": "graph",
    "Subcomplex": "topology",
    "betti": "topology",
    "betti_curve": "topology",
    "persistence": "topology",
    "persistent_cycles": "topology",
    "BentHyperplanes": "topology",
    "bent_hyperplane": "topology",
    "bent_hyperplanes": "topology",
    "region": "topology",
    "Tracker": "tracking.tracker",
    "mlp": "lab.training",
    "train": "lab.training",
}

__all__ = [
    "Agreement",
    "BentHyperplanes",
    "BoundaryCells",
    "Box",
    "BusyError",
    "Cell",
    "CellCount",
    "CellLimitError",
    "CheckResult",
    "Checkpoints",
    "CheegerBounds",
    "ClassOverlap",
    "Clustering",
    "Comparison",
    "Complex",
    "CountEstimate",
    "Counterexample",
    "CutDistance",
    "DataCells",
    "DecisionBoundary",
    "DecisionRegions",
    "EngineError",
    "Exploration",
    "Extreme",
    "Extremes",
    "FacetPath",
    "FiedlerResult",
    "FlatBox",
    "FunctionalDimension",
    "Genericity",
    "IntegralEstimates",
    "Integrals",
    "InvalidComplexError",
    "InvalidDomainError",
    "InvalidFileError",
    "InvalidNetworkError",
    "LayerImage",
    "LinearRegions",
    "Lipschitz",
    "MissingDependencyError",
    "Network",
    "NeuralCode",
    "NodalDomains",
    "PartialComplex",
    "Polytope",
    "Property",
    "Pseudomonomial",
    "Ragged",
    "RelutopeError",
    "RemovalEffect",
    "RemovalEffects",
    "Robustness",
    "RoundingGap",
    "Schedule",
    "SegmentCells",
    "Slice",
    "Spectrum",
    "StoppedError",
    "Store",
    "Subcomplex",
    "Tracker",
    "UnsupportedLayerError",
    "VerificationReport",
    "Violations",
    "add_neuron",
    "agreement",
    "analyse_checkpoints",
    "app",
    "as_network",
    "bent_hyperplane",
    "bent_hyperplanes",
    "betti",
    "betti_curve",
    "cell_labels",
    "cells_of_data",
    "check",
    "cheeger",
    "class_overlap",
    "compare",
    "count",
    "cut_distance",
    "decision_boundary",
    "decision_regions",
    "decompose",
    "dual_graph",
    "estimate_count",
    "estimate_integrals",
    "explore",
    "explore_each",
    "export",
    "extremes",
    "fiedler",
    "functional_dimension",
    "integrate",
    "is_generic",
    "layer_images",
    "linear_regions",
    "lipschitz",
    "live",
    "load",
    "load_domain",
    "load_network",
    "load_property",
    "log_spaced_steps",
    "mlp",
    "move_neuron",
    "neural_code",
    "nodal_domains",
    "open_store",
    "parse_property",
    "persistence",
    "persistent_cycles",
    "plot",
    "random_labels",
    "recursive_bisection",
    "region",
    "removal_effects",
    "remove_neurons",
    "report",
    "robustness",
    "rounding_gap",
    "sample",
    "scale_neuron",
    "segment_cells",
    "shortest_path",
    "shuffled_weights",
    "slice",
    "spectral_clustering",
    "spectrum",
    "to_networkx",
    "to_pandas",
    "to_pyg",
    "to_simplex_tree",
    "train",
    "untrained",
    "verify",
    "violations",
]


# The chapters, as attributes too.
_ROOMS = (
    "cli",
    "complex",
    "decisions",
    "decomposition",
    "differentiable",
    "domain",
    "graph",
    "lab",
    "layers",
    "measures",
    "network",
    "parameters",
    "plotting",
    "properties",
    "search",
    "topology",
    "tracking",
    "verdicts",
    "verification",
)


def __getattr__(name: str) -> object:
    if name in _ROOMS:
        return import_module(f".{name}", __name__)
    if name not in _LATER:
        raise AttributeError(f"module 'relutope' has no attribute {name!r}")
    value = getattr(import_module(f".{_LATER[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *_ROOMS, "errors", "__version__", "__doc__", "__file__", "__path__"})
