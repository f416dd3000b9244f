"""Public objects are values: they pickle, compare, iterate, and cannot be changed by accident."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest

import relutope as rt
from relutope.common.arrays import same_values

NET = [([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [0.0, 0.0, -0.5]), ([[1.0, -1.0, 0.3]], [0.1])]
ARRAYS = ("patterns", "adjacency", "bounded", "vertices", "vertex_signs", "f_vector")


def complexes():
    triangle = rt.Polytope([[-1, 0], [0, -1], [1, 1]], [1, 1, 1])
    for engine in ("vertex", "lp"):
        for domain in (rt.Box(-1, 1), None, triangle):
            yield rt.decompose(NET, domain, engine=engine)
    yield rt.decompose(NET, rt.Box(-1, 1), outputs="sign")


@pytest.mark.parametrize(
    "cx", list(complexes()), ids=lambda cx: f"{cx.stats['engine']}-{cx.domain}"
)
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda cx: pickle.loads(pickle.dumps(cx))])
def test_a_copy_says_the_same(cx, copied):
    again = copied(cx)
    assert again == cx
    assert again is not cx
    assert hash(again) == hash(cx)
    assert isinstance(again, rt.Complex)
    for name in ARRAYS:
        assert np.array_equal(getattr(again, name), getattr(cx, name)), name
    assert again.n_output_neurons == cx.n_output_neurons
    again.validate()


@pytest.mark.parametrize("engine", ["vertex", "lp"])
def test_a_pickle_does_not_depend_on_what_was_computed(engine):
    cx = rt.decompose(NET, rt.Box(-1, 1), engine=engine)
    before = pickle.dumps(cx)
    cx.validate()
    assert cx.vertex_values
    assert cx.interior_points.size
    assert rt.betti(cx, "superlevel").tolist()
    assert pickle.dumps(cx) == before
    assert pickle.dumps(pickle.loads(before)) == before


def test_what_is_made_of_a_complex_pickles():
    cx = rt.decompose(NET, rt.Box(-1, 1), outputs="sign")
    regions = pickle.loads(pickle.dumps(rt.decision_regions(cx)))
    assert regions.labels.tolist() == rt.decision_regions(cx).labels.tolist()
    part = pickle.loads(pickle.dumps(cx.subcomplex(cells=[0, 1])))
    assert part.f_vector.tolist() == cx.subcomplex(cells=[0, 1]).f_vector.tolist()
    faces = pickle.loads(pickle.dumps(cx.faces(1)))
    assert faces.signs().tolist() == cx.faces(1).signs().tolist()
    assert pickle.loads(pickle.dumps(cx.cell(0))).pattern.tolist() == cx.patterns[0].tolist()


def test_kept_arrays_are_read_only():
    cx = rt.decompose(NET, rt.Box(-1, 1))
    for name in (*ARRAYS, "interior_points", "interior_certified", "facet_measure", "cell_volumes"):
        array = getattr(cx, name)
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    with pytest.raises(ValueError, match="read-only"):
        cx.vertex_values[0][:] = 0


def results():
    """Public results with arrays in them."""
    cx = rt.decompose(NET, rt.Box(-1, 1), outputs="sign")
    halves = np.arange(cx.n_cells) < 2
    yield from (cx.cell(0), cx.faces(1), cx.subcomplex(cells=[0]), rt.region(cx, "superlevel"))
    yield from (rt.decision_regions(cx), rt.decision_boundary(cx), rt.cut_distance(cx, halves))
    yield from (rt.fiedler(cx), rt.spectrum(cx, 3), rt.cheeger(cx), rt.spectral_clustering(cx, 2))
    yield from (rt.nodal_domains(cx, halves - 0.5), rt.topology.random_betti_curves(cx, 2))
    yield from (rt.explore(NET, [0.2, 0.1], max_cells=3), rt.slice(NET, [[0, 0], [1, 1]]))
    yield from cx.subcomplex(cells=[0]).cycles(0)
    yield from (rt.FlatBox([0, 1], [1, 1]), rt.Polytope([[1, 0]], [1]), rt.Network(NET))


@pytest.mark.parametrize("result", list(results()), ids=lambda result: type(result).__name__)
def test_results_keep_arrays_that_nobody_can_write_to(result):
    """What an attribute gives twice is kept; what is made anew each time is the caller's."""
    names = [name for name in dir(result) if not name.startswith("_")]
    for name in names:
        try:
            kept = getattr(result, name)
        except (ValueError, AttributeError, rt.RelutopeError):
            continue  # not of this object, such as volumes of unbounded cells
        if isinstance(kept, np.ndarray) and kept.size and getattr(result, name) is kept:
            assert not kept.flags.writeable, name


def test_results_show_in_a_line_of_moderate_length():
    for result in results():
        assert len(repr(result)) < 300, repr(result)
        assert "\n" not in repr(result)


def test_stats_only_inform():
    cx = rt.decompose(NET, rt.Box(-1, 1), outputs="sign")
    labels = rt.decision_regions(cx).labels.tolist()
    cx.stats.clear()
    assert cx.stats["outputs"] == "sign"
    assert rt.decision_regions(cx).labels.tolist() == labels


def test_a_complex_is_a_sequence_of_cells():
    cx = rt.decompose(NET, rt.Box(-1, 1))
    assert len(cx) == cx.n_cells
    assert [cell.index for cell in cx] == list(range(len(cx)))
    assert cx[-1].index == len(cx) - 1
    for i, pattern in enumerate(cx.patterns):
        assert cx[pattern].index == i
        assert (
            cx.neighbours(i).tolist()
            == np.sort(cx.cell(i).neighbours[cx.cell(i).neighbours >= 0]).tolist()
        )
    with pytest.raises(IndexError):
        cx[len(cx)]
    with pytest.raises(KeyError, match="pattern"):
        cx[[True, False, True, True]]
    assert (cx.dual_graph() != rt.dual_graph(cx)).nnz == 0


def test_equal_means_the_same_problem():
    box = rt.decompose(NET, rt.Box(-1, 1))
    assert box == rt.decompose(NET, rt.Box(-1, 1), engine="lp")
    assert box != rt.decompose(NET, rt.Box(-1, 2))
    assert box != rt.decompose(NET, rt.Box(-1, 1), outputs="sign")
    assert box != 7


def test_boxes_can_be_evaluated_again():
    names = {"Box": rt.Box, "FlatBox": rt.FlatBox}
    for box in (rt.Box(-1, 1), rt.Box([0, -np.inf], [0.1, np.inf]), rt.FlatBox([0, 0.5], [1, 0.5])):
        again = eval(repr(box), names)
        assert again == box == pickle.loads(pickle.dumps(box))
        assert hash(again) == hash(box)
    assert rt.FlatBox([0, 1], [1, 1]) == rt.FlatBox([-0.0, 1], [1, 1]) != rt.FlatBox([0, 2], [1, 2])
    assert hash(rt.FlatBox([0, 1], [1, 1])) == hash(rt.FlatBox([-0.0, 1], [1, 1]))
    assert hash(rt.Box([0.0], [1.0])) == hash(rt.Box([-0.0], [1.0]))
    assert rt.Box([0.0], [1.0]) == rt.Box([-0.0], [1.0])


def test_a_network_keeps_what_its_layers_carry():
    net = rt.Network(NET).minus_level(2.0**-60)
    assert any(low.any() for low in net.bias_low)
    assert rt.Network(net.layers, net.linear_units) == net
    assert rt.Network([tuple(layer) for layer in net.layers], net.linear_units) != net
    with pytest.raises(rt.InvalidNetworkError, match="bias_low"):
        rt.Network(NET, bias_low=[[0.0]])


def test_refined_by_the_output_is_a_decision():
    cx = rt.decompose(NET, rt.Box(-1, 1))
    found = rt.decision_regions(cx.refine_by_output())
    assert (
        found.n_regions
        == rt.decision_regions(rt.decompose(NET, rt.Box(-1, 1), outputs="sign")).n_regions
    )


@pytest.mark.parametrize("value", [1e6, "2", True, 0])
@pytest.mark.parametrize("name", ["max_cells", "threads"])
def test_counts_are_integers(name, value):
    with pytest.raises((TypeError, ValueError), match=f"`{name}`"):
        rt.decompose(NET, rt.Box(-1, 1), **{name: value})


def test_chapters_are_attributes():
    code = (
        "import relutope as rt; "
        "assert rt.topology.betti and rt.graph.fiedler and rt.lab and rt.plotting; "
        "print(*[n for n in dir(rt) if n.startswith('_') and not n.startswith('__')])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


def test_the_module_is_the_command():
    run = subprocess.run(
        [sys.executable, "-m", "relutope", "--version"], capture_output=True, text=True, check=True
    )
    assert run.stdout == f"relutope {rt.__version__}\n"


def test_rows_of_a_ragged_array_by_slices_masks_and_numbers():
    rows = rt.Ragged(np.array([0, 2, 2, 3]), np.array([5, 7, 1]))
    assert [row.tolist() for row in rows[::-1]] == [[1], [], [5, 7]]
    assert [row.tolist() for row in rows[np.array([True, False, True])]] == [[5, 7], [1]]
    assert [row.tolist() for row in rows[[-1, 0]]] == [[1], [5, 7]]
    assert rows[1:].lengths.tolist() == [0, 1]
    assert rows.to_csr().toarray().nonzero()[1].tolist() == [5, 7, 1]
    assert rows.to_csr(9).shape == (3, 9)
    with pytest.raises(IndexError):
        rows[[3]]


def test_import_loads_nothing_that_is_not_used():
    code = (
        "import sys, relutope as rt; print('numpy' in sys.modules); "
        "net = [([[1.0]], [0.0]), ([[1.0]], [0.0])]; rt.count(net, rt.Box(-1, 1)); "
        "cx = rt.decompose(net, rt.Box(-1, 1)); cx.adjacency, cx.patterns, cx.f_vector; "
        "slow = ('scipy', 'torch', 'zipfile', 'lzma', 'json'); "
        "print([name for name in sys.modules if name.split('.')[0] in slow])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split("\n")[:2] == ["False", "[]"]


def test_a_complex_shows_itself_in_a_notebook():
    cx = rt.decompose(NET, rt.Box([-1, 0], [1, 1]))
    shown = cx._repr_html_()
    assert shown.count("<polygon") == cx.n_cells
    assert '<svg width="240" height="120"' in shown
    assert "Complex(" in shown
    assert "<svg" not in rt.decompose(NET)._repr_html_()
    assert (
        "<svg"
        not in rt.decompose([([[1.0]], [0.0]), ([[1.0]], [0.0])], rt.Box(-1, 1))._repr_html_()
    )


def test_results_show_in_a_line():
    cx = rt.decompose(NET, rt.Box(-1, 1))
    found = rt.fiedler(cx)
    results = {
        "Clustering(2 parts of 7 nodes": rt.spectral_clustering(cx, 2),
        "CheegerBounds(": rt.cheeger(cx),
        "NodalDomains(2 strong": rt.nodal_domains(cx, found.vector),
        "Spectrum(3 of 7": rt.spectrum(cx, 3),
    }
    for start, result in results.items():
        assert repr(result).startswith(start)
        assert len(repr(result)) < 100


def test_an_exploration_is_a_value():
    found = rt.explore(NET, [0.3, 0.2], max_cells=3)
    again = pickle.loads(pickle.dumps(found))
    assert again == found
    assert again is not found
    assert hash(again) == hash(found)
    assert copy.deepcopy(found) == found
    bytes_before = pickle.dumps(found)
    assert len(found.adjacency) == found.n_edges
    assert found.interior_certified.all()
    assert pickle.dumps(found) == bytes_before
    assert not any(array.flags.writeable for array in (found.x0, found.start, found.start_zeros))
    before = hash(found)
    found.run(max_cells=100)
    assert found != again
    assert hash(found) == before
    assert found == rt.explore(NET, [0.3, 0.2])
    assert hash(rt.Exploration(NET, [-0.0, 1.0])) == hash(rt.Exploration(NET, [0.0, 1.0]))
    assert found != rt.explore(NET, [0.3, 0.2], order="nearest")
    assert found != rt.explore(NET, [0.3, 0.2], outputs="sign")
    assert found != rt.explore(NET, [0.3, 0.2], domain=rt.Box(-9, 9))
    assert found != rt.explore(NET, [0.3, 0.25])


def test_an_exploration_is_a_sequence_of_cells_as_a_complex_is():
    found, cx = rt.explore(NET, [0.3, 0.2]), rt.decompose(NET)
    assert len(found) == len(cx)
    for cell in found:
        same = cx[cell.pattern]
        assert found[cell.pattern].index == cell.index
        around = {tuple(found.patterns[j].tolist()) for j in cell.neighbours}
        assert around == {tuple(cx.patterns[j].tolist()) for j in same.neighbours}
    number = cx.locate(found.interior_points)
    pairs = {tuple(sorted(number[pair].tolist())) for pair in found.adjacency}
    assert pairs == {tuple(pair) for pair in cx.adjacency.tolist()}
    assert found.dual_graph().nnz == 2 * cx.n_edges == 2 * found.n_edges
    with pytest.raises(KeyError, match="pattern"):
        found[[True, False, True, True]]
    for name in ("patterns", "adjacency", "interior_points", "interior_certified"):
        assert not getattr(found, name).flags.writeable, name


def test_cells_found_later_are_seen():
    found = rt.explore(NET, [0.3, 0.2], max_cells=1)
    assert (len(found.patterns), len(found.adjacency)) == (1, 0)
    found.run(max_cells=3)
    assert (len(found.patterns), len(found.interior_points)) == (3, 3)
    assert len(found.adjacency) == found.n_edges >= 2


@pytest.mark.parametrize("domain", [None, rt.Box(-1, 1), rt.Polytope([[1, 1], [-1, -1]], [1, 1])])
def test_points_are_located_in_an_exploration_as_in_a_complex(domain):
    found = rt.explore(NET, [0.3, 0.2], domain=domain)
    cx = rt.decompose(NET, domain)
    assert found.complete
    grid = np.stack(np.meshgrid(np.arange(-2, 2.01, 0.25), np.arange(-2, 2.01, 0.25)), axis=-1)
    X = grid.reshape(-1, 2)  # many of these are on boundaries, of cells and of the domain
    mine, whole = found.locate(X), cx.locate(X)
    assert ((mine < 0) == (whole < 0)).all()
    assert (mine >= 0).any()
    for x, i in zip(X, mine.tolist(), strict=True):
        if i >= 0:
            number = cx.locate(found.interior_points)
            around = [j for j in range(len(cx)) if cx.cell(j).contains(x[None])[0]]
            assert i == min(k for k in range(len(found)) if number[k] in around)
    few = rt.explore(NET, [0.3, 0.2], domain=domain, max_cells=2)
    assert set(few.locate(X).tolist()) == {-1, 0, 1}
    with pytest.raises(ValueError, match="`X`"):
        found.locate([[np.nan, 0.0]])
    with pytest.raises(ValueError, match="`X`"):
        found.locate([0.0, 0.0])


DEEP = [
    ([[1.0, 0.5, -1.0], [0.0, 1.0, 1.0], [1.0, -1.0, 0.0]], [0.25, -0.5, 0.0]),
    ([[1.0, -1.0, 0.5], [0.5, 1.0, -1.0]], [0.0, 0.25]),
    ([[1.0, -1.0]], [0.0]),
]


def slices():
    yield rt.slice(DEEP, [[0.0, 0.0, 0.0], [1.0, 0.5, 0.25], [-1.0, 0.5, 2.0]])
    yield rt.slice(DEEP, [[-4.0, 0.0, 0.5], [3.0, 1.0, 0.25]], outputs="sign", engine="lp")
    yield rt.slice(DEEP, embedding=([0, 0, 1], [[1, 0, 0], [0, 1, 1]]), orthonormal=True)
    yield rt.slice(DEEP, domain=rt.FlatBox([-1, 0.5, -1], [1, 0.5, 1]))


@pytest.mark.parametrize("cut", list(slices()), ids=str)
def test_a_slice_is_a_value_with_a_file(cut, tmp_path):
    cut.save(tmp_path / "cut.npz")
    for again in (
        rt.load(tmp_path / "cut.npz"),
        pickle.loads(pickle.dumps(cut)),
        copy.deepcopy(cut),
    ):
        assert isinstance(again, rt.Slice)
        assert again == cut
        assert hash(again) == hash(cut)
        assert again.network == cut.network
        assert again.vertices.tobytes() == cut.vertices.tobytes()
        assert again.complex.n_output_neurons == cut.complex.n_output_neurons
        again.complex.validate()
    (tmp_path / "again").mkdir()
    rt.load(tmp_path / "cut.npz").save(tmp_path / "again" / "cut.npz")
    assert (tmp_path / "again" / "cut.npz").read_bytes() == (tmp_path / "cut.npz").read_bytes()
    assert len(cut) == len(list(cut)) == cut.n_cells == len(cut.patterns)
    assert cut[cut.patterns[0]].index == 0
    assert cut.dual_graph().nnz == 2 * cut.n_edges == 2 * len(cut.adjacency)
    assert "Slice(" in cut._repr_html_()
    assert cut != rt.slice(DEEP, [[0.0, 0.0, 0.0], [1.0, 0.5, 0.5], [-1.0, 0.5, 2.0]])
    assert cut != 7


def test_a_slice_of_another_subspace_is_refused(tmp_path):
    from relutope.common.archive import Archive, write_archive

    path = tmp_path / "cut.npz"
    rt.slice(DEEP, [[0.0, 0.0, 0.0], [1.0, 0.5, 0.25]]).save(path)
    with Archive(path) as archive:
        header = archive.json("header.json")
        arrays = {name: archive.array(name) for name in archive.entries if name != "header.json"}
    for changed, said in (
        (("map_A0", 0, 0), "subspace"),
        (("sliced_W0", 0, 0), "header names"),
        (("map_c1", 0), "subspace"),
    ):
        name, *place = changed
        others = {k: v.copy() for k, v in arrays.items()}
        others[name][tuple(place)] += 0.5
        with open(path, "wb") as file:
            write_archive(file, {"header.json": header}, others)
        with pytest.raises(rt.InvalidFileError, match=said):
            rt.load(path)
    with open(path, "wb") as file:
        write_archive(file, {"header.json": header | {"maps": 0}}, arrays)
    with pytest.raises(rt.InvalidFileError, match="maps"):
        rt.load(path)


def test_functions_take_a_slice_for_its_complex():
    cut = rt.slice(DEEP, [[0.0, 0.0, 0.0], [1.0, 0.5, 0.25], [-1.0, 0.5, 2.0]], outputs="sign")
    cx = cut.complex
    assert rt.betti(cut, "superlevel").tolist() == rt.betti(cx, "superlevel").tolist()
    assert rt.persistence(cut) == rt.persistence(cx)
    assert rt.region(cut, "level").complex == rt.region(cx, "level").complex
    assert rt.fiedler(cut).value == rt.fiedler(cx).value
    assert rt.decision_regions(cut).labels.tolist() == rt.decision_regions(cx).labels.tolist()
    assert rt.linear_regions(cut).n_affine_regions == rt.linear_regions(cx).n_affine_regions
    values = rt.topology.cell_values(cut, "volume")
    assert values.tolist() == rt.topology.cell_values(cx, "volume").tolist()
    assert rt.verify(cut, sample=2).ok


@pytest.mark.parametrize("ask", [rt.betti, rt.persistence, rt.linear_regions])
def test_what_needs_all_cells_refuses_some(ask):
    with pytest.raises(TypeError, match="`complex` must be a Complex or a Slice, got Exploration"):
        ask(rt.explore(NET, [0.3, 0.2]))
    with pytest.raises(TypeError, match=r"`complex` must be .*got int"):
        ask(3)


BOX = rt.Box(-1, 1)


@pytest.mark.parametrize(
    ("name", "ask"),
    [
        ("max_cells", lambda value: rt.count(NET, BOX, max_cells=value)),
        ("threads", lambda value: rt.count(NET, BOX, threads=value)),
        ("samples", lambda value: rt.estimate_count(NET, BOX, samples=value)),
        ("max_cells", lambda value: rt.explore(NET, [0.3, 0.2], max_cells=value)),
        ("max_cells", lambda value: rt.integrate(NET, BOX, max_cells=value)),
        ("threads", lambda value: rt.extremes(NET, BOX, threads=value)),
        ("max_cells", lambda value: rt.lipschitz(NET, BOX, max_cells=value)),
        ("threads", lambda value: rt.slice(NET, [[0, 0], [1, 1]], threads=value)),
        ("k", lambda value: rt.spectrum(rt.decompose(NET, BOX), value)),
        ("n_parts", lambda value: rt.spectral_clustering(rt.decompose(NET, BOX), value)),
        ("sample", lambda value: rt.verify(rt.decompose(NET, BOX), sample=value)),
    ],
)
@pytest.mark.parametrize("value", [1e6, 1.5, True])
def test_every_count_is_an_integer(name, ask, value):
    with pytest.raises(TypeError, match=f"`{name}` must be a"):
        ask(value)


@pytest.mark.parametrize(
    ("name", "ask"),
    [
        ("max_seconds", lambda value: rt.decompose(NET, BOX, max_seconds=value)),
        ("max_seconds", lambda value: rt.count(NET, BOX, max_seconds=value)),
        ("max_seconds", lambda value: rt.extremes(NET, BOX, max_seconds=value)),
        ("max_seconds", lambda value: rt.integrate(NET, BOX, max_seconds=value)),
        ("max_seconds", lambda value: rt.verify(rt.decompose(NET, BOX), max_seconds=value)),
        ("radius", lambda value: rt.explore(NET, [0.3, 0.2], radius=value)),
    ],
)
@pytest.mark.parametrize("value", ["3", True, [1], -1.0, float("nan")])
def test_limits_are_numbers(name, ask, value):
    with pytest.raises((TypeError, ValueError), match=f"`{name}` must be"):
        ask(value)


def test_results_show_arrays_that_nobody_can_write_to():
    cx = rt.decompose(NET, rt.Box(-1, 1), outputs="sign")
    faces, cell, cut = cx.faces(1), cx.cell(0), rt.fiedler(cx)
    shown = [
        *(faces.bounded, faces.on_boundary, faces.cells.indices, faces.vertices.indices),
        *(faces.facets.indptr, cell.A, cell.b, cell.neighbours, cut.vector, cut.partition),
        *(rt.decision_regions(cx).labels, rt.decision_boundary(cx).edges),
    ]
    for array in shown:
        with pytest.raises(ValueError, match="read-only"):
            array[:1] = 0
    incidence = cx.incidence(0, 2)
    before = faces.cells.indices.tobytes()
    incidence.indices[:] = 0  # a matrix of the caller's own
    assert cx.faces(0).cells.indices.any()
    assert faces.cells.indices.tobytes() == before


def other_results():
    """Results that `results` leaves out, of chapters beside the complex."""
    cx = rt.decompose(NET, rt.Box(-1, 1), outputs="sign")
    plain = rt.decompose(NET, rt.Box(-1, 1))
    yield from (cx.faces(1).cells, rt.topology.critical_cells(cx), rt.topology.flow_graph(cx))
    yield from (
        rt.topology.merge_tree(cx),
        rt.topology.reeb_graph(cx),
        rt.bent_hyperplanes(cx),
        rt.extremes(NET, rt.Box(-1, 1)),
    )
    yield from (rt.lipschitz(NET, rt.Box(-1, 1)), rt.compare(NET, NET, rt.Box(-1, 1)))
    yield from (
        rt.is_generic(plain),
        rt.functional_dimension(plain),
        rt.removal_effects(NET, rt.Box(-1, 1)),
    )
    yield from (rt.neural_code(plain, 1), rt.shortest_path(cx, 0, cx.n_cells - 1))


def test_results_of_one_question_are_equal():
    """Asked twice, copied or sent to another process: equal, with one hash; not so with others."""
    once, again = [*results(), *other_results()], [*results(), *other_results()]
    assert len(once) > 30
    for k, (a, b) in enumerate(zip(once, again, strict=True)):
        assert a == b, type(a)
        assert hash(a) == hash(b), type(a)
        assert pickle.loads(pickle.dumps(a)) == a, type(a)
        assert all(a != other for other in once[k + 1 :] if type(other) is not type(a))


def test_results_of_other_questions_differ():
    cx = rt.decompose(NET, rt.Box(-1, 1), outputs="sign")
    other = rt.decompose(NET, rt.Box(-2, 2), outputs="sign")
    for ask in (
        lambda c: rt.fiedler(c, "facet"),
        lambda c: c.cell(0),
        lambda c: c.subcomplex(cells=[0]),
        rt.decision_regions,
        rt.topology.merge_tree,
        lambda c: c.faces(0),
        lambda c: rt.extremes(c.network, c.domain),
    ):
        assert ask(cx) == ask(cx)
        assert ask(cx) != ask(other)
    assert cx.cell(0) != cx.cell(1)
    assert cx.subcomplex(cells=[0]) != cx.subcomplex(cells=[1])
    assert cx.cell(0) != "cell"
    assert same_values(float("nan"), float("nan"))
    assert not same_values(np.zeros(2), np.zeros(3))
    assert not same_values(np.zeros(2), [0.0, 0.0])
    assert not same_values((1, 2), [1, 2])
    assert same_values({"a": np.array([np.nan])}, {"a": np.array([np.nan])})
