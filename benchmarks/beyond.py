"""Times what stands on top of the cells: vertices, faces, exact values, spectra, homology.

python benchmarks/beyond.py                    each line is CPU seconds of one thread, best of 3
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable
from typing import Any

import numpy as np

import relutope as rt
from common import best_and_median, random_layers, zoo

NEXT = ("vertices", "f_vector", "vertex_signs", "interior_points")


def line(what: str, work: Callable[[], Any], note: Callable[[Any], object] = lambda _: "") -> None:
    best, _, result = best_and_median(work, repeats=3)
    print(f"{what:52}{best:9.3f} s   {note(result)}", flush=True)


def geometry() -> None:
    for name in ("deep-2d", "deep-3d", "deep-4d", "deep-6d", "wide-2d", "wide-3d"):
        case = zoo.standard(name)

        def work(case: Any = case) -> Any:
            cx = rt.decompose(case.layers, rt.Box(*case.domain), threads=1)
            assert tuple(cx.f_vector) == case.f_vector
            return cx

        line(f"{name}: cells, vertices, f-vector", work, lambda cx: f"{cx.n_cells:,} cells")


def afterwards() -> None:
    """What a complex is asked for next, in multiples of the time of its cells."""
    for name, goal in (("deep-2d", None), ("deep-3d", None), ("wide-2d", 1.75), ("wide-3d", 2.5)):
        case = zoo.standard(name)
        ratios = []
        for _ in range(5):
            seconds, _, cx = best_and_median(
                lambda case=case: rt.decompose(case.layers, rt.Box(*case.domain), threads=1), 1
            )
            after, _, _ = best_and_median(lambda cx=cx: [getattr(cx, name) for name in NEXT], 1)
            ratios.append(after / seconds)
        assert tuple(cx.f_vector) == case.f_vector
        ratio = statistics.median(ratios)
        miss = "" if goal is None else f"of {goal}" + "  MISSED" * (ratio > goal)
        print(
            f"{name}: vertices, f-vector, signs, points inside{ratio:9.2f} times the cells {miss}"
        )


def arrangements() -> None:
    threshold = [(1, *v) for v in itertools.product([-1, 1], repeat=5)]
    resonance = [v for v in itertools.product([0, 1], repeat=5) if any(v)]
    for name, rows, known in (
        ("threshold functions of 5 variables", threshold, 94572),
        ("resonance arrangement, n = 5", resonance, 11292),
    ):
        W = np.array(rows, dtype=float)
        layers = [(W, np.zeros(len(W))), (np.ones((1, len(W))), np.zeros(1))]
        line(name, lambda layers=layers: rt.decompose(layers, threads=1), lambda cx: cx.n_cells)
        assert rt.decompose(layers).n_cells == known


def topology() -> None:
    for widths in ([2, 265, 265, 1], [3, 34, 34, 1]):
        cx = rt.decompose(random_layers(widths), rt.Box(-1, 1), threads=1)
        label = "-".join(map(str, widths)) + f" ({cx.n_cells:,} cells)"
        line(f"{label}: Betti numbers", lambda cx=cx: rt.betti(cx), np.ndarray.tolist)
        line(f"{label}: Betti of f >= 0", lambda cx=cx: rt.betti(cx, "superlevel"), list)
        line(f"{label}: Fiedler", lambda cx=cx: rt.fiedler(cx), lambda f: f"{f.residual:.1e}")


if __name__ == "__main__":
    geometry()
    afterwards()
    arrangements()
    topology()
