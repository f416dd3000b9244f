"""A search that is killed at random moments, again and again, and gone on with.

python tests/python/store_kills.py --kills 50 [--neurons 150] [--seed 0]

After each kill -9 the store is opened and read; in the end every file is compared with those of a
store that nobody disturbed, and the complex with the one in memory. Half of the kills hit a store
of which all cells are there but not yet how they touch.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import numpy as np

import relutope as rt
from clusters import assert_same, wide

HERE = Path(__file__).parent


def writer(path: Path, neurons: int) -> subprocess.Popen[str]:
    """A process that makes a store in small tasks; says "ready", and "done"."""
    code = f"""
        import sys; sys.path.insert(0, {str(HERE)!r})
        import relutope as rt
        from clusters import wide
        from relutope.search import tasks
        from relutope.store import linking
        tasks._CELLS = {{3: 256}}
        linking._BATCH = 4096
        network, box = wide({neurons})
        import pyarrow.ipc, relutope.decomposition.stored, relutope.store.filling
        print("ready", flush=True)
        rt.decompose(network, box, store={str(path)!r}, threads=2)
        print("done", flush=True)
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
    )


def content(path: Path) -> dict[str, object]:
    """All files of a store but its lock, by name; lines of its table in any order."""
    files = (p for p in path.rglob("*") if p.is_file() and p.name not in ("lock", "jobs.jsonl"))
    found: dict[str, object] = {str(p.relative_to(path)): p.read_bytes() for p in files}
    lines = (path / "jobs.jsonl").read_bytes().splitlines()
    found["jobs"] = sorted(line for line in lines if b"durable" not in line)
    return found


def killed(path: Path, neurons: int, seconds: float) -> bool:
    """Whether a writer had to be killed after so long, because it was not done."""
    process = writer(path, neurons)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    try:
        process.wait(timeout=seconds)
        return False
    except subprocess.TimeoutExpired:
        process.kill()
        return True
    finally:
        process.wait()
        process.stdout.close()


def campaign(folder: Path, kills: int, neurons: int, seed: int, longest: float = 0.4) -> dict:
    """Kills a writer so many times, and says where it was then. Fails if a byte differs."""
    path, rng = folder / "store", np.random.default_rng(seed)
    found = {"kills": 0, "before the search": 0, "searching": 0, "linking": 0, "finished": 0}
    cells = 0
    for linking, count in ((False, kills - kills // 2), (True, kills // 2)):
        if linking:
            assert writer(path, neurons).communicate()[0] == "ready\ndone\n"
            shutil.rmtree(path / "graph")
        end = found["kills"] + count
        while found["kills"] < end:
            found["kills"] += killed(path, neurons, float(rng.uniform(0.0, longest)))
            if not (path / "manifest.json").exists():
                found["before the search"] += 1
                continue
            store = rt.open_store(path)
            store.validate()
            assert store.n_cells >= cells, "cells were lost"
            cells = store.n_cells
            if store.complete:
                found["finished"] += 1
                shutil.rmtree(path / "graph")
            else:
                found["linking" if store.jobs_done == store.n_jobs else "searching"] += 1
    for unharmed in (path, folder / "whole"):
        process = writer(unharmed, neurons)
        assert process.communicate()[0] == "ready\ndone\n"
    assert content(path) == content(folder / "whole")
    assert_same(rt.open_store(path).to_memory(), rt.decompose(*wide(neurons)), folder)
    return found | {"cells": cells}


def main() -> None:
    """Run it, and print what was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--neurons", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(campaign(Path(folder), arguments.kills, arguments.neurons, arguments.seed))


if __name__ == "__main__":
    main()
