"""Exact polyhedra for `verify`: a network on Python integers, and one cell with its faces.

Shares nothing with the core. A float is a dyadic rational, so each layer is an integer matrix over
a power of two; signs do not depend on positive factors, so the powers are carried along and never
divided out. Points are homogeneous integer vectors ``(t, x)``, and an affine form with coefficients
``c`` takes the sign of ``c.(t, x)`` at a point. Generators come from the exact double description
of cddlib.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ExactCell", "ExactNetwork"]

Floats = NDArray[np.float64]
Integers = NDArray[np.object_]  # Python integers of any length


@dataclass(frozen=True)
class IntegerLayer:
    """``W / scale`` and ``b / scale`` are the weights; `scale` is a power of two.

    The last `linear` units have no ReLU.
    """

    W: Integers
    b: Integers
    scale: int
    linear: int = 0

    @classmethod
    def from_floats(
        cls, W: Floats, b: Floats, b_low: Floats | None = None, linear: int = 0
    ) -> IntegerLayer:
        """The layer with exactly these floats and the biases ``b + b_low``."""
        low = np.zeros_like(b) if b_low is None else b_low
        table = np.column_stack([W, b, low]).tolist()
        rows = [[v.as_integer_ratio() for v in row] for row in table]
        scale = max((den for row in rows for _, den in row), default=1)
        integers = [[num * (scale // den) for num, den in row] for row in rows]
        *columns, high, rest = object_array(integers, W.shape[1] + 2).T
        return cls(object_array(columns, len(W)).T, high + rest, scale, linear)


def object_array(rows: Sequence[Sequence[int]], width: int) -> Integers:
    """A two-dimensional array of Python integers."""
    out = np.empty((len(rows), width), dtype=object)
    for i, row in enumerate(rows):
        out[i, :] = row
    return out


def primitive(v: Iterable[int]) -> list[int]:
    v = list(v)
    g = gcd(*v) or 1
    return [x // g for x in v]


def cleared(row: Iterable[Fraction]) -> list[int]:
    """The shortest integer vector that is a positive multiple of a rational vector."""
    row = list(row)
    common = lcm(*(v.denominator for v in row))
    return primitive(int(v * common) for v in row)


def rank(rows: Sequence[Sequence[int]]) -> int:
    """Rank of an integer matrix, by elimination without division."""
    work = [list(row) for row in rows]
    rank = 0
    while work:
        row = work.pop()
        j = next((k for k, v in enumerate(row) if v), None)
        if j is None:
            continue
        rank += 1
        work = [
            primitive(row[j] * a - other[j] * b for a, b in zip(other, row, strict=True))
            for other in work
        ]
    return rank


def determinant(rows: list[list[Fraction]]) -> Fraction:
    if not rows:
        return Fraction(1)
    k = next((i for i, row in enumerate(rows) if row[0]), None)
    if k is None:
        return Fraction(0)
    pivot = rows[k]
    rest = [
        [a - row[0] / pivot[0] * b for a, b in zip(row[1:], pivot[1:], strict=True)]
        for i, row in enumerate(rows)
        if i != k
    ]
    return (-pivot[0] if k % 2 else pivot[0]) * determinant(rest)


@dataclass(frozen=True)
class ExactNetwork:
    """The hidden layers of a network on integers, and the sides of its domain (none: R^n)."""

    dim: int
    layers: list[IntegerLayer]
    sides: list[list[int]]

    def domain(self, cdd: Any) -> ExactCell:
        """The domain as a polyhedron."""
        return ExactCell(self.dim, self.sides, *generators_of(self.sides, self.dim, cdd))

    def propagate(
        self, h: Integers, one: Integers, activate: Callable[[Integers, int], Sequence[bool]]
    ) -> tuple[list[list[int]], list[bool]]:
        """Preactivations of all hidden neurons (one row each), and which neurons are active.

        Columns of `h` are points, directions or coefficients, and `one` is what stands for 1 in
        each column. ``activate(z, first)`` decides which neurons of a layer are active, `z` being
        their rows and `first` the number of the first one; linear units are always active and not
        listed. Rows are right up to a positive factor.
        """
        rows: list[list[int]] = []
        bits: list[bool] = []
        for layer in self.layers:
            z = layer.W @ h + np.outer(layer.b, one)
            neurons = z[: len(z) - layer.linear]
            active = [bool(v) for v in activate(neurons, len(rows))]
            rows += neurons.tolist()
            bits += active
            factors = [int(v) for v in active] + [1] * layer.linear
            h = z * np.array(factors, dtype=object)[:, None]
            one = one * layer.scale
        return rows, bits

    def cell(self, pattern: Sequence[bool], cdd: Any) -> ExactCell:
        """The closed polyhedron on which the signs of all preactivations agree with `pattern`."""
        n = self.dim
        identity = object_array([[int(j == k + 1) for j in range(n + 1)] for k in range(n)], n + 1)
        one = np.array([1] + [0] * n, dtype=object)
        rows, bits = self.propagate(identity, one, lambda z, i: pattern[i : i + len(z)])
        signed = [r if bit else [-v for v in r] for r, bit in zip(rows, bits, strict=True)]
        constraints = [primitive(r) for r in signed] + self.sides
        return ExactCell(n, constraints, *generators_of(constraints, n, cdd))

    def pattern_beyond(self, cell: ExactCell, facet: int) -> list[bool]:
        """The pattern just outside `cell` next to an inner point of `facet`.

        Along the outward normal every preactivation is affine near the facet, so its sign there is
        that of its value at the point, and where that is zero, of its slope.
        """
        normal = cell.constraints[cell.tight.index(facet)][1:]
        t, *x = cell.inner_point(facet)
        columns = object_array([[a, -c] for a, c in zip(x, normal, strict=True)], 2)
        one = np.array([t, 0], dtype=object)
        _, bits = self.propagate(columns, one, lambda z, _: [(v, s) > (0, 0) for v, s in z])
        return bits


def halfspaces(A: Floats, b: Floats) -> list[list[int]]:
    """``A x <= b`` as integer constraints ``c.(1, x) >= 0``.

    Rows without a bound (infinite, or ``0 <= 0``) are left out.
    """
    rows = np.column_stack([b, -A])[np.isfinite(b)].tolist()
    return [cleared(Fraction(v) for v in row) for row in rows if any(row)]


def generators_of(
    constraints: list[list[int]], n: int, cdd: Any
) -> tuple[list[list[int]], list[list[int]]]:
    """Vertices and rays ``(t, x)``, and lines, of ``{x : c.(1, x) >= 0 for all constraints c}``.

    The double description runs on the cone over the polyhedron, ``{(t, x) : t >= 0, c.(t, x) >=
    0}``, whose generators with ``t > 0`` are the vertices.
    """
    rows = [[0, 1] + [0] * n] + [[0, *c] for c in constraints if any(c)]
    inequality = importlib.import_module("cdd").RepType.INEQUALITY
    cone = cdd.polyhedron_from_matrix(cdd.matrix_from_array(rows, rep_type=inequality))
    described = cdd.copy_generators(cone)
    rays = [cleared(row[1:]) for row in described.array]
    lines = [v for g, v in enumerate(rays) if g in described.lin_set]
    return [v for g, v in enumerate(rays) if g not in described.lin_set and any(v)], lines


@dataclass
class ExactCell:
    """A polyhedron: constraints ``c.(1, x) >= 0`` (neurons, then box sides) and generators.

    Sets of generators and sets of constraints are bit masks.
    """

    n: int
    constraints: list[list[int]]  # (c_0, ..., c_n); zeros for a neuron that vanishes on the cell
    generators: list[list[int]]  # (t, x): vertices t > 0, rays t = 0
    lines: list[list[int]]
    tight: list[int] = field(init=False)  # for each constraint, the generators on which it is zero

    def __post_init__(self) -> None:
        values = (
            object_array(self.generators, self.n + 1) @ object_array(self.constraints, self.n + 1).T
        )
        assert (values >= 0).all(), "the double description returned a generator outside the cell"
        self.tight = [sum(1 << g for g, v in enumerate(c) if v == 0) for c in values.T.tolist()]

    @property
    def vanishing(self) -> list[int]:
        """The constraints that are identically zero."""
        return [k for k, c in enumerate(self.constraints) if not any(c)]

    @property
    def has_interior(self) -> bool:
        """Whether all constraints that are not identically zero are positive somewhere."""
        tight = [t for t, c in zip(self.tight, self.constraints, strict=True) if any(c)]
        return self.finite != 0 and self.everything not in tight

    @property
    def bounded(self) -> bool:
        return not self.lines and self.finite == self.everything

    @property
    def everything(self) -> int:
        return (1 << len(self.generators)) - 1

    @cached_property
    def finite(self) -> int:
        """The generators that are points."""
        return sum(1 << g for g, v in enumerate(self.generators) if v[0])

    @cached_property
    def facets(self) -> list[int]:
        """The inclusion-maximal tight sets of the constraints that do not vanish on the cell."""
        sets = {t for t in self.tight if t != self.everything and t & self.finite}
        return sorted(s for s in sets if not any(s & t == s and s != t for t in sets))

    @cached_property
    def faces(self) -> set[int]:
        """All nonempty faces: intersections of facets."""
        found = {self.everything}
        for facet in self.facets:
            found |= {face & facet for face in found}
        return {face for face in found if face & self.finite}

    def zero_set(self, face: int) -> int:
        """The constraints that vanish on a face."""
        return sum(1 << c for c, t in enumerate(self.tight) if face & t == face)

    def dimension(self, face: int) -> int:
        return rank([*self.members(face), *self.lines]) - 1

    def members(self, face: int) -> list[list[int]]:
        return [v for g, v in enumerate(self.generators) if face >> g & 1]

    def inner_point(self, face: int) -> list[int]:
        """A point in the relative interior of a face: the sum of its generators."""
        members = self.members(face)
        common = prod(v[0] for v in members if v[0])
        scaled = [[common // v[0] * x for x in v] if v[0] else v for v in members]
        return primitive(sum(column) for column in zip(*scaled, strict=True))

    def vertices(self) -> list[tuple[Fraction, ...]]:
        if self.lines:
            return []
        return [tuple(Fraction(x, v[0]) for x in v[1:]) for v in self.generators if v[0]]

    def volume(self, face: int | None = None, apexes: tuple[int, ...] = ()) -> Fraction:
        """n! times the volume: pull the first vertex, recurse into the facets that avoid it."""
        face = self.everything if face is None else face
        first = (face & -face).bit_length() - 1
        apexes = (*apexes, first)
        if face == 1 << first:
            base, *others = [
                [Fraction(x, self.generators[g][0]) for x in self.generators[g][1:]] for g in apexes
            ]
            return abs(determinant([[a - b for a, b in zip(p, base, strict=True)] for p in others]))
        sides = {face & facet for facet in self.facets} - {face, 0}
        sides = {s for s in sides if not any(s & t == s and s != t for t in sides)}
        return sum((self.volume(s, apexes) for s in sides if not s >> first & 1), Fraction(0))
