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


@pytest.mark.parametrize("engine", ["vertex", "lp"])
def test_the_part_that_was_found_is_a_part_of_the_complex(engine):
    network, box = wide(120), BOX
    with pytest.raises(rt.StoppedError) as stopped:
        rt.decompose(network, box, engine=engine, threads=1, progress=lambda cells, *_: cells > 0)
    part, whole = stopped.value.partial, rt.decompose(network, box)
    assert 0 < part.n_cells == stopped.value.n_cells == len(part) < whole.n_cells
    number = {row.tobytes(): i for i, row in enumerate(whole.patterns)}
    here = np.array([number[row.tobytes()] for row in part.patterns])
    assert (np.diff(here) > 0).all()
    assert part.facets_known == (engine == "vertex")
    if engine == "lp":
        with pytest.raises(ValueError, match="the LP engine was stopped"):
            _ = part.adjacency
        return
    inside = np.isin(whole.adjacency, here).all(axis=1)
    assert (here[part.adjacency] == whole.adjacency[inside]).all()
    zeros, known = whole.facet_neurons, np.flatnonzero(inside)
    for e in range(0, len(known), 997):
        assert part.facet_neurons[e].tolist() == zeros[known[e]].tolist()
    one_end = np.isin(whole.adjacency, here).sum(axis=1) == 1
    ends = np.intersect1d(whole.adjacency[one_end], here)
    assert (here[part.open_cells] == ends).all()
    assert "at least" in repr(part)


def test_degenerate_parts_say_what_they_do_not_know():
    rng = np.random.default_rng(1)
    W = rng.integers(-2, 3, size=(40, 5)).astype(float)  # many planes through one another
    network, box = [(W, np.zeros(40)), (np.ones((1, 40)), [0.0])], rt.Box(-1, 1, dim=5)
    with pytest.raises(rt.StoppedError) as stopped:
        rt.decompose(network, box, threads=1, progress=lambda cells, *_: cells > 0)
    part, whole = stopped.value.partial, rt.decompose(network, box)
    number = {row.tobytes(): i for i, row in enumerate(whole.patterns)}
    here = np.array([number[row.tobytes()] for row in part.patterns])
    inside = np.isin(whole.adjacency, here).all(axis=1)
    assert 0 < inside.sum() < whole.n_edges
    assert (here[part.adjacency] == whole.adjacency[inside]).all()


def test_a_search_stopped_at_once_has_found_nothing():
    with pytest.raises(rt.StoppedError) as stopped:
        rt.decompose(wide(400), BOX, threads=1, progress=lambda *_: True)
    assert stopped.value.partial.n_cells == len(stopped.value.partial.patterns)


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


@pytest.mark.parametrize("measure", [rt.linear_regions, rt.lipschitz, rt.integrate])
def test_what_is_done_after_the_cells_are_found_is_told_and_stops_too(measure):
    cx = rt.decompose(wide(12, 2), rt.Box(-1, 1, dim=2))
    told = []
    plain = measure(cx)
    heard = measure(cx, progress=lambda *counts: told.append(counts), max_seconds=1000)
    assert repr(heard) == repr(plain)
    assert told[-1][1] == told[-1][2] > 0
    with pytest.raises(rt.StoppedError, match="`progress` returned True"):
        measure(cx, progress=lambda *_: True)
    with pytest.raises(rt.StoppedError, match="`max_seconds` is"):
        measure(cx, max_seconds=1e-9)


def hard():
    """Two outputs whose extremes take the certified bounds many parts."""
    return rt.mlp([6, 60, 60, 60, 2], seed=0), rt.Box(-9, 9, dim=6)


def test_extremes_tell_and_can_be_cancelled_with_certified_bounds():
    told = []

    def listen(*counts):
        told.append(counts)
        return len(told) == 2

    network, box = hard()
    found = rt.extremes(network, box, progress=listen)
    assert len(told) == 2
    assert told[1][0] > 0
    assert all(0 <= done <= all_parts == 1000 for _, done, all_parts in told)
    assert not found.exact
    values = rt.as_network(network).forward(np.random.default_rng(0).uniform(-9, 9, (999, 6)))
    for k in range(2):
        assert found.minimum[k].bound <= values[:, k].min()
        assert found.maximum[k].bound >= values[:, k].max()
    half = rt.Box(-np.inf, 9, dim=4)
    with pytest.raises(rt.StoppedError, match="`progress` returned True"):
        rt.extremes(rt.mlp([4, 90, 90, 2], seed=0), half, progress=lambda *_: True)
    told.clear()
    again = rt.compare(network, rt.mlp([6, 60, 60, 60, 2], seed=1), box, progress=listen)
    assert len(told) == 2
    assert not again.exact


def test_a_distance_tells_and_can_be_cancelled():
    told = []

    def listen(parts, lower, upper):
        told.append((parts, lower, upper))
        return len(told) == 2

    network, _ = hard()
    found = rt.robustness(network, np.zeros(6), progress=listen)
    assert len(told) == 2
    assert not found.exact
    assert told[0][0] <= told[1][0] <= found.stats["parts"]
    assert told[1][1] <= found.lower <= found.upper <= told[1][2]
