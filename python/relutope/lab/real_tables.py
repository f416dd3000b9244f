"""Real tables that ship with scikit-learn, standardised and reduced to two columns.

Sources: the data sets' descriptions in scikit-learn (``sklearn.datasets``), most from the UCI
repository.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..common.extras import require

Floats = NDArray[np.float64]

CLASSIFICATION: dict[str, str] = {
    "breast-cancer": "569 tumours, 30 measurements: malignant or benign (real)",
    "iris": "100 flowers, 4 measurements: versicolor or virginica (real)",
    "wine": "119 wines, 13 measurements: the second or third cultivar (real)",
    "digits-3-8": "357 images of 8 x 8 pixels: 3 or 8; any pair, as digits-4-9 (real)",
}
REGRESSION: dict[str, str] = {
    "diabetes": "442 patients, 10 measurements: disease progression after a year (real)",
}


@dataclass(frozen=True)
class Table:
    """A real table before reduction: `X` float64 (k, c) raw columns, `y` float64 (k,)."""

    title: str
    X: Floats
    y: Floats
    columns: tuple[str, ...]
    target: str
    classes: tuple[str, ...] = ()

    @property
    def about(self) -> str:
        """What the rows and columns are, in one phrase."""
        what = " or ".join(self.classes) if self.classes else self.target
        return f"{len(self.columns)} measurements of {len(self.y)} cases; {what}"


def _sklearn(loader: str) -> Any:
    require("sklearn", "a real table")
    from sklearn import datasets

    return getattr(datasets, loader)()


def _two_classes(bunch: Any, pair: tuple[int, int]) -> tuple[Floats, Floats]:
    rows = np.isin(bunch.target, pair)
    return np.asarray(bunch.data[rows], float), (bunch.target[rows] == pair[1]).astype(float)


def _breast_cancer() -> Table:
    bunch = _sklearn("load_breast_cancer")
    X, y = _two_classes(bunch, (1, 0))
    columns = tuple(map(str, bunch.feature_names))
    return Table("Breast cancer (Wisconsin)", X, y, columns, "diagnosis", ("benign", "malignant"))


def _iris() -> Table:
    bunch = _sklearn("load_iris")
    X, y = _two_classes(bunch, (1, 2))
    columns = tuple(str(c).removesuffix(" (cm)") for c in bunch.feature_names)
    return Table("Iris", X, y, columns, "species", ("versicolor", "virginica"))


def _wine() -> Table:
    bunch = _sklearn("load_wine")
    X, y = _two_classes(bunch, (1, 2))
    columns = tuple(map(str, bunch.feature_names))
    return Table("Wine", X, y, columns, "cultivar", ("cultivar 2", "cultivar 3"))


def _digits(a: int, b: int) -> Table:
    bunch = _sklearn("load_digits")
    X, y = _two_classes(bunch, (a, b))
    columns = tuple(map(str, bunch.feature_names))
    return Table(
        f"Handwritten digits {a} and {b}", X, y, columns, "digit", (f"digit {a}", f"digit {b}")
    )


def _diabetes() -> Table:
    bunch = _sklearn("load_diabetes")
    y = np.asarray(bunch.target, float)
    columns = tuple(map(str, bunch.feature_names))
    X = np.asarray(bunch.data, float)
    return Table(
        "Diabetes", X, (y - y.mean()) / y.std(), columns, "disease progression, standardised"
    )


_LOADERS = {"breast-cancer": _breast_cancer, "iris": _iris, "wine": _wine, "diabetes": _diabetes}


def load(name: str) -> Table:
    """The whole table `name`.

    Raises
    ------
    ValueError
        If there is no such table.
    MissingDependencyError
        If scikit-learn is missing.
    """
    digits = re.fullmatch(r"digits-(\d)-(\d)", name)
    if digits and digits[1] != digits[2]:
        return _digits(int(digits[1]), int(digits[2]))
    if name not in _LOADERS:
        raise ValueError(f"`name`: got {name!r}, expected one of: {known()}")
    return _LOADERS[name]()


def known() -> str:
    """The accepted names, for messages."""
    return ", ".join(_LOADERS) + ", digits-a-b (two different digits)"


def reduce(table: Table, features: Sequence[str] | None = None) -> tuple[Floats, tuple[str, ...]]:
    """Two standardised columns of the table, with their labels.

    With `features` the named columns; otherwise the first two principal components of the
    standardised columns, each scaled to unit variance, signs fixed by making the largest loading
    positive.

    Returns
    -------
    X : float64 (k, 2)
    labels : two str
    """
    if features is not None:
        return _chosen(table, features)
    Z = standardise(table.X)
    left, singular, loadings = np.linalg.svd(Z, full_matrices=False)
    largest = np.abs(loadings[:2]).argmax(axis=1)
    signs = np.sign(loadings[[0, 1], largest])
    share = singular[:2] ** 2 / (singular**2).sum()
    labels = tuple(f"principal component {k + 1} ({share[k]:.0%} of variance)" for k in range(2))
    return standardise(left[:, :2] * signs), labels


def _chosen(table: Table, features: Sequence[str]) -> tuple[Floats, tuple[str, ...]]:
    unknown = [f for f in features if f not in table.columns]
    if unknown or len(features) != 2:
        raise ValueError(
            f"`features`: got {list(features)}, expected two of: {'; '.join(table.columns)}"
        )
    chosen = [table.columns.index(f) for f in features]
    return standardise(table.X[:, chosen]), tuple(f"{f} (standardised)" for f in features)


def standardise(X: Floats) -> Floats:
    """Columns with mean 0 and standard deviation 1; constant columns become 0."""
    spread = X.std(axis=0)
    centred: Floats = (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return centred
