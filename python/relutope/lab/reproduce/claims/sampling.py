"""Do data lie in better connected cells, or are large cells just hit more often?"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from ....common.arrays import BoolArray, FloatArray, IntArray
from ....decomposition.decomposing import decompose
from ....domain.box import Box
from ....network.network import Network
from ... import real_tables
from ...datasets import bounding_box
from ...null_models import untrained
from ...report import Panel, figure, to_svg
from ...study.colours import LINES
from ..descent import Floats, Layers, he_layer, kept_steps
from ..options import stream
from ..scaffold import Row
from .settings import SamplingSettings
from .study import Claim, Study, Tables

__all__ = ["STUDY", "equal_volume", "principal_components", "run_seed"]

START, UNIFORM, ROWS = range(25, 28)  # purposes of random streams
LR = 0.01
MATCHES = 10


def principal_components(X: FloatArray, n: int) -> FloatArray:
    """The first n principal components of the standardised columns, each with unit variance."""
    left = np.linalg.svd(real_tables.standardise(X), full_matrices=False)[0][:, :n]
    return real_tables.standardise(left)


def run_seed(settings: SamplingSettings, seed: int) -> dict[str, Any]:
    """One trained network for each dimension, and the neighbours of the cells that are hit."""
    given = real_tables.load(settings.data)
    rows: list[Row] = []
    for n, width in zip(settings.dims, settings.widths, strict=True):
        rng = np.random.default_rng(stream(seed, ROWS))
        kept = rng.permutation(len(given.y))[: settings.samples]
        X, y = principal_components(given.X, n)[kept], 2.0 * given.y[kept] - 1.0
        low, high = bounding_box(X, 0.0)
        box = Box(*bounding_box(X, 1.0))  # so large that its sides are far from the samples
        cx = decompose(
            Network(_trained(settings, [n, width, width, 1], (X, y), seed)), box, threads=1
        )
        degrees = np.bincount(cx.adjacency.ravel(), minlength=cx.n_cells).astype(np.float64)
        random = np.random.default_rng(stream(seed, UNIFORM)).uniform(low, high, X.shape)
        inside = (cx.interior_points >= low) & (cx.interior_points <= high)
        inner = np.asarray(inside.all(axis=1))
        hit, chance = np.unique(cx.locate(X)), np.unique(cx.locate(random))
        rows.append(
            {
                "seed": seed,
                "inputs": n,
                "n_cells": cx.n_cells,
                "n_hit": len(hit),
                "n_hit_uniformly": len(chance),
                "degree_all": float(degrees[inner].mean()),
                "degree_data": float(degrees[hit].mean()),
                "degree_uniform": float(degrees[chance].mean()),
                "degree_equal_volume": equal_volume(degrees, cx.cell_volumes, hit, inner),
            }
        )
    return {"records": rows}


def _trained(
    settings: SamplingSettings, widths: list[int], fit: tuple[Floats, Floats], seed: int
) -> Layers:
    shapes = [(np.zeros((b, a)), np.zeros(b)) for a, b in pairwise(widths)]
    first = list(untrained(shapes, stream(seed, START) + widths[0], he_layer(0.5)).layers)
    return kept_steps(first, *fit, (settings.updates,), lr=LR)[settings.updates]


def equal_volume(
    degrees: FloatArray, volumes: FloatArray, hit: IntArray, among: BoolArray
) -> float:
    """Mean degree of the cells `among` those that are not hit, with volumes nearest to those hit.

    For each cell of `hit` the MATCHES others with the nearest logarithm of the volume, averaged;
    NaN if there are none.

    Examples
    --------
    >>> import numpy as np
    >>> degrees, volumes = np.array([1.0, 2.0, 3.0, 9.0]), np.array([1.0, 1.1, 9.0, 1.0])
    >>> among = np.array([True, True, True, False])
    >>> equal_volume(degrees, volumes, np.array([0]), among) == (2 + 3) / 2
    True
    """
    others = np.setdiff1d(np.flatnonzero(among & (volumes > 0)), hit)
    if not len(others):
        return float("nan")
    logs = np.log(np.maximum(volumes, np.finfo(float).tiny))
    means = []
    for cell in hit.tolist():
        nearest = np.argsort(np.abs(logs[others] - logs[cell]), kind="stable")[:MATCHES]
        means.append(degrees[others[nearest]].mean())
    return float(np.mean(means))


def claims(tables: Tables, settings: SamplingSettings) -> list[Claim]:
    """Neighbours of the data's cells, more than those of three sets of other cells."""
    rows, found = tables["records"], []
    against = {
        "uniform": "cells hit by as many uniform points",
        "all": "all cells",
        "equal_volume": "cells of equal volume",
    }
    for name, text in against.items():
        for n in settings.dims:
            more = [r["degree_data"] - r[f"degree_{name}"] for r in rows if r["inputs"] == n]
            primary = (name, n) == ("uniform", settings.dims[0])
            label = f"neighbours of the data's cells minus those of {text}, n = {n}"
            found.append(Claim(label, more, 0.0, "greater", primary))
    return found


def pictures(tables: Tables, settings: SamplingSettings) -> list[Panel]:
    """The differences, a dot per seed."""
    rows = tables["records"]
    fig, axes = figure(11.2, 3.2, ncols=len(settings.dims), sharey=True, squeeze=False)
    names = ("all", "uniform", "equal_volume")
    for ax, n in zip(axes[0], settings.dims, strict=True):
        for k, name in enumerate(names):
            of = [r for r in rows if r["inputs"] == n]
            more = [r["degree_data"] - r[f"degree_{name}"] for r in of]
            place = k + np.linspace(-0.2, 0.2, len(more))
            ax.scatter(place, more, s=8, color=LINES[k], alpha=0.7, linewidths=0)
            ax.plot([k - 0.3, k + 0.3], [np.mean(more)] * 2, color=LINES[k], linewidth=2)
        ax.axhline(0, color=LINES[5], linewidth=0.8)
        ax.set_xticks(range(3), ["all cells", "uniform\npoints", "equal\nvolume"])
        ax.set_title(f"{n} inputs", loc="left", fontsize=9.5)
    axes[0][0].set_ylabel("neighbours, data's cells minus these")
    caption = "One dot per seed; bars: means."
    return [
        Panel("Compared with whom?", caption, to_svg(fig, "neighbours of the cells of data"), 12)
    ]


STUDY = Study("sampling", ("gainesbi2026",), run_seed, claims, pictures)
