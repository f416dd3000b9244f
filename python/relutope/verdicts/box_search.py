"""Branch and bound over boxes of inputs, with certified bounds, and exact cells at the end.

A box is settled when certified bounds exclude all cases on it (`_core.bound_boxes`: affine bounds
by backward substitution, rounding included). Otherwise it is halved where its bounds depend on it
most; and when few neurons are left that change their sign on it, its exact cells decide. Neurons
that are fixed on a box are fixed on its parts, so cells are never made where no condition can be
met.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ..errors import CellLimitError
from ..network.core import bound_boxes, core_network
from ..network.network import Network
from .condition_rows import CaseGroup
from .exact_cells import VertexCells, has_vertices, relaxed_cells_exist, violating_points
from .exact_forward import ExactForward

__all__ = ["BoxSearch", "Boxes", "Progress"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Point = list[Fraction]

_BATCH = 64
_FEW_NEURONS = 10  # so many unstable neurons are left to the exact cells
_MOST_CELLS = 4000  # of one part; a part with more is halved
_MOST_HALVINGS = 200


@dataclass
class Boxes:
    """Parts of a box that are not settled, with what is known of them; one in each row."""

    lower: FloatArray
    upper: FloatArray
    neuron_lower: FloatArray
    neuron_upper: FloatArray
    open: BoolArray  # cases that may be met
    halvings: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.lower)

    def __getitem__(self, rows: slice | NDArray[np.int64] | BoolArray) -> Boxes:
        return Boxes(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def joined(self, other: Boxes) -> Boxes:
        """These boxes, then the others."""
        names = self.__dataclass_fields__
        return Boxes(*(np.concatenate([getattr(self, n), getattr(other, n)]) for n in names))

    def halves(self, axis: NDArray[np.int64]) -> Boxes:
        """Both halves of each box, along its axis."""
        rows = np.arange(len(self))
        middle = 0.5 * self.lower[rows, axis] + 0.5 * self.upper[rows, axis]
        low, high = self[rows], self[rows]
        low.upper = low.upper.copy()
        high.lower = high.lower.copy()
        low.upper[rows, axis] = middle
        high.lower[rows, axis] = middle
        low.halvings = self.halvings + 1
        high.halvings = low.halvings
        return low.joined(high)


@dataclass
class RowBounds:
    """Of each box and row: what it is at most, its lower bound's gradient, and `losses`, which say
    to which input's width that bound owes its looseness; the last two of shape (boxes, rows, n).
    """

    most: FloatArray
    slopes: FloatArray
    losses: FloatArray


@dataclass
class Progress:
    """What a search has done; it goes on counting from group to group."""

    n_boxes: int = 0
    n_cells: int = 0
    undecided: bool = False
    settled: list[Fraction] = field(default_factory=list)  # share of each group's box
    groups: int = 1
    report: Callable[[int, int, int], object] | None = None
    cancelled: bool = False
    _heard: float = field(default_factory=time.monotonic)

    def is_cancelled(self) -> bool:
        """Tells the report, a few times a second, and asks it whether to stop."""
        now = time.monotonic()
        if self.report is not None and not self.cancelled and now - self._heard > 0.2:
            self._heard = now
            share = sum(self.settled, Fraction(0)) / self.groups
            self.cancelled = self.report(self.n_boxes, int(1000 * share), 1000) is True
        return self.cancelled


class BoxSearch:
    """The search over one group of cases.

    Parameters
    ----------
    network : Network
    group : CaseGroup
        With a bounded box.
    exact : ExactForward
        Of the network.
    progress : Progress
    deadline : float or None
        On the clock of ``time.monotonic``.
    """

    def __init__(
        self,
        network: Network,
        group: CaseGroup,
        exact: ExactForward,
        progress: Progress,
        deadline: float | None,
    ) -> None:
        self.network, self.group, self.exact = network, group, exact
        self.progress, self.deadline = progress, deadline
        self.core = core_network(network)
        self.settled = Fraction(0)
        progress.settled.append(self.settled)

    # -- the loop

    def first(self) -> Boxes:
        """The whole box, about which nothing is known."""
        shape = (1, self.network.n_neurons)
        return Boxes(
            self.group.lower[None, :].copy(),
            self.group.upper[None, :].copy(),
            np.full(shape, -np.inf),
            np.full(shape, np.inf),
            np.ones((1, len(self.group.cases)), dtype=np.bool_),
            np.zeros(1, dtype=np.int64),
        )

    def counterexamples(self) -> Iterator[Point]:
        """Points that meet a case, exactly; none if the search ends without one."""
        waiting = self.first()
        while len(waiting):
            if self.late():
                return
            batch, waiting = waiting[-_BATCH:], waiting[:-_BATCH]
            batch, bounds = self.bounded(batch)
            if not len(batch):
                continue
            yield from self.confirmed(self.candidates(batch, bounds))
            exact = self.is_small(batch)
            for k in np.flatnonzero(exact):
                if self.late():
                    return
                found = yield from self.decided(batch[k : k + 1])
                exact[k] = found
            rest = ~exact
            if rest.any():
                axis = self.axes(batch[rest], bounds.losses[rest])
                waiting = waiting.joined(batch[rest].halves(axis))

    def late(self) -> bool:
        """Whether the time is over, or the search is cancelled."""
        if self.progress.is_cancelled():
            return True
        return self.deadline is not None and time.monotonic() > self.deadline

    def settle(self, boxes: Boxes) -> None:
        """Counts boxes that need no further look."""
        for k in boxes.halvings.tolist():
            self.settled += Fraction(1, 2**k)
        self.progress.settled[-1] = self.settled

    # -- bounds

    def bounded(self, boxes: Boxes) -> tuple[Boxes, RowBounds]:
        """Boxes that are left, and the bounds of the conditions' left sides on them."""
        low, high, least, *others = bound_boxes(
            self.core,
            self.group.coefficients,
            (boxes.lower, boxes.upper),
            (boxes.neuron_lower, boxes.neuron_upper),
        )
        self.progress.n_boxes += len(boxes)
        boxes.neuron_lower, boxes.neuron_upper = low, high
        bounds = RowBounds(*others)
        boxes.open = boxes.open & ~self.group.impossible(least, bounds.most)
        self.narrow(boxes, least, bounds.slopes)
        ends = (boxes.lower <= boxes.upper).all(axis=1)
        left: BoolArray = np.asarray(boxes.open.any(axis=1) & ends)
        self.settle(boxes[~left])
        return boxes[left], RowBounds(bounds.most[left], bounds.slopes[left], bounds.losses[left])

    def narrow(self, boxes: Boxes, least: FloatArray, slopes: FloatArray) -> None:
        """Cuts off what no open case can meet, from the sides of each box.

        A row g is at least ``least + sum_j |a_j| d_j`` at a point whose distances from the corner
        where the affine bound is least are d: so ``g <= 0`` needs ``d_j <= -least / |a_j|``. That
        is rounded outwards.
        """
        lower, upper = np.full_like(boxes.lower, np.inf), np.full_like(boxes.upper, -np.inf)
        with np.errstate(all="ignore"):
            reach = -least[:, :, None] / np.abs(slopes) * (1 + 2.0**-40)
        reach = np.where(np.isfinite(reach), reach, np.inf)
        row_upper = np.nextafter(boxes.lower[:, None] + reach, np.inf)
        row_lower = np.nextafter(boxes.upper[:, None] - reach, -np.inf)
        row_upper = np.where(slopes > 0, row_upper, np.inf)
        row_lower = np.where(slopes < 0, row_lower, -np.inf)
        for c, case in enumerate(self.group.cases):
            rows = [row for row, _ in case]
            low = np.maximum(boxes.lower, row_lower[:, rows].max(axis=1, initial=-np.inf))
            high = np.minimum(boxes.upper, row_upper[:, rows].min(axis=1, initial=np.inf))
            met = boxes.open[:, c : c + 1] & (low <= high).all(axis=1, keepdims=True)
            lower = np.where(met, np.minimum(lower, low), lower)
            upper = np.where(met, np.maximum(upper, high), upper)
        boxes.lower, boxes.upper = lower, upper

    def candidates(self, boxes: Boxes, bounds: RowBounds) -> FloatArray:
        """Points to try: centres, and corners at which the bounds are least."""
        centre = 0.5 * boxes.lower + 0.5 * boxes.upper
        corner = np.where(self.of_open(boxes, bounds.slopes) > 0, boxes.lower, boxes.upper)
        return np.concatenate([centre, corner])

    def of_open(self, boxes: Boxes, values: FloatArray) -> FloatArray:
        """Sum over all rows that open cases have, shape (boxes, n)."""
        uses = np.zeros((len(self.group.cases), len(self.group.rows)))
        for c, case in enumerate(self.group.cases):
            for row, _ in case:
                uses[c, row] = 1.0
        used = ((boxes.open @ uses) > 0).astype(float)
        result: FloatArray = np.einsum("br,brn->bn", used, values)
        return result

    def axes(self, boxes: Boxes, losses: FloatArray) -> NDArray[np.int64]:
        """Where to halve each box: along the input to which its bounds owe most looseness."""
        loss = self.of_open(boxes, losses)
        width = boxes.upper - boxes.lower
        relative = width / np.where(width > 0, self.group.upper - self.group.lower, 1.0)
        loss = np.where(np.isfinite(loss).all(axis=1, keepdims=True), loss, relative)
        middle = 0.5 * boxes.lower + 0.5 * boxes.upper
        divisible = (boxes.lower < middle) & (middle < boxes.upper)
        return np.asarray(np.where(divisible, loss, -1.0).argmax(axis=1))

    def is_small(self, boxes: Boxes) -> BoolArray:
        """Which boxes are left to their exact cells."""
        unstable = ((boxes.neuron_lower < 0) & (boxes.neuron_upper > 0)).sum(axis=1)
        middle = 0.5 * boxes.lower + 0.5 * boxes.upper
        divisible = ((boxes.lower < middle) & (middle < boxes.upper)).any(axis=1)
        result: BoolArray = (
            (unstable <= _FEW_NEURONS) | (boxes.halvings >= _MOST_HALVINGS) | ~divisible
        )
        return result

    # -- points and cells

    def confirmed(self, candidates: FloatArray) -> Iterator[Point]:
        """Those of some doubles that meet a case, exactly; tried where floating point says so."""
        if not len(candidates):
            return
        with np.errstate(all="ignore"):
            values = self.group.values(candidates, self.network.forward(candidates))
            excess = self.group.excess(values)
        for k in np.argsort(excess, kind="stable")[:4]:
            if excess[k] <= 0:
                point = [Fraction(v) for v in candidates[k].tolist()]
                if self.meets(point):
                    yield point

    def meets(self, point: Point) -> bool:
        """Whether a point meets a case, exactly."""
        y = self.exact.outputs(point)
        return any(case.contains(point, y) for case in self.group.origin)

    def most_cells(self, box: Boxes) -> int | None:
        """How many cells a box may have before it is halved instead."""
        middle = 0.5 * box.lower + 0.5 * box.upper
        divisible = ((box.lower < middle) & (middle < box.upper)).any()
        return _MOST_CELLS if divisible and box.halvings[0] < _MOST_HALVINGS else None

    def decided(self, box: Boxes) -> Generator[Point, None, bool]:
        """Looks at the exact cells of one box; returns False if it has too many."""
        bounds = (box.lower[0], box.upper[0])
        neurons = (box.neuron_lower[0], box.neuron_upper[0])
        limit = self.most_cells(box)
        if not (bounds[0] < bounds[1]).any():
            point = [Fraction(v) for v in bounds[0].tolist()]
            if self.meets(point):
                yield point
            self.settle(box)
            return True
        try:
            if has_vertices(bounds):
                cells = VertexCells(self.network, self.group.rows, bounds, neurons, limit)
                self.progress.n_cells += cells.n_cells
                for c in np.flatnonzero(box.open[0]):
                    for point in violating_points(cells, self.group.cases[c]):
                        if self.meets(point):
                            yield point
            else:
                yield from self._by_programs(box, bounds, neurons, limit)
        except CellLimitError:
            return False
        self.settle(box)
        return True

    def _by_programs(
        self,
        box: Boxes,
        bounds: tuple[FloatArray, FloatArray],
        neurons: tuple[FloatArray, FloatArray],
        limit: int | None,
    ) -> Iterator[Point]:
        for _, point in relaxed_cells_exist(self.network, self.group, bounds, neurons, limit):
            if point is None:
                self.progress.undecided = True
            elif self.meets(point):
                yield point
