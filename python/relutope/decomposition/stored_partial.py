"""The file format of a part of a complex, version 2: an archive of arrays with a header.

Members are those of `relutope.complex.stored_problem`, the header with ``outputs``, ``engine`` and
``exact_points`` besides; ``job_cells.npy`` and ``job_done.npy``, how far each part of the search
came; ``patterns.npy``, ``zero_cell.npy`` and ``zero_neuron.npy``. From the vertex engine there are
the facets, in the arrays of `CellArrays` but for the neighbours, which the core finds again; from
the LP engine ``points.npy``, a point inside each cell, and ``exact_cell.npy``, the cells whose
point is rational: ``exact_points`` has its numerators and denominator as hexadecimal numbers.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..common.archive import Archive, write_archive
from ..common.files import replacing
from ..complex.stored_checks import check_cells
from ..complex.stored_problem import HEADER, ProblemReader, problem_members
from ..search.part import InnerPoints, Part
from ..search.problem import Problem
from ..verification.claims import exact_network

__all__ = ["FORMAT", "read", "save"]

FORMAT = "relutope-partial-complex"
FORMAT_VERSION = 2

_CELLS = {"patterns": "<u8", "zero_cell": "<i8", "zero_neuron": "<i4"}
_FACETS = {
    "facet_begin": "<i8",
    "facet_id": "<i4",
    "special_facet": "<i8",
    "special_begin": "<i8",
    "special_ids": "<i4",
}
_OUTSIDE = "a point is not inside its cell"
_SIGNS_AT_ONCE = 10_000_000
_MOST_DIGITS = 20_000  # of a coordinate of a rational point


def save(part: Part, path: str | Path) -> None:
    """See `PartialComplex.save`."""
    header, arrays = problem_members(part.problem, FORMAT, FORMAT_VERSION)
    header |= {"outputs": part.problem.outputs, "engine": part.engine}
    names = [*_CELLS, *(_FACETS if part.points is None else ())]
    arrays |= {"job_cells": part.job_cells, "job_done": part.job_done}
    arrays |= {name: getattr(part.arrays, name) for name in names}
    if part.points is not None:
        arrays |= {"points": part.points.points, "exact_cell": part.points.exact_cell}
        header["exact_points"] = [
            [hex(x) for x in (*numerators, denominator)]
            for numerators, denominator in part.points.exact_points
        ]
    with replacing(path) as fresh, open(fresh, "wb") as file:
        write_archive(file, {HEADER: header}, arrays)


def read(archive: Archive) -> Part:
    """Reads and checks what `save` has written.

    Raises
    ------
    InvalidFileError
        Names the file and what is wrong with it.
    """
    return _PartReader(archive, "part of a complex", FORMAT, FORMAT_VERSION).part()


class _PartReader(ProblemReader):
    def part(self) -> Part:
        network = self.network()
        outputs: Any = self.header.get("outputs")
        self.check_outputs(outputs, network)
        problem = self.problem(network, outputs)
        engine: Any = self.header.get("engine")
        if engine not in ("vertex", "lp"):
            raise self.wrong("it names no engine")
        words = max(1, -(-network.n_neurons // 64))
        cells = self.array("patterns", "<u8", (None, words))
        state = {
            "job_cells": self.array("job_cells", "<u8", (None,)),
            "job_done": self.array("job_done", "|u1", (None,)),
            "patterns": cells,
            "zero_cell": self.array("zero_cell", "<i8", (None,)),
            "zero_neuron": self.array("zero_neuron", "<i4", (None,)),
        }
        if (state["job_done"] > 1).any():
            raise self.wrong("job_done says more than whether a part is done")
        if engine == "vertex":
            state |= {name: self.array(name, kind, (None,)) for name, kind in _FACETS.items()}
        part = self._linked(problem, state) if engine == "vertex" else self._listed(problem, state)
        issue = check_cells(part.arrays, network.n_neurons)
        if issue is None and part.points is not None:
            issue = _misplaced(part, part.points)
        if issue is not None:
            raise self.wrong(issue)
        return part

    def _linked(self, problem: Problem, state: dict[str, NDArray[Any]]) -> Part:
        try:
            return Part.of(problem, problem.link_found(state))
        except ValueError as error:
            raise self.wrong(str(error)) from None

    def _listed(self, problem: Problem, state: dict[str, NDArray[Any]]) -> Part:
        n_cells = len(state["patterns"])
        points = self.array("points", "<f8", (n_cells, problem.essential_dim))
        exact = self.array("exact_cell", "<u8", (None,))
        given = self.header.get("exact_points")
        rational = [self._rational(x, problem.essential_dim) for x in self._list(given)]
        zeros = (state["zero_cell"], n_cells), (state["zero_neuron"], problem.network.n_neurons)
        numbered = all(
            not len(ids) or (int(ids.min()) >= 0 and int(ids.max()) < end)
            for ids, end in (*zeros, (exact, n_cells))
        )
        same = len(state["zero_cell"]) == len(state["zero_neuron"])
        if not (numbered and same and len(rational) == len(exact) and np.isfinite(points).all()):
            raise self.wrong("its points do not fit its cells")
        return Part.listed(problem, state, InnerPoints(points, exact, rational))

    def _list(self, given: Any) -> list[Any]:
        if not isinstance(given, list):
            raise self.wrong("`exact_points` of its header is no list")
        return given

    def _rational(self, given: Any, dim: int) -> tuple[list[int], int]:
        if not (
            isinstance(given, list)
            and len(given) == dim + 1
            and all(isinstance(x, str) and len(x) <= _MOST_DIGITS for x in given)
        ):
            raise self.wrong("`exact_points` of its header has something that is no point")
        try:
            numbers = [int(x, 16) for x in given]
        except ValueError:
            raise self.wrong("`exact_points` of its header has what is no number") from None
        if numbers[-1] <= 0:
            raise self.wrong("`exact_points` of its header has a denominator that is not positive")
        return numbers[:-1], numbers[-1]


def _misplaced(part: Part, points: InnerPoints) -> str | None:
    """What is wrong with the points, each of which must be inside its cell and the domain."""
    cells, neurons = part.arrays.zero_cell.tolist(), part.arrays.zero_neuron.tolist()
    rational = np.zeros(len(points.points), dtype=np.bool_)
    rational[points.exact_cell.astype(np.int64)] = True
    doubles = np.flatnonzero(~rational)
    size = 1 + part.problem.network.n_neurons
    met: list[tuple[int, int]] = []
    for rows in np.array_split(doubles, 1 + len(doubles) * size // _SIGNS_AT_ONCE):
        met += _zeros_at(part, points, rows)
    met += _zeros_at_rationals(part, points)
    return None if sorted(met) == list(zip(cells, neurons, strict=True)) else _OUTSIDE


def _zeros_at(part: Part, points: InnerPoints, cells: NDArray[np.int64]) -> list[tuple[int, int]]:
    """(cell, neuron) where neurons vanish at the cells' points, or one that no cell has."""
    problem = part.problem
    x = problem.embed(points.points[cells])
    signs = problem.full_core.point_signs(x)
    words = np.ascontiguousarray(part.arrays.patterns[cells]).view(np.uint8)
    bits = np.unpackbits(words, axis=1, bitorder="little")[:, : signs.shape[1]]
    inside = problem.domain is None or problem.domain.contains_strictly(x).all()
    if not inside or ((signs > 0) != bits).any():
        return [(-1, -1)]
    row, neuron = np.nonzero(signs == 0)
    return list(zip(cells[row].tolist(), neuron.tolist(), strict=True))


def _zeros_at_rationals(part: Part, points: InnerPoints) -> list[tuple[int, int]]:
    """The same for rational points."""
    problem, met = part.problem, []
    exact = exact_network(problem, by_units=False)
    for cell, (numerators, denominator) in zip(
        points.exact_cell.tolist(), points.exact_points, strict=True
    ):
        x = [Fraction(0)] * problem.network.input_dim
        for axis, numerator in zip(problem.kept, numerators, strict=True):
            x[axis] = Fraction(numerator, denominator)
        point = exact.rational_point(x)
        values = exact.run(point[:, None], lambda z, _: z[:, 0] > 0)[:, 0].tolist()
        words = part.arrays.patterns[cell].tolist()
        active = [bool(words[i // 64] >> (i % 64) & 1) for i in range(len(values))]
        within = all(sum(a * b for a, b in zip(s, point, strict=True)) > 0 for s in exact.sides)
        if not within or active != [value > 0 for value in values]:
            return [(-1, -1)]
        met += [(cell, i) for i, value in enumerate(values) if value == 0]
    return met
