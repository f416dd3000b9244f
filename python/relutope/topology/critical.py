"""Critical points of a function that is affine on each face of a complex."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as attribute

import numpy as np

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import BoolArray, FloatArray, IntArray, ReadOnlyArrays
from ..common.ragged import Ragged
from ..complex.cell_complex import CellComplex
from ..complex.cells import ComplexLike, complex_of
from ..complex.lattice import check_dimension
from .chains import check_field
from .heights import Output, height_of
from .plateaus import Plateaus

__all__ = ["CriticalCells", "critical_cells"]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class CriticalCells(ReadOnlyArrays):
    """The critical plateaus of a function, in the order of their values; see `critical_cells`.

    A plateau is a vertex, or a connected union of faces on which the function is constant.

    Attributes
    ----------
    complex : Complex
        The complex that they are faces of.
    field : int
        The prime p of the homology.
    values : ndarray of float64, shape (m,)
        The function on each, rounded once from the exact rational.
    homology : ndarray of int64, shape (m, n + 1)
        Dimension over GF(p) of the relative homology ``H_k({f <= c}, {f <= c} - plateau)``, c the
        value: what passing the plateau adds to the homology, or ends in it.
    dim : ndarray of int64, shape (m,)
        Dimension of each plateau: 0 for a vertex, n if there are whole cells in it.
    on_boundary : ndarray of bool, shape (m,)
        Whether it touches the boundary of the domain.
    bounded : ndarray of bool, shape (m,)
    vertices : Ragged
        Vertices of each, increasing, numbered as in `Complex.cell_vertices`.
    betti : ndarray of int64, shape (n + 1,)
        Betti numbers over GF(p) of the domain relative to ``{f <= t}`` for t below all critical
        values: those of the domain where f is bounded from below.
    """

    complex: CellComplex
    field: int
    values: FloatArray
    homology: IntArray
    dim: IntArray
    on_boundary: BoolArray
    bounded: BoolArray
    vertices: Ragged
    betti: IntArray
    _plateaus: Plateaus = attribute(repr=False, compare=False)
    _which: IntArray = attribute(repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def index(self) -> IntArray:
        """The Morse index of each, -1 where the homology has not one dimension in all.

        0 for a minimum, n for a maximum inside the domain, and between them for the saddles. A
        monkey saddle, which has twice the homology of a saddle, has no index.
        """
        simple = self.homology.sum(axis=1) == 1
        return np.where(simple, self.homology.argmax(axis=1), -1).astype(np.int64)

    @property
    def counts(self) -> IntArray:
        """The Morse numbers c_0, ..., c_n: the sum of `homology`."""
        return np.asarray(self.homology.sum(axis=0), dtype=np.int64)

    def faces(self, k: int) -> Ragged:
        """The faces of dimension `k` of each plateau, as indices into ``complex.faces(k)``.

        Parameters
        ----------
        k : int
            Dimension.

        Returns
        -------
        Ragged
        """
        check_dimension("k", k, 0, self.complex.dim)
        j = k - self.complex.lattice.shift
        if j < 0:
            return Ragged(np.zeros(len(self) + 1, dtype=np.int64), np.zeros(0, dtype=np.int64))
        return self._plateaus.flat_faces(j, self._which)

    def __repr__(self) -> str:
        return f"CriticalCells({len(self)} of a function, Morse numbers {self.counts.tolist()})"


@ieee_arithmetic
def critical_cells(
    complex: ComplexLike,
    *,
    output: Output | None = None,
    neuron: int | None = None,
    label: int | None = None,
    boundary: bool = True,
    field: int = 2,
) -> CriticalCells:
    """Return the critical points of a piecewise linear function, plateaus included, exactly.

    A *plateau* is a vertex, or a connected union of faces, on which f is constant, as large as can
    be. It is critical if the homology of ``{f <= c}`` relative to the same set without the plateau
    is not zero [1]_: then sublevel sets change their homology there. A network need not be generic:
    flat cells, parallel neurons and equal values at many vertices are ordinary inputs.

    Parameters
    ----------
    complex : Complex or Slice
        The complex, over any domain.
    output : int or (int, int), optional
        Which output f is; a pair (i, k) is the difference ``f_i - f_k``. Not needed if there is
        one.
    neuron : int, optional
        The preactivation of a hidden neuron instead, a column of ``complex.patterns``.
    label : int, optional
        The margin of a class instead: its output less the largest of the others. Its cells are
        those of a finer complex, the ``complex`` of the result.
    boundary : bool
        Whether to keep plateaus that touch the boundary of the domain.
    field : int
        The prime p of the homology's coefficients.

    Returns
    -------
    CriticalCells

    Raises
    ------
    ValueError
        If no function is named and there are several outputs, several functions are named, or
        `field` is no prime.
    IndexError
        If there is no such output or neuron.

    See Also
    --------
    persistence, reeb_graph, merge_tree, flow_graph

    Notes
    -----
    On the boundary f is looked at within the domain: a minimum there is critical, and a maximum is
    not, unless sublevel sets change their homology at it. Without `boundary` the rest is what f
    does by itself. With it the Morse inequalities hold, ``c_k - c_(k-1) + ... >= b_k - b_(k-1) +
    ...`` for the Morse numbers c and `CriticalCells.betti`, with equality for k = n [2]_.

    Over an unbounded domain plateaus at infinity are no critical points. The sublevel sets
    that come from infinity are taken into account by `CriticalCells.betti`: those of the domain
    relative to ``{f <= t}`` for very small t.

    Where a complex contains lines, f is constant along them, and the dimensions of plateaus count
    them; if linear units make f change along them, it has no critical point.

    The lower stars of all plateaus, added one by one, filter the complex; classes that are born
    with a lower star, or die with it, are counted by one run of persistence.

    References
    ----------
    .. [1] J. E. Grigsby, K. Lindsey, M. Masden, "Local and global topological complexity measures
       of ReLU neural network functions", arXiv:2204.06062.
    .. [2] R. Forman, "Morse theory for cell complexes", Adv. Math. 134 (1998).

    Examples
    --------
    ``|x| - |y|`` has a saddle at 0, and in a box two minima on its boundary.

    >>> import relutope as rt
    >>> from relutope.topology import critical_cells
    >>> saddle = [([[1, 0], [-1, 0], [0, 1], [0, -1]], [0] * 4), ([[1, 1, -1, -1]], [0])]
    >>> found = critical_cells(rt.decompose(saddle, rt.Box(-1, 1)))
    >>> found.values.tolist(), found.index.tolist(), found.on_boundary.tolist()
    ([-1.0, -1.0, 0.0], [0, 0, 1], [True, True, False])
    >>> critical_cells(rt.decompose(saddle)).index.tolist()
    [1]
    """
    prime = check_field(field)
    height = height_of(complex_of(complex), output, neuron, label)
    plateaus = Plateaus(height)
    homology, betti = _passed(plateaus, prime)
    cx, lattice = height.complex, height.complex.lattice
    touches = plateaus.having(lattice.on_boundary)
    kept = homology.any(axis=1) & plateaus.having([~far for far in lattice.at_infinity])
    if not boundary:
        kept &= ~touches
    if height.along_lines:
        kept[:] = False
        betti[:] = 0
    which = np.flatnonzero(kept)
    vertices = _members(plateaus.of_vertex, len(plateaus), which)
    last = np.array([row[-1] for row in vertices], dtype=np.int64)
    return CriticalCells(
        complex=cx,
        field=prime,
        values=plateaus.values[which],
        homology=homology[which],
        dim=plateaus.dim[which] + lattice.shift,
        on_boundary=touches[which],
        bounded=(last < cx.n_finite_vertices) & (cx.lineality_dim == 0),
        vertices=vertices,
        betti=betti,
        _plateaus=plateaus,
        _which=which,
    )


def _passed(plateaus: Plateaus, field: int) -> tuple[IntArray, IntArray]:
    """The relative homology of each plateau, and that of the domain relative to f = -inf.

    By the long exact sequence of the pair (K_i, K_(i-1)) its homology in dimension k has as many
    dimensions as classes of dimension k are born at step i and of dimension k - 1 die there.
    """
    cx, lattice = plateaus.height.complex, plateaus.lattice
    found = lattice.classes(plateaus.steps, field)
    homology = np.zeros((len(plateaus), cx.dim + 1), dtype=np.int64)
    betti = np.zeros(cx.dim + 1, dtype=np.int64)
    below = plateaus.level == 0
    for k in range(lattice.top + 1):
        here = found.dimension == k
        birth = plateaus.steps[k][found.birth[here]]
        dies = found.death[here] >= 0
        np.add.at(homology[:, k], birth, 1)
        betti[k] += int((~dies & ~below[birth]).sum())
        if dies.any():
            death = plateaus.steps[k + 1][found.death[here][dies]]
            np.add.at(homology[:, k + 1], death, 1)
            betti[k + 1] += int((below[birth[dies]] & ~below[death]).sum())
    return homology, betti


def _members(part: IntArray, count: int, which: IntArray) -> Ragged:
    """The members of some parts, increasing."""
    order = np.argsort(part, kind="stable")
    indptr = np.concatenate([[0], np.cumsum(np.bincount(part, minlength=count))])
    return Ragged(indptr.astype(np.int64), order.astype(np.int64))[which]
