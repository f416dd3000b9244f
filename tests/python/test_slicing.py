"""Slices: exact complexes of networks with many inputs, in few dimensions."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import relutope as rt
from reference import exact_layers, pattern_beside
from small_networks import absolute, random_network

REAL = Path(__file__).resolve().parents[3] / "shared" / "real_networks"


def bits(cx, i):
    return "".join("1" if bit else "0" for bit in cx.patterns[i])


def exact_point(points, t):
    """``p_0 + sum t_j (p_j - p_0)`` over the rationals."""
    p0, *others = [[Fraction(v) for v in p] for p in np.asarray(points, dtype=float).tolist()]
    return [
        a + sum((s * (p[i] - a) for s, p in zip(t, others, strict=True)), Fraction(0))
        for i, a in enumerate(p0)
    ]


def test_absolute_values_on_a_segment():
    """From (-1, 1) to (2, -1): x vanishes at 1/3, y at 1/2."""
    found = rt.slice(absolute(2), [[-1, 1], [2, -1]])
    cx = found.complex
    assert sorted(t for (t,) in cx.exact_vertices) == [0, Fraction(1, 3), Fraction(1, 2), 1]
    assert (cx.n_cells, cx.n_edges, cx.n_neurons, found.dim) == (3, 2, 4, 1)
    # relu of x, y, -x, -y
    assert sorted(bits(cx, i) for i in range(3)) == ["0110", "1001", "1100"]
    assert repr(found) == "Slice(3 cells, 2 shared facets; Network(2-4-1) in 1 of 2 dimensions)"
    cx.validate()


def test_three_dimensional_cross_in_a_triangle():
    """x, y, z = t_0, t_1, 1 - t_0 - t_1 less 1/4: three lines that bound a small triangle."""
    net = [(np.eye(3), np.full(3, -0.25)), (np.ones((1, 3)), [0.0])]
    cx = rt.slice(net, [[0, 0, 1], [1, 0, 0], [0, 1, 0]]).complex
    assert cx.f_vector.tolist() == [12, 18, 7]
    assert cx.cell_volumes.sum() == 0.5
    # All three active: the triangle with sides of 1/4.
    (inner,) = np.flatnonzero(cx.patterns.all(axis=1))
    assert cx.cell_volumes[inner] == 1 / 32


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("through_linear_units", [False, True])
def test_patterns_on_a_random_segment_are_those_of_the_network(seed, through_linear_units):
    rng = np.random.default_rng(seed)
    layers = random_network([6, 7, 6, 2], seed)
    net = rt.Network(layers, [2, 1] if through_linear_units else None)
    points = rng.standard_normal((2, 6)) * 3
    cx = rt.slice(net, points).complex
    assert cx.patterns.shape == (cx.n_cells, net.n_neurons)
    exact = exact_layers(layers, net.linear_units)[:-1]

    ends = [sorted(cx.exact_vertices[v][0] for v in own) for own in cx.cell_vertices]
    cells = sorted(zip(ends, range(cx.n_cells), strict=True))
    assert cells[0][0][0] == 0
    assert cells[-1][0][1] == 1
    assert all(left[0][1] == right[0][0] for left, right in pairwise(cells))
    assert cx.n_cells > 2
    for k in range(8):
        for (low, high), i in cells:
            t = low + (high - low) * Fraction(2 * k + 1, 16)
            x = exact_point(points, [t])
            assert pattern_beside(exact, x, [Fraction(0)] * 6) == bits(cx, i)
    for (_, t), _ in cells[:-1]:  # some neuron changes its sign just here
        x = exact_point(points, [t])
        start, end = exact_point(points, [0]), exact_point(points, [1])
        forward = [b - a for a, b in zip(start, end, strict=True)]
        backward = [-v for v in forward]
        assert pattern_beside(exact, x, forward) != pattern_beside(exact, x, backward)


@pytest.mark.parametrize("seed", range(3))
def test_planes_agree_with_composed_weights(seed):
    """Small integers, so that the product of the layers is exact."""
    rng = np.random.default_rng(seed)
    W, b = rng.integers(-3, 4, (8, 5)).astype(float), rng.integers(-3, 4, 8).astype(float)
    tail = random_network([8, 5, 1], seed)
    points = rng.integers(-4, 5, (3, 5)).astype(float)
    basis = points[1:] - points[0]
    composed = [(W @ basis.T, W @ points[0] + b), *tail]
    for domain in (rt.Box(-1, 1), None, rt.Polytope([[-1, 0], [0, -1], [1, 1]], [0, 0, 1])):
        expected = rt.decompose(composed, domain)
        by_points = rt.slice([(W, b), *tail], points, domain=domain)
        by_basis = rt.slice([(W, b), *tail], embedding=(points[0], basis), domain=domain)
        for found in (by_points.complex, by_basis.complex):
            for name in ("patterns", "adjacency", "f_vector", "bounded"):
                assert getattr(found, name).tolist() == getattr(expected, name).tolist()
            assert sorted(found.exact_vertices) == sorted(expected.exact_vertices)
        t = rng.standard_normal((6, 2))
        np.testing.assert_allclose(by_points.embed(t), by_basis.embed(t), atol=1e-12)
    default = rt.slice([(W, b), *tail], points).complex
    assert default.patterns.tolist() == expected.patterns.tolist()
    assert default.cell_volumes.sum() == pytest.approx(0.5)
    assert rt.slice([(W, b), *tail], embedding=(points[0], basis)).complex.domain is None


def test_differences_of_points_are_not_rounded():
    """x = 1/2 on the way from 2^-60 to 1: just before t = 1/2, where 1 - 2^-60 would round to 1."""
    small = Fraction(1, 2**60)
    net = [([[1.0]], [-0.5]), ([[1.0]], [0.0])]
    cx = rt.slice(net, [[2.0**-60], [1.0]]).complex
    assert sorted(t for (t,) in cx.exact_vertices) == [0, (Fraction(1, 2) - small) / (1 - small), 1]


def test_embedding_of_points():
    net = random_network([4, 6, 1], 0)
    points = np.random.default_rng(1).standard_normal((3, 4)) * [[1e-9], [1.0], [1e9]]
    found = rt.slice(net, points)
    assert found.embed([[0, 0], [1, 0], [0, 1]]).tolist() == points.tolist()
    middle = exact_point(points, [Fraction(1, 4), Fraction(1, 2)])
    np.testing.assert_allclose(found.embed([[0.25, 0.5]])[0], [float(v) for v in middle])
    cx = found.complex
    assert found.vertices.shape == (len(cx.vertices), 4)
    np.testing.assert_array_equal(found.vertices, found.embed(cx.vertices))
    np.testing.assert_array_equal(found.interior_points, found.embed(cx.interior_points))
    with pytest.raises(ValueError, match=r"`t` must have shape \(m, 2\)"):
        found.embed([0.0, 1.0])


def test_interior_points_have_their_cells_patterns():
    net = rt.Network(random_network([5, 8, 6, 1], 3))
    found = rt.slice(net, np.random.default_rng(3).standard_normal((4, 5)))
    assert found.dim == 3
    np.testing.assert_array_equal(net.patterns(found.interior_points), found.complex.patterns)


def test_slice_inside_a_hyperplane():
    """x = 0 on the whole line: the neurons of x vanish, and only y cuts."""
    cx = rt.slice(absolute(2), [[0, -1], [0, 1]]).complex
    assert sorted(bits(cx, i) for i in range(cx.n_cells)) == ["0001", "0100"]
    assert cx.facet_neurons[0].tolist() == [0, 1, 2, 3]
    cx.validate()


def test_whole_lines_and_directions_without_effect():
    line = rt.slice(absolute(2), [[-1, 1], [2, -1]], domain=None).complex
    assert line.n_finite_vertices == 2
    assert sorted(line.bounded.tolist()) == [False, False, True]
    # z has no weight: the complex on the plane of y and z is that of the line.
    net = [(np.eye(2, 3), np.zeros(2)), (np.ones((1, 2)), [0.0])]
    plane = rt.slice(net, embedding=([0.5, 0, 0], [[0, 1, 0], [0, 0, 1]])).complex
    assert (plane.n_cells, plane.lineality_dim) == (2, 1)
    plane = rt.slice(net, [[0.5, 0, 0], [0.5, 1, 3], [0.5, 0, 1]], domain=None).complex
    assert (plane.n_cells, plane.lineality_dim) == (2, 1)


def test_a_rank_that_only_integers_find():
    """The neuron does not change along (0.3, -0.1): 0.1 * 0.3 - 0.3 * 0.1 is 0, unless rounded."""
    net = [([[0.1, 0.3]], [0.0]), ([[1.0]], [0.0])]
    plane = rt.slice(net, embedding=([0, 0], [[0.3, -0.1], [1, 1]])).complex
    assert (plane.n_cells, plane.lineality_dim) == (2, 1)
    line = rt.slice(net, embedding=([0, 0], [[0.3, -0.1]])).complex
    assert (line.n_cells, line.lineality_dim) == (1, 1)
    line = rt.slice(net, embedding=([0, 0], [[np.nextafter(0.3, 1), -0.1]])).complex
    assert (line.n_cells, line.lineality_dim) == (2, 0)


def test_dependent_points():
    net = absolute(2)
    with pytest.raises(ValueError, match=r"`points\[2\]` is an affine combination"):
        rt.slice(net, [[0.25, 0.5], [0.5, 0.75], [0.75, 1.0]])
    with pytest.raises(ValueError, match=r"`points\[1\]` is an affine combination"):
        rt.slice(net, [[0.1, 0.2], [0.1, 0.2]])
    with pytest.raises(ValueError, match=r"`points\[3\]` is an affine combination"):
        rt.slice(net, [[0, 0], [0, 1], [1, 0], [1, 1]])
    with pytest.raises(ValueError, match=r"`basis\[1\]` is a linear combination"):
        rt.slice(net, embedding=([0, 0], [[0.1, 0.2], [0.2, 0.4]]))
    with pytest.raises(ValueError, match=r"`basis\[0\]` is a linear combination"):
        rt.slice(net, embedding=([1, 1], [[0.0, 0.0]]))
    # One unit in the last place off the line is off the line.
    nearly = [[0.25, 0.5], [0.5, 0.75], [0.75, np.nextafter(1.0, 2.0)]]
    assert rt.slice(net, nearly, domain=None).complex.n_cells == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "give either `points` or `embedding`"),
        ({"points": np.eye(2), "embedding": ([0, 0], np.eye(2))}, "give either"),
        ({"points": [[0.0, 1.0]]}, r"`points` must have shape \(k \+ 1, 2\)"),
        ({"points": np.eye(3)}, r"`points` must have shape \(k \+ 1, 2\)"),
        ({"points": [0.0, 1.0]}, r"`points` must have shape"),
        ({"points": [[0, np.nan], [1, 1]]}, "`points` contains NaN"),
        ({"points": [["a", "b"], [1, 1]]}, "`points` must be an array of numbers"),
        ({"points": np.eye(2), "domain": "hull"}, "`domain` must be"),
        ({"points": np.eye(2), "domain": rt.Box(0, 1, dim=2)}, "`domain` has 2 axes"),
        ({"embedding": 3}, "`embedding` must be a pair"),
        ({"embedding": ([0.0], np.eye(2))}, r"`origin` must have shape \(2,\)"),
        ({"embedding": ([0.0, 0.0], [1.0, 0.0])}, r"`basis` must have shape \(k, 2\)"),
    ],
    ids=str,
)
def test_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        rt.slice(absolute(2), **arguments)


def test_engines_agree_and_options_are_passed_on():
    net, points = random_network([6, 8, 6, 3], 5), np.random.default_rng(5).normal(size=(4, 6))
    box = rt.Box(0, 1)
    vertex = rt.slice(net, points, domain=box, engine="vertex", threads=2).complex
    lp = rt.slice(net, points, domain=box, engine="lp", threads=1).complex
    assert vertex.stats["threads"] == 2
    assert lp.stats["engine"] == "lp"
    assert vertex.patterns.tolist() == lp.patterns.tolist()
    assert vertex.adjacency.tolist() == lp.adjacency.tolist()
    with pytest.raises(rt.CellLimitError):
        rt.slice(net, points, domain=box, max_cells=2)
    argmax = rt.slice(net, points, domain=box, outputs="argmax").complex
    assert argmax.n_output_neurons == 2
    assert {tuple(p) for p in argmax.patterns[:, :-2].tolist()} == set(
        map(tuple, vertex.patterns.tolist())
    )


def test_verification_files_and_homology(tmp_path):
    pytest.importorskip("cdd.gmp", reason="pycddlib with GMP is missing", exc_type=ImportError)
    found = rt.slice(random_network([7, 8, 5, 1], 1), np.random.default_rng(2).normal(size=(3, 7)))
    assert rt.verify(found.complex).ok
    found.complex.save(tmp_path / "slice.npz")
    again = rt.load(tmp_path / "slice.npz")
    assert again.patterns.tolist() == found.complex.patterns.tolist()
    assert again.vertices.tolist() == found.complex.vertices.tolist()
    assert rt.betti(found.complex, "all").tolist() == [1, 0, 0]


def test_a_triangle_can_be_drawn():
    matplotlib = pytest.importorskip("matplotlib.figure")
    from relutope.plotting.layers import plot_cells

    cx = rt.slice(absolute(3), [[-1, 1, 1], [1, -2, 1], [1, 1, -3]]).complex
    ax = matplotlib.Figure().add_subplot()
    drawn = plot_cells(cx, np.arange(cx.n_cells), ax)
    assert len(drawn.get_paths()) == cx.n_cells
    assert (ax.get_xlim(), ax.get_ylim()) == ((0.0, 1.0), (0.0, 1.0))


@pytest.fixture(scope="module")
def mnist():
    pytest.importorskip("onnx", reason="onnx is not installed")
    files = [REAL / "mnist_256x4.onnx", REAL / "mnist_test_100.csv"]
    if not all(file.is_file() for file in files):
        pytest.skip(f"no real networks in {REAL}")
    images = np.loadtxt(files[1], delimiter=",", max_rows=3)[:, 1:] / 255
    return rt.load_network(files[0]), images


def test_between_two_digits(mnist):
    net, images = mnist
    found = rt.slice(net, images[:2], outputs="argmax")
    cx = found.complex
    cx.validate()
    assert cx.n_neurons == 1024 + 9
    assert cx.n_cells == cx.n_edges + 1 > 100
    own = cx.patterns[:, :1024]
    assert (net.patterns(found.interior_points) == own).mean() > 0.999  # floating point
    regions = rt.decision_regions(cx)
    ends = cx.locate([[0.0], [1.0]])
    assert regions.labels[ends].tolist() == [7, 2]
    assert regions.n_regions == len(rt.decision_boundary(cx)) + 1


def test_around_a_digit_in_the_plane_of_three(mnist):
    pytest.importorskip("cdd.gmp", reason="pycddlib with GMP is missing", exc_type=ImportError)
    net, images = mnist
    cx = rt.slice(net, images, domain=rt.Box(0, 2**-5)).complex
    cx.validate()
    assert cx.n_cells > 5
    assert rt.verify(cx, sample=1).ok
