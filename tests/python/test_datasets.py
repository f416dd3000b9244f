"""Data sets have the stated shapes and labels, and a seed fixes them."""

import numpy as np
import pytest

from relutope.lab import datasets
from relutope.lab import real_tables as tables


@pytest.mark.parametrize("name", [*datasets.CLASSIFICATION, *datasets.REGRESSION])
def test_every_listed_set_loads_with_consistent_shapes(name):
    data = datasets.load(name)
    assert data.X.dtype == data.y.dtype == np.float64
    assert data.X.shape == (len(data.y), len(data.features))
    assert data.task == ("classification" if name in datasets.CLASSIFICATION else "regression")
    if data.task == "classification":
        assert set(np.unique(data.y)) == {0.0, 1.0}
        assert len(data.classes) == 2


@pytest.mark.parametrize("name", ["moons", "peaks", "breast-cancer"])
def test_a_seed_fixes_every_number(name):
    one, same, other = (datasets.load(name, n=40, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(one.X, same.X)
    assert np.array_equal(one.y, same.y)
    assert len(one.y) == 40
    assert not np.array_equal(one.X, other.X)


def test_breast_cancer_has_its_published_size_and_classes():
    data = datasets.load("breast-cancer")
    assert data.X.shape == (569, 2)
    assert data.classes == ("benign", "malignant")
    assert int(data.y.sum()) == 212  # malignant cases, W. Street et al. 1993


def test_principal_components_are_standardised_and_uncorrelated():
    X = datasets.load("breast-cancer").X
    assert np.allclose(X.mean(axis=0), 0.0)
    assert np.allclose(X.T @ X / len(X), np.eye(2))


def test_named_columns_replace_the_principal_components():
    data = datasets.load("iris", features=["petal length", "petal width"])
    assert data.features == ("petal length (standardised)", "petal width (standardised)")
    assert np.allclose(data.X.std(axis=0), 1.0)


def test_digits_takes_any_pair():
    assert datasets.load("digits-4-9").classes == ("digit 4", "digit 9")


@pytest.mark.parametrize(
    ("name", "options", "word"),
    [
        ("nothing", {}, "moons"),
        ("digits-3-3", {}, "digits-a-b"),
        ("moons", {"features": ["x", "y"]}, "features"),
        ("iris", {"noise": 0.1}, "noise"),
        ("iris", {"features": ["petal length", "nose length"]}, "sepal width"),
    ],
)
def test_wrong_requests_are_refused_by_name(name, options, word):
    with pytest.raises(ValueError, match=word):
        datasets.load(name, **options)


def test_noise_free_labels_follow_their_rule():
    square = datasets.load("xor", noise=0.0)
    assert np.array_equal(square.y == 1, square.X[:, 0] * square.X[:, 1] > 0)
    ripple = datasets.load("saddle")
    assert np.allclose(ripple.y, ripple.X[:, 0] ** 2 - ripple.X[:, 1] ** 2)


def test_split_is_a_partition_of_the_stated_size():
    train, test = datasets.split(datasets.load("moons", n=40), 0.25, seed=1)
    assert len(test) == 10
    assert sorted([*train, *test]) == list(range(40))
    with pytest.raises(ValueError, match="share"):
        datasets.split(datasets.load("moons", n=4), 1.0)


def test_bounding_box_is_padded_outwards_to_multiples_of_a_power_of_two():
    X = np.array([[0.0, -1.3], [1.0, 2.9]])
    lower, upper = datasets.bounding_box(X, pad=0.15)
    assert (lower < X.min(axis=0)).all()
    assert (upper > X.max(axis=0)).all()
    assert np.array_equal(lower * 16, np.rint(lower * 16))
    flat = datasets.bounding_box(np.zeros((3, 1)))
    assert flat[0] < 0.0 < flat[1]


def test_constant_columns_standardise_to_zero():
    assert np.array_equal(tables.standardise(np.ones((4, 1))), np.zeros((4, 1)))
