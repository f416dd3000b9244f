"""Sentences and numbers that both reports share; captions live in ``captions.toml`` beside it."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from ..report import Captions, Fact

if TYPE_CHECKING:
    from ...decomposition.complex import Complex
    from .under_way import Study

__all__ = [
    "colophon",
    "complex_facts",
    "files",
    "film",
    "panel",
    "percent",
    "section",
    "snippet",
    "statements",
    "trained",
]


_OWN = Captions(__package__)

panel = _OWN.panel
"""The panel of that name in the captions file, its $names filled in."""

section = _OWN.section
"""The section of that name in the captions file with the given panels."""


def statements(*kinds: str) -> list[str]:
    """What is "exact", or "floating" and what a page adds to that."""
    return [item for kind in kinds for item in _OWN.items(f"statements.{kind}")]


def percent(share: float) -> str:
    """A share in per cent, or a dash where it is undefined."""
    return "–" if math.isnan(share) else f"{share:.1%}"


def trained(study: Study) -> str:
    """What was trained on what, and into how many cells its domain falls (HTML)."""
    data, inputs = study.data, study.data.X.shape[1]
    sides = zip(study.domain.lower, study.domain.upper, strict=True)
    box = " × ".join(f"[{low:g}, {high:g}]" for low, high in sides)
    return (
        f"A network with {inputs} input{'s' * (inputs > 1)} and {_layers(study.options.hidden)} "
        f"was trained on {len(study.train_rows):,} of the {len(data.y):,} samples of "
        f"“{escape(data.title)}” ({escape(data.about)}). On the box {box} it is an affine function "
        f"on each of <strong>{study.complex.n_cells:,} cells</strong>."
    )


def _layers(hidden: tuple[int, ...]) -> str:
    widths = [str(width) for width in hidden]
    if len(widths) == 1:
        return f"one hidden layer of {widths[0]} neurons"
    return f"{len(widths)} hidden layers of {', '.join(widths[:-1])} and {widths[-1]} neurons"


def complex_facts(study: Study) -> list[Fact]:
    """Cells, edges, f-vector and Euler characteristic of the last complex."""
    cx = study.complex
    return [
        Fact("cells", f"{cx.n_cells:,}"),
        Fact("edges of the dual graph", f"{cx.n_edges:,}"),
        Fact("f-vector: faces by dimension", f"({', '.join(str(int(f)) for f in cx.f_vector)})"),
        Fact("Euler characteristic", str(study.last["euler"])),
    ]


def film(study: Study) -> list[tuple[int, Complex]]:
    """The complexes of the checkpoints, in order."""
    from ...decomposition.decomposing import decompose

    last = study.last["step"]
    return [
        (step, study.complex if step == last else decompose(network, study.domain))
        for step, network in sorted(study.checkpoints.items())
    ]


def colophon(study: Study) -> list[tuple[str, str]]:
    """Settings and versions for the end of the page; nothing that differs between equal runs."""
    from ..runs import versions

    options = study.options
    settings = {
        "data": options.data,
        "hidden widths": ", ".join(map(str, options.hidden)),
        "updates (full-batch Adam)": f"{options.epochs:,}",
        "learning rate": f"{options.lr:g}",
        "weight decay": f"{options.weight_decay:g}",
        "seed": str(options.seed),
        "parameters": f"{sum(p.numel() for p in study.model.parameters()):,}",
        "engine": str(study.complex.stats.get("engine", "")),
    }
    return [*settings.items(), *versions().items()]


def files(study: Study) -> list[tuple[str, str]]:
    """What lies beside the page."""
    rows = len(study.tracker.rows)
    return [
        (f"table.{study.options.table}", f"{rows} recorded steps, one row each"),
        ("complex.npz", "the cells of the trained network"),
        ("weights.npz", "its weights: W0, b0, W1, ..."),
        ("model.pt", "its weights as a state dict of PyTorch"),
        ("study.json", "settings, versions, results"),
    ]


def snippet(study: Study) -> str:
    """Lines that load them."""
    return (
        "import relutope as rt\n"
        'cx = rt.load("complex.npz")  # cells, adjacency, faces, the network\n'
        'network = rt.load_network("weights.npz")\n'
        "from relutope.tracking.recorded_table import read_table\n"
        f'table = read_table("table.{study.options.table}")  # columns by name\n'
        'rt.plot(cx, "prediction")'
    )
