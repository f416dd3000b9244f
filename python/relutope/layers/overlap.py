"""Classes along the depth: which cells of the first layers they share, and how pure these are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arguments import check_choice
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import BoolArray, FloatArray, IntArray, ReadOnlyArrays
from ..complex.cells import complex_of, has_cells
from ..decisions.regions import class_labels
from ..decomposition.data_cells import cells_of_data
from ..network.conversion import as_network
from .images import own_depth

__all__ = ["ClassOverlap", "class_overlap"]

By: TypeAlias = Literal["prefix", "layer"]
Weight: TypeAlias = Literal["volume", "cells"]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class ClassOverlap(ReadOnlyArrays):
    """How classes share activation patterns, layer by layer; see `class_overlap`.

    Attributes
    ----------
    classes : ndarray, shape (c,)
    n_patterns : ndarray of int64, shape (L + 1,)
        How many patterns occur; before the first layer there is one.
    jaccard : ndarray of float64, shape (L + 1, c, c)
        Of any two classes: patterns that occur in both, divided by those that occur in either.
    purity : ndarray of float64, shape (L + 1,)
        The share of all points (or of the volume) that belongs to the most frequent class of its
        pattern.
    """

    classes: NDArray[Any]
    n_patterns: IntArray
    jaccard: FloatArray
    purity: FloatArray

    def __repr__(self) -> str:
        purity = ", ".join(f"{value:.4g}" for value in self.purity)
        return f"ClassOverlap(of {len(self.classes)} classes: purity [{purity}])"


@ieee_arithmetic
def class_overlap(
    source: Any,
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    by: By = "prefix",
    weight: Weight = "volume",
) -> ClassOverlap:
    """How far the layers have told classes apart: overlap and purity of cells along the depth.

    Parameters
    ----------
    source : Network, torch.nn.Module, path, ...; or Complex or Slice
        A network, with data; or a complex made with `outputs`, whose classes are then regions of
        the domain.
    X : array_like, shape (points, n), optional
        Data, for a network. Which cell a point lies in is decided exactly.
    y : array_like, shape (points,), optional
        Labels.
    by : {"prefix", "layer"}
        Patterns of all layers up to each, which name the cells of these layers; or of each layer
        alone.
    weight : {"volume", "cells"}
        What purity counts of a complex: volume, which is rounded and needs a bounded domain, or
        cells.

    Returns
    -------
    ClassOverlap
        With a first entry for no layer at all.

    Raises
    ------
    ValueError
        If data is missing, is given beside a complex, does not fit, or the complex was made without
        `outputs` or is unbounded.
    InvalidNetworkError, UnsupportedLayerError
        If the network cannot be used.

    See Also
    --------
    layer_images, cells_of_data, agreement

    Notes
    -----
    By prefix, purity never decreases from layer to layer: cells of more layers are parts of those
    of fewer.

    Examples
    --------
    A network that sees the first input only cannot tell classes apart by the second:

    >>> import relutope as rt
    >>> net = [([[1, 0]], [0]), ([[1], [-1]], [0, 0]), ([[1, 1]], [0])]
    >>> X = [[1, 1], [2, -1], [-1, 1], [-2, 1]]
    >>> found = rt.class_overlap(net, X, [1, 0, 0, 0])
    >>> found.n_patterns.tolist(), found.purity.tolist(), found.jaccard[:, 0, 1].tolist()
    ([1, 2, 2], [0.75, 0.75, 0.75], [1.0, 0.5, 0.5])
    """
    check_choice("by", by, By)
    check_choice("weight", weight, Weight)
    if has_cells(source):
        if X is not None or y is not None:
            raise ValueError("`source` is a complex; give no data beside it, or a network instead")
        patterns, widths, weights, classes = _of_complex(source, weight)
    else:
        if X is None or y is None:
            raise ValueError("`source` is a network; give data `X` and labels `y`")
        network = as_network(source)
        cells = cells_of_data(network, X, y)
        patterns, widths = cells.patterns, network.hidden_widths
        weights = np.asarray(cells.class_counts, dtype=np.float64)
        classes = np.asarray(cells.classes)
    if not len(patterns):
        raise ValueError("`X` has no points")
    rows = [np.zeros((len(patterns), 0), dtype=np.bool_)]
    end = 0
    for width in widths:
        rows.append(patterns[:, (0 if by == "prefix" else end) : end + width])
        end += width
    found = [_shared(part, weights) for part in rows]
    counts, jaccards, purities = zip(*found, strict=True)
    return ClassOverlap(classes, np.array(counts), np.stack(jaccards), np.array(purities))


def _of_complex(
    source: Any, weight: Weight
) -> tuple[BoolArray, list[int], FloatArray, NDArray[Any]]:
    cx = complex_of(source)
    labels = class_labels(cx)
    if weight == "volume":
        if cx.lineality_dim or not cx.bounded.all():
            raise ValueError("`source` is unbounded; take weight='cells', or a bounded domain")
        # A cell counts as one of its class however small it is.
        sizes = np.maximum(cx.cell_volumes, np.nextafter(0.0, 1.0))
    else:
        sizes = np.ones(cx.n_cells)
    classes, number = np.unique(labels, return_inverse=True)
    weights = np.zeros((cx.n_cells, len(classes)))
    weights[np.arange(cx.n_cells), number.ravel()] = sizes
    widths = cx.network.hidden_widths[: own_depth(cx)]
    return cx.patterns, widths, weights, classes


def _shared(patterns: BoolArray, weights: FloatArray) -> tuple[int, FloatArray, float]:
    """Number of distinct patterns, Jaccard indices of the classes, and purity."""
    packed = np.packbits(patterns, axis=1)
    if patterns.shape[1]:
        rows = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).ravel()
        _, number = np.unique(rows, return_inverse=True)
    else:
        number = np.zeros(len(patterns), dtype=np.int64)
    count = int(number.max()) + 1
    columns = [np.bincount(number, weights=own, minlength=count) for own in weights.T]
    table = np.stack(columns, axis=1)
    present = (table.T > 0).astype(np.int64)
    both = present @ present.T
    size = np.diag(both)
    either = size[:, None] + size[None, :] - both
    jaccard = both / np.maximum(either, 1)
    return count, jaccard, float(table.max(axis=1).sum() / table.sum())
