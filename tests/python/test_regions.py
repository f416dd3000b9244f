"""Homology of regions and subcomplexes: known shapes, several fields, independent methods."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

import relutope as rt
from small_networks import absolute, random_network, small_integer_network

# relu of +-coordinates, then of +-(|x| + |y| - 1): a circle of radius 1 that can be thickened.
DIAMOND = (np.array([[1, 1, 1, 1, 0, 0], [-1, -1, -1, -1, 0, 0]]), np.array([-1, 1]))
# | |x| + |y| - 1 | + |z|: a torus for small values, |z| carried by two more neurons
TORUS = [
    (np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]]), np.zeros(6)),
    (
        np.vstack([DIAMOND[0], [[0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 1]]]),
        np.concatenate([DIAMOND[1], [0, 0]]),
    ),
    (np.ones((1, 4)), np.zeros(1)),
]
# ||x| - 1| + |y|: two centres
TWO_CENTRES = [
    (np.array([[1, 0], [-1, 0], [0, 1], [0, -1]]), np.zeros(4)),
    (np.array([[1, 1, 0, 0], [-1, -1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]), np.array([-1, 1, 0, 0])),
    (np.ones((1, 4)), np.zeros(1)),
]
# name: (layers, domain, level, {set: Betti numbers})
SHAPES = {
    "solid torus": (
        TORUS,
        rt.Box(-2, 2),
        0.5,
        {"sublevel": [1, 1, 0, 0], "level": [1, 2, 1, 0], "superlevel": [1, 1, 1, 0]},
    ),
    "solid torus in space": (TORUS, None, 0.5, {"sublevel": [1, 1, 0, 0], "level": [1, 2, 1, 0]}),
    "two discs": (
        TWO_CENTRES,
        rt.Box(-3, 3),
        0.5,
        {"sublevel": [2, 0, 0], "level": [2, 2, 0], "superlevel": [1, 2, 0]},
    ),
    "sphere": (absolute(3), rt.Box(-1, 1), 0.5, {"level": [1, 0, 1, 0]}),
}


def rank(matrix, p):
    """Rank over GF(p), by elimination."""
    a = np.array(matrix) % p
    found = 0
    for column in range(a.shape[1]):
        pivots = np.flatnonzero(a[found:, column]) + found
        if len(pivots) == 0:
            continue
        a[[found, pivots[0]]] = a[[pivots[0], found]]
        a[found] = a[found] * pow(int(a[found, column]), -1, p) % p
        rows = np.flatnonzero(a[:, column])
        rows = rows[rows != found]
        a[rows] = (a[rows] - np.outer(a[rows, column], a[found])) % p
        found += 1
        if found == len(a):
            break
    return found


def betti_by_rank(part, p):
    """Betti numbers of the faces of `part` from the ranks of the boundary matrices."""
    cx = part.complex
    faces = [part.faces(k) for k in range(cx.dim + 1)]
    ranks = [0]
    for k in range(1, cx.dim + 1):
        matrix = cx.boundary_matrix(k).astype(np.int64).toarray()[np.ix_(faces[k - 1], faces[k])]
        ranks.append(rank(matrix, p) if matrix.size else 0)
    ranks.append(0)
    return [len(f) - ranks[k] - ranks[k + 1] for k, f in enumerate(faces)]


@pytest.mark.parametrize("name", SHAPES)
def test_known_shapes(name):
    layers, domain, level, expected = SHAPES[name]
    complex = rt.decompose(layers, domain)
    for of, numbers in expected.items():
        assert rt.betti(complex, of, level).tolist() == numbers
        assert rt.region(complex, of, level).betti().tolist() == numbers
        assert rt.betti(complex, of, level, field=3).tolist() == numbers


@pytest.fixture(scope="module", params=range(8))
def random_part(request):
    """Some cells of a small complex in a box: a set without known shape."""
    seed = request.param
    make = (random_network, small_integer_network)[seed % 2]
    widths = ([2, 7, 5, 1], [3, 5, 4, 1])[seed // 2 % 2]
    complex = rt.decompose(make(widths, seed), rt.Box(-2, 2))
    chosen = np.random.default_rng(seed).random(complex.n_cells) < (0.5, 0.25)[seed // 4]
    return complex.subcomplex(cells=chosen)


@pytest.mark.parametrize("p", [2, 3, 7])
def test_three_ways_to_betti_numbers_agree(random_part, p):
    pytest.importorskip("gudhi")
    expected = betti_by_rank(random_part, p)
    assert random_part.betti(field=p).tolist() == expected
    assert random_part.betti(field=p, method="simplices").tolist() == expected
    assert rt.betti(random_part, field=p).tolist() == expected


def test_euler_characteristic_is_the_alternating_sum_of_betti_numbers(random_part):
    signs = (-1) ** np.arange(random_part.complex.dim + 1)
    for part in (random_part, random_part.boundary(), random_part.boundary(with_domain=True)):
        assert part.euler_characteristic == signs @ part.betti()


@pytest.mark.parametrize("p", [2, 5])
def test_relative_homology_by_two_methods_and_the_long_exact_sequence(random_part, p):
    pytest.importorskip("gudhi")
    frontier = random_part.boundary(with_domain=True)
    numbers = random_part.betti(field=p, relative_to=frontier)
    simplices = random_part.betti(field=p, relative_to=frontier, method="simplices")
    assert numbers.tolist() == simplices.tolist()
    signs = (-1) ** np.arange(len(numbers))
    chi = random_part.euler_characteristic - frontier.euler_characteristic
    assert signs @ numbers == chi
    # Lefschetz duality for the domain's interior: H_n(set, frontier) counts its closed pieces,
    # which are those of the cells joined through facets.
    assert numbers[-1] == pieces_through_facets(random_part)


def pieces_through_facets(part):
    root = {int(c): int(c) for c in part.cells}

    def find(c):
        while root[c] != c:
            c = root[c]
        return c

    for i, j in part.complex.adjacency.tolist():
        if i in root and j in root:
            root[find(i)] = find(j)
    return len({find(c) for c in root})


def test_relative_to_nothing_and_to_itself(random_part):
    nothing = random_part.complex.subcomplex()
    assert random_part.betti(relative_to=nothing).tolist() == random_part.betti().tolist()
    assert not random_part.betti(relative_to=random_part).any()
    with pytest.raises(ValueError, match="`relative_to` is not a part of the set"):
        nothing.betti(relative_to=random_part)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_box_modulo_its_boundary_is_a_sphere(n):
    whole = rt.region(rt.decompose(random_network([n, 5, 1], 0), rt.Box(-1, 1)), "all")
    found = whole.betti(relative_to=whole.boundary(with_domain=True))
    assert found.tolist() == [0] * n + [1]


PROJECTIVE_PLANE = [
    (0, 1, 2), (0, 2, 3), (0, 3, 4), (0, 4, 5), (0, 1, 5),
    (1, 2, 4), (2, 3, 5), (1, 3, 4), (2, 4, 5), (1, 3, 5),
]  # fmt: skip


@pytest.mark.parametrize("method", ["faces", "simplices"])
def test_the_field_matters_for_the_projective_plane(method):
    """Six vertices of a simplex in R^5 and ten of its triangles."""
    pytest.importorskip("gudhi")
    simplex = rt.Polytope(np.vstack([-np.eye(5), np.ones(5)]), [0, 0, 0, 0, 0, 1])
    complex = rt.decompose([(np.ones((1, 5)), [1.0]), ([[1.0]], [0.0])], simplex)
    triangles = [tuple(row.tolist()) for row in complex.faces(2).vertices]
    plane = complex.subcomplex(faces={2: [triangles.index(t) for t in PROJECTIVE_PLANE]})
    assert plane.f_vector.tolist() == [6, 15, 10, 0, 0, 0]
    assert plane.betti(method=method).tolist() == [1, 1, 1, 0, 0, 0]
    for p in (3, 5):
        assert plane.betti(field=p, method=method).tolist() == [1, 0, 0, 0, 0, 0]


# -- one-point compactification


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_space_with_a_point_at_infinity_is_a_sphere(n):
    complex = rt.decompose(random_network([n, 5, 1], 0))
    assert rt.betti(complex, compactify=True).tolist() == [1] + [0] * (n - 1) + [1]


def test_lines_do_not_change_that():
    """The complex is a line times a plane of lines; one without any cut is R^2 itself."""
    strips = rt.decompose([([[1, 1, 0], [2, 2, 0]], [0, 1]), ([[1, 1]], [0])])
    assert strips.lineality_dim == 2
    assert rt.betti(strips, compactify=True).tolist() == [1, 0, 0, 1]
    walls = strips.subcomplex(faces={2: [0, 1]})
    assert walls.betti().tolist() == [2, 0, 0, 0]
    assert walls.betti(compactify=True).tolist() == [1, 0, 2, 0]
    uncut = rt.decompose([([[0, 0]], [1]), ([[1]], [0])])
    assert rt.betti(uncut, compactify=True).tolist() == [1, 0, 1]


def test_compactified_sets_in_the_plane():
    """Outside the diamond, with infinity, is a disc; its boundary is a circle and a point."""
    complex = rt.decompose(absolute(2))
    numbers = {of: rt.betti(complex, of, 0.5, compactify=True) for of in ("superlevel", "level")}
    assert numbers["superlevel"].tolist() == [1, 0, 0]
    assert numbers["level"].tolist() == [2, 1, 0]
    assert rt.betti(complex, "sublevel", 0.5, compactify=True).tolist() == [2, 0, 0]


def test_an_open_saddle_closes_at_infinity():
    """|x| - |y| = 1: two bent lines, which meet at infinity."""
    complex = rt.decompose(absolute(2, last=np.array([[1.0, -1.0, 1.0, -1.0]])))
    assert rt.betti(complex, "level", 1.0).tolist() == [2, 0, 0]
    assert rt.betti(complex, "level", 1.0, compactify=True).tolist() == [1, 2, 0]


@pytest.mark.parametrize("widths", [[1, 6, 5, 1], [2, 7, 5, 1], [3, 5, 4, 1]])
@pytest.mark.parametrize("make", [random_network, small_integer_network])
def test_euler_characteristics_of_unbounded_regions(make, widths):
    """The f-vector of a region of R^n gives that of its one-point compactification."""
    signs = (-1) ** np.arange(widths[0] + 1)
    for seed in range(3):
        complex = rt.decompose(make(widths, seed))
        for of in ("all", "bounded", "superlevel", "sublevel", "level"):
            part = rt.region(complex, of)
            assert part.euler_characteristic + 1 == signs @ part.betti(compactify=True)
            assert part.betti().tolist() == rt.betti(complex, of).tolist()


# -- classes


def classes_of(complex):
    return [rt.region(complex, "class", label=k) for k in range(complex.network.output_dim)]


def test_three_sectors_of_the_plane():
    """The largest of x, y and 0: three convex sectors around the origin."""
    layers = [
        ([[1, 0], [-1, 0], [0, 1], [0, -1]], [0] * 4),
        ([[1, -1, 0, 0], [0, 0, 1, -1], [0] * 4], [0] * 3),
    ]
    complex = rt.decompose(layers)
    regions = classes_of(complex)
    assert [r.betti().tolist() for r in regions] == [[1, 0, 0]] * 3
    everywhere = regions[0] & regions[1] & regions[2]
    assert everywhere.f_vector.tolist() == [1, 0, 0]
    boundary = rt.region(complex, "class boundary")
    assert boundary.betti(compactify=True).tolist() == [1, 2, 0]  # three rays: a theta graph
    assert len(boundary.cells) == 0


def test_a_class_around_another():
    """1/2 against |x| + |y|, and a third output that never wins."""
    W, b = absolute(2)[0]
    last = (np.array([[0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]]), np.array([0.5, 0, -1.0]))
    complex = rt.decompose([(W, b), last], rt.Box(-1, 1))
    found = [r.betti().tolist() for r in classes_of(complex)]
    assert found == [[1, 0, 0], [1, 1, 0], [0, 0, 0]]
    for label in (0, 1, None):
        boundary = rt.betti(complex, "class boundary", label=label)
        assert boundary.tolist() == [1, 1, 0]
    assert not rt.betti(complex, "class boundary", label=2).any()


def test_ties_on_whole_cells_belong_to_both_classes():
    """relu(x) against relu(x) and relu(-x): the first two are equal everywhere."""
    layers = [([[1.0], [-1.0]], [0, 0]), ([[1, 0], [1, 0], [0, 1]], [0, 0, 0])]
    complex = rt.decompose(layers, rt.Box(-1, 1))
    a, b, c = classes_of(complex)
    assert a.f_vector.tolist() == b.f_vector.tolist() == [2, 1]
    assert rt.region(complex, "class boundary", label=0).f_vector.tolist() == [2, 1]
    assert rt.region(complex, "class boundary", label=2).f_vector.tolist() == [1, 0]
    assert c.betti().tolist() == [1, 0]


@pytest.mark.parametrize("domain", [rt.Box(-2, 2), None], ids=["box", "space"])
@pytest.mark.parametrize("make", [random_network, small_integer_network])
def test_two_classes_are_the_two_sides_of_the_difference(make, domain):
    """Small integers, or eighths, so that the difference of the rows is exact."""
    for seed in range(3):
        layers = make([2, 7, 5, 2], seed)
        layers[-1] = tuple(np.round(8 * a) / 8 for a in layers[-1])
        W, b = layers[-1]
        difference = [*layers[:-1], (W[1:] - W[:1], b[1:] - b[:1])]
        two, one = rt.decompose(layers, domain), rt.decompose(difference, domain)
        for kind in (False, True):
            found = [rt.betti(two, "class", label=k, compactify=kind).tolist() for k in (0, 1)]
            sides = [
                rt.betti(one, of, compactify=kind).tolist() for of in ("sublevel", "superlevel")
            ]
            assert found == sides
            level = rt.betti(one, "level", compactify=kind).tolist()
            for label in (0, 1, None):
                boundary = rt.betti(two, "class boundary", label=label, compactify=kind)
                assert boundary.tolist() == level


@pytest.mark.parametrize("widths", [[2, 8, 6, 4], [3, 6, 5, 3]])
@pytest.mark.parametrize("make", [random_network, small_integer_network])
def test_classes_cover_the_domain(make, widths):
    """Inclusion and exclusion: over all sets of classes the Euler characteristics add up to 1."""
    for seed in range(3):
        complex = rt.decompose(make(widths, seed), rt.Box(-2, 2))
        regions = classes_of(complex)
        total = 0
        signs = (-1) ** np.arange(complex.dim + 1)
        for size in range(1, len(regions) + 1):
            for some in combinations(regions, size):
                common = some[0]
                for other in some[1:]:
                    common = common & other
                total -= (-1) ** size * int(signs @ common.betti())
        assert total == 1
        union = regions[0]
        for other in regions[1:]:
            union = union | other
        assert len(union.cells) == union.complex.n_cells


@pytest.mark.parametrize("make", [random_network, small_integer_network])
def test_classes_are_where_the_output_is_largest(make):
    """At interior points of the refined cells, in floating point; ties are left aside."""
    complex = rt.decompose(make([2, 8, 6, 4], 5), rt.Box(-2, 2))
    regions = classes_of(complex)
    refined = regions[0].complex
    outputs = complex.network.forward(refined.interior_points)
    ordered = np.sort(outputs, axis=1)
    clear = np.flatnonzero(ordered[:, -1] - ordered[:, -2] > 1e-9)
    assert len(clear) > 20
    for k, part in enumerate(regions):
        winners = clear[outputs[clear].argmax(axis=1) == k]
        assert sorted(set(part.cells.tolist()) & set(clear.tolist())) == winners.tolist()


def test_all_classes_are_parts_of_one_complex():
    complex = rt.decompose(random_network([2, 5, 3], 0), rt.Box(-1, 1))
    parts = [*classes_of(complex), rt.region(complex, "class boundary")]
    assert len({id(part.complex) for part in parts}) == 1


# -- cycles


@pytest.mark.parametrize("p", [2, 3])
def test_cycles_are_a_basis_of_the_homology(random_part, p):
    complex, numbers = random_part.complex, random_part.betti(field=p)
    for k in range(complex.dim + 1):
        cycles = random_part.cycles(k, field=p)
        assert len(cycles) == numbers[k]
        own = random_part.faces(k)
        chains = np.zeros((complex.f_vector[k], len(cycles)), dtype=np.int64)
        for i, cycle in enumerate(cycles):
            assert set(cycle.faces.tolist()) <= set(own.tolist())
            assert cycle.coefficients.min() > 0 and cycle.coefficients.max() < p  # noqa: PT018
            chains[cycle.faces, i] = cycle.coefficients
        if k:
            assert not (complex.boundary_matrix(k).astype(np.int64) @ chains % p).any()
        bounding = np.zeros((complex.f_vector[k], 0), dtype=np.int64)
        if k < complex.dim:
            above = random_part.faces(k + 1)
            bounding = complex.boundary_matrix(k + 1).astype(np.int64).toarray()[:, above]
        together = rank(np.hstack([bounding, chains]), p)
        assert together == rank(bounding, p) + len(cycles)


# -- what is refused


def test_sets_that_do_not_fit_are_refused():
    one = rt.decompose(random_network([2, 3, 1], 0), rt.Box(-1, 1))
    two = rt.decompose(random_network([2, 3, 2], 0), rt.Box(-1, 1))
    for call, message in (
        (lambda: rt.region(one, "class", label=0), "`of` is 'class', which needs several outputs"),
        (lambda: rt.region(two, "class"), "`of` is 'class', which needs a `label`"),
        (
            lambda: rt.region(two, "class", label=2),
            "`label` is 2; the network's outputs are 0 to 1",
        ),
        (lambda: rt.region(two, "class", label=0.5), "`label` is 0.5"),
        (lambda: rt.region(two, "all", label=0), "`label` is 0, but `of` is 'all'"),
        (lambda: rt.region(two, "level"), "`of` is 'level', which needs one output"),
        (lambda: rt.region(one, "level", np.inf), "`level` is inf"),
        (lambda: rt.betti(one, field=4), "`field` is 4; give a prime"),
        (lambda: rt.betti(one, field=1), "`field` is 1; give a prime"),
        (lambda: rt.betti(one, method="cubes"), "`method` is 'cubes'; use one of faces, simplices"),
        (lambda: rt.betti(one.subcomplex([0]), "level"), "`complex` is a set of faces already"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
