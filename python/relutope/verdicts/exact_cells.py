"""Whether a property is violated on a part of a box: its exact cells decide.

The left sides of the conditions are neurons there (`condition_network`), so each of them has one
sign in the interior of every cell. With vertices, that is the whole answer: the points of a closed
cell at which some ``g <= 0`` are a face of it, and a strict condition holds in the relative
interior of that face iff it holds at one of the face's vertices.

In many inputs there are no vertices. There, a cell in whose interior the conditions hold violates;
and when no cell does even for the relaxed conditions ``g < e``, e > 0, no point meets ``g <= 0``:
around such a point there would be an open set of those. What touches within e is left undecided.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from math import factorial

import numpy as np
from numpy.typing import NDArray

from ..domain.box import Box
from ..network.network import Network
from ..properties import Condition
from ..search.problem import Problem, VertexComplex
from .condition_network import condition_network
from .condition_rows import CaseGroup
from .simplices import simplex_volume

__all__ = ["VertexCells", "has_vertices", "relaxed_cells_exist", "violating_points"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Bounds = tuple[FloatArray, FloatArray]
Relations = Sequence[tuple[int, str]]
Point = list[Fraction]

_MOST_INPUTS = 8  # with vertices: a box has 2^n


def has_vertices(box: Bounds) -> bool:
    """Whether parts of this box are decided with vertices."""
    return int((box[0] < box[1]).sum()) <= _MOST_INPUTS


class VertexCells:
    """The cells of a part of a box, cut by the conditions, with their vertices.

    Parameters
    ----------
    network : Network
    rows : sequence of Condition
    box, neurons : pair of ndarray
        Bounds of the inputs and certified bounds of the neurons.
    max_cells : int, optional

    Raises
    ------
    CellLimitError
        If there are more than `max_cells` cells.
    """

    def __init__(
        self,
        network: Network,
        rows: Sequence[Condition],
        box: Bounds,
        neurons: Bounds,
        max_cells: int | None,
    ) -> None:
        lower, upper = box
        self.free = np.flatnonzero(lower < upper)
        self.fixed = [Fraction(v) if low == v else Fraction(0) for low, v in zip(*box, strict=True)]
        self.rows = len(rows)
        reduced = condition_network(network, rows, box, neurons)
        domain = Box(lower[self.free], upper[self.free])
        self.problem = Problem(reduced, domain)
        self.cells = self.problem.search_cells(1, max_cells, None)
        bits = np.unpackbits(
            self.cells.patterns.view(np.uint8),
            axis=1,
            count=reduced.n_neurons,
            bitorder="little",
        )
        self.positive: BoolArray = bits[:, bits.shape[1] - self.rows :].astype(np.bool_)
        first = reduced.n_neurons - self.rows
        of_row = self.cells.zero_neuron >= first
        self.zero: BoolArray = np.zeros_like(self.positive)
        self.zero[self.cells.zero_cell[of_row], self.cells.zero_neuron[of_row] - first] = True

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return len(self.positive)

    def inside(self, case: Relations) -> NDArray[np.int64]:
        """Cells in whose interior the conditions of the case hold."""
        holds = np.ones(self.n_cells, dtype=np.bool_)
        for row, relation in case:
            if relation == "==":
                holds &= self.zero[:, row]
            else:
                holds &= ~self.positive[:, row]
                if relation == "<":
                    holds &= ~self.zero[:, row]
        return np.flatnonzero(holds)

    @cached_property
    def vertices(self) -> VertexComplex:
        """The core's vertices of these cells."""
        return self.problem.search_vertices(self.cells, 1, points=True)

    def face(self, case: Relations) -> NDArray[np.int32] | None:
        """Vertices of a face in whose relative interior the case is met, or None."""
        core = self.vertices
        signs = core.neuron_signs(self.cells)[:, -self.rows :]
        closed = np.ones(len(signs), dtype=np.bool_)
        for row, relation in case:
            closed &= signs[:, row] == 0 if relation == "==" else signs[:, row] <= 0
        if not closed.any():
            return None
        strict = np.array([row for row, relation in case if relation == "<"], dtype=np.int64)
        own, begin = core.cell_vertices, core.cell_begin
        for cell in range(self.n_cells):
            corners = own[begin[cell] : begin[cell + 1]]
            face = corners[closed[corners]]
            if len(face) and (signs[np.ix_(face, strict)] < 0).any(axis=0).all():
                return np.asarray(face)
        return None

    def points(self, vertices: NDArray[np.int32]) -> list[Point]:
        """Vertices as inputs of the given network; they must be finite."""
        return [self.centre(vertices[k : k + 1])[0] for k in range(len(vertices))]

    def volumes(self, chosen: NDArray[np.int64]) -> list[Fraction]:
        """Exact volumes of some cells, in the free inputs; the box must be bounded."""
        core = self.vertices
        simplices, owner = core.triangulate_cells(self.cells)
        total = dict.fromkeys(chosen.tolist(), Fraction(0))
        wanted = np.isin(owner, chosen)
        known: dict[int, tuple[list[int], int]] = {}
        for corners, cell in zip(simplices[wanted].tolist(), owner[wanted].tolist(), strict=True):
            for v in corners:
                if v not in known:
                    numerators, _, denominator = core.exact_point(v)
                    known[v] = numerators, denominator
            total[cell] += simplex_volume([known[v] for v in corners])
        scale = factorial(len(self.free))
        return [volume / scale for volume in total.values()]

    def centre(self, vertices: NDArray[np.int32]) -> tuple[Point, Point]:
        """The mean of some vertices: its finite part, and what stands before an infinite R."""
        finite, infinite = list(self.fixed), [Fraction(0)] * len(self.fixed)
        for v in vertices:
            *parts, denominator = self.vertices.exact_point(int(v))
            for total, numerators in zip((finite, infinite), parts, strict=True):
                # A vertex at a finite place has no infinite part.
                for axis, numerator in zip(self.problem.kept, numerators, strict=False):
                    total[self.free[axis]] += Fraction(numerator, denominator * len(vertices))
        return finite, infinite

    def corners(self, cell: int) -> NDArray[np.int32]:
        """The vertices of a cell."""
        core = self.vertices
        corners = core.cell_vertices[core.cell_begin[cell] : core.cell_begin[cell + 1]]
        return np.asarray(corners)


def violating_points(cells: VertexCells, case: Relations) -> Iterator[Point]:
    """Points that meet the case, if any do: inside cells first, then on a face.

    On unbounded cells they come further and further out; one of them meets it.
    """
    faces = [cells.corners(int(cell)) for cell in cells.inside(case)[:8]]
    if not faces:
        face = cells.face(case)
        faces = [] if face is None else [face]
    for face in faces:
        finite, infinite = cells.centre(face)
        if not any(infinite):
            yield finite
            continue
        for k in range(0, 2100, 20):
            yield [p + q * Fraction(2) ** k for p, q in zip(finite, infinite, strict=True)]


def relaxed_cells_exist(
    network: Network, group: CaseGroup, box: Bounds, neurons: Bounds, max_cells: int | None
) -> Iterator[tuple[int, Point | None]]:
    """By linear programs, in any number of inputs: which cases are met, or cannot be excluded.

    Yields
    ------
    case : int
    point : list of Fraction or None
        Inside a cell on which the case holds; None if it could be that only a face meets it.
    """
    lower, upper = box
    free = np.flatnonzero(lower < upper)
    for number, case in enumerate(group.cases):
        scale = max((abs(group.rows[row].constant) for row, _ in case), default=Fraction(1))
        slack = Fraction(1, 2**40) * max(scale, Fraction(1, 2**20))
        rows: list[Condition] = []
        for row, relation in case:
            g = group.rows[row]
            rows += [g, replace(g, constant=g.constant - slack)]
            if relation == "==":
                rows.append(_negative(g, slack))
        reduced = condition_network(network, rows, box, neurons)
        problem = Problem(reduced, Box(lower[free], upper[free]))
        found = problem.search_lp(1, max_cells, None)
        linked = problem.link_lp(found, 1, sides=False)
        bits = np.unpackbits(
            linked.patterns.view(np.uint8), axis=1, count=reduced.n_neurons, bitorder="little"
        )[:, -len(rows) :].astype(np.bool_)
        yield from _judged(number, case, bits, found.interior, box)


def _negative(g: Condition, slack: Fraction) -> Condition:
    return Condition(
        {i: -c for i, c in g.inputs.items()},
        {i: -c for i, c in g.outputs.items()},
        -g.constant - slack,
        g.relation,
    )


def _judged(
    number: int, case: Relations, positive: BoolArray, interior: FloatArray, box: Bounds
) -> Iterator[tuple[int, Point | None]]:
    """Points inside cells that meet the case as it is; then None if some nearly do."""
    meets = np.ones(len(positive), dtype=np.bool_)
    nearly = np.ones(len(positive), dtype=np.bool_)
    column = 0
    for _, relation in case:
        meets &= ~positive[:, column] & (relation != "==")
        nearly &= ~positive[:, column + 1]
        column += 2
        if relation == "==":
            nearly &= ~positive[:, column]
            column += 1
    free = np.flatnonzero(box[0] < box[1])
    for cell in np.flatnonzero(meets)[:8]:
        x = box[0].copy()
        x[free] = interior[cell]
        yield number, [Fraction(v) for v in x.tolist()]
    if nearly.any():
        yield number, None
