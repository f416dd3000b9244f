"""Shortest paths through facets, with the complex or without it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..common.arguments import checked_count
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import BoolArray, FloatArray, IntArray
from ..common.ragged import Ragged
from ..complex.cells import cells_of, has_cells
from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope
from ..errors import InvalidDomainError
from ..graph.dual import Weight
from ..graph.shortest_paths import FacetPath, FirstLayer, endpoint, shortest_among
from ..network.conversion import as_network
from ..network.core import point_signs
from ..network.network import Network
from ..search.starts import are_inside
from .exploration import Exploration
from .segments import pieces

__all__ = ["shortest_path"]

_GROWTH = 1.5  # how many times the cells of a ball grow between two looks
_TRIES = 4  # segments
_HALVINGS = 25
_UNKNOWN = 2**62  # the length of no path


@ieee_arithmetic
def shortest_path(
    source: Any,
    start: Any,
    end: Any,
    *,
    weight: Weight | ArrayLike = "unit",
    domain: Box | FlatBox | Polytope | str | Path | None = None,
    max_cells: int = 20_000,
) -> FacetPath:
    """A shortest path from cell to cell through shared facets, with a lower bound.

    Parameters
    ----------
    source : Complex, Exploration, Slice, or network
        A network as for `decompose` needs no complex: cells around both ends are explored until
        the searches meet.
    start, end : int, or array_like, shape (n,)
        Cells, or points in them; of a network, points. A point between cells stands for one of
        them: of a complex the lowest one, of a network that in which `explore` starts.
    weight : str, or array_like, shape (n_edges,)
        What crossing a facet costs: the name of a weight, as for `dual_graph`, or numbers for the
        rows of ``adjacency``. Of a network each facet counts as 1.
    domain : Box, FlatBox, Polytope, or path of a ``.vnnlib`` file, optional
        Where a network is looked at; all of R^n by default.
    max_cells : int
        How many cells of a network to explore; then the result is the shortest path known.

    Returns
    -------
    FacetPath
        `optimal` says whether no path is shorter; always with a complex. With an exploration, paths
        lead through explored cells only.

    Raises
    ------
    ValueError
        If a point or cell does not fit, a point is in none of the cells, or `domain` or `weight` is
        given with the wrong kind of source.
    InvalidNetworkError, UnsupportedLayerError, InvalidDomainError
        As for `explore`.
    KeyboardInterrupt
        On Ctrl-C.

    See Also
    --------
    segment_cells, relutope.graph.diameter, relutope.graph.facet_distances

    Notes
    -----
    Lower bounds are proven. A path crosses every hyperplane of the first layer that separates its
    ends, one by one. Two balls of cells, of all that are at most r and s facets away from the ends,
    without a common one need r + s + 1 crossings; and a path leaves the first ball through a cell
    at distance r, from which hyperplanes remain. Deeper neurons whose signs differ are no bound: a
    facet may be shared by several. The straight segment between the ends gives the first path, and
    is a shortest one in networks of one hidden layer with distinct hyperplanes.

    Examples
    --------
    Two lines, and the cells of ``(-1, -1)`` and ``(1, 1)``:

    >>> import relutope as rt
    >>> net = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])]
    >>> path = rt.shortest_path(rt.decompose(net), [-1, -1], [1, 1])
    >>> path.cells.tolist(), [neurons.tolist() for neurons in path.neurons]
    ([0, 2, 3], [[0], [1]])
    >>> print(rt.shortest_path(net, [-1, -1], [1, 1]))
    2 crossings, length 2 (optimal)
    """
    if has_cells(source):
        if domain is not None:
            raise ValueError("`domain` goes with a network; a complex has its own")
        cells: Any = cells_of(source)
        ends = (endpoint(cells, "start", start), endpoint(cells, "end", end))
        complete = not isinstance(cells, Exploration) or cells.complete
        return shortest_among(cells, *ends, weight, complete=complete)
    if not isinstance(weight, str) or weight != "unit":
        raise ValueError("`weight` goes with a complex; of a network each facet counts as 1")
    most = checked_count("max_cells", max_cells, 2)
    network = as_network(source)
    points = {"start": start, "end": end}
    one, other = (_Ball(_exploration(network, name, x, domain)) for name, x in points.items())
    return _between(one, other, most)


def _exploration(network: Network, name: str, x: ArrayLike, domain: Any) -> Exploration:
    """An exploration from one of the ends; errors name that end."""
    try:
        return Exploration(network, x, domain=domain)
    except (ValueError, InvalidDomainError) as error:
        raise type(error)(str(error).replace("`x0`", f"`{name}`")) from None


class _Ball:
    """The cells that an exploration has reached, by facets crossed."""

    def __init__(self, exploration: Exploration) -> None:
        self.exploration = exploration
        self.grow(1)

    def grow(self, cells: int) -> None:
        """Explores up to so many cells; all of them in breadth-first order."""
        self.exploration.run(max_cells=cells)
        found = self.exploration
        self.parent, self.depth = _tree(found)
        self.patterns = found.patterns
        # Cells up to the depth before the last explored one are all there.
        self.radius = max(0, int(self.depth[-1]) - (0 if found.complete else 1))
        self.known = {row.tobytes(): i for i, row in enumerate(np.packbits(self.patterns, axis=1))}

    @property
    def complete(self) -> bool:
        return self.exploration.complete

    @property
    def sound(self) -> bool:
        """Whether every cell that the search met could be explored."""
        return self.exploration.n_unresolved == 0

    @property
    def n_cells(self) -> int:
        return self.exploration.n_cells

    @property
    def rim(self) -> BoolArray:
        """Patterns of the cells at the distance `radius`."""
        return np.asarray(self.patterns[self.depth == self.radius])

    def way_to(self, cell: int) -> list[int]:
        """Cells from the start to this one."""
        way = [cell]
        while self.parent[way[-1]] >= 0:
            way.append(int(self.parent[way[-1]]))
        return way[::-1]


def _tree(found: Exploration) -> tuple[IntArray, IntArray]:
    """The first explored neighbour and the depth of each cell, in breadth-first order."""
    count = found.n_cells
    first, second = found.adjacency.T
    parent = np.full(count, count)
    np.minimum.at(parent, second, first)
    parent[0] = -1
    depth = np.zeros(count, dtype=np.int64)
    for cell in range(1, count):
        depth[cell] = depth[parent[cell]] + 1
    return parent, depth


class _Path(NamedTuple):
    """Patterns of the cells, and the neurons that vanish on the facets between them."""

    patterns: list[BoolArray]
    neurons: list[IntArray]

    @property
    def length(self) -> int:
        return len(self.neurons)


def _between(one: _Ball, other: _Ball, most: int) -> FacetPath:
    network = one.exploration.network
    layer = FirstLayer(network)
    best = _straight(one, other)
    while True:
        best = _joined(one, other, best)
        explored = one.n_cells + other.n_cells
        bound = _lower_bound(one, other, layer, best)
        if (best is not None and bound >= best.length) or explored >= most:
            break
        ball = min(one, other, key=lambda b: (b.complete, b.n_cells))
        if ball.complete:  # whatever is left cannot be explored
            break
        ball.grow(min(int(ball.n_cells * _GROWTH) + 8, most - explored + ball.n_cells))
    patterns = np.array([] if best is None else best.patterns, dtype=np.bool_)
    neurons = [] if best is None else best.neurons
    return FacetPath(
        length=np.inf if best is None else float(best.length),
        lower_bound=float(bound),
        patterns=patterns.reshape(-1, network.n_neurons),
        neurons=Ragged(
            np.cumsum([0, *map(len, neurons)]),
            np.concatenate([np.zeros(0, dtype=np.int64), *neurons]),
        ),
        cells=np.full(len(patterns), -1),
        n_explored=explored,
    )


def _lower_bound(one: _Ball, other: _Ball, layer: FirstLayer, best: _Path | None) -> int:
    """See `shortest_path`: a path inside of both balls would have been found."""
    bounds = [int(layer.separating(one.patterns[0], other.patterns[:1])[0])]
    known = _UNKNOWN if best is None else best.length
    if one.sound and other.sound:
        bounds.append(min(one.radius + other.radius + 1, known))
    for ball, far in ((one, other), (other, one)):
        if ball.sound and ball.complete and best is not None:
            bounds.append(known)
        elif ball.sound:
            left = layer.separating(far.patterns[0], ball.rim)
            bounds.append(min(ball.radius + int(left.min()), known))
    return max(bounds)


def _joined(one: _Ball, other: _Ball, best: _Path | None) -> _Path | None:
    """The better of a path and the best through a cell that both balls have."""
    shared = [(i, other.known[key]) for key, i in one.known.items() if key in other.known]
    if not shared:
        return best
    pairs = np.array(shared)
    lengths = one.depth[pairs[:, 0]] + other.depth[pairs[:, 1]]
    k = int(lengths.argmin())
    if best is not None and best.length <= lengths[k]:
        return best
    there, back = one.way_to(int(pairs[k, 0])), other.way_to(int(pairs[k, 1]))
    patterns = [one.patterns[i] for i in there] + [other.patterns[i] for i in back[-2::-1]]
    neurons = [_shared_facet(one.exploration, i, j) for i, j in pairwise(there)]
    neurons += [_shared_facet(other.exploration, i, j) for i, j in pairwise(back)][::-1]
    return _Path(patterns, neurons)


def _shared_facet(found: Exploration, i: int, j: int) -> IntArray:
    place = int(np.flatnonzero(found.facet_neighbours(i) == j)[0])
    return found.facets(i)[place]


def _straight(one: _Ball, other: _Ball) -> _Path | None:
    """The path along a segment between points of both cells, if it crosses facets only."""
    start, end = one.patterns[0], other.patterns[0]
    if (start == end).all():
        return _Path([start], [])
    rng = np.random.default_rng(0)
    for _ in range(_TRIES):
        a, b = _point_inside(one, rng), _point_inside(other, rng)
        signs, t, between = pieces(one.exploration.network, a, b)
        if (signs == 0).any():
            return None  # cells on which neurons vanish; their facets are more than points
        patterns = list(signs > 0)
        middle = a + (t[:-1] + t[1:])[:, None] / 2 * (b - a)
        several = [k for k, zeros in enumerate(between) if len(zeros) > 1]
        if all(_adjacent(one, middle[k], patterns[k], patterns[k + 1]) for k in several):
            return _Path(patterns, list(between))
    return None


def _point_inside(ball: _Ball, rng: np.random.Generator) -> FloatArray:
    """A random point of the first cell, near the point where it was entered."""
    found, x = ball.exploration, ball.exploration.start
    signs = point_signs(found.network, x[None])
    size = 0.1 * max(1.0, float(np.abs(x).max()))
    for _ in range(_HALVINGS):
        y = x + size * rng.uniform(-1, 1, len(x))
        if (
            are_inside(y[None], found.domain)[0]
            and (point_signs(found.network, y[None]) == signs).all()
        ):
            return y
        size /= 4
    return x


def _adjacent(ball: _Ball, x: FloatArray, pattern: BoolArray, beyond: BoolArray) -> bool:
    """Whether the cell with a pattern, in which `x` should be, shares a facet with another."""
    found = Exploration(ball.exploration.network, x, domain=ball.exploration.domain)
    found.run(max_cells=1)
    if not (found.patterns[0] == pattern).all():
        return False
    return bool((found.neighbour_patterns(0) == beyond).all(axis=1).any())
