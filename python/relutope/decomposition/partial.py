"""Some of the cells of a network, where there was no time for all."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..common.arguments import Engine
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import IntArray, Value, read_only
from ..common.ragged import Ragged
from ..complex.faceted import FacetedCells
from ..domain.box import Box
from ..domain.polytope import Polytope
from ..network.network import Network
from ..search.part import Part
from ..search.problem import Problem

__all__ = ["PartialComplex"]

_NOT_FOUND = -2


@ieee_arithmetic
class PartialComplex(Value, FacetedCells):
    """Some of the cells of a network: what a search had found when it was stopped.

    It is `StoppedError.partial`, and no `Complex`: everything that needs all cells (homology,
    f-vector, spectra, `locate`) cannot be asked of it.

    ``decompose(network, domain, resume=partial)`` goes on from it, and gives the same complex as a
    search that was never stopped.

    What it says is exact. Each of its cells is a cell of the whole complex, with its pattern. If
    `facets_known`, each comes with all its facets, `adjacency` has every pair of these cells that
    are adjacent, and `open_cells` are those with a neighbour that was not found. What it does not
    say: how many other cells there are, and where. The cells are those whose patterns come first in
    parts of the domain, no random sample.

    Parameters
    ----------
    part : Part
        What the core has found.

    Attributes
    ----------
    facets_known : bool
        False if the LP engine was stopped: it finds all cells before their facets.

    See Also
    --------
    decompose, load, StoppedError, explore

    Examples
    --------
    >>> import relutope as rt
    >>> net = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, -1.0]], [0.0])]
    >>> try:
    ...     cx = rt.decompose(net, rt.Box(-1, 1), max_seconds=60)
    ... except rt.StoppedError as stopped:
    ...     cx = stopped.partial
    >>> cx.n_cells
    4
    """

    def __init__(self, part: Part) -> None:
        self._part = part
        self.facets_known = part.facets_known

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._part,)

    def _parts(self) -> tuple[object, ...]:
        problem = self._part.problem
        return problem.network, problem.domain, problem.outputs, self._part.arrays.patterns

    @property
    def network(self) -> Network:
        """The network that was being decomposed, with neurons that compare outputs."""
        return self._part.problem.network

    @property
    def domain(self) -> Box | Polytope | None:
        """The domain; None is all of R^n."""
        return self._part.problem.domain

    @property
    def n_cells(self) -> int:
        """Number of cells found."""
        return len(self._part.arrays.facet_begin) - 1

    @property
    def n_output_neurons(self) -> int:
        return self._part.problem.n_output_neurons

    @cached_property
    def patterns(self) -> NDArray[np.bool_]:
        """Activation patterns, bool, shape (n_cells, N); rows increase lexicographically."""
        words = np.ascontiguousarray(self._part.arrays.patterns).view(np.uint8)
        count = self.network.n_neurons
        bits = np.unpackbits(
            words.reshape(self.n_cells, -1), axis=1, count=count, bitorder="little"
        )
        return read_only(bits.view(np.bool_))

    def _facet_table(self) -> tuple[IntArray, IntArray | NDArray[np.int32]]:
        self._check_facets()
        arrays = self._part.linked
        return arrays.facet_begin, arrays.facet_neighbour

    def _zero_sets(self, facets: IntArray) -> Ragged:
        return self._part.arrays.zero_sets(facets)

    @cached_property
    def open_cells(self) -> IntArray:
        """Cells with a facet behind which lies a cell that was not found, increasing.

        Raises
        ------
        ValueError
            Unless `facets_known`.
        """
        begin, neighbour = self._facet_table()
        missing = np.flatnonzero(neighbour == _NOT_FOUND)
        return read_only(np.unique(np.searchsorted(begin, missing, side="right") - 1))

    def _check_facets(self) -> None:
        if not self.facets_known:
            raise ValueError(
                "the LP engine was stopped before it came to facets; give it more time, or take "
                "engine='vertex' in few dimensions, or explore"
            )

    def save(self, path: str | Path) -> None:
        """Writes what was found, for `load` and ``decompose(..., resume=...)`` to go on with.

        Parameters
        ----------
        path : str or Path
            Where to; a file that is there is replaced once the new one is whole.

        See Also
        --------
        load, decompose
        """
        from . import stored_partial  # what reads and writes archives is not there before

        stored_partial.save(self._part, path)

    def part_of(self, problem: Problem, engine: Engine = "auto") -> Part:
        """What the core goes on from, if these are cells of `problem`.

        Parameters
        ----------
        problem : Problem
            What is decomposed.
        engine : {"auto", "vertex", "lp"}
            "auto" is the engine that has found these cells.

        Returns
        -------
        Part

        Raises
        ------
        ValueError
            If they are cells of another problem, or of another engine.
        """
        own = self._part.problem
        for name in ("network", "domain", "outputs"):
            here, there = getattr(own, name), getattr(problem, name)
            if here != there:
                raise ValueError(
                    f"`resume` holds cells of another `{name}`: of {here!r}, where {there!r} is "
                    "decomposed; decompose without `resume`"
                )
        if engine not in ("auto", self._part.engine):
            raise ValueError(
                f"`engine` is {engine!r}, but `resume` was found by {self._part.engine!r}, "
                "and only that engine can go on from it"
            )
        return self._part

    def __repr__(self) -> str:
        known = f"{len(self.open_cells):,} of them open" if self.facets_known else "facets unknown"
        return f"PartialComplex(at least {self.n_cells:,} cells, {known}; {self.network!r})"
