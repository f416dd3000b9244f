"""Best first search for the nearest input that meets a target, over signs of neurons.

A node fixes the signs of some neurons: it stands for the inputs at which they have these signs. In
a ball around the given point, certified bounds (`_core.bound_balls`) fix the signs of others and
say that the target is at least some affine function there. With the exact rows of the neurons that
are fixed, that makes a polyhedron that holds all the node's inputs, whose distance is a lower bound
of theirs, exactly. Where no neuron that matters is left open, the polyhedron consists of such
inputs, and its nearest point is one. The node with the least bound is divided first: the cells
nearest to the point, and only those that bounds do not exclude (compare Jordan, Lewis, Dimakis,
Provable certificates for adversarial examples, 2019).

One file, since what a node's bounds say, its rows and where it is divided rest on each other.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count, pairwise
from math import inf, lcm

import numpy as np
from numpy.typing import NDArray

from ..domain.box import Box
from ..domain.polytope import Polytope
from ..network.core import bound_balls, core_network
from ..network.network import Network
from .domain_rows import line_of, power, sides_of, stacked
from .nearest_point import (
    Halfspaces,
    largest_root,
    measure_of,
    meets,
    nearest_of_halfspace,
    nearest_point,
    primitive,
)
from .sign_forms import SignForms, whole_numbers

__all__ = ["Node", "SignSearch"]

FloatArray = NDArray[np.float64]
Signs = NDArray[np.int8]
Integers = NDArray[np.object_]

_MOST_COMPOSED = 2_000_000  # products of integers for the exact forms of one cell
_MOST_PROGRAM = 64  # inputs of programs with all sides of the domain
_FEW_NEURONS = 64  # with which a ball's size hardly matters
_BISECTIONS = 8
_GROWTH = 1.2
_FARTHEST = 1e12


@dataclass(order=True)
class Node:
    """Inputs at which some neurons have given signs.

    Attributes
    ----------
    measure : Fraction
        At least so far away are those that meet the target (in the 2-norm, squared).
    target : int
    signs : ndarray of int8, shape (N,)
        What was decided by dividing; 0 where nothing was.
    radius : float
        Of the ball in which `low` and `high` bound the preactivations.
    excluded : bool
        Whether none of them meets the target in that ball.
    choice : int
        The neuron to divide by; -1 if there is none.
    """

    measure: Fraction
    number: int
    target: int = field(compare=False)
    signs: Signs = field(compare=False)
    radius: float = field(compare=False)
    low: FloatArray = field(compare=False)
    high: FloatArray = field(compare=False)
    excluded: bool = field(compare=False)
    choice: int = field(compare=False, default=-1)


@dataclass
class _Bounds:
    low: FloatArray
    high: FloatArray
    least: float
    slope: FloatArray
    offset: float


class SignSearch:
    """The search around one point.

    Parameters
    ----------
    network : Network
    x : ndarray of float64, shape (n,)
    targets : ndarray of float64, shape (k, m)
        Integers c: the target is ``c . f <= 0``, and ``c . f(x) > 0``.
    norm : {1, 2, inf}
    domain : Box, Polytope or None

    Attributes
    ----------
    best : Fraction or None
        The least measure of an input that is known to meet a target.
    witness : list of Fraction or None
        That input less x.
    reached : int
        Which target it meets.
    """

    def __init__(
        self,
        network: Network,
        x: FloatArray,
        targets: FloatArray,
        norm: float,
        domain: Box | Polytope | None,
    ) -> None:
        self.network, self.x, self.targets, self.norm = network, x, targets, norm
        self.domain = domain
        n, N = network.input_dim, network.n_neurons
        self.box = (np.full(n, -inf), np.full(n, inf))
        if isinstance(domain, Box):
            self.box = domain.lower, domain.upper
        self.forms = SignForms(network, x)
        widths = [n + 1, *(W.shape[0] for W, _ in network.sparse_layers)]
        products = (n + 1) * sum(a * b for a, b in pairwise(widths[1:]))
        self.by_forms = products <= _MOST_COMPOSED
        self.by_programs = n <= _MOST_PROGRAM
        self.sides = sides_of(domain, x) if self.by_programs else np.zeros((0, n + 1), dtype=object)
        self._side_lines = {line: -sense for line, sense in map(line_of, self.sides)}
        self.core = core_network(network)
        self.best: Fraction | None = None
        self.witness: list[Fraction] | None = None
        self.reached = -1
        self.looked_at = 0
        self._numbers = count()
        open_low, open_high = np.full(N, -inf), np.full(N, inf)
        self._queue = [
            self._node(Fraction(0), t, np.zeros(N, np.int8), 0.0, open_low, open_high, True)
            for t in range(len(targets))
        ]
        self._left: list[Node] = []  # can be divided no further
        self._at_hand: Node | None = None
        self._fresh = True

    # -- what is known

    @property
    def measure(self) -> Fraction | None:
        """A lower bound of the measure; `best` itself when the search is finished; None: no end."""
        found = [node.measure for node in (*self._queue[:1], *self._left)]
        if self._at_hand is not None:
            found.append(self._at_hand.measure)
        if self.best is not None:
            found.append(self.best)
        return min(found, default=None)

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to look at."""
        return not self._queue and self._at_hand is None

    def accept_origin(self) -> None:
        """Says that x itself is tied, with the first target."""
        self.best, self.witness, self.reached = Fraction(0), [Fraction(0)] * len(self.x), 0
        self._queue.clear()

    def is_nearer(self, w: list[Fraction]) -> bool:
        """Whether ``x + w`` is nearer than all that is known to meet a target."""
        return self.best is None or measure_of(w, self.norm) < self.best

    def offer(self, w: list[Fraction]) -> bool:
        """Takes ``x + w``, a point of the domain, if it meets a target and is nearer than all."""
        if not self.is_nearer(w):
            return False
        denominator = lcm(*(v.denominator for v in w))
        y = self.forms.outputs_at([int(v * denominator) for v in w], denominator)
        for t, row in enumerate(self.targets.tolist()):
            if sum(int(c) * v for c, v in zip(row, y, strict=True)) <= 0:
                self.best, self.witness, self.reached = measure_of(w, self.norm), w, t
                return True
        return False

    # -- the loop

    def step(self) -> bool:
        """Looks at the node with the least bound; False if there is none."""
        if self._at_hand is not None:  # an interrupted step: what it had found is found again
            heapq.heappush(self._queue, self._at_hand)
            self._at_hand = None
        if self._fresh:
            self._start()
            self._fresh = False
            return True
        if not self._queue or (self.best is not None and self._queue[0].measure >= self.best):
            self._queue.clear()
            return False
        self._at_hand = self._queue[0]
        heapq.heappop(self._queue)
        for node in self._looked_into(self._at_hand):
            if self.best is not None and node.measure >= self.best:
                continue
            if node.excluded or node.choice >= 0:
                heapq.heappush(self._queue, node)
            else:
                self._left.append(node)
        self._at_hand = None
        return True

    def _looked_into(self, node: Node) -> list[Node]:
        if node.excluded:
            radius = self._next_radius(node)
            if radius is None:
                node.excluded, node.choice = False, -1
                return [node]
            unknown = np.full(len(node.low), inf)
            (bounds,) = self._bounds([node.target], node.signs, radius, -unknown, unknown)
            found = [self._judged(node, node.signs, radius, bounds)]
        else:
            found = []
            for sign in (1, -1):
                signs = node.signs.copy()
                signs[node.choice] = sign
                radius = min(node.radius, self._reach())
                (bounds,) = self._bounds([node.target], signs, radius, node.low, node.high)
                found.append(self._judged(node, signs, radius, bounds))
        return [one for one in found if one is not None]

    def _start(self) -> None:
        """In large networks: the ball in which the bounds say most, for all targets at once."""
        if self.network.n_neurons <= _FEW_NEURONS or not self._queue:
            return
        roots = self._queue
        low, high = 0.0, self._reach()
        if high == inf and not all(np.isfinite(side).all() for side in self.box):
            return
        if high == inf:
            high = float(max((self.box[1] - self.x).max(), (self.x - self.box[0]).max()))
            high *= len(self.x) ** (1.0 / self.norm)
        best: list[Node | None] = list(roots)
        unknown = np.full(self.network.n_neurons, inf)
        numbers = [root.target for root in roots]
        radius = high
        for _ in range(_BISECTIONS):
            none = np.zeros(self.network.n_neurons, np.int8)
            bounds = self._bounds(numbers, none, radius, -unknown, unknown)
            for k, root in enumerate(roots):
                old = best[k]
                if old is not None:
                    new = self._judged(root, none, radius, bounds[k])
                    if new is None or new.measure > old.measure:
                        best[k] = new
            if all(node is None or node.measure >= power(radius, self.norm) for node in best):
                low = radius
            else:
                high = radius
            if low == high or not any(best):
                break
            radius = 0.5 * (low + high)
        self._queue = [node for node in best if node is not None]
        heapq.heapify(self._queue)

    def _reach(self) -> float:
        """A radius within which everything is that is nearer than the best."""
        return inf if self.best is None else largest_root(self.best, self.norm)[1]

    def _next_radius(self, node: Node) -> float | None:
        """Of the ball in which an excluded node is looked at next."""
        reach = self._reach()
        if self.network.n_neurons <= _FEW_NEURONS:
            return reach
        if node.radius == 0:
            bounded = all(np.isfinite(side).all() for side in self.box)
            return reach if reach < inf or bounded or self.by_forms else 1e-3
        radius = min(reach, node.radius * _GROWTH)
        return radius if radius < _FARTHEST * max(1.0, float(np.abs(self.x).max())) else None

    # -- one node

    def _bounds(
        self, targets: list[int], signs: Signs, radius: float, low: FloatArray, high: FloatArray
    ) -> list[_Bounds]:
        self.looked_at += 1
        low = np.where(signs > 0, 0.0, low)
        high = np.where(signs < 0, 0.0, high)
        n = len(self.x)
        lower = np.maximum(np.nextafter(self.x - radius, -inf), self.box[0])
        upper = np.minimum(np.nextafter(self.x + radius, inf), self.box[1])
        if not (np.isfinite(lower).all() and np.isfinite(upper).all()):
            return [_Bounds(low, high, -inf, np.zeros(n), -inf) for _ in targets]
        rows = np.zeros((len(targets), n)), self.targets[targets], np.zeros(len(targets))
        found = bound_balls(
            self.core,
            (*rows, [False] * len(targets)),
            (lower[None], upper[None]),
            (low[None], high[None]),
            (self.x, np.array([radius]), self.norm),
        )
        low, high, least, _, slopes, offsets = (table[0] for table in found)
        return [
            _Bounds(low, high, float(least[k]), slopes[k], float(offsets[k]))
            for k in range(len(targets))
        ]

    def _judged(self, parent: Node, signs: Signs, radius: float, bounds: _Bounds) -> Node | None:
        """The node with these signs, None if nothing nearer than the best is in it."""
        covers = radius == inf or (self.best is not None and power(radius, self.norm) >= self.best)
        edge = None if covers else power(radius, self.norm)
        outside = None if edge is None else self._node_at(parent, edge, signs, radius, bounds, True)
        if bounds.least > 0:
            return outside
        row = self._affine_row(bounds)
        fixed, rows, exact = signs, np.zeros((0, len(self.x) + 1), dtype=object), None
        fixed = np.where(bounds.high <= 0, -1, fixed).astype(np.int8)
        fixed = np.where((bounds.low >= 0) & (signs >= 0), 1, fixed).astype(np.int8)
        matters = self._mattering(parent.target, signs, fixed)
        if self.by_forms:
            rows, exact = self._exact_rows(parent.target, signs, fixed, matters)
        if exact is not None:
            row = exact
        measure, point = self._nearest(rows, row)
        if measure is None or (edge is not None and measure > edge):
            return outside
        if self.best is not None and measure >= self.best:
            return None
        if point is not None and self._inside(point):
            self.offer(point)
        if exact is not None and self.best is not None and self.best <= measure:
            return None
        choice = -1 if exact is not None else self._choice(parent.target, fixed, matters, bounds)
        node = self._node_at(parent, measure, signs, radius, bounds, False)
        node.choice = choice
        return node

    def _nearest(
        self, rows: Integers, row: Integers | None
    ) -> tuple[Fraction | None, list[Fraction] | None]:
        """The nearest point that the rows allow; a lower bound of its measure without the point."""
        if row is not None:
            measure, point = nearest_of_halfspace(row, self.norm)
            if point is None or meets(point, rows, self.sides):
                return measure, point
            if not self.by_programs and self.norm != 2:
                return measure, None
            rows = np.concatenate([row[None], rows])
        elif not len(rows):
            return Fraction(0), None
        found = nearest_point(Halfspaces(rows).joined(self.sides), self.norm, self.best)
        return found.measure, found.point

    def _inside(self, w: list[Fraction]) -> bool:
        """Whether ``x + w`` is in the domain, exactly, for a point that meets `sides`."""
        if self.by_programs or self.domain is None:
            return True
        if isinstance(self.domain, Box):
            places = [Fraction(v) + d for v, d in zip(self.x.tolist(), w, strict=True)]
            ends = zip(self.box[0].tolist(), places, self.box[1].tolist(), strict=True)
            return all(low <= z <= high for low, z, high in ends)
        return meets(w, sides_of(self.domain, self.x))

    def _affine_row(self, bounds: _Bounds) -> Integers | None:
        """The target's affine lower bound, as a row around x."""
        if bounds.offset == -inf or not np.isfinite(bounds.slope).all():
            return None
        whole, _ = whole_numbers(np.r_[bounds.slope, bounds.offset][None])
        place, other = whole_numbers(self.x[None])
        row: Integers = whole[0].copy()
        row[-1] = row[-1] * other + int(whole[0, :-1] @ place[0])
        row[:-1] = row[:-1] * other
        return primitive(row)

    def _mattering(self, target: int, signs: Signs, fixed: Signs) -> NDArray[np.bool_]:
        """Neurons that were divided by, those that are not dead and on which the target depends,
        and those on which these depend.
        """
        result = np.zeros(len(fixed), dtype=np.bool_)
        layers = self.network.sparse_layers
        used = (self.targets[target] @ layers[-1][0]) != 0  # differences of doubles vanish exactly
        for layer in range(len(layers) - 2, -1, -1):
            first, end = self.forms.starts[layer : layer + 2]
            alive = used.copy()
            alive[: end - first] &= fixed[first:end] >= 0
            alive[: end - first] |= signs[first:end] != 0
            result[first:end] = alive[: end - first]
            if layer > 0:
                W = layers[layer][0]
                used = np.asarray(abs(W[alive]).sum(axis=0)).ravel() != 0
        return result

    def _exact_rows(
        self, target: int, signs: Signs, fixed: Signs, matters: NDArray[np.bool_]
    ) -> tuple[Integers, Integers | None]:
        """Rows of the neurons that were divided by, as far as their forms are known; then the
        target's row, if it is known too. Fixes neurons that these rows fix.
        """
        known = dict(self._side_lines)
        rows = []
        starts = self.forms.starts
        for layer in range(len(starts) - 1):
            first, end = int(starts[layer]), int(starts[layer + 1])
            own = first + np.flatnonzero(matters[first:end])
            asked = (signs[own] != 0) | (fixed[own] == 0)
            forms = self.forms.of_layer(layer, fixed > 0) if asked.any() else None
            for i in own[signs[own] != 0].tolist():
                assert forms is not None
                row = primitive(forms[i - first])
                line, sense = line_of(row)
                known[line] = sense * int(signs[i])
                rows.append(-row * int(signs[i]))
            for i in own[fixed[own] == 0].tolist():
                assert forms is not None
                row = primitive(forms[i - first])
                line, sense = line_of(row)
                if not any(row[:-1].tolist()):
                    fixed[i] = 1 if row[-1] > 0 else -1
                elif line in known:
                    fixed[i] = known[line] * sense
            if (fixed[own] == 0).any():
                return stacked(rows, len(self.x)), None
        outputs = self.forms.of_layer(len(starts) - 1, fixed > 0)
        row = np.array([int(c) for c in self.targets[target]], dtype=object) @ outputs
        return stacked(rows, len(self.x)), primitive(row)

    def _choice(
        self, target: int, fixed: Signs, matters: NDArray[np.bool_], bounds: _Bounds
    ) -> int:
        """The open neuron to which the target's bound owes most, about; -1 if none is open."""
        open_ = matters & (fixed == 0)
        if not open_.any():
            return -1
        layers = self.network.sparse_layers
        starts = self.forms.starts
        with np.errstate(all="ignore"):
            share = np.where(open_, bounds.high / (bounds.high - bounds.low), 0.0)
            share = np.where(fixed > 0, 1.0, np.where(np.isfinite(share), share, 0.5))
            gap = np.where(open_, -bounds.low * share, 0.0)
        gap = np.where(np.isfinite(gap), gap, 1.0)
        score = np.full(len(fixed), -1.0)
        gradient = self.targets[target] @ layers[-1][0]
        for layer in range(len(layers) - 2, -1, -1):
            first, end = starts[layer : layer + 2]
            count_ = end - first
            score[first:end] = np.abs(gradient[:count_]) * gap[first:end]
            passing = np.ones(len(gradient))
            passing[:count_] = share[first:end]
            gradient = (gradient * passing) @ layers[layer][0]
        if self.by_forms:  # exact rows need the layers before
            for layer in range(len(starts) - 1):
                first, end = starts[layer : layer + 2]
                if open_[first:end].any():
                    score[end:] = -1.0
                    break
        return int(np.argmax(np.where(open_, score, -2.0)))

    def _node(self, measure: Fraction, target: int, *rest: object) -> Node:
        return Node(measure, next(self._numbers), target, *rest)  # type: ignore[arg-type]

    def _node_at(
        self,
        parent: Node,
        measure: Fraction,
        signs: Signs,
        radius: float,
        bounds: _Bounds,
        excluded: bool,
    ) -> Node:
        measure = max(measure, parent.measure)
        return self._node(measure, parent.target, signs, radius, bounds.low, bounds.high, excluded)
