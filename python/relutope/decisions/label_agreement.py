"""How well a partition of the cells agrees with the network's decision boundary.

A cell's *label* is the sign of the one output f at the cell's interior point. A cell may be crossed
by {f = 0}; its label then says on which side its interior point lies, nothing more. A *boundary
facet* is a shared facet between cells of different labels; a *cut facet* one between different
parts of the partition.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..complex.cell_complex import CellComplex

Floats = NDArray[np.float64]

__all__ = ["Agreement", "adjusted_rand_index", "agreement", "cell_labels", "cell_points"]


@dataclass(frozen=True)
class Agreement:
    """Agreement of a two-part partition of the cells with their labels; NaN where undefined.

    Attributes
    ----------
    accuracy : float
        Share of cells whose part matches their label, under the better of the two matchings (>=
        1/2).
    accuracy_by_volume : float
        The same with cells weighted by volume (NaN without volumes).
    ari : float
        Adjusted Rand index: 1 for equal partitions, about 0 for independent ones.
    boundary_cut : float
        Share of boundary facets that are cut (recall).
    cut_boundary : float
        Share of cut facets that are boundary facets (precision).
    n_boundary_facets, n_cut_facets : int
    """

    accuracy: float
    accuracy_by_volume: float
    ari: float
    boundary_cut: float
    cut_boundary: float
    n_boundary_facets: int
    n_cut_facets: int

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


def cell_labels(cx: CellComplex) -> NDArray[np.bool_]:
    """Label of each cell, bool (n_cells,): is the one output >= 0 at its interior point (float64)?

    Raises
    ------
    ValueError
        If the network has more than one output.
    """
    outputs = cx.network.output_dim
    if outputs != 1:
        raise ValueError(
            f"`cx`: got a network with {outputs} outputs, expected 1; select one logit"
        )
    labels: NDArray[np.bool_] = cx.network.forward(cell_points(cx))[:, 0] >= 0.0
    return labels


def cell_points(cx: CellComplex) -> Floats:
    """A point per cell, float64 (n_cells, n): the interior point, or the mean of the vertices.

    The mean stands in for cells so small that no double was found inside.
    """
    points = cx.interior_points
    missing = np.flatnonzero(np.isnan(points).any(axis=1))
    if len(missing):
        points = points.copy()
        for cell in missing:
            ids = cx.cell_vertices[int(cell)]
            points[cell] = cx.vertices[ids[ids < len(cx.vertices)]].mean(axis=0)
    return points


def adjusted_rand_index(a: ArrayLike, b: ArrayLike) -> float:
    """Adjusted Rand index of two labellings of the same items.

    L. Hubert and P. Arabie, Comparing partitions, J. Classification 2 (1985). Two labellings that
    both put everything into one class agree perfectly: 1.0.

    Examples
    --------
    >>> adjusted_rand_index([0, 0, 1, 1], [1, 1, 0, 0])
    1.0
    """
    left, i = np.unique(np.asarray(a), return_inverse=True)
    right, j = np.unique(np.asarray(b), return_inverse=True)
    joint = np.bincount(i * len(right) + j, minlength=len(left) * len(right))
    counts = joint.reshape(len(left), len(right)).astype(float)

    def pairs(n: Floats) -> float:
        return float((n * (n - 1) / 2).sum())

    same, rows, columns = pairs(counts), pairs(counts.sum(axis=1)), pairs(counts.sum(axis=0))
    everything = pairs(counts.sum(keepdims=True))
    expected = rows * columns / everything if everything else 0.0
    best = (rows + columns) / 2
    return 1.0 if best == expected else (same - expected) / (best - expected)


def agreement(
    partition: ArrayLike,
    labels: ArrayLike,
    adjacency: ArrayLike,
    volumes: ArrayLike | None = None,
) -> Agreement:
    """Compare a two-part partition of the cells with their labels.

    Parameters
    ----------
    partition, labels : array_like bool (n_cells,)
        For instance ``rt.fiedler(cx).partition`` and :func:`cell_labels`.
    adjacency : array_like int (n_edges, 2)
        ``cx.adjacency``.
    volumes : array_like float (n_cells,), optional
        ``cx.cell_volumes``.

    Raises
    ------
    ValueError
        If the lengths differ.
    """
    part, label = np.asarray(partition, dtype=bool), np.asarray(labels, dtype=bool)
    if part.ndim != 1 or part.shape != label.shape:
        raise ValueError(
            f"`partition`, `labels`: got shapes {part.shape} and {label.shape}, expected two equal "
            "shapes (n_cells,)"
        )
    i, j = np.asarray(adjacency, dtype=np.int64).reshape(-1, 2).T
    boundary, cut = label[i] != label[j], part[i] != part[j]
    both = int((boundary & cut).sum())
    weights = None if volumes is None else np.asarray(volumes, dtype=np.float64)
    return Agreement(
        accuracy=_better_match(part == label, None),
        accuracy_by_volume=float("nan")
        if weights is None
        else _better_match(part == label, weights),
        ari=adjusted_rand_index(part, label),
        boundary_cut=_share(both, int(boundary.sum())),
        cut_boundary=_share(both, int(cut.sum())),
        n_boundary_facets=int(boundary.sum()),
        n_cut_facets=int(cut.sum()),
    )


def _better_match(equal: NDArray[np.bool_], weights: Floats | None) -> float:
    share = float(np.average(equal, weights=weights))
    return max(share, 1.0 - share)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
