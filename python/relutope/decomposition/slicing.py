"""Low-dimensional slices of networks with many inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arguments import Engine
from ..common.arithmetic import ieee_arithmetic
from ..common.exact import independent_columns
from ..common.progress import Progress
from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope
from ..errors import InvalidDomainError
from ..network.conversion import as_network
from ..network.network import Network
from ..properties.domains import checked_domain
from .complex import Complex
from .solving import solved

__all__ = ["Slice", "slice"]

FloatArray = NDArray[np.float64]
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
    network: Any,
    points: ArrayLike | None = None,
    *,
    embedding: tuple[ArrayLike, ArrayLike] | None = None,
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
    points : array_like, shape (k + 1, n), optional
        Affinely independent points in the rows: two for the segment between them, three for the
        triangle. Taken as exactly these doubles. Point 0 has the parameters 0, point j > 0 the j-th
        unit vector.
    embedding : pair of array_like, shapes (n,) and (k, n), optional
        Instead of `points`: an origin, and a basis of the subspace's directions in the rows.
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
    if isinstance(domain, str):
        domain = None if points is None else _unit_simplex(dim)
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


def _unit_simplex(k: int) -> Box | Polytope:
    """``t >= 0, sum(t) <= 1``."""
    if k == 1:
        return Box(0, 1, dim=1)
    return Polytope(np.vstack([-np.eye(k), np.ones(k)]), np.eye(k + 1)[k])
