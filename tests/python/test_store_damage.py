"""Stores that something has happened to: every damage is named, or mended by the same call."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest

import relutope as rt
from clusters import assert_same, deep, degenerate, wide
from relutope.store.table import checked, read_checked

pa = pytest.importorskip("pyarrow")
HERE = Path(__file__).parent


@pytest.fixture(scope="module", params=["vertex", "lp"])
def made(request, tmp_path_factory):
    """A complete store; to be copied before it is harmed."""
    path = tmp_path_factory.mktemp("made") / "store"
    rt.decompose(*degenerate(), engine=request.param, store=path)
    return path


@pytest.fixture
def path(made, tmp_path):
    return Path(shutil.copytree(made, tmp_path / "store"))


def change(path, **entries):
    """Another manifest, with a check that fits."""
    manifest = json.loads((path / "manifest.json").read_text())
    manifest.pop("check")
    (path / "manifest.json").write_text(json.dumps(checked(manifest | entries)))


def table(path):
    return (path / "jobs.jsonl").read_bytes().splitlines(keepends=True)


def rewrite(path, **entries):
    """Another first line that has a file, with a check that fits."""
    lines = table(path)
    place = next(k for k, line in enumerate(lines) if b".arrow" in line)
    content = read_checked(lines[place]) | entries
    lines[place] = json.dumps(checked(content)).encode() + b"\n"
    (path / "jobs.jsonl").write_bytes(b"".join(lines))


def some_file(path):
    return max((path / "cells").iterdir(), key=lambda file: file.stat().st_size)


def flip(file, place):
    content = bytearray(file.read_bytes())
    content[place] ^= 16
    file.write_bytes(content)


MANIFESTS = {
    "no json": lambda path: (path / "manifest.json").write_text("{"),
    "no text": lambda path: (path / "manifest.json").write_bytes(b"\xff\xfe"),
    "nested": lambda path: (path / "manifest.json").write_text("[" * 100_000),
    "a list": lambda path: (path / "manifest.json").write_text("[]"),
    "another format": lambda path: change(path, format="x"),
    "a newer version": lambda path: change(path, version=99),
    "no engine": lambda path: change(path, engine="magic"),
    "an engine that is none": lambda path: change(path, engine=[]),
    "no children": lambda path: change(path, children=-1),
    "a share of children": lambda path: change(path, children=2.5),
    "no cells per task": lambda path: change(path, cells_per_task=0),
    "another network": lambda path: change(path, network="00"),
    "another domain": lambda path: change(path, domain={"kind": "R^n"}),
    "outputs that are none": lambda path: change(path, outputs="many"),
    "no problem": lambda path: (path / "problem.npz").unlink(),
    "half a problem": lambda path: (path / "problem.npz").write_bytes(
        (path / "problem.npz").read_bytes()[:200]
    ),
    "a flipped bit": lambda path: flip(path / "manifest.json", 200),
}
LINES = {
    "a task that is not known": {"task": [[9, 9], 0, 1, ""]},
    "a task of huge numbers": {"task": [[], 10**30, 10**31, ""]},
    "a task of shares": {"task": [[], 0.5, 1, ""]},
    "no task": {"task": None},
    "a file elsewhere": {"file": "../../secret"},
    "a file of another task": {"file": "063.arrow"},
    "no file": {"file": ""},
    "huge": {"cells": 10**30},
    "a share": {"cells": 1.5},
    "a truth": {"bytes": True},
    "text": {"crc32": "1"},
    "other cells": {"cells": 10**6},
    "more facets": {"facets": 10**6},
    "other bytes": {"bytes": 12},
    "another sum": {"crc32": 12},
    "nothing left": {"rest": None},
}


@pytest.mark.parametrize("fault", MANIFESTS)
def test_wrong_manifests_are_refused_on_opening(fault, path):
    MANIFESTS[fault](path)
    with pytest.raises(rt.InvalidFileError):
        rt.open_store(path)
    with pytest.raises(rt.InvalidFileError):
        rt.decompose(*degenerate(), store=path)


@pytest.mark.parametrize("fault", LINES)
def test_lines_that_say_what_cannot_be_are_refused(fault, path):
    rewrite(path, **LINES[fault])
    with pytest.raises(rt.InvalidFileError):
        rt.open_store(path).validate()


@pytest.mark.parametrize("name", ["cells", "facets", "bytes", "crc32", "file", "task", "rest"])
def test_damage_of_any_entry_of_the_table_is_noticed_on_opening(name, path):
    lines = table(path)
    place = next(k for k, line in enumerate(lines) if b".arrow" in line)
    begin = lines[place].index(f'"{name}": '.encode()) + len(name) + 4
    digit = next(k for k in range(begin, len(lines[place])) if lines[place][k : k + 1].isdigit())
    damaged = bytearray(lines[place])
    damaged[digit] ^= 1  # another digit
    lines[place] = bytes(damaged)
    (path / "jobs.jsonl").write_bytes(b"".join(lines))
    with pytest.raises(rt.InvalidFileError, match=r"jobs\.jsonl"):
        rt.open_store(path)


def test_a_line_that_is_missing_is_done_again(path):
    whole = {file.name: file.read_bytes() for file in (path / "cells").iterdir()}
    lines = table(path)
    (path / "jobs.jsonl").write_bytes(b"".join(lines[:5] + lines[6:]))
    assert not rt.open_store(path).complete
    engine = rt.open_store(path).engine
    assert rt.decompose(*degenerate(), engine=engine, store=path).complete
    assert {file.name: file.read_bytes() for file in (path / "cells").iterdir()} == whole


HARMS = {
    "gone": lambda file: file.unlink(),
    "empty": lambda file: file.write_bytes(b""),
    "cut off": lambda file: file.write_bytes(file.read_bytes()[:-1]),
    "longer": lambda file: file.write_bytes(file.read_bytes() + b"x"),
}


@pytest.mark.parametrize("harm", HARMS)
def test_files_that_are_not_there_are_named_on_opening_and_made_anew(harm, path):
    engine = rt.open_store(path).engine
    whole = {file.name: file.read_bytes() for file in (path / "cells").iterdir()}
    lines = table(path)
    HARMS[harm](file := some_file(path))
    with pytest.raises(rt.InvalidFileError, match=file.name):
        rt.open_store(path)
    assert rt.decompose(*degenerate(), engine=engine, store=path).complete
    assert {file.name: file.read_bytes() for file in (path / "cells").iterdir()} == whole
    assert table(path)[: len(lines)] == lines


def test_a_flipped_bit_anywhere_in_the_cells_is_found_when_they_are_read(path):
    rng = np.random.default_rng(0)
    engine = rt.open_store(path).engine
    for _ in range(5):
        file = some_file(path)
        flip(file, int(rng.integers(file.stat().st_size)))
        for read in (
            lambda store: list(store.iter_cells()),
            lambda store: store.patterns[:],
            lambda store: store.to_memory(),
            lambda store: store.validate(),
        ):
            with pytest.raises(rt.InvalidFileError, match=file.name):
                read(rt.open_store(path))
        file.unlink()
        rt.decompose(*degenerate(), engine=engine, store=path).validate()


def test_a_damaged_graph_is_found_and_made_anew(path):
    engine, graph = rt.open_store(path).engine, path / "graph"
    whole = {file.name: file.read_bytes() for file in graph.iterdir()}
    for harm in (
        lambda: (graph / "indices.npy").unlink(),
        lambda: (graph / "graph.json").unlink(),
        lambda: (graph / "graph.json").write_text("{}"),
        lambda: flip(graph / "graph.json", 30),
        lambda: (graph / "indices.npy").write_bytes(whole["indices.npy"][:-4]),
        lambda: np.save(graph / "indptr.npy", np.arange(3)),
        lambda: (graph / "indptr.npy").write_bytes(b""),
    ):
        harm()
        with pytest.raises(rt.InvalidFileError, match="graph"):
            rt.open_store(path)
        assert rt.decompose(*degenerate(), engine=engine, store=path).complete
        assert {file.name: file.read_bytes() for file in graph.iterdir()} == whole
    for name in ("indices.npy", "indptr.npy"):
        flip(graph / name, -3)
        store = rt.open_store(path)
        for read in (store.dual_graph, store.validate):
            with pytest.raises(rt.InvalidFileError, match=name):
                read()
        with pytest.raises(rt.InvalidFileError, match=name):
            list(rt.open_store(path).iter_edges())
        shutil.rmtree(graph)
        rt.decompose(*degenerate(), engine=engine, store=path)


def test_the_names_of_files_are_in_the_order_of_the_cells(tmp_path):
    subprocess.run(
        [sys.executable, "-c", WRITER.format(here=str(HERE), path=str(tmp_path / "small"))],
        check=True,
    )
    files = sorted((tmp_path / "small" / "cells").iterdir())
    assert any("_" in file.name for file in files)
    columns = [pa.ipc.open_file(file).read_all().column("pattern") for file in files]
    rows = [value.as_py() for column in columns for value in column]
    store = rt.open_store(tmp_path / "small")
    assert rows == [
        np.packbits(row, bitorder="little").tobytes().ljust(8, b"\0") for row in store.patterns[:]
    ]


WRITER = """
import sys; sys.path.insert(0, {here!r})
import relutope as rt
from clusters import wide
from relutope.search import tasks
tasks._CELLS = {{3: 256}}
rt.decompose(*wide(60), store={path!r}, threads=1)
"""


def test_a_store_goes_on_with_tasks_of_the_size_that_it_was_begun_with(tmp_path):
    code = WRITER.replace("threads=1", "threads=1, max_cells=2000")
    done = subprocess.run(
        [sys.executable, "-c", code.format(here=str(HERE), path=str(tmp_path / "store"))],
        stderr=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode != 0
    subprocess.run(
        [sys.executable, "-c", WRITER.format(here=str(HERE), path=str(tmp_path / "whole"))],
        check=True,
    )
    rt.decompose(*wide(60), store=tmp_path / "store")
    one, other = (
        {file.name: file.read_bytes() for file in (tmp_path / name / "cells").iterdir()}
        for name in ("store", "whole")
    )
    assert one == other


def test_a_search_that_would_be_cut_otherwise_is_not_gone_on_with(tmp_path):
    with pytest.raises(rt.CellLimitError):
        rt.decompose(*wide(60), store=tmp_path / "store", max_cells=500)
    change(tmp_path / "store", children=1000)
    with pytest.raises(rt.InvalidFileError, match="parts of the domain"):
        rt.decompose(*wide(60), store=tmp_path / "store")


def test_cells_that_are_there_twice_or_hidden_are_found_out(tmp_path):
    path = tmp_path / "store"
    rt.decompose(*deep(), store=path)
    shutil.rmtree(path / "graph")
    rewrite(path, cells=0, file="", facets=0, bytes=0)
    with pytest.raises(rt.InvalidComplexError, match="cells are missing"):
        rt.decompose(*deep(), store=path)


def test_an_empty_path_is_no_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for wrong in ("", "a\0b"):
        with pytest.raises(ValueError, match="`store`"):
            rt.decompose(*deep(), store=wrong)
        with pytest.raises(ValueError, match="`path`"):
            rt.open_store(wrong)
    for wrong in (3, b"x"):
        with pytest.raises(TypeError, match="`store`"):
            rt.decompose(*deep(), store=wrong)
    assert not list(tmp_path.iterdir())


def test_a_complete_store_needs_no_writing():
    if os.geteuid() != 0:
        pytest.skip("only root may become nobody")
    with tempfile.TemporaryDirectory() as folder:  # nobody may not look into `tmp_path`
        Path(folder).chmod(0o755)
        read_by_nobody(Path(folder))


def read_by_nobody(folder):
    path = folder / "store"
    rt.decompose(*deep(), store=path)
    code = f"""
        import os, sys; sys.path.insert(0, {str(HERE)!r})
        import relutope as rt
        from clusters import deep
        for _ in range(2):  # nobody may not be allowed to import what this needs
            rt.decompose(*deep(), store={str(folder / "warm")!r})
        os.setuid(65534)
        assert not os.access({str(path)!r}, os.W_OK)
        print(rt.decompose(*deep(), store={str(path)!r}).complete)
        try:
            rt.decompose(*deep(), store={str(folder / "other")!r})
        except PermissionError as error:
            print(error.filename)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert done.stdout == f"True\n{folder / 'other'}\n", done.stderr


def test_one_of_many_threads_writes(tmp_path):
    found, refused = [], []
    barrier = threading.Barrier(4)

    def write():
        barrier.wait()
        try:
            found.append(rt.decompose(*wide(60), store=tmp_path / "store", threads=1))
        except rt.BusyError as error:
            refused.append(error)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found
    assert len(found) + len(refused) == 4
    assert_same(found[0].to_memory(), rt.decompose(*wide(60)), tmp_path)


def test_a_child_that_outlives_the_writer_does_not_hold_its_lock(tmp_path):
    code = f"""
        import os, sys, time
        from pathlib import Path
        from relutope.store.lock import writing_alone
        with writing_alone(Path({str(tmp_path / "lock")!r})):
            if os.fork() == 0:
                print("forked", flush=True)
                sys.stdin.read()
                os._exit(0)
            os._exit(9)
    """
    from relutope.store.lock import writing_alone

    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "forked\n"
        process.wait()
        with writing_alone(tmp_path / "lock"):
            pass


def test_a_small_disk_that_is_full_at_any_moment_is_one_error_and_loses_nothing(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("needs to mount a small disk")
    for kilobytes in (16, 48, 96, 128, 256, 384, 512):
        options = f"size={kilobytes}k"
        if subprocess.run(
            [mount, "-t", "tmpfs", "-o", options, "tmpfs", disk],
            stderr=subprocess.DEVNULL,
            check=False,
        ).returncode:
            pytest.skip("no small disk can be mounted here")
        try:
            with pytest.raises(OSError, match="No space") as full:
                rt.decompose(*wide(60), store=disk / "store", threads=1)
            assert full.value.errno == errno.ENOSPC
            assert str(full.value.filename).startswith(str(disk))
            known = jobs = 0
            if (disk / "store" / "manifest.json").exists():
                known = rt.open_store(disk / "store").n_cells
                jobs = len(rt.open_store(disk / "store")._cells.files)
            subprocess.run([mount, "-o", "remount,size=16m", disk], check=True)
            kept = {p: p.stat().st_mtime_ns for p in (disk / "store" / "cells").glob("[0-9]*")}
            store = rt.decompose(*wide(60), store=disk / "store")
            assert store.complete
            assert store.n_cells >= known
            assert sum(path.stat().st_mtime_ns == time for path, time in kept.items()) >= jobs
            store.validate()
        finally:
            subprocess.run(["umount", "-l", disk], check=True)
