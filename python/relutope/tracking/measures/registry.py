"""Measures of a complex: functions from a snapshot of training to named numbers.

:data:`MEASURES` is what a :class:`relutope.Tracker` knows by name; measures of another module join
it in its last lines. Such a module takes `Snapshot` from :mod:`relutope.tracking.snapshot`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...decisions.label_agreement import agreement
from ...graph.couplings import partition
from ..snapshot import Measure, Snapshot, Value, require_one_output
from . import persistent as diagram_measures
from .spectral import SPECTRAL_MEASURES

if TYPE_CHECKING:
    from ...topology.sets import Region

Pairs = Sequence[tuple[int, tuple[float, float]]]

__all__ = [
    "MEASURES",
    "Measure",
    "Snapshot",
    "Value",
    "agreement_measure",
    "cell_count",
    "cells",
    "fiedler_values",
    "random_filtration",
    "sublevel",
    "topology",
]


def cell_count(snap: Snapshot) -> dict[str, Value]:
    """``count``, the number of cells, without making the complex: in any dimension, and cheap.

    If `max_cells` or the measure's budget ends it early, ``count_at_least`` is there instead.
    """
    found = snap.count(snap.budget)
    if found.complete:
        return {"count": found.n_cells}
    limit = snap.options.get("max_cells")
    # How many more are seen before the search stops depends on the threads.
    return {"count_at_least": found.n_cells if limit is None else min(found.n_cells, limit + 1)}


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
    A graph of more than two components has no Fiedler partition: its agreement stays empty. One
    output only.
    """
    require_one_output(
        snap,
        "agreement",
        "take 'fiedler', which needs no labels, or track a network with one logit",
    )
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
    """Betti numbers over GF(2) of the sets that the outputs cut out, per dimension k below n.

    For one output f those of {f >= 0}, {f <= 0} and {f = 0}: columns ``betti_positive_k``,
    ``betti_negative_k``, ``betti_boundary_k``. For several outputs those of the set where output c
    is largest, ``betti_class{c}_k``, and of the boundary between all classes,
    ``betti_boundary_k``.
    """
    from ...topology import betti

    outputs = snap.network.output_dim
    sets: dict[str, tuple[Region, int | None]] = {
        "positive": ("superlevel", None),
        "negative": ("sublevel", None),
        "boundary": ("level", None),
    }
    if outputs > 1:
        sets = {f"class{c}": ("class", c) for c in range(outputs)}
        sets["boundary"] = ("class boundary", None)
    row: dict[str, Value] = {}
    for name, (of, label) in sets.items():
        numbers = betti(snap.complex, of, label=label)
        row |= {f"betti_{name}_{k}": int(numbers[k]) for k in snap.dims}
    return row


def sublevel(snap: Snapshot) -> dict[str, Value]:
    """Persistence of the sublevel sets of f, per dimension k below n; one output only.

    ``sublevel_pairs_k`` counts the classes that are born (infinite ones included) and
    ``sublevel_total_k`` sums the finite lifetimes, in units of f.
    """
    return diagram_measures.sizes(snap, "sublevel")


def random_filtration(snap: Snapshot) -> dict[str, Value]:
    """Betti curves when the cells arrive in random order, mean over ``draws`` orders.

    ``random_mean_k`` is the average over time t in [0, 1] of the k-th Betti number of the union of
    the cells that have arrived; ``random_peak_k`` the largest value on the way.
    """
    from ...topology import persistence

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
    bars = np.array([(birth, min(death, 1.0)) for k, (birth, death) in pairs if k == dim])
    if len(bars) == 0:
        return 0.0, 0.0
    times = np.concatenate([bars[:, 0], bars[:, 1]])
    steps = np.repeat([1, -1], len(bars))
    order = np.lexsort([steps, times])
    return float((bars[:, 1] - bars[:, 0]).sum()), float(np.cumsum(steps[order]).max())


MEASURES: dict[str, Measure] = {
    "count": cell_count,
    "cells": cells,
    "fiedler": fiedler_values,
    "agreement": agreement_measure,
    "topology": topology,
    "sublevel": sublevel,
    "random": random_filtration,
    **diagram_measures.MEASURES,
    **SPECTRAL_MEASURES,
}
"""Every measure that has a name.

Its functions may be called by themselves, on ``Snapshot(complex)``.
"""
