"""Low-dimensional slices of networks with many inputs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ..common.arguments import Engine
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import FloatArray, IntArray
from ..common.exact import independent_columns
from ..common.progress import Progress
from ..complex.cell import Cell
from ..complex.cells import Cells, cells_of
from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope
from ..errors import InvalidDomainError
from ..network.conversion import NetworkLike, as_network
from ..network.network import Network
from ..properties.domains import checked_domain
from .complex import Complex
from .solving import solved

__all__ = ["Slice", "slice"]

Affine = tuple[FloatArray, FloatArray]  # (A, c): t -> A t + c


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class Slice:
    """A network's cells in an affine subspace of its input space. Made by `slice`.

    Attributes
    ----------
    complex : Complex
        The cells in the k parameters t of the subspace, an ordinary complex: its points, facet
        measures and volumes are those of t. Its patterns have the neurons of `network`, in the same
        order.
    network : Network
        The network that was sliced, a function of n inputs.
    """

    complex: Complex
    network: Network
    # x(t) as a composition of affine maps, the first to be applied first
    _maps: Sequence[Affine] = field(repr=False)

    @property
    def dim(self) -> int:
        """Dimension k of the subspace."""
        return self.complex.dim

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return self.complex.n_cells

    def locate(self, t: ArrayLike) -> IntArray:
        """The cell of each row of parameters, shape (m, k); -1 outside the domain of `t`.

        Exact for the given doubles, see `Complex.locate`.

        Parameters
        ----------
        t : array_like, shape (k, d)
            Points, by their parameters.

        Returns
        -------
        ndarray of int64, shape (k,)
        """
        return self.complex.locate(t)

    @property
    def ordered_cells(self) -> tuple[IntArray, FloatArray]:
        """The cells of a segment or line from small to large t, and where they begin and end.

        Returns
        -------
        cells : ndarray of int64, shape (n_cells,)
        t : ndarray of float64, shape (n_cells + 1,)
            ``cells[i]`` reaches from ``t[i]`` to ``t[i + 1]``, exact values rounded once; infinite
            at the ends of a line.

        Raises
        ------
        ValueError
            If the slice has not one dimension.
        """
        if self.dim != 1:
            raise ValueError(f"only cells on a line have an order; this slice has {self.dim} axes")
        return _along_line(self.complex)

    def embed(self, t: ArrayLike) -> FloatArray:
        """Points of the input space, in floating point.

        Parameters
        ----------
        t : array_like, shape (m, k)
            Parameters, such as ``complex.vertices``.

        Returns
        -------
        ndarray of float64, shape (m, n)
            Rounded; the points that a slice was laid through come out exactly.

        Raises
        ------
        ValueError
            If the shape does not fit.
        """
        x = np.asarray(t, dtype=np.float64)
        if x.ndim != 2 or x.shape[1] != self.dim:
            raise ValueError(f"`t` must have shape (m, {self.dim}), got {x.shape}")
        for A, c in self._maps:
            x = x @ A.T + c
        return x

    @property
    def vertices(self) -> FloatArray:
        """``embed(complex.vertices)``, shape (n_vertices, n)."""
        return self.embed(self.complex.vertices)

    @property
    def interior_points(self) -> FloatArray:
        """``embed(complex.interior_points)``: a point of each cell, shape (n_cells, n)."""
        return self.embed(self.complex.interior_points)

    def __repr__(self) -> str:
        cx = self.complex
        return (
            f"Slice({cx.n_cells:,} cells, {cx.n_edges:,} shared facets; {self.network!r} "
            f"in {self.dim} of {self.network.input_dim} dimensions)"
        )


@ieee_arithmetic
def slice(
    network: NetworkLike,
    points: ArrayLike | None = None,
    *,
    embedding: tuple[ArrayLike, ArrayLike] | None = None,
    orthonormal: bool = False,
    domain: Box | Polytope | FlatBox | str | Path | None = "auto",
    outputs: Literal["sign", "argmax"] | None = None,
    engine: Engine = "auto",
    threads: int | None = None,
    max_cells: int | None = None,
    max_seconds: float | None = None,
    progress: Progress = False,
) -> Slice:
    """All cells of a network in an affine subspace of its input space, exactly.

    The way to look into a network of many inputs: on the segment between two data points, on the
    plane through three of them, or on any subspace of few dimensions. Its points are
    ``x = p_0 + t_1 (p_1 - p_0) + ... + t_k (p_k - p_0)`` or ``x = origin + t @ basis``, and what is
    decomposed is the network as a function of t, with no difference, product or weight rounded.

    Parameters
    ----------
    network : Network, torch.nn.Module, sequence of (W, b), or path of a file
        As for `decompose`.
    points : array_like, shape (k + 1, n) or (k + 1, ...), optional
        Affinely independent points in the rows: two for the segment between them, three for the
        triangle. Taken as exactly these doubles. Point 0 has the parameters 0, point j > 0 the j-th
        unit vector. Images and the like have their own axes, with n entries each.
    embedding : pair of array_like, shapes (n,) and (k, n), optional
        Instead of `points`: an origin, and a basis of the subspace's directions in the rows.
    orthonormal : bool
        Replace the directions by an orthonormal basis of their span, rounded to doubles, so that
        lengths, measures and volumes in t are those of the input space but for rounding. Without
        it points are met exactly; with it within rounding.
    domain : Box, Polytope, None or "auto"
        Which parameters t. None is all of R^k, the whole subspace, as for `decompose`. "auto" is
        the simplex spanned by the `points` (``t >= 0, sum(t) <= 1``: the segment is [0, 1]), and
        all of R^k for an `embedding`. A `FlatBox` says both where and which: without `points` and
        `embedding`, t are its free inputs.
    outputs, engine, threads, max_cells, max_seconds, progress
        As for `decompose`.

    Returns
    -------
    Slice
        ``slice.complex`` is the complex in t; `Slice.embed` maps parameters to inputs.

    Raises
    ------
    ValueError
        Unless just one of `points` and `embedding` is given, with a fitting shape and finite
        numbers, and independent. Independence is decided exactly.
    InvalidNetworkError, UnsupportedLayerError, InvalidDomainError, EngineError, CellLimitError
        As for `decompose`.

    See Also
    --------
    decompose, explore, Slice

    Notes
    -----
    Points are reached by two layers of linear units: t goes to ``w = (1 - sum(t), t)`` with weights
    1 and -1, and w to ``w @ points``. The differences ``p_j - p_0`` need not be doubles, and are
    never formed.

    A cell of the slice is where the subspace meets one closed cell of R^n, or a face that several
    have in common. Neighbouring cells of the slice need not be neighbours in R^n: where the
    subspace runs through faces of lower dimension, several neurons change at once.

    Examples
    --------
    ``|x| + |y| + |z|`` bends at two points between (-1, 1, 1) and (1, -2, 1):

    >>> import numpy as np, relutope as rt
    >>> net = [(np.vstack([np.eye(3), -np.eye(3)]), np.zeros(6)), (np.ones((1, 6)), [0.0])]
    >>> line = rt.slice(net, [[-1, 1, 1], [1, -2, 1]])
    >>> line
    Slice(3 cells, 2 shared facets; Network(3-6-1) in 1 of 3 dimensions)
    >>> sorted(line.complex.vertices.ravel().tolist())
    [0.0, 0.3333333333333333, 0.5, 1.0]
    >>> line.embed([[0.5]]).tolist()
    [[0.0, -0.5, 1.0]]
    """
    net = as_network(network)
    if isinstance(domain, Path) or (isinstance(domain, str) and domain != "auto"):
        domain = checked_domain(domain)
    given = domain
    if isinstance(domain, FlatBox):
        if points is not None or embedding is not None:
            raise ValueError("a FlatBox as `domain` goes without `points` and `embedding`")
        if len(domain.lower) != net.input_dim:
            raise InvalidDomainError(
                f"`domain` has {len(domain.lower)} axes, but the network has {net.input_dim} inputs"
            )
        embedding, domain = domain.embedding, domain.box
    if (points is None) == (embedding is None):
        raise ValueError("give either `points` or `embedding`, or a FlatBox as `domain`")
    if points is not None:
        maps = _through_points(points, net.input_dim)
    else:
        maps = _along_basis(embedding, net.input_dim)
    dim = maps[0][0].shape[1]
    corners = None if points is None else np.eye(dim + 1)[:, 1:]
    if orthonormal:
        if isinstance(given, FlatBox):
            raise ValueError("`orthonormal` goes without a FlatBox, whose inputs are axes already")
        maps, corners = _orthonormal(maps, corners)
    if isinstance(domain, str):
        domain = None if corners is None else _simplex(corners)
    sliced = net
    for A, c in reversed(maps):
        sliced = sliced.after_affine(A, c)
    cx = solved(
        sliced,
        domain,
        outputs=outputs,
        engine=engine,
        threads=threads,
        max_cells=max_cells,
        max_seconds=max_seconds,
        progress=progress,
    )
    return Slice(cx, net, maps)


def _through_points(points: ArrayLike, n: int) -> list[Affine]:
    P = _finite_doubles("points", points)
    if P.ndim > 2 and P[0].size == n:
        P = P.reshape(len(P), n)
    if P.ndim != 2 or P.shape[1] != n or len(P) < 2:
        raise ValueError(
            f"`points` must have shape (k + 1, {n}), at least two points in the rows, got {P.shape}"
        )
    dependent = _first_dependent(np.column_stack([P, np.ones(len(P))]))
    if dependent is not None:
        raise ValueError(
            f"`points[{dependent}]` is an affine combination of the points before it; leave it out"
        )
    k = len(P) - 1
    weights = np.vstack([-np.ones(k), np.eye(k)]), np.eye(k + 1)[0]
    return [weights, (np.ascontiguousarray(P.T), np.zeros(n))]


def _along_basis(embedding: Any, n: int) -> list[Affine]:
    try:
        given_origin, given_basis = embedding
    except (TypeError, ValueError):
        raise ValueError("`embedding` must be a pair (origin, basis)") from None
    origin = _finite_doubles("origin", given_origin)
    basis = _finite_doubles("basis", given_basis)
    if origin.shape != (n,):
        raise ValueError(f"`origin` must have shape ({n},), got {origin.shape}")
    if basis.ndim != 2 or basis.shape[1] != n or len(basis) < 1:
        raise ValueError(f"`basis` must have shape (k, {n}), got {basis.shape}")
    dependent = _first_dependent(basis)
    if dependent is not None:
        raise ValueError(
            f"`basis[{dependent}]` is a linear combination of the rows before it (or zero); leave "
            "it out"
        )
    return [(np.ascontiguousarray(basis.T), origin)]


def _finite_doubles(name: str, value: ArrayLike) -> FloatArray:
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"`{name}` must be an array of numbers: {error}") from None
    if not np.isfinite(array).all():
        raise ValueError(f"`{name}` contains NaN or infinity")
    return array


def _first_dependent(rows: FloatArray) -> int | None:
    """The first row that is a linear combination of those before it."""
    independent = independent_columns(rows.T)
    return next((i for i in range(len(rows)) if i not in independent), None)


def _orthonormal(
    maps: list[Affine], corners: FloatArray | None
) -> tuple[list[Affine], FloatArray | None]:
    """The same subspace by an orthonormal basis, and the corners in its parameters, rounded."""
    k = maps[0][0].shape[1]
    ends = np.vstack([np.zeros(k), np.eye(k)])
    for A, c in maps:
        ends = ends @ A.T + c
    Q, R = np.linalg.qr((ends[1:] - ends[0]).T)
    sign = np.where(np.diag(R) < 0, -1.0, 1.0)  # t_j grows along direction j
    moved = None if corners is None else corners @ (sign[:, None] * R).T
    return [(np.ascontiguousarray(Q * sign), ends[0])], moved


def _simplex(corners: FloatArray) -> Box | Polytope:
    """The convex hull of k + 1 points of R^k, of which the first is 0."""
    k = corners.shape[1]
    if k == 1:
        return Box(0, corners[1, 0], dim=1)
    inverse = np.linalg.inv(corners[1:].T)  # t = corners^T shares: the shares are >= 0, sum <= 1
    return Polytope(np.vstack([-inverse, inverse.sum(axis=0)]), np.eye(k + 1)[k])


def _along_line(cx: Complex) -> tuple[IntArray, FloatArray]:
    """See `Slice.ordered_cells`."""
    beside = [cx.neighbours(i).tolist() for i in range(cx.n_cells)]
    path = [next(i for i, others in enumerate(beside) if len(others) < 2)]
    while len(path) < cx.n_cells:
        path.append(next(j for j in beside[path[-1]] if j not in path[-2:]))
    ends = [path[0], path[-1]]
    if cx.interior_certified[ends].all():
        falling = bool(cx.interior_points[ends[0], 0] > cx.interior_points[ends[1], 0])
    else:
        first, last = (cx.exact_interior_point(i)[0] for i in ends)
        falling = first > last
    if falling:
        path.reverse()
    own = [set(cx.cell_vertices[i].tolist()) for i in path]
    inner = [(a & b).pop() for a, b in itertools.pairwise(own)]
    low, high = (_end_of_line(cx.cell(path[k]), upper) for k, upper in ((0, False), (-1, True)))
    return np.array(path), np.concatenate([[low], cx.vertices[inner, 0], [high]])


def _end_of_line(cell: Cell, upper: bool) -> float:
    """Where the domain bounds a cell of a line, if it does."""
    normals = cell.A[cell.neighbours < 0, 0]
    if upper:
        return float(cell.vertices.max()) if (normals > 0).any() else np.inf
    return float(cell.vertices.min()) if (normals < 0).any() else -np.inf


@cells_of.register
def _(source: Slice) -> Cells:
    return source.complex
