"""Saved networks give the table of a live tracker, and are read from all that people save."""

from __future__ import annotations

import numpy as np
import pytest

import relutope as rt
from relutope.lab.training import mlp, train
from relutope.tracking.checkpoints import (
    Checkpoints,
    analyse_checkpoints,
    load_checkpoint,
    step_of_name,
)
from relutope.tracking.measures.registry import MEASURES
from relutope.tracking.tracker import Tracker, read_table

torch = pytest.importorskip("torch")
BOX = rt.Box(-1, 1)
X = np.random.default_rng(0).uniform(-1, 1, (50, 2))


@pytest.fixture(scope="module")
def training(tmp_path_factory):
    """A live tracker with every measure, and the checkpoints of the same training."""
    pytest.importorskip("gudhi")
    folder = tmp_path_factory.mktemp("run")
    live = Tracker(BOX, measures=list(MEASURES), steps=3, max_cells=40)
    train(
        [7, 5],
        X,
        (X**2).sum(axis=1) < 0.5,
        epochs=20,
        lr=0.1,
        seed=2,
        callbacks=[live, Checkpoints(folder)],
    )
    return live, folder


def template():
    return mlp([2, 7, 5, 1], seed=99)


def settings(live):
    return {"measures": list(MEASURES), "steps": live.steps, "max_cells": 40}


def test_checkpoints_give_the_table_of_the_live_tracker(training):
    live, folder = training
    assert len(list(folder.iterdir())) == 21
    found = analyse_checkpoints(folder, BOX, model=template(), **settings(live))
    assert repr(found.columns()) == repr(live.columns())  # a NaN does not equal itself
    assert found.columns()["step"] == [0, 3, 6, 9, 12, 15, 18]
    assert 0 < len(live.left_out) < 7
    assert "sublevel_wasserstein_first_1" in live.columns()


def without_metrics(tracker):
    names = ("loss", "accuracy")
    return repr({k: v for k, v in tracker.columns().items() if k not in names})


@pytest.mark.parametrize("kind", ["state dict", "module", "npz", "lightning", "parallel"])
def test_all_kinds_of_files_give_the_same_table(training, tmp_path, kind):
    live, folder = training
    for file in folder.iterdir():
        state = torch.load(file, weights_only=True)["state_dict"]
        step = step_of_name(file)
        model = template()
        model.load_state_dict(state)
        if kind == "npz":
            layers = rt.as_network(model).layers
            arrays = {f"W{k}": W for k, (W, _) in enumerate(layers)}
            arrays |= {f"b{k}": b for k, (_, b) in enumerate(layers)}
            np.savez(tmp_path / f"net-{step}.npz", **arrays)
            continue
        content = {
            "state dict": state,
            "module": model,
            "lightning": {
                "epoch": 7,
                "state_dict": {f"net.{name}": value for name, value in state.items()}
                | {"scale": torch.ones(1)},
            },
            "parallel": {f"module.{name}": value for name, value in state.items()},
        }[kind]
        torch.save(content, tmp_path / f"epoch=3-step={step}.ckpt")
    given = {"model": None if kind in ("module", "npz") else template()}
    found = analyse_checkpoints(
        tmp_path, BOX, allow_pickle=kind == "module", **given, **settings(live)
    )
    assert without_metrics(found) == without_metrics(live)


def test_an_analysis_goes_on_where_it_stopped(training, tmp_path, monkeypatch):
    live, folder = training
    path, loaded = tmp_path / "table.csv", []

    def load(file, *arguments, **options):
        loaded.append(file.name)
        return load_checkpoint(file, *arguments, **options)

    monkeypatch.setattr("relutope.tracking.checkpoints.load_checkpoint", load)
    files = sorted(folder.iterdir())
    for last in (8, 21):
        found = analyse_checkpoints(
            reversed(files[:last]), BOX, model=template(), path=path, **settings(live)
        )
    assert repr(found.columns()) == repr(live.columns())
    assert repr(read_table(path)) == repr(live.columns())
    assert loaded == [f"step-{step:06d}.pt" for step in (0, 3, 6, 9, 12, 15, 18)]


def test_other_settings_or_an_earlier_checkpoint_are_refused(training, tmp_path):
    _, folder = training
    files, path = sorted(folder.iterdir()), tmp_path / "t.csv"
    known = {"model": template(), "path": path, "measures": ["count"]}
    analyse_checkpoints([files[0], files[5]], BOX, **known)
    with pytest.raises(ValueError, match="`seed`"):
        analyse_checkpoints(files, BOX, seed=4, **known)
    with pytest.raises(ValueError, match=r"beyond step 1 of step-000001\.pt"):
        analyse_checkpoints(files, BOX, **known)


def test_a_broken_file_ends_the_analysis_but_loses_nothing(training, tmp_path):
    _, folder = training
    copies = []
    for file in sorted(folder.iterdir())[:3]:
        copies.append(tmp_path / file.name)
        copies[-1].write_bytes(file.read_bytes())
    whole = copies[1].read_bytes()
    copies[1].write_bytes(whole[:200])
    known = {"model": template(), "path": tmp_path / "t.csv", "measures": ["count"]}
    with pytest.raises(rt.InvalidNetworkError, match=r"step-000001\.pt"):
        analyse_checkpoints(tmp_path, BOX, **known)
    assert read_table(tmp_path / "t.csv")["step"] == [0]
    copies[1].write_bytes(whole)
    assert analyse_checkpoints(tmp_path, BOX, **known).columns()["step"] == [0, 1, 2]


def test_the_precision_is_that_of_the_file_and_the_template_is_not_changed(tmp_path):
    saved = mlp([2, 3, 1], seed=1)
    torch.save(saved.state_dict(), tmp_path / "1.pt")
    model = mlp([2, 3, 1]).float()
    before = model[0].weight.clone()
    found, metrics = load_checkpoint(tmp_path / "1.pt", model)
    assert rt.as_network(found) == rt.as_network(saved)
    assert metrics == {}
    assert torch.equal(model[0].weight, before)


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("step-000100.pt", 100),
        ("epoch=3-step=1200.ckpt", 1200),
        ("epoch=7-val_loss=0.25.ckpt", 7),
        ("model_40.pt", 40),
        ("net2_wide_0040.npz", 40),
        ("STEP7.pth", 7),
    ],
)
def test_steps_are_read_from_names(name, step):
    assert step_of_name(f"/runs/12/{name}") == step


def test_names_without_step_or_with_the_same_are_refused(tmp_path):
    for name in ("a-1.npz", "b-1.npz", "best.npz"):
        np.savez(tmp_path / name, W0=np.eye(2), b0=[0, 0], W1=np.ones((1, 2)), b1=[0])
    with pytest.raises(ValueError, match=r"no step in the name 'best\.npz'"):
        analyse_checkpoints([tmp_path / "best.npz"], BOX, measures=["count"])
    with pytest.raises(ValueError, match="both of step 1"):
        analyse_checkpoints(tmp_path, BOX)
    found = analyse_checkpoints(
        tmp_path,
        BOX,
        measures=["count"],
        step_of=lambda path: {"a-1": 10, "best": 5}.get(path.stem),
    )
    assert found.rows == [{"step": 5, "count": 4}, {"step": 10, "count": 4}]


def test_what_cannot_be_read_is_said(tmp_path):
    model = mlp([2, 3, 1])
    torch.save(model, tmp_path / "module-1.pt")
    torch.save(model.state_dict(), tmp_path / "state-1.pt")
    torch.save(torch.ones(3), tmp_path / "tensor-1.pt")
    torch.save(
        {f"{p}.{k}": v for p in "ab" for k, v in model.state_dict().items()}, tmp_path / "two.pt"
    )
    for name, given, word in [
        ("module-1.pt", None, "allow_pickle=True"),
        ("state-1.pt", None, "give a module of that architecture"),
        ("state-1.pt", mlp([2, 4, 1]), "does not fit"),
        ("state-1.pt", mlp([2, 3, 3, 1]), "does not fit"),
        ("tensor-1.pt", model, "holds a Tensor"),
        ("two.pt", model, r"several prefixes: a\., b\."),
    ]:
        with pytest.raises(rt.InvalidNetworkError, match=word):
            load_checkpoint(tmp_path / name, given)
    with pytest.raises(FileNotFoundError):
        load_checkpoint(tmp_path / "none-1.pt", model)
    with pytest.raises(FileNotFoundError):
        analyse_checkpoints(tmp_path / "none", BOX)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="no file"):
        analyse_checkpoints(tmp_path / "empty", BOX)


def test_weights_of_a_larger_network_do_not_fit_a_smaller_one(tmp_path):
    torch.save(
        {f"net.{k}": v for k, v in mlp([2, 3, 3, 1]).state_dict().items()}, tmp_path / "1.pt"
    )
    with pytest.raises(rt.InvalidNetworkError, match="does not fit"):
        load_checkpoint(tmp_path / "1.pt", torch.nn.Sequential(*mlp([2, 3, 3, 1])[:3]))


def test_only_due_steps_are_saved_with_their_metrics(tmp_path):
    train([3], X, X[:, 0] > 0, epochs=5, callbacks=[Checkpoints(tmp_path / "c", {0, 4})])
    files = sorted((tmp_path / "c").iterdir())
    assert [file.name for file in files] == ["step-000000.pt", "step-000004.pt"]
    content = torch.load(files[1], weights_only=True)
    assert (content["step"], set(content["metrics"])) == (4, {"loss", "accuracy"})
