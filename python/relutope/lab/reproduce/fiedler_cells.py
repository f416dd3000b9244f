"""Whether the match of Fiedler cut and boundary belongs to the cells: the rules, fixed here.

Unit of observation: the seed. Each network's function is evaluated on its own cells and on cells
that have nothing to do with it; on each the Fiedler partition is compared with the sign of the
function by the adjusted Rand index (ARI). A graph without a partition counts as 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...graph.dual import Weight
from .rules import LEVEL, UNDECIDED, verdict
from .statistics import Interval, holm, sign_flip, student_interval

Row = dict[str, Any]
PerSeed = dict[int, float]

__all__ = ["LEAST_SEEDS", "OTHERS", "PRIMARY", "Comparison", "comparisons", "left_out", "of_data"]

PRIMARY: Weight = "inverse-output"
"""Weight of the primary hypothesis, on the first data set; all others are secondary."""
LEAST_SEEDS = 28
"""With fewer, there is no verdict."""

OTHERS = {
    "untrained": "untrained networks' cells",
    "shuffled": "cells of shuffled weights",
    "start": "cells at the start",
    "other trained": "another network's cells",
    "lattice": "a lattice",
    "voronoi": "Voronoi cells",
    "hyperplanes": "random lines",
}


@dataclass(frozen=True)
class Comparison:
    """One weight on one data set.

    Attributes
    ----------
    data, weight : str
    primary : bool
        Whether this is the hypothesis that was fixed in advance.
    verdict : str
        "found", "not specific", "not found" or "too few seeds".
    own : Interval
        ARI on the network's own cells.
    accuracy, boundary_cut : Interval
        There: share of the cells on the matching side, and share of the boundary's facets that the
        partition cuts.
    others, differences : dict of str to Interval
        ARI on each kind of other cells, and that on the own cells minus it.
    p : dict of str to float
        One-sided p-values of the sign-flip test of these differences.
    adjusted, adjusted_zero : float
        p-values that it beats all other cells, and that the ARI is above 0. The primary one stands
        by itself; the secondary ones are adjusted together (Holm), over weights and data sets.
    """

    data: str
    weight: Weight
    primary: bool
    verdict: str
    own: Interval
    accuracy: Interval
    boundary_cut: Interval
    others: dict[str, Interval]
    differences: dict[str, Interval]
    p: dict[str, float]
    adjusted: float
    adjusted_zero: float

    @property
    def hardest(self) -> str:
        """The other cells with the largest mean ARI."""
        return max(self.others, key=lambda name: self.others[name].mean)

    @property
    def unbeaten(self) -> list[str]:
        """Other cells that it does not beat, each test by itself at LEVEL."""
        return [OTHERS[name] for name, value in self.p.items() if value > LEVEL]


def of_data(rows: Iterable[Row], data: str) -> list[Row]:
    """The rows of one data set."""
    return [row for row in rows if row["data"] == data]


def left_out(phases: Iterable[Row]) -> set[tuple[str, int]]:
    """Data set and seed of the networks that fit their samples before the first update."""
    return {(row["data"], row["seed"]) for row in phases if row["memorised"] == 0}


def comparisons(
    cells: Sequence[Row],
    phases: Sequence[Row],
    weights: Mapping[str, Sequence[Weight]],
    least_seeds: int = LEAST_SEEDS,
) -> list[Comparison]:
    """The verdict for each weight on each data set, the primary one first.

    Parameters
    ----------
    cells : sequence of rows
        ``data``, ``seed``, ``cells`` ("own" or a key of OTHERS) and ``{weight}_ari``,
        ``{weight}_accuracy``, ``{weight}_boundary_cut`` (absent or None without a partition).
    phases : sequence of rows
        ``data``, ``seed``, ``memorised``.
    weights : mapping of str to sequence of str
        The weights to compare on each data set; that of the primary hypothesis comes first.
    least_seeds : int

    Notes
    -----
    Per kind of other cells there is one difference per seed, and a one-sided sign-flip test of
    them. A weight has to beat all kinds: its p-value is the largest. Left out by rule are the
    seeds whose network fits its samples at update 0: nothing was memorised there.
    """
    out, first = left_out(phases), next(iter(weights))
    tables = {
        (data, weight): _per_kind(of_data(cells, data), out, weight)
        for data, chosen in weights.items()
        for weight in chosen
    }
    p = {
        key: {name: _beats(found["own"], found[name]) for name in OTHERS}
        for key, found in tables.items()
    }
    all_beaten = _adjusted({key: max(values.values()) for key, values in p.items()}, first)
    above_zero = _adjusted(
        {k: sign_flip(list(t["own"].values())) for k, t in tables.items()}, first
    )
    run = {data: len({row["seed"] for row in of_data(phases, data)}) for data in weights}
    found = []
    for (data, weight), table in tables.items():
        own = student_interval(list(table["own"].values()))
        judged = verdict(
            own.mean, all_beaten[data, weight], least=0.0, nonzero=above_zero[data, weight]
        )
        found.append(
            Comparison(
                data=data,
                weight=weight,
                primary=(data, weight) == (first, PRIMARY),
                verdict=judged if run[data] >= least_seeds else UNDECIDED,
                own=own,
                accuracy=_over_seeds(cells, out, data, f"{weight}_accuracy"),
                boundary_cut=_over_seeds(cells, out, data, f"{weight}_boundary_cut"),
                others={name: student_interval(list(table[name].values())) for name in OTHERS},
                differences={
                    name: student_interval(_differences(table["own"], table[name]))
                    for name in OTHERS
                },
                p=p[data, weight],
                adjusted=all_beaten[data, weight],
                adjusted_zero=above_zero[data, weight],
            )
        )
    return sorted(found, key=lambda one: not one.primary)


def _adjusted(
    p_values: Mapping[tuple[str, str], float], first: str
) -> dict[tuple[str, str], float]:
    """The primary p-value as it is, the others by Holm."""
    names = {f"{data} {weight}": (data, weight) for data, weight in p_values}
    secondary = {name: p_values[key] for name, key in names.items() if key != (first, PRIMARY)}
    return dict(p_values) | {names[name]: value for name, value in holm(secondary).items()}


def _per_kind(rows: Sequence[Row], out: set[tuple[str, int]], weight: str) -> dict[str, PerSeed]:
    found: dict[str, PerSeed] = {name: {} for name in ("own", *OTHERS)}
    for row in rows:
        if (row["data"], row["seed"]) not in out:
            found[row["cells"]][row["seed"]] = float(row.get(f"{weight}_ari") or 0.0)
    return found


def _differences(own: PerSeed, other: PerSeed) -> list[float]:
    return [own[seed] - other[seed] for seed in own if seed in other]


def _beats(own: PerSeed, other: PerSeed) -> float:
    return sign_flip(_differences(own, other))


def _over_seeds(
    cells: Sequence[Row], out: set[tuple[str, int]], data: str, column: str
) -> Interval:
    """Over the seeds in which it is defined."""
    rows = [row for row in of_data(cells, data) if row["cells"] == "own"]
    kept = [row for row in rows if (data, row["seed"]) not in out]
    return student_interval([row[column] for row in kept if row.get(column) is not None])
