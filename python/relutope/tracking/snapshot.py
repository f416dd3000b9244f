"""What a measure sees: the network at one step of training, its complex, what it keeps in mind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..decisions.label_agreement import cell_labels

if TYPE_CHECKING:
    from ..decomposition.complex import Complex
    from ..decomposition.counting import CellCount
    from ..domain.box import Box
    from ..domain.polytope import Polytope
    from ..graph.couplings import Coupling
    from ..network.network import Network
    from ..topology.filtrations import Filtration
    from ..topology.pairs import PersistencePairs

Value = int | float

__all__ = ["Measure", "Snapshot", "Value", "require_one_output"]


class Snapshot:
    """The network at one step of training, and the settings of the tracker that asks.

    Parameters
    ----------
    complex : Complex or callable
        The complex, or a function without arguments that makes it when a measure first needs it.
    step : int
    weights : mapping of str to coupling, optional
        Edge weights of the dual graph for the Fiedler measures; see
        :mod:`relutope.graph.couplings`.
    draws : int
        Number of random filtrations to average over.
    seed : int
    network, domain : optional
        By default those of the complex, which must then be one.
    options : mapping, optional
        Options of :func:`relutope.decompose` that the complex is made with.

    Attributes
    ----------
    memory : dict
        What the measure that is being asked has put here at its last record; empty at first. Each
        measure has its own. Keep to numbers, text, lists and dicts with text keys (JSON), so that
        a table can be resumed.
    budget : float or None
        Seconds that the measure that is being asked may take. Most cannot tell beforehand.

    Examples
    --------
    >>> import relutope as rt
    >>> snap = Snapshot(rt.decompose([([[1.0]], [0.0]), ([[1.0]], [0.0])], rt.Box(-1, 1)))
    >>> snap.complex.n_cells, snap.diagram("sublevel")
    (2, [(0, (0.0, inf))])
    """

    def __init__(
        self,
        complex: Complex | Callable[[], Complex],
        step: int = 0,
        weights: Mapping[str, Coupling] | None = None,
        draws: int = 4,
        seed: int = 0,
        network: Network | None = None,
        domain: Box | Polytope | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._source = complex
        self.step, self.draws, self.seed = step, draws, seed
        self.weights: Mapping[str, Coupling] = {"unit": "unit"} if weights is None else weights
        self.options = dict(options or {})
        self._network, self._domain = network, domain
        self.memory: dict[str, Any] = {}
        self.budget: float | None = None
        self._diagrams: dict[str, PersistencePairs] = {}
        self._count: CellCount | None = None

    @cached_property
    def complex(self) -> Complex:
        """The complex, made when it is first needed."""
        return self._source() if callable(self._source) else self._source

    @property
    def network(self) -> Network:
        """The network; does not make the complex."""
        return self.complex.network if self._network is None else self._network

    @property
    def domain(self) -> Box | Polytope | None:
        """Where the network is looked at; None for all of R^n."""
        return self.complex.domain if self._network is None else self._domain

    @property
    def dims(self) -> range:
        """The dimensions 0 to n - 1 that homology is reported in."""
        return range(self.network.input_dim)

    @cached_property
    def labels(self) -> NDArray[np.bool_]:
        """Whether f > 0 at each cell's interior point, shape (n_cells,)."""
        return cell_labels(self.complex)

    @cached_property
    def volumes(self) -> NDArray[np.float64] | None:
        """Volumes of the cells, shape (n_cells,); None if a cell is unbounded."""
        return self.complex.cell_volumes if bool(self.complex.bounded.all()) else None

    def diagram(self, filtration: Filtration) -> PersistencePairs:
        """The persistence of a filtration, computed once; see :func:`relutope.persistence`."""
        if filtration not in self._diagrams:
            from ..topology import persistence

            self._diagrams[filtration] = persistence(self.complex, filtration, seed=self.seed)
        return self._diagrams[filtration]

    def count(self, max_seconds: float | None = None) -> CellCount:
        """The number of cells of the complex, which is not made; a complete count is kept."""
        if self._count is None or not self._count.complete:
            from ..decomposition.counting import count
            from ..network.output_neurons import with_output_neurons

            outputs = self.options.get("outputs")
            network = (
                self.network if outputs is None else with_output_neurons(self.network, outputs)
            )
            options = {k: v for k, v in self.options.items() if k != "outputs"}
            self._count = count(network, self.domain, max_seconds=max_seconds, **options)
        return self._count


Measure = Callable[[Snapshot], Mapping[str, "Value | None"]]


def require_one_output(snap: Snapshot, measure: str, remedy: str) -> None:
    """Raises ValueError that names the measure unless the network has one output."""
    outputs = snap.network.output_dim
    if outputs != 1:
        raise ValueError(
            f"measure {measure!r} needs a network with one output, but this one has {outputs}; "
            f"{remedy}"
        )
