"""Betti numbers and persistent homology over GF(2), through gudhi.

All of it works on `Complex.triangulation`: the cells cut into simplices without new vertices. The
output f is affine on every simplex, so sets and filtrations given by f are exact at the vertices.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import MissingDependencyError

if TYPE_CHECKING:
    from .complex import Complex

__all__ = ["betti", "betti_curve", "persistence"]

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
Subset: TypeAlias = Literal["all", "bounded", "superlevel", "sublevel", "level"]
Filtration: TypeAlias = Literal["sublevel", "superlevel", "random"]
Pair: TypeAlias = tuple[int, float, float]


def betti(complex: Complex, of: Subset = "all", level: float = 0.0) -> IntArray:
    """Return the Betti numbers over GF(2) of a subset of the domain.

    Parameters
    ----------
    complex : Complex
        The complex, over a box or all of R^n.
    of : {"all", "bounded", "superlevel", "sublevel", "level"}
        The closed set:

        - ``all``: the whole domain (always 1, 0, ..., 0: a check, not a result);
        - ``bounded``: the union of the closed bounded cells;
        - ``superlevel``, ``sublevel``, ``level``: the points with f >= level, f <= level, or
          f = level (the decision boundary, for level 0). One output only.
    level : float
        Exactly this double is compared with f; ignored by ``all`` and ``bounded``.

    Returns
    -------
    ndarray, shape (n + 1,), int64
        Entry k is the k-th Betti number; all zero for the empty set.

    Raises
    ------
    ValueError
        If `of` is unknown, or needs f and the network has several outputs, or `level` is not
        finite.
    MissingDependencyError
        If gudhi is not installed.

    Notes
    -----
    Over R^n the result is that of the set inside a box larger than every vertex of the complex,
    which has the same homotopy type: the box's far vertices are symbolic, so this is exact too.

    Examples
    --------
    The set where the tent ``1 - |x|`` equals 0.5 is two points.

    >>> import relutope as rt
    >>> tent = rt.Network.from_arrays([([[1.0], [-1.0]], [0.0, 0.0]), ([[-1.0, -1.0]], [1.0])])
    >>> complex = rt.decompose(tent, rt.Box(-2, 2))
    >>> rt.betti(complex, of="level", level=0.5)
    array([2, 0])
    """
    if of not in get_args(Subset):
        raise ValueError(f"`of` is {of!r}; use one of {', '.join(get_args(Subset))}")
    if of in ("all", "bounded"):
        simplices, cell = complex.triangulation()
        chosen = simplices if of == "all" else simplices[complex.bounded[cell]]
        return _betti_numbers(complex.dim, chosen, np.ones(chosen.max(initial=0) + 1, np.bool_))
    _require_one_output(complex, "of", of)
    if not np.isfinite(level):
        raise ValueError(f"`level` is {level}; give a finite number")
    simplices, sign = _signed_triangulation(complex, level)
    if of == "sublevel":
        return _betti_numbers(complex.dim, simplices, sign <= 0)
    above = _betti_numbers(complex.dim, simplices, sign >= 0)
    if of == "superlevel":
        return above
    return _betti_numbers_between(_betti_numbers(complex.dim, simplices, sign <= 0), above)


def persistence(
    complex: Complex,
    filtration: Filtration | ArrayLike = "sublevel",
    *,
    seed: int = 0,
    on: Literal["cells", "vertices"] | None = None,
) -> list[Pair]:
    """Return the persistent homology over GF(2) of a filtration of the complex.

    Parameters
    ----------
    complex : Complex
        The complex, over a box or all of R^n.
    filtration : {"sublevel", "superlevel", "random"} or array_like of float
        - ``sublevel``: the sets f <= t for growing t. One output only.
        - ``superlevel``: the sets f >= t for falling t. One output only.
        - ``random``: the cells enter in a random order, at the values ``k / (n_cells + 1)``, each
          with its closure: a face has the minimum over the cells it lies in.
        - An array with one value per cell, used like those of ``random``; or one per vertex (the
          rows of ``complex.vertex_signs``, so with the symbolic ones of an unbounded domain): a
          simplex of the triangulation has the maximum over its vertices.
    seed : int
        Seed of the random order.
    on : {"cells", "vertices"}, optional
        What an array belongs to; needed only if there are as many cells as vertices.

    Returns
    -------
    list of (int, float, float)
        ``(dimension, birth, death)``, sorted. What never dies has death ``inf`` (``-inf`` for
        ``superlevel``, where birth >= death). Pairs of zero length are left out, decided exactly:
        so birth and death may be different rationals that round to the same double.

    Raises
    ------
    ValueError
        If the filtration is unknown, needs f and the network has several outputs, or is an array
        of the wrong shape, with values that are not finite, or with an ambiguous length.
    MissingDependencyError
        If gudhi is not installed.

    Notes
    -----
    Births and deaths by f are values of f at vertices, compared exactly and rounded once. Over R^n
    the pairs are those seen by real t: a component that comes from infinity is born at ``-inf``
    (``inf`` for ``superlevel``), and pairs that live only at infinity are left out.

    References
    ----------
    .. [1] H. Edelsbrunner, J. Harer, "Computational Topology", AMS 2010, chapter VI.3 (lower star).

    Examples
    --------
    The valleys of ``|x - 1| + |x + 1| - 3 |x|`` at -2 and 2 merge at 0 over the value 2.

    >>> import relutope as rt
    >>> W = [[1.0], [-1.0], [1.0], [-1.0], [1.0], [-1.0]]
    >>> b = [-1.0, 1.0, 1.0, -1.0, 0.0, 0.0]
    >>> net = rt.Network.from_arrays([(W, b), ([[1.0, 1.0, 1.0, 1.0, -3.0, -3.0]], [0.0])])
    >>> rt.persistence(rt.decompose(net, rt.Box(-2, 2)))
    [(0, -2.0, 2.0), (0, -2.0, inf)]
    """
    if isinstance(filtration, str):
        if on is not None:
            raise ValueError(f"`on` is {on!r}, but `filtration` is {filtration!r}, not an array")
        if filtration == "random":
            order = np.random.default_rng(seed).permutation(complex.n_cells)
            return _by_cells(complex, (order + 1) / (complex.n_cells + 1))
        if filtration not in get_args(Filtration):
            names = ", ".join(get_args(Filtration))
            raise ValueError(f"`filtration` is {filtration!r}; use one of {names}, or an array")
        _require_one_output(complex, "filtration", filtration)
        values, rank = complex.vertex_values
        if filtration == "sublevel":
            return _by_vertices(complex, rank, values, np.inf)
        return _by_vertices(complex, -rank, values, -np.inf)
    values = np.asarray(filtration, dtype=np.float64)
    if _carrier(complex, values, on) == "cells":
        return _by_cells(complex, values)
    return _by_vertices(complex, values, values, np.inf)


def betti_curve(pairs: Iterable[Pair], grid: ArrayLike, dim: int) -> IntArray:
    """Return the Betti number of each set of a filtration, from its persistence.

    Parameters
    ----------
    pairs : iterable of (int, float, float)
        From `persistence`.
    grid : array_like, shape (k,), float64
        Values t of the filtration.
    dim : int
        Dimension of the classes to count.

    Returns
    -------
    ndarray, shape (k,), int64
        Number of classes alive at each t: ``birth <= t < death``, and ``birth >= t > death`` for
        the pairs of a superlevel filtration.

    Examples
    --------
    >>> import relutope as rt
    >>> rt.betti_curve([(0, -2.0, 2.0), (0, -2.0, float("inf"))], [-3, -2, 0, 2], dim=0)
    array([0, 2, 2, 1])
    """
    points = np.asarray(grid, dtype=np.float64)
    ends = np.array([pair[1:] for pair in pairs if pair[0] == dim], dtype=np.float64)
    birth, death = ends.reshape(-1, 2).T
    up = birth <= death
    rising = _passed(birth[up], points) - _passed(death[up], points)
    falling = _passed(-birth[~up], -points) - _passed(-death[~up], -points)
    return rising + falling


def _passed(events: FloatArray, points: FloatArray) -> IntArray:
    """Number of events at or before each point."""
    return np.searchsorted(np.sort(events), points, side="right").astype(np.int64)


def _signed_triangulation(complex: Complex, level: float) -> tuple[IntArray, IntArray]:
    """A triangulation, and the exact signs of f - level at its vertices.

    Rounding is monotone: a rounded value other than `level` lies on the same side of it as the
    exact one. Only a tie needs the exact sign, which is that of one more neuron.
    """
    values, _ = complex.vertex_values
    if (values == level).any():
        refined = complex.refine_by_output(level)
        return refined.triangulation()[0], refined.vertex_signs[:, -1].astype(np.int64)
    return complex.triangulation()[0], np.where(values > level, 1, -1)


def _betti_numbers(dim: int, simplices: IntArray, inside: NDArray[np.bool_]) -> IntArray:
    """Betti numbers (dim + 1,) of the full subcomplex on the vertices that are `inside`.

    If these are the vertices with f <= level, the set f <= level retracts to the subcomplex: on
    every simplex f is affine, so a point can be moved straight away from the vertices outside.
    """
    chosen = inside[simplices]
    size = np.count_nonzero(chosen, axis=1)
    tree = _simplex_tree()
    for k in range(1, simplices.shape[1] + 1):
        faces = simplices[size == k][chosen[size == k]].reshape(-1, k)
        tree.insert_batch(np.ascontiguousarray(faces.T), np.zeros(len(faces)))
    tree.compute_persistence(homology_coeff_field=2, persistence_dim_max=True)
    numbers = np.zeros(dim + 1, dtype=np.int64)
    found = tree.betti_numbers()
    numbers[: len(found)] = found
    return numbers


def _betti_numbers_between(below: IntArray, above: IntArray) -> IntArray:
    """Betti numbers of f = level from those of f <= level and f >= level.

    Their union is the domain, which is contractible: by the Mayer-Vietoris sequence the reduced
    homology of the intersection is the direct sum of theirs. If one is empty, so is f = level.
    """
    if not (below[0] and above[0]):
        return np.zeros_like(below)
    numbers = below + above
    numbers[0] -= 1
    return numbers


def _by_vertices(
    complex: Complex, key: NDArray[Any], values: FloatArray, never: float
) -> list[Pair]:
    """Lower-star persistence by a key per vertex; equal keys are equal steps of the filtration."""
    _, first, step = np.unique(key, return_index=True, return_inverse=True)
    simplices, _ = complex.triangulation()
    tree = _simplex_tree()
    tree.insert_batch(np.ascontiguousarray(simplices.T), np.full(len(simplices), -1.0))
    for vertex in np.unique(simplices).tolist():
        tree.assign_filtration([vertex], float(step[vertex]))
    tree.make_filtration_non_decreasing()
    return _pairs(tree, complex.dim, values[first], never)


def _by_cells(complex: Complex, values: FloatArray) -> list[Pair]:
    """Persistence of cells that enter with their closures at the given values."""
    steps, step = np.unique(values, return_inverse=True)
    simplices, cell = complex.triangulation()
    tree = _simplex_tree()
    # A face that is inserted several times keeps its smallest value.
    tree.insert_batch(np.ascontiguousarray(simplices.T), step[cell].astype(np.float64))
    return _pairs(tree, complex.dim, steps, np.inf)


def _pairs(tree: Any, dim: int, values: FloatArray, never: float) -> list[Pair]:
    """Pairs of positive length, with the steps of the filtration replaced by their values."""
    tree.compute_persistence(homology_coeff_field=2, persistence_dim_max=True)
    steps = np.append(values, never)
    pairs: list[Pair] = []
    for k in range(dim + 1):
        intervals = np.asarray(tree.persistence_intervals_in_dimension(k)).reshape(-1, 2)
        index = np.where(np.isinf(intervals), len(values), intervals).astype(np.int64)
        birth, death = steps[index].T
        seen = np.isfinite(birth) | (birth != death)  # else it lives at infinity only
        pairs += [
            (k, b, d) for b, d in zip(birth[seen].tolist(), death[seen].tolist(), strict=True)
        ]
    return sorted(pairs)


def _carrier(complex: Complex, values: FloatArray, on: str | None) -> str:
    """Whether an array filtration belongs to the cells or to the vertices."""
    sizes = {"cells": complex.n_cells, "vertices": len(complex.vertex_signs)}
    expected = " or ".join(f"({size},) for {name}" for name, size in sizes.items())
    if on is not None and on not in sizes:
        raise ValueError(f"`on` is {on!r}; use 'cells' or 'vertices'")
    fitting = [
        name for name, size in sizes.items() if values.shape == (size,) and on in (None, name)
    ]
    if not fitting:
        where = f" on {on}" if on else ""
        raise ValueError(f"`filtration` has shape {values.shape}{where}; expected {expected}")
    if len(fitting) == 2:
        raise ValueError("`filtration` fits cells and vertices; say which with `on`")
    if not np.isfinite(values).all():
        raise ValueError("`filtration` has values that are not finite; give finite numbers")
    return fitting[0]


def _require_one_output(complex: Complex, argument: str, value: str) -> None:
    outputs = complex.network.output_dim
    if outputs != 1:
        raise ValueError(
            f"`{argument}` is {value!r}, which needs one output, but the network has {outputs}; "
            "decompose a network whose last layer is the row, or the difference of rows, you mean"
        )


def _simplex_tree() -> Any:
    try:
        import gudhi
    except ImportError as error:
        raise MissingDependencyError(
            "homology needs gudhi, which is not installed: `pip install gudhi`"
        ) from error
    return gudhi.SimplexTree()
