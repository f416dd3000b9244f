"""Tables of the user's own: what is learnt from them, and what is said of those that do not fit."""

from __future__ import annotations

import numpy as np
import pytest

from relutope.cli.command import main
from relutope.cli.study import completed
from relutope.lab import datasets
from relutope.lab.own_tables import numeric_columns, own_table, task_of


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 3))
    rows = ["length,width,weight,species,price"]
    for x in X:
        species = "cat" if x[0] > 0 else "dog"
        rows.append(",".join([*map(str, x), species, f"{x.sum():.3f}"]))
    path = tmp_path / "animals.csv"
    path.write_text("\n".join(rows) + "\n")
    return path, X


def test_two_values_are_classes_and_numbers_are_targets(table):
    path, X = table
    assert task_of(path, "species") == "classification"
    assert task_of(path, "price") == "regression"
    found = own_table(path, "species", "classification", ["length", "width"])
    assert found.classes == ("cat", "dog")
    assert (found.y == (X[:, 0] <= 0)).all()
    assert (X[:, :2] == found.X).all()
    prices = own_table(path, "price", "regression", ["length"])
    assert prices.y.mean() == pytest.approx(0)
    assert prices.y.std() == pytest.approx(1)


def test_a_table_is_a_data_set_of_two_columns(table):
    path, _ = table
    named = ("length", "weight")
    data = datasets.load(str(path), target="species", features=named)
    assert data.features == ("length (standardised)", "weight (standardised)")
    assert data.classes == ("cat", "dog")
    assert data.title == "animals"
    assert datasets.load(str(path), target="species", features=named, n=10).X.shape == (10, 2)
    one = datasets.load(str(path), target="price", features=["length"])
    assert one.X.shape == (40, 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"target": "specie"}, "did you mean 'species'"),
        ({"target": None}, "say which column"),
        ({"target": "price"}, "'species' is 'cat'|'species' is 'dog'"),
        ({"target": "species", "features": ["height", "width"]}, "no column 'height'"),
        ({"target": "length", "task": "classification", "features": ["width"]}, "two classes"),
        ({"target": "species", "noise": 0.1}, "`noise`"),
    ],
    ids=["misspelt", "no target", "text", "unknown", "many values", "noise"],
)
def test_what_does_not_fit_is_said(table, arguments, message):
    with pytest.raises(ValueError, match=message):
        datasets.load(str(table[0]), **arguments)


def test_a_gap_is_named_by_its_line(tmp_path):
    (tmp_path / "gap.csv").write_text("a,b,y\n1,2,0\n1,,1\n2,2,0\n3,1,1\n")
    with pytest.raises(ValueError, match="column 'b' is empty in line 3"):
        own_table(tmp_path / "gap.csv", "y", "classification")


def test_numbers_and_the_target_apart(table):
    X, species = numeric_columns(table[0], "species")
    assert X.shape == (40, 4)
    assert set(species) == {"cat", "dog"}


def test_the_task_follows_from_the_target(table):
    path = str(table[0])
    words = ["study", "--data", path, "--target", "species"]
    assert completed(words) == ["study", "classification", *words[1:]]
    assert completed(["study", "regression", *words[1:]])[1] == "regression"
    assert completed(["study", "--data", "moons"]) == ["study", "--data", "moons"]


def test_a_study_of_a_table_without_a_target_is_refused(table, capsys):
    assert main(["study", "--data", str(table[0])]) == 2
    assert "--target" in capsys.readouterr().err
