"""Uniform random points in cells, in regions, and in the violating set."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arguments import checked_count, checked_seed
from ..common.arithmetic import ieee_arithmetic
from ..complex.cell_complex import CellComplex
from ..errors import InvalidDomainError
from ..verdicts import ViolatingPolytope, Violations
from ..verdicts.simplices import simplex_volume

__all__ = ["sample"]

FloatArray = NDArray[np.float64]
_MOST_ROUNDS = 1000


@ieee_arithmetic
def sample(
    source: CellComplex | Violations, n: int, seed: int = 0, *, cells: ArrayLike | None = None
) -> FloatArray:
    """Uniform random points in the cells of a complex, or in the set that violates a property.

    Parameters
    ----------
    source : Complex or Violations
        Of a complex, the chosen cells must be bounded.
    n : int
        How many points.
    seed : int
        The same seed gives the same points.
    cells : array_like of int or bool, optional
        Which cells of a complex: indices or a mask, for instance
        ``decision_regions(cx).labels == 1``; all by default.

    Returns
    -------
    ndarray of float64, shape (n, inputs)
        In a complex, each point is proven to lie in one of the chosen closed cells. In a violating
        set, points lie in its polytopes up to the rounding of their coordinates.

    Raises
    ------
    InvalidDomainError
        If a chosen cell is unbounded, or there is nothing to choose from.
    EngineError
        If the complex has too many dimensions for vertices.

    See Also
    --------
    violations, decision_regions

    Notes
    -----
    A simplex of a triangulation is chosen by its exact volume, rounded once, and a point in it by
    exponential weights of its vertices.

    Examples
    --------
    >>> import relutope as rt
    >>> cx = rt.decompose([([[1, 0], [0, 1]], [0, 0]), ([[1, 1]], [0])], rt.Box(-1, 1))
    >>> points = rt.sample(cx, 5, seed=1, cells=[3])
    >>> points.shape, bool((points >= 0).all())
    ((5, 2), True)
    """
    count = checked_count("n", n, 0)
    rng = np.random.default_rng(checked_seed(seed))
    if isinstance(source, CellComplex):
        return _in_cells(source, count, rng, cells)
    if not isinstance(source, Violations):
        raise TypeError(
            f"`source` must be a Complex or what violations returns, got {type(source).__name__}"
        )
    if cells is not None:
        raise ValueError("`cells` chooses cells of a complex; leave it out for a violating set")
    return _in_polytopes(source.polytopes, count, rng)


def _in_cells(
    cx: CellComplex, count: int, rng: np.random.Generator, cells: ArrayLike | None
) -> FloatArray:
    chosen = np.zeros(cx.n_cells, dtype=np.bool_)
    chosen[slice(None) if cells is None else np.asarray(cells)] = True
    if not chosen.any() or not cx.bounded[chosen].all():
        raise InvalidDomainError(
            "`cells` must name bounded cells, at least one; take a bounded domain"
        )
    solution = cx.solution
    core = solution.problem.search_vertices(solution.cells(), solution.threads, points=True)
    simplices, owner = core.triangulate_cells(solution.cells())
    simplices = simplices[chosen[owner]]
    points = {v: core.exact_point(v) for v in np.unique(simplices).tolist()}
    weights = [
        simplex_volume([(points[v][0], points[v][2]) for v in row]) for row in simplices.tolist()
    ]
    probabilities = _normalised(weights)
    found = np.empty((0, cx.dim))
    for _ in range(_MOST_ROUNDS):
        missing = count - len(found)
        if not missing:
            return found
        row = simplices[rng.choice(len(simplices), size=missing, p=probabilities)]
        trial = _inside(cx.solution.vertex_coordinates[row], rng)
        # Rounding may put a point beyond a facet; such a one is drawn again.
        at = cx.locate(trial)
        found = np.concatenate([found, trial[(at >= 0) & chosen[at]]])
    raise InvalidDomainError("`cells` are too small to hold points with double coordinates")


def _normalised(weights: list[Fraction]) -> FloatArray:
    largest = max(weights)
    rounded = np.array([float(w / largest) for w in weights])
    return np.asarray(rounded / rounded.sum())


def _inside(corners: FloatArray, rng: np.random.Generator) -> FloatArray:
    """A uniform point in each simplex, corners of shape (k, n + 1, n)."""
    weights = rng.exponential(size=corners.shape[:2])
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("kv,kvn->kn", weights, corners))


def _in_polytopes(
    polytopes: list[ViolatingPolytope], count: int, rng: np.random.Generator
) -> FloatArray:
    if not polytopes:
        raise InvalidDomainError("`source` is empty: no input violates the property")
    chosen = rng.choice(len(polytopes), size=count, p=_normalised([p.volume for p in polytopes]))
    found = np.empty((count, polytopes[0].vertices.shape[1]))
    for k in np.unique(chosen):
        rows = np.flatnonzero(chosen == k)
        found[rows] = _in_polytope(polytopes[k].vertices, len(rows), rng)
    return found


def _in_polytope(vertices: FloatArray, count: int, rng: np.random.Generator) -> FloatArray:
    from scipy.spatial import Delaunay

    low, width = vertices.min(axis=0), np.ptp(vertices, axis=0)
    free = np.flatnonzero(width)
    if len(vertices) == len(free) + 1:
        simplices = np.arange(len(vertices))[None, :]
    elif len(free) == 1:
        simplices = np.array([[vertices[:, free[0]].argmin(), vertices[:, free[0]].argmax()]])
    else:
        scaled = (vertices[:, free] - low[free]) / width[free]
        simplices = Delaunay(scaled, qhull_options="QJ Pp").simplices
    edges = vertices[simplices][:, 1:, free] - vertices[simplices][:, :1, free]
    sizes = np.abs(np.linalg.det(edges / width[free]))
    row = simplices[rng.choice(len(simplices), size=count, p=sizes / sizes.sum())]
    points = np.tile(low, (count, 1))
    points[:, free] = _inside(vertices[row][:, :, free], rng)
    return points
