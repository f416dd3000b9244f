"""Whether a network has a property: proven, refuted by an exact point, or not known in time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..common.arguments import checked_seconds
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import ReadOnlyArrays
from ..errors import InvalidDomainError
from ..network.conversion import NetworkLike, as_network
from ..network.network import Network
from ..properties import Property, load_property
from .attack import promising_points
from .box_search import BoxSearch, Progress
from .condition_rows import CaseGroup, groups_of
from .exact_cells import VertexCells, has_vertices, violating_points
from .exact_forward import ExactForward

__all__ = ["CheckResult", "Counterexample", "as_property", "check"]

FloatArray = NDArray[np.float64]
Point = list[Fraction]

_SHOWN = 8


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class Counterexample(ReadOnlyArrays):
    """An input that violates a property.

    Attributes
    ----------
    point : tuple of Fraction
        The input, exactly. It is proven to meet one of the property's cases.
    outputs : tuple of Fraction
        The network's outputs there, exactly.
    case : int
        The first case that it meets.
    nearest : ndarray of float64, shape (n,)
        The point with each coordinate rounded to the nearest double.
    nearest_outputs : ndarray of float64, shape (m,)
        ``network.forward`` there, in floating point.
    confirmed : bool
        Whether `nearest` and `nearest_outputs`, as they are, meet a case as well. Where it is
        False, the violation is smaller than rounding.
    """

    point: tuple[Fraction, ...]
    outputs: tuple[Fraction, ...]
    case: int
    nearest: FloatArray
    nearest_outputs: FloatArray
    confirmed: bool

    def __repr__(self) -> str:
        x = _shortened(self.nearest)
        y = _shortened(self.nearest_outputs)
        return f"Counterexample(x={x}, f(x)={y}, case {self.case})"


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class CheckResult(ReadOnlyArrays):
    """What `check` has found.

    Attributes
    ----------
    verdict : {"holds", "violated", "unknown"}
        "holds": proven for every input. "violated": there is a `counterexample`. "unknown": the
        time ended first, or an input touches a condition without crossing it in more inputs than
        exact cells can be had for.
    counterexample : Counterexample or None
    covered : float
        Share of the input volume on which the property is proven to hold, between 0 and 1, rounded
        down; where cases have different boxes, the mean of theirs. 1 exactly if the verdict is
        "holds".
    timed_out : bool
        Whether `max_seconds` ended the search.
    n_boxes, n_cells : int
        How many boxes were bounded, and how many exact cells were looked at.
    seconds : float
        Wall time.
    """

    verdict: Literal["holds", "violated", "unknown"]
    counterexample: Counterexample | None
    covered: float
    timed_out: bool
    n_boxes: int
    n_cells: int
    seconds: float = field(compare=False)

    def __repr__(self) -> str:
        what = (
            f"{self.verdict}; {self.n_boxes:,} boxes, {self.n_cells:,} cells, {self.seconds:.3g} s"
        )
        if self.verdict == "unknown":
            what = f"unknown, {self.covered:.1%} of the inputs covered, {self.seconds:.3g} s"
        if self.counterexample is not None:
            what += f"; {self.counterexample!r}"
        return f"CheckResult({what})"


@ieee_arithmetic
def check(
    network: NetworkLike,
    property: Property | str | Path,
    max_seconds: float | None = None,
    *,
    progress: Callable[[int, int, int], object] | None = None,
) -> CheckResult:
    """Decides whether a network has a property, exactly.

    Boxes of inputs are excluded by certified affine bounds and halved where that fails; parts on
    which few neurons change their sign are cut into the network's exact cells, and these decide. So
    cells that cannot violate the property are never made, and a verdict never rests on rounding:
    "holds" is proven, "violated" comes with an exact rational point.

    Parameters
    ----------
    network : Network, torch.nn.Module, sequence of (W, b), or path of a file
        As for `decompose`.
    property : Property, or path of a VNN-LIB file
        See `load_property`. Its cases say what must *not* happen.
    max_seconds : float, optional
        Stop with "unknown" after about this wall time.
    progress : callable, optional
        Is told, a few times a second, the boxes bounded so far, and how much of the input volume is
        settled: thousandths, and 1000. If it returns True, the search stops with "unknown".

    Returns
    -------
    CheckResult

    Raises
    ------
    InvalidDomainError
        If the property does not fit the network, or leaves many inputs unbounded.
    InvalidNetworkError, UnsupportedLayerError
        If the network cannot be used.
    KeyboardInterrupt
        On Ctrl-C.

    See Also
    --------
    violations : all inputs that violate a property.

    Examples
    --------
    ``|x|`` on [-1, 1] is at most 1, and somewhere at least 1:

    >>> import relutope as rt
    >>> net = [([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])]
    >>> box = "(declare-const X_0 Real) (declare-const Y_0 Real)"
    >>> box += "(assert (>= X_0 -1)) (assert (<= X_0 1))"
    >>> rt.check(net, rt.parse_property(box + "(assert (> Y_0 1))")).verdict
    'holds'
    >>> found = rt.check(net, rt.parse_property(box + "(assert (>= Y_0 1))"))
    >>> found.verdict, abs(found.counterexample.point[0])
    ('violated', Fraction(1, 1))
    """
    start = time.monotonic()
    max_seconds = checked_seconds("max_seconds", max_seconds)
    net, given = as_network(network), as_property(property)
    fit(given, net)
    deadline = None if max_seconds is None else start + max_seconds
    groups = groups_of(given)
    exact = ExactForward(net)
    done = Progress(groups=max(1, len(groups)), report=progress)
    stopped = late = False
    for group in groups:
        for point in _points(net, group, exact, done, deadline):
            found = _counterexample(net, given, exact, point)
            return _result("violated", found, groups, done, start)
        late = deadline is not None and time.monotonic() > deadline
        stopped = (late or done.cancelled) and done.settled[-1] < 1
        if stopped:
            break
    if stopped or done.undecided:
        return _result("unknown", None, groups, done, start, stopped and not done.cancelled)
    return _result("holds", None, groups, done, start)


def _points(
    net: Network,
    group: CaseGroup,
    exact: ExactForward,
    progress: Progress,
    deadline: float | None,
) -> Iterator[Point]:
    search = BoxSearch(net, group, exact, progress, deadline)
    if not (np.isfinite(group.lower).all() and np.isfinite(group.upper).all()):
        yield from _unbounded(net, group, search)
        return
    for points in promising_points(net, group):
        yield from search.confirmed(points)
    yield from search.counterexamples()


def _unbounded(net: Network, group: CaseGroup, search: BoxSearch) -> Iterator[Point]:
    """All exact cells at once: there are no bounds over an unbounded box."""
    box = (group.lower, group.upper)
    if not has_vertices(box):
        axis = int(np.flatnonzero(~np.isfinite(group.lower) | ~np.isfinite(group.upper))[0])
        raise InvalidDomainError(
            f"`property` leaves the input X_{axis} unbounded, which is possible with at most 8 "
            "inputs that are not fixed; bound it"
        )
    unknown = np.full(net.n_neurons, -np.inf), np.full(net.n_neurons, np.inf)
    cells = VertexCells(net, group.rows, box, unknown, None)
    search.progress.n_cells += cells.n_cells
    for case in group.cases:
        for point in violating_points(cells, case):
            if search.meets(point):
                yield point
    search.settle(search.first())


def as_property(property: Property | str | Path) -> Property:
    """A property, read from its file if need be."""
    if isinstance(property, (str, Path)):
        return load_property(property)
    if not isinstance(property, Property):
        raise InvalidDomainError(
            "`property` must be a relutope.Property or a file .vnnlib, got "
            f"{type(property).__name__}"
        )
    return property


def fit(prop: Property, net: Network) -> None:
    """Raises InvalidDomainError unless the property's inputs and outputs are the network's."""
    names_outputs = any(c.outputs for case in prop.cases for c in case.conditions)
    outputs_fit = prop.n_outputs == net.output_dim or (not prop.n_outputs and not names_outputs)
    if prop.n_inputs != net.input_dim or not outputs_fit:
        raise InvalidDomainError(
            f"`property` is about {prop.n_inputs} inputs and {prop.n_outputs} outputs, but the "
            f"network has {net.input_dim} and {net.output_dim}"
        )


def _counterexample(
    net: Network, prop: Property, exact: ExactForward, point: Point
) -> Counterexample:
    y = exact.outputs(point)
    case = next(k for k, case in enumerate(prop.cases) if case.contains(point, y))
    nearest = np.array([float(v) for v in point])
    rounded = net.forward(nearest[None, :])[0]
    confirmed = bool(np.isfinite(rounded).all()) and prop.contains(
        nearest.tolist(), rounded.tolist()[: prop.n_outputs]
    )
    return Counterexample(tuple(point), tuple(y), case, nearest, rounded, confirmed)


def _result(
    verdict: Literal["holds", "violated", "unknown"],
    found: Counterexample | None,
    groups: list[CaseGroup],
    progress: Progress,
    start: float,
    late: bool = False,
) -> CheckResult:
    covered = 1.0
    if verdict != "holds":
        share = sum(progress.settled, Fraction(0)) / max(1, len(groups))
        covered = float(np.nextafter(float(share), 0.0)) if share else 0.0
    return CheckResult(
        verdict,
        found,
        covered,
        late,
        progress.n_boxes,
        progress.n_cells,
        time.monotonic() - start,
    )


def _shortened(values: FloatArray) -> str:
    shown = ", ".join(f"{v:g}" for v in values[:_SHOWN])
    return f"[{shown}{', ...' if len(values) > _SHOWN else ''}]"
