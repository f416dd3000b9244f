"""Independent verification of a complex in exact rational arithmetic.

Nothing here uses the core: only the arrays a `Complex` exposes are read, and each statement they
make is decided again from the weights, with Python integers and the exact double description of
cddlib (module ``cdd.gmp`` of pycddlib; its linear program solver is not used).  Three facts carry
the argument:

* the pattern of a cell fixes every preactivation as an affine form, so the cell is an explicit
  polyhedron;
* its facets are the forms that vanish on n affinely independent points of it;
* if every facet of every listed cell lies on the boundary of the domain or is shared with a listed
  cell, the list is complete, because the domain without its codimension-2 skeleton is connected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from fractions import Fraction
from math import factorial
from typing import Any, Literal, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from ..common.arguments import checked_seed
from ..common.arithmetic import ieee_arithmetic
from ..common.progress import Progress
from ..complex.cell_complex import CellComplex
from ..complex.cells import Cells, cells_of
from ..search.crew import Executors, mapped
from .by_certificates import ByCertificates
from .by_generators import ByGenerators, check_vertices
from .choices import FEW_DIMENSIONS, chosen_cells, exact_cdd
from .claims import ComplexClaims, Explored, exact_network
from .outcome import Checked, Ledger, Stopwatch, VerificationReport
from .rational_cell import ExactCell

__all__ = ["Method", "verify"]

Method = Literal["auto", "generators", "certificates"]

_MAX_VOLUME_DIM = 4
_PARTS, _MOST_AT_A_TIME = 64, 256  # that the cells are cut into, and cells, for an executor


@ieee_arithmetic
def verify(
    complex: Cells | Any,
    sample: int | Sequence[int] | None = None,
    *,
    method: Method = "auto",
    seed: int = 0,
    max_seconds: float | None = None,
    progress: Progress = False,
    executor: Executors | None = None,
) -> VerificationReport:
    """Check a complex against its network in exact rational arithmetic, independently of the core.

    For each verified cell: the polyhedron of its pattern has interior points; its irredundant
    facets are the listed ones, each listed once, with all neurons that vanish on them; the pattern
    on the other side of each facet is that of the listed neighbour. By generators also: its
    vertices, rounded to nearest, are the listed ones, with the listed signs; it is bounded or not
    as listed. For the complex: order of patterns and edges, and connectedness; if every cell is
    verified, completeness of the list; by generators then also the f-vector, its Euler
    characteristic, and (bounded domains of dimension up to 4) the sum of the volumes.

    For an `Exploration` see `relutope.verification.verify_exploration.verify_exploration`.

    Parameters
    ----------
    complex : Complex, Exploration or Slice
        What to verify.
    sample : int or sequence of int, optional
        Number of cells to verify, chosen at random, or the indices of the cells. All cells by
        default.
    method : {"auto", "generators", "certificates"}
        "generators": cddlib computes the vertices and rays of what the listed facets bound, and
        everything is read off them. "certificates": a rational point on each facet, and rational
        multipliers that show that another neuron is none; for any number of inputs, without cddlib.
        "auto": generators up to six dimensions.
    seed : int, optional
        Seed of the random choice.
    max_seconds : float, optional
        Verify no further cell after so many seconds; the report then says how many were.
    progress : bool or callable
        Show progress and the time left on stderr; or a callable that is told after each cell how
        many are done (twice) and how many there are. If it returns True, no further one is
        verified.
    executor : concurrent.futures.Executor or callable, optional
        Who verifies cells, as for `decompose`; this process by default. The report does not depend
        on it. Not for an `Exploration`.

    Returns
    -------
    VerificationReport
        With ``ok``, ``failures``, ``complete`` and ``raise_if_failed()``; it prints as a short
        text, which lists the checks that were made.

    Raises
    ------
    MissingDependencyError
        If the module ``cdd.gmp`` of pycddlib is needed and not installed (certificates do without).
    ValueError
        If `sample` is not positive, or names a cell that does not exist, or another argument is out
        of range.

    See Also
    --------
    decompose, Complex.validate

    Notes
    -----
    The double description takes only the listed facets and the sides of the domain, some tens of
    hundreds of inequalities; the others are then a matter of signs. What is not checked is not
    computed: a sample never asks for the f-vector.

    References
    ----------
    Fukuda and Prodon, Double description method revisited, Combinatorics and Computer Science,
    1996.
    """
    if method not in ("auto", "generators", "certificates"):
        raise ValueError(f"`method` must be 'auto', 'generators' or 'certificates', got {method!r}")
    watch, seed = Stopwatch(max_seconds), checked_seed(seed)
    source = cells_of(complex)
    if not isinstance(source, CellComplex):  # a local search, which knows no vertices
        if executor is not None:
            raise ValueError("`executor` is for complexes and slices; leave it out here")
        from .verify_exploration import verify_exploration

        return verify_exploration(
            cast("Explored", source),
            sample,
            method=method,
            seed=seed,
            max_seconds=max_seconds,
            progress=progress,
        )
    method = _way_of(source, method)
    cells = chosen_cells(source.n_cells, sample, seed)
    run = _Run(source, method, seed)
    run.check_arrays()
    if executor is None:
        run.check_cells(watch.cells(cells, progress))
    else:
        run.check_by(executor, cells, watch.cells(cells, progress))
    complete = run.n_verified == source.n_cells and run.check_whole()
    return VerificationReport(
        n_cells=source.n_cells,
        n_verified=run.n_verified,
        checks=run.ledger.checks,
        failures=tuple(run.ledger.failures),
        complete=complete,
        seconds=watch.seconds,
        method=method,
        out_of_time=run.n_verified < len(cells),
    )


def _way_of(cx: CellComplex, method: Method) -> Method:
    if method != "auto":
        return method
    return "generators" if cx.dim - cx.lineality_dim <= FEW_DIMENSIONS else "certificates"


class _Run:
    """Checks of one complex."""

    def __init__(self, complex: CellComplex, method: str, seed: int) -> None:
        self.cx, self.seed = complex, seed
        self.ledger = Ledger()
        self.claims = ComplexClaims(complex)
        self.n_verified = 0
        self.cells: dict[int, ExactCell] = {}
        self.confirmed = np.zeros(complex.n_edges, dtype=np.int64)  # from how many sides
        exact = exact_network(complex, by_units=method == "certificates")
        self.way: ByGenerators | ByCertificates
        if method == "generators":
            self.way = ByGenerators(self.claims, exact, self.ledger, exact_cdd())
        else:
            rng = np.random.default_rng(seed)
            self.way = ByCertificates(self.claims, exact, self.ledger, rng)

    # statements about the arrays as a whole

    def check_arrays(self) -> None:
        """Order of patterns and edges, and one component."""
        cx, expect = self.cx, self.ledger.expect
        increasing = _increase(cx.patterns.astype(np.int8)) and len(cx.patterns) == cx.n_cells
        expect("patterns", increasing, "they are not in strictly increasing order")
        edges = np.asarray(cx.adjacency)
        low, high = edges.T
        ordered = bool(((low >= 0) & (low < high) & (high < cx.n_cells)).all())
        expect("adjacency", ordered, "an edge is not i < j < n_cells")
        expect("adjacency", _increase(edges), "the edges are not in strictly increasing order")
        if ordered:
            expect("connected", self.n_components() == 1, "the dual graph is not connected")

    def n_components(self) -> int:
        """Number of components of the dual graph."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        n, (low, high) = self.cx.n_cells, self.cx.adjacency.T
        graph = coo_array((np.ones(len(low)), (low, high)), shape=(n, n))
        return int(connected_components(graph, directed=False, return_labels=False))

    # statements about single cells

    def check_cells(self, cells: Iterable[int]) -> None:
        """All statements about these cells."""
        keep = isinstance(self.way, ByGenerators)
        for i in cells:
            checked = self.way.check_cell(i)
            edges = self.claims.edges_of(i)
            self.confirmed[edges] += np.array(checked.confirmed, dtype=np.int64)
            if checked.cell is not None:
                self.check_shape(i, checked)
                if keep:
                    self.cells[i] = checked.cell
            self.n_verified += 1

    def check_by(self, executor: Executors, cells: Sequence[int], told: Iterator[int]) -> None:
        """The same by an executor, some cells at a time; goes through `told` as cells are done."""
        size = max(1, min(_MOST_AT_A_TIME, len(cells) // _PARTS))
        parts = [tuple(cells[k : k + size]) for k in range(0, len(cells), size)]
        method = "generators" if isinstance(self.way, ByGenerators) else "certificates"
        all_faces = len(cells) == self.cx.n_cells
        found: dict[tuple[int, ...], _Part] = {}
        results = mapped((self.cx, method, self.seed, all_faces), _checked, parts, executor)
        with closing(results):  # type: ignore[type-var]
            for part, result in results:
                found[part] = result
                if sum(1 for _ in zip(part, told, strict=False)) < len(part):
                    break
        for part in parts:  # in order, so that the report is that of one process
            if part in found:
                self._add(found[part])

    def _add(self, part: _Part) -> None:
        for check, times in part.ledger.checks.items():
            self.ledger.count(check, times)
        self.ledger.failures += part.ledger.failures
        self.ledger.all_proven &= part.ledger.all_proven
        self.confirmed[part.edges] += part.confirmed
        self.cells |= part.cells
        self.n_verified += part.n_verified

    def check_shape(self, i: int, checked: Checked) -> None:
        """Vertices, their signs, and whether the cell is bounded."""
        cell = checked.cell
        check_vertices(i, cell, self.cx, self.ledger)
        known = "bounded" if cell.bounded else "unbounded"
        same = bool(self.cx.bounded[i]) == cell.bounded
        self.ledger.expect("bounded", same, f"cell {i} is {known}")

    # statements about all cells together

    def check_whole(self) -> bool:
        """What can be checked when all cells are: their number, and by generators all faces."""
        complete = self.check_completeness()
        if isinstance(self.way, ByGenerators):
            self.check_faces(self.way.domain())
        return complete

    def check_completeness(self) -> bool:
        """Every listed edge was confirmed from both of its cells, and no facet lacked a partner."""
        lonely = np.flatnonzero(self.confirmed != 2).tolist()
        confirmed = self.ledger.expect(
            "completeness", not lonely, f"edges {lonely[:10]} were not confirmed from both sides"
        )
        wrong = self.ledger.failed("patterns", "vanishing", "interior", "facets", "no facet")
        return confirmed and self.ledger.all_proven and not wrong

    def check_faces(self, domain: ExactCell) -> None:
        """The f-vector, its alternating sum, and the sum of the volumes."""
        f = [int(v) for v in self.cx.f_vector]
        euler = sum((-1) ** k * count for k, count in enumerate(f))
        known = euler_of(domain)
        self.ledger.expect(
            "euler characteristic", euler == known, f"f-vector {f} gives {euler}, not {known}"
        )
        counted = self.counted_faces()
        self.ledger.expect("f-vector", f == counted, f"listed {f}, counted {counted}")
        if domain.bounded and self.cx.dim <= _MAX_VOLUME_DIM:
            self.check_volume(domain)

    def counted_faces(self) -> list[int]:
        """Numbers of faces by their sign vectors: what is active, what vanishes."""
        dims: dict[tuple[int, frozenset[int]], int] = {}
        for i, cell in self.cells.items():
            active = [k for k, bit in enumerate(self.cx.patterns[i].tolist()) if bit]
            for face in cell.faces:
                zero = cell.zero_set(face)
                key = (sum(1 << k for k in active if k not in zero), zero)
                if key not in dims:
                    dims[key] = cell.dimension(face)
        return [list(dims.values()).count(k) for k in range(self.cx.dim + 1)]

    def check_volume(self, domain: ExactCell) -> None:
        """The volumes of the cells add up to that of the domain."""
        unit = factorial(self.cx.dim)
        total = sum((cell.volume() for cell in self.cells.values()), Fraction(0)) / unit
        known = domain.volume() / unit
        message = f"the volumes of the cells sum to {total}, that of the domain is {known}"
        self.ledger.expect("volume", total == known, message)


class _Part(NamedTuple):
    """What came of some cells; `confirmed` says of how many sides of `edges`."""

    ledger: Ledger
    edges: NDArray[np.int64]
    confirmed: NDArray[np.int64]
    cells: dict[int, ExactCell]
    n_verified: int


def _checked(
    shared: tuple[CellComplex, str, int, bool], part: tuple[int, ...], report: object = None
) -> _Part:
    complex, method, seed, all_faces = shared
    run = _Run(complex, method, seed)
    run.check_cells(part)
    edges = np.flatnonzero(run.confirmed)
    cells = run.cells if all_faces else {}
    return _Part(run.ledger, edges, run.confirmed[edges], cells, run.n_verified)


def _increase(rows: NDArray[Any]) -> bool:
    """Whether rows increase strictly, lexicographically."""
    if rows.shape[1] == 0:
        return len(rows) <= 1
    differ = rows[1:] != rows[:-1]
    first = differ.argmax(axis=1)
    places = np.arange(len(first))
    later, earlier = rows[1:][places, first], rows[:-1][places, first]
    return bool((later > earlier).all())


def euler_of(domain: ExactCell) -> int:
    """With compact support: 1 if bounded, -1 for each line in it, 0 if otherwise unbounded."""
    has_rays = domain.finite != domain.everything
    return 0 if has_rays else int((-1) ** (len(domain.lines) % 2))
