"""Parts of a search: any of them anywhere, cut wherever, and the cells are those of the whole."""

from __future__ import annotations

import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

import relutope as rt
from clusters import PROBLEMS, assert_same, deep, degenerate, wide
from relutope.search import tasks as tasks_module
from relutope.search.problem import Problem
from relutope.search.tasks import Task, count_task, first_tasks, joined, run_task

ENGINES = pytest.mark.parametrize("engine", ["vertex", "lp"])
EACH = pytest.mark.parametrize("make", PROBLEMS, ids=lambda make: make.__name__)
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def small_tasks(monkeypatch):
    """Tasks of this process are cut after the fewest cells that there can be."""
    monkeypatch.setattr(tasks_module, "_CELLS", {})
    monkeypatch.setattr(tasks_module, "_CELLS_MANY_DIMENSIONS", 1)


def problem_of(network, domain):
    return Problem(rt.as_network(network), domain)


def all_shards(problem, engine, order):
    """Runs tasks in some order until none is left."""
    left, shards = first_tasks(problem, engine), []
    n_children = len(left)
    while left:
        task = left.pop(order(len(left)))
        shard, rest = run_task(problem, engine, task)
        shards.append((task, shard))
        left += rest
    return n_children, shards


@pytest.mark.usefixtures("small_tasks")
@EACH
def test_cells_of_tasks_are_those_of_the_search_in_any_order(make):
    problem = problem_of(*make())
    whole = problem.search_cells(1, None, None)
    rng = np.random.default_rng(0)
    orders = [lambda n: 0, lambda n: n - 1, lambda n: int(rng.integers(n))]
    for order in orders:
        n_children, shards = all_shards(problem, "vertex", order)
        rng.shuffle(shards)
        part = joined(problem, "vertex", n_children, shards)
        for name in ("patterns", "facet_begin", "facet_id", "special_ids", "zero_neuron"):
            assert (getattr(part.arrays, name) == getattr(whole, name)).all()
    if whole.num_cells > 1000:
        assert len(shards) > 64 + 5
        assert max(len(task.prefix) for task, _ in shards) >= 1


@pytest.mark.usefixtures("small_tasks")
def test_a_task_gives_the_same_wherever_it_is_run_and_none_is_lost_in_splitting():
    problem = problem_of(*deep())
    cells, left = 0, first_tasks(problem, "vertex")
    while left:
        task = left.pop()
        (first, rest), (again, same) = (run_task(problem, "vertex", task) for _ in range(2))
        assert rest == same
        assert first.patterns.tobytes() == again.patterns.tobytes()
        assert all(other.key > task.key for other in rest)
        cells += len(first)
        left += rest
    assert cells == int(rt.count(*deep()))


@pytest.mark.usefixtures("small_tasks")
@ENGINES
@EACH
def test_counting_by_tasks_counts_every_cell_once(make, engine):
    network, domain = make()
    with ThreadPoolExecutor(2) as executor:
        found = rt.count(network, domain, engine=engine, executor=executor)
    assert int(found) == int(rt.count(network, domain))


@pytest.mark.parametrize("size", [1, 64, 640, 64_000])
@ENGINES
@EACH
def test_parts_that_are_too_large_to_count_are_cut_and_counted_once(
    make, engine, size, monkeypatch
):
    monkeypatch.setattr(tasks_module, "_CELLS", {})
    monkeypatch.setattr(tasks_module, "_CELLS_MANY_DIMENSIONS", size)
    problem = problem_of(*make())
    left = first_tasks(problem, engine, counted=True)
    cells, tasks, first = 0, 0, len(left)
    while left:
        count, rest = count_task(problem, engine, left.pop())
        cells, tasks = cells + count, tasks + 1
        left += rest
    assert cells == int(rt.count(*make()))
    assert tasks >= first
    small = engine == "vertex" and len(problem.network.hidden_widths) == 1  # counted at once
    if size == 1 and cells > 1000 and not small:
        assert tasks > first


@ENGINES
@EACH
def test_the_complex_of_an_executor_is_the_same_to_the_byte(make, engine, tmp_path):
    network, domain = make()
    with ThreadPoolExecutor(2) as executor:
        cx = rt.decompose(network, domain, engine=engine, executor=executor)
    assert_same(cx, rt.decompose(network, domain, engine=engine), tmp_path)


def test_a_pool_of_processes_gives_the_same_bytes(tmp_path):
    network, domain = deep()
    with ProcessPoolExecutor(2, mp_context=SPAWN) as pool:
        cx = rt.decompose(network, domain, executor=pool)
        again = rt.decompose(*degenerate(), outputs="sign", executor=pool)
        number = int(rt.count(network, domain, executor=pool))
        flat = rt.FlatBox([-1, -1, 0.5], [1, 1, 0.5])
        sliced = rt.decompose(network, flat, executor=pool)
    assert_same(cx, rt.decompose(network, domain), tmp_path)
    assert_same(again, rt.decompose(*degenerate(), outputs="sign"), tmp_path)
    assert number == cx.n_cells
    assert sliced == rt.decompose(network, flat)
    assert sliced.n_cells == rt.decompose(network, flat).n_cells


# CPython's pool walks through its processes while it starts another one.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_killed_workers_cost_their_tasks_only(tmp_path):
    network, domain = wide(60)
    made = []

    def pool():
        made.append(ProcessPoolExecutor(2, mp_context=SPAWN))
        made[-1].submit(int).result()
        if len(made) < 4:
            os.kill(next(iter(made[-1]._processes)), signal.SIGKILL)
        return made[-1]

    cx = rt.decompose(network, domain, executor=pool)
    assert len(made) == 4
    assert_same(cx, rt.decompose(network, domain), tmp_path)


@pytest.mark.parametrize("kind", [OSError, ValueError])
def test_a_pool_that_breaks_while_it_starts_a_process_is_replaced(kind):
    class Breaking(ThreadPoolExecutor):
        def submit(self, *work, **more):
            if len(made) == 1:
                raise kind("handle is closed")
            return super().submit(*work, **more)

    made = []

    def pool():
        made.append(Breaking(2))
        return made[-1]

    assert int(rt.count(*wide(20), executor=pool)) == int(rt.count(*wide(20)))
    assert len(made) == 2
    made.clear()
    with pytest.raises(rt.RelutopeError, match=r"handle is closed.*callable that makes one"):
        rt.count(*wide(20), executor=pool())


def test_a_broken_pool_is_an_error_that_says_what_to_do():
    with ProcessPoolExecutor(1, mp_context=SPAWN) as pool:
        pool.submit(int).result()
        os.kill(next(iter(pool._processes)), signal.SIGKILL)
        with pytest.raises(rt.RelutopeError, match="callable that makes one"):
            rt.decompose(*deep(), executor=pool)


def test_a_stopped_executor_leaves_cells_to_go_on_from(tmp_path):
    network, domain = wide(60)
    with ThreadPoolExecutor(2) as executor, pytest.raises(rt.StoppedError) as stopped:
        rt.decompose(network, domain, executor=executor, progress=lambda *_: True)
    part = stopped.value.partial
    assert part.n_cells <= stopped.value.n_cells
    cx = rt.decompose(network, domain, resume=part)
    assert_same(cx, rt.decompose(network, domain), tmp_path)


def test_limits_hold_for_executors():
    network, domain = wide(60)
    with ThreadPoolExecutor(1) as executor:
        with pytest.raises(rt.CellLimitError):
            rt.decompose(network, domain, max_cells=500, executor=executor)
        assert not rt.count(network, domain, max_cells=500, executor=executor).complete
        with pytest.raises(rt.InvalidDomainError):
            rt.decompose(network, rt.Polytope([[1, 0, 0], [-1, 0, 0]], [0, -1]), executor=executor)
        with pytest.raises(rt.StoppedError) as stopped:
            rt.decompose(*wide(400), progress=lambda *_: True, threads=1)
        with pytest.raises(ValueError, match="goes without `resume`"):
            rt.decompose(*wide(400), resume=stopped.value.partial, executor=executor)


@pytest.mark.parametrize(
    "task",
    [
        Task((), 64, 65),
        Task((), 9, 9),
        Task((99,), 0, 1),
        Task((0, 0, 0, 0, 0, 0, 0, 0, 0, 77), 0, 1),
        Task((), 0, 1, bytes(24)),
    ],
)
def test_tasks_that_do_not_exist_are_refused(task):
    with pytest.raises(ValueError, match=r"parts|partial cell|pattern"):
        run_task(problem_of(*deep()), "vertex", task)
    with pytest.raises(ValueError, match=r"parts|partial cell|pattern|beginning"):
        count_task(problem_of(*deep()), "vertex", task)


def test_what_is_no_executor_or_takes_no_work_is_named():
    box = rt.Box(-1, 1, dim=1)
    net = [([[1.0]], [0.0]), ([[1.0]], [0.0])]
    for wrong in (3, dict, lambda: None):
        with pytest.raises(TypeError, match="`executor` must be"):
            rt.decompose(net, box, executor=wrong)
    closed = ThreadPoolExecutor(1)
    closed.shutdown()
    with pytest.raises(rt.RelutopeError, match="`executor` takes no work"):
        rt.count(net, box, executor=closed)
