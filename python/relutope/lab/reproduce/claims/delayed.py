"""Networks that memorise a few samples of a real table at once and generalise much later."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ... import real_tables
from ...null_models import untrained
from ..descent import Floats, Layers, copied, descend, enlarged, forward, he_layer
from ..fiedler import CHECK, GENERALISED
from ..options import stream
from ..scaffold import Row
from .sampling import principal_components
from .settings import DelayedSettings

__all__ = [
    "DELAY",
    "Course",
    "Samples",
    "delays",
    "first_layers",
    "late",
    "table_samples",
    "trained",
]

DELAY = 10.0
"""From here on, in units of the updates until it memorised, a network generalises late."""

ROWS, START = 30, 31  # purposes of random streams, as when the settings were chosen

Samples = tuple[Floats, Floats]


@dataclass(frozen=True)
class Course:
    """Layers at the start, when all samples are right for the first time, and at the end.

    Attributes
    ----------
    kept : dict of str to layers
        "start", "memorised" and "generalised" (missing if that never happens), "end".
    passed : dict of int to layers
        At the updates that were asked for.
    memorised, generalised : int or None
        The first updates with all training samples right, and from there with GENERALISED of the
        held-out ones.
    accuracy : float
        Of the held-out samples when the training samples are memorised; NaN if they are not.
    """

    kept: dict[str, Layers]
    passed: dict[int, Layers]
    memorised: int | None
    generalised: int | None
    accuracy: float


def table_samples(data: str, n: int, count: int, seed: int) -> tuple[Samples, Samples]:
    """Training and held-out rows in n principal components, scaled to [-1, 1], labels -1 and 1.

    As many training rows of one label as of the other, or one more.
    """
    table = real_tables.load(data)
    Z = principal_components(table.X, n)
    low, high = Z.min(axis=0), Z.max(axis=0)
    Z, y = 2 * (Z - low) / (high - low) - 1, 2.0 * table.y - 1
    rng = np.random.default_rng(stream(seed, ROWS))
    order = rng.permutation(len(y))
    while abs(y[order[:count]].sum()) > count % 2:
        order = rng.permutation(len(y))
    chosen, others = order[:count], order[count:]
    return (Z[chosen], y[chosen]), (Z[others], y[others])


def first_layers(settings: DelayedSettings, n: int, seed: int) -> Layers:
    """Large initial weights."""
    widths = [n, *settings.hidden, 1]
    shapes = [(np.zeros((b, a)), np.zeros(b)) for a, b in pairwise(widths)]
    made = untrained(shapes, stream(seed, START), he_layer(settings.spread)).layers
    return enlarged(list(made), settings.scale)


def trained(
    first: Layers,
    fit: Samples,
    held_out: Samples,
    steps: Collection[int] = (),
    *,
    updates: int,
    lr: float,
    weight_decay: float,
) -> Course:
    """The course of full-batch AdamW from `first`; at the updates `steps` layers are kept, too."""
    kept: dict[str, Layers] = {}
    passed: dict[int, Layers] = {}
    memorised: int | None = None
    generalised: int | None = None
    accuracy = float("nan")

    def watch(step: int, now: Layers, output: Floats, loss: float) -> None:
        nonlocal memorised, generalised, accuracy
        first_time = memorised is None and bool(((output >= 0) == (fit[1] > 0)).all())
        if first_time:
            memorised = step
        if first_time or (memorised is not None and generalised is None and step % CHECK == 0):
            right = float(np.mean((forward(now, held_out[0]) >= 0) == (held_out[1] > 0)))
            accuracy = right if first_time else accuracy
            if generalised is None and right >= GENERALISED:
                generalised = step
        names = {"start": step == 0, "memorised": first_time, "generalised": step == generalised}
        for name, met in (names | {"end": step == updates}).items():
            if met:
                kept[name] = copied(now)
        if step in steps:
            passed[step] = copied(now)

    descend(first, *fit, updates=updates, lr=lr, weight_decay=weight_decay, watch=watch)
    return Course(kept, passed, memorised, generalised, accuracy)


def delays(phases: Iterable[Row], n: int) -> list[float]:
    """For each network of n inputs the update of generalising over that of memorising.

    Infinite if it never generalises; NaN if it never memorises, or does so at update 0.
    """
    return [
        (row["generalised"] or np.inf) / row["memorised"] if row["memorised"] else np.nan
        for row in phases
        if row["inputs"] == n
    ]


def late(delays: Iterable[float]) -> list[float]:
    """1 for each network that generalises, and late, 0 for the others."""
    return [float(np.isfinite(delay) and delay >= DELAY) for delay in delays]
