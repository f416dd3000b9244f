"""The set of all inputs that violate a property, as polytopes with exact volumes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import fsum, nextafter, prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import ReadOnlyArrays
from ..errors import CellLimitError, EngineError, InvalidDomainError
from ..network.conversion import NetworkLike, as_network
from ..properties import Case, Condition, Property
from .box_search import Boxes, BoxSearch, Progress
from .checking import as_property, fit
from .condition_rows import CaseGroup, groups_of
from .exact_cells import VertexCells
from .exact_forward import ExactForward

__all__ = ["ViolatingPolytope", "Violations", "violations"]

FloatArray = NDArray[np.float64]
_MOST_INPUTS = 6
_MOST_PIECES = 100_000


@dataclass(frozen=True, eq=False)
class ViolatingPolytope(ReadOnlyArrays):
    """A polytope of inputs that all violate the property.

    Attributes
    ----------
    vertices : ndarray of float64, shape (k, n)
        Exact points, rounded once to nearest.
    exact_vertices : list of list of Fraction
    cases : tuple of int
        The property's cases that its interior meets; none of the others meets a part of it.
    volume : Fraction
        In the inputs that are not fixed, exactly.
    """

    exact_vertices: list[list[Fraction]]
    cases: tuple[int, ...]
    volume: Fraction

    @property
    def vertices(self) -> FloatArray:
        """See the class."""
        return np.array([[float(v) for v in vertex] for vertex in self.exact_vertices])

    def __repr__(self) -> str:
        return (
            f"ViolatingPolytope({len(self.exact_vertices)} vertices, cases {self.cases}, "
            f"volume {float(self.volume):.6g})"
        )


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class Violations(ReadOnlyArrays):
    """Result of `violations`.

    Attributes
    ----------
    polytopes : list of ViolatingPolytope
        Without common interior points. Their union is the closure of the interior of the violating
        set; parts of lower dimension, such as where an equation holds, are not in it.
    domain_volume : Fraction
        Volume of the smallest box that holds the inputs of all cases, in the free inputs.
    """

    polytopes: list[ViolatingPolytope]
    domain_volume: Fraction

    @cached_property
    def volume(self) -> Fraction:
        """Volume of the violating set, exactly. Adding thousands of fractions takes long."""
        return _sum([piece.volume for piece in self.polytopes])

    @property
    def share(self) -> Fraction:
        """`volume` divided by `domain_volume`."""
        return self.volume / self.domain_volume

    @property
    def volume_bounds(self) -> tuple[float, float]:
        """A certified interval, a few units in the last place wide, that holds `volume`."""
        return _bounds([piece.volume for piece in self.polytopes])

    def of_case(self, case: int) -> list[ViolatingPolytope]:
        """The polytopes on which case `case` of the property is met.

        Parameters
        ----------
        case : int

        Returns
        -------
        list of ViolatingPolytope
        """
        return [piece for piece in self.polytopes if case in piece.cases]

    def __repr__(self) -> str:
        low, _ = self.volume_bounds
        share = low / float(self.domain_volume)
        return f"Violations({len(self.polytopes):,} polytopes, {share:.6%} of the inputs)"


@ieee_arithmetic
def violations(
    network: NetworkLike, property: Property | str | Path, max_polytopes: int = _MOST_PIECES
) -> Violations:
    """All inputs that violate a property, exactly, in at most six free inputs.

    Certified bounds discard what cannot violate it and keep whole boxes that do; the rest is cut
    into exact cells.

    Parameters
    ----------
    network : Network, torch.nn.Module, sequence of (W, b), or path of a file
        As for `decompose`.
    property : Property, or path of a VNN-LIB file
        See `load_property`.
    max_polytopes : int
        Stop with an error when there are more.

    Returns
    -------
    Violations

    Raises
    ------
    EngineError
        If more than six inputs are not fixed.
    InvalidDomainError
        If the property does not fit the network, or leaves inputs unbounded.
    CellLimitError
        If there are more than `max_polytopes` polytopes.

    See Also
    --------
    check : only whether there are any.

    Examples
    --------
    Where ``|x| + |y| >= 1`` in the square [-1, 1] x [-1, 1]:

    >>> import relutope as rt
    >>> net = [([[1, 0], [-1, 0], [0, 1], [0, -1]], [0] * 4), ([[1, 1, 1, 1]], [0])]
    >>> text = "(declare-const X_0 Real) (declare-const X_1 Real) (declare-const Y_0 Real)"
    >>> text += "(assert (<= -1 X_0 1)) (assert (<= -1 X_1 1)) (assert (>= Y_0 1))"
    >>> found = rt.violations(net, rt.parse_property(text))
    >>> len(found.polytopes), found.volume, found.share
    (4, Fraction(2, 1), Fraction(1, 2))
    """
    net, given = as_network(network), as_property(property)
    fit(given, net)
    if not given.cases:
        return Violations([], Fraction(1))
    group = _merged(given)
    if not (np.isfinite(group.lower).all() and np.isfinite(group.upper).all()):
        raise InvalidDomainError("`property` leaves inputs unbounded; bound them to have volumes")
    free = np.flatnonzero(group.lower < group.upper)
    if len(free) > _MOST_INPUTS:
        raise EngineError(
            f"`property` leaves {len(free)} inputs free, and the violating set can be had in at "
            f"most {_MOST_INPUTS}; relutope.check decides in any number"
        )
    search = _PieceSearch(net, group, ExactForward(net), Progress(), None)
    pieces = []
    for piece in search.pieces():
        pieces.append(piece)
        if len(pieces) > max_polytopes:
            raise CellLimitError(
                f"`max_polytopes` is {max_polytopes}, but there are more; raise it, or narrow the "
                "property's bounds",
                len(pieces),
            )
    sizes = zip(group.lower[free].tolist(), group.upper[free].tolist(), strict=True)
    domain_volume = prod((Fraction(b) - Fraction(a) for a, b in sizes), start=Fraction(1))
    return Violations(pieces, domain_volume)


def _merged(prop: Property) -> CaseGroup:
    """All cases over one box; where a case has a smaller one, its sides become conditions."""
    lower = np.min([case.lower for case in prop.cases], axis=0)
    upper = np.max([case.upper for case in prop.cases], axis=0)
    cases = []
    for case in prop.cases:
        sides = [
            Condition({int(i): Fraction(1)}, {}, -Fraction(float(case.upper[i])), "<=")
            for i in np.flatnonzero(case.upper < upper)
        ] + [
            Condition({int(i): Fraction(-1)}, {}, Fraction(float(case.lower[i])), "<=")
            for i in np.flatnonzero(case.lower > lower)
        ]
        cases.append(Case(lower, upper, (*case.conditions, *sides)))
    (group,) = groups_of(Property(prop.n_inputs, prop.n_outputs, tuple(cases)))
    return group


class _PieceSearch(BoxSearch):
    """Keeps what violates, instead of stopping there."""

    def pieces(self) -> Iterator[ViolatingPolytope]:
        """All polytopes of the violating set."""
        waiting = self.first()
        while len(waiting):
            batch, waiting = waiting[-64:], waiting[:-64]
            batch, bounds = self.bounded(batch)
            if not len(batch):
                continue
            whole = (~batch.open | self.group.certain(bounds.most)).all(axis=1)
            for k in np.flatnonzero(whole):
                yield self._box(batch[k : k + 1])
            small = self.is_small(batch) & ~whole
            for k in np.flatnonzero(small):
                found = self._cells(batch[k : k + 1])
                if found is None:
                    small[k] = False
                else:
                    yield from found
            rest = ~(whole | small)
            if rest.any():
                waiting = waiting.joined(
                    batch[rest].halves(self.axes(batch[rest], bounds.losses[rest]))
                )

    def _numbers(self, cases: NDArray[np.bool_]) -> tuple[int, ...]:
        return tuple(self.group.numbers[int(c)] for c in np.flatnonzero(cases))

    def _box(self, box: Boxes) -> ViolatingPolytope:
        sides = [
            sorted({Fraction(a), Fraction(b)})
            for a, b in zip(box.lower[0].tolist(), box.upper[0].tolist(), strict=True)
        ]
        volume = prod((s[1] - s[0] for s in sides if len(s) == 2), start=Fraction(1))
        corners = [list(corner) for corner in product(*sides)]
        return ViolatingPolytope(corners, self._numbers(box.open[0]), volume)

    def _cells(self, box: Boxes) -> list[ViolatingPolytope] | None:
        """The violating cells of a box; None if there are too many cells."""
        bounds = (box.lower[0], box.upper[0])
        neurons = (box.neuron_lower[0], box.neuron_upper[0])
        try:
            cells = VertexCells(
                self.network, self.group.rows, bounds, neurons, self.most_cells(box)
            )
        except CellLimitError:
            return None
        self.progress.n_cells += cells.n_cells
        met = np.zeros((cells.n_cells, len(self.group.cases)), dtype=np.bool_)
        for c in np.flatnonzero(box.open[0]):
            met[cells.inside(self.group.cases[c]), c] = True
        chosen = np.flatnonzero(met.any(axis=1))
        if not len(chosen):
            return []
        volumes = cells.volumes(chosen)
        return [
            ViolatingPolytope(cells.points(cells.corners(int(cell))), self._numbers(met[cell]), v)
            for cell, v in zip(chosen, volumes, strict=True)
        ]


def _sum(values: list[Fraction]) -> Fraction:
    """The sum, of numbers of similar length at a time."""
    while len(values) > 1:
        values = [sum(values[k : k + 2], Fraction(0)) for k in range(0, len(values), 2)]
    return values[0] if values else Fraction(0)


def _bounds(values: Sequence[Fraction]) -> tuple[float, float]:
    lows = fsum(nextafter(float(v), 0.0) for v in values)
    highs = fsum(nextafter(float(v), np.inf) for v in values)
    return max(0.0, nextafter(lows, -np.inf)), nextafter(highs, np.inf) if values else 0.0
