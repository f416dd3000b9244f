"""What the report of the Fiedler question says in words, from the verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from .fiedler import GENERALISED
from .fiedler_cells import LEAST_SEEDS, OTHERS, Comparison
from .fiedler_verdict import CLOSE, DELAYED, STEPS, Delay, Finding
from .prose import between, by_verdict, grouped, listed, no_test, number, p_value, plural
from .rules import LEVEL, UNDECIDED

__all__ = [
    "abstract",
    "cut_share",
    "gone",
    "grokking",
    "lead",
    "learnt",
    "primary",
    "timing",
    "title",
    "undefined",
]

_WHILE = {
    "memorising": "while memorising",
    "generalising": "from memorising to generalising",
    "from then on": "from memorising to the end",
}


def title(compared: Sequence[Comparison]) -> str:
    """The answer to the primary hypothesis in one line."""
    first = compared[0]
    if first.verdict == UNDECIDED:
        return "Fiedler partition and decision boundary: too few seeds to decide"
    if first.verdict == "found":
        return "The Fiedler partition matches the decision boundary better on a network's own cells"
    return (
        "That the Fiedler partition matches the decision boundary better on a network's own cells "
        f"than on others is not shown with {plural(first.own.n, 'seed')}"
    )


def abstract(compared: Sequence[Comparison], late: Delay) -> list[str]:
    """Question, material, answer, size and limits, a line each (HTML)."""
    first = compared[0]
    names = list(dict.fromkeys(one.data for one in compared))
    return [
        "Does the Fiedler partition of the dual graph match the decision boundary because of the "
        "network's cells, or would any cells do under the same function?",
        f"Asked of {plural(late.n, 'network')} with two inputs for each of {listed(names)}; each "
        f"function is put on {len(OTHERS)} kinds of other cells.",
        primary(first),
        _secondary(compared),
        "One architecture, two inputs: nothing is said of others. “Not shown” is no proof of "
        "absence.",
    ]


def primary(first: Comparison) -> str:
    """What became of the hypothesis that was fixed in advance, with its margin (HTML)."""
    what = f"Primary hypothesis ({first.weight} weights, {first.data})"
    if first.verdict == UNDECIDED:
        return (
            f"{what}: with {plural(first.own.n, 'seed')} there is no verdict, by a rule that asks "
            f"for {LEAST_SEEDS}: a look, not an answer."
        )
    rival, gap = OTHERS[first.hardest], between(first.differences[first.hardest], sign=True)
    margin = (
        f"adjusted Rand index {between(first.own)} on the own cells; the largest on others is that "
        f"for {rival} (difference {gap}); the p-value is {p_value(first.adjusted)}, "
        f"{first.adjusted / LEVEL:.2g} times the level"
    )
    if first.verdict == "found":
        return f"{what}: <strong>shown</strong>; {margin}."
    return f"{what}: not shown with {plural(first.own.n, 'seed')}; {margin}."


def _secondary(compared: Sequence[Comparison]) -> str:
    others = compared[1:]
    if not others or others[0].verdict == UNDECIDED:
        return "The other weights and data sets are secondary, corrected together."
    yes = [f"{one.weight} on {one.data}" for one in by_verdict(others, "found")]
    least = p_value(min(one.adjusted for one in others))
    if yes:
        return f"Secondary, corrected together: shown for {listed(yes)}."
    return (
        f"Secondary: shown for none of {len(others)} further weights and data sets (smallest "
        f"p-value, corrected for all of them, {least})."
    )


def cut_share(first: Comparison) -> str:
    """How much of the boundary a cut follows where most cells are on the matching side."""
    return (
        f"With {first.weight} weights on {first.data} the partition has "
        f"{between(first.accuracy)} of the own cells on the matching side, and cuts "
        f"{between(first.boundary_cut)} of the facets at the boundary."
    )


def gone(left: int) -> str:
    """How many networks were left out."""
    if not left:
        return "No network fitted its samples at update 0; such would be left out."
    return f"Left out by rule: {plural(left, 'network')} that fitted all samples at update 0."


def lead(compared: Sequence[Comparison], late: Delay) -> str:
    """What was found and what was not (HTML)."""
    return " ".join([grokking(late), primary(compared[0]), cut_share(compared[0])])


def learnt(found: Sequence[Finding]) -> str:
    """What the other null models say, which change the function with the cells (HTML)."""
    return f"{_matches(found)} {timing(found)}".strip()


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
