"""Do facets move from the training samples to the decision boundary while a network groks?"""

from __future__ import annotations

from typing import Any

import numpy as np

from ....common.arrays import FloatArray
from ....decomposition.decomposing import decompose
from ....domain.box import Box
from ....network.network import Network
from ...null_models import random_labels
from ...report import Panel, figure, to_svg
from ...study.colours import LINES
from ..descent import Floats, Layers, forward, kept_steps
from ..options import stream
from ..scaffold import Row
from .delayed import DELAY, Samples, delays, first_layers, late, table_samples, trained
from .sampling import equal_volume
from .settings import MigrationSettings
from .study import Claim, Study, Tables

__all__ = ["STUDY", "boundary_points", "facet_density", "run_seed"]

LABELS, POINTS = 35, 36  # purposes of random streams
PHASES = ("start", "memorised", "end")
KINDS = {"training": "training samples", "held-out": "held-out", "boundary": "the boundary"}
HALVINGS = 60  # of an interval: as many as a double has bits


def facet_density(layers: Layers, X: Floats, half_width: float) -> tuple[FloatArray, FloatArray]:
    """Measure of the facets per volume, and the mean volume of a cell, in a cube around each point.

    The facets that the cells in the cube share, exactly; their (n - 1)-dimensional measures are
    rounded. Both arrays have the shape (k,).
    """
    network, density, volume = Network(layers), [], []
    for x in X:
        cx = decompose(network, Box(x - half_width, x + half_width), threads=1)
        whole = (2 * half_width) ** cx.dim
        density.append(float(cx.facet_measure.sum()) / whole)
        volume.append(whole / cx.n_cells)
    return np.array(density), np.array(volume)


def boundary_points(layers: Layers, n: int, count: int, rng: np.random.Generator) -> Floats:
    """Points of [-1, 1]^n where the output changes sign, on segments between uniform points.

    None if all of 50 times as many uniform points have the same sign.
    """
    X = rng.uniform(-1.0, 1.0, (50 * count, n))
    positive = forward(layers, X) >= 0
    if positive.all() or not positive.any():
        return np.empty((0, n))
    inside = X[positive][rng.integers(0, positive.sum(), count)]
    outside = X[~positive][rng.integers(0, (~positive).sum(), count)]
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        there = (forward(layers, middle) >= 0)[:, None]
        inside, outside = np.where(there, middle, inside), np.where(there, outside, middle)
    return inside


def run_seed(settings: MigrationSettings, seed: int) -> dict[str, Any]:
    """A network for each dimension, and one with permuted labels, at three moments.

    Returns
    -------
    dict
        ``records``: a row per dimension, arm, moment and kind of points; ``phases``: when each
        network memorised and generalised.
    """
    records: list[Row] = []
    phases: list[Row] = []
    each = zip(
        settings.dims, settings.samples, settings.weight_decay, settings.updates, strict=True
    )
    for n, count, decay, updates in each:
        fit, held_out = table_samples(settings.data, n, count, seed)
        first = first_layers(settings, n, seed)
        course = trained(first, fit, held_out, updates=updates, lr=settings.lr, weight_decay=decay)
        key = {"seed": seed, "inputs": n}
        phases.append(
            key
            | {"memorised": course.memorised, "generalised": course.generalised}
            | {"accuracy_memorised": course.accuracy}
        )
        if not course.memorised or course.generalised is None:
            continue
        unrelated = (fit[0], random_labels(fit[1], stream(seed, LABELS) + n))
        steps = (0, course.memorised, updates)
        found = kept_steps(first, *unrelated, steps, lr=settings.lr, weight_decay=decay)
        arms = {
            "labels": course.kept,
            "random": dict(zip(PHASES, (found[s] for s in steps), strict=True)),
        }
        for arm, kept in arms.items():
            rows = _densities(settings, n, kept, (fit, held_out), stream(seed, POINTS) + n)
            records += [key | {"arm": arm} | row for row in rows]
    return {"records": records, "phases": phases}


def _densities(
    settings: MigrationSettings,
    n: int,
    kept: dict[str, Layers],
    samples: tuple[Samples, Samples],
    seed: int,
) -> list[Row]:
    """Mean densities around each kind of points, and around uniform points that match them."""
    rng = np.random.default_rng(seed)
    fit, held_out = samples
    points = {
        "uniform": rng.uniform(-1.0, 1.0, (settings.uniform, n)),
        "training": fit[0],
        "held-out": held_out[0][: settings.points],
        "boundary": boundary_points(kept["end"], n, settings.points, rng),
    }
    found = {
        (kind, phase): facet_density(kept[phase], X, settings.half_width)
        for kind, X in points.items()
        for phase in PHASES
    }
    return [
        {
            "phase": phase,
            "kind": kind,
            "n_points": len(X),
            "density": _mean(found[kind, phase][0]),
            "cell_volume": _mean(found[kind, phase][1]),
            "matched": _matched(found, kind, phase),
        }
        for kind, X in points.items()
        for phase in PHASES
    ]


def _matched(
    found: dict[tuple[str, str], tuple[FloatArray, FloatArray]], kind: str, phase: str
) -> float | None:
    """Mean density around those uniform points whose cells were as large when memorised."""
    n_uniform = len(found["uniform", phase][0])
    if kind == "uniform" or not len(found[kind, phase][0]):
        return None
    density = np.concatenate([found["uniform", phase][0], found[kind, phase][0]])
    volume = np.concatenate([found["uniform", "memorised"][1], found[kind, "memorised"][1]])
    among = np.arange(len(density)) < n_uniform
    return equal_volume(density, volume, np.flatnonzero(~among), among)


def _mean(values: FloatArray) -> float | None:
    return float(values.mean()) if len(values) else None


class _Rows:
    """Densities by seed, NaN for seeds that are left out."""

    def __init__(self, tables: Tables) -> None:
        self._of = {
            (r["seed"], r["inputs"], r["arm"], r["phase"], r["kind"]): r for r in tables["records"]
        }
        self._seeds = sorted({r["seed"] for r in tables["phases"]})

    def values(self, n: int, arm: str, phase: str, kind: str, column: str = "density") -> Floats:
        rows = [self._of.get((seed, n, arm, phase, kind), {}) for seed in self._seeds]
        return np.array([r.get(column) for r in rows], dtype=np.float64)  # None becomes NaN

    def relative(self, n: int, arm: str, phase: str, kind: str, column: str = "density") -> Floats:
        """In units of the density around uniform points; NaN where that is 0."""
        uniform = self.values(n, arm, phase, "uniform")
        found = self.values(n, arm, phase, kind, column)
        return np.divide(found, uniform, out=np.full_like(found, np.nan), where=uniform > 0)

    def change(self, n: int, arm: str, kind: str, column: str = "density") -> Floats:
        """Of the relative density, from memorisation to the end."""
        end, memorised = (self.relative(n, arm, p, kind, column) for p in ("end", "memorised"))
        return end - memorised


def claims(tables: Tables, settings: MigrationSettings) -> list[Claim]:
    """What moves from memorisation to the end, beside random labels and volume matches."""
    rows = _Rows(tables)
    found: list[Claim] = []
    for n in settings.dims:
        for kind, text in KINDS.items():
            change = rows.change(n, "labels", kind)
            name = f"density at {text}, end minus memorised, n = {n}"
            first = (n, kind) == (settings.dims[0], "training")
            found.append(Claim(name, change.tolist(), 0.0, primary=first))
            beyond = change - rows.change(n, "random", kind)
            found.append(Claim(f"{name}, beyond random labels", beyond.tolist(), 0.0))
            beyond = change - rows.change(n, "labels", kind, "matched")
            found.append(Claim(f"{name}, beyond volume matches", beyond.tolist(), 0.0))
    for n in settings.dims:
        found += _delays(tables, n)
        ends = rows.values(n, "labels", "end", "uniform")
        begun = rows.values(n, "labels", "memorised", "uniform")
        share = np.divide(ends, begun, out=np.full_like(ends, np.nan), where=begun > 0)
        name = f"density at uniform points, end / memorised, n = {n}"
        found.append(Claim(name, share.tolist()))
        for kind, text in KINDS.items():
            for phase in PHASES:
                values = rows.relative(n, "labels", phase, kind).tolist()
                found.append(Claim(f"relative density at {text}, {phase}, n = {n}", values))
    return found


def _delays(tables: Tables, n: int) -> list[Claim]:
    found = delays(tables["phases"], n)
    logs = [float(np.log10(d)) if np.isfinite(d) else float("nan") for d in found]
    return [
        Claim(f"share of seeds that generalise {DELAY:g} times later, n = {n}", late(found)),
        Claim(f"log10 of the delay, n = {n}", logs),
    ]


def pictures(tables: Tables, settings: MigrationSettings) -> list[Panel]:
    """Relative densities at the three moments, a panel for each dimension."""
    rows = _Rows(tables)
    fig, axes = figure(11.2, 3.4, ncols=len(settings.dims), sharey=True, squeeze=False)
    for ax, n in zip(axes[0], settings.dims, strict=True):
        for k, (kind, text) in enumerate(KINDS.items()):
            for arm, style in (("labels", "-"), ("random", ":")):
                found = np.array([rows.relative(n, arm, phase, kind) for phase in PHASES])
                known = found[:, ~np.isnan(found).any(axis=0)]
                if not known.size:
                    continue
                label = text if arm == "labels" else None
                mean = known.mean(axis=1)
                ax.plot(range(3), mean, style, color=LINES[k], marker="o", label=label)
        ax.axhline(1.0, color=LINES[5], linewidth=0.8)
        ax.set_xticks(range(3), PHASES)
        ax.set_title(f"{n} inputs", loc="left", fontsize=9.5)
        ax.grid(axis="y")
    axes[0][0].set_ylabel("facets per volume / that at uniform points")
    axes[0][0].legend(loc="best", handletextpad=0.3)
    caption = "Means over the seeds that grok. Dotted: trained on permuted labels."
    return [Panel("Where the facets are", caption, to_svg(fig, "density of facets"), 12)]


STUDY = Study("migration", ("humayun2024",), run_seed, claims, pictures)
