"""Spectral measures of a complex: functions from a snapshot of training to named numbers.

Of the same kind as those of :mod:`relutope.tracking.measures.registry`: for each edge weight w
that the snapshot names, columns that start with ``w_``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from ...decisions.boundary_distance import boundary_facets, cut_distance
from ...graph import cheeger, fiedler, nodal_domains, spectrum
from ...graph.couplings import coupling_graph

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from ..snapshot import Snapshot

Value = int | float

__all__ = ["SPECTRAL_MEASURES", "cut_distance_measure", "spectrum_measure"]

_EIGENVALUES = 6


def spectrum_measure(snap: Snapshot) -> dict[str, Value]:
    """The low end of the spectrum of the dual graph, and what follows from it.

    Parameters
    ----------
    snap : Snapshot

    Returns
    -------
    dict
        Per edge weight w:

        - ``w_eigenvalue_1`` to ``w_eigenvalue_6`` (fewer for fewer cells): the smallest
          eigenvalues of ``D - W``, with multiplicity; the first is 0;
        - ``w_resolved``: how many of them double precision resolves;
        - ``w_normalized_gap``: the second-smallest eigenvalue of the normalised Laplacian;
        - ``w_conductance_lower``, ``w_conductance_upper``: Cheeger's bounds on the conductance;
        - ``w_conductance``: that of the sweep cut, at least as good a bound as the upper one;
        - ``w_strong_domains``, ``w_weak_domains``: nodal domains of the second eigenvector of
          ``D - W``; not of a disconnected graph, whose second eigenvector means nothing.

        Empty if there is only one cell.

    Raises
    ------
    ValueError
        If a weight is not finite, see `dual_graph`.

    Examples
    --------
    >>> import relutope as rt
    >>> from relutope.tracking.measures.registry import Snapshot
    >>> net = rt.Network.from_arrays([([[1.0], [1.0]], [0.0, -1.0]), ([[1.0, 2.0]], [0.0])])
    >>> row = spectrum_measure(Snapshot(rt.decompose(net, rt.Box(-1, 2))))
    >>> [round(row[f"unit_eigenvalue_{i}"], 6) for i in (1, 2, 3)], row["unit_conductance"]
    ([0.0, 1.0, 3.0], 1.0)
    """
    row: dict[str, Value] = {}
    for weight, graph in _graphs(snap):
        found = spectrum(graph, min(_EIGENVALUES, graph.shape[0]), seed=snap.seed)
        values = enumerate(found.values.tolist(), start=1)
        row |= {f"{weight}_eigenvalue_{i}": value for i, value in values}
        row[f"{weight}_resolved"] = int(np.count_nonzero(found.resolved))
        bounds = cheeger(graph, seed=snap.seed)
        row[f"{weight}_normalized_gap"] = float(bounds.value)
        row[f"{weight}_conductance_lower"] = bounds.lower
        row[f"{weight}_conductance_upper"] = bounds.upper
        row[f"{weight}_conductance"] = bounds.conductance
        if found.n_components == 1:
            domains = nodal_domains(graph, found.vectors[:, 1])
            row[f"{weight}_strong_domains"] = domains.n_strong
            row[f"{weight}_weak_domains"] = domains.n_weak
    return row


def cut_distance_measure(snap: Snapshot) -> dict[str, Value]:
    """How far the Fiedler cut lies from the decision boundary, see `cut_distance`.

    Parameters
    ----------
    snap : Snapshot
        With a bounded complex; over several outputs the boundary is that between the classes.

    Returns
    -------
    dict
        Per edge weight w the fields of `CutDistance`, but for ``boundary_measure`` and
        ``boundary_pieces``, the number of facets of the boundary, which no weight changes. A graph
        of more than two components has no Fiedler cut, and no columns.

    Raises
    ------
    ValueError
        If a cell is unbounded, or a weight is not finite.

    Examples
    --------
    >>> import relutope as rt
    >>> from relutope.tracking.measures.registry import Snapshot
    >>> cx = rt.decompose([([[4.0, 0.0]], [0.0]), ([[1.0]], [-1.0])], rt.Box(-1, 1))
    >>> row = cut_distance_measure(Snapshot(cx))
    >>> row["unit_cut_to_boundary"], row["unit_boundary_to_cut"], row["boundary_measure"]
    (0.25, 0.25, 2.0)
    """
    row: dict[str, Value] = {}
    boundary = None
    for weight, graph in _graphs(snap):
        found = fiedler(graph, seed=snap.seed)
        if np.isnan(found.vector).any():
            continue
        boundary = boundary or boundary_facets(snap.complex)
        part = found.partition
        distance = cut_distance(snap.complex, part, seed=snap.seed, boundary=boundary).as_dict()
        row["boundary_measure"] = distance.pop("boundary_measure")
        row["boundary_pieces"] = distance.pop("n_boundary_facets")
        row |= {f"{weight}_{key}": value for key, value in distance.items()}
    return row


def _graphs(snap: Snapshot) -> Iterator[tuple[str, csr_array]]:
    if snap.complex.n_cells > 1:
        for weight, coupling in snap.weights.items():
            yield weight, coupling_graph(snap.complex, coupling)


SPECTRAL_MEASURES: Mapping[str, Callable[[Snapshot], Mapping[str, Value]]] = {
    "spectrum": spectrum_measure,
    "cut distance": cut_distance_measure,
}
"""The functions of this module by the names that a tracker knows them by."""
