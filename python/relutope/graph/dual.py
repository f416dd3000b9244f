"""The dual graph of a complex: one node per cell, one edge per shared facet."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from ..common.arithmetic import ieee_arithmetic
from ..complex.cell_complex import CellComplex
from ..errors import MissingDependencyError

__all__ = ["dual_graph", "to_networkx"]

FloatArray: TypeAlias = NDArray[np.float64]
Weight: TypeAlias = Literal["unit", "facet", "distance", "bend", "hamming", "output"]

_CHUNK = 1 << 16  # edges whose patterns are compared at once; bounds the memory of `hamming`


@ieee_arithmetic
def dual_graph(complex: CellComplex, weight: Weight = "unit") -> csr_array:
    """Return the weighted adjacency matrix of the dual graph of a complex.

    Two cells are joined iff their closures share an (n-1)-dimensional face.

    Parameters
    ----------
    complex : Complex
        The complex; cell ``i`` becomes row ``i``.
    weight : {"unit", "facet", "distance", "bend", "hamming", "output"}
        Weight of the edge between the cells i and j:

        - ``unit``: 1;
        - ``facet``: (n-1)-dimensional measure of the shared facet (1 if n = 1);
        - ``distance``: Euclidean distance of the cells' interior points;
        - ``bend``: Frobenius norm of the jump of f's Jacobian across the facet;
        - ``hamming``: number of neurons in which the activation patterns differ (at least 1);
        - ``output``: Euclidean norm of the change of f between the interior points.

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

    See Also
    --------
    fiedler, to_networkx, relutope.Complex.adjacency

    Notes
    -----
    ``unit`` and ``facet`` grow with how strongly two cells are tied together; the others measure
    how far apart they are. A spectral partition cuts edges of small weight first, see `fiedler`.

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
    values = _edge_weights(complex, weight)
    first, second = complex.adjacency.T
    n = complex.n_cells
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
def to_networkx(complex: CellComplex, weight: Weight = "unit") -> Any:
    """Return the dual graph of a complex as a networkx graph.

    Parameters
    ----------
    complex : Complex
        The complex.
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
    try:
        import networkx
    except ImportError as error:
        raise MissingDependencyError(
            "`to_networkx` needs networkx, which is not installed: `pip install networkx`"
        ) from error
    graph = networkx.Graph()
    for cell, (pattern, point) in enumerate(
        zip(complex.patterns, complex.interior_points.tolist(), strict=True)
    ):
        text = (pattern.astype(np.uint8) + ord("0")).tobytes().decode("ascii")
        graph.add_node(cell, pattern=text, interior_point=tuple(point))
    weights = _edge_weights(complex, weight).tolist()
    for (i, j), value, neurons in zip(
        complex.adjacency.tolist(), weights, complex.facet_neurons, strict=True
    ):
        graph.add_edge(i, j, weight=value, facet_neurons=tuple(neurons.tolist()))
    return graph


def _edge_weights(complex: CellComplex, weight: Weight) -> FloatArray:
    """Weights of the edges, float64 (n_edges,), in the order of `complex.adjacency`."""
    if weight == "unit":
        values = np.ones(complex.n_edges)
    elif weight == "facet":
        values = np.asarray(complex.facet_measure, dtype=np.float64)
    elif weight == "distance":
        values = _change_along_edges(complex, complex.interior_points)
    elif weight == "bend":
        values = _change_along_edges(complex, complex.affine_maps()[0])
    elif weight == "hamming":
        values = _pattern_distances(complex)
    elif weight == "output":
        outputs = complex.network.forward(complex.interior_points)
        values = _change_along_edges(complex, outputs)
    else:
        raise ValueError(f"`weight` is {weight!r}; use one of {', '.join(get_args(Weight))}")
    _require_finite(complex, weight, values)
    return values


def _change_along_edges(complex: CellComplex, per_cell: FloatArray) -> FloatArray:
    """Norm of the difference of a quantity (n_cells, ...) between the two cells of each edge."""
    rows = per_cell.reshape(complex.n_cells, -1)
    first, second = complex.adjacency.T
    return np.asarray(np.linalg.norm(rows[first] - rows[second], axis=1), dtype=np.float64)


def _pattern_distances(complex: CellComplex) -> FloatArray:
    patterns = complex.patterns
    distances = np.empty(complex.n_edges)
    for start in range(0, complex.n_edges, _CHUNK):
        first, second = complex.adjacency[start : start + _CHUNK].T
        different = patterns[first] != patterns[second]
        distances[start : start + _CHUNK] = np.count_nonzero(different, axis=1)
    return distances


def _require_finite(complex: CellComplex, weight: Weight, values: FloatArray) -> None:
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size == 0:
        return
    i, j = complex.adjacency[bad[0]]
    raise ValueError(
        f"`weight` is {weight!r}, but {bad.size} of {values.size} edges have no finite weight, "
        f"first the edge between cells {i} and {j} with {values[bad[0]]}; facets of an unbounded "
        "domain can be infinite: decompose over a bounded box, or use `weight='unit'`"
    )
