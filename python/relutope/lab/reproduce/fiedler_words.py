"""What the report of the Fiedler question says in words, from the verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from .fiedler import GENERALISED
from .fiedler_verdict import CLOSE, DELAYED, STEPS, Delay, Finding
from .prose import between, by_verdict, grouped, listed, no_test, number, p_value, plural
from .rules import LEVEL, UNDECIDED

__all__ = ["abstract", "grokking", "lead", "timing", "title", "undefined"]

_WHILE = {
    "memorising": "while memorising",
    "generalising": "from memorising to generalising",
    "from then on": "from memorising to the end",
}


def title(found: Sequence[Finding]) -> str:
    """The answer in one line."""
    if by_verdict(found, UNDECIDED):
        return "Fiedler partition and decision boundary: too few seeds to decide"
    yes = len(by_verdict(found, "found"))
    if not yes:
        return (
            "A match of Fiedler partition and decision boundary beyond the null models is not "
            f"shown with {plural(found[0].end.n, 'seed')}"
        )
    if yes == len(found):
        return "The Fiedler partition comes to match the decision boundary"
    return f"The Fiedler partition matches the decision boundary for {yes} of {len(found)} weights"


def abstract(found: Sequence[Finding], late: Delay) -> list[str]:
    """Question, material, answer, size and limits, a line each (HTML)."""
    best = max(found, key=lambda one: one.end.mean)
    yes = by_verdict(found, "found")
    seeds = plural(late.n, "seed")
    if by_verdict(found, UNDECIDED):
        answer = f"With {seeds} no test could be significant: a look, not an answer."
    elif yes:
        answer = f"Shown beyond all four null models for {listed([one.weight for one in yes])}."
    else:
        least = p_value(min(one.adjusted for one in found))
        answer = f"Not shown with {seeds}: the smallest corrected p-value is {least}."
    return [
        "Does the Fiedler partition of the dual graph come to match the decision boundary while a "
        "network first memorises and later generalises?",
        f"Asked of {plural(late.n, 'network')} with two inputs and of {len(found)} edge weights, "
        "beside untrained, shuffled and randomly labelled networks and straight cuts.",
        answer,
        f"Largest mean agreement: {best.weight} weights, adjusted Rand index {between(best.end)}; "
        f"straight cuts have {number(best.nulls['straight'].mean)}.",
        "One data set, one architecture, two inputs: nothing is said of others. “Not shown” is no "
        "proof of absence.",
    ]


def lead(found: Sequence[Finding], late: Delay) -> str:
    """What was found and what was not (HTML)."""
    return " ".join([grokking(late), _matches(found), timing(found)]).strip()


def grokking(late: Delay) -> str:
    """Whether generalisation came late (HTML)."""
    text = (
        f"{plural(late.n, 'network')} with two inputs, one per seed: {late.memorised} memorised "
        f"their training samples, {late.generalised} reached a held-out accuracy of "
        f"{GENERALISED:.0%} within the run."
    )
    if not late.both:
        return f"{text} No delay of generalisation can be measured."
    how = "came late" if late.happened else "was not delayed in most of them"
    return (
        f"{text} Generalisation {how}: at least {DELAYED:g} times later than "
        f"memorisation in {late.delayed} of the {late.both} that did both, {late.ratio:.1f} times "
        "in the median. When they had memorised, their held-out accuracy was "
        f"{number(late.accuracy.mean)} on average."
    )


def _matches(found: Sequence[Finding]) -> str:
    if by_verdict(found, UNDECIDED):
        return no_test(found[0].end.n)
    yes, no = by_verdict(found, "found"), by_verdict(found, "not found")
    parts = [_found(yes) if yes else _nothing_found(found)]
    partly = by_verdict(found, "not specific")
    pairs = [(f"{one.weight} (ARI {number(one.end.mean)})", one.unbeaten) for one in partly]
    for names, rivals in grouped(pairs):
        if rivals:
            how = f"is not clearly larger than for {rivals}"
        else:
            least = min(one.adjusted for one in partly if not one.unbeaten)
            how = (
                "is larger than for each null model by itself, but not when corrected for the "
                f"number of weights (p from {p_value(least)} up)"
            )
        parts.append(f"The agreement with {listed(names)} weights {how}.")
    if yes and no:
        parts.append(
            f"Not shown with {plural(no[0].end.n, 'seed')} for {listed([o.weight for o in no])}."
        )
    return " ".join(parts)


def _found(yes: Sequence[Finding]) -> str:
    each = listed([f"{one.weight} (ARI {number(one.end.mean)})" for one in yes])
    close = [one.weight for one in yes if one.end.mean >= CLOSE]
    return (
        "At the end of training the Fiedler partition matches the decision boundary better than "
        f"under all four null models for <strong>{each}</strong>; "
        + (f"closely for {listed(close)}." if close else "for none of them closely.")
    )


def _nothing_found(found: Sequence[Finding]) -> str:
    best = max(found, key=lambda one: one.end.mean)
    behind = sum(one.end.mean < one.nulls["straight"].mean for one in found)
    return (
        f"A match beyond the null models is not shown with {plural(best.end.n, 'seed')}: for no "
        "edge weight is the agreement with the decision boundary larger than under all four by a "
        "p-value, corrected for the number of weights, of at most "
        f"{LEVEL} (the smallest is {p_value(min(one.adjusted for one in found))}). The "
        f"largest mean agreement is that of {best.weight} weights, an adjusted Rand index of "
        f"{between(best.end)}; straight cuts of random direction have "
        f"{number(best.nulls['straight'].mean)}, more than {behind} of the {len(found)} weights."
    )


def timing(found: Sequence[Finding]) -> str:
    """When the agreement rose, for the weights for which a match was found."""
    if by_verdict(found, UNDECIDED):
        return ""
    yes = by_verdict(found, "found")
    if not yes:
        return "Without a match there is no time of its arrival."
    if yes[0].phases["start"].n < 2:
        return "When it arises cannot be told: hardly a seed memorised."
    parts = []
    for step in STEPS:
        for way, verb in ((1, "rose"), (-1, "fell")):
            names = [one.weight for one in yes if one.moved.get(step) == way]
            if names:
                parts.append(f"it {verb} {_WHILE[step]} for {listed(names)}")
    if not parts:
        return "No stretch of training accounts for the agreement by itself."
    return f"When: {'; '.join(parts)}."


def undefined(found: Sequence[Finding]) -> str:
    """How many networks have no Fiedler partition."""
    missing = [f"{one.weight} ({one.n_undefined})" for one in found if one.n_undefined]
    if not missing:
        return "Every trained network has a Fiedler partition for every weight."
    return f"Networks without a partition, which count as 0: {listed(missing)}."
