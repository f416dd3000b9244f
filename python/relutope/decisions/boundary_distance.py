"""How far a partition's cut lies from the network's decision boundary, in the input space.

`agreement` counts facets that the two share; here a cut that runs beside the boundary, one cell
away, is close to it. The *cut* is the union of the shared facets between cells of different parts.
The *decision boundary* is that of the network, not of the cells' labels: cells that it crosses are
cut along it first.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree

from ..common.arguments import checked_count, checked_seed
from ..common.arithmetic import ieee_arithmetic
from ..complex.cell_complex import CellComplex
from ..complex.cells import ComplexLike, complex_of

__all__ = ["CutDistance", "boundary_facets", "cut_distance"]

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

_FINER = 10  # in three and more dimensions the set that is measured to has more samples
_CHUNK = 1 << 20  # pairs of a point and a segment at once; bounds the memory


@ieee_arithmetic
@dataclass(frozen=True)
class CutDistance:
    """Distances between the cut of a partition and the decision boundary, in units of the inputs.

    NaN where the cut or the boundary is empty.

    Attributes
    ----------
    cut_to_boundary, boundary_to_cut : float
        Mean over the points of the one set, by (n - 1)-dimensional measure, of the distance to the
        other set.
    cut_to_boundary_max, boundary_to_cut_max : float
        The largest such distance among the points sampled. The larger of the two is the Hausdorff
        distance.
    resolution : float
        How good these are. In one dimension 0: they are exact but for rounding. In two a bound: a
        maximum is at most this below the true one, a mean at most half of this off. In more an
        estimate: the mean distance that the sampling would find from either set to itself.
    cut_measure, boundary_measure : float
        The (n - 1)-dimensional measures of the two sets (in one dimension numbers of points).
    n_cut_facets, n_boundary_facets : int
        The latter of the complex that was cut along the boundary.
    """

    cut_to_boundary: float
    boundary_to_cut: float
    cut_to_boundary_max: float
    boundary_to_cut_max: float
    resolution: float
    cut_measure: float
    boundary_measure: float
    n_cut_facets: int
    n_boundary_facets: int

    @property
    def hausdorff(self) -> float:
        """The larger of the two maxima."""
        return max(self.cut_to_boundary_max, self.boundary_to_cut_max)

    def as_dict(self) -> dict[str, float]:
        """The fields by name.

        Returns
        -------
        dict of str to float
        """
        return asdict(self)


@dataclass(frozen=True)
class _Facets:
    """A union of facets as simplices: corners (m, n, n), the first index counts the simplices."""

    corners: FloatArray
    measure: FloatArray
    n_facets: int


@ieee_arithmetic
def cut_distance(
    complex: ComplexLike,
    partition: ArrayLike,
    *,
    samples: int = 2000,
    seed: int = 0,
    boundary: tuple[CellComplex, IntArray] | None = None,
) -> CutDistance:
    """Distances between the cut of a partition of the cells and the decision boundary.

    Parameters
    ----------
    complex : Complex
        Of a bounded domain, in any dimension in which it has vertices.
    partition : array_like, shape (n_cells,)
        The part of each cell; bool or integers, for instance ``fiedler(complex).partition``.
    samples : int
        About how many points of each set to measure from.
    seed : int
        Seed of the samples in three and more dimensions.
    boundary : tuple, optional
        What `boundary_facets` returns; found anew if not given.

    Returns
    -------
    CutDistance

    Raises
    ------
    ValueError
        If a cell is unbounded, the partition does not fit, or `samples` is not positive.

    See Also
    --------
    fiedler, decision_boundary

    Notes
    -----
    The decision boundary: see `boundary_facets`. In two dimensions both sets are segments. Each is
    divided into pieces of at most ``h = length of its set / samples``, whose midpoints stand for
    them; ends are looked at as well. The distances from these points to the other set's segments
    are exact, and change by at most as much as the point moves, hence `resolution`, h / 2 of the
    coarser set. In more dimensions points are drawn from the facets uniformly by measure, facets in
    proportion to theirs (systematic sampling), and their distances are those to the nearest of
    ten times as many points of the other set and the vertices of its facets, which are upper
    bounds of the true ones.

    Examples
    --------
    The network is zero on ``x = 1/4``; its cells are cut at ``x = 0``:

    >>> import relutope as rt
    >>> cx = rt.decompose([([[4.0, 0.0]], [0.0]), ([[1.0]], [-1.0])], rt.Box(-1, 1))
    >>> found = cut_distance(cx, [True, False])
    >>> found.cut_to_boundary, found.boundary_to_cut, found.hausdorff
    (0.25, 0.25, 0.25)
    """
    complex = complex_of(complex)
    part = np.asarray(partition)
    if part.shape != (complex.n_cells,):
        raise ValueError(
            f"`partition` has shape {part.shape}; give the part of each of {complex.n_cells} cells"
        )
    samples, seed = checked_count("samples", samples), checked_seed(seed)
    if not complex.bounded.all():
        raise ValueError("`complex` has unbounded cells; decompose over a bounded box")
    first, second = complex.adjacency.T
    # Lengths are measured in a power of 2 of the complex's size: squares stay in range.
    unit = 2.0 ** int(np.frexp(np.abs(complex.vertices).max())[1])
    cut = _facets(complex, np.flatnonzero(part[first] != part[second]), unit)
    zeros = _facets(*(boundary or boundary_facets(complex)), unit)
    found = np.full(5, np.nan)
    if cut.n_facets and zeros.n_facets:
        measured = _between_segments if complex.dim == 2 else _between_samples
        found = np.array(measured(cut, zeros, samples, np.random.default_rng(seed))) * unit
    there, back, there_max, back_max, resolution = found.tolist()
    area = unit ** (complex.dim - 1)
    return CutDistance(
        cut_to_boundary=there,
        boundary_to_cut=back,
        cut_to_boundary_max=there_max,
        boundary_to_cut_max=back_max,
        resolution=resolution,
        cut_measure=area * math.fsum(cut.measure),
        boundary_measure=area * math.fsum(zeros.measure),
        n_cut_facets=cut.n_facets,
        n_boundary_facets=zeros.n_facets,
    )


def boundary_facets(complex: ComplexLike) -> tuple[CellComplex, IntArray]:
    """The facets that make up the decision boundary.

    Parameters
    ----------
    complex : Complex
        Of a network with one output f or several.

    Returns
    -------
    refined : Complex
        The complex, also cut along the boundary.
    edges : ndarray of int64, shape (k,)
        Which rows of ``refined.adjacency``: the facets on which f is 0, but not those between two
        cells on both of which f is 0; of several outputs those of `decision_boundary`. Points where
        f is 0 in fewer than n - 1 dimensions, or only on the domain's boundary, are not included.

    Examples
    --------
    ``|x| - 1`` is 0 at two points:

    >>> import relutope as rt
    >>> cx = rt.decompose([([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [-1.0])], rt.Box(-2, 2))
    >>> refined, edges = boundary_facets(cx)
    >>> cx.n_edges, refined.n_edges, len(edges)
    (1, 3, 2)
    """
    complex = complex_of(complex)
    if complex.network.output_dim > 1:
        from .boundary import decision_boundary

        refined = complex.refined_by_class
        return refined, decision_boundary(refined).edges
    refined = complex if complex.n_output_neurons else complex.refine_by_output()
    last = refined.n_neurons - 1  # its sign is that of f
    zero = np.zeros(refined.n_edges, dtype=np.bool_)
    zero[refined.facet_neurons.row_of[refined.facet_neurons.indices == last]] = True
    flat = np.zeros(refined.n_cells, dtype=np.bool_)
    flat[refined.solution.links.zero_cell[refined.solution.links.zero_neuron == last]] = True
    zero &= ~flat[refined.adjacency].all(axis=1)
    return refined, np.flatnonzero(zero)


def _facets(complex: CellComplex, edges: IntArray, unit: float) -> _Facets:
    """The shared facets with these numbers, in that unit of length."""
    n = complex.dim
    if not edges.size:
        return _Facets(np.empty((0, n, n)), np.empty(0), 0)
    simplices, edge = complex.solution.vertex_complex.triangulate_facets(complex.solution.cells())
    corners = complex.solution.vertex_coordinates[simplices[np.isin(edge, edges)]] / unit
    sides = corners[:, 1:] - corners[:, :1]
    gram = np.linalg.det(sides @ sides.transpose(0, 2, 1))
    measure = np.sqrt(np.maximum(gram, 0.0)) / math.factorial(n - 1)
    return _Facets(corners, measure, len(edges))


def _between_segments(
    a: _Facets, b: _Facets, samples: int, rng: np.random.Generator
) -> tuple[float, ...]:
    """Means from a to b and back, maxima from a to b and back, and the resolution."""
    means, maxima, coarsest = [], [], 0.0
    for start, to in ((a, b), (b, a)):
        step = math.fsum(start.measure) / samples
        coarsest = max(coarsest, step)
        pieces = np.maximum(np.ceil(start.measure / step), 1).astype(np.int64)
        which = np.repeat(np.arange(len(pieces)), pieces)
        number = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        share = ((number + 0.5) / pieces[which])[:, None]
        middle = (1 - share) * start.corners[which, 0] + share * start.corners[which, 1]
        distance = _to_segments(middle, to.corners)
        mean = float(np.average(distance, weights=(start.measure / pieces)[which]))
        ends = _to_segments(np.unique(start.corners.reshape(-1, 2), axis=0), to.corners)
        means.append(mean)
        maxima.append(float(max(distance.max(), ends.max())))
    return (*means, *maxima, coarsest / 2)


def _to_segments(points: FloatArray, segments: FloatArray) -> FloatArray:
    """Distance of each point (k, 2) to the nearest of the segments (m, 2, 2)."""
    start, along = segments[:, 0], segments[:, 1] - segments[:, 0]
    square = np.maximum(np.sum(along**2, axis=1), np.finfo(float).tiny)
    distance = np.empty(len(points))
    rows = max(1, _CHUNK // len(segments))
    for low in range(0, len(points), rows):
        ray = points[low : low + rows, None] - start
        t = np.clip(np.sum(ray * along, axis=2) / square, 0.0, 1.0)
        ray -= t[:, :, None] * along
        distance[low : low + rows] = np.sqrt(np.sum(ray**2, axis=2).min(axis=1))
    return distance


def _between_samples(
    a: _Facets, b: _Facets, samples: int, rng: np.random.Generator
) -> tuple[float, ...]:
    """Means from a to b and back, maxima from a to b and back, and the resolution."""
    n = a.corners.shape[1]
    trees = []
    for facets in (a, b):
        corners = np.unique(facets.corners.reshape(-1, n), axis=0)
        inside = _draw(facets, _FINER * samples, rng) if n > 1 else corners
        trees.append(KDTree(np.concatenate([corners, inside])))
    points = [_draw(facets, samples, rng) if n > 1 else facets.corners[:, 0] for facets in (a, b)]
    own = [float(tree.query(x)[0].mean()) for tree, x in zip(trees, points, strict=True)]
    there, back = trees[1].query(points[0])[0], trees[0].query(points[1])[0]
    means, maxima = (there.mean(), back.mean()), (there.max(), back.max())
    return (*map(float, (*means, *maxima)), max(own))


def _draw(facets: _Facets, samples: int, rng: np.random.Generator) -> FloatArray:
    """Points of the simplices, uniform by measure."""
    upto = np.cumsum(facets.measure)
    at = (np.arange(samples) + rng.random()) / samples * upto[-1]
    which = np.minimum(np.searchsorted(upto, at, side="right"), len(upto) - 1)
    share = rng.standard_exponential((samples, facets.corners.shape[1]))
    share /= share.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("ki,kij->kj", share, facets.corners[which]))
