"""Independent verification of a local search in exact rational arithmetic.

Nothing here uses the core: only what an `Exploration` states is read, and each statement is decided
again from the weights, by the same two methods as for a complex.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from ..common.arguments import checked_count, checked_seed
from ..common.progress import Progress
from .by_certificates import ByCertificates
from .by_generators import ByGenerators
from .choices import FEW_DIMENSIONS, chosen_cells, exact_cdd
from .claims import ExplorationClaims, Explored, exact_network
from .outcome import Ledger, Stopwatch, VerificationReport

__all__ = ["verify_exploration"]


def verify_exploration(
    exploration: Explored,
    sample: int | Sequence[int] | None = None,
    *,
    method: Literal["auto", "generators", "certificates"] = "certificates",
    seed: int = 0,
    max_proofs: int | None = None,
    max_seconds: float | None = None,
    progress: Progress = False,
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
    method : {"certificates", "generators", "auto"}
        As for `verify`; "auto" takes certificates also where cddlib is not installed.
    seed : int
        Seed of the random choice.
    max_proofs : int, optional
        For how many neurons of a cell that are no facets an exact proof is attempted, chosen at
        random; floating point decides about the others. All by default. Certificates only.
    max_seconds : float, optional
        Verify no further cell after so many seconds; the report then says how many were.
    progress : bool or callable
        Show progress and the time left on stderr; or a callable that is told after each cell how
        many are done (twice) and how many there are. If it returns True, no further one is
        verified.

    Returns
    -------
    VerificationReport
        ``checks["no facet, proven"]`` and ``checks["no facet, by floating point"]`` count both
        kinds, and "not decided" what floating point cannot tell either; ``complete`` is True only
        if all is proven and no cell of the domain is missing.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    The cost per cell is a linear program for each facet that is not seen from the cell's middle,
    a linear program and an exact proof for each other neuron.

    Examples
    --------
    >>> import relutope as rt
    >>> net = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, -1.0]], [0.0])]
    >>> report = verify_exploration(rt.explore(net, [3.0, 1.0]))
    >>> report.ok, report.complete, report.checks["facets"]
    (True, True, 16)
    """
    if max_proofs is not None:
        max_proofs = checked_count("max_proofs", max_proofs, 0)
    watch, seed = Stopwatch(max_seconds), checked_seed(seed)
    cells = chosen_cells(exploration.n_cells, sample, seed)
    claims, ledger = ExplorationClaims(exploration), Ledger()
    if method == "auto":
        method = _method(exploration)
    way: ByGenerators | ByCertificates
    exact = exact_network(exploration, by_units=method == "certificates")
    if method == "generators":
        way = ByGenerators(claims, exact, ledger, exact_cdd())
    else:
        way = ByCertificates(claims, exact, ledger, np.random.default_rng(seed), max_proofs)
    _check_all_cells(exploration, claims, ledger)
    verified = 0
    for i in watch.cells(cells, progress):
        way.check_cell(i)
        verified += 1
    everything = verified == exploration.n_cells and exploration.complete
    return VerificationReport(
        n_cells=exploration.n_cells,
        n_verified=verified,
        checks=ledger.checks,
        failures=tuple(ledger.failures),
        complete=everything and not ledger.failures and ledger.all_proven,
        seconds=watch.seconds,
        method=method,
        out_of_time=verified < len(cells),
    )


def _method(exploration: Explored) -> Literal["generators", "certificates"]:
    if exploration.network.input_dim > FEW_DIMENSIONS:
        return "certificates"
    try:
        exact_cdd()
    except ImportError:
        return "certificates"
    return "generators"


def _check_all_cells(exploration: Explored, claims: ExplorationClaims, ledger: Ledger) -> None:
    """Patterns differ, and explored neighbours name the same facet from both sides."""
    distinct = len(claims.numbers) == claims.n_cells
    ledger.expect("patterns", distinct, "two cells have the same pattern")
    pairs = {(i, j): zeros for i in range(claims.n_cells) for zeros, j in claims.links(i) if j >= 0}
    for (i, j), zeros in pairs.items():
        message = f"cells {i} and {j} do not share the facet in neurons {sorted(zeros)}"
        ledger.expect("both sides", pairs.get((j, i)) == zeros, message)
    listed = [list(pair) for pair in sorted(pairs) if pair[0] < pair[1]]
    same = listed == exploration.adjacency.tolist()
    ledger.expect("adjacency", same, "it is not the list of explored neighbours")
