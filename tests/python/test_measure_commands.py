"""The commands for measures: text, JSON and exit statuses."""

from __future__ import annotations

import json

import numpy as np
import pytest

from relutope.cli import main

ABSOLUTE = [([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])]
MOVED = [([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [-0.5])]
BOX = ["--box", "-1", "1"]


@pytest.fixture
def files(tmp_path):
    paths = []
    for name, layers in (("a", ABSOLUTE), ("b", MOVED)):
        arrays = {
            f"{n}{k}": np.array(a)
            for k, p in enumerate(layers)
            for n, a in zip("Wb", p, strict=True)
        }
        np.savez(tmp_path / f"{name}.npz", **arrays)
        paths.append(str(tmp_path / f"{name}.npz"))
    return paths


def asked(capsys, *words, status=0):
    assert main([*words, "--json"]) == status
    found = json.loads(capsys.readouterr().out)
    assert main([*words]) == status
    assert capsys.readouterr().out
    return found


def test_extremes(files, capsys):
    found = asked(capsys, "extremes", files[0], *BOX)
    assert (found["minimum"][0]["value"], found["maximum"][0]["nearest"]) == ("0", 1.0)
    assert found["complete"]
    unbounded = asked(capsys, "extremes", files[0])
    assert (unbounded["maximum"][0]["value"], unbounded["maximum"][0]["nearest"]) == ("inf", None)


def test_lipschitz(files, capsys):
    found = asked(capsys, "lipschitz", files[0], *BOX, "--norm", "inf")
    assert (found["value"], found["bounds"], found["n_cells"]) == ("1", [1.0, 1.0], 2)


def test_integrate(files, capsys):
    found = asked(capsys, "integrate", files[0], *BOX, "--to", files[1], "--exact")
    assert (found["mean"], found["squared_distance"], found["volume"]) == (["1/2"], "1/2", "2")
    assert found["mean_bounds"][0][0] <= 0.5 <= found["mean_bounds"][0][1]


def test_estimated_integrals(files, capsys):
    found = asked(capsys, "integrate", files[0], *BOX, "--to", files[1], "--samples", "1000")
    low, high = found["mean_intervals"][0]
    assert low <= 0.5 <= high
    assert found["distance_interval"][0] <= 0.5**0.5 <= found["distance_interval"][1]
    assert (found["n_samples"], found["volume"]) == (1000, "2")


def test_boundary(files, capsys, tmp_path):
    found = asked(capsys, "boundary", files[1], *BOX)
    assert (found["n_facets"], found["n_components"], found["measure"]) == (2, 2, 2.0)
    assert found["classes"] == [{"classes": [0, 1], "n_facets": 2}]
    assert main(["boundary", files[1], *BOX, "--out", str(tmp_path / "out.npz")]) == 0
    with np.load(tmp_path / "out.npz") as arrays:
        assert sorted(arrays["corners"].ravel().tolist()) == [-0.5, 0.5]
        assert arrays["facet"].shape == (2,)
        assert sorted(map(sorted, arrays["classes"].tolist())) == [[0, 1], [0, 1]]
    capsys.readouterr()
    assert main(["boundary", files[1], *BOX, "--max-cells", "2"]) == 3


def test_compare(files, capsys):
    assert asked(capsys, "compare", files[0], files[0], *BOX)["equal"]
    found = asked(capsys, "compare", *files, *BOX, "--decisions", status=1)
    assert (found["equal"], found["largest"][0]["value"]) == (False, "1/2")
    low, high = found["differing_share_bounds"]
    assert low <= 0.5 <= high


def test_regions_and_gap(files, capsys):
    found = asked(capsys, "regions", files[0])
    assert (found["n_affine_regions"], found["n_activation_regions"]) == (2, 3)
    gap = asked(capsys, "gap", files[0], *BOX, "--dtype", "float64")
    assert 0 < gap["bound"][0] < 1e-14
    assert main(["gap", files[0]]) == 1
    assert "bounded box" in capsys.readouterr().err
