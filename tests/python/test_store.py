"""Cells on disk: the same as in memory, whatever happened to the process that wrote them."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import relutope as rt
from clusters import PROBLEMS, assert_same, deep, degenerate, layers, wide
from store_kills import campaign, content

pytest.importorskip("pyarrow")

EACH = pytest.mark.parametrize("make", PROBLEMS, ids=lambda make: make.__name__)
ENGINES = pytest.mark.parametrize("engine", ["vertex", "lp"])
HERE = Path(__file__).parent


@ENGINES
@EACH
def test_a_store_has_what_the_complex_has(make, engine, tmp_path):
    network, domain = make()
    whole = rt.decompose(network, domain, engine=engine)
    store = rt.decompose(network, domain, engine=engine, store=tmp_path / "store")
    assert store.complete
    assert store.jobs_done == store.n_jobs > 0
    assert (store.n_cells, store.n_edges) == (whole.n_cells, whole.n_edges)
    assert (store.network, store.domain) == (whole.network, whole.domain)
    chunks = list(store.iter_cells(chunk=7))
    assert (np.concatenate([c.patterns for c in chunks]) == whole.patterns).all()
    assert [c.first for c in chunks] == np.cumsum([0, *(len(c) for c in chunks)])[:-1].tolist()
    if engine == "vertex":
        facets = np.concatenate([c.facets.indices for c in chunks])
        assert (facets == whole.solution.arrays.facet_id).all()
    else:
        points = np.concatenate([c.interior_points for c in chunks])
        certified = whole.interior_certified
        assert (points[certified] == whole.interior_points[certified]).all()
    assert (np.concatenate(list(store.iter_edges(chunk=5))) == whole.adjacency).all()
    assert (abs(store.dual_graph() - rt.dual_graph(whole)) > 0).nnz == 0
    assert store.dual_graph().nnz == 2 * whole.n_edges
    assert (store.degrees() == np.bincount(whole.adjacency.ravel(), minlength=len(whole))).all()
    i = whole.n_cells // 2
    assert (store.neighbours(i) == whole.neighbours(i)).all()
    assert_same(store.to_memory(), whole, tmp_path)
    assert_same(rt.open_store(tmp_path / "store").to_memory(), whole, tmp_path)


@EACH
def test_points_are_located_as_in_the_complex(make, tmp_path):
    network, domain = make()
    whole = rt.decompose(network, domain)
    store = rt.decompose(network, domain, store=tmp_path / "store")
    rng = np.random.default_rng(0)
    inside = whole.interior_points[rng.integers(whole.n_cells, size=50)]
    on_faces = whole.vertices[rng.integers(len(whole.vertices), size=50)]
    axes = np.vstack([np.zeros(whole.dim), np.eye(whole.dim), 9 * np.eye(whole.dim)])
    X = np.vstack([inside, on_faces, (inside + on_faces) / 2, axes])
    assert (store.locate(X) == whole.locate(X)).all()


def test_rows_of_patterns_are_read_as_of_an_array(tmp_path):
    whole = rt.decompose(*deep())
    rows = rt.decompose(*deep(), store=tmp_path / "store").patterns
    assert rows.shape == whole.patterns.shape
    assert (rows[-1] == whole.patterns[-1]).all()
    assert (rows[3:90:4] == whole.patterns[3:90:4]).all()
    assert (rows[[5, 1, -2]] == whole.patterns[[5, 1, -2]]).all()
    with pytest.raises(IndexError):
        rows[len(whole)]
    with pytest.raises(TypeError):
        rows[0.5]


def test_classes_are_those_of_the_regions(tmp_path):
    network, box = layers([2, 12, 12, 4], seed=1), rt.Box(-3, 3)
    whole = rt.decompose(network, box, outputs="argmax")
    store = rt.decompose(network, box, outputs="argmax", store=tmp_path / "store")
    assert (store.class_labels() == rt.decision_regions(whole).labels).all()
    with pytest.raises(ValueError, match="without `outputs`"):
        rt.decompose(*deep(), store=tmp_path / "other").class_labels()


@pytest.mark.parametrize("dim", [1, 2])
def test_the_f_vector_of_few_dimensions_follows_from_the_cells(dim, tmp_path):
    network, box = layers([dim, 9, 9, 1], seed=1), rt.Box(-3, 3, dim=dim)
    store = rt.decompose(network, box, store=tmp_path / "store")
    assert (store.f_vector == rt.decompose(network, box).f_vector).all()


def test_a_search_that_is_stopped_goes_on_and_writes_the_same_files(tmp_path):
    network, box = wide(60)
    for _ in range(10):
        with pytest.raises(rt.StoppedError):
            rt.decompose(
                network,
                box,
                store=tmp_path / "store",
                progress=lambda cells, done, parts: done > 3,
                threads=2,
            )
        part = rt.open_store(tmp_path / "store")
        assert not part.complete
        assert 0 < part.jobs_done <= part.n_jobs
        assert sum(len(chunk) for chunk in part.iter_cells()) == part.n_cells
    with pytest.raises(rt.RelutopeError, match="is not complete"):
        part.dual_graph()
    store = rt.decompose(network, box, store=tmp_path / "store", threads=2)
    rt.decompose(network, box, store=tmp_path / "whole", threads=1)
    assert content(tmp_path / "store") == content(tmp_path / "whole")
    assert store.complete


def test_kills_at_random_moments_change_no_byte(tmp_path):
    found = campaign(tmp_path, kills=5, neurons=60, seed=0, longest=0.3)
    assert found["kills"] == 5


def test_a_line_that_was_cut_off_and_files_of_a_killed_process_do_no_harm(tmp_path):
    path = tmp_path / "store"
    rt.decompose(*deep(), store=path)
    whole = content(path)
    shutil.rmtree(path / "graph")
    lines = (path / "jobs.jsonl").read_bytes()
    for cut in (1, 7, len(lines) // 2, len(lines) - 3):
        (path / "jobs.jsonl").write_bytes(lines[:cut])
        (path / "cells" / ".000-1-abc.arrow").write_bytes(b"half")
        (path / ".graph-abc").mkdir()
        store = rt.open_store(path)
        assert not store.complete
        assert rt.decompose(*deep(), store=path).complete
        assert content(path) == whole
        shutil.rmtree(path / "graph")


def test_files_that_did_not_reach_the_disk_are_made_again(tmp_path):
    """As after a loss of power: lines are there, but not what they speak of."""
    path = tmp_path / "store"
    rt.decompose(*deep(), store=path)
    whole = content(path)
    lines = [x for x in (path / "jobs.jsonl").read_bytes().splitlines() if b"durable" not in x]
    files = [json.loads(x)["file"] for x in lines]
    for harm in (
        lambda file: file.unlink(),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(bytes(file.stat().st_size)),
    ):
        (path / "jobs.jsonl").write_bytes(b"".join(x + b"\n" for x in lines))
        shutil.rmtree(path / "graph")
        for name in [x for x in files if x][3:6]:
            harm(path / "cells" / name)
        assert rt.decompose(*deep(), store=path).complete
        assert content(path) == whole


def test_another_problem_at_the_path_is_named(tmp_path):
    network, box = deep()
    rt.decompose(network, box, store=tmp_path / "store")
    with pytest.raises(ValueError, match="another `network`"):
        rt.decompose(deep(seed=1)[0], box, store=tmp_path / "store")
    with pytest.raises(ValueError, match=r"another `domain`: of Box.*2.*where Box.*3"):
        rt.decompose(network, rt.Box(-3, 3, dim=3), store=tmp_path / "store")
    with pytest.raises(ValueError, match="another `network`"):
        rt.decompose(network, box, outputs="sign", store=tmp_path / "store")
    with pytest.raises(ValueError, match="made by 'vertex'"):
        rt.decompose(network, box, engine="lp", store=tmp_path / "store")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("x")
    for strange in (tmp_path / "full", tmp_path / "full" / "thesis.tex"):
        with pytest.raises(ValueError, match="no store and not empty"):
            rt.decompose(network, box, store=strange)
    with pytest.raises(FileNotFoundError, match="no store"):
        rt.open_store(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="FlatBox"):
        rt.decompose(network, rt.FlatBox([0, 0, 0], [1, 1, 0]), store=tmp_path / "flat")


def test_a_second_writer_is_refused_until_the_first_is_dead(tmp_path):
    path = tmp_path / "store"
    hold = f"""
        from pathlib import Path
        from relutope.store.lock import writing_alone
        Path({str(path)!r}).mkdir()
        with writing_alone(Path({str(path / "lock")!r})):
            print("held", flush=True)
            input()
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(hold)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    with pytest.raises(rt.BusyError, match=rf"process {process.pid} on"):
        rt.decompose(*deep(), store=path)
    process.kill()
    process.communicate()
    assert rt.decompose(*deep(), store=path).complete


def limited(code):
    """Runs code with at most 40 kB a file, as a full disk is, and returns what it prints."""

    def limits():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))

    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        preexec_fn=limits,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_a_full_disk_is_one_error_and_loses_nothing(tmp_path):
    path = tmp_path / "store"
    said = limited(f"""
        import sys; sys.path.insert(0, {str(HERE)!r})
        import relutope as rt
        from clusters import wide
        try:
            rt.decompose(*wide(60), store={str(path)!r}, threads=1)
        except OSError as error:
            print(error.strerror, error.filename)
    """)
    assert said.startswith("File too large ")
    assert str(path) in said
    before = rt.open_store(path)
    assert not before.complete
    store = rt.decompose(*wide(60), store=path)
    assert_same(store.to_memory(), rt.decompose(*wide(60)), tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_one_error(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError, match="store"):
        rt.decompose(*deep(), store=tmp_path / "store")


def test_a_pool_of_processes_fills_a_store_with_the_same_bytes(tmp_path):
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        rt.decompose(*degenerate(), store=tmp_path / "one", executor=pool)
    rt.decompose(*degenerate(), store=tmp_path / "other", threads=1)
    assert content(tmp_path / "one") == content(tmp_path / "other")


def test_a_limit_of_cells_keeps_what_was_found(tmp_path):
    with pytest.raises(rt.CellLimitError):
        rt.decompose(*wide(60), store=tmp_path / "store", max_cells=500)
    assert rt.open_store(tmp_path / "store").n_cells > 500
    assert rt.decompose(*wide(60), store=tmp_path / "store").complete
