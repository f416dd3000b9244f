"""Persistent homology of filtrations of a complex."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arguments import check_choice, checked_seed
from ..common.arithmetic import ieee_arithmetic
from ..complex.cell_complex import CellComplex
from ..complex.cells import ComplexLike, complex_of
from ..complex.lattice import check_dimension
from .cell_filtrations import Stepped, by_cells, by_depth, interior_persistence
from .chains import Method, check_field, check_method, intervals, lower_star
from .heights import Height, Output, height_of
from .pairs import PersistencePairs
from .subcomplex import Cycle, cycle_of

__all__ = ["Filtration", "persistence", "persistent_cycles"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Filtration: TypeAlias = Literal["sublevel", "superlevel", "random", "depth"]
Rule: TypeAlias = Literal["min", "max"]
BY_FUNCTION = ("sublevel", "superlevel")


@ieee_arithmetic
def persistence(
    complex: ComplexLike,
    filtration: Filtration | ArrayLike = "sublevel",
    *,
    output: Output | None = None,
    neuron: int | None = None,
    label: int | None = None,
    seed: int = 0,
    on: Literal["cells", "vertices"] | None = None,
    rule: Rule = "min",
    field: int = 2,
    method: Method = "faces",
) -> PersistencePairs:
    """Return the persistent homology over GF(p) of a filtration of the complex.

    Parameters
    ----------
    complex : Complex
        The complex, over any domain.
    filtration : {"sublevel", "superlevel", "random", "depth"} or array_like of float
        - ``sublevel``: the sets f <= t for growing t.
        - ``superlevel``: the sets f >= t for falling t.
        - ``random``: the cells enter in a random order, at the values ``k / (n_cells + 1)``, each
          with its closure: a face has the minimum over the cells it lies in.
        - ``depth``: the zero sets of the neurons, layer by layer: at value l those of hidden layer
          l are there (from 1), and one step after the last layer the cells enter.
        - An array with one value per cell (for instance from `cell_values`), used like those of
          ``random``; or one per vertex (the rows of ``complex.vertex_signs``, so with the symbolic
          ones of an unbounded domain): a simplex of the triangulation has the maximum over its
          vertices.
    output : int or (int, int), optional
        Which output f is; a pair (i, k) is the difference ``f_i - f_k``. Not needed if there is
        one.
    neuron : int, optional
        Takes the preactivation of a hidden neuron for f, a column of ``complex.patterns``.
    label : int, optional
        Takes the margin of a class for f: its output less the largest of the others, so that the
        class itself is f >= 0.
    seed : int
        Seed of the random order.
    on : {"cells", "vertices"}, optional
        What an array belongs to; needed only if there are as many cells as vertices.
    rule : {"min", "max"}
        Which of the numbers of the cells around it a face has. With ``min`` the sets are unions of
        closed cells. With ``max`` they are open: the inner parts, within the domain, of such
        unions, in which cells that touch in a corner only are not joined.
    field : int
        The prime p.
    method : {"faces", "simplices"}
        By the core, on the faces; or by gudhi, on a triangulation without new vertices: slow in
        more than three dimensions, an independent check. Values per vertex are always left to
        gudhi.

    Returns
    -------
    PersistencePairs
        The list of ``(dimension, (birth, death))``, sorted, as gudhi's functions take it; its
        ``array(dim)`` has one dimension's births and deaths. What never dies has death ``inf``
        (``-inf`` for ``superlevel``, where birth >= death). Pairs of zero length are left out,
        decided exactly: so birth and death may be different rationals that round to the same
        double.

    Raises
    ------
    ValueError
        If the filtration is unknown, needs f and the network has several outputs of which none is
        chosen, or is an array of the wrong shape, with values that are not finite, or with an
        ambiguous length; if a function is chosen for another filtration; if `field` is no prime, or
        `rule` or `method` is unknown.
    IndexError
        If there is no such output or neuron.
    MissingDependencyError
        If gudhi is needed and not installed.

    See Also
    --------
    betti, betti_curve, persistent_cycles, relutope.topology.cell_values,
    relutope.topology.extended_persistence, relutope.topology.critical_cells

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
    [(0, (-2.0, 2.0)), (0, (-2.0, inf))]
    """
    complex = complex_of(complex)
    prime, way, seed = check_field(field), check_method(method), checked_seed(seed)
    check_choice("rule", rule, Rule)
    height = _function(complex, filtration, on, output, neuron, label)
    if height is not None and height.along_lines:
        # A half-space, up to homeomorphism, for every value.
        never = (-np.inf, np.inf) if filtration == "sublevel" else (np.inf, -np.inf)
        return PersistencePairs([(0, never)])
    if _is_on_vertices(complex, filtration, on):
        if rule == "max":
            raise ValueError("`rule` is 'max', but `filtration` has one value per vertex")
        given = np.asarray(filtration, dtype=np.float64)
        distinct, step = np.unique(given, return_inverse=True)
        found = lower_star(complex.triangulation()[0], step, complex.dim, prime)
        values = np.append(distinct, np.inf)
    elif rule == "max":
        found, values = interior_persistence(
            complex, _of_cells(complex, filtration, seed, on), prime, way
        )
    else:
        stepped = _stepped(complex, filtration, seed, on, height)
        lattice = complex.lattice if height is None else height.complex.lattice
        found = intervals(lattice, stepped.steps, prime, way)
        values = np.append(stepped.values, stepped.never)
    birth, death = values[found.birth], values[found.death]
    seen = _seen(birth, death)
    ends = zip(birth[seen].tolist(), death[seen].tolist(), strict=True)
    return PersistencePairs(zip(found.dimension[seen].tolist(), ends, strict=True))


@ieee_arithmetic
def persistent_cycles(
    complex: ComplexLike,
    filtration: Filtration | ArrayLike = "sublevel",
    dim: int = 1,
    *,
    output: Output | None = None,
    neuron: int | None = None,
    seed: int = 0,
    on: Literal["cells", "vertices"] | None = None,
    field: int = 2,
) -> list[Cycle]:
    """Return a cycle for each class of the persistent homology in one dimension.

    Parameters
    ----------
    complex : Complex
    filtration : str or array_like of float
        As for `persistence`, but for values per vertex.
    dim : int
        Dimension of the classes.
    output, neuron, seed, on, field
        As for `persistence`.

    Returns
    -------
    list of Cycle
        In the order of their lifetimes, longest first. The cycle of a class that dies is there
        from its birth and is a boundary at its death; faces at infinity are left out of it.

    Raises
    ------
    ValueError
        As for `persistence`, and for values per vertex.

    See Also
    --------
    persistence, Subcomplex.cycles

    Examples
    --------
    The diamond ``|x| + |y| = 1`` around which ``||x| + |y| - 1|`` is positive has four edges.

    >>> import relutope as rt
    >>> net = [([[1, 0], [-1, 0], [0, 1], [0, -1]], [0] * 4),
    ...        ([[1] * 4, [-1] * 4], [-1, 1]), ([[1, 1]], [0])]
    >>> [ring] = rt.persistent_cycles(rt.decompose(net, rt.Box(-2, 2)), "sublevel", 1)
    >>> ring.birth, ring.death, len(ring.faces)
    (0.0, 1.0, 4)
    """
    complex = complex_of(complex)
    prime, seed = check_field(field), checked_seed(seed)
    check_dimension("dim", dim, 0, complex.dim)
    if _is_on_vertices(complex, filtration, on):
        raise ValueError("`filtration` has one value per vertex; cycles of faces need one per cell")
    lattice = complex.lattice
    height = _function(complex, filtration, on, output, neuron, None)
    if height is not None and height.along_lines:  # what comes from infinity has no faces
        none = np.zeros(0, dtype=np.int64)
        never = np.inf if filtration == "sublevel" else -np.inf
        return [] if dim else [Cycle(0, none, none, -never, never)]
    stepped = _stepped(complex, filtration, seed, on, height)
    found = lattice.classes(stepped.steps, prime, cycles=True)
    cycles = []
    for i in np.flatnonzero(found.dimension == dim).tolist():
        birth = float(stepped.values[stepped.steps[dim][found.birth[i]]])
        death = stepped.never
        if found.death[i] >= 0:
            death = float(stepped.values[stepped.steps[dim + 1][found.death[i]]])
        if _seen(birth, death):
            cycles.append(cycle_of(lattice, found, i, birth, death))
    return sorted(cycles, key=lambda cycle: -abs(cycle.death - cycle.birth))


def _seen(birth: Any, death: Any) -> Any:
    """Whether a class is there for any real value: otherwise it lives at infinity only."""
    return np.isfinite(birth) | (birth != death)


def _function(
    complex: CellComplex,
    filtration: Any,
    on: str | None,
    output: Output | None,
    neuron: int | None,
    label: int | None,
) -> Height | None:
    """The function whose level sets are the filtration's, if they are."""
    named = (output, neuron, label) != (None, None, None)
    if not isinstance(filtration, str) or filtration not in BY_FUNCTION:
        if named:
            raise ValueError(
                "`output`, `neuron` and `label` choose the function of 'sublevel' and "
                "'superlevel', but `filtration` is neither"
            )
        return None
    _check_on(filtration, on)
    if not named and complex.network.output_dim != 1:
        raise ValueError(
            f"`filtration` is {filtration!r}, which needs one output, but the network has "
            f"{complex.network.output_dim}; choose one by `output=k`, a difference by "
            "`output=(i, k)`, or a class by `label=k`"
        )
    return height_of(complex, output, neuron, label)


def _check_on(filtration: Any, on: str | None) -> None:
    if on is not None:
        raise ValueError(f"`on` is {on!r}, but `filtration` is {filtration!r}, not an array")


def _stepped(
    complex: CellComplex, filtration: Any, seed: int, on: str | None, height: Height | None
) -> Stepped:
    if height is not None:
        up = filtration == "sublevel"
        key, never = (height.rank, np.inf) if up else (-height.rank, -np.inf)
        return _by_vertices(height.complex, key, height.values, never)
    if isinstance(filtration, str) and filtration == "depth":
        _check_on(filtration, on)
        return by_depth(complex)
    return by_cells(complex, _of_cells(complex, filtration, seed, on))


def _of_cells(complex: CellComplex, filtration: Any, seed: int, on: str | None) -> FloatArray:
    """One number per cell."""
    if not isinstance(filtration, str):
        return np.asarray(filtration, dtype=np.float64)
    _check_on(filtration, on)
    if filtration == "random":
        order = np.random.default_rng(seed).permutation(complex.n_cells)
        return np.asarray((order + 1) / (complex.n_cells + 1))
    if filtration in get_args(Filtration):
        raise ValueError(f"`rule` is 'max', which is for numbers of cells, not for {filtration!r}")
    names = ", ".join(get_args(Filtration))
    raise ValueError(f"`filtration` is {filtration!r}; use one of {names}, or an array")


def _by_vertices(complex: CellComplex, key: IntArray, values: FloatArray, never: float) -> Stepped:
    """A face enters with its last vertex; equal keys are equal steps.

    If the key orders f, which is affine on every face, the set f <= t retracts to these faces.
    """
    _, first, step = np.unique(key, return_index=True, return_inverse=True)
    lattice = complex.lattice
    steps = []
    for j in range(lattice.top + 1):
        vertices = lattice.vertices(j)
        entered = np.maximum.reduceat(step[vertices.indices], vertices.indptr[:-1])
        steps.append(entered.astype(np.int32))
    return Stepped(steps, values[first], never)


def _is_on_vertices(complex: CellComplex, filtration: Any, on: str | None) -> bool:
    if isinstance(filtration, str):
        return False
    return _carrier(complex, np.asarray(filtration, dtype=np.float64), on) == "vertices"


def _carrier(complex: CellComplex, values: FloatArray, on: str | None) -> str:
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
