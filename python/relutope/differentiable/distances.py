"""Distances from points to facets of a complex, as tensors."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import BoolArray, FloatArray, IntArray
from ..common.tensors import detached
from ..complex import geometry
from ..decisions.boundary import decision_boundary
from .active_forms import gathered
from .geometry import Geometry

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["distances"]

_CHUNK = 1 << 16  # pairs of a point and a simplex at once


@ieee_arithmetic
def distances(
    made: Geometry, X: Any, to: Literal["facets", "boundary"] | ArrayLike = "facets"
) -> Tensor:
    """Euclidean distances from points to facets, with gradients by parameters and points.

    Parameters
    ----------
    made : Geometry
        Of a complex whose facets are bounded.
    X : torch.Tensor or array_like, shape (k, n)
        Points; a tensor of doubles may ask for gradients itself.
    to : {"facets", "boundary"}, or array_like of int, shape (k,)
        What the distance is to: the nearest facet that the point's cell shares with another, the
        nearest facet of the decision boundary (the complex must be cut by ``outputs="sign"``), or
        for each point the facet in this row of ``complex.adjacency``.

    Returns
    -------
    torch.Tensor of float64, shape (k,)
        inf where there is no such facet. A facet ends at its own boundary, as in
        `Exploration.facet_distances`; its hyperplane may be nearer.

    Raises
    ------
    ValueError
        If the points do not fit, one is outside of the domain, a facet is unbounded, or the complex
        is not cut by its decision.
    IndexError
        If there is no such facet.

    See Also
    --------
    Geometry, relutope.robustness

    Notes
    -----
    Facets are triangulated. The point of a simplex nearest to x is the projection of x to the span
    of some of its vertices, which is looked for once and then fixed: derivatives of every order are
    those of the distance to this span. Where two are equally near, that with fewer vertices in the
    simplex found first is taken, and derivatives are one-sided; at distance 0 they are 0.

    Examples
    --------
    From the origin to the line ``x + y = 1``, whose bias is -1:

    >>> import relutope as rt, torch
    >>> W, b = torch.ones(1, 2, dtype=torch.float64), torch.tensor([-1.0], requires_grad=True)
    >>> layers = [(W, b), (torch.ones(1, 1), torch.zeros(1))]
    >>> cx = rt.decompose([(W, b.detach()), ([[1.0]], [0.0])], rt.Box(-3, 3))
    >>> made = rt.differentiable.Geometry(cx, layers)
    >>> d = rt.differentiable.distances(made, [[0.0, 0.0]])
    >>> d.backward()
    >>> round(d.item(), 6), round(b.grad.item(), 6)
    (0.707107, -0.707107)
    """
    import torch

    cx = made.complex
    points = torch.as_tensor(X, dtype=torch.float64)
    x = np.array(detached(points), dtype=np.float64)
    if x.ndim != 2 or x.shape[1] != cx.dim or not np.isfinite(x).all():
        raise ValueError(f"`X` must have shape (k, {cx.dim}) and be finite, got {x.shape}")
    table = _Simplices(made)
    nearest = np.full(len(x), -1)
    least = np.full(len(x), np.inf)
    used = np.zeros((len(x), table.corners.shape[1]), dtype=np.bool_)
    for which, simplices in table.candidates(x, to):
        squares, vertices = _projected(x[which], table.places[simplices])
        order = np.lexsort((squares, which))
        own, first = np.unique(which[order], return_index=True)
        best = order[first]
        closer = squares[best] < least[own]
        own, best = own[closer], best[closer]
        least[own], nearest[own], used[own] = squares[best], simplices[best], vertices[best]
    result = points.new_full((len(x),), np.inf)
    for pattern in np.unique(used[nearest >= 0], axis=0):
        own = np.flatnonzero((used == pattern).all(axis=1) & (nearest >= 0))
        corners = gathered(made.vertices, table.corners[nearest[own]][:, pattern])
        rows = torch.as_tensor(own)
        result = result.index_put((rows,), _to_spans(points.index_select(0, rows), corners))
    return result


class _Simplices:
    """Simplices that make up the shared facets, and which facets are asked for."""

    def __init__(self, made: Geometry) -> None:
        self.complex = made.complex
        self.corners, edge, places = geometry.facet_simplices(made.complex)
        order = np.argsort(edge, kind="stable")
        self.corners, self.places = self.corners[order], places[self.corners[order]]
        self._first = np.searchsorted(edge[order], np.arange(made.complex.n_edges + 1))

    def candidates(self, x: FloatArray, to: Any) -> Iterator[tuple[IntArray, IntArray]]:
        """Pairs of a point and a simplex, in parts."""
        if isinstance(to, str) and to == "boundary":
            edges = self._boundary()
            simplices = self._of(edges)[1]
            step = max(1, _CHUNK // max(len(simplices), 1))
            for k in range(0, len(x) if len(simplices) else 0, step):
                own = np.arange(k, min(k + step, len(x)))
                yield np.repeat(own, len(simplices)), np.tile(simplices, len(own))
            return
        which, edges = self._wanted(x, to)
        pair, simplices = self._of(edges)
        which = which[pair]
        for k in range(0, len(which), _CHUNK):
            yield which[k : k + _CHUNK], simplices[k : k + _CHUNK]

    def _boundary(self) -> IntArray:
        if self.complex.stats.get("outputs") != "sign":
            raise ValueError(
                "`to` is 'boundary', but the complex is not cut by its decision; decompose with "
                "`outputs='sign'`"
            )
        return np.asarray(decision_boundary(self.complex).edges)

    def _wanted(self, x: FloatArray, to: Any) -> tuple[IntArray, IntArray]:
        """Which points are measured to which facets."""
        cx = self.complex
        if isinstance(to, str):
            if to != "facets":
                raise ValueError(f"`to` is {to!r}; use 'facets', 'boundary', or rows of adjacency")
            cell = cx.locate(x)
            if (cell < 0).any():
                raise ValueError("`X` has a point outside of the domain")
            ends = cx.adjacency.ravel()
            order = np.argsort(ends, kind="stable")
            begin = np.searchsorted(ends[order], np.arange(cx.n_cells + 1))
            return _ranges(begin, cell, order // 2)
        edges = np.asarray(to)
        if edges.shape != (len(x),) or edges.dtype.kind not in "iu":
            raise ValueError(f"`to` must be one row of adjacency for each of {len(x)} points")
        if len(edges) and not 0 <= edges.min() <= edges.max() < cx.n_edges:
            raise IndexError(f"`to` has a facet that is none of the {cx.n_edges}")
        return np.arange(len(x)), edges

    def _of(self, edges: IntArray) -> tuple[IntArray, IntArray]:
        """The simplices of facets, with the place of each one's facet in `edges`."""
        pair, simplices = _ranges(self._first, edges, np.arange(len(self.corners)))
        if (self.corners[simplices] >= self.complex.n_finite_vertices).any():
            raise ValueError("`complex` has unbounded facets there; decompose over a bounded box")
        return pair, simplices


def _ranges(begin: IntArray, which: IntArray, values: IntArray) -> tuple[IntArray, IntArray]:
    """``values[begin[i]:begin[i + 1]]`` for each i of `which`, and whose each is."""
    lengths = begin[which + 1] - begin[which]
    owner = np.repeat(np.arange(len(which)), lengths)
    ends = np.cumsum(lengths)
    place = np.arange(len(owner)) + np.repeat(begin[which] - ends + lengths, lengths)
    return owner, values[place]


def _projected(x: FloatArray, corners: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Squares of the distances to simplices, and the vertices that span the nearest points."""
    count = corners.shape[1]
    best = np.full(len(x), np.inf)
    used = np.zeros((len(x), count), dtype=np.bool_)
    for size in range(1, count + 1):
        for chosen in itertools.combinations(range(count), size):
            own = corners[:, chosen]
            sides, ray = own[:, 1:] - own[:, :1], x - own[:, 0]
            gram = sides @ sides.transpose(0, 2, 1)
            regular = np.linalg.det(gram) > 0
            gram[~regular] = np.eye(size - 1)
            weights = np.linalg.solve(gram, (sides @ ray[:, :, None]))[:, :, 0]
            rest = ray - (weights[:, None] @ sides)[:, 0]
            square = (rest**2).sum(axis=1)
            inside = regular & (weights >= 0).all(axis=1) & (weights.sum(axis=1) <= 1)
            better = inside & (square < best)
            best[better] = square[better]
            used[better] = np.isin(np.arange(count), chosen)
    return best, used


def _to_spans(points: Tensor, corners: Tensor) -> Tensor:
    """Distances of points to the affine spans of their corners, shape (k, size, n)."""
    import torch

    ray, sides = points - corners[:, 0], corners[:, 1:] - corners[:, :1]
    if sides.shape[1]:
        gram = sides @ sides.transpose(1, 2)
        weights = torch.linalg.solve(gram, sides @ ray[:, :, None])
        ray = ray - (weights * sides).sum(dim=1)
    length: Tensor = ray.norm(dim=1)
    return length
