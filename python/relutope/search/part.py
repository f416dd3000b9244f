"""Some of the cells of a problem, and where the search for the others goes on."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..common.arrays import FloatArray
from .cell_arrays import CellArrays
from .problem import Problem

__all__ = ["InnerPoints", "Part"]

_NO_ROWS = {
    field.name: np.empty(0, dtype=np.int32 if field.name.endswith(("id", "ids")) else np.int64)
    for field in fields(CellArrays)
} | {"facet_neighbour": np.empty(0, dtype=np.int32), "special_begin": np.zeros(1, dtype=np.int64)}


@dataclass(frozen=True, eq=False)
class InnerPoints:
    """A point strictly inside each cell, in the kept inputs.

    Attributes
    ----------
    points : ndarray of float64, shape (n_cells, r)
    exact_cell : ndarray of uint64
        Cells whose point is rational; `points` has it rounded.
    exact_points : list of (list of int, int)
        Their numerators and common denominators.
    """

    points: FloatArray
    exact_cell: NDArray[np.uint64]
    exact_points: list[tuple[list[int], int]]


@dataclass(frozen=True, eq=False)
class Part:
    """What was found of a problem when its search was stopped.

    The LP engine finds all cells before their facets, so `arrays` has none then; the vertex engine
    finds facets first, and what lies behind them at the end: see `linked`.

    Attributes
    ----------
    problem : Problem
    engine : {"vertex", "lp"}
    arrays : CellArrays
    job_cells : ndarray of uint64
        Cells found in each part of the domain that is searched on its own. Their order is that of
        the cells, and in each part the cells found are the first ones.
    job_done : ndarray of uint8
        Whether these are all of them.
    points : InnerPoints, optional
        What the LP engine knows besides.
    """

    problem: Problem
    engine: Literal["vertex", "lp"]
    arrays: CellArrays
    job_cells: NDArray[np.uint64]
    job_done: NDArray[np.uint8]
    points: InnerPoints | None = None

    @classmethod
    def of(cls, problem: Problem, cells: _core.CellComplex | _core.LpCells) -> Part:
        """What an engine has found."""
        if isinstance(cells, _core.CellComplex):
            return cls(problem, "vertex", CellArrays.from_core(cells), **cells.jobs)
        state = cells.state()
        words = max(1, -(-problem.network.n_neurons // 64))
        patterns = cells.patterns.reshape(-1, words)
        points = cells.interior.reshape(-1, problem.essential_dim)
        exact = InnerPoints(points, state["exact_cell"], state["exact_points"])
        return cls.listed(problem, state | {"patterns": patterns}, exact)

    @classmethod
    def listed(cls, problem: Problem, state: dict[str, Any], points: InnerPoints) -> Part:
        """What the LP engine has found: cells without facets."""
        cells = {
            "patterns": state["patterns"],
            "zero_cell": state["zero_cell"].astype(np.int64),
            "zero_neuron": state["zero_neuron"],
            "facet_begin": np.zeros(len(points.points) + 1, dtype=np.int64),
        }
        arrays = CellArrays(**(_NO_ROWS | cells))
        return cls(problem, "lp", arrays, state["job_cells"], state["job_done"], points)

    @cached_property
    def linked(self) -> CellArrays:
        """`arrays` with the cells behind facets, -2 where none was found.

        Raises
        ------
        ValueError
            If they are no cells of the problem.
        """
        if not self.facets_known or len(self.arrays.facet_neighbour) == len(self.arrays.facet_id):
            return self.arrays
        return CellArrays.from_core(self.problem.link_found(self.state()))

    @property
    def facets_known(self) -> bool:
        """Whether the cells come with their facets."""
        return self.engine == "vertex"

    def state(self) -> dict[str, Any]:
        """What the core needs to go on."""
        state = {"job_cells": self.job_cells, "job_done": self.job_done}
        if self.points is None:
            names = [field.name for field in fields(CellArrays) if field.name != "facet_neighbour"]
            return state | {name: getattr(self.arrays, name) for name in names}
        return state | {
            "patterns": self.arrays.patterns,
            "zero_cell": self.arrays.zero_cell.astype(np.uint64),
            "zero_neuron": self.arrays.zero_neuron,
            "points": self.points.points,
            "exact_cell": self.points.exact_cell,
            "exact_points": self.points.exact_points,
        }
