"""The command writes what it promises, whatever the number of workers, and goes on after a stop."""

import json
import re
import time

import pytest

from relutope import cli
from relutope.lab.reproduce import options as options_module
from relutope.lab.reproduce.options import (
    FiedlerSettings,
    HomologySettings,
    InvalidOptionError,
    Options,
)
from relutope.lab.reproduce.running import reproduce
from relutope.lab.reproduce.seeds import run_seeds

SMALLER = {
    "fiedler": {
        "hidden": (5, 5),
        "updates": 200,
        "records": 3,
        "null_draws": 1,
        "cuts": 3,
        "held_out": 50,
        "weights": ("unit", "inverse-output"),
        "further_weights": ("inverse-output",),
    },
    "homology": {
        "hidden": (5, 4),
        "updates": 300,
        "samples": 30,
        "held_out": 20,
        "stride": 20,
        "draws": 2,
        "lr": 0.05,
        "dims": (2,),
        "widths": ((4, 6),),
    },
}
SMALLER |= {
    "approximation": {"hidden": (6, 6), "updates": 100, "grids": (10, 20), "draws": 1},
    "lattices": {"updates": 20, "dims": (2, 3), "widths": ((3, 5, 7), (3, 4, 5)), "held_out": 30},
}
SMALLER |= {
    "counts": {
        "steps": (0, 10),
        "points": 20,
        "dims": (1, 2),
        "neurons": ((6, 12), (6, 12)),
    },
    "boundaries": {
        "samples": 10,
        "updates": 5,
        "dims": (2,),
        "neurons": ((2, 4),),
        "depths": (1, 2),
    },
    "migration": {
        "dims": (2,),
        "samples": (6,),
        "weight_decay": (0.02,),
        "hidden": (8, 8),
        "updates": (4000,),
        "points": 3,
        "uniform": 6,
    },
    "grokking": {
        "dims": (2,),
        "samples": (6,),
        "weight_decay": (0.02,),
        "hidden": (8, 8),
        "updates": (4000,),
    },
    "degrees": {"dims": (2,), "widths": (3,), "depths": (1, 2)},
    "sampling": {"samples": 20, "updates": 10, "dims": (2,), "widths": (4,)},
}
TABLES = {
    "fiedler": {"training", "records", "cells", "phases", "verdicts", "learnt"},
    "homology": {
        "losses",
        "records",
        "correlations",
        "responses",
        "universality",
        "universality_fits",
        "universality_claims",
    },
    "approximation": {"records", "claims"},
}
QUESTIONS = tuple(TABLES)
STUDIES = ("lattices", "counts", "boundaries", "migration", "grokking", "degrees", "sampling")


@pytest.fixture(autouse=True)
def _smaller(monkeypatch):
    monkeypatch.setattr(options_module, "_QUICK", SMALLER)


@pytest.fixture
def _without_report(monkeypatch):
    """For tests of everything around it: drawing a report takes seconds."""
    from relutope.lab.reproduce import running as run

    monkeypatch.setattr(run, "_write_answer", lambda options, results: {})


def contents(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Both questions once, with two workers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(options_module, "_QUICK", SMALLER)
        folder = tmp_path_factory.mktemp("finished")
        for question in QUESTIONS:
            found = reproduce(Options(question, folder / question, seeds=3, quick=True))
            assert not found.interrupted
    return folder


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_file_is_there_and_no_other(finished, question):
    names = {f"{name}.csv" for name in TABLES[question]} | {"report.html", "reproduce.json"}
    names |= {f"seeds/seed-{k}.json" for k in range(3)}
    names |= {"methods.txt", "references.bib"}
    found = set(contents(finished / question))
    pictures = {name for name in found if name.startswith("pictures/")}
    assert found - pictures == names
    kinds = {kind: {p[:-4] for p in pictures if p.endswith(kind)} for kind in (".pdf", ".svg")}
    assert kinds[".pdf"] == kinds[".svg"]
    assert kinds[".pdf"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_files_do_not_depend_on_the_number_of_workers_or_the_folder(finished, question, tmp_path):
    reproduce(Options(question, tmp_path / "other name", seeds=3, quick=True, workers=1))
    assert contents(tmp_path / "other name") == contents(finished / question)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_report_is_self_contained_and_says_that_three_seeds_are_too_few(finished, question):
    html = (finished / question / "report.html").read_text()
    assert "too few seeds to decide" in html
    assert "How the verdicts are made" in html
    assert not re.search(r"\$[a-z]", html), "an unfilled name"
    assert html.count("<li>") > 5
    assert 'class="abstract"' in html
    assert 'href="reproduce.json"' in html
    assert "@software{relutope," in html
    for reference in ('src="', 'href="http', "url(http"):
        assert reference not in html


@pytest.mark.parametrize("question", QUESTIONS)
def test_settings_state_command_versions_and_verdicts(finished, question):
    record = json.loads((finished / question / "reproduce.json").read_text())
    assert record["state"] == "complete"
    assert record["command"].startswith(f"relutope reproduce {question} --data ")
    assert record["command"].endswith("--seeds 3 --seed 0 --quick")
    assert record["seeds"] == [0, 1, 2]
    assert "too few seeds" in record["verdicts"].values()
    assert "numpy" in record["versions"]
    assert record["machine"]
    html = (finished / question / "report.html").read_text()
    assert record["machine"] in html


@pytest.mark.parametrize("question", STUDIES)
def test_a_study_has_its_claims_pictures_and_words_whatever_the_workers(question, tmp_path):
    options, said = Options(question, tmp_path / "s", seeds=3, quick=True, workers=1), []
    assert not reproduce(options).interrupted
    before = contents(tmp_path / "s")
    reproduce(Options(question, tmp_path / "two", seeds=3, quick=True, workers=2))
    assert contents(tmp_path / "two") == before
    reproduce(options, say=said.append)
    assert said[0] == "3 of 3 seeds are in the folder already"
    assert contents(tmp_path / "s") == before
    html = (tmp_path / "s" / "report.html").read_text()
    assert "How the verdicts are made" in html
    assert "Claims and verdicts" in html
    files = set(contents(tmp_path / "s"))
    assert {"records.csv", "claims.csv", "methods.txt", "references.bib"} <= files
    assert any(name.endswith(".pdf") for name in files)


def test_an_interrupted_run_keeps_its_seeds_and_goes_on_to_the_same_files(
    finished, tmp_path, monkeypatch
):
    from relutope.lab.reproduce import homology

    original, calls = homology.run_seed, []

    def stopped(settings, seed):
        calls.append(seed)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return original(settings, seed)

    monkeypatch.setattr(homology, "run_seed", stopped)
    options = Options("homology", tmp_path / "cut", seeds=3, quick=True, workers=1)
    cut = reproduce(options)
    assert cut.interrupted
    assert "2 of 3 seeds and their tables are kept" in cut.message
    assert json.loads((options.out / "reproduce.json").read_text())["state"] == "interrupted"
    assert {"records.csv", "losses.csv"} <= set(contents(options.out))
    said = []
    assert not reproduce(options, say=said.append).interrupted
    assert calls == [0, 1, 2, 2]
    assert said[0] == "2 of 3 seeds are in the folder already"
    assert contents(options.out) == contents(finished / "homology")


def test_more_seeds_are_added_to_a_finished_run(finished, tmp_path):
    options = Options("homology", tmp_path / "h", seeds=2, quick=True, workers=1)
    reproduce(options)
    reproduce(Options("homology", tmp_path / "h", seeds=3, quick=True, workers=1))
    assert contents(tmp_path / "h") == contents(finished / "homology")


@pytest.mark.usefixtures("_without_report")
def test_a_folder_with_other_settings_is_refused_unless_forced(tmp_path):
    folder = tmp_path / "f"
    reproduce(Options("homology", folder, seeds=1, quick=True, workers=1))
    other = Options("homology", folder, data="ripple", seeds=1, quick=True, workers=1)
    with pytest.raises(InvalidOptionError, match=r"`out`: got .* other settings or versions"):
        reproduce(other)
    reproduce(other, replace=True)
    assert json.loads((folder / "reproduce.json").read_text())["settings"]["data"] == "ripple"


def test_a_folder_with_something_else_is_never_touched(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    for replace in (False, True):
        with pytest.raises(InvalidOptionError, match=r"`out`: got .* which is not empty"):
            reproduce(Options("fiedler", tmp_path), replace=replace)
    assert contents(tmp_path) == {"thesis.txt": b"years of work"}
    with pytest.raises(InvalidOptionError, match="which is a file"):
        reproduce(Options("fiedler", tmp_path / "thesis.txt"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seeds": 0}, "`seeds`: got 0, expected at least 1"),
        ({"seed": -1}, "`seed`: got -1"),
        ({"workers": 0}, "`workers`: got 0"),
        ({"data": "iris"}, "`data`: got 'iris', expected one of all, half-plane"),
    ],
)
def test_options_out_of_range_are_refused(tmp_path, changes, message):
    with pytest.raises(InvalidOptionError, match=message):
        reproduce(Options("fiedler", tmp_path / "x", **changes))
    assert not (tmp_path / "x").exists()


def test_defaults_are_the_full_experiment():
    assert Options("fiedler", "x").settings() == FiedlerSettings()
    assert Options("homology", "x", data="sine").settings() == HomologySettings(data="sine")


def fails(settings, seed):
    if seed == 1:
        raise ValueError("seed 1 fails")
    return {"seed": seed}


def test_an_error_in_a_worker_reaches_the_caller():
    from multiprocessing import active_children

    others = set(active_children())  # of libraries that keep idle workers
    with pytest.raises(ValueError, match="seed 1 fails"):
        run_seeds(fails, None, [0, 1, 2], 2, lambda *_: None)
    # The pool's own thread reaps them: for a moment join() may see neither them nor their end.
    until = time.monotonic() + 60
    while set(active_children()) - others and time.monotonic() < until:
        time.sleep(0.05)
    assert not set(active_children()) - others


@pytest.mark.usefixtures("_without_report")
def test_the_command_prints_the_report_and_nothing_else_when_quiet(tmp_path, capsys):
    out = tmp_path / "r"
    arguments = ["reproduce", "homology", "--quick", "--seeds", "1", "--workers", "1", "--quiet"]
    assert cli.main([*arguments, "--out", str(out)]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"report: {out / 'report.html'}\n"
    assert captured.err == ""


@pytest.mark.usefixtures("_without_report")
def test_the_command_reports_progress_and_wrong_use(tmp_path, capsys):
    out = ["--out", str(tmp_path / "r"), "--workers", "1"]
    assert cli.main(["reproduce", "fiedler", "--quick", "--seeds", "1", *out]) == 0
    assert "seed 0: 1 of 1 done in" in capsys.readouterr().err
    assert cli.main(["reproduce", "fiedler", "--seeds", "0", *out]) == 2
    assert "--seeds: got 0" in capsys.readouterr().err


def test_interruption_has_its_exit_status(tmp_path, monkeypatch, capsys):
    from relutope.lab.reproduce import homology

    def stopped(settings, seed):
        raise KeyboardInterrupt

    monkeypatch.setattr(homology, "run_seed", stopped)
    arguments = ["reproduce", "homology", "--quick", "--workers", "1", "--quiet"]
    assert cli.main([*arguments, "--out", str(tmp_path / "r")]) == 130
    assert "0 of 3 seeds and their tables are kept" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], *([name] for name in (*QUESTIONS, *STUDIES))], ids=str)
def test_help_teaches(arguments, capsys):
    with pytest.raises(SystemExit) as exit_:
        cli.main(["reproduce", *arguments, "--help"])
    assert exit_.value.code == 0
    shown = capsys.readouterr().out
    assert "relutope reproduce" in shown
    default = {"fiedler": 28, "homology": 12, "approximation": 28, "lattices": 50}
    default |= {"degrees": 100, "sampling": 24, "counts": 24, "boundaries": 24, "migration": 24}
    default |= {"grokking": 24}
    for question in arguments:
        told = f"number of seeds (default: {default[question]}, with --quick 3)"
        assert told in " ".join(shown.split())


def test_a_bare_command_shows_its_help(capsys):
    assert cli.main(["reproduce"]) == 0
    assert "questions:" in capsys.readouterr().out
