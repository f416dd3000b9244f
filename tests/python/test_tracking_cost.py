"""A tracker asks as often as it is told, at bounded cost, and survives what goes wrong."""

from __future__ import annotations

import importlib
import warnings

import numpy as np
import pytest

import relutope as rt
from relutope.tracking import evaluation
from relutope.tracking.schedule import Schedule
from relutope.tracking.tracker import Tracker, read_table
from small_networks import absolute, random_network

BOX = rt.Box(-1, 1)
SMALL, LARGE = absolute(2), random_network([2, 9, 1], 0)  # 4 cells, and 28 or more


class Clock:
    """A clock that only moves when somebody works."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        monkeypatch.setattr(evaluation.time, "perf_counter", lambda: self.now)

    def measure(self, name, seconds):
        def work(snapshot):
            self.now += seconds
            return {name: 1}

        work.__name__ = name
        return work


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def asked(tracker, column):
    return [row["step"] for row in tracker.rows if column in row]


def run(tracker, records, layers=SMALL):
    for step in range(records):
        tracker(step, layers)
    return tracker


def test_each_measure_has_its_own_schedule():
    def often(snapshot):
        return {"often": 1}

    schedules = {"count": 1, often: 3, "cells": {2, 5}, "fiedler": Schedule(every=4)}
    tracker = run(Tracker(BOX, measures=schedules), 7)
    assert asked(tracker, "count") == list(range(7))
    assert asked(tracker, "often") == [0, 3, 6]
    assert asked(tracker, "f_0") == [2, 5]
    assert asked(tracker, "unit_fiedler") == [0, 4]
    assert tracker.left_out == {}
    assert "left_out" not in tracker.columns()


def test_schedules_count_records_not_steps():
    tracker = Tracker(BOX, measures={"count": 2}, steps={1, 10, 100})
    for step in (1, 5, 10, 100):
        tracker(step, SMALL)
    assert asked(tracker, "count") == [1, 100]


def test_functions_of_the_same_name_are_both_asked():
    tracker = Tracker(BOX, measures=[lambda snap: {"a": 1}, lambda snap: {"b": 2}])
    tracker(0, SMALL)
    assert tracker.rows == [{"step": 0, "a": 1, "b": 2}]


def test_a_complex_is_made_only_if_a_due_measure_needs_it():
    tracker = run(Tracker(BOX, measures={"count": 1, "cells": {1}}), 1)
    assert tracker.complex is None
    tracker(1, SMALL)
    assert tracker.complex.n_cells == 4


def test_too_many_cells_are_noted_and_the_training_goes_on(tmp_path):
    tracker = Tracker(BOX, measures=["count", "cells"], max_cells=20, path=tmp_path / "t.csv")
    with warnings.catch_warnings(action="error"):
        for step, layers in enumerate([SMALL, LARGE, SMALL]):
            tracker(step, layers, {"loss": 0.5})
    assert tracker.left_out == {1: "complex: more than 20 cells"}
    assert tracker.rows[1] == {"step": 1, "loss": 0.5, "count_at_least": 21}
    assert asked(tracker, "n_cells") == [0, 2]
    assert read_table(tmp_path / "t.csv") == tracker.columns()
    assert tracker.columns()["left_out"] == [None, "complex: more than 20 cells", None]


def test_a_measure_may_have_a_limit_of_its_own():
    tracker = Tracker(BOX, measures={"cells": 1, "topology": Schedule(max_cells=4)})
    for step, layers in enumerate([SMALL, LARGE]):
        tracker(step, layers)
    assert asked(tracker, "n_cells") == [0, 1]
    assert asked(tracker, "betti_boundary_0") == [0]
    assert tracker.left_out == {1: "topology: more than 4 cells"}


def test_a_measure_that_does_not_fit_is_asked_less_often(clock):
    quick, slow = clock.measure("quick", 0.5), clock.measure("slow", 3.5)
    tracker = run(Tracker(BOX, measures=[quick, slow], budget=1.5), 9)  # 1 is left for the slow one
    assert asked(tracker, "quick") == list(range(9))
    assert asked(tracker, "slow") == [0, 4, 8]
    assert tracker.left_out[1] == "slow: over budget"
    assert set(tracker.left_out) == {1, 2, 3, 5, 6, 7}
    assert tracker.seconds["slow"] == 3.5


def test_what_fits_into_the_budget_is_all_asked(clock):
    measures = [clock.measure("quick", 0.5), clock.measure("slow", 3.5)]
    assert run(Tracker(BOX, measures=measures, budget=4.0), 9).left_out == {}


def test_the_dear_share_what_the_cheap_leave(clock):
    seconds = {"a": 0.5, "b": 4.0, "c": 8.0}  # 2.5 = 0.5 + 1 + 1
    measures = [clock.measure(name, s) for name, s in seconds.items()]
    tracker = run(Tracker(BOX, measures=measures, budget=2.5), 17)
    assert {name: asked(tracker, name) for name in seconds} == {
        "a": list(range(17)),
        "b": [0, 4, 8, 12, 16],
        "c": [0, 8, 16],
    }


def test_what_is_asked_seldom_costs_the_budget_less(clock):
    seldom, dear = clock.measure("seldom", 4.0), clock.measure("dear", 6.0)
    tracker = run(Tracker(BOX, measures={seldom: 4, dear: 1}, budget=3.0), 9)
    assert asked(tracker, "seldom") == [0, 4, 8]
    assert asked(tracker, "dear") == [0, 3, 6]  # 4 / 4 a record leave 2 of 3 seconds


def test_a_budget_of_one_s_own_is_not_taken_from_the_others(clock):
    apart, shared = clock.measure("apart", 8.0), clock.measure("shared", 2.0)
    schedules = {apart: Schedule(budget=8.0), shared: 1}
    assert run(Tracker(BOX, measures=schedules, budget=2.0), 5).left_out == {}


@pytest.mark.parametrize("seconds", [0.3, 1.0, 1.01, 4.0, 17.0])
@pytest.mark.parametrize("periods", [(1, 1, 1, 1), (1, 3, 1, 7)])
def test_a_record_takes_at_most_the_budget_on_average(clock, seconds, periods):
    measures = {
        clock.measure(name, seconds * k): period
        for name, k, period in zip("abcd", range(1, 5), periods, strict=True)
    }
    run(Tracker(BOX, measures=measures, budget=5.0), 400)
    under_way = sum(seconds * k for k in range(1, 5))
    assert clock.now <= 5.0 * 400 + under_way
    wanted = sum(seconds * k / period for k, period in zip(range(1, 5), periods, strict=True))
    assert clock.now >= 0.5 * min(wanted, 5.0) * 400  # and does not waste it


def test_costs_that_grow_are_noticed(clock):
    def growing(snapshot):
        clock.now += snapshot.step
        return {"growing": 1}

    tracker = run(Tracker(BOX, measures=[growing], budget=2.0), 20)
    assert asked(tracker, "growing") == [0, 1, 2, 3, 5, 8, 12, 18]


def test_a_schedule_may_have_a_budget_of_its_own(clock):
    slow = clock.measure("slow", 3.5)
    assert asked(run(Tracker(BOX, measures={slow: Schedule(budget=4.0)}), 4), "slow") == [
        0,
        1,
        2,
        3,
    ]
    assert asked(run(Tracker(BOX, measures={slow: Schedule(budget=2.0)}), 4), "slow") == [0, 2]


def test_what_is_asked_seldom_saves_up_for_it(clock):
    slow = clock.measure("slow", 3.5)
    tracker = run(Tracker(BOX, measures={slow: Schedule(every=5, budget=1.0)}), 11)
    assert asked(tracker, "slow") == [0, 5, 10]
    assert tracker.left_out == {}


def test_a_complex_that_takes_too_long_rests_but_what_needs_none_is_asked(clock, monkeypatch):
    module = importlib.import_module("relutope.decomposition.decomposing")

    def slowly(*arguments, **options):
        clock.now += 4.5
        return original(*arguments, **options)

    original = rt.decompose
    monkeypatch.setattr(module, "decompose", slowly)
    quick = clock.measure("quick", 0.1)
    tracker = run(Tracker(BOX, measures=["cells", quick], budget=2.0), 7)
    assert asked(tracker, "quick") == list(range(7))
    assert asked(tracker, "n_cells") == [0, 3, 6]
    assert tracker.left_out[1] == "complex: over budget"
    assert tracker.seconds["cells"] == 0.0  # the complex is not the measure's


def test_a_search_is_stopped_when_counting_the_cells_takes_the_share():
    layers = random_network([4, 60, 1], 0)  # about half a million cells
    tracker = Tracker(BOX, measures=["cells"], budget=0.1, threads=1)
    run(tracker, 2, layers)
    assert tracker.left_out == {0: "complex: over budget", 1: "complex: over budget"}
    assert tracker.complex is None


def broken(snapshot):
    return {"ratio": 1 / (snapshot.step - snapshot.step)}


def test_a_measure_that_raises_loses_no_row_and_warns_once_with_its_traceback(tmp_path):
    tracker = Tracker(BOX, measures=[broken, "cells"], path=tmp_path / "t.csv")
    with pytest.warns(RuntimeWarning, match="'broken' failed at step 0") as caught:
        run(tracker, 2)
    assert len(caught) == 1
    assert "snapshot.step - snapshot.step" in str(caught[0].message)  # the line of code
    assert [row["n_cells"] for row in tracker.rows] == [4, 4]
    assert tracker.left_out[1] == "broken: ZeroDivisionError: division by zero"
    assert isinstance(tracker.errors["broken"], ZeroDivisionError)
    assert read_table(tmp_path / "t.csv") == tracker.columns()


def test_the_row_is_safe_when_warnings_are_errors(tmp_path):
    tracker = Tracker(BOX, measures=[broken, "cells"], path=tmp_path / "t.csv")
    with warnings.catch_warnings(action="error"), pytest.raises(RuntimeWarning):
        tracker(0, SMALL)
    assert read_table(tmp_path / "t.csv")["n_cells"] == [4]


def test_errors_may_end_the_training():
    with pytest.raises(ZeroDivisionError):
        Tracker(BOX, measures=[broken], errors="raise")(0, SMALL)


def test_an_interruption_is_no_error_of_a_measure():
    def interrupted(snapshot):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Tracker(BOX, measures=[interrupted])(0, SMALL)


@pytest.mark.parametrize(
    ("result", "word"),
    [
        (None, "must return a mapping"),
        ({"a": "text"}, "must return numbers, got str for 'a'"),
        ({"a": np.zeros(2)}, "only"),
        ({"step": 3}, "gives a column 'step'"),
        ({3: 1}, "gives a column 3"),
    ],
)
def test_what_is_no_row_is_named(result, word):
    def mine(snapshot):
        return result

    tracker = Tracker(BOX, measures=[mine, "count"])
    with pytest.warns(RuntimeWarning, match=word):
        tracker(0, SMALL)
    assert tracker.rows == [{"step": 0, "count": 4}]


def test_numbers_of_numpy_and_torch_become_plain_and_none_is_left_out():
    torch = pytest.importorskip("torch")
    row = {"a": np.float64(0.5), "b": np.int64(2), "c": torch.tensor(3), "d": True, "e": None}
    tracker = Tracker(BOX, measures=[lambda snap: row])
    tracker(0, SMALL, {"loss": torch.tensor(0.25)})
    found = tracker.rows[0]
    assert found == {"step": 0, "loss": 0.25, "a": 0.5, "b": 2, "c": 3, "d": 1}
    assert [type(v) for v in found.values()] == [int, float, float, int, int, int]


def test_memory_is_kept_from_record_to_record_and_not_after_an_error():
    def sums(snapshot):
        memory = snapshot.memory
        memory["sum"] = memory.get("sum", 0) + snapshot.step
        if snapshot.step == 2:
            raise ValueError("no")
        return {"sum": memory["sum"]}

    tracker = Tracker(BOX, measures=[sums])
    with pytest.warns(RuntimeWarning, match="no"):
        run(tracker, 5)
    assert [row.get("sum") for row in tracker.rows] == [0, 1, None, 4, 8]


def test_a_diverging_training_keeps_its_table():
    nan = [(np.full((2, 2), np.nan), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))]
    tracker = Tracker(BOX, measures=["cells"])
    tracker(0, SMALL, {"loss": 1.0})
    with pytest.warns(RuntimeWarning, match="weights must be finite"):
        tracker(1, nan, {"loss": 9.0})
    assert tracker.rows[1] == {"step": 1, "loss": 9.0}
    assert tracker.left_out[1].startswith("network: InvalidNetworkError")


@pytest.mark.parametrize(
    ("tracker", "layers", "error"),
    [
        (Tracker(rt.Box(-1, 1, dim=3), measures=["cells"]), SMALL, rt.InvalidDomainError),
        (Tracker(BOX, measures=["cells"]), "no such file.npz", FileNotFoundError),
        (Tracker(BOX, measures=["cells"], thread=1), SMALL, TypeError),
    ],
)
def test_what_can_never_work_is_raised_at_the_first_record(tracker, layers, error):
    with pytest.raises(error):
        tracker(0, layers)
    assert tracker.rows == []


def test_modules_in_training_mode_are_seen_in_evaluation_mode_and_left_as_they_were():
    torch = pytest.importorskip("torch")
    inner = torch.nn.BatchNorm1d(3, dtype=torch.float64).eval()
    model = torch.nn.Sequential(
        torch.nn.Linear(2, 3, dtype=torch.float64),
        torch.nn.BatchNorm1d(3, dtype=torch.float64),
        torch.nn.Sequential(inner),
        torch.nn.ReLU(),
        torch.nn.Dropout(),
        torch.nn.Linear(3, 1, dtype=torch.float64),
    )
    tracker = Tracker(BOX, measures=["count"])
    tracker(0, model)
    assert tracker.rows[0]["count"] > 1
    assert [m.training for m in model] == [True, True, True, True, True, True]
    assert not inner.training


def test_listeners_get_each_row_after_it_is_saved_and_may_fail(tmp_path):
    path, seen = tmp_path / "t.csv", []

    def listen(row):
        seen.append((row["step"], read_table(path)["step"][-1]))
        if row["step"] == 1:
            raise OSError("full")

    tracker = Tracker(BOX, measures=["count"], path=path, listeners=[listen])
    with pytest.warns(RuntimeWarning, match="'listen' failed at step 1"):
        run(tracker, 3)
    assert seen == [(0, 0), (1, 1), (2, 2)]
    assert isinstance(tracker.errors["listen"], OSError)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"budget": 0}, "budget"),
        ({"errors": "ignore"}, "errors"),
        ({"resume": True}, "resume"),
        ({"measures": "cells"}, "measures"),
        ({"measures": {"cells": "often"}}, "how often"),
        ({"measures": {"cells": 0}}, "every"),
        ({"measures": {"volume": 1}}, "volume"),
    ],
)
def test_wrong_settings_are_refused_by_name(change, word):
    with pytest.raises(ValueError, match=word):
        Tracker(BOX, **change)


@pytest.mark.parametrize("name", ["every", "budget", "max_cells"])
def test_schedules_refuse_what_is_not_positive(name):
    with pytest.raises(ValueError, match=name):
        Schedule(**{name: 0})
