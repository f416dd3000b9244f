"""Times faces, homology and persistence of large complexes, each in a process of its own.

python benchmarks/topology.py            CPU seconds of one thread, and memory
python benchmarks/topology.py 2-D        one case
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import relutope as rt
from common import machine, random_layers

# name: widths, goal in seconds for all Betti numbers from the weights (None: no goal)
CASES: dict[str, tuple[list[int], float | None]] = {
    "2-D": ([2, 265, 265, 1], 10),
    "3-D": ([3, 40, 34, 1], 10),
    "4-D": ([4, 18, 14, 1], None),
    "5-D": ([5, 12, 8, 1], None),
    "6-D": ([6, 9, 5, 1], None),
}
GOAL_GIB = 2


def timed(what: str, work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    result = work()
    seconds = time.process_time() - start
    print(f"  {what:44}{seconds:9.3f} s", flush=True)
    return seconds, result


def run(name: str) -> None:
    widths, goal = CASES[name]
    n = widths[0]
    point = [1] + [0] * n
    network = random_layers(widths)
    cells, cx = timed("cells", lambda: rt.decompose(network, rt.Box(-1, 1), threads=1))
    print(f"  {cx.n_cells:,} cells, {'-'.join(map(str, widths))}")
    vertices, _ = timed("vertices", lambda: cx.cell_vertices)
    lattice, f = timed("faces", lambda: [len(cx.faces(k)) for k in range(n + 1)])
    assert f == cx.f_vector.tolist()
    whole, betti = timed("Betti numbers of the domain", lambda: rt.betti(cx))
    assert betti.tolist() == point
    values, _ = timed("values at the vertices", lambda: cx.vertex_values)
    above, numbers = timed("Betti numbers of f >= 0", lambda: rt.betti(cx, "superlevel"))
    _, part = timed("f >= 0 as a subcomplex", lambda: rt.region(cx, "superlevel"))
    _, again = timed("Betti numbers of that", part.betti)
    assert numbers.tolist() == again.tolist()
    assert part.euler_characteristic == (-1) ** np.arange(n + 1) @ again
    _, pairs = timed("persistence of f", lambda: rt.persistence(cx))
    level = float(np.median(cx.vertex_values[0]))
    curve = [int(rt.betti_curve(pairs, [level], k)[0]) for k in range(n + 1)]
    assert curve == rt.betti(cx, "sublevel", level).tolist()
    timed("persistence of a random order", lambda: rt.persistence(cx, "random"))
    if n <= 3:
        _, check = timed(
            "Betti numbers of f >= 0, by gudhi",
            lambda: rt.betti(cx, "superlevel", method="simplices"),
        )
        assert check.tolist() == numbers.tolist()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    domain = cells + vertices + lattice + whole
    total = domain + values + above
    print(f"  Betti numbers from the weights: domain {domain:.1f} s, with f >= 0 {total:.1f} s")
    print(f"  most memory {memory:.2f} GiB")
    if goal is not None:
        met = total < goal and memory < GOAL_GIB
        print(f"  goal ({goal} s, {GOAL_GIB} GiB) {'met' if met else 'MISSED'}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run(sys.argv[1])
    else:
        print(machine())
        for name in CASES:
            print(name, flush=True)
            subprocess.run([sys.executable, __file__, name], check=True)
