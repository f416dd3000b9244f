"""Topology of complexes: faces, subcomplexes, homology, persistence."""

from __future__ import annotations

from ..complex.lattice import Faces
from .bent import BentHyperplanes, bent_hyperplane, bent_hyperplanes
from .critical import CriticalCells, critical_cells
from .diagrams import (
    RandomBettiCurves,
    betti_curve,
    bottleneck_distance,
    persistent_entropy,
    random_betti_curves,
    total_persistence,
    wasserstein_distance,
)
from .extended import ExtendedPersistence, extended_persistence
from .filtrations import persistence, persistent_cycles
from .flow import FlowGraph, flow_graph
from .homology import betti
from .merge_trees import MergeTree, merge_tree
from .nerves import (
    cell_nerve,
    dual_flag_complex,
    hamming_persistence,
    neuron_nerve,
    pattern_order_complex,
)
from .pairs import PersistencePairs
from .random_euler import expected_euler_curve
from .reeb import ReebGraph, reeb_graph
from .sets import region
from .subcomplex import Cycle, Subcomplex
from .values import cell_values
from .vectors import persistence_kernel, persistence_vectors

__all__ = [
    "BentHyperplanes",
    "CriticalCells",
    "Cycle",
    "ExtendedPersistence",
    "Faces",
    "FlowGraph",
    "MergeTree",
    "PersistencePairs",
    "RandomBettiCurves",
    "ReebGraph",
    "Subcomplex",
    "bent_hyperplane",
    "bent_hyperplanes",
    "betti",
    "betti_curve",
    "bottleneck_distance",
    "cell_nerve",
    "cell_values",
    "critical_cells",
    "dual_flag_complex",
    "expected_euler_curve",
    "extended_persistence",
    "flow_graph",
    "hamming_persistence",
    "merge_tree",
    "neuron_nerve",
    "pattern_order_complex",
    "persistence",
    "persistence_kernel",
    "persistence_vectors",
    "persistent_cycles",
    "persistent_entropy",
    "random_betti_curves",
    "reeb_graph",
    "region",
    "total_persistence",
    "wasserstein_distance",
]
