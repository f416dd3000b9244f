"""The dual graph of a complex: one node per cell, one edge per shared facet."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
from scipy.sparse import coo_array, csr_array

from ..common.arguments import check_choice
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import FloatArray, IntArray
from ..common.extras import require
from ..complex.cell_complex import CellComplex
from ..complex.cells import Cells, cells_of

__all__ = [
    "Weight",
    "decreasing",
    "dual_graph",
    "edge_changes",
    "edge_weights",
    "matrix_of_edges",
    "to_networkx",
]

Weight: TypeAlias = Literal[
    "unit",
    "facet",
    "distance",
    "bend",
    "hamming",
    "output",
    "inverse-distance",
    "inverse-bend",
    "inverse-hamming",
    "inverse-output",
]
_INVERSE = "inverse-"

_CHUNK = 1 << 16  # edges whose patterns are compared at once; bounds the memory of `hamming`


@ieee_arithmetic
def dual_graph(complex: Cells | Any, weight: Weight = "unit") -> csr_array:
    """Return the weighted adjacency matrix of the dual graph of a complex.

    Two cells are joined iff their closures share an (n-1)-dimensional face.

    Parameters
    ----------
    complex : Complex, Exploration or Slice
        Cell ``i`` becomes row ``i``. A slice stands for its complex; an exploration has the cells
        that are explored, and no measures of facets.
    weight : str
        Weight of the edge between the cells i and j:

        - ``unit``: 1;
        - ``facet``: (n-1)-dimensional measure of the shared facet (1 if n = 1);
        - ``distance``: Euclidean distance of the cells' interior points;
        - ``bend``: Frobenius norm of the jump of f's Jacobian across the facet;
        - ``hamming``: number of neurons in which the activation patterns differ (at least 1);
        - ``output``: Euclidean norm of the change of f between the interior points;
        - ``inverse-distance``, ``inverse-bend``, ``inverse-hamming``, ``inverse-output``:
          ``m / (m + d)``, d that weight and m the median of the positive ones (1 if there are
          none), which is small where neighbouring cells differ much. Unlike ``exp(-d / m)`` it does
          not underflow: the largest d is often 50 m and more.

    Returns
    -------
    scipy.sparse.csr_array, shape (n_cells, n_cells), float64
        Symmetric, zero diagonal, sorted indices. Every facet is stored, also one of weight 0
        (``bend`` and ``output`` can be 0): ``nnz`` is always ``2 * n_edges``. SciPy calls such as
        ``eliminate_zeros`` or arithmetic may drop these entries.

    Raises
    ------
    ValueError
        If the weight's name is unknown, or a weight is not finite (the measure of an unbounded
        facet).
    TypeError
        If `complex` has no cells.

    See Also
    --------
    fiedler, to_networkx, relutope.Complex.adjacency

    Notes
    -----
    ``unit``, ``facet`` and the inverse ones grow with how strongly two cells are tied together; the
    others measure how far apart they are. A spectral partition cuts edges of small weight first,
    see `fiedler`.

    Examples
    --------
    >>> import relutope as rt
    >>> net = rt.Network.from_arrays([([[1.0], [1.0]], [0.0, -1.0]), ([[1.0, 2.0]], [0.0])])
    >>> complex = rt.decompose(net, rt.Box(-1, 2))
    >>> rt.dual_graph(complex, weight="bend").toarray()
    array([[0., 1., 0.],
           [1., 0., 2.],
           [0., 2., 0.]])
    """
    cells = cells_of(complex)
    return matrix_of_edges(cells.n_cells, cells.adjacency, edge_weights(cells, weight))


def matrix_of_edges(n: int, adjacency: IntArray, values: FloatArray) -> csr_array:
    """The symmetric matrix of a graph of `n` nodes whose edges, (e, 2), are listed once each."""
    first, second = adjacency.T
    graph = coo_array(
        (
            np.concatenate([values, values]),
            (np.concatenate([first, second]), np.concatenate([second, first])),
        ),
        shape=(n, n),
    ).tocsr()
    graph.sort_indices()
    return graph


@ieee_arithmetic
def to_networkx(complex: Cells | Any, weight: Weight = "unit") -> Any:
    """Return the dual graph of a complex as a networkx graph.

    Parameters
    ----------
    complex : Complex, Exploration or Slice
        As for `dual_graph`.
    weight : str
        As for `dual_graph`.

    Returns
    -------
    networkx.Graph
        Nodes ``0 .. n_cells - 1`` with the attributes ``pattern`` (str of 0 and 1, one character
        per neuron) and ``interior_point`` (tuple of n floats); edges with ``weight`` (float) and
        ``facet_neurons`` (tuple of int, the neurons that vanish on the shared facet).

    Raises
    ------
    ValueError
        As for `dual_graph`.
    MissingDependencyError
        If networkx is not installed.

    See Also
    --------
    dual_graph, export, to_pyg

    Examples
    --------
    >>> import relutope as rt
    >>> net = rt.Network.from_arrays([([[1.0]], [0.0]), ([[1.0]], [0.0])])
    >>> graph = rt.to_networkx(rt.decompose(net, rt.Box(-1, 1)))
    >>> graph.nodes[0]["pattern"], graph.edges[0, 1]["facet_neurons"]
    ('0', (0,))
    """
    require("networkx", "`to_networkx`")
    import networkx

    cells = cells_of(complex)
    graph = networkx.Graph()
    for cell, (pattern, point) in enumerate(
        zip(cells.patterns, cells.interior_points.tolist(), strict=True)
    ):
        text = (pattern.astype(np.uint8) + ord("0")).tobytes().decode("ascii")
        graph.add_node(cell, pattern=text, interior_point=tuple(point))
    weights = edge_weights(cells, weight).tolist()
    for (i, j), value, neurons in zip(
        cells.adjacency.tolist(), weights, cells.facet_neurons, strict=True
    ):
        graph.add_edge(i, j, weight=value, facet_neurons=tuple(neurons.tolist()))
    return graph


def edge_weights(cells: Cells, weight: Weight) -> FloatArray:
    """Weights of the edges, float64 (n_edges,), in the order of `cells.adjacency`."""
    check_choice("weight", weight, Weight)
    values = _plain_weights(cells, weight.removeprefix(_INVERSE))
    _require_finite(cells, weight, values)
    return decreasing(values) if weight.startswith(_INVERSE) else values


def decreasing(values: FloatArray) -> FloatArray:
    """``m / (m + d)`` for each d of `values`, m the median of the positive ones (1 without)."""
    positive = values[values > 0]
    middle = float(np.median(positive)) if len(positive) else 1.0
    return middle / (middle + values)


def _plain_weights(cells: Cells, weight: str) -> FloatArray:
    if weight == "unit":
        return np.ones(cells.n_edges)
    if weight == "distance":
        return edge_changes(cells.adjacency, cells.interior_points)
    if weight == "bend":
        return edge_changes(cells.adjacency, cells.affine_maps()[0])
    if weight == "hamming":
        return _pattern_distances(cells)
    if weight == "output":
        return edge_changes(cells.adjacency, cells.network.forward(cells.interior_points))
    if not isinstance(cells, CellComplex):
        raise ValueError(
            f"`weight` is {weight!r}, but local search finds no measures of facets; take another, "
            "or a Complex"
        )
    return np.asarray(cells.facet_measure, dtype=np.float64)


def edge_changes(adjacency: IntArray, per_cell: FloatArray) -> FloatArray:
    """Norm of the difference of a quantity (n_cells, ...) between the two cells of each edge."""
    rows = per_cell.reshape(len(per_cell), -1)
    first, second = adjacency.T
    return np.asarray(np.linalg.norm(rows[first] - rows[second], axis=1), dtype=np.float64)


def _pattern_distances(cells: Cells) -> FloatArray:
    patterns, adjacency = cells.patterns, cells.adjacency
    distances = np.empty(len(adjacency))
    for start in range(0, len(adjacency), _CHUNK):
        first, second = adjacency[start : start + _CHUNK].T
        different = patterns[first] != patterns[second]
        distances[start : start + _CHUNK] = np.count_nonzero(different, axis=1)
    return distances


def _require_finite(cells: Cells, weight: str, values: FloatArray) -> None:
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size == 0:
        return
    i, j = cells.adjacency[bad[0]]
    raise ValueError(
        f"`weight` is {weight!r}, but {bad.size} of {values.size} edges have no finite weight, "
        f"first the edge between cells {i} and {j} with {values[bad[0]]}; facets of an unbounded "
        "domain can be infinite: decompose over a bounded box, or use `weight='unit'`"
    )
