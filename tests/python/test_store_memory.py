"""`memory_limit`: kept where the system allows no more, or refused with what it would take."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import relutope as rt
from clusters import PROBLEMS, assert_same, deep
from relutope.search.tasks import concatenated
from relutope.store import linking

pytest.importorskip("pyarrow")
HERE = Path(__file__).parent
EACH = pytest.mark.parametrize("make", PROBLEMS, ids=lambda make: make.__name__)


def test_a_limit_that_is_too_small_says_what_is_needed(tmp_path):
    with pytest.raises(ValueError, match="needs at least") as refused:
        rt.decompose(*deep(), store=tmp_path / "store", memory_limit=1000)
    needed = int(re.search(r"at least ([\d,]+)", str(refused.value))[1].replace(",", ""))
    assert rt.decompose(*deep(), store=tmp_path / "store", memory_limit=needed).complete
    with pytest.raises(ValueError, match="needs at least"):
        rt.decompose(*deep(), store=tmp_path / "other", memory_limit=needed - 1)


def test_the_lp_engine_keeps_its_cells_when_they_would_not_fit(tmp_path):
    limit = linking.LEAST + 100_000
    with pytest.raises(ValueError, match=r"take [\d,]+\. They are in the store"):
        rt.decompose(*deep(), store=tmp_path / "store", engine="lp", memory_limit=limit)
    before = rt.open_store(tmp_path / "store")
    assert 0 < before.n_cells < int(rt.count(*deep()))
    store = rt.decompose(*deep(), store=tmp_path / "store", engine="lp", memory_limit=2**40)
    assert_same(store.to_memory(), rt.decompose(*deep(), engine="lp"), tmp_path)


def test_cells_that_could_not_be_linked_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(linking, "_PER_FACET", 10**9)
    with pytest.raises(ValueError, match="All cells are in the store"):
        rt.decompose(*deep(), store=tmp_path / "store", memory_limit=2**30)
    monkeypatch.undo()
    before = rt.open_store(tmp_path / "store")
    assert not before.complete
    assert before.n_cells == int(rt.count(*deep()))
    assert rt.decompose(*deep(), store=tmp_path / "store", memory_limit=2**30).complete


@EACH
def test_the_graph_does_not_depend_on_how_much_is_done_at_a_time(make, tmp_path, monkeypatch):
    network, domain = make()
    whole = rt.decompose(network, domain, store=tmp_path / "whole")
    monkeypatch.setattr(linking, "_BATCH", 7)
    monkeypatch.setattr(linking, "_COMPARED", 100)
    monkeypatch.setattr(linking, "_PART", 200)
    pieces = rt.decompose(network, domain, store=tmp_path / "pieces", memory_limit=2**30)
    for file in (tmp_path / "whole" / "graph").iterdir():
        assert file.read_bytes() == (tmp_path / "pieces" / "graph" / file.name).read_bytes()
    cells = whole._folder.cells()
    for (_, shard), (_, same) in zip(cells.shards(), cells.shards(), strict=True):
        joined = concatenated(list(same.pieces(3)))
        for name in ("patterns", "facet_id", "special_facet", "special_ids", "zero_cell"):
            assert np.array_equal(getattr(shard, name), getattr(joined, name)), name
    assert pieces.n_edges == whole.n_edges


def test_a_complex_larger_than_the_memory_that_the_system_gives_is_made_in_a_store(tmp_path):
    """With a limit on private memory by the system itself, RLIMIT_DATA, in another process."""
    code = f"""
        import resource, sys; sys.path.insert(0, {str(HERE)!r})
        import numpy as np
        import relutope as rt
        from clusters import wide
        from relutope.search import tasks
        tasks._CELLS = {{3: 2048}}
        layers, box = wide(100)
        W, b = layers[0]
        dead = 9000  # neurons that make each cell large, and no cell more
        layers = [(np.vstack([W, np.zeros((dead, 3))]), np.concatenate([b, -np.ones(dead)])),
                  (np.ones((1, 100 + dead)), [0.0])]
        rt.decompose(*wide(20), store={str(tmp_path / "warm")!r}, threads=1)
        rt.decompose(*wide(20), threads=1)

        def private():
            with open("/proc/self/status") as file:
                return 1024 * int(next(x for x in file if x.startswith("VmData")).split()[1])

        allowed = 88 << 20
        before = private()
        resource.setrlimit(resource.RLIMIT_DATA, (before + allowed,) * 2)
        store = rt.decompose(layers, box, store={str(tmp_path / "store")!r}, threads=1,
                             memory_limit=allowed + (64 << 20))
        print(store.complete, store.n_cells * store.n_neurons // 8 > allowed // 2, flush=True)
        try:
            cx = rt.decompose(layers, box, threads=1)
            print("fits")
        except Exception as error:
            print(type(error).__name__)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[:1] == ["True True"], done.stderr
    assert done.stdout.splitlines()[1:] in (["MemoryError"], ["RelutopeError"]), done.stderr
