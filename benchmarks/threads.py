"""What threads gain, beside what independent processes gain at the same time. Part of `run.py`.

Processors share caches, memory and clock, and on rented machines more than that: k threads can
hardly gain more than k processes that each do the whole work. Both are measured in turns.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any

from common import processors, show
from workers import Worker

NETWORKS: dict[str, str | list[int]] = {
    "wide-2d": "wide-2d",
    "wide-3d": "wide-3d",
    "deep-8d": "deep-8d",
    "3-128-1": [3, 128, 1],
}
ROUNDS = 5


def together(workers: list[Worker], network: Any, threads: int) -> float:
    """Wall seconds until the last of some processes has done the work that all of them do."""
    for worker in workers:
        worker.tell("timings", network=network, threads=threads, wall=True)
    return max(worker.answer()["seconds"][0] for worker in workers)


def measure(rounds: int) -> Iterator[dict[str, Any]]:
    """Each network with 2 and with all processors."""
    counts = sorted({k for k in (2, processors()) if k <= processors()})
    workers = [Worker() for _ in range(max(counts, default=1))]
    for name, network in NETWORKS.items():
        answer = workers[0].ask("timings", network=network)
        together(workers, network, 1)
        for count in counts:
            gains, possible, alone = [], [], []
            for _ in range(rounds):
                one = together(workers[:1], network, 1)
                many = together(workers[:1], network, count)
                side_by_side = together(workers[:count], network, 1)
                alone.append(one)
                gains.append(one / many)
                possible.append(count * one / side_by_side)
            gain, most = statistics.median(gains), statistics.median(possible)
            yield {
                "network": name,
                "cells": answer["cells"],
                "threads": count,
                "one_s": statistics.median(alone),
                "gain": gain,
                "processes_gain": most,
                "share": gain / most,
            }
    for worker in workers:
        worker.close()


def section(rounds: int = ROUNDS) -> list[dict[str, Any]]:
    """Measures, and prints the table."""
    if processors() < 2:
        print("\nTHREADS  left out: this process may use one processor")
        return []
    return show(
        f"THREADS  wall time, medians of {rounds} ratios in turns; 'processes' is what as many\n"
        "  independent processes gain, 'share' how much of that the threads reach.",
        {
            "network": ("network", "<12"),
            "cells": ("cells", "9,"),
            "threads": ("threads", "7"),
            "one_s": ("one, s", "8.3f"),
            "gain": ("gain", "6.2f"),
            "processes_gain": ("processes", "10.2f"),
            "share": ("share", "6.2f"),
        },
        measure(rounds),
    )
