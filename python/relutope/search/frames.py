"""The coordinates in which the cells around a point are explored."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..domain.box import Box
from ..domain.polytope import Polytope
from ..network.core import core_network
from ..network.essential import has_independent_rows, visible_forms
from ..network.network import Network
from .problem import Problem

__all__ = ["Frame", "bounds_of", "frame_of", "halfspaces_of"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


class FirstLayerFrame:
    """Points by the values of the first layer's distinct rows, which are independent.

    The domain is R^n. A unit that repeats another, as leaky and residual ones do, has its value.

    Attributes
    ----------
    network
        The core's, of what is explored: with distinct rows the network itself, else the one that
        takes the rows' values as its inputs.
    by_first_layer : bool
        Whether points are the units of its first layer, and not its inputs.
    bounds, halfspaces
        Of its inputs.
    """

    def __init__(self, problem: Problem, distinct: IntArray, unit_row: IntArray) -> None:
        network = problem.network
        W, b = network.layers[0]
        self._W, self._b = W[distinct], b[distinct]
        self.by_first_layer = len(distinct) == len(W)
        if self.by_first_layer:
            self.network = core_network(network, balanced_from=1)
        else:
            self.network = core_network(_of_rows(network, unit_row), balanced_from=0)
        n = network.input_dim if self.by_first_layer else len(distinct)
        self.bounds = np.full(n, -np.inf), np.full(n, np.inf)
        self.halfspaces = np.empty((0, n + 1))
        self._anchor = np.zeros(network.input_dim)

    def anchor(self, x: FloatArray) -> None:
        """Points of the input space will differ from `x` in the span of the layer's rows."""
        self._anchor = x

    def coordinates(self, x: FloatArray) -> FloatArray:
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(self._W @ x + self._b)

    def inputs(self, values: FloatArray) -> FloatArray:
        Q, R = np.linalg.qr(self._W.T)
        points = np.tile(self._anchor, (len(values), 1))
        for _ in range(2):  # the second time for what rounding left
            missing = values - (points @ self._W.T + self._b)
            points += np.linalg.solve(R.T, missing.T).T @ Q.T
        return points


def _distinct_rows(network: Network) -> tuple[IntArray, IntArray]:
    """The first unit of the first layer with each row and bias; and each unit's place there."""
    (W, b), low = network.layers[0], network.bias_low[0]
    place: dict[bytes, int] = {}
    keys = ((np.r_[W[i], b[i], low[i]] + 0.0).tobytes() for i in range(len(W)))  # -0.0 is 0.0
    unit_row = np.array([place.setdefault(key, len(place)) for key in keys], dtype=np.intp)
    return np.unique(unit_row, return_index=True)[1], unit_row


def _of_rows(network: Network, unit_row: IntArray) -> Network:
    """The network whose inputs are the values of the first layer's rows."""
    choice = np.zeros((len(unit_row), unit_row.max() + 1))
    choice[np.arange(len(unit_row)), unit_row] = 1.0
    zeros = np.zeros(len(unit_row))
    return Network(
        [(choice, zeros), *network.layers[1:]],
        network.linear_units,
        [zeros, *network.bias_low[1:]],
    )


class InputFrame:
    """Points by the inputs that the problem keeps."""

    by_first_layer = False

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self.network = problem.core_network
        self.bounds, self.halfspaces = _bounds_and_rest(*problem.bounds, problem.halfspaces)
        self._anchor = np.zeros(problem.network.input_dim)

    def anchor(self, x: FloatArray) -> None:
        """Points of the input space will differ from `x` in the kept inputs."""
        self._anchor = x

    def coordinates(self, x: FloatArray) -> FloatArray:
        """What is left of `x` when inputs that are not kept are moved to zero along its cell."""
        kept = self._problem.kept
        if len(kept) == len(x):
            return x
        domain = self._problem.domain
        rows = np.empty((0, len(x)))
        if isinstance(domain, Polytope):
            rows = domain.A
        if isinstance(domain, Box):
            rows = np.eye(len(x))[np.isfinite(domain.lower) | np.isfinite(domain.upper)]
        with np.errstate(over="ignore", invalid="ignore"):
            forms = visible_forms(self._problem.network, rows)
        if not np.isfinite(forms).all():
            return np.full(len(kept), np.nan)
        dropped = np.setdiff1d(np.arange(len(x)), kept)
        with np.errstate(over="ignore", invalid="ignore"):
            moved = np.linalg.lstsq(forms[:, kept], forms[:, dropped] @ x[dropped], rcond=None)[0]
            return np.asarray(x[kept] + moved)

    def inputs(self, points: FloatArray) -> FloatArray:
        """The points' translates, along their cells, by as much as the anchor's own."""
        embedded = self._problem.embed(points)
        if len(self._problem.kept) == embedded.shape[1]:
            return embedded
        return embedded + (self._anchor - self._problem.embed(self.coordinates(self._anchor)[None]))


def _bounds_and_rest(
    lower: FloatArray, upper: FloatArray, halfspaces: FloatArray
) -> tuple[tuple[FloatArray, FloatArray], FloatArray]:
    """Halfspaces ``w . x + c >= 0`` of one input as its bounds, where the bound is a double.

    In a bounded box programs are certified by far more easily than between as many halfspaces.
    """
    lower, upper = lower.copy(), upper.copy()
    rest = []
    for row in halfspaces:
        inputs = np.flatnonzero(row[:-1])
        if len(inputs) == 1 and abs(np.frexp(row[inputs[0]])[0]) == 0.5:  # a power of two
            k = inputs[0]
            with np.errstate(over="ignore"):
                bound = -row[-1] / row[k]
            if np.isfinite(bound) and bound * row[k] == -row[-1]:
                if row[k] > 0:
                    lower[k] = max(lower[k], bound)
                else:
                    upper[k] = min(upper[k], bound)
                continue
        rest.append(row)
    return (lower, upper), np.reshape(rest, (-1, halfspaces.shape[1]))


Frame = FirstLayerFrame | InputFrame


def frame_of(problem: Problem) -> Frame:
    if problem.domain is None:
        distinct, unit_row = _distinct_rows(problem.network)
        if has_independent_rows(problem.network.layers[0][0][distinct]):
            return FirstLayerFrame(problem, distinct, unit_row)
    return InputFrame(problem)


def bounds_of(n: int, domain: Box | Polytope | None) -> tuple[FloatArray, FloatArray]:
    if isinstance(domain, Box):
        return domain.lower, domain.upper
    return np.full(n, -np.inf), np.full(n, np.inf)


def halfspaces_of(n: int, domain: Box | Polytope | None) -> FloatArray:
    if not isinstance(domain, Polytope):
        return np.empty((0, n + 1))
    some = domain.A.any(axis=1)
    return np.column_stack([-domain.A[some], domain.b[some]])
