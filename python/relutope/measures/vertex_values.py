"""A network's outputs at the vertices of its complex: the largest exactly, means rounded."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from math import factorial

import numpy as np
from numpy.typing import NDArray

from ..common.arrays import FloatArray
from ..common.progress import Watch
from ..domain.box import Box
from ..domain.polytope import Polytope
from ..errors import InvalidDomainError
from ..network.network import Network
from ..search.problem import Problem, VertexComplex
from ..verdicts.exact_forward import ExactForward

__all__ = ["VertexValues"]

Point = tuple[Fraction, ...]
_UNIT = 2.0**-53
_MANY = 64


class VertexValues:
    """The cells of a network over a bounded domain, with their vertices.

    Parameters
    ----------
    network : Network
    domain : Box or Polytope
    threads : int
    watch : Watch or None

    Raises
    ------
    InvalidDomainError
        If the domain is unbounded.
    StoppedError
        When the watch says so.
    """

    def __init__(
        self, network: Network, domain: Box | Polytope, threads: int, watch: Watch | None
    ) -> None:
        self.network = network
        self._problem, self._threads = Problem(network, domain), threads
        self._cells = self._problem.search_cells(threads, None, watch)
        if watch is not None and not self._cells.complete:
            raise watch.error(None, self._cells.num_cells)
        self._core = self._problem.search_vertices(self._cells, threads, points=True)
        if self._problem.lineality_dim or self._core.num_finite < self._core.num_vertices:
            raise InvalidDomainError("`domain` must be bounded")
        self.points: FloatArray = self._problem.embed(self._core.coordinates)

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return int(self._cells.num_cells)

    @property
    def patterns(self) -> NDArray[np.bool_]:
        """Activation patterns of the cells."""
        packed = self._cells.patterns.view(np.uint8)
        count = self.network.n_neurons
        bits = np.unpackbits(packed, axis=1, count=count, bitorder="little")
        return bits.astype(np.bool_)

    @cached_property
    def _values(self) -> tuple[FloatArray, FloatArray]:
        """The outputs at the rounded vertices, and certified bounds of their errors.

        Running bounds: of the coordinates' rounding, carried through the weights' absolute values,
        and of that of each sum of k products, at most ``(k + 2) 2^-53`` of the terms' sizes, twice.
        """
        h = self.points
        error = np.abs(h) * _UNIT + 2.0**-1074
        for (W, b), low, neurons in zip(
            self.network.layers,
            self.network.bias_low,
            [*self.network.hidden_widths, 0],
            strict=True,
        ):
            rounding = 2 * (W.shape[1] + 4) * _UNIT
            error = (1 + rounding) * error + rounding * np.abs(h)
            error = 1.0001 * (error @ np.abs(W).T + rounding * np.abs(b) + np.abs(low))
            error += 2.0**-1000
            h = h @ W.T + b
            h[:, :neurons] = np.maximum(h[:, :neurons], 0.0)
        return h, error

    def largest(self, output: int) -> tuple[Fraction, Point]:
        """The largest absolute value of an output over the domain, exactly, and where."""
        values, error = (table[:, output] for table in self._values)
        sizes = np.abs(values)
        least = (sizes - error).max()
        candidates = np.flatnonzero(~(sizes + error < least))  # overflow stays in
        if len(candidates) > _MANY:  # a value that is taken all over the place
            rank = self._ranked.output_rank[:, output]
            candidates = np.array([rank.argmin(), rank.argmax()])
        points = [self._exact_point(int(v)) for v in candidates]
        found = [abs(self._forward.outputs(x)[output]) for x in points]
        return max(zip(found, points, strict=True), key=lambda pair: pair[0])

    @cached_property
    def _forward(self) -> ExactForward:
        return ExactForward(self.network)

    @cached_property
    def _ranked(self) -> VertexComplex:
        """The same vertices, in the same order, with the order of the exact outputs."""
        return self._problem.search_vertices(self._cells, self._threads, outputs=True)

    def _exact_point(self, vertex: int) -> Point:
        numerators, _, denominator = self._core.exact_point(vertex)
        x = [Fraction(0)] * self.network.input_dim
        for axis, numerator in zip(self._problem.kept, numerators, strict=False):
            x[axis] = Fraction(numerator, denominator)
        return tuple(x)

    @cached_property
    def _simplices(self) -> tuple[NDArray[np.int64], NDArray[np.int64], FloatArray]:
        simplices, owner = self._core.triangulate_cells(self._cells)
        corners = self.points[simplices]
        sides = corners[:, 1:] - corners[:, :1]
        volumes = np.abs(np.linalg.det(sides)) / factorial(sides.shape[1])
        return simplices, owner, volumes

    @cached_property
    def volumes(self) -> FloatArray:
        """Volumes of the cells."""
        _, owner, volumes = self._simplices
        found = np.bincount(owner, weights=volumes, minlength=self.n_cells)
        return np.asarray(found, dtype=np.float64)

    def mean_square(self) -> float:
        """The mean of the squared norm of the outputs over the domain.

        On a simplex an affine function with the values v at its k corners has the mean square
        ``(sum v^2 + (sum v)^2) / (k (k + 1))``.
        """
        simplices, _, volumes = self._simplices
        at = self._values[0][simplices]  # simplices, corners, outputs
        k = simplices.shape[1]
        means = ((at**2).sum(axis=1) + at.sum(axis=1) ** 2).sum(axis=1) / (k * (k + 1))
        return float((means * volumes).sum() / volumes.sum())
