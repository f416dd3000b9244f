"""Independent verification of a local search in exact rational arithmetic.

Nothing here uses the core: only what an `Exploration` states is read, and each statement is decided
again from the weights. For a facet there is a rational point on its hyperplane at which exactly the
listed neurons vanish and all others have the cell's signs; a step outwards from there, taken
symbolically, gives the pattern beyond. A neuron that is no facet is a nonnegative rational
combination of facets. HiGHS proposes points and combinations; what it proposes is checked in
integers, so every failure is proven; where only floating point speaks, the report counts it apart.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .rational_cell import IntegerLayer, Integers, primitive
from .rational_forward import ExactPass
from .redundancy import FormTable, combination, on_hyperplane
from .verify_complex import VerificationReport, chosen_cells, sides_of

if TYPE_CHECKING:
    from ..decomposition.exploring import Exploration

__all__ = ["verify_exploration"]

_MARGIN = 1e-7  # what HiGHS says about lengths smaller than this proves nothing

Bools = NDArray[np.bool_]


def verify_exploration(
    exploration: Exploration,
    sample: int | Sequence[int] | None = None,
    *,
    seed: int = 0,
    max_proofs: int | None = None,
) -> VerificationReport:
    """Check the cells of a local search in exact rational arithmetic, independently of the core.

    For each verified cell: its interior point has its pattern; each facet has a point where exactly
    its neurons vanish, and the pattern beyond is the listed one; every other neuron is no facet.
    For all cells: patterns differ, explored neighbours are named on both sides of a facet alike.

    Parameters
    ----------
    exploration : Exploration
        What to verify.
    sample : int or sequence of int, optional
        Number of cells to verify, chosen at random, or their indices. All cells by default.
    seed : int
        Seed of the random choice.
    max_proofs : int, optional
        For how many neurons of a cell that are no facets an exact proof is attempted, chosen at
        random; floating point decides about the others. All by default.

    Returns
    -------
    VerificationReport
        ``checks["no facet, proven"]`` and ``checks["no facet, by floating point"]`` count both
        kinds, and "not decided" what floating point cannot tell either; ``complete`` is True only
        if all is proven and no cell of the domain is missing.

    Raises
    ------
    ValueError
        If `sample` or `max_proofs` is out of range.

    Notes
    -----
    The cost per cell is a linear program and an exact forward pass for each facet, a linear program
    and an exact linear system for each other neuron.

    Examples
    --------
    >>> import relutope as rt
    >>> from relutope.decomposition.exploring import explore
    >>> net = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, -1.0]], [0.0])]
    >>> report = verify_exploration(explore(net, [3.0, 1.0]))
    >>> report.ok, report.complete, report.checks["facets"]
    (True, True, 8)
    """
    if max_proofs is not None and max_proofs < 0:
        raise ValueError(f"`max_proofs` must not be negative, got {max_proofs}")
    start = time.perf_counter()
    cells = chosen_cells(exploration.n_cells, sample, seed)
    verifier = _Verifier(exploration, np.random.default_rng(seed), max_proofs)
    verifier.check_all_cells()
    for i in cells:
        verifier.check_cell(i)
    everything = len(cells) == exploration.n_cells and exploration.complete
    return VerificationReport(
        n_cells=exploration.n_cells,
        n_verified=len(cells),
        checks=verifier.checks,
        failures=tuple(verifier.failures),
        complete=everything and not verifier.failures and verifier.all_proven,
        seconds=time.perf_counter() - start,
    )


class _Verifier:
    def __init__(
        self, exploration: Exploration, rng: np.random.Generator, max_proofs: int | None
    ) -> None:
        self.ex, self.rng, self.max_proofs = exploration, rng, max_proofs
        self.checks: dict[str, int] = {}
        self.failures: list[str] = []
        self.all_proven = True
        network = exploration.network
        layers = zip(network._core_layers()[:-1], network.linear_units, strict=True)
        hidden = [IntegerLayer.from_floats(W, b, low, linear) for (W, b, low), linear in layers]
        self.exact = ExactPass.of(hidden, sides_of(exploration.domain, network.input_dim))
        self.patterns = exploration.patterns
        self.points = exploration.interior_points
        self.certified = exploration.interior_certified
        self.number = {row.tobytes(): i for i, row in enumerate(self.patterns)}

    def expect(self, check: str, holds: bool, message: str) -> bool:
        self.checks[check] = self.checks.get(check, 0) + 1
        if not holds:
            self.failures.append(f"{check}: {message}")
        return holds

    def undecided(self, check: str) -> None:
        self.checks[check] = self.checks.get(check, 0) + 1
        self.all_proven = False

    # -- statements about all cells

    def check_all_cells(self) -> None:
        distinct = len(self.number) == self.ex.n_cells
        self.expect("patterns", distinct, "two cells have the same pattern")
        beyond = [self.neighbours_of(i) for i in range(self.ex.n_cells)]
        pairs = {(i, j): z for i, found in enumerate(beyond) for z, j in found if j >= 0}
        for (i, j), zeros in pairs.items():
            back = pairs.get((j, i))
            message = f"cells {i} and {j} do not share the facet in neurons {sorted(zeros)}"
            self.expect("both sides", back == zeros, message)
        listed = sorted(pair for pair in pairs if pair[0] < pair[1])
        same = [list(pair) for pair in listed] == self.ex.adjacency.tolist()
        self.expect("adjacency", same, "it is not the list of explored neighbours")

    def neighbours_of(self, i: int) -> list[tuple[frozenset[int], int]]:
        numbers = self.ex.neighbours(i).tolist()
        facets = [frozenset(z.tolist()) for z in self.ex.facets(i)]
        return list(zip(facets, numbers, strict=True))

    # -- statements about one cell

    def check_cell(self, i: int) -> None:
        pattern = self.patterns[i]
        forms = self.exact.forms(pattern)
        facets = [frozenset(z.tolist()) for z in self.ex.facets(i)]
        vanishing = frozenset(np.flatnonzero(~(forms != 0).any(axis=1)).tolist())
        center = self.center(i, pattern, forms, vanishing)
        if center is None:
            return
        own = [sorted(zeros - vanishing) for zeros in facets]
        if not all(own):
            self.expect("facets", False, f"cell {i}: a facet has no neurons of its own")
            return
        cell = _Cell(i, pattern, forms, center, [zeros[0] for zeros in own])
        for f, zeros in enumerate(facets):
            self.check_facet(cell, f, zeros)
        named = set().union(*facets) | vanishing
        rest = [k for k in range(len(pattern)) if k not in named]
        self.check_other_neurons(cell, rest)

    def center(
        self, i: int, pattern: Bools, forms: Integers, vanishing: frozenset[int]
    ) -> Integers | None:
        """The cell's interior point, checked; None if there is none to go on from."""
        point = self.exact.point(self.points[i])
        values = self.exact.run(point[:, None], lambda z, _: z[:, 0] > 0)[:, 0]
        inside = ((values > 0) == pattern).all() and (self.exact.side_values(point) > 0).all()
        inside = inside and set(np.flatnonzero(values == 0).tolist()) <= vanishing
        if self.certified[i]:
            self.expect("interior", bool(inside), f"cell {i}: its interior point is not inside")
        elif not inside:
            self.undecided("interior, not certified")
        return point if inside else None

    # -- facets

    def check_facet(self, cell: _Cell, f: int, zeros: frozenset[int]) -> None:
        i, k = cell.number, cell.heads[f]
        where = f"cell {i}: in neurons {sorted(zeros)}"
        same = zeros == cell.zeros_with(k)
        if not self.expect(
            "facets", same, f"{where}: with {k} vanish {sorted(cell.zeros_with(k))}"
        ):
            return
        found = self.beyond(cell, k)
        if found is None:
            self.judge_without_point(cell, k, where)
            return
        beyond = self.ex.neighbour_patterns(i)[f]
        self.expect("beyond", bool((beyond == found).all()), f"{where} another pattern is beyond")
        number = self.number.get(found.tobytes(), -1)
        listed = int(self.ex.neighbours(i)[f])
        self.expect("neighbours", listed == number, f"{where} is cell {number}, not {listed}")

    def judge_without_point(self, cell: _Cell, k: int, where: str) -> None:
        others = [h for h in cell.heads if h != k] + cell.sides
        _, support = cell.table.minimum(k, others)
        if combination(cell.forms, k, support.tolist()) is not None:
            self.expect("facets", False, f"{where} there is no facet")
        else:
            self.undecided("facets, not decided")

    def beyond(self, cell: _Cell, k: int) -> Bools | None:
        """The pattern beyond the facet of neuron k, if there is a point on that alone."""
        zeros = cell.zeros_with(k)
        for step in cell.steps_to(k, zeros):
            point = on_hyperplane(cell.forms[k], cell.center, step)
            found = None if point is None else self.pattern_beyond(cell, k, zeros, point)
            if found is not None:
                return found
        return None

    def pattern_beyond(
        self, cell: _Cell, k: int, zeros: frozenset[int], point: Integers
    ) -> Bools | None:
        if not (self.exact.side_values(point) > 0).all():
            return None
        outward = np.concatenate([np.array([0], dtype=object), -cell.forms[k, 1:]])
        columns = np.stack([point, outward], axis=1)
        values = self.exact.run(
            columns, lambda z, _: (z[:, 0] > 0) | ((z[:, 0] == 0) & (z[:, 1] > 0))
        )
        vanish = values[:, 0] == 0
        if set(np.flatnonzero(vanish).tolist()) != zeros:
            return None
        if ((values[:, 0] > 0) != cell.pattern)[~vanish].any():
            return None
        return np.asarray((values[:, 0] > 0) | (vanish & (values[:, 1] > 0)))

    # -- neurons that are no facets

    def check_other_neurons(self, cell: _Cell, rest: list[int]) -> None:
        facets = cell.heads + cell.sides
        most = len(rest) if self.max_proofs is None else min(self.max_proofs, len(rest))
        proofs = set(self.rng.permutation(np.array(rest, dtype=np.int64))[:most].tolist())
        for k in rest:
            if not cell.forms[k, 1:].any():  # positive all over the cell, as at its centre
                self.expect("no facet, proven", True, "")
                continue
            value, support = cell.table.minimum(k, facets)
            self.judge_other_neuron(cell, k, value, support.tolist(), k in proofs)

    def judge_other_neuron(
        self, cell: _Cell, k: int, value: float, support: list[int], prove: bool
    ) -> None:
        where = f"cell {cell.number}: neuron {k}"
        if value < -_MARGIN and self.beyond(cell, k) is not None:
            self.expect("no facet", False, f"{where} has a facet, which is not listed")
            return
        multipliers = combination(cell.forms, k, support) if prove else None
        if multipliers is None:
            self.undecided("no facet, by floating point" if value > _MARGIN else "not decided")
            return
        on_facet = cell.zeros_with(k) & set(cell.heads)
        self.expect("no facet, proven", not on_facet, f"{where} vanishes on a facet")


class _Cell:
    """A cell's forms about a point inside; `heads` are the first neurons of its facets."""

    def __init__(
        self, number: int, pattern: Bools, forms: Integers, center: Integers, heads: list[int]
    ) -> None:
        self.number, self.pattern, self.forms, self.center = number, pattern, forms, center
        self.heads = heads
        self.sides = list(range(len(pattern), len(forms)))
        self.table = FormTable(forms, center)
        self._multiples: dict[tuple[int, ...], set[int]] = {}
        self._keys = [tuple(primitive(row)) for row in forms.tolist()]
        for k, key in enumerate(self._keys[: len(pattern)]):
            self._multiples.setdefault(key, set()).add(k)

    def zeros_with(self, k: int) -> frozenset[int]:
        """The neurons that vanish where neuron k does: multiples of its form, and zeros."""
        nowhere = (0,) * self.forms.shape[1]
        return frozenset(self._multiples[self._keys[k]] | self._multiples.get(nowhere, set()))

    def steps_to(self, k: int, zeros: frozenset[int]) -> Iterator[NDArray[np.float64]]:
        """Steps from the centre to where a point of the facet may be: straight, and by HiGHS."""
        row = self.table.rows[[k]].toarray()[0]
        straight = -self.table.slack[k] / max(float(row @ row), 1e-300) * row
        finite = bool(np.isfinite(straight).all())
        others = np.array([j for j in range(len(self.forms)) if j not in zeros], dtype=np.int64)
        beside = self.table.rows[others] @ straight + self.table.slack[others] if finite else None
        step = None
        if beside is None or not (beside > 0).all():
            step = self.table.facet_point(k, others)
        if step is not None:
            yield step
            closer = self.table.facet_point(k, others, step)
            if closer is not None:
                yield closer
        if finite:
            yield straight
