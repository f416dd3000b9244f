"""One seed of the homology question: a network whose loss spikes while it learns, and its nulls."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...decomposition.decomposing import decompose
from ...domain.box import Box
from ...network.network import Network
from .. import datasets
from ..null_models import random_labels, untrained
from . import universality
from .descent import Layers, copied, descend, drift, forward
from .options import HomologySettings, stream
from .spikes import WINDOW, spike_steps

Floats = NDArray[np.float64]
Row = dict[str, Any]
Samples = tuple[Floats, Floats]

__all__ = ["run_seed"]

DATA, START, TARGETS, DRIFT, ORDERS = range(7, 12)  # purposes of random streams


def run_seed(settings: HomologySettings, seed: int) -> dict[str, Any]:
    """Everything about one seed, as JSON values.

    Returns
    -------
    dict
        ``losses``: one row per update and arm; ``records``: rows of measures of the complex;
        ``universality``: Betti means and cells of networks with more inputs;
        ``networks``: the layers at the start, around the largest spike and at the end.
    """
    n, steps = settings.samples, settings.updates
    data = datasets.load(settings.data, n=n + settings.held_out, noise=0.0, seed=stream(seed, DATA))
    fit, held_out = (data.X[:n], data.y[:n]), (data.X[n:], data.y[n:])
    look = _Look(settings, Box(*datasets.bounding_box(data.X, settings.pad)), held_out, seed)
    widths = [data.X.shape[1], *settings.hidden, 1]
    shapes = [(np.zeros((b, a)), np.zeros(b)) for a, b in pairwise(widths)]
    first = list(untrained(shapes, stream(seed, START)).layers)

    course = _descend(settings, first, fit)
    unrelated = (fit[0], random_labels(fit[1], stream(seed, TARGETS)))
    other = _descend(settings, first, unrelated)
    wander = _wander(settings, first, course, fit, stream(seed, DRIFT))
    arms = {"trained": course, "random": other, "drift": wander}
    spike = _largest_spike(course.losses)
    shown = {0, steps} | ({spike - WINDOW, spike, spike + WINDOW} if spike else set())
    return {
        "losses": [
            {"seed": seed, "arm": arm, "step": step, "loss": loss}
            for arm, found in arms.items()
            for step, loss in enumerate(found.losses)
        ],
        "records": [
            {"seed": seed, "arm": arm, "step": step, "loss": found.losses[step]}
            | look(found.kept[step])
            for arm, found in arms.items()
            for step in range(0, steps + 1, settings.stride)
        ],
        "universality": universality.networks(settings, seed),
        "networks": {
            str(step): [[W.tolist(), b.tolist()] for W, b in course.kept[step]]
            for step in sorted(shown)
        },
    }


@dataclass
class Course:
    """Loss and layers at every step, and how far each update moved each layer."""

    losses: list[float]
    kept: list[Layers]

    @property
    def lengths(self) -> list[list[float]]:
        """Euclidean length of each update, layer by layer."""
        return [
            [
                float(np.sqrt(((V - W) ** 2).sum() + ((c - b) ** 2).sum()))
                for (W, b), (V, c) in zip(before, after, strict=True)
            ]
            for before, after in pairwise(self.kept)
        ]


def _descend(settings: HomologySettings, layers: Layers, fit: Samples) -> Course:
    course = Course([], [])

    def watch(step: int, now: Layers, output: Floats, loss: float) -> None:
        course.losses.append(loss)
        course.kept.append(copied(now))

    descend(layers, *fit, updates=settings.updates, lr=settings.lr, watch=watch)
    return course


def _wander(
    settings: HomologySettings, layers: Layers, like: Course, fit: Samples, seed: int
) -> Course:
    """Random directions, lengths of the updates of `like`."""
    course = Course([], [])

    def watch(step: int, now: Layers) -> None:
        course.losses.append(float(np.mean((forward(now, fit[0]) - fit[1]) ** 2)))
        course.kept.append(copied(now))

    drift(layers, like.lengths, seed, watch)
    return course


def _largest_spike(losses: list[float]) -> int | None:
    """The spike that rises most above what was before it."""
    series = np.array(losses)
    found = spike_steps(series)
    if not found:
        return None
    return max(found, key=lambda t: float(series[t] / np.median(series[t - WINDOW : t])))


@dataclass(frozen=True)
class _Look:
    """Measures the complex of a network."""

    settings: HomologySettings
    domain: Box
    held_out: Samples
    seed: int

    def __call__(self, layers: Layers) -> Row:
        cx = decompose(Network(layers), self.domain, threads=1)
        orders = stream(self.seed, ORDERS) % 2**31
        found = universality.betti_means(cx, self.settings.draws, orders)
        means = {f"betti_{k}": found[f"betti_{k}"] for k in range(cx.dim)}
        outputs = forward(layers, self.held_out[0])
        return {
            "test_loss": float(np.mean((outputs - self.held_out[1]) ** 2)),
            "n_cells": cx.n_cells,
            "n_edges": cx.n_edges,
            **means,
            **{f"{name}_per_cell": value / cx.n_cells for name, value in means.items()},
            "euler_residual": found["residual_per_cell"] * cx.n_cells,
        }
