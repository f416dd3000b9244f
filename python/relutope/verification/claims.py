"""What a complex or a local search states about its cells, read through one interface.

Only arrays are read. Nothing here computes anything about a network but `ExactCell` and `ExactPass`
do, which share no code with the core.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from .bits import Integers
from .integers import normalised, signs_at
from .outcome import Ledger
from .rational_forward import ExactPass, IntegerLayer, sides_of

if TYPE_CHECKING:
    from ..complex.cell_complex import CellComplex
    from ..domain.box import Box
    from ..domain.polytope import Polytope
    from ..network.network import Network
    from ..search.problem import Problem

__all__ = ["Claims", "ComplexClaims", "ExplorationClaims", "Explored", "Facet", "check_interior"]

Bools = NDArray[np.bool_]
Facet = tuple[frozenset[int], int, Bools]  # neurons, the cell beyond or -1, its pattern


class Claims(Protocol):
    """Statements about single cells."""

    @property
    def n_cells(self) -> int:
        """Number of cells."""

    def pattern(self, i: int) -> Bools:
        """Activation pattern of cell `i`."""

    def facets(self, i: int) -> list[Facet]:
        """Facets of cell `i` that it shares, as far as they are listed."""

    def number_of(self, pattern: Bools) -> int:
        """The cell that has a pattern, -1 if none is listed."""

    def interior_point(self, i: int) -> NDArray[np.float64] | None:
        """A point that may be inside cell `i`; None if no statement is made."""

    def is_certified(self, i: int) -> bool:
        """Whether that point is said to be inside."""

    def stated_point(self, i: int) -> list[Fraction]:
        """A rational point inside, for claims without listed points."""

    def sides_near(self, i: int) -> list[int]:
        """Sides of the domain that cell `i` seems to touch; a guess."""

    def tight_near(self, i: int, forms: Sequence[int]) -> list[list[int]]:
        """For each vertex of cell `i`, which of these forms seem to vanish there; a guess."""


class Explored(Protocol):
    """What is read of a local search, an `Exploration`."""

    network: Network
    domain: Box | Polytope | None

    @property
    def n_cells(self) -> int: ...
    @property
    def complete(self) -> bool: ...
    @property
    def patterns(self) -> Bools: ...
    @property
    def interior_points(self) -> NDArray[np.float64]: ...
    @property
    def interior_certified(self) -> Bools: ...
    @property
    def adjacency(self) -> NDArray[np.int64]: ...
    def facets(self, i: int) -> list[NDArray[np.int64]]: ...
    def facet_neighbours(self, i: int) -> NDArray[np.int64]: ...
    def neighbour_patterns(self, i: int) -> Bools: ...


def exact_network(source: CellComplex | Explored | Problem, by_units: bool) -> ExactPass:
    """The network's hidden layers and the domain on integers.

    With `by_units`, points may be given by the units of the first layer; see `ExactPass`.
    """
    network = source.network
    layers = zip(network.exact_layers()[:-1], network.linear_units, strict=True)
    hidden = [IntegerLayer.from_floats(W, b, low, linear) for (W, b, low), linear in layers]
    sides = sides_of(source.domain, network.input_dim)
    if not by_units:
        return ExactPass(network.input_dim, hidden, sides)
    return ExactPass.of(network.input_dim, hidden, sides)


def check_interior(
    i: int, forms: Integers, point: Integers, claims: Claims, ledger: Ledger
) -> bool:
    """Whether the listed point of cell `i` is inside; it must be if it is said to be certified.

    It is where all forms are positive that do not vanish everywhere.
    """
    signs = signs_at(forms, point[None])[:, 0]
    inside = bool((signs[(forms != 0).any(axis=1)] > 0).all())
    if claims.is_certified(i):
        return ledger.expect("interior", inside, f"cell {i}: its interior point is not inside")
    if not inside:
        ledger.undecided("interior, not certified")
    return inside


class ComplexClaims:
    """What a `Complex` states."""

    def __init__(self, cx: CellComplex) -> None:
        self.cx = cx
        self.pairs = cx.adjacency
        self._patterns = cx.patterns
        self.neurons = cx.facet_neurons

    @property
    def n_cells(self) -> int:
        return self.cx.n_cells

    def pattern(self, i: int) -> Bools:
        return np.asarray(self._patterns[i])

    @cached_property
    def _ends(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """All ends of edges by their cells: where each cell's begin, and the edges."""
        ends = self.pairs.ravel()
        order = np.argsort(ends, kind="stable")
        return np.searchsorted(ends[order], np.arange(self.n_cells + 1)), order // 2

    def edges_of(self, i: int) -> list[int]:
        """The edges at cell `i`."""
        begin, edges = self._ends
        own: list[int] = edges[begin[i] : begin[i + 1]].tolist()
        return own

    def facets(self, i: int) -> list[Facet]:
        found = []
        for e in self.edges_of(i):
            j = int(self.pairs[e].sum()) - i
            pattern = self._patterns[j] if 0 <= j < self.n_cells else ~self._patterns[i]
            found.append((frozenset(self.neurons[e].tolist()), j, pattern))
        return found

    @cached_property
    def _numbers(self) -> dict[bytes, int]:
        return {row.tobytes(): i for i, row in enumerate(self._patterns)}

    def number_of(self, pattern: Bools) -> int:
        return self._numbers.get(pattern.tobytes(), -1)

    def interior_point(self, i: int) -> None:
        return None

    def is_certified(self, i: int) -> bool:
        return False

    def stated_point(self, i: int) -> list[Fraction]:
        return self.cx.exact_interior_point(i)

    @cached_property
    def _sides(self) -> NDArray[np.float64]:
        n = self.cx.dim
        sides = np.array(sides_of(self.cx.domain, n), dtype=object).reshape(-1, n + 1)
        return normalised(sides)

    def sides_near(self, i: int) -> list[int]:
        cx = self.cx
        ids = cx.cell_vertices[i]
        own = cx.vertices[ids[ids < len(cx.vertices)]]
        return np.flatnonzero(self._touch(own).any(axis=0)).tolist()

    def _touch(self, points: NDArray[np.float64]) -> Bools:
        """Which sides (columns) points (rows) seem to lie on."""
        away = np.abs(points @ self._sides[:, 1:].T + self._sides[:, 0])
        return np.asarray(away < 1e-9, dtype=np.bool_)

    def tight_near(self, i: int, forms: Sequence[int]) -> list[list[int]]:
        cx = self.cx
        ids = cx.cell_vertices[i]
        ids = ids[ids < len(cx.vertices)]
        touched = self._touch(cx.vertices[ids])
        zero = np.column_stack([cx.vertex_signs[ids] == 0, touched])[:, list(forms)]
        return [np.flatnonzero(row).tolist() for row in zero]


class ExplorationClaims:
    """What an `Exploration` states."""

    def __init__(self, exploration: Explored) -> None:
        self.exploration = exploration
        self.patterns = exploration.patterns
        self.numbers = {row.tobytes(): i for i, row in enumerate(self.patterns)}

    @property
    def n_cells(self) -> int:
        return self.exploration.n_cells

    @cached_property
    def _points(self) -> NDArray[np.float64]:
        return self.exploration.interior_points

    @cached_property
    def _certified(self) -> Bools:
        return self.exploration.interior_certified

    def pattern(self, i: int) -> Bools:
        return np.asarray(self.patterns[i])

    def links(self, i: int) -> list[tuple[frozenset[int], int]]:
        """Neurons of each facet, and the cell beyond, -1 if it is not explored."""
        zeros = [frozenset(z.tolist()) for z in self.exploration.facets(i)]
        return list(zip(zeros, self.exploration.facet_neighbours(i).tolist(), strict=True))

    def facets(self, i: int) -> list[Facet]:
        patterns = self.exploration.neighbour_patterns(i)
        return [(*link, row) for link, row in zip(self.links(i), patterns, strict=True)]

    def number_of(self, pattern: Bools) -> int:
        return self.numbers.get(pattern.tobytes(), -1)

    def interior_point(self, i: int) -> NDArray[np.float64]:
        return np.asarray(self._points[i])

    def is_certified(self, i: int) -> bool:
        return bool(self._certified[i])

    def stated_point(self, i: int) -> list[Fraction]:
        return [Fraction(v) for v in self._points[i].tolist()]

    def tight_near(self, i: int, forms: Sequence[int]) -> list[list[int]]:
        return []

    def sides_near(self, i: int) -> list[int]:
        return []
