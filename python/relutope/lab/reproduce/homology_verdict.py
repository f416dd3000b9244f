"""The answer to the homology question from its tables, by rules that are fixed here.

Unit of observation: the seed. Each seed gives one rank correlation per measure; records of one run
follow one another, so their number says nothing about certainty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..ranks import rank_correlation
from .options import stream
from .rules import unbeaten, verdict
from .spikes import control_steps, responses, spike_steps
from .statistics import Interval, bootstrap_interval, holm, sign_flip

Floats = NDArray[np.float64]
Row = Mapping[str, Any]
Series = dict[str, Floats]
Runs = dict[int, dict[str, Series]]
PerSeed = dict[int, float]

__all__ = [
    "KINDS",
    "NULLS",
    "RESIDUAL",
    "SMALLEST_RESIDUAL",
    "SMALLEST_RESPONSE",
    "Correlation",
    "Response",
    "changes",
    "correlations",
    "measures_of",
    "runs",
    "spike_responses",
    "spikes_of",
]

SMALLEST_RESPONSE = 0.01
"""Mean relative change at spikes below which, in size, none is claimed."""
SMALLEST_RESIDUAL = 0.0005
"""The same for the residual, in cells: 0.05 per 100 cells, a hundredth of the mean of β₁."""
CONTROLS = 20
"""Random times per spike."""

RESIDUAL = "euler_residual"
"""Alternating sum of the Betti means minus what face counts say that it is on average: what the
curves have left to say of the loss once the complex's faces are counted. Its mean is 0, so that its
change at spikes is not relative, but per cell."""

KINDS = {"levels": "as recorded", "changes": "trend removed"}
NULLS = {"random": "random labels", "drift": "untrained drift", "other": "loss of another run"}
CONTROL_TIMES = 12  # purpose of the random stream


@dataclass(frozen=True)
class Correlation:
    """Rank correlation of the training loss with one measure.

    Attributes
    ----------
    measure, kind : str
        `kind` is "levels" or "changes".
    verdict : str
        "found", "not specific", "not found" or "too few seeds".
    rho : Interval
        Over seeds, bootstrapped.
    nulls : dict of str to Interval
    p_zero : float
        Two-sided sign-flip p-value that the correlation is 0, Holm-adjusted over the measures.
    p : dict of str to float
        That it is no further from 0 than each null model's.
    adjusted : float
        Of the largest of all these, Holm-adjusted over the measures.
    """

    measure: str
    kind: str
    verdict: str
    rho: Interval
    nulls: dict[str, Interval]
    p_zero: float
    p: dict[str, float]
    adjusted: float

    @property
    def unbeaten(self) -> list[str]:
        """Null models whose correlation is not clearly weaker, each test by itself at LEVEL."""
        return unbeaten(self.p, NULLS)


@dataclass(frozen=True)
class Response:
    """Relative change of one measure at spikes of the loss, minus that at random times.

    Attributes
    ----------
    measure, when : str
        `when` is "at" or "after".
    verdict : str
        "found", "not found" or "too few seeds".
    spikes, controls, difference : Interval
        Changes, of the residual per cell, of all else relative. Over the seeds that have spikes,
        bootstrapped.
    adjusted : float
        Two-sided sign-flip p-value of the difference, Holm-adjusted over measures and times.
    """

    measure: str
    when: str
    verdict: str
    spikes: Interval
    controls: Interval
    difference: Interval
    adjusted: float


def measures_of(records: Sequence[Row]) -> list[str]:
    """The measures in the table: cells, Betti means, Betti means per cell."""
    names = [name for name in records[0] if name.startswith("betti_")]
    return ["n_cells", *sorted(names, key=lambda name: ("per_cell" in name, name))]


def _all_measures(records: Sequence[Row]) -> list[str]:
    return [*measures_of(records), *[name for name in (RESIDUAL,) if name in records[0]]]


def runs(records: Sequence[Row]) -> Runs:
    """Columns as float64 arrays in order of steps, by seed and arm."""
    grouped: dict[int, dict[str, list[Row]]] = {}
    for row in records:
        grouped.setdefault(row["seed"], {}).setdefault(row["arm"], []).append(row)
    return {
        seed: {
            arm: {
                name: np.array([float(row[name]) for row in rows])
                for name in rows[0]
                if name not in ("seed", "arm")
            }
            for arm, rows in arms.items()
        }
        for seed, arms in grouped.items()
    }


def changes(series: Floats) -> Floats:
    """Differences of consecutive records: the trend of the run is gone."""
    return np.diff(series)


def _rho(loss: Floats, values: Floats, kind: str) -> float:
    if kind == "levels":
        return rank_correlation(loss, values)
    return rank_correlation(changes(np.log(np.maximum(loss, 1e-300))), changes(values))


def _of_arm(found: Runs, arm: str, measure: str, kind: str) -> PerSeed:
    return {
        seed: _rho(arms[arm]["loss"], arms[arm][measure], kind)
        for seed, arms in found.items()
        if arm in arms
    }


def _of_other_runs(found: Runs, measure: str, kind: str) -> PerSeed:
    """The loss of every other seed with the measure of this one, averaged: trends and no more."""
    result: PerSeed = {}
    for seed, arms in found.items():
        pairs = [
            _rho(other["trained"]["loss"], arms["trained"][measure], kind)
            for another, other in found.items()
            if another != seed
        ]
        known = [rho for rho in pairs if not np.isnan(rho)]
        result[seed] = float(np.mean(known)) if known else float("nan")
    return result


def correlations(records: Sequence[Row]) -> list[Correlation]:
    """Verdicts on the correlation of the loss with each measure, by kind.

    Parameters
    ----------
    records : sequence of rows
        ``seed``, ``arm`` ("trained", "random", "drift"), ``step``, ``loss``, ``n_cells`` and
        ``betti_*``, in order of steps.

    Notes
    -----
    One Spearman correlation per seed. "Found" needs exact two-sided sign-flip tests over seeds to
    say that it is not 0 and that it is further from 0, in the direction of the mean, than that of
    every null model; the largest of these p-values, adjusted by Holm over the measures of a kind,
    is at most LEVEL, and the mean correlation at least SMALLEST in size. "Not specific": not 0 by
    that standard, but not clearly beyond every null model.
    """
    found = runs(records)
    names = _all_measures(records)
    result: list[Correlation] = []
    for kind in KINDS:
        own = {m: _of_arm(found, "trained", m, kind) for m in names}
        nulls = {m: _nulls(found, m, kind) for m in names}
        zero = {m: sign_flip(list(own[m].values()), "two-sided") for m in names}
        p = {m: {null: _beyond(own[m], values) for null, values in nulls[m].items()} for m in names}
        p_zero = holm(zero)
        adjusted = holm({m: max(zero[m], *p[m].values()) for m in names})
        for m in names:
            rho = bootstrap_interval(list(own[m].values()))
            result.append(
                Correlation(
                    measure=m,
                    kind=kind,
                    verdict=verdict(
                        abs(rho.mean),
                        adjusted[m],
                        least=_least_p(rho.n, len(names)),
                        nonzero=p_zero[m],
                    ),
                    rho=rho,
                    nulls={k: bootstrap_interval(list(v.values())) for k, v in nulls[m].items()},
                    p_zero=p_zero[m],
                    p=p[m],
                    adjusted=adjusted[m],
                )
            )
    return result


def _nulls(found: Runs, measure: str, kind: str) -> dict[str, PerSeed]:
    arms = {arm: _of_arm(found, arm, measure, kind) for arm in ("random", "drift")}
    return arms | {"other": _of_other_runs(found, measure, kind)}


def _beyond(own: PerSeed, null: PerSeed) -> float:
    """Two-sided p-value of the differences; 1 if the null model lies further out."""
    known = {s: rho for s, rho in own.items() if not np.isnan(rho)}
    direction = np.sign(np.mean(list(known.values()))) if known else 0.0
    # A null model without a correlation (a constant measure) has none: 0.
    gains = [direction * (rho - np.nan_to_num(null.get(s, 0.0))) for s, rho in known.items()]
    return sign_flip(gains, "two-sided") if gains and np.mean(gains) > 0 else 1.0


def _least_p(n: int, questions: int) -> float:
    """The smallest p-value of a two-sided sign-flip test, corrected for all questions."""
    return questions * 2.0 ** (1 - n)


def spikes_of(losses: Sequence[Row], arm: str = "trained") -> dict[int, list[int]]:
    """Steps of the spikes by seed."""
    series: dict[int, list[float]] = {}
    for row in losses:
        if row["arm"] == arm:
            series.setdefault(row["seed"], []).append(row["loss"])
    return {seed: spike_steps(np.array(values)) for seed, values in series.items()}


def controls_of(losses: Sequence[Row], spikes: Mapping[int, Sequence[int]]) -> dict[int, list[int]]:
    """Random times by seed, CONTROLS for each spike."""
    lengths: dict[int, int] = {}
    for row in losses:
        if row["arm"] == "trained":
            lengths[row["seed"]] = lengths.get(row["seed"], 0) + 1
    return {
        seed: control_steps(lengths[seed], at, CONTROLS * len(at), stream(seed, CONTROL_TIMES))
        for seed, at in spikes.items()
    }


def spike_responses(records: Sequence[Row], losses: Sequence[Row]) -> list[Response]:
    """Verdicts on what each measure does at the spikes of the loss and after them.

    Notes
    -----
    Per seed: the mean relative change over its spikes minus that over random times of the same run;
    of the residual the change per cell.
    "Found" needs an exact two-sided sign-flip test over the seeds that have spikes, adjusted by
    Holm over measures and times, to be at most LEVEL, and a mean difference of at least
    SMALLEST_RESPONSE in size, SMALLEST_RESIDUAL for the residual.
    """
    found, names = runs(records), _all_measures(records)
    spikes = spikes_of(losses)
    controls = controls_of(losses, spikes)
    values: dict[tuple[str, str], tuple[Floats, Floats]] = {}
    for m in names:
        pairs = [
            [_response_of(arms["trained"], m, events[seed]) for events in (spikes, controls)]
            for seed, arms in found.items()
        ]
        table = np.array(pairs, dtype=np.float64)  # seed, spikes or controls, at or after
        for k, when in enumerate(("at", "after")):
            values[m, when] = (table[:, 0, k], table[:, 1, k])
    p = {key: sign_flip(own - null, "two-sided") for key, (own, null) in values.items()}
    adjusted = _holm(p)
    return [
        _response(key, own, null, adjusted[key], len(values)) for key, (own, null) in values.items()
    ]


def _response_of(run: Series, measure: str, events: Sequence[int]) -> tuple[float, float]:
    values, relative = run[measure], measure != RESIDUAL
    return responses(run["step"], values if relative else values / run["n_cells"], events, relative)


def _holm(p: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    named = holm({" ".join(key): value for key, value in p.items()})
    return {key: named[" ".join(key)] for key in p}


def _response(
    key: tuple[str, str], own: Floats, null: Floats, adjusted: float, questions: int
) -> Response:
    difference = bootstrap_interval(own - null)
    answer = verdict(
        abs(difference.mean),
        adjusted,
        least=_least_p(difference.n, questions),
        smallest=SMALLEST_RESIDUAL if key[0] == RESIDUAL else SMALLEST_RESPONSE,
    )
    return Response(
        *key, answer, bootstrap_interval(own), bootstrap_interval(null), difference, adjusted
    )
