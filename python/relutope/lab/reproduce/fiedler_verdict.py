"""The answer to the Fiedler question from its tables, by rules that are fixed here.

Unit of observation: the seed. Measure: the adjusted Rand index (ARI) of the Fiedler partition of
the cells with the sign of the network at their interior points. A seed without a partition (a dual
graph of more than two components) counts as 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...graph.dual import Weight
from .rules import LEVEL, unbeaten, verdict
from .statistics import Interval, holm, sign_flip, student_interval

Row = Mapping[str, Any]
PerSeed = dict[int, float]

__all__ = [
    "CLOSE",
    "NULLS",
    "PHASES",
    "STEPS",
    "Delay",
    "Finding",
    "delay",
    "end_agreement",
    "findings",
]

CLOSE = 0.5
"""Mean ARI from which a match is called close."""
DELAYED = 2.0
"""Generalisation is delayed if it takes so many times the updates of memorisation."""

NULLS = {
    "untrained": "untrained networks",
    "shuffled": "shuffled weights",
    "random": "random labels",
    "straight": "straight cuts",
}
PHASES = ("start", "memorised", "generalised", "end")
STEPS = {
    "memorising": ("start", "memorised"),
    "generalising": ("memorised", "generalised"),
    "from then on": ("memorised", "end"),
}
"""Stretches of training: memorising, from there to generalising, and from there to the end."""


@dataclass(frozen=True)
class Finding:
    """What was found for one weight.

    Attributes
    ----------
    weight : str
    verdict : str
        "found", "not specific", "not found" or "too few seeds".
    end : Interval
        ARI at the end of training.
    nulls : dict of str to Interval
        ARI of each null model.
    p : dict of str to float
        One-sided p-values of the sign-flip test against each null model.
    adjusted, adjusted_zero : float
        Holm-adjusted p-values of beating all null models, and of an ARI above 0.
    n_undefined : int
        Seeds without a partition at the end.
    phases : dict of str to Interval
        ARI at each of PHASES, over the seeds that memorised; that at "generalised" over those of
        them that generalised later.
    changes : dict of str to Interval
        Change of the ARI during each of STEPS, over the seeds that have both ends.
    changes_p : dict of str to float
        Two-sided sign-flip p-values, Holm-adjusted over the three.
    """

    weight: Weight
    verdict: str
    end: Interval
    nulls: dict[str, Interval]
    p: dict[str, float]
    adjusted: float
    adjusted_zero: float
    n_undefined: int
    phases: dict[str, Interval] = field(default_factory=dict)
    changes: dict[str, Interval] = field(default_factory=dict)
    changes_p: dict[str, float] = field(default_factory=dict)

    @property
    def unbeaten(self) -> list[str]:
        """Null models that it does not beat, each test by itself at LEVEL."""
        return unbeaten(self.p, NULLS)

    @property
    def moved(self) -> dict[str, int]:
        """Steps during which the agreement changed, and in which direction (1 or -1)."""
        return {
            step: 1 if self.changes[step].mean > 0 else -1
            for step, p in self.changes_p.items()
            if p <= LEVEL
        }


@dataclass(frozen=True)
class Delay:
    """Whether generalisation came late.

    Attributes
    ----------
    n : int
        Seeds.
    memorised, generalised : int
        Seeds that did at all.
    both : int
        Seeds that did both.
    delayed : int
        Seeds that generalised at least DELAYED times later than they memorised.
    ratio : float
        Median of the ratios of these updates, over the seeds that did both.
    step_memorised, step_generalised : float
        Medians over the seeds that did.
    accuracy : Interval
        Held-out accuracy when memorised.
    """

    n: int
    memorised: int
    generalised: int
    both: int
    delayed: int
    ratio: float
    step_memorised: float
    step_generalised: float
    accuracy: Interval

    @property
    def happened(self) -> bool:
        """In more than half of the seeds that did both; the others say nothing about a delay."""
        return self.delayed > self.both / 2


def delay(phases: Sequence[Row]) -> Delay:
    """Read memorisation and generalisation off the table of phases."""
    memorised = [row["memorised"] for row in phases if row["memorised"] is not None]
    generalised = [row["generalised"] for row in phases if row["generalised"] is not None]
    ratios = [
        row["generalised"] / max(row["memorised"], 1)
        for row in phases
        if row["memorised"] is not None and row["generalised"] is not None
    ]
    return Delay(
        n=len(phases),
        memorised=len(memorised),
        generalised=len(generalised),
        both=len(ratios),
        delayed=sum(ratio >= DELAYED for ratio in ratios),
        ratio=_median(ratios),
        step_memorised=_median(memorised),
        step_generalised=_median(generalised),
        accuracy=student_interval([_number(row["test_when_memorised"]) for row in phases]),
    )


def _median(values: Sequence[float]) -> float:
    return float(np.median(values)) if values else float("nan")


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


def end_agreement(records: Iterable[Row], arm: str, column: str) -> PerSeed:
    """Per seed: the mean of a column over the draws at the last step of an arm; no value is 0."""
    rows = [row for row in records if row["arm"] == arm]
    last = {seed: max(r["step"] for r in rows if r["seed"] == seed) for seed in _seeds(rows)}
    return {
        seed: float(
            np.mean([r.get(column) or 0.0 for r in rows if r["seed"] == seed and r["step"] == step])
        )
        for seed, step in last.items()
    }


def _seeds(rows: Iterable[Row]) -> list[int]:
    return sorted({row["seed"] for row in rows})


def findings(
    records: Sequence[Row], phases: Sequence[Row], weights: Sequence[Weight]
) -> list[Finding]:
    """The verdict for each weight.

    Parameters
    ----------
    records : sequence of rows
        ``seed``, ``arm`` ("trained", "random", "shuffled", "untrained"), ``draw``, ``step``,
        ``straight_ari`` and ``{weight}_ari`` (absent or None without a partition).
    phases : sequence of rows
        ``seed``, ``memorised`` and ``generalised``: steps that the trained arm has rows for, or
        None.
    weights : sequence of str

    Notes
    -----
    Against each null model there is one difference per seed, and an exact one-sided sign-flip test
    of them. To be "found", a weight has to beat all null models: its p-value is the largest of
    them, adjusted by Holm over the weights, at most LEVEL, with a mean ARI of at least SMALLEST.
    A weight whose ARI is above 0 by the same standard but that does not beat all of them is "not
    specific". With so few seeds that no p-value could be small enough it is "too few seeds".
    """
    trained = {w: end_agreement(records, "trained", f"{w}_ari") for w in weights}
    nulls = {w: _nulls(records, w) for w in weights}
    p = {
        w: {name: _beats(trained[w], values) for name, values in nulls[w].items()} for w in weights
    }
    all_beaten = holm({w: max(p[w].values()) for w in weights})
    above_zero = holm({w: sign_flip(list(trained[w].values())) for w in weights})
    found = []
    for w in weights:
        end = student_interval(list(trained[w].values()))
        found.append(
            Finding(
                weight=w,
                verdict=verdict(
                    end.mean,
                    all_beaten[w],
                    least=len(weights) * 2.0**-end.n,
                    nonzero=above_zero[w],
                ),
                end=end,
                nulls={name: student_interval(list(v.values())) for name, v in nulls[w].items()},
                p=p[w],
                adjusted=all_beaten[w],
                adjusted_zero=above_zero[w],
                n_undefined=_undefined(records, w),
                **_timing(records, phases, w),
            )
        )
    return found


def _nulls(records: Sequence[Row], weight: str) -> dict[str, PerSeed]:
    named = {
        name: end_agreement(records, name, f"{weight}_ari") for name in NULLS if name != "straight"
    }
    return named | {"straight": end_agreement(records, "trained", "straight_ari")}


def _beats(own: PerSeed, null: PerSeed) -> float:
    return sign_flip([own[seed] - null[seed] for seed in own if seed in null])


def _undefined(records: Sequence[Row], weight: str) -> int:
    rows = [row for row in records if row["arm"] == "trained"]
    last = {seed: max(r["step"] for r in rows if r["seed"] == seed) for seed in _seeds(rows)}
    return sum(row.get(f"{weight}_ari") is None for row in rows if row["step"] == last[row["seed"]])


def _timing(records: Sequence[Row], phases: Sequence[Row], weight: str) -> dict[str, Any]:
    """The agreement at the phases and its changes, over the seeds that memorised."""
    at = {
        (row["seed"], row["step"]): float(row.get(f"{weight}_ari") or 0.0)
        for row in records
        if row["arm"] == "trained"
    }
    values: dict[str, PerSeed] = {name: {} for name in PHASES}
    for row in phases:
        seed, memorised, generalised = row["seed"], row["memorised"], row["generalised"]
        if memorised is None:
            continue
        end = max(step for each, step in at if each == seed)
        steps = {"start": 0, "memorised": memorised, "end": end}
        if generalised is not None and generalised > memorised:
            steps["generalised"] = generalised
        for name, step in steps.items():
            values[name][seed] = at[seed, step]
    changes = {
        step: [values[after][seed] - values[before][seed] for seed in values[after]]
        for step, (before, after) in STEPS.items()
    }
    return {
        "phases": {name: student_interval(list(found.values())) for name, found in values.items()},
        "changes": {step: student_interval(found) for step, found in changes.items()},
        "changes_p": holm({step: sign_flip(d, "two-sided") for step, d in changes.items()}),
    }
