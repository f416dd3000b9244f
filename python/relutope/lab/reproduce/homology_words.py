"""What the report of the homology question says in words, from the verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .homology_verdict import RESIDUAL, Correlation, Response
from .prose import (
    between,
    by_verdict,
    grouped,
    in_words,
    listed,
    no_test,
    number,
    p_value,
    plural,
    share,
)
from .rules import UNDECIDED

Spikes = Mapping[int, Sequence[int]]

WHEN = {"at": "at the spike", "after": "after it"}

__all__ = ["WHEN", "about_spikes", "abstract", "lead", "measure_name", "remains", "title"]


def measure_name(measure: str) -> str:
    """A measure in words.

    Examples
    --------
    >>> measure_name("n_cells"), measure_name("betti_1"), measure_name("betti_0_per_cell")
    ('cells', 'mean β₁', 'mean β₀ per cell')
    >>> measure_name("euler_residual")
    'residual'
    """
    if measure == "n_cells":
        return "cells"
    if measure == "euler_residual":
        return "residual"
    name = f"mean β{'₀₁₂'[int(measure.split('_')[1])]}"
    return f"{name} per cell" if measure.endswith("per_cell") else name


def title(related: Sequence[Correlation], at_spikes: Sequence[Response]) -> str:
    """The answer in one line."""
    if by_verdict(related, UNDECIDED):
        return "Homology and training loss: too few seeds to decide"
    found = by_verdict(related, "found")
    if found:
        names = listed(list(dict.fromkeys(measure_name(one.measure) for one in found)))
        return f"Beyond the null models, the training loss goes with {names}"
    if by_verdict(at_spikes, "found"):
        return "A response to spikes of the loss; no correlation with it shown beyond null models"
    return (
        "That cells or Betti curves follow the training loss beyond the null models is not shown "
        f"with {plural(related[0].rho.n, 'seed')}"
    )


def abstract(
    related: Sequence[Correlation], at_spikes: Sequence[Response], spikes: Spikes
) -> list[str]:
    """Question, material, answers and limits, a line each (HTML)."""
    seeds = plural(related[0].rho.n, "seed")
    return [
        "Do the number of cells and the Betti curves of random filtrations follow the training "
        "loss, and do they respond to its spikes?",
        f"Asked of {plural(len(spikes), 'network')}, beside random labels, untrained drift and the "
        "loss of another run.",
        _answer("Correlation with the loss", related, seeds),
        _answer("Response to spikes", at_spikes, plural(sum(map(bool, spikes.values())), "run")),
        "One data set and one architecture: nothing is said of others. “Not shown” is no proof of "
        "absence.",
    ]


def _answer(what: str, found: Sequence[Correlation | Response], of: str) -> str:
    if by_verdict(found, UNDECIDED):
        return f"{what}: with {of} no test could be significant."
    yes = list(dict.fromkeys(measure_name(one.measure) for one in by_verdict(found, "found")))
    if yes:
        return f"{what}: shown for {listed(yes)}."
    least = p_value(min(one.adjusted for one in found))
    return f"{what}: not shown with {of}; the smallest corrected p-value is {least}."


def lead(related: Sequence[Correlation], at_spikes: Sequence[Response], spikes: Spikes) -> str:
    """What was found and what was not (HTML)."""
    text = f"{plural(len(spikes), 'network')}, one per seed."
    if by_verdict(related, UNDECIDED):
        return f"{text} {no_test(related[0].rho.n)}"
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
    yes, partly = by_verdict(related, "found"), by_verdict(related, "not specific")
    if yes:
        each = f"<strong>{listed([_with_rho(one) for one in yes])}</strong>"
        parts = [f"{how}, the loss correlates beyond every null model with {each}."]
    else:
        seeds = plural(related[0].rho.n, "seed")
        parts = [
            f"{how}, a correlation with the loss beyond the null models is not shown with {seeds}."
        ]
    pairs = [(_with_rho(one), one.unbeaten) for one in partly]
    for names, rivals in grouped(pairs):
        how = f"is not clearly stronger than for {rivals}"
        if not rivals:
            how = "is stronger than for each null model, but not when corrected for all measures"
        parts.append(f"That with {listed(names)} {how}.")
    if not yes and not partly:
        reach = max(max(abs(one.rho.low), abs(one.rho.high)) for one in related)
        parts.append(f"All their 95 % intervals lie within ±{number(reach)}.")
    return " ".join(parts)


def _with_rho(one: Correlation) -> str:
    return f"{measure_name(one.measure)} (ρ {number(one.rho.mean, sign=True)})"


def about_spikes(at_spikes: Sequence[Response], spikes: Spikes) -> str:
    """What happens at spikes of the loss (HTML)."""
    count, having = sum(map(len, spikes.values())), sum(map(bool, spikes.values()))
    text = f"The loss spiked {plural(count, 'time')} in {having} of {plural(len(spikes), 'run')}"
    if at_spikes[0].verdict == UNDECIDED:
        return f"{text}: too few runs with spikes to tell what happens there."
    yes = by_verdict(at_spikes, "found")
    if not yes:
        rest = [one for one in at_spikes if one.measure == RESIDUAL]
        reach = _reach([one for one in at_spikes if one.measure != RESIDUAL])
        also = f", those of the residual within ±{_reach(rest):.2f} per 100 cells" if rest else ""
        return (
            f"{text}; that a measure changes at the spikes or after them more than at random times "
            f"is not shown: all 95 % intervals of the differences lie within ±{reach:.1f} %{also}."
        )
    each = [f"{measure_name(o.measure)} ({share(o.difference)} % {WHEN[o.when]})" for o in yes]
    return f"{text}; against random times this changes <strong>{listed(each)}</strong>."


def remains(related: Sequence[Correlation], at_spikes: Sequence[Response]) -> str:
    """What Betti curves say of the loss beyond what face counts say on average (HTML)."""
    rho = [one for one in related if one.measure == RESIDUAL]
    if not rho or by_verdict(rho, UNDECIDED):
        return ""
    how = {"levels": "as recorded", "changes": "with the trend removed"}
    each = [f"{between(one.rho, sign=True)} {how[one.kind]}" for one in rho]
    parts = [
        "What is left of following the loss once faces are counted is the residual: its mean rank "
        f"correlation with the loss is {listed(each)} ({_told(rho)})"
    ]
    rest = [one for one in at_spikes if one.measure == RESIDUAL]
    if rest and not by_verdict(rest, UNDECIDED):
        moved = [f"{share(one.difference, 3)} {WHEN[one.when]}" for one in rest]
        parts.append(
            f"at spikes, minus random times, it changes by {listed(moved)} per 100 cells "
            f"({_told(rest)})"
        )
    return f"{'; '.join(parts)}."


def _told(found: Sequence[Correlation | Response]) -> str:
    words = list(dict.fromkeys(in_words(one.verdict) for one in found))
    least = p_value(min(one.adjusted for one in found))
    return f"{listed(words)}, smallest corrected p-value {least}"


def _reach(found: Sequence[Response]) -> float:
    """How far from 0 their intervals go, in per cent."""
    ends = [end for one in found for end in (one.difference.low, one.difference.high)]
    return 100 * max(map(abs, ends))
