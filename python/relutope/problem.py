"""A network and a domain, made ready for the core."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from . import _core
from .core import core_network, independent_columns
from .domain import Box
from .errors import CellLimitError, EngineError, InvalidDomainError
from .network import Network
from .polytope import Polytope

Report = Callable[[int, int, int], object] | None


@dataclass(frozen=True)
class Problem:
    """What is decomposed: `network` over `domain` (None: all of R^n).

    The complex is invariant along the common kernel of the first layer and the domain's
    inequalities. `kept` are inputs on which these have the same rank as on all of them; setting the
    others to zero gives a subspace that meets every face's translates exactly once, so the complex
    there, times R^(n - r), is the whole one. The weights are not touched.
    """

    network: Network
    domain: Box | Polytope | None

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
        return self.network.input_dim - self._rank

    @cached_property
    def full_core(self) -> _core.Network:
        """The core's network on all inputs."""
        return core_network(self.network)

    @cached_property
    def _independent(self) -> list[int]:
        n = self.network.input_dim
        rows = [self.network.layers[0][0]]
        if isinstance(self.domain, Polytope):
            rows.append(self.domain.A)
        elif self.domain is not None:
            has_side = np.isfinite(self.domain.lower) | np.isfinite(self.domain.upper)
            if has_side.all():
                return list(range(n))
            rows.append(np.eye(n)[has_side])
        return independent_columns(np.concatenate(rows))

    @property
    def _rank(self) -> int:
        return len(self._independent)

    @cached_property
    def kept(self) -> list[int]:
        """Inputs that are not set to zero; at least one, for the core's sake."""
        return self._independent or [0]

    @cached_property
    def core_network(self) -> _core.Network:
        """The core's network on the kept inputs."""
        if len(self.kept) == self.network.input_dim:
            return self.full_core
        return self.full_core.with_inputs(self.kept)

    @cached_property
    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lower and upper bounds of the kept inputs, possibly infinite."""
        if isinstance(self.domain, Box):
            return self.domain.lower[self.kept], self.domain.upper[self.kept]
        n = self.essential_dim
        return np.full(n, -np.inf), np.full(n, np.inf)

    @cached_property
    def halfspaces(self) -> NDArray[np.float64]:
        """The domain's further inequalities ``w x + c >= 0`` on the kept inputs, rows (w, c)."""
        if isinstance(self.domain, Polytope):
            rows = np.column_stack([-self.domain.A[:, self.kept], self.domain.b])
            holds_everywhere = ~self.domain.A.any(axis=1) & (self.domain.b == 0)
            rows[holds_everywhere, -1] = 1.0  # 0 <= 0 has no inner side; 0 <= 1 says the same
            return rows
        return np.empty((0, self.essential_dim + 1))

    @cached_property
    def infinite_sides(self) -> NDArray[np.uint8]:
        """Whether each side is infinite: 2k and 2k + 1 are the lower and upper bound of kept input
        k, the domain's further inequalities follow.
        """
        of_box = np.isinf(np.column_stack(self.bounds)).ravel()
        sides = np.concatenate([of_box, np.zeros(len(self.halfspaces), dtype=np.bool_)])
        return np.asarray(sides, dtype=np.uint8)

    def embed(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points of the kept inputs, shape (k, r), as points of the input space, shape (k, n)."""
        full = np.zeros((len(points), self.network.input_dim))
        full[:, self.kept] = points
        return full

    def search_cells(
        self, threads: int, max_cells: int | None, report: Report
    ) -> _core.CellComplex:
        """Runs the core; its errors become relutope's."""
        self.check_dimension()
        try:
            return _core.search_cells(
                self.core_network, *self.bounds, self.halfspaces, threads, max_cells, report
            )
        except _core.TooManyCells as error:
            found = int(error.args[0])
            raise CellLimitError(
                f"`max_cells` is {max_cells}, but the network has more cells: {found} were found "
                "when the search stopped; raise the limit or take a smaller domain",
                found,
            ) from None
        except _core.EmptyDomain as error:
            raise InvalidDomainError(f"`domain`: {error}") from None
        except _core.TooManyFacets as error:
            raise EngineError(f"the vertex engine cannot hold this network: {error}") from None

    def search_vertices(
        self,
        cells: _core.CellComplex,
        threads: int,
        *,
        outputs: bool = False,
        points: bool = False,
    ) -> _core.VertexComplex:
        """Runs the core once more, for the vertices of the same cells, always in the same order.

        On request with exact outputs of the network or exact coordinates.
        """
        return _core.search_vertices(
            self.core_network, *self.bounds, self.halfspaces, cells, threads, outputs, points, None
        )

    def check_dimension(self) -> None:
        """Raises EngineError when the vertex engine cannot hold the problem."""
        n, most = self.essential_dim, _core.MAX_VERTEX_DIMENSION
        if n > most:
            raise EngineError(
                f"the problem has {n} essential input dimensions; the vertex engine holds at most "
                f"{most} (a box has 2^n vertices), and there is no other engine for complete "
                "decompositions yet; compose the network with an affine map from fewer inputs to "
                "look at a slice"
            )
