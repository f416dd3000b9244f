"""What the benchmarks share: the zoo of the tests, random networks, timing, tables, and a
description of the machine.
"""

from __future__ import annotations

import os
import platform
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "python"))

import zoo  # noqa: E402  (shared with the tests)

__all__ = ["best_and_median", "machine", "processors", "random_layers", "show", "zoo"]

Layers = list[tuple[Any, Any]]


def random_layers(widths: Iterable[int], seed: int = 0) -> Layers:
    """A random network of these widths, as the standard ones are."""
    import numpy as np

    rng = np.random.default_rng(seed)
    return [
        (rng.normal(0, np.sqrt(2 / a), (b, a)), rng.uniform(-0.5, 0.5, b))
        for a, b in pairwise(widths)
    ]


def best_and_median(work: Callable[[], Any], repeats: int) -> tuple[float, float, Any]:
    """CPU seconds of this process (best, median) and the last result of `work`."""
    seconds = []
    result = None
    for _ in range(repeats):
        start = time.process_time()
        result = work()
        seconds.append(time.process_time() - start)
    return min(seconds), statistics.median(seconds), result


def show(
    title: str, columns: dict[str, tuple[str, str]], rows: Iterable[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Prints a table, row by row as they come, and returns the rows.

    A column is a key of the rows, a heading and a format whose width begins it (``"9,"``,
    ``"<14"``); rows that lack the key have a blank there, and `note` is printed at a row's end.
    """
    print(f"\n{title}")
    first = "  "
    for heading, spec in columns.values():
        first += f"{heading:{'<' if '<' in spec else '>'}{width(spec)}} "
    print(first.rstrip())
    kept = []
    for row in rows:
        cells = (
            " " * width(spec) if row.get(key) is None else f"{row[key]:{spec}}"
            for key, (_, spec) in columns.items()
        )
        note = f"  {row['note']}" if row.get("note") else ""
        print(f"  {' '.join(cells)}{note}".rstrip(), flush=True)
        kept.append(row)
    return kept


def width(spec: str) -> int:
    """The width that begins a format."""
    return int(re.match(r"[<>]?(\d+)", spec)[1])  # type: ignore[index]


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> dict[str, Any]:
    """Processor, system and versions, to be stored beside the figures."""
    import numpy as np

    import relutope as rt

    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [x for x in info.read_text().splitlines() if x.startswith("model name")]
        cpu = names[0].split(":", 1)[1].strip() if names else cpu
    return {
        "cpu": cpu,
        "processors": processors(),
        "load": round(os.getloadavg()[0], 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "relutope": rt.__version__,
    }
