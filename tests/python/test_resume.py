"""A table that was interrupted, anywhere, is continued as if it had not been."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import relutope as rt
from relutope.tracking.recorded_table import GrowingTable
from relutope.tracking.resuming import Continuation
from relutope.tracking.tracker import Schedule, Tracker, read_table
from small_networks import absolute, random_network

BOX = rt.Box(-1, 1)
SCRIPT = Path(__file__).with_name("tracked_training.py")


def start(table, seconds):
    # A shell's background jobs ignore SIGINT, and so would the tests' own children there.
    command = [sys.executable, str(SCRIPT), str(table), str(seconds)]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def complete(table):
    process = start(table, 0)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return table.read_bytes()


def stop_at(table, step, how):
    """Start the training and stop it soon after it has recorded `step`."""
    process = start(table, 0.1)
    while process.stdout.readline() != f"{step}\n":
        assert process.poll() is None, process.stderr.read()
    process.send_signal(how)
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert step in read_table(table)["step"]
    assert len(read_table(table)["step"]) < 21


def test_a_killed_training_continues_to_the_table_of_an_uninterrupted_one(tmp_path):
    pytest.importorskip("gudhi")
    expected = complete(tmp_path / "whole.csv")
    table = tmp_path / "cut.csv"
    stop_at(table, 4, signal.SIGINT)
    stop_at(table, 14, signal.SIGKILL)
    assert complete(table) == expected
    assert read_table(table)["step"] == list(range(0, 41, 2))
    remarks = read_table(table)["left_out"]
    assert set(remarks) == {None, "complex: more than 60 cells"}


def weights(step):
    return random_network([2, 5, 1], step)


def tracked(path, records, **settings):
    pytest.importorskip("gudhi")
    settings = {"measures": ["distances", "cells"]} | settings
    tracker = Tracker(BOX, path=path, resume=True, **settings)
    for step in records:
        tracker(step, weights(step))
    return tracker


@pytest.mark.parametrize(
    "where", [(GrowingTable, "add"), (Continuation, "store")], ids=["add", "store"]
)
def test_a_kill_at_either_of_the_two_files_does_no_harm(tmp_path, monkeypatch, where):
    expected = tracked(tmp_path / "whole.csv", range(5)).columns()
    tracker = tracked(tmp_path / "t.csv", range(3))

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(*where, killed)
        with pytest.raises(KeyboardInterrupt):
            tracker(3, weights(3))
    assert read_table(tmp_path / "t.csv")["step"] == [0, 1, 2]
    assert tracked(tmp_path / "t.csv", range(5)).columns() == expected


def test_steps_in_the_table_are_not_measured_again(tmp_path):
    measured = []

    def watch(snapshot):
        measured.append(snapshot.step)
        return {"seen": 1}

    for last in (3, 6):
        tracked(tmp_path / "t.csv", range(last), measures=[watch])
    assert measured == list(range(6))
    assert read_table(tmp_path / "t.csv")["step"] == list(range(6))


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_schedules_go_on_counting(tmp_path, suffix):
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    measures = {"count": 1, "distances": 3}
    whole, path = tmp_path / f"whole{suffix}", tmp_path / f"t{suffix}"
    expected = tracked(whole, range(8), measures=measures, max_cells=12).columns()
    assert "left_out" in expected
    for last in (1, 2, 5, 8):
        found = tracked(path, range(last), measures=measures, max_cells=12).columns()
    assert found == expected
    assert path.read_bytes() == whole.read_bytes()


def test_no_step_is_recorded_twice_in_one_run_either(tmp_path):
    found = tracked(tmp_path / "t.csv", [0, 4, 2, 4, 5, 0]).columns()
    assert found["step"] == [0, 4, 5]


def test_a_part_that_rests_goes_on_resting(tmp_path, monkeypatch):
    from relutope.tracking import evaluation

    now = [0.0]
    monkeypatch.setattr(evaluation.time, "perf_counter", lambda: now[0])

    def slow(snapshot):
        now[0] += 3.0
        return {"slow": 1}

    for last in (1, 3, 7):
        tracker = tracked(
            tmp_path / "t.csv", range(last), measures={slow: Schedule(budget=1.0), "count": 1}
        )
    assert [row["step"] for row in tracker.rows if "slow" in row] == [0, 3, 6]
    assert tracker.left_out == dict.fromkeys((1, 2, 4, 5), "slow: over budget")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"seed": 1}, "`seed`: the table .* was made with 0, got 1"),
        ({"draws": 7}, "draws"),
        ({"max_cells": 9}, "max_cells"),
        ({"measures": ["cells", "distances"]}, None),
        ({"measures": ["cells"]}, "measures"),
        ({"measures": {"distances": 1, "cells": 2}}, "measures"),
        ({"weights": ["facet"]}, "weights"),
        ({"steps": 3}, "steps"),
        ({"threads": 2, "budget": 1000.0}, None),
    ],
)
def test_settings_must_agree_where_the_table_depends_on_them(tmp_path, change, word):
    tracked(tmp_path / "t.csv", range(2))
    if word is None:
        assert tracked(tmp_path / "t.csv", range(2), **change).columns()["step"] == [0, 1]
        return
    with pytest.raises(ValueError, match=word):
        tracked(tmp_path / "t.csv", range(2), **change)


def test_domains_must_agree_bit_for_bit(tmp_path):
    made = {"whole": None, "box": BOX, "half": rt.Polytope([[1.0, 0.0]], [0.1 + 0.2])}
    for name, domain in made.items():
        Tracker(domain, measures=["count"], path=tmp_path / f"{name}.csv", resume=True)(
            0, absolute(2)
        )
        again = rt.Polytope([[1.0, 0.0]], [0.3]) if name == "half" else rt.Box(-1, 2)
        with pytest.raises(ValueError, match="`domain`"):
            Tracker(again, measures=["count"], path=tmp_path / f"{name}.csv", resume=True)
        Tracker(domain, measures=["count"], path=tmp_path / f"{name}.csv", resume=True)


def test_a_table_of_somebody_else_is_not_continued(tmp_path):
    path = tmp_path / "t.csv"
    Tracker(BOX, measures=["count"], path=path)(0, absolute(2))
    assert [p.name for p in tmp_path.iterdir()] == ["t.csv"]
    with pytest.raises(ValueError, match="made without `resume`"):
        tracked(path, [])


def test_a_table_that_was_changed_is_not_continued(tmp_path):
    path = tmp_path / "t.csv"
    tracked(path, range(5))
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:2]))
    with pytest.raises(ValueError, match="does not know the last row"):
        tracked(path, [])


def test_an_empty_place_is_started(tmp_path):
    tracker = tracked(tmp_path / "new" / "t.csv", range(2))
    assert tracker.columns()["step"] == [0, 1]
    state = json.loads((tmp_path / "new" / "t.csv.state.json").read_text())
    assert [record["step"] for record in state["records"]] == [0, 1]


def test_a_table_is_begun_anew_when_it_is_gone(tmp_path):
    path = tmp_path / "t.csv"
    tracked(path, range(3))
    path.unlink()
    found = tracked(path, range(2)).columns()
    assert found == tracked(tmp_path / "u.csv", range(2)).columns()


def test_memory_that_cannot_be_stored_is_the_measure_s_error(tmp_path):
    def mine(snapshot):
        snapshot.memory["complex"] = snapshot.complex
        return {"mine": 1}

    with pytest.warns(RuntimeWarning, match="'mine' failed"):
        tracker = tracked(tmp_path / "t.csv", range(2), measures=[mine, "count"])
    assert "mine" not in tracker.rows[0]
    assert "not JSON serializable" in tracker.left_out[0]
