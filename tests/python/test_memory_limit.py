"""`memory_limit` without a store: what is counted and kept, and that the process keeps to it."""

from __future__ import annotations

import pickle
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import relutope as rt

ENGINES = pytest.mark.parametrize("engine", ["vertex", "lp"])


def wide(neurons=40, dim=3):
    rng = np.random.default_rng(0)
    W = rng.normal(size=(neurons, dim))
    layers = [(W, rng.normal(size=neurons)), (np.ones((1, neurons)), [0.0])]
    return layers, rt.Box(-1, 1, dim=dim)


def deep():
    return rt.mlp([3, 24, 24, 1], seed=1), rt.Box(-1, 1, dim=3)


def degenerate():
    rng = np.random.default_rng(1)
    W = rng.integers(-2, 3, size=(30, 4)).astype(float)  # many planes through one another
    return [(W, np.zeros(30)), (np.ones((1, 30)), [0.0])], rt.Box(-1, 1, dim=4)


EACH = pytest.mark.parametrize("make", [wide, deep, degenerate], ids=lambda make: make.__name__)


def assert_same(cx, other):
    assert cx.patterns.tobytes() == other.patterns.tobytes()
    assert cx.adjacency.tobytes() == other.adjacency.tobytes()


@EACH
@ENGINES
def test_the_bytes_that_are_counted_are_enough_and_one_less_is_not(make, engine):
    network, box = make()
    cx = rt.decompose(network, box, engine=engine, threads=1)
    needed = cx.stats["bytes"]
    assert needed > cx.solution.held
    assert_same(rt.decompose(network, box, engine=engine, threads=1, memory_limit=needed), cx)
    with pytest.raises(rt.StoppedError, match=f"`memory_limit` is {needed - 1:,} bytes"):
        rt.decompose(network, box, engine=engine, threads=1, memory_limit=needed - 1)


@EACH
@ENGINES
@pytest.mark.parametrize("threads", [1, 2])
def test_what_was_found_is_kept_and_gone_on_from(make, engine, threads):
    network, box = make()
    whole = rt.decompose(network, box, engine=engine, threads=1)
    plane = [([[1.0] * box.dim], [0.0]), ([[1.0]], [0.0])]
    least = rt.decompose(plane, box, engine=engine, threads=1).stats["bytes"]
    limit = whole.stats["bytes"] - (whole.stats["bytes"] - least) // 3 + (threads - 1) * 2**20
    with pytest.raises(rt.StoppedError) as stopped:
        rt.decompose(network, box, engine=engine, threads=threads, memory_limit=limit)
    error = stopped.value
    part = error.partial
    assert 0 < part.n_cells == error.n_cells <= whole.n_cells
    known = {row.tobytes() for row in whole.patterns}
    assert all(row.tobytes() in known for row in part.patterns)
    assert 0 <= error.fraction_of_jobs <= 1
    assert_same(rt.decompose(network, box, resume=part, memory_limit=2**40), whole)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.memory_needed) == (str(error), error.memory_needed)


def test_the_error_estimates_what_would_be_enough():
    network, box = wide(100)
    needed = rt.decompose(network, box, threads=1).stats["bytes"]
    with pytest.raises(rt.StoppedError, match="an estimate of what it needs in all is") as stopped:
        rt.decompose(network, box, threads=1, memory_limit=needed // 2)
    assert needed / 3 < stopped.value.memory_needed < 3 * needed


def test_a_limit_too_small_for_anything_finds_nothing():
    with pytest.raises(rt.StoppedError, match="could not be estimated") as stopped:
        rt.decompose(*wide(400), memory_limit=1)
    assert stopped.value.partial.n_cells == stopped.value.n_cells


@EACH
def test_faces_keep_to_the_limit_of_their_complex(make):
    network, box = make()
    whole = rt.decompose(network, box)
    f_vector, faces = whole.f_vector, whole.faces(1)
    cx = rt.decompose(network, box, memory_limit=2**40)
    assert cx.memory_limit == 2**40
    cx.memory_limit = cx.solution.held
    with pytest.raises(rt.StoppedError, match="of the vertices made"):
        _ = cx.f_vector
    assert_same(cx, whole)
    cx.memory_limit = None
    assert cx.f_vector.tolist() == f_vector.tolist()
    cx.memory_limit = cx.solution.held + 2**20
    with pytest.raises(rt.StoppedError, match="of the faces made, beside"):
        cx.faces(1)
    cx.memory_limit = cx.solution.held
    with pytest.raises(rt.StoppedError, match="the vertices' signs"):
        _ = cx.vertex_signs
    cx.memory_limit = 2**40
    assert cx.faces(1).vertices.indices.tolist() == faces.vertices.indices.tolist()


@pytest.mark.parametrize("order", ["bfs", "nearest"])
def test_an_exploration_stops_keeps_its_cells_and_goes_on(order):
    network, x0 = rt.mlp([10, 30, 30, 1], seed=0), np.zeros(10)
    whole = rt.Exploration(network, x0, order=order)
    first = whole.stats["bytes"]
    whole.run(max_cells=60)
    limit = first + (whole.stats["bytes"] - first) // 2
    with pytest.raises(rt.StoppedError, match="of 60 cells made") as stopped:
        rt.explore(network, x0, order=order, max_cells=60, memory_limit=limit)
    part = stopped.value.partial
    assert 1 < part.n_cells < 60
    assert part.stats["bytes"] <= limit < stopped.value.memory_needed
    again = pickle.loads(pickle.dumps(part))
    with pytest.raises(rt.StoppedError):
        again.run(max_cells=60, memory_limit=limit)
    part.run(max_cells=60)
    assert part.patterns.tobytes() == whole.patterns.tobytes()


@pytest.mark.parametrize("limit", [0, -1, 1.5, "1 GB", True])
def test_a_limit_that_is_none_is_refused(limit):
    network, box = wide()
    for call in (
        lambda: rt.decompose(network, box, memory_limit=limit),
        lambda: rt.explore(network, np.zeros(3), memory_limit=limit),
        lambda: setattr(rt.decompose(network, box), "memory_limit", limit),
        lambda: rt.slice(network, [[0, 0, 0], [1, 0, 0]], memory_limit=limit),
    ):
        with pytest.raises((ValueError, TypeError), match="`memory_limit` must be"):
            call()


def test_an_executor_wants_a_store():
    with ThreadPoolExecutor(1) as pool, pytest.raises(ValueError, match="take one"):
        rt.decompose(*wide(), executor=pool, memory_limit=2**30)


@ENGINES
def test_the_process_grows_by_less_than_the_limit(engine):
    """Most of what it may take are records, so that nothing else hides how many there are."""
    code = f"""
        from pathlib import Path
        import numpy as np
        import relutope as rt

        def status(key):
            lines = Path("/proc/self/status").read_text().splitlines()
            return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(key))

        rng = np.random.default_rng(0)
        layers = [(rng.normal(size=(160, 3)), rng.normal(size=160)), (np.ones((1, 160)), [0.0])]
        network, box = rt.as_network(layers), rt.Box(-1, 1, dim=3)
        rt.decompose([([[1.0] * 3], [0.0]), ([[1.0]], [0.0])], box, engine={engine!r})
        Path("/proc/self/clear_refs").write_text("5")
        before, limit = status("VmRSS"), 16 << 20
        try:
            rt.decompose(network, box, engine={engine!r}, threads=2, memory_limit=limit)
        except rt.StoppedError as stopped:
            print(stopped.n_cells > 10_000, status("VmHWM") - before <= limit)
    """
    if not sys.platform.startswith("linux"):
        pytest.skip("reads /proc")
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["True", "True"], done.stderr
