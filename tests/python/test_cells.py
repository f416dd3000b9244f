"""Complexes, explorations and slices where only cells and their neighbours are asked for."""

from __future__ import annotations

import copy
import io
import multiprocessing
import pickle

import numpy as np
import pytest

import relutope as rt

NET = [([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [0.0, 0.0, -0.5]), ([[1.0, -1.0, 0.3]], [0.1])]
DEEP = [
    (
        np.random.default_rng(k).normal(size=shape),
        np.random.default_rng(9 + k).normal(size=shape[0]),
    )
    for k, shape in enumerate([(6, 3), (6, 6), (2, 6)])
]


def explorations():
    box = rt.Box(-2, 2)
    triangle = rt.Polytope([[-1, 0], [0, -1], [1, 1]], [1, 1, 1])
    yield rt.explore(NET, [0.3, 0.2], max_cells=3)
    yield rt.explore(NET, [0.3, 0.2], max_cells=3, domain=triangle, order="nearest")
    yield rt.explore(DEEP, [0.1, 0.2, 0.3], max_cells=20, domain=box)
    yield rt.explore(DEEP, [0.1, 0.2, 0.3], max_cells=20, order="nearest", outputs="argmax")
    yield rt.explore(DEEP, [0.1, 0.2, 0.3], max_cells=200, radius=0.5)


EXPLORATIONS = list(explorations())
NAMES = ["plain", "triangle", "box", "nearest", "radius"]


def same(one, other):
    assert one.patterns.tolist() == other.patterns.tolist()
    assert one.adjacency.tolist() == other.adjacency.tolist()
    assert np.array_equal(one.distances, other.distances, equal_nan=True)
    assert one.interior_points.tolist() == other.interior_points.tolist()
    assert one.start.tolist() == other.start.tolist()
    for i in range(one.n_cells):
        assert [z.tolist() for z in one.facets(i)] == [z.tolist() for z in other.facets(i)]
        assert one.neighbour_patterns(i).tolist() == other.neighbour_patterns(i).tolist()
    for name in ("n_cells", "n_known", "n_unresolved", "complete", "n_output_neurons"):
        assert getattr(one, name) == getattr(other, name), name


def saved(exploration, folder):
    exploration.save(folder / "cells.npz")
    return rt.load(folder / "cells.npz")


@pytest.mark.parametrize("exploration", EXPLORATIONS, ids=NAMES)
@pytest.mark.parametrize("way", ["pickle", "copy", "file"])
def test_an_exploration_is_a_value(exploration, way, tmp_path):
    again = {
        "pickle": lambda: pickle.loads(pickle.dumps(exploration)),
        "copy": lambda: copy.deepcopy(exploration),
        "file": lambda: saved(exploration, tmp_path),
    }[way]()
    same(again, exploration)


@pytest.mark.parametrize("exploration", EXPLORATIONS, ids=NAMES)
def test_a_copy_goes_on_as_the_original(exploration):
    first, second = (pickle.loads(pickle.dumps(exploration)) for _ in range(2))
    first.run(max_cells=first.n_cells + 4)
    first = pickle.loads(pickle.dumps(first))
    first.run(max_cells=10**4)
    second.run(max_cells=10**4)
    assert first.complete
    assert sorted(first.patterns.tolist()) == sorted(second.patterns.tolist())
    if exploration.order == "bfs":
        assert first.patterns.tolist() == second.patterns.tolist()
    if exploration.domain is not None:
        kept = first.n_neurons - first.n_output_neurons
        assert len(np.unique(first.patterns[:, :kept], axis=0)) <= first.n_cells
    assert rt.verify(first, 3).ok


def test_bytes_do_not_depend_on_what_was_asked(tmp_path):
    exploration = rt.explore(NET, [0.3, 0.2], max_cells=4)
    before = pickle.dumps(exploration)
    assert exploration.adjacency.size
    assert exploration.cell(0).facets
    assert exploration.facet_distances(0).size
    assert exploration.dual_graph("bend").nnz
    assert pickle.dumps(exploration) == before
    exploration.save(tmp_path / "a")
    pickle.loads(before).save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def tampered(path, change):
    with np.load(path) as archive:
        members = dict(archive)
    change(members)
    header = members.pop("header.json")
    file = io.BytesIO()
    np.savez(file, **members)
    import zipfile

    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("header.json", header)
    path.write_bytes(file.getvalue())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("facet_neuron", 99),
        ("zeros", 99),
        ("zeros", -1),
        ("door_cell", 99),
        ("door_facet", 99),
        ("facet_begin", 99),
        ("zero_begin", -1),
        ("crossing_begin", 5),
        ("facet_beyond", 0),
        ("patterns", 0),
        ("patterns", 2**40),
        ("points", np.nan),
        ("door_number", 2**63),
    ],
)
def test_a_file_whose_parts_do_not_fit_is_refused(tmp_path, name, value):
    path = tmp_path / "cells.npz"
    rt.explore(NET, [0.3, 0.2], max_cells=3).save(path)

    def change(members):
        members[name] = members[name].copy()
        members[name].reshape(-1)[:2] = value

    tampered(path, lambda members: None)
    rt.load(path)
    tampered(path, change)
    with pytest.raises(rt.InvalidFileError, match=r"cells\.npz"):
        rt.load(path)


def test_a_forgotten_cell_is_noticed(tmp_path):
    path = tmp_path / "cells.npz"
    rt.explore(NET, [0.3, 0.2], max_cells=3).save(path)

    def forget(members):
        for name in members:
            if name.startswith("door_"):
                members[name] = members[name][:0]

    tampered(path, forget)
    with pytest.raises(rt.InvalidFileError, match="door"):
        rt.load(path)


def test_an_explored_cell_is_a_polyhedron():
    cx = rt.decompose(NET, rt.Box(-2, 2))
    found = rt.explore(NET, [0.3, 0.2], domain=rt.Box(-2, 2))
    assert found.complete
    assert len(found) == cx.n_cells
    rng = np.random.default_rng(0)
    points = rng.uniform(-2.5, 2.5, size=(500, 2))
    where = cx.locate(points)
    for cell in found:
        number = cx[cell.pattern].index
        assert cell.contains(points).tolist() == (where == number).tolist()
        assert np.allclose(cell.affine_map[0], cx.affine_map(number)[0])
        assert cell.contains(cell.interior_point[None])[0]
        inside = [tuple(names.tolist()) for names in cell.facets if names[0] >= 0]
        assert inside == [tuple(zeros.tolist()) for zeros in found.facets(cell.index)]


def test_distances_of_facets_are_those_of_the_facets():
    # |x| <= 1, |y| <= 1 by four neurons; from (3, 0.5) the facet x = 1 is 2 away, y = 1 sqrt(4.25).
    eye = np.vstack([np.eye(2), -np.eye(2)])
    net = [(eye, -np.ones(4)), (np.ones((1, 4)), [0.0])]
    found = rt.explore(net, [3.0, 0.5])
    middle = next(cell for cell in found if not cell.pattern.any())
    distances = dict(
        zip((f.item() for f in middle.facets), found.facet_distances(middle.index), strict=True)
    )
    assert distances[0] == pytest.approx(2.0)
    assert distances[1] == pytest.approx(np.hypot(2.0, 0.5))
    assert distances[2] == pytest.approx(4.0)
    with pytest.raises(IndexError):
        found.facet_distances(100)


@pytest.mark.parametrize(
    "weight", ["unit", "distance", "bend", "hamming", "output", "inverse-bend"]
)
def test_dual_graphs_of_an_exploration_are_those_of_the_complex(weight):
    cx = rt.decompose(NET, rt.Box(-2, 2))
    found = rt.explore(NET, [0.3, 0.2], domain=rt.Box(-2, 2))
    order = [cx[pattern].index for pattern in found.patterns]
    mine, theirs = found.dual_graph(weight).toarray(), rt.dual_graph(cx, weight).toarray()
    if weight in ("distance", "output"):  # interior points are not the same
        assert ((mine > 0) == (theirs > 0)[np.ix_(order, order)]).all()
    else:
        assert np.allclose(mine, theirs[np.ix_(order, order)])
    value = rt.fiedler(found, weight).value
    assert value == pytest.approx(rt.fiedler(mine).value)


def test_an_exploration_knows_no_measures():
    found = rt.explore(NET, [0.3, 0.2])
    with pytest.raises(ValueError, match="`weight` is 'facet'"):
        rt.dual_graph(found, "facet")


def test_decisions_of_an_exploration_and_a_slice():
    net, x = DEEP, np.zeros(3)
    box = rt.Box(-2, 2)
    cx = rt.decompose(net, box, outputs="argmax")
    found = rt.explore(net, x, domain=box, outputs="argmax", max_cells=10**5)
    assert found.complete
    order = [cx[pattern].index for pattern in found.patterns]
    expected, got = rt.decision_regions(cx), rt.decision_regions(found)
    assert got.labels.tolist() == expected.labels[order].tolist()
    assert got.tied.tolist() == expected.tied[order].tolist()
    assert got.n_regions == expected.n_regions
    assert len(rt.decision_boundary(found)) == len(rt.decision_boundary(cx))
    with pytest.raises(ValueError, match="knows no vertices"):
        _ = rt.decision_boundary(found).measure
    line = rt.slice(net, [[-1.0, 0, 0], [1, 1, 1]], outputs="argmax")
    assert rt.decision_regions(line).labels.tolist() == (
        rt.decision_regions(line.complex).labels.tolist()
    )
    assert rt.fiedler(line).value == rt.fiedler(line.complex).value


def test_graphs_by_networkx():
    networkx = pytest.importorskip("networkx")
    graph = networkx.path_graph(6)
    matrix = np.diag(np.ones(5), 1) + np.diag(np.ones(5), -1)
    assert rt.fiedler(graph).value == pytest.approx(rt.fiedler(matrix).value)
    assert rt.spectral_clustering(graph, 3).labels.tolist() == [0, 0, 1, 1, 2, 2]
    networkx.set_edge_attributes(graph, 2.0, "weight")
    assert rt.fiedler(graph).value == pytest.approx(2 * rt.fiedler(matrix).value)
    cx = rt.decompose(NET, rt.Box(-2, 2))
    of_networkx = rt.fiedler(rt.to_networkx(cx, "bend"))
    assert of_networkx.value == pytest.approx(rt.fiedler(cx, "bend").value)
    with pytest.raises(ValueError, match="no nodes"):
        rt.fiedler(networkx.Graph())


@pytest.mark.parametrize("source", [3, "text", None, np.ones(3), [["a"]]])
def test_what_is_no_graph_is_refused(source):
    with pytest.raises((ValueError, TypeError), match="`complex"):
        rt.fiedler(source)
    with pytest.raises(TypeError, match="`complex` must be a Complex, an Exploration or a Slice"):
        rt.dual_graph(source)


def test_cells_along_a_segment():
    net = [(np.vstack([np.eye(3), -np.eye(3)]), np.zeros(6)), (np.ones((1, 6)), [0.0])]
    points = np.array([[-1.0, 1, 1], [1, -2, 1]])
    cells, t = rt.slice(net, points).ordered_cells
    assert t.tolist() == pytest.approx([0, 1 / 3, 1 / 2, 1])
    line = rt.slice(net, points, domain=None)
    cells, t = line.ordered_cells
    assert t[[0, -1]].tolist() == [-np.inf, np.inf]
    assert line.locate([[0.1], [0.4], [0.9]]).tolist() == cells.tolist()
    back = rt.slice(net, points[::-1]).ordered_cells[1]
    assert back.tolist() == pytest.approx([0, 1 / 2, 2 / 3, 1])
    assert rt.slice(net, points, domain=rt.Box(-np.inf, 0.1, dim=1)).ordered_cells[1].tolist() == [
        -np.inf,
        0.1,
    ]
    with pytest.raises(ValueError, match="2 axes"):
        _ = rt.slice(net, [[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]).ordered_cells


def test_an_orthonormal_slice_measures_as_the_input_space():
    corners = np.random.default_rng(1).normal(size=(3, 3))
    plain = rt.slice(DEEP, corners)
    turned = rt.slice(DEEP, corners, orthonormal=True)
    edges = corners[1:] - corners[0]
    area = np.sqrt(np.linalg.det(edges @ edges.T)) / 2
    assert turned.complex.cell_volumes.sum() == pytest.approx(area)
    assert turned.n_cells == plain.n_cells
    assert np.allclose(
        np.sort(turned.complex.cell_volumes), np.sort(plain.complex.cell_volumes * 2 * area)
    )
    ends = turned.embed(turned.complex.vertices)
    for corner in corners:
        assert np.abs(ends - corner).max(axis=1).min() < 1e-12
    images = rt.slice(DEEP, corners.reshape(3, 1, 3, 1))
    assert images.complex == plain.complex


def test_slices_are_values():
    found = rt.slice(DEEP, np.eye(3), outputs="argmax")
    before = pickle.dumps(found)
    assert found.vertices.size
    assert pickle.dumps(found) == before
    again = copy.deepcopy(pickle.loads(before))
    assert again.complex == found.complex
    assert again.network == found.network
    assert again.embed(again.complex.interior_points).tolist() == found.interior_points.tolist()


def test_labels_are_exact_where_cells_are_cut():
    cx = rt.decompose(NET, rt.Box(-2, 2), outputs="sign")
    decided = rt.decision_regions(cx)
    assert (rt.cell_labels(cx) == decided.labels).all()
    flat = [([[1.0]], [0.0]), ([[1.0]], [0.0])]  # zero on a whole cell
    cx = rt.decompose(flat, rt.Box(-1, 1), outputs="sign")
    assert rt.cell_labels(cx).tolist() == [False, True]
    assert rt.decision_regions(cx).labels.tolist() == [0, 1]
    assert rt.decision_regions(cx).tied.tolist() == [True, False]


def work(objects):
    """In another process: what each of these says, and the objects again."""
    cx, exploration, part, result = objects
    exploration.run(max_cells=exploration.n_cells + 1)
    return cx.f_vector.tolist(), exploration.n_cells, part.n_cells, result.value, objects


def values():
    cx = rt.decompose(NET, rt.Box(-1, 1), outputs="sign")
    return cx, rt.explore(NET, [0.3, 0.2], max_cells=2), rt.slice(NET, np.eye(2)), rt.fiedler(cx)


def test_values_cross_to_spawned_processes():
    given = values()
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        f_vector, explored, cells, value, back = pool.map(work, [given], chunksize=1)[0]
    assert f_vector == given[0].f_vector.tolist()
    assert explored == 3
    assert cells == given[2].n_cells
    assert value == given[3].value
    assert back[0] == given[0]
    assert back[1].n_cells == 3


def test_values_cross_through_joblib():
    joblib = pytest.importorskip("joblib")
    given = values()
    (found,) = joblib.Parallel(n_jobs=2)([joblib.delayed(work)(given)])
    assert found[0] == given[0].f_vector.tolist()
    assert found[1] == 3


def test_results_are_values():
    cx = rt.decompose(NET, rt.Box(-1, 1), outputs="sign")
    results = [
        rt.fiedler(cx),
        rt.spectrum(cx, 3),
        rt.cheeger(cx),
        rt.spectral_clustering(cx, 2),
        rt.nodal_domains(cx, rt.fiedler(cx).vector),
        rt.decision_boundary(cx),
        rt.decision_regions(cx),
        rt.cut_distance(cx, rt.fiedler(cx).partition),
        rt.count(NET, rt.Box(-1, 1)),
        rt.verify(cx, 2, method="certificates"),  # cddlib may be missing
        cx.subcomplex(cells=[0]),
    ]
    for result in results:
        for again in (copy.deepcopy(result), pickle.loads(pickle.dumps(result))):
            assert type(again) is type(result)
            assert repr(again) == repr(result)
