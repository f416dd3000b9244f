"""Local search: the cells around a point, for networks with too many cells to enumerate."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from . import _core, maps
from .arguments import check_domain
from .core import point_signs
from .domain import Box
from .errors import InvalidDomainError, InvalidNetworkError
from .essential import has_independent_rows
from .network import as_network
from .polytope import Polytope
from .problem import Problem
from .progress import search_progress
from .ragged import Ragged

__all__ = ["Exploration", "Order", "explore"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Order = Literal["bfs", "nearest"]

_STEPS = 50  # how often the step off a cell's boundary is halved


class Exploration:
    """The cells around a point, with all their facets; see `explore`.

    `run` explores, and may be called again to go on. Everything below describes what has been
    explored so far.

    Parameters
    ----------
    network, x0, domain, order
        As for `explore`.

    Attributes
    ----------
    network : Network
    domain : Box, Polytope or None
    order : {"bfs", "nearest"}
    x0 : ndarray of float64, shape (n,)
    start : ndarray of float64, shape (n,)
        The point whose cell is cell 0: `x0`, or, when `x0` is on the boundary between cells or of
        the domain, a point beside it.
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
        network: Any,
        x0: ArrayLike,
        *,
        domain: Box | Polytope | None = None,
        order: Order = "bfs",
    ) -> None:
        check_domain(domain)
        if order not in ("bfs", "nearest"):
            raise ValueError(f"`order` must be 'bfs' or 'nearest', got {order!r}")
        self.network = as_network(network)
        if self.network.n_neurons == 0:
            raise InvalidNetworkError("`network` has no hidden neurons, so it has one cell only")
        problem = Problem(self.network, domain)
        self.domain = problem.domain
        self.order: Order = order
        self.x0 = _checked_point(x0, self.network.input_dim, self.domain)
        self._frame = _frame(problem)
        self._seconds = 0.0
        whole = Problem(self.network, self.domain)
        lower, upper = _whole_bounds(self.network.input_dim, self.domain)
        self._core = _core.Explorer(
            problem.core_network if isinstance(self._frame, _Inputs) else problem.full_core,
            *self._frame.bounds,
            self._frame.halfspaces,
            isinstance(self._frame, _FirstLayer),
            whole.full_core,
            lower,
            upper,
            _whole_halfspaces(self.network.input_dim, self.domain),
            self.x0,
            order == "nearest",
        )
        signs = point_signs(self.network, self.x0[None])[0]
        self.start_zeros = np.flatnonzero(signs == 0)
        self.start = self._enter_first_cell(signs)

    def _enter_first_cell(self, signs: NDArray[np.int8]) -> FloatArray:
        for x in _points_beside(self.x0, self.domain):
            there = point_signs(self.network, x[None])[0]
            if (there != signs)[signs != 0].any() or not _is_inside(x, self.domain):
                continue
            self._frame.anchor(x)
            if self._core.start((there > 0).astype(np.uint8), self._frame.coordinates(x)):
                return x
        raise InvalidDomainError(
            "`x0` is in or beside cells in which no point with double coordinates was found; take "
            "another point"
        )

    def run(
        self, *, max_cells: int = 1000, radius: float = math.inf, progress: bool = False
    ) -> None:
        """Explores until there are `max_cells` cells, or none is left within `radius` of `x0`.

        Raises
        ------
        ValueError
            If a limit is out of range.
        KeyboardInterrupt
            On Ctrl-C, within a second; what has been explored stays, and `run` can go on.
        """
        if max_cells < 1:
            raise ValueError(f"`max_cells` must be at least 1, got {max_cells}")
        if not radius >= 0:
            raise ValueError(f"`radius` must be a distance, got {radius}")
        start = time.perf_counter()
        try:
            with search_progress(progress) as report:
                self._core.run(max_cells, radius, report)
        finally:
            self._seconds += time.perf_counter() - start
            self.__dict__.pop("_facet_arrays", None)

    # -- counts

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
        points = self.interior_points
        signs = point_signs(self.network, points)
        certified = ((signs > 0) == self.patterns).all(axis=1)
        for i in np.flatnonzero((signs == 0).any(axis=1)):
            everywhere = set.intersection(*(set(z.tolist()) for z in self.facets(int(i))), set())
            certified[i] &= set(np.flatnonzero(signs[i] == 0).tolist()) <= everywhere
        inside = [_is_inside(x, self.domain) for x in points]
        return np.asarray(certified & inside)

    @property
    def distances(self) -> FloatArray:
        """Euclidean distance of each explored cell from `x0`, shape (n_cells,), rounded.

        Increasing, but for rounding. NaN with ``order="bfs"``, which does not need them, but for
        cell 0.
        """
        return self._core.distances

    def affine_map(self, i: int) -> tuple[FloatArray, FloatArray]:
        """``(A, c)`` with ``f(x) = A x + c`` on cell `i`; shapes (m, n) and (m,), rounded."""
        i = range(self.n_cells)[i]
        A, c = maps.affine_maps(self.network, self.patterns[i : i + 1])
        return A[0], c[0]

    # -- facets

    @property
    def _facets(self) -> dict[str, Any]:
        if "_facet_arrays" not in self.__dict__:
            self.__dict__["_facet_arrays"] = self._core.facets()
        arrays: dict[str, Any] = self.__dict__["_facet_arrays"]
        return arrays

    @property
    def n_facets(self) -> IntArray:
        """Number of facets of each explored cell inside the domain, shape (n_cells,)."""
        return np.diff(self._facets["begin"])

    def facets(self, i: int) -> list[IntArray]:
        """The facets of cell `i` that other cells share, as sets of neurons that vanish there.

        Facets on the boundary of the domain are not among them.
        """
        begin, end = self._range(i)
        zeros = Ragged(self._facets["zero_begin"], self._facets["zeros"].astype(np.int64))
        return [zeros[k] for k in range(begin, end)]

    def neighbours(self, i: int) -> IntArray:
        """The cell beyond each of ``facets(i)``; -1 where it is not explored."""
        begin, end = self._range(i)
        result: IntArray = self._facets["neighbour"][begin:end]
        return result

    def neighbour_patterns(self, i: int) -> BoolArray:
        """Activation pattern of the cell beyond each of ``facets(i)``, explored or not."""
        cell = range(self.n_cells)[i]
        return _unpacked(self._core.neighbour_patterns(cell), self.network.n_neurons)

    @property
    def adjacency(self) -> IntArray:
        """Pairs of explored cells that share a facet, lower first, sorted, shape (m, 2)."""
        cell = np.repeat(np.arange(self.n_cells), self.n_facets)
        pairs = np.column_stack([cell, self._facets["neighbour"]])
        return pairs[pairs[:, 0] < pairs[:, 1]][np.lexsort(pairs[pairs[:, 0] < pairs[:, 1]].T[::-1])]

    def dual_graph(self) -> sp.csr_array:
        """Adjacency matrix of the explored cells, entries 1, shape (n_cells, n_cells)."""
        i, j = self.adjacency.T
        ones = np.ones(2 * len(i))
        shape = (self.n_cells, self.n_cells)
        return sp.csr_array((ones, (np.r_[i, j], np.r_[j, i])), shape=shape)

    def _range(self, i: int) -> tuple[int, int]:
        cell = range(self.n_cells)[i]
        return int(self._facets["begin"][cell]), int(self._facets["begin"][cell + 1])

    def __repr__(self) -> str:
        state = "all" if self.complete else f"{self.n_known - self.n_cells:,} neighbours waiting"
        return f"Exploration({self.n_cells:,} cells, {state}; {self.network!r})"


def explore(
    network: Any,
    x0: ArrayLike,
    *,
    max_cells: int = 1000,
    radius: float = math.inf,
    order: Order = "bfs",
    domain: Box | Polytope | None = None,
    progress: bool = False,
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
    domain : Box or Polytope, optional
        Where to look; all of R^n by default, which is fastest.
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

    Notes
    -----
    Cells have about twice as many facets as there are dimensions to move in, whatever the number of
    neurons. Over all of R^n, when the rows of the first layer are independent, a cell is explored
    in the coordinates of the first layer's active units, which are few.

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
    """
    exploration = Exploration(network, x0, domain=domain, order=order)
    exploration.run(max_cells=max_cells, radius=radius, progress=progress)
    return exploration


# -- coordinates


class _FirstLayer:
    """Points by the units of the first layer, whose rows are independent; the domain is R^n."""

    def __init__(self, problem: Problem) -> None:
        self._W, self._b = problem.network.layers[0]
        n = problem.network.input_dim
        self.bounds = np.full(n, -np.inf), np.full(n, np.inf)
        self.halfspaces = np.empty((0, n + 1))
        self._anchor = np.zeros(n)

    def anchor(self, x: FloatArray) -> None:
        """Points of the input space will differ from `x` in the span of the layer's rows."""
        self._anchor = x

    def coordinates(self, x: FloatArray) -> FloatArray:
        return np.asarray(self._W @ x + self._b)

    def inputs(self, units: FloatArray) -> FloatArray:
        Q, R = np.linalg.qr(self._W.T)
        points = np.tile(self._anchor, (len(units), 1))
        for _ in range(2):  # the second time for what rounding left
            missing = units - (points @ self._W.T + self._b)
            points += np.linalg.solve(R.T, missing.T).T @ Q.T
        return points


class _Inputs:
    """Points by the inputs that the problem keeps."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self.bounds = problem.bounds
        self.halfspaces = problem.halfspaces
        self._anchor = np.zeros(problem.network.input_dim)

    def anchor(self, x: FloatArray) -> None:
        """Points of the input space will differ from `x` in the kept inputs."""
        self._anchor = x

    def coordinates(self, x: FloatArray) -> FloatArray:
        kept = self._problem.kept
        if len(kept) == len(x):
            return x
        domain, W = self._problem.domain, self._problem.network.layers[0][0]
        rows = [W]
        if isinstance(domain, Polytope):
            rows.append(domain.A)
        if isinstance(domain, Box):
            rows.append(np.eye(len(x))[np.isfinite(domain.lower) | np.isfinite(domain.upper)])
        seen = np.concatenate(rows)
        dropped = np.setdiff1d(np.arange(len(x)), kept)
        moved = np.linalg.lstsq(seen[:, kept], seen[:, dropped] @ x[dropped])[0]
        return np.asarray(x[kept] + moved)

    def inputs(self, points: FloatArray) -> FloatArray:
        embedded = self._problem.embed(points)
        start = self._problem.embed(self.coordinates(self._anchor)[None])
        return embedded if len(self._problem.kept) == embedded.shape[1] else (
            embedded + (self._anchor - start)
        )


def _frame(problem: Problem) -> _FirstLayer | _Inputs:
    if problem.domain is None and has_independent_rows(problem.network.layers[0][0]):
        return _FirstLayer(problem)
    return _Inputs(problem)


def _whole_bounds(n: int, domain: Box | Polytope | None) -> tuple[FloatArray, FloatArray]:
    if isinstance(domain, Box):
        return domain.lower, domain.upper
    return np.full(n, -np.inf), np.full(n, np.inf)


def _whole_halfspaces(n: int, domain: Box | Polytope | None) -> FloatArray:
    if not isinstance(domain, Polytope):
        return np.empty((0, n + 1))
    some = domain.A.any(axis=1)
    return np.column_stack([-domain.A[some], domain.b[some]])


# -- the start


def _checked_point(x0: ArrayLike, n: int, domain: Box | Polytope | None) -> FloatArray:
    x = np.array(x0, dtype=np.float64)
    if x.shape != (n,):
        raise ValueError(f"`x0` must have shape ({n},), got {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError("`x0` must be finite")
    outside = (isinstance(domain, Box) and ((x < domain.lower) | (x > domain.upper)).any()) or (
        isinstance(domain, Polytope) and (domain.A @ x > domain.b).any()
    )
    if outside:
        raise InvalidDomainError("`x0` is outside of `domain`")
    return x


def _is_inside(x: FloatArray, domain: Box | Polytope | None) -> bool:
    if isinstance(domain, Box):
        return bool(((domain.lower < x) & (x < domain.upper)).all())
    if isinstance(domain, Polytope):
        some = domain.A.any(axis=1)
        return bool((domain.A[some] @ x < domain.b[some]).all())
    return True


def _points_beside(x: FloatArray, domain: Box | Polytope | None) -> Iterator[FloatArray]:
    """`x`, and points ever nearer to it in a fixed direction."""
    yield x
    direction = np.random.default_rng(0).standard_normal(len(x))
    if isinstance(domain, Box):  # away from the nearer side
        nearer_to_lower = x - domain.lower <= domain.upper - x
        direction = np.where(nearer_to_lower, 1.0, -1.0) * np.abs(direction)
    size = 0.01 * max(1.0, float(np.abs(x).max()))
    for k in range(_STEPS):
        for sign in (1.0, -1.0):
            yield x + sign * size * 0.5**k * direction


def _unpacked(words: NDArray[np.uint64], n_neurons: int) -> BoolArray:
    """Packed patterns, shape (k, words), as bits, shape (k, n_neurons)."""
    octets = np.ascontiguousarray(words).view(np.uint8)
    bits = np.unpackbits(octets, axis=1, count=n_neurons, bitorder="little")
    return bits.view(np.bool_)
