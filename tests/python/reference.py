"""A slow, obvious, exact reference for the complex of a small ReLU network.

Independent of the core: no floating point, no vertices, no splitting of polytopes.  Depth-first
search over sign vectors in {-,0,+}, neuron by neuron.  A node of the search is a nonempty
relatively open polyhedron ``F`` (all points with the signs so far), held as a closed cone over
homogeneous coordinates ``y = (x, t)`` together with one point ``w`` of ``F``.  The next neuron is
an affine form ``g`` on ``F``, and everything rests on one remark: ``F`` is relatively open and
``g`` affine, so ``g`` is constant on ``F`` or takes an *open* interval of values there.  Hence

* ``g(w) > 0``: ``g`` is positive on all of ``F``, unless some ``y`` in the closed cone has
  ``g(y) < 0``; then all three signs occur, at combinations of ``w`` and ``y``;
* ``g(w) < 0``: the same with ``-g``;
* ``g(w) = 0``: ``g`` is zero on all of ``F``, unless such a ``y`` exists; then again all three
  signs occur.

"Some ``y`` in the cone with ``g(y) < 0``" is a linear program over a cone: Bland's simplex on
integers (`Cone`). The two cells at an (n-1)-face are found by evaluating the network on both of its
sides with numbers ``value + slope * eps`` (`pattern_beside`).  Meant for some hundreds of cells and
n <= 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Any

Vector = Sequence[Fraction]
# (W, b), or (W, b, k) if the last k units have no ReLU.
Layer = tuple[Sequence[Vector], Vector] | tuple[Sequence[Vector], Vector, int]
Form = list[int]  # integers (g_1, ..., g_n, g_0), a positive multiple of x -> g(x)


def exact_layers(
    layers: Iterable[tuple[object, object]], linear_units: Sequence[int] = ()
) -> list[Layer]:
    """Every number of ``[(W, b), ...]`` (floats, integers, NumPy arrays) as the Fraction it
    denotes, with the number of linear units of each hidden layer (default: none).
    """
    exact: list[Layer] = [
        (
            [[Fraction(float(v)) if not isinstance(v, Fraction) else v for v in row] for row in W],  # type: ignore[attr-defined]
            [Fraction(float(v)) if not isinstance(v, Fraction) else v for v in b],
        )  # type: ignore[attr-defined]
        for W, b in layers
    ]
    for k, linear in enumerate(linear_units):
        exact[k] = (exact[k][0], exact[k][1], linear)
    return exact


def linear_units(layer: Layer) -> int:
    return layer[2] if len(layer) == 3 else 0


def rectified(z: list[Any], linear: int, zero: Any) -> list[Any]:
    """``z`` after the layer: ReLU on all entries but the last `linear`."""
    neurons = len(z) - linear
    return [v if v > zero else zero for v in z[:neurons]] + z[neurons:]


def dot(a: Iterable[int], b: Iterable[int]) -> int:
    return sum(x * y for x, y in zip(a, b, strict=True))


def primitive(v: Sequence[int]) -> list[int]:
    """The shortest integer vector in the direction of `v`."""
    g = gcd(*v) or 1
    return [x // g for x in v]


def integral(v: Vector) -> Form:
    """The shortest integer vector that is a positive multiple of the rational vector `v`."""
    m = lcm(*(x.denominator for x in v))
    return primitive([int(x * m) for x in v])


def sign(v: int) -> int:
    return (v > 0) - (v < 0)


class Cone:
    """``{y in R^d : r.y >= 0 for every row r}`` with a simplex dictionary (Bland's rule, Edmonds'
    integers).

    Variables 0..d-1 are the coordinates of y (free), d, d+1, ... the values of the rows
    (nonnegative).  ``columns`` names the d independent (nonbasic) ones; ``table[v] / den``
    expresses every other variable in them.  All constants are zero, so the apex 0 is feasible
    whatever rows are added, and the ratio test of the simplex method is a matter of signs.
    """

    def __init__(self, d: int) -> None:
        self.d = d
        self.next_label = d
        self.columns = list(range(d))
        self.table: dict[int, list[int]] = {}
        self.den = 1

    def copy(self) -> Cone:
        twin = Cone(self.d)
        twin.next_label, twin.columns, twin.den = self.next_label, self.columns[:], self.den
        twin.table = {v: row[:] for v, row in self.table.items()}
        return twin

    def add_row(self, form: Form) -> None:
        """Intersect with ``form.y >= 0``."""
        self.table[self.next_label] = self.expressed(form)
        self.next_label += 1

    def expressed(self, form: Form) -> list[int]:
        """The coefficients of `form` (times ``den``) in the current columns."""
        total = [0] * self.d
        for k, factor in enumerate(form):
            if factor and k in self.table:
                total = [a + factor * c for a, c in zip(total, self.table[k], strict=True)]
            elif factor:
                total[self.columns.index(k)] += factor * self.den
        return total

    def point_with_negative(self, form: Form) -> list[int] | None:
        """Some y of the cone with ``form.y < 0``, or None (Bland's rule: it ends)."""
        while True:
            goal = self.expressed(form)
            j = self.entering(goal)
            if j is None:
                return None
            step = -1 if goal[j] > 0 else 1
            leaving = [v for v, row in self.table.items() if v >= self.d and row[j] * step < 0]
            if not leaving:
                return primitive([self.coordinate(k, j) * step for k in range(self.d)])
            self.pivot(min(leaving), j)

    def entering(self, goal: list[int]) -> int | None:
        """The column of least label along which `goal` falls (free: in either direction)."""
        good = [j for j, v in enumerate(self.columns) if goal[j] < 0 or (v < self.d and goal[j])]
        return min(good, key=lambda j: self.columns[j], default=None)

    def coordinate(self, k: int, j: int) -> int:
        """The k-th coordinate (times ``den``) of the point with column j equal to 1 and the others
        0.
        """
        return self.table[k][j] if k in self.table else self.den * (self.columns[j] == k)

    def pivot(self, leaving: int, j: int) -> None:
        """Exchange the dependent variable `leaving` with the one of column `j`."""
        pivot_row = self.table.pop(leaving)
        p = pivot_row[j]
        s = sign(p)
        for row in self.table.values():
            f = row[j]
            row[:] = [s * (a * p - f * c) // self.den for a, c in zip(row, pivot_row, strict=True)]
            row[j] = s * f
        solved = [-s * c for c in pivot_row]
        solved[j] = s * self.den
        self.table[self.columns[j]] = solved
        self.columns[j] = leaving
        self.den = abs(p)


@dataclass
class Face:
    """A relatively open face: all forms so far with their signs, one of its points, its closed
    cone.
    """

    forms: list[Form]
    signs: list[int]
    point: list[int]  # homogeneous coordinates (x, t) with t > 0
    cone: Cone

    def dimension(self) -> int:
        zero = [f[:-1] for f, s in zip(self.forms, self.signs, strict=True) if s == 0]
        return len(self.point) - 1 - rank(zero)

    def part(self, form: Form, s: int, point: list[int]) -> Face:
        """The part where `form` has sign `s`, which contains `point`."""
        assert sign(dot(form, point)) == s
        assert point[-1] > 0
        cone = self.cone.copy()
        if s >= 0:
            cone.add_row(form)
        if s <= 0:
            cone.add_row([-v for v in form])
        return Face([*self.forms, form], [*self.signs, s], primitive(point), cone)

    def parts(self, form: Form) -> list[Face]:
        """The nonempty parts into which the sign of `form` divides this face (see the text of the
        module).
        """
        here = dot(form, self.point)
        side = sign(here) or 1
        y = self.cone.point_with_negative([side * v for v in form])
        if y is None:
            return [self.part(form, sign(here), self.point)]
        there = dot(form, y)
        zero = combination(abs(there), self.point, abs(here), y)
        near = self.point if here else self.step_back(y)
        far = combination(1, zero, 1, y)
        return [self.part(form, s, p) for s, p in ((-side, far), (0, zero), (side, near))]

    def step_back(self, y: list[int]) -> list[int]:
        """A point ``K w - y`` of this face: K so large that no form nonzero at w changes sign."""
        rows = [[s * v for v in f] for f, s in zip(self.forms, self.signs, strict=True) if s]
        rows.append([0] * (len(y) - 1) + [1])
        return combination(
            1 + max(dot(r, y) // dot(r, self.point) for r in rows), self.point, -1, y
        )


def combination(a: int, v: list[int], b: int, w: list[int]) -> list[int]:
    return [a * x + b * y for x, y in zip(v, w, strict=True)]


def rank(rows: Sequence[Sequence[int]]) -> int:
    """Rank of an integer matrix (Gaussian elimination over the rationals)."""
    work = [[Fraction(v) for v in row] for row in rows]
    found = 0
    for j in range(len(work[0]) if work else 0):
        pivot = next((i for i in range(found, len(work)) if work[i][j]), None)
        if pivot is None:
            continue
        work[found], work[pivot] = work[pivot], work[found]
        for i in range(found + 1, len(work)):
            factor = work[i][j] / work[found][j]
            work[i] = [a - factor * c for a, c in zip(work[i], work[found], strict=True)]
        found += 1
    return found


# The network: composite forms, evaluation at a point and beside a point.


def preactivations(layer: Layer, inputs: Sequence[Vector]) -> list[list[Fraction]]:
    """The rows of ``W h + b`` as forms ``(g_1, ..., g_n, g_0)``, given the forms of the entries of
    h.
    """
    W, b = layer[:2]
    n1 = len(inputs[0])
    out = []
    for row, bias in zip(W, b, strict=True):
        form = [
            sum((w * h[k] for w, h in zip(row, inputs, strict=True)), Fraction(0))
            for k in range(n1)
        ]
        form[-1] += bias
        out.append(form)
    return out


def coordinates(n: int) -> list[list[Fraction]]:
    return [[Fraction(int(j == k)) for j in range(n + 1)] for k in range(n)]


def pattern_beside(layers: Sequence[Layer], x: Vector, direction: Vector) -> str:
    """The pattern at ``x + eps * direction`` for all small eps > 0, with numbers ``(value,
    slope)``.

    Along a ray every preactivation is affine near its start, so its sign there is that of its
    value, else of its slope.  With direction 0 it is the pattern at x.
    """
    h = list(zip(x, direction, strict=True))
    bits = ""
    for layer in layers:
        W, b = layer[:2]
        z = [
            (
                sum((w * v for w, (v, _) in zip(row, h, strict=True)), bias),
                sum((w * d for w, (_, d) in zip(row, h, strict=True)), Fraction(0)),
            )
            for row, bias in zip(W, b, strict=True)
        ]
        neurons = len(z) - linear_units(layer)
        h = rectified(z, linear_units(layer), (Fraction(0), Fraction(0)))
        bits += "".join("1" if pair > (0, 0) else "0" for pair in z[:neurons])
    return bits


def outputs_at(layers: Sequence[Layer], x: Vector) -> list[Fraction]:
    """``f(x)`` (the last layer has no ReLU)."""
    h = list(x)
    for depth, layer in enumerate(layers):
        W, b = layer[:2]
        z = [
            sum((w * v for w, v in zip(row, h, strict=True)), bias)
            for row, bias in zip(W, b, strict=True)
        ]
        last = depth == len(layers) - 1
        h = z if last else rectified(z, linear_units(layer), Fraction(0))
    return h


# The complex.


@dataclass
class ReferenceComplex:
    """Everything about the complex, in the order of the package: cell i is the i-th pattern."""

    n: int
    patterns: list[str]
    adjacency: list[tuple[int, int]]
    facet_neurons: list[tuple[int, ...]]
    f_vector: list[int]
    vertices: list[tuple[Fraction, ...]]
    bounded: list[bool]
    interior_points: list[tuple[Fraction, ...]]

    @property
    def euler_characteristic(self) -> int:
        return sum((-1) ** k * f for k, f in enumerate(self.f_vector))


def decompose(
    layers: Sequence[Layer],
    box: tuple[Vector, Vector] | None = None,
    halfspaces: Sequence[tuple[Vector, Fraction]] = (),
) -> ReferenceComplex:
    """The complex of the network `layers` (last layer affine), without cells if the domain is flat.

    The domain is the box ``(lower, upper)``, or R^n, cut by ``w.x <= c`` for each of `halfspaces`.
    """
    n = len(layers[0][0][0])
    domain = domain_sides(n, box, halfspaces)
    sides = len(domain)
    by_dim: list[list[Face]] = [[] for _ in range(n + 1)]
    for face in all_faces(layers[:-1], n, domain):
        by_dim[face.dimension()].append(face)
    cells = {pattern(f.signs[sides:]): f for f in by_dim[n]}
    assert len(cells) == len(by_dim[n]), "two cells with one pattern"
    patterns = sorted(cells)
    index = {p: i for i, p in enumerate(patterns)}
    links = {}
    for facet in (f for f in by_dim[n - 1] if 0 not in f.signs[:sides]):
        pair = sorted(index[p] for p in cells_beside(layers[:-1], facet))
        neurons = tuple(i for i, s in enumerate(facet.signs[sides:]) if s == 0)
        assert (pair[0], pair[1]) not in links, "two facets between two cells"
        links[pair[0], pair[1]] = neurons
    return ReferenceComplex(
        n,
        patterns,
        sorted(links),
        [links[e] for e in sorted(links)],
        [len(faces) for faces in by_dim],
        sorted(affine(f.point) for f in by_dim[0]),
        [is_bounded(cells[p].cone) for p in patterns],
        [affine(cells[p].point) for p in patterns],
    )


def all_faces(hidden: Sequence[Layer], n: int, domain: Sequence[Form]) -> list[Face]:
    """One `Face` per sign vector realised in the domain (its sides first, with signs 0 and +)."""
    cone = Cone(n + 1)
    cone.add_row([0] * n + [1])
    faces = [Face([], [], [0] * n + [1], cone)]
    for form in domain:
        faces = [part for f in faces for part in f.parts(form) if part.signs[-1] >= 0]
    pairs = [(f, coordinates(n)) for f in faces]
    for layer in hidden:
        pairs = [
            after
            for f, inputs in pairs
            for after in through_layer(f, preactivations(layer, inputs), linear_units(layer))
        ]
    return [f for f, _ in pairs]


def domain_sides(
    n: int, box: tuple[Vector, Vector] | None, halfspaces: Sequence[tuple[Vector, Fraction]]
) -> list[Form]:
    """Forms that are nonnegative on the domain; trivial ones are left out."""
    rows = list(halfspaces)
    for k, (*unit, _) in enumerate(coordinates(n) if box is not None else []):
        assert box is not None
        rows += [([-v for v in unit], -box[0][k]), (unit, box[1][k])]
    forms = [integral([*(-v for v in w), c]) for w, c in rows]
    return [form for form in forms if any(form)]


def through_layer(
    face: Face, forms: list[list[Fraction]], linear: int
) -> list[tuple[Face, list[list[Fraction]]]]:
    """The parts of `face` under the signs of all `forms` but the last `linear`, each with the
    layer's outputs on it.
    """
    neurons = len(forms) - linear
    parts = [face]
    for form in forms[:neurons]:
        parts = [q for p in parts for q in p.parts(integral(form))]
    zero = [Fraction(0)] * len(face.point)
    before = len(face.signs)
    return [
        (
            q,
            [f if s > 0 else zero for f, s in zip(forms, q.signs[before:], strict=False)]
            + forms[neurons:],
        )
        for q in parts
    ]


def pattern(signs: Sequence[int]) -> str:
    return "".join("1" if s > 0 else "0" for s in signs)


def affine(point: Sequence[int]) -> tuple[Fraction, ...]:
    return tuple(Fraction(v, point[-1]) for v in point[:-1])


def cells_beside(hidden: Sequence[Layer], facet: Face) -> tuple[str, str]:
    """The patterns of the two cells at a facet in the interior of the domain."""
    normal = next(
        f[:-1] for f, s in zip(facet.forms, facet.signs, strict=True) if s == 0 and any(f[:-1])
    )
    x = affine(facet.point)
    return (
        pattern_beside(hidden, x, [Fraction(v) for v in normal]),
        pattern_beside(hidden, x, [Fraction(-v) for v in normal]),
    )


def is_bounded(cone: Cone) -> bool:
    """Whether the polyhedron of a cone over it has no direction of recession (t = 0)."""
    at_infinity = cone.copy()
    d = cone.d
    at_infinity.add_row([0] * (d - 1) + [-1])
    units = [[s * int(j == k) for j in range(d)] for k in range(d - 1) for s in (-1, 1)]
    return all(at_infinity.point_with_negative(u) is None for u in units)
