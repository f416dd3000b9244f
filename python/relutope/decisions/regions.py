"""Where a classifier's decision is constant.

For complexes that were made with ``decompose(..., outputs="sign")`` or ``outputs="argmax"``, on
each of whose cells one class wins.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import BoolArray, IntArray, ReadOnlyArrays, read_only
from ..complex.cells import Cells, cells_of

__all__ = ["DecisionRegions", "class_changes", "class_labels", "decision_regions", "winners"]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class DecisionRegions(ReadOnlyArrays):
    """The class of each cell, and the connected regions of one class. See `decision_regions`.

    Attributes
    ----------
    complex : Complex or Exploration
    labels : ndarray of int64, shape (n_cells,)
        The class of each cell.
    region : ndarray of int64, shape (n_cells,)
        The region that each cell belongs to; regions are numbered by their first cells.
    region_labels : ndarray of int64, shape (n_regions,)
        The class of each region.
    """

    complex: Cells
    labels: IntArray
    region: IntArray
    region_labels: IntArray

    @property
    def n_regions(self) -> int:
        """Number of regions."""
        return len(self.region_labels)

    @cached_property
    def tied(self) -> BoolArray:
        """Whether another class does as well on the whole cell, shape (n_cells,)."""
        cx = self.complex
        cell, neuron = cx.zero_neurons
        first = cx.n_neurons - cx.n_output_neurons
        # Neuron k - 1 of the outputs compares class k with those before it; a class that wins is
        # strictly better than those.
        ties = neuron - first + 1 > self.labels[cell]
        result = np.zeros(cx.n_cells, dtype=np.bool_)
        result[cell[ties]] = True
        return read_only(result)

    def __repr__(self) -> str:
        classes = len(np.unique(self.labels))
        return f"DecisionRegions({self.n_regions:,} regions of {classes} classes; {self.complex!r})"


@ieee_arithmetic
def decision_regions(complex: Cells | Any) -> DecisionRegions:
    """The class that wins on each cell, exactly, and the connected regions of one class.

    Parameters
    ----------
    complex : Complex, Exploration or Slice
        Made with ``outputs="sign"`` or ``outputs="argmax"``, which cuts cells so that one class
        wins on the whole of each. The complex is a refinement: a region consists of many cells. Of
        an exploration, regions are connected through explored cells.

    Returns
    -------
    DecisionRegions
        For "argmax" the class is the index of the largest output, for "sign" it is 1 where f > 0
        and 0 where f < 0. On cells that are tied as a whole it is the lowest of the tied classes
        (0 where f vanishes), as for `numpy.argmax`; see `DecisionRegions.tied`.

        Regions are connected through facets. Cells of one class that touch in less than that belong
        to different regions; to join them, see ``region(complex, "class", label=...)``, which
        counts points with ties for all the tied classes as well.

    Raises
    ------
    ValueError
        If the complex was made without `outputs`.

    See Also
    --------
    decision_boundary, region, decompose

    Examples
    --------
    Which is largest, x, -x or 0.5? Both x and -x beat it far out:

    >>> import relutope as rt
    >>> net = rt.Network([([[1.0]], [0.0]), ([[1.0], [-1.0], [0.0]], [0.0, 0.0, 0.5])], [1])
    >>> cx = rt.decompose(net, rt.Box(-2, 2), outputs="argmax")
    >>> found = rt.decision_regions(cx)
    >>> found.n_regions, sorted(found.region_labels.tolist())
    (3, [0, 1, 2])
    >>> rt.decision_boundary(cx).labels.tolist()
    [[0, 2], [1, 2]]
    """
    from scipy.sparse import csr_array

    from ..graph.laplacian import components

    cells = cells_of(complex)
    labels = class_labels(cells)
    first, second = cells.adjacency[~class_changes(cells, labels)].T
    n = cells.n_cells
    count, region = components(
        csr_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(n, n))
    )
    region_labels = np.empty(count, dtype=np.int64)
    region_labels[region] = labels
    return DecisionRegions(cells, labels, region, region_labels)


def class_labels(cx: Cells) -> IntArray:
    """The class that wins on each cell; see `decision_regions`."""
    count = cx.n_output_neurons
    if not count:
        raise ValueError(
            "`complex` was made without `outputs`, so a cell may have points of several classes; "
            "decompose with outputs='sign' (one output) or outputs='argmax' (several)"
        )
    return winners(cx.patterns[:, cx.n_neurons - count :])


def winners(beats: BoolArray) -> IntArray:
    """The class of each row; column k - 1 says whether class k beats all before it.

    The last that does, wins.
    """
    last = beats.shape[1] - np.argmax(beats[:, ::-1], axis=1)
    return np.where(beats.any(axis=1), last, 0).astype(np.int64)


def class_changes(cx: Cells, labels: IntArray) -> BoolArray:
    """Which edges lie between cells of different class."""
    first, second = cx.adjacency.T
    return np.asarray(labels[first] != labels[second])
