"""Numbers and lists in words for the reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

import numpy as np

from .statistics import Interval

__all__ = [
    "SNIPPET",
    "between",
    "by_verdict",
    "files",
    "grouped",
    "in_words",
    "listed",
    "no_test",
    "number",
    "p_value",
    "plural",
    "share",
]

SNIPPET = """\
from pathlib import Path
from relutope.tracking.recorded_table import read_table
tables = {path.stem: read_table(path) for path in Path(".").glob("*.csv")}
tables["records"].keys()  # one row per seed, arm and recorded step"""
"""Lines that load a reproduction's tables."""


def number(value: float, digits: int = 2, sign: bool = False) -> str:
    """A number with a true minus sign, or a dash where it is undefined.

    Examples
    --------
    >>> number(-0.126), number(0.5, sign=True), number(float("nan"))
    ('−0.13', '+0.50', '–')
    """
    if np.isnan(value):
        return "–"
    text = f"{value:+.{digits}f}" if sign else f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("+-")
    return text.replace("-", "−")


def between(found: Interval, digits: int = 2, sign: bool = False) -> str:
    """A mean with its interval.

    Examples
    --------
    >>> between(Interval(0.25, 0.1, 0.4, 12))
    '0.25 [0.10, 0.40]'
    """
    if found.n < 2 or np.isnan(found.mean):
        return number(found.mean, digits, sign)
    low, high = number(found.low, digits, sign), number(found.high, digits, sign)
    return f"{number(found.mean, digits, sign)} [{low}, {high}]"


def share(found: Interval, digits: int = 1) -> str:
    """A relative change in per cent with its interval."""
    return between(
        Interval(100 * found.mean, 100 * found.low, 100 * found.high, found.n), digits, sign=True
    )


def in_words(verdict: str) -> str:
    """A verdict as a page says it: what was not found is not shown to be absent.

    Examples
    --------
    >>> in_words("not found"), in_words("found")
    ('not shown', 'found')
    """
    return "not shown" if verdict == "not found" else verdict


def p_value(p: float) -> str:
    """A p-value to two digits that matter.

    Examples
    --------
    >>> p_value(0.00024), p_value(0.0312), p_value(1.0)
    ('< 0.001', '0.031', '1.00')
    """
    if p < 0.001:
        return "< 0.001"
    return f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def listed(names: Sequence[str], last: str = "and") -> str:
    """Names in a sentence.

    Examples
    --------
    >>> listed(["a", "b", "c"]), listed(["a"]), listed([])
    ('a, b and c', 'a', 'none')
    """
    if len(names) < 2:
        return names[0] if names else "none"
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def grouped(pairs: Sequence[tuple[str, Sequence[str]]]) -> list[tuple[list[str], str]]:
    """Names with the same rivals together, and these rivals in words; "" where there are none.

    Examples
    --------
    >>> grouped([("cells", ["drift"]), ("edges", ["drift"]), ("faces", [])])
    [(['cells', 'edges'], 'drift'), (['faces'], '')]
    """
    groups: dict[str, list[str]] = {}
    for name, rivals in pairs:
        groups.setdefault(listed(rivals, "or") if rivals else "", []).append(name)
    return [(names, text) for text, names in groups.items()]


class Judged(Protocol):
    """What a verdict was given on."""

    @property
    def verdict(self) -> str: ...


One = TypeVar("One", bound=Judged)


def by_verdict(found: Sequence[One], verdict: str) -> list[One]:
    """Those with that verdict."""
    return [one for one in found if one.verdict == verdict]


def no_test(seeds: int) -> str:
    """That no test could be significant.

    Examples
    --------
    >>> no_test(2)[:46]
    'With 2 seeds no test could be significant: the'
    """
    return (
        f"With {plural(seeds, 'seed')} no test could be significant: the numbers below are a look, "
        "not an answer."
    )


def plural(count: int, noun: str) -> str:
    """A count with its noun.

    Examples
    --------
    >>> plural(1, "seed"), plural(3, "seed")
    ('1 seed', '3 seeds')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def files(tables: Mapping[str, Sequence[object]]) -> list[tuple[str, str]]:
    """What lies beside the page: the tables, and the settings.

    Examples
    --------
    >>> files({"phases": [1, 2, 3]})[0]
    ('phases.csv', '3 rows')
    """
    found = [(f"{name}.csv", plural(len(rows), "row")) for name, rows in tables.items()]
    return [
        *found,
        ("reproduce.json", "settings, versions, verdicts"),
        ("methods.txt", "a paragraph to paste"),
        ("references.bib", "what to cite"),
        ("pictures/", "every picture as PDF and SVG"),
    ]
