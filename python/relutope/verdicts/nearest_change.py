"""How far an input is from the nearest one on which a network decides otherwise."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from math import inf
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arguments import checked_seconds
from ..common.arithmetic import ieee_arithmetic
from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope
from ..errors import InvalidDomainError, InvalidNetworkError
from ..network.conversion import as_network
from ..network.network import Network
from ..search.domains import checked_domain, on_free_inputs
from .near_attack import NearAttack, lengths
from .nearest_point import largest_root
from .sign_forms import SignForms
from .sign_search import SignSearch

__all__ = ["Robustness", "robustness"]

FloatArray = NDArray[np.float64]
Outputs = Literal["sign", "argmax"]

_MOST_RIVALS = 9  # that are attacked
_BETWEEN_REPORTS = 0.2  # seconds
_ATTACKED = 0.25  # share of the time
_OUTWARDS = (0.0, 2.0**-44, 2.0**-30, 2.0**-16)  # steps off the boundary, where rounding decides
_FEW_UNITS = 512


@ieee_arithmetic
class Robustness:
    """The distance from an input to the nearest change of the decision; see `robustness`.

    `run` searches, and may be called again to go on: the interval gets narrower.

    Parameters
    ----------
    network, x, norm, domain, outputs
        As for `robustness`.

    Attributes
    ----------
    network : Network
    x : ndarray of float64, shape (n,)
    norm : float
    domain : Box, FlatBox, Polytope or None
    label : int
        The decision at `x`: the output that is largest, the first of them if several are; with one
        output 1 where it is positive, 0 where it is negative or zero.

    Examples
    --------
    >>> import relutope as rt
    >>> net = [([[1.0, 1.0], [1.0, -1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [-1.0])]
    >>> found = rt.Robustness(net, [0.0, 0.0], norm=1)
    >>> found.lower, found.upper, found.witness
    (0.0, inf, None)
    >>> found.run()
    >>> found.lower, found.upper, found.exact
    (0.5, 0.5, True)
    """

    def __init__(
        self,
        network: Any,
        x: ArrayLike,
        *,
        norm: float = 2,
        domain: Box | FlatBox | Polytope | str | Path | None = None,
        outputs: Outputs | None = None,
    ) -> None:
        if norm not in (1, 2, inf):
            raise ValueError(f"`norm` must be 1, 2 or float('inf'), got {norm!r}")
        self.norm = float(norm)
        self.network = as_network(network)
        self.domain = checked_domain(domain)
        self.x = _checked_point(x, self.network.input_dim)
        free_network, free_domain = on_free_inputs(self.network, self.domain)
        if free_domain is not None:
            free_domain = free_domain.with_dim(free_network.input_dim)
        _check_inside(self.x, self.domain)
        place = self.x[self.domain.free] if isinstance(self.domain, FlatBox) else self.x
        self.label, self._rivals, targets, tied = _decision(free_network, place, outputs)
        self._search = SignSearch(free_network, place, targets, self.norm, free_domain)
        self._attack: Iterator[FloatArray] | None = None
        self._place = place
        if tied:
            self._search.accept_origin()
        self._seconds = 0.0
        self._complete = not len(targets) or tied
        self._attacked = self._complete

    # -- what is known

    @property
    def lower(self) -> float:
        """No input whose distance is below this has another decision; proven, rounded down."""
        if self._complete and self._search.best is None:
            return inf
        measure = self._search.measure
        return inf if measure is None else largest_root(measure, self.norm)[0]

    @property
    def upper(self) -> float:
        """The distance of `witness`, rounded up; infinite if there is none."""
        best = self._search.best
        return inf if best is None else largest_root(best, self.norm)[1]

    @property
    def exact(self) -> bool:
        """Whether the distance is known: `lower` and `upper` are it, rounded down and up.

        So they are the same double, or next to each other. Both are infinite if the decision is
        the same in the whole domain.
        """
        measure = self._search.measure
        finished = self._complete or self._search.finished
        return finished and measure == self._search.best

    @property
    def witness(self) -> tuple[Fraction, ...] | None:
        """An input of the domain with another decision, or a tie, exactly; None if none is known.

        With one output, a point at which the output is zero or has the other sign.
        """
        if self._search.witness is None:
            return None
        moved = [Fraction(v) for v in self.x.tolist()]
        axes = self.domain.free if isinstance(self.domain, FlatBox) else range(len(moved))
        for axis, step in zip(axes, self._search.witness, strict=True):
            moved[int(axis)] += step
        return tuple(moved)

    @property
    def nearest(self) -> FloatArray | None:
        """`witness` with each coordinate rounded to the nearest double, shape (n,)."""
        point = self.witness
        return None if point is None else np.array([float(v) for v in point])

    @property
    def rival(self) -> int | None:
        """The decision that `witness` comes to or ties with, numbered as `label` is."""
        reached = self._search.reached
        return None if reached < 0 else self._rivals[reached]

    @property
    def stats(self) -> dict[str, Any]:
        """Seconds, and how many parts of the domain were bounded."""
        return {"seconds": self._seconds, "parts": self._search.looked_at}

    # -- the search

    def run(
        self,
        max_seconds: float | None = None,
        *,
        progress: Callable[[int, float, float], object] | None = None,
    ) -> None:
        """Searches until the distance is known, or for about this time.

        Parameters
        ----------
        max_seconds : float, optional
            Wall time; by default there is no limit.
        progress : callable, optional
            Is told, a few times a second, how many parts of the domain were bounded, and `lower`
            and `upper`. If it returns True, the search stops; another call goes on.

        Raises
        ------
        ValueError
            If `max_seconds` is not positive.
        KeyboardInterrupt
            On Ctrl-C; what has been found stays, and `run` can go on.
        """
        max_seconds = checked_seconds("max_seconds", max_seconds)
        start = time.monotonic()
        deadline = inf if max_seconds is None else start + max_seconds
        heard = start
        try:
            if not self._attacked:
                self._attack_for(30.0 if max_seconds is None else _ATTACKED * max_seconds)
                self._attacked = True
            while not self._complete and time.monotonic() < deadline:
                self._complete = not self._search.step()
                if progress is None or time.monotonic() - heard < _BETWEEN_REPORTS:
                    continue
                if progress(self._search.looked_at, self.lower, self.upper) is True:
                    break
                heard = time.monotonic()
        finally:
            self._seconds += time.monotonic() - start

    def _attack_for(self, seconds: float) -> None:
        """Looks for near witnesses, in large networks with half of the time from the best one."""
        start = time.monotonic()
        search = self._search
        targets = search.targets[:_MOST_RIVALS]
        attack = NearAttack(search.network, self._place, targets, self.norm, search.box)
        units = search.network.input_dim + search.network.n_neurons
        large = units > _FEW_UNITS
        for points in attack.points(2 if large else 3, 100 if large else 20):
            self._try(points[:1] if large else points)
            if time.monotonic() > start + seconds / 2:
                break
        if search.witness is None or not large:
            return
        w = np.array([float(v) for v in search.witness])
        for points in attack.shrinking(w, search.targets[search.reached], 25):
            self._try(points)
            if time.monotonic() > start + seconds:
                break

    def _try(self, steps: FloatArray) -> None:
        """Offers the nearest of some points that may have another decision, as they are doubles."""
        search = self._search
        place = [Fraction(v) for v in self._place.tolist()]
        for w in steps[np.argsort(lengths(steps, self.norm), kind="stable")]:
            if not np.isfinite(w).all():
                continue
            for further in _OUTWARDS:
                z = np.clip(self._place + w * (1 + further), *search.box)
                if isinstance(search.domain, Polytope) and not search.domain.contains(z[None])[0]:
                    break
                step = [Fraction(v) - p for v, p in zip(z.tolist(), place, strict=True)]
                if not search.is_nearer(step):
                    break
                if search.offer(step):
                    return

    def __repr__(self) -> str:
        if self.exact:
            return f"Robustness({self.upper:.6g}, exact; {self.network!r})"
        return f"Robustness({self.lower:.6g} to {self.upper:.6g}; {self.network!r})"


@ieee_arithmetic
def robustness(
    network: Any,
    x: ArrayLike,
    *,
    norm: float = 2,
    domain: Box | FlatBox | Polytope | str | Path | None = None,
    outputs: Outputs | None = None,
    max_seconds: float | None = None,
    progress: Callable[[int, float, float], object] | None = None,
) -> Robustness:
    """The distance from an input to the nearest one on which the decision is another, or tied.

    With one output the decision is its sign, and the distance is that to its zero set; with several
    it is which is largest, and the distance is that to the nearest point at which another output is
    at least as large. The distance is infinite if the domain has no such point.

    Parameters
    ----------
    network : Network, torch.nn.Module, sequence of (W, b), or path of a file
        As for `decompose`.
    x : array_like, shape (n,)
        The input; taken exactly.
    norm : {1, 2, float("inf")}
        In which the distance is measured.
    domain : Box, FlatBox, Polytope, or path of a ``.vnnlib`` file, optional
        Where to look for other inputs; all of R^n by default. It contains `x`.
    outputs : {"sign", "argmax"}, optional
        What the decision is; by default "sign" for one output, "argmax" for several.
    max_seconds : float, optional
        Stop after about this time; what has been found by then is proven, too.
    progress : callable, optional
        As for `Robustness.run`.

    Returns
    -------
    Robustness
        With `lower` and `upper`, between which the distance is certain to be, the `witness`, and
        whether the distance is known exactly. ``run`` goes on with the search.

    Raises
    ------
    InvalidNetworkError, UnsupportedLayerError
        If the network cannot be used, or `outputs` does not fit it.
    InvalidDomainError
        If `x` is not in the domain, or the domain does not fit.
    ValueError
        If another argument is out of range.
    KeyboardInterrupt
        On Ctrl-C. To keep what has been found, make a `Robustness` and call its `run`.

    See Also
    --------
    Robustness, check, explore, decision_boundary

    Notes
    -----
    An attack in floating point finds a first witness, which is confirmed in integers. Then the
    inputs that are nearer are divided by the signs of neurons, those with the least certified
    distance first; affine bounds on a ball (Zhang, Weng, Chen, Hsieh, Daniel, 2018), rounding
    included, say which neurons have one sign and which parts hold no change. Where all neurons that
    matter have one, the nearest point of the polyhedron is found in rational arithmetic. Such a
    search by distance goes back to Jordan, Lewis and Dimakis (2019).

    For networks of a few hundred neurons with few inputs the search ends. For images it does not:
    there `lower` is a bound by relaxation, made better by what time is left, and `upper` the
    distance of an attack's witness. With more than 64 inputs sides of the domain and cells count
    only in part, so that the search may end without the exact distance.

    Examples
    --------
    Where is the nearest zero of ``|x + y| + |x - y| - 1``?

    >>> import relutope as rt
    >>> pairs = [[1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0]]
    >>> net = [(pairs, [0.0] * 4), ([[1.0] * 4], [-1.0])]
    >>> found = rt.robustness(net, [0.25, 0.0])
    >>> found.upper, found.exact, found.witness
    (0.25, True, (Fraction(1, 2), Fraction(0, 1)))
    """
    found = Robustness(network, x, norm=norm, domain=domain, outputs=outputs)
    found.run(max_seconds, progress=progress)
    return found


def _checked_point(x: ArrayLike, n: int) -> FloatArray:
    point = np.array(x, dtype=np.float64)
    if point.shape != (n,):
        raise ValueError(f"`x` must have shape ({n},), got {point.shape}")
    if not np.isfinite(point).all():
        raise ValueError("`x` must be finite")
    return point


def _check_inside(x: FloatArray, domain: Box | FlatBox | Polytope | None) -> None:
    if domain is None:
        return
    if isinstance(domain, Polytope):
        inside = bool(domain.contains(x[None])[0])
    else:
        inside = bool(((domain.lower <= x) & (x <= domain.upper)).all())
    if not inside:
        raise InvalidDomainError("`x` is outside of `domain`")


def _decision(
    network: Network, x: FloatArray, outputs: Outputs | None
) -> tuple[int, list[int], FloatArray, bool]:
    """The label of x, the others, targets ``c . f <= 0`` that they win, and whether one is tied."""
    m = network.output_dim
    if outputs is None:
        outputs = "sign" if m == 1 else "argmax"
    if outputs not in ("sign", "argmax"):
        raise ValueError(f"`outputs` must be 'sign', 'argmax' or None, got {outputs!r}")
    if (outputs == "sign") != (m == 1):
        raise InvalidNetworkError(
            f"`outputs` is {outputs!r}, but the network has {m} outputs; 'sign' is for one output, "
            "'argmax' for several"
        )
    y = SignForms(network, x).outputs_at([0] * len(x), 1)
    if m == 1:
        label = int(y[0] > 0)
        return label, [1 - label], np.array([[1.0 if label else -1.0]]), y[0] == 0
    label = y.index(max(y))
    order = sorted((k for k in range(m) if k != label), key=lambda k: (-y[k], k))
    targets = np.zeros((m - 1, m))
    targets[:, label] = 1.0
    targets[np.arange(m - 1), order] = -1.0
    return label, order, targets, y[order[0]] == y[label]
