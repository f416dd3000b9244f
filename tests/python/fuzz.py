"""Random degenerate networks, and what the package says about them otherwise than the reference.

Small networks with repeated, opposite, parallel, zero and dead rows, without biases, with linear
units, at magnitudes up to 2^+-1000, on R^n, on boxes whose sides lie in hyperplanes and on other
polyhedra (flat ones must be refused). Compared are cells, adjacency, facets, f-vector, vertices and
boundedness.  Both engines must hand over the same arrays, and points inside their cells, and local
search from several points must find the same cells. ``tests/fuzz/campaign.py`` makes many of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from fractions import Fraction
from itertools import count
from typing import Any, Protocol

import numpy as np

import reference
from exploration_checks import exploration_differences, explored, starts

Row = tuple[list[float], float]
MAX_NEURONS = {1: 18, 2: 13, 3: 10, 4: 8, 5: 7}  # the reference is slow
BOXED_NEURONS = {1: 18, 2: 12, 3: 8, 4: 5, 5: 2}


class Problem(Protocol):
    """What the package is asked, in one of its engines."""

    def complex(self, **options: Any) -> Any:
        """The package's complex."""


@dataclass(frozen=True)
class Sample:
    """A network and a domain: a box ``(lower, upper)`` or R^n, cut by ``w.x <= c``.

    `linear_units` counts them for each hidden layer; empty if there are none.
    """

    layers: list[tuple[list[list[float]], list[float]]]
    box: tuple[list[float], list[float]] | None
    halfspaces: tuple[Row, ...] = ()
    linear_units: tuple[int, ...] = ()

    def literal(self) -> str:
        return f"Sample({self.layers!r}, {self.box!r}, {self.halfspaces!r}, {self.linear_units!r})"

    def reference(self) -> reference.ReferenceComplex:
        box = None
        if self.box is not None:
            box = ([Fraction(v) for v in self.box[0]], [Fraction(v) for v in self.box[1]])
        rows = [([Fraction(v) for v in w], Fraction(c)) for w, c in self.halfspaces]
        layers = reference.exact_layers(self.layers, self.linear_units)
        return reference.decompose(layers, box, rows)

    def complex(self, **options: Any) -> Any:
        import relutope as rt

        network = rt.Network(self.arrays(), self.linear_units or None)
        return rt.decompose(network, self.domain(), **options)

    def arrays(self) -> list[tuple[np.ndarray, np.ndarray]]:
        return [(np.array(W, dtype=float), np.array(b, dtype=float)) for W, b in self.layers]

    def domain(self) -> Any:
        import relutope as rt

        if not self.halfspaces:
            return None if self.box is None else rt.Box(*self.box)
        rows = list(self.halfspaces)
        if self.box is not None:
            unit = np.eye(len(self.box[0]))
            rows += [((-e).tolist(), -lo) for e, lo in zip(unit, self.box[0], strict=True)]
            rows += [(e.tolist(), hi) for e, hi in zip(unit, self.box[1], strict=True)]
        return rt.Polytope([w for w, _ in rows], [c for _, c in rows])


def differences(cx: Any, expected: reference.ReferenceComplex) -> list[str]:
    """What the complex `cx` of the package states otherwise than the reference."""
    patterns = ["".join("1" if bit else "0" for bit in row) for row in cx.patterns.tolist()]
    statements = {
        "patterns": (patterns, expected.patterns),
        "adjacency": ([tuple(pair) for pair in cx.adjacency.tolist()], expected.adjacency),
        "facet neurons": ([tuple(v.tolist()) for v in cx.facet_neurons], expected.facet_neurons),
        "f-vector": (cx.f_vector.tolist(), expected.f_vector),
        "bounded": (cx.bounded.tolist(), expected.bounded),
        "vertices": (
            sorted(tuple(p) for p in cx.vertices.tolist()),
            sorted(tuple(rounded(x) for x in p) for p in expected.vertices),
        ),
    }
    return [f"{k}: {got}, reference {want}" for k, (got, want) in statements.items() if got != want]


def engine_differences(vertex: Any, lp: Any) -> list[str]:
    """What the two engines say otherwise about one problem, and points that are not inside."""
    one, other = vertex.solution.arrays, lp.solution.arrays
    names = [field.name for field in fields(one)]
    parts = [
        *((name, getattr(one, name), getattr(other, name)) for name in names),
        ("adjacency", vertex.adjacency, lp.adjacency),
        ("facet_neurons.indptr", vertex.facet_neurons.indptr, lp.facet_neurons.indptr),
        ("facet_neurons.indices", vertex.facet_neurons.indices, lp.facet_neurons.indices),
        ("bounded", vertex.bounded, lp.bounded),
    ]
    found = [
        f"{name}: vertex engine {a.tolist()}, LP engine {b.tolist()}"
        for name, a, b in parts
        if not np.array_equal(a, b)
    ]
    if found:
        return found
    return [f"cell {i}: the LP engine's point is not inside" for i in misplaced_points(lp)]


def misplaced_points(cx: Any) -> list[int]:
    """Cells whose interior points are not strictly inside, by an exact forward pass."""
    hidden = reference.exact_layers(cx.network.layers, cx.network.linear_units)[:-1]
    hidden = [layer if len(layer) == 3 else (*layer, 0) for layer in hidden]
    zero: dict[int, set[int]] = {}
    pairs = zip(
        cx.solution.arrays.zero_cell.tolist(), cx.solution.arrays.zero_neuron.tolist(), strict=True
    )
    for cell, neuron in pairs:
        zero.setdefault(cell, set()).add(neuron)
    wrong = []
    for i in range(cx.n_cells):
        points = [cx.exact_interior_point(i)]
        if cx.interior_certified[i]:
            points.append([Fraction(x) for x in cx.interior_points[i].tolist()])
        expected = [
            0 if k in zero.get(i, ()) else 2 * bit - 1
            for k, bit in enumerate(cx.patterns[i].astype(int).tolist())
        ]
        inside = all(
            signs_at(hidden, point) == expected and strictly_in_domain(cx.domain, point)
            for point in points
        )
        if not inside:
            wrong.append(i)
    return wrong


def signs_at(hidden: list[Any], point: list[Fraction]) -> list[int]:
    """Exact signs of all preactivations of neurons at a point."""
    signs, h = [], list(point)
    for W, b, linear in hidden:
        z = [
            sum((w * x for w, x in zip(row, h, strict=True)), c)
            for row, c in zip(W, b, strict=True)
        ]
        signs += [(v > 0) - (v < 0) for v in z[: len(z) - linear]]
        h = reference.rectified(z, linear, Fraction(0))
    return signs


def strictly_in_domain(domain: Any, point: list[Fraction]) -> bool:
    import relutope as rt

    if domain is None:
        return True
    if isinstance(domain, rt.Box):
        sides = zip(domain.lower.tolist(), point, domain.upper.tolist(), strict=True)
        return all(lower < x < upper for lower, x, upper in sides)
    rows = zip(domain.A.tolist(), domain.b.tolist(), strict=True)
    return all(
        not any(row) or sum(Fraction(w) * x for w, x in zip(row, point, strict=True)) < Fraction(c)
        for row, c in rows
    )


def rounded(x: Fraction) -> float:
    """The nearest float64, infinite beyond the largest."""
    try:
        return float(x)
    except OverflowError:
        return float("inf") if x > 0 else float("-inf")


# Random degenerate networks.


def sample(rng: np.random.Generator) -> Sample:
    n = int(rng.choice([1, 2, 2, 2, 3, 3, 3, 4, 5]))
    boxed = bool(rng.random() < (0.6 if n <= 3 else 0.25))
    box = random_box(rng, n) if boxed else None
    most = (BOXED_NEURONS if boxed else MAX_NEURONS)[n]
    budget = int(rng.integers(1, most + 1, 2).max())
    widths = []
    while sum(widths) < budget and len(widths) < 4:
        widths.append(int(rng.integers(1, max(2, budget - sum(widths) + 1))))
    numbers = NUMBERS[int(rng.integers(len(NUMBERS)))]
    bias_free = rng.random() < 0.2
    layers, fan_in = [], n
    for depth, width in enumerate(widths):
        sides = box if depth == 0 else None
        rows: list[Row] = []
        for _ in range(width):
            rows.append(random_row(rng, fan_in, numbers, rows, sides))
        rows = [(w, 0.0) for w, _ in rows] if bias_free else rows
        layers.append(([w for w, _ in rows], [b for _, b in rows]))
        fan_in = width
    layers.append(([numbers(rng, fan_in)], [0.0]))
    rows = [random_halfspace(rng, n, layers[0]) for _ in range(int(rng.choice([0, 0, 0, 1, 2, 3])))]
    return Sample(
        layers, box, tuple(rows if n <= 3 else rows[:1]), random_linear_units(rng, widths)
    )


def random_linear_units(rng: np.random.Generator, widths: list[int]) -> tuple[int, ...]:
    """None, some units of each layer, or whole layers."""
    kind = rng.random()
    if kind < 0.6:
        return ()
    if kind < 0.8:
        return tuple(int(rng.integers(width + 1)) for width in widths)
    return tuple(width if rng.random() < 0.5 else 0 for width in widths)


def random_halfspace(
    rng: np.random.Generator, n: int, layer: tuple[list[list[float]], list[float]]
) -> Row:
    """``w.x <= c`` with small integers, or bounded by a hyperplane of the first layer."""
    if rng.random() < 0.3:
        k, s = int(rng.integers(len(layer[1]))), float(rng.choice([-1.0, 1.0, 2.0]))
        return [s * v for v in layer[0][k]], -s * layer[1][k]
    return integers(rng, n), float(rng.integers(-1, 4))


def random_box(rng: np.random.Generator, n: int) -> tuple[list[float], list[float]]:
    if rng.random() < 0.7:
        return [-1.0] * n, [1.0] * n
    lower = rng.integers(-2, 1, n).astype(float)
    return lower.tolist(), (lower + rng.integers(1, 4, n) / 2).tolist()


def random_row(
    rng: np.random.Generator,
    n: int,
    numbers: Any,
    earlier: list[Row],
    box: tuple[list[float], list[float]] | None,
) -> Row:
    """A fresh row, or one related to an earlier row or to a side of the box, or a zero row."""
    kind = rng.random()
    if kind < 0.06:
        return [0.0] * n, float(rng.choice([0.0, -0.0, 1.0, -1.0]))
    if kind < 0.14 and box is not None:
        k, s = int(rng.integers(n)), float(rng.choice([-1.0, 1.0, 2.0]))
        return [s * (j == k) for j in range(n)], -s * box[int(rng.integers(2))][k]
    if kind < 0.40 and earlier:
        w, b = earlier[int(rng.integers(len(earlier)))]
        s = float(rng.choice([1.0, -1.0, 2.0, -0.5, 4.0]))
        shift = float(rng.choice([0.0, 0.0, 0.0, 1.0, -0.5]))
        related = [s * v for v in w], s * b + shift
        if np.isfinite([*related[0], related[1]]).all():
            return related
    w = numbers(rng, n)
    if kind < 0.55:
        w = [v if rng.random() < 0.5 else 0.0 for v in w]
    return w, numbers(rng, 1)[0] if rng.random() < 0.8 else 0.0


def integers(rng: np.random.Generator, k: int) -> list[float]:
    return [float(v) for v in rng.integers(-2, 3, k)]


def ternary(rng: np.random.Generator, k: int) -> list[float]:
    return [float(v) for v in rng.integers(-1, 2, k)]


def quantised(rng: np.random.Generator, k: int) -> list[float]:
    """Multiples of a float that is no power of two: products are rounded, the real ones cancel."""
    return [float(v) * 0.1 for v in rng.integers(-3, 4, k)]


def generic(rng: np.random.Generator, k: int) -> list[float]:
    return [float(v) for v in rng.normal(size=k)]


def near_integers(rng: np.random.Generator, k: int) -> list[float]:
    """Integers, some nudged by one unit in the last place: nearly degenerate."""
    values = rng.integers(-2, 3, k).astype(float)
    nudge = rng.choice([0.0, 0.0, 2.0**-52, -(2.0**-52), 2.0**-40], k)
    return [float(v) for v in values * (1 + nudge)]


def scales(rng: np.random.Generator, k: int) -> list[float]:
    """Integers times powers of two far apart."""
    return [float(v) for v in np.ldexp(rng.integers(-2, 3, k), rng.choice([0, 30, -30, 60], k))]


def extreme(rng: np.random.Generator, k: int) -> list[float]:
    """Magnitudes at both ends of the format: sums overflow, products underflow."""
    exponents = rng.choice([0, 0, 1020, -1060, 500, -500], k)
    return [float(v) for v in np.ldexp(rng.integers(-3, 4, k) / 2, exponents)]


NUMBERS = (integers, ternary, quantised, generic, near_integers, scales, extreme)


def failures(
    case: Problem, expected: reference.ReferenceComplex, stages: Counter[str] | None = None
) -> list[str]:
    """What is wrong with the complexes of the two engines, and with local search.

    `stages` gets the numbers of signs that each stage of the predicates decided.
    """
    complexes, found = [], []
    for engine in ("vertex", "lp"):
        try:
            cx = case.complex(engine=engine)
            cx.validate()
        except Exception as error:
            refused = type(error).__name__ == "InvalidDomainError" and not expected.patterns
            found += [] if refused else [f"{engine} engine: {type(error).__name__}: {error}"]
            continue
        if stages is not None:
            stages.update({k: v for k, v in cx.stats.items() if k.startswith("signs")})
        found += [f"{engine} engine: {text}" for text in differences(cx, expected)]
        complexes.append(cx)
    if complexes and complexes[0].n_neurons:
        found += exploration_failures(complexes[0])
    return found + (engine_differences(*complexes) if len(complexes) == 2 else [])


def exploration_failures(cx: Any) -> list[str]:
    """What is wrong with local search on the same problem, from several starts in both orders."""
    import relutope as rt

    found = []
    for x in starts(cx, seed=0):
        for order in ("bfs", "nearest"):
            try:
                texts = exploration_differences(cx, explored(cx.network, x, cx.domain, order=order))
            except rt.InvalidDomainError:  # no double is inside the cells that hold the start
                continue
            except Exception as error:
                texts = [f"{type(error).__name__}: {error}"]
            found += [f"{order} from {x.tolist()}: {text}" for text in texts]
    return found


def samples(seed: int) -> Iterator[Sample]:
    """Samples one after another."""
    for index in count():
        yield sample(np.random.default_rng([seed, index]))
