"""Low-dimensional slices of networks with many inputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ..common.arguments import Engine
from ..common.arithmetic import ieee_arithmetic
from ..common.progress import Progress
from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope
from ..errors import InvalidDomainError
from ..network.conversion import NetworkLike, as_network
from ..search.crew import Executors
from ..search.domains import checked_domain
from .embeddings import Affine, after_maps, along_basis, orthonormal_maps, simplex, through_points
from .partial import PartialComplex
from .sliced import Slice
from .solving import solved

__all__ = ["slice"]


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
    resume: PartialComplex | None = None,
    executor: Executors | None = None,
    memory_limit: int | None = None,
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
    outputs, engine, threads, max_cells, max_seconds, progress, resume, executor, memory_limit
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
    maps, parameters = _subspace(net.input_dim, points, embedding, domain, orthonormal)
    cx = solved(
        after_maps(net, maps),
        parameters,
        outputs=outputs,
        engine=engine,
        threads=threads,
        max_cells=max_cells,
        max_seconds=max_seconds,
        progress=progress,
        resume=resume,
        executor=executor,
        memory_limit=memory_limit,
    )
    return Slice(cx, net, maps)


def _subspace(
    n: int, points: Any, embedding: Any, domain: Any, orthonormal: bool
) -> tuple[list[Affine], Box | Polytope | None]:
    """The maps from parameters to the n inputs, and the domain of the parameters."""
    if isinstance(domain, Path) or (isinstance(domain, str) and domain != "auto"):
        domain = checked_domain(domain)
    given = domain
    if isinstance(domain, FlatBox):
        if points is not None or embedding is not None:
            raise ValueError("a FlatBox as `domain` goes without `points` and `embedding`")
        if len(domain.lower) != n:
            raise InvalidDomainError(
                f"`domain` has {len(domain.lower)} axes, but the network has {n} inputs"
            )
        embedding, domain = domain.embedding, domain.box
    if (points is None) == (embedding is None):
        raise ValueError("give either `points` or `embedding`, or a FlatBox as `domain`")
    maps = along_basis(embedding, n) if points is None else through_points(points, n)
    dim = maps[0][0].shape[1]
    corners = None if points is None else np.eye(dim + 1)[:, 1:]
    if orthonormal:
        if isinstance(given, FlatBox):
            raise ValueError("`orthonormal` goes without a FlatBox, whose inputs are axes already")
        maps, corners = orthonormal_maps(maps, corners)
    if isinstance(domain, str):
        domain = None if corners is None else simplex(corners)
    return maps, domain
