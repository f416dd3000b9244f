"""Which critical points of a function gradient lines join."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as attribute
from typing import TYPE_CHECKING

import numpy as np

from ..common.arguments import checked_index
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import FloatArray, IntArray, ReadOnlyArrays
from ..common.extras import require
from ..complex.cell_complex import CellComplex
from ..complex.cells import ComplexLike, complex_of
from ..complex.lattice import check_dimension
from .chains import check_field
from .gradient import Gradient, discrete_gradient
from .heights import Output, height_of
from .plateaus import Plateaus

if TYPE_CHECKING:
    from networkx import DiGraph

__all__ = ["FlowGraph", "flow_graph"]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class FlowGraph(ReadOnlyArrays):
    """The critical faces of a discrete gradient and the paths between them; see `flow_graph`.

    Attributes
    ----------
    complex : Complex
        The complex that they are faces of.
    field : int
        The prime p of the coefficients.
    dim : ndarray of int64, shape (m,)
        The index of each node, in increasing order: the dimension of its face, less that of the
        complex's lines.
    faces : ndarray of int64, shape (m,)
        The faces, numbered as by `Complex.faces`; of dimension `dim`, plus that of the lines.
    values : ndarray of float64, shape (m,)
        The largest value of the function on each face, its value at the critical point.
    vertices : ndarray of int64, shape (m,)
        The lowest vertex of the plateau on which it takes this value: the first of a row of
        `CriticalCells.vertices`.
    arcs : ndarray of int64, shape (k, 2)
        From a node down to a node whose index is less by one.
    coefficients : ndarray of int64, shape (k,)
        The sum of the paths' coefficients in GF(p), 0 where they cancel out.
    """

    complex: CellComplex
    field: int
    dim: IntArray
    faces: IntArray
    values: FloatArray
    vertices: IntArray
    arcs: IntArray
    coefficients: IntArray
    _gradient: Gradient = attribute(repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.dim)

    @property
    def counts(self) -> IntArray:
        """Number of nodes of each index, 0 to n."""
        return np.bincount(self.dim, minlength=self.complex.dim + 1).astype(np.int64)

    def boundary_matrix(self, k: int) -> IntArray:
        """The boundary of the Morse complex over GF(p), from index `k` to k - 1.

        Parameters
        ----------
        k : int
            From 1 to n.

        Returns
        -------
        ndarray of int64, shape (nodes of index k - 1, nodes of index k)
        """
        check_dimension("k", k, 1, self.complex.dim)
        place = np.arange(len(self)) - np.concatenate([[0], np.cumsum(self.counts)])[self.dim]
        matrix = np.zeros((self.counts[k - 1], self.counts[k]), dtype=np.int64)
        upper, lower = self.arcs[self.dim[self.arcs[:, 0]] == k].T
        matrix[place[lower], place[upper]] = self.coefficients[self.dim[self.arcs[:, 0]] == k]
        return matrix

    def descent(self, node: int) -> IntArray:
        """The line of edges that goes down on both sides of a saddle.

        Parameters
        ----------
        node : int
            A node of index 1.

        Returns
        -------
        ndarray of int64, shape (k,)
            Vertices from one minimum, over the node's edge, to another; numbered as in
            `Complex.cell_vertices`, so that at infinity ends what goes down for ever.

        Raises
        ------
        IndexError
            If there is no such node.
        ValueError
            If its index is not 1.
        """
        node = checked_index(node, len(self), "nodes", "node")
        if self.dim[node] != 1:
            raise ValueError(f"`node` is {node}, of index {self.dim[node]}; give one of index 1")
        gradient, start = self._gradient, self._gradient.start[1]
        sides = []
        for vertex in gradient.facets[start + self.faces[node]].tolist():
            path = [vertex]
            while (edge := int(gradient.partner[path[-1]])) != path[-1]:
                a, b = gradient.facets[edge].tolist()
                path.append(b if a == path[-1] else a)
            sides.append(path)
        return np.array(sides[0][::-1] + sides[1], dtype=np.int64)

    def to_networkx(self) -> DiGraph:
        """The graph, with ``dim``, ``value`` and ``vertex`` of nodes and ``coefficient`` of arcs.

        Returns
        -------
        networkx.DiGraph
        """
        require("networkx", "a graph of networkx")
        import networkx as nx

        graph = nx.DiGraph()
        rows = zip(self.dim.tolist(), self.values.tolist(), self.vertices.tolist(), strict=True)
        for node, (dim, value, vertex) in enumerate(rows):
            graph.add_node(node, dim=dim, value=value, vertex=vertex)
        for (a, b), coefficient in zip(self.arcs.tolist(), self.coefficients.tolist(), strict=True):
            graph.add_edge(a, b, coefficient=coefficient)
        return graph

    def __repr__(self) -> str:
        return f"FlowGraph({self.counts.tolist()} nodes by index, {len(self.arcs)} arcs)"


@ieee_arithmetic
def flow_graph(
    complex: ComplexLike,
    *,
    output: Output | None = None,
    neuron: int | None = None,
    label: int | None = None,
    field: int = 2,
) -> FlowGraph:
    """Return which critical points of a function are joined by descending gradient paths.

    The gradient is a discrete one [1]_: faces are matched with facets of the same lower star, so
    that f does not rise along its paths, and faces that are left over are critical. From a saddle
    of index 1 two paths lead down to minima. Between lower stars the paths depend on f alone; in
    them on the order in which faces are matched, which is the same in every run.

    Parameters
    ----------
    complex : Complex or Slice
        The complex, over any domain.
    output, neuron, label
        The function, as for `critical_cells`.
    field : int
        The prime p of the coefficients.

    Returns
    -------
    FlowGraph

    Raises
    ------
    ValueError, IndexError
        As for `critical_cells`.

    See Also
    --------
    critical_cells, merge_tree, reeb_graph

    Notes
    -----
    The nodes and the coefficients of the arcs are a chain complex, the Morse complex. Its homology
    is that of the domain, or, where f falls without end, of the domain relative to ``{f <= t}`` for
    very small t. A plateau has at least as many nodes of index k as its `CriticalCells.homology`
    has dimensions; as many, in up to three dimensions, where it is a vertex [2]_. It may have more
    where it is hard to find a gradient without them: then paths within it join them.

    References
    ----------
    .. [1] R. Forman, "Morse theory for cell complexes", Adv. Math. 134 (1998).
    .. [2] V. Robins, P. J. Wood, A. P. Sheppard, "Theory and algorithms for constructing discrete
       Morse complexes from grayscale digital images", IEEE TPAMI 33 (2011).

    Examples
    --------
    Two paths lead down from the saddle of ``|x| - |y|`` to the minima in the box's boundary.

    >>> import relutope as rt
    >>> from relutope.topology import flow_graph
    >>> saddle = [([[1, 0], [-1, 0], [0, 1], [0, -1]], [0] * 4), ([[1, 1, -1, -1]], [0])]
    >>> flow = flow_graph(rt.decompose(saddle, rt.Box(-1, 1)))
    >>> flow.dim.tolist(), flow.values.tolist(), flow.arcs.tolist()
    ([0, 0, 1], [-1.0, -1.0, 0.0], [[2, 0], [2, 1]])
    >>> flow.boundary_matrix(1).tolist()
    [[1], [1]]
    """
    prime = check_field(field)
    height = height_of(complex_of(complex), output, neuron, label)
    plateaus = Plateaus(height)
    gradient = discrete_gradient(plateaus.lattice, plateaus.steps)
    step: IntArray = np.concatenate(plateaus.steps).astype(np.int64)
    level = plateaus.level[step]
    real = (level > 0) & (level < plateaus.n_levels - 1) & (not height.along_lines)
    critical = gradient.critical
    nodes = critical[real[critical]]
    nodes = nodes[np.lexsort([nodes, step[nodes], gradient.dim(nodes)])]
    found = gradient.paths(nodes, ~real, prime)
    number = np.empty(len(step), dtype=np.int64)
    number[nodes] = np.arange(len(nodes))
    order = np.lexsort([number[found.lower], number[found.upper]])
    arcs = np.column_stack([number[found.upper], number[found.lower]])[order]
    dim = gradient.dim(nodes)
    return FlowGraph(
        complex=height.complex,
        field=prime,
        dim=dim,
        faces=nodes - gradient.start[dim],
        values=plateaus.values[step[nodes]],
        vertices=plateaus.first[step[nodes]],
        arcs=arcs,
        coefficients=found.coefficient[order],
        _gradient=gradient,
    )
