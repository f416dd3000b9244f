"""Bytes that a complex holds, and the most that its search takes. Part of `run.py`.

Each figure comes from a fresh process: what it held before the search is subtracted from the most
that it has held (the high-water mark that Linux keeps, set back before the search).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from common import show
from workers import Worker

NETWORKS: dict[str, str | list[int]] = {
    "wide-2d": "wide-2d",
    "wide-3d": "wide-3d",
    "3-64-1": [3, 64, 1],
    "3-128-1": [3, 128, 1],
    "4-48-1": [4, 48, 1],
    "6-20-1": [6, 20, 1],
    "8-16-1 (lp)": [8, 16, 1],
}


def fresh(**options: Any) -> dict[str, Any]:
    with Worker() as worker:
        answer: dict[str, Any] = worker.ask("memory", **options)
        return answer


def measure() -> Iterator[dict[str, Any]]:
    for name, network in NETWORKS.items():
        made, counted = fresh(network=network), fresh(network=network, count=True)
        cells, without = made["cells"], made["bytes"] - made["pairs"]
        assert counted["cells"] == cells
        yield {
            "network": name,
            "cells": cells,
            "bytes_per_cell": without / cells,
            "held_mib": without / 2**20,
            "most_mib": made["most"] / 2**20,
            "most_per_held": made["most"] / without,
            "counted_mib": made["counted"] / 2**20,
            "pairs_mib": made["pairs"] / 2**20,
            "most_with_pairs_mib": made["most_with_pairs"] / 2**20,
            "count_mib": counted["most"] / 2**20,
        }


def section() -> list[dict[str, Any]]:
    """Measures, and prints the table."""
    if not Path("/proc/self/clear_refs").exists():
        print("\nMEMORY  left out: it is read from /proc, which this system lacks")
        return []
    return show(
        "MEMORY  in MiB, one thread, fresh processes. 'held': patterns and facets; 'most':\n"
        "  the search's high-water mark over what was there before, 'counted' what `memory_limit`\n"
        "  is compared with. 'pairs': `cx.adjacency`, and\n"
        "  the most once it has been asked for. 'count': the most of `rt.count`.",
        {
            "network": ("network", "<12"),
            "cells": ("cells", "9,"),
            "bytes_per_cell": ("B/cell", "7.0f"),
            "held_mib": ("held", "7.1f"),
            "most_mib": ("most", "7.1f"),
            "most_per_held": ("most/held", "10.2f"),
            "counted_mib": ("counted", "8.1f"),
            "pairs_mib": ("pairs", "7.1f"),
            "most_with_pairs_mib": ("and most", "9.1f"),
            "count_mib": ("count", "7.1f"),
        },
        measure(),
    )
