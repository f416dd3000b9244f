"""Cells of few dimensions, verified by the generators of what their facets bound.

The listed facets and the sides of the domain bound a polyhedron. Its generators are those that the
listed vertices lead to, or that Qhull proposes, if they can be proven to be all; or else cddlib
computes them. It is the cell if all other forms are nonnegative on them; and it tells everything
about the cell: its facets are the forms that vanish on n affinely independent generators.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .bits import Integers, keys, nearest
from .claims import Bools, Claims, Facet, check_interior
from .integers import object_array
from .outcome import Checked, Ledger
from .rational_cell import ExactCell, generators_of
from .rational_forward import ExactPass
from .simple_vertices import seen_from, simple_generators

__all__ = ["ByGenerators"]


class ByGenerators:
    """Checks of single cells; what is found false goes to the ledger."""

    name = "generators"

    def __init__(self, claims: Claims, exact: ExactPass, ledger: Ledger, cdd: Any) -> None:
        self.claims, self.exact, self.ledger, self.cdd = claims, exact, ledger, cdd
        self.N = exact.n_neurons

    def domain(self) -> ExactCell:
        """The domain as a polyhedron."""
        sides = self.exact.sides
        generators, lines = generators_of(sides, self.exact.n, self.cdd)
        return ExactCell(object_array(sides, self.exact.n + 1), generators, lines)

    def check_cell(self, i: int) -> Checked:
        """All statements about cell `i` but those about vertices."""
        pattern = self.claims.pattern(i)
        forms = self.exact.forms(pattern)
        facets = self.claims.facets(i)
        cell, missing = self.bounded_by(i, forms, facets)
        if not self.ledger.expect("interior", cell.has_interior, f"cell {i} has no interior point"):
            return Checked([False] * len(facets))
        self.check_interior_point(i, forms)
        wrong = sorted(k for k in cell.vanishing if k < self.N and pattern[k])
        self.ledger.expect(
            "vanishing", not wrong, f"cell {i}: active neurons {wrong} vanish on the cell"
        )
        self.check_none_missing(i, cell, missing)
        return Checked(self.check_listed(i, cell, pattern, facets), cell)

    def check_interior_point(self, i: int, forms: Integers) -> None:
        """The listed point is inside, if one is listed and said to be certified."""
        listed = self.claims.interior_point(i)
        if listed is not None and self.claims.is_certified(i):
            check_interior(i, forms, self.exact.point(listed), self.claims, self.ledger)

    def bounded_by(
        self, i: int, forms: Integers, facets: list[Facet]
    ) -> tuple[ExactCell, list[int]]:
        """What the listed facets bound; and forms that had to be added to make it the cell.

        Of the domain's sides those take part from the beginning that the cell seems to touch.
        """
        varying = (forms != 0).any(axis=1)
        heads = set()
        for zeros, _, _ in facets:
            heads.add(min((k for k in zeros if 0 <= k < self.N and varying[k]), default=-1))
        chosen = sorted(heads - {-1}) + [self.N + k for k in self.claims.sides_near(i)]
        added: list[int] = []
        while True:
            cell = self.spanned(i, forms, [*chosen, *added])
            if not cell.finite or not cell.negative.any():
                return cell, [k for k in added if k < self.N]
            sides = [k for k in range(self.N, len(forms)) if cell.negative[k]]
            added += sides or [int(cell.negative.argmax())]

    def spanned(self, i: int, forms: Integers, chosen: list[int]) -> ExactCell:
        """Where the forms `chosen` are nonnegative: by what is listed if that is right, or cddlib.

        What is listed about vertices, or guessed, decides nothing but how they are found.
        """
        guess, inside = self.claims.tight_near(i, chosen), self.claims.interior_point(i)
        if not guess and inside is not None:
            guess = seen_from(inside, forms[chosen])
        generators = simple_generators(forms[chosen], guess)
        if generators is None:
            return ExactCell.of(forms, chosen, self.cdd)
        return ExactCell(forms, generators, [])

    def check_none_missing(self, i: int, cell: ExactCell, added: Iterable[int]) -> None:
        """Every other neuron is nonnegative on what the listed facets bound, without its help."""
        zeros = [cell.zero_set(cell.tight[k]) for k in added if cell.is_facet(cell.tight[k])]
        missing = sorted({tuple(sorted(z)) for z in zeros})
        self.ledger.expect(
            "facets", not missing, f"cell {i}: no edge for the facets in neurons {missing}"
        )

    def check_listed(
        self, i: int, cell: ExactCell, pattern: Bools, facets: list[Facet]
    ) -> list[bool]:
        """Each listed facet is one, inside the domain, listed once, with the cell beyond it."""
        own = [sorted(z - cell.vanishing) for z, _, _ in facets]
        tight = [cell.tight[z[0]] if z and 0 <= z[0] < self.N else 0 for z in own]
        confirmed = []
        for (zeros, j, beyond), face in zip(facets, tight, strict=True):
            where = f"cell {i}: the edge to cell {j} in neurons {sorted(zeros)}"
            right = cell.is_facet(face) and cell.zero_set(face) == zeros
            right = self.ledger.expect("facets", right, f"{where} is no facet of these neurons")
            once = self.ledger.expect(
                "facets", tight.count(face) == 1, f"{where} is not the only one on its facet"
            )
            if not (right and once):
                confirmed.append(False)
                continue
            found = self.pattern_beyond(cell, face, zeros, pattern)
            same = bool((found == beyond).all())
            message = f"cell {j} is not beyond the facet of cell {i} in neurons {sorted(zeros)}"
            confirmed.append(self.ledger.expect("neighbours", same, message))
        return confirmed

    def pattern_beyond(
        self, cell: ExactCell, face: int, zeros: frozenset[int], pattern: Bools
    ) -> Bools:
        """The pattern just outside, next to an inner point of a facet.

        Where one neuron vanishes at a point, all others keep their signs around it, so the maps
        before that neuron are the same on both sides, and its sign changes.
        """
        if len(zeros) == 1:
            beyond = pattern.copy()
            beyond[min(zeros)] ^= True
            return beyond
        head = min(zeros - cell.vanishing)
        outward = np.array([0, *(-v for v in cell.forms[head, 1:])], dtype=object)
        point = np.array(cell.inner_point(face), dtype=object)
        return self.exact.pattern_beside(point, outward)


def check_vertices(i: int, cell: ExactCell, cx: Any, ledger: Ledger) -> None:
    """Listed are the exact vertices, rounded to nearest, with their exact signs."""
    ids = [int(v) for v in cx.cell_vertices[i] if v < len(cx.vertices)]
    listed = dict(zip(map(tuple, keys(cx.vertices[ids]).tolist()), ids, strict=True))
    own = cell.vertices()
    exact = {
        tuple(nearest(x, cell.generators[g][0]) for x in cell.generators[g][1:]): g for g in own
    }
    same = exact.keys() == listed.keys() and len(ids) == len(own)
    wrong = [_doubles(key) for key in sorted(exact.keys() ^ listed.keys())[:4]]
    ledger.expect("vertices", same, f"cell {i}: vertices {wrong} are only listed, or only exact")
    if not same or len(exact) < len(ids):
        return  # where two vertices round to the same floats, signs have no owner
    turn = np.where(cx.patterns[i], 1, -1).astype(np.int8)
    for key, g in exact.items():
        signs = (cell.signs[: len(turn), g] * turn).tolist()
        right = cx.vertex_signs[listed[key]].tolist() == signs
        ledger.expect("vertex signs", right, f"vertex {listed[key]}: exact signs are {signs}")


def _doubles(key: tuple[int, ...]) -> list[float]:
    return [float(v) for v in np.array(key, dtype=np.int64).view(np.float64)]
