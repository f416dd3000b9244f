"""The cells that data points lie in, with counts and labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import BoolArray, FloatArray, IntArray, ReadOnlyArrays
from ..common.tensors import detached
from ..complex.cell_complex import CellComplex
from ..complex.geometry import located_points
from ..network.conversion import as_network
from ..network.core import point_signs
from ..network.network import Network
from ..verification.bits import Integers
from ..verification.rational_forward import IntegerLayer

__all__ = ["DataCells", "cells_of", "cells_of_data"]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class DataCells(ReadOnlyArrays):
    """The cells that some points lie in; see `cells_of_data` and `Complex.cells_of`.

    Attributes
    ----------
    patterns : ndarray of bool, shape (k, N)
        The cells, in increasing lexicographic order of their activation patterns.
    of_point : ndarray of int64, shape (points,)
        The row of `patterns` that each point lies in; -1 outside the domain.
    cells : ndarray of int64 or None, shape (k,)
        Their numbers in the complex, if there is one.
    classes : ndarray or None, shape (c,)
        The labels that occur, sorted.
    class_counts : ndarray of int64 or None, shape (k, c)
        How many points of each label lie in each cell.
    """

    patterns: BoolArray
    of_point: IntArray
    cells: IntArray | None
    classes: NDArray[Any] | None
    class_counts: IntArray | None

    @property
    def counts(self) -> IntArray:
        """How many points lie in each cell, shape (k,)."""
        inside = self.of_point[self.of_point >= 0]
        return np.asarray(np.bincount(inside, minlength=len(self.patterns)), dtype=np.int64)

    @property
    def purity(self) -> FloatArray:
        """The share of each cell's points that have its most frequent label, shape (k,).

        Raises
        ------
        ValueError
            If there were no labels.
        """
        return np.asarray(self._labelled.max(axis=1) / self._labelled.sum(axis=1))

    @property
    def majority(self) -> NDArray[Any]:
        """Each cell's most frequent label, the first of several, shape (k,).

        Raises
        ------
        ValueError
            If there were no labels.
        """

        most = self._labelled.argmax(axis=1)
        return np.asarray(np.asarray(self.classes)[most])

    @property
    def _labelled(self) -> IntArray:
        if self.class_counts is None:
            raise ValueError("`y` was not given, so there are no labels")
        return self.class_counts

    def __len__(self) -> int:
        return len(self.patterns)

    def __repr__(self) -> str:
        return f"DataCells({len(self):,} cells of {len(self.of_point):,} points)"


@ieee_arithmetic
def cells_of_data(network: Any, X: ArrayLike, y: ArrayLike | None = None) -> DataCells:
    """The cells that a data set touches, without the others.

    Signs are exact for the given doubles. A point on the boundary between cells counts for the one
    that one enters by moving a little in the direction of the first input, and from a facet along
    it, in that of the second, and so on.

    Parameters
    ----------
    network : Network, torch.nn.Module, sequence of (W, b), or path of a file
        As for `decompose`, with any number of inputs and neurons.
    X : array_like, shape (points, n)
    y : array_like, shape (points,), optional
        Labels.

    Returns
    -------
    DataCells

    Raises
    ------
    ValueError
        If the shapes do not fit, or `X` has numbers that are not finite.

    See Also
    --------
    Complex.cells_of : the same in a complex.
    explore : cells around a point.

    Examples
    --------
    >>> import relutope as rt
    >>> net = [([[1, 0], [0, 1]], [0, 0]), ([[1, 1]], [0])]
    >>> found = rt.cells_of_data(net, [[1, 1], [2, 1], [-1, 1]], y=[0, 1, 1])
    >>> len(found), found.counts.tolist(), found.purity.tolist()
    (2, [1, 2], [1.0, 0.5])
    """
    net = as_network(network)
    points = located_points(X, net.input_dim)
    signs = point_signs(net, points)
    patterns = signs > 0
    layers: list[IntegerLayer] = []
    for k in np.flatnonzero((signs == 0).any(axis=1)):
        layers = layers or _integer_layers(net)
        patterns[k] = _pattern_beside(layers, signs[k])
    found, of_point = np.unique(patterns, axis=0, return_inverse=True)
    return _made(found, of_point.ravel().astype(np.int64), None, y)


def cells_of(cx: CellComplex, X: ArrayLike, y: ArrayLike | None) -> DataCells:
    """See `Complex.cells_of`."""
    at = cx.locate(X)
    cells, of_point = np.unique(at, return_inverse=True)
    of_point = of_point.ravel()
    if len(cells) and cells[0] < 0:
        cells, of_point = cells[1:], of_point - 1
    return _made(cx.patterns[cells], of_point.astype(np.int64), cells, y)


def _made(
    patterns: BoolArray, of_point: IntArray, cells: IntArray | None, y: ArrayLike | None
) -> DataCells:
    if y is None:
        return DataCells(patterns, of_point, cells, None, None)
    labels = np.asarray(detached(y))
    if labels.shape != of_point.shape:
        raise ValueError(f"`y` must have shape ({len(of_point)},), got {labels.shape}")
    classes, number = np.unique(labels, return_inverse=True)
    counts = np.zeros((len(patterns), len(classes)), dtype=np.int64)
    inside = of_point >= 0
    np.add.at(counts, (of_point[inside], number.ravel()[inside]), 1)
    return DataCells(patterns, of_point, cells, classes, counts)


def _integer_layers(net: Network) -> list[IntegerLayer]:
    hidden = zip(net.exact_layers()[:-1], net.linear_units, strict=True)
    return [IntegerLayer.from_floats(W, b, low, linear) for (W, b, low), linear in hidden]


def _pattern_beside(layers: list[IntegerLayer], signs: NDArray[np.int8]) -> BoolArray:
    """The pattern at ``x + (e, e^2, ...)`` for all small e > 0, from the signs at x.

    There, a neuron that is zero at x has the sign of the first coefficient of its form that is not
    zero; without any it is zero around x.
    """
    n = layers[0].W.shape[1]
    slopes: Integers = np.array([[int(i == j) for j in range(n)] for i in range(n)], dtype=object)
    pattern = signs > 0
    start = 0
    for layer in layers:
        slopes = layer.W @ slopes
        count = len(layer.W) - layer.linear
        for i in np.flatnonzero(signs[start : start + count] == 0):
            pattern[start + i] = next((v for v in slopes[i] if v), 0) > 0
        active = np.r_[pattern[start : start + count], np.ones(layer.linear, dtype=np.bool_)]
        slopes = np.where(active[:, None], slopes, 0)
        start += count
    return np.asarray(pattern)
