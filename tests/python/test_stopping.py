"""Long searches tell how far they are, can be cancelled, and stop by the clock, honestly."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import relutope as rt


def wide(neurons=110, dim=4):
    rng = np.random.default_rng(0)
    W = rng.normal(size=(neurons, dim))
    return [(W, rng.normal(size=neurons)), (np.ones((1, neurons)), [0.0])]


BOX = rt.Box(-1, 1, dim=4)


@pytest.mark.parametrize("engine", ["vertex", "lp"])
def test_the_clock_stops_a_search_and_the_error_says_how_far_it_was(engine):
    with pytest.raises(rt.StoppedError, match=r"`max_seconds` is 0\.2") as stopped:
        rt.decompose(wide(), BOX, engine=engine, threads=1, max_seconds=0.2)
    error = stopped.value
    assert 0 < error.n_cells < int(rt.count(wide(), BOX))
    assert error.seconds >= 0.2
    assert 0 <= error.fraction_of_jobs < 1
    again = pickle.loads(pickle.dumps(error))
    assert (again.n_cells, str(again)) == (error.n_cells, str(error))


def test_a_callable_is_told_and_can_cancel():
    told = []

    def listen(cells, done, jobs):
        told.append((cells, done, jobs))
        return len(told) >= 2

    with pytest.raises(rt.StoppedError, match="`progress` returned True"):
        rt.decompose(wide(120), BOX, threads=1, progress=listen)
    assert len(told) == 2
    assert 0 <= told[0][0] <= told[1][0]


def test_a_callable_changes_no_answer():
    network, box = wide(12, 3), rt.Box(-1, 1, dim=3)
    plain = rt.decompose(network, box)
    heard = rt.decompose(network, box, progress=lambda *_: None, max_seconds=1000)
    assert (plain.patterns == heard.patterns).all()
    assert (plain.adjacency == heard.adjacency).all()


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_a_time_that_is_no_time_is_refused(seconds):
    with pytest.raises(ValueError, match="`max_seconds` must be positive"):
        rt.decompose(wide(3), BOX, max_seconds=seconds)


def test_verifying_tells_and_can_be_cancelled():
    cx, told = rt.decompose(wide(6, 2), rt.Box(-1, 1, dim=2)), []

    def listen(*counts):
        told.append(counts)
        return len(told) == 3

    report = rt.verify(cx, method="certificates", progress=listen)
    assert told == [(k, k, cx.n_cells) for k in (1, 2, 3)]
    assert (report.n_verified, report.out_of_time, report.complete) == (3, True, False)
    assert report.ok


def test_a_check_tells_and_can_be_cancelled():
    told = []

    def listen(*counts):
        told.append(counts)
        return len(told) == 2

    network = rt.as_network(rt.mlp([6, 60, 60, 60, 1], seed=0))
    names = [f"(declare-const X_{i} Real)" for i in range(6)] + ["(declare-const Y_0 Real)"]
    sides = [f"(assert (>= X_{i} -9)) (assert (<= X_{i} 9))" for i in range(6)]
    highest = max(network.forward(np.random.default_rng(0).uniform(-9, 9, (9999, 6)))[:, 0])
    text = " ".join([*names, *sides, f"(assert (>= Y_0 {2 * highest:.3f}))"])
    found = rt.check(network, rt.parse_property(text), progress=listen)
    assert len(told) == 2
    assert (found.verdict, found.timed_out) == ("unknown", False)
    assert all(0 <= done <= all_parts == 1000 for _, done, all_parts in told)


def test_a_training_ends_where_a_callback_says_so():
    X = np.linspace(-1, 1, 20)[:, None]
    seen = []

    def three(step, *_):
        seen.append(step)
        return step == 3

    result = rt.train([4], X, X[:, 0] > 0, epochs=50, callbacks=[three])
    assert seen == [0, 1, 2, 3]
    assert len(result.history["loss"]) == 4


def test_an_analysis_of_checkpoints_can_be_cancelled_and_goes_on(tmp_path):
    for step in range(4):
        rt.Checkpoints(tmp_path / "run")(step, rt.mlp([2, 3, 1], seed=step), {})
    options = {"model": rt.mlp([2, 3, 1]), "measures": ["count"], "path": tmp_path / "t.csv"}
    told = []

    def listen(*counts):
        told.append(counts)
        return len(told) == 2

    box = rt.Box(-1, 1, dim=2)
    first = rt.analyse_checkpoints(tmp_path / "run", box, progress=listen, **options)
    assert told == [(1, 1, 4), (2, 2, 4)]
    assert len(first.rows) == 2
    assert len(rt.analyse_checkpoints(tmp_path / "run", box, **options).rows) == 4
