"""Times what is seen from inside of layers: images of regions, codes, classes along the depth.

python benchmarks/layers.py            CPU seconds of one thread; images at most a minute each
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import relutope as rt
from common import machine
from edits import CASES, network_of

IMAGES = {  # a class region of each, small enough that all images are found
    "2-32-32-1": ([2, 32, 32, 1], 1),
    "2-32-32-32-1": ([2, 32, 32, 32, 1], 6),
    "3-8-8-1": ([3, 8, 8, 1], 1),
    **CASES,
}


def timed(what: str, work: Callable[[], Any]) -> Any:
    start = time.process_time()
    try:
        result = work()
    except (rt.StoppedError, rt.CellLimitError) as error:
        result = f"{type(error).__name__}: {error}"
    print(f"  {what:40}{time.process_time() - start:9.3f} s  {result}", flush=True)
    return result


def run(name: str) -> None:
    net = network_of(*IMAGES[name])
    cx = rt.decompose(net, rt.Box(-1, 1, dim=net.input_dim), outputs="sign", threads=1)
    print(f"{name}: {cx.n_cells:,} cells")
    sides = [rt.region(cx, side) for side in ("superlevel", "sublevel")]
    region = min((side for side in sides if len(side.cells)), key=lambda side: len(side.cells))
    print(f"  {len(region.cells):,} of them in the smaller class")
    for layer in range(1, len(net.hidden_widths) + 1):
        timed(
            f"its image under layer {layer}",
            lambda k=layer: rt.layer_images(region, [k], max_seconds=60, max_pieces=5000)[0],
        )
    code = timed("code of layer 1", lambda: rt.neural_code(cx))
    timed("its relations of degree 2", lambda: f"{len(code.canonical_form(2)):,} relations")
    if net.hidden_widths[0] <= 16:
        timed("all its relations", lambda: f"{len(code.canonical_form()):,} relations")
    timed("classes along the depth", lambda: rt.class_overlap(cx))


if __name__ == "__main__":
    print(machine())
    for case in IMAGES:
        run(case)
