"""Independent verification of a complex in exact rational arithmetic.

Nothing here uses the core: only the arrays a `Complex` exposes are read, and each statement they
make is decided again from the weights, with Python integers and the exact double description of
cddlib (module ``cdd.gmp`` of pycddlib; its linear program solver is not used).  Three facts carry
the argument:

* the pattern of a cell fixes every preactivation as an affine form, so the cell is an explicit
  polyhedron;
* its facets are the inclusion-maximal sets of generators on which a constraint is tight;
* if every facet of every listed cell lies on the boundary of the domain or is shared with a listed
  cell, the list is complete, because the domain without its codimension-2 skeleton is connected.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import copysign, factorial, inf
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..domain.box import Box
from ..errors import InvalidComplexError, MissingDependencyError
from .rational_cell import ExactCell, ExactNetwork, IntegerLayer, halfspaces

if TYPE_CHECKING:
    from ..decomposition.complex import Complex
    from ..decomposition.exploring import Exploration
    from ..domain.polytope import Polytope

__all__ = ["VerificationReport", "verify"]

MAX_VOLUME_DIM = 4


@dataclass(frozen=True)
class VerificationReport:
    """What `verify` checked and what it found.

    Attributes
    ----------
    n_cells : int
        Number of cells of the complex.
    n_verified : int
        Number of cells that were verified one by one.
    checks : dict of str to int
        How often each check was made; a check that is absent was not made.
    failures : tuple of str
        One message per false statement, naming the check and the cell. Empty if everything holds.
    complete : bool
        True if it is proved that no cell is missing (every cell was verified and every facet has
        its partner).
    seconds : float
        Wall-clock time of the verification in seconds.
    """

    n_cells: int
    n_verified: int
    checks: dict[str, int]
    failures: tuple[str, ...]
    complete: bool
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether no check failed."""
        return not self.failures

    def raise_if_failed(self) -> None:
        """Raise `InvalidComplexError` with the whole report if a check failed."""
        if self.failures:
            raise InvalidComplexError(str(self))

    def __str__(self) -> str:
        verdict = "ok" if self.ok else f"FAILED ({len(self.failures)} false statements)"
        proof = "no cell is missing" if self.complete else "completeness not proved"
        counts = ", ".join(f"{name} {count}" for name, count in self.checks.items())
        lines = [
            f"verification {verdict}: {self.n_verified} of {self.n_cells} cells, {proof}, "
            f"{self.seconds:.1f} s",
            f"checks made: {counts}",
            *self.failures[:20],
        ]
        if len(self.failures) > 20:
            lines.append(f"... and {len(self.failures) - 20} more")
        return "\n".join(lines)


def verify(
    complex: Complex | Exploration, sample: int | Sequence[int] | None = None, *, seed: int = 0
) -> VerificationReport:
    """Check a complex against its network in exact rational arithmetic, independently of the core.

    An `Exploration` is checked by `verify_exploration`, which see.

    For each verified cell: the polyhedron of its pattern has interior points; its irredundant
    facets are the listed ones, with all neurons that vanish on them; the pattern on the other side
    of each facet is the listed neighbour; its vertices, rounded to nearest, are the listed ones,
    with the listed signs; it is bounded or not as listed. For the complex: order of patterns and
    edges, connectedness, Euler characteristic and, if every cell is verified, completeness of the
    list, the f-vector, and (bounded domains of dimension up to 4) the sum of the volumes.

    Parameters
    ----------
    complex : Complex or Exploration
        What to verify.
    sample : int or sequence of int, optional
        Number of cells to verify, chosen at random, or the indices of the cells. All cells by
        default.
    seed : int, optional
        Seed of the random choice.

    Returns
    -------
    VerificationReport
        With ``ok``, ``failures``, ``complete`` and ``raise_if_failed()``; it prints as a short
        text.

    Raises
    ------
    MissingDependencyError
        If the module ``cdd.gmp`` of pycddlib is not installed (a local search does without).
    ValueError
        If `sample` is not positive, or names a cell that does not exist.

    See Also
    --------
    decompose, Complex.validate

    Notes
    -----
    The cost per cell is one exact double description in dimension n: milliseconds in 3-D, growing
    quickly with n.

    References
    ----------
    Fukuda and Prodon, Double description method revisited, Combinatorics and Computer Science,
    1996.
    """
    if not hasattr(complex, "f_vector"):  # a local search, which knows no vertices
        from .verify_exploration import verify_exploration

        return verify_exploration(complex, sample, seed=seed)
    complex = cast("Complex", complex)
    cdd = _exact_cdd()
    start = time.perf_counter()
    cells = chosen_cells(complex.n_cells, sample, seed)
    run = _Run(complex, cdd)
    run.check_arrays()
    exact = {i: cell for i in cells if (cell := run.check_cell(i)) is not None}
    all_cells = len(cells) == complex.n_cells
    complete = False
    if all_cells:
        complete = run.check_completeness()
        run.check_f_vector(exact)
        if run.domain.bounded and complex.dim <= MAX_VOLUME_DIM:
            run.check_volume(exact.values())
    seconds = time.perf_counter() - start
    return VerificationReport(
        complex.n_cells, len(cells), run.checks, tuple(run.failures), complete, seconds
    )


def _exact_cdd() -> Any:
    try:
        return importlib.import_module("cdd.gmp")
    except ImportError as error:
        raise MissingDependencyError(
            "`verify` needs the exact module `cdd.gmp` of pycddlib, which is not there: install "
            "the system packages of cddlib and GMP (Debian, Ubuntu: libcdd-dev libgmp-dev), then "
            "`pip install pycddlib` (pycddlib-standalone does not do: it has no `cdd.gmp`)"
        ) from error


def chosen_cells(n_cells: int, sample: int | Sequence[int] | None, seed: int) -> list[int]:
    if sample is None:
        return list(range(n_cells))
    if isinstance(sample, int | np.integer):
        if sample < 1:
            raise ValueError(
                f"`sample` must be a positive number of cells or a list of cells, got {sample}"
            )
        size = min(int(sample), n_cells)
        return [
            int(i)
            for i in np.sort(np.random.default_rng(seed).choice(n_cells, size, replace=False))
        ]
    chosen = sorted({int(i) for i in sample})
    if not chosen or chosen[0] < 0 or chosen[-1] >= n_cells:
        raise ValueError(
            f"`sample` must name cells from 0 to {n_cells - 1}, got {chosen[:1]} to {chosen[-1:]}"
        )
    return chosen


class _Run:
    """Checks of one complex, with their counts and failures."""

    def __init__(self, complex: Complex, cdd: Any) -> None:
        self.cx = complex
        self.cdd = cdd
        self.checks: dict[str, int] = {}
        self.failures: list[str] = []
        layers = zip(complex.network._core_layers()[:-1], complex.network.linear_units, strict=True)
        hidden = [IntegerLayer.from_floats(W, b, low, linear) for (W, b, low), linear in layers]
        self.exact = ExactNetwork(complex.dim, hidden, sides_of(complex.domain, complex.dim))
        self.domain = self.exact.domain(cdd)
        self.edges: list[dict[frozenset[int], tuple[int, int]]] = [
            {} for _ in range(complex.n_cells)
        ]
        for e, (i, j) in enumerate(complex.adjacency.tolist()):
            neurons = frozenset(complex.facet_neurons[e].tolist())
            self.edges[i][neurons] = (e, j)
            self.edges[j][neurons] = (e, i)
        self.seen = np.zeros(complex.n_edges, dtype=np.int64)

    def expect(self, check: str, holds: bool, message: str) -> bool:
        self.checks[check] = self.checks.get(check, 0) + 1
        if not holds:
            self.failures.append(f"{check}: {message}")
        return holds

    # statements about the arrays as a whole

    def check_arrays(self) -> None:
        cx = self.cx
        rows = cx.patterns.tolist()
        increasing = all(a < b for a, b in pairwise(rows)) and len(rows) == cx.n_cells
        self.expect("patterns", increasing, "they are not in strictly increasing order")
        edges = cx.adjacency.tolist()
        ordered = all(0 <= i < j < cx.n_cells for i, j in edges)
        self.expect("adjacency", ordered, "an edge is not i < j < n_cells")
        increasing = all(a < b for a, b in pairwise(edges))
        self.expect("adjacency", increasing, "the edges are not in strictly increasing order")
        self.expect("connected", self.n_components(edges) == 1, "the dual graph is not connected")
        f = [int(v) for v in cx.f_vector]
        euler = sum((-1) ** k * count for k, count in enumerate(f))
        known = self.euler_of_domain()
        self.expect(
            "euler characteristic", euler == known, f"f-vector {f} gives {euler}, not {known}"
        )
        self.expect("f-vector", f[-1] == cx.n_cells, f"{f} does not end with the number of cells")

    def euler_of_domain(self) -> int:
        """With compact support: 1 if bounded, -1 for each line in it, 0 if otherwise unbounded."""
        has_rays = self.domain.finite != self.domain.everything
        return 0 if has_rays else (-1) ** (len(self.domain.lines) % 2)

    def n_components(self, edges: Iterable[Sequence[int]]) -> int:
        parent = list(range(self.cx.n_cells))

        def root(i: int) -> int:
            while parent[i] != i:
                parent[i] = i = parent[parent[i]]
            return i

        for i, j in edges:
            parent[root(i)] = root(j)
        return sum(parent[i] == i for i in range(self.cx.n_cells))

    # statements about one cell

    def check_cell(self, i: int) -> ExactCell | None:
        """All statements about cell i; its polyhedron, or None if that has no interior point."""
        cell = self.exact.cell(self.cx.patterns[i].tolist(), self.cdd)
        if not self.expect("interior", cell.has_interior, f"cell {i} has no interior point"):
            return None
        wrong = [k for k in cell.vanishing if self.cx.patterns[i][k]]
        self.expect("patterns", not wrong, f"cell {i}: active neurons {wrong} vanish on the cell")
        self.check_facets(i, cell)
        self.check_vertices(i, cell)
        known = "bounded" if cell.bounded else "unbounded"
        self.expect("bounded", bool(self.cx.bounded[i]) == cell.bounded, f"cell {i} is {known}")
        return cell

    def check_facets(self, i: int, cell: ExactCell) -> None:
        """Listed are the facets off the boundary of the domain, each with the cell beyond it."""
        N = self.cx.n_neurons
        zero = {facet: cell.zero_set(facet) for facet in cell.facets}
        expected = {
            frozenset(k for k in range(N) if z >> k & 1): facet
            for facet, z in zero.items()
            if z >> N == 0
        }
        listed = self.edges[i]
        missing = sorted(map(sorted, expected.keys() - listed.keys()))
        extra = sorted(map(sorted, listed.keys() - expected.keys()))
        self.expect("facets", not missing, f"cell {i}: no edge for the facets in neurons {missing}")
        self.expect("facets", not extra, f"cell {i}: edges in neurons {extra} that are no facets")
        for neurons in sorted(expected.keys() & listed.keys(), key=sorted):
            edge, j = listed[neurons]
            beyond = self.exact.pattern_beyond(cell, expected[neurons])
            self.seen[edge] += self.expect(
                "neighbours",
                beyond == self.cx.patterns[j].tolist(),
                f"cell {j} is not beyond the facet of cell {i} in neurons {sorted(neurons)}",
            )

    def check_vertices(self, i: int, cell: ExactCell) -> None:
        """Listed are the exact vertices, rounded to nearest, with their exact signs."""
        cx = self.cx
        ids = [int(v) for v in cx.cell_vertices[i] if v < len(cx.vertices)]
        listed = {tuple(cx.vertices[v].tolist()): v for v in ids}
        exact = {tuple(_nearest(x) for x in p): p for p in cell.vertices()}
        same = exact.keys() == listed.keys() and len(ids) == len(cell.vertices())
        wrong = sorted(exact.keys() ^ listed.keys())[:4]
        self.expect("vertices", same, f"cell {i}: vertices {wrong} are only listed, or only exact")
        if not same or len(exact) < len(ids):
            return  # where two vertices round to the same floats, signs have no owner
        for key, p in exact.items():
            pairs = zip(cell.constraints, cx.patterns[i], strict=False)
            signs = [self.sign_at(c, p, bit) for c, bit in pairs]
            right = cx.vertex_signs[listed[key]].tolist() == signs
            self.expect("vertex signs", right, f"vertex {listed[key]}: exact signs are {signs}")

    @staticmethod
    def sign_at(constraint: list[int], p: tuple[Fraction, ...], active: bool) -> int:
        value = constraint[0] + sum(c * x for c, x in zip(constraint[1:], p, strict=True))
        return (1 if active else -1) * int(value > 0)

    # statements about all cells together

    def check_completeness(self) -> bool:
        """Every listed edge was confirmed from both of its cells, and no facet lacked a partner."""
        lonely = np.flatnonzero(self.seen != 2).tolist()
        confirmed = self.expect(
            "completeness", not lonely, f"edges {lonely[:10]} were not confirmed from both sides"
        )
        return confirmed and not any(
            f.startswith(("patterns", "interior", "facets")) for f in self.failures
        )

    def check_f_vector(self, cells: dict[int, ExactCell]) -> None:
        """Count the faces by their sign vectors: what is active, what vanishes."""
        dims: dict[tuple[int, int], int] = {}
        for i, cell in cells.items():
            active = sum(1 << k for k, bit in enumerate(self.cx.patterns[i]) if bit)
            for face in cell.faces:
                zero = cell.zero_set(face)
                key = (active & ~zero, zero)
                if key not in dims:
                    dims[key] = cell.dimension(face)
        counted = [list(dims.values()).count(k) for k in range(self.cx.dim + 1)]
        listed = [int(v) for v in self.cx.f_vector]
        self.expect("f-vector", listed == counted, f"listed {listed}, counted {counted}")

    def check_volume(self, cells: Iterable[ExactCell]) -> None:
        """The volumes of the cells add up to that of the domain."""
        total = sum((cell.volume() for cell in cells), Fraction(0)) / factorial(self.cx.dim)
        known = self.domain.volume() / factorial(self.cx.dim)
        message = f"cells sum to {_nearest(total)!r}, the domain has {_nearest(known)!r}"
        self.expect("volume", total == known, message)


def _nearest(x: Fraction) -> float:
    try:
        return float(x)
    except OverflowError:
        return copysign(inf, x.numerator)


def sides_of(domain: Box | Polytope | None, dim: int) -> list[list[int]]:
    """The inequalities of the domain."""
    if domain is None:
        return []
    if isinstance(domain, Box):
        unit = np.eye(dim)
        return halfspaces(-unit, -domain.lower) + halfspaces(unit, domain.upper)
    return halfspaces(domain.A, domain.b)
