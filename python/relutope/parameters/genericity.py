"""Whether forms are in general position everywhere, with the places where they are not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..common.arguments import checked_count
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import BoolArray, FloatArray, IntArray, ReadOnlyArrays
from ..common.ragged import Ragged
from ..complex.cell_complex import CellComplex
from ..complex.cells import complex_of, has_cells
from ..decomposition.decomposing import decompose
from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope

__all__ = ["Degeneracy", "Genericity", "is_generic"]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class Degeneracy(ReadOnlyArrays):
    """A face on which more neurons vanish than its codimension.

    Attributes
    ----------
    dim : int
        Dimension of the face: n if the neurons vanish on a whole cell, n - 1 if several share a
        hyperplane, 0 if more than n meet in a point.
    neurons : ndarray of int64
        All neurons that vanish on it.
    point : ndarray of float64, shape (n,)
        The mean of the face's vertices, rounded; the vertex itself if `dim` is 0.
    vertices : ndarray of int64
        The finite ones, as rows of ``complex.vertices``; exact in ``complex.exact_vertices``.
    count : int
        How many faces of this dimension have just these neurons.
    """

    dim: int
    neurons: IntArray
    point: FloatArray
    vertices: IntArray
    count: int


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class Genericity(ReadOnlyArrays):
    """Result of `is_generic`; true if the network is generic over the domain.

    Attributes
    ----------
    ok : bool
        Whether on every face of dimension k exactly n - k neurons vanish at most: bent hyperplanes
        meet transversally, and no neuron is constantly zero on a cell.
    layers : tuple of bool
        The same of the first layer, the first two layers, and so on.
    simple : bool
        Whether the domain's sides are in general position as well: at every vertex exactly n
        neurons and sides are zero, so that the complex is simple.
    counterexamples : tuple of Degeneracy
        One for each dimension and set of neurons, higher dimensions first; at most as many as
        asked for.
    n_degenerate : int
        Number of all degenerate faces.
    """

    ok: bool
    layers: tuple[bool, ...]
    simple: bool
    counterexamples: tuple[Degeneracy, ...]
    n_degenerate: int

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        if self.ok:
            return "generic" if self.simple else "generic, but not with the domain's sides"
        first = self.counterexamples[0]
        names = ", ".join(map(str, first.neurons[:6])) + (", ..." if len(first.neurons) > 6 else "")
        return (
            f"not generic: {self.n_degenerate:,} degenerate faces, first one of dimension "
            f"{first.dim} on which the neurons {names} vanish"
        )


@ieee_arithmetic
def is_generic(
    source: Any,
    domain: Box | FlatBox | Polytope | str | Path | None = None,
    *,
    counterexamples: int = 10,
) -> Genericity:
    """Whether all bent hyperplanes are in general position over a domain, exactly.

    A network is generic and transversal [1]_ (supertransversal [2]_) if the bent hyperplanes of any
    k neurons meet in dimension n - k or not at all. Then every face of dimension k is the face of
    exactly n - k neurons; most theorems on bent hyperplanes ask for it. With probability one random
    weights are generic, apart from flat cells: where all inputs of a neuron with bias zero are
    inactive, it vanishes.

    Parameters
    ----------
    source : Complex, Slice, or network
        A network, as for `decompose`, is decomposed over `domain`. If cells are cut by outputs,
        the neurons that compare these count as well.
    domain : Box, FlatBox, Polytope, or path of a ``.vnnlib`` file, optional
        As for `decompose`; only with a network.
    counterexamples : int
        How many to return at most.

    Returns
    -------
    Genericity

    Raises
    ------
    ValueError
        If `domain` is given with a complex.
    EngineError
        If the problem has too many dimensions for vertices.

    See Also
    --------
    functional_dimension, relutope.Complex.facet_neurons

    Notes
    -----
    Signs of all neurons at all vertices are exact. A face of dimension k with too many zeros has
    too many at each of its vertices, sides of the domain counted: there at least k forms more are
    zero. So a complex with n zeros at every vertex is generic, and other faces are looked at only
    where all vertices are degenerate. Whether hyperplanes that do not meet inside of the domain
    are parallel does not matter here.

    Examples
    --------
    Three lines through a point, and a fourth one beside it:

    >>> import relutope as rt
    >>> W = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, -1.0]]
    >>> found = rt.is_generic([(W, [0.0, 0.0, 0.0, 1.0]), ([[1.0] * 4], [0.0])])
    >>> bool(found), found.counterexamples[0].neurons.tolist(), found.counterexamples[0].point
    (False, [0, 1, 2], array([0., 0.]))
    >>> bool(rt.is_generic([(W, [0.0, 0.5, 0.0, 1.0]), ([[1.0] * 4], [0.0])]))
    True

    References
    ----------
    .. [1] J. E. Grigsby, K. Lindsey, On transversality of bent hyperplane arrangements and the
       topological expressiveness of ReLU neural networks, SIAM J. Appl. Algebra Geometry, 2022.
    .. [2] M. Masden, Algorithmic determination of the combinatorial structure of the linear regions
       of ReLU neural networks, 2022.
    """
    most = checked_count("counterexamples", counterexamples, 1)
    if has_cells(source):
        if domain is not None:
            raise ValueError("`domain` goes with a network; a complex has its own")
        cx: CellComplex = complex_of(source)
    else:
        cx = complex_of(decompose(source, domain))
    zero, suspicious = _zeros(cx)
    layer_ends = np.cumsum(cx.network.hidden_widths)
    layers = np.ones(len(layer_ends), dtype=np.bool_)
    examples: list[Degeneracy] = []
    total = 0
    for dim, vertices, signs in _degenerate_faces(cx, zero, suspicious):
        total += len(signs)
        upto = np.cumsum(signs, axis=1)[:, layer_ends - 1]
        layers &= ~(upto > cx.dim - dim).any(axis=0)
        examples += _examples(cx, dim, vertices, signs, most - len(examples))
    return Genericity(
        ok=total == 0,
        layers=tuple(layers.tolist()),
        simple=not suspicious.any(),
        counterexamples=tuple(examples),
        n_degenerate=total,
    )


def _zeros(cx: CellComplex) -> tuple[BoolArray, BoolArray]:
    """Which neurons vanish at each vertex, and at which finite ones more forms than dimensions.

    Over a domain with lines, vertices are those of the essential dimensions.
    """
    problem, count = cx.solution.problem, cx.n_finite_vertices
    zero = np.asarray(cx.vertex_signs == 0)
    forms = zero[:count].sum(axis=1)
    sides = -1 - np.flatnonzero(problem.infinite_sides == 0)
    if len(sides):
        vertices = list(range(count))
        core, cells = cx.solution.vertex_complex, cx.solution.cells()
        forms = forms + core.on_facets(cells, vertices, sides.tolist()).sum(axis=1)
    return zero, np.asarray(forms > cx.dim - cx.lineality_dim)


def _degenerate_faces(
    cx: CellComplex, zero: BoolArray, suspicious: BoolArray
) -> Iterator[tuple[int, Ragged, BoolArray]]:
    """Dimension, finite vertices and vanishing neurons of the faces with too many of these.

    Highest dimensions first.
    """
    cell, neuron = cx.zero_neurons
    if len(cell):
        flat, which = np.unique(cell, return_inverse=True)
        signs = np.zeros((len(flat), cx.n_neurons), dtype=np.bool_)
        signs[which, neuron] = True
        yield cx.dim, cx.cell_vertices[flat], signs
    if not suspicious.any():
        return
    count, shift = len(suspicious), cx.lineality_dim
    for j in range(cx.dim - shift - 1, -1, -1):
        of_faces = _vertices_of_faces(cx, j)
        finite = of_faces.indices < count
        doubtful = np.ones(len(of_faces), dtype=np.bool_)
        doubtful[of_faces.row_of[finite][~suspicious[of_faces.indices[finite]]]] = False
        chosen = of_faces[np.flatnonzero(doubtful)]
        if not len(chosen):
            continue
        signs = np.logical_and.reduceat(zero[chosen.indices], chosen.indptr[:-1], axis=0)
        bad = np.flatnonzero(signs.sum(axis=1) > cx.dim - shift - j)
        if len(bad):
            yield j + shift, chosen[bad], signs[bad]


def _vertices_of_faces(cx: CellComplex, j: int) -> Ragged:
    """Of the faces that are not at infinity, in essential dimensions."""
    if j == 0:
        return Ragged(np.arange(cx.n_finite_vertices + 1), np.arange(cx.n_finite_vertices))
    return cx.lattice.vertices(j)[: cx.lattice.n_proper(j)]


def _examples(
    cx: CellComplex, dim: int, vertices: Ragged, signs: BoolArray, most: int
) -> list[Degeneracy]:
    """One of the faces for each set of neurons."""
    if most <= 0:
        return []
    _, first, counts = np.unique(
        np.packbits(signs, axis=1), axis=0, return_index=True, return_counts=True
    )
    order = np.argsort(first)[:most]
    found = []
    for face, count in zip(first[order].tolist(), counts[order].tolist(), strict=True):
        own = vertices[face]
        own = own[own < cx.n_finite_vertices]
        # Without vertices the one cell is the whole space.
        corners = cx.solution.vertex_coordinates[own] if len(own) else np.zeros((1, cx.dim))
        found.append(
            Degeneracy(
                dim=dim,
                neurons=np.flatnonzero(signs[face]),
                point=corners.mean(axis=0),
                vertices=own if not cx.lineality_dim else own[:0],
                count=count,
            )
        )
    return found
