"""Commands answer in text and in JSON, end with the stated status, and never with a traceback."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import relutope as rt
from relutope.cli import main
from relutope.cli.command import COMMANDS

LAYERS = [([[1, 0], [0, 1], [1, 1]], [0, 0, -1]), ([[1, -1, 1]], [0])]


@pytest.fixture
def network(tmp_path):
    arrays = {}
    for k, (W, b) in enumerate(LAYERS):
        arrays |= {f"W{k}": np.array(W, float), f"b{k}": np.array(b, float)}
    np.savez(tmp_path / "network.npz", **arrays)
    return str(tmp_path / "network.npz")


@pytest.fixture
def cells(network, tmp_path, capsys):
    assert (
        main(["decompose", network, "--box", "-2", "2", "--out", str(tmp_path / "cells.npz")]) == 0
    )
    capsys.readouterr()
    return str(tmp_path / "cells.npz")


def asked(capsys, *words):
    """Status and the one JSON object that a command prints."""
    status = main([*map(str, words), "--json"])
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 1
    return status, json.loads(out)


def refused(capsys, *words):
    """Status and the one line on stderr of a command that does not work."""
    try:
        status = main([*map(str, words)])
    except SystemExit as end:
        status = end.code
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err + captured.out
    lines = [line for line in captured.err.splitlines() if line.startswith("relutope: error: ")]
    assert len(lines) == 1, captured.err
    return status, lines[0]


def test_every_command_has_help(capsys):
    for name in COMMANDS:
        with pytest.raises(SystemExit) as end:
            main([name, "--help"])
        assert end.value.code == 0
        assert f"relutope {name}" in capsys.readouterr().out


def test_decompose_writes_the_complex(network, tmp_path, capsys):
    out = tmp_path / "a.npz"
    status, found = asked(capsys, "decompose", network, "--box", -2, 2, "--out", out)
    assert (status, found["n_cells"], found["n_edges"], found["complete"]) == (0, 7, 9, True)
    assert rt.load(out).n_cells == 7


@pytest.mark.parametrize(
    ("domain", "cells"),
    [
        ([], 7),
        (["--box", "0", "2"], 2),
        (["--box", "-2", "2", "0", "2"], 4),
        (["--box", "-2e0", "2"], 7),
        (["--box", "-inf", "inf"], 7),
    ],
)
def test_count_takes_every_domain(network, capsys, domain, cells):
    status, found = asked(capsys, "count", network, *domain)
    assert (status, found["n_cells"]) == (0, cells)


def test_count_takes_files_of_domains(network, tmp_path, capsys):
    (tmp_path / "triangle.txt").write_text("-1 0 0\n0 -1 0  # x, y >= 0\n1 1 3\n")
    assert (
        asked(capsys, "count", network, "--polytope", tmp_path / "triangle.txt")[1]["n_cells"] == 2
    )
    (tmp_path / "p.vnnlib").write_text(
        "(declare-const X_0 Real)(declare-const X_1 Real)"
        "(assert (>= X_0 0.0))(assert (<= X_0 2.0))(assert (>= X_1 1.0))(assert (<= X_1 1.0))"
    )
    assert asked(capsys, "count", network, "--vnnlib", tmp_path / "p.vnnlib")[1]["n_cells"] == 1


def test_a_budget_that_ends_is_status_3(network, capsys):
    status, found = asked(capsys, "count", network, "--max-cells", 3)
    assert status == 3
    assert not found["complete"]
    assert 3 < found["n_cells"] <= 7
    for command in ("decompose", "boundary", "regions", "lipschitz", "integrate"):
        words = [command, network, "--box", "-2", "2"]
        status, found = asked(capsys, *words, "--max-cells", 1)
        assert (status, found["complete"], found["n_cells_at_least"] > 1) == (3, False, True)
        assert main([*words, "--max-cells", "1"]) == 3
        assert "--max-cells is 1" in capsys.readouterr().out


def test_estimate_explore_slice_info(network, cells, tmp_path, capsys):
    assert asked(capsys, "estimate", network, "--box", -2, 2)[1]["estimate"] == 7
    status, found = asked(capsys, "explore", network, "--at", 1.5, 1.0, "--out", tmp_path / "e.csv")
    assert (status, found["n_cells"]) == (0, 7)
    assert len((tmp_path / "e.csv").read_text().splitlines()) == 8
    np.save(tmp_path / "points.npy", [[-2.0, -1.0], [9.0, 9.0], [2.0, 1.0]])
    words = ["slice", network, "--points", tmp_path / "points.npy", "--rows", 0, 2]
    assert asked(capsys, *words)[1]["n_cells"] == 3
    found = asked(capsys, "info", cells, "--faces")[1]
    assert (found["kind"], found["f_vector"]) == ("complex", [13, 19, 7])
    assert asked(capsys, "info", network)[1]["layers"] == [3]


def test_the_cost_of_a_decomposition_is_estimated_before_it_is_begun(network, capsys):
    words = ["info", network, "--box", "-2", "2", "--estimate", "--cores", "2"]
    status, found = asked(capsys, *words)
    assert (status, found["cells"], found["interval"], found["cores"]) == (0, 7, [7, 7], 2)
    assert 0 < found["seconds"] < 60
    assert 0 < found["bytes_on_disk"] < found["bytes_in_memory"] < found["free_memory"]
    assert list(found["workers"]) == ["10", "100", "1000"]
    for workers, one in found["workers"].items():
        assert 0 < one["speedup"] <= int(workers)
    assert main([*map(str, words)]) == 0
    said = capsys.readouterr().out
    assert "cells           7 exactly" in said
    assert "which fits" in said


def test_plot_and_export_write_files(cells, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    for words in (
        ["plot", cells, "--by", "class", "--out", tmp_path / "a.pdf", "--width", "column"],
        ["export", cells, "--out", tmp_path / "a.csv"],
    ):
        status, found = asked(capsys, *words)
        assert status == 0
        assert (tmp_path / found["file"]).stat().st_size > 0


def test_doctor_tells_and_completion_completes(capsys):
    status, found = asked(capsys, "doctor")
    assert (status, found["core"], found["relutope"]) == (0, "right", rt.__version__)
    assert main(["completion", "bash"]) == 0
    assert all(name in capsys.readouterr().out for name in ("_relutope",))


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["cuont"], 2, "did you mean 'count'"),
        (["count", "NET", "--box=-1", "1"], 2, "one word too many"),
        (["count", "NET", "--engine", "vertx"], 2, "did you mean 'vertex'"),
        (["count", "NET", "--threads", "two"], 2, "--threads must be a whole number"),
        (["count", "NET", "--max-seconds", "1s"], 2, "--max-seconds must be a number"),
        (["count", "NET", "--box", "-1", "1", "--vnnlib", "p"], 2, "not both"),
        (["count", "NET", "--max-cells"], 2, "--max-cells needs a value"),
        (["app", "--port", "99999999"], 2, "--port must be from 0 to 65535"),
        (["app", "--port", "-1"], 2, "--port must be from 0 to 65535"),
        (["decompose", "NET", "--out", "cells.txt"], 2, "use .npz"),
        (["explore", "NET", "--at", "0", "0", "--out", "cells.pdf"], 2, "use .csv"),
        (["report", "NET", "--out", "page.pdf"], 2, "use .html"),
        (["verify", "NET", "--seed", "-1"], 2, "--seed must be from 0"),
        (["study", "classification", "--seed", "9" * 20], 2, "--seed must be from 0"),
        (["study", "clasification"], 2, "did you mean 'classification'"),
        (["study", "--data", "README.csv"], 2, "--target"),
        (["integrate", "NET", "--box", "0", "1", "--samples", "9", "--exact"], 1, "--exact"),
        (["check", "NET", "P", "--timeout", "-1"], 2, "--timeout"),
        (["robustness", "NET", "--input", "1"], 2, "--input"),
        (["compare", "NET", "OTHER", "--box", "0", "1"], 1, "OTHER"),
        (["count", "NET", "--bxo", "1"], 2, "did you mean --box"),
        (["count"], 2, "NETWORK"),
        (["count", "missing.npz"], 1, "missing.npz"),
        (["count", "NET", "--box", "1"], 1, "--box"),
        (["count", "NET", "--box", "2", "-2"], 1, "lower"),
        (["count", "NET", "--max-cells", "0"], 1, "--max-cells"),
        (["count", "NET", "--max-seconds", "-1"], 1, "--max-seconds"),
        (["count", "NET", "--box", "x", "2"], 2, "--box"),
        (["decompose", "NET", "--outputs", "argmax"], 1, "output"),
        (["verify", "README"], 1, "README"),
        (["info", "README"], 1, "README"),
        (["plot", "NET"], 1, "network.npz"),
        (["explore", "NET", "--at", "1"], 1, "--at"),
        (
            ["decompose", "NET", "--box", "-1", "1", "--out", "/proc/nowhere/a.npz"],
            2,
            "/proc/nowhere",
        ),
        (["decompose", "NET", "--box", "-1", "1", "--out", "."], 2, "folder"),
        (["decompose", "NET", "--box", "-1", "1", "--out", ""], 2, "an empty name"),
        (["info", "."], 1, "folder"),
        (["count", "NET", "--box", "-1", "1", "--threads", "1" * 20], 1, "--threads"),
        (["count", "NET", "--max-cells", "9" * 30], 1, "--max-cells"),
        (["track", "missing"], 1, "FOLDER"),
        (["reproduce", "fiedler", "--seeds", "0"], 2, "--seeds"),
    ],
)
def test_errors_are_one_line_in_the_users_words(network, tmp_path, capsys, words, status, said):
    (tmp_path / "README").write_text("# nothing of ours\n")
    two = {"W0": np.eye(2), "b0": np.zeros(2), "W1": np.eye(2), "b1": np.zeros(2)}
    np.savez(tmp_path / "other.npz", **two)
    (tmp_path / "p.vnnlib").write_text(
        "(declare-const X_0 Real)(declare-const X_1 Real)(declare-const Y_0 Real)"
        "(assert (>= X_0 0))(assert (<= X_0 1))(assert (>= X_1 0))(assert (<= X_1 1))"
        "(assert (>= Y_0 9))"
    )
    places = {"NET": network, "README": str(tmp_path / "README")}
    places |= {"OTHER": str(tmp_path / "other.npz"), "P": str(tmp_path / "p.vnnlib")}
    got, line = refused(capsys, *(places.get(word, word) for word in words))
    assert got == status
    assert said in line
    assert "`" not in line


def test_formats_of_pictures_are_named(cells, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    for name in ("a.npz", "a"):
        status, line = refused(capsys, "plot", cells, "--out", tmp_path / name)
        assert (status, "use .pdf, .svg or .png" in line) == (1, True)
    for width in ("0", "-3", "nan", "1e9", "wide"):
        status, line = refused(capsys, "plot", cells, "--width", width, "--out", tmp_path / "a.svg")
        assert (status, "--width" in line) == (1, True)
    assert not list(tmp_path.glob("a*"))


def test_options_that_would_do_nothing_are_refused(cells, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    for weight in ("bend", "benz"):
        words = ["export", cells, "--weight", weight, "--out", tmp_path / "a.csv"]
        status, line = refused(capsys, *words)
        assert (status, "--weight" in line, ".graphml" in line) == (1, True, True)
    status, line = refused(capsys, "plot", cells, "--out", tmp_path / "a.html", "--facets", "layer")
    assert (status, "--facets" in line) == (1, True)
    status, line = refused(capsys, "plot", cells, "--out", tmp_path / "a.svg", "--level", "nan")
    assert (status, "--level" in line) == (1, True)
    assert not list(tmp_path.glob("a*"))


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["count", "NET", "--bxo", "1"], 2),
        (["count", "NET", "--box", "1"], 1),
        (["check", "NET", "missing.vnnlib"], 2),
        (["reproduce", "fiedler", "--seeds", "0"], 2),
        (["track", "missing"], 1),
    ],
)
def test_errors_as_json_say_their_status(network, capsys, words, status):
    got, found = asked(capsys, *[network if word == "NET" else word for word in words])
    assert (got, found["error"]["status"]) == (status, status)
    assert found["error"]["message"]


def test_every_command_but_completion_has_json(capsys):
    below = {"study": "classification", "reproduce": "fiedler"}
    for name in sorted(set(COMMANDS) - {"completion"}):
        with pytest.raises(SystemExit):
            main([name, *([below[name]] if name in below else []), "--help"])
        assert "--json" in capsys.readouterr().out, name


def test_the_fields_of_json_are_documented(network, cells, tmp_path, capsys):
    page = Path(__file__).parents[2] / "docs" / "guide" / "command-line.md"
    fields = {}
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and line.count("|") == 3:
            names, text = line.strip("| ").split(" | ", 1)
            fields |= {key: set(re.findall(r"`(\w+)`", text)) for key in names.split(", ")}
    assert set(COMMANDS) - set(fields) == {"completion"}
    box = ["--box", "-2", "2"]
    calls = [
        ["decompose", network, *box, "--out", tmp_path / "c.npz"],
        ["decompose", network, *box, "--max-cells", "1"],
        ["count", network, *box],
        ["estimate", network, *box],
        ["explore", network, "--at", "0", "0"],
        ["info", cells, "--faces"],
        ["info", network],
        ["export", cells, "--out", tmp_path / "c.csv"],
        ["info", tmp_path / "c.csv"],
        ["robustness", network, "--input", "1,1"],
        ["boundary", network, *box],
        ["extremes", network, *box],
        ["lipschitz", network, *box],
        ["integrate", network, *box, "--exact", "--to", network],
        ["integrate", network, *box, "--samples", "9", "--to", network],
        ["compare", network, network, *box, "--decisions"],
        ["regions", network, *box],
        ["gap", network, *box],
    ]
    for words in calls:
        _, found = asked(capsys, *words)
        known = fields[words[0]] | {"command", "version", "complete", "n_cells_at_least"}
        assert set(found) <= known, words


def test_a_module_that_needs_trust_names_the_option(tmp_path, capsys):
    torch = pytest.importorskip("torch")
    torch.save(rt.mlp([2, 3, 1]), tmp_path / "module.pt")
    status, line = refused(capsys, "count", tmp_path / "module.pt", "--box", "-1", "1")
    assert (status, "--allow-pickle" in line) == (1, True)
    assert main(["count", str(tmp_path / "module.pt"), "--box", "-1", "1", "--allow-pickle"]) == 0


def test_ctrl_c_keeps_the_cells_that_are_found_and_has_its_own_status(tmp_path, capsys):
    rng = np.random.default_rng(0)
    shapes = [(80, 5), (80, 80), (1, 80)]
    arrays = {f"W{k}": rng.normal(size=shape) for k, shape in enumerate(shapes)}
    arrays |= {f"b{k}": rng.normal(size=shape[0]) for k, shape in enumerate(shapes)}
    np.savez(tmp_path / "large.npz", **arrays)
    program = (
        "import os, signal, sys, threading\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from relutope.cli import main, problem_options\n"
        "real = problem_options.interrupt_stops\n"
        "def stops(show):\n"
        "    def first(*_):\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "    return real(first)\n"
        "import relutope.cli.decompose as command\n"
        "command.interrupt_stops = stops\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    words = ["decompose", tmp_path / "large.npz", "--box", "-1", "1", "--threads", "1", "--json"]
    run = subprocess.run(
        [sys.executable, "-c", program, *map(str, words), "--out", str(tmp_path / "cells.npz")],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 130, run.stderr
    found = json.loads(run.stdout)
    assert not found["complete"]
    assert len(np.load(tmp_path / "cells.partial.npz")["patterns"]) == found["n_cells_at_least"]


def test_an_unexpected_error_is_one_line_too(network, capsys, monkeypatch):
    def broken(*_, **__):
        raise AssertionError("what nobody thought of")

    monkeypatch.setattr(rt, "count", broken)
    status, line = refused(capsys, "count", network)
    assert status == 1
    assert "relutope doctor" in line


def test_only_the_command_asked_for_is_read():
    code = (
        "import sys; from relutope.cli.command import _parser; _parser(['--version']); "
        "print([m for m in sys.modules if m.startswith(('torch', 'relutope.lab', 'matplotlib'))])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
