"""Measures of a complex: functions from a snapshot of training to named numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .agreement import agreement, cell_labels
from .couplings import partition

if TYPE_CHECKING:
    from .complex import Complex
    from .couplings import Coupling
    from .topology.regions import Region

Pairs = Sequence[tuple[int, float, float]]
Value = int | float

__all__ = [
    "MEASURES",
    "Snapshot",
    "agreement_measure",
    "cells",
    "random_filtration",
    "sublevel",
    "topology",
]


@dataclass(frozen=True)
class Snapshot:
    """The complex at one step of training, and the settings of the tracker that asks.

    Attributes
    ----------
    complex : relutope.Complex
    step : int
    weights : mapping of str to coupling
        Edge weights of the dual graph for the Fiedler measures; see :mod:`relutope.couplings`.
    draws : int
        Number of random filtrations to average over.
    seed : int
    """

    complex: Complex
    step: int = 0
    weights: Mapping[str, Coupling] = field(default_factory=lambda: {"unit": "unit"})
    draws: int = 4
    seed: int = 0

    @cached_property
    def labels(self) -> NDArray[np.bool_]:
        return cell_labels(self.complex)

    @cached_property
    def volumes(self) -> NDArray[np.float64] | None:
        return self.complex.cell_volumes if bool(self.complex.bounded.all()) else None


Measure = Callable[[Snapshot], Mapping[str, Value]]


def cells(snap: Snapshot) -> dict[str, Value]:
    """``n_cells``, ``n_edges``, the f-vector ``f_0 ... f_n`` and its alternating sum ``euler``."""
    cx = snap.complex
    faces = {f"f_{k}": int(count) for k, count in enumerate(cx.f_vector)}
    euler = cx.euler_characteristic
    return {"n_cells": cx.n_cells, "n_edges": cx.n_edges, **faces, "euler": euler}


def fiedler_values(snap: Snapshot) -> dict[str, Value]:
    """Per edge weight w: ``w_fiedler`` (the eigenvalue), ``w_components``, ``w_multiplicity``."""
    return _per_weight(snap, labelled=False)


def agreement_measure(snap: Snapshot) -> dict[str, Value]:
    """:func:`fiedler_values` and, per weight w, the fields of :class:`Agreement`.

    ``boundary_facets`` counts the facets between cells of different label, which no weight changes.
    A graph of more than two components has no Fiedler partition: its agreement stays empty.
    """
    i, j = snap.complex.adjacency.T
    crossing = int((snap.labels[i] != snap.labels[j]).sum())
    return {"boundary_facets": crossing, **_per_weight(snap, labelled=True)}


def _per_weight(snap: Snapshot, labelled: bool) -> dict[str, Value]:
    row: dict[str, Value] = {}
    if snap.complex.n_cells < 2:
        return row
    for weight, coupling in snap.weights.items():
        found = partition(snap.complex, coupling, snap.seed)
        row[f"{weight}_fiedler"] = float(found.value)
        row[f"{weight}_components"] = int(found.n_components)
        row[f"{weight}_multiplicity"] = int(found.multiplicity)
        if labelled and not np.isnan(found.vector).any():
            compared = agreement(
                found.partition, snap.labels, snap.complex.adjacency, snap.volumes
            ).as_dict()
            del compared["n_boundary_facets"]
            row |= {f"{weight}_{key}": value for key, value in compared.items()}
    return row


def topology(snap: Snapshot) -> dict[str, Value]:
    """Betti numbers over GF(2) of {f >= 0}, {f <= 0} and {f = 0}.

    Columns ``betti_positive_k``, ``betti_negative_k``, ``betti_boundary_k``, one per dimension
    below n.
    """
    from .topology import betti

    sets: dict[str, Region] = {
        "positive": "superlevel",
        "negative": "sublevel",
        "boundary": "level",
    }
    row: dict[str, Value] = {}
    for name, of in sets.items():
        numbers = betti(snap.complex, of=of)[: snap.complex.dim]
        row |= {f"betti_{name}_{k}": int(number) for k, number in enumerate(numbers)}
    return row


def sublevel(snap: Snapshot) -> dict[str, Value]:
    """Persistence of the sublevel sets of f, per dimension k below n.

    ``sublevel_pairs_k`` counts the classes that are born (infinite ones included) and
    ``sublevel_total_k`` sums the finite lifetimes, in units of f.
    """
    from .topology import persistence

    pairs = persistence(snap.complex, "sublevel")
    row: dict[str, Value] = {}
    for k in range(snap.complex.dim):
        lengths = [death - birth for dim, birth, death in pairs if dim == k]
        row[f"sublevel_pairs_{k}"] = len(lengths)
        row[f"sublevel_total_{k}"] = float(sum(length for length in lengths if np.isfinite(length)))
    return row


def random_filtration(snap: Snapshot) -> dict[str, Value]:
    """Betti curves when the cells arrive in random order, mean over ``draws`` orders.

    ``random_mean_k`` is the average over time t in [0, 1] of the k-th Betti number of the union of
    the cells that have arrived; ``random_peak_k`` the largest value on the way.
    """
    from .topology import persistence

    dims = range(snap.complex.dim)
    found = np.zeros((snap.draws, len(dims), 2))
    for draw in range(snap.draws):
        pairs = persistence(snap.complex, "random", seed=snap.seed + draw)
        found[draw] = [_curve_summary(pairs, k) for k in dims]
    mean = found.mean(axis=0)
    names = ("mean", "peak")
    return {f"random_{name}_{k}": float(mean[k, c]) for k in dims for c, name in enumerate(names)}


def _curve_summary(pairs: Pairs, dim: int) -> tuple[float, float]:
    """Integral over [0, 1] and maximum of the Betti curve of the pairs of dimension `dim`."""
    bars = np.array([(birth, min(death, 1.0)) for k, birth, death in pairs if k == dim])
    if len(bars) == 0:
        return 0.0, 0.0
    times = np.concatenate([bars[:, 0], bars[:, 1]])
    steps = np.repeat([1, -1], len(bars))
    order = np.lexsort([steps, times])
    return float((bars[:, 1] - bars[:, 0]).sum()), float(np.cumsum(steps[order]).max())


MEASURES: dict[str, Measure] = {
    "cells": cells,
    "fiedler": fiedler_values,
    "agreement": agreement_measure,
    "topology": topology,
    "sublevel": sublevel,
    "random": random_filtration,
}
