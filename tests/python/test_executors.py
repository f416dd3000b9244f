"""What takes an executor besides decompositions: the same results for any of them."""

from __future__ import annotations

import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace

import pytest

import relutope as rt
from clusters import deep, degenerate, wide
from tampering import plane_complex, without_edge

SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture(scope="module", params=["threads", "processes", "dask"])
def executor(request):
    """Each kind of executor that the package is tried with on one machine."""
    if request.param == "threads":
        with ThreadPoolExecutor(2) as pool:
            yield pool
    elif request.param == "processes":
        with ProcessPoolExecutor(2, mp_context=SPAWN) as pool:
            yield pool
    else:
        distributed = pytest.importorskip("distributed")
        with (
            distributed.LocalCluster(
                n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            yield client.get_executor()


pytestmark = pytest.mark.filterwarnings("default")  # those of the schedulers are theirs


def killed_once():
    """A callable that makes pools, the first of which loses a worker."""
    made = []

    def pool():
        made.append(ProcessPoolExecutor(2, mp_context=SPAWN))
        made[-1].submit(int).result()
        if len(made) == 1:
            os.kill(next(iter(made[-1]._processes)), signal.SIGKILL)
        return made[-1]

    return pool, made


def test_counts_are_the_same(executor):
    for network, domain in (deep(), degenerate(), wide(60)):
        assert int(rt.count(network, domain, executor=executor)) == int(rt.count(network, domain))
    lp = rt.count(*deep(), engine="lp", executor=executor)
    assert int(lp) == int(rt.count(*deep()))


def test_estimates_are_the_same(executor):
    for options in ({"samples": 64}, {"samples": 512, "seed": 3}):
        one = rt.estimate_count(*wide(60), **options)
        other = rt.estimate_count(*wide(60), executor=executor, **options)
        assert replace(one, seconds=0.0) == replace(other, seconds=0.0)
    small = rt.estimate_count(*wide(6), executor=executor)
    assert small.exact
    assert small.estimate == int(rt.count(*wide(6)))


@pytest.mark.parametrize("method", ["generators", "certificates"])
def test_reports_of_verification_are_the_same(executor, method):
    if method == "generators":
        pytest.importorskip("cdd")
    cx = rt.decompose(*degenerate(2))
    one = rt.verify(cx, method=method)
    other = rt.verify(cx, method=method, executor=executor)
    assert one.complete
    assert replace(one, seconds=0.0) == replace(other, seconds=0.0)
    assert list(one.checks) == list(other.checks)
    sample = rt.verify(cx, [3, 1, 4], method=method, executor=executor)
    assert (sample.n_verified, sample.ok, sample.complete) == (3, True, False)


def test_false_statements_are_found_by_executors(executor):
    pytest.importorskip("cdd")
    harmed = without_edge(plane_complex())
    one, other = rt.verify(harmed), rt.verify(harmed, executor=executor)
    assert not one.ok
    assert one.failures == other.failures


def test_verification_by_an_executor_ends_when_it_is_told_to(executor):
    pytest.importorskip("cdd")
    cx = rt.decompose(*degenerate(2))
    report = rt.verify(cx, progress=lambda *_: True, executor=executor)
    assert report.out_of_time
    assert not report.complete
    assert report.n_verified < cx.n_cells
    with pytest.raises(ValueError, match="`executor`"):
        rt.verify(rt.explore(degenerate(2)[0], [0.5, 0.25]), executor=executor)


def test_killed_workers_change_no_count_no_estimate_and_no_report():
    pool, made = killed_once()
    assert int(rt.count(*wide(60), executor=pool)) == int(rt.count(*wide(60)))
    assert len(made) == 2
    pool, made = killed_once()
    estimate = rt.estimate_count(*wide(60), samples=64, executor=pool)
    assert estimate.estimate == rt.estimate_count(*wide(60), samples=64).estimate
    assert len(made) == 2
    cx = rt.decompose(*degenerate(2))
    pool, made = killed_once()
    report = rt.verify(cx, method="certificates", executor=pool)
    assert report.checks == rt.verify(cx, method="certificates").checks
    assert len(made) == 2


def test_tables_of_checkpoints_are_the_same(executor, tmp_path):
    torch = pytest.importorskip("torch")
    from relutope.tracking.checkpoints import Checkpoints, analyse_checkpoints

    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(2, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
    keep = Checkpoints(tmp_path / "steps")
    for step in range(3):
        with torch.no_grad():
            model[0].bias += 0.1
        keep(step, model)
    options = {"model": model, "measures": ["count", "cells", "agreement"]}
    one, other = (
        analyse_checkpoints(tmp_path / "steps", rt.Box(-1, 1), executor=by, **options)
        for by in (None, executor)
    )
    assert repr(one.rows) == repr(other.rows)  # nan included
    assert len(one.rows) == 3


def squared(settings, seed):
    """A job of a reproduction."""
    return {"rows": [{"seed": seed, "square": settings * seed**2}]}


def test_seeds_of_a_reproduction_are_the_same(executor):
    pytest.importorskip("threadpoolctl")
    from relutope.lab.reproduce.seeds import run_seeds

    one, other = {}, {}
    run_seeds(squared, 3, [0, 1, 5], 1, one.__setitem__)
    run_seeds(squared, 3, [0, 1, 5], 1, other.__setitem__, executor)
    assert one == other
    assert one[5] == {"rows": [{"seed": 5, "square": 75}]}


def test_a_seed_whose_worker_is_killed_is_run_again():
    pytest.importorskip("threadpoolctl")
    from relutope.lab.reproduce.seeds import run_seeds

    pool, made = killed_once()
    found = {}
    run_seeds(squared, 3, [0, 1, 5], 1, found.__setitem__, pool)
    assert len(made) == 2
    assert sorted(found) == [0, 1, 5]
