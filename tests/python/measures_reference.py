"""Measures of small networks by brute force in rationals, sharing nothing with the package.

    python tests/python/measures_reference.py extremes --networks 2000

compares a measure with the reference on random networks, degenerate ones among them.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from math import factorial

import numpy as np

import relutope as rt
from property_reference import random_network, solved

Point = tuple[Fraction, ...]
Row = tuple[tuple[Fraction, ...], Fraction]  # a, c: a . x + c <= 0
ZERO = Fraction(0)


@dataclass(frozen=True)
class Piece:
    """A full-dimensional closed cell in a box: its pattern, vertices and affine map."""

    pattern: tuple[bool, ...]
    rows: list[Row]
    vertices: list[Point]
    A: list[list[Fraction]]
    c: list[Fraction]

    def value(self, x: Point) -> list[Fraction]:
        return [dot(row, x) + c for row, c in zip(self.A, self.c, strict=True)]

    def simplices(self) -> list[list[Point]]:
        return pulled(self.vertices, self.rows, len(self.vertices[0]))


def dot(a, x) -> Fraction:
    return sum((u * v for u, v in zip(a, x, strict=True)), ZERO)


def pieces(network: rt.Network, lower: list[float], upper: list[float]) -> list[Piece]:
    """All cells with an interior, by trying every activation pattern. Distinct ones only: a pattern
    in which a neuron that is zero on the whole cell counts as active is left out.
    """
    return list(_pieces(network, lower, upper))


def _pieces(network: rt.Network, lower: list[float], upper: list[float]) -> Iterator[Piece]:
    n = network.input_dim
    box: list[Row] = []
    for i in range(n):
        unit = tuple(Fraction(int(j == i)) for j in range(n))
        box.append((unit, -Fraction(float(upper[i]))))
        box.append((tuple(-v for v in unit), Fraction(float(lower[i]))))
    for pattern in product((False, True), repeat=network.n_neurons):
        found = _restricted(network, pattern)
        if found is None:
            continue
        rows, A, c = found
        vertices = corners(rows + box, n)
        if rank_of(vertices) == n:
            yield Piece(pattern, rows + box, vertices, A, c)


def _restricted(network: rt.Network, pattern: tuple[bool, ...]):
    """Rows of the pattern's closed region, and the map there; None if a constant row fails."""
    n = network.input_dim
    A = [[Fraction(int(i == j)) for j in range(n)] for i in range(n)]
    c = [ZERO] * n
    rows: list[Row] = []
    start = 0
    layers = list(network.exact_layers())
    for depth, (W, b, low) in enumerate(layers):
        bias = [Fraction(u) + Fraction(v) for u, v in zip(b.tolist(), low.tolist(), strict=True)]
        W = [[Fraction(w) for w in row] for row in W.tolist()]
        c = [dot(row, c) + v for row, v in zip(W, bias, strict=True)]
        A = [[dot(row, column) for column in zip(*A, strict=True)] for row in W]
        if depth == len(layers) - 1:
            return rows, A, c
        for i in range(network.hidden_widths[depth]):
            active, constant = pattern[start + i], not any(A[i])
            if constant and active != (c[i] > 0):
                return None
            if not constant:
                sign = -1 if active else 1
                rows.append((tuple(sign * v for v in A[i]), sign * c[i]))
            if not active:
                A[i], c[i] = [ZERO] * n, ZERO
        start += network.hidden_widths[depth]
    return None


def corners(rows: list[Row], n: int) -> list[Point]:
    """All vertices of ``{x : every row <= 0}``."""
    rows = list(dict.fromkeys(rows))
    found = {
        x
        for chosen in combinations(rows, n)
        if (x := solved(chosen)) is not None and all(dot(a, x) + c <= 0 for a, c in rows)
    }
    return sorted(found)


def rank_of(points: list[Point]) -> int:
    """Dimension of the affine hull; -1 of nothing."""
    if not points:
        return -1
    work = [[u - v for u, v in zip(p, points[0], strict=True)] for p in points[1:]]
    rank = 0
    for column in range(len(points[0])):
        pivot = next((i for i in range(rank, len(work)) if work[i][column]), None)
        if pivot is None:
            continue
        work[rank], work[pivot] = work[pivot], work[rank]
        for i in range(rank + 1, len(work)):
            factor = work[i][column] / work[rank][column]
            work[i] = [u - factor * v for u, v in zip(work[i], work[rank], strict=True)]
        rank += 1
    return rank


def pulled(vertices: list[Point], rows: list[Row], dimension: int) -> list[list[Point]]:
    """A triangulation, each face coned from its first vertex."""
    if dimension == 0:
        return [vertices[:1]]
    apex, faces = vertices[0], set()
    for a, c in rows:
        face = tuple(v for v in vertices if dot(a, v) + c == 0)
        if apex not in face and rank_of(list(face)) == dimension - 1:
            faces.add(face)
    return [
        [apex, *simplex]
        for face in sorted(faces)
        for simplex in pulled(list(face), rows, dimension - 1)
    ]


def volume(simplex: list[Point]) -> Fraction:
    rows = [[u - v for u, v in zip(p, simplex[0], strict=True)] for p in simplex[1:]]
    total = Fraction(1)
    for k in range(len(rows)):
        pivot = next((i for i in range(k, len(rows)) if rows[i][k]), None)
        if pivot is None:
            return ZERO
        rows[k], rows[pivot] = rows[pivot], rows[k]
        total *= rows[k][k]
        for i in range(k + 1, len(rows)):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [u - factor * v for u, v in zip(rows[i], rows[k], strict=True)]
    return abs(total) / factorial(len(rows))


def forward(network: rt.Network, x) -> list[Fraction]:
    """The outputs at a rational point."""
    h = list(x)
    layers = network.exact_layers()
    for depth, (W, b, low) in enumerate(layers):
        bias = [Fraction(u) + Fraction(v) for u, v in zip(b.tolist(), low.tolist(), strict=True)]
        h = [
            dot([Fraction(w) for w in row], h) + v for row, v in zip(W.tolist(), bias, strict=True)
        ]
        if depth < len(layers) - 1:
            count = network.hidden_widths[depth]
            h = [max(v, ZERO) for v in h[:count]] + h[count:]
    return h


def random_case(seed: int) -> tuple[rt.Network, rt.Box]:
    """A small network, often degenerate, some with linear units, and a box."""
    rng = random.Random(seed)
    network = random_network(rng)
    if rng.random() < 0.2:
        layers = network.layers
        linear = [rng.randint(0, len(b)) for _, b in layers[:-1]]
        network = rt.Network(layers, linear)
    lower = [float(rng.choice((-2, -1, -1, 0, -0.3))) for _ in range(network.input_dim)]
    upper = [v + rng.choice((0.5, 1.0, 2.0, 2.0)) for v in lower]
    return network, rt.Box(np.array(lower), np.array(upper))


# -- comparisons, one for each measure


def compare_extremes(seed: int) -> None:
    network, box = random_case(seed)
    found = rt.extremes(network, box)
    cells = pieces(network, box.lower.tolist(), box.upper.tolist())
    for k in range(network.output_dim):
        values = [piece.value(v)[k] for piece in cells for v in piece.vertices]
        for extreme, expected in ((found.minimum[k], min(values)), (found.maximum[k], max(values))):
            assert extreme.value == extreme.bound == expected, (seed, k, extreme, expected)
            assert forward(network, extreme.point)[k] == expected, seed
            inside = zip(box.lower.tolist(), extreme.point, box.upper.tolist(), strict=True)
            assert all(a <= x <= b for a, x, b in inside), seed


def compare_lipschitz(seed: int) -> None:
    network, box = random_case(seed)
    cells = pieces(network, box.lower.tolist(), box.upper.tolist())
    of_columns = max(max(sum(map(abs, col)) for col in zip(*p.A, strict=True)) for p in cells)
    of_rows = max(max(sum(map(abs, row)) for row in p.A) for p in cells)
    for norm, expected in ((1, of_columns), (float("inf"), of_rows)):
        found = rt.lipschitz(network, box, norm)
        assert found.value == expected, (seed, norm)
        assert found.bounds[0] <= expected <= found.bounds[1], seed
        sums = zip(*found.gradient, strict=True) if norm == 1 else found.gradient
        assert max(sum(map(abs, row)) for row in sums) == expected, seed
    found = rt.lipschitz(network, box)
    low, high = (Fraction(v) for v in found.bounds)
    if min(network.output_dim, network.input_dim) == 1:
        expected = max(sum(v * v for row in p.A for v in row) for p in cells)
        assert found.squared == expected, seed
        assert low**2 <= expected <= high**2, seed
    else:
        grams = [_gram(p.A) for p in cells]
        assert all(_positive(gram, (high * (1 + Fraction(1, 2**40))) ** 2) for gram in grams), seed
        if low:
            assert not all(_positive(gram, low**2 * (1 - Fraction(1, 2**40))) for gram in grams)
        assert high - low <= high * Fraction(1, 2**40), seed


def _gram(A: list[list[Fraction]]) -> list[list[Fraction]]:
    return [[dot(u, v) for v in A] for u in A]


def _positive(gram: list[list[Fraction]], t: Fraction) -> bool:
    """Whether ``t I - gram`` has no negative principal minor: its eigenvalues are at least 0."""
    M = [[(t if i == j else ZERO) - v for j, v in enumerate(row)] for i, row in enumerate(gram)]
    size = range(len(M))
    chosen = [c for k in size for c in combinations(size, k + 1)]
    return all(_determinant([[M[i][j] for j in c] for i in c]) >= 0 for c in chosen)


def _determinant(M: list[list[Fraction]]) -> Fraction:
    if len(M) == 1:
        return M[0][0]
    minors = [[row[:j] + row[j + 1 :] for row in M[1:]] for j in range(len(M))]
    return sum(((-1) ** j * M[0][j] * _determinant(m) for j, m in enumerate(minors)), ZERO)


def compare_linear_regions(seed: int) -> None:
    network, box = random_case(seed)
    lower, upper = box.lower.tolist(), box.upper.tolist()
    cells, n = pieces(network, lower, upper), network.input_dim
    found = rt.linear_regions(rt.decompose(network, box))
    same = [(tuple(map(tuple, p.A)), tuple(p.c)) for p in cells]
    shared = {
        (i, j): rank_of(sorted(set(cells[i].vertices) & set(cells[j].vertices)))
        for i, j in combinations(range(len(cells)), 2)
        if same[i] == same[j]
    }
    closed = _grouped(len(cells), [pair for pair, rank in shared.items() if rank >= 0])
    open_ = _grouped(len(cells), [pair for pair, rank in shared.items() if rank == n - 1])
    counts = found.counts()
    assert counts["affine"] == len(set(same)), seed
    assert counts["closed connected"] == len(set(closed)), seed
    assert counts["open connected"] == len(set(open_)), seed
    assert counts["proper activation"] == len(cells), seed
    assert counts["activation"] == _realised(network, lower, upper), seed
    numbers = [v for v in counts.values() if v is not None]
    assert numbers == sorted(numbers), seed
    low, high = found.convex_bounds
    assert len(set(open_)) <= low <= high <= len(cells), seed
    if n <= 2:
        unions = [[p for p, k in zip(cells, open_, strict=True) if k == r] for r in set(open_)]
        convex = [_is_convex(union, n) for union in unions]
        assert low == sum(1 if c else 2 for c in convex), seed
        assert (low == high) or not all(convex), seed


def _grouped(count: int, pairs: list[tuple[int, int]]) -> list[int]:
    group = list(range(count))
    for i, j in pairs:
        a, b = group[i], group[j]
        group = [a if g == b else g for g in group]
    return group


def _realised(network: rt.Network, lower: list[float], upper: list[float]) -> int:
    """How many patterns some point of the box has, active meaning positive."""
    n, count = network.input_dim, 0
    box: list[Row] = []
    for i in range(n):
        unit = tuple(Fraction(int(j == i)) for j in range(n))
        box.append((unit, -Fraction(float(upper[i]))))
        box.append((tuple(-v for v in unit), Fraction(float(lower[i]))))
    for pattern in product((False, True), repeat=network.n_neurons):
        found = _restricted(network, pattern)
        if found is None:
            continue
        rows, *_ = found
        vertices = corners(rows + box, n)
        # Rows of active neurons must be negative somewhere; averages are then negative everywhere.
        strict = [row for row, active in _of_neurons(network, pattern) if active]
        if vertices and all(any(dot(a, v) + c < 0 for v in vertices) for a, c in strict):
            count += 1
    return count


def _of_neurons(network: rt.Network, pattern: tuple[bool, ...]) -> Iterator[tuple[Row, bool]]:
    """The rows of `_restricted` with whether they are those of active neurons."""
    rows, *_ = _restricted(network, pattern)
    flipped = iter(rows)
    constants = _constant_neurons(network, pattern)
    for i, active in enumerate(pattern):
        if i not in constants:
            yield next(flipped), active


def _constant_neurons(network: rt.Network, pattern: tuple[bool, ...]) -> set[int]:
    n, start, found = network.input_dim, 0, set()
    A = [[Fraction(int(i == j)) for j in range(n)] for i in range(n)]
    for depth, (W, _) in enumerate(network.layers[:-1]):
        exact = [[Fraction(w) for w in row] for row in W.tolist()]
        A = [[dot(row, column) for column in zip(*A, strict=True)] for row in exact]
        for i in range(network.hidden_widths[depth]):
            if not any(A[i]):
                found.add(start + i)
            if not pattern[start + i]:
                A[i] = [ZERO] * n
        start += network.hidden_widths[depth]
    return found


def _is_convex(union: list[Piece], n: int) -> bool:
    """Whether the union fills its convex hull, in one or two dimensions."""
    total = sum((volume(s) for piece in union for s in piece.simplices()), ZERO)
    points = sorted({v for piece in union for v in piece.vertices})
    if n == 1:
        return points[-1][0] - points[0][0] == total
    hull = [*_chain(points), *_chain(points[::-1])]
    around = zip(hull, [*hull[1:], hull[0]], strict=True)
    return abs(sum((a[0] * b[1] - a[1] * b[0] for a, b in around), ZERO)) / 2 == total


def _chain(points: list[Point]) -> list[Point]:
    chain: list[Point] = []
    for p in points:
        while len(chain) > 1:
            (ax, ay), (bx, by) = chain[-2:]
            if (bx - ax) * (p[1] - ay) - (by - ay) * (p[0] - ax) > 0:
                break
            chain.pop()
        chain.append(p)
    return chain[:-1]


def clipped(piece: Piece, rows: list[Row], n: int) -> list[list[Point]]:
    """Simplices of the part of a piece on which further rows are at most zero."""
    if any(not any(a) and c > 0 for a, c in rows):
        return []
    all_rows = [*piece.rows, *(row for row in rows if any(row[0]))]
    vertices = corners(all_rows, n)
    return pulled(vertices, all_rows, n) if rank_of(vertices) == n else []


def winning(A, c, k: int) -> list[Row] | None:
    """Rows that say that output k is the first of the largest, or of one output that it is (k = 1)
    or is not positive; but for sets without interior. None if it is so nowhere.
    """
    if len(A) == 1:
        sign = -1 if k else 1
        rows = [(tuple(sign * v for v in A[0]), sign * c[0])]
        return None if k and not any(A[0]) and c[0] <= 0 else rows
    rows = []
    for j in range(len(A)):
        if j != k:
            row = tuple(u - v for u, v in zip(A[j], A[k], strict=True)), c[j] - c[k]
            if j < k and not any(row[0]) and row[1] >= 0:
                return None
            rows.append(row)
    return rows


def compare_integrals(seed: int) -> None:
    network, box = random_case(seed)
    n, m = network.input_dim, network.output_dim
    cells = pieces(network, box.lower.tolist(), box.upper.tolist())
    constants = [Fraction(k, 2) - 1 for k in range(m)]
    found = rt.integrate(network, box, to=[float(v) for v in constants])
    total, first, second, distance = ZERO, [ZERO] * m, [ZERO] * m, ZERO
    shares = [ZERO] * max(m, 2)
    for piece in cells:
        for simplex in piece.simplices():
            size = volume(simplex)
            total += size
            for k in range(m):
                at = [piece.value(v)[k] for v in simplex]
                first[k] += size * sum(at) / (n + 1)
                second[k] += _second(at, size, n)
                distance += _second([v - constants[k] for v in at], size, n)
        for k in range(len(shares)):
            rows = winning(piece.A, piece.c, k)
            if rows is not None:
                shares[k] += sum((volume(s) for s in clipped(piece, rows, n)), ZERO)
    assert found.volume == total, seed
    assert found.mean == tuple(v / total for v in first), seed
    variance = [s / total - (v / total) ** 2 for s, v in zip(second, first, strict=True)]
    assert list(found.variance) == variance, seed
    assert list(found.class_shares) == [v / total for v in shares], seed
    assert found.squared_distance == distance, seed
    for bounds, values in (
        (found.mean_bounds, found.mean),
        (found.variance_bounds, found.variance),
        (found.class_share_bounds, found.class_shares),
    ):
        for (low, high), value in zip(bounds.tolist(), values, strict=True):
            assert low <= value <= high, seed
            assert high - low <= 1e-12 * max(1, abs(value)), seed
    low, high = found.distance_bounds
    assert Fraction(low) ** 2 <= distance <= Fraction(high) ** 2, seed


def _second(at: list[Fraction], size: Fraction, n: int) -> Fraction:
    """The integral of a product of affine functions from its values, pair by pair."""
    pairs = sum((u * v * (2 if i == j else 1) for i, u in enumerate(at) for j, v in enumerate(at)))
    return size * pairs / ((n + 1) * (n + 2))


def second_network(network: rt.Network, rng: random.Random) -> rt.Network:
    """The same function otherwise written, or rounded, pruned, or perturbed weights."""
    kind = rng.choice(("same", "permuted", "rounded", "pruned", "moved"))
    layers = [(W.copy(), b.copy()) for W, b in network.layers]
    linear = list(network.linear_units)
    if kind == "permuted":
        count = network.hidden_widths[0]
        order = [*rng.sample(range(count), count), *range(count, len(layers[0][1]))]
        layers[0] = (layers[0][0][order], layers[0][1][order])
        layers[1] = (layers[1][0][:, order], layers[1][1])
    elif kind == "rounded":
        layers = [(np.round(W * 2) / 2, np.round(b * 2) / 2) for W, b in layers]
    elif kind == "pruned":
        layers = [(np.where(np.abs(W) < 1, 0.0, W), b) for W, b in layers]
    elif kind == "moved":
        W, b = layers[-1]
        layers[-1] = (W, b + rng.choice((0.0, 0.25, -0.5)))
    if rng.random() < 0.3:  # one layer more
        m = network.output_dim
        layers.append((np.eye(m), np.zeros(m)))
        linear.append(m)
    return rt.Network(layers, linear)


def compare_comparisons(seed: int) -> None:
    network, box = random_case(seed)
    rng = random.Random(seed + 1)
    other = second_network(network, rng)
    n, m = network.input_dim, network.output_dim
    lower, upper = box.lower.tolist(), box.upper.tolist()
    found = rt.compare(network, other, box)
    least, most = [None] * m, [None] * m
    differing, squared, total = ZERO, ZERO, ZERO
    theirs = pieces(other, lower, upper)
    for mine in pieces(network, lower, upper):
        for their in theirs:
            both = clipped(mine, their.rows, n)
            for simplex in both:
                size = volume(simplex)
                total += size
                for k in range(m):
                    at = [mine.value(v)[k] - their.value(v)[k] for v in simplex]
                    least[k] = min([*at, *([] if least[k] is None else [least[k]])])
                    most[k] = max([*at, *([] if most[k] is None else [most[k]])])
                    squared += _second(at, size, n)
            for i, j in product(range(max(m, 2)), repeat=2):
                won = winning(mine.A, mine.c, i), winning(their.A, their.c, j)
                if both and i != j and None not in won:
                    parts = clipped(mine, [*their.rows, *won[0], *won[1]], n)
                    differing += sum((volume(s) for s in parts), ZERO)
    assert [e.value for e in found.minimum] == least, seed
    assert [e.value for e in found.maximum] == most, seed
    assert found.equal == (not any(least) and not any(most)), seed
    for k, e in enumerate(found.largest):
        assert abs(e.value) == max(-least[k], most[k]), seed
        assert forward(network, e.point)[k] - forward(other, e.point)[k] == e.value, seed
    assert found.disagreement.share == differing / total, seed
    assert rt.integrate(network, box, to=other).squared_distance == squared, seed


def compare_rounding(seed: int) -> None:
    """The bound holds at random points, sums taken in random order, and is not absurdly large."""
    network, box = random_case(seed)
    rng = np.random.default_rng(seed)
    for dtype in ("float32", "float64", "float16"):
        bound = rt.rounding_gap(network, box, dtype).bound
        points = rng.uniform(box.lower, box.upper, (3, network.input_dim)).astype(dtype)
        for x in points:
            exact = forward(network, [Fraction(float(v)) for v in x])
            for got, right, most in zip(_deployed(network, x, rng), exact, bound, strict=True):
                assert abs(Fraction(float(got)) - right) <= Fraction(float(most)), (seed, dtype)
        assert bound.max() <= 1e4 * float(np.finfo(dtype).eps), (seed, dtype, bound)


def _deployed(network: rt.Network, x, rng: np.random.Generator):
    """A forward pass in the type of x, sums in random order."""
    h, layers = x, network.layers
    for depth, (W, b) in enumerate(layers):
        terms = np.column_stack([W.astype(x.dtype) * h, b.astype(x.dtype)])
        z = np.zeros(len(b), dtype=x.dtype)
        for k in rng.permutation(terms.shape[1]):
            z = z + terms[:, k]
        count = network.hidden_widths[depth] if depth < len(layers) - 1 else 0
        h = np.concatenate([np.maximum(z[:count], 0), z[count:]])
    return h


def compare_data_cells(seed: int) -> None:
    """With and without the complex, points on boundaries included."""
    network, _box = random_case(seed)
    rng = np.random.default_rng(seed)
    n = network.input_dim
    points = np.vstack([rng.uniform(-2, 2, (4, n)), rng.integers(-2, 3, (6, n)) / 2])
    labels = rng.integers(0, 2, len(points))
    cx = rt.decompose(network)
    with_complex = cx.cells_of(points, labels)
    without = rt.cells_of_data(network, points, labels)
    known = {p.tobytes(): k for k, p in enumerate(cx.patterns)}
    signs = rt.network.core.point_signs(network, points)
    for found in (with_complex, without):
        assert found.counts.sum() == len(points), seed
        assert (found.class_counts.sum(axis=1) == found.counts).all(), seed
        assert all(p.tobytes() in known for p in found.patterns), seed
        at = found.patterns[found.of_point]
        assert ((signs == 0) | (at == (signs > 0))).all(), seed  # the closed cell holds the point
    assert (with_complex.patterns == cx.patterns[with_complex.cells]).all(), seed
    inner = np.array([_is_inner(network, cx, p, s) for p, s in zip(points, signs, strict=True)])
    a, b = (f.patterns[f.of_point] for f in (with_complex, without))
    assert (a[inner] == b[inner]).all(), seed


def _is_inner(network: rt.Network, cx: rt.Complex, x, signs) -> bool:
    strict = signs != 0
    return int((cx.patterns[:, strict] == (signs[strict] > 0)).all(axis=1).sum()) == 1


COMPARISONS: dict[str, Callable[[int], None]] = {
    "rounding": compare_rounding,
    "data_cells": compare_data_cells,
    "integrals": compare_integrals,
    "comparisons": compare_comparisons,
    "extremes": compare_extremes,
    "lipschitz": compare_lipschitz,
    "linear_regions": compare_linear_regions,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("measure", choices=[*COMPARISONS, "all"])
    parser.add_argument("--networks", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    names = COMPARISONS if arguments.measure == "all" else [arguments.measure]
    for name in names:
        begin = time.monotonic()
        for k in range(arguments.networks):
            COMPARISONS[name](arguments.seed + k)
        seconds = time.monotonic() - begin
        print(f"{name}: {arguments.networks} networks agree, {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
