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
