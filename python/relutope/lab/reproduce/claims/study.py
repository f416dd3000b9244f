"""What all studies of published claims share: claims, their verdicts, the report.

A study is a file beside this one: settings, ``run_seed`` (a table of plain values for a seed), the
claims (one number per seed each, and what it is compared with), pictures, and its words. All that
is fixed before the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...report import Captions, Fact, Page, Panel, Section, table
from ...runs import machine, versions
from ..options import Options, plain
from ..prose import between, in_words, number, p_value, plural
from ..rules import LEVEL, UNDECIDED, columns
from ..scaffold import Results, Row, Words, page
from ..seeds import seed_tables
from ..statistics import Interval, holm, sign_flip, student_interval

__all__ = ["Claim", "Judged", "Study", "answer", "claim_row", "claims_table", "judged"]

_WORDS = Captions(__package__)
Tables = Mapping[str, Sequence[Row]]


@dataclass(frozen=True)
class Claim:
    """A quantity with one value per seed, and what it is compared with.

    Attributes
    ----------
    name : str
        In words.
    values : sequence of float
        One per seed; NaN where it is undefined.
    expected : float, optional
        The value that is tested against; without it the quantity is only estimated.
    alternative : {"two-sided", "greater", "less"}
    primary : bool
        The hypothesis that the study was made for, tested by itself. All others are corrected
        together.
    most : float, optional
        A bound that every single value has to keep, instead of a test.
    digits : int
    """

    name: str
    values: Sequence[float]
    expected: float | None = None
    alternative: str = "two-sided"
    primary: bool = False
    most: float | None = None
    digits: int = 2


@dataclass(frozen=True)
class Judged:
    """A claim with its interval, p-value (adjusted unless primary) and verdict.

    `verdict` is "found", "not found", "too few seeds", "estimate", "holds", or "violated".
    """

    claim: Claim
    interval: Interval
    p: float
    verdict: str

    def told(self) -> str:
        """Outcome in a few words."""
        claim = self.claim
        if self.verdict == "violated":
            over = int(np.sum(np.array(claim.values) > (claim.most or 0.0)))
            return f"violated in {over:,} of {len(claim.values):,}"
        if self.verdict == "holds":
            return f"holds in all {len(claim.values):,}"
        return in_words(self.verdict)


@dataclass(frozen=True)
class Study:
    """A question, how it is asked, and what is made of the tables.

    Attributes
    ----------
    name : str
        Of the command, and of its words in ``captions.toml`` beside this file: ``title``,
        ``question``, ``rules`` (HTML items), ``limits`` (what it does not say) and ``methods`` (a
        paragraph to paste).
    references : sequence of str
        Keys of :data:`relutope.lab.reproduce.citing.REFERENCES`.
    run_seed : callable
        ``run_seed(settings, seed)``, a dict of tables with plain values.
    claims : callable
        ``claims(tables, settings)``, the primary one first.
    pictures : callable
        ``pictures(tables, settings)``, panels of the report.
    """

    name: str
    references: Sequence[str]
    run_seed: Callable[[Any, int], dict[str, Any]]
    claims: Callable[[Tables, Any], list[Claim]]
    pictures: Callable[[Tables, Any], list[Panel]]

    def words(self, what: str) -> Any:
        """An entry of ``captions.toml``: "title", "question", "rules", "limits" or "methods"."""
        return _WORDS.entry(f"{self.name}.{what}")


def judged(claims: Sequence[Claim]) -> list[Judged]:
    """The verdict on each claim.

    The primary one by its own sign-flip test, the other tests corrected together (Holm), bounds
    by looking at every value. "Too few seeds": no p-value could have been small enough.

    Examples
    --------
    >>> values = [0.9, 1.0, 1.1] * 4
    >>> found = judged([Claim("a", values, 0.0, primary=True), Claim("b", [1, 2], most=2)])
    >>> [one.verdict for one in found]
    ['found', 'holds']
    """
    tests = {c.name: sign_flip(_off(c), c.alternative) for c in claims if c.expected is not None}
    primary = {c.name for c in claims if c.primary}
    others = {name: p for name, p in tests.items() if name not in primary}
    p = tests | holm(others)
    return [
        Judged(
            claim,
            student_interval(claim.values),
            p.get(claim.name, float("nan")),
            _verdict(claim, p, 1 if claim.primary else max(1, len(others))),
        )
        for claim in claims
    ]


def _off(claim: Claim) -> list[float]:
    return [float(value) - float(claim.expected or 0.0) for value in claim.values]


def _verdict(claim: Claim, p: Mapping[str, float], questions: int) -> str:
    if claim.most is not None:
        return "holds" if all(value <= claim.most for value in claim.values) else "violated"
    if claim.expected is None:
        return "estimate"
    known = int(np.isfinite(np.array(claim.values, dtype=float)).sum())
    least = questions * 2.0 ** (-known + (claim.alternative == "two-sided"))
    if least > LEVEL:
        return UNDECIDED
    return "found" if p[claim.name] <= LEVEL else "not found"


def answer(
    study: Study, options: Options, results: Results
) -> tuple[dict[str, list[Row]], dict[str, str], Page]:
    """Tables, verdicts by name, and the page."""
    settings: Any = options.settings()
    tables = seed_tables(results)
    found = judged(study.claims(tables, settings))
    claims = [claim_row(one) for one in found]
    whole = page(
        options,
        Words(_title(study, found), _abstract(study, found, len(results)), _lead(found)),
        [Fact("seeds", str(len(results)))]
        + [Fact(one.claim.name, number(one.interval.mean, one.claim.digits)) for one in found[:7]],
        [
            Section(
                "Claims and verdicts",
                "Means with 95 % intervals (Student) over seeds; of bounds over all networks.",
                [Panel("All claims", _caption(found), claims_table(found), 12)],
            ),
            Section(
                "Pictures", "What the numbers are made from.", study.pictures(tables, settings)
            ),
            Section(
                "The rules",
                "Constants of the code, fixed before the run.",
                [Panel("How the verdicts are made", "", _items(study), 12)],
            ),
        ],
        [(name, str(value)) for name, value in plain(settings).items()]
        + [("seeds", f"{options.all_seeds[0]} to {options.all_seeds[-1]}")]
        + [*versions().items(), ("machine", machine())],
        tables | {"claims": claims},
    )
    return tables | {"claims": claims}, {one.claim.name: one.verdict for one in found}, whole


def _title(study: Study, found: Sequence[Judged]) -> str:
    first = found[0]
    if first.verdict == UNDECIDED:
        return f"{study.words('title')}: too few seeds to decide"
    if first.verdict == "not found":
        return f"{study.words('title')}: not shown with {plural(first.interval.n, 'seed')}"
    return f"{study.words('title')}: {first.told() if first.verdict != 'found' else 'shown'}"


def _abstract(study: Study, found: Sequence[Judged], seeds: int) -> list[str]:
    tests = [one for one in found[1:] if one.claim.expected is not None]
    yes = [one.claim.name for one in tests if one.verdict == "found"]
    lines = [study.words("question"), f"{plural(seeds, 'seed')}; {_primary(found[0])}"]
    if tests and tests[0].verdict != UNDECIDED:
        lines.append(f"Secondary, corrected together: {len(yes)} of {len(tests)} shown.")
    return [*lines, *study.words("limits")]


def _primary(first: Judged) -> str:
    text = f"primary: {first.claim.name}, {between(first.interval, first.claim.digits)}"
    if first.claim.expected is None:
        return f"{text}; {first.told()}."
    against = number(first.claim.expected, first.claim.digits)
    return (
        f"{text} against {against}; p {p_value(first.p)}, {first.p / LEVEL:.2g} times the level: "
        f"{first.told()}."
    )


def _lead(found: Sequence[Judged]) -> str:
    shown = [one for one in found if one.verdict == "found"]
    parts = [
        f"Shown: {'; '.join(_sized(one) for one in shown[:6])}." if shown else "",
        " ".join(f"{one.claim.name}: {one.told()}." for one in found if one.verdict == "violated"),
    ]
    text = " ".join(part for part in parts if part)
    return text or "Nothing is shown; “not shown” is no proof of absence."


def _sized(one: Judged) -> str:
    return f"{one.claim.name}: {between(one.interval, one.claim.digits)}"


def _caption(found: Sequence[Judged]) -> str:
    if all(one.claim.expected is None for one in found):
        return "Estimates and bounds; nothing is tested."
    return (
        "p: sign-flip test over seeds against the value that is expected; of the primary claim by "
        "itself, of all others corrected together (Holm)."
    )


def claims_table(found: Sequence[Judged]) -> str:
    """Name, mean and interval, p-value and verdict of each claim (HTML)."""
    rows = [
        [
            f"{one.claim.name}{' (primary)' if one.claim.primary else ''}",
            between(one.interval, one.claim.digits),
            _compared_with(one.claim),
            "–" if np.isnan(one.p) else p_value(one.p),
            one.told(),
        ]
        for one in found
    ]
    return table(["claim", "mean", "compared with", "p", "verdict"], rows)


def _compared_with(claim: Claim) -> str:
    if claim.most is not None:
        return f"at most {claim.most:g}"
    return "–" if claim.expected is None else number(claim.expected, claim.digits)


def _items(study: Study) -> str:
    return f"<ul>{''.join(f'<li>{item}</li>' for item in study.words('rules'))}</ul>"


def claim_row(one: Judged) -> Row:
    """A line of the table of claims."""
    return {
        "claim": one.claim.name,
        "primary": one.claim.primary,
        "verdict": one.verdict,
        "n": one.interval.n,
        **columns("mean", one.interval),
        "expected": one.claim.expected,
        "at_most": one.claim.most,
        "p": None if np.isnan(one.p) else one.p,
    }
