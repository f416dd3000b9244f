"""From a graph to a network that is proven, as far as running it can, to be the one that was given.

After a network is read, it is compared with the runtime it came from on a few inputs. What rounding
may do there is not a constant: errors are followed through the graph, each operation adding its own
and passing on those before it, as independent random variables (Higham and Mary 2019, *A new
approach to probabilistic rounding error analysis*, model errors so). A network that differs by more
is another network, and is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from ...errors import InvalidNetworkError
from .lower import lowered
from .nodes import Affine, Floats, Input, Node, Relu, in_order
from .registry import collected_notes

__all__ = ["Imported", "Reference", "built", "collecting_notes"]

# How many standard deviations of the modelled error are still rounding. Errors of one weight that
# is used in many places are not independent, hence more than the usual three.
_DEVIATIONS = 32.0


class Reference(Protocol):
    """The runtime that a network comes from."""

    @property
    def name(self) -> str: ...

    def outputs(self, X: Floats) -> Iterator[tuple[Floats, float]]:
        """Outputs for the rows of `X` with the unit roundoff of the arithmetic; finest first.

        Nothing where it cannot be run.
        """
        ...


@dataclass(frozen=True)
class Imported:
    """A graph, what computes the same, and what that does last and is left off here."""

    output: Node
    reference: Reference | None = None
    applied: Callable[[Floats], Floats] | None = None


@contextmanager
def collecting_notes() -> Iterator[dict[str, None]]:
    """Collects what `registry.note` is given."""
    notes: dict[str, None] = {}
    token = collected_notes.set(notes)
    try:
        yield notes
    finally:
        collected_notes.reset(token)


class Runs(Protocol):
    """A network that can be run."""

    @property
    def input_dim(self) -> int: ...

    def forward(self, X: Floats) -> Floats: ...


Made = TypeVar("Made", bound=Runs)


def built(make: Callable[..., Made], read: Callable[[], Imported]) -> Made:
    """The network that `read` describes, compared with its reference, with its notes.

    It is made by ``make(layers, linear_units, bias_low, notes=notes)``.

    Raises
    ------
    InvalidNetworkError
        If the network does not compute what its reference computes.
    """
    with collecting_notes() as notes:
        imported = read()
        parts = lowered(imported.output)
    network = make(parts.layers, parts.linear_units, parts.bias_low, notes=tuple(notes))
    if imported.reference is not None:
        _compare(network, imported, imported.reference)
    return network


def _compare(network: Runs, imported: Imported, reference: Reference) -> None:
    X = _points(network.input_dim)
    found = network.forward(X)
    errors: list[float] = []
    worst = ""
    for expected, roundoff in reference.outputs(X):
        shown = found if imported.applied is None else imported.applied(found)
        if expected.shape != shown.shape:
            raise InvalidNetworkError(
                f"`network`: {reference.name} gives {expected.shape[1]} numbers where "
                f"{shown.shape[1]} were read; it cannot be used"
            )
        difference = np.abs(shown - expected)
        if (difference <= 8 * roundoff * np.abs(expected).max(initial=0)).all():
            return
        allowed = allowance(imported.output, X, roundoff)
        if imported.applied is not None:  # softmax and its kin at most double a distance
            allowed = np.broadcast_to(2 * allowed.max(axis=1, keepdims=True), difference.shape)
            allowed = allowed + 32 * roundoff * (1 + np.abs(expected))
        if (difference <= allowed).all():
            return
        errors.append(float(np.nanmax(difference)))
        where = np.unravel_index(int(np.argmax(difference - allowed)), difference.shape)
        worst = f"by {difference[where]:.3g} where rounding explains {allowed[where]:.3g}"
    if errors:
        raise InvalidNetworkError(
            f"`network`: what was read differs from {reference.name} {worst}; it would be another "
            "network. Does its forward keep a state, or draw random numbers (call network.eval())?"
        )


def _points(dimension: int) -> Floats:
    """A few inputs, of numbers that all float types hold exactly."""
    rng = np.random.default_rng(20260)
    steps = rng.integers(-24, 25, (4, dimension)) / 16.0
    steps[2] *= 8.0
    steps[3] = np.abs(steps[3])
    return steps


def allowance(output: Node, X: Floats, roundoff: float) -> Floats:
    """What rounding may change of the outputs for the rows of `X`, shape (k, m)."""
    values: dict[Node, Floats] = {}
    variances: dict[Node, Floats] = {}
    with np.errstate(over="ignore", invalid="ignore"):
        for node in in_order(output):
            if isinstance(node, Affine):
                values[node], variances[node] = _affine(node, values, variances, roundoff)
            elif isinstance(node, Relu):
                values[node] = np.maximum(values[node.source], 0.0)
                variances[node] = variances[node.source]
            else:
                assert isinstance(node, Input)
                values[node], variances[node] = X.T, np.zeros(X.T.shape)
    return np.asarray(_DEVIATIONS * np.sqrt(variances[output]).T)


def _affine(
    node: Affine, values: dict[Node, Floats], variances: dict[Node, Floats], roundoff: float
) -> tuple[Floats, Floats]:
    """Values and variances of an affine map.

    Each of a row's n products and sums is rounded, by at most roundoff times the sum of all
    absolute terms; so are the weights themselves where they are computed.
    """
    count = next(iter(values.values())).shape[1] if values else 1
    total = np.repeat(node.bias[:, None], count, axis=1)
    size, variance, terms = np.abs(total), np.zeros(total.shape), np.full(node.size, 2.0)
    for source, matrix in node.built():
        total = total + matrix @ values[source]
        size = size + abs(matrix) @ np.abs(values[source])
        variance = variance + matrix.power(2) @ variances[source]
        terms += np.diff(matrix.indptr)
    return total, variance + terms[:, None] * (roundoff * size) ** 2
