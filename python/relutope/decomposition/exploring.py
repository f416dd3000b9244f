"""Local search: the cells around a point, for networks with too many cells to enumerate.

One file, since half of it is what the one class says of itself.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core
from ..common.arguments import check_choice, checked_count
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import BoolArray, FloatArray, IntArray, read_only
from ..common.progress import Progress, search_progress
from ..common.ragged import Ragged
from ..complex.cells import Cells, cells_of
from ..complex.halfspaces import halfspaces
from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope
from ..errors import InvalidDomainError, InvalidNetworkError
from ..network import maps
from ..network.conversion import NetworkLike, as_network
from ..network.core import point_signs
from ..network.network import Network
from ..properties.domains import checked_domain, on_free_inputs
from ..search.frames import FirstLayerFrame, InputFrame, bounds_of, frame_of, halfspaces_of
from ..search.problem import Outputs, Problem
from ..search.starts import are_inside, checked_start, points_beside
from . import stored_exploration
from .explored_cell import ExploredCell
from .stored_exploration import Order, StoredExploration

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from ..graph.dual import Weight

__all__ = ["Exploration", "Order", "explore"]

_ROUNDING = 1e-8  # how far from `x0` to start when its own cells have no doubles inside


@ieee_arithmetic
class Exploration:
    """The cells around a point, with all their facets; see `explore`.

    `run` explores, and may be called again to go on. Everything below describes what has been
    explored so far.

    Parameters
    ----------
    network, x0, domain, order, outputs
        As for `explore`.

    Attributes
    ----------
    network : Network
        With the neurons that compare its outputs, if `outputs` was given.
    domain : Box, Polytope or None
    order : {"bfs", "nearest"}
    x0 : ndarray of float64, shape (n,)
    start : ndarray of float64, shape (n,)
        The point whose cell is cell 0: `x0`, or, when `x0` is on the boundary between cells or of
        the domain, a point beside it. If the cells that contain `x0` are so thin that no point in
        them was found, it is in a cell that comes within about 1e-8 of `x0`, relatively.
    start_zeros : ndarray of int64
        Neurons that vanish at `x0`; those that vanish on all of cell 0 are among them.

    Examples
    --------
    >>> import relutope as rt
    >>> net = rt.Network.from_arrays([([[1, 0], [0, 1], [1, 1]], [0, 0, -1]), ([[1, 1, 1]], [0])])
    >>> e = rt.Exploration(net, [2.0, 1.0])
    >>> e.run(max_cells=3)
    >>> e.n_cells, e.n_known, e.complete
    (3, 6, False)
    >>> e.run(max_cells=100)
    >>> e.n_cells, e.complete
    (7, True)
    """

    def __init__(
        self,
        network: NetworkLike,
        x0: ArrayLike,
        *,
        domain: Box | FlatBox | Polytope | str | Path | None = None,
        order: Order = "bfs",
        outputs: Outputs | None = None,
    ) -> None:
        given = checked_domain(domain)
        check_choice("order", order, Order)
        free_network, free_domain = on_free_inputs(as_network(network), given)
        if isinstance(given, FlatBox):
            x0 = _free_part(x0, given)
        problem = Problem.of_outputs(free_network, free_domain, outputs)
        if problem.network.n_neurons == 0:
            raise InvalidNetworkError("`network` has no hidden neurons, so it has one cell only")
        self._prepare(problem, order, checked_start(x0, problem.network.input_dim, problem.domain))
        self.start = self._enter_first_cell(self._signs_at_x0)

    def _prepare(self, problem: Problem, order: Order, x0: FloatArray) -> None:
        self._problem = problem
        self.network: Network = problem.network
        self.domain = problem.domain
        self.order: Order = order
        self.x0 = x0
        self._frame = frame_of(problem)
        self._seconds = 0.0
        self._facet_arrays: tuple[int, _core.FacetArrays] | None = None  # of so many cells
        self._core = _explorer(problem, self._frame, x0, order)
        self._signs_at_x0 = point_signs(self.network, x0[None])[0]
        self.start_zeros = np.flatnonzero(self._signs_at_x0 == 0)

    @classmethod
    def from_stored(cls, stored: StoredExploration) -> Exploration:
        """What `save` has written, which can go on; proofs that were kept are found again.

        Parameters
        ----------
        stored : StoredExploration
            What `stored` gives.
        """
        self = cls.__new__(cls)
        self._prepare(stored.problem, stored.order, stored.x0)
        self.start = stored.start
        self._frame.anchor(stored.start)
        self._core.restore(stored.arrays)
        return self

    @property
    def stored(self) -> StoredExploration:
        """All that has been found, as `save` writes it."""
        return StoredExploration(self._problem, self.order, self.x0, self.start, self._core.state())

    def __reduce__(self) -> tuple[Any, ...]:
        return Exploration.from_stored, (self.stored,)

    def save(self, path: str | Path) -> None:
        """Writes the exploration to one ``.npz`` file, which is complete or not there at all.

        `relutope.load` reads it, and `run` goes on from there.

        Parameters
        ----------
        path : str or Path

        See Also
        --------
        relutope.load
        """
        stored_exploration.save(self.stored, path)

    def _enter_first_cell(self, signs: NDArray[np.int8]) -> FloatArray:
        for x in points_beside(self.x0, self.domain):
            if self._enters(x, signs):
                return x
        for x in points_beside(self.x0, self.domain, within=_ROUNDING):
            if self._enters(x, np.zeros_like(signs)):
                return x
        raise InvalidDomainError(
            "`x0` is in or beside cells in which no point with double coordinates was found; take "
            "another point"
        )

    def _enters(self, x: FloatArray, signs: NDArray[np.int8]) -> bool:
        """Makes the cell of `x` cell 0, if it has these signs, where they are not zero."""
        there = point_signs(self.network, x[None])[0]
        if (there != signs)[signs != 0].any() or not are_inside(x[None], self.domain)[0]:
            return False
        self._frame.anchor(x)
        coordinates = self._frame.coordinates(x)
        pattern = (there > 0).astype(np.uint8)
        return bool(np.isfinite(coordinates).all()) and self._core.start(pattern, coordinates)

    def run(
        self, *, max_cells: int = 1000, radius: float = math.inf, progress: Progress = False
    ) -> None:
        """Explores until there are `max_cells` cells, or none is left within `radius` of `x0`.

        Parameters
        ----------
        max_cells : int
            How many cells to have.
        radius : float
            Only cells within this distance of `x0`.
        progress : bool or callable
            Show progress on stderr, or be told; see `decompose`.

        Raises
        ------
        ValueError
            If a limit is out of range.
        BusyError
            If another thread runs this exploration. Reads while it is run raise it, too.
        KeyboardInterrupt
            On Ctrl-C, within a second; what has been explored stays, and `run` can go on.
        """
        max_cells = checked_count("max_cells", max_cells)
        if not radius >= 0:
            raise ValueError(f"`radius` must be a distance, got {radius}")
        start = time.perf_counter()
        try:
            with search_progress(progress) as report:
                self._core.run(max_cells, radius, report)
        finally:
            self._seconds += time.perf_counter() - start

    # -- counts

    @property
    def dim(self) -> int:
        """Number n of inputs."""
        return self.network.input_dim

    @property
    def n_neurons(self) -> int:
        """Number N of hidden neurons."""
        return self.network.n_neurons

    @property
    def n_output_neurons(self) -> int:
        """How many of the neurons, the last ones, compare outputs; see `Complex`."""
        return self._problem.n_output_neurons

    @property
    def n_cells(self) -> int:
        """Number of explored cells."""
        return self._core.num_cells

    @property
    def n_known(self) -> int:
        """Number of explored cells and of their neighbours."""
        return self.n_cells + self._core.num_waiting

    @property
    def n_unresolved(self) -> int:
        """Number of neighbours in which no point with double coordinates was found.

        They are cells, and known as neighbours, but they cannot be explored.
        """
        return self._core.num_without_point

    @property
    def complete(self) -> bool:
        """Whether the explored cells are all cells of the domain.

        No explored cell has a neighbour that is not explored, and a domain without its faces of
        codimension two is connected.
        """
        return self._core.num_waiting == 0

    @property
    def stats(self) -> dict[str, Any]:
        """Seconds, linear programs, of them those decided in rational arithmetic, pivots."""
        return {"seconds": self._seconds, **self._core.counts}

    # -- cells

    @property
    def patterns(self) -> BoolArray:
        """Activation patterns of the explored cells in their order, shape (n_cells, N)."""
        return _unpacked(self._core.patterns, self.network.n_neurons)

    @property
    def interior_points(self) -> FloatArray:
        """A point of each explored cell, shape (n_cells, n); see `interior_certified`."""
        return self._frame.inputs(self._core.points)

    @property
    def interior_certified(self) -> BoolArray:
        """Whether each of `interior_points` is proven to be strictly inside, shape (n_cells,).

        Points are found, and proven to be inside, in the coordinates in which a cell is explored.
        Where these are the units of the first layer, the points of the input space are rounded,
        which very thin cells do not survive.
        """
        points, patterns = self.interior_points, self.patterns
        finite = np.asarray(np.isfinite(points).all(axis=1))
        points = np.where(finite[:, None], points, 0.0)
        signs = point_signs(self.network, points)
        certified: BoolArray = finite & ((signs > 0) == patterns).all(axis=1)
        for i in np.flatnonzero(certified & (signs == 0).any(axis=1)):
            # No facet holds the point, so what vanishes there vanishes on the whole cell.
            certified[i] = all(signs[i, zeros].any() for zeros in self.facets(int(i)))
        return np.asarray(certified & are_inside(points, self.domain))

    @property
    def distances(self) -> FloatArray:
        """Euclidean distance of each explored cell from `x0`, shape (n_cells,), rounded.

        Increasing, but for rounding. NaN with ``order="bfs"``, which does not need them, but for
        cell 0.
        """
        return self._core.distances

    def cell(self, i: int) -> ExploredCell:
        """Cell `i` as a polyhedron: halfspaces, facets, neighbours, affine map.

        Parameters
        ----------
        i : int
            A cell.

        Returns
        -------
        ExploredCell

        Raises
        ------
        IndexError
            If there is no such cell.
        """
        i = range(self.n_cells)[i]
        begin, end = self._range(i)
        sides = -1 - np.flatnonzero(self._problem.infinite_sides == 0)
        names = np.concatenate([self._facets["neuron"][begin:end].astype(np.int64), sides])
        A, b = halfspaces(self._problem, self.patterns[i], names)
        return ExploredCell(
            index=i,
            pattern=self.patterns[i],
            A=A,
            b=b,
            facets=[*self.facets(i), *sides[:, None]],
            neighbours=np.concatenate([self.neighbours(i), np.full(len(sides), -1)]),
            interior_point=self.interior_points[i],
            affine_map=self.affine_map(i),
        )

    def __len__(self) -> int:
        return self.n_cells

    def __getitem__(self, i: int) -> ExploredCell:
        return self.cell(i)

    def __iter__(self) -> Iterator[ExploredCell]:
        return (self.cell(i) for i in range(self.n_cells))

    @property
    def zero_neurons(self) -> tuple[IntArray, IntArray]:
        """Neurons that vanish on whole cells, as pairs (cell, neuron) in two arrays.

        Of a cell in which no double is proven to lie, they are what vanishes on all of two facets.
        """
        signs = point_signs(self.network, np.nan_to_num(self.interior_points))
        vanish = (signs == 0) & self.interior_certified[:, None]
        for i in np.flatnonzero(~self.interior_certified & (self.n_facets > 1)).tolist():
            facets = self.facets(i)
            vanish[i, np.intersect1d(facets[0], facets[1])] = True
        cell, neuron = np.nonzero(vanish)
        return cell, neuron

    def affine_maps(self) -> tuple[FloatArray, FloatArray]:
        """The affine maps of all cells, shapes (n_cells, m, n) and (n_cells, m).

        Returns
        -------
        tuple of ndarray
        """
        return maps.affine_maps(self.network, self.patterns)

    def affine_map(self, i: int) -> tuple[FloatArray, FloatArray]:
        """``(A, c)`` with ``f(x) = A x + c`` on cell `i`; shapes (m, n) and (m,), rounded.

        Parameters
        ----------
        i : int
            A cell.

        Returns
        -------
        tuple of ndarray
        """
        i = range(self.n_cells)[i]
        A, c = maps.affine_maps(self.network, self.patterns[i : i + 1])
        return A[0], c[0]

    # -- facets

    @property
    def _facets(self) -> _core.FacetArrays:
        count = self.n_cells
        known = self._facet_arrays
        if known is None or known[0] != count:
            self._facet_arrays = known = count, self._core.facets()
        return known[1]

    @property
    def n_facets(self) -> IntArray:
        """Number of facets of each explored cell inside the domain, shape (n_cells,)."""
        return np.diff(self._facets["begin"])

    def facets(self, i: int) -> list[IntArray]:
        """The facets of cell `i` that other cells share, as sets of neurons that vanish there.

        Facets on the boundary of the domain are not among them.

        Parameters
        ----------
        i : int
            A cell.

        Returns
        -------
        list of ndarray of int64
        """
        begin, end = self._range(i)
        zeros = Ragged(self._facets["zero_begin"], self._facets["zeros"].astype(np.int64))
        return [zeros[k] for k in range(begin, end)]

    def neighbours(self, i: int) -> IntArray:
        """The cell beyond each of ``facets(i)``; -1 where it is not explored.

        Parameters
        ----------
        i : int
            A cell.

        Returns
        -------
        ndarray of int64
        """
        begin, end = self._range(i)
        result: IntArray = self._facets["neighbour"][begin:end]
        return result

    def neighbour_patterns(self, i: int) -> BoolArray:
        """Activation pattern of the cell beyond each of ``facets(i)``, explored or not.

        Parameters
        ----------
        i : int
            A cell.

        Returns
        -------
        ndarray of bool, shape (k, N)
        """
        cell = range(self.n_cells)[i]
        return _unpacked(self._core.neighbour_patterns(cell), self.network.n_neurons)

    def facet_distances(self, i: int) -> FloatArray:
        """Euclidean distance of `x0` from each of ``facets(i)``, rounded.

        The facets' own, not their hyperplanes'.

        Parameters
        ----------
        i : int
            A cell.

        Returns
        -------
        ndarray of float64

        Raises
        ------
        IndexError
            If there is no such cell.
        """
        return np.array(self._core.facet_distances(range(self.n_cells)[i]))

    @property
    def adjacency(self) -> IntArray:
        """Pairs of explored cells that share a facet, lower first, sorted, shape (n_edges, 2)."""
        return read_only(self._shared()[0])

    @property
    def n_edges(self) -> int:
        """Number of pairs of explored cells that share a facet."""
        return len(self._shared()[1])

    @property
    def facet_neurons(self) -> Ragged:
        """The neurons that vanish on the facet of each row of `adjacency`."""
        zeros = Ragged(self._facets["zero_begin"], self._facets["zeros"].astype(np.int64))
        return zeros[self._shared()[1]]

    def _shared(self) -> tuple[IntArray, IntArray]:
        """The rows of `adjacency`, and the number of each one's facet."""
        cell = np.repeat(np.arange(self.n_cells), self.n_facets)
        pairs = np.column_stack([cell, self._facets["neighbour"]])
        facet = np.flatnonzero(pairs[:, 0] < pairs[:, 1])
        facet = facet[np.lexsort(pairs[facet].T[::-1])]
        return pairs[facet], facet

    def dual_graph(self, weight: Weight = "unit") -> csr_array:
        """The weighted adjacency matrix of the explored cells; see `relutope.dual_graph`.

        Every weight but ``facet``: the facets' measures are not known.

        Parameters
        ----------
        weight : str
            Weight of the edge between two cells.

        Returns
        -------
        scipy.sparse.csr_array
        """
        from ..graph.dual import dual_graph

        return dual_graph(self, weight)

    def _range(self, i: int) -> tuple[int, int]:
        cell = range(self.n_cells)[i]
        return int(self._facets["begin"][cell]), int(self._facets["begin"][cell + 1])

    def __repr__(self) -> str:
        state = "all" if self.complete else f"{self.n_known - self.n_cells:,} neighbours waiting"
        return f"Exploration({self.n_cells:,} cells, {state}; {self.network!r})"


@ieee_arithmetic
def explore(
    network: NetworkLike,
    x0: ArrayLike,
    *,
    max_cells: int = 1000,
    radius: float = math.inf,
    order: Order = "bfs",
    domain: Box | FlatBox | Polytope | str | Path | None = None,
    outputs: Outputs | None = None,
    progress: Progress = False,
) -> Exploration:
    """The cells around a point, with all their facets, for networks of any size.

    A cell is explored when all its facets are known; then the search goes on to the cells beyond
    them. Every facet is certified: a point of the cell and a point that is on the wrong side of
    this facet alone. So is every neuron that is no facet, by a combination of facets. See
    `decompose` for what a cell is; degenerate weights are ordinary input here too.

    Parameters
    ----------
    network : Network, torch.nn.Module, sequence of (W, b), or path of a file
        As for `decompose`.
    x0 : array_like, shape (n,)
        Where to start. On the boundary between cells, or of the domain, the search starts in a cell
        that contains `x0`; `Exploration.start` says where.
    max_cells : int
        How many cells to explore.
    radius : float
        Explore only cells whose Euclidean distance from `x0` is at most this.
    order : {"bfs", "nearest"}
        By the number of facets crossed, or by the distance from `x0`.
    domain : Box, FlatBox, Polytope, or path of a ``.vnnlib`` file, optional
        Where to look; all of R^n by default, which is fastest. Inputs that a `FlatBox` fixes are
        dropped: points and cells are those of the network as a function of the others.
    outputs : {None, "sign", "argmax"}
        As for `decompose`: cells are also cut where the decision changes.
    progress : bool
        Show progress on stderr.

    Returns
    -------
    Exploration
        Cells in the order in which they were explored, cell 0 at `x0`. ``run(max_cells=...)`` goes
        on from there.

    Raises
    ------
    InvalidNetworkError, UnsupportedLayerError
        If the network cannot be used.
    InvalidDomainError
        If `x0` is not in the domain, or the domain does not fit.
    ValueError
        If another argument is out of range.
    KeyboardInterrupt
        On Ctrl-C. To keep what has been found, make an `Exploration` and call its `run`.

    See Also
    --------
    decompose, slice, Exploration

    Notes
    -----
    Cells have about twice as many facets as there are dimensions to move in, whatever the number of
    neurons. Over all of R^n, when the rows of the first layer are independent, a cell is explored
    in the coordinates of the first layer's active units, which are few. In a bounded domain each
    program has all n dimensions: with 784 inputs a cell with few facets, in a small box around an
    image, takes some tens of milliseconds as well; one with hundreds of facets takes seconds.

    That a neuron is no facet is often proven for neighbouring cells at once: in the dual problem of
    Wong and Kolter only some neurons' states matter. In boxes of many inputs, facets are looked for
    at the nearest points of their hyperplanes before a program decides.

    Distances are rounded: a cell within 1e-9 of `radius` may be on either side, and cells at nearly
    the same distance may change places.

    Examples
    --------
    >>> import relutope as rt
    >>> net = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, -1.0]], [0.0])]
    >>> found = rt.explore(net, [3.0, 1.0], order="nearest")
    >>> found.n_cells, found.adjacency.tolist()
    (4, [[0, 1], [0, 2], [1, 3], [2, 3]])
    >>> found.distances.round(3).tolist()
    [0.0, 1.0, 3.0, 3.162]

    References
    ----------
    Clarkson, More output-sensitive geometric algorithms, FOCS 1994 (facets one by one).

    Wong and Kolter, Provable defenses against adversarial examples via the convex outer adversarial
    polytope, ICML 2018 (the dual problem).
    """
    exploration = Exploration(network, x0, domain=domain, order=order, outputs=outputs)
    exploration.run(max_cells=max_cells, radius=radius, progress=progress)
    return exploration


@cells_of.register
def _(source: Exploration) -> Cells:
    return source


def _explorer(
    problem: Problem, frame: FirstLayerFrame | InputFrame, x0: FloatArray, order: Order
) -> _core.Explorer:
    """The core's search; it measures distances in all inputs, whatever the frame."""
    lower, upper = frame.bounds
    whole_lower, whole_upper = bounds_of(len(x0), problem.domain)
    return _core.Explorer(
        problem.core_network if isinstance(frame, InputFrame) else problem.full_core,
        lower,
        upper,
        frame.halfspaces,
        isinstance(frame, FirstLayerFrame),
        problem.full_core,
        whole_lower,
        whole_upper,
        halfspaces_of(len(x0), problem.domain),
        x0,
        order == "nearest",
    )


def _unpacked(words: NDArray[np.uint64], n_neurons: int) -> BoolArray:
    """Packed patterns, shape (k, words), as bits, shape (k, n_neurons)."""
    octets = np.ascontiguousarray(words).view(np.uint8)
    bits = np.unpackbits(octets, axis=1, count=n_neurons, bitorder="little")
    return bits.view(np.bool_)


def _free_part(x0: ArrayLike, domain: FlatBox) -> FloatArray:
    """A point's coordinates that the domain does not fix."""
    x = np.array(x0, dtype=np.float64)
    fixed = domain.lower == domain.upper
    if x.shape != fixed.shape:
        raise ValueError(f"`x0` must have shape {fixed.shape}, got {x.shape}")
    if (x[fixed] != domain.lower[fixed]).any():
        axis = int(np.flatnonzero(fixed & (x != domain.lower))[0])
        raise InvalidDomainError(
            f"`x0` is outside of `domain`, which fixes input {axis} to {domain.lower[axis]}"
        )
    return x[domain.free]
