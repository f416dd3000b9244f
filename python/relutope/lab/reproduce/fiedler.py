"""One seed of the Fiedler question: a network that memorises, then generalises, and its nulls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...decisions.label_agreement import adjusted_rand_index, agreement
from ...decomposition.decomposing import decompose
from ...domain.box import Box
from ...graph.couplings import named_couplings
from ...graph.dual import Weight
from ...graph.fiedler_vector import fiedler
from ...network.network import Network
from ...tracking.measures.registry import Snapshot, agreement_measure, cells
from ...tracking.schedule import log_spaced_steps
from .. import datasets
from ..function_cells import FunctionCells
from ..null_models import CellKind, other_cells, random_labels, shuffled_weights, untrained
from .descent import Layers, copied, descend, enlarged, flat, forward, he_layer
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
    "on_other_cells",
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
OTHERS, OTHER_DATA, OTHER_START = range(12, 15)


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
        ``cells``: the last function on its own and on other cells; ``phases``: the steps of
        memorisation and generalisation, a row for each data set; ``networks``: the layers of the
        first data set at these steps.
    """
    tables: dict[str, Any] = {"training": [], "records": [], "cells": [], "phases": []}
    for place, data in enumerate(settings.data_sets):
        rows, course = _one_set(settings, data, seed, whole=place == 0)
        for name, found in rows.items():
            tables[name] += [{"seed": seed, "data": data, **row} for row in found]
        if place == 0:
            kept, phases = course.kept, rows["phases"][0]
            steps = {0, settings.updates, phases["memorised"], phases["generalised"]} - {None}
            networks = {str(k): [[W.tolist(), b.tolist()] for W, b in kept[k]] for k in steps}
    return tables | {"networks": networks}


def _one_set(
    settings: FiedlerSettings, data: str, seed: int, whole: bool
) -> tuple[dict[str, list[Row]], Course]:
    """The tables of one data set: all of them, or only what concerns the cells at the end."""
    fit, held_out = samples(settings, seed, data)
    first = start(settings, stream(seed, START))
    course = _train(settings, first, fit, held_out)
    curves = [("trained", course.curve)]
    look = _Look(settings, domain_of(settings), held_out, seed)
    last, steps = course.kept[settings.updates], settings.updates
    records: list[Row] = []
    if whole:
        unrelated = (fit[0], random_labels(fit[1], stream(seed, LABELS)))
        other = _train(settings, first, unrelated, held_out)
        curves.append(("random", other.curve))
        records = [look("trained", layers, step) for step, layers in sorted(course.kept.items())]
        grid = record_steps(settings.updates, settings.records)
        records += [look("random", other.kept[step], step) for step in grid[::-2][::-1]]
        for draw in range(settings.null_draws):
            mixed = list(shuffled_weights(last, stream(seed, SHUFFLED) + draw).layers)
            records.append(look("shuffled", balanced(mixed, held_out[0]), steps, draw))
            fresh = start(settings, stream(seed, UNTRAINED) + draw)
            records.append(look("untrained", balanced(fresh, held_out[0]), 0, draw))
    rival = _other_trained(settings, data, seed)
    tables = {
        "training": [{"arm": arm, **row} for arm, rows in curves for row in rows],
        "records": records,
        "cells": on_other_cells(settings, data, (last, first, rival), seed),
        "phases": [_phases(course)],
    }
    return tables, course


def _other_trained(settings: FiedlerSettings, data: str, seed: int) -> Layers:
    """A network that was trained on other samples of the same data, from another start."""
    fit, _ = samples(settings, stream(seed, OTHER_DATA), data)
    last: Layers = []

    def watch(step: int, now: Layers, output: Floats, loss: float) -> None:
        if step == settings.updates:
            last.extend((W.copy(), b.copy()) for W, b in now)

    _descend(settings, start(settings, stream(seed, OTHER_START)), fit, watch)
    return last


def on_other_cells(
    settings: FiedlerSettings, data: str, networks: tuple[Layers, Layers, Layers], seed: int
) -> list[Row]:
    """The agreement of a function's Fiedler cuts with its boundary, on each kind of cells.

    `networks` are the one whose function it is, its start, and another trained one.
    """
    last, first, rival = networks
    domain, draw, network = domain_of(settings), stream(seed, OTHERS), Network(last)
    sources: dict[str, tuple[CellKind, Layers | None]] = {
        "own": ("own", None),
        "untrained": ("untrained", None),
        "shuffled": ("shuffled", None),
        "start": ("given", first),
        "other trained": ("given", rival),
        "lattice": ("lattice", None),
        "voronoi": ("voronoi", None),
        "hyperplanes": ("hyperplanes", None),
    }
    initialise, rows, many = he_layer(settings.spread), [], None
    for name, (kind, other) in sources.items():
        cells = other_cells(
            network, domain, kind, draw, other=other, initialise=initialise, n_cells=many
        )
        many = many or cells.n_cells  # those of the network itself, which come first
        agreements = _agreements(cells, settings.weights_of[data], stream(seed, SOLVER))
        rows.append({"cells": name, "n_cells": cells.n_cells} | agreements)
    return rows


def _agreements(cells: FunctionCells, weights: Sequence[Weight], seed: int) -> Row:
    row: Row = {
        "n_edges": len(cells.adjacency),
        "share_positive": float(cells.labels.mean()),
    }
    for weight in weights:
        found = fiedler(cells.graph(weight), seed=seed)
        if not np.isnan(found.vector).any():
            same = agreement(found.partition, cells.labels, cells.adjacency)
            row[f"{weight}_ari"] = same.ari
            row[f"{weight}_accuracy"] = same.accuracy
            row[f"{weight}_boundary_cut"] = _known(same.boundary_cut)
            row[f"{weight}_cut_boundary"] = _known(same.cut_boundary)
    return row


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


def samples(
    settings: FiedlerSettings, seed: int, data: str | None = None
) -> tuple[Samples, Samples]:
    """Training and held-out samples of a seed: points (k, 2) and targets -1 or 1 (k,).

    Of the first data set, if none is named.

    Both coordinates are scaled to [-1, 1] on the held-out samples: over an oblong domain any
    Fiedler cut would run across its long side, whatever the classes are.
    """
    n = settings.samples
    found = datasets.load(
        data or settings.data_sets[0],
        n=n + settings.held_out,
        noise=0.0,
        seed=stream(seed, DATA),
    )
    low, high = found.X[n:].min(axis=0), found.X[n:].max(axis=0)
    X, y = 2.0 * (found.X - low) / (high - low) - 1.0, 2.0 * found.y - 1.0
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
    course, y = Course(), fit[1]
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
            course.kept[step] = copied(now)

    _descend(settings, layers, fit, watch)
    return course


def _descend(
    settings: FiedlerSettings, layers: Layers, fit: Samples, watch: Callable[..., object]
) -> None:
    descend(
        layers,
        *fit,
        updates=settings.updates,
        lr=settings.lr,
        weight_decay=settings.weight_decay,
        watch=watch,
    )


def _accuracy(output: Floats, y: Floats) -> float:
    return float(np.mean((output > 0) == (y > 0)))


def _phases(course: Course) -> Row:
    """When the network memorised and generalised, and its held-out accuracy then and later."""
    tests = {row["step"]: row["test_accuracy"] for row in course.curve}
    known = [test for test in tests.values() if test is not None]
    at_memory = None if course.memorised is None else _test_at(course, course.memorised)
    return {
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
