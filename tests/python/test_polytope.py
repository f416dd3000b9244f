"""Decomposition over general polyhedra, exact points, and rays."""

from fractions import Fraction

import numpy as np
import pytest

import relutope as rt

RNG = np.random.default_rng(5)
DEEP = [
    (RNG.normal(size=(7, 3)), RNG.normal(size=7) * 0.3),
    (RNG.normal(size=(5, 7)), RNG.normal(size=5) * 0.3),
    (RNG.normal(size=(1, 5)), [0.1]),
]
QUADRANTS = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])]
CUBE = (np.vstack([np.eye(3), -np.eye(3)]), np.ones(6))


def test_cube_by_inequalities_is_the_box():
    box = rt.decompose(DEEP, rt.Box(-1, 1))
    cube = rt.decompose(DEEP, rt.Polytope(*CUBE))
    assert np.array_equal(box.patterns, cube.patterns)
    assert np.array_equal(box.adjacency, cube.adjacency)
    assert box.f_vector.tolist() == cube.f_vector.tolist()
    assert sorted(map(tuple, box.vertices)) == sorted(map(tuple, cube.vertices))


def test_redundant_rows_change_nothing():
    A = np.vstack([CUBE[0], [[1, 1, 1], [1, 0, 0], [2, 0, 0]]])  # touching a corner, a side, twice
    cube = rt.decompose(DEEP, rt.Polytope(*CUBE))
    same = rt.decompose(DEEP, rt.Polytope(A, np.concatenate([CUBE[1], [3.0, 1.0, 2.0]])))
    assert np.array_equal(cube.adjacency, same.adjacency)
    assert cube.f_vector.tolist() == same.f_vector.tolist()
    same.validate()


def test_simplex_volume():
    simplex = rt.Polytope([[-1, 0, 0], [0, -1, 0], [0, 0, -1], [1, 1, 1]], [0, 0, 0, 1])
    cx = rt.decompose(DEEP, simplex)
    cx.validate()
    assert cx.cell_volumes.sum() == pytest.approx(1 / 6, rel=1e-12)
    assert cx.interior_certified.all()
    assert simplex.contains_strictly(cx.interior_points).all()


def test_half_space_keeps_part_of_the_whole():
    whole = rt.decompose(DEEP)
    half = rt.decompose(DEEP, rt.Polytope([[1, 0, 0]], [0.25]))
    half.validate()
    points = RNG.normal(size=(500, 3)) * 2
    inside = points[:, 0] <= 0.25
    assert (half.locate(points)[~inside] == -1).all()
    ours = half.patterns[half.locate(points[inside])]
    assert np.array_equal(ours, whole.patterns[whole.locate(points[inside])])


def test_slab_with_lines_in_it():
    cx = rt.decompose(
        [([[1.0, 0.0]], [0.0]), ([[1.0]], [0.0])], rt.Polytope([[1, 0], [-1, 0]], [1, 1])
    )
    assert cx.lineality_dim == 1
    assert cx.f_vector.tolist() == [0, 3, 2]
    cx.validate()


@pytest.mark.parametrize(
    ("A", "b"),
    [
        ([[1, 0], [-1, 0]], [0, -1]),  # empty
        ([[1, 0], [-1, 0]], [0, 0]),  # a line
        ([[1, 1], [-1, 0], [0, -1]], [0, 0, 0]),  # a point
        ([[0, 0]], [-1]),  # 0 <= -1
    ],
)
def test_domains_without_interior_are_refused(A, b):
    with pytest.raises(rt.InvalidDomainError, match=r"`domain`.*no interior"):
        rt.decompose(QUADRANTS, rt.Polytope(A, b))


def test_rows_that_always_hold():
    cx = rt.decompose(QUADRANTS, rt.Polytope([[0, 0], [0, 0], [1, 0]], [0, 2, 1]))
    cx.validate()
    assert (cx.n_cells, cx.f_vector.tolist()) == (4, [2, 6, 4])


def test_rows_without_weights_bound_nothing():
    half = rt.Polytope([[-1, 2, 1], [0, 0, 0], [0, 0, 0]], [3, 0, 1])
    cx = rt.decompose(DEEP, half)
    assert cx.n_cells == rt.decompose(DEEP, rt.Polytope([[-1, 2, 1]], [3])).n_cells
    assert cx.interior_certified.all()
    assert half.contains_strictly(cx.interior_points).all()
    assert cx.exact_interior_point(0)
    assert half.contains_strictly([[3, 3, 0], [0, 0, 0]]).tolist() == [False, True]


def test_thin_domain_is_not_empty():
    tiny = 2.0**-1060
    cx = rt.decompose(
        QUADRANTS, rt.Polytope([[1, 0], [-1, 0], [0, 1], [0, -1]], [tiny, tiny, 1, 1])
    )
    assert cx.n_cells == 4


@pytest.mark.parametrize(
    ("A", "b", "message"),
    [
        ([1, 2], [1], "`A` must have shape"),
        ([[1, 2]], [1, 2], "`b` must have shape"),
        ([[1, np.nan]], [1], "must be finite"),
        ([[1, 2]], [np.inf], "must be finite"),
        ([["x"]], [1], "must be arrays of numbers"),
    ],
)
def test_bad_inequalities(A, b, message):
    with pytest.raises(rt.InvalidDomainError, match=message):
        rt.Polytope(A, b)


def test_wrong_dimension():
    with pytest.raises(rt.InvalidDomainError, match="3 axes, but the network has 2"):
        rt.decompose(QUADRANTS, rt.Polytope(*CUBE))


def test_saved_with_its_domain(tmp_path):
    cx = rt.decompose(DEEP, rt.Polytope(*CUBE))
    cx.save(tmp_path / "cube.npz")
    again = rt.load(tmp_path / "cube.npz")
    assert again.domain == cx.domain
    assert np.array_equal(again.vertices, cx.vertices)


def test_quadrant_has_two_rays():
    cx = rt.decompose(QUADRANTS)
    assert cx.cell(3).rays.tolist() == [[0.0, 1.0], [1.0, 0.0]]
    assert cx.cell(0).rays.tolist() == [[-1.0, -0.0], [-0.0, -1.0]]
    assert not cx.bounded.any()


def test_rays_leave_along_every_halfspace():
    cx = rt.decompose(DEEP)
    for i in range(0, cx.n_cells, 7):
        cell = cx.cell(i)
        assert (len(cell.rays) == 0) == cell.bounded
        if not cell.bounded:
            assert (cell.rays @ cell.A.T <= 1e-9).all()
            assert len(cell.rays) >= 1


def test_exact_vertices_round_to_the_vertices():
    cx = rt.decompose(DEEP, rt.Box(-1, 1))
    exact = cx.exact_vertices
    assert [[float(x) for x in v] for v in exact] == cx.vertices.tolist()
    errors = [
        [abs(Fraction(y) - x) for x, y in zip(v, w, strict=True)]
        for v, w in zip(exact, cx.vertices.tolist(), strict=True)
    ]
    bound = cx.vertex_radius
    assert all(Fraction(bound[i, k]) >= errors[i][k] for i in range(len(exact)) for k in range(3))


def test_a_third_is_exactly_a_third():
    cx = rt.decompose([([[3.0]], [-1.0]), ([[1.0]], [0.0])], rt.Box(0, 1))
    assert sorted(v[0] for v in cx.exact_vertices) == [0, Fraction(1, 3), 1]


def test_cell_without_a_double_inside_has_an_exact_point():
    one = np.nextafter(1.0, 2.0)
    net = [([[1.0], [1.0]], [-1.0, -one]), ([[1.0, 1.0]], [0.0])]
    cx = rt.decompose(net, rt.Box(0, 2))
    assert cx.n_cells == 3
    assert cx.interior_certified.tolist() == [True, False, True]
    point = cx.exact_interior_point(1)[0]
    assert 1 < point < Fraction(one)
