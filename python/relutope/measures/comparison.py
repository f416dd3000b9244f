"""Two networks on their common refinement: equal, or how far apart and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import ReadOnlyArrays
from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope
from ..errors import EngineError, InvalidDomainError
from ..network.conversion import as_network
from ..network.network import Network
from ..properties import Case, Condition, Property
from ..search.domains import checked_domain
from ..verdicts import Violations, violations
from .output_extremes import Extreme, extremes
from .stacked import difference, stacked

__all__ = ["Comparison", "compare"]

_MOST_INPUTS = 6


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class Comparison(ReadOnlyArrays):
    """Result of `compare`.

    Attributes
    ----------
    minimum, maximum : tuple of Extreme
        Of ``a - b``, for each output.
    """

    minimum: tuple[Extreme, ...]
    maximum: tuple[Extreme, ...]
    _networks: tuple[Network, Network]
    _domain: Box | FlatBox | Polytope | None

    @property
    def exact(self) -> bool:
        """Whether all differences are proven to be the largest."""
        return all(e.exact for e in (*self.minimum, *self.maximum))

    @property
    def equal(self) -> bool:
        """Whether the networks are proven to be equal everywhere in the domain."""
        return all(e.exact and e.value == 0 for e in (*self.minimum, *self.maximum))

    @property
    def largest(self) -> tuple[Extreme, ...]:
        """For each output, the extreme of ``a - b`` that is larger in size."""
        pairs = zip(self.minimum, self.maximum, strict=True)
        return tuple(low if -low.value > high.value else high for low, high in pairs)

    @cached_property
    def disagreement(self) -> Violations:
        """The inputs at which the decisions differ, as polytopes with exact volumes.

        With several outputs the decision is the index of the largest, the lowest of those that are
        tied; with one it is whether the output is positive. `Violations.share` and
        `Violations.volume_bounds` say how much of the domain that is.

        Raises
        ------
        EngineError
            If more than six inputs are free.
        InvalidDomainError
            If the domain is no bounded box.
        """
        domain = self._domain
        if (
            not isinstance(domain, (Box, FlatBox))
            or not np.isfinite([domain.lower, domain.upper]).all()
        ):
            raise InvalidDomainError(
                "`domain` must be a bounded box for the share on which decisions differ"
            )
        free = int((domain.lower < domain.upper).sum())
        if free > _MOST_INPUTS:
            raise EngineError(
                f"`domain` leaves {free} inputs free, and the set on which decisions differ can be "
                f"had in at most {_MOST_INPUTS}; fix inputs with relutope.FlatBox"
            )
        a, b = self._networks
        cases = _different(a.output_dim, domain.lower, domain.upper)
        prop = Property(a.input_dim, 2 * a.output_dim, cases)
        return violations(stacked(a, b), prop)

    def __repr__(self) -> str:
        if self.equal:
            return "Comparison(equal)"
        sizes = ", ".join(f"{abs(e.nearest):.6g}" for e in self.largest[:8])
        more = "" if self.exact else "; not all proven"
        return f"Comparison(largest differences [{sizes}]{more})"


@ieee_arithmetic
def compare(
    a: Any,
    b: Any,
    domain: Box | FlatBox | Polytope | str | Path | None = None,
    *,
    max_seconds: float | None = None,
    threads: int | None = None,
    progress: Callable[[int, int, int], object] | None = None,
) -> Comparison:
    """Whether two networks are equal on a domain, or how much they differ and where, exactly.

    For pairs of a network and what pruning, quantisation or distillation made of it. The difference
    is a network itself, whose extremes are found with certified bounds: only parts on which these
    do not settle the question are cut into the common refinement of both networks' cells.

    Parameters
    ----------
    a, b : Network, torch.nn.Module, sequence of (W, b), or path of a file
        With the same numbers of inputs and outputs; of any depths.
    domain : Box, FlatBox, Polytope, or path of a ``.vnnlib`` file, optional
        All of R^n by default.
    max_seconds, threads, progress : optional
        As for `extremes`.

    Returns
    -------
    Comparison

    Raises
    ------
    InvalidNetworkError, UnsupportedLayerError
        If a network cannot be used, or their inputs or outputs differ in number.
    InvalidDomainError, EngineError, StoppedError
        As for `extremes`.

    See Also
    --------
    extremes : of one network.
    integrate : with ``to=``, their L2 distance.

    Examples
    --------
    ``|x|`` and ``2 relu(x) - x`` are equal; ``relu(x) + 0.5`` is not ``|x|``:

    >>> import relutope as rt
    >>> absolute = [([[1], [-1]], [0, 0]), ([[1, 1]], [0])]
    >>> residual = rt.Network([([[1], [1]], [0, 0]), ([[2, -1]], [0])], [1])
    >>> rt.compare(absolute, residual).equal
    True
    >>> found = rt.compare(absolute, [([[1]], [0]), ([[1]], [0.5])], rt.Box(-1, 1))
    >>> found.minimum[0].value, found.maximum[0].value, found.maximum[0].point
    (Fraction(-1, 2), Fraction(1, 2), (Fraction(-1, 1),))
    >>> found.disagreement.share
    Fraction(0, 1)
    """
    first, second = as_network(a), as_network(b)
    given = checked_domain(domain)
    if isinstance(given, Box):
        given = given.with_dim(first.input_dim)
    net = difference(first, second)
    found = extremes(net, given, max_seconds=max_seconds, threads=threads, progress=progress)
    return Comparison(found.minimum, found.maximum, (first, second), given)


def _different(m: int, lower: Any, upper: Any) -> tuple[Case, ...]:
    """The cases in which the first m outputs decide otherwise than the other m."""
    if m == 1:
        wins = [[[_not_above(k)], [_above(k, None)]] for k in (0, 1)]
        pairs = [(0, 1), (1, 0)]
    else:
        wins = [[_wins(k, m, side * m) for k in range(m)] for side in (0, 1)]
        pairs = [(i, j) for i in range(m) for j in range(m) if i != j]
    return tuple(Case(lower, upper, (*wins[0][i], *wins[1][j])) for i, j in pairs)


def _wins(k: int, m: int, start: int) -> list[Condition]:
    """Output k of m is the first of the largest."""
    return [_above(start + k, start + j, "<" if j < k else "<=") for j in range(m) if j != k]


def _above(k: int, other: int | None, relation: Any = "<") -> Condition:
    """Output k is above another, or above zero."""
    beside = {} if other is None else {other: Fraction(1)}
    return Condition({}, {k: Fraction(-1), **beside}, Fraction(0), relation)


def _not_above(k: int) -> Condition:
    return Condition({}, {k: Fraction(1)}, Fraction(0), "<=")
