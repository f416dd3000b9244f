"""A study writes everything it promises, the same twice, and keeps its records when interrupted."""

import json
import re

import numpy as np
import pytest

import relutope as rt
from relutope.decisions.label_agreement import agreement, cell_labels
from relutope.lab import study
from relutope.tracking.tracker import read_table

SMALL = {"hidden": (5, 4), "epochs": 12, "records": 4, "draws": 2}
FILES = {"report.html", "table.csv", "model.pt", "weights.npz", "complex.npz", "study.json"}


def small(task, data, out, **changes):
    return study.Options(task, data, out, **(SMALL | changes))


@pytest.fixture(scope="module")
def moons(tmp_path_factory):
    options = small("classification", "moons", tmp_path_factory.mktemp("s") / "moons", samples=60)
    return options, study.run(options)


def test_a_study_writes_every_file_and_nothing_else(moons):
    options, outcome = moons
    assert not outcome.interrupted
    assert {path.name for path in options.out.iterdir()} == FILES


def test_settings_state_the_command_and_the_last_row(moons):
    options, _ = moons
    record = json.loads((options.out / "study.json").read_text())
    assert record["state"] == "complete"
    assert record["command"].startswith("relutope study classification --data moons")
    assert record["last"]["n_cells"] == read_table(options.out / "table.csv")["n_cells"][-1]


def test_saved_complex_weights_and_table_belong_together(moons):
    import torch

    options, _ = moons
    cx = rt.load(options.out / "complex.npz")
    arrays = np.load(options.out / "weights.npz")
    layers = [(arrays[f"W{k}"], arrays[f"b{k}"]) for k in range(3)]
    assert rt.decompose(layers, cx.domain).n_cells == cx.n_cells
    state = torch.load(options.out / "model.pt", weights_only=True)
    assert np.array_equal(state["0.weight"].numpy(), arrays["W0"])
    last = {name: column[-1] for name, column in read_table(options.out / "table.csv").items()}
    assert last["n_cells"] == cx.n_cells
    found = agreement(rt.fiedler(cx).partition, cell_labels(cx), cx.adjacency)
    assert last["unit_accuracy"] == found.accuracy


def test_equal_seeds_give_equal_reports_and_tables(moons, tmp_path):
    options, _ = moons
    again = study.Options(
        **({f: getattr(options, f) for f in vars(options)} | {"out": tmp_path / "moons"})
    )
    study.run(again)
    for name in ("table.csv", "weights.npz", "complex.npz"):
        assert (tmp_path / "moons" / name).read_bytes() == (options.out / name).read_bytes()
    pages = [(o.out / "report.html").read_text().replace(str(o.out), "") for o in (options, again)]
    assert pages[0] == pages[1]


def test_a_graph_without_partition_is_explained_in_the_report(tmp_path, monkeypatch):
    from relutope.lab.study import classification

    def pieces(cx, *_):
        return rt.fiedler(np.zeros((cx.n_cells, cx.n_cells)))

    monkeypatch.setattr(classification, "partition", pieces)
    outcome = study.run(small("classification", "moons", tmp_path / "m", samples=40))
    html = (outcome.folder / "report.html").read_text()
    assert "No Fiedler partition for unit weights" in html
    assert " components, so the eigenvalue 0 is repeated" in html


@pytest.mark.parametrize("data", ["saddle", "sine"])
def test_regression_studies_write_their_report(tmp_path, data):
    options = small("regression", data, tmp_path / data, samples=40, table="parquet")
    study.run(options)
    table = read_table(options.out / "table.parquet")
    assert {"r2", "n_cells", "sublevel_pairs_0", "random_mean_0"} <= set(table)
    page = (options.out / "report.html").read_text()
    assert "Persistence diagram" in page
    words = re.sub(r"(?s)<script.*?</script>", "", page)
    assert "Fiedler" not in words  # which is of no graph on the page
    assert (
        ("a ring around a hill" in page) == ("one flat face per cell" in page) == (data != "sine")
    )


def interrupt_at(monkeypatch, record):
    """Raise KeyboardInterrupt in the middle of the given record, as Ctrl-C would."""
    from relutope.tracking import tracker

    original, calls = tracker.Snapshot, []

    def snapshot(*arguments):
        calls.append(1)
        if len(calls) == record:
            raise KeyboardInterrupt
        return original(*arguments)

    monkeypatch.setattr(tracker, "Snapshot", snapshot)


def test_an_interrupted_study_keeps_its_table_and_weights_and_says_so(tmp_path, monkeypatch):
    interrupt_at(monkeypatch, 3)
    options = small("classification", "moons", tmp_path / "cut", samples=40)
    outcome = study.run(options)
    assert outcome.interrupted
    assert "2 records up to step" in outcome.message
    assert read_table(options.out / "table.csv")["step"] == [0, 1]
    assert json.loads((options.out / "study.json").read_text())["state"] == "interrupted"
    kept = FILES - {"complex.npz", "report.html"} | {"table.csv.state.json"}
    assert {p.name for p in options.out.iterdir()} == kept


def test_a_resumed_study_is_the_one_that_was_not_interrupted(tmp_path, monkeypatch):
    options = small("classification", "moons", tmp_path / "cut", samples=40, other_seeds=1)
    with monkeypatch.context() as patch:
        interrupt_at(patch, 3)
        assert study.run(options).interrupted
    said = []
    assert not study.run(options, resume=True, say=said.append).interrupted
    assert "2 records are in the folder already" in said
    assert {p.name for p in options.out.iterdir()} == FILES
    whole = small("classification", "moons", tmp_path / "whole", samples=40, other_seeds=1)
    study.run(whole, resume=True)  # nothing to resume: it starts
    for name in ("table.csv", "weights.npz", "complex.npz"):
        assert (options.out / name).read_bytes() == (whole.out / name).read_bytes()
    pages = [(o.out / "report.html").read_text().replace(str(o.out), "") for o in (options, whole)]
    assert pages[0] == pages[1]
    assert "complete already" in study.run(options, resume=True).message


def test_a_study_is_resumed_with_its_own_settings_only(tmp_path, monkeypatch):
    options = small("classification", "moons", tmp_path / "cut", samples=40)
    with monkeypatch.context() as patch:
        interrupt_at(patch, 2)
        study.run(options)
    other = small("classification", "moons", tmp_path / "cut", samples=40, lr=0.5)
    with pytest.raises(study.InvalidOptionError, match="differs in `lr`"):
        study.run(other, resume=True)


def test_an_interruption_before_the_first_record_is_stated(tmp_path, monkeypatch):
    interrupt_at(monkeypatch, 1)
    outcome = study.run(small("classification", "moons", tmp_path / "cut", samples=40))
    assert "before the first record" in outcome.message


def test_a_folder_in_use_is_refused_unless_it_is_a_study_to_replace(moons, tmp_path):
    options, _ = moons
    with pytest.raises(study.InvalidOptionError, match="--force"):
        study.run(options)
    (tmp_path / "thesis.tex").touch()
    other = small("classification", "moons", tmp_path, samples=40)
    with pytest.raises(study.InvalidOptionError, match="choose another"):
        study.run(other, replace=True)
    assert (tmp_path / "thesis.tex").exists()


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"data": "peaks"}, "regression"),
        ({"data": "mars"}, "breast-cancer"),
        ({"hidden": ()}, "hidden"),
        ({"epochs": 0}, "epochs"),
        ({"weights": ("heavy",)}, "facet"),
        ({"test_share": 1.5}, "share"),
    ],
)
def test_options_out_of_range_are_refused_before_anything_is_written(tmp_path, changes, word):
    arguments = (
        {"task": "classification", "data": "moons", "out": tmp_path / "new"} | SMALL | changes
    )
    with pytest.raises(study.InvalidOptionError, match=word):
        study.run(study.Options(**arguments))
    assert not (tmp_path / "new").exists()
