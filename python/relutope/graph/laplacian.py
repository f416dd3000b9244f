"""The graphs that spectra are computed of: couplings by name, checks, Laplacians, components."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array, issparse
from scipy.sparse.csgraph import connected_components

from ..complex.cell_complex import CellComplex
from .dual import Weight, dual_graph

Coupling = str | Callable[[CellComplex], csr_array]

__all__ = ["DIFFERENCES", "WEIGHTS", "components", "coupling_graph", "laplacian", "positive_graph"]

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

DIFFERENCES = ("distance", "bend", "hamming", "output")
WEIGHTS = ("unit", "facet", *DIFFERENCES, *(f"inverse-{name}" for name in DIFFERENCES))
"""All names."""

_SMALLEST, _LARGEST = (
    1e-120,
    1e120,
)  # of the largest weight and the sum: norms of residuals square them


def coupling_graph(complex: CellComplex, coupling: Coupling) -> csr_array:
    """The dual graph of a complex with a coupling by name, or by a function of the complex.

    Parameters
    ----------
    complex : Complex
    coupling : str or callable
        ``unit``, ``facet``, ``distance``, ``bend``, ``hamming`` or ``output``, as for `dual_graph`;
        ``inverse-`` and one of the last four for ``m / (m + d)``, d that weight and m the median of
        the positive ones (1 if there are none); or a function from the complex to a matrix, which
        is called.

    Returns
    -------
    scipy.sparse.csr_array, shape (n_cells, n_cells), float64

    Raises
    ------
    ValueError
        If the name is unknown, or a weight is not finite (the measure of an unbounded facet).

    Examples
    --------
    >>> import relutope as rt
    >>> net = rt.Network.from_arrays([([[1.0], [1.0]], [0.0, -1.0]), ([[1.0, 2.0]], [0.0])])
    >>> coupling_graph(rt.decompose(net, rt.Box(-1, 2)), "inverse-bend").toarray().round(3)
    array([[0.   , 0.6  , 0.   ],
           [0.6  , 0.   , 0.429],
           [0.   , 0.429, 0.   ]])
    """
    if not isinstance(coupling, str):
        return coupling(complex)
    if coupling not in WEIGHTS:
        raise ValueError(f"`weight` is {coupling!r}; use one of {', '.join(WEIGHTS)}")
    graph = dual_graph(complex, cast("Weight", coupling.removeprefix("inverse-")))
    if coupling.startswith("inverse-"):
        positive = graph.data[graph.data > 0]
        middle = float(np.median(positive)) if len(positive) else 1.0
        graph.data = middle / (middle + graph.data)
    return graph


def positive_graph(complex_or_graph: CellComplex | Any, weight: str) -> tuple[csr_array, int]:
    """The positive weights off the diagonal, and how many edges of weight 0 were left out."""
    if hasattr(complex_or_graph, "facet_neurons"):
        graph = coupling_graph(complex_or_graph, weight)
    elif weight != "unit":
        raise ValueError(f"`weight` is {weight!r}; leave it out, a matrix has its own weights")
    else:
        sparse = issparse(complex_or_graph)
        given: Any = complex_or_graph if sparse else np.atleast_2d(np.asarray(complex_or_graph))
        graph = csr_array(given, dtype=np.float64)
    if graph.shape[0] != graph.shape[1] or graph.shape[0] == 0:
        raise ValueError(f"`complex_or_graph` has shape {graph.shape}; give a square matrix")
    if not np.isfinite(graph.data).all() or (graph.data < 0).any():
        raise ValueError(
            "`complex_or_graph` has a weight that is not finite or < 0; give weights >= 0"
        )
    with np.errstate(over="ignore"):
        total = graph.data.sum()
    if graph.data.any() and not _SMALLEST <= graph.data.max() <= total <= _LARGEST:
        raise ValueError(
            f"`complex_or_graph` has weights up to {graph.data.max():g}, whose squares are out of "
            "range; multiply it by a constant"
        )
    if (graph - graph.T).count_nonzero():
        raise ValueError("`complex_or_graph` is not symmetric; give an undirected graph")
    row = np.repeat(np.arange(graph.shape[0]), np.diff(graph.indptr))
    edge = row != graph.indices
    keep = edge & (graph.data > 0)
    positive = csr_array((graph.data[keep], (row[keep], graph.indices[keep])), shape=graph.shape)
    return positive, int(np.count_nonzero(edge & ~keep)) // 2


def components(graph: csr_array) -> tuple[int, IntArray]:
    """How many connected components, and the component of each node, numbered by first nodes."""
    count, component = connected_components(graph, directed=False)
    _, first, number = np.unique(component, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    return int(count), rank[number].astype(np.int64)


def laplacian(graph: csr_array, normalized: bool) -> tuple[csr_array, FloatArray]:
    """The Laplacian of a graph and a positive vector that it sends to 0, not scaled.

    An isolated node has a row of zeros, normalised or not (Chung 1997, section 1.2).
    """
    degree = np.asarray(graph.sum(axis=1))
    if not normalized:
        return csr_array(diags_array(degree, format="csr") - graph), np.ones(degree.size)
    root = np.sqrt(np.where(degree > 0, degree, 1.0))
    scale = diags_array(1 / root, format="csr")
    unit = diags_array((degree > 0).astype(np.float64), format="csr")
    return csr_array(unit - scale @ graph @ scale), root


def dropped_edges(dropped: int) -> str:
    """The sentence of a statement that says what `positive_graph` left out."""
    return f" {dropped} edges of weight 0 couple nothing and were left out." if dropped else ""
