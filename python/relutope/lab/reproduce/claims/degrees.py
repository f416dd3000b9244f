"""Is the mean degree of a dual graph below 2n, and its diameter at most the number of neurons?"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from ....decomposition.decomposing import decompose
from ....domain.box import Box
from ....graph.eccentricities import diameter
from ....network.network import Network
from ...report import Panel, figure, to_svg
from ...study.colours import LINES
from ..descent import Floats, Layers
from ..options import stream
from ..scaffold import Row
from .settings import DegreeSettings
from .study import Claim, Study, Tables

__all__ = ["KINDS", "STUDY", "drawn", "run_seed"]

WEIGHTS = 24  # purpose of the random stream

KINDS = ("generic", "central", "quantised", "repeated")
"""Normal weights; without biases; weights and biases -1, 0 or 1; every neuron twice."""


def drawn(kind: str, widths: list[int], seed: int) -> Layers:
    """A random network of that kind."""
    rng = np.random.default_rng(seed)
    layers: Layers = []
    for fan_in, fan_out in pairwise(widths):
        W: Floats = rng.normal(size=(fan_out, fan_in))
        b: Floats = rng.normal(size=fan_out)
        if kind == "central":
            b[:] = 0.0
        elif kind == "quantised":
            W[:], b[:] = rng.integers(-1, 2, W.shape), rng.integers(-1, 2, b.shape)
        elif kind == "repeated" and fan_out > 1:
            half = fan_out // 2
            W[half : 2 * half], b[half : 2 * half] = W[:half], b[:half]
        layers.append((W, b))
    return layers


def run_seed(settings: DegreeSettings, seed: int) -> dict[str, Any]:
    """One network of each kind, depth and dimension, over a box around the origin."""
    rows: list[Row] = []
    for n, width in zip(settings.dims, settings.widths, strict=True):
        for depth in settings.depths:
            for kind in KINDS:
                widths = [n, *[width] * depth, 1]
                layers = drawn(kind, widths, stream(seed, WEIGHTS) + 100 * n + depth)
                cx = decompose(Network(layers), Box(-3, 3, dim=n), threads=1)
                rows.append(
                    {
                        "seed": seed,
                        "inputs": n,
                        "depth": depth,
                        "kind": kind,
                        "neurons": width * depth,
                        "n_cells": cx.n_cells,
                        "n_edges": cx.n_edges,
                        "mean_degree": 2 * cx.n_edges / cx.n_cells,
                        "diameter": int(diameter(cx)),
                    }
                )
    return {"records": rows}


def claims(tables: Tables, settings: DegreeSettings) -> list[Claim]:
    """Every network against 2n; every shallow one against its number of neurons."""
    rows = tables["records"]

    def share(of: list[Row]) -> list[float]:
        return [r["mean_degree"] / (2 * r["inputs"]) for r in of]

    def crossed(of: list[Row]) -> list[float]:
        return [r["diameter"] / r["neurons"] for r in of]

    found = [Claim("mean degree / 2n, all networks", share(list(rows)), most=1.0, digits=3)]
    for kind in KINDS:
        of = [r for r in rows if r["kind"] == kind]
        found.append(Claim(f"mean degree / 2n, {kind}", share(of), most=1.0, digits=3))
    for depth in settings.depths:
        of = [r for r in rows if r["depth"] == depth]
        name = f"diameter / neurons, {depth} hidden layer{'s' * (depth > 1)}"
        found.append(Claim(name, crossed(of), most=1.0, digits=3))
    return found


def pictures(tables: Tables, settings: DegreeSettings) -> list[Panel]:
    """Mean degree and diameter against the number of cells."""
    rows = tables["records"]
    fig, axes = figure(11.2, 3.4, ncols=2)
    for k, kind in enumerate(KINDS):
        of = [r for r in rows if r["kind"] == kind]
        cells = [r["n_cells"] for r in of]
        share = [r["mean_degree"] / (2 * r["inputs"]) for r in of]
        axes[0].scatter(cells, share, s=6, color=LINES[k], alpha=0.5, linewidths=0, label=kind)
        crossed = [r["diameter"] / r["neurons"] for r in of]
        axes[1].scatter(cells, crossed, s=6, color=LINES[k], alpha=0.5, linewidths=0, label=kind)
    for ax, title in zip(axes, ("mean degree / 2n", "diameter / neurons"), strict=True):
        ax.axhline(1.0, color=LINES[5], linestyle="--", linewidth=0.9)
        ax.set_xscale("log")
        ax.set_xlabel("cells")
        ax.set_title(title, loc="left", fontsize=9.5)
    axes[0].legend(loc="lower right", handletextpad=0.3)
    caption = "One dot per network. Dashed: the bound."
    return [Panel("Bounds", caption, to_svg(fig, "mean degrees and diameters"), 12)]


STUDY = Study("degrees", ("gainesbi2026",), run_seed, claims, pictures)
