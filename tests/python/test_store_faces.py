"""Faces and volumes of cells on disk: those of the complex, found part by part."""

from __future__ import annotations

import math
import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings

import relutope as rt
from clusters import PROBLEMS, deep, degenerate, everywhere, layers, wide
from fuzz import Sample
from relutope.search import tasks
from relutope.store import faces
from relutope.store.faces import DistinctRows
from strategies import networks

pytest.importorskip("pyarrow")


def without_box():
    return layers([3, 8, 8, 1]), None


def through_the_origin():
    """A fan: all faces but one are unbounded."""
    return degenerate()[0], None


def prism():
    """Cells that contain lines."""
    return [([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], [0.0, 0.5]), ([[1.0, 1.0]], [0.0])], None


def four():
    return degenerate(4)


def cut_cube():
    network, _ = layers([3, 9, 5, 1], seed=4), None
    return network, rt.Polytope(
        np.vstack([np.eye(3), -np.eye(3), np.ones((1, 3))]), [1.0] * 6 + [1.5]
    )


EACH = pytest.mark.parametrize(
    "make",
    [*PROBLEMS, without_box, through_the_origin, prism, four, cut_cube],
    ids=lambda make: make.__name__,
)


@pytest.fixture
def small_parts(monkeypatch):
    """Vertices are made for the fewest cells at a time that there can be."""
    monkeypatch.setattr(tasks, "_CELLS", {})
    monkeypatch.setattr(tasks, "_CELLS_MANY_DIMENSIONS", 1)


def assert_same_geometry(store, whole):
    assert store.count_faces(threads=2).tolist() == whole.f_vector.tolist()
    assert store.f_vector.tolist() == whole.f_vector.tolist()
    volumes = np.concatenate(list(store.iter_volumes(threads=2)))
    scale = max(1.0, float(whole.cell_volumes[whole.bounded].max(initial=0.0)))
    assert (np.isfinite(volumes) == np.isfinite(whole.cell_volumes)).all()
    finite = np.isfinite(volumes)
    assert volumes[finite] == pytest.approx(whole.cell_volumes[finite], rel=1e-9, abs=1e-13 * scale)


@pytest.mark.usefixtures("small_parts")
@EACH
def test_faces_and_volumes_are_those_of_the_complex(make, tmp_path):
    store = rt.decompose(*make(), store=tmp_path / "store")
    assert_same_geometry(store, store.to_memory())


@EACH
def test_faces_and_volumes_of_the_lp_engine_are_the_same(make, tmp_path):
    store = rt.decompose(*make(), engine="lp", store=tmp_path / "store")
    assert_same_geometry(store, rt.decompose(*make()))


def test_faces_and_volumes_on_truth_files(truth_case, tmp_path):
    whole = truth_case.complex
    store = rt.decompose(whole.network, whole.domain, store=tmp_path / "store")
    assert store.count_faces().tolist() == truth_case.truth["f_vector"]
    assert_same_geometry(store, whole)


@settings(max_examples=60)
@given(networks(dims=(1, 2, 3, 4), scale=2, kinds=("integer", "quantised", "float32", "float64")))
def test_faces_and_volumes_of_random_degenerate_networks(case: Sample):
    whole = case.complex()
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "_CELLS", {})
        patch.setattr(tasks, "_CELLS_MANY_DIMENSIONS", 1)
        store = rt.decompose(whole.network, whole.domain, store=folder + "/store")
        assert_same_geometry(store, whole)


def test_the_volume_of_a_box_is_that_of_its_cells(tmp_path):
    network, box = wide(60)
    assert rt.decompose(network, box, store=tmp_path / "store").volume == pytest.approx(8.0)
    assert rt.decompose(network, store=tmp_path / "all").volume == math.inf


def test_other_processes_count_and_measure_the_same(tmp_path):
    store = rt.decompose(*deep(), store=tmp_path / "store")
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert (store.count_faces(executor=pool) == store.count_faces(threads=1)).all()
        measured = [v.tobytes() for v in store.iter_volumes(executor=pool)]
    assert measured == [v.tobytes() for v in store.iter_volumes(threads=1)]


@pytest.mark.usefixtures("small_parts")
def test_faces_that_several_parts_share_are_counted_on_disk_when_they_are_many(
    tmp_path, monkeypatch
):
    store = rt.decompose(*degenerate(4), store=tmp_path / "store")
    in_memory = store.count_faces()
    monkeypatch.setattr(faces, "_HELD", 1 << 12)
    written = []
    write = DistinctRows._write
    monkeypatch.setattr(DistinctRows, "_write", lambda rows: (written.append(rows), write(rows)))
    assert (store.count_faces() == in_memory).all()
    assert written


@pytest.mark.parametrize("held", [1, 400, 10**6])
def test_distinct_rows_come_once_wherever_they_are_held(held):
    rng = np.random.default_rng(0)
    batches = [rng.integers(0, 3, size=(40, 3)).astype(np.uint64) for _ in range(20)]
    with DistinctRows(held) as rows:
        for batch in batches:
            rows.add(batch)
        found = np.concatenate(list(rows))
    assert len(found) == 27
    assert len(np.unique(found, axis=0)) == 27


def test_cells_that_are_not_all_there_have_no_faces_yet(tmp_path):
    with pytest.raises(rt.StoppedError):
        rt.decompose(*wide(60), store=tmp_path / "store", progress=lambda *_: True)
    store = rt.open_store(tmp_path / "store")
    for ask in (store.count_faces, lambda: store.volume, lambda: store.f_vector):
        with pytest.raises(rt.RelutopeError, match="is not complete"):
            ask()


def test_a_store_of_other_cells_than_its_problem_has_is_found_out(tmp_path):
    store = rt.decompose(*everywhere(), store=tmp_path / "store")
    store._folder.problem = rt.decompose(*deep(), store=tmp_path / "other")._folder.problem
    with pytest.raises(rt.InvalidComplexError, match="make it anew"):
        store.count_faces()
    with pytest.raises(rt.InvalidComplexError, match="make it anew"):
        list(store.iter_volumes())


@pytest.mark.usefixtures("small_parts")
def test_counting_faces_stops_when_it_is_told_to(tmp_path):
    store = rt.decompose(*wide(60), store=tmp_path / "store")
    with pytest.raises(rt.StoppedError):
        store.count_faces(progress=lambda cells, done, steps: done > 3)
