"""Which stage decided the signs, on standard networks and on degenerate ones. Part of `run.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import relutope as rt
from certification import networks
from common import show

STAGES = ("filtered", "inherited", "refined", "exact")


# Small integers, in boxes: many hyperplanes meet in special position, and some are equal.
DEGENERATE = {
    "integers, 2-96-96-1": [2, 96, 96, 1],
    "integers, 3-32-24-1": [3, 32, 24, 1],
    "integers, 5-10-8-8-1": [5, 10, 8, 8, 1],
    "integers, 8-8-6-1": [8, 8, 6, 1],
}


def row(network: str, cells: int, stats: dict[str, Any]) -> dict[str, Any]:
    """Shares of the stages; splits, vertices and programs that were solved in integers."""
    signs = {stage: stats.get(f"signs_{stage}", 0) for stage in STAGES}
    whole = sum(signs.values())
    return {
        "network": network,
        "engine": stats["engine"],
        "signs_per_cell": whole / cells,
        **{stage: signs[stage] / whole for stage in STAGES},
        "exact_signs": signs["exact"],
        "exact_vertices": stats.get("exact_vertices"),
        "exact_programs": stats.get("programs_exact"),
    }


def measure(rates: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The networks of `rates`, then degenerate ones."""
    for known in rates:
        yield row(known["network"], known["cells"], known["stats"])
    for name, widths in DEGENERATE.items():
        cx = rt.decompose(networks(widths)[1], rt.Box(-1, 1), threads=1)
        yield row(name, cx.n_cells, dict(cx.stats))


def section(rates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Counts, and prints the table."""
    return show(
        "STAGES  that decided the signs: floating point within its bound, what other signs imply,\n"
        "  a second look in floating point, integers; and what was solved in integers.",
        {
            "network": ("network", "<20"),
            "engine": ("engine", "<7"),
            "signs_per_cell": ("signs/cell", "11.1f"),
            "filtered": ("filtered", "9.2%"),
            "inherited": ("inherited", "10.2%"),
            "refined": ("refined", "9.2%"),
            "exact": ("exact", "8.2%"),
            "exact_vertices": ("vertices", "9,"),
            "exact_programs": ("programs", "9,"),
        },
        measure(rates),
    )
