"""What `decompose` and `Complex` promise, on networks small enough to check by hand."""

from __future__ import annotations

import numpy as np
import pytest

import relutope as rt
import zoo
from reference import exact_layers, outputs_at


@pytest.fixture(scope="module")
def quadrants() -> rt.Complex:
    """``relu(x) - relu(y)`` on [-1, 1]^2: four squares."""
    net = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, -1.0]], [0.0])]
    return rt.decompose(net, rt.Box(-1, 1))


@pytest.fixture(scope="module")
def plane() -> rt.Complex:
    """The same on all of the plane."""
    net = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, -1.0]], [0.0])]
    return rt.decompose(net)


def test_counts_and_arrays_of_four_squares(quadrants):
    cx = quadrants
    assert (cx.dim, cx.n_cells, cx.n_edges, cx.n_neurons) == (2, 4, 4, 2)
    assert cx.patterns.tolist() == [[False, False], [False, True], [True, False], [True, True]]
    assert cx.adjacency.tolist() == [[0, 1], [0, 2], [1, 3], [2, 3]]
    assert [v.tolist() for v in cx.facet_neurons] == [[1], [0], [0], [1]]
    assert cx.f_vector.tolist() == [9, 12, 4]
    assert cx.bounded.tolist() == [True] * 4
    assert sorted(cx.vertices.tolist()) == [[a, b] for a in (-1, 0, 1) for b in (-1, 0, 1)]
    assert cx.facet_measure.tolist() == [1.0] * 4


def test_shapes_and_dtypes(quadrants):
    cx = quadrants
    expected = {
        "patterns": ((4, 2), np.bool_),
        "adjacency": ((4, 2), np.int64),
        "interior_points": ((4, 2), np.float64),
        "bounded": ((4,), np.bool_),
        "f_vector": ((3,), np.int64),
        "vertices": ((9, 2), np.float64),
        "vertex_signs": ((9, 2), np.int8),
        "facet_measure": ((4,), np.float64),
    }
    assert {k: (getattr(cx, k).shape, getattr(cx, k).dtype.type) for k in expected} == expected
    for ragged, rows in ((cx.facet_neurons, 4), (cx.cell_vertices, 4)):
        assert len(ragged) == rows
        assert ragged.indptr.dtype == ragged.indices.dtype == np.int64
    values, rank = cx.vertex_values
    assert (values.shape, values.dtype, rank.shape, rank.dtype) == ((9,), float, (9,), np.int64)


def test_vertex_signs_and_incidences(quadrants):
    cx = quadrants
    assert (cx.vertex_signs == np.sign(cx.vertices)).all()
    for pattern, vertices in zip(cx.patterns, cx.cell_vertices, strict=True):
        corners = cx.vertices[vertices]
        assert vertices.tolist() == sorted(vertices.tolist())
        assert sorted(corners.tolist()) == sorted(
            [a, b]
            for a in ((0, 1) if pattern[0] else (-1, 0))
            for b in ((0, 1) if pattern[1] else (-1, 0))
        )


def test_vertex_values_and_exact_ties(quadrants):
    cx = quadrants
    values, rank = cx.vertex_values
    x = cx.vertices
    assert values.tolist() == (np.maximum(x[:, 0], 0) - np.maximum(x[:, 1], 0)).tolist()
    same = values[:, None] == values[None, :]
    assert ((rank[:, None] == rank[None, :]) == same).all()
    assert ((rank[:, None] < rank[None, :]) == (values[:, None] < values[None, :])).all()


def test_rank_separates_values_that_round_to_the_same_float():
    """f = x + 2^-60 relu(x - 1/2): the values at 1/2 and at the next kinks differ below one ulp."""
    tiny = 2.0**-60
    layers = [([[1.0], [1.0]], [0.0, -0.5]), ([[0.0, tiny]], [1.0])]
    values, rank = rt.decompose(layers, rt.Box(-1, 1)).vertex_values
    assert set(values.tolist()) == {1.0}
    assert len(set(rank.tolist())) == 2  # constant up to 1/2, larger by 2^-61 at 1


def test_unbounded_cells(plane):
    cx = plane
    assert cx.domain is None
    assert cx.f_vector.tolist() == [1, 4, 4]
    assert not cx.bounded.any()
    assert cx.n_finite_vertices == 1
    assert cx.vertices.tolist() == [[0.0, 0.0]]
    assert np.isinf(cx.facet_measure).all()
    assert all(max(v) >= cx.n_finite_vertices for v in cx.cell_vertices)
    assert len(cx.vertex_signs) > cx.n_finite_vertices


def test_half_plane_domain():
    """An axis may be bounded on one side only."""
    net = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, -1.0]], [0.0])]
    cx = rt.decompose(net, rt.Box([-1.0, -np.inf], [np.inf, 1.0]))
    assert cx.n_cells == 4
    assert cx.f_vector.tolist() == [4, 8, 4]
    assert cx.bounded.tolist() == [False, True, False, False]
    assert sorted(cx.vertices.tolist()) == [[-1, 0], [-1, 1], [0, 0], [0, 1]]


@pytest.mark.parametrize(
    ("point", "cell"),
    [((-0.5, -0.5), 0), ((-0.5, 0.5), 1), ((0.5, -0.5), 2), ((0.5, 0.5), 3), ((1.5, 0.0), -1)],
)
def test_locate(quadrants, point, cell):
    found = quadrants.locate([point])
    assert found.tolist() == [cell]
    assert found.dtype == np.int64


def test_locate_on_a_common_boundary_gives_a_cell_that_contains_the_point(quadrants):
    cell = int(quadrants.locate([(0.0, 0.5)])[0])
    assert cell in (1, 3)
    assert [0.0, 0.0] not in quadrants.interior_points.tolist()


def test_locate_everywhere_agrees_with_the_forward_pass():
    case = zoo.standard("shallow-2d")
    cx = rt.decompose(case.layers, rt.Box(-1, 1))
    X = np.random.default_rng(0).uniform(-1, 1, (200, 2))
    cells = cx.locate(X)
    np.testing.assert_array_equal(cx.patterns[cells], cx.network.patterns(X))
    A, c = cx.affine_maps()
    values = np.einsum("kmn,kn->km", A[cells], X) + c[cells]
    np.testing.assert_allclose(values, cx.network.forward(X), atol=1e-12)


def test_affine_map_of_every_cell(quadrants):
    cx = quadrants
    slopes = [cx.affine_map(i) for i in range(4)]
    assert [A.tolist() for A, _ in slopes] == [[[0, 0]], [[0, -1]], [[1, 0]], [[1, -1]]]
    assert [c.tolist() for _, c in slopes] == [[0.0]] * 4
    A, c = cx.affine_maps()
    assert A.shape == (4, 1, 2)
    assert c.shape == (4, 1)
    assert all((A[i] == slopes[i][0]).all() and (c[i] == slopes[i][1]).all() for i in range(4))


def test_one_cell(quadrants):
    cell = quadrants.cell(2)
    assert cell.pattern.tolist() == [True, False]
    assert sorted(cell.vertices.tolist()) == [[0, -1], [0, 0], [1, -1], [1, 0]]
    assert sorted(cell.neighbours.tolist()) == [-1, -1, 0, 3]  # two facets lie on the box
    inside, outside = np.array([0.5, -0.5]), np.array([0.5, 0.5])
    assert (cell.A @ inside < cell.b).all()
    assert not (cell.A @ outside <= cell.b).all()
    A, c = cell.affine_map
    assert (A @ inside + c).tolist() == [0.5]


def test_cell_halfspaces_describe_the_cell():
    case = zoo.by_name("hat-2d2")
    cx = rt.decompose(case.layers, rt.Box(0, 1))
    for i in range(cx.n_cells):
        cell = cx.cell(i)
        assert (cell.A @ cx.interior_points[i] < cell.b).all()
        slack = cell.b[:, None] - cell.A @ cell.vertices.T
        assert slack.min() >= -1e-12
        assert (np.abs(slack) < 1e-12).sum(axis=1).min() >= cx.dim  # every row is a facet


@pytest.mark.parametrize("i", [4, -5])
def test_cell_index_out_of_range(quadrants, i):
    with pytest.raises(IndexError):
        quadrants.cell(i)


def test_triangulation_of_four_squares(quadrants):
    cx = quadrants
    simplices, cell = cx.triangulation()
    assert simplices.shape == (8, 3)
    assert np.bincount(cell).tolist() == [2, 2, 2, 2]
    assert (np.diff(simplices, axis=1) > 0).all()
    for simplex, i in zip(simplices, cell, strict=True):
        assert set(simplex.tolist()) <= set(cx.cell_vertices[i].tolist())
    edges = {(a, b) for s in simplices.tolist() for a in s for b in s if a < b}
    assert 9 - len(edges) + 8 == 1  # Euler characteristic of a square, face to face


def test_refine_by_output(quadrants):
    """f = 0 is the diagonal of the first quadrant, and f vanishes on the whole third one."""
    refined = quadrants.refine_by_output(0.0)
    assert refined.n_cells == 5
    assert refined.n_neurons == 3
    assert refined.f_vector.tolist() == [9, 13, 5]
    flat = refined.cell_vertices[0]
    assert (refined.vertex_signs[flat, -1] == 0).all()
    assert quadrants.refine_by_output(0.25).n_cells == 6
    assert quadrants.n_cells == 4


def test_refine_by_output_at_a_level_that_no_double_bias_reaches():
    """b - level is not a double; the cut is still exact: f = x + 1 = 2^-60 at x = 2^-60 - 1."""
    layers = [([[1.0]], [2.0]), ([[1.0]], [-1.0])]  # x + 1 on [-1, 1]
    refined = rt.decompose(layers, rt.Box(-1, 1)).refine_by_output(2.0**-60)
    assert refined.n_cells == 2
    assert refined.f_vector.tolist() == [3, 2]


def test_facet_measure_in_other_dimensions():
    line = rt.decompose(zoo.arrangement([([1], 0), ([1], -0.5)]), rt.Box(-1, 1))
    assert line.facet_measure.tolist() == [1.0, 1.0]
    cube = rt.decompose(zoo.arrangement([([1, 1, 0], 0)]), rt.Box(-1, 1))
    np.testing.assert_allclose(cube.facet_measure, [2 * 2 * 2**0.5], rtol=1e-12)


def test_interior_points_and_values_agree_with_exact_evaluation():
    case = zoo.by_name("sawtooth-5")
    cx = rt.decompose(case.layers, rt.Box(0, 1))
    exact = [outputs_at(exact_layers(case.layers), [x]) for x in map(float, cx.vertices[:, 0])]
    assert cx.vertex_values[0].tolist() == [float(f) for (f,) in exact]


def test_network_forms_give_the_same_complex():
    import_torch = pytest.importorskip("torch", reason="torch is not installed")
    torch = import_torch
    arrays = [
        (np.array([[1.0, -0.5], [0.25, 1.0]]), np.array([0.5, -0.25])),
        (np.ones((1, 2)), np.zeros(1)),
    ]
    module = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU(), torch.nn.Linear(2, 1))
    with torch.no_grad():
        for layer, (W, b) in zip((module[0], module[2]), arrays, strict=True):
            layer.weight.copy_(torch.from_numpy(W))
            layer.bias.copy_(torch.from_numpy(b))
    forms = [arrays, rt.Network.from_arrays(arrays), module, module.double()]
    complexes = [rt.decompose(form, rt.Box(-1, 1)) for form in forms]
    assert {cx.vertices.tobytes() for cx in complexes} == {complexes[0].vertices.tobytes()}
    assert {cx.patterns.tobytes() for cx in complexes} == {complexes[0].patterns.tobytes()}


@pytest.mark.parametrize(
    "name", ["generic-3d6", "repeated-both2d", "dead-2d", "few-2d4", "few-4d2"]
)
def test_save_and_load(tmp_path, name):
    case = next((c for c in zoo.cases() if c.name == name), zoo.by_name("boolean-2"))
    domain = None if case.domain is None else rt.Box(*case.domain)
    cx = rt.decompose(case.layers, domain)
    path = tmp_path / "complex.npz"
    cx.save(path)
    again = rt.load(path)
    assert again.domain == cx.domain
    assert again.network == cx.network
    for key in ("patterns", "adjacency", "f_vector", "vertices", "vertex_signs", "bounded"):
        np.testing.assert_array_equal(getattr(again, key), getattr(cx, key))
    for key in ("facet_neurons", "cell_vertices"):
        assert [v.tolist() for v in getattr(again, key)] == [v.tolist() for v in getattr(cx, key)]
    again.validate()


def test_repr_says_what_it_is(quadrants, plane):
    assert "4 cells" in repr(quadrants)
    assert repr(quadrants) != repr(plane)


def test_stats_name_engine_and_stages(quadrants):
    assert quadrants.stats["engine"] == "vertex"
    assert quadrants.stats["threads"] >= 1
    assert quadrants.stats["seconds"] >= 0


def test_arrays_are_cached(quadrants):
    for name in ("patterns", "adjacency", "vertices", "f_vector", "interior_points"):
        assert np.shares_memory(getattr(quadrants, name), getattr(quadrants, name))


def test_box_of_scalars_adapts_to_the_network():
    net = zoo.by_name("boolean-3").layers
    assert rt.decompose(net, rt.Box(-1, 1)).domain == rt.Box(-1, 1, dim=3)


def test_tiny_cells_are_kept():
    """Cells of width 1e-300 and of one unit in the last place."""
    rows = [([1.0], 0.0), ([1.0], -1e-300), ([1.0], -1.0), ([1.0], -np.nextafter(1.0, 2.0))]
    assert rt.decompose(zoo.arrangement(rows)).n_cells == 5


def test_progress_goes_to_stderr(capsys):
    rt.decompose(zoo.standard("shallow-2d").layers, rt.Box(-1, 1), progress=True)
    assert capsys.readouterr().out == ""
