"""``relutope track`` writes the table of saved networks, and goes on."""

from __future__ import annotations

import numpy as np
import pytest

import relutope as rt
from relutope import cli
from relutope.tracking.tracker import read_table
from small_networks import absolute


@pytest.fixture
def folder(tmp_path):
    """Arrays of |x| + |y|, and of |x| on the plane."""
    flat = [(np.array([[1.0, 0.0], [-1.0, 0.0]]), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))]
    for step, layers in [(2, absolute(2)), (10, flat)]:
        (W0, b0), (W1, b1) = layers
        np.savez(tmp_path / f"net-{step}.npz", W0=W0, b0=b0, W1=W1, b1=b1)
    return tmp_path


def test_a_folder_becomes_a_table(folder, capsys):
    arguments = ["track", str(folder), "--domain", "-1", "1", "--measures", "cells", "topology=2"]
    assert cli.main(arguments) == 0
    captured = capsys.readouterr()
    assert captured.out == f"table: {folder / 'relutope.csv'} (2 rows)\n"
    assert captured.err == "step 2: 4 cells\nstep 10: 2 cells\n"
    table = read_table(folder / "relutope.csv")
    assert table["step"] == [2, 10]
    assert table["betti_boundary_0"] == [1, None]
    assert cli.main(arguments) == 0  # nothing is left to do
    assert capsys.readouterr().err == ""


def test_weights_need_widths_and_options_reach_the_tracker(tmp_path, capsys):
    torch = pytest.importorskip("torch")
    torch.save(rt.mlp([2, 9, 1], seed=3).state_dict(), tmp_path / "step-5.pt")
    place = [str(tmp_path / "step-5.pt"), "--out", str(tmp_path / "t.csv"), "--quiet"]
    assert cli.main(["track", *place]) == 1
    assert "--model: step-5.pt holds weights only" in capsys.readouterr().err
    more = ["--widths", "2", "9", "1", "--domain", "-9", "9", "-8", "8", "--max-cells", "3"]
    assert cli.main(["track", *place, *more, "--measures", "cells"]) == 0
    assert read_table(tmp_path / "t.csv")["left_out"] == ["complex: more than 3 cells"]


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (["--domain", "1", "2", "3"], "--domain"),
        (["--measures", "volume"], "volume"),
        (["--measures", "cells=often"], "cells=often"),
    ],
)
def test_mistakes_are_named_with_status_one(folder, capsys, more, word):
    assert cli.main(["track", str(folder), *more]) == 1
    assert word in capsys.readouterr().err


def test_a_table_of_another_format_is_not_understood(folder, capsys):
    assert cli.main(["track", str(folder), "--out", "table.xlsx"]) == 2
    assert "use .csv or .parquet" in capsys.readouterr().err


def test_an_interruption_says_how_to_go_on(folder, capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("relutope.tracking.checkpoints.load_checkpoint", interrupted)
    assert cli.main(["track", str(folder)]) == 130
    assert "the same command goes on" in capsys.readouterr().err


def test_help_lists_measures_and_examples(capsys):
    with pytest.raises(SystemExit) as exit_:
        cli.main(["track", "--help"])
    assert exit_.value.code == 0
    shown = capsys.readouterr().out
    assert "random curves" in shown
    assert "relutope track runs/a" in shown
