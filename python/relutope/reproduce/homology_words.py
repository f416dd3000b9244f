"""What the report of the homology question says in words, from the verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .homology_verdict import Correlation, Response
from .prose import UNDECIDED, listed, number, plural, share

Spikes = Mapping[int, Sequence[int]]

WHEN = {"at": "at the spike", "after": "after it"}

__all__ = ["WHEN", "about_spikes", "lead", "measure_name", "title"]


def measure_name(measure: str) -> str:
    """A measure in words.

    Examples
    --------
    >>> measure_name("n_cells"), measure_name("betti_1"), measure_name("betti_0_per_cell")
    ('cells', 'mean β₁', 'mean β₀ per cell')
    """
    if measure == "n_cells":
        return "cells"
    name = f"mean β{'₀₁₂'[int(measure.split('_')[1])]}"
    return f"{name} per cell" if measure.endswith("per_cell") else name


def title(related: Sequence[Correlation], at_spikes: Sequence[Response]) -> str:
    """The answer in one line."""
    if any(one.verdict == UNDECIDED for one in related):
        return "Homology and training loss: too few seeds to decide"
    found = [one for one in related if one.verdict == "found"]
    if found:
        names = listed(list(dict.fromkeys(measure_name(one.measure) for one in found)))
        return f"Beyond the null models, the training loss goes with {names}"
    if any(one.verdict == "found" for one in at_spikes):
        return "No correlation with the loss beyond the null models, but a response to its spikes"
    return "Neither cells nor Betti curves follow the training loss beyond the null models"


def lead(related: Sequence[Correlation], at_spikes: Sequence[Response], spikes: Spikes) -> str:
    """What was found and what was not (HTML)."""
    text = f"{plural(len(spikes), 'network')}, one per seed."
    if any(one.verdict == UNDECIDED for one in related):
        return (
            f"{text} With {plural(related[0].rho.n, 'seed')} no test could be significant: the "
            "numbers below are a look, not an answer."
        )
    levels = [one for one in related if one.kind == "levels"]
    changes = [one for one in related if one.kind == "changes"]
    return " ".join(
        [
            text,
            _about(levels, "As recorded"),
            _about(changes, "With the trend removed"),
            about_spikes(at_spikes, spikes),
        ]
    )


def _about(related: Sequence[Correlation], how: str) -> str:
    yes = [one for one in related if one.verdict == "found"]
    partly = [one for one in related if one.verdict == "not specific"]
    if yes:
        parts = [f"{how}, the loss correlates beyond every null model with {_with_rho(yes)}."]
    else:
        parts = [f"{how}, <strong>no correlation with the loss beyond the null models</strong>."]
    for one in partly:
        rivals = listed(one.unbeaten, "or") if one.unbeaten else "all null models taken together"
        name = measure_name(one.measure)
        rho = number(one.rho.mean, sign=True)
        parts.append(f"There is one with {name} (ρ {rho}), but not clearly more than for {rivals}.")
    if not yes and not partly:
        largest = max(related, key=lambda one: abs(one.rho.mean))
        rho = number(largest.rho.mean, sign=True)
        parts.append(f"The largest mean is ρ {rho}, with {measure_name(largest.measure)}.")
    return " ".join(parts)


def _with_rho(found: Sequence[Correlation]) -> str:
    each = [f"{measure_name(o.measure)} (ρ {number(o.rho.mean, sign=True)})" for o in found]
    return f"<strong>{listed(each)}</strong>"


def about_spikes(at_spikes: Sequence[Response], spikes: Spikes) -> str:
    """What happens at spikes of the loss (HTML)."""
    count, having = sum(map(len, spikes.values())), sum(map(bool, spikes.values()))
    text = f"The loss spiked {plural(count, 'time')} in {having} of {plural(len(spikes), 'run')}"
    if at_spikes[0].verdict == UNDECIDED:
        return f"{text}: too few runs with spikes to tell what happens there."
    yes = [one for one in at_spikes if one.verdict == "found"]
    if not yes:
        return (
            f"{text}; <strong>no measure changes</strong> at the spikes or after them more than at "
            "random times."
        )
    each = [f"{measure_name(o.measure)} ({share(o.difference)} % {WHEN[o.when]})" for o in yes]
    return f"{text}; against random times this changes <strong>{listed(each)}</strong>."
