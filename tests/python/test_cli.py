"""The command line teaches, runs, and reports errors with the right exit status."""

import importlib

import pytest

import relutope as rt
from relutope import cli

TINY = ["--samples", "40", "--hidden", "4", "--epochs", "6", "--records", "3"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["study", "--help"],
        ["study", "classification", "--help"],
        ["study", "regression", "-h"],
    ],
)
def test_help_exits_with_zero_and_teaches(arguments, capsys):
    with pytest.raises(SystemExit) as exit_:
        cli.main(arguments)
    assert exit_.value.code == 0
    assert "relutope study" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["study"]])
def test_a_bare_command_shows_its_help(arguments, capsys):
    assert cli.main(arguments) == 0
    assert "usage:" in capsys.readouterr().out


def test_task_help_lists_data_sets_and_defaults(capsys):
    with pytest.raises(SystemExit):
        cli.main(["study", "classification", "--help"])
    shown = capsys.readouterr().out
    assert "breast-cancer" in shown
    assert "(default: 0)" in shown
    assert "Ctrl-C keeps" in shown


def test_classification_writes_its_folder_and_prints_the_report(tmp_path, capsys):
    folder = tmp_path / "moons"
    arguments = [
        "study",
        "classification",
        "--data",
        "moons",
        *TINY,
        "--out",
        str(folder),
        "--quiet",
    ]
    assert cli.main(arguments) == 0
    captured = capsys.readouterr()
    assert captured.out == f"report: {folder / 'report.html'}\n"
    assert captured.err == ""
    assert (folder / "table.csv").exists()


@pytest.fixture
def no_report(monkeypatch):
    """Leave the report out where it is not the point: drawing is what takes time."""
    module = importlib.import_module("relutope.lab.study.running")
    monkeypatch.setattr(module, "_write_report", lambda study: None)


@pytest.mark.usefixtures("no_report")
def test_regression_shows_progress_and_writes_parquet(tmp_path, capsys):
    arguments = ["study", "regression", *TINY, "--draws", "1", "--table", "parquet"]
    assert cli.main([*arguments, "--out", str(tmp_path / "r")]) == 0
    assert "training" in capsys.readouterr().err
    assert (tmp_path / "r" / "table.parquet").exists()


@pytest.mark.usefixtures("no_report")
def test_the_printed_command_reproduces_the_study(tmp_path, monkeypatch):
    import json
    import shlex

    monkeypatch.chdir(tmp_path)
    assert cli.main(["study", "classification", "--data", "xor", *TINY, "--quiet"]) == 0
    folder = tmp_path / "study-classification-xor"
    command = json.loads((folder / "study.json").read_text())["command"]
    before = (folder / "table.csv").read_bytes()
    assert cli.main([*shlex.split(command)[1:], "--force", "--quiet"]) == 0
    assert (folder / "table.csv").read_bytes() == before


def test_wrong_options_exit_with_two_and_one_line(tmp_path, capsys):
    arguments = ["study", "classification", "--data", "mars", "--out", str(tmp_path / "x")]
    assert cli.main(arguments) == 2
    assert capsys.readouterr().err.startswith("relutope: error: --data: got 'mars'")


def test_interruption_exits_with_130(tmp_path, monkeypatch, capsys):
    from relutope.tracking import tracker

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(tracker, "Snapshot", interrupted)
    arguments = ["study", "classification", "--data", "moons", *TINY, "--out", str(tmp_path / "x")]
    assert cli.main([*arguments, "--quiet"]) == 130
    assert "interrupted" in capsys.readouterr().err


def test_verify_says_whether_a_saved_complex_is_right(tmp_path, capsys):
    pytest.importorskip("cdd.gmp", reason="pycddlib is not installed")
    cx = rt.decompose(
        [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, -1.0]], [0.0])], rt.Box(-1, 1)
    )
    cx.save(tmp_path / "cx.npz")
    assert cli.main(["verify", str(tmp_path / "cx.npz")]) == 0
    assert "verification ok: 4 of 4 cells" in capsys.readouterr().out
    assert cli.main(["verify", str(tmp_path / "missing.npz")]) == 1
    assert "missing.npz" in capsys.readouterr().err
