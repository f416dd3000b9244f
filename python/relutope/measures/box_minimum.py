"""The least value of an output over a box, exactly, by branch and bound.

As `verdicts.box_search`, but with a threshold that falls: a part is settled when the output is
proven to be at least the least value found so far. Parts on which every neuron has one sign have
their minimum at a corner. Where few neurons change their sign, the output above its certified lower
bound becomes a neuron that is active everywhere, and the core orders its exact values at the
vertices of the part's cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf, nextafter

import numpy as np
from numpy.typing import NDArray

from ..domain.box import Box
from ..errors import CellLimitError
from ..network.core import bound_boxes
from ..network.network import Network
from ..properties import Condition
from ..search.problem import Problem
from ..verdicts.attack import promising_points
from ..verdicts.box_search import Boxes, BoxSearch, Progress, RowBounds
from ..verdicts.condition_network import condition_network
from ..verdicts.condition_rows import CaseGroup
from ..verdicts.exact_cells import has_vertices
from ..verdicts.exact_forward import ExactForward
from .cell_maps import CellMaps

__all__ = ["BoxMinimum"]

FloatArray = NDArray[np.float64]
Point = list[Fraction]
_BATCH = 64


@dataclass(frozen=True)
class Least:
    """The least value found, where, and a certified bound of what it could be."""

    value: Fraction
    point: Point
    bound: Fraction  # the minimum is at least this; equal to `value` when that is proven


class BoxMinimum(BoxSearch):
    """The search for the least value of ``sign * f_output`` over a box.

    Parameters
    ----------
    network : Network
    box : pair of ndarray, shape (n,)
        Finite bounds; inputs with equal ones are fixed.
    output, sign : int
    exact : ExactForward
    maps : CellMaps
        Of the network.
    deadline : float or None
        On the clock of ``time.monotonic``.
    progress : Progress
        Of all searches that belong together.
    """

    def __init__(
        self,
        network: Network,
        box: tuple[FloatArray, FloatArray],
        output: int,
        sign: int,
        exact: ExactForward,
        maps: CellMaps,
        deadline: float | None,
        progress: Progress,
    ) -> None:
        row = Condition({}, {output: Fraction(sign)}, Fraction(0), "<=")
        group = CaseGroup(network.output_dim, *box, [row], [[(0, "<=")]], [], [])
        super().__init__(network, group, exact, progress, deadline)
        self.output, self.sign, self.maps = output, sign, maps
        self.value: Fraction | None = None
        self.point: Point = []
        self.above = inf  # a double that is at least `value`
        self.least: FloatArray = np.empty(0)

    def found(self) -> Least:
        """Runs the search to its end, to the deadline, or until it is cancelled."""
        least = self._found()
        self.progress.settled[-1] = Fraction(1)
        return least

    def _found(self) -> Least:
        for points in promising_points(self.network, self.group):
            self.try_doubles(points[:1])
        waiting, keys = self.first(), np.array([-inf])
        while len(waiting) and not self.late():
            order = np.argsort(keys, kind="stable")
            now, later = order[:_BATCH], order[_BATCH:]
            if keys[now[0]] >= self.above:
                return self.proven()
            batch, waiting, keys = waiting[now], waiting[later], keys[later]
            batch, bounds = self.bounded(batch)
            if not len(batch):
                continue
            least = self.least
            self.try_doubles(self.candidates(batch, bounds))
            open_ = ~self.by_cells(batch, least)
            if open_.any():
                rest = batch[open_]
                waiting = waiting.joined(rest.halves(self.axes(rest, bounds.losses[open_])))
                keys = np.r_[keys, np.tile(least[open_], 2)]
        bound = keys.min(initial=inf)
        assert self.value is not None
        if bound >= self.above:
            return self.proven()
        return Least(self.value, self.point, Fraction(bound) if bound > -inf else self.value)

    def proven(self) -> Least:
        """The least value, which nothing that is left can be below."""
        assert self.value is not None
        return Least(self.value, self.point, self.value)

    # -- bounds

    def bounded(self, boxes: Boxes) -> tuple[Boxes, RowBounds]:
        """Boxes that may hold a smaller value, narrowed; `least` are their lower bounds."""
        self.progress.n_boxes += len(boxes)
        low, high, least, *others = bound_boxes(
            self.core,
            self.group.coefficients,
            (boxes.lower, boxes.upper),
            (boxes.neuron_lower, boxes.neuron_upper),
        )
        boxes.neuron_lower, boxes.neuron_upper = low, high
        bounds = RowBounds(*others)
        open_: NDArray[np.bool_] = np.asarray(least[:, 0] < self.above)
        with np.errstate(invalid="ignore"):
            excess = np.nextafter(least - self.above, -inf)
        self.narrow(boxes, np.minimum(np.where(open_[:, None], excess, 0.0), 0.0), bounds.slopes)
        left = open_ & (boxes.lower <= boxes.upper).all(axis=1)
        self.least = least[left, 0]
        return boxes[left], RowBounds(bounds.most[left], bounds.slopes[left], bounds.losses[left])

    # -- points

    def improve(self, point: Point) -> None:
        """Takes a point whose value is smaller than those before."""
        value = self.sign * self.exact.outputs(point)[self.output]
        if self.value is None or value < self.value:
            self.value, self.point = value, point
            self.above = _not_below(value)

    def try_doubles(self, points: FloatArray) -> None:
        """Takes the best of some doubles, if floating point finds it promising."""
        with np.errstate(all="ignore"):
            values = self.sign * self.network.forward(points)[:, self.output]
        values = np.where(np.isfinite(values), values, inf)
        best = int(values.argmin())
        if self.value is None or values[best] < self.above:
            self.improve([Fraction(v) for v in points[best].tolist()])

    # -- exact parts

    def by_cells(self, boxes: Boxes, least: FloatArray) -> NDArray[np.bool_]:
        """Which boxes could be settled exactly."""
        unstable = np.any((boxes.neuron_lower < 0) & (boxes.neuron_upper > 0), axis=1).tolist()
        small = self.is_small(boxes)
        settled = np.zeros(len(boxes), dtype=np.bool_)
        for k in np.flatnonzero(small | ~np.array(unstable)):
            box = boxes[k : k + 1]
            if least[k] >= self.above:
                settled[k] = True
            elif not unstable[k]:
                self.improve(self.corner(box))
                settled[k] = True
            elif has_vertices((box.lower[0], box.upper[0])) and not self.late():
                settled[k] = self.by_vertices(box, float(least[k]))
        return settled

    def corner(self, box: Boxes) -> Point:
        """The corner of a box without creases at which the output is least."""
        A, _ = self.maps.of(box.neuron_lower[0] >= 0)
        slope = self.sign * A[self.output]
        sides = zip(slope, box.lower[0].tolist(), box.upper[0].tolist(), strict=True)
        return [Fraction(low if a > 0 else high) for a, low, high in sides]

    def by_vertices(self, box: Boxes, least: float) -> bool:
        """Takes the least vertex of a box's cells; False if there are too many."""
        lower, upper = box.lower[0], box.upper[0]
        free = np.flatnonzero(lower < upper)
        row = Condition({}, {self.output: Fraction(self.sign)}, -Fraction(least), "<=")
        neurons = (box.neuron_lower[0], box.neuron_upper[0])
        reduced = condition_network(self.network, [row], (lower, upper), neurons)
        problem = Problem(reduced, Box(lower[free], upper[free]))
        try:
            cells = problem.search_cells(1, self.most_cells(box), None)
        except CellLimitError:
            return False
        core = problem.search_vertices(cells, 1, outputs=True, points=True)
        best = int(core.output_rank[:, 0].argmin())
        numerators, _, denominator = core.exact_point(best)
        point = [Fraction(v) for v in lower.tolist()]
        for axis, numerator in zip(free, numerators, strict=True):
            point[axis] = Fraction(numerator, denominator)
        self.improve(point)
        return True


def _not_below(value: Fraction) -> float:
    """The smallest double that is at least `value`."""
    try:
        rounded = float(value)
    except OverflowError:
        return inf if value > 0 else -1.7976931348623157e308
    return rounded if Fraction(rounded) >= value else nextafter(rounded, inf)
