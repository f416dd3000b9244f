"""Distances between cut and decision boundary, where they are known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

import relutope as rt
from relutope.decisions.boundary_distance import boundary_facets, cut_distance
from small_networks import absolute, random_network, ridge


def slab(n, at):
    """Cells x_0 < 0 and x_0 > 0 of [-1, 1]^n; zero at x_0 = `at`."""
    first = np.zeros((1, n))
    first[0, 0] = 1.0
    network = [(np.vstack([first, -first]), np.zeros(2)), ([[1.0, -1.0]], [-at])]
    return rt.decompose(network, rt.Box([-1] * n, [1] * n), threads=1)


@pytest.mark.parametrize("n", [1, 2])
def test_parallel_cut_and_boundary(n):
    found = cut_distance(slab(n, 0.25), [True, False])
    for value in (found.cut_to_boundary, found.boundary_to_cut, found.hausdorff):
        assert value == pytest.approx(0.25, rel=1e-12)
    assert found.cut_measure == found.boundary_measure == 2.0 ** (n - 1)
    assert (found.n_cut_facets, found.n_boundary_facets) == (1, 1)


@pytest.mark.parametrize("n", [3, 4, 5, 7])
def test_parallel_cut_and_boundary_by_samples(n):
    """Distances to samples are too large, by not more than the resolution squared suggests."""
    found = cut_distance(slab(n, 0.25), [True, False], samples=1000)
    for value in (found.cut_to_boundary, found.boundary_to_cut):
        assert 0.25 <= value <= np.hypot(0.25, 2 * found.resolution)
    assert found.cut_measure == pytest.approx(2.0 ** (n - 1), rel=1e-12)
    assert found.boundary_measure == pytest.approx(2.0 ** (n - 1), rel=1e-12)
    finer = cut_distance(slab(n, 0.25), [True, False], samples=4000)
    assert finer.resolution < found.resolution
    assert finer.cut_to_boundary < found.cut_to_boundary


def test_two_points_on_a_line():
    """|x| - 1: zero at -1 and 1; cut at 0."""
    cx = rt.decompose(absolute(1, bias=-1.0), rt.Box(-2, 3), threads=1)
    found = cut_distance(cx, [True, False])
    assert (found.cut_to_boundary, found.boundary_to_cut) == (1.0, 1.0)
    assert (found.cut_measure, found.boundary_measure) == (1.0, 2.0)
    assert found.resolution == 0.0
    shifted = [([[1.0], [1.0]], [0.0, -2.0]), ([[1.0, -1.0]], [-0.5])]  # zero at 0.5
    cx = rt.decompose(shifted, rt.Box(-1, 3), threads=1)
    found = cut_distance(cx, [0, 1, 2])
    assert found.cut_to_boundary == 1.0  # of the points 0 and 2
    assert (found.cut_to_boundary_max, found.boundary_to_cut) == (1.5, 0.5)


def test_crossing_lines():
    """Cut {y = 0}, boundary {x = 0} in [-1, 1]^2: distance |x|, mean 1/2, most 1."""
    network = [(np.array([[0.0, 1], [1, 0]]), [0.0, 5.0]), ([[0.0, 1.0]], [-5.0])]
    cx = rt.decompose(network, rt.Box(-1, 1), threads=1)
    found = cut_distance(cx, cx.interior_points[:, 1] > 0, samples=500)
    for mean in (found.cut_to_boundary, found.boundary_to_cut):
        assert abs(mean - 0.5) <= found.resolution / 2
    assert found.hausdorff == 1.0
    assert found.resolution == pytest.approx(2 / 500 / 2)


def test_diagonal_against_an_axis():
    """Boundary y = x, cut x = 0: from the cut |y| / sqrt(2), back |x| = s / sqrt(2)."""
    network = [(np.array([[1.0, 0], [0, 1], [0, 0]]), [0.0, 9, 1]), ([[1.0, -1, 0]], [9.0])]
    cx = rt.decompose([network[0], ([[1.0, -1.0, 0.0]], [9.0])], rt.Box(-1, 1), threads=1)
    # f = relu(x) - y: zero on y = relu(x)
    found = cut_distance(cx, cx.interior_points[:, 0] > 0, samples=4000)
    left = 0.5  # y = 0, x < 0: distance |x|, mean 1/2, length 1
    right = 0.5  # y = x, x > 0: distance x, mean 1/2, length sqrt(2)
    expected = (left + np.sqrt(2) * right) / (1 + np.sqrt(2))
    assert found.boundary_to_cut == pytest.approx(expected, abs=found.resolution / 2)
    assert found.boundary_measure == pytest.approx(1 + np.sqrt(2), rel=1e-12)
    # From (0, y): y / sqrt(2) above, |y| below.
    assert found.cut_to_boundary == pytest.approx(
        (1 / np.sqrt(2) + 1) / 4, abs=found.resolution / 2
    )
    assert found.cut_to_boundary_max == pytest.approx(1.0, abs=found.resolution)


def test_cut_on_the_boundary_has_distance_zero():
    """Zero on the diamond |x| + |y| = 1, which is a union of facets."""
    cx = rt.decompose(ridge(), rt.Box(-2, 2), threads=1)
    inside = np.abs(cx.interior_points).sum(axis=1) < 1
    found = cut_distance(cx, inside)
    assert found.hausdorff == pytest.approx(0, abs=1e-15)
    assert found.cut_measure == pytest.approx(4 * np.sqrt(2), rel=1e-12)
    assert found.boundary_measure == pytest.approx(4 * np.sqrt(2), rel=1e-12)


def test_in_three_dimensions_zero_is_the_resolution():
    """The octahedron |x| + |y| + |z| = 1 against itself."""
    first = absolute(3)[0]
    second = (np.ones((1, 6)), np.array([-1.0]))
    cx = rt.decompose([first, second, ([[1.0]], [0.0])], rt.Box(-2, 2), threads=1)
    inside = np.abs(cx.interior_points).sum(axis=1) < 1
    # f = relu(|x| + ... - 1) is 0 inside as a whole: the boundary is the octahedron, and the walls
    # between the eight cells inside are none of it.
    found = cut_distance(cx, inside)
    assert found.boundary_measure == pytest.approx(4 * np.sqrt(3), rel=1e-12)
    assert (found.n_cut_facets, found.n_boundary_facets) == (8, 8)
    assert found.cut_to_boundary == pytest.approx(found.resolution, rel=0.1)
    assert found.resolution < 0.03


def test_sphere_like_boundary_in_three_dimensions():
    """Cut: the plane x = 0; boundary: the octahedron of radius 1."""
    cx = rt.decompose(absolute(3, bias=-1.0), rt.Box(-2, 2), threads=1)
    found = cut_distance(cx, cx.interior_points[:, 0] > 0, samples=4000)
    # By symmetry the mean of x over the triangle x + y + z = 1 is 1/3.
    assert found.boundary_to_cut == pytest.approx(1 / 3, abs=0.01)
    assert found.boundary_to_cut_max == pytest.approx(1, abs=0.05)
    # From (0, 2, 2): to x + y + z = 1 along (0, 1, 1) the nearest point is (0, 1/2, 1/2).
    assert found.cut_to_boundary_max == pytest.approx(1.5 * np.sqrt(2), abs=0.1)


def brute(points, segments):
    """Distance of points to segments, by a fine subdivision."""
    t = np.linspace(0, 1, 2001)[:, None]
    lines = [(1 - t) * a + t * b for a, b in segments]
    cloud = np.concatenate(lines)
    return np.array([np.sqrt(((cloud - p) ** 2).sum(axis=1).min()) for p in points])


@pytest.mark.parametrize("seed", [1, 2, 4])
def test_plane_against_a_dense_sampling(seed):
    from relutope.plotting.polygons import facet_segments, level_segments

    cx = rt.decompose(random_network([2, 8, 5, 1], seed), rt.Box(-2, 2), threads=1)
    part = rt.fiedler(cx).partition
    i, j = cx.adjacency.T
    cut, level = facet_segments(cx)[part[i] != part[j]], level_segments(cx)
    assert len(cut)
    assert len(level)
    found = cut_distance(cx, part)
    for start, to, mean, most in (
        (cut, level, found.cut_to_boundary, found.cut_to_boundary_max),
        (level, cut, found.boundary_to_cut, found.boundary_to_cut_max),
    ):
        length = np.linalg.norm(start[:, 1] - start[:, 0], axis=1)
        t = (np.arange(25) + 0.5)[:, None] / 25
        points = [(1 - t) * a + t * b for a, b in start]
        distance = [brute(p, to) for p in points]
        expected = np.average([d.mean() for d in distance], weights=length)
        assert mean == pytest.approx(expected, abs=0.01)
        assert most >= max(d.max() for d in distance) - 0.01
    assert found.boundary_measure == pytest.approx(
        np.linalg.norm(level[:, 1] - level[:, 0], axis=1).sum(), rel=1e-9
    )


def test_samples_agree_with_segments_when_a_dimension_is_added():
    """In [-1, 1]^2 x [-5, 5] with nothing changing along z, distances are those of the plane."""
    plane = random_network([2, 6, 1], 3)
    deep = [(np.column_stack([plane[0][0], np.zeros(6)]), plane[0][1]), plane[1]]
    flat = rt.decompose(plane, rt.Box(-1, 1), threads=1)
    tall = rt.decompose(deep, rt.Box([-1, -1, -5], [1, 1, 5]), threads=1)
    one = cut_distance(flat, flat.patterns[:, 0], samples=4000)
    other = cut_distance(tall, tall.patterns[:, 0], samples=4000)
    assert other.boundary_measure == pytest.approx(10 * one.boundary_measure, rel=1e-9)
    assert other.cut_measure == pytest.approx(10 * one.cut_measure, rel=1e-9)
    for field in ("cut_to_boundary", "boundary_to_cut"):
        assert getattr(other, field) == pytest.approx(getattr(one, field), abs=0.05)


def test_several_outputs_take_the_class_boundary():
    """x, -x and 0.5: classes change at -1/2 and 1/2; the cell is cut at 0."""
    net = rt.Network([([[1.0]], [0.0]), ([[1.0], [-1.0], [0.0]], [0.0, 0.0, 0.5])], [1])
    cx = rt.decompose(net, rt.Box(-2, 2), outputs="argmax", threads=1)
    found = cut_distance(cx, cx.interior_points[:, 0] > 0.5)
    assert found.n_boundary_facets == 2
    assert (found.cut_to_boundary, found.boundary_to_cut) == (0.0, 0.5)


def test_complex_already_cut_by_the_sign_is_not_cut_again():
    network = random_network([2, 6, 1], 3)
    cx = rt.decompose(network, rt.Box(-1, 1), outputs="sign", threads=1)
    refined, edges = boundary_facets(cx)
    assert refined is cx
    np.testing.assert_array_equal(edges, rt.decision_boundary(cx).edges)
    other = rt.decompose(network, rt.Box(-1, 1), threads=1)
    assert len(boundary_facets(other)[1]) == len(edges)


def test_touching_zero_is_boundary_and_flat_cells_are_not():
    """relu(|x| - 1) is 0 on [-1, 1]: the boundary is its ends; |x| is 0 at 0 only."""
    valley = [*absolute(1)[:1], (np.ones((1, 2)), np.array([-1.0])), ([[1.0]], [0.0])]
    refined, edges = boundary_facets(rt.decompose(valley, rt.Box(-2, 2), threads=1))
    assert len(edges) == 2
    assert refined.n_cells == 4
    _, touching = boundary_facets(rt.decompose(absolute(1), rt.Box(-2, 2), threads=1))
    assert len(touching) == 1
    _, none = boundary_facets(rt.decompose(absolute(2), rt.Box(-2, 2), threads=1))
    assert len(none) == 0


@pytest.mark.parametrize("n", [1, 2, 3])
def test_nothing_to_measure_gives_nan(n):
    far = slab(n, 7.0)
    found = cut_distance(far, [True, False])
    assert found.n_boundary_facets == 0
    assert found.boundary_measure == 0.0
    assert found.n_cut_facets == 1
    assert np.isnan([found.cut_to_boundary, found.boundary_to_cut, found.hausdorff]).all()
    near = cut_distance(slab(n, 0.25), [True, True])
    assert (near.n_cut_facets, near.n_boundary_facets) == (0, 1)
    assert np.isnan([near.cut_to_boundary, near.boundary_to_cut, near.resolution]).all()


def test_a_tiny_box_is_as_good_as_a_large_one():
    network = [([[1.0, 0.0], [-1.0, 0.0]], [0.0, 0.0]), ([[1.0, -1.0]], [-0.25e-170])]
    cx = rt.decompose(network, rt.Box(-1e-170, 1e-170), threads=1)
    found = cut_distance(cx, [True, False])
    assert found.cut_measure * 1e170 == pytest.approx(2, rel=1e-12)
    assert found.cut_to_boundary * 1e170 == pytest.approx(0.25, rel=1e-12)


def test_same_seed_same_numbers():
    found = [cut_distance(slab(3, 0.25), [True, False], samples=100, seed=s) for s in (1, 1, 2)]
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cut_distance(slab(2, 0.0), [True]), r"`partition` has shape \(1,\)"),
        (
            lambda: cut_distance(slab(2, 0.0), [True, False], samples=0),
            "`samples` must be at least 1, got 0",
        ),
        (
            lambda: cut_distance(rt.decompose(absolute(2), threads=1), [0, 0, 1, 1]),
            "`complex` has unbounded cells",
        ),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
