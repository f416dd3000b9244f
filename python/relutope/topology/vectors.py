"""Vectors and kernels of persistence diagrams, by gudhi."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np

from ..common.arguments import check_choice
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import FloatArray
from ..common.extras import require
from .pairs import Pair, PersistencePairs

__all__ = ["persistence_kernel", "persistence_vectors"]

Vectors: TypeAlias = Literal["image", "landscape", "silhouette", "betti", "entropy", "lengths"]
Kernel: TypeAlias = Literal["sliced-wasserstein", "scale-space", "weighted-gaussian", "fisher"]

_VECTORS = {
    "image": "PersistenceImage",
    "landscape": "Landscape",
    "silhouette": "Silhouette",
    "betti": "BettiCurve",
    "entropy": "Entropy",
    "lengths": "PersistenceLengths",
}
_KERNELS = {
    "sliced-wasserstein": "SlicedWassersteinKernel",
    "scale-space": "PersistenceScaleSpaceKernel",
    "weighted-gaussian": "PersistenceWeightedGaussianKernel",
    "fisher": "PersistenceFisherKernel",
}


@ieee_arithmetic
def persistence_vectors(
    diagrams: Sequence[Iterable[Pair]],
    dim: int,
    kind: Vectors = "image",
    *,
    cap: float | None = None,
    **options: Any,
) -> FloatArray:
    """Return one vector for each of some persistence diagrams, through gudhi.

    Parameters
    ----------
    diagrams : sequence of lists of (int, (float, float))
        From `persistence`; the vectors of one call share their grid, so that they can be compared.
    dim : int
        Dimension of the classes.
    kind : {"image", "landscape", "silhouette", "betti", "entropy", "lengths"}
        Persistence images [1]_, landscapes [2]_, silhouettes, Betti curves, entropies, or the
        longest lifetimes: the classes `PersistenceImage`, `Landscape`, `Silhouette`, `BettiCurve`,
        `Entropy` and `PersistenceLengths` of `gudhi.representations`.
    cap : float, optional
        Value at which infinite ends are cut off; without it such pairs are left out.
    **options
        Of gudhi's class, as ``resolution=[20, 20], bandwidth=0.1`` of an image, or
        ``num_landscapes=5, resolution=100`` of landscapes.

    Returns
    -------
    ndarray of float64, shape (number of diagrams, features)

    Raises
    ------
    ValueError
        If `kind` is unknown, or no diagram has a pair of this dimension that is kept.
    MissingDependencyError
        If gudhi or scikit-learn is not installed.

    See Also
    --------
    persistence_kernel, persistence, betti_curve, wasserstein_distance

    References
    ----------
    .. [1] H. Adams et al., "Persistence images: a stable vector representation of persistent
       homology", J. Mach. Learn. Res. 18 (2017).
    .. [2] P. Bubenik, "Statistical topological data analysis using persistence landscapes", J.
       Mach. Learn. Res. 16 (2015).

    Examples
    --------
    >>> from relutope.topology import persistence_vectors
    >>> two = [[(1, (0.0, 2.0))], [(1, (0.0, 1.0)), (1, (1.0, 2.0))]]
    >>> persistence_vectors(two, 1, "lengths", num_lengths=2).tolist()
    [[2.0, 0.0], [1.0, 1.0]]
    """
    check_choice("kind", kind, Vectors)
    transform = _of_gudhi(_VECTORS[kind], options)
    points = _points(diagrams, dim, cap)
    if not any(len(ends) for ends in points):
        raise ValueError(
            f"`diagrams` has no finite pair of dimension {dim}; give a `cap`, or another dimension"
        )
    return np.asarray(transform.fit_transform(points), dtype=np.float64)


@ieee_arithmetic
def persistence_kernel(
    first: Sequence[Iterable[Pair]],
    second: Sequence[Iterable[Pair]],
    dim: int,
    kind: Kernel = "sliced-wasserstein",
    *,
    cap: float | None = None,
    **options: Any,
) -> FloatArray:
    """Return a kernel between persistence diagrams, for support vector machines, through gudhi.

    Parameters
    ----------
    first, second : sequence of lists of (int, (float, float))
        Diagrams, from `persistence`.
    dim : int
        Dimension of the classes.
    kind : {"sliced-wasserstein", "scale-space", "weighted-gaussian", "fisher"}
        The classes `SlicedWassersteinKernel` [1]_, `PersistenceScaleSpaceKernel` [2]_,
        `PersistenceWeightedGaussianKernel` and `PersistenceFisherKernel` of
        `gudhi.representations`.
    cap : float, optional
        Value at which infinite ends are cut off; without it such pairs are left out.
    **options
        Of gudhi's class, as ``bandwidth=0.1`` or ``num_directions=20``.

    Returns
    -------
    ndarray of float64, shape (number of first, number of second)

    Raises
    ------
    ValueError
        If `kind` is unknown.
    MissingDependencyError
        If gudhi or scikit-learn is not installed.

    See Also
    --------
    persistence_vectors, wasserstein_distance, bottleneck_distance

    References
    ----------
    .. [1] M. Carrière, M. Cuturi, S. Oudot, "Sliced Wasserstein kernel for persistence diagrams",
       ICML 2017.
    .. [2] J. Reininghaus, S. Huber, U. Bauer, R. Kwitt, "A stable multi-scale kernel for
       topological machine learning", CVPR 2015.

    Examples
    --------
    >>> from relutope.topology import persistence_kernel
    >>> a, b = [(1, (0.0, 2.0))], [(1, (0.0, 1.0))]
    >>> persistence_kernel([a, b], [a], 1).round(3).tolist()
    [[1.0], [0.453]]
    """
    check_choice("kind", kind, Kernel)
    kernel = _of_gudhi(_KERNELS[kind], options)
    rows, columns = (_points(diagrams, dim, cap) for diagrams in (first, second))
    is_sum = kind in ("scale-space", "weighted-gaussian")  # over pairs of points: 0 without any
    result = np.full((len(rows), len(columns)), 0.0 if is_sum else 1.0)
    # gudhi wants a point where there is none: at least one in each, or in one of the two.
    empty = [
        np.array([len(ends) == 0 for ends in points], dtype=np.bool_) for points in (rows, columns)
    ]
    for a, b in [(False, False)] if is_sum else [(False, False), (False, True), (True, False)]:
        i, j = np.flatnonzero(empty[0] == a), np.flatnonzero(empty[1] == b)
        if len(i) and len(j):
            kernel.fit([columns[k] for k in j])
            result[np.ix_(i, j)] = kernel.transform([rows[k] for k in i])
    return result


def _points(diagrams: Sequence[Iterable[Pair]], dim: int, cap: float | None) -> list[FloatArray]:
    return [PersistencePairs(pairs).finite(dim, cap=cap) for pairs in diagrams]


def _of_gudhi(name: str, options: dict[str, Any]) -> Any:
    require("gudhi", "a vector or a kernel of diagrams")
    require("sklearn", "a vector or a kernel of diagrams")
    import gudhi.representations

    return getattr(gudhi.representations, name)(**options)
