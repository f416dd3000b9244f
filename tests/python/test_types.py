"""Types, as a user's mypy sees them, and the same mistakes at run time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import relutope as rt

CODE = Path(__file__).with_name("user_code.py")
ROOT = CODE.parents[2]
NET = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, -1.0]], [0.0])]
X = np.zeros(2)


def test_mypy_finds_exactly_the_announced_errors():
    pytest.importorskip("mypy", reason="mypy is not installed")
    options = ["--strict", "--no-error-summary", "--follow-imports=silent"]
    config = ["--config-file", str(ROOT / "pyproject.toml")]
    run = subprocess.run(
        [sys.executable, "-m", "mypy", *config, *options, str(CODE)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(ROOT / "python")},
    )
    found = {
        (int(line), code)
        for line, code in re.findall(r"^\S+?:(\d+): error: .*\[([\w-]+)\]$", run.stdout, re.M)
    }
    announced = {
        (number, code)
        for number, line in enumerate(CODE.read_text().splitlines(), 1)
        for code in re.findall(r"# error: ([\w-]+)$", line)
    }
    assert len(announced) > 10
    assert found == announced, run.stdout + run.stderr


CX = rt.decompose(NET, rt.Box(-1, 1))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: rt.decompose(3), "`network` must be"),
        (lambda: rt.decompose(NET, 3), "`domain`"),
        (lambda: rt.decompose(NET, engine="bogus"), "`engine` must be"),
        (lambda: rt.decompose(NET, engine=["lp"]), "`engine` must be"),
        (lambda: rt.decompose(NET, outputs="max"), "`outputs` must be"),
        (lambda: rt.count(NET, engine="bogus"), "`engine` must be"),
        (lambda: rt.explore(NET, X, order="far"), "`order` is 'far'; use one of bfs, nearest"),
        (lambda: rt.fiedler(CX, "benz"), "`weight` is 'benz'; use one of unit"),
        (lambda: rt.fiedler(CX, ["unit"]), r"`weight` is \['unit'\]"),
        (lambda: rt.dual_graph(CX, 3), "`weight` is 3"),
        (lambda: CX.dual_graph("benz"), "`weight` is 'benz'"),
        (lambda: rt.betti(CX, "inside"), "`of` is 'inside'"),
        (lambda: rt.persistence(CX, "height"), "`filtration` is 'height'"),
    ],
)
def test_mistakes_are_named_at_run_time(call, words):
    with pytest.raises((ValueError, TypeError, rt.RelutopeError), match=words):
        call()


COUNTS = {
    "decompose": (lambda **k: rt.decompose(NET, rt.Box(-1, 1), **k), ("max_cells", "threads")),
    "slice": (lambda **k: rt.slice(NET, np.eye(2), **k), ("max_cells", "threads")),
    "count": (lambda **k: rt.count(NET, **k), ("max_cells", "threads")),
    "estimate": (lambda **k: rt.estimate_count(NET, **k), ("threads",)),
    "explore": (lambda **k: rt.explore(NET, X, **k), ("max_cells",)),
}


@pytest.mark.parametrize("value", [1e6, 1.5, "2", True, 0, -1])
@pytest.mark.parametrize(
    ("function", "name"), [(f, name) for f, (_, names) in COUNTS.items() for name in names]
)
def test_counts_are_positive_integers(function, name, value):
    with pytest.raises((TypeError, ValueError), match=f"`{name}` must be"):
        COUNTS[function][0](**{name: value})


def test_what_is_not_installed_is_named_with_its_extra(monkeypatch, tmp_path):
    for package in ("torch", "matplotlib", "pandas", "networkx", "gudhi"):
        monkeypatch.setitem(sys.modules, package, None)
    calls = [
        ("torch", lambda: rt.mlp([2, 3, 1])),
        ("matplotlib", lambda: CX.plot()),
        ("matplotlib", lambda: rt.report(tmp_path / "a.html", CX)),
        ("matplotlib", lambda: rt.plotting.animate([CX], tmp_path / "a.gif")),
        ("pandas", lambda: rt.to_pandas(CX)),
        ("networkx", lambda: rt.to_networkx(CX)),
        ("networkx", lambda: rt.export(CX, tmp_path / "a.graphml")),
        ("gudhi", lambda: rt.to_simplex_tree(CX)),
    ]
    for package, call in calls:
        with pytest.raises(rt.MissingDependencyError) as caught:
            call()
        text = str(caught.value)
        assert package in text
        assert "pip install 'relutope[study]'" in text
        assert "\n" not in text
