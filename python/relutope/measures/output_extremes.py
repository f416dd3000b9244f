"""The least and the greatest value of each output over a domain, exactly, and where."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import inf, isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..common.arguments import checked_count, checked_seconds, worker_threads
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import ReadOnlyArrays
from ..common.progress import search_watch
from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope
from ..network.conversion import as_network
from ..network.network import Network
from ..network.weights import is_sparse
from ..search.domains import checked_domain, on_free_inputs
from ..search.problem import Problem, VertexComplex
from ..verdicts.box_search import Progress
from ..verdicts.exact_forward import ExactForward
from .box_minimum import BoxMinimum
from .cell_maps import CellMaps

__all__ = ["Extreme", "Extremes", "extremes"]

FloatArray = NDArray[np.float64]
Point = tuple[Fraction, ...]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class Extreme(ReadOnlyArrays):
    """An extreme value of one output, and where the network takes it.

    Attributes
    ----------
    value : Fraction or float
        The value, exactly; ``inf`` or ``-inf`` where the output is unbounded.
    point : tuple of Fraction
        An input at which the output has this value, exactly. Where the value is infinite, the
        output tends to it along ``point + t * ray``, t to infinity.
    ray : tuple of Fraction or None
        See `point`; None where the value is finite.
    bound : Fraction or float
        Certified: no input of the domain goes beyond it. It is the value itself, unless the time
        was over before that was proven.
    """

    value: Fraction | float
    point: Point
    ray: Point | None
    bound: Fraction | float

    @property
    def exact(self) -> bool:
        """Whether `value` is proven to be the extreme."""
        return self.value == self.bound

    @property
    def nearest(self) -> float:
        """The double nearest to `value`."""
        return _nearest(self.value)

    @property
    def nearest_point(self) -> FloatArray:
        """`point`, each coordinate rounded to the nearest double."""
        return np.array([_nearest(v) for v in self.point])

    def __repr__(self) -> str:
        shown = ", ".join(f"{v:g}" for v in self.nearest_point[:8])
        where = f"[{shown}{', ...' if len(self.point) > 8 else ''}]"
        more = "" if self.exact else f", not beyond {_nearest(self.bound):g}"
        return f"Extreme({self.nearest:g} at {where}{more})"


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class Extremes(ReadOnlyArrays):
    """Result of `extremes`.

    Attributes
    ----------
    outputs : tuple of int
        The outputs that were asked for.
    minimum, maximum : tuple of Extreme
        Of each of them.
    """

    outputs: tuple[int, ...]
    minimum: tuple[Extreme, ...]
    maximum: tuple[Extreme, ...]

    @property
    def exact(self) -> bool:
        """Whether all of them are proven."""
        return all(e.exact for e in (*self.minimum, *self.maximum))

    def __repr__(self) -> str:
        rows = zip(self.outputs, self.minimum, self.maximum, strict=True)
        shown = "; ".join(f"y{k} in [{a.nearest:g}, {b.nearest:g}]" for k, a, b in rows)
        return f"Extremes({shown}{'' if self.exact else '; not all proven'})"


@ieee_arithmetic
def extremes(
    network: Any,
    domain: Box | FlatBox | Polytope | str | Path | None = None,
    *,
    outputs: Iterable[int] | None = None,
    max_seconds: float | None = None,
    threads: int | None = None,
    progress: Callable[[int, int, int], object] | None = None,
) -> Extremes:
    """The least and the greatest value of each output over a domain, exactly, with where.

    In a bounded box, certified bounds discard parts in which no output can go beyond what has been
    found; only the rest is cut into exact cells, whose vertices decide. So this works for networks
    that have far too many cells to enumerate. Other domains are decomposed as a whole.

    Parameters
    ----------
    network : Network, torch.nn.Module, sequence of (W, b), or path of a file
        As for `decompose`.
    domain : Box, FlatBox, Polytope, or path of a ``.vnnlib`` file, optional
        All of R^n by default.
    outputs : iterable of int, optional
        Which outputs; all by default.
    max_seconds : float, optional
        In a bounded box: stop after about this wall time. Each `Extreme` then has a certified
        `bound` beside the best value found. With more than eight inputs that are not fixed, an
        extreme that is attained on a crease can only be enclosed: give a time there.
    threads : int, optional
        For domains that are decomposed; all processors by default.
    progress : callable, optional
        In a bounded box: is told, a few times a second, the parts bounded so far, and the share of
        extremes that are known: thousandths, and 1000. If it returns True, the search stops as at
        the end of `max_seconds`. Elsewhere as for `decompose`.

    Returns
    -------
    Extremes

    Raises
    ------
    InvalidDomainError
        If the domain is empty or does not fit the network.
    StoppedError
        When `progress` returns True and the domain is no bounded box.
    EngineError
        If an unbounded domain or a polytope has too many essential dimensions for vertices.
    InvalidNetworkError, UnsupportedLayerError
        If the network cannot be used.

    See Also
    --------
    check : a property of all inputs.
    lipschitz : how fast the outputs can change.

    Examples
    --------
    ``|x| - |2 x - 1|``, and all of R, where it has no lower bound:

    >>> import relutope as rt
    >>> net = [([[1], [-1], [2], [-2]], [0, 0, -1, 1]), ([[1, 1, -1, -1]], [0])]
    >>> found = rt.extremes(net, rt.Box(-1, 1))
    >>> found.minimum[0].value, found.maximum[0].value, found.maximum[0].point
    (Fraction(-2, 1), Fraction(1, 2), (Fraction(1, 2),))
    >>> below = rt.extremes(net).minimum[0]
    >>> below.value, abs(below.ray[0])
    (-inf, Fraction(1, 1))
    """
    start = time.monotonic()
    max_seconds = checked_seconds("max_seconds", max_seconds)
    given, net = checked_domain(domain), as_network(network)
    workers = worker_threads(threads)
    asked = _asked(outputs, net)
    if isinstance(given, Box):
        given = given.with_dim(net.input_dim)
    if isinstance(given, FlatBox) and len(given.lower) != net.input_dim:
        on_free_inputs(net, given)  # says what does not fit
    box = (given.lower, given.upper) if isinstance(given, (Box, FlatBox)) else None
    if box is None or not np.isfinite(box).all():
        return _of_vertices(net, given, asked, workers, progress)
    exact, maps = ExactForward(net), CellMaps(net)
    found: dict[int, list[Extreme]] = {1: [], -1: []}
    jobs = [(k, sign) for k in asked for sign in (1, -1)]
    known = Progress(groups=max(1, len(jobs)), report=progress)
    for done, (k, sign) in enumerate(jobs):
        now = time.monotonic()
        share = None if max_seconds is None else (start + max_seconds - now) / (len(jobs) - done)
        deadline = None if share is None else now + max(share, 0.0)
        least = BoxMinimum(net, box, k, sign, exact, maps, deadline, known).found()
        found[sign].append(
            Extreme(sign * least.value, tuple(least.point), None, sign * least.bound)
        )
    return Extremes(asked, tuple(found[1]), tuple(found[-1]))


def _asked(outputs: Iterable[int] | None, net: Network) -> tuple[int, ...]:
    if outputs is None:
        return tuple(range(net.output_dim))
    asked = tuple(checked_count("outputs", k, 0) for k in outputs)
    if any(k >= net.output_dim for k in asked):
        raise ValueError(
            f"`outputs` names output {max(asked)}, but the network has {net.output_dim} outputs, "
            "numbered from 0"
        )
    return asked


# -- domains that are decomposed


def _of_vertices(
    net: Network,
    domain: Box | FlatBox | Polytope | None,
    asked: tuple[int, ...],
    threads: int,
    progress: Callable[[int, int, int], object] | None,
) -> Extremes:
    free, reduced_domain = on_free_inputs(net, domain)
    # Linear units may carry inputs on which no neuron depends to the outputs; a neuron then does.
    problem = Problem(_with_neurons(free) if any(free.linear_units) else free, reduced_domain)
    with search_watch(progress or False) as watch:
        cells = problem.search_cells(threads, None, watch)
        if watch is not None and not cells.complete:
            raise watch.error(n_cells=cells.num_cells)
    core = problem.search_vertices(cells, threads, outputs=True, points=True)
    exact = ExactForward(free)
    embedding = domain.embedding if isinstance(domain, FlatBox) else None
    ends: list[list[Extreme]] = [[], []]
    for k in asked:
        rank = core.output_rank[:, k]
        for side, v in enumerate((rank.argmin(), rank.argmax())):
            ends[side].append(_at_vertex(core, int(v), k, problem, exact, embedding))
    return Extremes(asked, tuple(ends[0]), tuple(ends[1]))


def _with_neurons(net: Network) -> Network:
    """The network with each output as a neuron as well."""
    m = net.output_dim
    (W, b), low = net.sparse_layers[-1], net.bias_low[-1]
    twice = W.toarray() if is_sparse(W) else W
    layers = [*net.sparse_layers[:-1], (np.tile(twice, (2, 1)), np.tile(b, 2))]
    last = (np.hstack([np.zeros((m, m)), np.eye(m)]), np.zeros(m))
    lows = [*net.bias_low[:-1], np.tile(low, 2), np.zeros(m)]
    return Network([*layers, last], [*net.linear_units, m], lows)


def _at_vertex(
    core: VertexComplex,
    v: int,
    output: int,
    problem: Problem,
    exact: ExactForward,
    embedding: tuple[FloatArray, FloatArray] | None,
) -> Extreme:
    finite, infinite, denominator = core.exact_point(v)
    n = problem.network.input_dim
    p, q = [Fraction(0)] * n, [Fraction(0)] * n
    for axis, a in zip(problem.kept, finite, strict=True):
        p[axis] = Fraction(a, denominator)
    for axis, a in zip(problem.kept, infinite, strict=False):
        q[axis] = Fraction(a, denominator)
    value: Fraction | float = float(core.output[v, output])
    ray: list[Fraction] | None = q
    if isfinite(value):
        # A cell has no lines, so a bound is attained at one of its finite vertices, and these come
        # first; without any, the network is constant.
        value, ray = exact.outputs(p)[output], None
    if embedding is not None:
        p = _embedded(p, embedding, moved=True)
        ray = None if ray is None else _embedded(ray, embedding, moved=False)
    return Extreme(value, tuple(p), None if ray is None else tuple(ray), value)


def _embedded(
    x: list[Fraction], embedding: tuple[FloatArray, FloatArray], *, moved: bool
) -> list[Fraction]:
    origin, basis = embedding
    result = [Fraction(v) if moved else Fraction(0) for v in origin.tolist()]
    for v, row in zip(x, basis, strict=True):
        result[int(row.argmax())] = v
    return result


def _nearest(value: Fraction | float) -> float:
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf
