"""Cells and adjacencies beside other programs: relucent over all of R^n, regioncam in a square.

python -m pip install relucent==1.0.0 regioncam==0.5.2     (gurobipy comes with the first)
python benchmarks/peers.py

Seconds of wall time in one run, relutope with one thread. Where the answers differ, both are shown.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

import relutope as rt
from common import machine, zoo

SPACE = ([2, 12, 8, 1], [2, 16, 16, 1], [3, 10, 8, 1], [4, 8, 6, 1])
SQUARE = ("shallow-2d", "deep-2d", "wide-2d")


def random_layers(widths: list[int], seed: int) -> list[tuple[Any, Any]]:
    rng = np.random.default_rng(seed)
    return [
        (rng.normal(0.0, np.sqrt(2.0 / a), (b, a)), rng.uniform(-0.5, 0.5, b))
        for a, b in pairwise(widths)
    ]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def sequential(layers: list[tuple[Any, Any]]) -> Any:
    import torch

    parts: list[Any] = []
    for W, b in layers:
        linear = torch.nn.Linear(W.shape[1], W.shape[0]).double()
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(W))
            linear.bias.copy_(torch.from_numpy(b))
        parts += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*parts[:-1])


def beside_relucent() -> None:
    import relucent

    print(f"\n{'over R^n':16}{'cells':>8}{'edges':>8}{'relutope':>12}{'relucent':>12}{'ratio':>9}")
    for widths in SPACE:
        layers = random_layers(widths, 3)
        ours, cx = timed(lambda layers=layers: rt.decompose(layers, threads=1))
        model = sequential(layers)

        def search(model: Any = model) -> Any:
            with (
                contextlib.redirect_stderr(io.StringIO()),
                contextlib.redirect_stdout(io.StringIO()),
            ):
                found = relucent.Complex(model)
                found.bfs()
                return found, found.dual_graph()

        theirs, (found, graph) = timed(search)
        answer = (len(found), graph.number_of_edges())
        differs = "" if answer == (cx.n_cells, cx.n_edges) else f"  relucent: {answer}"
        name = "-".join(map(str, widths))
        print(
            f"{name:16}{cx.n_cells:8,}{cx.n_edges:8,}{ours:10.4f} s{theirs:10.2f} s"
            f"{theirs / ours:9,.0f}{differs}",
            flush=True,
        )


def beside_regioncam() -> None:
    import regioncam

    print(f"\n{'in [-1, 1]^2':16}{'cells':>8}{'':8}{'relutope':>12}{'regioncam':>12}{'ratio':>9}")
    for name in SQUARE:
        layers = [
            (W.astype(np.float32), b.astype(np.float32)) for W, b in zoo.standard(name).layers
        ]
        ours, cx = timed(lambda layers=layers: rt.decompose(layers, rt.Box(-1, 1), threads=1))

        def divide(layers: Any = layers) -> Any:
            found = regioncam.Regioncam(size=1)
            for W, b in layers[:-1]:
                found.linear(np.ascontiguousarray(W.T), b)
                found.relu()
            return found.num_faces

        theirs, count = timed(divide)
        differs = "" if count == cx.n_cells else f"  regioncam: {count:,}"
        print(
            f"{name:16}{cx.n_cells:8,}{'':8}{ours:10.4f} s{theirs:10.4f} s{theirs / ours:9.1f}"
            f"{differs}",
            flush=True,
        )


def main() -> None:
    print(machine())
    rt.decompose(random_layers([2, 3, 1], 0), threads=1)  # imports are not what is timed
    for name, work in (("relucent", beside_relucent), ("regioncam", beside_regioncam)):
        if importlib.util.find_spec(name) is None:
            print(f"\n{name} is not installed")
        else:
            work()


if __name__ == "__main__":
    main()
