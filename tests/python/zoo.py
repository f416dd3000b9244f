"""Named networks and arrangements with known answers, shared by the tests and the benchmarks.

Each `Case` is a network, a domain and the numbers that are known about its complex from a closed
form, a sequence of the literature, or by hand; ``source`` says which.  Needs only NumPy.  An
arrangement is a network with one hidden layer whose rows are the hyperplanes ``w.x + b = 0`` and an
output that plays no role.

>>> case = by_name("braid-4")
>>> case.n_cells, case.f_vector
(24, (0, 1, 14, 36, 24))
>>> sorted(FAMILIES)[:4]
['boolean', 'box-side', 'braid', 'catalan']
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from math import comb, factorial, prod

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Layers = list[tuple[Array, Array]]
Domain = tuple[float, float] | None  # the box [lo, hi]^n, or None for R^n


@dataclass(frozen=True, eq=False)
class Case:
    """A network with known answers (None: not known in closed form)."""

    name: str
    layers: Layers
    domain: Domain
    n_cells: int
    source: str
    f_vector: tuple[int, ...] | None = None
    n_edges: int | None = None
    n_bounded: int | None = None

    @property
    def family(self) -> str:
        return self.name.rsplit("-", 1)[0]

    @property
    def dim(self) -> int:
        return self.layers[0][0].shape[1]


FAMILIES: dict[str, Callable[[], Iterator[Case]]] = {}


def family(name: str) -> Callable[[Callable[[], Iterator[Case]]], Callable[[], Iterator[Case]]]:
    def register(make: Callable[[], Iterator[Case]]) -> Callable[[], Iterator[Case]]:
        FAMILIES[name] = make
        return make

    return register


def cases(*families: str) -> list[Case]:
    """The cases of the named families, or all of them."""
    return [case for name in (families or FAMILIES) for case in FAMILIES[name]()]


def by_name(name: str) -> Case:
    return next(case for case in cases() if case.name == name)


# Building blocks.


def network(*hidden: tuple[Iterable[Iterable[float]], Iterable[float]]) -> Layers:
    """The hidden layers given as nested lists, and the sum of the last one as output."""
    layers = [
        (np.array([list(r) for r in W], dtype=float), np.array(list(b), dtype=float))
        for W, b in hidden
    ]
    width = layers[-1][0].shape[0]
    return [*layers, (np.ones((1, width)), np.zeros(1))]


def arrangement(hyperplanes: Iterable[tuple[Iterable[float], float]]) -> Layers:
    rows = [(list(w), b) for w, b in hyperplanes]
    return network(([w for w, _ in rows], [b for _, b in rows]))


def stirling(n: int, k: int) -> int:
    """Stirling numbers of the second kind: partitions of n things into k blocks."""
    return sum((-1) ** (k - j) * comb(k, j) * j**n for j in range(k + 1)) // factorial(k)


def product_f_vector(*factors: Sequence[int]) -> tuple[int, ...]:
    """f-vector of a product of complexes: the product of their polynomials."""
    total = np.array([1], dtype=object)
    for f in factors:
        total = np.convolve(total, np.array(f, dtype=object))
    return tuple(int(v) for v in total)


def in_space(
    name: str,
    layers: Layers,
    source: str,
    f: Sequence[int] | None = None,
    *,
    n_cells: int | None = None,
    n_edges: int | None = None,
    n_bounded: int = 0,
) -> Case:
    """A case on R^n; the number of cells is the last entry of `f`, where `f` is known."""
    known = None if f is None else tuple(f)
    count = n_cells or (known or (0,))[-1]
    return Case(name, layers, None, count, source, known, n_edges, n_bounded)


def unit(n: int, i: int, value: float = 1.0) -> list[float]:
    return [value if k == i else 0.0 for k in range(n)]


def indicator(n: int, i: int, j: int) -> list[float]:
    """The normal of ``x_i + x_j``."""
    return [float(k in (i, j)) for k in range(n)]


def difference(n: int, i: int, j: int) -> list[float]:
    """The normal of ``x_i - x_j``."""
    return [float(k == i) - float(k == j) for k in range(n)]


def moment_curve(m: int, n: int) -> list[tuple[list[float], float]]:
    """m hyperplanes in general position: ``(1, t, ..., t^(n-1)).x + t^n`` (Vandermonde)."""
    times = range(-(m // 2), m - m // 2)
    return [([float(t**k) for k in range(n)], float(t**n)) for t in times]


def generic_f_vector(m: int, n: int) -> tuple[int, ...]:
    """Faces of m hyperplanes in general position in R^n (Buck 1943)."""
    return tuple(
        sum(comb(m, i) * comb(i, n - k) for i in range(n - k, n + 1)) for k in range(n + 1)
    )


# Arrangements of one layer on all of R^n.


@family("generic")
def generic() -> Iterator[Case]:
    for m, n in [(6, 1), (5, 2), (9, 2), (6, 3), (8, 3), (7, 4), (6, 5)]:
        layers, f = arrangement(moment_curve(m, n)), generic_f_vector(m, n)
        yield in_space(f"generic-{n}d{m}", layers, "Buck 1943", f, n_bounded=comb(m - 1, n))


@family("few")
def few() -> Iterator[Case]:
    """Fewer hyperplanes than dimensions: 2^m orthants times a lineality space."""
    for m, n in [(1, 3), (2, 4), (3, 5)]:
        f = [0] * (n - m) + [comb(m, k) * 2**k for k in range(m + 1)]
        yield in_space(f"few-{n}d{m}", arrangement(moment_curve(m, n)), "Boolean times R^(n-m)", f)


@family("boolean")
def boolean() -> Iterator[Case]:
    for n in (1, 2, 3, 4, 5):
        f = [comb(n, k) * 2**k for k in range(n + 1)]
        rows = [(unit(n, i), 0.0) for i in range(n)]
        yield in_space(f"boolean-{n}", arrangement(rows), "fan of the cross-polytope", f)


@family("braid")
def braid() -> Iterator[Case]:
    for n in (2, 3, 4, 5):
        rows = [(difference(n, i, j), 0.0) for i, j in combinations(range(n), 2)]
        f = [factorial(k) * stirling(n, k) for k in range(n + 1)]
        yield in_space(f"braid-{n}", arrangement(rows), "ordered set partitions", f)


@family("type-B")
def type_b() -> Iterator[Case]:
    for n in (2, 3, 4):
        rows = [(unit(n, i), 0.0) for i in range(n)]
        rows += [(difference(n, i, j), 0.0) for i, j in combinations(range(n), 2)]
        rows += [(indicator(n, i, j), 0.0) for i, j in combinations(range(n), 2)]
        f = [signed_ordered_partitions(n, k) for k in range(n + 1)]
        yield in_space(f"type-B-{n}", arrangement(rows), "signed ordered set partitions", f)


def signed_ordered_partitions(n: int, k: int) -> int:
    """A zero block of any size, and the other elements, with signs, in k ordered blocks."""
    return sum(comb(n, j) * 2**j * factorial(k) * stirling(j, k) for j in range(k, n + 1))


@family("resonance")
def resonance() -> Iterator[Case]:
    for n, count in zip((1, 2, 3, 4), (2, 6, 32, 370), strict=True):
        rows = [(v, 0.0) for v in product((0.0, 1.0), repeat=n) if any(v)]
        yield in_space(f"resonance-{n}", arrangement(rows), "OEIS A034997", n_cells=count)


@family("threshold")
def threshold() -> Iterator[Case]:
    """``x_i + x_j = 0``: labelled threshold graphs."""
    for n, count in zip((3, 4, 5), (8, 46, 332), strict=True):
        rows = [(indicator(n, i, j), 0.0) for i, j in combinations(range(n), 2)]
        yield in_space(f"threshold-{n}", arrangement(rows), "OEIS A005840", n_cells=count)


@family("threshold-function")
def threshold_function() -> Iterator[Case]:
    for n in (2, 3, 4):
        yield threshold_functions(n)


def threshold_functions(n: int) -> Case:
    """``w.v + b = 0`` for every v in {0, 1}^n, in the space of (w, b): one cell for each Boolean
    function of n variables that a threshold gate computes.
    """
    rows = [((*v, 1.0), 0.0) for v in product((0.0, 1.0), repeat=n)]
    count = {2: 14, 3: 104, 4: 1882, 5: 94572}[n]
    return in_space(f"threshold-function-{n}", arrangement(rows), "OEIS A000609", n_cells=count)


@family("shi")
def shi() -> Iterator[Case]:
    """``x_i - x_j = 0, 1`` for i < j."""
    for n in (2, 3, 4):
        rows = [(difference(n, i, j), -s) for i, j in combinations(range(n), 2) for s in (0.0, 1.0)]
        yield in_space(f"shi-{n}", arrangement(rows), "Shi 1986", n_cells=(n + 1) ** (n - 1))


@family("catalan")
def catalan() -> Iterator[Case]:
    """``x_i - x_j = -1, 0, 1`` for i < j: n! times a Catalan number."""
    for n in (2, 3, 4):
        shifts = (-1.0, 0.0, 1.0)
        rows = [(difference(n, i, j), s) for i, j in combinations(range(n), 2) for s in shifts]
        count = factorial(n) * comb(2 * n, n) // (n + 1)
        yield in_space(f"catalan-{n}", arrangement(rows), "Stanley 1996", n_cells=count)


@family("semiorder")
def semiorder() -> Iterator[Case]:
    """``x_i - x_j = -1, 1`` for i < j: labelled semiorders, from the generating function
    ``C(1 - exp(-x))`` with that of the Catalan numbers, C.
    """
    for n in (2, 3, 4, 5):
        rows = [(difference(n, i, j), s) for i, j in combinations(range(n), 2) for s in (-1.0, 1.0)]
        terms = [stirling(n, k) * factorial(2 * k) // factorial(k + 1) for k in range(1, n + 1)]
        count = sum((-1) ** (n - k) * term for k, term in enumerate(terms, start=1))
        source = "Stanley 1996, OEIS A006531"
        yield in_space(f"semiorder-{n}", arrangement(rows), source, n_cells=count)


@family("linial")
def linial() -> Iterator[Case]:
    """``x_i - x_j = 1`` for i < j."""
    for n in (2, 3, 4):
        rows = [(difference(n, i, j), -1.0) for i, j in combinations(range(n), 2)]
        count = sum(comb(n, k) * (k + 1) ** (n - 1) for k in range(n + 1)) // 2**n
        yield in_space(f"linial-{n}", arrangement(rows), "Postnikov 1997", n_cells=count)


@family("grid")
def grid() -> Iterator[Case]:
    """Axis-parallel hyperplanes: products of subdivided lines."""
    for counts in [(4,), (2, 3), (1, 2, 3), (2, 1, 2, 1)]:
        n = len(counts)
        rows = [(unit(n, i), float(-t)) for i, m in enumerate(counts) for t in range(m)]
        f = product_f_vector(*[(m, m + 1) for m in counts])
        name = "grid-" + "x".join(map(str, counts))
        bounded = prod(m - 1 for m in counts)
        yield in_space(name, arrangement(rows), "product of lines", f, n_bounded=bounded)


@family("pencil")
def pencil() -> Iterator[Case]:
    """m lines through one point of the plane, also off the origin, where no bias is zero."""
    for m, at in [(3, 0.0), (7, 0.5)]:
        rows = [((1.0, float(t)), -at - at * t) for t in range(-(m // 2), m - m // 2)]
        yield in_space(f"pencil-{m}", arrangement(rows), "by hand", (1, 2 * m, 2 * m))


# Degenerate rows: the answer is that of the network without them.


@family("repeated")
def repeated() -> Iterator[Case]:
    """Rows of a generic arrangement repeated, scaled and negated: the same faces."""
    kinds = {"same": (1.0,), "scaled": (3.0, 0.1875), "negated": (-1.0,), "both": (2.0, -0.5)}
    for m, n in [(4, 1), (5, 2), (5, 3)]:
        rows, f = moment_curve(m, n), generic_f_vector(m, n)
        for kind, factors in kinds.items():
            copies = [([s * v for v in w], s * b) for s in factors for w, b in rows[: m - 1]]
            layers, bounded = arrangement([*rows, *copies]), comb(m - 1, n)
            yield in_space(f"repeated-{kind}{n}d", layers, "as generic", f, n_bounded=bounded)


@family("zero-row")
def zero_row() -> Iterator[Case]:
    """Rows of zeros, with bias 0 (identically zero), positive, negative: none cuts."""
    for n in (1, 2, 3):
        zeros = [([0.0] * n, b) for b in (0.0, 1.0, -1.0, -0.0)]
        layers = arrangement([zeros[0], *moment_curve(4, n), *zeros[1:]])
        f = generic_f_vector(4, n)
        yield in_space(f"zero-row-{n}d", layers, "as generic", f, n_bounded=comb(3, n))


@family("dead")
def dead() -> Iterator[Case]:
    """A neuron that is dead in the box, and a second layer that sees only it (identically zero)."""
    for n in (1, 2, 3):
        W = [unit(n, i) for i in range(n)] + [[1.0] * n]
        second = ([[0.0] * n + [1.0], [0.0] * n + [-2.0]], [0.0, 0.0])
        layers = network((W, [0.0] * n + [-n - 1.0]), second)
        f = product_f_vector(*[(3, 2)] * n)
        yield Case(f"dead-{n}d", layers, (-1.0, 1.0), 2**n, "a cube cut n times", f)


@family("box-side")
def box_side() -> Iterator[Case]:
    """Hyperplanes that contain sides of the box, or touch it at a corner: none cuts."""
    for n in (1, 2, 3, 4):
        sides = [(unit(n, i, s), 1.0) for i in range(n) for s in (1.0, -1.0)]
        corner = [([1.0] * n, -float(n)), ([-2.0] * n, -2.0 * n)]
        layers = arrangement([*sides, *corner, (unit(n, 0), 0.0)])
        f = product_f_vector((3, 2), *[(2, 1)] * (n - 1))
        yield Case(f"box-side-{n}d", layers, (-1.0, 1.0), 2, "a cube cut once", f)


# Deep networks.


def hats(depth: int, n: int) -> Layers:
    """The hat ``h(x) = 2 relu(x) - 4 relu(x - 1/2)`` on [0, 1], `depth` times, on n coordinates."""
    first = np.kron(np.eye(n), np.array([[1.0], [1.0]]))
    again = np.kron(np.eye(n), np.array([[2.0, -4.0], [2.0, -4.0]]))
    bias = np.tile([0.0, -0.5], n)
    hidden = [(first if k == 0 else again, bias) for k in range(depth)]
    return [*hidden, (np.tile([2.0, -4.0], n)[None, :], np.zeros(1))]


@family("sawtooth")
def sawtooth() -> Iterator[Case]:
    """Hats composed: 2^k linear pieces (Telgarsky 2015)."""
    for k in (1, 2, 3, 5, 8):
        f = (2**k + 1, 2**k)
        yield Case(f"sawtooth-{k}", hats(k, 1), (0.0, 1.0), 2**k, "Telgarsky 2015", f, 2**k - 1)


@family("hat")
def hat() -> Iterator[Case]:
    """Sawtooth functions of every coordinate side by side: products of subdivided intervals."""
    for k, n in [(1, 2), (2, 2), (3, 2), (2, 3), (1, 4), (1, 5)]:
        f = product_f_vector(*[(2**k + 1, 2**k)] * n)
        yield Case(f"hat-{n}d{k}", hats(k, n), (0.0, 1.0), f[-1], "product of sawtooth", f)


@family("hamming-1")
def hamming_1() -> Iterator[Case]:
    """Patterns 100 and 110 differ in one neuron and are far apart."""
    line = network(([[1], [1]], [10, 0]), ([[1, -2]], [-9]))
    source = "breakpoints -10, -1, 0, 1"
    yield in_space("hamming-1-line", line, source, (4, 5), n_edges=4, n_bounded=3)
    plane = network(([[1, 0], [1, 0], [0, 1]], [10, 0, 0]), ([[1, -2, 0]], [-9]))
    yield in_space("hamming-1-plane", plane, source, product_f_vector((4, 5), (1, 2)))


@family("norm")
def norm() -> Iterator[Case]:
    """``relu(|x_1| + ... + |x_n| - 1)``: the fan of orthants cut by the cross-polytope."""
    for n in (1, 2, 3, 4):
        rows = [unit(n, i, s) for i in range(n) for s in (1.0, -1.0)]
        layers = network((rows, [0.0] * 2 * n), ([[1.0] * 2 * n], [-1.0]))
        fan = [comb(n, k) * 2**k for k in range(n + 1)] + [0]
        f = [(2 if k else 1) * fan[k] + fan[k + 1] for k in range(n + 1)]
        yield in_space(f"norm-{n}", layers, "cones cut in two", f, n_bounded=2**n)


@family("flat-zero")
def flat_zero() -> Iterator[Case]:
    """Second- and third-layer neurons that vanish identically on open sets (no biases)."""
    for n in (1, 2, 3):
        zero = [0.0] * n
        layers = network((np.eye(n), zero), (np.eye(n), zero), (-np.eye(n), zero))
        f = [comb(n, k) * 2**k for k in range(n + 1)]
        yield in_space(f"flat-zero-{n}", layers, "coordinate hyperplanes", f)


@family("touching")
def touching() -> Iterator[Case]:
    """Preactivations that touch zero from one side, on an existing facet or on a face of it."""
    line = network(([[1], [-1]], [0, 0]), ([[-1, -1]], [0]))
    yield in_space("touching-line", line, "-|x|", (1, 2), n_edges=1)
    second = [[-1, -1, -1, -1], [1, 1, 0, 0]]
    plane = network(([[1, 0], [-1, 0], [0, 1], [0, -1]], [0] * 4), (second, [0, 0]))
    yield in_space("touching-plane", plane, "-|x| - |y| and |x|", (1, 4, 4), n_edges=4)


# The standard networks of the benchmarks: random weights from a seed, float64, box [-1, 1]^n.

STANDARD: dict[str, tuple[list[int], int, int, tuple[int, ...]]] = {
    # name: widths, seed, edges of the dual graph, f-vector
    "shallow-2d": ([2, 64, 1], 1, 2857, (1524, 2983, 1460)),
    "deep-2d": ([2, 32, 32, 32, 1], 6, 5352, (2815, 5536, 2722)),
    "wide-2d": ([2, 256, 256, 1], 12, 176082, (88795, 177086, 88292)),
    "shallow-3d": ([3, 32, 1], 2, 10322, (4200, 11980, 11398, 3617)),
    "deep-3d": ([3, 16, 16, 16, 1], 7, 17409, (7212, 20508, 19428, 6131)),
    "wide-3d": ([3, 64, 64, 1], 13, 630800, (220702, 654090, 646210, 212821)),
    "shallow-4d": ([4, 24, 1], 3, 32032, (11899, 43894, 60762, 37406, 8640)),
    "deep-4d": ([4, 10, 10, 10, 1], 8, 30170, (12430, 45038, 61201, 36968, 8376)),
    "deep-5d": ([5, 8, 8, 8, 1], 9, 16858, (12785, 52655, 85950, 69342, 27562, 4299)),
    "shallow-6d": ([6, 16, 1], 4, 40451, (30861, 150978, 306131, 328987, 197412, 62635, 8197)),
    "deep-6d": ([6, 8, 8, 8, 1], 10, 47540, (41675, 201400, 403479, 428695, 254637, 80119, 10424)),
}


# Too many vertices for an f-vector.
HIGH_DIMENSIONAL: dict[str, tuple[list[int], int, int, int]] = {
    # name: widths, seed, cells, edges of the dual graph
    "shallow-8d": ([8, 14, 1], 5, 10509, 62896),
    "deep-8d": ([8, 8, 8, 1], 11, 6150, 30391),
    "highdim-30d": ([30, 8, 8, 1], 14, 10654, 59672),
}


def standard(name: str) -> Case:
    """A random network of the benchmarks; its numbers come from two independent programs that
    agree.
    """
    f: tuple[int, ...] | None = None
    if name in STANDARD:
        widths, seed, n_edges, f = STANDARD[name]
        n_cells = f[-1]
    else:
        widths, seed, n_cells, n_edges = HIGH_DIMENSIONAL[name]
    rng = np.random.default_rng(seed)
    layers = []
    for fan_in, fan_out in pairwise(widths):
        W = rng.normal(0.0, np.sqrt(2.0 / fan_in), (fan_out, fan_in))
        layers.append((W, rng.uniform(-0.5, 0.5, fan_out)))
    return Case(name, layers, (-1.0, 1.0), n_cells, "two independent programs", f, n_edges)
