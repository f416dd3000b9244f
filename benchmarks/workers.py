"""Processes that time the core on command, so that two of them can take turns within milliseconds.

python benchmarks/workers.py        a worker: one request a line in JSON, one answer a line

A worker may use another relutope, `Worker(other)`, so that releases can be compared; it needs
nothing of it but `decompose`, `count` and `Box`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common import random_layers, zoo

WORDS = b"".join((k * k % 9973).to_bytes(2, "little") for k in range(16000))
NUMBERS = [float(k * 7919 % 10007) for k in range(10007)]


def calibration() -> float:
    """CPU seconds of work that has nothing to do with this package: byte code, a sort, a
    compression, each a third.

    Of what was tried on a machine whose speed goes up and down by a factor of 1.4, their mean
    follows the core's timings best: the quartiles of the quotients are 0.4 times as far apart.
    Copies of large arrays, or updates of a large table, leave all of the spread.
    """
    seconds = 1.0
    for work in (_bytecode, lambda: sorted(NUMBERS), lambda: zlib.compress(WORDS, 6)):
        start = time.process_time()
        work()
        seconds *= time.process_time() - start
    return seconds ** (1 / 3)


def _bytecode() -> int:
    total = 0
    for k in range(25_000):
        total += k * k % 7
    return total


class Worker:
    """A process that times. `other` is another relutope that it is to use: a folder that holds the
    package and its compiled core, or a Python interpreter where it is installed.
    """

    def __init__(self, other: Path | None = None) -> None:
        # One thread of NumPy's, so that limits are those of one core.
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        python = sys.executable
        if other is not None and other.is_file():
            python = str(other)
        elif other is not None:
            environment["PYTHONPATH"] = str(other.resolve())
        self._process = subprocess.Popen(
            [python, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )
        home = Path(self.ask("home"))
        if other is not None and other.is_dir() and other.resolve() not in home.parents:
            self.close()
            sys.exit(
                f"`--against {other}`: relutope was imported from {home.parent}; give the folder "
                "that holds the package and its compiled core, from a Python without an editable "
                "install"
            )

    def tell(self, what: str, **options: Any) -> None:
        """Sends a request; `answer` waits for what comes of it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([what, options]) + "\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            sys.exit("a process that times has ended; what it said stands above")
        return json.loads(line)

    def ask(self, what: str, **options: Any) -> Any:
        self.tell(what, **options)
        return self.answer()

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


# What a worker does


def work_on(network: str | list[int], count: bool, threads: int) -> Callable[[], Any]:
    """The search of a standard network, or of a random one of given widths, in [-1, 1]^n."""
    import relutope as rt

    layers = zoo.standard(network).layers if isinstance(network, str) else random_layers(network)
    n = layers[0][0].shape[1]
    box = rt.Box([-1.0] * n, [1.0] * n)
    if count:
        return lambda: rt.count(layers, box, threads=threads)
    return lambda: rt.decompose(layers, box, threads=threads)


def home() -> str:
    """The file that `import relutope` finds."""
    import relutope

    return str(Path(relutope.__file__).resolve())


def timings(
    network: str | list[int], repeats: int = 1, threads: int = 1, wall: bool = False
) -> dict[str, Any]:
    """Seconds of some searches, of processor or wall time."""
    work = work_on(network, False, threads)
    clock = time.perf_counter if wall else time.process_time
    seconds: list[float] = []
    for _ in range(repeats):
        start = clock()
        cx = work()
        seconds.append(clock() - start)
    return {"cells": cx.n_cells, "edges": cx.n_edges, "seconds": seconds}


def calibrated(network: str | list[int], repeats: int = 1) -> dict[str, Any]:
    """CPU seconds of some searches, and those that the array of adjacent pairs takes then;
    calibrations before, between and after them; what is held, and the search's counters.
    """
    answer: dict[str, Any] = {"seconds": [], "pairs": [], "calibration": [calibration()]}
    work = work_on(network, False, 1)
    for _ in range(repeats):
        start = time.process_time()
        cx = work()
        found = time.process_time()
        cx.adjacency  # noqa: B018  (made when it is first asked for)
        answer["pairs"].append(time.process_time() - found)
        answer["seconds"].append(found - start)
        answer["calibration"].append(calibration())
    stats = {key: value for key, value in cx.stats.items() if key not in ("seconds", "threads")}
    return answer | {"cells": cx.n_cells, "edges": cx.n_edges, "bytes": held(cx), "stats": stats}


def memory(network: str | list[int], count: bool = False) -> dict[str, Any]:
    """The most memory that one search takes, over what the process held before; then with the array
    of pairs.
    """
    work_on([2, 3, 1], count, 1)()  # imports are not what is measured
    work = work_on(network, count, 1)
    Path("/proc/self/clear_refs").write_text("5")  # forgets what the most was so far
    before = status("VmRSS")
    result = work()
    most = status("VmHWM") - before
    if count:
        return {"cells": int(result), "most": most}
    size, pairs = held(result), result.adjacency.nbytes
    counted = result.stats.get("bytes")  # not by other releases
    return {"cells": result.n_cells, "most": most, "bytes": size, "pairs": pairs} | {
        "counted": counted,
        "most_with_pairs": status("VmHWM") - before,
    }


def held(cx: Any) -> int:
    """Bytes of a complex: patterns, facets with their neighbors, the array of adjacent pairs."""
    return int(cx.solution.arrays.nbytes + cx.adjacency.nbytes)


def status(key: str) -> int:
    """A figure of this process, in bytes, as Linux tells it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(key))


def limits() -> dict[str, float]:
    """What one core does at most: bytes written and multiplications and additions, a second."""
    import numpy as np

    a = np.ones(2**25)  # 256 MiB, larger than caches
    b, m = np.empty_like(a), np.ones((768, 768))
    product = np.empty_like(m)

    def best(work: Callable[[], Any]) -> float:
        seconds = []
        for _ in range(10):
            start = time.process_time()
            work()
            seconds.append(time.process_time() - start)
        return min(seconds[1:])

    return {
        "copied_bytes_per_s": 2 * a.nbytes / best(lambda: np.copyto(b, a)),
        "written_bytes_per_s": a.nbytes / best(lambda: b.fill(0.0)),
        "flops": 2 * len(m) ** 3 / best(lambda: np.matmul(m, m, out=product)),
    }


def main() -> None:
    """Answers requests until there are no more."""
    requests = {
        "home": home,
        "timings": timings,
        "calibrated": calibrated,
        "memory": memory,
        "limits": limits,
    }
    for line in sys.stdin:
        what, options = json.loads(line)
        print(json.dumps(requests[what](**options)), flush=True)


if __name__ == "__main__":
    main()
