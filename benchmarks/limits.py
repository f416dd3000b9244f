"""How far the core is from what a core can do: bytes written, operations in floating point. Part of
`run.py`.

What can be counted is counted, and from below: the bytes of the answer, each written at least once;
two operations for each weight of each form that was evaluated at a vertex. The limits are those of
one thread in the same run: the best copy of 256 MiB, and the best product of two matrices (which
fuses multiplications and additions; the core may not, since its bounds are those of single ones).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from common import show, zoo
from workers import Worker


def measure(rates: list[dict[str, Any]], peak: dict[str, float]) -> Iterator[dict[str, Any]]:
    """The shares of each network of `rates` that the vertex engine has made."""
    for row in rates:
        if row["stats"]["engine"] != "vertex":
            continue
        n = zoo.standard(row["network"]).dim
        signs = row["stats"]["signs_filtered"] / row["cells"]
        operations = signs * 2 * n
        yield {
            "network": row["network"],
            "ns_per_cell": 1e9 / row["cells_per_s"],
            "bytes_per_cell": row["bytes_per_cell"],
            "written": row["bytes_per_cell"] * row["cells_per_s"] / peak["written_bytes_per_s"],
            "signs_per_cell": signs,
            "operations_per_cell": operations,
            "arithmetic": operations * row["cells_per_s"] / peak["flops"],
        }


def section(rates: list[dict[str, Any]]) -> dict[str, Any]:
    """Measures, and prints the table."""
    with Worker() as worker:
        peak = worker.ask("limits")
    rows = show(
        f"LIMITS  of one thread here: {peak['copied_bytes_per_s'] / 1e9:.1f} GB/s copied (read and "
        f"written), {peak['written_bytes_per_s'] / 1e9:.1f} GB/s written,\n"
        f"  {peak['flops'] / 1e9:.0f} GFLOP/s; by the best rates above, counted from below.",
        {
            "network": ("network", "<12"),
            "ns_per_cell": ("ns/cell", "9,.0f"),
            "bytes_per_cell": ("B/cell", "7.0f"),
            "written": ("of writing", "11.1%"),
            "signs_per_cell": ("signs/cell", "11.1f"),
            "operations_per_cell": ("FLOP/cell", "10.0f"),
            "arithmetic": ("of arithmetic", "14.1%"),
        },
        measure(rates, peak),
    )
    return {"peak": peak, "networks": rows}
