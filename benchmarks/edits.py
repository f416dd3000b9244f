"""Times edits of networks: a fresh complex, the least that an update would do, and removal effects.

python benchmarks/edits.py            CPU seconds of one thread
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import relutope as rt
from common import machine

# The same as in the tables of docs/benchmarks.md.
CASES = {"wide-2d": ([2, 256, 256, 1], 12), "deep-3d": ([3, 16, 16, 16, 1], 7)}


def network_of(widths: list[int], seed: int) -> rt.Network:
    rng = np.random.default_rng(seed)
    return rt.Network(
        [
            (rng.normal(0.0, np.sqrt(2.0 / a), (b, a)), rng.uniform(-0.5, 0.5, b))
            for a, b in itertools.pairwise(widths)
        ]
    )


def timed(what: str, work: Callable[[], Any]) -> Any:
    start = time.process_time()
    result = work()
    print(f"  {what:56}{time.process_time() - start:9.3f} s", flush=True)
    return result


def least_update(cx: rt.Complex, neuron: int) -> int:
    """Cells without a neuron of the last layer: its column dropped, patterns sorted and merged."""
    packed = np.packbits(np.delete(cx.patterns, neuron, axis=1), axis=1)
    rows = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).ravel()
    kept, number = np.unique(rows, return_inverse=True)
    pairs = np.sort(number[cx.adjacency], axis=1)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    np.unique(pairs[:, 0] * len(kept) + pairs[:, 1])
    return len(kept)


def run(name: str) -> None:
    net = network_of(*CASES[name])
    box, last = rt.Box(-1, 1, dim=net.input_dim), net.n_neurons - 1
    cx = rt.decompose(net, box, threads=1)
    _ = cx.patterns, cx.adjacency
    print(f"{name}: {cx.n_cells:,} cells")
    edited = rt.remove_neurons(net, last)
    fresh = timed("a fresh complex without a neuron", lambda: rt.decompose(edited, box, threads=1))
    cells = timed("the least of an update: patterns and adjacency", lambda: least_update(cx, last))
    assert cells == fresh.n_cells
    for neuron in (0, net.n_neurons // 2, last):
        place = int(np.searchsorted(np.cumsum(net.hidden_widths), neuron, side="right")) + 1
        for outputs in (None, "sign"):
            what = f"effect of a neuron of layer {place}{', with classes' if outputs else ''}"
            timed(
                what,
                lambda i=neuron, o=outputs: rt.removal_effects(net, box, [i], outputs=o, threads=1),
            )
    f = timed("all bent hyperplanes", lambda: rt.bent_hyperplanes(cx))
    timed("their components and Betti numbers", lambda: f.betti)
    timed("one of the last layer, without the complex", lambda: rt.bent_hyperplane(net, last, box))


if __name__ == "__main__":
    print(machine())
    for case in CASES:
        run(case)
