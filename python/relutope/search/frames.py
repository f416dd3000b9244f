"""The coordinates in which the cells around a point are explored."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..domain.box import Box
from ..domain.polytope import Polytope
from ..network.essential import has_independent_rows, visible_forms
from .problem import Problem

__all__ = ["FirstLayerFrame", "InputFrame", "bounds_of", "frame_of", "halfspaces_of"]

FloatArray = NDArray[np.float64]


class FirstLayerFrame:
    """Points by the units of the first layer, whose rows are independent; the domain is R^n."""

    def __init__(self, problem: Problem) -> None:
        self._W, self._b = problem.network.layers[0]
        n = problem.network.input_dim
        self.bounds = np.full(n, -np.inf), np.full(n, np.inf)
        self.halfspaces = np.empty((0, n + 1))
        self._anchor = np.zeros(n)

    def anchor(self, x: FloatArray) -> None:
        """Points of the input space will differ from `x` in the span of the layer's rows."""
        self._anchor = x

    def coordinates(self, x: FloatArray) -> FloatArray:
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(self._W @ x + self._b)

    def inputs(self, units: FloatArray) -> FloatArray:
        Q, R = np.linalg.qr(self._W.T)
        points = np.tile(self._anchor, (len(units), 1))
        for _ in range(2):  # the second time for what rounding left
            missing = units - (points @ self._W.T + self._b)
            points += np.linalg.solve(R.T, missing.T).T @ Q.T
        return points


class InputFrame:
    """Points by the inputs that the problem keeps."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
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


def frame_of(problem: Problem) -> FirstLayerFrame | InputFrame:
    if problem.domain is None and has_independent_rows(problem.network.layers[0][0]):
        return FirstLayerFrame(problem)
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
