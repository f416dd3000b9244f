"""Through time: does the Fiedler cut come to match the boundary when a network generalises?"""

from __future__ import annotations

from typing import Any

import numpy as np

from ....decisions.label_agreement import agreement
from ....domain.box import Box
from ....graph.fiedler_vector import fiedler
from ....network.network import Network
from ....tracking.schedule import log_spaced_steps
from ...null_models import CellKind, other_cells, random_labels
from ...report import Panel, figure, to_svg
from ...study.colours import LINES
from ..descent import Floats, Layers, he_layer, kept_steps
from ..forest import OWN
from ..options import stream
from ..scaffold import Row
from ..statistics import student_interval
from .delayed import DELAY, Course, delays, first_layers, late, table_samples, trained
from .settings import GrokkingSettings
from .study import Claim, Study, Tables

__all__ = ["PHASES", "STUDY", "run_seed"]

LABELS, CELLS, SOLVER = range(50, 53)  # purposes of random streams
PHASES = ("start", "memorised", "between", "generalised", "end")
OTHERS: dict[CellKind, str] = {
    "untrained": "untrained cells",
    "lattice": "a lattice",
    "hyperplanes": "random hyperplanes",
}
GRID = 120  # updates at which layers are kept, to find one between


def run_seed(settings: GrokkingSettings, seed: int) -> dict[str, Any]:
    """A network for each dimension, at five moments, its function on its own and on other cells.

    Returns
    -------
    dict
        ``records``: a row per dimension, moment, arm ("labels", "random") and kind of cells, for
        seeds with a delay of at least DELAY; ``phases``: when each network memorised and
        generalised.
    """
    records: list[Row] = []
    phases: list[Row] = []
    each = zip(
        settings.dims, settings.samples, settings.weight_decay, settings.updates, strict=True
    )
    for n, count, decay, updates in each:
        fit, held_out = table_samples(settings.data, n, count, seed)
        first = first_layers(settings, n, seed)
        grid = frozenset(log_spaced_steps(updates, GRID))
        course = trained(
            first, fit, held_out, grid, updates=updates, lr=settings.lr, weight_decay=decay
        )
        key = {"seed": seed, "inputs": n}
        moments = _moments(course, updates)
        phases.append(key | {"memorised": course.memorised, "generalised": course.generalised})
        if not moments:
            continue
        unrelated = random_labels(fit[1], stream(seed, LABELS) + n)
        steps = [step for step, _ in moments.values()]
        rival = kept_steps(first, fit[0], unrelated, steps, lr=settings.lr, weight_decay=decay)
        for phase, (step, layers) in moments.items():
            of = key | {"phase": phase, "step": step}
            records += [of | row for row in _on_cells(settings, layers, seed)]
            records += [
                of | row | {"arm": "random"} for row in _on_cells(settings, rival[step], seed, [])
            ]
    return {"records": records, "phases": phases}


def _moments(course: Course, last: int) -> dict[str, tuple[int, Layers]]:
    """Update and layers at each of PHASES; none without the delay."""
    memorised, generalised = course.memorised, course.generalised
    if not memorised or generalised is None or generalised < DELAY * memorised:
        return {}
    inside = [step for step in course.passed if memorised < step < generalised]
    middle = (memorised * generalised) ** 0.5
    between = min(inside, key=lambda step: abs(np.log(step / middle)))
    steps = (0, memorised, between, generalised, last)
    layers = course.kept | {"between": course.passed[between]}
    return {phase: (step, layers[phase]) for phase, step in zip(PHASES, steps, strict=True)}


def _on_cells(
    settings: GrokkingSettings,
    layers: Layers,
    seed: int,
    kinds: list[CellKind] | None = None,
) -> list[Row]:
    """Agreement of the cuts with the boundary on the own cells, then on each other kind."""
    network, rows, many = Network(layers), [], None
    box = Box(-1, 1, dim=network.input_dim)
    chosen: list[CellKind] = ["own", *(OTHERS if kinds is None else kinds)]
    for kind in chosen:
        cells = other_cells(
            network,
            box,
            kind,
            stream(seed, CELLS),
            initialise=he_layer(settings.spread),
            n_cells=many,
        )
        many = many or cells.n_cells
        row: Row = {"arm": "labels", "cells": kind, "n_cells": cells.n_cells}
        row["share_positive"] = float(cells.labels.mean())
        for weight in settings.weights:
            found = fiedler(cells.graph(weight), seed=stream(seed, SOLVER))
            if not np.isnan(found.vector).any():
                same = agreement(found.partition, cells.labels, cells.adjacency)
                row[f"{weight}_ari"] = same.ari
                cut = same.boundary_cut
                row[f"{weight}_boundary_cut"] = None if np.isnan(cut) else cut
        rows.append(row)
    return rows


class _Rows:
    """Agreements by seed, NaN for seeds that are left out, 0 where a graph has no partition."""

    def __init__(self, tables: Tables) -> None:
        self._of = {
            (r["seed"], r["inputs"], r["phase"], r["arm"], r["cells"]): r for r in tables["records"]
        }
        self._seeds = sorted({r["seed"] for r in tables["phases"]})

    def values(self, n: int, phase: str, weight: str, cells: str = "own") -> Floats:
        """`cells`: a kind, or "random" for the own cells of the network with random labels."""
        arm, kind = ("random", "own") if cells == "random" else ("labels", cells)
        rows = [self._of.get((seed, n, phase, arm, kind)) for seed in self._seeds]
        return np.array(
            [np.nan if row is None else row.get(f"{weight}_ari") or 0.0 for row in rows]
        )

    def others(self, n: int, phase: str, weight: str) -> Floats:
        """Mean over the kinds of other cells."""
        found: Floats = np.mean([self.values(n, phase, weight, kind) for kind in OTHERS], axis=0)
        return found

    def change(self, n: int, weight: str, cells: str = "own") -> Floats:
        """From memorisation to generalisation."""
        of = self.others if cells == "others" else self.values
        extra = () if cells == "others" else (cells,)
        end, begin = (of(n, p, weight, *extra) for p in ("generalised", "memorised"))
        return np.asarray(end - begin)


def claims(tables: Tables, settings: GrokkingSettings) -> list[Claim]:
    """What the agreement does from memorisation on, on own and on other cells."""
    rows, found = _Rows(tables), []
    for n in settings.dims:
        for weight in settings.weights:
            what = f"{weight}, n = {n}"
            first = (n, weight) == (settings.dims[0], settings.weights[0])
            own, name = rows.change(n, weight), f"ARI, generalised minus memorised, {what}"
            beyond = (own - rows.change(n, weight, "others")).tolist()
            found.append(Claim(f"{name}, beyond other cells", beyond, 0.0, primary=first))
            found.append(Claim(f"{name}, own cells", own.tolist(), 0.0))
            random = (own - rows.change(n, weight, "random")).tolist()
            found.append(Claim(f"{name}, beyond random labels", random, 0.0))
            end = rows.values(n, "end", weight)
            later = (end - rows.values(n, "generalised", weight)).tolist()
            found.append(Claim(f"ARI, end minus generalised, {what}, own cells", later, 0.0))
            for kind, text in OTHERS.items():
                less = (end - rows.values(n, "end", weight, kind)).tolist()
                found.append(Claim(f"ARI at the end, {what}, own cells minus {text}", less, 0.0))
    for n in settings.dims:
        found += _delays(tables, n)
        for weight in settings.weights:
            for phase in PHASES:
                name = f"ARI, {phase}, {weight}, n = {n}"
                values = rows.values(n, phase, weight).tolist()
                others = rows.others(n, phase, weight).tolist()
                found += [Claim(f"{name}, own cells", values), Claim(f"{name}, others", others)]
    return found


def _delays(tables: Tables, n: int) -> list[Claim]:
    enough = late(delays(tables["phases"], n))
    return [Claim(f"share of seeds with a delay of at least {DELAY:g}, n = {n}", enough)]


def pictures(tables: Tables, settings: GrokkingSettings) -> list[Panel]:
    """Agreement at the five moments, on own and other cells; a panel per dimension and weight."""
    rows = _Rows(tables)
    of = [(n, weight) for n in settings.dims for weight in settings.weights]
    fig, axes = figure(11.2, 3.4, ncols=len(of), sharey=True, squeeze=False)
    lines = {"own": "own cells"} | dict(OTHERS) | {"random": "own cells, random labels"}
    colours = (OWN, LINES[0], LINES[1], LINES[3], LINES[5])
    for ax, (n, weight) in zip(axes[0], of, strict=True):
        for k, (cells, text) in enumerate(lines.items()):
            found = [student_interval(rows.values(n, p, weight, cells)) for p in PHASES]
            if not found[0].n:
                continue
            style = "--" if cells == "random" else "-"
            width = 1.2 if k else 2.4
            mean = [one.mean for one in found]
            ax.plot(range(5), mean, style, color=colours[k], marker="o", lw=width, label=text)
            if found[0].n > 1 and not k:
                ends = [one.low for one in found], [one.high for one in found]
                ax.fill_between(range(5), *ends, color=colours[k], alpha=0.18, linewidth=0)
        ax.set_xticks(range(5), PHASES, rotation=35, ha="right")
        ax.set_title(f"{n} inputs, {weight}", loc="left", fontsize=9.5)
        ax.grid(axis="y")
    axes[0][0].set_ylabel("adjusted Rand index")
    handles, labels = axes[0][0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside upper center", ncols=len(lines), handletextpad=0.3)
    caption = (
        "Agreement of the Fiedler cut with the boundary, mean over the seeds with the delay; the "
        "band is the 95 % interval on the own cells. “between”: the geometric middle of the "
        "updates of memorisation and generalisation."
    )
    return [Panel("Through time", caption, to_svg(fig, "agreement at five moments"), 12)]


STUDY = Study("grokking", ("bosca2026", "humayun2024"), run_seed, claims, pictures)
