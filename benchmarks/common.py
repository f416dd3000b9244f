"""What the benchmarks share: the zoo of the tests, timing, and a description of the machine."""

from __future__ import annotations

import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "python"))

import zoo  # noqa: E402  (shared with the tests)

__all__ = ["best_and_median", "machine", "zoo"]


def best_and_median(work: Callable[[], Any], repeats: int) -> tuple[float, float, Any]:
    """CPU seconds of this process (best, median) and the last result of `work`."""
    seconds = []
    result = None
    for _ in range(repeats):
        start = time.process_time()
        result = work()
        seconds.append(time.process_time() - start)
    return min(seconds), statistics.median(seconds), result


def machine() -> dict[str, str]:
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
        "system": platform.platform(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "relutope": rt.__version__,
    }
