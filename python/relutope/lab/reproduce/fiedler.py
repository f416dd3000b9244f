"""One seed of the Fiedler question: a network that memorises, then generalises, and its nulls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...decisions.label_agreement import adjusted_rand_index
from ...decomposition.decomposing import decompose
from ...domain.box import Box
from ...graph.couplings import named_couplings
from ...network.network import Network
from ...tracking.measures.registry import Snapshot, agreement_measure, cells
from ...tracking.schedule import log_spaced_steps
from .. import datasets
from ..null_models import random_labels, shuffled_weights, untrained
from .descent import Layers, descend, enlarged, flat, forward, he_layer
from .options import FiedlerSettings, stream

if TYPE_CHECKING:
    from ...decomposition.complex import Complex

Floats = NDArray[np.float64]
Row = dict[str, Any]
Samples = tuple[Floats, Floats]

__all__ = [
    "GENERALISED",
    "balanced",
    "domain_of",
    "record_steps",
    "run_seed",
    "samples",
    "start",
    "straight_cuts",
]

GENERALISED = 0.95
"""Held-out accuracy from which a network counts as generalising."""

CHECK = 5  # updates between looks at the held-out samples
CURVE = 120  # points of the training curves
DATA, START, LABELS, SHUFFLED, UNTRAINED, CUTS, SOLVER = range(7)  # purposes of random streams


@dataclass
class Course:
    """What happened while a network was trained."""

    curve: list[Row] = field(default_factory=list)
    kept: dict[int, Layers] = field(default_factory=dict)
    memorised: int | None = None
    generalised: int | None = None


def run_seed(settings: FiedlerSettings, seed: int) -> dict[str, Any]:
    """Everything about one seed, as JSON values.

    Returns
    -------
    dict
        ``training``: rows of loss and accuracies; ``records``: rows of measures of the complex;
        ``phases``: one row with the steps of memorisation and generalisation; ``networks``: the
        layers at these steps.
    """
    fit, held_out = samples(settings, seed)
    domain = domain_of(settings)
    first = start(settings, stream(seed, START))

    course = _train(settings, first, fit, held_out)
    unrelated = (fit[0], random_labels(fit[1], stream(seed, LABELS)))
    other = _train(settings, first, unrelated, held_out)

    look = _Look(settings, domain, held_out, seed)
    records = [look("trained", layers, step) for step, layers in sorted(course.kept.items())]
    grid = record_steps(settings.updates, settings.records)
    records += [look("random", other.kept[step], step) for step in grid[::-2][::-1]]
    last, steps = course.kept[settings.updates], settings.updates
    for draw in range(settings.null_draws):
        mixed = list(shuffled_weights(last, stream(seed, SHUFFLED) + draw).layers)
        records.append(look("shuffled", balanced(mixed, held_out[0]), steps, draw))
        fresh = start(settings, stream(seed, UNTRAINED) + draw)
        records.append(look("untrained", balanced(fresh, held_out[0]), 0, draw))
    phases = _phases(course, seed)
    curves = [("trained", course.curve), ("random", other.curve)]
    return {
        "training": [{"seed": seed, "arm": arm, **row} for arm, rows in curves for row in rows],
        "records": [{"seed": seed, **row} for row in records],
        "phases": [phases],
        "networks": {
            str(step): [[W.tolist(), b.tolist()] for W, b in course.kept[step]]
            for step in {0, steps, phases["memorised"], phases["generalised"]} - {None}
        },
    }


def samples(settings: FiedlerSettings, seed: int) -> tuple[Samples, Samples]:
    """Training and held-out samples of a seed: points (k, 2) and targets -1 or 1 (k,).

    Both coordinates are scaled to [-1, 1] on the held-out samples: over an oblong domain any
    Fiedler cut would run across its long side, whatever the classes are.
    """
    n = settings.samples
    data = datasets.load(settings.data, n=n + settings.held_out, noise=0.0, seed=stream(seed, DATA))
    low, high = data.X[n:].min(axis=0), data.X[n:].max(axis=0)
    X, y = 2.0 * (data.X - low) / (high - low) - 1.0, 2.0 * data.y - 1.0
    return (X[:n], y[:n]), (X[n:], y[n:])


def domain_of(settings: FiedlerSettings) -> Box:
    """The square around the samples in which cells are looked at."""
    return Box(-1.0 - settings.pad, 1.0 + settings.pad, dim=2)


def record_steps(last: int, count: int) -> list[int]:
    """Step 0 and about `count` - 1 steps up to `last`, spaced logarithmically from a 500th of it.

    Examples
    --------
    >>> record_steps(5000, 5)
    [0, 10, 79, 630, 5000]
    """
    first = max(1.0, last / 500)
    steps = np.rint(np.geomspace(first, last, count - 1)).astype(int).tolist()
    return sorted({0, *steps})


def balanced(layers: Layers, X: Floats) -> Layers:
    """The layers with the last bias moved so that the output's median over `X` is 0.

    A random network often has one sign everywhere: without a boundary there is nothing to match,
    which would make it too easy a rival.
    """
    W, b = layers[-1]
    return [*layers[:-1], (W, b - np.median(forward(layers, X)))]


def start(settings: FiedlerSettings, seed: int) -> Layers:
    """Initial layers, the last bias zero."""
    shapes = [(np.zeros((b, a)), np.zeros(b)) for a, b in pairwise([2, *settings.hidden, 1])]
    layers = list(untrained(shapes, seed, he_layer(settings.spread)).layers)
    layers[-1] = (layers[-1][0], np.zeros(1))
    return enlarged(layers, settings.scale)


def _train(
    settings: FiedlerSettings,
    layers: Layers,
    fit: Samples,
    held_out: Samples,
) -> Course:
    course, (X, y) = Course(), fit
    curve = frozenset(log_spaced_steps(settings.updates, CURVE))
    grid = frozenset(record_steps(settings.updates, settings.records))

    def watch(step: int, now: Layers, output: Floats, loss: float) -> None:
        accuracy, met = _accuracy(output, y), step in grid
        if course.memorised is None and accuracy == 1.0:
            course.memorised, met = step, True
        test = None
        if step in curve or step in grid or step % CHECK == 0:
            test = _accuracy(forward(now, held_out[0]), held_out[1])
            if course.generalised is None and test >= GENERALISED:
                course.generalised, met = step, True
        if step in curve or met:
            norm = float(np.linalg.norm(flat(now)))
            course.curve.append(
                {"step": step, "loss": loss, "accuracy": accuracy, "test_accuracy": test}
                | {"norm": norm}
            )
        if met:
            course.kept[step] = [(W.copy(), b.copy()) for W, b in now]

    descend(
        layers,
        X,
        y,
        updates=settings.updates,
        lr=settings.lr,
        weight_decay=settings.weight_decay,
        watch=watch,
    )
    return course


def _accuracy(output: Floats, y: Floats) -> float:
    return float(np.mean((output >= 0) == (y > 0)))


def _phases(course: Course, seed: int) -> Row:
    """When the network memorised and generalised, and its held-out accuracy then and later."""
    tests = {row["step"]: row["test_accuracy"] for row in course.curve}
    known = [test for test in tests.values() if test is not None]
    at_memory = None if course.memorised is None else _test_at(course, course.memorised)
    return {
        "seed": seed,
        "memorised": course.memorised,
        "generalised": course.generalised,
        "test_at_start": tests[0],
        "test_when_memorised": at_memory,
        "test_at_end": tests[max(tests)],
        "test_best": max(known),
    }


def _test_at(course: Course, step: int) -> float:
    """Held-out accuracy at the last look up to `step`."""
    rows = [row for row in course.curve if row["step"] <= step and row["test_accuracy"] is not None]
    return float(rows[-1]["test_accuracy"])


@dataclass(frozen=True)
class _Look:
    """Measures the complex of a network."""

    settings: FiedlerSettings
    domain: Box
    held_out: Samples
    seed: int

    def __call__(self, arm: str, layers: Layers, step: int, draw: int = 0) -> Row:
        cx = decompose(Network(layers), self.domain, threads=1)
        named = named_couplings(self.settings.weights)
        snapshot = Snapshot(cx, step, named, seed=stream(self.seed, SOLVER))
        faces: Mapping[str, Any] = cells(snapshot)
        cut = straight_cuts(cx, snapshot.labels, self.settings.cuts, stream(self.seed, CUTS))
        return {
            "arm": arm,
            "draw": draw,
            "step": step,
            "test_accuracy": _accuracy(forward(layers, self.held_out[0]), self.held_out[1]),
            "n_cells": faces["n_cells"],
            "n_edges": faces["n_edges"],
            "share_positive": float(snapshot.labels.mean()),
            "straight_ari": cut,
            **agreement_measure(snapshot),
        }


def straight_cuts(cx: Complex, labels: NDArray[np.bool_], draws: int, seed: int) -> float:
    """Mean adjusted Rand index of the cells' labels with straight cuts of random direction.

    Each cut has half of the cells' interior points on either side. It is as balanced and as
    coherent as a Fiedler cut may be, and knows nothing of the network but where its cells lie.
    """
    points = cx.interior_points
    angles = np.random.default_rng(seed).uniform(0.0, np.pi, draws)
    heights = points @ np.vstack([np.cos(angles), np.sin(angles)])
    sides = heights > np.median(heights, axis=0)
    return float(np.mean([adjusted_rand_index(side, labels) for side in sides.T]))
