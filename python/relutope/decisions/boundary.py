"""Where a classifier's decision changes: of a complex, or without it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

import numpy as np

from ..common.arguments import checked_count, checked_seconds, worker_threads
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import FloatArray, IntArray, ReadOnlyArrays, read_only
from ..common.progress import Progress, search_watch
from ..complex import geometry
from ..complex.boundary_cells import BoundaryCells
from ..complex.cell_complex import CellComplex
from ..complex.cells import Cells, cells_of, has_cells
from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope
from ..errors import StoppedError
from ..network.conversion import NetworkLike, as_network
from ..search.domains import checked_domain, on_free_inputs
from ..search.problem import Outputs, Problem
from ..search.solution import solve
from .regions import class_changes, class_labels

__all__ = ["DecisionBoundary", "decision_boundary"]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class DecisionBoundary(ReadOnlyArrays):
    """The facets between cells of different class. See `decision_boundary`.

    Attributes
    ----------
    complex : Complex, Exploration or BoundaryCells
        `BoundaryCells` if the boundary was found without a complex.
    edges : ndarray of int64, shape (k,)
        Which rows of ``complex.adjacency``, increasing.
    labels : ndarray of int64, shape (k, 2)
        The classes of the two cells of each.
    """

    complex: Cells
    edges: IntArray
    labels: IntArray

    @property
    def cells(self) -> IntArray:
        """The two cells of each facet, shape (k, 2)."""
        return self.complex.adjacency[self.edges]

    @property
    def measure(self) -> FloatArray:
        """(n - 1)-dimensional measure of each facet, shape (k,); see `Complex.facet_measure`.

        Raises
        ------
        ValueError
            For an exploration, which knows no vertices.
        """
        return self._ambient.facet_measure[self.edges]

    def triangulation(self) -> tuple[FloatArray, IntArray]:
        """Simplices that make up the facets, for pictures and meshes.

        Returns
        -------
        corners : ndarray of float64, shape (m, n, n)
            The n corners of each simplex: the ends of a segment for n = 2, a triangle for n = 3.
        facet : ndarray of int64, shape (m,)
            The row of `edges` that each is a part of; unbounded simplices are left out.

        Raises
        ------
        ValueError
            For an exploration, which knows no vertices, and where cells contain lines.
        """
        simplices, facet, corners = self._simplices
        finite = np.isfinite(corners[simplices]).all(axis=(1, 2))
        return corners[simplices[finite]], facet[finite]

    @cached_property
    def component(self) -> IntArray:
        """The connected component that each facet belongs to, shape (k,), numbered from 0.

        Facets are connected where they share a point. Cells that are tied as a whole connect
        nothing: only facets of the boundary do.

        Raises
        ------
        ValueError
            As for `triangulation`.
        """
        from scipy.sparse import csr_array

        from ..graph.laplacian import components

        simplices, facet, corners = self._simplices
        at, place = np.nonzero(np.isfinite(corners[simplices]).all(axis=2))
        facet, vertex = facet[at], simplices[at, place]
        k = len(self)
        shape = (k + len(corners),) * 2
        ones = np.ones(len(facet), dtype=np.int8)
        joined = csr_array((ones, (facet, k + vertex)), shape=shape)
        return read_only(np.unique(components(joined)[1][:k], return_inverse=True)[1])

    @property
    def n_components(self) -> int:
        """Number of connected components; see `component`."""
        return int(self.component.max(initial=-1)) + 1

    @cached_property
    def _simplices(self) -> tuple[IntArray, IntArray, FloatArray]:
        """Vertices of simplices, the facets they belong to, and all vertices' coordinates."""
        cells = self._ambient
        kernel = cells if isinstance(cells, CellComplex) else cells.kernel
        simplices, edge, corners = geometry.facet_simplices(kernel)
        row = np.searchsorted(self.edges, edge)
        row[row == len(self.edges)] = 0
        own = np.zeros(len(edge), dtype=np.bool_)
        if len(self.edges):
            own[:] = self.edges[row] == edge
        return simplices[own], row[own], corners

    @property
    def _ambient(self) -> CellComplex | BoundaryCells:
        if not isinstance(self.complex, CellComplex | BoundaryCells):
            raise ValueError("local search knows no vertices; take a Complex, or give the network")
        return self.complex

    def __len__(self) -> int:
        return len(self.edges)

    def __repr__(self) -> str:
        return f"DecisionBoundary({len(self):,} facets; {self.complex!r})"


@ieee_arithmetic
def decision_boundary(
    source: Cells | NetworkLike,
    domain: Box | FlatBox | Polytope | str | Path | None = None,
    *,
    outputs: Outputs | None = None,
    threads: int | None = None,
    max_cells: int | None = None,
    max_seconds: float | None = None,
    progress: Progress = False,
) -> DecisionBoundary:
    """The facets at which the class changes, exactly: of a complex, or of a network without one.

    Of a network only those parts of the domain are refined on which certified bounds leave the
    decision open, so that far fewer cells are made than by `decompose`; the facets are the same.

    Parameters
    ----------
    source : Complex, Exploration or Slice; or Network, torch.nn.Module, path, ...
        Cells as for `decision_regions`, which says what the classes are. Or a network, as for
        `decompose`.
    domain : Box, FlatBox, Polytope, or path of a ``.vnnlib`` file, optional
        Where to look for a network's boundary; all of R^n by default. Inputs that a `FlatBox` fixes
        are dropped: the boundary is that of the network as a function of the others.
    outputs : {"sign", "argmax"}, optional
        What a network's decision is; by default "sign" for one output, "argmax" for several.
    threads : int, optional
        Worker threads; all processors that this process may use by default. The result does not
        depend on it.
    max_cells : int, optional
        Stop with an error when there are more cells at the boundary than this.
    max_seconds : float, optional
        Stop with an error after this wall time.
    progress : bool or callable
        As for `decompose`.

    Returns
    -------
    DecisionBoundary
        The two classes of a facet are equally good at all of its points. Places of fewer dimensions
        where the decision is tied, and facets of cells that are tied as a whole but get the same
        class as their neighbours, are not among them; ``region(complex, "level")`` and
        ``region(complex, "class boundary")`` are the sets of all ties.

    Raises
    ------
    ValueError
        If the complex was made without `outputs`, or another argument is given beside a complex.
    InvalidNetworkError, UnsupportedLayerError
        If the network cannot be used, or `outputs` does not fit its number of outputs.
    InvalidDomainError
        If the domain is empty or does not fit the network.
    EngineError
        If the network has more than 16 essential input dimensions.
    CellLimitError
        If there are more than `max_cells` cells at the boundary.
    StoppedError
        After `max_seconds`, or when `progress` returns True.

    See Also
    --------
    decision_regions, region, decompose, robustness

    Notes
    -----
    Cells are found layer by layer, as by `decompose`. Once the signs of some layers are known on a
    part, affine bounds over the part's bounding box (Zhang, Weng, Chen, Hsieh, Daniel 2018),
    rounding included, say whether one class wins on all of it; then it is not refined.

    Examples
    --------
    ``x + y = 1`` in the square:

    >>> import relutope as rt
    >>> net = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [-1.0])]
    >>> cx = rt.decompose(net, rt.Box(0, 1), outputs="sign")
    >>> boundary = rt.decision_boundary(cx)
    >>> len(boundary), boundary.measure.tolist()
    (1, [1.4142135623730951])

    The same without a complex:

    >>> rt.decision_boundary(net, rt.Box(0, 1)).measure.tolist()
    [1.4142135623730951]
    """
    if has_cells(source):
        given = (domain, outputs, threads, max_cells, max_seconds)
        if any(value is not None for value in given) or progress is not False:
            raise ValueError(
                "`source` is a complex, whose domain and outputs are known; give no other argument "
                "beside it, or a network instead"
            )
        return _of_cells(cells_of(source))
    if max_cells is not None:
        max_cells = checked_count("max_cells", max_cells)
    max_seconds = checked_seconds("max_seconds", max_seconds)
    network, inside = on_free_inputs(as_network(cast(NetworkLike, source)), checked_domain(domain))
    decision = outputs or ("sign" if network.output_dim == 1 else "argmax")
    problem = Problem.of_outputs(network, inside, decision, at_boundary=True)
    workers = worker_threads(threads)
    with search_watch(progress, max_seconds) as watch:
        try:
            found = solve(problem, "vertex", threads=workers, max_cells=max_cells, watch=watch)
        except StoppedError as stopped:
            stopped.partial = None  # some cells of a boundary are no boundary
            raise
    return _of_cells(BoundaryCells(found))


def _of_cells(cells: Cells) -> DecisionBoundary:
    labels = class_labels(cells)
    edges = np.flatnonzero(class_changes(cells, labels))
    return DecisionBoundary(cells, edges, labels[cells.adjacency[edges]])
