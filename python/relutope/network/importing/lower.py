"""From a graph to the layers of a network, without rounding.

Every vector of the graph is written as an affine form of *units*: the inputs, the neurons (made by
the graph's ReLUs), and linear units, which are made only where they are needed. The unit's level is
one more than the highest level its own form reads; a layer holds the units of one level, and
linear units that carry on what later layers read.

An affine map is composed with those before it as long as every product and sum of weights is a
double, and every bias two doubles. Where it is not, the value before it becomes linear units. So a
chain of matrices and ReLUs has no linear units at all, and nothing is rounded in any case.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import InvalidNetworkError
from .exact_sums import Entries, products, sum_as_two, summed
from .nodes import (
    Affine,
    Floats,
    Input,
    Matrix,
    Node,
    Relu,
    compressed,
    in_order,
    matrix_of,
    selection,
)

__all__ = ["Lowered", "lowered"]

Mask = NDArray[np.bool_]
Term = tuple[Node, Matrix]


@dataclass(frozen=True)
class Lowered:
    """What `relutope.Network` is made of; `bias_low` is added to the layers' biases.

    The layers' matrices are sparse.
    """

    layers: list[tuple[Matrix, Floats]]
    linear_units: list[int]
    bias_low: list[Floats]


@dataclass(frozen=True, eq=False)
class Units:
    """The inputs (level 0), or the values of `form`, with a ReLU or not."""

    size: int
    level: int
    form: Form | None = None
    linear: bool = False


@dataclass(frozen=True)
class Form:
    """The sum of ``matrix @ units`` over all parts, plus ``high + low``."""

    parts: dict[Units, Matrix]
    high: Floats
    low: Floats

    @classmethod
    def of(cls, units: Units) -> Form:
        """The units themselves."""
        zero = np.zeros(units.size)
        return cls({units: selection(np.arange(units.size), units.size)}, zero, zero)

    @property
    def size(self) -> int:
        return len(self.high)

    @property
    def level(self) -> int:
        """The highest level that is read."""
        return max((units.level for units, m in self.parts.items() if m.nnz), default=0)

    def read(self, rows: Mask) -> dict[Units, Mask]:
        """Which units the given rows read."""
        return {units: columns_of(matrix, rows) for units, matrix in self.parts.items()}

    @property
    def selects(self) -> bool:
        """Whether every row is one unit as it is."""
        count = sum(np.diff(matrix.indptr) for matrix in self.parts.values())
        ones = all((matrix.data == 1).all() for matrix in self.parts.values())
        return bool(np.all(count <= 1) and ones and not self.high.any())


def columns_of(matrix: Matrix, rows: Mask) -> Mask:
    """Which columns have an entry in the given rows."""
    used = np.zeros(matrix.shape[1], dtype=np.bool_)
    used[matrix.indices[np.repeat(rows, np.diff(matrix.indptr))]] = True
    return used


def lowered(output: Node) -> Lowered:
    """The layers of the network that computes `output` from the graph's input.

    Raises
    ------
    InvalidNetworkError
        If it does not depend on the input at all.
    """
    nodes = list(in_order(output))
    if not any(isinstance(node, Input) for node in nodes):
        raise InvalidNetworkError("`network`: the output does not depend on the input")
    builder = _Units()
    for node in nodes:
        builder.add(node)
    return _Layers(builder.made, builder.forms[output]).emit()


class _Units:
    """Decides which units there are."""

    def __init__(self) -> None:
        self.made: list[Units] = []
        self.forms: dict[Node, Form] = {}

    def add(self, node: Node) -> None:
        if isinstance(node, Affine):
            self.forms[node] = self.affine(node)
        elif isinstance(node, Relu):
            form = self.forms[node.source]
            self.forms[node] = Form.of(self.make(form, linear=False))
        else:
            assert isinstance(node, Input)
            self.forms[node] = Form.of(self.keep(Units(node.size, 0)))

    def keep(self, units: Units) -> Units:
        self.made.append(units)
        return units

    def make(self, form: Form, *, linear: bool) -> Units:
        return self.keep(Units(form.size, form.level + 1, form, linear))

    def make_linear(self, node: Node) -> None:
        """From now on, what is made of `node` reads linear units that hold its values."""
        self.forms[node] = Form.of(self.make(self.forms[node], linear=True))

    def affine(self, node: Affine) -> Form:
        terms = node.built()
        self.shorten_carries(terms)
        form = self.composed(terms, node.bias)
        if form is None:
            for source in self.suspects(terms):
                self.make_linear(source)
                form = self.composed(terms, node.bias)
                if form is not None:
                    break
        assert form is not None, "a matrix times units is exact"
        return form

    def suspects(self, terms: list[Term]) -> list[Node]:
        """The sources, those first that fail by themselves, those last that are units already."""

        def rank(term: Term) -> tuple[bool, bool]:
            fails = self.composed([term], np.zeros(term[1].shape[0])) is None
            return not fails, self.forms[term[0]].selects

        return [source for source, _ in sorted(terms, key=rank)]

    def shorten_carries(self, terms: list[Term]) -> None:
        """Linear units for sources that must be carried to a later level, if these are fewer than
        what they are made of. They take part in no product, and no layer is added for them.
        """
        level = max((self.forms[source].level for source, _ in terms), default=0)
        for source, matrix in terms:
            form = self.forms[source]
            if form.level == level or form.selects:
                continue
            rows = columns_of(matrix, np.ones(matrix.shape[0], dtype=np.bool_))
            carried = sum(int(mask.sum()) for mask in form.read(rows).values())
            if int(rows.sum()) <= carried:
                self.make_linear(source)

    def composed(self, terms: list[Term], bias: Floats) -> Form | None:
        """The form of the sum of ``matrix @ source`` plus bias, or None if that is not exact."""
        weights: dict[Units, list[Entries]] = {}
        size = len(bias)
        rows = np.arange(size)
        biases = [Entries(rows, np.zeros_like(rows), bias)]
        for source, matrix in terms:
            form = self.forms[source]
            for units, inner in form.parts.items():
                made = products(matrix, inner)
                if made is None:
                    return None
                weights.setdefault(units, []).append(made)
            for part in (form.high, form.low):
                if part.any():
                    made = products(matrix, compressed(part[:, None]))
                    if made is None:
                        return None
                    biases.append(made)
        parts = {}
        for units, entries in weights.items():
            sums = summed(Entries.joined(entries), (size, units.size))
            if sums is None:
                return None
            if sums.nnz:
                parts[units] = sums
        both = sum_as_two(Entries.joined(biases), size)
        return None if both is None else Form(parts, *both)


class _Layers:
    """Writes the layers, given the units and the form of the output."""

    def __init__(self, units: list[Units], output: Form) -> None:
        self.output = output
        self.made = [u for u in units if u.level > 0]
        self.inputs = next((u for u in units if u.level == 0), None)
        neurons = [u.level for u in self.made if not u.linear]
        self.depth = max([1, output.level, *neurons])

    def emit(self) -> Lowered:
        layers, linear_units, bias_low = [], [], []
        needed = self.needed()
        place = {units: np.arange(units.size) for units in needed[0]}
        width = sum(units.size for units in needed[0])
        for level in range(1, self.depth + 1):
            neurons = [u for u in self.made if u.level == level and not u.linear]
            others = [u for u in needed[level] if u not in neurons]
            blocks = [(_own(u), np.ones(u.size, dtype=np.bool_)) for u in neurons]
            blocks += [
                (_own(u) if u.level == level else Form.of(u), needed[level][u]) for u in others
            ]
            W, b, low = _stacked(blocks, place, width)
            layers.append((W, b))
            bias_low.append(low)
            linear_units.append(W.shape[0] - sum(u.size for u in neurons))
            place, width = _places(neurons, others, needed[level]), W.shape[0]
        W, b, low = _stacked(
            [(self.output, np.ones(self.output.size, dtype=np.bool_))], place, width
        )
        return Lowered([*layers, (W, b)], linear_units, [*bias_low, low])

    def needed(self) -> list[dict[Units, Mask]]:
        """For each layer, which values after it are read later on, of whatever level."""
        needed: list[dict[Units, Mask]] = [{} for _ in range(self.depth + 1)]
        _note(needed[self.depth], self.output.read(np.ones(self.output.size, dtype=np.bool_)))
        for level in range(self.depth, 0, -1):
            for units in self.made:
                if units.level == level and not units.linear:
                    _note(needed[level - 1], _own(units).read(np.ones(units.size, dtype=np.bool_)))
            if not needed[level] and not any(u.level == level for u in self.made if not u.linear):
                # The output is constant; a layer has a unit all the same.
                _note(needed[level], {self._inputs(): np.arange(self._inputs().size) == 0})
            for units, rows in needed[level].items():
                if units.level < level:
                    _note(needed[level - 1], {units: rows})
                elif units.linear:
                    _note(needed[level - 1], _own(units).read(rows))
        return [*self._all_inputs(), *needed[1:]]

    def _inputs(self) -> Units:
        assert self.inputs is not None
        return self.inputs

    def _all_inputs(self) -> list[dict[Units, Mask]]:
        return [{self._inputs(): np.ones(self._inputs().size, dtype=np.bool_)}]


def _own(units: Units) -> Form:
    assert units.form is not None, "inputs are carried, not made"
    return units.form


def _note(needed: dict[Units, Mask], more: dict[Units, Mask]) -> None:
    for units, mask in more.items():
        if mask.any():
            needed[units] = needed[units] | mask if units in needed else mask


def _places(
    neurons: list[Units], others: list[Units], needed: dict[Units, Mask]
) -> dict[Units, NDArray[np.int64]]:
    """The index in its layer of each unit that the layer holds; -1 for those it does not."""
    place, width = {}, 0
    for units in [*neurons, *others]:
        rows = needed[units] if units in others else np.ones(units.size, dtype=np.bool_)
        place[units] = np.where(rows, width + np.cumsum(rows) - 1, -1)
        width += int(rows.sum())
    return place


def _stacked(
    blocks: list[tuple[Form, Mask]], place: dict[Units, NDArray[np.int64]], width: int
) -> tuple[Matrix, Floats, Floats]:
    """The chosen rows of the forms, one below the other, as ``(W, b, b_low)``."""
    size = sum(int(rows.sum()) for _, rows in blocks)
    none = np.empty(0, dtype=np.int64)
    parts = [Entries(none, none, np.empty(0))]
    first = 0
    for form, rows in blocks:
        for units, matrix in form.parts.items():
            entries = matrix[np.flatnonzero(rows)].tocoo()
            if not entries.nnz:
                continue
            parts.append(Entries(first + entries.row, place[units][entries.col], entries.data))
        first += int(rows.sum())
    all_of = Entries.joined(parts)
    W = matrix_of(all_of.values, all_of.rows, all_of.columns, (size, width))
    b = np.concatenate([form.high[rows] for form, rows in blocks])
    low = np.concatenate([form.low[rows] for form, rows in blocks])
    return W, b, low
