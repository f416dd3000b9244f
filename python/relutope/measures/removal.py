"""What the removal of single neurons changes, exactly: the basis of pruning studies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from ..common.arguments import checked_index, worker_threads
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import FloatArray, IntArray, Value
from ..common.progress import Progress, search_watch
from ..decisions.regions import winners
from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope
from ..errors import EngineError, InvalidDomainError
from ..network.conversion import NetworkLike, as_network
from ..network.edits import place_of, remove_neurons
from ..network.network import Network
from ..network.output_neurons import with_output_neurons
from ..search.domains import checked_domain, on_free_inputs
from ..search.problem import Outputs
from .integrals import MOST_INPUTS
from .stacked import removal_difference
from .vertex_values import VertexValues

__all__ = ["RemovalEffect", "RemovalEffects", "removal_effects"]


@ieee_arithmetic
@dataclass(frozen=True)
class RemovalEffect:
    """What changes when one neuron is removed; see `removal_effects`.

    Attributes
    ----------
    neuron : int
    layer : int
        Its hidden layer, counted from 1.
    largest : tuple of Fraction
        For each output the largest ``|f - f'|`` in the domain, exactly.
    points : tuple of tuple of Fraction
        Where each is taken.
    mean_square : float
        The mean of ``|f - f'|^2`` over the domain, all outputs together, rounded.
    class_change : float or None
        The share of the domain whose class changes, rounded; of exact sets.
    n_cells : int
        Cells of what was decomposed: the common refinement of the cells before and after.
    """

    neuron: int
    layer: int
    largest: tuple[Fraction, ...]
    points: tuple[tuple[Fraction, ...], ...]
    mean_square: float
    class_change: float | None
    n_cells: int

    @property
    def changes_nothing(self) -> bool:
        """Whether the network without the neuron is proven to be the same function."""
        return not any(self.largest)

    def __repr__(self) -> str:
        shares = "" if self.class_change is None else f", class change {self.class_change:.4g}"
        sizes = ", ".join(f"{float(v):.4g}" for v in self.largest[:8])
        return (
            f"RemovalEffect(neuron {self.neuron} of layer {self.layer}: largest [{sizes}], mean "
            f"square {self.mean_square:.4g}{shares})"
        )


@ieee_arithmetic
class RemovalEffects(Value, Sequence[RemovalEffect]):
    """The effects of removing neurons, one at a time. Made by `removal_effects`.

    Parameters
    ----------
    network : Network
    effects : sequence of RemovalEffect

    Attributes
    ----------
    network : Network
    """

    def __init__(self, network: Network, effects: Sequence[RemovalEffect]) -> None:
        self.network = network
        self._effects = tuple(effects)

    def _parts(self) -> tuple[object, ...]:
        return self.network, self._effects

    @property
    def neurons(self) -> IntArray:
        """The neurons, shape (k,)."""
        return np.array([effect.neuron for effect in self], dtype=np.int64)

    @property
    def largest(self) -> FloatArray:
        """The largest change of any output, rounded, shape (k,)."""
        return np.array([float(max(effect.largest)) for effect in self])

    @property
    def mean_square(self) -> FloatArray:
        """Mean squared changes, shape (k,)."""
        return np.array([effect.mean_square for effect in self])

    @property
    def order(self) -> IntArray:
        """The neurons by increasing largest change, compared exactly; ties by number."""
        ranked = sorted(self, key=lambda effect: (max(effect.largest), effect.neuron))
        return np.array([effect.neuron for effect in ranked], dtype=np.int64)

    def pruned(self, count: int) -> Network:
        """The network without the neurons that change least, one at a time.

        Parameters
        ----------
        count : int
            How many are removed. Together they may change more than each of them.

        Returns
        -------
        Network
        """
        return remove_neurons(self.network, self.order[:count].tolist())

    @overload
    def __getitem__(self, i: int) -> RemovalEffect: ...
    @overload
    def __getitem__(self, i: slice) -> Sequence[RemovalEffect]: ...
    def __getitem__(self, i: int | slice) -> RemovalEffect | Sequence[RemovalEffect]:
        if isinstance(i, slice):
            return self._effects[i]
        return self._effects[checked_index(i, len(self), "effects")]

    def __iter__(self) -> Iterator[RemovalEffect]:
        return iter(self._effects)

    def __len__(self) -> int:
        return len(self._effects)

    def __repr__(self) -> str:
        none = sum(effect.changes_nothing for effect in self)
        return (
            f"RemovalEffects(of {len(self):,} neurons, {none:,} change nothing; {self.network!r})"
        )


@ieee_arithmetic
def removal_effects(
    network: NetworkLike,
    domain: Box | FlatBox | Polytope | str | Path,
    neurons: Iterable[int] | None = None,
    *,
    outputs: Outputs | None = None,
    threads: int | None = None,
    max_seconds: float | None = None,
    progress: Progress = False,
) -> RemovalEffects:
    """How much a network changes when one of its neurons is removed, for each neuron, exactly.

    For each neuron the difference ``f - f'`` to the network without it is decomposed: a network in
    which the layers up to the neuron's are there once, and the later ones twice. Its cells are the
    common refinement of the cells before and after; on each of them ``f - f'`` is affine, so that
    its extremes are at vertices.

    Parameters
    ----------
    network : Network, torch.nn.Module, sequence of (W, b), or path of a file
    domain : Box, FlatBox, Polytope, or path of a ``.vnnlib`` file
        Bounded, with at most six inputs that are not fixed.
    neurons : iterable of int, optional
        Which neurons; all by default.
    outputs : {None, "sign", "argmax"}
        The decision for `RemovalEffect.class_change`: "sign" for one output, "argmax" for several.
        Cells are then cut by both decisions, which takes longer.
    threads, max_seconds, progress : optional
        As for `decompose`; of each decomposition.

    Returns
    -------
    RemovalEffects
        A sequence of `RemovalEffect`.

    Raises
    ------
    InvalidNetworkError, UnsupportedLayerError
        If the network cannot be used, or `outputs` does not fit it.
    InvalidDomainError
        If the domain is unbounded or empty, or does not fit.
    EngineError
        If more than six inputs are free.
    IndexError
        If there is no such neuron.
    StoppedError
        After `max_seconds`, or if `progress` returns True.

    See Also
    --------
    remove_neurons, compare, integrate

    Notes
    -----
    Changes at vertices are computed in floating point with a bound of the error; those that can be
    the largest are computed in rationals. Volumes and means are rounded.

    Examples
    --------
    ``relu(x) + relu(-x) / 2`` on [-1, 2], and a neuron that is never active:

    >>> import relutope as rt
    >>> net = [([[1.0], [-1.0], [1.0]], [0.0, 0.0, -5.0]), ([[1.0, 0.5, 9.0]], [0.0])]
    >>> found = rt.removal_effects(net, rt.Box(-1, 2))
    >>> [effect.largest[0] for effect in found], found.order.tolist()
    ([Fraction(2, 1), Fraction(1, 2), Fraction(0, 1)], [2, 1, 0])
    >>> found[2].changes_nothing
    True
    """
    given = as_network(network)
    net, inside = on_free_inputs(given, checked_domain(domain))
    if inside is None:
        raise InvalidDomainError("`domain` must be bounded; give a Box, a FlatBox or a Polytope")
    if net.input_dim > MOST_INPUTS:
        raise EngineError(
            f"`domain` leaves {net.input_dim} inputs free, and removal_effects takes at most "
            f"{MOST_INPUTS}; fix inputs with relutope.FlatBox"
        )
    chosen = range(net.n_neurons) if neurons is None else neurons
    numbers = [checked_index(i, net.n_neurons, "neurons", "neurons") for i in chosen]
    decided = net if outputs is None else with_output_neurons(net, outputs)
    workers = worker_threads(threads)
    found = []
    for neuron in numbers:
        layer, unit = place_of(net, neuron)
        change = removal_difference(decided, layer, unit)
        with search_watch(progress, max_seconds) as watch:
            values = VertexValues(change, inside, workers, watch)
        extremes = [values.largest(k) for k in range(net.output_dim)]
        share = None
        if outputs is not None:
            differ = _classes_differ(decided, net.n_neurons, layer, values.patterns)
            share = float(values.volumes[differ].sum() / values.volumes.sum())
        found.append(
            RemovalEffect(
                neuron,
                layer + 1,
                tuple(value for value, _ in extremes),
                tuple(point for _, point in extremes),
                values.mean_square(),
                share,
                values.n_cells,
            )
        )
    return RemovalEffects(given, found)


def _classes_differ(
    decided: Network, own: int, layer: int, patterns: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """The cells on which the class changes: by the two copies of the neurons that compare outputs.

    In each layer after the one that a unit was removed from, the neurons of both copies follow
    each other.
    """
    before: list[int] = []
    after: list[int] = []
    start = number = 0
    for depth, width in enumerate(decided.hidden_widths):
        copies = 2 if depth > layer else 1
        if number >= own:
            before += range(start, start + width)
            after += range(start + (copies - 1) * width, start + copies * width)
        start += copies * width
        number += width
    here, there = (
        winners(patterns[:, np.array(neurons, dtype=np.int64)]) for neurons in (before, after)
    )
    return np.asarray(here != there)
