"""Threads that cannot be started, threads that share objects, little memory, and little stack."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import relutope as rt

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="limits of memory as Linux has them")


def layers_of(widths: list[int], seed: int) -> list[tuple[Any, Any]]:
    rng = np.random.default_rng(seed)
    return [
        (rng.standard_normal((m, n)), rng.standard_normal(m)) for n, m in itertools.pairwise(widths)
    ]


def run_script(code: str, *before: str) -> list[str]:
    """Lines that a Python process of its own prints; it must end well."""
    shell = " ".join([*before, 'exec "$0" -c "$1"'])
    run = subprocess.run(
        ["bash", "-c", shell, sys.executable, code], capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def in_threads(works: list[Callable[[], object]]) -> list[object]:
    """Results, or exceptions, of things done at the same time."""
    results: list[object] = [None] * len(works)
    ready = threading.Barrier(len(works))

    def call(k: int) -> None:
        ready.wait()
        try:
            results[k] = works[k]()
        except Exception as error:
            results[k] = error

    threads = [threading.Thread(target=call, args=(k,)) for k in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


LITTLE_MEMORY = """
import os, resource
os.environ["OMP_NUM_THREADS"] = "1"
import numpy as np, relutope as rt
def leave(megabytes):
    size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (size + megabytes * 2**20, hard))
def leave_all():
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
rng = np.random.default_rng(0)
layers = [(rng.standard_normal((40, 3)), rng.standard_normal(40)), (np.ones((1, 40)), [0.0])]
"""


@LINUX
@pytest.mark.parametrize("engine", ["vertex", "lp"])
def test_threads_that_cannot_be_started_are_done_without(engine):
    code = f"""{LITTLE_MEMORY}
box, engine = rt.Box(-0.4, 0.4), {engine!r}
cells = rt.decompose(layers, box, engine=engine, threads=1)
leave(64)
few = rt.decompose(layers, box, engine=engine, threads=64)
leave_all()
print((few.patterns == cells.patterns).all(), few.stats["threads_not_started"] > 0)
print(cells.stats["threads_not_started"])
"""
    assert run_script(code) == ["True True", "0"]


@LINUX
def test_out_of_memory_is_an_error_after_which_everything_works():
    code = f"""{LITTLE_MEMORY}
many = [(rng.standard_normal((3000, 3)), rng.standard_normal(3000)), (np.ones((1, 3000)), [0.0])]
leave(96)
try:
    rt.decompose(many, rt.Box(-1, 1), threads=2)
except (MemoryError, rt.RelutopeError) as error:
    print(type(error).__name__)
leave_all()
for engine in ("vertex", "lp"):
    print(rt.decompose(layers, rt.Box(-0.2, 0.2), engine=engine).n_cells > 10)
"""
    assert run_script(code) == ["MemoryError", "True", "True"]


@LINUX
def test_an_exploration_that_ran_out_of_memory_says_so_ever_after():
    code = f"""{LITTLE_MEMORY}
many = [(rng.standard_normal((60, 40)), rng.standard_normal(60)), (np.ones((1, 60)), [0.0])]
found = rt.Exploration(many, np.zeros(40))
found.run(max_cells=10)
leave(4)
try:
    found.run(max_cells=10**6)
except MemoryError:
    print("MemoryError")
leave_all()
for use in (lambda: found.run(max_cells=20), lambda: found.n_cells, lambda: found.facets(0)):
    try:
        print("used:", use())
    except rt.RelutopeError as error:
        print(str(error)[:32])
print(rt.explore(many, np.zeros(40), max_cells=20).n_cells)
"""
    refused = "the exploration ran out of memory"[:32]
    assert run_script(code) == ["MemoryError", *[refused] * 3, "20"]


@pytest.mark.parametrize("order", ["ascending", "descending", "shuffled"])
def test_many_neurons_in_one_dimension_on_a_small_stack(order):
    code = f"""
import numpy as np, relutope as rt
def staircase(n):
    place = np.arange(n)
    if {order!r} == "descending": place = place[::-1]
    if {order!r} == "shuffled": place = np.random.default_rng(0).permutation(n)
    return [(np.ones((n, 1)), -(place + 0.5) / n), (np.ones((1, n)), np.zeros(1))]
print(int(rt.count(staircase(20_000), rt.Box([0.0], [1.0]))))
print(rt.decompose(staircase(3_000), rt.Box([0.0], [1.0])).n_cells)
print(rt.decompose(staircase(500), rt.Box([0.0], [1.0]), engine="lp").n_cells)
"""
    assert run_script(code, "ulimit -s 512 &&") == ["20001", "3001", "501"]


def test_counting_in_one_dimension_takes_memory_linear_in_the_neurons():
    code = """
import resource, numpy as np, relutope as rt
def peak(n):
    bias = -(np.arange(n)[::-1] + 0.5) / n
    rt.count([(np.ones((n, 1)), bias), (np.ones((1, n)), np.zeros(1))], rt.Box([0.0], [1.0]))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(peak(1000), peak(16_000))
"""
    few, many = map(float, run_script(code)[0].split())
    assert many < few + 100  # 16,000 neurons at 16,000 vertices have 64 MB of signs


def test_two_threads_cannot_run_one_exploration():
    exploration = rt.explore(layers_of([3, 24, 24, 1], 0), np.zeros(3), max_cells=2)
    results = in_threads([lambda: exploration.run(max_cells=1500)] * 2)
    errors = [result for result in results if result is not None]
    assert len(errors) <= 1
    for error in errors:
        assert isinstance(error, rt.BusyError)
        assert "another thread" in str(error)
    alone = rt.explore(layers_of([3, 24, 24, 1], 0), np.zeros(3), max_cells=1500)
    exploration.run(max_cells=1500)
    assert (exploration.patterns == alone.patterns).all()
    assert (exploration.adjacency == alone.adjacency).all()


def test_reading_an_exploration_that_runs_is_an_error_or_consistent():
    exploration = rt.explore(layers_of([3, 24, 24, 1], 0), np.zeros(3), max_cells=10)
    done = threading.Event()
    wrong: list[object] = []

    def read() -> None:
        while not done.is_set():
            try:
                adjacency = exploration.adjacency
            except rt.BusyError:
                continue
            except Exception as error:
                wrong.append(error)
                return
            if (adjacency[:, 0] >= adjacency[:, 1]).any() or (adjacency < 0).any():
                wrong.append(adjacency)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    cells = 10
    while cells < 1200:
        try:
            exploration.run(max_cells=cells)
        except rt.BusyError:
            continue
        cells += 60
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    alone = rt.explore(layers_of([3, 24, 24, 1], 0), np.zeros(3), max_cells=cells - 60)
    assert (exploration.adjacency == alone.adjacency).all()


def same(results: list[object]) -> None:
    for result in results:
        assert not isinstance(result, Exception), result
        assert np.array_equal(np.asarray(result), np.asarray(results[0]))


NETWORK = layers_of([2, 12, 8, 2], 5)
BOX = rt.Box(-1.5, 1.5)
POINTS = np.random.default_rng(6).uniform(-1, 1, (200, 2))

COMPLEX_READS: dict[str, Callable[[Any], object]] = {
    "adjacency": lambda cx: cx.adjacency,
    "vertices": lambda cx: cx.vertices,
    "f_vector": lambda cx: cx.f_vector,
    "vertex_signs": lambda cx: cx.vertex_signs,
    "interior_points": lambda cx: cx.interior_points,
    "bounded": lambda cx: cx.bounded,
    "locate": lambda cx: cx.locate(POINTS),
    "faces": lambda cx: len(cx.faces(1)),
    "betti": lambda cx: rt.betti(cx),
    "fiedler": lambda cx: rt.fiedler(cx).partition,
    "validate": lambda cx: cx.validate() is None,
}


@pytest.mark.parametrize("name", COMPLEX_READS)
def test_eight_threads_read_one_complex(name):
    cx = rt.decompose(NETWORK, BOX)
    same(in_threads([lambda: COMPLEX_READS[name](cx)] * 8))


@pytest.mark.parametrize("engine", ["vertex", "lp"])
def test_eight_threads_decompose_one_network(engine):
    network = rt.Network.from_arrays(NETWORK)
    same(in_threads([lambda: rt.decompose(network, BOX, engine=engine).patterns] * 8))


def test_eight_threads_use_one_network():
    network = rt.Network.from_arrays(NETWORK)
    same(in_threads([lambda: network.forward(POINTS)] * 8))
    same(in_threads([lambda: int(rt.count(network, BOX))] * 8))
    same(in_threads([lambda: rt.estimate_count(network, BOX, seed=1).estimate] * 8))
    same(in_threads([lambda: rt.explore(network, np.zeros(2), max_cells=50).patterns] * 8))


def test_eight_threads_read_one_exploration_and_one_slice():
    exploration = rt.explore(NETWORK, np.zeros(2), max_cells=80)
    for result in in_threads([lambda: exploration.adjacency] * 8):
        assert isinstance(result, rt.BusyError) or (result == exploration.adjacency).all()
    part = rt.slice(NETWORK, [[-1.0, -1.0], [1.0, 0.5]])
    same(in_threads([lambda: part.complex.vertices] * 8))


def test_eight_threads_read_decisions():
    cx = rt.decompose(NETWORK, BOX, outputs="argmax")
    regions = rt.decision_regions(cx)
    same(in_threads([lambda: rt.decision_regions(cx).labels] * 8))
    same(in_threads([lambda: rt.decision_boundary(cx).edges] * 8))
    same(in_threads([lambda: regions.labels] * 8))
