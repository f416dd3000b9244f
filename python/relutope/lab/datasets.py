"""Small data sets for studies: planar toys, target functions, real tables reduced to two columns.

Everything is generated or shipped with scikit-learn: nothing is downloaded, and a seed fixes every
number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arguments import checked_seed
from . import own_tables
from . import real_tables as tables

Floats = NDArray[np.float64]
Task = Literal["classification", "regression"]

__all__ = ["CLASSIFICATION", "REGRESSION", "Dataset", "bounding_box", "load", "split"]


@dataclass(frozen=True)
class Dataset:
    """Points, targets and the words needed to label a picture of them.

    Attributes
    ----------
    name, title, about : str
        Name accepted by :func:`load`; the same in plain words; what it holds.
    task : {"classification", "regression"}
    X : float64 (k, n)
        One row per sample.
    y : float64 (k,)
        0.0 / 1.0 for classification, the target value for regression.
    features : tuple of str, length n
        What the columns of `X` are.
    target : str
        What `y` is.
    classes : tuple of two str
        Names of the classes 0 and 1; empty for regression.
    """

    name: str
    title: str
    about: str
    task: Task
    X: Floats
    y: Floats
    features: tuple[str, ...]
    target: str
    classes: tuple[str, ...] = ()


Generator = Callable[[int, float, np.random.Generator], tuple[Floats, Floats]]


def _moons(n: int, noise: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    y = np.arange(n) % 2
    angle = np.pi * rng.random(n)
    X = np.column_stack([np.cos(angle), np.sin(angle)])
    X[y == 1] = np.array([1.0, 0.5]) - X[y == 1]
    return X + noise * rng.normal(size=(n, 2)), y.astype(float)


def _circles(n: int, noise: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    y = np.arange(n) % 2
    angle = 2 * np.pi * rng.random(n)
    X = np.where(y == 1, 0.5, 1.0)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return X + noise * rng.normal(size=(n, 2)), y.astype(float)


def _spirals(n: int, noise: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    y = np.arange(n) % 2
    radius = np.sqrt(rng.uniform(0.01, 1.0, n))
    angle = 3 * np.pi * radius + np.pi * y
    X = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return X + noise * rng.normal(size=(n, 2)), y.astype(float)


def _labelled_square(label: Callable[[Floats], NDArray[np.bool_]]) -> Generator:
    """Uniform points of [-1, 1]^2 labelled by `label`, then moved by the noise."""

    def generate(n: int, noise: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
        X = rng.uniform(-1.0, 1.0, (n, 2))
        return X + noise * rng.normal(size=(n, 2)), label(X).astype(float)

    return generate


def _annuli(n: int, noise: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Uniform in a disc; equal areas inside, between and outside two circles."""
    radius, angle = np.sqrt(rng.random(n)), 2 * np.pi * rng.random(n)
    X = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return X + noise * rng.normal(size=(n, 2)), (np.floor(3 * radius**2) == 1).astype(float)


def _clusters(n: int, noise: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    cluster = np.arange(n) % 6
    angle = np.pi / 3 * cluster
    X = np.column_stack([np.cos(angle), np.sin(angle)])
    return X + noise * rng.normal(size=(n, 2)), (cluster % 2).astype(float)


def _function(f: Callable[[Floats], Floats], half_width: float, dim: int = 2) -> Generator:
    """Samples ``y = f(x) + noise`` at uniform points of ``[-half_width, half_width]^dim``."""

    def generate(n: int, noise: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
        X = rng.uniform(-half_width, half_width, (n, dim))
        return X, f(X) + noise * rng.normal(size=n)

    return generate


def _peaks(X: Floats) -> Floats:
    x, y = X[:, 0], X[:, 1]
    bumps = 3 * (1 - x) ** 2 * np.exp(-(x**2) - (y + 1) ** 2)
    ridge = 10 * (x / 5 - x**3 - y**5) * np.exp(-(x**2) - y**2)
    values: Floats = (bumps - ridge - np.exp(-((x + 1) ** 2) - y**2) / 3) / 3
    return values


def _franke(X: Floats) -> Floats:
    """R. Franke, Scattered data interpolation, Math. Comp. 38 (1982), on [-1, 1]^2."""
    x, y = 4.5 * (X[:, 0] + 1), 4.5 * (X[:, 1] + 1)
    values: Floats = (
        0.75 * np.exp(-((x - 2) ** 2 + (y - 2) ** 2) / 4)
        + 0.75 * np.exp(-((x + 1) ** 2) / 49 - (y + 1) / 10)
        + 0.5 * np.exp(-((x - 7) ** 2 + (y - 3) ** 2) / 4)
        - 0.2 * np.exp(-((x - 4) ** 2) - (y - 7) ** 2)
    )
    return values


@dataclass(frozen=True)
class _Toy:
    about: str
    generate: Generator
    noise: float
    n: int = 500


_TOYS: dict[str, _Toy] = {
    "moons": _Toy("two interleaved half circles", _moons, 0.12),
    "circles": _Toy("a circle around a circle", _circles, 0.08),
    "xor": _Toy(
        "opposite quadrants share a class", _labelled_square(lambda X: X[:, 0] * X[:, 1] > 0), 0.05
    ),
    "spirals": _Toy("two interleaved spirals", _spirals, 0.02, 800),
    "checkerboard": _Toy(
        "a 4 x 4 checkerboard",
        _labelled_square(lambda X: np.floor(2 * X).sum(axis=1) % 2 == 0),
        0.02,
        1000,
    ),
    "half-plane": _Toy(
        "one straight boundary", _labelled_square(lambda X: X[:, 0] + 0.5 * X[:, 1] > 0.1), 0.02
    ),
    "annuli": _Toy("a disc in two rings, alternating classes", _annuli, 0.02),
    "clusters": _Toy("six clusters on a circle, alternating classes", _clusters, 0.22),
}
_FUNCTIONS: dict[str, _Toy] = {
    "peaks": _Toy("three hills and two hollows on [-3, 3]^2", _function(_peaks, 3.0), 0.0, 1500),
    "ripple": _Toy(
        "a damped circular wave",
        _function(lambda X: _wave(np.hypot(X[:, 0], X[:, 1])), 2.0),
        0.0,
        1500,
    ),
    "franke": _Toy("Franke's test surface", _function(_franke, 1.0), 0.0, 1000),
    "saddle": _Toy("x^2 - y^2", _function(lambda X: X[:, 0] ** 2 - X[:, 1] ** 2, 1.0), 0.0, 800),
    "pyramid": _Toy(
        "1 - max(|x|, |y|), itself piecewise linear",
        _function(lambda X: 1 - np.abs(X).max(axis=1), 1.0),
        0.0,
        800,
    ),
    "sine": _Toy(
        "sin(3x), one input", _function(lambda X: np.sin(3 * X[:, 0]), 2.0, dim=1), 0.05, 300
    ),
}

CLASSIFICATION: dict[str, str] = tables.CLASSIFICATION | {k: t.about for k, t in _TOYS.items()}
REGRESSION: dict[str, str] = {k: t.about for k, t in _FUNCTIONS.items()} | tables.REGRESSION


def _wave(radius: Floats) -> Floats:
    values: Floats = np.cos(4 * radius) * np.exp(-(radius**2) / 3)
    return values


def load(
    name: str,
    *,
    n: int | None = None,
    noise: float | None = None,
    seed: int = 0,
    features: Sequence[str] | None = None,
    target: str | None = None,
    task: Task | None = None,
) -> Dataset:
    """The data set called `name`, ready for a network with one or two inputs.

    Parameters
    ----------
    name : str
        A key of :data:`CLASSIFICATION` or :data:`REGRESSION`, or ``digits-a-b`` for two digits; or
        the path of a table, ``.csv`` or ``.parquet``.
    n : int, optional
        Number of samples; for a real table a random subset (default: all rows).
    noise : float, optional
        Standard deviation of the Gaussian noise, in the units of the points (classification) or of
        the target (regression). Synthetic data only.
    seed : int
        Fixes points, noise and subset.
    features : sequence of str, optional
        Real tables only: the two columns to use, standardised. Default: the table's first two
        principal components, each scaled to unit variance.
    target : str, optional
        A table's own: the column to predict.
    task : {"classification", "regression"}, optional
        A table's own: what to learn; by default what fits the target.

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        Unknown `name`, unknown column, or an option the data set does not have.

    Examples
    --------
    >>> load("moons", n=6, seed=1).y
    array([0., 1., 0., 1., 0., 1.])
    """
    rng = np.random.default_rng(checked_seed(seed))
    if own_tables.is_table(name):
        return _own(name, n, noise, rng, features, target, task)
    if target is not None:
        raise ValueError(f"`target`: got {target!r} for {name!r}, which has its own; drop it")
    toy = _TOYS.get(name) or _FUNCTIONS.get(name)
    if toy is None:
        return _real(name, n, noise, rng, features)
    if features is not None:
        raise ValueError(
            f"`features`: got {list(features)} for synthetic data {name!r}, expected None; drop it"
        )
    X, y = toy.generate(n or toy.n, toy.noise if noise is None else noise, rng)
    axes = ("x", "y")[: X.shape[1]]
    title = name.capitalize()
    if name in _TOYS:
        classes = ("class 0", "class 1")
        return Dataset(name, title, toy.about, "classification", X, y, axes, "class", classes)
    return Dataset(name, title, toy.about, "regression", X, y, axes, "target")


def _real(
    name: str,
    n: int | None,
    noise: float | None,
    rng: np.random.Generator,
    features: Sequence[str] | None,
) -> Dataset:
    if noise is not None:
        raise ValueError(
            f"`noise`: got {noise} for {name!r}, expected None: only synthetic data take it"
        )
    try:
        table = tables.load(name)
    except ValueError as error:
        synthetic = ", ".join([*_TOYS, *_FUNCTIONS])
        raise ValueError(f"{error}, {synthetic}") from None
    return _reduced(name, table, n, rng, features)


def _own(
    name: str,
    n: int | None,
    noise: float | None,
    rng: np.random.Generator,
    features: Sequence[str] | None,
    target: str | None,
    task: Task | None,
) -> Dataset:
    """A table from a file."""
    if target is None:
        raise ValueError(f"`target`: say which column of {name} is to be predicted")
    if noise is not None:
        raise ValueError(f"`noise`: got {noise} for {name!r}, expected None: it is real data")
    fitting = task or own_tables.task_of(name, target)
    table = own_tables.own_table(name, target, fitting, features)
    if len(table.columns) == 1:
        X = tables.standardise(table.X)
        labels = (f"{table.columns[0]} (standardised)",)
        return _dataset(name, table, X, labels, _kept_rows(table, n, rng))
    return _reduced(name, table, n, rng, features)


def _kept_rows(table: tables.Table, n: int | None, rng: np.random.Generator) -> NDArray[np.int64]:
    return np.arange(len(table.y)) if n is None else np.sort(rng.permutation(len(table.y))[:n])


def _reduced(
    name: str,
    table: tables.Table,
    n: int | None,
    rng: np.random.Generator,
    features: Sequence[str] | None,
) -> Dataset:
    """With two columns, as `features` say."""
    X, labels = tables.reduce(table, features)
    return _dataset(name, table, X, labels, _kept_rows(table, n, rng))


def _dataset(
    name: str, table: tables.Table, X: Floats, labels: tuple[str, ...], keep: NDArray[np.int64]
) -> Dataset:
    task: Task = "classification" if table.classes else "regression"
    return Dataset(
        name,
        table.title,
        table.about,
        task,
        X[keep],
        table.y[keep],
        labels,
        table.target,
        table.classes,
    )


def split(
    data: Dataset, share: float = 0.25, seed: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row numbers ``(train, test)`` of a random split with ``round(share * k)`` test rows.

    Raises
    ------
    ValueError
        If `share` is not in [0, 1).
    """
    if not 0.0 <= share < 1.0:
        raise ValueError(f"`share`: got {share}, expected 0 <= share < 1; use e.g. 0.25")
    order = np.random.default_rng(checked_seed(seed)).permutation(len(data.y))
    cut = round(share * len(order))
    return np.sort(order[cut:]), np.sort(order[:cut])


def bounding_box(X: ArrayLike, pad: float = 0.15) -> tuple[Floats, Floats]:
    """Corners of a box around the rows of `X`, padded and rounded outwards.

    Each side is widened by `pad` times the extent and rounded to a multiple of a power of two near
    1/16 of the extent: short to print, and exact as binary floats.

    Parameters
    ----------
    X : array_like float (k, n), k >= 1
    pad : float
        Share of the extent added on each side.

    Returns
    -------
    lower, upper : float64 (n,)

    Examples
    --------
    >>> [side.tolist() for side in bounding_box([[0.0, -1.3], [1.0, 2.9]])]
    [[-0.1875, -2.0], [1.1875, 3.75]]
    """
    points = np.asarray(X, dtype=np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    extent = np.where(high > low, high - low, 1.0)
    step = np.array([2.0 ** round(math.log2(e / 16)) for e in extent])
    lower: Floats = np.floor((low - pad * extent) / step) * step
    upper: Floats = np.ceil((high + pad * extent) / step) * step
    return lower, upper
