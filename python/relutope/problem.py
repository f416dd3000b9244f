"""A network and a domain, made ready for the core."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from . import _core
from .domain import Box
from .errors import CellLimitError, EngineError, InvalidDomainError
from .network import Network

Report = Callable[[int, int, int], object] | None


@dataclass(frozen=True)
class Problem:
    """What is decomposed: `network` over `domain` (None: all of R^n).

    On all of R^n the complex is invariant along the common kernel of the first layer. `kept` are
    inputs on which the first layer has the same rank as on all of them; setting the others to zero
    gives a subspace that meets every face's translates exactly once, so the complex there, times
    R^(n - r), is the whole one. The weights are not touched.
    """

    network: Network
    domain: Box | None

    def __post_init__(self) -> None:
        if self.domain is not None:
            object.__setattr__(self, "domain", self.domain.with_dim(self.network.input_dim))

    @property
    def essential_dim(self) -> int:
        """Dimension of the problem that is solved."""
        return len(self.kept)

    @property
    def lineality_dim(self) -> int:
        """Dimension of the space along which every cell is invariant."""
        return 0 if self.has_sides else self.network.input_dim - self.essential_dim

    @property
    def has_sides(self) -> bool:
        """Whether the domain has sides at all."""
        return self.domain is not None and bool(
            np.isfinite(self.domain.lower).any() or np.isfinite(self.domain.upper).any()
        )

    @cached_property
    def _full(self) -> _core.Network:
        return _core.Network(self.network._core_layers())

    @cached_property
    def kept(self) -> list[int]:
        """Inputs that are not set to zero."""
        if self.has_sides:
            return list(range(self.network.input_dim))
        return self._full.independent_inputs() or [0]

    @cached_property
    def core_network(self) -> _core.Network:
        """The core's network on the kept inputs."""
        if len(self.kept) == self.network.input_dim:
            return self._full
        return self._full.with_inputs(self.kept)

    @cached_property
    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lower and upper bounds of the kept inputs, possibly infinite."""
        if self.domain is None:
            n = self.essential_dim
            return np.full(n, -np.inf), np.full(n, np.inf)
        return self.domain.lower[self.kept], self.domain.upper[self.kept]

    @cached_property
    def infinite_sides(self) -> NDArray[np.uint8]:
        """For each side (2k: lower, 2k + 1: upper bound of kept input k) whether it is infinite."""
        lower, upper = self.bounds
        sides: NDArray[np.uint8] = np.isinf(np.column_stack([lower, upper])).astype(np.uint8).ravel()
        return sides

    def embed(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points of the kept inputs, shape (k, r), as points of the input space, shape (k, n)."""
        full = np.zeros((len(points), self.network.input_dim))
        full[:, self.kept] = points
        return full

    def search_cells(self, threads: int, max_cells: int | None, report: Report) -> _core.CellComplex:
        """Runs the core; its errors become relutope's."""
        self.check_dimension()
        try:
            return _core.search_cells(
                self.core_network, *self.bounds, self._no_halfspaces, threads, max_cells, report
            )
        except _core.TooManyCells as error:
            found = int(error.args[0])
            raise CellLimitError(
                f"`max_cells` is {max_cells}, but the network has more cells: {found} were found when "
                "the search stopped; raise the limit or take a smaller domain",
                found,
            ) from None
        except _core.EmptyDomain as error:
            raise InvalidDomainError(f"`domain`: {error}") from None
        except _core.TooManyFacets as error:
            raise EngineError(f"the vertex engine cannot hold this network: {error}") from None

    def search_vertices(
        self, cells: _core.CellComplex, threads: int, points: bool = False
    ) -> _core.VertexComplex:
        """Runs the core once more, for the vertices of the same cells."""
        return _core.search_vertices(
            self.core_network, *self.bounds, self._no_halfspaces, cells, threads, True, points, None
        )

    @property
    def _no_halfspaces(self) -> NDArray[np.float64]:
        return np.empty((0, self.essential_dim + 1))

    def check_dimension(self) -> None:
        """Raises EngineError when the vertex engine cannot hold the problem."""
        n, most = self.essential_dim, _core.MAX_VERTEX_DIMENSION
        if n > most:
            raise EngineError(
                f"the problem has {n} essential input dimensions; the vertex engine holds at most {most} "
                "(a box has 2^n vertices), and there is no other engine for complete decompositions yet; "
                "compose the network with an affine map from fewer inputs to look at a slice"
            )
