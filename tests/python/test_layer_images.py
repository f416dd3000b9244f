"""Images of regions under layers: known shapes, and brute force without any of the shortcuts."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, pairwise

import numpy as np
import pytest

import relutope as rt
from relutope.common.modular import primes
from relutope.layers.affine_ranks import affine_rank, affine_ranks
from relutope.layers.cone_programs import common_point, nonnegative_solution
from relutope.layers.hidden_points import homogeneous
from relutope.layers.unions import betti_of_union
from small_networks import random_network, small_integer_network

pytest.importorskip("gudhi")

RELUS = ([[1, 0], [0, 1], [-1, 0], [0, -1]], [0] * 4)


def rolled(dims):
    """Each coordinate of [0, 3] is bent to the boundary of a triangle, by two tents."""
    W1 = np.kron(np.eye(dims), np.ones((3, 1)))
    tents = [[1, -2, 1], [0, 1, -2]]
    W2 = np.kron(np.eye(dims), tents)
    bias = np.tile([0.0, -1.0, -2.0], dims)
    return [(W1, bias), (W2, np.zeros(2 * dims)), (np.ones((1, 2 * dims)), [0.0])]


def everything(cx):
    return cx.subcomplex(np.ones(cx.n_cells, dtype=bool))


def bettis(region, **options):
    return [image.betti.tolist() for image in rt.layer_images(region, **options)]


# -- known shapes


def test_a_segment_becomes_a_circle_and_a_square_a_torus():
    line = rt.layer_images(everything(rt.decompose(rolled(1), rt.Box(0, 3))))
    assert [image.betti.tolist() for image in line] == [[1, 0], [1, 0], [1, 1]]
    assert [image.injective for image in line] == [True, True, False]
    assert [image.units for image in line] == [1, 3, 2]
    torus = rt.layer_images(everything(rt.decompose(rolled(2), rt.Box(0, 3))))[-1]
    assert (torus.betti.tolist(), torus.dim, torus.n_pieces) == ([1, 2, 1], 2, 9)


@pytest.mark.parametrize("field", [2, 3])
def test_three_circles(field):
    cx = rt.decompose(rolled(3), rt.Box(0, 3))
    assert bettis(everything(cx), field=field)[-1] == [1, 3, 3, 1]


def test_holes_are_kept_filled_and_glued():
    net = [
        RELUS,
        ([[1, 0, 0, 0], [0, 1, 0, 0], [1, 1, 1, 1]], [0, 0, -1]),
        ([[1, 1, 0]], [0]),
        ([[1]], [0]),
    ]
    cx = rt.decompose(net, rt.Box(-2, 2))
    ring = cx.subcomplex(cx.patterns[:, 6])
    assert bettis(ring) == [[1, 1, 0], [1, 1, 0], [1, 1, 0], [1, 0, 0]]
    assert bettis(ring, layers=[3, 0]) == [[1, 0, 0], [1, 1, 0]]


def test_folding_joins_components_and_pinching_makes_a_loop():
    """[-2, -1] and [1, 2] under |x|; and [-1, 1] under max(|x| - 1/2, 0) is a segment again."""
    fold = [([[1], [-1]], [0, 0]), ([[1, 1]], [0]), ([[1]], [0])]
    cx = rt.decompose(
        [([[1], [-1]], [0, 0]), ([[1, 1], [1, 1]], [0, -1]), ([[1, 0]], [0])], rt.Box(-2, 2)
    )
    two = cx.subcomplex(cx.patterns[:, 3])
    assert bettis(two) == [[2, 0], [2, 0], [1, 0]]
    whole = everything(rt.decompose(fold, rt.Box(-2, 2)))
    assert bettis(whole) == [[1, 0], [1, 0], [1, 0]]
    # (relu(x), relu(-x)) glues nothing; a hidden layer that is dead makes one point of all.
    dead = everything(rt.decompose([([[0.0, 0.0]], [-1.0]), ([[1.0]], [0.0])], rt.Box(-1, 1)))
    image = rt.layer_images(dead)[1]
    assert (image.betti.tolist(), image.dim, image.injective) == ([1, 0, 0], 0, False)


def test_sets_of_lower_dimension():
    """The circle |x| + |y| = 1, then (relu(x), relu(y)): a triangle's boundary; then a segment."""
    net = [
        RELUS,
        ([[1, 0, 0, 0], [0, 1, 0, 0], [1, 1, 1, 1]], [0, 0, -1]),
        ([[1, 1, 0]], [0]),
        ([[1]], [0]),
    ]
    cx = rt.decompose(net, rt.Box(-2, 2))
    circle = rt.bent_hyperplane(cx, 6)
    assert bettis(circle) == [[1, 1, 0], [1, 1, 0], [1, 1, 0], [1, 0, 0]]
    points = cx.subcomplex(faces={0: [0, 3]})
    assert bettis(points)[0] == [2, 0, 0]


def test_layers_that_compare_outputs_are_not_counted():
    net = random_network([2, 5, 4, 3], 0)
    cx = rt.decompose(net, rt.Box(-1, 1))
    classes = [rt.region(cx, "class", label=k) for k in range(3)]
    region = next(own for own in classes if len(own.cells))
    assert [image.layer for image in rt.layer_images(region)] == [0, 1, 2]
    one = rt.region(rt.decompose(random_network([2, 5, 1], 0), rt.Box(-1, 1)), "superlevel")
    assert [image.layer for image in rt.layer_images(one)] == [0, 1]


# -- brute force: fine cells, all families, no shortcut


def brute_force(region, layer):
    """The nerve of the images of all faces of the region that lie in no other."""
    cx = region.complex
    points = exact_units(cx, layer)
    pieces = []
    for k in range(cx.dim, -1, -1):
        for i in region.faces(k):
            corners = set(cx.faces(k).vertices[int(i)].tolist())
            if not any(corners <= other for other in pieces):
                pieces.append(corners)
    hulls = [homogeneous([points[v] for v in sorted(own)]) for own in pieces]
    families = [{(i,) for i in range(len(hulls))}]
    while len(families) < cx.dim + 2 and families[-1]:
        larger = set()
        for family in families[-1]:
            for j in range(family[-1] + 1, len(hulls)):
                whole = (*family, j)
                parts = combinations(whole, len(family))
                met = all(part in families[-1] for part in parts)
                if met and common_point([hulls[i] for i in whole]) is not None:
                    larger.add(whole)
        families.append(larger)
    import gudhi

    tree = gudhi.SimplexTree()
    for level in families:
        for family in level:
            tree.insert(list(family))
    tree.compute_persistence(homology_coeff_field=2, persistence_dim_max=True)
    numbers = [*tree.betti_numbers(), *[0] * (cx.dim + 1)]
    return numbers[: cx.dim + 1]


def exact_units(cx, layer):
    found = []
    for point in cx.exact_vertices:
        h = list(point)
        for W, b in cx.network.layers[:layer]:
            rows = zip(W.tolist(), b.tolist(), strict=True)
            h = [
                max(
                    sum((Fraction(w) * v for w, v in zip(row, h, strict=True)), Fraction(c)),
                    Fraction(0),
                )
                for row, c in rows
            ]
        found.append(h)
    return found


CASES = [
    ([1, 3, 2, 1], range(12)),
    ([1, 4, 2, 2, 1], range(8)),
    ([2, 3, 2, 1], range(8)),
    ([2, 4, 1, 1], range(4)),
    ([2, 3, 3, 2, 1], range(4)),
    ([3, 3, 2, 1], range(2)),
]


@pytest.mark.parametrize("make", [random_network, small_integer_network])
@pytest.mark.parametrize(
    ("widths", "seed"), [(w, seed) for w, seeds in CASES for seed in seeds], ids=str
)
def test_random_regions_against_brute_force(make, widths, seed):
    cx = rt.decompose(make(widths, seed), rt.Box(-2, 2))
    rng = np.random.default_rng(seed)
    chosen = rng.random(cx.n_cells) < 0.6
    if chosen.sum() > 16:
        chosen[np.flatnonzero(chosen)[16:]] = False
    chosen[0] = True
    region = cx.subcomplex(chosen)
    for layer, image in enumerate(rt.layer_images(region)):
        if layer:
            assert image.betti.tolist() == brute_force(region, layer)
        assert image.betti.tolist() == region.betti().tolist() or not image.injective


@pytest.mark.parametrize("make", [random_network, small_integer_network])
@pytest.mark.parametrize("seed", range(20))
def test_images_of_segments_against_a_graph(make, seed):
    """One input: cut all segments at all points that two of them have in common."""
    cx = rt.decompose(make([1, 5, 2, 1], seed), rt.Box(-3, 3))
    region = everything(cx)
    points = exact_units(cx, 2)
    segments = {tuple(sorted({tuple(points[v]) for v in own.tolist()})) for own in cx.cell_vertices}
    nodes = {end for segment in segments for end in segment}
    for a, b in combinations([s for s in segments if len(s) == 2], 2):
        hulls = [homogeneous(s) for s in (a, b)]
        for ends in ([hulls[0], hulls[1]],):
            found = common_point(ends)
            if found is not None:
                nodes.add(tuple(Fraction(v, found[0]) for v in found[1:]))
    # A single crossing point is found by the program; overlaps are cut at the ends of segments.
    edges = set()
    for segment in segments:
        on = sorted(p for p in nodes if common_point([homogeneous(segment), homogeneous([p])]))
        edges |= set(pairwise(on))
    euler = len(nodes) - len(edges)
    betti = rt.layer_images(region)[2].betti
    assert betti[0] - betti[1] == euler
    assert betti[0] == 1  # the image of a segment


# -- the parts


def test_linear_programs_against_scipy():
    from scipy.optimize import linprog

    rng = np.random.default_rng(0)
    answers = []
    for _ in range(300):
        rows, columns = rng.integers(1, 5), rng.integers(2, 8)
        A = rng.integers(-2, 3, (rows, columns))
        gains = rng.integers(0, 2, columns)
        found = nonnegative_solution(A.astype(object), gains.tolist())
        bounded = linprog(-gains, A_eq=A, b_eq=np.zeros(rows), bounds=(0, 1))
        assert (found is not None) == (-bounded.fun > 1e-7)
        answers.append(found is not None)
        if found is not None:
            x = np.array(found, dtype=object)
            assert (A.astype(object) @ x == 0).all()
            assert min(found) >= 0
            assert gains @ x > 0
    assert 50 < sum(answers) < 250


def test_points_in_common():
    square = homogeneous([[Fraction(x), Fraction(y)] for x in (0, 1) for y in (0, 1)])
    triangle = homogeneous(
        [[Fraction(1, 2), Fraction(1)], [Fraction(0), Fraction(2)], [Fraction(1), Fraction(2)]]
    )
    point = common_point([square, triangle])
    assert [Fraction(v, point[0]) for v in point[1:]] == [Fraction(1, 2), 1]
    above = homogeneous(
        [[Fraction(1, 2), Fraction(1) + Fraction(1, 10**40)], [Fraction(0), Fraction(2)]]
    )
    assert common_point([square, above]) is None


def test_ranks_modulo_a_prime():
    rng = np.random.default_rng(1)
    points = np.column_stack([rng.integers(1, 9, 60), rng.integers(-3, 4, (60, 5))]).astype(object)
    sets = [rng.choice(60, size=int(k), replace=False) for k in rng.integers(1, 8, 50)]
    assert affine_ranks(points, sets).tolist() == [affine_rank(points[own]) for own in sets]
    big = np.array([[1, 0], [1, next(primes())]], dtype=object)  # equal modulo the prime
    assert affine_ranks(big, [np.array([0, 1])]).tolist() == [0]
    assert affine_rank(big) == 1


def test_unions_from_witnesses():
    circle = [0b011, 0b110, 0b101]
    assert betti_of_union(circle, 1, 2).tolist() == [1, 1]
    assert betti_of_union([*circle, 0b111], 1, 2).tolist() == [1, 0]
    assert betti_of_union([0b0011, 0b1100], 1, 2).tolist() == [2, 0]


def test_what_is_refused():
    cx = rt.decompose(random_network([2, 4, 3, 1], 1), rt.Box(-1, 1))
    region = everything(cx)
    with pytest.raises(ValueError, match="empty"):
        rt.layer_images(cx.subcomplex([]))
    with pytest.raises(ValueError, match="unbounded"):
        rt.layer_images(everything(rt.decompose(random_network([2, 4, 1], 1))))
    with pytest.raises(ValueError, match="`layers`"):
        rt.layer_images(region, layers=[3])
    with pytest.raises(ValueError, match="`field`"):
        rt.layer_images(region, field=4)
    with pytest.raises(rt.CellLimitError, match="`max_pieces`"):
        rt.layer_images(region, max_pieces=1)
    with pytest.raises(rt.StoppedError):
        rt.layer_images(everything(rt.decompose(rolled(2), rt.Box(0, 3))), max_seconds=1e-9)
