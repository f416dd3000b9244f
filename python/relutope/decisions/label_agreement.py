"""How well a partition of the cells agrees with the network's decision boundary.

A cell's *label* is the sign of the one output f: on the whole cell where cells were cut by it, else
at the cell's interior point. A cell may then be crossed by {f = 0}; its label says on which side
its interior point lies, nothing more. A *boundary facet* is a shared facet between cells of
different labels; a *cut facet* one between different parts of the partition.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import BoolArray, FloatArray
from ..complex.cells import Cells, cells_of

__all__ = ["Agreement", "adjusted_rand_index", "agreement", "cell_labels"]


@ieee_arithmetic
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
        """The fields by name.

        Returns
        -------
        dict of str to float
        """
        return asdict(self)


@ieee_arithmetic
def cell_labels(complex: Cells | Any) -> BoolArray:
    """On which side of the decision boundary each cell lies: whether the one output f is > 0.

    Parameters
    ----------
    complex : Complex, Exploration or Slice
        Of a network with one output.

    Returns
    -------
    ndarray of bool, shape (n_cells,)
        Exact for a complex that was cut by the output, ``decompose(..., outputs="sign")``: then it
        holds inside the whole cell, and is what `decision_regions` says; False where f vanishes on
        a cell, as a neuron that vanishes is inactive. Else by f at the cell's interior point, in
        floating point.

    Raises
    ------
    ValueError
        If the network has more than one output.

    See Also
    --------
    agreement, decision_regions

    Examples
    --------
    >>> import relutope as rt
    >>> net = [([[1.0]], [0.0]), ([[1.0]], [-0.5])]  # relu(x) - 1/2
    >>> rt.cell_labels(rt.decompose(net, rt.Box(-1, 2), outputs="sign")).tolist()
    [False, False, True]
    """
    cells = cells_of(complex)
    outputs = cells.network.output_dim
    if outputs != 1:
        raise ValueError(
            f"`complex` is of a network with {outputs} outputs, labels need one; select one logit"
        )
    if not cells.n_output_neurons:
        return np.asarray(cells.network.forward(cells.interior_points)[:, 0] > 0.0)
    return cells.patterns[:, -1].copy()


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

    def pairs(n: FloatArray) -> float:
        return float((n * (n - 1) / 2).sum())

    same, rows, columns = pairs(counts), pairs(counts.sum(axis=1)), pairs(counts.sum(axis=0))
    everything = pairs(counts.sum(keepdims=True))
    expected = rows * columns / everything if everything else 0.0
    best = (rows + columns) / 2
    return 1.0 if best == expected else (same - expected) / (best - expected)


@ieee_arithmetic
def agreement(
    partition: ArrayLike,
    labels: ArrayLike,
    adjacency: ArrayLike,
    volumes: ArrayLike | None = None,
) -> Agreement:
    """Compare a two-part partition of the cells with their labels.

    Parameters
    ----------
    partition, labels : array_like of bool, shape (n_cells,)
        For instance ``fiedler(cx).partition`` and ``cell_labels(cx)``.
    adjacency : array_like of int, shape (n_edges, 2)
        ``cx.adjacency``.
    volumes : array_like of float, shape (n_cells,), optional
        ``cx.cell_volumes``.

    Returns
    -------
    Agreement

    Raises
    ------
    ValueError
        If the lengths differ.

    See Also
    --------
    cell_labels, cut_distance

    Examples
    --------
    Four cells in a row, cut one facet away from where the label changes:

    >>> found = agreement([0, 0, 0, 1], [0, 0, 1, 1], [(0, 1), (1, 2), (2, 3)])
    >>> found.accuracy, found.boundary_cut
    (0.75, 0.0)
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


def _better_match(equal: BoolArray, weights: FloatArray | None) -> float:
    share = float(np.average(equal, weights=weights))
    return max(share, 1.0 - share)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
