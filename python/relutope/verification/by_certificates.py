"""Cells of many dimensions, verified by a certificate for each neuron.

For a facet there is a rational point on its hyperplane at which exactly the listed neurons vanish
and all other forms are positive. A neuron that is no facet is positive by Farkas' lemma: it is a
nonnegative rational combination of facets and sides of the domain. HiGHS proposes points and
combinations; what it proposes is proven in integers, so every failure is proven; where only
floating point speaks, the report counts it apart.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .bits import Integers, scaled
from .claims import Bools, Claims, Facet, check_interior
from .integers import SignTable, signs_at
from .lower_bounds import LowerBounds, Minimum
from .outcome import Checked, Ledger
from .rational_forward import ExactPass
from .redundancy import (
    FormTable,
    Ranges,
    chebyshev_centre,
    combination,
    on_hyperplane,
)

__all__ = ["ByCertificates"]

_MARGIN = 1e-7  # what HiGHS says about lengths smaller than this proves nothing


class ByCertificates:
    """Checks of single cells; what is found false goes to the ledger."""

    name = "certificates"

    def __init__(
        self,
        claims: Claims,
        exact: ExactPass,
        ledger: Ledger,
        rng: np.random.Generator,
        max_proofs: int | None = None,
    ) -> None:
        self.claims, self.exact, self.ledger = claims, exact, ledger
        self.rng, self.max_proofs = rng, max_proofs

    def check_cell(self, i: int) -> Checked:
        """All statements about cell `i`."""
        pattern, facets = self.claims.pattern(i), self.claims.facets(i)
        forms = self.exact.forms(pattern)
        vanishing = frozenset(np.flatnonzero(~(forms != 0).any(axis=1)).tolist())
        unconfirmed = [False] * len(facets)
        wrong = sorted(k for k in vanishing if k < len(pattern) and pattern[k])
        self.ledger.expect(
            "vanishing", not wrong, f"cell {i}: active neurons {wrong} vanish on the cell"
        )
        center = self.center(i, pattern, forms, vanishing)
        if center is None:
            return Checked(unconfirmed)
        own = [sorted(zeros - vanishing) for zeros, _, _ in facets]
        if not all(z and z[0] >= 0 and z[-1] < len(pattern) for z in own):
            self.ledger.expect("facets", False, f"cell {i}: a facet has no neurons of its own")
            return Checked(unconfirmed)
        cell = _Cell(i, pattern, forms, center, [zeros[0] for zeros in own])
        confirmed = [
            self.check_once(cell, f) & self.check_facet(cell, f, facet)
            for f, facet in enumerate(facets)
        ]
        named = frozenset().union(vanishing, *(zeros for zeros, _, _ in facets))
        self.check_other_neurons(cell, [k for k in range(len(pattern)) if k not in named])
        return Checked(confirmed)

    # -- interior

    def center(
        self, i: int, pattern: Bools, forms: Integers, vanishing: frozenset[int]
    ) -> Integers | None:
        """A point inside, exactly; None if there is none to go on from."""
        listed = self.claims.interior_point(i)
        if listed is None:
            return self.own_center(i, forms, vanishing)
        point = self.exact.point(listed)
        return point if check_interior(i, forms, point, self.claims, self.ledger) else None

    def own_center(self, i: int, forms: Integers, vanishing: frozenset[int]) -> Integers | None:
        """The same where no double is listed: by HiGHS, or else the stated rational point."""
        own = np.array([k for k in range(len(forms)) if k not in vanishing], dtype=np.int64)
        center = chebyshev_centre(forms[own])
        if center is not None:
            h, t = scaled(center)
            point = np.concatenate([np.array([t], dtype=object), h])
            if (signs_at(forms[own], point[None]) > 0).all():
                self.ledger.count("interior")
                return point
        point = self.exact.rational_point(self.claims.stated_point(i))
        inside = bool((signs_at(forms[own], point[None]) > 0).all())
        message = f"cell {i}: its exact interior point is not inside"
        return point if self.ledger.expect("interior", inside, message) else None

    # -- facets

    def check_facet(self, cell: _Cell, f: int, facet: Facet) -> bool:
        """A listed facet is one of exactly these neurons, with the listed cell beyond it."""
        (zeros, j, listed), k = facet, cell.heads[f]
        where = f"cell {cell.number}: in neurons {sorted(zeros)}"
        vanish = sorted(cell.zeros_with(k))
        if not self.ledger.expect(
            "facets", sorted(zeros) == vanish, f"{where}: with {k} vanish {vanish}"
        ):
            return False
        beyond = self.beyond(cell, k)
        if beyond is None:
            self.judge_without_point(cell, k, where)
            return False
        same = bool((listed == beyond).all())
        self.ledger.expect("beyond", same, f"{where} another pattern is beyond")
        return self.check_number(cell, j, beyond, where) and same

    def check_number(self, cell: _Cell, j: int, beyond: Bools, where: str) -> bool:
        """The number of the cell beyond is right."""
        number = self.claims.number_of(beyond)
        return self.ledger.expect("neighbours", j == number, f"{where} is cell {number}, not {j}")

    def check_once(self, cell: _Cell, f: int) -> bool:
        """No other listed facet is the same."""
        same = cell.zeros_with(cell.heads[f])
        once = sum(k in same for k in cell.heads) == 1
        message = f"cell {cell.number}: the facet in neurons {sorted(same)} is listed twice"
        return self.ledger.expect("facets", once, message)

    def judge_without_point(self, cell: _Cell, k: int, where: str) -> None:
        others = np.array([h for h in cell.heads if h != k] + cell.sides, dtype=np.int64)
        minimum = LowerBounds(cell.table, others).of(k)
        if combination(cell.forms, k, minimum.support) is not None:
            self.ledger.expect("facets", False, f"{where} there is no facet")
        else:
            self.ledger.undecided("facets, not decided")

    def beyond(self, cell: _Cell, k: int) -> Bools | None:
        """The pattern beyond the facet of neuron k, if there is a point on that alone."""
        zeros = cell.zeros_with(k)
        for step in cell.steps_to(k, zeros):
            point = on_hyperplane(cell.forms[k], cell.center, step)
            if point is not None and cell.is_only_on(zeros, point):
                return self.pattern_beyond(cell, k, zeros, point)
        return None

    def pattern_beyond(self, cell: _Cell, k: int, zeros: frozenset[int], point: Integers) -> Bools:
        """The pattern across the facet of neuron k, next to a point of it.

        Where one neuron vanishes at a point, all others keep their signs around it, so the maps
        before that neuron are the same on both sides, and its sign changes.
        """
        if len(zeros) == 1:
            beyond = cell.pattern.copy()
            beyond[k] ^= True
            return beyond
        outward = np.concatenate([np.array([0], dtype=object), -cell.forms[k, 1:]])
        return self.exact.pattern_beside(point, outward)

    # -- neurons that are no facets

    def check_other_neurons(self, cell: _Cell, rest: list[int]) -> None:
        """None of these neurons is a facet."""
        varying = [k for k in rest if cell.forms[k, 1:].any()]
        # The others are positive all over the cell, as at its centre.
        self.ledger.count("no facet, proven", len(rest) - len(varying))
        everywhere = cell.ranges.at_least_zero(cell.forms[varying]).tolist()
        self.ledger.count("no facet, proven", sum(everywhere))
        varying = [k for k, fixed in zip(varying, everywhere, strict=True) if not fixed]
        most = len(rest) if self.max_proofs is None else min(self.max_proofs, len(rest))
        proofs = set(self.rng.permutation(np.array(varying, dtype=np.int64))[:most].tolist())
        bounds = LowerBounds(cell.table, cell.bounding)
        minima = {k: bounds.of(k) for k in varying}
        proven = self.proven(cell, {k: m for k, m in minima.items() if k in proofs})
        self.ledger.count("no facet, proven", len(proven))
        for k in varying:
            if k not in proven:
                self.judge_other_neuron(cell, k, minima[k], k in proofs)

    @staticmethod
    def proven(cell: _Cell, minima: dict[int, Minimum]) -> set[int]:
        """Which of these neurons are nonnegative by their multipliers, rounded."""
        rests = [cell.table.leftovers(k, m.multipliers) for k, m in minima.items()]
        if not rests:
            return set()
        holds = cell.ranges.at_least_zero(np.stack(rests))
        return {k for k, right in zip(minima, holds.tolist(), strict=True) if right}

    def judge_other_neuron(self, cell: _Cell, k: int, minimum: Minimum, prove: bool) -> None:
        """What rounded multipliers did not prove: a facet, a tight case, or nothing known."""
        if minimum.value < -_MARGIN and self.beyond(cell, k) is not None:
            message = f"cell {cell.number}: neuron {k} has a facet, which is not listed"
            self.ledger.expect("no facet", False, message)
        elif prove and combination(cell.forms, k, minimum.support) is not None:
            self.ledger.count("no facet, proven")
        else:
            by_floats = minimum.value > _MARGIN
            self.ledger.undecided("no facet, by floating point" if by_floats else "not decided")


class _Cell:
    """A cell's forms about a point inside; `heads` are the first neurons of its facets."""

    def __init__(
        self, number: int, pattern: Bools, forms: Integers, center: Integers, heads: list[int]
    ) -> None:
        self.number, self.pattern, self.forms, self.center = number, pattern, forms, center
        self.heads = heads
        self.sides = list(range(len(pattern), len(forms)))
        self.table = FormTable(forms, center)
        self.sign_table = SignTable(forms)
        self.bounding = np.array(heads + self.sides, dtype=np.int64)
        single = self.bounding[self.table.single[self.bounding]]
        self.ranges = Ranges.of(forms, single.tolist())
        self._multiples: dict[tuple[int, ...], set[int]] = {}
        self._keys = list(map(tuple, forms.tolist()))  # the shortest of their multiples
        for k, key in enumerate(self._keys[: len(pattern)]):
            self._multiples.setdefault(key, set()).add(k)

    def zeros_with(self, k: int) -> frozenset[int]:
        """The neurons that vanish where neuron k does: multiples of its form, and zeros."""
        nowhere = (0,) * self.forms.shape[1]
        return frozenset(self._multiples[self._keys[k]] | self._multiples.get(nowhere, set()))

    def is_only_on(self, zeros: frozenset[int], point: Integers) -> bool:
        """Whether exactly these neurons vanish at a point, and all other forms are positive."""
        signs = self.sign_table.signs(point[None])[:, 0]
        expected = np.ones(len(signs), dtype=np.int8)
        expected[list(zeros)] = 0
        return bool((signs == expected).all())

    def steps_to(self, k: int, zeros: frozenset[int]) -> Iterator[NDArray[np.float64]]:
        """Steps from the centre to where the facet may be: straight, projected, and by HiGHS."""
        row = self.table.rows[k]
        straight = -self.table.slack[k] / max(float(row @ row), 1e-300) * row
        if np.isfinite(straight).all():
            yield straight
        others = np.array([j for j in self.bounding.tolist() if j not in zeros], dtype=np.int64)
        step = self.table.projected_point(k, others)
        if step is not None:
            yield step
        step = self.table.facet_point(k, others)
        if step is not None:
            yield step
        yield from self.table.small_facet_point(k, others)
