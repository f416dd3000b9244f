"""What three kinds of newcomers do first, each in at most fifteen lines or five commands."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import relutope as rt
from relutope.cli import main

REAL = Path(__file__).parents[3] / "shared" / "real_networks"
"""Networks of others, which are not part of the repository."""
real = pytest.mark.skipif(not REAL.is_dir(), reason="networks of others are not here")

pytest.importorskip("torch")
pytest.importorskip("matplotlib")


def test_a_student_watches_a_training_loop_of_her_own(tmp_path):
    import torch

    from relutope.plotting import plot_betti_curves, plot_training, save
    from relutope.topology import random_betti_curves

    X = torch.rand(60, 2, dtype=torch.float64) * 2 - 1
    y = (X.norm(dim=1) < 0.7).double()[:, None]

    model = rt.mlp([2, 8, 8, 1])
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02)
    tracker = rt.Tracker(rt.Box(-1, 1), measures=["cells", "topology"], steps=10)
    for step in range(21):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(model(X), y)
        tracker(step, model, {"loss": loss.item()})
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    save(plot_training(tracker, ["loss", "n_cells"]), tmp_path / "training.pdf", width="column")
    cx = rt.decompose(model, rt.Box(-1, 1))
    save(cx.plot("class", data=(X, y[:, 0])), tmp_path / "cells.pdf", width="column")
    save(plot_betti_curves(random_betti_curves(cx, draws=3)), tmp_path / "betti.pdf")

    assert len(tracker.rows) == 3
    assert {path.name for path in tmp_path.iterdir()} == {"training.pdf", "cells.pdf", "betti.pdf"}


def test_an_engineer_asks_a_file_from_the_shell(tmp_path, capsys):
    rng = np.random.default_rng(1)
    shapes = [(6, 2), (6, 6), (3, 6)]
    arrays = {f"W{k}": rng.normal(size=shape) for k, shape in enumerate(shapes)}
    arrays |= {f"b{k}": rng.normal(size=shape[0]) for k, shape in enumerate(shapes)}
    net, prop = str(tmp_path / "net.npz"), str(tmp_path / "p.vnnlib")
    np.savez(net, **arrays)
    with open(prop, "w") as file:
        for k in range(2):
            file.write(f"(declare-const X_{k} Real)(assert (>= X_{k} -1.0))(assert (<= X_{k} 1.0))")
    cells, table = str(tmp_path / "cells.npz"), str(tmp_path / "cells.csv")

    assert main(["count", net, "--vnnlib", prop, "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)["n_cells"]
    assert main(["decompose", net, "--vnnlib", prop, "--outputs", "argmax", "--out", cells]) == 0
    assert main(["export", cells, "--out", table]) == 0
    assert main(["plot", cells, "--by", "class", "--out", str(tmp_path / "p.svg")]) == 0

    with open(table, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    cx = rt.load(cells)
    labels = rt.decision_regions(cx).labels
    assert len(rows) == len(labels) == cx.n_cells >= plain
    at = np.array([[float(row["x0"]), float(row["x1"])] for row in rows])
    A = np.array([[[float(row[f"A{i}_{k}"]) for k in range(2)] for i in range(3)] for row in rows])
    c = np.array([[float(row[f"c{i}"]) for i in range(3)] for row in rows])
    outputs = np.einsum("cik,ck->ci", A, at) + c
    assert np.allclose(outputs, cx.network.forward(at))
    assert (outputs.argmax(axis=1) == labels).all()


def test_a_researcher_looks_between_images_and_around_one(tmp_path):
    datasets = pytest.importorskip("sklearn.datasets")
    from relutope.plotting import plot_histogram, save

    images = datasets.load_digits().data / 16.0
    model = rt.mlp([64, 16, 16, 10])

    between = rt.slice(model, images[:3], outputs="argmax")
    ax = rt.plot(between, "class", images=(8, 8))
    save(ax, tmp_path / "slice.png")
    near = rt.explore(model, images[0], max_cells=20, order="nearest")
    save(plot_histogram(near.distances[1:], label="distance"), tmp_path / "distances.svg")

    assert between.complex.n_cells > 1
    assert (np.diff(near.distances) >= -1e-9).all()
    assert len(list(tmp_path.iterdir())) == 2


@real
def test_an_engineer_asks_an_acas_xu_property_from_the_shell(tmp_path, capsys):
    pytest.importorskip("onnx")
    net, prop = str(REAL / "acasxu_3_3.onnx"), str(REAL / "acasxu_prop_3.vnnlib")
    cells, table = str(tmp_path / "cells.npz"), str(tmp_path / "cells.csv")

    assert main(["check", net, prop]) == 0  # unsat: clear of conflict is never the least
    assert main(["decompose", net, "--vnnlib", prop, "--outputs", "argmax", "--out", cells]) == 0
    capsys.readouterr()
    assert main(["info", cells, "--json"]) == 0
    assert main(["export", cells, "--out", table]) == 0

    found = json.loads(capsys.readouterr().out.splitlines()[0])
    with open(table, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    per_class = {label: sum(row["class"] == label for row in rows) for label in "01234"}
    assert {k: v for k, v in per_class.items() if v} == found["cells_per_class"]
    assert len(rows) == found["n_cells"]
    at = np.array([[float(row[f"x{k}"]) for k in range(5)] for row in rows])
    A = np.array([[[float(row[f"A{i}_{k}"]) for k in range(5)] for i in range(5)] for row in rows])
    c = np.array([[float(row[f"c{i}"]) for i in range(5)] for row in rows])
    outputs = np.einsum("cik,ck->ci", A, at) + c
    assert np.allclose(outputs, rt.load_network(net).forward(at), atol=1e-9)
    assert (outputs.argmax(axis=1) == [int(row["class"]) for row in rows]).mean() > 0.999


@real
def test_a_researcher_looks_between_mnist_images_and_around_one(tmp_path):
    pytest.importorskip("onnx")
    from relutope.plotting import plot_histogram, save

    table = np.loadtxt(REAL / "mnist_test_100.csv", delimiter=",")
    images, model = table[:, 1:] / 255, rt.load_network(REAL / "mnist_256x4.onnx")

    between = rt.slice(model, images[:3], outputs="argmax")
    save(rt.plot(between, "class", images=(28, 28)), tmp_path / "slice.png")
    near = rt.explore(model, images[0], max_cells=5, order="nearest")
    save(plot_histogram(near.distances[1:], label="distance"), tmp_path / "distances.svg")

    labels = set(rt.decision_regions(between).labels.tolist())
    assert set(table[:3, 0].astype(int).tolist()) <= labels  # all three are read correctly
    assert between.complex.n_cells > 100
    assert near.distances[0] == 0
    assert (np.diff(near.distances) >= -1e-9).all()
