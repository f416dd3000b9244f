"""Counts that are noted in a folder, and go on after whatever stopped them."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import relutope as rt
from clusters import deep, degenerate, everywhere, thin, wide

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def small_tasks(monkeypatch):
    """Cuts problems of a test's size into many tasks."""
    monkeypatch.setattr("relutope.search.tasks._CELLS", {2: 16, 3: 64})


def entries(folder):
    lines = (folder / "jobs.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("problem", [wide, deep, degenerate, thin, everywhere])
@pytest.mark.parametrize("engine", ["vertex", "lp"])
def test_a_stored_count_is_the_count(problem, engine, tmp_path):
    network, domain = problem()
    expected = int(rt.count(network, domain))
    for _ in range(2):  # made, and read
        found = rt.count(network, domain, engine=engine, store=tmp_path / "counted")
        assert (int(found), found.fraction_of_jobs) == (expected, 1.0)
    assert sum(entry["cells"] for entry in entries(tmp_path / "counted")) == expected


def test_a_count_that_is_stopped_goes_on(tmp_path):
    network, box = wide(40)
    expected = int(rt.count(network, box))
    before = 0
    for limit in itertools.count(200, 500):
        found = rt.count(network, box, max_cells=limit, store=tmp_path, threads=1)
        assert found.n_cells == sum(entry["cells"] for entry in entries(tmp_path))
        assert before <= found.n_cells
        assert found.n_cells <= expected
        before = found.n_cells
        if found.complete:
            break
    assert before == expected
    with ThreadPoolExecutor(2) as pool:
        assert int(rt.count(network, box, store=tmp_path, executor=pool)) == expected


def test_a_killed_count_goes_on(tmp_path):
    network, box = wide(60)
    code = f"""
        import sys; sys.path.insert(0, {str(HERE)!r})
        import relutope as rt
        from clusters import wide
        from relutope.search import tasks
        tasks._CELLS = {{3: 64}}
        def told(cells, done, parts):
            print(done, flush=True)
        rt.count(*wide(60), store={str(tmp_path)!r}, threads=2, progress=told)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        process.stdout.readline()  # something is counted
        process.kill()
    counted = entries(tmp_path)
    assert counted
    assert int(rt.count(network, box, store=tmp_path)) == int(rt.count(network, box))
    assert entries(tmp_path)[: len(counted)] == counted  # nothing of it was counted again


def test_lines_that_were_cut_off_or_damaged_are_counted_again(tmp_path):
    network, box = deep()
    expected = int(rt.count(network, box, store=tmp_path))
    lines = (tmp_path / "jobs.jsonl").read_bytes()
    rng = np.random.default_rng(0)
    for place in rng.integers(0, len(lines), 20).tolist():
        (tmp_path / "jobs.jsonl").write_bytes(lines[:place])
        assert int(rt.count(network, box, store=tmp_path)) == expected
        harmed = bytearray(lines)
        harmed[place] ^= 1 << int(rng.integers(8))
        (tmp_path / "jobs.jsonl").write_bytes(harmed)
        try:
            assert int(rt.count(network, box, store=tmp_path)) == expected
        except rt.InvalidFileError as error:
            assert "jobs.jsonl" in str(error)  # noqa: PT017
        (tmp_path / "jobs.jsonl").write_bytes(lines)


def test_what_is_something_else_is_refused(tmp_path):
    network, box = deep()
    rt.count(network, box, store=tmp_path / "counted")
    rt.decompose(network, box, store=tmp_path / "cells")
    with pytest.raises(ValueError, match="another `domain`"):
        rt.count(network, rt.Box(-1, 1), store=tmp_path / "counted")
    with pytest.raises(ValueError, match="another `network`"):
        rt.count(wide()[0], box, store=tmp_path / "counted")
    with pytest.raises(ValueError, match="made by 'vertex'"):
        rt.count(network, box, engine="lp", store=tmp_path / "counted")
    with pytest.raises(rt.InvalidFileError, match="'relutope-store', where 'relutope-count'"):
        rt.count(network, box, store=tmp_path / "cells")
    with pytest.raises(rt.InvalidFileError, match="'relutope-count', where 'relutope-store'"):
        rt.open_store(tmp_path / "counted")
    with pytest.raises(rt.InvalidFileError, match="'relutope-count', where 'relutope-store'"):
        rt.decompose(network, box, store=tmp_path / "counted")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("Dear ...")
    with pytest.raises(ValueError, match="not empty"):
        rt.count(network, box, store=tmp_path / "mine")
    with pytest.raises(TypeError, match="`store`"):
        rt.count(network, box, store=3)
